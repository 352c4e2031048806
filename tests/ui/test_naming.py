"""Names that a browser sends: they never lead out of the folder, and stay what they are as far as they can."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.ui.naming import LONGEST, safe_name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("停车场/entry.yaml", "停车场/entry.yaml"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("a\\..\\b.csv", "a/b.csv"),
        ("a/./b//c.csv", "a/b/c.csv"),
        ("100%,a;b 表😀.csv", "100%,a;b 表😀.csv"),
        ("\u202evsc.exe", "\u202evsc.exe"),
        ("a\nb\0c.csv", "a_b_c.csv"),
        ("CON.csv", "_CON.csv"),
        ("尾. ", "尾"),
        (".DS_Store", ""),
        ("a/.git/config", ""),
        ("..", ""),
        ("", ""),
        ("/".join("a" * 30), ""),
    ],
)
def test_names(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept


def test_long_names_keep_their_ending() -> None:
    found = safe_name("长" * 300 + ".csv")
    assert found.endswith("长.csv")
    assert len(found.encode()) <= LONGEST


@given(st.text(max_size=80))
def test_nothing_leads_out(sent: str) -> None:
    found = safe_name(sent)
    root = Path("root").absolute()
    assert not found or (root / found).resolve().is_relative_to(root)
    assert "\0" not in found
    assert os.path.normpath(found or "a") == (found or "a")
