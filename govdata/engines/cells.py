"""Cells as the engines that go row by row see them: what is empty, what a typed cell is to its field's reader, numbers stored as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from govdata.classes import dataclass, field
from govdata.engines.plan import ColumnPlan, TablePlan, cell_at, place, shown
from govdata.values import Cell, Finding, Gap, Row


@dataclass(slots=True)
class TextNumbers:
    """Numbers in columns of text, as a workbook stores them: leading zeros cannot survive there."""

    counts: dict[int, int] = field(default_factory=dict)
    first: dict[int, Row] = field(default_factory=dict)

    def add(self, column: int, row: Row) -> None:
        """Note one."""
        self.counts[column] = self.counts.get(column, 0) + 1
        self.first.setdefault(column, row)

    def findings(self, plan: TablePlan) -> Iterator[Finding]:
        """One note a column."""
        for column in plan.columns:
            if column.column in self.first:
                where = place(plan, self.first[column.column], column.column, column.name)
                yield Finding("table/number-as-text", **where, args={"count": self.counts[column.column]})


def is_empty(row: Row) -> bool:
    """Whether nothing stands in a row."""
    return type(row.cells) is Gap or not any(cell is not None and cell != "" for cell in row.cells)


def observe_texts(plan: TablePlan, row: Row) -> None:
    """Tell all who watch a column of text what stands in it, of a row of which nothing else is asked."""
    for column in plan.columns:
        text = shown(cell_at(row.cells, column.column))
        if text and column.watch is not None and text not in column.decision.missing:
            column.watch.observe(text)
    observe_others(plan, row)


def observe_others(plan: TablePlan, row: Row) -> None:
    """Tell the columns without a field what stands in them."""
    cells, width = row.cells, len(row.cells)
    for number, watch in plan.other_columns.items():
        # A row may be very much wider than what is filled in.
        if number <= width and (cell := cells[number - 1]) is not None and (text := shown(cell)):
            watch.observe(text)


def adapted(column: ColumnPlan, row: Row, cell: Cell, numbers: TextNumbers) -> Cell:
    """A typed cell as the field's reader wants it: text for text fields, a date for a midnight, digits for a year."""
    kind = column.descriptor.get("type", "string")
    if kind == "date" and isinstance(cell, datetime):
        return cell.date() if not (cell.hour or cell.minute or cell.second) else cell
    if kind == "datetime" and isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    if kind in {"date", "datetime", "time", "integer", "number", "any"} or isinstance(cell, bytes):
        return cell
    if isinstance(cell, list | dict) and kind in {"array", "object", "list", "geojson", "geopoint"}:
        return cell
    if kind == "boolean" and isinstance(cell, bool):
        return cell
    if kind == "string" and isinstance(cell, int | float) and not isinstance(cell, bool):
        numbers.add(column.column, row)
    return shown(cell)
