"""The shape of a sheet's rows, learned from some of them: one pattern that reads all rows of it at once.

The pattern accepts only what it was shown (for each column the types of its cells and what their styles mean) in the plain form
that spreadsheets write. A row of any other form is read as an XML element, and learned from in turn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from xml.etree.ElementTree import Element

from govdata.classes import dataclass, field
from govdata.reading.sources import letters
from govdata.reading.workbooks.numberformat import PLAIN, NumberFormat
from govdata.reading.workbooks.sheets import column_number
from govdata.reading.workbooks.xlsxstrings import PLAIN_TEXT, TEXT, local

MOST_KEYS = 3000
"""A pattern of so many cells takes a third of a second to compile."""
MOST_KINDS = 6
"""Of a column: each costs time in every row."""
LOOKED_AT = 32
"""Rows of a block that are learned from."""
WAIT = 24
"""Rows of another shape before the first pattern is made; twice as many before each next one."""
SPACE = r"[ \t\r\n]*+"
ROW = r'<row r="([0-9]{1,7})"((?: [A-Za-z0-9:]{1,40}="[^"<>&]{0,200}"){0,20}+)(?: ?/>|>%s</row>)' + SPACE
FORMULA = (
    r'(?:<f(?: t="[A-Za-z]{1,9}")?+(?: aca="[a-z0-9]{1,5}")?+(?: ref="[A-Z0-9:]{1,24}")?+(?: ca="[a-z0-9]{1,5}")?+(?: si="[0-9]{1,9}")?+'
    rf"(?:/>|>{TEXT}</f>))?+"
)
STYLE, TYPE = r'(?: s="[0-9]{1,6}")?+', r'(?: t="[A-Za-z]{1,9}")?+'
EMPTY = rf"{STYLE}{TYPE} ?(?:/>|></c>)"
BODIES = {
    "n": "<v>([0-9.-]{1,40}(?:E[+-]?[0-9]{1,3})?+)</v>",
    "s": "<v>([0-9]{1,9})</v>",
    "b": "<v>([01])</v>",
    "d": "<v>([0-9T:.Z+-]{1,40})</v>",
    "e": "<v>([A-Z0-9#/!?]{1,20})</v>",
    "str": f"<v>({TEXT})</v>",
    "inlineStr": f"<is>{PLAIN_TEXT}</is>",
}
"""What stands in a cell of each type, with a group around its value."""


class Kind(NamedTuple):
    """The cells of a column that are read in one way; each kind has a group in the pattern."""

    column: int
    type: str
    meaning: NumberFormat
    styles: tuple[str, ...]
    formulas: bool


class Key(NamedTuple):
    """A cell as it was seen: column from 1, type (none: it is empty), style as written, and whether it has a formula."""

    column: int
    type: str
    style: str
    formula: bool


class Shape(NamedTuple):
    """A pattern for whole rows (groups: number, other attributes, a value for each kind) and the columns that it knows."""

    pattern: re.Pattern[str]
    kinds: tuple[Kind, ...]
    width: int


@dataclass(slots=True)
class Shapes:
    """What was seen in rows, and the shape made of it."""

    formats: Mapping[str | None, NumberFormat]
    shape: Shape | None = None
    seen: Counter[Key] = field(default_factory=Counter)
    fresh: int = 0
    wait: int = WAIT


def learn_rows(shapes: Shapes, rows: Sequence[Element]) -> None:
    """Look at some of the rows of a block that did not have the shape."""
    shapes.fresh += len(rows)
    for row in rows[:LOOKED_AT]:
        for key in filter(None, map(_key, row)):
            if key in shapes.seen or len(shapes.seen) < 2 * MOST_KEYS:
                shapes.seen[key] += 1


def current_shape(shapes: Shapes) -> Shape | None:
    """Give the shape to read the next rows by, made anew if many rows did not have it."""
    if shapes.fresh >= shapes.wait:
        # what was seen once is the header, or as rare as one
        keys = [key for key, times in shapes.seen.most_common() if times > 1]
        shapes.shape = _make_shape(keys, shapes.formats) if 0 < len(keys) <= MOST_KEYS else None
        shapes.wait, shapes.fresh = 2 * shapes.wait, 0
    return shapes.shape


def _key(cell: Element) -> Key | None:
    """Give what a cell is like; `None` if it has a form that no pattern is made for."""
    column = column_number(cell.get("r", "").rstrip("0123456789"))
    kind, style = cell.get("t", "n"), cell.get("s", "")
    inner = [local(child.tag) for child in cell]
    if not column or local(cell.tag) != "c" or not (style.isdecimal() or not style):
        return None
    if not inner:
        return Key(column, "", "", False)
    if inner == ["is"]:
        return Key(column, kind, "", False) if kind == "inlineStr" else None
    if inner not in (["v"], ["f", "v"]) or kind not in BODIES or kind == "inlineStr":
        return None
    return Key(column, kind, style if kind == "n" else "", len(inner) > 1)


def _make_shape(keys: Iterable[Key], formats: Mapping[str | None, NumberFormat]) -> Shape:
    """Make the pattern for what was seen, given the most frequent first."""
    columns: dict[int, dict[tuple[str, NumberFormat], list[Key]]] = {}
    for key in keys:
        meaning = formats.get(key.style or "0", PLAIN) if key.type == "n" else PLAIN
        found = columns.setdefault(key.column, {})
        if len(found) < MOST_KINDS or (key.type, meaning) in found:
            found.setdefault((key.type, meaning), []).append(key)
    kinds = [_make_kind(column, *about) for column, found in sorted(columns.items()) for about in found.items()]
    pattern = "".join(_column_pattern(column, list(found)) for column, found in groupby(kinds, attrgetter("column")))
    known = tuple(kind for kind in kinds if kind.type)
    return Shape(re.compile(ROW % pattern), known, known[-1].column if known else 0)


def _make_kind(column: int, about: tuple[str, NumberFormat], keys: list[Key]) -> Kind:
    return Kind(column, *about, tuple(sorted({key.style for key in keys})), any(key.formula for key in keys))


def _column_pattern(column: int, kinds: list[Kind]) -> str:
    forms = [_cell_pattern(kind) for kind in kinds if kind.type]
    return rf'(?:<c r="{letters(column)}\1"(?:{"|".join([*forms, EMPTY])}))?+'


def _cell_pattern(kind: Kind) -> str:
    type_, style = f' t="{kind.type}"', STYLE
    if kind.type == "n":
        type_ = '(?: t="n")?+'
        known = "|".join(filter(None, kind.styles))
        style = (f'(?: s="(?:{known})")' + ("?+" if "" in kind.styles else "")) if known else ""
    formula = FORMULA if kind.formulas else ""
    return f"{style}{type_}>{formula}{BODIES[kind.type]}</c>"
