"""What the benchmarks share: times in pairs, medians, whole commands with their memory, tables in Markdown."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of one call: what else the machine does counts less than with a clock."""
    start = time.process_time()
    work()
    return time.process_time() - start


def paired(first: Callable[[], object], second: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """Medians of the seconds of both, and of second ÷ first within each pair; who goes first changes from round to round."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            late = seconds(second)
            pairs.append((seconds(first), late))
        else:
            early = seconds(first)
            pairs.append((early, seconds(second)))
    ratio = statistics.median(b / a for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown: the first column to the left, the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def peak() -> float | None:
    """The largest memory of this process so far in MB (10⁶ bytes); `None` where the system does not say."""
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        return None
    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


class Run(NamedTuple):
    """One command: seconds by the clock and of processors, and the most memory of all its processes in MB (10⁶ bytes)."""

    seconds: float
    processors: float
    memory: float
    system: float
    """What of the processors' time the system took: for creating files it depends on what the file system went through before."""


def run(*arguments: str, expected: Sequence[int] = (0,)) -> Run:
    """Run a command of ours and look at its memory meanwhile."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # What is installed has its byte code: else each process would compile all that it loads, half a second of every run.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun, (user, system) = time.perf_counter(), _used()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, "-m", "govdata", *arguments], stdout=output, stderr=output, env=environment)
        largest = [0.0]
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(0.5):
                largest[0] = max(largest[0], _memory(process.pid))

        watch = threading.Thread(target=look, daemon=True)
        watch.start()
        code = process.wait()
        seconds = time.perf_counter() - begun
        ended.set()
        watch.join()
        if code not in expected:
            output.seek(0)
            raise SystemExit(f"{' '.join(arguments)}: {code}\n{output.read().decode()[-3000:]}")
    user, system = (now - before for now, before in zip(_used(), (user, system), strict=True))
    return Run(seconds, user + system, largest[0], system)


def _used() -> tuple[float, float]:
    """Seconds of processors that commands have taken, with all their processes: their own and the system's."""
    told = resource.getrusage(resource.RUSAGE_CHILDREN)
    return told.ru_utime, told.ru_stime


def _memory(number: int) -> float:
    """Of a process and all below it."""
    waiting, total = [number], 0.0
    while waiting:
        process = waiting.pop()
        try:
            told = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")) * 1024 / 1e6
            waiting += [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
        except (OSError, StopIteration):
            continue
    return total
