"""Processes that check beside each other: one that is killed is an error with its name, and an interrupted run leaves none behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="children are found in /proc")

SECONDS = 60


@pytest.fixture(name="directory")
def directory_with_much_to_do(tmp_path: Path) -> Path:
    """Two datasets that keep two processes busy for some seconds."""
    rows = "".join(f"{number},2026-01-{number % 28 + 1:02},{number % 97}.5\n" for number in range(150_000))
    fields = [{"name": "id", "type": "integer"}, {"name": "day", "type": "date"}, {"name": "amount", "type": "number"}]
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "t.csv").write_text("id,day,amount\n" + rows, encoding="utf-8")
        package = {"name": name, "resources": [{"name": "t", "path": "t.csv", "schema": {"fields": fields}}]}
        (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return tmp_path


def begin(directory: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "govdata",
        "--lang",
        "en",
        "validate",
        str(directory),
        "--jobs",
        "2",
        "--no-cache",
        "--engine",
        "plain",
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def workers_of(parent: int) -> list[int]:
    """The processes that a process has started to check datasets."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _is_worker(entry, parent)]


def _is_worker(process: Path, parent: int) -> bool:
    try:
        told = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(told[1]) == parent and b"spawn_main" in (process / "cmdline").read_bytes()
    except (OSError, IndexError):
        return False


def until(told: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not told():
        assert time.monotonic() < end, "this did not come about"
        time.sleep(0.02)


def ended(process: int) -> bool:
    try:
        return (Path("/proc") / str(process) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_killed_worker_is_an_error_with_its_name(directory: Path) -> None:
    run = begin(directory)
    until(lambda: len(workers_of(run.pid)) == 2)
    os.kill(workers_of(run.pid)[0], signal.SIGKILL)
    output, errors = run.communicate(timeout=SECONDS)
    assert run.returncode == 3, errors
    assert "passed" not in output.decode()
    assert any(name in errors.decode() for name in ("one", "two"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_all_its_workers(directory: Path, number: signal.Signals) -> None:
    run = begin(directory)
    until(lambda: len(workers_of(run.pid)) == 2)
    workers = workers_of(run.pid)
    os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)  # a key reaches every process of the terminal
    _, errors = run.communicate(timeout=SECONDS)
    assert run.returncode == 130, errors
    until(lambda: all(map(ended, workers)))


def test_workers_end_with_a_killed_run(directory: Path) -> None:
    run = begin(directory)
    until(lambda: len(workers_of(run.pid)) == 2)
    workers = workers_of(run.pid)
    run.kill()
    run.communicate(timeout=SECONDS)  # they hold its output as long as they live
    until(lambda: all(map(ended, workers)))
