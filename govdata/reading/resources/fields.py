"""Table Schema descriptors from the fields (信息项) of an entry: types, constraints and what govdata adds to them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from govdata import content

_TYPES = "data-type/list.yaml"
_CONSTRAINTS = (
    ("required", "required"),
    ("unique", "unique"),
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("pattern", "pattern"),
    ("values", "enum"),
)
_KEPT = (
    ("description", "description"),
    ("format", "format"),
    ("missingValues", "missingValues"),
    ("semantic", "semantic"),
    ("codes", "codes"),
    ("personal", "personal"),
    ("personalReason", "x-personal-reason"),
    ("englishName", "x-english"),
    ("unit", "x-unit"),
)
_TRUE = ["true", "True", "TRUE", "1", "是"]
_FALSE = ["false", "False", "FALSE", "0", "否"]


def build_schema(declared: Mapping[str, Any]) -> dict[str, Any] | None:
    """A Table Schema (v1) from a canonical resource; `None` where it declares no fields.

    A number's length and precision (digits in all, and behind the point) stand in `x-length` and `x-precision`, which
    Table Schema has no words for; a field's English name in `x-english`, a money type in `x-decimal`.
    """
    fields = [field for field in _list(declared.get("fields")) if isinstance(field, Mapping) and field.get("name")]
    if not fields:
        return None
    schema: dict[str, Any] = {"fields": [_build_field(field) for field in fields]}
    primary = _texts(declared.get("primaryKey")) or [str(f["name"]) for f in fields if f.get("primaryKey") is True]
    if primary:
        schema["primaryKey"] = primary
    unique = [names for key in _list(declared.get("uniqueKeys")) if (names := _texts(key))]
    if unique:
        schema["uniqueKeys"] = unique
    foreign = [*_foreign_keys(declared), *_field_foreign_keys(fields)]
    if foreign:
        schema["foreignKeys"] = foreign
    if isinstance(declared.get("missingValues"), list):
        schema["missingValues"] = _texts(declared["missingValues"])
    return schema


def _build_field(declared: Mapping[str, Any]) -> dict[str, Any]:
    kind, decimal = _kind(declared.get("type"))
    field: dict[str, Any] = {"name": str(declared["name"]), "type": kind}
    field.update((ours, declared[key]) for key, ours in _KEPT if declared.get(key) is not None)
    constraints = {theirs: declared[key] for key, theirs in _CONSTRAINTS if declared.get(key) not in (None, False, [])}
    if kind == "any":
        constraints = {name: value for name, value in constraints.items() if name in ("required", "unique", "enum")}
    length, precision = declared.get("length"), declared.get("precision")
    if kind == "string" and isinstance(length, int):
        constraints["maxLength"] = length
    if kind in ("number", "integer"):
        field.update((key, value) for key, value in (("x-length", length), ("x-precision", precision)) if isinstance(value, int))
    if constraints:
        field["constraints"] = constraints
    if kind == "boolean":
        field.update(trueValues=_TRUE, falseValues=_FALSE)
    if decimal:
        field["x-decimal"] = True
    return field


def _kind(declared: object) -> tuple[str, bool]:
    """The Table Schema type of a data-type code or type name, and whether it is money. Unknown: text (the entry's rule tells)."""
    if not isinstance(declared, str) or not declared:
        return "string", False
    known = _types()
    if declared in known:
        return known[declared]
    return (declared, False) if declared in _type_names() else ("any", False)


@functools.cache
def _types() -> Mapping[str, tuple[str, bool]]:
    codes = content.compiled("codes")[_TYPES]["codes"]
    return {str(code["code"]): (str(code["table_schema"]), _is_true(code.get("decimal"))) for code in codes}


@functools.cache
def _type_names() -> frozenset[str]:
    schema = content.load("schemas/entry.schema.json")
    return frozenset(schema["$defs"]["field"]["properties"]["type"]["x-codes-also"])


def _is_true(value: object) -> bool:
    return value is True or value == "true"


def _foreign_keys(declared: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key in _list(declared.get("foreignKeys")):
        reference = key.get("reference") if isinstance(key, Mapping) else None
        if isinstance(reference, Mapping) and _texts(key.get("fields")):
            yield _foreign_key(_texts(key["fields"]), reference, _texts(reference.get("fields")))


def _field_foreign_keys(fields: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for field in fields:
        reference = field.get("foreignKey")
        if isinstance(reference, Mapping) and reference:
            yield _foreign_key([str(field["name"])], reference, _texts(reference.get("field")))


def _foreign_key(fields: list[str], reference: Mapping[str, Any], target: list[str]) -> dict[str, Any]:
    names = {name: str(reference[name]) for name in ("resource", "dataset", "codes") if reference.get(name)}
    return {"fields": fields, "reference": {"resource": "", **names, "fields": target or fields}}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value if isinstance(item, str | int)] if isinstance(value, list) else []
