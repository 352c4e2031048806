"""The reports: golden files, round trip, hostile data, big reports, words."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json as stdlib_json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from lxml import etree
from lxml import html as parser
from rich.cells import cell_len

from govdata import content
from govdata.formats import FORMATS, SUFFIXES, groups, html, json, tallies, text, write
from govdata.formats.characters import shortened
from govdata.formats.files import format_of
from govdata.messages import template
from govdata.values import Cause, Count, DatasetReport, Finding, Report, ResourceReport, Skipped, Source

CASES = sorted((Path(__file__).parents[1] / "formats").glob("*/report.json"))
SCHEMA = jsonschema.Draft202012Validator(content.load("schemas/report.schema.json"))


def load_case(path: Path) -> Report:
    return json.read(stdlib_json.loads(path.read_bytes()))


def make_dataset(*findings: Finding, **more: Any) -> DatasetReport:
    empty = {"id": "", "title": "", "entry": None, "resources": (), "skipped": (), "causes": (), "counts": {}, "accepted": ()}
    valid = not any(finding.severity == "error" for finding in findings)
    known = {"path": "a", "valid": valid, "checked": {"rules": 1}, "shown": len(findings), "findings": findings}
    return DatasetReport(**(empty | known | more))


def make_report(*datasets: DatasetReport, **more: Any) -> Report:
    known = {"govdata": "0", "run": {"today": "2026-01-01"}, "valid": all(dataset.valid for dataset in datasets), "datasets": datasets}
    return Report(**(known | more))


def text_of(report: Report, language: str = "zh-CN", width: int = 80, colour: bool = False) -> str:
    return "".join(text.write(report, language, width, colour))


def page_of(report: Report, language: str = "zh-CN") -> Any:
    return parser.document_fromstring("".join(html.write(report, language)).encode(), parser=parser.HTMLParser(encoding="utf-8"))


# golden files


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_text_is_the_golden_text(path: Path, request: pytest.FixtureRequest) -> None:
    report, golden = load_case(path), path.with_name("text.txt")
    written = text_of(report, str(report.run["language"]))
    if request.config.getoption("--update", False):
        golden.write_text(written, encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_json_is_the_golden_json(path: Path) -> None:
    assert "".join(json.write(load_case(path))) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_json_keeps_to_its_schema(path: Path) -> None:
    SCHEMA.validate(json.to_mapping(load_case(path)))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_html_tells_what_the_report_tells(path: Path, language: str) -> None:
    report = load_case(path)
    page = page_of(report, language)
    words = page.text_content()
    told = [finding.message for finding in report.findings]
    for dataset in report.datasets:
        told += [dataset.title or dataset.id or dataset.path, *(cause.help for cause in dataset.causes)]
        told += [finding.message for finding in dataset.findings] + [item.message for item in dataset.skipped]
    assert [each for each in told if shortened(each, html.MESSAGE_LENGTH) not in words] == []
    assert page.get("lang") == language


def test_there_are_cases() -> None:
    assert len(CASES) >= 6


# JSON

plain = some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text()
values = some.recursive(
    plain, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3), max_leaves=6
)
arguments = some.dictionaries(some.text(max_size=8), values, max_size=3)
numbers = some.none() | some.integers(1, 99)
sources = some.none() | some.builds(
    Source, some.text(max_size=9), some.text(max_size=5), numbers, state=some.sampled_from(["sourced", "secondary", "unverified", "own"])
)
severities = some.sampled_from(["error", "warning", "note"])
findings = some.builds(
    Finding,
    rule=some.sampled_from(["table/type-error", "entry/a", "id/b"]),
    severity=severities,
    file=some.sampled_from(["", "a.csv", "表.xlsx"]),
    pointer=some.sampled_from(["", "/a/0/b~1c", "/信息项/3"]),
    line=numbers,
    sheet=some.text(max_size=4),
    row=numbers,
    column=numbers,
    field=some.text(max_size=6),
    cell=some.sampled_from(["", "C17", "AA3"]),
    key=some.text(max_size=3),
    value=some.none() | some.text(),
    args=arguments,
    message=some.text(),
    help=some.text(),
    source=sources,
    layer=some.text(max_size=5),
    cause=some.sampled_from(["", "c1", "c2"]),
    fingerprint=some.text(max_size=4),
)
skips = some.builds(Skipped, some.text(max_size=9), some.text(max_size=9), arguments, some.text())
resources = some.builds(
    ResourceReport,
    some.text(max_size=5),
    some.text(max_size=5),
    some.none() | some.integers(0, 1 << 40),
    some.just("ab12"),
    some.text(max_size=5),
    rows=some.none() | some.integers(0, 99),
    schema=some.booleans(),
    personal=some.lists(some.text(max_size=4), max_size=2).map(tuple),
)
causes = some.builds(
    Cause, some.sampled_from(["c1", "c2"]), some.text(max_size=5), some.integers(0, 9999), some.text(), some.text(), some.text()
)
counts = some.dictionaries(some.sampled_from(["table/type-error", "entry/a"]), some.builds(Count, some.integers(0, 999), some.booleans()))
datasets = some.builds(
    DatasetReport,
    path=some.text(max_size=9),
    id=some.text(max_size=9),
    title=some.text(max_size=200),
    valid=some.booleans(),
    entry=some.none() | some.just({"file": "entry.yaml", "sha256": "00"}),
    resources=some.lists(resources, max_size=2).map(tuple),
    checked=some.dictionaries(some.text(max_size=4), some.integers(0, 9), max_size=2),
    skipped=some.lists(skips, max_size=2).map(tuple),
    causes=some.lists(causes, max_size=2, unique_by=lambda cause: cause.id).map(tuple),
    counts=counts,
    shown=some.integers(0, 9),
    accepted=some.lists(findings, max_size=1).map(tuple),
    findings=some.lists(findings, max_size=6).map(tuple),
    severities=some.dictionaries(severities, some.integers(0, 99)),
)
reports = some.builds(
    Report,
    some.text(max_size=5),
    arguments,
    some.booleans(),
    some.lists(datasets, max_size=3).map(tuple),
    some.lists(findings, max_size=2).map(tuple),
    some.lists(skips, max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(reports)
def test_json_round_trip(report: Report) -> None:
    written = "".join(json.write(report))
    mapping = stdlib_json.loads(written)
    assert mapping == json.to_mapping(report)
    assert json.read(mapping) == report
    SCHEMA.validate(mapping)
    written.encode()


UNWRITTEN = {"folder"}
"""What a report knows only while it is beside the data."""


def test_json_keys_are_all_described() -> None:
    shapes = content.load("schemas/report.schema.json")
    for kind, shape in [(Finding, "finding"), (Source, None), (Cause, "cause"), (DatasetReport, "dataset"), (ResourceReport, "resource")]:
        described = shapes["$defs"][shape]["properties"] if shape else shapes["$defs"]["finding"]["properties"]["source"]["properties"]
        assert {field.name for field in dataclasses.fields(kind)} - UNWRITTEN == set(described), kind


def test_json_keys_come_in_the_order_of_the_design() -> None:
    mapping = json.to_mapping(make_report(make_dataset()))
    assert list(mapping) == ["report", "govdata", "run", "valid", "findings", "skipped", "datasets"]
    promised = [
        "path",
        "id",
        "title",
        "valid",
        "entry",
        "resources",
        "checked",
        "skipped",
        "causes",
        "counts",
        "shown",
        "accepted",
        "findings",
    ]
    assert [key for key in mapping["datasets"][0] if key in promised] == promised


def test_json_says_what_json_cannot_as_text() -> None:
    from datetime import date
    from decimal import Decimal

    odd = Finding(
        "a/b", args={"d": Decimal("1.50"), "t": date(2026, 1, 2), "n": float("nan"), "s": frozenset({"y", "x"}), "p": Path("q"), "u": (1,)}
    )
    found = json.to_mapping(make_report(make_dataset(odd)))["datasets"][0]["findings"][0]["args"]
    assert found == {"d": "1.50", "t": "2026-01-02", "n": "nan", "s": ["x", "y"], "p": "q", "u": [1]}


def test_json_writes_no_character_that_moves_a_terminal() -> None:
    hostile = "\x9b31m\u202e\ud800\x1b[2J\u2028"
    written = "".join(json.write(make_report(make_dataset(Finding("a/b", value=hostile)))))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028\ud800-\udfff]", written)
    assert stdlib_json.loads(written)["datasets"][0]["findings"][0]["value"] == hostile


def test_json_of_another_version_is_refused() -> None:
    from govdata.errors import ReadError

    with pytest.raises(ReadError):
        json.read({"report": 2})


def test_a_later_key_is_passed_over() -> None:
    mapping = json.to_mapping(make_report(make_dataset(Finding("a/b"))))
    mapping["datasets"][0]["findings"][0]["later"] = mapping["datasets"][0]["later"] = mapping["later"] = 1
    assert json.read(mapping).datasets[0].findings == (Finding("a/b"),)


# text


@settings(max_examples=60, deadline=None)
@given(reports, some.integers(40, 120), some.sampled_from(["zh-CN", "en"]))
def test_text_never_commands_the_terminal_and_keeps_its_width(report: Report, width: int, language: str) -> None:
    lines = text_of(report, language, width).split("\n")
    assert not [line for line in lines if re.search("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff]", line)]
    assert max(map(cell_len, lines)) <= width


def test_colour_only_when_asked_and_only_ours() -> None:
    report = make_report(make_dataset(Finding("a/b", message="\x1b[5m红")))
    assert "\x1b" not in text_of(report)
    coloured = text_of(report, colour=True)
    assert "\x1b[5m" not in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == text_of(report)


def test_own_words_can_be_written_on_a_windows_console() -> None:
    for path in CASES:
        if "hostile" not in path.parent.name:
            path.with_name("text.txt").read_text(encoding="utf-8").encode("gbk")


def test_long_values_are_cut() -> None:
    assert shortened("一" * 100, 10) == "一" * 9 + "…"
    assert len(text_of(make_report(make_dataset(Finding("a/b", message="长" * 10**6, value="值" * 10**6))))) < 5000


# groups


def cells(column: str, *rows: int, **more: Any) -> tuple[Finding, ...]:
    return tuple(Finding("a/b", file="a.csv", row=row, column=ord(column) - 64, cell=f"{column}{row}", **more) for row in rows)


def test_findings_of_a_field_are_told_once() -> None:
    found = [*cells("C", 2, 3, 4, message="坏", help="改"), *cells("D", 2, message="坏", help="改")]
    group, *_ = groups.grouped(found)
    assert (group.count, group.help, len(group.items)) == (4, "改", 1)


def test_advice_that_differs_stays_with_its_finding() -> None:
    shown = text_of(make_report(make_dataset(*cells("C", 2, message="x", help="用甲"), *cells("C", 9, message="y", help="用乙"))))
    assert shown.index("用甲") < shown.index("C9") < shown.index("用乙")


# verdicts


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (make_report(make_dataset()), "pass"),
        (make_report(make_dataset(Finding("a/b"))), "fail"),
        (make_report(make_dataset(Finding("a/b", severity="warning"))), "pass"),
        (make_report(), "unchecked"),
        (make_report(make_dataset(checked={})), "unchecked"),
        (make_report(make_dataset(checked={"rules": 0})), "unchecked"),
        (make_report(make_dataset(), valid=False, findings=(Finding("a/b"),)), "fail"),
    ],
)
def test_a_run_that_checked_nothing_is_not_a_pass(report: Report, verdict: str) -> None:
    assert tallies.verdict(report) == verdict
    assert template(f"report.verdict-{verdict}")["zh"] in text_of(report).replace("\n", "")
    assert template(f"report.headline-{verdict}")["zh"] in page_of(report).findtext(".//h2")


def test_a_cap_is_always_said() -> None:
    report = make_report(make_dataset(*cells("C", 2), counts={"a/b": Count(2310, False)}))
    for language, said in (("zh-CN", "至少 2,310 处"), ("en", "at least 2,310")):
        assert said in text_of(report, language)
        assert said in page_of(report, language).text_content()


# many


def test_a_thousand_good_datasets_are_one_line() -> None:
    good = [make_dataset(path=f"d{number}") for number in range(1000)]
    assert len(text_of(make_report(*good)).splitlines()) < 10
    assert "1,000" in text_of(make_report(*good, make_dataset(Finding("a/b"))))


def test_a_thousand_bad_datasets_and_many_findings() -> None:
    bad = [make_dataset(*cells("C", *range(2, 22), message="坏"), path=f"d{number}") for number in range(1000)]
    report = make_report(*bad)
    for name in FORMATS:
        stream = write(report, name, "zh-CN")
        assert sum(map(len, stream)) < 20_000_000


# HTML


HOSTILE = '</style></title><script>alert(1)</script><img src=x onerror="alert(1)"> \'"{{ 7*7 }} \u202e \x00 \ud800 https://example.org/'


def hostile() -> Report:
    finding = Finding("a/b", file=HOSTILE, sheet=HOSTILE, field=HOSTILE, value=HOSTILE, message=HOSTILE, help=HOSTILE, layer=HOSTILE)
    finding = dataclasses.replace(finding, source=Source(HOSTILE, HOSTILE), pointer=f"/{HOSTILE}", line=1)
    caused = dataclasses.replace(finding, cause="c1")
    dataset = make_dataset(
        finding,
        caused,
        dataclasses.replace(finding, message="2" + HOSTILE),
        path=HOSTILE,
        id=HOSTILE,
        title=HOSTILE,
        standard=HOSTILE,
        resources=(ResourceReport(HOSTILE, HOSTILE, encoding=HOSTILE, sheet=HOSTILE, personal=(HOSTILE,)),),
        skipped=(Skipped(HOSTILE, "x", message=HOSTILE),),
        causes=(Cause("c1", "k", 2, HOSTILE, HOSTILE, HOSTILE),),
        counts={HOSTILE: Count(5)},
        entry={"file": HOSTILE},
    )
    run = {"today": HOSTILE, "standards": [{"id": HOSTILE, "version": HOSTILE, "title": {"zh": HOSTILE}}]}
    good = make_dataset(path=HOSTILE, title=HOSTILE)
    return Report(HOSTILE, run, False, (dataset, good), (finding,), (Skipped(HOSTILE, "x", message=HOSTILE),))


def test_hostile_data_stays_text_in_html() -> None:
    raw = "".join(html.write(hostile(), "zh-CN"))
    raw.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", raw)
    page = page_of(hostile())
    assert page.xpath("//script | //img | //iframe | //object | //form | //@onerror | //@onclick | //@style | //@src") == []
    assert "{{ 7*7 }}" in page.text_content()
    assert {link.split("#")[0] for link in page.xpath("//@href")} <= {"", "data:,"}


def test_hostile_data_stays_text_in_text() -> None:
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text_of(hostile()))


@settings(max_examples=25, deadline=None)
@given(reports)
def test_any_report_is_well_formed_html(report: Report) -> None:
    raw = "".join(html.write(report, "en"))
    tree = etree.parse(io.BytesIO(raw.encode()), etree.HTMLParser(encoding="utf-8", recover=True))
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in tree.xpath("//@href") if link.startswith("#")} <= set(ids)
    assert {name for names in tree.xpath("//@aria-labelledby") for name in names.split()} <= set(ids)


def test_headings_go_down_one_step_at_a_time() -> None:
    for path in CASES:
        levels = [int(heading.tag[1]) for heading in page_of(load_case(path)).xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_scopes() -> None:
    for path in CASES:
        for table in page_of(load_case(path)).iter("table"):
            assert (table.findtext("caption") or "").strip()
            assert all(cell.get("scope") for cell in table.iter("th"))


def test_the_page_allows_only_its_own_style() -> None:
    import base64
    import hashlib

    page = page_of(make_report())
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    digest = base64.b64encode(hashlib.sha256(page.findtext(".//style").encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_formats() -> None:
    assert {*SUFFIXES.values(), "github", "gitlab"} == set(FORMATS)
    assert [format_of(f"a.{end}") for end in ("sarif", "sarif.json", "JSON", "xml", "md")] == [
        "sarif",
        "sarif",
        "json",
        "junit",
        "markdown",
    ]
    assert all("".join(write(make_report(), name, "en")) for name in FORMATS)
    with pytest.raises(KeyError):
        write(make_report(), "pdf", "en")
