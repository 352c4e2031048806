"""Cases: the publisher, or a part of the stack, is killed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

from tests.targets.faults import services
from tests.targets.faults.proxy import Answer, Call, Forward
from tests.targets.faults.rounds import CASES, Round, case, settle
from tests.targets.faults.stories import Story
from tests.targets.faults.world import World

ANYWHERE = "kill -9 of the publisher at a random point"


@case(ANYWHERE)
def killed_anywhere(now: Round) -> None:
    """Killed some time after some call: on its way, at work in CKAN, answered, or between two."""
    now.notes += now.story.some()
    at, delay = now.pick((20, 40)[now.number % 2]), now.story.random.expovariate(1 / 0.05)
    running = now.world.start("--yes")
    calls = itertools.count(1)

    def rule(call: Call, forward: Forward) -> Answer:
        if next(calls) == at:
            threading.Timer(delay, running.kill).start()
        return forward()

    now.world.proxy.rule = rule
    done = running.wait()
    settle(now.world)
    now.notes.append(f"call {at} + {delay * 1000:.0f} ms: {done.code}")
    assert done.code in (0, -9), f"exit code {done.code}: {done.text[-1500:]}"


def killed_after_steps(world: World, story: Story, start: int = 1, stride: int = 1) -> Iterator[tuple[str, list[str]]]:
    """Everything at once, killed after each record of the journal in turn, until a run is through; told and what was wrong."""
    records = start
    while True:
        story.all()
        done = world.start("--yes", "--jobs", "1", kill_after=records).wait()
        settle(world)
        wrong = [] if done.code in (0, -9) else [f"exit code {done.code}: {done.text[-1500:]}"]
        yield f"after record {records}: {done.code}", [*wrong, *world.recover()]
        if done.code == 0:
            return
        records += stride


def _before(now: Round, part: str) -> None:
    now.notes += now.story.some()
    services.kill(part, now.world.site.name)
    done = now.world.publish()
    services.start()
    now.notes.append(f"{done.code}")
    assert done.code in (0, 3, 4), f"exit code {done.code}: {done.text[-1500:]}"


def _during(now: Round, part: str) -> None:
    now.notes += now.story.some(3)
    at, lock, seen = now.pick(12), threading.Lock(), 0
    timers: list[threading.Timer] = []

    def rule(call: Call, forward: Forward) -> Answer:
        nonlocal seen
        with lock:
            seen += call.writes
            hit = call.writes and seen == at
        if hit:
            now.notes.append(call.action)
            timers.append(threading.Timer(now.story.random.expovariate(1 / 0.03), services.kill, (part, now.world.site.name)))
            timers[-1].start()
        return forward()

    now.world.proxy.rule = rule
    done = now.world.publish()
    settle(now.world)
    for timer in timers:
        timer.join()
    services.kill(part, now.world.site.name)
    services.start()
    now.notes.append(f"at {at}: {done.code}")
    assert done.code in (0, 3, 4), f"exit code {done.code}: {done.text[-1500:]}"


def _afterwards(now: Round, part: str) -> None:
    now.notes += now.story.some()
    done = now.world.publish()
    services.kill(part, now.world.site.name)
    services.start()
    now.world.until_up()
    assert done.code == 0, f"exit code {done.code}: {done.text[-1500:]}"
    first = now.world.proxy.writes()
    again = now.world.publish()
    wrote = now.world.proxy.writes() - first
    assert (again.code, wrote) == (0, 0), f"a run without a change gave {again.code} and wrote {wrote}: {again.text[-1500:]}"


for _part in services.PARTS:
    for _when, _work in (("before", _before), ("during", _during), ("after", _afterwards)):
        CASES[f"kill -9 of {_part}, {_when} the run"] = lambda now, work=_work, part=_part: work(now, part)  # type: ignore[misc]
