"""The rows of an XLSX sheet: those of a learned shape at once, others as XML elements, and all so from where the form is not proven."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from govdata.classes import dataclass, field
from govdata.reading.workbooks.archive import Archive, grow, read_chunks
from govdata.reading.workbooks.numberformat import read_number
from govdata.reading.workbooks.sheets import (
    MOST_COLUMNS,
    MOST_ROWS,
    Event,
    Hidden,
    Merged,
    Refusal,
    SheetRow,
    Trouble,
    Zeros,
    check_lengths,
    place,
)
from govdata.reading.workbooks.xlsxblocks import BLOCK, MOST_OPEN, ROWS, Blocks
from govdata.reading.workbooks.xlsxcells import TRUE, CellReader, read_row
from govdata.reading.workbooks.xlsxcolumns import read_columns
from govdata.reading.workbooks.xlsxshapes import Shapes, current_shape, learn_rows
from govdata.reading.workbooks.xlsxstrings import local
from govdata.values import Cell

ROWS_OF_A_BLOCK = 100
"""So many rows share the cost of a column, however wide the sheet is."""
MOST_ATTRIBUTES = 4096


@dataclass(slots=True)
class Scan:
    """A sheet that is read block by block, and what was learned of it."""

    blocks: Blocks
    shapes: Shapes
    reader: CellReader
    hidden: dict[str, bool] = field(default_factory=dict)
    """Whether rows with these attributes are hidden."""


class Run(NamedTuple):
    """The rows of a block: number and cells of those of the shape; between them, by how many come before, all others."""

    numbers: list[int]
    cells: list[list[Cell]]
    events: dict[int, list[Event]]
    others: dict[int, list[Element]]


def read_sheet(archive: Archive, part: str, reader: CellReader) -> Iterator[Event]:
    """Read a sheet in one pass. Raises `Refusal`."""
    blocks = Blocks(read_chunks(archive, part), ROWS)
    scan = Scan(blocks, Shapes(reader.formats), reader)
    number, rest = 0, ""
    for block in blocks.give():
        run = _read_block(scan, block)
        if run is None:
            rest = block
            break
        number = yield from _give_run(run, reader, number, part)
    for rows, frame in read_parts(archive, part, blocks.left(rest)):
        number = yield from _give_rows(rows, reader, number, part)
        for element in frame:
            yield from _read_frame(element)


def _read_block(scan: Scan, block: str) -> Run | None:
    """Read the rows of a block, all or none: none where one of them is not proven to be a row, or is damaged."""
    shape = current_shape(scan.shapes)
    pieces: list[Any] = shape.pattern.split(block) if shape else [block]
    step = shape.pattern.groups + 1 if shape else 1
    others = _parse_others(scan.blocks, pieces[::step])
    numbers = list(map(int, pieces[1::step]))
    if others is None or not _know_attributes(scan, set(pieces[2::step])):
        return None
    try:
        cells = read_columns(scan.reader, shape, [pieces[group::step] for group in range(3, step)], numbers) if shape else []
    except IndexError:
        scan.reader.events.clear()
        return None
    learned = list(chain.from_iterable(others.values()))
    learn_rows(scan.shapes, learned)
    count = len(numbers) + len(learned)
    scan.blocks.wanted = max(BLOCK, min(MOST_OPEN // 2, len(block) // max(count, 1) * ROWS_OF_A_BLOCK))
    return Run(numbers, cells, _collect_events(scan, numbers, pieces[2::step]), others)


def _parse_others(blocks: Blocks, between: list[str]) -> dict[int, list[Element]] | None:
    places = [before for before, text in enumerate(between) if text] if any(between) else []
    found = blocks.parse([between[before] for before in places]) if places else []
    if found is None or any(local(row.tag) != "row" for rows in found for row in rows):
        return None
    return dict(zip(places, found, strict=True))


def _know_attributes(scan: Scan, found: set[str]) -> bool:
    """See what attributes say of their rows; `False` if they are damaged."""
    if len(scan.hidden) > MOST_ATTRIBUTES:
        scan.hidden.clear()
    fresh = found - scan.hidden.keys()
    rows = scan.blocks.parse([f'<row r="1"{attributes}/>' for attributes in fresh]) if fresh else []
    if rows is None:
        return False
    scan.hidden |= {attributes: _is_hidden(row) for attributes, (row,) in zip(fresh, rows, strict=True)}
    return True


def _collect_events(scan: Scan, numbers: list[int], attributes: list[str]) -> dict[int, list[Event]]:
    """Give the events of each row, in the order of its columns."""
    events: dict[int, list[Event]] = {}
    if any(scan.hidden.values()):
        for number, text in zip(numbers, attributes, strict=True):
            if scan.hidden[text]:
                events[number] = [Hidden("rows", number, number)]
    for event in scan.reader.events:
        if isinstance(event, (Trouble, Zeros)):
            events.setdefault(event.row, []).append(event)
    scan.reader.events.clear()
    return events


def _give_run(run: Run, reader: CellReader, number: int, part: str) -> Generator[Event, None, int]:
    """Give the rows of a block in their order, and the number of the last one."""
    numbers, cells, events, others = run
    start = 0
    for end in sorted({*others, len(numbers)}):
        for following, row in zip(numbers[start:end], cells[start:end], strict=True):
            if not number < following <= MOST_ROWS:
                raise Refusal("workbook/broken", reason="order", part=part)
            if following in events:
                yield from events[following]
            number = following
            if reader.is_long:
                check_lengths(number, row, reader.longest)
            yield SheetRow(number, row)
        number = yield from _give_rows(others.get(end, ()), reader, number, part)
        start = end
    return number


def _give_rows(rows: Iterable[Element], reader: CellReader, number: int, part: str) -> Generator[Event, None, int]:
    for row in rows:
        number = _row_number(row.get("r"), number, part)
        cells = read_row(reader, row, number)
        if _is_hidden(row):
            yield Hidden("rows", number, number)
        if reader.events:
            yield from reader.events
            reader.events.clear()
        if reader.is_long:
            check_lengths(number, cells, reader.longest)
        yield SheetRow(number, cells)
    return number


def _is_hidden(row: Element) -> bool:
    return row.get("hidden") in TRUE or _is_zero(row.get("ht"))


def _is_zero(size: str | None) -> bool:
    """Whether a height or width (xsd:double) is none at all: some programs write `0.0`."""
    return read_number(size or "") == 0


def _row_number(text: str | None, before: int, part: str) -> int:
    number = before + 1 if text is None else int(text) if text.isdecimal() and len(text) < 8 else 0
    if not before < number <= MOST_ROWS:
        raise Refusal("workbook/broken", reason="order", part=part)
    return number


def _read_frame(element: Element) -> Iterator[Event]:
    """Read what stands around the rows: hidden columns, merged ranges."""
    name = local(element.tag)
    if name == "cols":
        for column in element:
            first, last = column.get("min", ""), column.get("max", "")
            closed = column.get("hidden") in TRUE or _is_zero(column.get("width"))
            numbers = [int(text) for text in (first, last) if text.isdecimal() and len(text) < 8]
            if closed and len(numbers) == 2 and 0 < numbers[0] <= min(numbers[1], MOST_COLUMNS):
                yield Hidden("columns", numbers[0], min(numbers[1], MOST_COLUMNS))
    elif name == "mergeCells":
        for merged in element:
            start, _, end = merged.get("ref", "").partition(":")
            top, left = place(start)
            bottom, right = place(end or start)
            if top and left and bottom and right:
                yield Merged(top, left, bottom, right)


def read_parts(archive: Archive, part: str, chunks: Iterable[bytes] | None = None) -> Iterator[tuple[list[Element], list[Element]]]:
    """Give a sheet piece by piece: its whole rows, and the other whole elements (columns, merged ranges)."""
    data: Element | None = None
    final: list[Element] = []
    for root in grow(archive, part, chunks):
        if data is None:
            data = next((child for child in root if local(child.tag) == "sheetData"), None)
        whole = data is not None and root[-1] is not data
        rows: list[Element] = []
        if data is not None:
            rows = data[:] if whole else data[:-1]
            del data[: len(rows)]
            if len(data) and len(data[-1]) > MOST_COLUMNS:
                raise Refusal("workbook/broken", reason="order", part=part)
        others = [child for child in root[:-1] if child is not data]
        if others:  # at once: one by one, each would move all that are after it
            root[:-1] = [child for child in root[:-1] if child is data]
        final = [*(data if data is not None else ()), *(child for child in root if child is not data)]
        yield rows, others
    yield [child for child in final if local(child.tag) == "row"], [child for child in final if local(child.tag) != "row"]
