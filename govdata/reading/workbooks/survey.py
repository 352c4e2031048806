"""The survey of a sheet: its events become rows as a table reader gives them, and findings about the sheet as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from govdata.classes import dataclass, field
from govdata.reading.sources import letters
from govdata.reading.workbooks.sheets import Event, Hidden, Merged, Refusal, SheetRow, Trouble, Zeros, address
from govdata.values import Cell, Finding, Gap, Row, Skipped

MOST_PLACES = 100_000
"""How many merged or hidden ranges are kept; more are not named one by one."""


@dataclass(frozen=True, slots=True)
class Where:
    """What every finding of a sheet says of its place."""

    file: str
    resource: str
    sheet: str = ""


@dataclass(slots=True)
class Block:
    """A run of rows that have values, without an empty row between them. Numbers from 1, ends included."""

    top: int
    bottom: int
    left: int
    right: int
    head: tuple[Cell, ...]
    textual: bool
    """The first row holds text only, and the row before the gap above it does not."""


@dataclass(slots=True)
class Survey:
    """What is known of a sheet so far."""

    width: int = 0
    """Columns up to the last header row: a later row is never shorter, and longer only by real values."""
    settled: int = -1
    """The length of a row that only makes the block longer, if it starts with a value; -1: any row may change more."""
    row: int = 0
    last: Sequence[Cell] = ()
    left: int = 0
    right: int = 0
    blocks: list[Block] = field(default_factory=list)
    unused: set[int] = field(default_factory=set)
    """Columns, from 0, between the used ones that had no value yet."""
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: list[Hidden] = field(default_factory=list)
    hidden_columns: list[Hidden] = field(default_factory=list)
    zeros: dict[int, tuple[Zeros, int]] = field(default_factory=dict)


def survey(events: Iterable[Event], header_rows: Sequence[int], where: Where, rows: int | None = None) -> Iterator[Row | Finding | Skipped]:
    """Give the rows of a sheet, gaps filled with empty rows, and findings; what concerns the sheet as a whole comes last.

    Rows start at column A and row 1. Empty rows after the last value are dropped; each row ends with its last value,
    but is never shorter than the header rows (or, where these are empty, the first row with a value). `rows`: what the entry
    declares; a sheet with no row below its header is a finding, unless none are declared.
    """
    seen = Survey()
    last_header = max(header_rows, default=0)
    for event in events:
        if type(event) is SheetRow:
            number, cells = event
            if len(cells) == seen.settled and number == seen.row + 1 and cells[0] is not None:
                seen.row = seen.blocks[-1].bottom = number
                seen.last = cells
                yield Row(number, None, cells)
            else:
                yield from _take_row(seen, event, last_header)
        elif isinstance(event, Trouble):
            yield _finding(where, event.rule, event.row, event.column, event.value, **event.args)
        elif isinstance(event, Merged):
            if len(seen.merged) < MOST_PLACES:
                seen.merged.append(event)
        elif isinstance(event, Hidden):
            _join(seen.hidden_rows if event.kind == "rows" else seen.hidden_columns, event)
        elif isinstance(event, Zeros):
            first, count = seen.zeros.get(event.column, (event, 0))
            seen.zeros[event.column] = (first, count + 1)
        elif isinstance(event, Skipped):
            yield event
    if not seen.blocks:
        yield _finding(where, "file/empty", None, None, None, name=where.file)
    elif seen.row <= last_header and rows != 0:
        yield _finding(where, "file/header-only", None, None, None, name=where.file)
    yield from _conclude(seen, where, header_rows)


def _take_row(seen: Survey, event: SheetRow, last_header: int) -> Iterator[Row]:
    number, cells = event
    if number <= seen.row:
        raise Refusal("workbook/broken", reason="order", part=str(number))
    length = len(cells)
    while length and cells[length - 1] is None:
        length -= 1
    if not length:
        return
    if number > seen.row + 1:
        gap = Gap([None] * seen.width if seen.blocks else [])
        for empty in range(seen.row + 1, number):
            yield Row(empty, None, gap)
    if length != len(cells):
        del cells[length:]
    _widen(seen, number, cells, last_header)
    if length < seen.width:
        cells.extend([None] * (seen.width - length))
    seen.row, seen.last = number, cells
    seen.settled = _settle(seen) if number >= last_header else -1
    yield Row(number, None, cells)


def _settle(seen: Survey) -> int:
    block = seen.blocks[-1]
    full = block.left == 1 and block.right == seen.right == seen.width and not seen.unused
    return seen.width if full else -1


def _widen(seen: Survey, number: int, cells: list[Cell], last_header: int) -> None:
    """Note which columns and which block a row belongs to."""
    length = len(cells)
    left = 1
    while cells[left - 1] is None:
        left += 1
    if number <= last_header or not seen.blocks:
        seen.width = max(seen.width, length)
    if length > seen.right:
        seen.unused.update(range(seen.right, length))
        seen.right = length
    seen.left = min(seen.left or left, left)
    if seen.unused:
        narrow = seen.unused if len(seen.unused) < length else range(length)
        seen.unused -= {column for column in narrow if column < length and cells[column] is not None}
    if seen.blocks and seen.row == number - 1:
        block = seen.blocks[-1]
        block.bottom, block.left, block.right = number, min(block.left, left), max(block.right, length)
        return
    if len(seen.blocks) < MOST_PLACES:
        seen.blocks.append(Block(number, number, left, length, tuple(cells), _is_textual(cells) and not _is_textual(seen.last)))


def _is_textual(cells: Sequence[Cell]) -> bool:
    kinds = [type(cell) for cell in cells if cell is not None]
    return len(kinds) > 1 and all(kind is str for kind in kinds)


def _join(hidden: list[Hidden], event: Hidden) -> None:
    """Add a hidden range, joined to the one before where they touch."""
    before = hidden[-1] if hidden else None
    if before and event.first <= before.last + 1:
        hidden[-1] = Hidden(event.kind, min(before.first, event.first), max(before.last, event.last))
    elif len(hidden) < MOST_PLACES:
        hidden.append(event)


def _finding(where: Where, rule: str, row: int | None, column: int | None, value: str | None, **args: object) -> Finding:
    cell = address(row, column) if row and column else ""
    return Finding(
        rule, file=where.file, resource=where.resource, sheet=where.sheet, row=row, column=column, cell=cell, value=value, args=args
    )


def _conclude(seen: Survey, where: Where, header_rows: Sequence[int]) -> Iterator[Finding]:
    """Give what can only be said of the whole sheet."""
    if not seen.blocks:
        return
    top = seen.blocks[0].top
    if top > 1 or seen.left > 1:
        yield _finding(where, "workbook/leading-empty", top, seen.left, None, rows=top - 1, columns=seen.left - 1)
    yield from _conclude_tables(seen, where)
    yield from _conclude_merged(seen, where, header_rows)
    yield from _conclude_hidden(seen, where)
    for _, (first, count) in sorted(seen.zeros.items()):
        args = {
            "shown": first.shown,
            "stored": first.stored,
            "count": count,
            "letter": letters(first.column),
            "zeros": "0" * len(first.shown),
        }
        yield _finding(where, "workbook/format-zeros", first.row, first.column, first.stored, **args)


def _conclude_merged(seen: Survey, where: Where, header_rows: Sequence[int]) -> Iterator[Finding]:
    for merged in sorted(set(seen.merged)):
        inside = merged.top <= seen.row and merged.bottom >= seen.blocks[0].top and merged.left <= seen.right and merged.right >= seen.left
        if not inside or (merged.top, merged.left) == (merged.bottom, merged.right):
            continue
        labels = all(row in header_rows for row in range(merged.top, merged.bottom + 1))
        if labels and merged.left == merged.right:
            continue  # The rows of a label are joined: filled in again, the name would stand in it twice.
        span = f"{address(merged.top, merged.left)}:{address(merged.bottom, merged.right)}"
        yield _finding(where, "workbook/merged-cells", merged.top, merged.left, None, range=span, reason="labels" if labels else "cells")


def _conclude_hidden(seen: Survey, where: Where) -> Iterator[Finding]:
    rows = [place for place in seen.hidden_rows if place.first <= seen.row]
    columns = [place for place in seen.hidden_columns if place.first <= seen.right]
    if rows:
        ranges = [_range(str(place.first), str(min(place.last, seen.row))) for place in rows]
        yield _hidden(where, "rows", ranges, rows[0].first, None)
    if columns:
        ranges = [_range(letters(place.first), letters(min(place.last, seen.right))) for place in columns]
        yield _hidden(where, "columns", ranges, None, columns[0].first)


def _hidden(where: Where, kind: str, ranges: list[str], row: int | None, column: int | None) -> Finding:
    which = ", ".join(ranges[:20]) + (" …" if len(ranges) > 20 else "")
    return _finding(where, "workbook/hidden", row, column, None, reason=kind, which=which)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _conclude_tables(seen: Survey, where: Where) -> Iterator[Finding]:
    """Tell several tables on one sheet: blocks of at least two rows and columns, each with a header of its own, or side by side."""
    real = [block for block in seen.blocks if block.bottom > block.top and block.right > block.left]
    heads = {real[0].head} if real else set()
    tables = real[:1] + [block for block in real[1:] if block.textual or block.left != real[0].left or block.head in heads]
    if len(tables) > 1:
        ranges = [f"{address(block.top, block.left)}:{address(block.bottom, block.right)}" for block in tables[:10]]
        args = {"reason": "rows", "ranges": ranges, "count": len(tables)}
        yield _finding(where, "workbook/several-tables", tables[1].top, tables[1].left, None, **args)
        return
    sides = _sides(seen)
    if len(sides) > 1 and real:
        ranges = [f"{letters(first)}-{letters(last)}" for first, last in sides[:10]]
        args = {"reason": "columns", "ranges": ranges, "count": len(sides)}
        yield _finding(where, "workbook/several-tables", seen.blocks[0].top, sides[1][0], None, **args)


def _sides(seen: Survey) -> list[tuple[int, int]]:
    """Give the runs of used columns, of two columns or more, between columns without any value."""
    sides: list[tuple[int, int]] = []
    first = seen.left
    for column in [*sorted(place + 1 for place in seen.unused if place + 1 > seen.left), seen.right + 1]:
        if column - first > 1:
            sides.append((first, column - 1))
        first = column + 1
    return sides
