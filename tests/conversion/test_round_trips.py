"""Entry → form → entry is the same canonical form, whatever the schema allows; what a form cannot say is told."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdata import convert
from govdata.conversion.remainder import difference, restore, same
from govdata.conversion.texts import loosened
from govdata.errors import ReadError
from govdata.graph.document import document
from govdata.graph.reference import expand_by_pyld
from tests.conversion.entries import NAMES, come_back, entries

pytest.importorskip("pyoxigraph")
LOSSLESS = [name for name in NAMES if name != "yaml"]
MANY = ["jsonl", "jsonld", "turtle", "ntriples", "rdfxml", "dcat", "dcat-turtle", "dcat-rdfxml"]
steady = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("form", LOSSLESS)
@steady
@given(entry=entries(), keys=st.sampled_from(["zh-CN", "en"]))
def test_an_entry_comes_back(form: str, entry: dict[str, Any], keys: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found, told = come_back([entry], form, Path(folder), keys)
    assert len(found) == 1
    assert difference(found[0], entry) == {}
    assert [notice for notice in told if notice.kind != "no-resources"] == []


@steady
@given(entry=entries(), keys=st.sampled_from(["zh-CN", "en"]))
def test_yaml_keeps_all_but_the_type_of_numbers_without_schema(entry: dict[str, Any], keys: str) -> None:
    """`minimum: 0` and `"0"` are one in YAML, as every check takes them; anything else that differs is told with its place."""
    with tempfile.TemporaryDirectory() as folder:
        found, told = come_back([entry], "yaml", Path(folder), keys)
    differing = difference(loosened(found[0]), loosened(entry))
    assert sorted(differing) == sorted(notice.place for notice in told)
    assert all(not isinstance(value, str) for value in differing.values())


@pytest.mark.parametrize("form", MANY)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(several=st.lists(entries(), min_size=2, max_size=4))
def test_many_in_one_file_come_back_in_order(form: str, several: list[dict[str, Any]]) -> None:
    """Those that share a code too: they stay two."""
    several.append(several[0])
    with tempfile.TemporaryDirectory() as folder:
        found, told = come_back(several, form, Path(folder))
    assert [difference(one, other) for one, other in zip(found, several, strict=True)] == [{} for _ in several]
    assert {notice.kind for notice in told} <= {"same-code", "catalog"}


@steady
@given(one=entries(), other=entries())
def test_a_difference_restores(one: dict[str, Any], other: dict[str, Any]) -> None:
    found, unfit = restore(one, difference(one, other))
    assert same(found, other)
    assert unfit == []


def test_a_remainder_that_no_longer_fits_is_told() -> None:
    found, unfit = restore({"resources": [{"file": "a"}]}, {"/resources/0/rows": 1, "/resources/1/rows": 2, "/publisher/code": "x", "": 5})
    assert found == {"resources": [{"file": "a", "rows": 1}]}
    assert unfit == ["/resources/1/rows", "/publisher/code", ""]


@pytest.mark.parametrize("form", ["yaml", "json", "datapackage"])
def test_several_do_not_fit_into_a_form_of_one(form: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="convert-several"):
        come_back([{"title": "a"}, {"title": "b"}], form, tmp_path)


def test_our_json_ld_is_json_ld(tmp_path: Path) -> None:
    """The reference gives the same for the document, the remainder aside."""
    import json

    entry = {"title": "a", "landingPage": ["https://example.org/ä b"], "resources": [{"file": "./a.csv"}]}
    come_back([entry], "jsonld", tmp_path, "en")
    written = json.loads((tmp_path / "entry.jsonld").read_text(encoding="utf-8"))
    (node,) = expand_by_pyld(written)
    (rest,) = node.pop("urn:govdata:terms#remainder")
    assert rest == {"@type": "@json", "@value": {"/landingPage/0": "https://example.org/ä b", "/resources/0/file": "./a.csv"}}
    assert [node] == expand_by_pyld(document(entry, "en"))


@pytest.mark.parametrize("number", ["9007199254740993", "-1000000000000000000000", "9" * 400, "1.0", "-0.0", "1.5e300", "0.1", "7"])
@pytest.mark.parametrize("key", ["minimum", "schema"])
def test_numbers_that_no_double_holds_come_back(number: str, key: str, tmp_path: Path) -> None:
    """A reader of JSON-LD makes doubles of numbers: a bound of 9007199254740993 came back less by one, 400 digits as Infinity."""
    said = {"fields": [{"name": "x", "minimum": 0}]} if key == "minimum" else {"schema": {"limit": 0}}
    text = json.dumps({"title": "a", "resources": [{"file": "./a.csv", **said}]}, separators=(",", ":")).replace(":0", f":{number}")
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    for form, name in (("dcat", "a.jsonld"), ("turtle", "a.ttl"), ("rdfxml", "a.rdf"), ("datapackage", "datapackage.json")):
        convert(tmp_path / "a.json", form, tmp_path / name, keys="en")
        assert convert(tmp_path / name, "jsonl", keys="en").text == convert(tmp_path / "a.json", "jsonl", keys="en").text, form
