"""Our engine and frictionless itself on the same tables: the same errors in the same rows and fields, but for what is listed.

The fields are put to a corpus of literals that are read in more than one way somewhere; the tables are the structures of rows and keys.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata.engines.fields import read_field
from govdata.validation import validate

VALUES = (
    "0", "1", "-1", "+1", "007", "1.0", "1.5", "-0", "1,5", "1,000", "1 000", "1_000", " 1", "1 ", "１２", "٣", "²",
    "十", "1e3", "1E400", "1e-400", "NaN", "INF", "-inf", "12345678901234567890", "0x1F", "50%", "￥5", "5元", "true",
    "True", "TRUE", "t", "false", "no", "是", "否", "yes", "2026", "26", "02026", "-2026", "2026-01", "2026-1",
    "202601", "2026-01-05", "2026-1-5", "2026/01/05", "05.01.2026", "20260105", "2026-02-30", "2026-01-05T08:30:00",
    "2026-01-05 08:30:00", "2026-01-05T08:30:00Z", "2026-01-05T08:30:00+08:00", "2026-01-05T08:30:00.5",
    "2026-01-05T25:00:00", "08:30:00", "8:30", "08:30", "08:30:00Z", "24:00:00", "P1D", "PT1H", "P1Y2M3DT4H5M6S", "P",
    "1 day", "121.4,31.2", "31.2, 121.4", "181,91", "121.4 31.2", '{"lon": 121.4, "lat": 31.2}', "[121.4, 31.2]", "[]",
    "[1,2]", '["a"]', "{}", '{"a":1}', '{"a":', "null", "None", "-", "N/A", "",
    '{"type":"Point","coordinates":[121.4,31.2]}', '{"type":"Point","coordinates":["a"]}',
    '{"type":"Feature","geometry":null,"properties":null}', '{"type":"Topology","objects":{},"arcs":[]}',
    "a@example.org", "a@@b", "http://example.org", "ftp//x", "550e8400-e29b-41d4-a716-446655440000", "aGVsbG8=",
    "aGVsbG8", "甲", "停车场", " ", "\u3000", "a\nb", 'a"b', "\ufeff1", "1;2;3", "1,2,3", "a" * 300,
)  # fmt: skip

TEXTS = [{"type": "string", "format": name} for name in ("email", "uri", "binary", "uuid")]
NUMBERS = [
    {"type": "number", "decimalChar": ",", "groupChar": "."},
    {"type": "number", "groupChar": ","},
    {"type": "number", "bareNumber": False},
    {"type": "integer", "bareNumber": False},
]
TIMES = [
    {"type": "date", "format": "any"},
    {"type": "date", "format": "%Y%m%d"},
    {"type": "date", "format": "%d.%m.%Y"},
    {"type": "datetime", "format": "any"},
    {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
    {"type": "time", "format": "any"},
    {"type": "time", "format": "%H:%M"},
]
OTHERS = [
    {"type": "boolean", "trueValues": ["是"], "falseValues": ["否"]},
    {"type": "geopoint", "format": "array"},
    {"type": "geopoint", "format": "object"},
    {"type": "geojson", "format": "topojson"},
    {"type": "integer", "missingValues": ["", "-", "N/A"]},
    {"type": "string", "missingValues": ["甲"]},
    {"type": "list"},
    {"type": "list", "delimiter": ";"},
]
PLAIN = [
    {"type": name}
    for name in (
        "string", "integer", "number", "boolean", "date", "datetime", "time", "year", "yearmonth", "duration",
        "object", "array", "geopoint", "geojson", "any",
    )
]  # fmt: skip
BOUND = [
    {"type": kind, "constraints": {name: bound}}
    for kind, bounds in (
        ("integer", (0, 7)), ("number", (0.5, 7)), ("date", ("2026-01-05", "2026-01-31")), ("year", (2000, 2026)),
        ("datetime", ("2026-01-05T08:30:00", "2026-01-06T00:00:00")), ("time", ("08:30:00", "12:00:00")),
        ("yearmonth", ("2026-01", "2026-02")),
    )
    for name, bound in (("minimum", bounds[0]), ("maximum", bounds[1]))
]  # fmt: skip
CONSTRAINED = [
    {"type": kind, "constraints": constraints}
    for kind, constraints in (
        ("string", {"required": True}), ("integer", {"required": True}), ("string", {"minLength": 2}), ("string", {"maxLength": 2}),
        ("array", {"minLength": 1}), ("array", {"maxLength": 1}), ("string", {"pattern": "[0-9]+"}), ("string", {"pattern": "a|甲"}),
        ("integer", {"enum": ["1", "7"]}), ("string", {"enum": ["甲", "1"]}), ("boolean", {"enum": [True]}), ("number", {"enum": [1.5]}),
        ("date", {"enum": ["2026-01-05"]}), ("string", {"unique": True}), ("integer", {"unique": True}),
    )
]  # fmt: skip
FIELDS: list[dict[str, Any]] = [*PLAIN, *TEXTS, *NUMBERS, *TIMES, *OTHERS, *BOUND, *CONSTRAINED]

Place = tuple[str, int | None, str]


def named(field: Mapping[str, Any]) -> str:
    rest = [f"{key}={value}" for key, value in field.items() if key not in {"type", "constraints"}]
    return " ".join([str(field["type"]), *rest, *(f"{key}={value}" for key, value in field.get("constraints", {}).items())])


@pytest.mark.parametrize("field", FIELDS, ids=named)
def test_a_field_says_what_the_reference_says(field: dict[str, Any], tmp_path: Path) -> None:
    schema = {"fields": [{"name": "n", "type": "integer"}, {"name": "v", **field}]}
    text = io.StringIO()
    values = [value for value in VALUES if not (crashes(field) and ZONE.search(value))]
    csv.writer(text, lineterminator="\n").writerows([["n", "v"], *([str(number), value] for number, value in enumerate(values, 2))])
    ours, reference = both(schema, text.getvalue(), tmp_path)
    assert ours == reference


ZONE = re.compile("[0-9]Z|[+-][0-9]{2}:[0-9]{2}$")


def crashes(field: Mapping[str, Any]) -> bool:
    """The reference ends with a TypeError where a time with a zone meets a bound without one; ours is a type error (`test_fuzz_found`)."""
    return field["type"] in {"datetime", "time"} and "constraints" in field


def both(schema: Mapping[str, Any], text: str, folder: Path) -> tuple[set[Place], set[Place]]:
    """What each finds: error type, row, field (none for keys of several fields)."""
    path, described = folder / "t.csv", folder / "s.json"
    path.write_text(text, encoding="utf-8", newline="")
    described.write_text(json.dumps(schema), encoding="utf-8")
    report = validate(path, schema=described, limit="all")
    ours = {
        place(item.rule.removeprefix("table/"), item.row, item.field)
        for item in report.datasets[0].findings
        if item.rule.startswith("table/") and item.rule not in OURS
    }
    return ours, {place(*item) for item in by_frictionless(schema, path)}


OURS = {"table/lexical-form"}
"""Rules that the reference does not have."""
KEYS = {"primary-key", "foreign-key", "blank-row", "extra-cell"}
"""Errors for which one side names no field."""


def place(kind: str, row: int | None, field: str) -> Place:
    return kind, row, "" if kind in KEYS else field


def by_frictionless(schema: Mapping[str, Any], path: Path) -> Iterable[tuple[str, int | None, str]]:
    """frictionless, with its dialect pinned: nothing is sniffed."""
    from frictionless import Dialect, Schema, system
    from frictionless.formats import CsvControl
    from frictionless.resources import TableResource

    with system.use_context(trusted=True):
        dialect = Dialect(controls=[CsvControl(delimiter=",", quote_char='"', line_terminator="\n")])
        resource = TableResource(
            path=str(path), format="csv", encoding="utf-8", dialect=dialect, schema=Schema.from_descriptor(known(schema))
        )
        report = resource.validate(limit_errors=100_000)
    for error in report.tasks[0].errors:
        yield error.type, getattr(error, "row_number", None), getattr(error, "field_name", "")


def known(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without the constraint that frictionless 5.21 refuses to load."""
    fields = [
        {**field, "constraints": {k: v for k, v in field.get("constraints", {}).items() if k != "jsonSchema"}} for field in schema["fields"]
    ]
    return {**schema, "fields": fields}


ID, COUNT, NAME = {"name": "id"}, {"name": "count", "type": "integer"}, {"name": "name"}
TABLE: list[dict[str, Any]] = [ID, COUNT, NAME]
SELF = [{"fields": "name", "reference": {"resource": "", "fields": "id"}}]
Case = tuple[dict[str, Any], str, set[Place], set[Place]]
NONE: set[Place] = set()
CASES: dict[str, Case] = {
    "plain": ({"fields": TABLE}, "id,count,name\na,1,x\n", NONE, NONE),
    "several errors in a row": ({"fields": [COUNT, {"name": "day", "type": "date"}]}, "count,day\nx,y\n1,2026-01-05\n", NONE, NONE),
    "extra cell": ({"fields": TABLE}, "id,count,name\na,1,x,y\nb,2,x,\n", NONE, NONE),
    "missing cell": ({"fields": TABLE}, "id,count,name\na,1\nb\n", NONE, NONE),
    "blank row": ({"fields": TABLE}, "id,count,name\na,1,x\n\n,,\nb,2,x\n", NONE, NONE),
    "row of missing values": ({"fields": TABLE, "missingValues": ["", "-"]}, "id,count,name\n-,-,-\na,1,x\n", NONE, NONE),
    "quoted cells": ({"fields": TABLE}, 'id,count,name\n"a","1","x,y"\n"b","z","x\ny"\n', NONE, NONE),
    "unique": ({"fields": [ID, {**COUNT, "constraints": {"unique": True}}]}, "id,count\na,1\nb,01\nc,\nd,\n", NONE, NONE),
    "primary key": ({"fields": TABLE, "primaryKey": "id"}, "id,count,name\na,1,x\na,2,x\nb,3,x\n", NONE, NONE),
    "primary key of two": ({"fields": TABLE, "primaryKey": ["id", "count"]}, "id,count,name\na,1,x\na,01,x\na,2,x\n", NONE, NONE),
    "foreign key to itself": ({"fields": TABLE, "foreignKeys": SELF}, "id,count,name\na,1,\nb,2,a\nc,3,z\n", NONE, NONE),
    # The reference says nothing of a primary key of which a part is missing, though it may not be (specification: MUST NOT be empty).
    "primary key with a missing part": (
        {"fields": TABLE, "primaryKey": ["id", "count"]}, "id,count,name\na,,x\nb,1,x\n", {("primary-key", 2, "")}, NONE,
    ),
    # A cell of a wrong type has no value: the reference takes it for a missing one and calls the key empty or double; we say the type only.
    "primary key of a wrong type": (
        {"fields": TABLE, "primaryKey": "count"}, "id,count,name\na,x,x\nb,y,x\n", NONE, {("primary-key", 2, ""), ("primary-key", 3, "")},
    ),
    # A missing cell is told once; the reference adds that it is required.
    "missing cell that is required": (
        {"fields": [ID, {**COUNT, "constraints": {"required": True}}]}, "id,count\na\n", NONE, {("constraint-error", 2, "count")},
    ),
    "unique keys of version 2": (
        {"fields": TABLE, "uniqueKeys": [["id", "count"]]}, "id,count,name\na,1,x\na,1,y\n", {("unique-error", 3, "")}, NONE,
    ),
    "categories": ({"fields": [ID, {"name": "name", "categories": ["x"]}]}, "id,name\na,x\nb,y\n", {("constraint-error", 3, "name")}, NONE),
    "categories with labels": (
        {"fields": [ID, {"name": "name", "categories": [{"value": "x", "label": "甲"}]}]}, "id,name\na,x\nb,y\n",
        {("constraint-error", 3, "name")}, NONE,
    ),
    "jsonSchema": (
        {"fields": [ID, {"name": "name", "type": "array", "constraints": {"jsonSchema": {"minItems": 1}}}]}, "id,name\na,[1]\nb,[]\n",
        {("constraint-error", 3, "name")}, NONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_table_is_checked_as_the_reference_checks_it(name: str, tmp_path: Path) -> None:
    """The last two: what only we say, and what only the reference says."""
    schema, text, more, less = CASES[name]
    ours, reference = both(schema, text, tmp_path)
    assert ours - reference == more
    assert reference - ours == less


@pytest.mark.parametrize("field", FIELDS, ids=named)
def test_values_are_those_of_the_reference(field: dict[str, Any]) -> None:
    """Not only right or wrong: the value that is handed on is the same."""
    from frictionless import Field

    plain = {key: value for key, value in field.items() if key != "constraints"}
    read = functools.partial(Field.from_descriptor({"name": "v", **plain}).read_cell)
    ours = read_field({"name": "v", **plain})
    for value in VALUES:
        assert str(ours(value)[0]) == str(read(value)[0])
