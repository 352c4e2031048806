"""Findings counted without the reference, once the file is known to be wrong: what is proven is counted in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from govdata.engines.across import field_of
from govdata.engines.columns.keeping import Keeping
from govdata.engines.columns.scanned import Scanned
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.columns import emit
from govdata.predicates.decisions import refusals
from govdata.values import Row


def count_refused(found: Scanned, plan: TablePlan, keeping: Keeping) -> None:
    """Count what a block surely has wrong; note where more may be wrong."""
    _count_odd(found, plan, keeping)
    for place, rows in found.gaps.items():
        keeping.count("table/constraint-error", len(rows), plan.columns[place].name)
    for key, rows in zip(plan.keys, found.key_gaps, strict=True):
        keeping.count(key.rule, len(rows), field_of(key.fields))
    for foreign, rows in zip(plan.foreign_keys, found.foreign, strict=True):
        keeping.count("table/foreign-key", len(rows), field_of(foreign.fields))
    left = sum(_count_cells(found, plan.columns[place], rows, keeping) for place, rows in found.doubtful.items())
    if left or len(found.odd) or any(len(rows) for rows in [*found.foreign_open, *(hashed.open for hashed in found.hashes)]):
        keeping.doubt()


def count_width(row: Row, plan: TablePlan, keeping: Keeping) -> None:
    """Count what the width of one row has wrong; its cells stay undecided."""
    if not any(row.cells):
        keeping.count("table/blank-row", 1)
        return
    keeping.count("table/extra-cell", max(len(row.cells) - plan.width, 0))
    keeping.count("table/missing-cell", max(plan.width - len(row.cells), 0))
    keeping.doubt()


def _count_odd(found: Scanned, plan: TablePlan, keeping: Keeping) -> None:
    """Rows that are blank, and cells too many or too few."""
    places = found.index.cells if found.index is not None else None
    odd = np.setdiff1d(found.odd, found.strange)
    cells = places[found.at[odd]] if places is not None else np.full(len(odd), plan.width)
    full = cells[cells != 0]
    keeping.count("table/blank-row", int((cells == 0).sum() + (cells == plan.width).sum()))
    keeping.count("table/extra-cell", int(np.maximum(full - plan.width, 0).sum()))
    keeping.count("table/missing-cell", int(np.maximum(plan.width - full, 0).sum()))


def _count_cells(found: Scanned, column: ColumnPlan, rows: Any, keeping: Keeping) -> int:
    """Count the doubtful cells of a column that are surely wrong by one rule; give the number of the others."""
    left = pl.DataFrame({"x": found.frame[str(column.column - 1)].gather(rows)})
    for refusal in () if column.checks else refusals(column.descriptor):
        test = emit(refusal.condition, pl.col("x"))
        if test is not None:
            fits = left.select(test)["x"]
            keeping.count(refusal.rule, int(fits.sum()), column.name)
            left = left.filter(~fits)
    return left.height
