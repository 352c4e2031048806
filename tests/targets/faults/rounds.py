"""What all cases share: the table of cases, and one round of one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.targets.faults.proxy import unchanged
from tests.targets.faults.stories import Story
from tests.targets.faults.world import World


@dataclass
class Round:
    """What one round of a case is done with, and what was noted."""

    world: World
    story: Story
    number: int
    """From 0."""
    notes: list[str] = field(default_factory=list)

    def pick(self, below: int) -> int:
        """A number from 1 to `below`, by the seed."""
        return self.story.random.randint(1, max(1, below))


Case = Callable[[Round], None]
"""Does the fault. `AssertionError` where something is wrong at once; then one more run must put everything right."""

CASES: dict[str, Case] = {}
"""Name, as it stands in the table of results → case."""


def case(name: str) -> Callable[[Case], Case]:
    """Name a case."""

    def named(work: Case) -> Case:
        CASES[name] = work
        return work

    return named


def settle(world: World) -> None:
    """Wait until what was on its way when a client died has been done or dropped."""
    world.proxy.rule = unchanged
    deadline = time.monotonic() + 60
    while world.proxy.open and time.monotonic() < deadline:
        time.sleep(0.05)


def play(now: Round, name: str) -> list[str]:
    """One round: the fault, one more run, and what is wrong."""
    try:
        CASES[name](now)
        found = []
    except AssertionError as error:
        found = [str(error)]
    settle(now.world)
    return [*found, *now.world.recover()]
