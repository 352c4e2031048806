"""Rows in plain Python: what a column's condition accepts is right, every other cell is the reference's. Nothing heavy is imported
before a cell needs the reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from govdata.engines.across import Across, fields_across, key_part, key_part_of_text
from govdata.engines.plan import ColumnPlan, TablePlan, cell_at, shown
from govdata.engines.reference import Reference, TextNumbers, adapted, is_empty, observe_others
from govdata.predicates.plain import Test, emit
from govdata.values import Cell, Finding, Row

KNOWN = 50_000
"""Texts of one column of which is remembered what the reference said."""


@dataclass(slots=True)
class _Column:
    """A column made ready for reading."""

    plan: ColumnPlan
    place: int
    """In the plan, from 0."""
    missing: frozenset[str]
    required: bool
    accepts: Test
    known: dict[str, bool]
    wanted: bool
    """Its values are needed beyond the cell."""


def check_rows(plan: TablePlan, rows: Iterable[Row]) -> Iterator[Finding]:
    """Findings of every row below the header, in order of row and column: those of the reference."""
    return _Table(plan).check(rows)


class _Table:
    """One table while its rows go by."""

    def __init__(self, plan: TablePlan) -> None:
        self._plan = plan
        self._numbers = TextNumbers()
        self._reference: Reference | None = None
        wanted = fields_across(plan) | set(plan.row_fields)
        self._columns = [_made(column, place, column.name in wanted) for place, column in enumerate(plan.columns)]
        self._wanted = tuple(column for column in self._columns if column.wanted)
        self._text = self._typed_text if plan.typed else _text_of

    def check(self, rows: Iterable[Row]) -> Iterator[Finding]:
        """Findings in order."""
        across = Across(self._plan) if self._plan.keys or self._plan.foreign_keys else None
        for row in rows:
            if self._is_quiet(row):
                self._observe(row)
                values = {column.plan.name: self._value(column, row) for column in self._wanted}
            else:
                found, read = self._asked().check(row)
                yield from found
                values = {name: key_part(value) for name, value in read.items()}
            if not values:
                continue
            if self._plan.observe_row is not None:
                self._plan.observe_row(row.number, values)
            if across is not None:
                yield from across.check(row, values)
        yield from self._numbers.findings(self._plan)

    def _asked(self) -> Reference:
        if self._reference is None:
            self._reference = Reference(self._plan, self._numbers)
        return self._reference

    def _is_quiet(self, row: Row) -> bool:
        """Whether the reference surely finds nothing in a row."""
        cells, plan = row.cells, self._plan
        if is_empty(row) or (self._reference is not None and self._reference.stopped):
            return False
        if len(cells) != plan.width and (plan.strict_width or any(shown(cell) for cell in cells[plan.width :])):
            return False
        if plan.typed and any(isinstance(cell, bytes | list | dict) for cell in cells):
            return False
        given = 0
        for column in self._columns:
            text = self._text(column.plan, row)
            if text is None or text in column.missing:
                cell = cell_at(cells, column.plan.column)
                if column.required or not (cell is None or isinstance(cell, str)):
                    return False
            elif column.accepts(text) or self._ask(column, text, row):
                given += 1
            else:
                return False
        return given > 0 or len(self._columns) < plan.width

    def _ask(self, column: _Column, text: str, row: Row) -> bool:
        """What the reference says of a candidate. Of a typed cell it must be asked with the cell itself: the row goes there whole."""
        if self._plan.typed and not isinstance(cell_at(row.cells, column.plan.column), str):
            return False
        known = column.known.get(text)
        if known is None:
            known = self._asked().accepts(column.place, text) is True
            if len(column.known) < KNOWN:
                column.known[text] = known
        return known

    def _typed_text(self, column: ColumnPlan, row: Row) -> str | None:
        cell = cell_at(row.cells, column.column)
        if cell is None or isinstance(cell, str):
            return cell
        return shown(adapted(column, row, cell, _NOWHERE))

    def _observe(self, row: Row) -> None:
        for column in self._columns:
            text = self._text(column.plan, row)
            if text and text not in column.missing and column.plan.observe is not None:
                column.plan.observe(text)
            if self._plan.typed:
                cell = cell_at(row.cells, column.plan.column)
                if cell is not None and not isinstance(cell, str):
                    adapted(column.plan, row, cell, self._numbers)
        observe_others(self._plan, row)

    def _value(self, column: _Column, row: Row) -> Any:
        """The part of a key that a cell is; the row is quiet."""
        cell = cell_at(row.cells, column.plan.column)
        if self._plan.typed and cell is not None and not isinstance(cell, str):
            # What a number is in a column of any type, and whether it is the same as a text, is the reference's to say.
            return cell if type(cell) is int and column.plan.decision.value == "integer" else self._typed_value(column, row, cell)
        text = self._text(column.plan, row)
        if text is None or text in column.missing:
            return None
        kind = column.plan.decision.value
        if kind and column.accepts(text):
            declared = column.plan.descriptor
            return key_part_of_text(text, kind, str(declared.get("groupChar", "")), str(declared.get("decimalChar", ".")))
        return key_part(self._asked().value(column.place, text))

    def _typed_value(self, column: _Column, row: Row, cell: Cell) -> Any:
        return key_part(self._asked().value(column.place, adapted(column.plan, row, cell, _NOWHERE)))


class _Nowhere(TextNumbers):
    """Numbers in columns of text are noted once, when the row is known to be quiet or the reference reads it."""

    def add(self, column: int, row: Row) -> None:
        """Note nothing."""


_NOWHERE = _Nowhere()


def _text_of(column: ColumnPlan, row: Row) -> Any:
    return row.cells[column.column - 1]


def _made(column: ColumnPlan, place: int, wanted: bool) -> _Column:
    decision = column.decision
    accepts = emit(decision.accept) if decision.accept is not None else None
    return _Column(column, place, decision.missing, decision.required, accepts or (lambda text: False), {}, wanted)
