"""The tables and lists that foreign keys refer to: found, read once, and held as sets of keys."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import Any

from govdata.checks import header as headers
from govdata.checks.context import CheckContext
from govdata.checks.schema import ForeignKey, fields_of, find_list, foreign_keys_of, refuse_unloadable
from govdata.engines.plain import read_keys
from govdata.engines.plan import ColumnPlan, ForeignKeyPlan, SchemaError, TablePlan
from govdata.predicates.decisions import decide
from govdata.reading.sources import TableSource
from govdata.reading.tables import open_table
from govdata.values import Finding, Resource, Row, Skipped

Known = frozenset[tuple[Any, ...]]


def plan_foreign_keys(
    resource: Resource, source: TableSource, header: headers.Header, context: CheckContext
) -> Generator[Finding | Skipped, None, list[ForeignKeyPlan]]:
    """The foreign keys that can be checked; a finding for a target that is not there, a skip for one that cannot be read."""
    plans = []
    for key in foreign_keys_of(resource.schema or {}):
        where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "pointer": resource.pointer}
        name = _name(key, resource)
        known = _known(key, resource, context)
        if isinstance(known, str):
            yield Finding("table/foreign-key-target", **where, field=key.fields[0], args={"reason": known, "target": name})
        elif known is None:
            yield Skipped(resource.file, "foreign-key-unread", {"target": name, "fields": key.fields})
        else:
            plans.append(ForeignKeyPlan(key.fields, known, name))
    return plans


def targets_of(resource: Resource, context: CheckContext) -> list[Resource]:
    """The resources that the foreign keys of a resource refer to."""
    targets = [_target(key, resource, context) for key in foreign_keys_of(resource.schema or {}) if not key.codes]
    return [target for target in targets if isinstance(target, Resource)]


def _name(key: ForeignKey, resource: Resource) -> str:
    parts = [part for part in (key.dataset, key.codes, key.resource) if part]
    return " / ".join(parts) or resource.file


def _known(key: ForeignKey, resource: Resource, context: CheckContext) -> Known | str | None:
    """The keys of the target; a word for what is missing; `None` where the target could not be read."""
    if key.codes:
        found = find_list(key.codes, context)
        return "list" if found is None else frozenset((code,) for code, item in found.codes.items() if not item.valid_until)
    target = _target(key, resource, context)
    if isinstance(target, str):
        return target
    cached = context.key_cache.get((target.path, target.sheet, key.target))
    if cached is None:
        cached = _read(target, key.target, context)
        context.key_cache[target.path, target.sheet, key.target] = cached
    return cached  # type: ignore[return-value]


def _target(key: ForeignKey, resource: Resource, context: CheckContext) -> Resource | str:
    if not key.dataset and not key.resource:
        return resource
    dataset = context.find_dataset(key.dataset)
    if dataset is None:
        return "dataset"
    if not key.resource:
        return dataset.resources[0] if dataset.resources else "resource"
    names = (key.resource, key.resource.rpartition(".")[0])
    return next((item for item in dataset.resources if item.id in names or item.file == key.resource), "resource")


def _read(target: Resource, fields: tuple[str, ...], context: CheckContext) -> Known | str | None:
    source = open_table(target, context.settings)
    if isinstance(source, Finding | Skipped):
        return None
    rows = (item for item in source.stream() if isinstance(item, Row))
    ahead = _ahead(rows, max(target.dialect.header_rows, default=0) + headers.LOOK_AHEAD)
    header = _header(target, ahead)
    if header is None or not header.found:
        return None
    declared = fields_of(target.schema or {"fields": [{"name": label, "type": "string"} for label in header.columns]})
    there = [(str(field["name"]), field) for field in declared if str(field["name"]) in header.columns]
    columns = tuple(ColumnPlan(name, field, header.columns[name], decision=decide(field)) for name, field in there)
    if not set(fields) <= {column.name for column in columns}:
        return "field"
    plan = TablePlan(target.file, target.id, "", len(header.labels), columns, typed=source.info.typed)
    try:
        for _, field in there:
            refuse_unloadable(field)
        return read_keys(plan, fields, (row for row in chain(ahead, rows) if row.number > header.row.number))
    except SchemaError:
        return None


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
