"""The cells of an XLSX row from its XML elements: every form that a cell can have, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from xml.etree.ElementTree import Element

from govdata.classes import dataclass, field
from govdata.reading.sources import letters
from govdata.reading.workbooks.numberformat import PLAIN, NumberFormat, read_number, show_number
from govdata.reading.workbooks.sheets import MOST_COLUMNS, Event, Refusal, Trouble, column_number
from govdata.reading.workbooks.xlsxstrings import local, read_text, unescape
from govdata.values import Cell

TRUE = ("1", "true", "on")
FALSE = ("0", "false", "off")
MOST_DAYS = 65_536
COLUMNS = ("", *(letters(column) for column in range(1, 703)))
"""A to ZZ; what lies further right is read by its address."""


@dataclass(slots=True)
class CellReader:
    """What is needed to read a cell, and the events that reading a row made."""

    strings: list[str | None]
    formats: dict[str | None, NumberFormat]
    epoch_1904: bool
    longest: int
    """Characters that a cell may have."""
    is_long: bool
    """There is a text of more: from now on each row is looked at."""
    events: list[Event] = field(default_factory=list)
    days: dict[str, dict[str, Cell]] = field(default_factory=dict)
    """Days by style and text; they come again and again."""
    days_left: int = MOST_DAYS


def read_row(reader: CellReader, row: Element, number: int) -> list[Cell]:
    """Read the cells of a row from column A; what is wrong with one goes to `reader.events`."""
    cells: list[Cell] = []
    append = cells.append
    strings, formats = reader.strings, reader.formats
    digits, count = str(number), len(reader.strings)
    column = 0
    for cell in row:
        get = cell.get
        reference = get("r")
        column += 1
        if reference is not None and (column > 702 or reference != COLUMNS[column] + digits):
            column = _make_room(cells, reference or "", digits)
        if not len(cell):
            append(None)
            continue
        first = cell[0]
        text = first.text
        if text and first.tag[-1] == "v":
            kind = get("t")
            if kind == "s":
                if text.isdecimal() and len(text) < 10 and (index := int(text)) < count:
                    append(strings[index])
                    continue
            elif kind is None or kind == "n":
                style = get("s")
                if len(text) < 16 and style not in formats and text.isdecimal():
                    append(int(text))
                else:
                    append(read_number_cell(reader, text, style or "0", (number, column)))
                continue
        value = _read_cell(reader, cell, number, column)
        if type(value) is str and len(value) > reader.longest:
            reader.is_long = True
        append(value)
    if len(cells) > MOST_COLUMNS:
        raise Refusal("workbook/broken", reason="order", part=digits)
    return cells


def _make_room(cells: list[Cell], reference: str, row: str) -> int:
    """Fill the gap before a cell; a cell out of order, of another row or outside the sheet is damage."""
    name = reference.rstrip("0123456789")
    column = column_number(name)
    if not len(cells) < column <= MOST_COLUMNS or reference[len(name) :] != row:
        raise Refusal("workbook/broken", reason="order", part=reference)
    cells.extend([None] * (column - len(cells) - 1))
    return column


def _read_cell(reader: CellReader, cell: Element, row: int, column: int) -> Cell:
    """Read any cell, formulas included."""
    formula = value = inline = None
    for child in cell:
        name = local(child.tag)
        if name == "v":
            value = child
        elif name == "f":
            formula = child
        elif name == "is":
            inline = child
    kind = cell.get("t", "n")
    if inline is not None and kind == "inlineStr":
        return read_text(inline)
    text = value.text if value is not None else None
    if not text:
        if formula is not None and not (value is not None and kind == "str"):
            reader.events.append(Trouble("workbook/formula-without-value", row, column, formula.text or "", {}))
        return None
    read = READERS.get(kind)
    if read is not None:
        return read(reader, text, row, column)
    return read_number_cell(reader, text, cell.get("s", "0"), (row, column))


def read_number_cell(reader: CellReader, text: str, style: str, spot: tuple[int, int]) -> Cell:
    """Read a number as its style shows it; days are kept."""
    known = reader.days.get(style)
    if known is not None and text in known:
        return known[text]
    number = read_number(text.strip())
    if number is None:
        return _read_error(reader, text, *spot)
    shown = show_number(reader.events, number, (text, reader.formats.get(style, PLAIN), reader.epoch_1904), spot)
    if type(shown) is date and reader.days_left:
        reader.days_left -= 1
        reader.days.setdefault(style, {})[text] = shown
    return shown


def _read_error(reader: CellReader, text: str, row: int, column: int) -> Cell:
    reader.events.append(Trouble("workbook/error-cell", row, column, text, {"error": text}))
    return None


def _read_shared(reader: CellReader, text: str, row: int, column: int) -> Cell:
    if text.isdecimal() and len(text) < 10 and int(text) < len(reader.strings):
        return reader.strings[int(text)]
    raise Refusal("workbook/broken", reason="strings", part=f"{letters(column)}{row}")


def _read_string(_reader: CellReader, text: str, _row: int, _column: int) -> Cell:
    return unescape(text)


def _read_truth(reader: CellReader, text: str, row: int, column: int) -> Cell:
    word = text.strip().lower()
    return word in TRUE if word in TRUE + FALSE else _read_error(reader, text, row, column)


def _read_iso(_reader: CellReader, text: str, _row: int, _column: int) -> Cell:
    """Read an ISO 8601 date or time (cell type `d`); what is none stays text."""
    for read in (date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            return read(text.strip().rstrip("Z"))
        except ValueError:
            continue
    return text


READERS: dict[str, Callable[[CellReader, str, int, int], Cell]] = {
    "e": _read_error, "s": _read_shared, "str": _read_string, "inlineStr": _read_string, "b": _read_truth, "d": _read_iso,
}  # fmt: skip
