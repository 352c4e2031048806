"""Columns counted in plain Python, some rows at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from govdata.drafting.profiles import FEWEST, KEPT, KEPT_IN_ALL, Count, Digests, Judge, Profile, Questions, conclude, spare, take
from govdata.engines.plan import shown
from govdata.values import Cell, Row

BATCH = 5_000
"""Rows that are counted together."""
_FAMILIES: dict[type, str] = {str: "text", int: "integer", float: "double", Decimal: "decimal", bool: "boolean", date: "date", time: "time"}


class RowCounter:
    """The columns of one table."""

    def __init__(self, labels: Sequence[str], questions: Questions, typed: bool) -> None:
        kept = max(FEWEST, min(KEPT, KEPT_IN_ALL // max(len(labels), 1)))
        self.counts = [Count(label, number, kept) for number, label in enumerate(labels, 1)]
        self.judge = Judge(questions)
        self.typed = typed
        self.rows = self.blank = self.ragged = 0
        """Rows, blank ones aside; blank ones; rows with cells too many or too few, which only a text can have."""

    def read(self, rows: Iterable[Row]) -> None:
        """Count rows."""
        for batch in _batches(self._whole(rows)):
            for place, count in enumerate(self.counts):
                self._count(count, [cells[place] if place < len(cells) else None for cells in batch])
            spare(self.counts)

    def _whole(self, rows: Iterable[Row]) -> Iterator[Sequence[Cell]]:
        """The cells of the rows that are not blank."""
        width = len(self.counts)
        for row in rows:
            cells = row.cells
            if not any(cell is not None and cell != "" for cell in cells):
                self.blank += 1
                continue
            self.rows += 1
            if len(cells) != width and not self.typed:
                self.ragged += 1
            yield cells

    def _count(self, count: Count, cells: list[Cell]) -> None:
        if self.typed:
            for cell in cells:
                if cell is not None and cell != "":
                    family = _family(cell)
                    count.families[family] = count.families.get(family, 0) + 1
            texts = [shown(cell) for cell in cells]
        else:
            texts = [str(cell or "") for cell in cells]
        counted = Counter(texts)
        missing = counted.pop("", 0)
        count.note(len(texts) - missing, missing, max(map(len, counted), default=0))
        if counted:
            take(count, counted, self.judge, Digests)

    def profiles(self) -> tuple[Profile, ...]:
        """What was counted, after the last row."""
        return tuple(conclude(count, self.judge) for count in self.counts)


def _family(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return "midnight" if not (cell.hour or cell.minute or cell.second or cell.microsecond or cell.tzinfo) else "instant"
    return _FAMILIES.get(type(cell), "other")


def _batches(rows: Iterator[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    batch: list[Sequence[Cell]] = []
    for cells in rows:
        batch.append(cells)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
