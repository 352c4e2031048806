"""Copies of the process that look at blocks of large tables beside it: the report is that of one process, and none outlives the run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.checks import table
from govdata.engines import beside
from govdata.validation import validate
from tests.cli.program import environment
from tests.cli.test_workers_ended import SECONDS, ended, until
from tests.test_data import DATA, TODAY, _lay_out, every_case
from tests.test_engines import lay_out, rows

pytest.importorskip("polars")
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="whether a process is alone is found in /proc")

SMALL = """
import json, os, signal, sys
from govdata.checks import table
from govdata.copies import Copy
from govdata.engines import beside, choice
from govdata.reading.texts import blocks, foreseen

beside.LEAST = choice.LARGE = table.LARGE = 0
beside._processors = lambda: 2
foreseen.HEAD = 200
blocks.read_blocks.__defaults__ = (int(sys.argv[1]),)
"""
"""Every table is large, and a block of it so many bytes."""

COMPARE = """
from datetime import date
from pathlib import Path
from govdata import validation
from govdata.formats.json import to_mapping

class Kept(beside.Copies):
    def close(self): pass

kept, looked = Kept(), []
validation.Copies = lambda: kept
answered, begun = Copy.answer, beside.Copies.begin
def answer(self):
    found = answered(self)
    looked.extend([1] * (found is not None))
    return found
Copy.answer = answer
found = {}
for case in json.load(open(sys.argv[2], encoding="utf-8")):
    schema = {"schema": Path(case["options"]["schema"])} if "schema" in case["options"] else {}
    options = {**case["options"], **schema, "today": date.fromisoformat(case["today"]), "engine": "columns", "jobs": 2, "cache": False}
    looked.clear()
    beside.Copies.begin = begun
    there = to_mapping(validation.validate(Path(case["path"]), **options))
    beside.Copies.begin = lambda self, *given: ()
    here = to_mapping(validation.validate(Path(case["path"]), **options))
    found[case["name"]] = [there == here, len(looked)]
print(json.dumps(found))
"""

FAILING = """
def serve(asked, answers):
    from govdata.copies import hear
    hear(asked)
    hear(asked)
    {ends}
beside._serve = serve
"""

RUN = """
from govdata.cli.main import run
sys.exit(run(["--lang", "en", "validate", sys.argv[2], "--engine", "columns", "--jobs", "2", "--no-cache"]))
"""


def begin(script: str, *given: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, given)]
    env = environment(PYTHONUTF8="1", OPENBLAS_NUM_THREADS="1")
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", start_new_session=True)


def compared(cases: list[dict[str, Any]], folder: Path, size: int, before: str = "") -> dict[str, list[Any]]:
    """Of each case whether its report is the same without a copy, and how many blocks a copy looked at."""
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    output, errors = begin(SMALL + before + COMPARE, size, folder / "cases.json").communicate(timeout=900)
    assert output, errors
    found: dict[str, list[Any]] = json.loads(output)
    return found


def case_of(name: str, path: Path, **options: object) -> dict[str, Any]:
    return {"name": name, "path": str(path), "options": options, "today": str(TODAY)}


@pytest.mark.parametrize("size", [60, 4000])
def test_golden_cases_are_the_same(size: int, tmp_path: Path) -> None:
    found = compared(every_case(tmp_path), tmp_path, size)
    assert [name for name, (same, _) in found.items() if not same] == []
    assert sum(looked > 0 for _, looked in found.values()) > 60


@pytest.mark.parametrize("ends", ["", "raise ValueError", "raise MemoryError"], ids=["works", "fails", "has no memory"])
def test_mistakes_are_the_same(ends: str, tmp_path: Path) -> None:
    cases = []
    for seed in range(6):
        chosen = random.Random(seed)
        end, encoding = chosen.choice(["\n", "\r\n"]), ("utf-8", "gb18030", "utf-16")[seed % 3]
        folder = lay_out(tmp_path / str(seed), rows(chosen, 300, chosen.choice([0.0, 0.05, 0.5])), end, encoding)
        cases += [case_of(f"{seed} {limit}", folder, limit=limit) for limit in ("all", 5)]
    found = compared(cases, tmp_path, 700, FAILING.format(ends=ends) if ends else "")
    assert [name for name, (same, _) in found.items() if not same] == []
    assert all((looked > 5) == (not ends) for _, looked in found.values())


@pytest.mark.parametrize(("most", "is_told"), [(2, False), (3, True)])
def test_a_table_that_refers_to_many_keys_stays_here(most: int, is_told: bool, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "p", rows(random.Random(1), 300, 0.05))
    ((same, looked),) = compared([case_of("p", folder)], tmp_path, 700, f"beside.KEYS = {most}\n").values()
    assert same
    assert (looked > 5) == is_told


def test_a_killed_copy_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "p", rows(random.Random(1), 300, 0.0))
    kill = FAILING.format(ends="os.kill(os.getpid(), signal.SIGKILL)")
    run = begin(SMALL + kill + RUN, 700, folder)
    output, errors = run.communicate(timeout=SECONDS)
    assert run.returncode == 3, errors
    assert "passed" not in output
    assert "data.csv" in errors


def children_of(parent: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8").split()]
    except OSError:
        return []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_copy_outlives_the_run(number: signal.Signals, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "p", rows(random.Random(1), 20_000, 0.0))
    run = begin(SMALL + RUN, 700, folder)
    until(lambda: len(children_of(run.pid)) == 1)
    (copy,) = children_of(run.pid)
    os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)  # a key reaches every process of the terminal
    _, errors = run.communicate(timeout=SECONDS)
    assert run.returncode == (-number if number == signal.SIGKILL else 130), errors
    assert "Traceback" not in errors
    until(lambda: ended(copy))


def test_a_run_that_hears_nothing_of_its_children(tmp_path: Path) -> None:
    """A shell that ignores them leaves that to what it begins: the system puts them away by itself."""
    folder = lay_out(tmp_path / "p", rows(random.Random(1), 300, 0.0))
    ignored = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
    for fails in ("", FAILING.format(ends="raise ValueError")):
        run = begin(ignored + SMALL + fails + RUN, 700, folder)
        _, errors = run.communicate(timeout=SECONDS)
        assert run.returncode == 1, errors  # what is wrong with the data
        assert "Traceback" not in errors


def test_only_text_tables_are_worth_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(table, "LARGE", 0)
    monkeypatch.setattr(beside.Copies, "make", lambda self, size, workers: made.append("made"))
    kinds = set()
    for case in sorted(path for path in DATA.iterdir() if path.name.startswith(("workbook-", "database-", "parquet-"))):
        place = tmp_path / case.name
        _lay_out(case, content.load_file(case / "case.yaml"), place)
        tables = [path for path in place.rglob("*") if path.suffix in {".xlsx", ".ods", ".parquet", ".db", ".sqlite", ".duckdb"}]
        if tables and not list(place.rglob("*.csv")):
            kinds |= {path.suffix for path in tables}
            validate(place, today=date.fromisoformat(str(TODAY)), cache=False, engine="columns", jobs=2)
    assert len(kinds) > 2
    assert made == []
    validate(lay_out(tmp_path / "p", rows(random.Random(1), 3, 0.0)), engine="columns", jobs=2, cache=False)
    assert made


def test_a_key_pressed_while_a_copy_is_made_is_not_the_copys_to_answer(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "p", rows(random.Random(1), 300, 0.0))
    pressed = """
fork = os.fork
def forked():
    number = fork()
    if not number:
        os.kill(os.getpid(), signal.SIGINT)
    return number
os.fork = forked
"""
    run = begin(SMALL + pressed + RUN, 700, folder)
    output, errors = run.communicate(timeout=SECONDS)
    assert (run.returncode, errors) == (1, "")
    assert output.count("Total:") == 1


def test_where_no_more_files_may_be_open_no_copy_is_made(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "p", rows(random.Random(1), 300, 0.0))
    scarce = """
import resource
make = beside.Copies.make
def scarce(self, *given):
    limits, opened = resource.getrlimit(resource.RLIMIT_NOFILE), os.listdir("/proc/self/fd")
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(opened) + 2, limits[1]))
    make(self, *given)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert (self._made, os.listdir("/proc/self/fd")) == ([], opened)
beside.Copies.make = scarce
"""
    run = begin(SMALL + scarce + RUN, 700, folder)
    _, errors = run.communicate(timeout=SECONDS)
    assert (run.returncode, errors) == (1, "")


def test_an_answer_that_was_not_heard_to_its_end_is_not_taken_for_the_next() -> None:
    """A key pressed breaks off whatever Polars does, in any thread; another thread may turn to the copy before all are stopped."""
    echo = """
from govdata import copies
hear = copies.hear
def serve(asked, answers):
    while True:
        copies.tell(hear(asked), answers)
def interrupted(file):
    raise KeyboardInterrupt
copy = copies.copied(serve)
copy.ask(1)
copies.hear = interrupted
try:
    copy.answer()
except KeyboardInterrupt:
    copies.hear = hear
copy.ask(2)
print(copy.answer())
"""
    output, errors = begin(echo).communicate(timeout=SECONDS)
    assert (output, errors) == ("None\n", "")
