"""The rows below the header of a table, each declared field with its column: for whoever reads values without checking them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from govdata.checks import header as headers
from govdata.checks.columns import check_types
from govdata.checks.context import CheckContext
from govdata.checks.schema import fields_of
from govdata.classes import dataclass
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.decisions import decide
from govdata.reading.sources import TableSource
from govdata.reading.tables import open_table
from govdata.values import Finding, Resource, Row, Skipped

BROKEN_OFF = frozenset(("file/changed", "file/unreadable"))
"""Of a file with these findings, what is in it is not known: another reading may give other rows."""


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of a table below its header, and what stands in their columns."""

    plan: TablePlan
    """Columns of declared fields, without checks, in the order of the schema."""
    rows: Iterator[Row]
    """May raise `BodyError`."""
    fields: Sequence[Mapping[str, Any]]
    source: TableSource
    header: int
    """The number of the header row."""


def open_body(resource: Resource, context: CheckContext, *, strict: bool = True) -> Body | None:
    """The body of a table; `None` where it has none or no declared field stands in its header.

    `strict`: an error of the reader among the rows raises `BodyError`. Else the rows simply end, unless the file breaks off (`BROKEN_OFF`).
    """
    source = open_table(resource, context.settings)
    if isinstance(source, Finding | Skipped):
        return None
    rows = _rows(source, resource, context, strict)
    ahead = _ahead(rows, max(resource.dialect.header_rows, default=0) + headers.LOOK_AHEAD)
    header = _header(resource, ahead)
    if header is None or not header.found:
        return None
    if source.table is not None and strict:
        header = headers.without(header, {finding.field for finding in check_types(resource, source, header)})
    declared = fields_of(resource.schema or {"fields": [{"name": label, "type": "string"} for label in header.columns]})
    there = [(str(field["name"]), field) for field in declared if str(field["name"]) in header.columns]
    columns = tuple(ColumnPlan(name, field, header.columns[name], decision=decide(field)) for name, field in there)
    plan = TablePlan(resource.file, resource.id, "", len(header.labels), columns, typed=source.info.typed)
    number = header.row.number
    return Body(plan, (row for row in chain(ahead, rows) if row.number > number), [field for _, field in there], source, number)


class BodyError(Exception):
    """The rows of a table cannot be read to their end; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


def _rows(source: TableSource, resource: Resource, context: CheckContext, strict: bool) -> Iterator[Row]:
    comment = "" if source.table is not None else resource.dialect.comment
    for item in source.stream():
        if isinstance(item, Row):
            if not (strict and comment and item.cells and str(item.cells[0] or "").startswith(comment)):
                yield item
        elif isinstance(item, Finding) and (item.rule in BROKEN_OFF or (strict and context.severity(item) == "error")):
            raise BodyError(item)


def _ahead(rows: Iterator[Row], number: int) -> list[Row]:
    """The first rows, up to the one of a number."""
    found = []
    for row in rows:
        found.append(row)
        if row.number >= number:
            break
    return found


def _header(target: Resource, ahead: Sequence[Row]) -> headers.Header | None:
    """The header where it should be, else where it is found further down, as for the table's own check."""
    declared = fields_of(target.schema or {})
    numbers = target.dialect.header_rows
    if not numbers:
        return headers.declared_header(declared)
    chosen = [row for row in ahead if row.number in numbers]
    if not chosen:
        return None
    labels = headers.read_labels(chosen, target.dialect.header_join)
    if not declared:
        return headers.match_header(target, chosen[-1], labels, [{"name": label} for label in labels if label])
    header = headers.match_header(target, chosen[-1], labels, declared)
    later = headers.find_header(ahead, declared) if len(header.columns) * 2 < len(declared) else None
    row = next((row for row in ahead if row.number == later), None)
    return header if row is None else headers.match_header(target, row, headers.read_labels([row], " "), declared)
