"""Columns of a DataStore table from a Table Schema: names, PostgreSQL types, key and data dictionary. Types are declared, never guessed."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from govdata.checks.schema import fields_of, keys_of
from govdata.classes import dataclass
from govdata.errors import PublishError

LONGEST_NAME = 63
"""Bytes of a PostgreSQL identifier (NAMEDATALEN - 1); CKAN 2.12 lets a longer one pass and cuts it in silence."""

MOST_COLUMNS = 1598
"""PostgreSQL's limit of 1,600, less CKAN's own `_id` and `_full_text`."""

LARGEST_ROW = 8160
"""Bytes of the largest row of a PostgreSQL table (MaxHeapTupleSize of its pages of 8 KiB), what is stored elsewhere aside."""

_LEAST_ROW = 24 + 4 + 5
"""Bytes of a row's head, of `_id`, and of the smallest `_full_text`."""

_LEAST: Mapping[str, int] = {"bool": 1, "date": 4, "int4": 4, "int8": 8, "numeric": 3, "text": 1, "time": 8, "timestamp": 8}
"""Type → bytes of its smallest value. A column that may be empty can take none at all."""

SYSTEM_COLUMNS = frozenset(("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"))
"""Names that every table of PostgreSQL has already."""

_PARAMETER = re.compile(r"(?<![:\w]):\w|\\:")
"""A colon that CKAN 2.12 takes for a parameter of its own statement: `datastore_create` answers 500 (tried)."""

_INT8 = range(-(2**63), 2**63)
_INT8_DIGITS = 18
"""So many digits always fit."""

TYPES: Mapping[str, str] = {
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
    "number": "numeric",
    "time": "time",
    "year": "int4",
}
"""Table Schema type → PostgreSQL type; integers are decided by their bounds, all others are text in a canonical form."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a DataStore table."""

    name: str
    """What it is called there: the field's English name where it has one, else its name."""
    field: str
    """The field of the schema."""
    type: str
    """`bool`, `int4`, `int8`, `numeric`, `text`, `date`, `time` or `timestamp`."""
    label: str = ""
    notes: str = ""
    unit: str = ""
    required: bool = False
    key: bool = False
    """A part of the primary key."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a table cannot be loaded: a key of `catalog/messages` (area `error`) with its arguments."""

    reason: str
    args: Mapping[str, object]


def columns_of(schema: Mapping[str, Any] | None) -> tuple[Column, ...]:
    """The columns in the order of the fields; `PublishError` with the first reason for which they cannot be."""
    for refusal in refusals_of(schema):
        raise PublishError(refusal.reason, **refusal.args)
    return tuple(_columns(schema or {}))


def refusals_of(schema: Mapping[str, Any] | None) -> Iterator[Refusal]:
    """Everything for which a table of this schema cannot be in the DataStore, told before anything is sent."""
    columns = list(_columns(schema or {}))
    if not columns:
        yield Refusal("datastore-no-schema", {})
    if len(columns) > MOST_COLUMNS:
        yield Refusal("datastore-many-columns", {"count": len(columns), "most": MOST_COLUMNS})
    needed = [_LEAST[column.type] for column in columns if column.required]
    if sum(needed, _LEAST_ROW) > LARGEST_ROW:
        told = {"count": len(needed), "size": sum(needed, _LEAST_ROW), "most": LARGEST_ROW}
        yield Refusal("datastore-required-size", told)
    for column in columns:
        size = len(column.name.encode("utf-8", "surrogatepass"))
        if size > LONGEST_NAME:
            yield Refusal("datastore-long-name", {"field": column.field, "name": column.name, "size": size, "most": LONGEST_NAME})
        if not _is_usable(column.name):
            yield Refusal("datastore-bad-name", {"field": column.field, "name": column.name})
    for name, fields in _twice(columns):
        yield Refusal("datastore-same-name", {"name": name, "fields": fields})


def dictionary(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """The `fields` of `datastore_create`: name, type and what the data dictionary shows.

    `switch.sql` reads `required` from it and makes the column NOT NULL.
    """
    return [{"id": column.name, "type": column.type, "info": _info(column)} for column in columns]


def primary_key(columns: Iterable[Column]) -> list[str]:
    """The names of the key's columns."""
    return [column.name for column in columns if column.key]


def digest_of(columns: Sequence[Column], checksum: str) -> str:
    """A digest of a loaded table: its columns and its rows. Equal digests need no load."""
    told = [[column.name, column.type, column.required, column.key, _info(column)] for column in columns]
    return hashlib.sha256(json.dumps([told, checksum], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _columns(schema: Mapping[str, Any]) -> Iterator[Column]:
    if not isinstance(schema.get("fields"), list):
        return
    key = next((plan.fields for plan in keys_of(schema) if plan.required), ())
    for field in fields_of(schema):
        name, constraints = str(field["name"]), field.get("constraints")
        required = isinstance(constraints, Mapping) and constraints.get("required") is True
        yield Column(
            name=_name(field), field=name, type=type_of(field), label=_text(field, "title") or name, notes=_text(field, "description"),
            unit=_text(field, "x-unit"), required=required or name in key, key=name in key,
        )  # fmt: skip


def type_of(field: Mapping[str, Any]) -> str:
    """The PostgreSQL type of a field: one that holds every value that the schema allows."""
    kind = str(field.get("type", "string"))
    if kind == "integer":
        return "int8" if _fits_int8(field) else "numeric"
    return TYPES.get(kind, "text")


def _fits_int8(field: Mapping[str, Any]) -> bool:
    """Whether the schema itself keeps an integer within eight bytes: by its digits or by both bounds."""
    length = field.get("x-length")
    if isinstance(length, int) and not isinstance(length, bool) and length <= _INT8_DIGITS:
        return True
    constraints = field.get("constraints")
    stated = constraints if isinstance(constraints, Mapping) else {}
    allowed = stated.get("enum")
    if isinstance(allowed, list) and allowed:
        return all(_is_int8(value) for value in allowed)
    low = stated.get("minimum", stated.get("exclusiveMinimum"))
    high = stated.get("maximum", stated.get("exclusiveMaximum"))
    return _is_int8(low) and _is_int8(high)


def _is_int8(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    try:
        return int(value) in _INT8
    except ValueError:
        return False


def _name(field: Mapping[str, Any]) -> str:
    english = field.get("x-english")
    given = english.strip() if isinstance(english, str) else ""
    return given if given and given.isascii() else str(field["name"])


def _is_usable(name: str) -> bool:
    """Whether CKAN (`is_valid_field_name`) and PostgreSQL take a name, its length aside."""
    if not name or name != name.strip() or name.startswith("_") or '"' in name or name in SYSTEM_COLUMNS:
        return False
    if _PARAMETER.search(name):
        return False
    return not any(unicodedata.category(character).startswith("C") for character in name)


def _twice(columns: Sequence[Column]) -> Iterator[tuple[str, list[str]]]:
    """Names that several columns would have once PostgreSQL has cut them."""
    cut = [column.name.encode("utf-8", "surrogatepass")[:LONGEST_NAME] for column in columns]
    for name, count in Counter(cut).items():
        if count > 1:
            yield name.decode("utf-8", "ignore"), [column.field for column, own in zip(columns, cut, strict=True) if own == name]


def _text(field: Mapping[str, Any], name: str) -> str:
    value = field.get(name)
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _info(column: Column) -> dict[str, Any]:
    notes = column.notes
    told: dict[str, Any] = {"label": column.label, "notes": notes, "unit": column.unit, "required": column.required, "field": column.field}
    return {name: value for name, value in told.items() if value not in ("", False)}
