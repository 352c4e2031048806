"""The reference: every cell is decided by frictionless' own field readers; keys and widths are counted here.

What frictionless does not enforce (`uniqueKeys`, a missing part of a primary key, `categories`) is enforced here too:
`docs/table-schema.md` lists each keyword with the test that shows it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from govdata.engines.causes import cause_of_cell, cause_of_row
from govdata.engines.fields import FieldReader, read_field
from govdata.engines.plan import ColumnPlan, ForeignKeyPlan, KeyPlan, TablePlan, cell_at, place, shown
from govdata.predicates.patterns import PatternTimeout
from govdata.values import Cell, Finding, Row


@dataclass(slots=True)
class _Column:
    """A column while it is read."""

    plan: ColumnPlan
    read: FieldReader
    number_as_text: int = 0
    first: Row | None = None
    stopped: bool = False
    """Its pattern took too long once: not asked again."""


def check_rows(plan: TablePlan, rows: Iterable[Row]) -> Iterator[Finding]:
    """Findings of every row below the header, in order of row and column."""
    columns = [_Column(column, read_field(column.descriptor, typed=plan.typed)) for column in plan.columns]
    keys = [_key_check(key, plan) for key in plan.keys]
    for row in rows:
        if not any(cell is not None and cell != "" for cell in row.cells):
            if plan.strict_width or row.cells:
                yield Finding("table/blank-row", **place(plan, row))
            continue
        values: dict[str, Any] = {}
        found = list(_check_cells(plan, columns, row, values))
        if len(values) == plan.width and all(value is None for value in values.values()):
            yield Finding("table/blank-row", **place(plan, row))
            continue
        found.extend(_check_width(plan, row))
        yield from _with_row_cause(plan, columns, row, found)
        if plan.observe_row is not None:
            plan.observe_row(row.number, values)
        for check in keys:
            yield from check(row, values)
        for foreign in plan.foreign_keys:
            yield from _check_foreign(plan, foreign, row, values)
    yield from _number_as_text(plan, columns)


def _check_cells(plan: TablePlan, columns: list[_Column], row: Row, values: dict[str, Any]) -> Iterator[Finding]:
    for column in columns:
        if column.plan.column > len(row.cells) and plan.strict_width:
            continue
        cell = cell_at(row.cells, column.plan.column)
        yield from _check_cell(plan, column, row, cell, values)
    for number, observe in plan.other_columns.items():
        text = shown(cell_at(row.cells, number))
        if text:
            observe(text)


def _check_cell(plan: TablePlan, column: _Column, row: Row, cell: Cell, values: dict[str, Any]) -> Iterator[Finding]:
    if not isinstance(cell, str) and cell is not None:
        cell = _adapted(column, row, cell)
    text = shown(cell)
    if column.stopped:
        return
    try:
        value, broken = column.read(cell)
    except PatternTimeout:
        column.stopped = True
        pattern = str(column.plan.descriptor.get("constraints", {}).get("pattern", ""))
        yield Finding("table/pattern-slow", **place(plan, row, column.plan.column, column.plan.name), args={"pattern": pattern})
        return
    if value is not None or not any(rule == "table/type-error" for rule, _ in broken):
        values[column.plan.name] = value
    if value is None and not broken:
        return
    if text and column.plan.observe is not None:
        column.plan.observe(text)
    further = _further(column.plan, text) if text else []
    if not broken or any(args.get("reason") == "label" for _, args in further):
        # A label in place of its code is told as such, not as a text that is too long or no number.
        broken = further
    for rule, args in broken:
        yield Finding(
            rule,
            **place(plan, row, column.plan.column, column.plan.name),
            value=text or None,
            args=args,
            cause=cause_of_cell(rule, text, column.plan, column.read),
        )


def _further(column: ColumnPlan, text: str) -> list[tuple[str, Mapping[str, object]]]:
    return [found for check in column.checks if (found := check(text)) is not None]


def _adapted(column: _Column, row: Row, cell: Cell) -> Cell:
    """A typed cell as the field's reader wants it: text for text fields, a date for a midnight, digits for a year."""
    kind = column.plan.descriptor.get("type", "any")
    if kind == "date" and isinstance(cell, datetime):
        return cell.date() if not (cell.hour or cell.minute or cell.second) else cell
    if kind == "datetime" and isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)
    if kind in {"date", "datetime", "time", "integer", "number", "any"}:
        return cell
    if kind == "boolean" and isinstance(cell, bool):
        return cell
    if kind == "string" and isinstance(cell, int | float) and not isinstance(cell, bool):
        column.number_as_text += 1
        column.first = column.first or row
    return shown(cell)


def _number_as_text(plan: TablePlan, columns: list[_Column]) -> Iterator[Finding]:
    """One note per text column that a workbook stores as numbers: leading zeros cannot survive there."""
    for column in columns:
        if column.number_as_text and column.first is not None:
            where = place(plan, column.first, column.plan.column, column.plan.name)
            yield Finding("table/number-as-text", **where, args={"count": column.number_as_text})


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
        yield Finding("table/missing-cell", **place(plan, row, number, names.get(number, "")))


def _with_row_cause(plan: TablePlan, columns: list[_Column], row: Row, found: list[Finding]) -> Iterator[Finding]:
    cause = cause_of_row(plan, [(column.plan, column.read) for column in columns], row, found)
    for finding in found:
        yield dataclasses.replace(finding, cause=cause) if cause else finding


def _key_check(key: KeyPlan, plan: TablePlan) -> Callable[[Row, Mapping[str, Any]], Iterator[Finding]]:
    """A check that remembers the first row of every key. Rows in which no part is given are left to `required`."""
    first: dict[tuple[Any, ...], int] = {}
    names = {column.name: column.column for column in plan.columns}
    number = names.get(key.fields[0])

    def check(row: Row, values: Mapping[str, Any]) -> Iterator[Finding]:
        if any(name not in values for name in key.fields):
            return
        given = tuple(_hashable(values[name]) for name in key.fields)
        where = place(plan, row, number, key.fields[0] if len(key.fields) == 1 else "")
        args: dict[str, object] = {"fields": key.fields}
        if key.required and None in given:
            missing = [name for name, part in zip(key.fields, given, strict=True) if part is None]
            yield Finding(key.rule, **where, args={**args, "reason": "missing", "missing": missing})
        elif all(part is None for part in given):
            return
        elif given in first:
            args |= {"reason": "duplicate", "first": first[given]}
            yield Finding(key.rule, **where, value=_joined(values, key.fields), args=args)
        else:
            first[given] = row.number

    return check


def _check_foreign(plan: TablePlan, key: ForeignKeyPlan, row: Row, values: Mapping[str, Any]) -> Iterator[Finding]:
    if any(name not in values for name in key.fields):
        return
    given = tuple(_hashable(values[name]) for name in key.fields)
    if all(part is None for part in given) or given in key.known:
        return
    names = {column.name: column.column for column in plan.columns}
    where = place(plan, row, names.get(key.fields[0]), key.fields[0] if len(key.fields) == 1 else "")
    args = {"fields": key.fields, "target": key.target}
    yield Finding("table/foreign-key", **where, value=_joined(values, key.fields), args=args)


def _joined(values: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    return ", ".join(shown(values[name]) for name in fields)


def _hashable(value: Any) -> Any:
    if isinstance(value, list | dict):
        return repr(value)
    return value


def read_keys(plan: TablePlan, fields: tuple[str, ...], rows: Iterable[Row]) -> frozenset[tuple[Any, ...]]:
    """The keys that a table offers to foreign keys of others, read as its own schema reads them."""
    columns = {column.name: (column.column, read_field(column.descriptor, typed=plan.typed)) for column in plan.columns}
    wanted = [columns[name] for name in fields]
    known = set()
    for row in rows:
        parts = []
        for number, read in wanted:
            cell = cell_at(row.cells, number)
            try:
                value, _ = read(cell if isinstance(cell, str) or cell is None else _plain(cell, read))
            except PatternTimeout:
                value = None
            parts.append(_hashable(value))
        known.add(tuple(parts))
    return frozenset(known)


def _plain(cell: Cell, read: FieldReader) -> Cell:
    return shown(cell) if read.kind == "string" else cell
