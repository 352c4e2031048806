"""Table Schemas of canonical tables: the schema of a resource, said of the values as `rows` writes them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from govdata.checks.schema import fields_of
from govdata.predicates.decisions import MISSING, missing_values
from govdata.publishing.rows import Unfit, converter

_FORMS = frozenset(("bareNumber", "groupChar", "decimalChar", "trueValues", "falseValues", "floatNumber", "delimiter", "itemType"))
"""How values were written; canonical ones are written as Table Schema itself says."""

_KEPT_FORMATS = frozenset(("string", "geojson"))
"""Types whose format tells what a value is, not how it is written."""

_VALUES = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def null_word(field: Mapping[str, Any]) -> str:
    """What stands for a missing value: nothing; where an empty text is a value of the field, the first of its own words for it."""
    words = missing_values(field)
    if words is None or "" in words or not words:
        return ""
    declared = field.get("missingValues", MISSING)
    return next(str(item.get("value") if isinstance(item, Mapping) else item) for item in declared)


def canonical_fields(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The fields of the canonical table, without white space around their names where they stay apart: readers such as frictionless take
    it from labels, never from names, and would find no column of such a name."""
    fields = fields_of(schema)
    names = [str(field["name"]).strip() for field in fields]
    if not all(names) or len(set(names)) < len(names):
        return fields
    return [{**field, "name": name} for field, name in zip(fields, names, strict=True)]


def canonical_schema(schema: Mapping[str, Any], name_of: Callable[[str], str]) -> dict[str, Any]:
    """The schema of the canonical table of a resource.

    `name_of` gives the name in the package of what a foreign key calls a resource; empty where it is not there: the key is left out,
    as are those to other datasets and to code lists, which Table Schema does not know.
    """
    found: dict[str, Any] = {"fields": [_field(field) for field in canonical_fields(schema)]}
    names = {field["name"] for field in found["fields"]}
    key = _listed(schema.get("primaryKey"))
    if key and names.issuperset(key):
        found["primaryKey"] = key
    unique = [_listed(item) for item in schema.get("uniqueKeys") or () if names.issuperset(_listed(item))]
    if unique:
        found["uniqueKeys"] = unique
    foreign = [made for item in schema.get("foreignKeys") or () if (made := _foreign(item, name_of, names))]
    if foreign:
        found["foreignKeys"] = foreign
    return found


def _field(field: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(field.get("type", "string"))
    written = any(name in field for name in _FORMS) or field.get("format", "default") != "default"
    found = {key: value for key, value in field.items() if key not in (*_FORMS, "format", "missingValues", "constraints")}
    found["type"] = "array" if kind == "list" else kind
    if kind == "datetime":
        # A blank stands between day and time, as in SQL: not the default form.
        found["format"] = "any"
    elif kind in _KEPT_FORMATS and field.get("format", "default") != "default":
        found["format"] = field["format"]
    constraints = field.get("constraints")
    if isinstance(constraints, Mapping) and constraints:
        found["constraints"] = json.loads(_constraints(json.dumps(field, default=str))) if written else dict(constraints)
    word = null_word(field)
    if word or missing_values(field) == frozenset():
        found["missingValues"] = [word] if word else []
    return found


@functools.lru_cache(maxsize=256)
def _constraints(written: str) -> str:
    """The constraints of a field whose values were written in its own form, in the canonical one; both as JSON."""
    field = json.loads(written)
    stated, convert = field["constraints"], converter(field)
    found = {key: value for key, value in stated.items() if key not in (*_VALUES, "enum")}
    for name in _VALUES:
        if name in stated and (value := _canonical(convert, stated[name])) is not None:
            found[name] = value
    allowed = stated.get("enum")
    if isinstance(allowed, list):
        values = [_canonical(convert, value) for value in allowed]
        if None not in values:
            found["enum"] = values
    return json.dumps(found)


def _canonical(convert: Callable[[Any], str | None], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return convert(value)
    except Unfit:
        return None


def _foreign(key: Any, name_of: Callable[[str], str], names: set[str]) -> dict[str, Any] | None:
    reference = key.get("reference") if isinstance(key, Mapping) else None
    if not isinstance(reference, Mapping) or reference.get("dataset") or reference.get("codes"):
        return None
    fields, target = _listed(key.get("fields")), str(reference.get("resource") or "")
    named = name_of(target) if target else ""
    if not fields or not names.issuperset(fields) or (target and not named):
        return None
    return {"fields": fields, "reference": {"resource": named, "fields": _listed(reference.get("fields")) or fields}}


def _listed(value: Any) -> list[str]:
    """The names of a key's fields, as `canonical_fields` has them."""
    if isinstance(value, str):
        return [value.strip()]
    return [str(item).strip() for item in value] if isinstance(value, Sequence) else []
