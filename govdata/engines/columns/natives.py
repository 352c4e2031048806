"""Cells of a database as columns of text: what the report shows of them, and the family of those that are no text.

A condition is asked of a value's text, as Python writes it (`engines.plan.shown`), but for what the value's type proves by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass, field
from govdata.engines.cells import TextNumbers, adapted
from govdata.engines.plan import ColumnPlan, TablePlan, shown
from govdata.engines.proofs import SHORT, flat, proven
from govdata.predicates.columns import emit
from govdata.predicates.conditions import All, Condition
from govdata.values import Row

FAMILIES: Mapping[type, str] = {
    int: "integer",
    float: "double",
    Decimal: "decimal",
    bool: "boolean",
    date: "date",
    datetime: "timestamp",
    time: "time",
}
"""Types of cells that have a text of their own. Rows with others (bytes, lists, records) are the reference's."""

_NOWHERE = Row(0, None, ())
_GUARDS: Mapping[str, Callable[[pl.Expr, str], pl.Expr]] = {
    "integer": lambda text, kind: text.cast(pl.Int64, strict=False).is_not_null(),
    "double": lambda text, kind: ~text.is_in(pl.Series(["nan", "inf", "-inf"]).implode()),
    "decimal": lambda text, kind: text.str.contains(r"\A[-+0-9.E]+\z"),
    "date": lambda text, kind: text.is_between(pl.lit("0001-01-02"), pl.lit("9999-12-30")),
    "timestamp": lambda text, kind: (
        text.is_between(pl.lit("0001-01-02"), pl.lit("9999-12-30")) & ((text.str.len_bytes() == 10) if kind == "date" else pl.lit(True))
    ),
    "time": lambda text, kind: text.str.contains(r"\A[0-9:.]+\z") & (text < "23:59:59.999999"),
}
"""Where a value of a family is surely one of a type that it proves: numbers that are finite and whole ones of 64 bits,
as keys hold them; years that Python knows, no zones."""


@dataclass(slots=True)
class Natives:
    """The rows of one batch."""

    rows: Sequence[tuple[Any, ...]]
    frame: pl.DataFrame
    """Their cells as text, in columns `0`, `1`, …; empty where nothing stands."""
    empty: dict[int, Any] = field(default_factory=dict)
    """By column (from 1), where nothing stands: one truth value a row, `None` where it is so nowhere."""
    families: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By column, the families of cells that are no text, each with one truth value a row."""
    strange: Any = None
    """Rows with a cell that has no text of its own."""

    def typed(self, number: int) -> Any | None:
        """The rows of a column (from 1) whose cell is no text; `None` where there are none."""
        found = self.families.get(number)
        return np.logical_or.reduce(list(found.values())) if found else None


def natives(rows: Sequence[tuple[Any, ...]], plan: TablePlan) -> Natives:
    """Rows of a table, none of them without cells, as columns."""
    columns = {column.column: column for column in plan.columns}
    found = Natives(rows, pl.DataFrame(), strange=np.zeros(len(rows), dtype=bool))
    texts = [_column(cells, number, columns.get(number), found) for number, cells in enumerate(zip(*rows, strict=True), 1)]
    found.frame = pl.DataFrame(texts)
    return found


def _column(cells: Sequence[Any], number: int, plan: ColumnPlan | None, found: Natives) -> pl.Series:
    """The texts of one column; what else there is to say of it goes to `found`."""
    kinds = set(map(type, cells)) - {type(None)}
    if kinds <= {str}:
        texts = pl.Series(str(number - 1), cells, dtype=pl.String)
    else:
        texts = pl.Series(str(number - 1), _texts(cells, kinds, plan), dtype=pl.String)
        for kind in kinds - {str}:
            alone = len(kinds) == 1 and kind in FAMILIES
            where = texts.is_not_null().to_numpy() if alone else np.fromiter((type(cell) is kind for cell in cells), bool, len(cells))
            if kind in FAMILIES:
                found.families.setdefault(number, {})[FAMILIES[kind]] = where
            else:
                found.strange |= where
    found.empty[number] = texts.is_null().to_numpy() if texts.null_count() else None
    return texts.fill_null("")


def _texts(cells: Sequence[Any], kinds: set[type], plan: ColumnPlan | None) -> pl.Series | list[str | None]:
    wanted = str(plan.descriptor.get("type", "string")) if plan is not None else "any"
    if kinds == {int}:
        try:
            return pl.Series(cells, dtype=pl.Int64).cast(pl.String)
        except (OverflowError, TypeError):
            pass  # wider than 64 bits
    if kinds == {float}:
        return _doubles(pl.Series(cells, dtype=pl.Float64))
    if kinds == {date}:
        written = {cell: _text(cell, plan) for cell in set(cells)}
        return [written[cell] for cell in cells]
    if (kinds == {datetime} and wanted != "date") or kinds == {time}:
        return [cell if cell is None else cell.isoformat() for cell in cells]
    return [_text(cell, plan) for cell in cells]


def _text(cell: Any, plan: ColumnPlan | None) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if type(cell) not in FAMILIES:
        return ""
    return shown(adapted(plan, _NOWHERE, cell, TextNumbers()) if plan is not None else cell)


def _doubles(values: pl.Series) -> pl.Series | list[str | None]:
    """As Python writes them: whole ones without a point, others as the shortest text that gives the same number."""
    size = values.abs()
    whole = (values == values.floor()) & (size < 1e15)
    plain = whole | ((size >= 1e-3) & (size < 1e15)) | values.is_null()
    if not plain.fill_null(True).all():
        return [None if value is None else shown(value) for value in values]
    frame = pl.DataFrame({"v": values, "w": whole})
    return frame.select(
        pl.when("w").then(pl.col("v").cast(pl.Int64, strict=False).cast(pl.String)).otherwise(pl.col("v").cast(pl.String))
    ).to_series()


def accepting(plan: ColumnPlan, family: str) -> pl.Expr:
    """Where a cell of a family is surely right, in words of its text."""
    text = pl.col(str(plan.column - 1))
    condition, kind = plan.decision.accept, str(plan.descriptor.get("type", "string"))
    known = proven(plan.descriptor, family)
    if condition is None:
        return pl.lit(False)
    if known is None:
        found = emit(condition, text)
        return found if found is not None else pl.lit(False)
    left: list[Condition] = [part for part in flat(condition) if part not in known]
    if family == "double" and kind == "number":
        left = [part for part in left if part != SHORT]
    guard = _GUARDS[family](text, kind) if family in _GUARDS else pl.lit(True)
    rest = emit(All(tuple(left)), text) if left else pl.lit(True)
    return guard & rest if rest is not None else pl.lit(False)
