"""Data packages: what an entry makes is valid, what others make is read, and what an entry cannot hold is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import govdata
from govdata import content
from govdata.conversion.packages import from_package, to_package
from govdata.conversion.schemas import fields_of
from govdata.reading.resources.fields import build_schema
from tests.conversion.entries import READER

DEMO = content.root() / "catalog" / "demo" / "right"
FOREIGN: dict[str, Any] = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "parks",
    "title": "Parks",
    "homepage": "https://example.org/parks",
    "created": "2025-03-04T05:06:07Z",
    "image": "parks.png",
    "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY"}, {"name": "other"}],
    "contributors": [
        {"title": "City", "roles": ["publisher"], "path": "https://city.example.org"},
        {"title": "Ada", "email": "ada@example.org", "organization": "City", "roles": ["contactPoint"]},
        {"title": "Bob", "roles": ["author"]},
        "nobody",
    ],
    "sources": [{"title": "Survey", "path": "https://example.org/survey", "version": "3"}],
    "resources": [
        {
            "name": "parks",
            "path": "parks.csv",
            "mediatype": "text/csv",
            "bytes": 12,
            "dialect": {"delimiter": ";", "header": True, "doubleQuote": False, "quoteChar": "'"},
            "schema": {
                "fields": [{"name": "id", "type": "integer", "constraints": {"required": True}}, {"name": "open", "type": "boolean"}]
            },
        },
        {
            "name": "parts",
            "path": ["a.csv", "b.csv"],
            "schema": {"fields": [{"name": "id", "type": "string", "constraints": {"enum": ["x"]}}]},
        },
        {"name": "inline", "data": [[1]]},
        5,
    ],
}


def test_a_package_made_elsewhere() -> None:
    entry, notices = from_package(FOREIGN)
    assert entry == {
        "title": "Parks",
        "identifier": "parks",
        "landingPage": ["https://example.org/parks"],
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "publisher": {"name": "City"},
        "contact": {"organisation": "City", "person": "Ada", "email": "ada@example.org"},
        "source": "Survey https://example.org/survey",
        "issued": "2025-03-04",
        "resources": [
            {
                "file": "parks.csv",
                "dialect": {"delimiter": ";", "quote": "'"},
                # A boolean whose words are the specification's and not ours: kept whole.
                "schema": FOREIGN["resources"][0]["schema"],
            },
            {"file": "a.csv", "fields": [{"name": "id", "type": "string", "values": ["x"]}]},
            {},
        ],
    }
    assert [(notice.kind, notice.place) for notice in notices] == [
        ("property", place)
        for place in (
            "/licenses/0/name",
            "/licenses/0/title",
            "/licenses/1",
            "/contributors/0/path",
            "/contributors/2/title",
            "/contributors/3",
            "/sources/0/version",
            "/resources/0/dialect/doubleQuote",
            "/resources/0/mediatype",
            "/resources/0/bytes",
            "/resources/1/path/1",
            "/resources/2/data",
            "/resources/3",
            "/image",
        )
    ]


@pytest.mark.parametrize("name", sorted(path.name for path in DEMO.iterdir() if (path / "entry.yaml").is_file()))
def test_packages_of_the_demo_are_valid(name: str, tmp_path: Path) -> None:
    """frictionless takes them, and so does our own reader; the schema that checks the rows is the entry's."""
    from frictionless import Package

    done = govdata.convert(DEMO / name, "datapackage")
    found = json.loads(done.text)
    found["resources"] = [{**resource, "path": "x.csv"} for resource in found["resources"]]
    assert Package.validate_descriptor(found).valid
    assert [(told.notice.kind, told.notice.place) for told in done.notices] == []


def test_a_changed_title_is_the_package_s() -> None:
    package = to_package({"title": "old", "publisher": {"name": "a", "code": "c"}, "resources": [{"file": "x.csv", "rows": 5}]})
    assert package["govdata"] == {"/resources/0/rows": 5}
    assert package["publisher"] == {"name": "a", "code": "c"}
    package |= {"title": "new", "resources": []}
    entry, notices = from_package(package)
    assert READER.canonical(entry) == {"title": "new", "publisher": {"name": "a", "code": "c"}}
    assert [(notice.kind, notice.place) for notice in notices] == [("unfit", "/govdata /resources/0/rows")]


def test_names_are_unique_and_of_the_specification() -> None:
    resources = [{"title": "停车场"}, {"title": "A b"}, {"file": "a-b"}, {}]
    names = [resource["name"] for resource in to_package({"resources": resources})["resources"]]
    assert names == ["dataset", "a-b", "a-b-2", "resource-4"]


FIELDS = [
    {"name": "a", "type": "N", "length": 5, "precision": 2, "minimum": 0},
    {"name": "b", "type": "L", "required": True},
    {"name": "c", "type": "Y", "unit": "元", "semantic": "x", "englishName": "c"},
    {"name": "d", "type": "string", "length": 3, "pattern": "x", "values": ["x"]},
    {"name": "e", "type": "date", "format": "any", "missingValues": ["-"]},
]


@pytest.mark.parametrize("more", [{}, {"primaryKey": ["a", "b"]}, {"missingValues": []}, {"uniqueKeys": [["a"]]}])
def test_fields_come_back_from_their_schema(more: dict[str, Any]) -> None:
    made = build_schema({"fields": FIELDS, **more})
    assert made is not None
    again = fields_of(made)
    assert again is not None
    assert build_schema(again) == made


@pytest.mark.parametrize(
    "schema",
    [{}, {"fields": []}, {"fields": [5]}, {"fields": [{"name": "a", "type": "string", "x": 1}]}, {"fields": [{"name": 5}], "x": 1}],
)
def test_a_schema_that_fields_cannot_say_stays_whole(schema: dict[str, Any]) -> None:
    assert fields_of(schema) is None


def test_what_has_another_shape_than_the_specification_s_is_told() -> None:
    """It was dropped in silence, or ended in a trace."""
    package = {"name": "a", "licenses": {"name": "x"}, "sources": "b", "resources": {}, "contributors": [{"title": "c", "roles": None}]}
    assert [(notice.place, notice.value) for notice in from_package(package)[1]] == [
        ("/licenses", "{'name': 'x'}"), ("/contributors/0/title", "c"), ("/sources", "b"), ("/resources", "{}"),
    ]  # fmt: skip
