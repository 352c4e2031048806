"""Any entry that the schema allows, and how it comes back from each form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from govdata import content
from govdata.conversion.forms import FORMS, Writing
from govdata.conversion.sources import Item, Reader, read_source
from govdata.graph.descriptions import Notice
from govdata.settings import Settings
from govdata.standards import read_library

SCHEMA = content.load("schemas/entry.schema.json")
READER = Reader(Settings(), read_library())
STANDARD = READER.library.standard("national")
NAMES = {
    "yaml": "entry.yaml", "json": "entry.json", "jsonl": "entries.jsonl", "jsonld": "entry.jsonld", "turtle": "entry.ttl",
    "ntriples": "entry.nt", "rdfxml": "entry.rdf", "dcat": "dcat.jsonld", "dcat-turtle": "dcat.ttl", "dcat-rdfxml": "dcat.rdf",
    "datapackage": "datapackage.json",
}  # fmt: skip
ODD = [
    *(
        " ",
        "012",
        "1e5",
        "是",
        "no",
        "~",
        "null",
        "2026-01-05",
        "a: b",
        "# x",
        "- x",
        "'",
        '"',
        "\\",
        "，、；",
        "@id",
        "_:b",
        "urn:x",
        "a:b",
    ),
    *(
        "http://例.cn/ä b",
        "https://example.org/a?b#c",
        "%zz",
        "tel:1",
        "mailto:x",
        "urn:govdata:dataset:1%2F2/x.csv",
        "../x",
        "./a//b",
        "C:\\x",
    ),
    *(
        "\u202e",
        "\u00a0",
        "\u2028",
        "\r\n",
        "\ttab",
        "👍🏽",
        "e\u0301",
        "\ufeff",
        "[x](y)",
        "<b>&amp;</b>",
        "]]>",
        "{{x}}",
        "=1+1",
        "x" * 300,
    ),
]
TEXT = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
DAYS = st.dates().map(lambda day: day.isoformat())


def value_of(shape: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a part of the schema; codes are codes and dates are dates, for what else is written is no canonical form."""
    while "$ref" in shape:
        shape = SCHEMA["$defs"][shape["$ref"].rpartition("/")[2]]
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    return st.one_of([_of_kind(kind, shape) for kind in kinds])


def _of_kind(kind: str, shape: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        return object_of(shape) if "properties" in shape else anything()
    if kind == "array":
        return st.lists(value_of(shape["items"]), min_size=shape.get("minItems", 0), max_size=3)
    if kind == "string":
        return _text(shape)
    if kind == "integer":
        return st.integers(int(shape.get("minimum", -100)), 10**6)
    return st.booleans() if kind == "boolean" else st.integers(0, 10**6) | st.floats(0, 1e12, allow_nan=False)


def _text(shape: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if "x-codes" in shape:
        return st.sampled_from([*list(STANDARD.codes[shape["x-codes"]].codes)[:40], *shape.get("x-codes-also", ())])
    if shape.get("x-date"):
        return DAYS
    longest = shape.get("maxLength", 100)
    return TEXT.map(lambda text: text[:longest])


def anything() -> st.SearchStrategy[dict[str, Any]]:
    """Somebody's JSON object: a Table Schema that is written out."""
    leaf = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, allow_nan=False) | TEXT
    deep = st.recursive(leaf, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2), max_leaves=5)
    return st.dictionaries(st.sampled_from(["fields", "x", "a/b~c", "missingValues"]), deep, max_size=2)


def object_of(shape: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any few of the properties of an object."""
    properties = shape["properties"]

    def chosen(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({key: st.deferred(lambda key=key: value_of(properties[key])) for key in keys})

    return st.lists(st.sampled_from(list(properties)), max_size=6, unique=True).flatmap(chosen)


def entries() -> st.SearchStrategy[dict[str, Any]]:
    """Canonical entries: what reading gives for anything that the schema allows."""
    return object_of(SCHEMA).map(READER.canonical).filter(bool)


def come_back(entries: list[dict[str, Any]], form: str, folder: Path, keys: str = "zh-CN") -> tuple[list[Any], list[Notice]]:
    """The entries as they are read back from a form, and what was told on either way."""
    told: list[Notice] = []
    path = folder / NAMES[form]
    items = [Item(f"no. {number}", entry, READER.standard_of(entry)) for number, entry in enumerate(entries)]
    with path.open("wb") as file:
        FORMS[form].write(items, file, Writing(READER, keys, "test", told.append))
    found = list(read_source(path, READER))
    told += [item for item in found if isinstance(item, Notice)]
    read = [item for item in found if isinstance(item, Item)]
    return [item.canonical for item in read], [*told, *(notice for item in read for notice in item.notices)]
