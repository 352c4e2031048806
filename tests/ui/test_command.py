"""`govdata ui` as a program: where it is, that it ends at once and leaves nothing, and what a taken port says."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


class Program:
    """A running program."""

    def __init__(self, folder: Path, *options: str) -> None:
        told = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)}
        command = [sys.executable, "-m", "govdata", "ui", "--no-browser", "--lang", "en", *options]
        self.running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=told, text=True)
        assert self.running.stdout is not None
        self.words = self.running.stdout.readline()

    def end(self, number: int) -> tuple[int, str, str, float]:
        begun = time.monotonic()
        self.running.send_signal(number)
        out, err = self.running.communicate(timeout=30)
        return self.running.returncode, out, err, time.monotonic() - begun


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    found = Program(tmp_path)
    yield found
    if found.running.poll() is None:
        found.running.kill()
    found.running.communicate()


def test_it_tells_an_address_of_this_machine_with_a_token(program: Program) -> None:
    assert re.search(r"http://127\.0\.0\.1:[0-9]+/en/#token=[\w-]{32}$", program.words.strip())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_leaves_nothing(program: Program, tmp_path: Path, number: int) -> None:
    port = int(re.findall(r":([0-9]+)/", program.words)[0])
    assert [path.name.startswith("govdata-ui-") for path in tmp_path.iterdir()] == [True]
    # A question that waits for news does not hold it up.
    with socket.create_connection(("127.0.0.1", port)):
        code, out, err, seconds = program.end(number)
    assert (code, err) == (0, "")
    assert out.endswith("Ended; the files that were sent are deleted.\n")
    assert seconds < 5
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_left_is_cleared_by_the_next(program: Program, tmp_path: Path) -> None:
    (left,) = tmp_path.iterdir()
    (left / "personal.csv").write_text("x", encoding="utf-8")
    other = Program(tmp_path)
    try:
        assert (left / "personal.csv").exists()  # in use
        program.end(signal.SIGKILL)
        assert left.exists()
    finally:
        other.end(signal.SIGINT)
    Program(tmp_path).end(signal.SIGINT)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_told_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "govdata", "ui", "--no-browser", "--lang", "en", "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert (done.returncode, done.stdout) == (3, "")
    assert str(port) in done.stderr
    assert "--port" in done.stderr
    assert list(tmp_path.iterdir()) == []
