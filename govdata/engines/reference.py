"""The reference: every cell is decided by frictionless' own field readers.

What frictionless does not enforce (`uniqueKeys`, a missing part of a primary key, `categories`) is enforced here too:
`docs/table-schema.md` lists each keyword with the test that shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from govdata.classes import dataclass, replace
from govdata.engines.across import Across, fields_across, key_part
from govdata.engines.causes import cause_of_cell, cause_of_row
from govdata.engines.cells import TextNumbers, adapted, is_empty, observe_others
from govdata.engines.fields import FieldReader, read_field
from govdata.engines.plan import ColumnPlan, TablePlan, cell_at, place, shown
from govdata.predicates.patterns import PatternTimeout
from govdata.values import Cell, Finding, Row

_NO_ROW = Row(0, None, ())


@dataclass(slots=True)
class _Column:
    """A column while it is read."""

    plan: ColumnPlan
    read: FieldReader
    stopped: bool = False
    """Its pattern took too long once: not asked again."""
    slow: bool = False
    """Its pattern took too long for a text of a row that was not checked yet: not asked ahead of the rows any more."""


class Reference:
    """What the reference says of single rows of one table."""

    def __init__(self, plan: TablePlan, numbers: TextNumbers | None = None) -> None:
        self._plan = plan
        self._columns = [_Column(column, read_field(column.descriptor, typed=plan.typed)) for column in plan.columns]
        self._numbers = numbers if numbers is not None else TextNumbers()
        self.stops: dict[str, int] = {}
        """Field whose pattern took too long → the number of the first row in which it is no longer read."""

    def check(self, row: Row, observed: Collection[int] | None = None) -> tuple[list[Finding], dict[str, Any]]:
        """Findings of the row's cells and width, and the values by field: those that could be read, `None` where missing.

        `observed`: whoever counts what columns hold knows the row's texts already, and that no cell is wrong but perhaps those of the
        columns at these places of the plan; the others are not read.
        """
        values: dict[str, Any] = {}
        if is_empty(row):
            blank = self._plan.strict_width or bool(row.cells)
            return ([Finding("table/blank-row", **place(self._plan, row))] if blank else []), values
        found = list(self._check_cells(row, values, observed))
        if len(values) == self._plan.width and all(value is None for value in values.values()):
            return [Finding("table/blank-row", **place(self._plan, row))], {}
        found.extend(_check_width(self._plan, row))
        cause = cause_of_row(self._plan, [(column.plan, column.read) for column in self._columns], row, found)
        return [replace(finding, cause=cause) for finding in found] if cause else found, values

    @property
    def stopped(self) -> bool:
        """Whether a column is no longer checked because its pattern took too long."""
        return any(column.stopped for column in self._columns)

    def part(self, place: int, cell: Cell) -> tuple[bool, Any]:
        """Whether a cell could be read, and its value: what `check` would have among its values."""
        try:
            value, broken = self._columns[place].read(cell)
        except PatternTimeout:
            return False, None
        return value is not None or not any(rule == "table/type-error" for rule, _ in broken), value

    def accepts(self, place: int, text: str) -> bool | None:
        """Whether a text in the column at a place (from 0) of the plan has no finding at all; `None` once its pattern took too long."""
        column = self._columns[place]
        if column.slow or column.stopped:
            return None
        try:
            value, broken = column.read(text)
        except PatternTimeout:
            column.slow = True
            return None
        return not broken and not (value is not None and _further(column.plan, text))

    def _check_cells(self, row: Row, values: dict[str, Any], observed: Collection[int] | None) -> Iterator[Finding]:
        for column in self._columns if observed is None else [self._columns[number] for number in sorted(observed)]:
            if column.plan.column > len(row.cells) and self._plan.strict_width:
                continue
            cell = cell_at(row.cells, column.plan.column)
            if not isinstance(cell, str) and cell is not None:
                cell = adapted(column.plan, row, cell, self._numbers)
            yield from self._check_cell(column, row, cell, values, observed is not None)
        if observed is None:
            observe_others(self._plan, row)

    def _check_cell(self, column: _Column, row: Row, cell: Cell, values: dict[str, Any], observed: bool) -> Iterator[Finding]:
        text = shown(cell)
        if column.stopped:
            return
        where = place(self._plan, row, column.plan.column, column.plan.name)
        try:
            value, broken = column.read(cell)
        except PatternTimeout:
            column.stopped = True
            self.stops[column.plan.name] = row.number
            pattern = str(column.plan.descriptor.get("constraints", {}).get("pattern", ""))
            yield Finding("table/pattern-slow", **where, args={"pattern": pattern})
            return
        if value is not None or not any(rule == "table/type-error" for rule, _ in broken):
            values[column.plan.name] = value
        if value is None and not broken:
            return
        missing = isinstance(cell, str) and cell in column.plan.decision.missing
        if text and not missing and not observed and column.plan.watch is not None:
            column.plan.watch.observe(text)
        further = _further(column.plan, text) if text else []
        if not broken or any(args.get("reason") in ("label", "written") for _, args in further):
            # A label in place of its code is told as such, not as a text that is too long or no number.
            broken = further
        for rule, args in broken:
            yield Finding(
                rule, **where, value=text or None, args=args, cause=cause_of_cell(rule, args.get("reason"), text, column.plan, column.read)
            )


def check_rows(plan: TablePlan, rows: Iterable[Row]) -> Iterator[Finding]:
    """Findings of every row below the header, in order of row and column: the reference is asked of every cell."""
    numbers = TextNumbers()
    reference, across, wanted = Reference(plan, numbers), Across(plan), fields_across(plan)
    for row in rows:
        found, values = reference.check(row)
        yield from found
        if values:
            if plan.pair is not None:
                plan.pair.observe(row.number, values)
            yield from across.check(row, {name: key_part(values[name]) for name in wanted if name in values})
    yield from numbers.findings(plan)


def _further(column: ColumnPlan, text: str) -> list[tuple[str, Mapping[str, object]]]:
    return [found for check in column.checks if (found := check(text)) is not None]


def _check_width(plan: TablePlan, row: Row) -> Iterator[Finding]:
    if not plan.strict_width:
        for number in range(plan.width + 1, len(row.cells) + 1):
            text = shown(row.cells[number - 1])
            if text:
                yield Finding("table/extra-cell", **place(plan, row, number), value=text)
        return
    for number in range(plan.width + 1, len(row.cells) + 1):
        yield Finding("table/extra-cell", **place(plan, row, number), value=shown(row.cells[number - 1]))
    names = {column.column: column.name for column in plan.columns}
    for number in range(len(row.cells) + 1, plan.width + 1):
        # A table without an entry has columns, but no fields to name.
        name = names.get(number, "")
        yield Finding("table/missing-cell", **place(plan, row, number, name), args={"reason": "field" if name else "column"})


def read_keys(plan: TablePlan, fields: tuple[str, ...], rows: Iterable[Row]) -> frozenset[tuple[Any, ...]]:
    """The keys that a table offers to foreign keys of others, read as its own schema reads them."""
    columns = {column.name: (column.column, key_reader(column, plan.typed)) for column in plan.columns}
    wanted = [columns[name] for name in fields]
    return frozenset(tuple(part(cell_at(row.cells, number)) for number, part in wanted) for row in rows)


def key_reader(column: ColumnPlan, typed: bool) -> Callable[[Cell], Any]:
    """What gives the part of a key that a cell of a column is."""
    read, numbers = read_field(column.descriptor, typed=typed), TextNumbers()

    def part(cell: Cell) -> Any:
        if not isinstance(cell, str) and cell is not None:
            cell = adapted(column, _NO_ROW, cell, numbers)
        try:
            value, _ = read(cell)
        except PatternTimeout:
            value = None
        return key_part(value)

    return part
