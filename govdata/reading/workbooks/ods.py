"""ODS: the sheet's own XML in one pass; repeated rows and columns are counted, not made (OpenDocument 1.2 and later)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from xml.etree.ElementTree import Element

from govdata.classes import dataclass
from govdata.expressions import expression
from govdata.reading.workbooks.archive import Archive, grow, read_chunks, too_large
from govdata.reading.workbooks.numberformat import PLAIN, read_number, show_number
from govdata.reading.workbooks.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    Event,
    Hidden,
    Merged,
    Refusal,
    Sheet,
    SheetRow,
    Trouble,
    Zeros,
    check_lengths,
)
from govdata.values import Cell

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
CELL, COVERED, PARAGRAPH = TABLE + "table-cell", TABLE + "covered-table-cell", TEXT + "p"
REPEATED, WIDE, HIGH = TABLE + "number-columns-repeated", TABLE + "number-columns-spanned", TABLE + "number-rows-spanned"
VALUE, VALUE_TYPE, FORMULA = OFFICE + "value", OFFICE + "value-type", TABLE + "formula"
CALC_EXT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
ROW_GROUPS = {TABLE + name for name in ("table-row-group", "table-rows", "table-header-rows")}
COLUMN, GROUP, DISPLAY = TABLE + "table-column", TABLE + "table-column-group", TABLE + "display"
COLUMN_GROUPS = {TABLE + name for name in ("table-column-group", "table-columns", "table-header-columns")}
ERROR_TYPE = CALC_EXT + "value-type"
CLOSED = ("collapse", "filter")
DURATION = expression(r"(-?)P(?:([0-9]+)D)?T?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?")
ERROR_STARTS = ("#", "E")
NUMBERS = ("float", "percentage", "currency")
STRING_VALUE = OFFICE + "string-value"
SPACES = expression("[ \t\r\n]+")
ERROR = expression(r"#(?:N/A|DIV/0!|REF!|NAME\?|VALUE!|NUM!|NULL!)|Err:[0-9]{3}")


class Listing(NamedTuple):
    """The sheets of a document, and which of them hold values: known only once the whole document was read."""

    sheets: tuple[Sheet, ...]
    full: frozenset[str]


@dataclass(slots=True)
class Document:
    """An opened ODS document."""

    archive: Archive
    listing: Listing

    def sheets(self) -> tuple[Sheet, ...]:
        """All sheets."""
        return self.listing.sheets

    def filled(self, sheet: Sheet) -> bool:
        """Whether any cell of the sheet has a value."""
        return sheet.part in self.listing.full

    def events(self, sheet: Sheet) -> Iterator[Event]:
        """One pass over the sheet."""
        try:
            yield from _read_sheet(self.archive, int(sheet.part))
        except RecursionError as error:
            raise _too_deep() from error

    def close(self) -> None:
        """Let go of the file."""
        self.archive.close()


def open_ods(archive: Archive, listing: Listing | None = None) -> Document:
    """Open a document; its sheets are listed by reading all of it once, unless that was done before. Raises `Refusal`."""
    manifest = b"".join(read_chunks(archive, "META-INF/manifest.xml")) if "META-INF/manifest.xml" in archive else b""
    if b"encryption-data" in manifest:
        raise Refusal("workbook/encrypted")
    try:
        return Document(archive, listing or _list_sheets(archive))
    except RecursionError as error:
        raise _too_deep() from error


def _too_deep() -> Refusal:
    """Give the refusal of groups or texts within each other, deeper than any program writes them."""
    return Refusal("workbook/broken", reason="xml", part="content.xml")


def _list_sheets(archive: Archive) -> Listing:
    found: dict[int, Sheet] = {}
    full: set[str] = set()
    for index, table, rows, hidden in _tables(archive):
        if index not in found:
            name = table.get(TABLE + "name", "")
            found[index] = Sheet(name, table.get(TABLE + "style-name", "") in hidden, str(index))
        if str(index) not in full and any(_has_value(cell) for row in rows for cell in row):
            full.add(str(index))
    return Listing(tuple(found.values()), frozenset(full))


def _has_value(cell: Element) -> bool:
    return cell.get(OFFICE + "value-type") is not None or cell.find(TEXT + "p") is not None


def _tables(archive: Archive) -> Iterator[tuple[int, Element, list[Element], set[str]]]:
    """Give the tables piece by piece: index, the table (its columns stand in it), its next whole rows, the hidden table styles."""
    done = 0
    hidden: set[str] = set()
    root = sheets = None
    for root in grow(archive, "content.xml"):
        if sheets is None:
            sheets = root.find(f"{OFFICE}body/{OFFICE}spreadsheet")
            if sheets is None:
                continue
            hidden = _hidden_styles(root)
        tables = [child for child in sheets if child.tag == TABLE + "table"]
        for place, table in enumerate(tables):
            yield done + place, table, list(_harvest(table, sheets[-1] is not table)), hidden
        for child in sheets[:-1]:
            done += child.tag == TABLE + "table"
            sheets.remove(child)
    if sheets is not None and len(sheets) and sheets[-1].tag == TABLE + "table":
        yield done, sheets[-1], list(_harvest(sheets[-1], True)), hidden


def _harvest(node: Element, whole: bool, closed: bool = False) -> Iterator[Element]:
    """Take the whole rows out of a table or a group of rows, in their order; columns stay. `closed`: a group around is not shown."""
    closed = closed or node.get(DISPLAY) == "false"
    for child in list(node):
        complete = whole or child is not node[-1]
        if child.tag in ROW_GROUPS:
            yield from _harvest(child, complete, closed)
            if not complete:
                return
            node.remove(child)
        elif not complete:
            if len(child) > MOST_COLUMNS and child.tag == TABLE + "table-row":
                raise Refusal("workbook/broken", reason="order", part="content.xml")
            return
        elif child.tag == TABLE + "table-row":
            if closed:
                child.set(TABLE + "visibility", "collapse")
            node.remove(child)
            yield child
        elif child.tag != COLUMN and child.tag not in COLUMN_GROUPS:
            node.remove(child)


def _hidden_styles(root: Element) -> set[str]:
    return {
        style.get(STYLE + "name", "")
        for style in root.iter(STYLE + "style")
        if any(part.get(TABLE + "display") == "false" for part in style.iter(STYLE + "table-properties"))
    }


def _read_sheet(archive: Archive, wanted: int) -> Iterator[Event]:
    number, repeated = 0, 0
    table: Element | None = None
    for index, element, rows, _ in _tables(archive):
        if index != wanted:
            if index > wanted:
                break
            continue
        table = element
        for row in rows:
            times = _count(row, "number-rows-repeated", MOST_ROWS)
            _check_size(archive, number, sum(map(_spaces, row.iter(TEXT + "s"))))
            cells, events = _read_row(row, number + 1)
            if row.get(TABLE + "visibility") in CLOSED:
                yield Hidden("rows", number + 1, min(number + times, MOST_ROWS))
            yield from events
            check_lengths(number + 1, cells, archive.limits.cell)
            if cells:
                repeated += (times - 1) * len(cells)
                _check_size(archive, number + times, repeated)
                for offset in range(1, times + 1):
                    yield SheetRow(number + offset, list(cells))
            number += times
    if table is not None:
        yield from _hidden_columns(table)


def _check_size(archive: Archive, number: int, repeated: int) -> None:
    if number > MOST_ROWS:
        raise Refusal("workbook/broken", reason="order", part="content.xml")
    if repeated > archive.limits.repeated:
        raise too_large("repeated", repeated, archive.limits.repeated, "content.xml")


def _count(element: Element, name: str, most: int) -> int:
    text = element.get(TABLE + name, "1")
    return max(1, min(int(text), most + 1)) if text.isdecimal() and len(text) < 12 else 1


def _hidden_columns(table: Element) -> Iterator[Event]:
    closed = {column for group in table.iter(GROUP) if group.get(DISPLAY) == "false" for column in group.iter(COLUMN)}
    number = 0
    for column in table.iter(COLUMN):
        times = _count(column, "number-columns-repeated", MOST_COLUMNS)
        if column in closed or column.get(TABLE + "visibility") in CLOSED:
            yield Hidden("columns", number + 1, min(number + times, MOST_COLUMNS))
        number += times


def _read_row(row: Element, number: int) -> tuple[list[Cell], list[Event]]:
    """Read the cells of a row from column A up to the last one with a value, and what is wrong with them."""
    cells: list[Cell] = []
    events: list[Event] = []
    column = 1
    for cell in row:
        if cell.tag != CELL and cell.tag != COVERED:
            continue
        times = 1 if cell.get(REPEATED) is None else _count(cell, "number-columns-repeated", MOST_COLUMNS)
        value = _read_cell(cell, (number, column), events) if cell.attrib or len(cell) else None
        if value is not None:
            if column + times - 1 > MOST_COLUMNS:
                raise Refusal("workbook/broken", reason="order", part="content.xml")
            if len(cells) < column - 1:
                cells.extend([None] * (column - 1 - len(cells)))
            cells.extend([value] * times)
        column += times
    return cells, events


def _note_span(cell: Element, row: int, column: int, events: list[Event]) -> None:
    wide = _count(cell, "number-columns-spanned", MOST_COLUMNS)
    high = _count(cell, "number-rows-spanned", MOST_ROWS)
    events.append(Merged(row, column, row + high - 1, column + wide - 1))


def _read_cell(cell: Element, spot: tuple[int, int], events: list[Event]) -> Cell:
    """Read a cell by its value type; a covered cell is not shown, so its value is none of the table."""
    if cell.get(WIDE) is not None or cell.get(HIGH) is not None:
        _note_span(cell, *spot, events)
    if cell.tag == COVERED:
        return None
    kind = cell.get(VALUE_TYPE)
    formula = cell.get(FORMULA)
    broken = cell.get(ERROR_TYPE) == "error"
    shown = _read_text(cell)
    if broken or (formula is not None and shown[:1] in ERROR_STARTS and ERROR.fullmatch(shown)):
        events.append(Trouble("workbook/error-cell", *spot, shown, {"error": shown}))
        return None
    if kind == "string":
        return cell.get(STRING_VALUE) or shown or None
    if kind in NUMBERS:
        return _read_number(cell.get(VALUE, ""), shown, spot, events)
    if kind in ("date", "time"):
        text = cell.get(OFFICE + f"{kind}-value", "")
        return (_read_date(text) if kind == "date" else _read_time(text)) or shown or None
    if kind == "boolean":
        return cell.get(OFFICE + "boolean-value") == "true"
    if kind is None and formula is not None and not shown:
        events.append(Trouble("workbook/formula-without-value", *spot, formula, {}))
    return shown or None


def _read_number(text: str, shown: str, spot: tuple[int, int], events: list[Event]) -> Cell:
    number = read_number(text)
    if number is None:
        events.append(Trouble("workbook/error-cell", *spot, text, {"error": text}))
        return None
    if shown[:1] == "0" and shown.isdecimal() and shown != "0" and shown.lstrip("0") == str(number or ""):
        events.append(Zeros(*spot, shown, str(number)))
    return show_number(events, number, (text, PLAIN, False), spot)


def _read_text(cell: Element) -> str:
    """Read the paragraphs of a cell; notes and drawings stand beside them and are left out."""
    if len(cell) == 1 and not len(cell[0]) and cell[0].tag == PARAGRAPH:
        text = cell[0].text or ""
        return SPACES.sub(" ", text) if "  " in text or "\n" in text or "\t" in text else text
    return "\n".join("".join(_inline(paragraph)) for paragraph in cell if paragraph.tag == PARAGRAPH)


def _inline(element: Element) -> Iterator[str]:
    yield SPACES.sub(" ", element.text or "")
    for child in element:
        name = child.tag.removeprefix(TEXT)
        if name == "s":
            yield " " * _spaces(child)
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name not in ("note", "ruby-text", "bookmark"):
            yield from _inline(child) if name != child.tag else ()
        yield SPACES.sub(" ", child.tail or "")


def _spaces(element: Element) -> int:
    count = element.get(TEXT + "c", "1")
    return int(count) if count.isdecimal() and len(count) < 12 else 1


def _read_date(text: str) -> Cell:
    try:
        if "T" not in text:
            return date.fromisoformat(text)
        start, _, part = text.removesuffix("Z").partition(".")
        # rounded, not cut: LibreOffice writes computed times as 59.999999999 seconds
        return datetime.fromisoformat(start) + timedelta(microseconds=round(float(f"0.{part or 0}") * 1_000_000))
    except (ValueError, OverflowError):
        return text or None


def _read_time(text: str) -> Cell:
    """Read `PT12H30M00S`: within a day a time, else hours as people see them."""
    match = DURATION.fullmatch(text)
    if match is None or len(text) > 60:
        return text or None
    sign, days, hours, minutes, seconds = match.groups()
    whole, part = divmod(round(float(seconds or 0) * 1_000_000), 1_000_000)
    total = (int(days or 0) * 24 + int(hours or 0)) * 3600 + int(minutes or 0) * 60 + whole
    if not sign and total < 86_400:
        return time(total // 3600, total // 60 % 60, total % 60, part)
    return f"{sign}{total // 3600}:{total // 60 % 60:02d}:{total % 60:02d}"
