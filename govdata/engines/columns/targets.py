"""The keys that a large text table offers to foreign keys: those of `plain.read_keys`, read a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from govdata.engines.columns.hashing import columns_of, masked, part_of
from govdata.engines.columns.judging import Judging
from govdata.engines.columns.structure import Form, has_all_cells, index, lengths_of, parse, plain_quotes
from govdata.engines.known import Key
from govdata.engines.plain import key_readers, read_keys
from govdata.engines.plan import TablePlan
from govdata.reading.sources import BlockSource, Item
from govdata.values import Row

_BY_COLUMNS = {"text", "integer"}
"""Kinds of values that are parts of keys as they come out of a column."""


def read_target(plan: TablePlan, fields: tuple[str, ...], source: BlockSource, header: int) -> Iterator[Key] | None:
    """The keys of the rows below the header; `None` where they are of a kind that has to be read row by row.

    Where a record does not end the keys do, as the rows. A file that changes meanwhile may raise anything.
    """
    if not all(column.decision.value in _BY_COLUMNS for column in columns_of(plan, fields)):
        return None
    return _read(plan, fields, source, header)


def _read(plan: TablePlan, fields: tuple[str, ...], source: BlockSource, header: int) -> Iterator[Key]:
    keys = _keys_of_frames(plan, fields)
    form, before = Form(source.dialect.delimiter, source.dialect.quote), 0
    blocks = source.read()
    for block in blocks:
        text = block.text()
        whole = _whole(text, form, plan.width) if block.whole else None
        if whole is not None:
            frame, lengths = whole
            above = max(0, header - before)
            yield from keys(frame.slice(above), lengths.slice(above))
            before += frame.height
            continue
        is_clean = block.whole and source.ends_clean(text)
        records = source.records([text] if is_clean else chain([text], (later.text() for later in blocks)), before, 0)
        yield from read_keys(plan, fields, _below(header, records))
        before += records.count
        if records.ended:
            return


def _below(header: int, items: Iterable[Item]) -> Iterator[Row]:
    return (item for item in items if isinstance(item, Row) and item.number > header)


def _whole(block: bytes, form: Form, width: int) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The cells of a plain block in which every row is whole, and how long they are."""
    quotes = plain_quotes(block, form)
    frame = parse(block, form, width) if quotes is not None else None
    if frame is None:
        return None
    lengths = lengths_of(frame)
    if has_all_cells(block, quotes, lengths, form):
        return frame, lengths
    cells = index(block, quotes, form).cells
    return (frame, lengths) if len(cells) == frame.height and (cells == width).all() else None


def _keys_of_frames(plan: TablePlan, fields: Sequence[str]) -> Callable[[pl.DataFrame, pl.DataFrame], Iterator[Key]]:
    """Gives the keys of the rows of a frame and the lengths of its cells: by columns where it is proven what they are, else one by one."""
    columns = columns_of(plan, fields)
    judging, readers = Judging(columns), key_readers(plan, fields)
    parts = [masked(plan, column.name, part) for column in columns if (part := part_of(column)) is not None]
    names = [str(number - 1) for number, _ in readers]

    def keys(frame: pl.DataFrame, lengths: pl.DataFrame) -> Iterator[Key]:
        judged = judging(frame, lengths)
        sure: Any = np.ones(frame.height, dtype=bool)
        for accepted, gaps in zip(judged.accepted, judged.gaps, strict=True):
            sure &= accepted | gaps
        chosen = frame if sure.all() else frame.filter(pl.Series(sure))
        yield from chosen.select(parts).iter_rows()
        for cells in frame.filter(pl.Series(~sure)).select(names).iter_rows():
            yield tuple(part(cell) for (_, part), cell in zip(readers, cells, strict=True))

    return keys
