"""What a report hides of personal values, and what it need not hide."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from govdata.checks.personal import Counter, scrub
from govdata.engines.columns.watching import holding
from govdata.predicates.written import SOMEWHERE, WORTH
from govdata.validation import validate
from govdata.values import Finding

ENTRY = """信息资源名称: 示例
资源:
  - 文件: a.csv
    信息项:
      - {名称: 姓名, 类型: C, 个人信息: 是}
      - {名称: 民族, 类型: C, 代码表: ethnic-group, 个人信息: 是}
"""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("113101990000000359", True),  # both check digits of a credit code hold
        ("110101188501010018", False),  # a citizen number
        ("110101188501010010", False),  # one with a wrong digit is still a person's
        ("113101990000000350", False),  # neither: it might be a person's
        ("9999991234567893", False),
    ],
)
def test_credit_codes_are_no_personal_numbers(text: str, shown: bool) -> None:
    assert (scrub(f"见{text}。") == f"见{text}。") is shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800001111", False),  # a mobile number among landlines
        ("'13800001111", False),
        ("9999990000000006", False),  # a card among credit codes
        ("110101188501010018", False),
        ("113101990000000350", True),  # neither card nor citizen: has to be read to be mended
        ("9999990000000000", True),
        ("12345678901", True),
    ],
)
def test_identifiers_that_are_not_personal_hide_what_is_surely_personal(text: str, shown: bool) -> None:
    assert (scrub(text, sure=True) == text) is shown


def checked(folder: Path, table: str) -> list[Finding]:
    (folder / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    (folder / "a.csv").write_text(table, encoding="utf-8")
    return [finding for finding in validate(folder).datasets[0].findings if finding.file == "a.csv"]


def test_what_a_hidden_value_means_is_hidden_too(tmp_path: Path) -> None:
    found = checked(tmp_path, "姓名,民族\n甲,蒙古\n")
    assert [(item.rule, item.value) for item in found] == [("table/code-list", "**")]
    assert "02" not in found[0].message + str(found[0].args)


def test_labels_are_not_hidden(tmp_path: Path) -> None:
    found = checked(tmp_path, "姓 名,民族\n甲,02\n")
    assert [(item.rule, item.value) for item in found] == [("table/incorrect-label", "姓 名")]


@pytest.mark.parametrize(
    "text",
    [
        "13８00130001",
        "138－0013－0001",
        "138\u30000013\u30000001",
        "138\xa00013\xa00001",
        "138–0013–0001",
        "+86 138‑0013‑0001",
        "310104　18910111　1013",
        "2026-01-05 138-0013-0001",
        "310104 18910111 1013 13900130001",
        "13900130001-310104-18910111-1013",
        "字" * 9_995 + "13900130001",
    ],
)
def test_numbers_are_seen_however_they_are_written(text: str) -> None:
    """Whatever engine asks first where a number may stand; and hidden where they are shown."""
    counted = [Counter({"citizen-number": bool, "bank-card": bool, "mobile": bool}) for _ in range(2)]
    counted[0].observe(text)
    counted[1].observe_all([text])
    assert counted[0].alone or counted[0].inside
    assert counted[0] == counted[1]
    assert re.search(SOMEWHERE, text)
    assert re.search(WORTH, text)
    assert holding(pl.DataFrame({"0": [text, "无"]}), [1])[1].tolist() == [True, False]
    assert not re.search("[0-9０-９]{4}", scrub(text).replace("2026", ""))
