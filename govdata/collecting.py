"""Findings gathered within limits: all are counted, the first of each kind are kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import cast

from govdata.classes import dataclass, field
from govdata.engines.plan import Tally
from govdata.rules import severity_of
from govdata.standards import Standard
from govdata.values import SEVERITIES, Count, DatasetReport, Finding, Severity

CAUSE_OF_RULE = {
    "file/delimiter": "wrong-delimiter:",
    "file/encoding": "wrong-encoding:",
    "file/encoding-mixed": "wrong-encoding:",
    "table/header-row": "header-row:",
}
"""Findings that are a cause by themselves."""


@dataclass(slots=True)
class Collected:
    """The findings of one dataset while they arrive."""

    standard: Standard
    limit: int | None
    limit_each: int | None
    kept: list[Finding] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)
    places: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    first_of_cause: dict[tuple[str, str], Finding] = field(default_factory=dict)
    inexact: set[str] = field(default_factory=set)
    """Rules that were broken at least so often as they are counted."""

    def add(self, finding: Finding) -> None:
        """Count a finding of a rule in force; keep it if the limits allow."""
        rule = self.standard.rules.get(finding.rule)
        if rule is None:
            return
        self.rules[finding.rule] += 1
        self.severities[severity_of(finding, rule)] += 1
        cause = self.cause_of(finding)
        if cause:
            key = (finding.file, cause)
            self.causes[key] += 1
            self.first_of_cause.setdefault(key, finding)
        place = (finding.rule, finding.field, finding.file)
        self.places[place] += 1
        if self.limit_each is not None and self.places[place] > self.limit_each:
            return
        if self.limit is None or len(self.kept) < self.limit:
            self.kept.append(finding)

    def count(self, tally: Tally) -> None:
        """Take in findings that an engine only counted: enough of their kind were explained."""
        if tally.rule not in self.standard.rules:
            return
        self.rules[tally.rule] += tally.count
        self.severities[cast(Severity, tally.severity)] += tally.count
        if tally.cause:
            self.causes[tally.file, tally.cause] += tally.count
        if not tally.exact:
            self.inexact.add(tally.rule)

    def cause_of(self, finding: Finding) -> str:
        """The cause that a finding belongs to, as `kind:field`; nothing where it stands alone."""
        return finding.cause or CAUSE_OF_RULE.get(finding.rule, "")

    def counts(self) -> Mapping[str, Count]:
        """Rule → how often, in order of rule."""
        return {rule: Count(count, rule not in self.inexact) for rule, count in sorted(self.rules.items())}

    def by_severity(self) -> Mapping[str, int]:
        """Severity → how often, the gravest first."""
        return {severity: self.severities[severity] for severity in reversed(SEVERITIES)}


def ordinals(findings: list[Finding]) -> list[int]:
    """For each finding, how many of the same rule, file, field and value stand before it."""
    seen: defaultdict[tuple[str, str, str, str], int] = defaultdict(int)
    numbers = []
    for finding in findings:
        key = (finding.rule, finding.file, finding.field or finding.pointer, finding.value or "")
        numbers.append(seen[key])
        seen[key] += 1
    return numbers


LISTED = 1000
"""Records with findings that are listed one by one."""


@dataclass(slots=True)
class Records:
    """The records of one file of entries: those without findings, and those beyond the first thousand with some, are only counted."""

    file: str
    count: int = 0
    listed: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    severities: Counter[Severity] = field(default_factory=Counter)

    def lists(self, collected: Collected) -> bool:
        """Take in one record; whether it is listed by itself."""
        self.count += 1
        if not collected.rules:
            return False
        if self.listed < LISTED:
            self.listed += 1
            return True
        self.rules.update(collected.rules)
        self.severities.update(collected.severities)
        return False

    def report(self, standard: str) -> list[DatasetReport]:
        """One report for all records that are not listed; none where no record was read."""
        if not self.count:
            return []
        return [
            DatasetReport(
                path=self.file, id="", title=self.file, valid=not self.severities["error"], entry=None, resources=(),
                checked={"entries": self.count}, skipped=(), causes=(),
                counts={rule: Count(count) for rule, count in sorted(self.rules.items())}, shown=0, accepted=(), findings=(),
                standard=standard, severities={severity: self.severities[severity] for severity in reversed(SEVERITIES)},
            )
        ]  # fmt: skip
