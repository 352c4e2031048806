"""What the benchmarks share: times in pairs, medians, tables in Markdown."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

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
