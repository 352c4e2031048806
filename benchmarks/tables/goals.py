"""The numbers to reach, and what was measured beside them: values and how a page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from processes import Ratio, Run

HEAD = ("what", "floor", "aim", "measured", "range", "pairs", "reached", "seconds", "MB", "date")


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached: a floor and an aim, in a unit; `more` where a larger number is better."""

    what: str
    floor: float
    aim: float
    more: bool = False
    unit: str = "×"

    def bound(self, value: float) -> str:
        """A bound as the page shows it."""
        return f"{'≥' if self.more else '≤'} {value:g}{self.unit}"

    def reached(self, value: float) -> str:
        """Which of the two a value reaches."""
        reaches = (value >= self.aim, value >= self.floor) if self.more else (value <= self.aim, value <= self.floor)
        return "aim" if reaches[0] else "floor" if reaches[1] else "**no**"


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the page."""

    what: str
    floor: str
    aim: str
    measured: str
    range: str = ""
    pairs: str = ""
    reached: str = ""
    seconds: str = ""
    memory: str = ""
    date: str = ""

    def cells(self) -> Sequence[str]:
        """As a row of a table."""
        return tuple(str(value) for value in asdict(self).values())


def result(goal: Goal, measured: Ratio, first: Sequence[Run] = (), second: Sequence[Run] = ()) -> Result:
    """A goal with the ratios of its pairs, the median seconds and the largest memory of both sides, ours first."""
    low, high = min(measured.each), max(measured.each)
    sides = [side for side in (first, second) if side]
    return Result(
        goal.what,
        goal.bound(goal.floor),
        goal.bound(goal.aim),
        f"{measured.median:.3g}{goal.unit}",
        f"{low:.3g}–{high:.3g}",
        str(len(measured.each)),
        goal.reached(measured.median),
        " : ".join(f"{Ratio(tuple(run.seconds for run in side)).median:.3g}" for side in sides),
        " : ".join(f"{max(run.peak for run in side):.0f}" for side in sides),
        today(),
    )


def left_out(goal: Goal, why: str) -> Result:
    """A goal that nothing was measured for, and why."""
    return Result(goal.what, goal.bound(goal.floor), goal.bound(goal.aim), f"left out: {why}", date=today())


def today() -> str:
    """The day, as a result says it."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def revived(saved: Mapping[str, Any]) -> Result:
    """A result that was saved as JSON."""
    return Result(**saved)
