"""CKAN's dataset form is what the schemas, lists and rules give, and holds every element of an entry."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import ckanfields, content
from govdata.ckan_plugin import entries, form
from govdata.publishing.ckan import mapping
from govdata.reading.documents.yaml import Document, parse
from govdata.reading.entries.keys import OBJECT, entry_scope
from govdata.reading.entries.translation import read_entry
from govdata.standards import read_library

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 11, 25)
FORM = form.form()
FIELDS = {field["field_name"]: field for field in FORM["dataset_fields"]}


def canonical(path: Path) -> dict[str, Any]:
    """The canonical entry of a file of the demo."""
    codes = read_library().standard("national").codes
    return dict(read_entry(parse(path.read_bytes(), path.name), path.name, codes)[0].canonical)


PARKING = canonical(ROOT / "catalog" / "demo" / "right" / "停车场" / "entry.yaml")


def package(**changes: Any) -> dict[str, Any]:
    """A dataset of CKAN that holds a right entry, with changes; `None` takes a field away."""
    found = {**ckanfields.to_fields(PARKING), "tags": [{"name": word} for word in PARKING["keywords"]], **changes}
    return {key: value for key, value in found.items() if value is not None}


def errors(found: dict[str, Any], language: str = "zh_Hans_CN") -> dict[tuple[str | int, ...], str]:
    """Field → rule of what is wrong."""
    return {one.field: one.rule for one in entries.remarks(found, language, TODAY) if one.severity == "error"}


def test_the_committed_form_is_current() -> None:
    assert (ROOT / form.FORM).read_text(encoding="utf-8") == form.render_form(), "run scripts/ckan-form"


def test_every_element_of_an_entry_has_a_field() -> None:
    held = {field.pointer for field in ckanfields.dataset_fields()}
    for key, term in entry_scope().terms.items():
        if key in ("resources", "publisherCode", "publisherAddress", "publisherDepartment"):
            continue
        below = term.scope.terms if term.kind == OBJECT and term.scope is not None and not term.many else ()
        wanted = {f"/{key}/{part}" for part in below} or {f"/{key}"}
        assert wanted <= held, key


def test_names_are_unique_and_fit_for_any_site() -> None:
    names = [field.name for field in ckanfields.dataset_fields()] + list(ckanfields.state_fields("dataset"))
    assert len(names) == len(set(names))
    assert all(name.isascii() and name == name.lower() for name in names)
    # CKAN's own, with another meaning: to write to them would change what CKAN itself keeps.
    assert not {"metadata_modified", "metadata_created", "id", "state", "type", "private", "extras", "groups", "spatial"} & set(names)


@pytest.mark.parametrize("field", [*FORM["dataset_fields"], *FORM["resource_fields"]], ids=lambda field: field["field_name"])
def test_labels_help_and_choices_are_bilingual(field: dict[str, Any]) -> None:
    texts = [field["label"], field.get("help_text"), field.get("govdata_section"), *(one["label"] for one in field.get("choices", ()))]
    for text in filter(None, texts):
        assert set(text) == {"zh_Hans_CN", "en"}
        assert all(text.values())


def test_help_names_the_clause_and_star_follows_the_rules() -> None:
    assert "发改高技〔2017〕1272号" in FIELDS["sharing_type"]["help_text"]["zh_Hans_CN"]
    starred = {name for name, field in FIELDS.items() if field.get("required")}
    assert {"title", "identifier", "publisher_name", "sharing_type", "update_cycle"} <= starred
    assert not {"zone", "correction_url", "sharing_condition"} & starred


def test_choices_come_from_the_lists() -> None:
    for name, of in (("sharing_type", "sharing-type"), ("zone", "zone"), ("theme", "theme")):
        assert [choice["value"] for choice in FIELDS[name]["choices"]] == list(read_library().lists[of].codes)
    # What a shipped standard adds can be chosen too.
    assert "static" in [choice["value"] for choice in FIELDS["update_cycle"]["choices"]]
    assert "scheming_choices" in FIELDS["sharing_type"]["validators"]
    assert "scheming_choices" not in FIELDS["update_cycle"]["validators"]


def test_state_fields_are_kept_but_not_asked() -> None:
    for name in ckanfields.state_fields("dataset"):
        assert FIELDS[name]["form_snippet"] == "govdata_hidden.html"
        assert FIELDS[name]["display_snippet"] is None


def test_what_publishing_fills_in_is_kept_by_a_save_of_the_form() -> None:
    """CKAN empties what a form does not send."""
    for name in set(mapping.OWN) - {"private", "state"}:
        assert name in FIELDS, name


@pytest.mark.parametrize("path", sorted((ROOT / "catalog" / "demo" / "right").glob("*/entry.yaml")), ids=lambda path: path.parent.name)
def test_an_entry_survives_the_fields(path: Path) -> None:
    entry = canonical(path)
    codes = read_library().standard("national").codes
    tags = [{"name": word} for word in entry.get("keywords", ())]
    resources = [ckanfields.to_resource_fields(one) for one in entry.get("resources", ())]
    sent = json.loads(json.dumps({**ckanfields.to_fields(entry), "tags": tags, "resources": resources}))
    back, findings = read_entry(Document(ckanfields.from_fields(sent)), "", codes)
    assert [finding for finding in findings if finding.rule != "entry/unknown-code"] == []
    without = {key: value for key, value in entry.items() if key not in ("resources", "fields")}
    assert {key: value for key, value in back.canonical.items() if key not in ("resources", "fields")} == without
    assert [one.get("fields") for one in back.canonical.get("resources", ())] == [one.get("fields") for one in entry.get("resources", ())]


def test_extras_of_a_stock_site_are_read_too() -> None:
    stock = {"title": "停车场", "extras": [{"key": "sharing_method", "value": '["file"]'}, {"key": "opening_open", "value": "true"}]}
    assert ckanfields.from_fields(stock) == {"title": "停车场", "sharing": {"method": ["file"]}, "opening": {"open": True}}


@pytest.mark.parametrize("value", ["[", "[[", "{", "[1", "[" * 100_000, '{"a": 1}', "\x00", "无"])
def test_lists_that_are_none_are_findings_not_failures(value: str) -> None:
    assert errors(package(theme=value))
    assert isinstance(list(entries.remarks(package(data_items=value, formats=value, related=value), "en", TODAY)), list)


def test_a_right_entry_has_no_errors() -> None:
    assert errors(package()) == {}
    assert errors(package(standard="shanghai")) == {}
    assert errors(package(standard="no such standard of this site")) == {}


def test_each_error_stands_at_its_field() -> None:
    wrong = package(title=" ", issued="2026/1/5", publisher_code="113101990000000435", sharing_type="not-shared", update_cycle="每天天")
    assert errors(wrong).items() >= {
        ("title",): "entry/title-required",
        ("issued",): "entry/date-form",
        ("publisher_code",): "entry/publisher-code",
        ("sharing_condition",): "entry/share-basis",
        ("opening_open",): "entry/open-not-shared",
        ("update_cycle",): "entry/unknown-code",
    }.items()  # fmt: skip


def test_errors_inside_a_repeating_field() -> None:
    items = [{"name": "编号", "type": "C"}, {"name": "编号", "type": "Q"}]
    found = errors(package(data_items=items))
    assert found[("data_items", 1, "type")] == "entry/unknown-code"
    assert found[("data_items", 1, "name")] == "entry/field-duplicate"


def test_texts_name_label_and_clause_in_the_reader_s_language() -> None:
    wrong = package(issued="2026/1/5")
    (zh,) = [one.text for one in entries.remarks(wrong, "zh_Hans_CN", TODAY) if one.severity == "error"]
    (en,) = [one.text for one in entries.remarks(wrong, "en", TODAY) if one.severity == "error"]
    assert "“发布日期”" in zh
    assert "GB/T 7408" in zh
    assert "issued" not in zh
    assert "“Date of issue”" in en
    assert "2026-01-05" in en


def test_what_only_files_can_tell_is_not_asked_for() -> None:
    assert not [field for field in errors(package()) if field[0] in ("data_items", "formats")]


def test_a_withdrawn_dataset_is_asked_for_nothing() -> None:
    assert errors({"title": "", "govdata_state": "withdrawn"}) == {}


def test_codes_of_a_directory_s_own_standard_pass() -> None:
    assert errors(package(update_cycle="own-code")) == {("update_cycle",): "entry/unknown-code"}
    assert errors(package(update_cycle="own-code", govdata_directory="f3b0…")) == {}


def test_freshness() -> None:
    assert (entries.freshness(package(), TODAY) or {})["state"] == "fresh"
    late = entries.freshness(package(update_cycle="monthly"), TODAY)
    assert late is not None
    assert late["state"] == "stale"
    assert late["days"] == 48
    assert entries.freshness(package(update_cycle="irregular"), TODAY) is None
    assert entries.freshness({"title": "x"}, TODAY) is None


def test_the_form_uses_only_what_is_there() -> None:
    templates = {path.name for path in (content.root() / "catalog" / "ckan" / "templates" / "scheming" / "form_snippets").iterdir()}
    assert "govdata_hidden.html" in templates
