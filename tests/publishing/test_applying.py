"""A plan carried out on a site that is played: what fails with one dataset leaves the others alone."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

httpx = pytest.importorskip("httpx")

from govdata.classes import replace  # noqa: E402
from govdata.errors import SiteError  # noqa: E402
from govdata.publishing.ckan.applying import MOST_FAILURES, Means, apply  # noqa: E402
from govdata.publishing.ckan.mapping import Form  # noqa: E402
from govdata.publishing.ckan.site import Limits, Site  # noqa: E402
from govdata.publishing.ckan.steps import Hand  # noqa: E402
from govdata.publishing.journal import left_open, open_journal, own_moments  # noqa: E402
from govdata.publishing.outcome import Outcome, to_json  # noqa: E402
from govdata.publishing.plan import Change, Load, Organisation, Plan, Removal, Target  # noqa: E402
from govdata.publishing.planning import Wanted, WantedResource  # noqa: E402

REFUSED = 4 * MOST_FAILURES


def applied(tmp_path: Path, status: int) -> tuple[Outcome, Counter[str]]:
    """A plan that creates many datasets of one organisation, whom the site answers so, and then one of another."""
    asked: Counter[str] = Counter()

    def play(request: Any) -> Any:
        data = json.loads(request.content)
        if request.url.path.endswith("_show"):
            return httpx.Response(404, json={"success": False, "error": {"__type": "Not Found Error"}})
        asked[data.get("owner_org", "")] += 1
        if data.get("owner_org") == "closed":
            return httpx.Response(status, text="no")
        return httpx.Response(200, json={"success": True, "result": {**data, "metadata_modified": "m"}})

    def change(number: int, organisation: str) -> Change:
        return Change("create", f"1/{number}", "T", f"d{number}", f"id-{number}", f"n{number}", organisation)

    changes = (*(change(number, "closed") for number in range(REFUSED)), change(REFUSED, "open"))
    wanted = {item.code: Wanted(item.id, item.name, item.organisation, {"title": "T"}, (), "") for item in changes}
    plan = Plan(Target("ckan:t", "https://x.example.org", "internet", "", True), "directory", True, changes)
    transport = httpx.MockTransport(play)
    with (
        open_journal(tmp_path, "ckan:t") as journal,
        Site("https://x.example.org", "t", transport=transport, limits=Limits(tries=1)) as site,
    ):
        hand = Hand(site, journal, sleep=lambda seconds: None)
        no_tables: Any = SimpleNamespace()
        means = Means(hand, no_tables, wanted, "2026-01-05", "en", Form(True))
        return apply(plan, means, 1, lambda number, name: None), asked


def test_an_organisation_that_the_token_may_not_write_to_does_not_keep_the_others_out(tmp_path: Path) -> None:
    """The next run would begin with the same ones again, and never come to the others."""
    outcome, asked = applied(tmp_path, 403)
    assert outcome.counts() == {"failed": MOST_FAILURES, "left": REFUSED - MOST_FAILURES, "done": 1}
    assert asked["closed"] == MOST_FAILURES


def test_what_is_too_large_is_one_datasets_own(tmp_path: Path) -> None:
    outcome, _ = applied(tmp_path, 413)
    assert outcome.counts() == {"failed": REFUSED, "done": 1}


def test_a_site_that_is_down_is_not_asked_for_ever(tmp_path: Path) -> None:
    outcome, asked = applied(tmp_path, 503)
    assert outcome.counts() == {"failed": MOST_FAILURES, "left": REFUSED - MOST_FAILURES + 1}
    assert asked["closed"] == MOST_FAILURES


NOT_FOUND = {"success": False, "error": {"__type": "Not Found Error", "message": "?"}}


def carried_out(tmp_path: Path, plan: Plan, answers: dict[str, list[Any]], tables: Any = None, wanted: Any = None) -> Outcome:
    """A plan carried out on a site whose actions give these, one after the other; nothing is found where there is none."""

    def play(request: Any) -> Any:
        left = answers.get(request.url.path.rpartition("/")[2], [])
        answer = left.pop(0) if left else None
        if answer is None:
            return httpx.Response(404, json=NOT_FOUND)
        return httpx.Response(answer) if isinstance(answer, int) else httpx.Response(200, json={"success": True, "result": answer})

    with (
        open_journal(tmp_path, "ckan:t") as journal,
        Site("https://x.example.org", "t", transport=httpx.MockTransport(play), limits=Limits(tries=1)) as site,
    ):
        hand = Hand(site, journal, sleep=lambda seconds: None)
        return apply(plan, Means(hand, tables, wanted or {}, "2026-01-05", "en", Form(True)), 1, lambda number, name: None)


TARGET = Target("ckan:t", "https://x.example.org", "internet", "", True)
STORED = {"id": "id-1", "name": "n1", "metadata_modified": "m1", "organization": {"name": "org"}, "resources": []}
WITHDRAW = Change("withdraw", "1/1", "T", "", "id-1", "n1", "org", seen="m1")


def test_a_dataset_that_was_purged_while_it_was_withdrawn_has_moved(tmp_path: Path) -> None:
    """It counted as a failure of the site."""
    outcome = carried_out(tmp_path, Plan(TARGET, "directory", True, (WITHDRAW,)), {"package_show": [STORED]})
    (result,) = outcome.results
    assert (result.status, result.why and result.why.rule) == ("moved", "publish/dataset-moved")


def test_a_table_that_another_run_took_away_while_it_was_loaded_has_moved(tmp_path: Path) -> None:
    stored = {**STORED, "resources": [{"id": "r1", "govdata_key": "a.csv"}]}
    theirs = {**stored, "resources": [{"id": "r2", "govdata_key": "a.csv"}], "metadata_modified": "m3"}
    plan = Plan(TARGET, "directory", True, (replace(WITHDRAW, action="update", loads=(Load("r1", "a.csv", False, True, 1),)),))
    wanted = {"1/1": Wanted("id-1", "n1", "org", {}, (WantedResource("a.csv", {}, "s", 1, "t"),), "d")}

    def load(*given: Any) -> str:
        raise SiteError("not-found", url="https://x.example.org", action="datastore_upsert", status=404, what="?")

    answers = {"package_show": [stored, theirs, theirs], "package_revise": [{"package": {**stored, "metadata_modified": "m2"}}]}
    (result,) = carried_out(tmp_path, plan, answers, SimpleNamespace(load=load), wanted).results
    assert (result.status, result.why and result.why.rule) == ("moved", "publish/dataset-moved")


def test_the_outcome_for_programs_says_why_an_organisation_failed(tmp_path: Path) -> None:
    plan = Plan(TARGET, "directory", True, (), (Organisation("create", "org", "Org", "1"),))
    (told,) = to_json(carried_out(tmp_path, plan, {"organization_create": [403]}))["organisations"]
    assert (told["status"], told["why"]["rule"]) == ("failed", "publish/site-not-allowed")


def test_what_becomes_of_a_dataset_when_a_table_goes_is_noted_at_once(tmp_path: Path) -> None:
    """A run that was killed right after it found its own plan refused: somebody else seemed to have changed the dataset."""
    stored = {**STORED, "resources": [{"id": "r1", "govdata_key": "a.csv"}]}
    plan = Plan(TARGET, "directory", True, (replace(WITHDRAW, removals=(Removal("r1", "a.csv"),)),))
    tables = SimpleNamespace(remove=lambda number: None)
    carried_out(tmp_path, plan, {"package_show": [stored, {**stored, "metadata_modified": "m2"}], "package_revise": [403]}, tables)
    assert own_moments(tmp_path, "ckan:t") == {"id-1": "m2"}


def test_what_cannot_be_taken_away_for_want_of_its_organisation_keeps_nothing_else_from_being_done(tmp_path: Path) -> None:
    """Every later run ended with a message about `package_create`, and published nothing."""
    with open_journal(tmp_path, "ckan:t") as journal:
        journal.begin("retire", id="gone", resources=["r1", "r2"], organisation="was")

    def refuse(organisation: str, number: str) -> None:
        raise SiteError("invalid", url="https://x.example.org", action="package_create", status=409, what="owner_org", fields={})

    plan = Plan(TARGET, "directory", True, (WITHDRAW,))
    withdrawn = {**STORED, "private": True, "govdata_state": "withdrawn"}
    answers = {"package_show": [None, None, STORED], "package_revise": [{"package": withdrawn}]}
    outcome = carried_out(tmp_path, plan, answers, SimpleNamespace(retire=refuse))
    assert [result.status for result in outcome.results] == ["done"]
    assert [(name, status, "r1" in why.message or "r2" in why.message) for name, status, why in outcome.organisations if why] == [
        ("was", "failed", True),
        ("was", "failed", True),
    ]
    assert [record["kind"] for record in left_open(tmp_path, "ckan:t")] == ["retire"]
