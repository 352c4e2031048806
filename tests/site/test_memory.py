"""Lines of a file of entries that an earlier run looked at: what is remembered of them is what looking again would give."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.pieces import Seen
from govdata.publishing.plan import Plan, dumps
from govdata.publishing.site import memory, preparing
from govdata.publishing.site.preparing import Asked
from govdata.publishing.site.publication import open_publication
from tests.site.directories import Directory, actions, contents, directory, generated

COUNT = 40


def _entries() -> list[dict[str, Any]]:
    return list(generated().entries(COUNT))


@pytest.fixture
def made(tmp_path: Path) -> Directory:
    """A directory that is one file of entries."""
    found = directory(tmp_path)
    _write(found, _entries())
    return found


def _write(made: Directory, entries: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    (made.path / "entries.jsonl").write_text(text, encoding="utf-8")


def _publish(made: Directory) -> Plan:
    file = made.path / "entries.jsonl"
    with open_publication(f"site:{made.site}", file, "en", Asked(jobs=1), writes=True) as publication:
        plan = publication.plan()
        if not plan.is_empty:
            publication.apply()
        return plan


@pytest.fixture
def recalled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the lines that were recalled."""
    found: list[int] = []
    before = memory.Memory.recall

    def recall(self: memory.Memory, number: int, line: bytes) -> Seen | None:
        known = before(self, number, line)
        if known is not None:
            found.append(number)
        return known

    monkeypatch.setattr(memory.Memory, "recall", recall)
    return found


def test_lines_that_stand_give_the_same_plan(made: Directory, recalled: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(actions(_publish(made)).values()) == {"create"}
    assert recalled == [], "nothing is known yet"
    again = _publish(made)
    assert recalled == list(range(1, COUNT + 1))
    monkeypatch.setenv("GOVDATA_NO_CACHE", "1")
    anew = _publish(made)
    assert len(recalled) == COUNT, "without a cache all are looked at"
    assert dumps(again).replace(again.made, anew.made) == dumps(anew)


def test_only_the_line_that_changed_is_looked_at(made: Directory, recalled: list[int]) -> None:
    _publish(made)
    entries = _entries()
    entries[7]["description"] += "另附说明。"
    _write(made, entries)
    plan = _publish(made)
    assert [code for code, action in actions(plan).items() if action != "keep"] == [entries[7]["identifier"]]
    assert recalled == [number for number in range(1, COUNT + 1) if number != 8]
    assert made.record(entries[7]["identifier"]).description.endswith("另附说明。")


def test_what_the_directory_says_is_found_each_time(made: Directory, recalled: list[int]) -> None:
    _publish(made)
    entries = _entries()
    entries[3]["identifier"] = entries[20]["identifier"]
    _write(made, entries)
    plan = _publish(made)
    assert 21 in recalled
    assert 4 not in recalled
    assert actions(plan)[entries[20]["identifier"]] == "held", "of two with one code neither is published, the recalled one too"


def test_an_error_and_a_line_that_moved_are_looked_at(made: Directory, recalled: list[int]) -> None:
    _publish(made)
    entries = _entries()
    del entries[5]["publisher"]
    _write(made, [*entries[:30], *entries[31:]])
    plan = _publish(made)
    assert actions(plan)[entries[5]["identifier"]] == "held"
    assert actions(plan)[entries[30]["identifier"]] == "withdraw"
    assert recalled == [number for number in range(1, 31) if number != 6], "lines behind the one that is gone have other numbers"


def _later(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date.today() + timedelta(days=1)
    monkeypatch.setattr(memory, "date", type("Tomorrow", (date,), {"today": classmethod(lambda cls: day)}))


def _other_settings(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    with (made.path / "govdata.toml").open("a", encoding="utf-8") as file:
        file.write("strict = true\n")


def _other_program(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "program", lambda: "another")


@pytest.mark.parametrize("change", [_later, _other_settings, _other_program])
def test_nothing_is_recalled_where_what_it_follows_from_changed(
    change: Callable[[Directory, pytest.MonkeyPatch], None], made: Directory, recalled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(made)
    change(made, monkeypatch)
    _publish(made)
    assert recalled == []
    assert len(contents(made.site)) > COUNT


def test_what_is_kept_is_what_holding_it_against_the_site_would_keep(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    _publish(made)
    entries = _entries()
    entries[3]["description"] += "另附说明。"
    del entries[5]["publisher"]  # an error: it is held
    del entries[9]
    _write(made, entries)
    plan = _plan(made)
    assert {change.action for change in plan.changes} == {"update", "held", "keep", "withdraw"}
    monkeypatch.setattr(preparing, "_is_kept", lambda card, actual: False)
    anew = _plan(made)
    assert dumps(plan).replace(plan.made, anew.made) == dumps(anew)


def _plan(made: Directory) -> Plan:
    with open_publication(f"site:{made.site}", made.path / "entries.jsonl", "en", Asked(jobs=1), writes=False) as publication:
        return publication.plan()
