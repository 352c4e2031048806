"""What the faults on the real stack have taught (tests/targets/faults), each in little and without it."""

from __future__ import annotations

import json
from typing import Any

import pytest

httpx = pytest.importorskip("httpx")

from govdata.errors import PublishError, SiteError  # noqa: E402
from govdata.publishing.ckan.mapping import Form, actual_of  # noqa: E402
from govdata.publishing.ckan.shadows import Shadow, drop, release, retire, touch  # noqa: E402
from govdata.publishing.ckan.site import Site  # noqa: E402
from govdata.publishing.ckan.state import Abilities, Remembered, confirmed, knows_token, read_state  # noqa: E402
from govdata.publishing.ckan.steps import _essence  # noqa: E402
from govdata.publishing.planning import State  # noqa: E402

DIRECTORY = "0f6f3c2e-0000-4000-8000-000000000001"
SHADOW = Shadow("aaaaaaaa-0000-4000-8000-000000000001", "holding", "live", "run")


def played(answers: dict[str, Any], calls: list[tuple[str, dict[str, Any]]]) -> Site:
    """A site whose actions give these; one that gives `None` finds nothing."""

    def play(request: Any) -> Any:
        action, data = str(request.url).rpartition("/")[2], json.loads(request.content)
        calls.append((action, data))
        result = answers.get(action, {})
        result = result(data) if callable(result) else result
        if result is None:
            return httpx.Response(404, json={"success": False, "error": {"__type": "Not Found Error", "message": "?"}})
        return httpx.Response(200, json={"success": True, "result": result})

    return Site("https://data.example.org", "t", transport=httpx.MockTransport(play))


def test_a_holding_dataset_is_changed_only_by_what_locks_it() -> None:
    """`resource_patch`, `resource_delete` and the patch inside `datastore_delete` write back what they read before."""
    calls: list[tuple[str, dict[str, Any]]] = []
    with played({"package_show": {"id": "holding", "resources": []}}, calls) as site:
        touch(site, SHADOW)
        drop(site, SHADOW)
        release(site, SHADOW)
        retire(site, "holding", "old")
    assert {action for action, _ in calls} == {"package_revise", "datastore_delete", "package_show"}
    for place, (action, data) in enumerate(calls):
        if action == "datastore_delete":
            marked = calls[place - 1][1][f"update__resources__{data['resource_id']}"]
            assert marked == {"datastore_active": False}


def test_a_shadow_that_is_let_go_of_has_no_row_that_the_next_change_could_delete() -> None:
    calls: list[tuple[str, dict[str, Any]]] = []
    with played({}, calls) as site:
        release(site, SHADOW)
    (first, second) = [data for _, data in calls]
    (passing,) = [item["id"] for item in first["update__resources__extend"]]
    assert f"-resources__{SHADOW.id}" in first["filter"]
    assert f"-resources__{passing}" in second["filter"]


def test_a_retired_resource_loses_its_file_too() -> None:
    calls: list[tuple[str, dict[str, Any]]] = []
    with played({"package_show": {"id": "holding", "resources": []}}, calls) as site:
        retire(site, "holding", "old")
    (taken,) = [data["update__resources__extend"] for _, data in calls if "update__resources__extend" in data]
    assert (taken[0]["id"], taken[0]["clear_upload"]) == ("old", True)


def test_of_two_datasets_of_one_name_in_the_index_both_are_looked_up() -> None:
    """The ghost has the lower id, and would else stand for the dataset for ever."""

    def package(number: str, title: str) -> dict[str, Any]:
        marks = {"govdata_directory": DIRECTORY, "govdata_code": "307001/000001", "govdata_state": "published"}
        return {"id": number, "name": "n", "title": title, "state": "active", "private": False, **marks, "metadata_modified": title}

    ghost, real = package("0", "ghost"), package("1", "real")
    answers = {
        "package_search": {"count": 2, "results": [ghost, {**real, "title": "late"}]},
        "package_list": ["n"],
        "package_show": lambda data: real if data["id"] == "1" else None,
    }
    with played(answers, []) as site:
        state = read_state(site, DIRECTORY, Abilities("2.12", False, Form(True)), Remembered(), 1)
    assert [(actual.id, actual.title) for actual in state.ours.values()] == [("1", "real")]


@pytest.mark.parametrize("copy", ["0", "2"])
def test_a_copy_that_somebody_made_does_not_take_the_place_of_the_dataset(copy: str) -> None:
    """It has all marks of the other, and any id: with the lower one it would be changed instead, for ever in vain as the name is taken."""
    marks = {"govdata_directory": DIRECTORY, "govdata_code": "307001/000001", "state": "active", "private": False}
    real = {"id": "1", "name": "n", "metadata_created": "2026-01-05T08:00:00.000001", **marks}
    copied = {"id": copy, "name": "copy-of-n", "metadata_created": "2026-01-05T08:00:00.000002", **marks}
    for results in ([real, copied], [copied, real]):
        with played({"govdata_state": {"more": False, "results": results}}, []) as site:
            state = read_state(site, DIRECTORY, Abilities("2.12", False, Form(True), state=True), Remembered(), 1)
        assert [actual.id for actual in state.ours.values()] == ["1"]


def test_datasets_that_the_index_still_has_under_each_others_code_are_both_there() -> None:
    def package(number: str, code: str) -> dict[str, Any]:
        return {"id": number, "name": number, "state": "active", "govdata_directory": DIRECTORY, "govdata_code": code}

    state = State({code: actual_of(package(number, code), DIRECTORY) for number, code in (("1", "a"), ("2", "b"))})
    now = {"1": package("1", "b"), "2": package("2", "a")}
    with played({"package_show": lambda data: now[data["id"]]}, []) as site:
        found = confirmed(site, state, DIRECTORY, ["a", "b"], 1)
    assert {code: actual.id for code, actual in found.ours.items()} == {"a": "2", "b": "1"}


@pytest.mark.parametrize("answer", [{}, {"results": None, "count": 0}, "ok", [1], {"more": False}])
@pytest.mark.parametrize("action", ["package_search", "package_show", "govdata_state"])
def test_a_success_that_says_nothing_is_no_answer_of_ckan(action: str, answer: Any) -> None:
    """It ended the run as a mistake of ours, or counted as a dataset that is not there."""
    known = Remembered(known=frozenset(["1"]))
    answers = {"package_search": {"count": 0, "results": []}, "package_list": {}, action: answer}
    plugin = Abilities("2.12", False, Form(True), state=action == "govdata_state")
    with played({key: (lambda data, value=value: value) for key, value in answers.items()}, []) as site, pytest.raises(SiteError) as caught:
        read_state(site, DIRECTORY, plugin, known, 1)
    assert (caught.value.kind, caught.value.arguments["action"]) == ("not-ckan", action)


def test_a_plugin_of_another_version_is_told() -> None:
    with played({"govdata_state": {"count": 0, "results": []}}, []) as site, pytest.raises(PublishError, match="plugin-version"):
        read_state(site, DIRECTORY, Abilities("2.12", False, Form(True), state=True), Remembered(), 1)


def test_the_order_of_extras_and_tags_is_no_change() -> None:
    one = {"id": "1", "extras": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}], "tags": [{"name": "x"}, {"name": "y"}]}
    other = {"id": "1", "extras": one["extras"][::-1], "tags": one["tags"][::-1]}
    assert _essence(one) == _essence(other)
    assert _essence(one) != _essence({**one, "extras": [{"key": "a", "value": "1"}]})


@pytest.mark.parametrize(("active", "table"), [(True, "t1"), (False, "")])
def test_the_mark_of_a_table_that_somebody_deleted_counts_as_none(active: bool, table: str) -> None:
    resource = {"id": "r", "govdata_key": "a.csv", "govdata_table": "t1", "datastore_active": active}
    (found,) = actual_of({"id": "1", "name": "n", "resources": [resource]}, DIRECTORY).resources
    assert found.table == table


@pytest.mark.parametrize(("kind", "sha256"), [("upload", "s1"), (None, ""), ("", "")])
def test_the_mark_of_a_file_in_whose_place_somebody_put_a_link_counts_as_none(kind: str | None, sha256: str) -> None:
    resource = {"id": "r", "govdata_key": "a.csv", "govdata_sha256": "s1", "url_type": kind, "url": "https://example.org/x"}
    (found,) = actual_of({"id": "1", "name": "n", "resources": [resource]}, DIRECTORY).resources
    assert (found.sha256, "url" in found.fields) == (sha256, not sha256)


def test_a_line_is_a_line_however_a_browser_ends_it() -> None:
    found = actual_of({"id": "1", "name": "n", "notes": "甲\r\n乙", "resources": [{"id": "r", "description": "a\r\nb"}]}, DIRECTORY)
    assert (found.fields["notes"], found.resources[0].fields["description"]) == ("甲\n乙", "a\nb")


@pytest.mark.parametrize(("user", "known"), [({"name": "admin"}, True), (None, False)])
def test_a_token_that_the_site_does_not_know_is_told(user: Any, known: bool) -> None:
    """It saw what anybody sees, and where nothing was to be done the run ended well."""
    with played({"user_show": lambda data: user}, []) as site:
        assert knows_token(site) is known
