"""The entry in the fields of a CKAN dataset, and back: what `catalog/ckan/fields.yaml` says, for the publisher and the plugin alike."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata import content
from govdata.classes import dataclass
from govdata.reading.entries.keys import BOOLEAN, OBJECT, Scope, Term, entry_scope

TABLE = "catalog/ckan/fields.yaml"
TAGS = "tag_string"
"""The field of the keywords: CKAN keeps them as tags, in a form of their own."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element of the entry and the field that holds it."""

    pointer: str
    """Canonical pointer; below a resource, from there."""
    name: str
    term: Term
    declared: Mapping[str, Any]
    """The rest of its line in the table: `label`, `preset`, `form_snippet`."""
    steps: tuple[str, ...] = ()
    """Those of the pointer."""

    def of(self, canonical: Any) -> Any:
        """Its value in an entry or resource; `None` where there is none."""
        for step in self.steps:
            # What is a dictionary is known at once; whether something else is a mapping takes ten times as long to tell.
            canonical = canonical.get(step) if type(canonical) is dict or isinstance(canonical, Mapping) else None
            if canonical is None:
                return None
        return canonical


@functools.cache
def dataset_fields() -> tuple[Field, ...]:
    """The fields of a dataset in the form's order."""
    return tuple(field for _, fields in sections() for field in fields)


@functools.cache
def sections() -> tuple[tuple[Mapping[str, str], tuple[Field, ...]], ...]:
    """The form's sections: title in both languages, and fields."""
    return tuple(
        (section["title"], tuple(_fields(section["fields"], entry_scope()))) for section in content.load(TABLE)["dataset"]
    )  # fmt: skip


@functools.cache
def resource_fields() -> tuple[Field, ...]:
    """The fields of a resource."""
    scope = entry_scope().terms["resources"].scope
    assert scope is not None
    return tuple(_fields(content.load(TABLE)["resource"], scope))


def state_fields(of: str) -> tuple[str, ...]:
    """The names of the fields in which the publisher keeps its state; `of` is `dataset` or `resource`."""
    return tuple(content.load(TABLE)["state"][of])


def _fields(declared: Mapping[str, Any], scope: Scope) -> Iterator[Field]:
    for pointer, line in declared.items():
        more = {key: value for key, value in line.items() if key != "field"}
        yield Field(pointer, str(line["field"]), _term(scope, pointer), more, tuple(pointer.split("/")[1:]))


def _term(scope: Scope, pointer: str) -> Term:
    *above, last = pointer.split("/")[1:]
    for step in above:
        below = scope.terms[step].scope
        assert below is not None
        scope = below
    return scope.terms[last]


def to_fields(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical entry as fields of a dataset: texts, lists of texts, lists of objects; without keywords and resources.

    Truth values are `true` and `false`, numbers are written as texts: CKAN keeps texts.
    """
    found: dict[str, Any] = {}
    for field in dataset_fields():
        value = field.of(canonical)
        if value is not None and field.name != TAGS:
            found[field.name] = _plain(_parts(value, field.declared.get("parts")))
    return found


def to_resource_fields(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource of a canonical entry as fields of CKAN's; its items (`data_items`) as JSON text."""
    found = {field.name: field.of(resource) for field in resource_fields()}
    return {name: _json(value) if isinstance(value, list | dict) else _plain(value) for name, value in found.items() if value is not None}


def _parts(value: Any, parts: Sequence[str] | None) -> Any:
    """Of objects only the parts that the form has: CKAN refuses the rest."""
    return [{key: item[key] for key in parts if key in item} for item in value if isinstance(item, Mapping)] if parts else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if type(value) is dict or isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return str(value)


def from_fields(package: Mapping[str, Any]) -> dict[str, Any]:
    """The entry that a CKAN dataset holds, in canonical keys; values are as CKAN has them, to be read like an entry as written.

    `package`: a dataset as `package_show` gives it or a form sends it; fields of a stock site may stand in `extras`. Empty
    fields are left out.
    """
    extras = {str(item.get("key")): item.get("value") for item in package.get("extras") or () if isinstance(item, Mapping)}
    known = {**extras, **{key: value for key, value in package.items() if key != "extras"}}
    found: dict[str, Any] = {}
    for field in dataset_fields():
        value = _keywords(known) if field.name == TAGS else _read(field, known.get(field.name))
        if value not in (None, "", [], {}):
            _put(found, field.pointer, value)
    resources = [_resource(item) for item in package.get("resources") or () if isinstance(item, Mapping)]
    return {**found, "resources": resources} if resources else found


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in resource_fields():
        value = _read(field, resource.get(field.name))
        if value not in (None, "", [], {}):
            _put(found, field.pointer, value)
    if "file" not in found:
        found["file"] = str(resource.get("url") or resource.get("name") or "").rpartition("/")[2]
    return {key: value for key, value in found.items() if value != ""}


def _keywords(package: Mapping[str, Any]) -> list[str]:
    written = package.get(TAGS)
    if isinstance(written, str) and written.strip():
        return [tag.strip() for tag in written.split(",") if tag.strip()]
    tags = package.get("tags")
    return [str(tag["name"]) for tag in tags if isinstance(tag, Mapping) and tag.get("name")] if isinstance(tags, list | tuple) else []


def _read(field: Field, value: Any) -> Any:
    """A value as the entry's reader takes it: lists from JSON, objects without empty parts, texts without space around."""
    if isinstance(value, str):
        value = value.strip()
        if field.term.many and value[:1] in ("[", "{"):
            value = _unpacked(value)
    if field.term.kind == OBJECT:
        return _objects(value)
    if isinstance(value, list | tuple):
        return [item for one in value if (item := one.strip() if isinstance(one, str) else one) not in (None, "")]
    return value == "true" if field.term.kind == BOOLEAN and value in ("true", "false") else value


def _unpacked(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _objects(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    kept = [{key: part for key, part in item.items() if part not in (None, "")} if isinstance(item, Mapping) else item for item in value]
    return [item for item in kept if item]


def _put(found: dict[str, Any], pointer: str, value: Any) -> None:
    *above, last = pointer.split("/")[1:]
    for step in above:
        found = found.setdefault(step, {})
    found[last] = value
