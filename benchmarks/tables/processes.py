"""Whole processes: their time, the memory of all that they start, runs in pairs, a run under a hard limit of memory."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MB = 1e6
SOON, LATER = 0.01, 0.05
"""Seconds between two looks at the memory: at first and under a limit; in the long run, so that they cost nothing that counts."""
COUNTED = (b"VmRSS", b"VmHWM", b"RssAnon", b"RssShmem")


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: its name in messages, its arguments, its folder and what it finds in its environment."""

    name: str
    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run took: seconds of a clock, the largest memory of all its processes together in MB, what it printed."""

    seconds: float
    peak: float
    status: int
    output: str
    errors: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratios of some pairs."""

    each: tuple[float, ...]

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.each)


def run(command: Command, limit: float | None = None) -> Run:
    """Run it to its end; with a limit it is killed as soon as it holds more than so many MB that the system cannot take back."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        watch = Watch(process.pid, limit)
        watch.start()
        status = process.wait()
        seconds = time.perf_counter() - start
        watch.stop()
        output.seek(0), errors.seek(0)
        texts = (output.read().decode("utf-8", "replace"), errors.read().decode("utf-8", "replace"))
    return Run(seconds, watch.peak, status, *texts)


def checked(command: Command, limit: float | None = None) -> Run:
    """Run it and hold it to how it must end."""
    done = run(command, limit)
    if done.status not in command.statuses:
        sys.exit(f"{command.name}: ended with {done.status}\n{done.output[-2000:]}\n{done.errors[-4000:]}")
    return done


class Watch(threading.Thread):
    """Looks at the memory of a process and of all that it started, again and again until it is stopped."""

    def __init__(self, process: int, limit: float | None) -> None:
        super().__init__(daemon=True)
        self.process, self.limit, self.peak = process, limit, 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        """Remember the largest sum; kill all where it is over the limit."""
        pause = SOON
        while not self.ended.wait(pause):
            pause = SOON if self.limit else min(2 * pause, LATER)
            sizes = [memory(process) for process in family(self.process)]
            self.peak = max(self.peak, sum(size.now for size in sizes), *(size.largest for size in sizes))
            if self.limit and sum(size.kept for size in sizes) > self.limit:
                os.killpg(self.process, signal.SIGKILL)
                return

    def stop(self) -> None:
        """Look no more."""
        self.ended.set()
        self.join()


def family(process: int) -> Iterator[int]:
    """A process and all below it; nothing below where the system has no `/proc`."""
    waiting = [process]
    while waiting:
        yield (found := waiting.pop())
        try:
            for thread in os.listdir(f"/proc/{found}/task"):
                with open(f"/proc/{found}/task/{thread}/children", "rb") as file:
                    waiting += map(int, file.read().split())
        except OSError:
            continue


class Size(NamedTuple):
    """What a process holds in MB: now, at most so far, and what of it is no file's (which a limit of memory counts in the end)."""

    now: float = 0.0
    largest: float = 0.0
    kept: float = 0.0


def memory(process: int) -> Size:
    """The size of a process; nothing where it has ended or the system has no `/proc`."""
    try:
        with open(f"/proc/{process}/status", "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return Size()
    sizes = {name: int(text.split()[0]) * 1024 / MB for name, _, text in (line.partition(b":") for line in lines) if name in COUNTED}
    return Size(sizes.get(b"VmRSS", 0.0), sizes.get(b"VmHWM", 0.0), sizes.get(b"RssAnon", 0.0) + sizes.get(b"RssShmem", 0.0))


def pairs(first: Command, second: Command, count: int, look: Callable[[Command, Run], None]) -> tuple[list[Run], list[Run]]:
    """Run both in turn; who goes first changes from pair to pair. Every run is looked at, outside its time."""
    found: tuple[list[Run], list[Run]] = ([], [])
    for number in range(count):
        for place in (0, 1) if number % 2 == 0 else (1, 0):
            command = (first, second)[place]
            done = checked(command)
            look(command, done)
            found[place].append(done)
    return found


def ratio(above: Sequence[Run], below: Sequence[Run]) -> Ratio:
    """The time of one against that of the other, pair by pair."""
    return Ratio(tuple(a.seconds / b.seconds for a, b in zip(above, below, strict=True)))


def limited(command: Command, limit: float) -> tuple[Run, str]:
    """Run it under a hard limit in MB: a group of systemd where there is one, else by watching; and which of the two it was."""
    if not systemd():
        return run(command, limit), f"watched every {SOON * 1000:.0f} ms, killed over the limit; without systemd"
    bounds = ["-p", f"MemoryMax={round(limit * MB)}", "-p", "MemorySwapMax=0"]
    within = ["systemd-run", "--scope", "--quiet", *bounds, "--", *command.arguments]
    return run(Command(command.name, within, command.folder, command.environment)), "systemd-run, MemoryMax"


@functools.cache
def systemd() -> bool:
    """Whether a process can be given a limit by systemd here."""
    if not shutil.which("systemd-run"):
        return False
    tried = subprocess.run(["systemd-run", "--scope", "--quiet", "-p", "MemoryMax=100M", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def read_once(*files: Path) -> None:
    """Read files, so that they are in the system's memory for all who are timed."""
    for path in files:
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
