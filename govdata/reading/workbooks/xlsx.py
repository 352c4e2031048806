"""XLSX: the sheet's own XML in one pass, so that formulas, formats, hidden and merged cells are seen (ECMA-376, both name spaces)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain
from posixpath import dirname, join, normpath
from xml.etree.ElementTree import Element

from govdata.reading.workbooks.archive import Archive, grow, read_chunks, read_xml, too_large
from govdata.reading.workbooks.numberformat import BUILT_IN, PLAIN, NumberFormat, read_format, read_number, show_number
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
    column_number,
    letters,
    place,
)
from govdata.reading.workbooks.xlsxrows import ATTRIBUTE, CELL, scan_rows
from govdata.values import Cell

ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
TRUE = ("1", "true", "on")
MOST_DAYS = 65_536
COLUMNS = ("", *(letters(column) for column in range(1, 703)))
"""A to ZZ; what lies further right is read by its address."""


@dataclass(slots=True)
class Workbook:
    """An opened XLSX workbook."""

    archive: Archive
    listed: tuple[Sheet, ...]
    epoch_1904: bool
    strings_part: str
    styles_part: str

    def sheets(self) -> tuple[Sheet, ...]:
        """All worksheets; chart sheets hold no cells."""
        return self.listed

    def filled(self, sheet: Sheet) -> bool:
        """Whether any cell of the sheet has a value."""
        return any(len(cell) for rows, _ in _parts(self.archive, sheet.part) for row in rows for cell in row)

    def events(self, sheet: Sheet) -> Iterator[Event]:
        """One pass over the sheet."""
        strings = read_strings(self.archive, self.strings_part) if self.strings_part else []
        formats = read_styles(self.archive, self.styles_part) if self.styles_part else {}
        yield from _read_sheet(self.archive, sheet.part, CellReader(strings, formats, self.epoch_1904))

    def close(self) -> None:
        """Let go of the file."""
        self.archive.close()


def open_xlsx(archive: Archive) -> Workbook:
    """Read the list of sheets and where strings and styles are; raises `Refusal`."""
    main = next((target for kind, target in _relations(archive, "").values() if kind == "officeDocument"), "xl/workbook.xml")
    root = read_xml(archive, main)
    relations = _relations(archive, main)
    sheets = []
    for element in root.iter():
        if _local(element.tag) == "sheet":
            key = next((value for name, value in element.items() if name.endswith("}id")), "")
            kind, target = relations.get(key, ("", ""))
            if kind == "worksheet":
                sheets.append(Sheet(element.get("name", ""), element.get("state", "visible") != "visible", target))
    parts = {kind: target for kind, target in relations.values() if target in archive}
    epoch = any(_local(element.tag) == "workbookPr" and element.get("date1904") in TRUE for element in root)
    return Workbook(archive, tuple(sheets), epoch, parts.get("sharedStrings", ""), parts.get("styles", ""))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Read what a part refers to: id → (last word of the type, target as a part's name); what lies outside is left out."""
    name = join(dirname(part), "_rels", part.rpartition("/")[2] + ".rels")
    found: dict[str, tuple[str, str]] = {}
    if name not in archive:
        return found
    for element in read_xml(archive, name):
        if element.get("TargetMode") != "External":
            target = element.get("Target", "").replace("\\", "/")
            whole = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
            found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], whole)
    return found


def read_strings(archive: Archive, part: str) -> list[str | None]:
    """Read the table of shared strings; an empty one is `None`, as an empty cell is. Raises `Refusal`."""
    strings: list[str | None] = []
    size = 0
    last: Element | None = None
    for root in grow(archive, part):
        last = root
        for element in root[:-1]:
            if element.tag[-2:] == "si":
                strings.append(read_text(element))
                size += len(strings[-1] or "")
        del root[:-1]
        if size > archive.limits.strings:
            raise too_large("strings", size, archive.limits.strings, part)
    if last is not None:
        strings.extend(read_text(element) for element in last if _local(element.tag) == "si")
    return strings


def read_text(element: Element) -> str | None:
    """Read a string: plain text or the runs of rich text; phonetic runs (rPh) are no part of it."""
    text = ""
    for child in element:
        name = _local(child.tag)
        if name == "t":
            text += child.text or ""
        elif name == "r":
            text += "".join(part.text or "" for part in child if _local(part.tag) == "t")
    return _unescape(text) or None


def _unescape(text: str) -> str:
    """Undo `_x000D_`, by which XLSX writes characters that XML cannot hold; half of a surrogate pair stays as it is."""
    if "_x" not in text:
        return text
    return ESCAPE.sub(lambda match: match[0] if 0xD800 <= int(match[1], 16) < 0xE000 else chr(int(match[1], 16)), text)


def read_styles(archive: Archive, part: str) -> dict[str | None, NumberFormat]:
    """Read what each cell style makes of a number, by its number as written; styles that change nothing are left out."""
    root = read_xml(archive, part)
    codes = dict(BUILT_IN)
    for element in root.iter():
        if _local(element.tag) == "numFmt" and element.get("numFmtId", "").isdecimal():
            codes[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
    formats: dict[str | None, NumberFormat] = {}
    for group in root:
        if _local(group.tag) == "cellXfs":
            for index, style in enumerate(group):
                number = style.get("numFmtId", "0")
                meaning = read_format(codes.get(int(number), "General")) if number.isdecimal() else PLAIN
                if meaning != PLAIN:
                    formats[str(index)] = meaning
    if "0" in formats:
        formats[None] = formats[""] = formats["0"]  # a cell that names no style has the first
    return formats


def _parts(archive: Archive, part: str, chunks: Iterable[bytes] | None = None) -> Iterator[tuple[list[Element], list[Element]]]:
    """Give a sheet piece by piece: its whole rows, and the other whole elements (columns, merged ranges)."""
    data: Element | None = None
    final: list[Element] = []
    for root in grow(archive, part, chunks):
        if data is None:
            data = next((child for child in root if _local(child.tag) == "sheetData"), None)
        whole = data is not None and root[-1] is not data
        rows: list[Element] = []
        if data is not None:
            rows = data[:] if whole else data[:-1]
            del data[: len(rows)]
            if len(data) and len(data[-1]) > MOST_COLUMNS:
                raise Refusal("workbook/broken", reason="order", part=part)
        others = [child for child in root[:-1] if child is not data]
        for child in others:
            root.remove(child)
        final = [*(data if data is not None else ()), *(child for child in root if child is not data)]
        yield rows, others
    yield [child for child in final if _local(child.tag) == "row"], [child for child in final if _local(child.tag) != "row"]


def _read_sheet(archive: Archive, part: str, reader: CellReader) -> Iterator[Event]:
    """Read the rows of plain form quickly, and from the first other one on by the XML tree."""
    chunks = read_chunks(archive, part)
    left: list[bytes] = []
    number = 0
    for attributes, text in scan_rows(chunks, left):
        facts = dict(ATTRIBUTE.findall(attributes))
        number = _row_number(facts.get("r"), number, part)
        yield from _give_row(reader, facts, number, read_plain_row(reader, text, number))
    for rows, others in _parts(archive, part, chain(left, chunks)):
        for row in rows:
            number = _row_number(row.get("r"), number, part)
            yield from _give_row(reader, row.attrib, number, read_row(reader, row, number))
        for element in others:
            yield from _read_frame(element)


def _give_row(reader: CellReader, facts: Mapping[str, str], number: int, cells: list[Cell]) -> Iterator[Event]:
    if facts.get("hidden") in TRUE or facts.get("ht") == "0":
        yield Hidden("rows", number, number)
    if reader.events:
        yield from reader.events
        reader.events.clear()
    yield SheetRow(number, cells)


def _row_number(text: str | None, before: int, part: str) -> int:
    number = before + 1 if text is None else int(text) if text.isdecimal() and len(text) < 8 else 0
    if not before < number <= MOST_ROWS:
        raise Refusal("workbook/broken", reason="order", part=part)
    return number


def _read_frame(element: Element) -> Iterator[Event]:
    """Read what stands around the rows: hidden columns, merged ranges."""
    name = _local(element.tag)
    if name == "cols":
        for column in element:
            first, last = column.get("min", ""), column.get("max", "")
            closed = column.get("hidden") in TRUE or column.get("width") == "0"
            if closed and first.isdecimal() and last.isdecimal() and 0 < int(first) <= int(last) <= MOST_COLUMNS:
                yield Hidden("columns", int(first), int(last))
    elif name == "mergeCells":
        for merged in element:
            start, _, end = merged.get("ref", "").partition(":")
            top, left = place(start)
            bottom, right = place(end or start)
            if top and left and bottom and right:
                yield Merged(top, left, bottom, right)


@dataclass(slots=True)
class CellReader:
    """What is needed to read a cell, and the events that reading a row made."""

    strings: list[str | None]
    formats: dict[str | None, NumberFormat]
    epoch_1904: bool
    events: list[Event] = field(default_factory=list)
    days: dict[tuple[str, str], Cell] = field(default_factory=dict)


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
            column = _make_room(cells, reference or "")
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
                    append(_read_number(reader, text, style or "0", (number, column)))
                continue
        append(_read_cell(reader, cell, number, column))
    return cells


def read_plain_row(reader: CellReader, text: str, number: int) -> list[Cell]:
    """Read the cells of a row of plain form, as `read_row` does those of any row."""
    cells: list[Cell] = []
    append = cells.append
    strings, formats, count = reader.strings, reader.formats, len(reader.strings)
    digits = str(number)
    column = 0
    for reference, style, kind, value in CELL.findall(text):
        column += 1
        if column > 702 or reference != COLUMNS[column] + digits:
            column = _make_room(cells, reference)
        if not value:
            append(None)
        elif kind == "s" and value.isdecimal() and len(value) < 10 and (index := int(value)) < count:
            append(strings[index])
        elif kind and kind != "n":
            append(READERS[kind](reader, value, number, column))
        elif len(value) < 16 and style not in formats and value.isdecimal():
            append(int(value))
        else:
            append(_read_number(reader, value, style or "0", (number, column)))
    return cells


def _make_room(cells: list[Cell], reference: str) -> int:
    """Fill the gap before a cell; a cell out of order or outside the sheet is damage."""
    column = column_number(reference.rstrip("0123456789"))
    if not len(cells) < column <= MOST_COLUMNS:
        raise Refusal("workbook/broken", reason="order", part=reference)
    cells.extend([None] * (column - len(cells) - 1))
    return column


def _read_cell(reader: CellReader, cell: Element, row: int, column: int) -> Cell:
    """Read any cell, formulas included."""
    formula = value = inline = None
    for child in cell:
        name = _local(child.tag)
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
    return _read_number(reader, text, cell.get("s", "0"), (row, column))


def _read_number(reader: CellReader, text: str, style: str, spot: tuple[int, int]) -> Cell:
    """Read a number; days come again and again, so that those without events are kept."""
    known = reader.days.get((text, style))
    if known is not None:
        return known
    number = read_number(text.strip())
    if number is None:
        return _read_error(reader, text, *spot)
    shown = show_number(reader.events, number, (text, reader.formats.get(style, PLAIN), reader.epoch_1904), spot)
    if type(shown) is date and len(reader.days) < MOST_DAYS:
        reader.days[text, style] = shown
    return shown


def _read_error(reader: CellReader, text: str, row: int, column: int) -> Cell:
    reader.events.append(Trouble("workbook/error-cell", row, column, text, {"error": text}))
    return None


def _read_shared(reader: CellReader, text: str, row: int, column: int) -> Cell:
    if text.isdecimal() and len(text) < 10 and int(text) < len(reader.strings):
        return reader.strings[int(text)]
    raise Refusal("workbook/broken", reason="strings", part=f"{letters(column)}{row}")


def _read_string(_reader: CellReader, text: str, _row: int, _column: int) -> Cell:
    return _unescape(text)


def _read_truth(_reader: CellReader, text: str, _row: int, _column: int) -> Cell:
    return text.strip() in TRUE


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
