"""Columns that refer to the key of another table: all of their values stand in it, and their names speak of the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from govdata.checks.bodies import BodyError, open_body
from govdata.checks.context import CheckContext
from govdata.checks.schema import fields_of, keys_of, refuse_unloadable
from govdata.classes import dataclass
from govdata.drafting.fields import Field
from govdata.drafting.names import joined
from govdata.drafting.tables import Table
from govdata.engines.plain import read_keys
from govdata.engines.plan import SchemaError, shown
from govdata.messages import template
from govdata.reading.tables import open_table
from govdata.settings import Settings
from govdata.standards import Library
from govdata.values import Dataset, Resource, Row

MOST = 2_000_000
"""Values of a key that is looked into."""


@dataclass(frozen=True, slots=True)
class Target:
    """The key of a table that columns may refer to."""

    reference: Mapping[str, str]
    """As an entry writes it: `dataset`, `resource`, `field`."""
    names: frozenset[str]
    """What a column that refers to it may be called, joined; no names of things in general."""
    meanings: frozenset[str]
    """Semantic type and code list of the key's field."""
    title: str
    resource: Resource
    field: str


GENERAL = frozenset("编号 代码 编码 名称 序号 id code name number 标识 主键 类型 kind".split())  # noqa: SIM905
"""Names that every table may have: they speak of the same only together with the name of their table."""


def targets_of_directory(root: Path, folder: Path, settings: Settings, library: Library) -> list[Target]:
    """The keys of the other datasets of a directory."""
    from govdata.reading.datasets import find_datasets
    from govdata.reading.entries.translation import read_entry
    from govdata.standards import DEFAULT

    codes = library.standard(settings.standard or DEFAULT).codes
    found: list[Target] = []
    for dataset in find_datasets(root, settings, lambda document, file: read_entry(document, file, codes)):
        if dataset.path.resolve() != folder.resolve() and dataset.entry is not None:
            found += _targets(dataset)
    return found


def _targets(dataset: Dataset) -> Iterator[Target]:
    entry = dataset.entry
    code = str(entry.canonical.get("identifier") or "") if entry is not None else ""
    if not code or entry is None or code in template("draft.placeholder").values():
        return
    title = str(entry.canonical.get("title") or code)
    for resource in dataset.resources:
        for key in keys_of(resource.schema or {}):
            field = next((item for item in fields_of(resource.schema or {}) if (str(item["name"]),) == key.fields), None)
            if field is None:
                continue
            reference = {"dataset": code, **({"resource": resource.id} if len(dataset.resources) > 1 else {}), "field": str(field["name"])}
            subjects = (title, resource.path.stem, dataset.path.name)
            meanings = frozenset(str(field[name]) for name in ("semantic", "codes") if field.get(name))
            yield Target(reference, _names(field, subjects), meanings, title, resource, str(field["name"]))


def targets_of_tables(drafted: Sequence[tuple[Table, Sequence[Field]]]) -> list[Target]:
    """The keys that are proposed of the tables of this draft."""
    found = []
    for table, fields in drafted:
        keys = [field for field in fields if field.declared.get("primaryKey") or field.declared.get("unique")]
        if len([field for field in fields if field.declared.get("primaryKey")]) > 1:
            continue
        for field in keys:
            names = _names(
                {"name": field.name, "x-english": field.declared["englishName"]},
                (table.resource.path.stem, str(table.resource.sheet or "")),
            )
            meanings = frozenset(str(field.declared[name]) for name in ("semantic", "codes") if field.declared.get(name))
            reference = {"resource": table.resource.id, "field": field.name}
            found.append(Target(reference, names, meanings, table.resource.id, table.resource, field.name))
    return found


def _names(field: Mapping[str, Any], subjects: Sequence[str]) -> frozenset[str]:
    own = joined(str(field["name"]))
    english = joined(str(field.get("x-english", "")))
    names = {name for name in (own, english) if name and name not in GENERAL}
    names |= {joined(subject) + own for subject in subjects if subject}
    return frozenset(names)


def propose_references(fields: Sequence[Field], table: Table, targets: Sequence[Target], context: CheckContext) -> None:
    """Foreign keys of the fields of one table, where a target holds all values."""
    cache: dict[int, Set[str] | None] = {}
    for field in fields:
        if field.declared["type"] not in ("C", "I") or field.faulty or not field.profile.values or "codes" in field.declared:
            continue
        for target in targets:
            own = target.resource.path == table.resource.path and target.resource.sheet == table.resource.sheet
            if own or not _speaks_of(field, target):
                continue
            if id(target) not in cache:
                cache[id(target)] = read_key(target, context)
            known = cache[id(target)]
            if known is not None and _all_known(field, table, known, context):
                field.declared["foreignKey"] = dict(target.reference)
                field.declared.pop("values", None)
                field.remarks = [remark for remark in field.remarks if remark[0] != "values"]
                field.remarks.append(("reference", {"title": target.title, "field": target.field}))
                break


def _speaks_of(field: Field, target: Target) -> bool:
    names = {joined(field.profile.label), joined(str(field.declared["englishName"]))} - GENERAL
    meaning = field.declared.get("semantic")
    return bool(names & target.names) or (meaning is not None and meaning in target.meanings)


def read_key(target: Target, context: CheckContext) -> Set[str] | None:
    """The values of a key as texts; `None` where they cannot be read or are too many."""
    if target.resource.schema is None:
        return _few(column_texts(target.resource, target.field, context))
    try:
        body = open_body(target.resource, context, strict=False)
        if body is None or target.field not in {column.name for column in body.plan.columns}:
            return None
        for field in body.fields:
            refuse_unloadable(field)
        return _few(shown(key[0]) for key in read_keys(body.plan, (target.field,), body.rows))
    except (SchemaError, BodyError):  # the latter of a file that changes meanwhile
        return None


def _few(texts: Iterable[str]) -> Set[str] | None:
    """Different texts; `None` where they are too many."""
    found: set[str] = set()
    for text in texts:
        found.add(text)
        if len(found) > MOST:
            return None
    return found


def column_texts(resource: Resource, label: str, context: CheckContext) -> Iterator[str]:
    """The texts of one column of a table, empty ones aside."""
    source = open_table(resource, context.settings)
    place = None
    for item in source.stream() if hasattr(source, "stream") else ():
        if not isinstance(item, Row):
            continue
        if item.number == max(resource.dialect.header_rows):
            labels = [shown(cell) for cell in item.cells]
            place = labels.index(label) if label in labels else None
        elif place is not None and place < len(item.cells):
            text = shown(item.cells[place])
            if text:
                yield text


def _all_known(field: Field, table: Table, known: Set[str], context: CheckContext) -> bool:
    """Whether all values of a field are among those of a key: those that were kept, else read once more."""
    if field.profile.texts is not None:
        return all(text in known for text in field.profile.texts)
    return all(text in known for text in column_texts(table.resource, field.profile.label, context))
