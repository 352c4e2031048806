"""A wrong delimiter recognised: never used in its place, only named as the cause."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from govdata.values import Finding

KNOWN = {
    ",": "delimiter-comma",
    ";": "delimiter-semicolon",
    "\t": "delimiter-tab",
    "|": "delimiter-bar",
    "，": "delimiter-wide-comma",
    "；": "delimiter-wide-semicolon",
    "、": "delimiter-enumeration-comma",
}
"""Delimiters that are looked for, each with its term."""
_ENOUGH = 0.8
"""So large a share of the rows has as many columns as the header."""
_ENOUGH_TABS = 0.5
"""The same of tabs, which are hardly ever part of a text: a row may lack a cell."""


def expected_names(schema: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The field names that a Table Schema declares."""
    fields = schema.get("fields") if schema else None
    if not isinstance(fields, Sequence):
        return ()
    return tuple(str(field["name"]) for field in fields if isinstance(field, Mapping) and "name" in field)


def check_delimiter(lines: Sequence[str], delimiter: str, expected: Sequence[str]) -> Finding | None:
    """`file/delimiter` where the first lines fit another delimiter and not the one in use.

    The header must be one column (or hold none of the expected names) as it is read, and split into several that the
    rows below have too, or that are the expected names.
    """
    rows = _split(lines, delimiter)
    if not rows or (len(rows[0]) > 1 and (not expected or _hits(rows[0], expected))):
        return None
    if len(expected) == 1 and _hits(rows[0], expected):
        return None
    others = {other: _split(lines, other) for other in KNOWN if other != delimiter}
    fitting = [(len(split[0]), other) for other, split in others.items() if _fits(split, other, expected)]
    if not fitting:
        return None
    columns, found = max(fitting)
    args = {
        "delimiter": KNOWN.get(delimiter, delimiter),
        "found": KNOWN[found],
        "character": found,
        "written": found.replace("\t", r"\t"),
        "columns": columns,
    }
    return Finding("file/delimiter", line=1, args=args)


def _split(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row)]


def _hits(header: Sequence[str], expected: Sequence[str]) -> int:
    names = {name.strip() for name in expected}
    return sum(cell.strip() in names for cell in header)


def _fits(rows: Sequence[Sequence[str]], delimiter: str, expected: Sequence[str]) -> bool:
    """Whether rows split into a table: several columns, as many in the rows as in the header, or the expected names."""
    if not rows or len(rows[0]) < 2:
        return False
    if expected:
        return _hits(rows[0], expected) * 2 >= len(expected)
    same = sum(len(row) == len(rows[0]) for row in rows[1:])
    enough = _ENOUGH_TABS if delimiter == "\t" else _ENOUGH
    return bool(rows[1:]) and same >= enough * len(rows[1:]) and all(cell.strip() for cell in rows[0])
