"""A diagnosis for people."""

from __future__ import annotations

from collections.abc import Iterator

from govdata.diagnosis.answers import STATES, Diagnosis
from govdata.messages import text


def diagnosis_text(diagnosis: Diagnosis, language: str) -> Iterator[str]:
    """Line by line: each answer with its state, and what to do where something is to be done."""
    yield text("doctor.head", language, {"target": diagnosis.target, "url": diagnosis.url})
    yield ""
    for item in diagnosis.answers:
        named = {"state": text(f"doctor.state-{item.state}", language), "check": text(f"doctor.check-{item.check}", language)}
        yield text("doctor.line", language, {**named, "message": item.message})
        if item.help:
            yield text("doctor.help-line", language, {"help": item.help})
    yield ""
    counts = diagnosis.counts
    shown = [text("doctor.count", language, {"state": text(f"doctor.state-{state}", language), "count": counts[state]}) for state in STATES]
    yield text("doctor.counts", language, {"counts": shown})


_COLOURS = {"good": "32", "lost": "33", "wrong": "1;31", "unknown": "36"}


def painted(line: str, language: str) -> tuple[str, int]:
    """The style of the state that a line begins with, and how many characters it takes."""
    for state, colour in _COLOURS.items():
        word = text(f"doctor.state-{state}", language)
        if line.startswith(f"{word} "):
            return colour, len(word)
    return "", 0
