"""What the three workbook readers (xlsx, ods, xls) have in common: a sheet, the events of its one pass, and cell addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

from govdata.reading.sources import letters
from govdata.values import Cell, Skipped

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
"""The size of a sheet in Excel, WPS and LibreOffice; a place outside it is damage."""


class Refusal(Exception):
    """The file cannot be read any further; `workbook.stream` makes it the finding that ends the stream."""

    def __init__(self, rule: str, spot: tuple[int | None, int | None] = (None, None), /, **args: object) -> None:
        super().__init__(rule, args)
        self.rule = rule
        self.spot = spot
        """Row and column, from 1, where it is a cell that stops the reading."""
        self.arguments = args


class Sheet(NamedTuple):
    """A sheet as the workbook lists it; `part` is what its reader finds it by."""

    name: str
    hidden: bool
    part: str


class SheetRow(NamedTuple):
    """A row that has a place in the file: its number from 1, its cells from column A (may end in `None`)."""

    number: int
    cells: list[Cell]


class Trouble(NamedTuple):
    """A cell that breaks a rule, before the sheet's survey turns it into a finding. Row and column from 1."""

    rule: str
    row: int
    column: int
    value: str | None
    args: Mapping[str, object]


class Hidden(NamedTuple):
    """Rows or columns that are not shown, from 1, both ends included."""

    kind: Literal["rows", "columns"]
    first: int
    last: int


class Merged(NamedTuple):
    """A merged range, from 1, all ends included."""

    top: int
    left: int
    bottom: int
    right: int


class Zeros(NamedTuple):
    """A number that its format shows with zeros (or other digits) that are not stored."""

    row: int
    column: int
    shown: str
    stored: str


Event = SheetRow | Trouble | Hidden | Merged | Zeros | Skipped


class Book(Protocol):
    """An opened workbook."""

    def sheets(self) -> tuple[Sheet, ...]:
        """All sheets that hold cells, in the workbook's order."""

    def filled(self, sheet: Sheet) -> bool:
        """Whether any cell of the sheet has a value."""

    def events(self, sheet: Sheet) -> Iterator[Event]:
        """One pass over the sheet; rows in ascending order, the rest where the format has it."""

    def close(self) -> None:
        """Let go of the file."""


@lru_cache(maxsize=MOST_COLUMNS)
def column_number(text: str) -> int:
    """Give the number from 1 of a column's letters, 0 if they are none."""
    number = 0
    for letter in text:
        if not ("A" <= letter <= "Z" and number < MOST_COLUMNS):
            return 0
        number = number * 26 + ord(letter) - 64
    return number if number <= MOST_COLUMNS else 0


def check_lengths(number: int, cells: Sequence[Cell], longest: int) -> None:
    """Refuse a row in which a text has more characters than a cell may have, as the reader of texts does."""
    for column, cell in enumerate(cells, 1):
        if type(cell) is str and len(cell) > longest:
            raise Refusal("file/cell-limit", (number, column), line=number, limit=max(1, longest >> 20))


def address(row: int, column: int) -> str:
    """Give a cell's address as a spreadsheet shows it: (17, 3) → C17."""
    return f"{letters(column)}{row}"


def place(text: str) -> tuple[int, int]:
    """Read an address (`C17`, `$C$17`) as (row, column); a part that is missing or wrong is 0."""
    plain = text.replace("$", "").upper()
    name = plain.rstrip("0123456789")
    digits = plain[len(name) :]
    return (int(digits) if digits.isascii() and 0 < len(digits) < 8 else 0), column_number(name)
