"""Plans from what is wanted and what is there, without a site."""

from __future__ import annotations

import dataclasses
import json
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from govdata.errors import PublishError
from govdata.publishing import views
from govdata.publishing.ckan.naming import names_of, organisation_name, slug, tags_of, upload_name
from govdata.publishing.fitting import refuse_unfit
from govdata.publishing.identity import dataset_id, resource_id
from govdata.publishing.plan import Change, Difference, Load, Organisation, Plan, Reason, Target, dumps, loads, to_json
from govdata.publishing.planning import Actual, ActualResource, Offer, Options, State, Wanted, WantedResource, plan_changes
from govdata.publishing.views import plan_markdown, plan_text

DIRECTORY = "6f0f7c1e-5a0b-4d5e-9c1a-310199000000"
ROOT = Path(__file__).parent.parent.parent
WHOLE = Options(whole=True, language="en")


@pytest.mark.parametrize("name", ["307001/000001", "停车场", ""])
@pytest.mark.parametrize("directory", [DIRECTORY, DIRECTORY.upper(), f"{{{DIRECTORY}}}"])
def test_ids_are_those_of_the_standard_library(directory: str, name: str) -> None:
    number = dataset_id(directory, name)
    assert number == str(uuid.uuid5(uuid.UUID(directory), f"dataset:{name}"))
    assert resource_id(number, name) == str(uuid.uuid5(uuid.UUID(number), f"resource:{name}"))


def offer(code: str, title: str = "T", sha: str = "s1", key: str = "a.csv", **changed: Any) -> Offer:
    """A dataset with one file that may be published whole."""
    resource = WantedResource(key, {"name": key}, sha, 10, "t-" + sha, 3)
    wanted = Wanted(dataset_id(DIRECTORY, code), slug(code), "org", {"title": title, "state": "active"}, (resource,), f"{title}{sha}{key}")
    return dataclasses.replace(Offer(code, title, f"folder-{code}", "whole", True, wanted=wanted), **changed)


def actual(code: str, title: str = "T", sha: str = "s1", key: str = "a.csv", **changed: Any) -> Actual:
    """The same as it is on the site."""
    number = dataset_id(DIRECTORY, code)
    resource = ActualResource(resource_id(number, key), key, {"name": key}, sha, "t-" + sha)
    fields = {"title": title, "state": "active"}
    made = Actual(number, code, slug(code), f"folder-{code}", title, "org", "published", "2026-01-01", "Org", fields, (resource,))
    return dataclasses.replace(made, **changed)


def planned(
    offers: list[Offer], actuals: list[Actual], options: Options = WHOLE, others: dict[str, Actual] | None = None
) -> dict[str, Any]:
    """Code → change."""
    changes, _ = plan_changes(offers, State({item.code: item for item in actuals}, others or {}), options)
    return {change.code: change for change in changes}


def test_what_is_as_wanted_is_kept() -> None:
    change = planned([offer("1/1")], [actual("1/1")])["1/1"]
    assert (change.action, change.differences, change.loads, change.removals) == ("keep", (), (), ())


def test_only_what_changed_is_told_and_loaded() -> None:
    change = planned([offer("1/1", title="New", sha="s2")], [actual("1/1")])["1/1"]
    assert change.action == "update"
    assert [(item.field, item.old, item.new) for item in change.differences] == [("title", "T", "New")]
    assert [(load.key, load.file, load.table) for load in change.loads] == [("a.csv", True, True)]


def test_a_file_that_was_only_renamed_keeps_its_resource_and_is_not_sent() -> None:
    change = planned([offer("1/1", key="b.csv")], [actual("1/1")])["1/1"]
    assert (change.action, change.loads, change.removals) == ("update", (), ())
    assert {item.field for item in change.differences} == {"resources/b.csv/name", "resources/b.csv/key"}


def test_a_code_that_was_renamed_keeps_its_dataset() -> None:
    renamed = offer("1/2", path="folder-1/1")
    changes = planned([renamed], [actual("1/1")])
    assert list(changes) == ["1/2"]
    assert (changes["1/2"].action, changes["1/2"].id, changes["1/2"].name) == ("update", dataset_id(DIRECTORY, "1/1"), "1-2")
    part = planned([renamed], [actual("1/1")], Options(whole=False))
    assert part["1/2"].action == "create"


def test_gone_is_withdrawn_only_when_all_was_read() -> None:
    assert planned([], [actual("1/1")])["1/1"].action == "withdraw"
    assert planned([], [actual("1/1")], Options(whole=False)) == {}


def test_deleted_only_when_withdrawn_and_within_the_limit() -> None:
    gone = [actual(f"1/{number}", state="withdrawn", resources=()) for number in range(3)]
    assert {change.action for change in planned([], gone).values()} == {"keep"}
    assert {change.action for change in planned([], gone, Options(True, max_delete=3)).values()} == {"delete"}
    changes, over = plan_changes([], State({item.code: item for item in gone}), Options(True, max_delete=2))
    assert ({change.action for change in changes}, over) == ({"keep"}, 1)
    assert planned([], [actual("1/1")], Options(True, max_delete=9))["1/1"].action == "withdraw"


@pytest.mark.parametrize(
    ("verdict", "valid", "there", "expected"),
    [
        ("refused", True, False, "refused"),
        ("refused", True, True, "withdraw"),
        ("refused", False, True, "withdraw"),
        ("whole", False, True, "held"),
        ("whole", False, False, "refused"),
    ],
)
def test_gate_and_errors(verdict: Any, valid: bool, there: bool, expected: str) -> None:
    item = offer("1/1", verdict=verdict, valid=valid, reasons=(Reason("gate/secret", "no"),))
    assert planned([item], [actual("1/1")] if there else [])["1/1"].action == expected


def test_a_part_of_the_directory_never_withdraws() -> None:
    item = offer("1/1", verdict="refused")
    change = planned([item], [actual("1/1")], Options(whole=False))["1/1"]
    assert (change.action, [note.rule for note in change.notes]) == ("refused", ["publish/still-published"])


def test_a_name_of_somebody_else_is_a_conflict_unless_taken_over() -> None:
    other = actual("x", title="Theirs", id="9a2d0a3e-0000-4000-8000-000000000001", state="foreign", holder="Other office", resources=())
    change = planned([offer("1/1")], [], others={"1-1": other})["1/1"]
    assert (change.action, change.holder, change.differences) == ("conflict", "Other office", ())
    taken = planned([offer("1/1")], [], Options(True, take_over=True), {"1-1": other})["1/1"]
    assert (taken.action, taken.id) == ("update", "9a2d0a3e-0000-4000-8000-000000000001")
    assert ("title", "Theirs", "T") in [(item.field, item.old, item.new) for item in taken.differences]
    ours = dataclasses.replace(other, state="published")
    assert planned([offer("1/1")], [], Options(True, take_over=True), {"1-1": ours})["1/1"].action == "conflict"


@pytest.mark.parametrize(("stated", "expected"), [({}, "conflict"), ({"govdata_state": "withdrawn"}, "update")])
def test_a_private_dataset_of_somebody_else_is_not_taken_over(stated: dict[str, str], expected: str) -> None:
    """The resources that they had there became public."""
    theirs = ActualResource("r", "", {"name": "internal.csv"})
    other = actual("x", id="9a2d0a3e-0000-4000-8000-000000000001", state="foreign", fields={"private": True, **stated}, resources=(theirs,))
    change = planned([offer("1/1")], [], Options(True, take_over=True), {"1-1": other})["1/1"]
    assert change.action == expected
    assert [reason.rule for reason in change.reasons] == (["publish/name-private"] if expected == "conflict" else [])


def test_a_resource_of_somebody_else_stays() -> None:
    by_hand = ActualResource("by-hand", "", {"name": "Theirs"}, position=1)
    there = actual("1/1")
    change = planned([offer("1/1")], [dataclasses.replace(there, resources=(*there.resources, by_hand))])["1/1"]
    assert (change.action, change.removals, [note.rule for note in change.notes]) == ("keep", (), ["publish/resource-of-others"])


def test_withdrawn_and_deleted_ones_are_published_again() -> None:
    for state in ("withdrawn", "deleted"):
        assert planned([offer("1/1")], [actual("1/1", state=state, resources=())])["1/1"].action == "restore"


def a_plan(**changed: Any) -> Plan:
    """A plan with something of everything."""
    offers = [
        offer("1/1", title="<b>|New|</b>"),
        offer("1/2"),
        offer("1/3", verdict="refused", reasons=(Reason("gate/secret", "no", "way out"),)),
    ]
    changes, over = plan_changes(offers, State({"1/1": actual("1/1"), "1/4": actual("1/4")}), WHOLE)
    target = Target("ckan:open", "https://data.example.org", "internet", "api", False)
    return dataclasses.replace(Plan(target, DIRECTORY, True, changes, over=over, made="2026-11-25T00:00:00+00:00"), **changed)


def test_a_plan_is_what_its_schema_says_and_comes_back_the_same() -> None:
    plan = a_plan()
    told = json.loads(dumps(plan))
    schema = json.loads((ROOT / "schemas/plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(told)
    assert set(told) == set(schema["properties"])
    assert loads(dumps(plan), "plan.json") == plan
    assert told["counts"] == {"create": 1, "update": 1, "withdraw": 1, "refused": 1}


@pytest.mark.parametrize(
    "spoil",
    [lambda told: told["changes"].pop(), lambda told: told["changes"][0].update(title="other"), lambda told: told.update(max_delete=9)],
)
def test_a_plan_that_was_changed_by_hand_is_refused(spoil: Any) -> None:
    told = to_json(a_plan())
    spoil(told)
    with pytest.raises(PublishError) as caught:
        loads(json.dumps(told), "plan.json")
    assert caught.value.key == "plan-changed"


def test_what_was_asked_for_is_in_the_plan_and_one_of_before_has_no_such_field() -> None:
    some = a_plan(only=("1/*", "folder"))
    assert loads(dumps(some), "plan.json") == some
    told = to_json(a_plan())
    del told["only"]
    assert loads(json.dumps(told), "plan.json") == a_plan()
    with pytest.raises(PublishError, match="plan-changed"):
        loads(json.dumps({**told, "only": ["1/1"]}), "plan.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"plan": 1}', "[" * 100_000, '{"plan": 1, "changes": 3, "target": {}}'])
def test_what_is_no_plan_is_said_to_be_none(text: str) -> None:
    with pytest.raises(PublishError) as caught:
        loads(text, "plan.json")
    assert caught.value.key == "plan-form"


def test_a_plan_of_a_later_version_is_not_guessed_at() -> None:
    with pytest.raises(PublishError) as caught:
        loads('{"plan": 2}', "plan.json")
    assert caught.value.key == "plan-version"


def test_a_plan_fits_only_what_is_left_of_it() -> None:
    saved = a_plan()
    refuse_unfit(saved, a_plan(made="later"), {}, "plan.json")
    offers = [
        offer("1/1", title="<b>|New|</b>"),
        offer("1/2"),
        offer("1/3", verdict="refused", reasons=(Reason("gate/secret", "no", "way out"),)),
    ]
    begun = {"1/1": actual("1/1", title="<b>|New|</b>"), "1/2": actual("1/2", sha="", modified="ours"), "1/4": actual("1/4")}
    changes, _ = plan_changes(offers, State(begun), WHOLE)
    fresh = dataclasses.replace(saved, changes=changes)
    refuse_unfit(saved, fresh, {dataset_id(DIRECTORY, "1/2"): "ours"}, "plan.json")
    with pytest.raises(PublishError) as caught:
        refuse_unfit(saved, fresh, {}, "plan.json")
    assert caught.value.arguments["datasets"] == ["1/2"]


def test_a_plan_fits_whatever_language_it_was_made_in() -> None:
    """What people read of the reasons is not what was decided."""
    saved = a_plan()
    assert [change.action for change in saved.changes if change.reasons] == ["refused", "withdraw"]
    told = [dataclasses.replace(change, reasons=tuple(Reason(item.rule, "不") for item in change.reasons)) for change in saved.changes]
    refuse_unfit(saved, dataclasses.replace(saved, changes=tuple(told)), {}, "plan.json")
    other = [dataclasses.replace(change, reasons=(Reason("gate/other", "no"),) * len(change.reasons)) for change in saved.changes]
    with pytest.raises(PublishError, match="plan-moved"):
        refuse_unfit(saved, dataclasses.replace(saved, changes=tuple(other)), {}, "plan.json")


def test_a_plan_fits_after_some_of_what_is_gone_was_withdrawn() -> None:
    gone = [actual("1/1"), actual("1/2")]
    before, _ = plan_changes([], State({item.code: item for item in gone}), WHOLE)
    assert [change.action for change in before] == ["withdraw", "withdraw"]
    gone[0] = dataclasses.replace(gone[0], state="withdrawn", resources=(), modified="later")
    saved = a_plan(changes=before)
    after, _ = plan_changes([], State({item.code: item for item in gone}), WHOLE)
    refuse_unfit(saved, a_plan(changes=after), {}, "plan.json")
    back, _ = plan_changes([offer("1/1")], State({item.code: item for item in (actual("1/1"), gone[1])}), WHOLE)
    with pytest.raises(PublishError, match="plan-moved"):
        refuse_unfit(saved, a_plan(changes=back), {}, "plan.json")


def test_a_plan_that_is_carried_out_again_deletes_only_what_it_said() -> None:
    """With a limit of deletes, what the first time had withdrawn was due the second time, and the plan was refused as moved."""
    options = dataclasses.replace(WHOLE, max_delete=1)
    gone = [actual("1/1"), actual("1/2", state="withdrawn", resources=())]
    before, over = plan_changes([], State({item.code: item for item in gone}), options)
    assert ([change.action for change in before], over) == (["withdraw", "delete"], 0)
    saved = a_plan(changes=before, max_delete=1)
    begun = [dataclasses.replace(gone[0], state="withdrawn", resources=(), modified="later"), gone[1]]
    after, over = plan_changes([], State({item.code: item for item in begun}), dataclasses.replace(options, saved=saved))
    assert ([change.action for change in after], over) == (["keep", "delete"], 0)
    refuse_unfit(saved, a_plan(changes=after), {}, "plan.json")


def test_a_plan_for_another_network_or_with_other_links_is_refused() -> None:
    table = Change("update", "1/1", "One", loads=(Load("r", "a.csv", True, True, 9),))
    saved = a_plan(changes=(table,), target=Target("ckan:open", "https://data.example.org", "internet", "plugin", False))
    for changed, key in (({"zone": "government"}, "plan-elsewhere"), ({"way": "api"}, "plan-links")):
        fresh = dataclasses.replace(saved, target=dataclasses.replace(saved.target, **changed))
        with pytest.raises(PublishError) as caught:
            refuse_unfit(saved, fresh, {}, "plan.json")
        assert caught.value.key == key
        refuse_unfit(fresh, fresh, {}, "plan.json")


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("甲\r\n乙", "甲\n乙", "notes: “甲\\r\\n乙” → “甲\\n乙”"),
        ("甲 ", "甲", "notes: “甲 ” → “甲”"),
        ("x" * 90, "x" * 90 + "y", f"notes: “…{'x' * 20}” → “…{'x' * 20}y”"),
        ("甲\u200b乙", "甲乙", "notes: “甲\\u200b乙” → “甲乙”"),
        ("é", "e\u0301", "notes: “é” → “e\\u0301”"),
        ("甲", "乙", "notes: 甲 → 乙"),
    ],
)
def test_values_that_look_alike_are_told_apart(old: str, new: str, shown: str) -> None:
    change = dataclasses.replace(a_plan().changes[0], differences=(Difference("notes", old, new),))
    assert shown in "\n".join(plan_text(dataclasses.replace(a_plan(), changes=(change,)), "en"))


def test_a_file_of_another_size_is_not_the_one_that_was_sent() -> None:
    there = actual("1/1")
    for size, loaded in ((10, []), (None, []), (11, ["a.csv"])):
        resource = dataclasses.replace(there.resources[0], size=size)
        change = planned([offer("1/1")], [dataclasses.replace(there, resources=(resource,))])["1/1"]
        assert [load.key for load in change.loads if load.file and not load.table] == loaded


def test_views_say_all_in_both_languages_and_let_nothing_through() -> None:
    for language in ("zh-CN", "en"):
        text = "\n".join(plan_text(a_plan(), language))
        assert all(code in text for code in ("1/1", "1/2", "1/3", "1/4"))
        markdown = plan_markdown(a_plan(), language)
        assert "<b>" not in markdown
        rows = [line for line in markdown.splitlines() if line.startswith("| ")]
        assert {line.count("|") for line in rows} == {5}


def test_the_markdown_form_tells_what_the_text_tells_and_first_by_what_something_is_lost() -> None:
    """It is what people agree to in a pull request."""
    organisation = Organisation("create", "org-1", "云间区|建管委", "1")
    many = [offer(f"2/{number}", title="T" * 60) for number in range(700)]
    changes, _ = plan_changes(many, State({"1/4": actual("1/4")}), WHOLE)
    markdown = plan_markdown(a_plan(organisations=(organisation,), changes=changes), "en")
    head, _, rows = markdown.partition("\n\n| ")
    assert "org-1" in head
    assert "old links to it end" in head
    assert "1/4" in rows.splitlines()[2]
    assert "1/4" not in rows.splitlines()[3]
    assert "old links" not in plan_markdown(a_plan(changes=changes[-1:]), "en")


def test_of_very_many_changes_the_first_are_listed_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MANY", 2)
    changes, _ = plan_changes([offer(f"1/{number}") for number in range(5)], State({"2/1": actual("2/1")}), WHOLE)
    lines = list(plan_text(dataclasses.replace(a_plan(), changes=changes), "en"))
    assert [line.split()[2] for line in lines if line.startswith("+ create 1/")] == ["1/0", "1/1"]
    assert any(line.startswith("+ create 3 more") for line in lines)
    monkeypatch.setattr(views, "MANY", 0)
    lines = list(plan_text(a_plan(), "zh-CN"))
    assert any("1/4" in line for line in lines), "what is withdrawn is listed, however much it is"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("307001/000005", "307001-000005"),
        ("A B_c", "a-b_c"),
        ("１２３", "123"),
        ("new", "new-"),
        ("x", "x-"),
        ("停车场", ""),
        ("a" * 200, "a" * 91 + "-"),
    ],
)
def test_names(code: str, name: str) -> None:
    made = slug(code)
    assert made.startswith(name)
    assert 2 <= len(made) <= 100
    assert made.isascii()
    assert made == made.lower()


def test_names_that_would_be_the_same_are_told_apart_and_stay() -> None:
    names = names_of(["1/1", "1-1", "1 1", "2/2"], {})
    assert len(set(names.values())) == 4
    assert names["2/2"] == "2-2"
    assert names_of(["1-1", "1/1", "1 1", "2/2"], names) == {code: names[code] for code in ("1-1", "1/1", "1 1", "2/2")}
    assert names_of(["1/1"], {"1/1": "1-1"}) == {"1/1": "1-1"}
    later = names_of(["1/1", "1-1"], {"1/1": "1-1"})
    assert later["1/1"] == "1-1"
    assert later["1-1"] != "1-1"


def test_tags_are_what_ckan_takes() -> None:
    tags, told = tags_of(["停车", "水", "停车(收费)", "教育/科技", "a、b", "停车", "x" * 120, "R&D"])
    assert tags == ["停车", "停车 收费", "教育 科技", "a b", "x" * 100, "R D"]
    assert ("水", "") in told
    assert ("停车(收费)", "停车 收费") in told


def test_names_of_files_and_organisations() -> None:
    assert upload_name("n", "Data_1.csv", "csv") == "data_1.csv"
    assert upload_name("307001-000005", "停车场.csv", "csv").startswith("307001-000005-")
    assert upload_name("n", "a.xlsx#一", "xlsx") == "a.xlsx"
    assert organisation_name("11310199000000019K", {}) == "org-11310199000000019k"
    assert organisation_name("", {}) == ""
    assert organisation_name("x", {"x": "given"}) == "given"
