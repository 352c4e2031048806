"""`[[accept]]` records: refused where they are not whole or not allowed, in force beyond what is listed, told in every format."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from govdata import content
from govdata.errors import SettingsError
from govdata.formats import FORMATS, write
from govdata.formats.json import read, to_mapping
from govdata.settings import read_settings
from govdata.validation import validate
from govdata.values import Report
from tests.cli.program import check

TODAY = date(2026, 1, 31)
RECORD = """[[accept]]
rule = "table/type-error"
dataset = "停车场"
field = "数"
reason = "旧系统导出 <b>年底</b> 更换"
by = "信息中心 王"
until = 2026-12-31
"""
ENTRY = "信息资源名称: 停车场\n资源:\n  - 文件: a.csv\n    信息项: [{名称: 名, 类型: C, 长度: 2}, {名称: 数, 类型: I}]\n"


def lay(root: Path, record: str = RECORD, rows: str = "甲,x\n乙,y\n") -> Path:
    (root / "停车场").mkdir(exist_ok=True)
    (root / "govdata.toml").write_text('standard = "core"\n' + record, encoding="utf-8")
    (root / "停车场" / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    (root / "停车场" / "a.csv").write_text("名,数\n" + rows, encoding="utf-8")
    return root


def run(root: Path, **options: Any) -> Report:
    return validate(root, today=TODAY, **options)


def test_accepted_findings_do_not_fail_and_say_why(tmp_path: Path) -> None:
    report = run(lay(tmp_path))
    (dataset,) = report.datasets
    assert report.valid
    assert (dataset.counts, dataset.findings) == ({}, ())
    assert [(item.value, item.fingerprint != "") for item in dataset.accepted] == [("x", True), ("y", True)]
    (item,) = dataset.acceptances
    assert (item.kind, item.rule, item.field, item.count, item.by, item.until) == (
        "record",
        "table/type-error",
        "数",
        2,
        "信息中心 王",
        "2026-12-31",
    )


@pytest.mark.parametrize("engine", ["plain", "columns", "reference"])
def test_it_holds_beyond_what_is_listed(tmp_path: Path, engine: str) -> None:
    rows = "".join(f"甲,x{number}\n" for number in range(3000)) + "甲乙丙,1\n"
    (dataset,) = run(lay(tmp_path, rows=rows), engine=engine, limit=10).datasets
    assert dataset.accepted_counts["table/type-error"].count == 3000
    assert {rule: count.count for rule, count in dataset.counts.items()} == {"table/constraint-error": 1}
    assert len(dataset.accepted) == 10
    assert [finding.value for finding in dataset.findings] == ["甲乙丙"]


def test_other_fields_and_rules_are_not_meant(tmp_path: Path) -> None:
    (dataset,) = run(lay(tmp_path, RECORD.replace('"数"', '"名"'))).datasets
    assert dataset.counts["table/type-error"].count == 2


@pytest.mark.parametrize(
    ("dataset", "meant"), [("停车场", True), ("停车场/", True), ("停*", True), ("停?场", True), ("场", False), ("[停]车场", True)]
)
def test_datasets_are_named_by_folder_or_pattern(tmp_path: Path, dataset: str, meant: bool) -> None:
    root = lay(tmp_path, RECORD.replace('"停车场"', f'"{dataset}"'))
    for path in (root, root / "停车场", root / "停车场" / "entry.yaml"):
        assert run(path).valid is meant


def test_the_last_day_is_part_of_the_time(tmp_path: Path) -> None:
    lay(tmp_path)
    assert validate(tmp_path, today=date(2026, 12, 31)).valid
    report = validate(tmp_path, today=date(2027, 1, 1))
    assert not report.valid
    assert [(item.rule, item.file, item.line) for item in report.findings] == [("accept/expired", "govdata.toml", 2)]


def test_a_part_of_the_directory_does_not_say_that_a_record_is_unused(tmp_path: Path) -> None:
    root = lay(tmp_path, rows="甲,1\n")
    assert [item.rule for item in run(root).findings] == ["accept/unused"]
    assert run(root / "停车场").findings == ()
    late = validate(root / "停车场", today=date(2027, 1, 1))
    assert [(item.rule, item.file) for item in late.findings] == [("accept/expired", "../govdata.toml")]


def test_a_record_that_comes_after_another_says_so(tmp_path: Path) -> None:
    general = RECORD.replace('field = "数"\n', "").replace("旧系统导出", "nothing")

    def said(*records: str) -> list[tuple[int | None, str]]:
        report = run(lay(tmp_path, "".join(records)), language="en")
        return [(item.line, item.message) for item in report.findings]

    after = "is not used: that in line {} of govdata.toml accepts the same findings before it (by 信息中心 王, until 2026-12-31)."
    told = "The record that accepts table/type-error for “停车场” "
    assert said(general, RECORD) == [(2, told + after.format(8))]  # the more particular comes first, wherever it stands
    assert said(RECORD, general.replace('"停车场"', '"*"')) == [(9, told.replace("停车场", "*") + after.format(2))]
    assert said(RECORD, RECORD) == [(9, told + after.format(2))]
    assert said(RECORD, RECORD.replace('"数"', '"名"')) == [(9, told + "matches nothing (by 信息中心 王, until 2026-12-31).")]
    inline = "accept = [" + ", ".join("{" + ", ".join(record.splitlines()[1:]) + "}" for record in (general, RECORD)) + "]\n"
    numbered = after.replace("that in line {} of govdata.toml", "number 2 of the records under [[accept]]")
    assert said(inline) == [(None, told + numbered)]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("table/type-error", "gate/level", "accept-never"),
        ("table/type-error", "personal/open", "accept-never"),
        ("table/type-error", "entry/secret-open", "accept-never"),
        ("table/type-error", "accept/expired", "accept-never"),
        ("table/type-error", "table/typ-error", "settings-value"),
        ("2026-12-31", '"bald"', "settings-value"),
        ("2026-12-31", "2026-12-31T00:00:00", "settings-value"),
        ('by = "信息中心 王"\n', "", "settings-missing"),
        ('by = "', 'von = "', "settings-key"),
        ('"信息中心 王"', '" "', "settings-value"),
        ("[[accept]]", "[accept]", "settings-value"),
    ],
)
def test_what_is_refused(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in RECORD
    with pytest.raises(SettingsError) as caught:
        run(lay(tmp_path, RECORD.replace(old, new)))
    assert caught.value.key == key
    assert caught.value.arguments["file"].endswith("govdata.toml")


def test_the_schema_of_the_settings_knows_them(tmp_path: Path) -> None:
    lay(tmp_path)
    (record,) = read_settings(tmp_path, {}).accept
    told = {name: str(getattr(record, name)) for name in ("rule", "dataset", "field", "reason", "by", "until")}
    validator = jsonschema.Draft202012Validator(content.load("schemas/settings.schema.json"))
    assert validator.is_valid({"accept": [told]})
    assert not validator.is_valid({"accept": [told | {"rule": "personal/open"}]})
    assert not validator.is_valid({"accept": [{name: value for name, value in told.items() if name != "until"}]})


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_of_them(tmp_path: Path, form: str, language: str) -> None:
    report = run(lay(tmp_path), language=language)
    told = "".join(write(report, form, language, 200))
    if form in ("text", "html", "json"):
        assert "信息中心 王" in told
        assert "2026-12-31" in told
    if form == "html":
        assert "<b>年底" not in told
    if form == "json":
        assert read(json.loads(told)) == read(json.loads(json.dumps(to_mapping(report))))
        assert read(json.loads(told)).datasets[0].acceptances == report.datasets[0].acceptances


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_command_line(tmp_path: Path, language: str) -> None:
    root = lay(tmp_path, "")
    common = ("--lang", language, "--today", "2026-01-31")
    first = check(".", *common, "--write-baseline", "b.json", cwd=root)
    assert (first.returncode, b"b.json" in first.stderr) == (0, True)
    lay(tmp_path, "", rows="甲,x\n乙,z\n")
    again = check(".", *common, "--baseline", "b.json", cwd=root)
    assert again.returncode == 1
    assert b"--write-baseline" in again.stderr
    assert check(".", *common, "--baseline", "none.json", cwd=root).returncode == 3
    assert check(".", *common, "--baseline", "govdata.toml", cwd=root).returncode == 2
    assert check(".", *common, "--changed", "HEAD", cwd=root).returncode == 3


def test_names_of_files_that_turn_or_hide(tmp_path: Path) -> None:
    name = "a\u202e,%:\n😀.csv"
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "entry.yaml").write_text(ENTRY.replace("a.csv", json.dumps(name)), encoding="utf-8")
    (tmp_path / "d" / name).write_text("名,数\n甲,x\n", encoding="utf-8")
    file = tmp_path / "b.json"
    validate(tmp_path / "d", today=TODAY, standard="core", write_baseline=file)
    assert "\u202e" not in file.read_text(encoding="utf-8")
    assert validate(tmp_path / "d", today=TODAY, standard="core", baseline=file).valid
