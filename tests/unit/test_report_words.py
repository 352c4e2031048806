"""Words of the reports: what cannot be seen is written out, lines break where they may, places are folded, doubts are said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from govdata.cli.group import call
from govdata.formats import wording
from govdata.formats.characters import visible, wrapped
from govdata.validation import validate
from govdata.values import Finding, Source


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("停车场，C17–C40“x”", "停车场，C17–C40“x”"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b", "\\x9b"),
        ("\u202eabc", "\\u202eabc"),
        ("\ufeff编号", "\\ufeff编号"),
        ("1\u00a0000", "1\\xa0000"),
        ("\ud800", "\\ud800"),
        ("\ue5e5", "\\ue5e5"),
        ("\U000e0041", "\\U000e0041"),
        ("全角\u3000空格", "全角\u3000空格"),
        ("ئۇيغۇر", "ئۇيغۇر"),
        ("𠮷", "𠮷"),
    ],
)
def test_what_cannot_be_seen_is_written_out(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("一二三四五，六七", 10, ["一二三四", "五，六七"]),
        ("一二三四“五六”", 10, ["一二三四", "“五六”"]),
        ("C17、C18、C19、C20", 12, ["C17、C18、", "C19、C20"]),
        ("see the data set", 8, ["see the", "data set"]),
        ("abcdefghijkl", 8, ["abcdefgh", "ijkl"]),
        ("", 8, []),
    ],
)
def test_lines_break_where_they_may(words: str, width: int, lines: list[str]) -> None:
    assert list(wrapped(words, width)) == lines


def cells(column: str, *rows: int, **more: Any) -> tuple[Finding, ...]:
    return tuple(Finding("a/b", file="a.csv", row=row, column=ord(column) - 64, cell=f"{column}{row}", **more) for row in rows)


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (cells("C", 17, 18), ("C17", "C18")),
        (cells("C", 17, 18, 19, 25), ("C17–C19（3 处）", "C25")),
        (cells("C", 17, 17), ("C17",)),
        (cells("C", 17, 18) + cells("D", 19), ("C17", "C18", "D19")),
        (tuple(Finding("a/b", row=row) for row in (2, 3, 4)), ("第 2–4 行（3 处）",)),
        ((Finding("a/b", line=8, pointer="/资源/0/信息项/3/名称"),), ("第 8 行（资源 1 / 信息项 4 / 名称）",)),
        ((Finding("a/b", pointer="/a~1b"),), ("a/b",)),
        ((Finding("a/b", column=28),), ("AB 列",)),
        ((Finding("a/b", key="7"),), ("主键 7",)),
        ((Finding("a/b"),), ()),
    ],
)
def test_places(found: tuple[Finding, ...], names: tuple[str, ...]) -> None:
    assert tuple(name.replace("\u2060", "").replace("\u00a0", " ") for name in wording.places(found, "zh-CN")) == names


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("sourced", "《甲》 3.1"),
        ("secondary", "《甲》 3.1（据二手资料）"),
        ("unverified", "《甲》 3.1（待核实）"),
        ("own", "《甲》 3.1"),
    ],
)
def test_the_basis_carries_its_doubt(state: Any, said: str) -> None:
    assert wording.basis_of(Source("《甲》", "3.1", state=state), "zh-CN") == said


def test_a_rule_of_ours_names_no_document() -> None:
    assert wording.basis_of(Source("govdata", state="own"), "zh-CN") == "govdata 自定规则"


def test_a_cell_that_is_missing_is_named_by_its_column_where_there_is_no_field(tmp_path: Path) -> None:
    """It said: there is no “”."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n1\n", encoding="utf-8")
    (found,) = validate(tmp_path / "a.csv", language="en").datasets[0].findings
    assert found.message == "Row 3 is too short: there is no column 2."


@pytest.mark.parametrize(
    ("asked", "exit_with", "words"),
    [
        ((), 0, "通过"),
        (("--strict",), 3, "没有错误，但有内容未检查"),
        (("--fail-on", "warning"), 1, "没有错误，但有警告或提示"),
    ],
)
def test_what_is_concluded_is_what_the_exit_code_says(asked: tuple[str, ...], exit_with: int, words: str, tmp_path: Path) -> None:
    """A run may be told to fail where there is no error: then no report says that it passed."""
    (tmp_path / "数据.csv").write_text("编号,名称\n1,甲\n\n2,乙\n", encoding="utf-8")
    outputs = [tmp_path / "报告.txt", tmp_path / "报告.html", tmp_path / "报告.md"]
    named = [part for path in outputs for part in ("--output", str(path))]
    assert call(["validate", str(tmp_path / "数据.csv"), *asked, *named], "zh-CN") == exit_with
    told = {path.suffix: path.read_text(encoding="utf-8") for path in outputs}
    assert [suffix for suffix, text in told.items() if words not in text] == []
    assert ("✅" in told[".md"]) == ('class="verdict-text is-pass"' in told[".html"]) == (exit_with == 0)
    assert ("所以不通过。" in told[".txt"]) == (exit_with != 0)
