"""A record as JSON and back loses nothing; what may not be public is left out; days of the next update follow the calendar."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata import content
from govdata.checks.freshness import due_day
from govdata.classes import replace
from govdata.publishing.site.describing import clean, cleaned, public_entry, tombstone
from govdata.publishing.site.documents import dumps, from_json, with_versions
from govdata.publishing.site.history import Event, History
from govdata.publishing.site.records import Download, Item, Label, Party, Preview, Record, Remark, Resource, Version
from govdata.standards import read_library

RULES = jsonschema.Draft202012Validator(content.load("schemas/site-dataset.schema.json"))

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
name = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
slugs = st.from_regex("[a-z0-9-]{1,20}", fullmatch=True)
days = st.dates().map(lambda day: day.isoformat())
hashes = st.from_regex("[0-9a-f]{64}", fullmatch=True)
labels = st.builds(Label, text, text, text)
texts = st.lists(text, max_size=3).map(tuple)
numbers = st.none() | st.integers(0, 1 << 40)
items = st.builds(Item, name, text, st.none() | labels, text, length=st.none() | st.integers(0, 999), key=st.booleans(), values=texts)
previews = st.builds(Preview, texts, st.lists(st.lists(st.none() | text, max_size=3).map(tuple), max_size=2).map(tuple))
downloads = st.builds(Download, name, st.sampled_from(["original", "csv", "csv-safe", "parquet"]), text, st.integers(0, 1 << 40), hashes)


def several(kind: Any) -> Any:
    return st.lists(kind, max_size=2).map(tuple)


resources = st.builds(
    Resource, name, st.integers(1, 99).map(str), text, size=numbers, rows=numbers, sha256=hashes | st.just(""), items=several(items),
    preview=st.none() | previews, downloads=several(downloads), schema=st.none() | st.just({"fields": [{"name": "a"}]}),
)  # fmt: skip
events = st.builds(Version, days, st.sampled_from(["published", "changed", "data", "withdrawn", "restored"]), text)
records = st.builds(
    Record, name, slugs, text, st.builds(Party, text, text, text), st.sampled_from(["published", "held", "withdrawn"]), text, texts,
    several(labels), cycle=st.none() | labels, modified=days | st.just(""), contact=st.dictionaries(st.just("phone"), text), related=texts,
    resources=several(resources), remarks=several(st.builds(Remark, text, text, text)), versions=several(events),
)  # fmt: skip


@given(records)
def test_json_and_back(record: Record) -> None:
    told = json.loads(dumps(record))
    assert from_json(told) == record
    RULES.validate(told)


def test_a_later_field_is_passed_over_and_a_later_form_refused() -> None:
    told = json.loads(dumps(Record("a", "a", "A", Party("p", "P"))))
    assert from_json({**told, "mood": 1}).title == "A"
    for wrong in ({**told, "record": 2}, {}, [], {"record": 1}):
        with pytest.raises(ValueError, match=r"record|Record"):
            from_json(wrong)


def test_what_is_not_for_everybody_is_left_out() -> None:
    field = {"name": "身份证号", "personal": True, "sensitive": True, "sourceSystem": "内部系统", "type": "C"}
    entry = {
        "title": "T", "survey": {"records": 1}, "zone": "internet", "contact": {"person": "张三", "phone": "021"}, "fields": [field],
        "resources": [{"file": "a.csv", "fields": [{"name": "密", "secret": True}, field]}],
    }  # fmt: skip
    shown = public_entry(entry, "internet")
    assert shown["contact"] == {"phone": "021"}
    assert "survey" not in shown
    assert shown["fields"] == [{"name": "身份证号", "type": "C"}]
    assert shown["resources"][0]["fields"] == shown["fields"], "a secret field is left out"
    inside = public_entry(entry, "intranet")
    assert (inside["survey"], inside["contact"], len(inside["resources"][0]["fields"])) == ({"records": 1}, {"phone": "021"}, 2)


@pytest.mark.parametrize(
    ("cycle", "day", "due"),
    [
        ("monthly", "2026-01-05", "2026-02-05"),
        ("monthly", "2026-01-31", "2026-02-28"),
        ("yearly", "2024-02-29", "2025-02-28"),
        ("weekly", "2026-12-28", "2027-01-04"),
        ("quarterly", "2026-11-30", "2027-02-28"),
        ("irregular", "2026-01-05", None),
        ("monthly", "9999-12-31", None),
    ],
)
def test_the_next_update_is_due_by_the_calendar(cycle: str, day: str, due: str | None) -> None:
    found = due_day({"updateCycle": cycle, "modified": day}, read_library().standard("national").codes)
    assert (found.isoformat() if found else None) == due


@pytest.mark.parametrize("text", ["", "停车场", "a\x00b", "line\nline\ttab", "\x85", "\\u0041 \\b", '"', "\ufffe", "\ud800", "😀"])
def test_no_sign_that_no_page_can_show_is_left_in_an_entry(text: str) -> None:
    told = {"title": text, "fields": [{"name": text, "length": 3, "ratio": 0.25, "large": 1 << 70, "none": None}], "list": (text, True)}
    assert cleaned(told) == clean(told)
    assert cleaned({"title": text}) == clean({"title": text})


@given(records, several(events))
def test_a_record_that_gets_versions_is_written_as_it_would_be_anew(record: Record, versions: tuple[Version, ...]) -> None:
    found = with_versions(json.loads(dumps(record)), versions)
    assert found == replace(record, versions=versions)
    assert dumps(found) == dumps(replace(record, versions=versions))


def test_what_stays_of_a_withdrawn_dataset_holds_no_number_of_a_person() -> None:
    """Its title was published; the page that stays, and the history, would tell the number for ever."""
    number = "110101188102020016"
    title = f"张三（{number}）的停车场"
    party = Party("甲", "甲", "")
    assert number not in tombstone(Record("1", "1", title, party, "published"), "gate").title
    event = Event("2026-01-05", "published", "1", title, "甲", "", "甲", "0")
    history = History([event])
    history.add(event._replace(date="2026-01-06", event="withdrawn"))
    assert number not in b"".join(history.lines()).decode()
    assert len(history.versions("1")) == 2
    assert History([event._replace(title="停车场")]).last("1") == event._replace(title="停车场")
