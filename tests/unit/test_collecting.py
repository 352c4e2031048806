"""Findings within limits: all are counted, the first of each rule, field and file are kept, in their order."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdata.collecting import Collected, Records, ordinals
from govdata.engines.plan import Tally
from govdata.standards import read_library
from govdata.validation import validate
from govdata.values import Count, Finding

STANDARD = read_library().standard("core")


def collected(limit: int | None = 1000) -> Collected:
    return Collected(STANDARD, limit, None if limit is None else min(100, limit))


def finding(row: int, rule: str = "table/type-error", field: str = "数", file: str = "a.csv", cause: str = "") -> Finding:
    return Finding(rule, file=file, row=row, field=field, cause=cause)


@pytest.mark.parametrize(("limit", "kept"), [(1000, 100), (7, 7), (100, 100), (None, 250)])
def test_a_hundred_of_one_kind_are_kept_and_all_are_counted(limit: int | None, kept: int) -> None:
    into = collected(limit)
    for row in range(250):
        into.add(finding(row))
    assert [item.row for item in into.kept] == list(range(kept))
    assert into.counts()["table/type-error"].count == 250
    assert into.severities == {"error": 250}


def test_a_kind_is_rule_field_and_file() -> None:
    into = collected()
    for row in range(150):
        for field in ("数", "名"):
            for file in ("a.csv", "b.csv"):
                into.add(finding(row, field=field, file=file))
                into.add(finding(row, "table/lexical-form", field=field, file=file))
    assert len(into.kept) == 800
    assert {name: count.count for name, count in into.counts().items()} == {"table/lexical-form": 600, "table/type-error": 600}


def test_a_thousand_are_kept_of_one_dataset() -> None:
    into = collected()
    for field in range(20):
        for row in range(100):
            into.add(finding(row, field=str(field)))
    assert len(into.kept) == 1000
    assert into.kept[-1].field == "9"
    assert into.counts()["table/type-error"].count == 2000


def test_rules_that_are_not_in_force_do_not_count() -> None:
    into = collected()
    into.add(finding(1, "entry/title-required"))
    assert (into.kept, into.counts()) == ([], {})


def test_what_may_have_been_broken_is_told_beside_what_was() -> None:
    """A rule in doubt of which nothing was found was left out as soon as another one was found."""
    into = collected()
    into.count(Tally("table/type-error", "error", 3, exact=False))
    into.count(Tally("table/constraint-error", "error", 0, exact=False))
    assert into.counts() == {"table/constraint-error": Count(0, exact=False), "table/type-error": Count(3, exact=False)}


def test_causes_count_what_is_no_longer_kept() -> None:
    into = collected(5)
    for row in range(50):
        into.add(finding(row, cause="thousands:数"))
    assert into.causes["a.csv", "thousands:数"] == 50
    assert into.first_of_cause["a.csv", "thousands:数"].row == 0


def test_like_findings_are_numbered() -> None:
    told = [finding(1), finding(2), finding(3, field="名"), finding(4)]
    assert ordinals(told) == [0, 1, 0, 2]


def test_the_order_is_entry_resources_row_column(tmp_path: Path) -> None:
    fields = "[{名称: 甲, 类型: I}, {名称: 乙, 类型: I}]"
    resources = "".join(f"  - 文件: {name}.csv\n    信息项: {fields}\n" for name in "ba")
    (tmp_path / "entry.yaml").write_text(f"信息资源名称: 例\n资源:\n{resources}", encoding="utf-8")
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("甲,乙\nx,y\n1,z\nx,1\n", encoding="utf-8")
    (dataset,) = validate(tmp_path).datasets
    files = [item.file for item in dataset.findings]
    assert files == sorted(files, key=["entry.yaml", "b.csv", "a.csv"].index)
    cells = [(item.file, item.cell) for item in dataset.findings if item.cell]
    assert cells == [(name, cell) for name in ("b.csv", "a.csv") for cell in ("A2", "B2", "B3", "A4")]


def test_the_limit_of_a_run_replaces_the_thousand(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("数\n" + "x\n" * 300, encoding="utf-8")
    (tmp_path / "s.json").write_text('{"fields": [{"name": "数", "type": "integer"}]}', encoding="utf-8")
    for limit, shown in ((None, 100), (3, 3), (200, 100), ("all", 300)):
        (dataset,) = validate(tmp_path / "a.csv", schema=tmp_path / "s.json", limit=limit).datasets
        assert (dataset.shown, len(dataset.findings), dataset.counts["table/type-error"].count) == (shown, shown, 300)


def test_records_beyond_a_thousand_with_findings_are_only_counted() -> None:
    records = Records("a.jsonl")
    wrong, right = collected(), collected()
    wrong.add(finding(1))
    listed = sum(records.lists(wrong.rules, wrong.severities, {}) for _ in range(1200))
    assert (listed, records.lists(right.rules, right.severities, {})) == (1000, False)
    (report,) = records.report("national")
    assert (report.checked, report.counts["table/type-error"].count, report.valid) == (
        {"entries": 1201, "listed": 1000, "failed": 200}, 200, False,
    )  # fmt: skip
    assert Records("b.jsonl").report("national") == []
