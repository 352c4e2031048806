"""Columns of cells from the texts that a row pattern found: each kind of cell is read for all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat

from govdata.reading.workbooks.numberformat import PLAIN, moments, plain_numbers
from govdata.reading.workbooks.xlsxcells import READERS, CellReader, read_number_cell
from govdata.reading.workbooks.xlsxshapes import Kind, Shape
from govdata.reading.workbooks.xlsxstrings import decode_texts
from govdata.values import Cell


def read_columns(reader: CellReader, shape: Shape, groups: list[list[str | None]], rows: list[int]) -> list[list[Cell]]:
    """Give the cells of each row; `groups` has the texts of each kind of the shape, `None` where a row has no such cell.

    What is wrong with a cell goes to `reader.events`. A shared string that is not there raises `IndexError`.
    """
    columns: dict[int, list[Cell]] = {}
    if not (rows and shape.width):
        return [[] for _ in rows]
    for kind, texts in zip(shape.kinds, groups, strict=True):
        cells = _read_group(reader, kind, texts, rows)
        before = columns.get(kind.column)
        if before is not None and cells is not None:
            cells = [one if one is not None else other for one, other in zip(before, cells, strict=True)]
        if cells is not None:
            columns[kind.column] = cells
    gap: list[Cell] = [None] * len(rows)
    return list(map(list, zip(*(columns.get(column, gap) for column in range(1, shape.width + 1)), strict=True)))


def _read_group(reader: CellReader, kind: Kind, texts: list[str | None], rows: list[int]) -> list[Cell] | None:
    """Read the cells of one kind, in place; `None` if no row has one."""
    found = [text for text in texts if text is not None]
    read = KINDS[kind.type]
    if len(found) == len(texts):
        return read(reader, kind, found, rows)
    if not found:
        return None
    cells = iter(read(reader, kind, found, [row for row, text in zip(rows, texts, strict=True) if text is not None]))
    return [None if text is None else next(cells) for text in texts]


def _numbers(reader: CellReader, kind: Kind, texts: list[str], rows: list[int]) -> list[Cell]:
    values: list[Cell] | None = None
    if kind.meaning == PLAIN:
        values = plain_numbers(texts)
    elif kind.meaning.kind in ("datetime", "time") and not reader.epoch_1904:
        values = moments(texts)
    elif kind.meaning.kind == "date":
        return _days(reader, kind, texts, rows)
    return values if values is not None else list(_each_number(reader, kind, texts, rows))


def _days(reader: CellReader, kind: Kind, texts: list[str], rows: list[int]) -> list[Cell]:
    """Read days, which come again and again."""
    style = kind.styles[0] or "0"
    days = list(map(reader.days.setdefault(style, {}).get, texts))
    if None in days:
        for place, day in enumerate(days):
            if day is None:
                days[place] = read_number_cell(reader, texts[place], style, (rows[place], kind.column))
    return days


def _each_number(reader: CellReader, kind: Kind, texts: list[str], rows: list[int]) -> Iterator[Cell]:
    style = kind.styles[0] or "0"
    return (read_number_cell(reader, text, style, (row, kind.column)) for text, row in zip(texts, rows, strict=True))


def _shared(reader: CellReader, _kind: Kind, texts: list[str], _rows: list[int]) -> list[Cell]:
    return list(map(reader.strings.__getitem__, map(int, texts)))


def _texts(reader: CellReader, _kind: Kind, texts: list[str], _rows: list[int]) -> list[Cell]:
    if max(map(len, texts)) > reader.longest:
        reader.is_long = True
    return list(decode_texts(texts))


def _others(reader: CellReader, kind: Kind, texts: list[str], rows: list[int]) -> list[Cell]:
    """Truth values, days in ISO 8601 and errors are too few to be worth more."""
    return list(map(READERS[kind.type], repeat(reader), texts, rows, repeat(kind.column)))


KINDS: dict[str, Callable[[CellReader, Kind, list[str], list[int]], list[Cell]]] = {
    "n": _numbers, "s": _shared, "b": _others, "d": _others, "e": _others, "str": _texts, "inlineStr": _texts,
}  # fmt: skip
