"""Advice that is followed to the letter mends what it is given for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from govdata.validation import validate
from govdata.values import Finding

TYPES: list[tuple[dict[str, Any], str]] = [
    ({"type": "date"}, "一月五日"),
    ({"type": "date", "format": "any"}, "x"),
    ({"type": "date", "format": "%d/%m/%Y"}, "2026-01-05"),
    ({"type": "date", "format": "%Y年%m月%d日"}, "2026-01-05"),
    ({"type": "datetime"}, "2026-01-05"),
    ({"type": "datetime", "format": "%Y/%m/%d %H:%M"}, "2026-01-05T08:00:00"),
    ({"type": "time", "format": "%H:%M"}, "08:00:00"),
    ({"type": "geopoint"}, "x"),
    ({"type": "geopoint", "format": "array"}, "121.47,31.23"),
    ({"type": "geopoint", "format": "object"}, "121.47,31.23"),
    ({"type": "boolean"}, "是"),
    ({"type": "boolean", "trueValues": ["有"], "falseValues": ["无"]}, "true"),
]


def checked(folder: Path, field: dict[str, Any], cell: str, language: str = "en") -> list[Finding]:
    """What is found of a table of one field and one row."""
    schema = {"fields": [{"name": "号"}, {"name": "列", **field}]}
    (folder / "schema.json").write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")
    (folder / "data.csv").write_text('号,列\n1,"{}"\n'.format(cell.replace('"', '""')), encoding="utf-8")
    report = validate(folder / "data.csv", schema=folder / "schema.json", language=language, cache=False)
    return [finding for dataset in report.datasets for finding in dataset.findings if finding.field == "列"]


@pytest.mark.parametrize(("field", "cell"), TYPES, ids=str)
def test_the_form_that_is_named_is_read(field: dict[str, Any], cell: str, tmp_path: Path) -> None:
    found = [finding for finding in checked(tmp_path, field, cell) if finding.rule == "table/type-error"]
    assert len(found) == 1
    for written in found[0].args.get("words") or [found[0].args["example"]]:
        assert str(written) in found[0].message
        assert not checked(tmp_path, field, str(written))


@pytest.mark.parametrize(("kind", "cell"), [("date", "2026-02-30"), ("datetime", "2026-02-30T08:00:00"), ("time", "25:00:00")])
def test_a_day_that_there_is_not_is_told_as_that(kind: str, cell: str, tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"type": kind}, cell)
    assert "no such day or time" in found.message


def test_full_width_digits_in_a_form_of_its_own(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"type": "date", "format": "%Y年%m月%d日"}, "２０２６年01月05日")
    assert found.rule == "table/lexical-form"
    assert "2026-01-05" not in found.message + found.help


@pytest.mark.parametrize(
    ("semantic", "cell", "cause"),
    [
        ("uscc", "\u300011310000000000107F", "spaces"),
        ("uscc", "１1310000000000107F", "full-width"),
        ("landline", "2112345678", "lost-zeros"),
        ("landline", "13800138000", ""),
        ("uscc", "9131000000000010", ""),
        ("uscc", "913100001234567000", "excel-scientific"),
    ],
)
def test_the_cause_is_the_mistake(semantic: str, cell: str, cause: str, tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"type": "string", "semantic": semantic}, cell)
    assert found.cause.partition("#")[2].partition(":")[0] == cause


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-CN", "“310108”已于 2015 年停用（原闸北区），现为 310106"),
        ("en", "“310108” is not in force since 2015 (formerly "),
    ],
)
def test_when_a_code_was_abolished(language: str, told: str, tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"type": "string", "codes": "division"}, "310108", language)
    assert found.message.startswith(told)


NAMED = {
    "adminLevel": "national province prefecture county",
    "channel": "extranet internet dedicated",
    "domain": "transport",
    "processing": "raw desensitised labelled statistical fused other",
    "region": "whole-country whole-province whole-prefecture whole-county",
    "scenario": "government-services public-services supervision other",
    "securityLevel": "general important core",
    "sensitivity": "level-1 level-4",
    "systemLevel": "own national province prefecture county",
    "catalogStatus": "to-submit to-review published",
    "mountStatus": "not-mounted mounted",
}


def test_what_is_named_in_english_can_be_written(tmp_path: Path) -> None:
    entry = tmp_path / "entry.yaml"
    entry.write_text("title: x\n", encoding="utf-8")
    (before,) = validate(tmp_path, standard="national-reporting", language="en", cache=False).datasets
    for key, named in NAMED.items():
        (told,) = (finding.help for finding in before.findings if finding.rule.startswith("reporting/") and f"`{key}`" in finding.help)
        for code in named.split():
            assert code in told
            entry.write_text(f"title: x\n{key}: {code}\n", encoding="utf-8")
            (after,) = validate(tmp_path, standard="national-reporting", language="en", cache=False).datasets
            assert not [f for f in after.findings if f.rule.startswith("entry/unknown-code") or f.help == told]


@pytest.mark.parametrize(
    ("name", "entry", "key", "told"),
    [
        ("entry.yaml", "资源: [{文件: a.csv, 信息项: [编号]}]", "信息项", "分小项"),
        ("entry.yaml", "信息资源名称: [甲, 乙]", "信息资源名称", "不写成列表"),
        ("entry.json", '{"信息资源代码": 307001}', "信息资源代码", "加英文双引号"),
    ],
)
def test_what_is_not_filled_in_as_required_is_named(name: str, entry: str, key: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(entry, encoding="utf-8")
    (dataset,) = validate(tmp_path, language="zh-CN", cache=False).datasets
    (found,) = (finding for finding in dataset.findings if finding.rule == "entry/shape")
    assert f"“{key}”" in found.message
    assert told in found.help
