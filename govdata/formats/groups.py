"""Findings of a dataset as people read them: by cause, then by file, rule and field, with the places folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from govdata.classes import dataclass
from govdata.values import SEVERITIES, Cause, DatasetReport, Finding, Severity, Source


@dataclass(frozen=True, slots=True)
class Item:
    """Findings of a group that say the same."""

    message: str
    help: str
    """Only where the findings of the group do not all have the same."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule on one field of one file, or those that one cause made in one file."""

    rule: str
    severity: Severity
    file: str
    sheet: str
    field: str
    help: str
    source: Source | None
    layer: str
    items: tuple[Item, ...]

    @property
    def count(self) -> int:
        """How many findings it holds."""
        return sum(len(item.findings) for item in self.items)


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Findings by file, sheet, rule, field and layer, each in the order of its first finding."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.file, finding.sheet, finding.rule, finding.field, finding.layer, finding.severity)
        found.setdefault(key, []).append(finding)
    files: dict[tuple[object, ...], list[list[Finding]]] = {}
    for place, members in found.items():
        files.setdefault(place[:2], []).append(members)
    return tuple(_group(members) for together in files.values() for members in together)


def _group(members: Sequence[Finding]) -> Group:
    first = members[0]
    shared = first.help if all(finding.help == first.help for finding in members) else ""
    said: dict[tuple[str, str], list[Finding]] = {}
    for finding in members:
        said.setdefault((finding.message, "" if shared else finding.help), []).append(finding)
    items = tuple(Item(message, help, tuple(same)) for (message, help), same in said.items())
    return Group(first.rule, first.severity, first.file, first.sheet, first.field, shared, first.source, first.layer, items)


def by_file(groups: Iterable[Group]) -> Iterator[tuple[tuple[str, str], tuple[Group, ...]]]:
    """Neighbouring groups of one file and sheet."""
    for key, members in groupby(groups, key=lambda group: (group.file, group.sheet)):
        yield key, tuple(members)


def caused(dataset: DatasetReport) -> tuple[tuple[Cause, tuple[Finding, ...]], ...]:
    """Each cause with the findings that it made."""
    made: dict[str, list[Finding]] = {cause.id: [] for cause in dataset.causes}
    for finding in dataset.findings:
        if finding.cause in made:
            made[finding.cause].append(finding)
    return tuple((cause, tuple(made[cause.id])) for cause in dataset.causes)


def uncaused(dataset: DatasetReport) -> tuple[Finding, ...]:
    """The findings that no cause explains."""
    known = {cause.id for cause in dataset.causes}
    return tuple(finding for finding in dataset.findings if finding.cause not in known)


def worst(findings: Iterable[Finding]) -> Severity:
    """The gravest severity among findings; `error` where there are none to ask."""
    return max((finding.severity for finding in findings), key=SEVERITIES.index, default="error")
