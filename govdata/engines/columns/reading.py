"""A text table while its blocks are settled: scanned ones, and those that `csv.reader` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.duplicates import BlocksAgain, Span
from govdata.engines.columns.refusing import count_width
from govdata.engines.columns.scanned import Scanned
from govdata.engines.columns.settling import Settling
from govdata.engines.columns.structure import read_cells
from govdata.engines.plan import TablePlan, Tally
from govdata.values import Finding, Row, Skipped

OFTEN = 10_000
"""Rows that the reader gives after which it is told how far it is."""


class Reading:
    """One text table."""

    def __init__(self, plan: TablePlan, blocks: Blocks) -> None:
        self._plan, self._blocks = plan, blocks
        self._settling = Settling(plan, self)
        self._spans: list[Span] = []
        self._filled = self._data = False
        self.ended = False
        """Nothing more is to be read."""

    @property
    def records(self) -> int:
        """Records that were settled, those of the header among them."""
        return self._settling.records

    def take(self, found: Scanned) -> None:
        """Settle a block that was scanned."""
        settling = self._settling
        self._blocks.source.note_ends(*(self._line_of(found, record) for record in found.ends))
        self._spans.append(Span(settling.records, settling.lines, found.rows))
        settling.take(found)
        self._blocks.tick(settling.rows)
        filled, data = found.filled
        self._filled, self._data = self._filled or filled, self._data or data

    def _line_of(self, found: Scanned, record: int) -> int:
        if record < 0:
            return -1
        return self._settling.lines + 1 + (int(found.located().lines_before(found.located().starts[record])) if record else 0)

    def rows(self, found: Scanned, places: Any) -> Iterator[tuple[int, Row]]:
        """Rows by their places in the frame, as `csv.reader` gives them."""
        if not len(places):
            return
        located, settling = found.located(), self._settling
        lines = located.lines_before(located.starts[found.at[places]])
        odd = frozenset(found.odd.tolist())
        for place, line in zip(places.tolist(), lines.tolist(), strict=True):
            record = int(found.at[place])
            cells = _read_record(found, record) if place in odd else list(found.frame.row(place))
            yield place, Row(settling.records + record + 1, settling.lines + line + 1, cells)

    def read(self, pieces: Iterable[bytes]) -> None:
        """Settle what the reader gives, row by row."""
        settling, keeping = self._settling, self._settling.keeping
        records = self._blocks.source.records(pieces, settling.records, settling.lines)
        header, comment = self._blocks.header, self._blocks.comment
        rows = cells = 0
        for item in records:
            if not isinstance(item, Row):
                if isinstance(item, Skipped):
                    keeping.add(settling.records + records.count, item)
                elif (item.rule, item.line) not in self._blocks.said:
                    keeping.add(settling.records + records.count, self._blocks.source.place(item))
                continue
            if any(item.cells):
                self._filled = True
                self._data = self._data or item.number > header
            if item.number <= header or (comment and item.cells and str(item.cells[0]).startswith(comment)):
                continue
            rows, cells = rows + 1, cells + len(item.cells)
            if not rows % OFTEN:
                self._blocks.tick(settling.rows + rows)
            if settling.budget.all_spent:
                count_width(item, self._plan, keeping)
            else:
                settling.settle_whole(item)
        self._spans.append(Span(settling.records, settling.lines, records.count, rest=True))
        settling.advance(records.count, records.lines, rows, cells)
        self._blocks.tick(settling.rows)
        self.ended = records.ended

    def compare(self) -> None:
        """Settle what holds across all rows; some are read once more."""
        self._settling.conclude(BlocksAgain(self._plan, self._blocks, self._spans))

    def conclude(self, stopped: Exception | None) -> Iterator[Finding | Skipped | Tally]:
        """All that was found, in order; then counts of what was not explained. `stopped`: what broke the reading off."""
        settling = self._settling
        self._blocks.counted(settling.rows, settling.cells)
        yield from settling.keeping.all()
        if not self.ended and stopped is None:
            told = self._blocks.source.conclude(self._filled, self._data)
            yield from (item for item in told if (item.rule, item.line) not in self._blocks.said)
        yield from self._blocks.source.check_unchanged(stopped)
        yield from settling.keeping.tallies()


def _read_record(found: Scanned, record: int) -> list[str]:
    starts = found.located().starts
    end = starts[record + 1] if record + 1 < len(starts) else len(found.block)
    return read_cells(found.block[starts[record] : end], found.form)
