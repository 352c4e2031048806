"""Keys that stand twice: rows whose hashes are alike are read once more, and their real keys decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.engines.across import Across, field_of, lacks_part
from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.hashing import columns_of, masked, part_of
from govdata.engines.columns.judging import accepting, gap
from govdata.engines.columns.keeping import Keeping
from govdata.engines.columns.structure import Form, index, is_plain, parse, plain_quotes, read_cells
from govdata.engines.plain import Judge
from govdata.engines.plan import ColumnPlan, KeyPlan, TablePlan
from govdata.reading.sources import Block
from govdata.values import Row

FEW = 20_000
"""Rows that are read once more one by one; of more, the keys are compared column by column."""

Means = tuple[TablePlan, Judge, Across, Keeping]


class Again(Protocol):
    """Reads rows once more."""

    def rows(self, numbers: Any, fields: Sequence[str]) -> Iterator[Row]:
        """The rows with some numbers, in order; of their cells perhaps only those of some fields and those that name the row."""

    def keys(self, key: KeyPlan, numbers: Any, judge: Judge) -> Iterator[pl.DataFrame]:
        """Their keys as text (`k0`, `k1` …) with the numbers (`row`), but for keys that could not be read or lack a required part."""


@dataclass(frozen=True, slots=True)
class Span:
    """The records of one block, or (`rest`) of one that `csv.reader` read, perhaps up to the end of the file."""

    before: int
    """Records before it."""
    lines: int
    """Physical lines before it."""
    records: int
    rest: bool = False


def find_duplicates(position: int, numbers: Any, again: Again, means: Means) -> None:
    """Keep a finding for every row whose key an earlier row has. `numbers`: rows whose hashes are alike, in order."""
    plan, judge, across, keeping = means
    key = plan.keys[position]
    exact = all(_is_exact(column, plan) for column in columns_of(plan, key.fields))
    if exact and plan.limit_each is not None and len(numbers) > FEW:
        _find_many(position, numbers, again, means)
        return
    for row in again.rows(numbers, key.fields):
        values = judge.parts(row, key.fields)
        if not lacks_part(key, values):
            for finding in across.check_key(position, row, values):
                keeping.keep(row.number, position + 1, finding)


def _is_exact(column: ColumnPlan, plan: TablePlan) -> bool:
    """Whether values are equal exactly where their texts are."""
    return column.decision.value in {"text", "integer"} and not (plan.typed and column.descriptor.get("type") == "any")


def _find_many(position: int, numbers: Any, again: Again, means: Means) -> None:
    """The same for very many rows: all are counted, the first are explained."""
    plan, judge, across, keeping = means
    key = plan.keys[position]
    names = [f"k{place}" for place in range(len(key.fields))]
    table = pl.concat(again.keys(key, numbers, judge))
    repeated = table.with_columns(first=pl.col("row").min().over(names)).filter(pl.col("row") > pl.col("first")).sort("row")
    explained = repeated.head(plan.limit_each or 0)
    first = dict(zip(explained["row"], explained["first"], strict=True))
    for row in again.rows(explained["row"].to_numpy(), key.fields):
        finding = across.duplicate(key, row, judge.parts(row, key.fields), first[row.number])
        keeping.keep(row.number, position + 1, finding)
    keeping.count(key.rule, repeated.height - explained.height, field_of(key.fields))


@dataclass(frozen=True, slots=True)
class BlocksAgain:
    """Reads the rows of a text table once more."""

    plan: TablePlan
    blocks: Blocks
    spans: Sequence[Span]

    def rows(self, numbers: Any, fields: Sequence[str]) -> Iterator[Row]:
        """The rows with some numbers, in order."""
        for span, pieces, wanted in self._blocks(numbers):
            block = b"" if span.rest else b"".join(pieces)
            quotes = None if span.rest else plain_quotes(block, self.blocks.form)
            if quotes is None:
                yield from self._chosen(span, pieces, wanted)
            else:
                yield from _placed(block, quotes, self.blocks.form, wanted - span.before - 1, span)

    def keys(self, key: KeyPlan, numbers: Any, judge: Judge) -> Iterator[pl.DataFrame]:
        """The keys of rows as text, with the numbers of the rows; those that could not be read or lack a required part are left out."""
        for span, pieces, wanted in self._blocks(numbers):
            block = b"" if span.rest else b"".join(pieces)
            plain = not span.rest and is_plain(block, self.blocks.form)
            frame = parse(block, self.blocks.form, self.plan.width, ragged=True) if plain else None
            if frame is None:
                yield keys_by_row(key, self._chosen(span, pieces, wanted), judge)
            else:
                yield from _by_column(key, frame[wanted - span.before - 1].with_columns(row=pl.Series(wanted)), self.plan, judge)

    def _chosen(self, span: Span, pieces: Iterable[bytes], wanted: Any) -> Iterator[Row]:
        """The rows with some numbers, as `csv.reader` reads them."""
        chosen, last = frozenset(wanted.tolist()), int(wanted[-1])
        for item in self.blocks.source.records(pieces, span.before, span.lines):
            if isinstance(item, Row) and item.number in chosen:
                yield item
                if item.number == last:
                    break

    def _blocks(self, numbers: Any) -> Iterator[tuple[Span, Iterable[bytes], Any]]:
        """The blocks that hold wanted rows, read again: the span, its bytes, the numbers wanted."""
        stream = self.blocks.source.read()
        for place, span in enumerate(self.spans):
            block = next(stream, None)
            if block is None:
                return
            first, last = np.searchsorted(numbers, (span.before + 1, span.before + span.records + 1))
            if first == last:
                continue
            goes_on = span.rest and place == len(self.spans) - 1
            yield span, _rest(block, stream) if goes_on else [block.text()], numbers[first:last]


def _rest(block: Block, stream: Iterator[Block]) -> Iterator[bytes]:
    yield block.text()
    for later in stream:
        yield later.text()


def _placed(block: bytes, quotes: Any, form: Form, places: Any, span: Span) -> Iterator[Row]:
    """Records of a plain block by their places in it."""
    located = index(block, quotes, form, counts=False)
    lines = located.lines_before(located.starts[places])
    ends = np.append(located.starts[1:], located.end)[places]
    for place, line, start, end in zip(places.tolist(), lines.tolist(), located.starts[places].tolist(), ends.tolist(), strict=True):
        yield Row(span.before + place + 1, span.lines + line + 1, read_cells(block[start:end], form))


def _by_column(key: KeyPlan, rows: pl.DataFrame, plan: TablePlan, judge: Judge) -> Iterator[pl.DataFrame]:
    """Keys of the rows of one frame: those that are surely right by columns, the others by the reference."""
    columns = columns_of(plan, key.fields)
    sure = rows.select(pl.all_horizontal([accepting(column) | gap(column) for column in columns])).to_series()
    parts = [(column.name, part) for column in columns if (part := part_of(column)) is not None]
    chosen = rows.filter(sure).select(
        "row", *(masked(plan, name, part).cast(pl.String).alias(f"k{place}") for place, (name, part) in enumerate(parts))
    )
    yield chosen.drop_nulls() if key.required else chosen
    names = [str(number) for number in range(plan.width)]
    others = rows.filter(~sure)
    made = (Row(cells[-1], None, cells[:-1]) for cells in others.select(*names, "row").iter_rows())
    yield keys_by_row(key, made, judge)


def keys_by_row(key: KeyPlan, rows: Iterable[Row], judge: Judge) -> pl.DataFrame:
    """The keys of rows as text, read one by one."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        values = judge.parts(row, key.fields)
        if all(name in values for name in key.fields) and not lacks_part(key, values):
            found.append((row.number, *(_text(values[name]) for name in key.fields)))
    schema: dict[str, Any] = {"row": pl.Int64} | {f"k{place}": pl.String for place in range(len(key.fields))}
    return pl.DataFrame(found, schema=schema, orient="row")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
