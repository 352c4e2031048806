"""Keys that stand twice: rows whose hashes are alike are read once more, and their real keys decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.engines.across import Across, lacks_part
from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.keeping import Keeping
from govdata.engines.columns.keys import HashStore, columns_of, part_of
from govdata.engines.columns.scanning import accepting
from govdata.engines.columns.structure import Form, index, is_plain, parse, plain_quotes, read_cells
from govdata.engines.plain import Judge
from govdata.engines.plan import KeyPlan, TablePlan
from govdata.reading.sources import Block
from govdata.values import Row

FEW = 20_000
"""Rows that are read once more one by one; of more, the keys are compared column by column."""

Means = tuple[TablePlan, Blocks, Judge, Across, Keeping]


@dataclass(frozen=True, slots=True)
class Span:
    """The records of one block, or (`rest`) of one that `csv.reader` read, perhaps up to the end of the file."""

    before: int
    """Records before it."""
    records: int
    rest: bool = False


def find_duplicates(position: int, store: HashStore, spans: Sequence[Span], means: Means) -> None:
    """Keep a finding for every row whose key an earlier row has."""
    plan, _, judge, across, keeping = means
    key = plan.keys[position]
    numbers = _sorted([rows for rows, _ in store.alike()])
    if not len(numbers):
        return
    exact = all(column.decision.value in {"text", "integer"} for column in columns_of(plan, key.fields))
    if exact and plan.limit_each is not None and len(numbers) > FEW:
        _find_many(position, numbers, spans, means)
        return
    for row in _read_again(numbers, spans, means):
        values = judge.parts(row, key.fields)
        if not lacks_part(key, values):
            for finding in across.check_key(position, row, values):
                keeping.keep(row.number, position + 1, finding)


def _sorted(arrays: Sequence[Any]) -> Any:
    return np.sort(np.concatenate(arrays)) if arrays else np.empty(0, np.int64)


def _find_many(position: int, numbers: Any, spans: Sequence[Span], means: Means) -> None:
    """The same for very many rows: all are counted, the first are explained."""
    plan, _, judge, across, keeping = means
    key = plan.keys[position]
    names = [f"k{place}" for place in range(len(key.fields))]
    table = pl.concat(_keys_again(key, numbers, spans, means))
    repeated = table.with_columns(first=pl.col("row").min().over(names)).filter(pl.col("row") > pl.col("first")).sort("row")
    explained = repeated.head(plan.limit_each or 0)
    first = dict(zip(explained["row"], explained["first"], strict=True))
    for row in _read_again(explained["row"].to_numpy(), spans, means):
        finding = across.duplicate(key, row, judge.parts(row, key.fields), first[row.number])
        keeping.keep(row.number, position + 1, finding)
    keeping.count(key.rule, repeated.height - explained.height)


def _blocks_again(numbers: Any, spans: Sequence[Span], blocks: Blocks) -> Iterator[tuple[Span, Iterable[bytes], Any, int]]:
    """The blocks that hold wanted rows, read again: the span, its bytes, the numbers wanted, the lines before it."""
    stream, lines = blocks.source.read(), 0
    for place, span in enumerate(spans):
        block = next(stream, None)
        if block is None:
            return
        first, last = np.searchsorted(numbers, (span.before + 1, span.before + span.records + 1))
        if span.rest and place == len(spans) - 1:
            yield span, _rest(block, stream), numbers[first:last], lines
            return
        text = block.text()
        if last > first:
            yield span, [text], numbers[first:last], lines
        lines += text.count(b"\n")


def _rest(block: Block, stream: Iterator[Block]) -> Iterator[bytes]:
    yield block.text()
    for later in stream:
        yield later.text()


def _read_again(numbers: Any, spans: Sequence[Span], means: Means) -> Iterator[Row]:
    """The rows with some numbers, in order."""
    _, blocks, *_ = means
    for span, pieces, wanted, lines in _blocks_again(numbers, spans, blocks):
        quotes = None if span.rest else plain_quotes(b"".join(pieces), blocks.form)
        if quotes is not None:
            yield from _placed(b"".join(pieces), quotes, blocks.form, wanted - span.before - 1, (span.before, lines))
            continue
        chosen, last = frozenset(wanted.tolist()), int(wanted[-1]) if len(wanted) else 0
        for item in blocks.source.records(pieces, span.before, lines):
            if isinstance(item, Row) and item.number in chosen:
                yield item
                if item.number == last:
                    break


def _placed(block: bytes, quotes: Any, form: Form, places: Any, before: tuple[int, int]) -> Iterator[Row]:
    """Records of a plain block by their places in it, with the records and lines before the block."""
    located = index(block, quotes, form, counts=False)
    lines = located.lines_before(located.starts[places])
    ends = np.append(located.starts[1:], located.end)[places]
    for place, line, start, end in zip(places.tolist(), lines.tolist(), located.starts[places].tolist(), ends.tolist(), strict=True):
        yield Row(before[0] + place + 1, before[1] + line + 1, read_cells(block[start:end], form))


def _keys_again(key: KeyPlan, numbers: Any, spans: Sequence[Span], means: Means) -> Iterator[pl.DataFrame]:
    """The keys of rows as text, with the numbers of the rows; rows whose key could not be read or lacks a required part are left out."""
    plan, blocks, *_ = means
    for span, pieces, wanted, lines in _blocks_again(numbers, spans, blocks):
        if span.rest:
            yield _by_row(key, blocks.source.records(pieces, span.before, lines), frozenset(wanted.tolist()), means)
            continue
        (text,) = pieces
        frame = parse(text, blocks.form, plan.width, ragged=True) if is_plain(text, blocks.form) else None
        if frame is None:
            yield _by_row(key, blocks.source.records([text], span.before, lines), frozenset(wanted.tolist()), means)
            continue
        rows = frame[wanted - span.before - 1].with_columns(row=pl.Series(wanted))
        yield from _by_column(key, rows, means)


def _by_column(key: KeyPlan, rows: pl.DataFrame, means: Means) -> Iterator[pl.DataFrame]:
    """Keys of the rows of one frame: those that are surely right by columns, the others by the reference."""
    plan = means[0]
    columns = columns_of(plan, key.fields)
    sure = rows.select(pl.all_horizontal([accepting(column) for column in columns]))[rows.columns[0]] if columns else None
    assert sure is not None
    parts = [part for column in columns if (part := part_of(column)) is not None]
    chosen = rows.filter(sure)
    yield chosen.select("row", *(part.cast(pl.String).alias(f"k{place}") for place, part in enumerate(parts)))
    names = [str(number) for number in range(plan.width)]
    others = rows.filter(~sure)
    made = (Row(cells[-1], None, cells[:-1]) for cells in others.select(*names, "row").iter_rows())
    yield _by_row(key, made, None, means)


def _by_row(key: KeyPlan, items: Iterable[object], wanted: frozenset[int] | None, means: Means) -> pl.DataFrame:
    _, _, judge, *_ = means
    found: list[tuple[Any, ...]] = []
    for item in items:
        if isinstance(item, Row) and (wanted is None or item.number in wanted):
            values = judge.parts(item, key.fields)
            if all(name in values for name in key.fields) and not lacks_part(key, values):
                found.append((item.number, *(_text(values[name]) for name in key.fields)))
    schema: dict[str, Any] = {"row": pl.Int64} | {f"k{place}": pl.String for place in range(len(key.fields))}
    return pl.DataFrame(found, schema=schema, orient="row")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
