"""Keys of a table in a database: which rows may share one or miss in another table. The database looks, real values decide (`Across`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from govdata.engines.plan import ForeignKeyPlan, KeyPlan
from govdata.engines.sql.cells import Cells
from govdata.engines.sql.statements import Statements
from govdata.predicates.sqlterms import cast, double, string, whole

MOST = 10_000
"""Values that are handed to the database one by one; beyond, the table is read row by row."""

Read = Callable[[str, Any], tuple[bool, Any]]
"""A field and a cell → whether it could be read, and its part of a key."""


class Unanswerable(Exception):
    """The database cannot look for the rows of a key: they are read one by one."""


def rows_of_key(asked: Statements, key: KeyPlan, counted: tuple[int, int], read: Read) -> Iterator[str]:
    """Conditions on rows, which hold wherever the key may be found wrong.

    `counted`: rows in which a part of it is not surely right, and those in which one is missing.
    """
    (odd, gaps), numbers = counted, asked.numbers_of(key.fields)
    if any(asked.cells[number].part is None for number in numbers) or odd > MOST:
        raise Unanswerable
    parts = [asked.part(number) for number in numbers]
    if key.required and gaps:
        yield asked.incomplete(key)
    whole_key = _joined(parts, asked.functions is not None)
    where = [f"({' OR '.join(f'({part}) IS NOT NULL' for part in parts)})", *([asked.regular(key)] if odd else [])]
    groups = f"FROM {asked.source} WHERE {' AND '.join(where)} GROUP BY {', '.join(parts)} HAVING count(*) > 1"
    if next(iter(asked.database.rows(f"SELECT count(*) FROM (SELECT 1 {groups})")))[0]:
        yield f"{whole_key} IN (SELECT {whole_key} {groups})"
    if odd:
        names = [asked.database.cell(asked.cells[number].column) for number in numbers]
        found = asked.select(names, f"NOT ({asked.regular(key)})")
        yield from _among(asked, numbers[0], list(_first_parts(key.fields, found, read)))


def _joined(parts: Sequence[str], lite: bool) -> str:
    """Several parts as one value that is the same where all are: missing parts are alike."""
    if len(parts) == 1:
        return parts[0]
    return " || ',' || ".join(f"quote({part})" for part in parts) if lite else f"hash({', '.join(parts)})"


def _first_parts(fields: Sequence[str], rows: Iterator[tuple[Any, ...]], read: Read) -> Iterator[Any]:
    """The first part of each key that could be read."""
    for row in rows:
        found = [read(name, cell) for name, cell in zip(fields, row, strict=True)]
        if all(known for known, _ in found) and any(value is not None for _, value in found):
            yield found[0][1]


def _among(asked: Statements, number: int, values: Sequence[Any]) -> Iterator[str]:
    """Rows of which the part is one of some values, or perhaps some more."""
    if len(values) > MOST or any(value is None for value in values):
        raise Unanswerable
    written = dict.fromkeys(asked.say(_written(value, asked.cells[number])) for value in values)
    if written:
        yield f"({asked.part(number)}) IN ({', '.join(written)})"


def _written(value: Any, cells: Cells) -> Any:
    from sqlglot import exp

    family = cells.column.family
    if isinstance(value, bool) and family == "boolean":
        return exp.true() if value else exp.false()
    if isinstance(value, str) and family == "date" and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return cast(value, "DATE")
    if isinstance(value, str) and family in {"text", "enum", "uuid", "dynamic"} and value.isprintable():
        return string(value)
    if isinstance(value, str) and family == "integer" and value.lstrip("-").isdigit():
        return whole(int(value))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return whole(value)
    if isinstance(value, Decimal | float) and family in {"integer", "decimal", "double"}:
        return double(float(value))
    if isinstance(value, datetime) and family == "timestamp" and value.tzinfo is None:
        return cast(value.isoformat(" "), "TIMESTAMP")
    if isinstance(value, date) and not isinstance(value, datetime) and family in {"date", "timestamp"}:
        return cast(value.isoformat(), "DATE")
    raise Unanswerable


def rows_of_foreign_key(asked: Statements, key: ForeignKeyPlan, quiet: str, read: Read) -> Iterator[str]:
    """Conditions on rows, which hold wherever the key may be missing in the other table; of rows that are right otherwise (`quiet`)."""
    numbers = asked.numbers_of(key.fields)
    if any(asked.cells[number].part is None for number in numbers):
        raise Unanswerable
    parts = [asked.part(number) for number in numbers]
    missing: list[Any] = []
    for row in asked.select(parts, quiet, f" GROUP BY {', '.join(parts)}"):
        given = tuple(read(name, value)[1] for name, value in zip(key.fields, row, strict=True))
        if any(part is not None for part in given) and given not in key.known:
            missing.append(given[0])
            if len(missing) > MOST:
                raise Unanswerable
    yield from _among(asked, numbers[0], missing)
