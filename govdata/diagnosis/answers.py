"""Values: one answer for each thing that was looked at, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from govdata import __version__
from govdata.classes import dataclass, field
from govdata.messages import has, text

State = Literal["good", "lost", "wrong", "unknown"]
"""`lost`: it works, but something that govdata could do there is missing. `unknown`: it cannot be seen from outside."""

STATES: tuple[State, ...] = get_args(State)

VERSION = 1
"""Of the JSON form: fields are added, never changed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of one thing."""

    check: str
    """What was looked at: `version`, `plugin`, `token` …"""
    state: State
    message: str
    """What it is and what it means, in the run's language."""
    help: str = ""
    """What to do; empty where there is nothing to do."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs: numbers, names."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All answers about a target, in a fixed order."""

    target: str
    url: str
    answers: tuple[Answer, ...]
    failed: bool = False
    """The target did not answer, or not as a CKAN does: what it would have said is not known."""

    @property
    def counts(self) -> dict[State, int]:
        """State → number of answers."""
        return {state: sum(answer.state == state for answer in self.answers) for state in STATES}


def answer(language: str, check: str, state: State, key: str, **facts: Any) -> Answer:
    """An answer in the words of `doctor.KEY` and, where there is one, `doctor.KEY-help`; the facts fill them in."""
    helped = f"doctor.{key}-help"
    return Answer(check, state, text(f"doctor.{key}", language, facts), text(helped, language, facts) if has(helped) else "", facts)


def to_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as `schemas/diagnosis.schema.json` has it."""
    answers = [
        {"check": item.check, "state": item.state, "message": item.message, "help": item.help, "facts": dict(item.facts)}
        for item in diagnosis.answers
    ]
    head = {"diagnosis": VERSION, "govdata": __version__, "target": diagnosis.target, "url": diagnosis.url}
    return {**head, "failed": diagnosis.failed, "counts": diagnosis.counts, "answers": answers}
