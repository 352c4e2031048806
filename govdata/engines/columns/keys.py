"""Keys of millions of rows: a hash decides that all differ, and where two are alike the real keys are read again.

Hashes are kept in memory up to a limit, then in files by their highest bits, so that each file is looked at alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO, Protocol

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.columns import number_of

MEMORY = 64 << 20
"""Bytes of hashes and row numbers of one key that are held in memory."""
PARTS = 64
"""Files that they are spread over beyond that."""
_PAIR = np.dtype([("hash", np.uint64), ("row", np.int64)])

_KINDS = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64}


class Sides(Protocol):
    """What is known of the cells of a frame."""

    frame: pl.DataFrame
    plainly: Any

    def certain(self, fields: Sequence[str]) -> Any: ...
    def any_gap(self, fields: Sequence[str]) -> Any: ...
    def all_gaps(self, fields: Sequence[str]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Hashes:
    """The keys of one block: rows whose key is known, their hashes, and the rows whose key the reference must read."""

    rows: Any
    """Places in the frame."""
    hashes: Any
    open: Any


def part_of(column: ColumnPlan) -> pl.Expr | None:
    """Accepted texts of a column as parts of a key: alike exactly where their values are; `None` where that is not known."""
    texts, kind, field = pl.col(str(column.column - 1)), column.decision.value, column.descriptor
    if kind == "text":
        return texts
    if kind not in _KINDS:
        return None
    return number_of(texts, kind == "integer", str(field.get("groupChar", "")), str(field.get("decimalChar", ".")))


def kind_of_part(column: ColumnPlan) -> type[pl.DataType]:
    """The type of such parts; of columns whose values only the reference reads, text."""
    return _KINDS.get(column.decision.value, pl.String)


def as_part(value: Any, kind: type[pl.DataType]) -> Any:
    """A value that the reference read, as such a part: alike where the values are (two different ones may become alike)."""
    if value is None:
        return None
    if kind is pl.Int64:
        return max(-(2**63), min(2**63 - 1, int(value)))
    if kind is pl.Float64:
        return float(value)
    return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    """Numbers of different types have one hash where they are equal."""
    return f"{type(value).__name__ if not isinstance(value, int | float | Decimal) else ''} {hash(value)}"


def hash_rows(plan: TablePlan, fields: Sequence[str], sides: Sides) -> Hashes:
    """The hashes of a key in one block. Rows without any part, and those that lack a required one, have none."""
    certain = sides.certain(fields)
    rows = np.flatnonzero(certain & sides.plainly & ~sides.all_gaps(fields))
    unread = np.flatnonzero(~certain & sides.plainly)
    parts = [part_of(column) for column in columns_of(plan, fields)]
    if not len(rows) or any(part is None for part in parts):
        return Hashes(rows[:0], np.empty(0, np.uint64), unread)
    gaps = [_masked(plan, name, part) for name, part in zip(fields, parts, strict=True) if part is not None]
    frame = sides.frame.select(gaps)
    return Hashes(rows, hash_parts(frame if len(rows) == frame.height else frame[rows]), unread)


def _masked(plan: TablePlan, name: str, part: pl.Expr) -> pl.Expr:
    """Parts that are null where the cell is missing."""
    (column,) = columns_of(plan, (name,))
    words = pl.Series(sorted(column.decision.missing), dtype=pl.String).implode()
    return pl.when(pl.col(str(column.column - 1)).is_in(words)).then(None).otherwise(part).alias(name)


def columns_of(plan: TablePlan, fields: Sequence[str]) -> list[ColumnPlan]:
    """The columns of a key, in its own order."""
    by_name = {column.name: column for column in plan.columns}
    return [by_name[name] for name in fields]


def hash_parts(frame: pl.DataFrame) -> Any:
    """One hash a row, over all columns."""
    if frame.width == 1:
        return frame.to_series().hash().to_numpy()
    return frame.hash_rows().to_numpy()


class HashStore:
    """The hashes of one key over a whole table."""

    def __init__(self) -> None:
        self._held: list[tuple[Any, Any]] = []
        self._size = 0
        self._files: list[BinaryIO] = []

    def add(self, rows: Any, hashes: Any) -> None:
        """Take in rows (their numbers) with their hashes. OSError where the disk is full."""
        if not len(rows):
            return
        self._held.append((rows, hashes))
        self._size += rows.nbytes + hashes.nbytes
        if self._size > MEMORY:
            try:
                self._spill()
            except OSError as error:
                raise OSError(error.errno, error.strerror, tempfile.gettempdir()) from error  # the file has no name of its own

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile() for _ in range(PARTS)]  # noqa: SIM115  (closed by `close`)
        for rows, hashes in self._held:
            groups = (hashes >> np.uint64(58)).astype(np.uint8)
            order = np.argsort(groups, kind="stable")
            pairs = np.empty(len(rows), _PAIR)
            pairs["hash"], pairs["row"] = hashes[order], rows[order]
            ends = np.searchsorted(groups[order], np.arange(PARTS), side="right").tolist()
            for file, first, last in zip(self._files, [0, *ends], ends, strict=False):
                file.write(pairs[first:last].tobytes())
        self._held, self._size = [], 0

    def alike(self) -> Iterator[tuple[Any, Any]]:
        """Rows whose hash another row has too, with the hashes; in groups that have no hash in common."""
        if self._files:
            self._spill()
            for file in self._files:
                file.seek(0)
                pairs = np.frombuffer(file.read(), _PAIR)
                yield from _alike(pairs["row"], pairs["hash"])
        elif self._held:
            yield from _alike(np.concatenate([rows for rows, _ in self._held]), np.concatenate([hashes for _, hashes in self._held]))

    def close(self) -> None:
        """Let go of files and memory."""
        for file in self._files:
            file.close()
        self._files, self._held = [], []


def _alike(rows: Any, hashes: Any) -> Iterator[tuple[Any, Any]]:
    series = pl.Series(np.ascontiguousarray(hashes))
    if series.n_unique() == len(series):
        return
    several = series.is_duplicated().to_numpy()
    yield np.ascontiguousarray(rows)[several], np.ascontiguousarray(hashes)[several]
