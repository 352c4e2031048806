"""Lines of CSV (RFC 4180, UTF-8, ends of line LF) without polars, to the byte as `tables` writes them with it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = re.compile('[",\n\r]')
_RISKY = frozenset("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, or leaves away before one; full-width ones too."""


def line(cells: Iterable[str]) -> str:
    """One row."""
    return ",".join(map(cell, cells)) + "\n"


def cell(text: str) -> str:
    """One cell; an empty text stands in quotes, and nothing at all for what is missing."""
    if not text or _QUOTED.search(text):
        return f'"{text.replace(chr(34), chr(34) * 2)}"'
    return text


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it, where it begins like one."""
    return f"'{text}" if text and text[0] in _RISKY else text


RISKY = r"\A[=+\-@\t\r\n＝＋－＠]"
"""The same as a regular expression."""
