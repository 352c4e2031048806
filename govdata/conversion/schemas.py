"""A Table Schema as the fields (信息项) of an entry, where they can say all of it; what `build_schema` makes comes back so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govdata.reading.resources.fields import build_schema

_SAME = ("name", "type", "description", "format", "missingValues", "semantic", "codes", "personal")
_NAMED = (
    ("personalReason", "x-personal-reason"),
    ("englishName", "x-english"),
    ("unit", "x-unit"),
    ("length", "x-length"),
    ("precision", "x-precision"),
)
_CONSTRAINTS = (
    ("required", "required"), ("unique", "unique"), ("minimum", "minimum"), ("maximum", "maximum"), ("pattern", "pattern"),
    ("values", "enum"), ("length", "maxLength"),
)  # fmt: skip
_KEYS = ("primaryKey", "uniqueKeys", "foreignKeys", "missingValues")


def fields_of(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """A resource's `fields` and keys that `build_schema` would make this schema of; `None` where there are none."""
    declared = schema.get("fields")
    if not isinstance(declared, list) or not declared or not all(isinstance(item, Mapping) for item in declared):
        return None
    found: dict[str, Any] = {"fields": [_field(item) for item in declared]}
    found |= {key: schema[key] for key in _KEYS if key in schema}
    if isinstance(found.get("primaryKey"), str):
        found["primaryKey"] = [found["primaryKey"]]
    found |= {"foreignKeys": [_foreign_key(key) for key in found["foreignKeys"]]} if isinstance(found.get("foreignKeys"), list) else {}
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    try:
        made = build_schema(found)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    return found if made is not None and made == _usual(plain) else None


def _field(declared: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: declared[key] for key in _SAME if key in declared}
    found |= {ours: declared[theirs] for ours, theirs in _NAMED if theirs in declared}
    constraints = declared.get("constraints")
    if isinstance(constraints, Mapping):
        found |= {ours: constraints[theirs] for ours, theirs in _CONSTRAINTS if theirs in constraints}
    if declared.get("x-decimal") is True:
        found["type"] = "Y"
    return found


def _foreign_key(key: Any) -> Any:
    """Without the empty name of a resource, which the specification wants and an entry leaves out."""
    reference = key.get("reference") if isinstance(key, Mapping) else None
    if not isinstance(reference, Mapping) or reference.get("resource") != "":
        return key
    return {**key, "reference": {name: value for name, value in reference.items() if name != "resource"}}


def _usual(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as `build_schema` writes it: a primary key as a list."""
    found = dict(schema)
    if isinstance(found.get("primaryKey"), str):
        found["primaryKey"] = [found["primaryKey"]]
    return found
