"""The tables and lists that foreign keys refer to: found, read once, and their keys held."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from typing import Any

from govdata.checks import header as headers
from govdata.checks.bodies import Body, BodyError, open_body
from govdata.checks.context import CheckContext
from govdata.checks.schema import ForeignKey, find_list, foreign_keys_of, refuse_unloadable
from govdata.engines.choice import uses_columns
from govdata.engines.known import Key, known_keys
from govdata.engines.plain import read_keys
from govdata.engines.plan import ForeignKeyPlan, SchemaError
from govdata.reading.sources import BlockSource, TableSource
from govdata.values import Finding, Resource, Skipped

Known = Collection[Key]


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


def targets_of(resource: Resource, context: CheckContext) -> list[Resource | str]:
    """The resource that each foreign key of a resource refers to, or a word for what is missing."""
    return [_target(key, resource, context) for key in foreign_keys_of(resource.schema or {}) if not key.codes]


def _name(key: ForeignKey, resource: Resource) -> str:
    parts = [part for part in (key.dataset, key.codes, key.resource) if part]
    return " / ".join(parts) or resource.file


def _known(key: ForeignKey, resource: Resource, context: CheckContext) -> Known | str | None:
    """The keys of the target; a word for what is missing; `None` where the target could not be read."""
    if key.codes:
        found = find_list(key.codes, context)
        return "list" if found is None else frozenset((code,) for code in found.in_force(context.settings.today.isoformat()))
    target = _target(key, resource, context)
    if isinstance(target, str):
        return target
    cached = context.common.keys.get((target.path, target.id, key.target))
    if cached is None:
        cached = _read(target, key.target, context)
        context.common.keys[target.path, target.id, key.target] = cached
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
    try:
        body = open_body(target, context, strict=False)
        if body is None:
            return None
        if not set(fields) <= {column.name for column in body.plan.columns}:
            return "field"
        for field in body.fields:
            refuse_unloadable(field)
        return known_keys(_keys(body, fields, context))
    except (SchemaError, BodyError):
        return None


def _keys(body: Body, fields: tuple[str, ...], context: CheckContext) -> Iterator[Key]:
    """The keys of the rows, by the engine that suits the table. `BodyError` where the file breaks off."""
    blocks, engine = body.source.blocks, context.settings.engine
    # A text may be the target of a table that is asked in SQL.
    if blocks is not None and engine != "sql" and uses_columns(engine, blocks.size):
        from govdata.engines.columns.targets import read_target

        found = read_target(body.plan, fields, blocks, body.header)
        if found is not None:
            return _unbroken(found, blocks)
    return read_keys(body.plan, fields, body.rows)


def _unbroken(keys: Iterator[Key], blocks: BlockSource) -> Iterator[Key]:
    from govdata.engines.columns.blocks import BREAKS

    stopped = None
    try:
        yield from keys
    except BREAKS as error:
        stopped = error
    for finding in blocks.check_unchanged(stopped):
        raise BodyError(finding)
