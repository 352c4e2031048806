"""A file of entries planned and built by one process and by two: the plan, the site and what is said are the same."""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from govdata import pieces
from govdata.errors import EngineError
from govdata.publishing.plan import Plan, dumps
from govdata.publishing.site.memory import Memory
from govdata.publishing.site.preparing import Asked
from govdata.publishing.site.publication import open_publication
from govdata.settings import read_settings
from govdata.validation import examine
from tests.cli.test_workers_ended import SECONDS, ended, until, workers_of
from tests.site.directories import Directory, actions, contents, directory, generated

entries, mutated = generated().entries, generated().mutated
COUNT = 90
ACCEPT = """
[[accept]]
rule = "entry/publisher-code-required"
dataset = "{code}"
reason = "以后补上"
by = "信息科"
until = 2099-12-31
"""
EXCEPTION = """
[[exceptions]]
rule = "gate/not-open"
dataset = "{code}"
zone = "internet"
reason = "依规定公示"
by = "登记注册科科长"
date = 2026-01-01
until = 2099-12-31
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes are started at once, and given a few lines at a time."""
    monkeypatch.setattr(pieces, "WORTH", 0)
    monkeypatch.setattr(pieces, "LINES", 7)


def _lines() -> list[str]:
    """Entries of which many are not right, by themselves or beside others that stand far from them."""
    chance = random.Random(5)
    made: list[dict[str, Any]] = list(entries(COUNT))
    for number in range(0, COUNT, 6):
        made[number] = mutated(made[number], chance)
    made[1]["identifier"] = made[80]["identifier"]
    made[3]["title"] = made[70]["title"]
    made[5]["related"] = [made[75]["identifier"], "none/000000"]
    made[7]["related"] = [made[77]["identifier"]]
    made[77]["related"] = [made[7]["identifier"]]
    made[9]["secret"] = True
    made[11]["standard"] = "unheard"
    del made[13]["identifier"]
    for number in (15, 17):
        made[number]["opening"] = {"open": False, "type": "closed"}
        made[number]["fields"] = []
    for number in (19, 21):
        del made[number]["publisher"]["code"]
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in made]
    lines[23] = '{"title": "断了\n'
    lines[25] = '{"title": 1, "title": 2}\n'
    lines[27] = "\n"
    lines[29] = json.dumps(made[29] | {"description": "长" * 400_000}, ensure_ascii=False) + "\n"
    return lines


def _code(line: str) -> str:
    return str(json.loads(line)["identifier"])


def _directory(folder: Path, lines: Sequence[str], settings: str = "") -> Directory:
    folder.mkdir()
    made = directory(folder)
    (made.path / "entries.jsonl").write_text("".join(lines), encoding="utf-8")
    with (made.path / "govdata.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    return made


def _publish(made: Directory, jobs: int, only: tuple[str, ...] = ()) -> Plan:
    told: list[tuple[int, str, int]] = []
    file = made.path / "entries.jsonl"
    with open_publication(f"site:{made.site}", file, "en", Asked(jobs=jobs, only=only), writes=True) as publication:
        plan = publication.plan(lambda number, name, rows: told.append((number, name, rows)))
        if not plan.is_empty:
            publication.apply()
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1)), "progress is told in order"
    assert [name for _, name, _ in told] == [f"entries.jsonl:{number}" for number in _numbers(file)]
    return plan


def _numbers(file: Path) -> list[int]:
    return [number for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if line]


def _same(tmp_path: Path, versions: Sequence[Sequence[str]], settings: str = "", only: tuple[str, ...] = ()) -> list[Plan]:
    """The plans of versions of a directory that are published one after the other, found to be the same whatever works on them."""
    plans: dict[int, list[Plan]] = {}
    for jobs in (1, 2):
        made = _directory(tmp_path / "here", versions[0], settings)
        plans[jobs] = []
        for number, lines in enumerate(versions):
            (made.path / "entries.jsonl").write_text("".join(lines), encoding="utf-8")
            plans[jobs].append(_publish(made, jobs, only))
            shutil.copytree(made.site, tmp_path / f"site-{jobs}-{number}")
        shutil.rmtree(tmp_path / "here")
        shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)
    for number, (one, two) in enumerate(zip(plans[1], plans[2], strict=True)):
        assert dumps(one).replace(one.made, two.made) == dumps(two)
        assert contents(tmp_path / f"site-1-{number}") == contents(tmp_path / f"site-2-{number}")
    return plans[2]


@pytest.mark.parametrize("cached", [True, False])
def test_plan_and_bytes_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: bool) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if not cached:
        monkeypatch.setenv("GOVDATA_NO_CACHE", "1")
    lines = _lines()
    settings = ACCEPT.format(code=_code(lines[19])) + EXCEPTION.format(code=_code(lines[15])) + EXCEPTION.format(code=_code(lines[33]))
    later = [*lines[:40], *lines[43:]]  # three are gone, and what follows stands on other lines
    later[35] = later[35].replace("更新以公布的日期为准", "每天更新", 1)
    first, second, third = _same(tmp_path, (lines, later, later), settings)
    made = actions(first)
    assert {made[_code(lines[number])] for number in (2, 5, 7, 15, 19, 77)} == {"create"}, "what is signed and accepted too"
    assert {made[_code(lines[number])] for number in (1, 9, 17, 21)} == {"refused"}, "of two with one code neither, far apart as they are"
    assert [note.rule for note in first.notes] == ["publish/exception-idle", *["publish/gap"] * 3]
    changed = actions(second)
    assert changed[_code(later[35])] == "update"
    assert "keep" in actions(third).values()
    assert third.is_empty


def test_what_leaves_a_whole_directory_is_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries(30)]
    secret = lines[20].replace('"secret": false', '"secret": true', 1)
    _, plan = _same(tmp_path, (lines, [*lines[:9], *lines[10:20], secret, *lines[21:]]))
    withdrawn = {code for code, action in actions(plan).items() if action == "withdraw"}
    assert withdrawn == {_code(lines[9]), _code(secret)}
    assert set(actions(plan).values()) == {"keep", "withdraw"}


def test_of_a_part_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    lines = _lines()
    (plan,) = _same(tmp_path, (lines,), only=(_code(lines[2]), f"{_code(lines[50])[:-1]}*"))
    assert actions(plan)[_code(lines[2])] == "create"
    assert 1 < len(plan.changes) < 20


def test_what_is_taken_is_what_a_report_says(tmp_path: Path) -> None:
    lines = _lines()
    made = _directory(tmp_path / "here", lines, ACCEPT.format(code=_code(lines[19])))
    _, checked = examine(made.path / "entries.jsonl", read_settings(made.path, {"language": "en"}))
    valid = {dataset.location: report.valid for dataset, report in checked}
    plan = _publish(made, 2)
    by_place = {change.path: change.action for change in plan.changes if change.path}
    twice = {f"entries.jsonl:{number}" for number in (2, 81)}
    published = {place for place, action in by_place.items() if action == "create"}
    assert published == {place for place in by_place if valid[place] and place not in twice and by_place[place] != "refused"}
    assert len(published) > COUNT // 2


def test_what_is_done_with_is_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred thousand datasets it would take a hundred MB while the site as a whole is made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = _directory(tmp_path / "here", _lines(), "")
    remembered: list[weakref.ref[Memory]] = []
    keep = Memory.keep
    monkeypatch.setattr(Memory, "keep", lambda memory: remembered.append(weakref.ref(memory)) or keep(memory))
    gc.disable()
    try:
        with open_publication(f"site:{made.site}", made.path / "entries.jsonl", "en", Asked(jobs=1), writes=True) as publication:
            publication.plan()
            assert [memory() for memory in remembered] == [None], "without a look for circles"
            assert publication._prepared is not None
            assert publication._prepared.works
            publication.apply()
            assert not publication._prepared.works
    finally:
        gc.enable()


def test_no_processes_where_most_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries(COUNT)]
    made = _directory(tmp_path / "here", lines)
    _publish(made, 1)
    monkeypatch.setattr(pieces, "WORTH", 10)

    def refused(*given: Any) -> Any:
        raise AssertionError(given)

    monkeypatch.setattr(pieces, "start", refused)
    lines[50] = lines[50].replace("更新以公布的日期为准", "每天更新", 1)
    (made.path / "entries.jsonl").write_text("".join(lines), encoding="utf-8")
    assert sorted(actions(_publish(made, 2)).values()).count("update") == 1


def _die(lines: Sequence[pieces.Line]) -> list[pieces.Seen]:
    if any(line is not None and b"kill" in line for _, line in lines):
        os.kill(os.getpid(), signal.SIGKILL)
    return [pieces.Seen(number, "") for number, _ in lines]


def _look() -> pieces.Look:
    return _die


def _fail() -> pieces.Look:
    raise EngineError("engine-missing", format="x", package="y", extra="z")


def test_lines_come_in_their_order_and_a_killed_process_is_named() -> None:
    lines = [(number, b"kill" if number == 60 else b"live") for number in range(1, 100)]
    known = {number: pieces.Seen(-number, "") for number in range(10, 40)}
    found: list[Any] = []
    with pytest.raises(EngineError) as caught:
        found.extend(seen.taken for seen in pieces.look_through("e.jsonl", lines, lambda number, line: known.get(number), _look, 2))
    assert caught.value.key == "worker-died"
    assert str(caught.value.arguments["dataset"]).startswith("e.jsonl:")
    alive = [line for line in lines if line[1] != b"kill"]
    found = list(pieces.look_through("e.jsonl", alive, lambda number, line: known.get(number), _look, 2))
    assert [seen.line for seen in found] == [number for number, _ in alive]
    assert [seen.taken for seen in found] == [-number if number in known else number for number, _ in alive]


def test_an_error_in_another_process_is_that_error() -> None:
    with pytest.raises(EngineError) as caught:
        list(pieces.look_through("e.jsonl", [(1, b"x")], lambda number, line: None, _fail, 2))
    assert caught.value.key == "engine-missing"


def _begin(folder: Path) -> subprocess.Popen[bytes]:
    many = list(entries(1500))
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in many] * 4
    made = _directory(folder / "here", lines)
    command = [sys.executable, "-m", "govdata", "--lang", "en", "site", "build", str(made.path / "entries.jsonl"), "--jobs", "2"]
    return subprocess.Popen(
        [*command, "--to", str(made.site)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="children are found in /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, 3), (signal.SIGINT, 130)])
def test_a_killed_process_ends_the_command_and_so_does_a_key(tmp_path: Path, number: signal.Signals, code: int) -> None:
    run = _begin(tmp_path)
    until(lambda: len(workers_of(run.pid)) == 2)
    workers = workers_of(run.pid)
    if number == signal.SIGKILL:
        os.kill(workers[0], number)
    else:
        os.killpg(run.pid, number)  # a key reaches every process of the terminal
    _, errors = run.communicate(timeout=SECONDS)
    assert run.returncode == code, errors
    assert ("entries.jsonl:" in errors.decode()) is (number == signal.SIGKILL)
    until(lambda: all(map(ended, workers)))
    assert not (tmp_path / "here" / "public").exists()
