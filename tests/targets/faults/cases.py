"""The cases: a fault each, done to a run that has something to do. Afterwards one more run must put everything right."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.targets.faults.proxy import Answer, Call, Forward, Rule, unchanged
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


Case = Callable[[Round], list[str] | None]
"""Does the fault; gives what is wrong afterwards, or `None`: then one more run is to put it right."""

CASES: dict[str, Case] = {}


def case(name: str) -> Callable[[Case], Case]:
    """Name a case."""

    def named(work: Case) -> Case:
        CASES[name] = work
        return work

    return named


# --- the publisher killed


@case("kill -9 at a random point")
def killed_anywhere(now: Round) -> None:
    """Killed some time after some call: on its way, at work in CKAN, answered, or between two."""
    now.notes += now.story.some()
    at, delay = now.pick(now.number % 2 and 30 or 60), now.story.random.expovariate(1 / 0.05)
    running = now.world.start("--yes")
    first = len(now.world.proxy.calls)

    def rule(call: Call, forward: Forward) -> Answer:
        if len(now.world.proxy.calls) - first == at:
            threading.Timer(delay, running.kill).start()
        return forward()

    now.world.proxy.rule = rule
    now.notes.append(f"call {at} + {delay * 1000:.0f} ms: {running.wait().code}")
    settle(now.world)


def killed_after_steps(world: World, story: Story, start: int = 1, stride: int = 1) -> Iterator[tuple[str, list[str]]]:
    """Everything at once, killed after each record of the journal in turn, until a run is through; told and what was wrong."""
    records = start
    while True:
        story.all()
        done = world.start("--yes", "--jobs", "1", kill_after=records).wait()
        settle(world)
        yield f"record {records}: {done.code}", world.recover()
        if done.code == 0:
            return
        records += stride


def settle(world: World) -> None:
    """Wait until what was on its way when a client died has been done or dropped."""
    world.proxy.rule = unchanged
    deadline = time.monotonic() + 60
    while world.proxy.open and time.monotonic() < deadline:
        time.sleep(0.05)


# --- answers


def spoilt(now: Round, spoil: Rule, writes_only: bool = True) -> None:
    """Some calls of a run are spoilt: one, two, or all from there on."""
    world = now.world
    now.notes += now.story.some()
    at, lasting = now.pick(12), now.story.random.choice((1, 2, 1000))
    seen = 0
    lock = threading.Lock()

    def rule(call: Call, forward: Forward) -> Answer:
        nonlocal seen
        if writes_only and not call.writes:
            return forward()
        with lock:
            seen += 1
            hit = at <= seen < at + lasting
        if hit:
            now.notes.append(call.action)
            return spoil(call, forward)
        return forward()

    world.proxy.rule = rule
    done = world.publish()
    now.notes.append(f"from {at} for {lasting}: {done.code}")
    if done.code not in (0, 3, 4):
        raise AssertionError(f"exit code {done.code}: {done.text[-1500:]}")
    settle(world)
