"""Columns of a database against the declared fields: types of which no value can be right, told once instead of row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govdata.checks import header as headers
from govdata.checks.schema import fields_of
from govdata.reading.sources import TableSource
from govdata.values import Finding, Resource

_ANY_TEXT = frozenset(("any", "string"))
_NUMBERS = _ANY_TEXT | {"integer", "number", "boolean", "year"}
_POINTS = _ANY_TEXT | {"date", "datetime"}

FITS: Mapping[str, frozenset[str]] = {
    "integer": _NUMBERS,
    "decimal": _NUMBERS,
    "double": _NUMBERS,
    "boolean": _ANY_TEXT | {"boolean"},
    "date": _POINTS,
    "timestamp": _POINTS,
    "timestamp-zone": _POINTS,
    "time": _ANY_TEXT | {"time"},
    "time-zone": _ANY_TEXT | {"time"},
    "interval": _ANY_TEXT,
    "uuid": _ANY_TEXT,
    "bit": _ANY_TEXT,
    "other": _ANY_TEXT,
    "list": frozenset(("any", "array", "list", "geopoint")),
    "struct": frozenset(("any", "object", "geojson", "geopoint")),
    "blob": frozenset(("any",)),
}
"""Family of a source type → the field types of which it can hold values. Families that are not here (`text`, `enum`, `null`, SQLite's
`dynamic`) fit every type, and their cells are decided one by one. `docs/typed-sources.md` is this table in words."""


def check_types(resource: Resource, source: TableSource, header: headers.Header) -> Iterator[Finding]:
    """A finding for each field whose column is of a type that no value of the field has."""
    columns = source.table.columns if source.table is not None else ()
    for field in fields_of(resource.schema or {}) if columns else ():
        number = header.columns.get(str(field["name"]))
        if number is None:
            continue
        column = columns[number - 1]
        kind = str(field.get("type", "string"))
        if kind not in FITS.get(column.family, {kind}):
            args = {"declared": kind, "type": column.type[:100], "fits": sorted(FITS[column.family])}
            where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "sheet": source.info.sheet}
            yield Finding("table/column-type", **where, column=number, field=str(field["name"]), args=args)
