"""The reports for services: against their schemas and readers, with golden files, bad names and very many findings."""

from __future__ import annotations

import gzip
import io
import json as stdlib_json
import os
import re
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import junitparser
import pytest
from hypothesis import given, settings
from lxml import etree
from markdown_it import MarkdownIt

from govdata import validate
from govdata.formats import listing, markdown, sarif, write
from govdata.formats.github import command
from govdata.formats.paths import repository, uri_of
from govdata.values import Cause, Count, Finding, Report, Skipped
from tests.unit.test_formats import CASES, cells, hostile, load_case, make_dataset, make_report, reports

FOLDER = Path(__file__).parents[1] / "formats" / "schemas"
SCHEMA = jsonschema.Draft202012Validator(stdlib_json.loads((FOLDER / "sarif-2.1.0.json").read_bytes()))
FORM = etree.XMLSchema(etree.parse(FOLDER / "junit-10.xsd"))
FILES = {"sarif": "report.sarif", "junit": "junit.xml", "github": "github.txt", "gitlab": "gitlab.json", "markdown": "report.md"}
NAMES = [
    "100%,停车:场.csv",
    "a\nb\r.csv",
    "\U0001f600 \U0001f468\u200d\U0001f469.csv",
    "\u202efdp.csv",
    "\u200f\u05e9\u05dc\u05d5\u05dd\u200e.csv",
    "%2e%2e%0A.csv",
    "::error::.csv",
    "a|b`c``d`[x](y)<b>@all.csv",
    "\udcff.csv",
]
"""What some format treats as its own: percent, comma, colon, line ends, emoji, marks of direction, fences, bytes that are no UTF-8."""


def written(report: Report, format: str, language: str = "zh-CN") -> str:
    return "".join(write(report, format, language))


def sarif_of(report: Report, language: str = "zh-CN") -> dict[str, Any]:
    log = stdlib_json.loads(written(report, "sarif", language))
    SCHEMA.validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def junit_of(report: Report, language: str = "zh-CN") -> junitparser.JUnitXml:
    text = written(report, "junit", language).encode()
    FORM.assertValid(etree.parse(io.BytesIO(text)))
    return junitparser.JUnitXml.fromstring(text)


class Command(NamedTuple):
    """A workflow command as the runner of GitHub Actions reads it."""

    name: str
    properties: Mapping[str, str]
    data: str


def read_command(line: str) -> Command | None:
    """The runner's own rules: `::`, name, a space, properties by commas, `::`, data; escapes are undone one after the other, `%25` last."""
    if not line.lstrip().startswith("::"):
        return None
    head, separator, data = line.lstrip()[2:].partition("::")
    assert separator
    name, _, told = head.partition(" ")
    pairs = [part.split("=", 1) for part in told.strip().split(",") if part]
    return Command(name, {key: undone(value, "%0D", "%0A", "%3A", "%2C", "%25") for key, value in pairs}, undone(data, "%0D", "%0A", "%25"))


def undone(text: str, *escapes: str) -> str:
    for escape in escapes:
        text = text.replace(escape, chr(int(escape[1:], 16)))
    return text


def commands(report: Report, language: str = "zh-CN") -> list[Command]:
    return [found for line in written(report, "github", language).split("\n") if (found := read_command(line))]


def rendered(report: Report, language: str = "zh-CN") -> Any:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return etree.fromstring(f"<body>{reader.render(written(report, 'markdown', language))}</body>", etree.HTMLParser())


# golden files


def case(path: Path) -> Report:
    """A case in which rules say the same whatever the texts that are shipped."""
    report = load_case(path)
    broken = {finding.rule for item in (report, *report.datasets) for finding in item.findings}
    broken |= {rule for dataset in report.datasets for rule in dataset.counts}
    told = {
        "title": {"zh": "某条规则", "en": "Some rule"},
        "help": {"zh": "改正{field}。", "en": "Mend {field}."},
        "severity": "error",
        "url": "",
    }
    return replace(report, rules=dict.fromkeys(broken, told))


@pytest.mark.parametrize("format", FILES)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_is_the_golden_file(path: Path, format: str, request: pytest.FixtureRequest) -> None:
    report, golden = case(path), path.with_name(FILES[format])
    text = written(report, format, str(report.run["language"]))
    if request.config.getoption("--update", False):
        golden.write_bytes(text.encode())
    assert text == golden.read_bytes().decode()


# schemas and readers


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_case_is_read_by_those_it_is_for(path: Path, language: str) -> None:
    report = load_case(path)
    listed = list(listing.placed(report))
    assert len(sarif_of(report, language)["results"]) == len(listed)
    assert len(stdlib_json.loads(written(report, "gitlab", language))) == len(listed)
    suites = junit_of(report, language)
    assert suites.tests == sum(len(list(suite)) for suite in suites)
    check_commands(commands(report, language))
    assert rendered(report, language).xpath("//h2")


def check_commands(found: list[Command]) -> None:
    counted = Counter(each.name for each in found)
    assert set(counted) <= {"error", "warning", "notice"}
    assert max(counted.values(), default=0) <= 10
    for each in found:
        assert set(each.properties) <= {"file", "line", "title"}
        assert each.properties.get("line", "1").isdigit()


@settings(max_examples=40, deadline=None)
@given(reports)
def test_any_report_keeps_to_every_form(report: Report) -> None:
    sarif_of(report)
    junit_of(report)
    check_commands(commands(report))
    issues = stdlib_json.loads(written(report, "gitlab"))
    check_issues(issues)
    assert len(written(report, "markdown").encode("utf-16-le")) // 2 <= 65_536
    for format in FILES:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", written(report, format).replace("\r", ""))


def check_issues(issues: list[dict[str, Any]]) -> None:
    """What GitLab asks of an issue; of those with one fingerprint it shows only the first."""
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert isinstance(issue["location"]["path"], str)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


# bad input


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_come_back_as_they_are(name: str) -> None:
    finding = Finding("a/b", file=name, line=3, message=name, help=name, field=name, fingerprint="f")
    report = make_report(make_dataset(finding, path="集"))
    artifact = sarif_of(report)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert re.fullmatch(r"[A-Za-z0-9/%._~-]+", artifact["uri"])
    assert os.fsdecode(urllib.parse.unquote_to_bytes(artifact["uri"])) == f"集/{name}"
    assert stdlib_json.loads(written(report, "gitlab"))[0]["location"]["path"] == f"集/{name}"
    (found,) = commands(report)
    if "\udcff" not in name:
        assert found.properties["file"] == f"集/{name}"
    assert found.properties["line"] == "3"
    assert len(written(report, "github").splitlines()) == 2
    suite = next(iter(junit_of(report)))
    assert suite.failures == 1
    page = rendered(report)
    assert len(page.xpath("//tbody/tr")) == 1
    assert all(len(row.xpath("td")) == 3 for row in page.xpath("//tbody/tr"))
    assert not page.xpath("//a | //img | //script | //td//b")
    for format in FILES:
        written(report, format).encode()


def test_hostile_data_stays_data() -> None:
    assert len(sarif_of(hostile())["results"]) == 4
    junit_of(hostile())
    check_commands(commands(hostile()))
    page = rendered(hostile())
    assert not page.xpath("//script | //img | //@onerror | //a[contains(@href, 'javascript')]")
    for format in FILES:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", written(hostile(), format))
        assert "\u202e" not in written(hostile(), format) or format == "github"  # a path there is as it is, or the file is not found


def test_nobody_is_called_and_nothing_is_linked() -> None:
    told = "@all see #12 !3 $x$ [a](https://example.org) ![i](x) <b>`code`</b> a|b ~~s~~ &amp; \\| *x* _y_"
    report = make_report(make_dataset(Finding("a/b", file="a.csv", message=told, help=told, field=told), title=told))
    text = written(report, "markdown")
    assert not re.search(r"(?<!&#8203;)(@all|#12|!3)", text.replace("&#8203;", "\u200b").replace("@\u200ball", ""))
    page = rendered(report)
    assert not page.xpath("//a | //img | //td//em | //td//s | //td//b")
    shown = "".join(page.xpath("//td[2]")[0].itertext()).replace("\u200b", "")
    assert told.replace("`", "") in shown.replace("`", "")


def test_a_link_in_the_data_is_none_in_sarif() -> None:
    report = make_report(make_dataset(Finding("a/b", message="[x](https://example.org)")))
    assert "](" not in sarif_of(report)["results"][0]["message"]["text"]


def many(count: int) -> Report:
    """So many findings in one file, the errors among them last."""
    severity = {True: "error", False: "warning"}
    found = [
        Finding(
            "table/type-error", severity[number >= count - 100], "a.csv", line=number + 2,
            row=number + 2, column=3, field="数", cell=f"C{number + 2}",
            value="值" * 9, message=f"“{number}”不是整数。" + "很长" * 400, help="改。" * 400, fingerprint=f"{number:016x}",
        )
        for number in range(count)
    ]  # fmt: skip
    counted = {"table/type-error": Count(count + 5, exact=False)}
    return make_report(make_dataset(*found, counts=counted, severities={"error": 105, "warning": count - 100}))


def test_a_file_of_entries_is_as_many_datasets() -> None:
    found = Finding("entry/title-required", "error", "a.jsonl", line=2, message="缺少名称。", help="填写。")
    alone = make_dataset(found, path="a.jsonl:2", severities={"error": 1})
    rest = make_dataset(path="a.jsonl", title="a.jsonl", checked={"entries": 1500, "listed": 1, "failed": 0})
    for format in ("text", "html", "markdown"):
        assert "1,499" in written(make_report(alone, rest), format, "en"), format
    assert "a.jsonl (entries: 1,499) · no problems" in written(make_report(alone, rest), "text", "en")
    rest = make_dataset(path="a.jsonl", title="a.jsonl", checked={"entries": 1, "listed": 1, "failed": 0})
    for format in ("text", "html"):
        assert "no problems" not in written(make_report(alone, rest), format, "en"), format
    assert "datasets 1 · failed 1" in written(make_report(alone, rest), "text", "en")


def test_a_rule_that_not_all_was_held_against_is_not_told_as_broken() -> None:
    """Of it nothing was found before the budget was spent: “at least 0” is no mistake, and no silence either."""
    found = Finding("table/type-error", "error", "a.csv", row=2, column=1, cell="A2", message="不是整数。", help="改。")
    counted = {"table/type-error": Count(1, exact=False), "table/lexical-form": Count(0, exact=False)}
    report = make_report(make_dataset(found, counts=counted, severities={"error": 1}))
    cases = {case.name.split()[0]: case.result for suite in junit_of(report) for case in suite}
    assert [type(each) for each in cases["table/lexical-form"]] == [junitparser.Skipped]
    assert [type(each) for each in cases["table/type-error"]] == [junitparser.Failure]
    for format in ("text", "html", "markdown", "junit"):
        said = written(report, format, "en")
        assert "at least 0" not in said, format
        assert ("table/lexical-form" in said) == (format != "markdown"), format


def test_ten_thousand_findings_in_one_file() -> None:
    report = many(10_000)
    run = stdlib_json.loads(written(report, "sarif"))["runs"][0]
    assert len(run["results"]) == sarif.RESULTS == 5000
    assert Counter(result["level"] for result in run["results"]) == {"error": 100, "warning": 4900}
    lines = [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run["results"]]
    assert lines == sorted(lines)
    assert run["properties"]["omitted"] == {"error": 5, "warning": 5000}
    assert run["properties"]["findings"]["error"] == 105
    assert "5,000" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert len(gzip.compress(written(report, "sarif").encode())) < 10_000_000
    found = commands(report)
    check_commands(found)
    assert next(each.properties["line"] for each in found if each.name == "error") == "9902"
    assert "10,005" in found[-1].data
    assert found[-1].name == "notice"
    check_issues(stdlib_json.loads(written(report, "gitlab")))
    assert len(written(report, "markdown").encode()) < 65_536
    assert "至少 10,005 处" in written(report, "junit")
    assert written(report, "junit").count("很长很长很长很长。") == 0


def test_ten_thousand_kinds_keep_within_a_comment() -> None:
    found = [Finding("a/b", "warning", f"{number}.csv", message="😀" * 300, help="|" * 500) for number in range(10_000)]
    report = make_report(make_dataset(*found, Finding("z/z", "error", "z.csv", message="最后")))
    text = written(report, "markdown")
    assert len(text.encode("utf-16-le")) // 2 <= 65_536
    assert len(text.encode()) < 1 << 20
    assert "最后" in text
    rows = len(rendered(report).xpath("//tbody/tr"))
    assert f"{10_001 - rows:,}" in text


def test_findings_without_a_line() -> None:
    whole = Finding("a/whole", file="a.xlsx", message="整个文件")
    cell = Finding("a/cell", file="a.xlsx", sheet="表!1", row=17, column=3, cell="C17", field="数", message="格")
    lost = Finding("a/lost", message="哪里都不是")
    report = make_report(make_dataset(whole, cell, lost, entry={"file": "entry.yaml"}), findings=(Finding("d/none", message="目录"),))
    places = [result["locations"][0] for result in sarif_of(report)["results"]]
    assert [place["physicalLocation"]["artifactLocation"]["uri"] for place in places] == ["./", "a/a.xlsx", "a/a.xlsx", "a/entry.yaml"]
    assert all(place["physicalLocation"]["region"] == {"startLine": 1} for place in places)
    assert places[2]["logicalLocations"] == [{"name": "C17", "fullyQualifiedName": "表!1!C17", "kind": "cell"}]
    assert all("line" not in each.properties for each in commands(report))
    assert {issue["location"]["lines"]["begin"] for issue in stdlib_json.loads(written(report, "gitlab"))} == {1}
    assert "C17" in written(report, "junit")


def test_places_that_are_not_cells() -> None:
    def logical(**place: Any) -> Any:
        return sarif_of(make_report(make_dataset(Finding("a/b", **place))))["results"][0]["locations"][0].get("logicalLocations")

    assert logical(file="a.db", sheet="t", key="7") == [{"name": "7", "fullyQualifiedName": "t!7", "kind": "row"}]
    assert logical(file="a.db", sheet="t") == [{"name": "t", "fullyQualifiedName": "t", "kind": "table"}]
    assert logical(file="a.xlsx", sheet="s") == [{"name": "s", "fullyQualifiedName": "s", "kind": "sheet"}]
    assert logical(file="a.csv", field="数") == [{"name": "数", "fullyQualifiedName": "数", "kind": "column"}]
    assert logical(file="e.yaml", pointer="/a/b~1c") == [{"name": "b/c", "fullyQualifiedName": "/a/b~1c", "kind": "value"}]
    assert logical(file="a.csv") is None


# what each says


def test_sarif_tells_rules_in_both_languages() -> None:
    report = make_report(
        make_dataset(Finding("table/type-error", file="a.csv", line=2), Finding("own/rule", file="a.csv", help="自己的办法"))
    )
    for language, first in (("zh-CN", "把单元格"), ("en", "Write the value")):
        run = sarif_of(report, language)
        own, shipped = run["tool"]["driver"]["rules"]
        assert shipped["help"]["text"].startswith(first)
        assert "把单元格" in shipped["help"]["markdown"]
        assert "Write the value" in shipped["help"]["markdown"]
        assert shipped["helpUri"].startswith("https://")
        assert own["shortDescription"]["text"] == "own/rule"
        assert run["columnKind"] == "unicodeCodePoints"
        assert [result["ruleId"] for result in run["results"]] == ["table/type-error", "own/rule"]
        assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == ["table/type-error", "own/rule"]


def test_sarif_knows_findings_again() -> None:
    report = make_report(make_dataset(Finding("a/b", file="a.csv", line=2, fingerprint="39457cf5600bc86b")))
    (result,) = sarif_of(report)["results"]
    assert result["partialFingerprints"] == {"govdata/v1": "39457cf5600bc86b"}
    assert "charOffset" not in str(result)


def test_junit_has_a_case_for_each_rule_and_dataset() -> None:
    first = make_dataset(
        *cells("C", 2, 3, message="坏"),
        Finding("c/d", "warning", "a.csv", message="小心"),
        counts={"a/b": Count(2), "c/d": Count(1), "e/f": Count(9)},
    )
    report = make_report(
        first, make_dataset(path="好"), make_dataset(path="空", checked={}, skipped=(Skipped("x.csv", "no-key", message="没有主键"),))
    )
    suites = list(junit_of(report))
    assert [[(case.name.split()[0], [type(item).__name__ for item in case.result]) for case in suite] for suite in suites] == [
        [("a/b", ["Failure"]), ("c/d", []), ("e/f", ["Failure"])],
        [("没有问题", [])],
        [("govdata", ["Skipped"]), ("未检查：x.csv", ["Skipped"])],
    ]
    assert (suites[0].tests, suites[0].failures, suites[2].skipped) == (3, 2, 2)
    assert "C2：坏" in written(report, "junit")


def test_junit_fails_where_the_run_fails() -> None:
    warned = make_dataset(Finding("c/d", "warning", "a.csv", message="小心"))
    assert next(iter(junit_of(make_report(warned)))).failures == 0
    strict = make_report(warned, run={"settings": {"fail_on": "warning"}})
    assert next(iter(junit_of(strict))).failures == 1


def test_a_run_that_checked_nothing_is_no_pass_for_a_build_server() -> None:
    assert junit_of(make_report()).errors == 1
    assert "没有检查到数据" in written(make_report(), "markdown")


def test_github_shows_each_cause_once_and_then_the_gravest() -> None:
    caused = [replace(finding, cause="a.csv#thousands:C") for finding in cells("C", *range(2, 40), message="逗号", line=7)]
    noted = [Finding("n/n", "note", "entry.yaml", line=5, message="提示")]
    alone = [Finding(f"r/r{number}", "error", "entry.yaml", line=number, message="单独") for number in range(1, 5)]
    cause = Cause("a.csv#thousands:C", "thousands", 38, "a.csv C2", "带有千位逗号", "重新导出")
    unseen = Cause("b.csv#spaces:D", "spaces", 12, "b.csv D4", "带有空格", "去掉")
    found = commands(make_report(make_dataset(*noted, *alone, *caused, causes=(cause, unseen))))
    assert [(each.name, each.properties.get("file")) for each in found[:2]] == [("error", "a/a.csv"), ("error", "a/b.csv")]
    assert "带有千位逗号" in found[0].data
    assert "38" in found[0].data
    assert found[0].properties["line"] == "7"
    assert [each.properties["line"] for each in found[2:6]] == ["1", "2", "3", "4"]
    assert sum(each.name == "error" for each in found) == 10
    assert [each.name for each in found[-2:]] == ["notice", "notice"]


def test_commands_are_read_as_they_were_meant() -> None:
    odd = "100%, a:b\r\n::error::%0A%25"
    assert read_command(command("error", odd, {"file": odd, "title": ""}).rstrip("\n")) == Command("error", {"file": odd}, odd)


def test_what_was_accepted_is_told() -> None:
    report = make_report(make_dataset(Finding("a/b", "warning"), accepted=(Finding("c/d"), Finding("c/d"))))
    for language, said in (("zh-CN", "另有 2 个问题"), ("en", "counted here: 2")):
        assert said in written(report, "markdown", language)
        assert said in written(report, "github", language)
        assert said in str(sarif_of(report, language)["invocations"])
    assert sarif_of(report)["properties"]["accepted"] == 2
    assert '<property name="accepted" value="2"/>' in written(report, "junit")


def test_markdown_stays_the_same_as_long_as_the_findings_do() -> None:
    report = load_case(next(path for path in CASES if path.parent.name == "mixed"))
    later = replace(
        report,
        govdata="9.9",
        run={**report.run, "today": "2030-01-01"},
        datasets=tuple(replace(each, folder="/elsewhere") for each in report.datasets),
    )
    text = written(report, "markdown")
    assert text == written(later, "markdown")
    assert text.startswith(markdown.MARK + "\n")
    assert "2026-03-02" not in text


# paths


def test_paths_start_at_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    data = tmp_path / "repo" / "data" / "停 车"
    data.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "repo" / "data")
    dataset = make_dataset(path="停 车", folder="停 车")
    for folder in ("停 车", data.as_posix(), "../data/停 车"):
        assert repository().path_of(replace(dataset, folder=folder), "a.csv") == "data/停 车/a.csv"
    outside = repository().path_of(replace(dataset, folder="../../elsewhere"), "a.csv")
    assert outside == (tmp_path / "elsewhere" / "a.csv").as_posix()
    assert uri_of(outside).startswith("file:///")
    assert uri_of("data/停 车/a:b.csv") == "data/%E5%81%9C%20%E8%BD%A6/a%3Ab.csv"


def test_a_link_to_the_repository_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real" / "data").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path / "real")
    assert repository().path_of(make_dataset(folder=(tmp_path / "link" / "data").as_posix()), "a.csv") == "data/a.csv"


ENTRY = """信息资源名称: 低保家庭
信息资源代码: "307001/000012"
资源:
  - 文件: "名%单,1.csv"
    信息项:
      - {名称: 身份证号, 类型: C, 语义: 公民身份号码}
"""


@pytest.mark.parametrize("named", ["relative", "absolute", "inside"])
def test_a_real_run_names_its_files_and_masks_persons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    folder = tmp_path / "目录" / "低保"
    folder.mkdir(parents=True)
    (folder / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    (folder / "名%单,1.csv").write_text("身份证号\n310104199901011234\n", encoding="utf-8")
    monkeypatch.chdir(folder if named == "inside" else tmp_path)
    report = validate({"relative": "目录", "absolute": tmp_path / "目录", "inside": "."}[named])
    leading = "" if named == "inside" else "目录/低保/"
    (found,) = [result for result in sarif_of(report)["results"] if result["ruleId"] == "id/citizen-number"]
    place = found["locations"][0]["physicalLocation"]
    assert urllib.parse.unquote(place["artifactLocation"]["uri"]) == f"{leading}名%单,1.csv"
    assert place["region"]["startLine"] == 2
    assert f"{leading}名%单,1.csv" in {each.properties["file"] for each in commands(report)}
    for format in FILES:
        assert "310104199901011234" not in written(report, format)
        assert str(tmp_path) not in written(report, format)


def test_rules_of_the_users_own_have_their_help_in_both_languages() -> None:
    report = make_report(make_dataset(Finding("own/rule", file="a.csv")))
    own = {
        "own/rule": {
            "title": {"zh": "自己的", "en": "Our own"},
            "help": {"zh": "改{field}", "en": "Mend {field}"},
            "severity": "note",
            "url": "",
        }
    }
    (rule,) = sarif_of(replace(report, rules=own))["tool"]["driver"]["rules"]
    assert rule["help"]["text"] == "改…\n\nMend …"
    assert rule["defaultConfiguration"] == {"level": "note"}
