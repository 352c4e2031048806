"""Data packages and schema.org: valid by the specification's own checker, read by frictionless, harmless in a page."""

from __future__ import annotations

import functools
import html.parser
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from govdata.classes import replace
from govdata.publishing.site.exports.packages import data_package, package_file
from govdata.publishing.site.exports.schemaorg import schema_org, script
from govdata.publishing.site.exports.tableschemas import canonical_schema, null_word
from govdata.publishing.site.records import Record
from tests.site.exports import samples


@functools.cache
def profile() -> Draft7Validator:
    """The specification's own JSON Schema, as dplib has it: the package itself is not imported, it fetches things."""
    spec = importlib.util.find_spec("dplib")
    assert spec is not None
    assert spec.origin is not None
    validator = Draft7Validator(json.loads((Path(spec.origin).parent / "profiles/2.0/datapackage.json").read_text(encoding="utf-8")))
    assert not validator.is_valid({"resources": []})
    return validator


@pytest.mark.parametrize("url", [samples.URL, ""])
@pytest.mark.parametrize("record", [samples.PARKING, samples.HOSTILE], ids=["parking", "hostile"])
def test_packages_are_valid(record: Record, url: str) -> None:
    made = package_file(record, samples.portal(url))
    assert made is not None
    assert [f"{error.json_path}: {error.message}" for error in profile().iter_errors(json.loads(made[1]))] == []


def test_a_package_has_the_canonical_table_and_the_link() -> None:
    found = data_package(samples.PARKING, samples.portal())
    table, link = found["resources"]
    assert (table["path"], table["encoding"], table["hash"]) == ("data/停车场.csv", "utf-8", f"sha256:{'cd' * 32}")
    assert table["schema"]["fields"][2] == {"name": "启用日期", "type": "date", "constraints": {"minimum": "2000-01-01"}}
    assert link["path"].startswith("https://api.example.gov.cn/")
    assert found["contributors"] == [{"title": "示例市交通局", "roles": ["publisher"], "email": "xx@jt.example.gov.cn"}]


def test_without_resources_there_is_no_package() -> None:
    assert package_file(samples.BARE, samples.portal()) is None


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ({"type": "number", "decimalChar": ",", "constraints": {"minimum": "1,5"}}, {"type": "number", "constraints": {"minimum": "1.5"}}),
        (
            {"type": "boolean", "trueValues": ["是"], "falseValues": ["否"], "constraints": {"enum": ["是"]}},
            {"type": "boolean", "constraints": {"enum": ["true"]}},
        ),
        ({"type": "list", "delimiter": ";"}, {"type": "array"}),
        ({"type": "datetime"}, {"type": "datetime", "format": "any"}),
        ({"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
        ({"missingValues": ["-", "无"]}, {"type": "string", "missingValues": ["-"]}),
        ({"missingValues": [{"value": "-", "label": "none"}]}, {"type": "string", "missingValues": ["-"]}),
        ({"missingValues": ["-", ""]}, {"type": "string"}),
        ({"missingValues": []}, {"type": "string", "missingValues": []}),
        ({"constraints": {"enum": ["是"]}}, {"type": "string", "constraints": {"enum": ["是"]}}),
    ],
)
def test_schemas_say_what_canonical_values_are(field: dict[str, Any], wanted: dict[str, Any]) -> None:
    (found,) = canonical_schema({"fields": [{"name": "a", **field}]}, lambda name: "")["fields"]
    assert found == {"name": "a", **wanted}


def test_the_word_for_what_is_missing() -> None:
    assert [null_word({"missingValues": words}) for words in ([""], ["-", ""], ["-"], [])] == ["", "", "-", ""]


def test_keys_stay_where_what_they_refer_to_is_there() -> None:
    schema = {
        "fields": [{"name": "a"}, {"name": "b"}],
        "primaryKey": "a",
        "uniqueKeys": [["a", "b"], ["c"]],
        "foreignKeys": [
            {"fields": "a", "reference": {"resource": "", "fields": "b"}},
            {"fields": "a", "reference": {"resource": "t.csv", "fields": "x"}},
            {"fields": "a", "reference": {"resource": "gone", "fields": "x"}},
            {"fields": "a", "reference": {"codes": "division"}},
            {"fields": "a", "reference": {"dataset": "d", "resource": "r"}},
        ],
    }
    found = canonical_schema(schema, {"t.csv": "resource-2"}.get)  # type: ignore[arg-type]
    assert found["primaryKey"] == ["a"]
    assert found["uniqueKeys"] == [["a", "b"]]
    assert [key["reference"] for key in found["foreignKeys"]] == [
        {"resource": "", "fields": ["b"]},
        {"resource": "resource-2", "fields": ["x"]},
    ]


class Page(html.parser.HTMLParser):
    """Counts the elements of a page and keeps what stands in its script."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("record", samples.RECORDS, ids=["parking", "bare", "hostile"])
def test_schema_org_does_no_harm_in_a_page(record: Record) -> None:
    page = Page()
    page.feed(f'<script type="application/ld+json">{script(record, samples.portal())}</script>')
    assert page.tags == ["script"]
    found = json.loads(page.text)
    assert found["@type"] == "Dataset"
    assert found.keys() == schema_org(record, samples.portal()).keys()


def test_schema_org_says_where_the_data_are() -> None:
    found = schema_org(samples.PARKING, samples.portal())
    assert [item["contentUrl"].rpartition("/")[2] for item in found["distribution"]][3] == "parking?x=1&y=<2>"
    assert found["temporalCoverage"] == "2025-01-01/2025-12-31"
    assert [item["name"] for item in found["variableMeasured"]] == ["编号", "泊位数"]
    assert all(
        "contentUrl" not in item
        for item in schema_org(replace(samples.PARKING, resources=samples.PARKING.resources[:1]), samples.portal(""))["distribution"]
    )
