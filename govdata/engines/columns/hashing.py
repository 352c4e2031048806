"""The keys of a block's rows as hashes, worked out by columns."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import polars as pl

from govdata.engines.columns.scanned import Hashes
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.columns import number_of

_KINDS = {"text": pl.String, "integer": pl.Int64, "number": pl.Float64}


class Sides(Protocol):
    """What is known of the cells of a frame."""

    frame: pl.DataFrame
    plainly: Any

    def certain(self, fields: Sequence[str]) -> Any: ...
    def any_gap(self, fields: Sequence[str]) -> Any: ...
    def all_gaps(self, fields: Sequence[str]) -> Any: ...


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
        return float("nan") if isinstance(value, str) else float(value)  # a signalling NaN is written out
    return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    """Numbers of different types have one hash where they are equal."""
    return f"{type(value).__name__ if not isinstance(value, int | float | Decimal) else ''} {hash(value)}"


def hash_rows(plan: TablePlan, fields: Sequence[str], sides: Sides) -> Hashes:
    """The hashes of a key in one block. Rows without any part, and those that lack a required one, have none.

    Where the parts of a column are not known, no row has one: also that is read of which this part is missing.
    """
    parts = [part_of(column) for column in columns_of(plan, fields)]
    certain = sides.certain(fields) & all(part is not None for part in parts)
    given = sides.plainly & ~sides.all_gaps(fields)
    rows, unread = np.flatnonzero(certain & given), np.flatnonzero(~certain & given)
    if not len(rows):
        return Hashes(rows, pl.Series(dtype=pl.UInt64), unread)
    named = [(name, part) for name, part in zip(fields, parts, strict=True) if part is not None]
    lacking = sides.any_gap(fields).any()
    frame = sides.frame.select(masked(plan, name, part) if lacking else part.alias(name) for name, part in named)
    return Hashes(rows, hash_parts(frame if len(rows) == frame.height else frame[rows]), unread)


def masked(plan: TablePlan, name: str, part: pl.Expr) -> pl.Expr:
    """Parts that are null where the cell is missing."""
    (column,) = columns_of(plan, (name,))
    words = pl.Series(sorted(column.decision.missing), dtype=pl.String).implode()
    return pl.when(pl.col(str(column.column - 1)).is_in(words)).then(None).otherwise(part).alias(name)


def columns_of(plan: TablePlan, fields: Sequence[str]) -> list[ColumnPlan]:
    """The columns of a key, in its own order."""
    by_name = {column.name: column for column in plan.columns}
    return [by_name[name] for name in fields]


def hash_parts(frame: pl.DataFrame) -> pl.Series:
    """One hash a row, over all columns."""
    return frame.to_series().hash() if frame.width == 1 else frame.hash_rows()


class ReadKeys:
    """Keys of rows that the reference read, hashed as the columns' keys are: many at once, for one alone is as much work as a thousand."""

    def __init__(self, plan: TablePlan, fields: Sequence[str]) -> None:
        self._plan, self._fields = plan, fields
        self._numbers: list[int] = []
        self._parts: dict[str, list[Any]] = {name: [] for name in fields}

    @functools.cached_property
    def _kinds(self) -> dict[str, type[pl.DataType]]:
        return {column.name: kind_of_part(column) for column in columns_of(self._plan, self._fields)}

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int, values: Mapping[str, Any]) -> None:
        """The key of the row of this number."""
        parts = {name: as_part(values[name], kind) for name, kind in self._kinds.items()}
        self._numbers.append(number)
        for name, part in parts.items():
            self._parts[name].append(part)

    def take(self) -> tuple[Any, pl.Series]:
        """Rows (their numbers) and hashes of all that are held; then none is."""
        frame = pl.DataFrame({name: pl.Series(self._parts[name], dtype=kind) for name, kind in self._kinds.items()})
        numbers = np.array(self._numbers, np.int64)
        self._numbers, self._parts = [], {name: [] for name in self._fields}
        return numbers, hash_parts(frame)
