"""Findings counted without the reference, once enough of their kind are explained: what is proven is counted in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from govdata.engines.across import field_of
from govdata.engines.cells import observe_texts
from govdata.engines.columns.judging import gap
from govdata.engines.columns.keeping import FOREIGN, Keeping
from govdata.engines.columns.scanned import NONE, Rows, Scanned
from govdata.engines.columns.spending import Kind
from govdata.engines.columns.watching import Told, holding, tell_watches, watch_columns
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.columns import emit
from govdata.predicates.decisions import refusals
from govdata.values import Row


def count_refused(found: Scanned, plan: TablePlan, keeping: Keeping) -> None:
    """Count what a block surely has wrong; note where more may be wrong."""
    _count_odd(found, plan, keeping)
    for place, rows in found.gaps.items():
        column = plan.columns[place]
        certain = len(rows) if not column.checks else int((found.frame[str(column.column - 1)].gather(rows) == "").sum())
        keeping.count("table/constraint-error", certain, column.name)
        if certain < len(rows):  # a word for what is missing may be the label of a code, and is told as one
            keeping.doubt_cells()
    for key, rows, hashed in zip(plan.keys, found.key_gaps, found.hashes, strict=True):
        keeping.count(key.rule, len(rows), field_of(key.fields))
        if len(hashed.open):
            keeping.doubt(key.rule)
    for foreign, rows, unread in zip(plan.foreign_keys, found.foreign, found.foreign_open, strict=True):
        keeping.count(FOREIGN, len(rows), field_of(foreign.fields))
        if len(unread):
            keeping.doubt(FOREIGN)
    for rule in plan.pair.rules if plan.pair is not None and len(found.watched.unpaired) else ():
        keeping.doubt(rule)
    if sum(_count_cells(found, plan.columns[place], rows, keeping) for place, rows in found.doubtful.items()):
        keeping.doubt_cells()


def find_proven(found: Scanned, plan: TablePlan, kind: Kind, rule: str) -> Rows:
    """The rows that surely have one mistake of a kind, by which they break a rule."""
    name, position = kind
    if name != "cell":
        return (found.key_gaps if name == "gap" else found.foreign)[position]
    column, rows = plan.columns[position], found.doubtful.get(position, NONE)
    texts = found.frame[str(column.column - 1)]
    gaps = found.gaps.get(position, NONE) if rule == "table/constraint-error" else NONE
    if column.checks:  # a word for what is missing may be the label of a code
        return gaps[(texts.gather(gaps) == "").to_numpy()]
    if position in found.typed:
        rows = rows[~found.typed[position][rows]]
    tests = [emit(refusal.condition, pl.col("x")) for refusal in refusals(column.descriptor) if refusal.rule == rule]
    asked = [pl.lit(False), *(test for test in tests if test is not None)]
    told = pl.DataFrame({"x": texts.gather(rows)}).select("x", fits=pl.any_horizontal(asked))["fits"]
    return np.union1d(gaps, rows[told.fill_null(False).to_numpy()])


def count_width(row: Row, plan: TablePlan, keeping: Keeping) -> None:
    """Count what the width of one row has wrong; its cells stay undecided, but personal numbers are looked for."""
    cells = row.cells
    observe_texts(plan, row)
    missing = len(cells) >= plan.width == len(plan.columns) and all(
        cells[column.column - 1] in column.decision.missing for column in plan.columns
    )
    if missing or not any(cells):
        keeping.count("table/blank-row", 1)
        return
    keeping.count("table/extra-cell", max(len(cells) - plan.width, 0))
    _count_missing(np.array([len(cells)]), plan, keeping)
    keeping.doubt_rows()


def _count_odd(found: Scanned, plan: TablePlan, keeping: Keeping) -> None:
    """Rows that are blank, and cells too many or too few; the other cells of these rows stay undecided.

    A row is blank where it holds nothing, or where all its fields are missing (`Reference.check`).
    """
    odd = np.setdiff1d(found.odd, found.strange)
    if len(odd) < len(found.odd):
        keeping.doubt_rows()
        for place in np.setdiff1d(found.odd, odd).tolist():  # a scan tells nobody of the cells of odd rows
            observe_texts(plan, Row(0, None, found.native[place]))
    if found.index is None or found.index.cells is None:
        keeping.count("table/blank-row", len(odd))  # as wide as they should be
        return
    cells = found.index.cells[found.at[odd]]
    frame = found.frame[odd]
    _watch(frame, plan)
    empty, missing = _emptiness(frame, plan)
    blank = (missing & (cells >= plan.width)) | (empty & (cells <= plan.width))
    keeping.count("table/blank-row", int(blank.sum()))
    if blank.all():
        return
    keeping.doubt_rows()
    filled = cells[~blank & ~empty]  # what is empty up to the width of the header may hold something beyond it
    keeping.count("table/extra-cell", int(np.maximum(filled - plan.width, 0).sum()))
    _count_missing(filled, plan, keeping)


def _count_missing(widths: Any, plan: TablePlan, keeping: Keeping) -> None:
    """Count the cells that rows of some widths lack, each for the field of its column: a record may accept those of one field."""
    names = {column.column: column.name for column in plan.columns}
    for number in range(int(widths.min(initial=plan.width)) + 1, plan.width + 1):
        keeping.count("table/missing-cell", int((widths < number).sum()), names.get(number, ""))


def _watch(frame: pl.DataFrame, plan: TablePlan) -> None:
    """Count what columns hold in rows of which nothing else is asked."""
    gaps = {column.column: gap(column) for column in plan.columns}
    asked = {str(number): ~gaps.get(number, pl.lit(False)) & (pl.col(str(number - 1)) != "") for number in plan.watches}
    given = {int(number): rows.to_numpy() for number, rows in frame.select(**asked).to_dict().items()}
    tell_watches(plan, watch_columns(plan, frame, given, holding(frame, list(plan.watches)), Told({}, {}, {})))


def _emptiness(frame: pl.DataFrame, plan: TablePlan) -> tuple[Any, Any]:
    """The rows that are empty up to the width of the header, and those in which every column is a field of which it is missing there."""
    told = frame.select(empty=pl.all_horizontal(pl.all() == ""), missing=pl.all_horizontal([pl.lit(True), *map(gap, plan.columns)]))
    return told["empty"].to_numpy(), told["missing"].to_numpy() & (len(plan.columns) == plan.width)


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
