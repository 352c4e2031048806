"""What only a person can know of an entry: whatever the standard in force misses in what the data tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.entry import check_entry
from govdata.checks.named import at
from govdata.classes import dataclass
from govdata.finishing import finish
from govdata.messages import text as word
from govdata.reading.entries.keys import OBJECT, Scope, Term, entry_scope
from govdata.values import Entry, Finding, Source

PARTS: Mapping[str, Sequence[str]] = {"contact": ("organisation", "phone"), "correction": ("phone",), "formats": ("type",)}
"""Objects of an entry → what is asked of them; of others, their first property."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place of the draft that a person fills in, or looks at."""

    pointer: str
    """Canonical, in the draft."""
    key: str
    """As written in the draft."""
    rule: str = ""
    """The rule that asks for it; empty where a proposal is only to be looked at."""
    severity: str = ""
    help: str = ""
    source: Source | None = None
    line: int = 0
    """In the draft, from 1."""


def placeholder(language: str) -> str:
    """What stands at a marked place."""
    return word("draft.placeholder", language)


def missing(canonical: Mapping[str, Any], context: CheckContext) -> Iterator[tuple[str, Finding]]:
    """The pointers at which the standard wants something that is not there, each with the first finding that says so, finished."""
    language = context.settings.language
    seen: set[str] = set()
    for finding in check_entry(Entry("", canonical, canonical), context):
        for pointer in _wanted(finding, canonical):
            if pointer not in seen:
                seen.add(pointer)
                yield pointer, finish(finding, context.standard, language)


def _wanted(finding: Finding, canonical: Mapping[str, Any]) -> Iterator[str]:
    """What a finding says is missing."""
    where = str(finding.args.get("at", ""))
    if finding.args.get("reason") == "required":
        expected = finding.args.get("expected")
        for name in expected if isinstance(expected, list | tuple) else [expected]:
            if f"{where}/{name}".count("/") <= 2 and at(canonical, f"{where}/{name}") is None:
                yield f"{where}/{name}"
    elif where and not where.startswith("/resources") and at(canonical, where) is None:
        yield where


def marked(canonical: dict[str, Any], context: CheckContext) -> list[Mark]:
    """Puts a placeholder at each place that is missing, and gives the marks."""
    found = []
    for pointer, finding in list(missing(canonical, context)):
        for place in _places(pointer):
            if _put(canonical, place, placeholder(context.settings.language)):
                found.append(Mark(place, "", finding.rule, finding.severity, finding.help, finding.source))
    return found


def _places(pointer: str) -> Iterator[str]:
    """The texts to be filled in at a pointer: of an object, its usual parts."""
    scope: Scope | None = entry_scope()
    term: Term | None = None
    for step in pointer.split("/")[1:]:
        term = scope.terms.get(step) if scope is not None else None
        scope = term.scope if term is not None else None
    if term is None:
        return
    if term.kind == OBJECT and term.scope is not None:
        at_item = f"{pointer}/0" if term.many else pointer
        yield from (f"{at_item}/{name}" for name in PARTS.get(term.key, list(term.scope.terms)[:1]))
    else:
        yield f"{pointer}/0" if term.many else pointer


def _put(canonical: dict[str, Any], pointer: str, text: str) -> bool:
    """Write a text at a pointer where nothing stands; objects and lists on the way are made."""
    steps = pointer.split("/")[1:]
    here: Any = canonical
    for step, after in zip(steps, [*steps[1:], ""], strict=True):
        new: Any = text if not after else [] if after == "0" else {}
        if isinstance(here, list):
            if here:
                return False
            here.append(new)
            here = here[0]
        elif step in here:
            if not after:
                return False
            here = here[step]
        else:
            here[step] = new
            here = new
    return True
