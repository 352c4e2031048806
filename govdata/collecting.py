"""Findings gathered within limits: all are counted, the first of each kind are kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import cast

from govdata.acceptance import AcceptRecord
from govdata.adoption.baseline import Key
from govdata.adoption.judging import is_acceptable, key_of
from govdata.classes import dataclass, field
from govdata.engines.plan import Tally
from govdata.finishing import identity
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
    records: tuple[AcceptRecord, ...] = ()
    """What is accepted of this dataset today."""
    accepted: list[Finding] = field(default_factory=list)
    """Findings that a record accepts, within the limits."""
    taken: dict[AcceptRecord, Counter[str]] = field(default_factory=dict)
    """Record → rule → how many it accepts."""
    doubted: set[AcceptRecord] = field(default_factory=set)
    """Records that accept at least so many."""
    outdone: dict[AcceptRecord, AcceptRecord] = field(default_factory=dict)
    """Record that would accept a finding → the one that accepted it first."""
    amounts: dict[Key, Counter[Severity]] | None = None
    """Where a baseline is in use: how many there are of each group and severity, accepted by records aside."""
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    """Rule and file of what is a lower bound."""

    def add(self, finding: Finding) -> None:
        """Count a finding of a rule in force; keep it if the limits allow."""
        rule = self.standard.rules.get(finding.rule)
        if rule is None:
            return
        place = (finding.rule, finding.field, finding.file)
        self.places[place] += 1
        within = self.limit_each is None or self.places[place] <= self.limit_each
        record = self._record(finding.rule, finding.field)
        if record is not None:
            self.taken.setdefault(record, Counter())[finding.rule] += 1
            if within and (self.limit is None or len(self.accepted) < self.limit):
                self.accepted.append(finding)
            return
        self._count(finding, severity_of(finding, rule))
        if within and (self.limit is None or len(self.kept) < self.limit):
            self.kept.append(finding)

    def _count(self, finding: Finding, severity: Severity) -> None:
        self.rules[finding.rule] += 1
        self.severities[severity] += 1
        self._amount(key_of(finding), severity, 1)
        cause = self.cause_of(finding)
        if cause:
            key = (finding.file, cause)
            self.causes[key] += 1
            self.first_of_cause.setdefault(key, finding)

    def count(self, tally: Tally) -> None:
        """Take in findings that an engine only counted: enough of their kind were explained."""
        if tally.rule not in self.standard.rules:
            return
        record = self._record(tally.rule, tally.field)
        if not tally.exact:
            self._doubt(tally)
        if record is not None and tally.count:
            self.taken.setdefault(record, Counter())[tally.rule] += tally.count
            return
        self.rules[tally.rule] += tally.count
        self.severities[cast(Severity, tally.severity)] += tally.count
        self._amount(key_of(tally), cast(Severity, tally.severity), tally.count)
        if tally.cause and tally.count:
            self.causes[tally.file, tally.cause] += tally.count

    def _doubt(self, tally: Tally) -> None:
        """There may be more findings of a rule, of any field: of which nobody knows whether a record would accept them."""
        self.doubtful.add((tally.rule, tally.file))
        records = [record for record in self.records if record.rule == tally.rule]
        self.doubted.update(records)
        if not any(not record.field for record in records):
            self.inexact.add(tally.rule)

    def _amount(self, key: Key, severity: Severity, count: int) -> None:
        if self.amounts is not None and count and is_acceptable(self.standard.rules[key[0]]):
            self.amounts.setdefault(key, Counter())[severity] += count

    def _record(self, rule: str, field: str) -> AcceptRecord | None:
        """The record that accepts a finding, the more particular first."""
        found = [record for record in self.records if record.means(rule, field)]
        if len(found) < 2:
            return found[0] if found else None
        first = next((record for record in found if record.field), found[0])
        self.outdone.update((record, first) for record in found if record is not first)
        return first

    def cause_of(self, finding: Finding) -> str:
        """The cause that a finding belongs to, as `kind:field`; nothing where it stands alone."""
        return finding.cause or CAUSE_OF_RULE.get(finding.rule, "")

    def accepted_rules(self) -> Counter[str]:
        """Rule → how many findings records accept."""
        return sum(self.taken.values(), Counter())

    def counts(self) -> Mapping[str, Count]:
        """Rule → how often, in order of rule."""
        return counts_of(self.rules, self.inexact)


def counts_of(rules: Mapping[str, int], inexact: Iterable[str] = ()) -> dict[str, Count]:
    """Rule → how often, in order of rule; those in doubt (`inexact`) also where nothing was found of them."""
    unsure = frozenset(inexact)
    everything = dict.fromkeys(unsure, 0) | dict(rules)
    return {rule: Count(count, rule not in unsure) for rule, count in sorted(everything.items()) if count or rule in unsure}


def within(findings: Iterable[Finding], limit: int | None, limit_each: int | None) -> list[Finding]:
    """The findings that are shown of more that were kept, in their order."""
    places: Counter[tuple[str, str, str]] = Counter()
    shown: list[Finding] = []
    for finding in findings:
        place = (finding.rule, finding.field, finding.file)
        places[place] += 1
        if (limit_each is None or places[place] <= limit_each) and (limit is None or len(shown) < limit):
            shown.append(finding)
    return shown


def ordinals(findings: list[Finding]) -> list[int]:
    """For each finding, how many of the same identity (rule, file, field, value …) stand before it."""
    seen: defaultdict[tuple[str, ...], int] = defaultdict(int)
    numbers = []
    for finding in findings:
        key = identity(finding)
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
    failed: int = 0
    """Of those that are not listed."""
    rules: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)

    def lists(self, rules: Mapping[str, int], severities: Mapping[str, int] | Mapping[Severity, int], accepted: Mapping[str, int]) -> bool:
        """Take in one record by what was found in it and what of it is accepted; whether it is listed by itself."""
        self.count += 1
        if (any(rules.values()) or accepted) and self.listed < LISTED:
            self.listed += 1
            return True
        self.failed += bool(severities.get("error"))
        self.rules.update(rules)
        self.severities.update(severities)
        self.accepted.update(accepted)
        return False

    def report(self, standard: str) -> list[DatasetReport]:
        """One report for all records that are not listed; none where no record was read."""
        if not self.count:
            return []
        return [
            DatasetReport(
                path=self.file, id="", title=self.file, valid=not self.severities["error"], entry=None, resources=(),
                checked={"entries": self.count, "listed": self.listed, "failed": self.failed}, skipped=(), causes=(),
                counts=counts_of(self.rules), shown=0, accepted=(), findings=(),
                standard=standard, severities={severity: self.severities[severity] for severity in reversed(SEVERITIES)},
                accepted_counts=counts_of(self.accepted),
            )
        ]  # fmt: skip
