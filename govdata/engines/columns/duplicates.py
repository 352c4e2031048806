"""Keys that stand twice: rows whose hashes are alike are read once more, and their real keys decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from govdata.engines.across import Across, lacks_part
from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.keeping import Keeping
from govdata.engines.columns.keys import HashStore
from govdata.engines.plain import Judge
from govdata.engines.plan import TablePlan
from govdata.values import Row

CONFIRMED = 300_000
"""Rows that are read once more at the most; of more, the first are, and the others are counted by their hashes."""

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
    limit = plan.limit_each
    chosen = []
    for rows, hashes in store.alike():
        kept, uncounted = (rows, 0) if limit is None or len(rows) <= CONFIRMED else _first(rows, hashes, limit)
        chosen.append(kept)
        if uncounted:
            keeping.count(key.rule, uncounted)
            keeping.undecided.add(key.rule)
    if not chosen:
        return
    for row in _read_again(np.sort(np.concatenate(chosen)), spans, means):
        values = judge.parts(row, key.fields)
        if not lacks_part(key, values):
            for finding in across.check_key(position, row, values):
                keeping.keep(row.number, position + 1, finding)


def _first(rows: Any, hashes: Any, limit: int) -> tuple[Any, int]:
    """The rows of the first duplicates with the rows that they repeat, and how many further duplicates there are by their hashes."""
    order = np.argsort(rows, kind="stable")
    rows, hashes = rows[order], hashes[order]
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    repeated = np.ones(len(rows), dtype=bool)
    repeated[first] = False
    places = np.flatnonzero(repeated)[: limit + 1000]
    return np.unique(np.concatenate([rows[places], rows[first[group[places]]]])), int(repeated.sum()) - len(places)


def _read_again(numbers: Any, spans: Sequence[Span], means: Means) -> Iterator[Row]:
    """The rows with some numbers, in order."""
    _, blocks, *_ = means
    stream, lines = blocks.source.read(), 0
    for span in spans:
        block = next(stream, None)
        if block is None:
            return
        wanted = frozenset(numbers[(numbers > span.before) & (numbers <= span.before + span.records)].tolist())
        last = max(wanted, default=0)
        pieces = _rest(block, stream) if span.rest and span is spans[-1] else [block.text()]
        if not wanted and not (span.rest and span is spans[-1]):
            lines += block.text().count(b"\n")
            continue
        records = blocks.source.records(pieces, span.before, lines)
        for item in records:
            if isinstance(item, Row) and item.number in wanted:
                yield item
                if item.number == last and span is spans[-1]:
                    return
        lines += records.lines


def _rest(block: Any, stream: Iterator[Any]) -> Iterator[bytes]:
    yield block.text()
    for later in stream:
        yield later.text()
