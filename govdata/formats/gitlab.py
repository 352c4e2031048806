"""The report as GitLab's code quality report: a list of issues with description, fingerprint, severity and place.

GitLab shows of issues with one fingerprint only the first, so each has its own; a line is always asked for. The list has no room for
what was accepted or not checked: those are in the other formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from govdata.finishing import fingerprint
from govdata.formats import listing
from govdata.formats.json import dumped
from govdata.formats.listing import Placed
from govdata.formats.paths import Repository, repository
from govdata.values import Report

SEVERITY = {"error": "major", "warning": "minor", "note": "info"}
"""GitLab knows info, minor, major, critical and blocker."""


def write(report: Report, language: str) -> Iterator[str]:
    """The report in pieces of text, one issue a line: the same findings give the same text."""
    root = repository()
    seen: dict[str, int] = {}
    yield "["
    for number, item in enumerate(listing.placed(report)):
        yield ("," if number else "") + "\n " + dumped(_issue(item, root, language, seen))
    yield "\n]\n" if seen else "]\n"


def _issue(item: Placed, root: Repository, language: str, seen: dict[str, int]) -> dict[str, Any]:
    finding = item.finding
    told = [listing.located(finding, language), listing.advice(finding.help, language)]
    return {
        "description": " ".join(part for part in told if part),
        "check_name": finding.rule,
        "fingerprint": _unique(item, seen),
        "severity": SEVERITY[finding.severity],
        "location": {"path": root.path_of(item.dataset, listing.file_of(item)), "lines": {"begin": finding.line or 1}},
    }


def _unique(item: Placed, seen: dict[str, int]) -> str:
    """The finding's own fingerprint, made like others where a finding of the directory has none; repeated ones are numbered."""
    own = item.finding.fingerprint or fingerprint(item.finding, item.dataset.id if item.dataset else "", 0)
    seen[own] = seen.get(own, 0) + 1
    return own if seen[own] == 1 else f"{own}-{seen[own]}"
