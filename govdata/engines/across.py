"""What holds across rows: keys of which no two rows may agree, and keys that must stand in another table. Kept in memory, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from govdata.engines.plan import ForeignKeyPlan, KeyPlan, TablePlan, place, shown
from govdata.values import Finding, Row

Values = Mapping[str, Any]
"""Field → value as a part of a key; a field that is not there could not be read."""


def fields_across(plan: TablePlan) -> frozenset[str]:
    """The fields whose values are needed beyond their own row."""
    keys = [key.fields for key in plan.keys] + [key.fields for key in plan.foreign_keys]
    return frozenset(name for fields in keys for name in fields)


def key_part(value: Any) -> Any:
    """A value as a part of a key: days and months in ISO form, so that a text that is surely one need not be read.

    What has no hash is written out: lists, a signalling NaN, a time whose zone is a day away.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if type(value).__name__ == "yearmonth":
        return f"{value[0]:04}-{value[1]:02}"
    try:
        hash(value)
    except (TypeError, ValueError):
        return repr(value)
    return value


def key_part_of_text(text: str, kind: str, drop: str = "", point: str = ".") -> Any:
    """The part of a key that an accepted text stands for (`Decision.value`), without asking the reference."""
    if kind == "text":
        return text
    plain = text.replace(drop, "") if drop else text
    return int(plain) if kind == "integer" else Decimal(plain if point == "." else plain.replace(point, "."))


class Across:
    """The checks of one table across its rows. Rows must come in order."""

    def __init__(self, plan: TablePlan) -> None:
        self._plan = plan
        self._columns = {column.name: column.column for column in plan.columns}
        self._first: list[dict[tuple[Any, ...], int]] = [{} for _ in plan.keys]

    def check(self, row: Row, values: Values) -> Iterator[Finding]:
        """Findings of one row, after all rows before it."""
        for position, key in enumerate(self._plan.keys):
            yield from self.check_gap(key, row, values) if lacks_part(key, values) else self.check_key(position, row, values)
        for foreign in self._plan.foreign_keys:
            yield from self.check_foreign(foreign, row, values)

    def check_gap(self, key: KeyPlan, row: Row, values: Values) -> Iterator[Finding]:
        """A row that lacks a required part of a key."""
        missing = [name for name in key.fields if values[name] is None]
        yield self._finding(key.rule, key.fields, row, {"fields": key.fields, "reason": "missing", "missing": missing})

    def check_key(self, position: int, row: Row, values: Values) -> Iterator[Finding]:
        """A row whose key an earlier one has. Rows in which no part is given are left to `required`."""
        key, first = self._plan.keys[position], self._first[position]
        if any(name not in values for name in key.fields):
            return
        given = tuple(values[name] for name in key.fields)
        if all(part is None for part in given):
            return
        if given in first:
            yield self.duplicate(key, row, values, first[given])
        else:
            first[given] = row.number

    def duplicate(self, key: KeyPlan, row: Row, values: Values, first: int) -> Finding:
        """What is said of a row whose key stands in an earlier row, of which the number is given."""
        args = {"fields": key.fields, "reason": "duplicate", "first": first}
        return self._finding(key.rule, key.fields, row, args, joined(values[name] for name in key.fields))

    def check_foreign(self, key: ForeignKeyPlan, row: Row, values: Values) -> Iterator[Finding]:
        """A row that refers to nothing."""
        if any(name not in values for name in key.fields):
            return
        given = tuple(values[name] for name in key.fields)
        if any(part is not None for part in given) and given not in key.known:
            yield self._finding("table/foreign-key", key.fields, row, {"fields": key.fields, "target": key.target}, joined(given))

    def _finding(self, rule: str, fields: tuple[str, ...], row: Row, args: Mapping[str, object], value: str | None = None) -> Finding:
        where = place(self._plan, row, self._columns.get(fields[0]), field_of(fields))
        return Finding(rule, **where, value=value, args=args)


def field_of(fields: Sequence[str]) -> str:
    """The field that a finding about a key names: its only one."""
    return fields[0] if len(fields) == 1 else ""


def lacks_part(key: KeyPlan, values: Values) -> bool:
    """Whether a required part of a key is missing in a row whose parts could all be read."""
    return key.required and all(name in values for name in key.fields) and any(values[name] is None for name in key.fields)


def joined(given: Iterable[Any]) -> str:
    """The parts of a key as the report shows them."""
    return ", ".join(shown(part) for part in given)
