"""Cases: what a server, a network or what stands between them answers instead of what was done."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace

from tests.targets.faults.proxy import Answer, Call, Forward, Lost, Rule, error, page
from tests.targets.faults.rounds import CASES, Round, settle

ENDS = (0, 3, 4)
"""Exit codes that a run may have whose target fails: nothing is wrong with the call or with us."""


def spoilt(now: Round, spoil: Rule, reads: bool = False, **limits: float) -> None:
    """Some calls of a run are spoilt: one, two, or all from there on."""
    now.notes += now.story.some()
    at, lasting = now.pick(12), now.story.random.choice((1, 2, 1000))
    lock, seen = threading.Lock(), 0

    def rule(call: Call, forward: Forward) -> Answer:
        nonlocal seen
        if not (call.writes or reads):
            return forward()
        with lock:
            seen += 1
            hit = at <= seen < at + lasting
        if hit:
            now.notes.append(call.action)
            return spoil(call, forward)
        return forward()

    now.world.proxy.rule = rule
    done = now.world.publish(**limits)
    now.notes.append(f"from {at} for {lasting}: {done.code}")
    settle(now.world)
    assert done.code in ENDS, f"exit code {done.code}: {done.text[-1500:]}"


def _after(answer: Answer) -> Rule:
    def rule(call: Call, forward: Forward) -> Answer:
        forward()
        return answer

    return rule


def _lost(call: Call, forward: Forward) -> Answer:
    raise Lost


def _lost_after(call: Call, forward: Forward) -> Answer:
    forward()
    raise Lost


def _silent_after(call: Call, forward: Forward) -> Answer:
    forward()
    time.sleep(11)
    raise Lost


def _half(call: Call, forward: Forward) -> Answer:
    return replace(forward(), half=True)


HTML = page(200)
RULES: Mapping[str, Rule] = {
    "500, not done": lambda call, forward: error(500),
    "500, done all the same": _after(error(500)),
    "500 as a page, done all the same": _after(page(500)),
    "502, not done": lambda call, forward: page(502),
    "502, done all the same": _after(page(502)),
    "429 with Retry-After": lambda call, forward: page(429, "slow down", ("Retry-After", "1")),
    "429 that asks for an hour": lambda call, forward: page(429, "slow down", ("Retry-After", "3600")),
    "403": lambda call, forward: error(403, "Authorization Error"),
    "403 as a page": lambda call, forward: page(403),
    "409 as a validation error": lambda call, forward: error(409, "Validation Error", name=["…"]),
    "409 as a page, done all the same": _after(page(409)),
    "HTML instead of JSON, not done": lambda call, forward: HTML,
    "HTML instead of JSON, done all the same": _after(HTML),
    "an answer cut half-way": _half,
    "a connection closed, not done": _lost,
    "a connection closed, done all the same": _lost_after,
    "507, file store full": lambda call, forward: page(507),
}


def _named(name: str, rule: Rule) -> None:
    CASES[name] = lambda now: spoilt(now, rule)
    if name in ("500, not done", "an answer cut half-way", "HTML instead of JSON, not done"):
        CASES[f"{name}, reads too"] = lambda now: spoilt(now, rule, reads=True)


for _name, _rule in RULES.items():
    _named(_name, _rule)
CASES["a time-out, done all the same"] = lambda now: spoilt(now, _silent_after, silence=10.0)
