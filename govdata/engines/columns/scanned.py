"""What was found in one block: what a scan gives to whoever settles it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass, field, replace
from govdata.engines.columns.structure import Form, Index, index

Rows = Any
"""Places of rows in a block's frame, from 0, in order (an array of int64)."""
NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Hashes:
    """The keys of one block: rows whose key is known, their hashes, and the rows whose key the reference must read."""

    rows: Any
    """Places in the frame."""
    hashes: pl.Series
    open: Any


@dataclass(slots=True)
class Watched:
    """What one block adds to the watches of a table, by column (from 1)."""

    values: dict[int, int] = field(default_factory=dict)
    alone: dict[int, dict[str, int]] = field(default_factory=dict)
    ask: dict[int, list[str]] = field(default_factory=dict)
    """Texts that hold a number and must be looked at one by one."""
    swapped: tuple[int, int] = (0, -1)
    """Swapped pairs of coordinates: how many, and the first row (place in the frame)."""
    points: Sequence[tuple[float, float]] = ()
    unpaired: Any = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows whose coordinates only the reference can read."""


@dataclass(slots=True)
class Scanned:
    """What a scan found. Places of rows are those in `frame`, which begins below the header and holds no comment rows."""

    block: bytes
    frame: pl.DataFrame
    rows: int
    """Records of the block, header and comment rows included."""
    lines: int
    cells: int
    """Cells of the frame's rows."""
    at: Rows
    """Of each row of the frame, the number of records before it in the block."""
    ends: tuple[int, int]
    """The first record that ends with LF, with CRLF: places among the records; -1 for none."""
    filled: tuple[bool, bool]
    """Whether a record holds anything, and one below the header."""
    form: Form
    quotes: Any
    """Where quotes stand in the block."""
    index: Index | None
    odd: Rows = field(default_factory=lambda: NONE)
    """Rows with a cell too many or too few, and rows that are blank: for the reference alone."""
    gaps: dict[int, Rows] = field(default_factory=dict)
    """Place of a column in the plan → rows whose cell is missing and required."""
    doubtful: dict[int, Rows] = field(default_factory=dict)
    """Place of a column in the plan → rows whose cell is not surely right."""
    foreign: Sequence[Rows] = ()
    """Of each foreign key, the rows that refer to nothing."""
    foreign_open: Sequence[Rows] = ()
    """Of each foreign key, the rows of which a part must be read by the reference."""
    hashes: Sequence[Hashes] = ()
    key_gaps: Sequence[Rows] = ()
    """Of each key, the rows that lack a part that is required."""
    watched: Watched = field(default_factory=Watched)
    native: Sequence[tuple[Any, ...]] = ()
    """Of a database, the rows as they came: `frame` holds their cells as text."""
    typed: dict[int, Any] = field(default_factory=dict)
    """Place of a column in the plan → one truth value a row: the cell is no text. Only columns with such cells."""
    strange: Rows = field(default_factory=lambda: NONE)
    """Those of `odd` that are neither blank nor of another width."""

    def bare(self) -> Scanned:
        """The same to be handed to another process: without what can be read again (`Scan.dressed`), and in little room (`spread`)."""
        hashes = [replace(hashed, rows=_packed(hashed.rows)) for hashed in self.hashes]
        return replace(self, block=b"", frame=pl.DataFrame(), quotes=NONE, at=_packed(self.at), hashes=hashes)

    def spread(self) -> Scanned:
        """What was handed over, as it was."""
        self.at, self.hashes = _spread(self.at), [replace(hashed, rows=_spread(hashed.rows)) for hashed in self.hashes]
        return self

    @property
    def is_spent(self) -> bool:
        """Whether nothing of it is asked for any more but counts and keys."""
        return self.is_quiet and max(self.ends) <= 0

    @property
    def is_quiet(self) -> bool:
        """Whether no row needs to be looked at by itself."""
        return not any(map(len, self._apart))

    def nth(self, number: int) -> int:
        """The place of the nth row (from 1) that needs to be looked at by itself, or of the last."""
        rows = np.unique(np.concatenate([rows[:number] for rows in self._apart if len(rows)]))
        return int(rows[min(number, len(rows)) - 1])

    @property
    def _apart(self) -> list[Rows]:
        rows = [self.odd, *self.gaps.values(), *self.doubtful.values(), *self.foreign, *self.foreign_open, *self.key_gaps]
        return [*rows, *(hashed.open for hashed in self.hashes), self.watched.unpaired]

    def between(self, first: int, last: int) -> Scanned:
        """The same with only the rows from one place up to another among those that are settled one by one."""

        def cut(rows: Rows) -> Rows:
            return rows[np.searchsorted(rows, first) : np.searchsorted(rows, last)]

        self.located()
        return replace(
            self,
            odd=cut(self.odd),
            gaps={place: cut(rows) for place, rows in self.gaps.items()},
            doubtful={place: cut(rows) for place, rows in self.doubtful.items()},
            foreign=[cut(rows) for rows in self.foreign],
            foreign_open=[cut(rows) for rows in self.foreign_open],
            hashes=[replace(hashed, open=cut(hashed.open)) for hashed in self.hashes],
            key_gaps=[cut(rows) for rows in self.key_gaps],
            watched=replace(self.watched, unpaired=cut(self.watched.unpaired)),
        )

    def located(self) -> Index:
        """Where the records begin, worked out when it is first asked."""
        if self.index is None:
            self.index = index(self.block, self.quotes, self.form, counts=False)
        return self.index


def _packed(rows: Rows) -> Rows | range:
    """Rows one after the other, as they mostly are, need not be written down one by one."""
    every = range(int(rows[0]), int(rows[-1]) + 1) if len(rows) else range(0)
    return every if len(every) == len(rows) else rows


def _spread(rows: Rows | range) -> Rows:
    return np.arange(rows.start, rows.stop, dtype=np.int64) if isinstance(rows, range) else rows
