"""Steps and journal: what is noted, what is looked for after an answer that does not say, what is never repeated."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import PublishError, SiteError
from govdata.publishing.journal import FOLDER, left_open, open_journal, own_moments, runs_of

httpx = pytest.importorskip("httpx")

from govdata.publishing.ckan.site import Limits, Site  # noqa: E402
from govdata.publishing.ckan.steps import Hand, create, revise  # noqa: E402
from govdata.publishing.site.output import folders_of, locked  # noqa: E402

PACKAGE = {"id": "6f0f7c1e-5a0b-4d5e-9c1a-310199000000", "name": "n"}
MADE = {**PACKAGE, "metadata_modified": "m1"}


class Played:
    """A site that answers from a list: what an action gives, a status, or an exception."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers, self.calls = answers, []  # type: ignore[var-annotated]

    def __call__(self, request: Any) -> Any:
        action = str(request.url).rpartition("/")[2]
        self.calls.append((action, json.loads(request.content)))
        answer = self.answers[action].pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            error = {"__type": "Not Found Error", "message": "?"} if answer == 404 else None
            return httpx.Response(answer, json={"success": False, "error": error} if error else None)
        if "__type" in answer:
            return httpx.Response(409, json={"success": False, "error": answer})
        return httpx.Response(200, json={"success": True, "result": answer})

    def count(self, action: str) -> int:
        """How often an action was called."""
        return sum(called == action for called, _ in self.calls)


@pytest.fixture
def hand_of(tmp_path: Path) -> Any:
    """Gives a hand for a played site; the journal is closed at the end."""
    with open_journal(tmp_path, "ckan:t") as journal:

        def made(played: Callable[[Any], Any]) -> Hand:
            site = Site("https://x.example.org", "t", transport=httpx.MockTransport(played), sleep=lambda s: None, limits=Limits(tries=2))
            return Hand(site, journal, sleep=lambda seconds: None)

        yield made


TIMED_OUT = httpx.ReadTimeout("late")


def test_a_create_that_was_done_though_the_answer_was_lost_is_found_and_not_repeated(hand_of: Any, tmp_path: Path) -> None:
    played = Played(package_create=[TIMED_OUT], package_show=[MADE])
    assert create(hand_of(played), dict(PACKAGE), lambda found: True) == MADE
    assert played.count("package_create") == 1
    assert left_open(tmp_path, "ckan:t") == []
    assert own_moments(tmp_path, "ckan:t") == {PACKAGE["id"]: "m1"}


def test_a_create_that_was_not_done_is_done_again(hand_of: Any) -> None:
    played = Played(package_create=[500, MADE], package_show=[404])
    assert create(hand_of(played), dict(PACKAGE), lambda found: True) == MADE


def test_a_name_that_somebody_took_meanwhile_is_not_overwritten(hand_of: Any, tmp_path: Path) -> None:
    played = Played(package_create=[{"__type": "Validation Error", "name": ["in use"]}], package_show=[{**MADE, "title": "Theirs"}])
    with pytest.raises(PublishError) as caught:
        create(hand_of(played), dict(PACKAGE), lambda found: False)
    assert (caught.value.key, caught.value.arguments["holder"]) == ("name-taken", "Theirs")
    assert left_open(tmp_path, "ckan:t") == []


def test_a_token_that_may_not_choose_ids_gets_one_from_the_site(hand_of: Any) -> None:
    refused = {"__type": "Validation Error", "id": ["The input field id was not expected."]}
    played = Played(package_create=[refused, {**MADE, "id": "theirs"}], package_show=[404, 404])
    hand = hand_of(played)
    assert create(hand, dict(PACKAGE), lambda found: True)["id"] == "theirs"
    assert not hand.choose_ids
    assert "id" not in played.calls[-1][1]


def test_a_dead_site_leaves_the_step_open(hand_of: Any, tmp_path: Path) -> None:
    played = Played(package_create=[TIMED_OUT], package_show=[503, 503])
    with pytest.raises(SiteError):
        create(hand_of(played), dict(PACKAGE), lambda found: True)
    (record,) = left_open(tmp_path, "ckan:t")
    assert (record["kind"], record["id"]) == ("create", PACKAGE["id"])


def done(found: Any) -> bool:
    """The change is in the dataset."""
    return bool(found.get("title") == "new")


CHANGE = (["-tags"], {"title": "new", "update__resources__abcde": {"x": 1}})


def test_a_revise_is_under_a_lock_and_tells_the_new_moment(hand_of: Any, tmp_path: Path) -> None:
    played = Played(package_revise=[{"package": {**MADE, "metadata_modified": "m2"}}])
    assert revise(hand_of(played), MADE, "revise", CHANGE, done)["metadata_modified"] == "m2"
    sent = played.calls[0][1]
    assert sent["match"] == {"id": PACKAGE["id"], "metadata_modified": "m1"}
    assert sent["filter"] == ["-tags"]
    assert sent["update"] == {"title": "new"}
    assert sent["update__resources__abcde"] == {"x": 1}
    assert own_moments(tmp_path, "ckan:t") == {PACKAGE["id"]: "m2"}


@pytest.mark.parametrize("title", ["new", "hand-made"])
def test_what_somebody_else_changed_first_is_not_overwritten(hand_of: Any, title: str) -> None:
    """Even where it is the same change: it was not ours."""
    refused = {"__type": "Validation Error", "match": ["metadata_modified"]}
    played = Played(package_revise=[refused], package_show=[{**MADE, "metadata_modified": "m2", "title": title}])
    with pytest.raises(PublishError) as caught:
        revise(hand_of(played), MADE, "revise", CHANGE, done)
    assert caught.value.key == "dataset-moved"
    assert played.count("package_revise") == 1


def test_a_revise_that_was_done_though_the_answer_was_lost_is_found(hand_of: Any) -> None:
    played = Played(package_revise=[TIMED_OUT], package_show=[{**MADE, "metadata_modified": "m2", "title": "new"}])
    assert revise(hand_of(played), MADE, "revise", CHANGE, done)["metadata_modified"] == "m2"


def test_a_revise_that_was_not_done_is_done_again_and_may_turn_out_to_be_done(hand_of: Any) -> None:
    late = {**MADE, "metadata_modified": "m2", "title": "new"}
    refused = {"__type": "Validation Error", "match": ["metadata_modified"]}
    played = Played(package_revise=[TIMED_OUT, refused], package_show=[MADE, late])
    assert revise(hand_of(played), MADE, "revise", CHANGE, done) == late


def test_a_success_without_what_was_written_is_looked_at(hand_of: Any) -> None:
    played = Played(package_revise=[{}], package_show=[{**MADE, "metadata_modified": "m2", "title": "new"}], package_create=[{"id": "x"}])
    hand = hand_of(played)
    assert revise(hand, MADE, "revise", CHANGE, done)["metadata_modified"] == "m2"
    played.answers["package_show"] = [MADE]
    assert create(hand, dict(PACKAGE), lambda found: True) == MADE


def test_what_the_site_refuses_is_not_repeated(hand_of: Any, tmp_path: Path) -> None:
    played = Played(package_revise=[{"__type": "Validation Error", "title": ["no"]}])
    with pytest.raises(SiteError) as caught:
        revise(hand_of(played), MADE, "revise", CHANGE, done)
    assert caught.value.kind == "invalid"
    assert left_open(tmp_path, "ckan:t") == []


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with open_journal(tmp_path, "ckan:t") as journal:
        with pytest.raises(PublishError) as caught, open_journal(tmp_path, "ckan:t"):
            pass
        assert caught.value.key == "run-under-way"
        with open_journal(tmp_path, "ckan:other"):
            pass
        journal.begin("x", id="1")
    with open_journal(tmp_path, "ckan:t") as later:
        assert [record["id"] for record in later.left_open] == ["1"]
        assert runs_of(tmp_path, "ckan:t") == {journal.run}
        step = later.begin("y", id="2")
        later.settled()
        assert [record["id"] for record in left_open(tmp_path, "ckan:t")] == ["2"]
        later.done(step)
    assert left_open(tmp_path, "ckan:t") == []


@pytest.mark.parametrize("name", ["ckan-t.jsonl", "ckan-t.lock"])
def test_a_journal_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    """It was an error of the system, which did not say of what."""
    (tmp_path / FOLDER / name).mkdir(parents=True)
    with pytest.raises(PublishError) as caught, open_journal(tmp_path, "ckan:t"):
        pass
    assert caught.value.key == "journal-unwritable"


def test_a_share_without_locks_is_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*given: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(PublishError) as caught, open_journal(tmp_path, "ckan:t"):
        pass
    assert caught.value.key == "no-lock"
    with pytest.raises(PublishError) as caught, locked(folders_of(tmp_path / "site")):
        pass
    assert caught.value.key == "no-lock"


def test_a_journal_that_can_be_written_no_more_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_journal(tmp_path, "ckan:t") as journal:
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(PublishError) as caught:
            journal.begin("x", id="1")
    assert caught.value.key == "journal-unwritable"


def test_a_line_that_was_cut_off_counts_as_never_written(tmp_path: Path) -> None:
    with open_journal(tmp_path, "ckan:t") as journal:
        step = journal.begin("x", id="1")
        journal.done(step, id="1", modified="m")
    path = tmp_path / FOLDER / "ckan-t.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert [record["id"] for record in left_open(tmp_path, "ckan:t")] == ["1"]
    with open_journal(tmp_path, "ckan:t") as journal:
        journal.begin("y", id="2")
    assert [record["id"] for record in left_open(tmp_path, "ckan:t")] == ["1", "2"]
    with path.open("ab") as file:
        file.write(b'\xff\x00\n[1]\n{"event":"begin","step":"a"}\n{"event":"begin","step":NaN}\n{"event":"begin","step":{}}\n')
    assert [record["id"] for record in left_open(tmp_path, "ckan:t")] == ["1", "2"]
    assert (tmp_path / ".govdata" / ".gitignore").read_text(encoding="utf-8") == "*\n"
