"""XLS (Excel 97-2003, WPS): by xlrd, which shows formats, hidden and merged cells, but no formulas."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.reading.workbooks.numberformat import BUILT_IN, NumberFormat, read_format, show_number, whole
from govdata.reading.workbooks.sheets import Event, Hidden, Merged, Refusal, Sheet, SheetRow, Trouble, check_lengths
from govdata.values import Cell, Skipped

BROKEN = (
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AssertionError,
    AttributeError,
    NameError,
    ArithmeticError,
    MemoryError,
    RecursionError,
    OSError,
    EOFError,
)
"""What xlrd raises on damaged input besides its own errors: it trusts lengths and offsets."""
EMPTY, TEXT, NUMBER, DATE, TRUTH, ERROR, BLANK = range(7)


@dataclass(slots=True)
class OldWorkbook:
    """An opened XLS workbook."""

    book: Any
    name: str
    longest: int
    """Characters that a cell may have."""

    def sheets(self) -> tuple[Sheet, ...]:
        """All worksheets."""
        closed = list(self.book._sheet_visibility)
        names = enumerate(self.book.sheet_names())
        return tuple(Sheet(name, bool(closed[index : index + 1] not in ([], [0])), str(index)) for index, name in names)

    def filled(self, sheet: Sheet) -> bool:
        """Whether any cell of the sheet has a value."""
        page = _open_sheet(self.book, sheet)
        return any(kind not in (EMPTY, BLANK) for row in range(page.nrows) for kind in page.row_types(row))

    def events(self, sheet: Sheet) -> Iterator[Event]:
        """One pass over the sheet; formulas cannot be told from values, which is said."""
        yield Skipped(self.name, "xls-formulas", {"sheet": sheet.name})
        page = _open_sheet(self.book, sheet)
        for column, facts in sorted(page.colinfo_map.items()):
            if facts.hidden or facts.width == 0:
                yield Hidden("columns", column + 1, column + 1)
        for top, bottom, left, right in page.merged_cells:
            yield Merged(top + 1, left + 1, bottom, right)
        formats = _read_formats(self.book)
        for row in range(page.nrows):
            facts = page.rowinfo_map.get(row)
            if facts is not None and (facts.hidden or facts.height == 0):
                yield Hidden("rows", row + 1, row + 1)
            cells, events = _read_row(page, row, formats, bool(self.book.datemode))
            yield from events
            check_lengths(row + 1, cells, self.longest)
            yield SheetRow(row + 1, cells)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(*BROKEN):
            self.book.release_resources()


def open_xls(path: Path, name: str, encoding: str | None, longest: int) -> OldWorkbook:
    """Open an XLS file; `encoding` is for files older than Excel 97. Raises `Refusal`."""
    import xlrd  # type: ignore[import-untyped]

    try:
        book = xlrd.open_workbook(str(path), logfile=io.StringIO(), on_demand=True, formatting_info=True, encoding_override=encoding)
    except xlrd.XLRDError as error:
        if "encrypt" in str(error).lower():
            raise Refusal("workbook/encrypted") from error
        raise Refusal("workbook/broken", reason="xls", part="") from error
    except (xlrd.compdoc.CompDocError, *BROKEN) as error:
        raise Refusal("workbook/broken", reason="xls", part="") from error
    return OldWorkbook(book, name, longest)


def _open_sheet(book: Any, sheet: Sheet) -> Any:
    import xlrd

    try:
        return book.sheet_by_index(int(sheet.part))
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, *BROKEN) as error:
        raise Refusal("workbook/broken", reason="xls", part=sheet.name) from error


def _read_formats(book: Any) -> dict[int, NumberFormat]:
    """Read what each cell style makes of a number."""
    formats: dict[int, NumberFormat] = {}
    for index, style in enumerate(book.xf_list):
        known = book.format_map.get(style.format_key)
        # of built-in formats that differ by language, Chinese dates among them, xlrd knows no code
        formats[index] = read_format((known and known.format_str) or BUILT_IN.get(style.format_key, "General"))
    return formats


def _read_row(page: Any, row: int, formats: dict[int, NumberFormat], epoch_1904: bool) -> tuple[list[Cell], list[Event]]:
    cells: list[Cell] = []
    events: list[Event] = []
    kinds, values = page.row_types(row), page.row_values(row)
    for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        if kind == TEXT:
            cells.append(value or None)
        elif kind in (NUMBER, DATE):
            meaning = formats.get(page.cell_xf_index(row, column)) or NumberFormat()
            cells.append(_read_number(value, (meaning, epoch_1904), (row + 1, column + 1), events))
        elif kind == ERROR:
            cells.append(None)
            shown = _error_text(value)
            events.append(Trouble("workbook/error-cell", row + 1, column + 1, shown, {"error": shown}))
        else:
            cells.append(bool(value) if kind == TRUTH else None)
    return cells, events


def _error_text(value: object) -> str:
    import xlrd

    return str(xlrd.error_text_from_code.get(value, f"#{value}"))


def _read_number(value: float, shape: tuple[NumberFormat, bool], spot: tuple[int, int], events: list[Event]) -> Cell:
    meaning, epoch_1904 = shape
    if value != value or value in (float("inf"), float("-inf")):
        events.append(Trouble("workbook/error-cell", *spot, str(value), {"error": str(value)}))
        return None
    number: int | float = value if not value.is_integer() else int(value) if abs(value) < 10**15 else whole(value)
    return show_number(events, number, (repr(value), meaning, epoch_1904), spot)
