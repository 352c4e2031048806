"""Which findings of a dataset were there before, and which are new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set

from govdata.adoption.baseline import Group, Key
from govdata.checks.personal import scrub
from govdata.classes import dataclass, field, replace
from govdata.engines.plan import Tally
from govdata.rules import Rule
from govdata.values import SEVERITIES, Finding, Severity

NEVER = frozenset(("gate", "personal", "accept"))
"""Groups of rules of which nothing can be accepted; a rule may say so of itself besides."""


def is_acceptable(rule: Rule) -> bool:
    """Whether findings of a rule can be accepted at all: not of the gate, of personal data, of what is secret."""
    return rule.id.partition("/")[0] not in NEVER and bool(rule.more.get("acceptable", True))


@dataclass(frozen=True, slots=True)
class Marked:
    """A finding with its fingerprint, by the name that its dataset has now and by that which a baseline knows."""

    finding: Finding
    now: str
    before: str


@dataclass(slots=True)
class Verdict:
    """What of a dataset's findings was there before."""

    accepted: list[Finding] = field(default_factory=list)
    fresh: list[Finding] = field(default_factory=list)
    severities: Counter[Severity] = field(default_factory=Counter)
    """Accepted by severity, those not listed included."""
    rules: Counter[str] = field(default_factory=Counter)
    """Accepted by rule, those not listed included."""
    groups: dict[Key, Group] = field(default_factory=dict)
    """What a baseline would know of them."""
    unsure: list[Key] = field(default_factory=list)
    """Groups that could not be compared: of one side only a lower bound is known."""


def key_of(found: Finding | Tally) -> Key:
    """The group of a finding, or of findings that were counted; a number of a person for a label is masked, as in reports."""
    return found.rule, found.file, found.sheet, scrub(found.field)


def judge(
    findings: Sequence[Marked],
    amounts: Mapping[Key, Mapping[Severity, int]],
    inexact: Set[tuple[str, str]],
    known: Callable[[Key], Group | None] | None,
) -> Verdict:
    """Hold the findings against what is known of each group; `None`: all were there before.

    `amounts` tells how many there are of each group and severity, more than are listed perhaps; `inexact` holds rule and file of what is
    a lower bound. Findings are told apart by fingerprint; what has none on either side is compared by number.
    """
    listed: dict[Key, list[Marked]] = {}
    for item in findings:
        listed.setdefault(key_of(item.finding), []).append(item)
    verdict, taken = Verdict(), set[int]()
    for key, severities in amounts.items():
        here, total, exact = listed.get(key, []), sum(severities.values()), key[:2] not in inexact
        everything = Group(total, frozenset(item.before for item in here), exact)
        group = everything if known is None else known(key)
        if group is None:
            continue
        if known is not None and not (group.exact and exact):
            verdict.unsure.append(key)
            group = replace(everything, exact=False)
        shown, hidden = _split(here, total, group)
        if shown or hidden:
            taken.update(id(item.finding) for item in shown)
            verdict.rules[key[0]] += len(shown) + hidden
            verdict.severities.update(_severities(here, shown, severities, hidden))
            verdict.groups[key] = Group(len(shown) + hidden, frozenset(item.now for item in shown), group.exact)
    for item in findings:
        (verdict.accepted if id(item.finding) in taken else verdict.fresh).append(item.finding)
    return verdict


def _split(here: Sequence[Marked], total: int, group: Group) -> tuple[list[Marked], int]:
    """The listed findings of a group that were there before, and how many of those that are only counted."""
    known = [item for item in here if item.before in group.fingerprints]
    unknown = [item for item in here if item.before not in group.fingerprints]
    unlisted = total - len(here)
    if group.count > len(group.fingerprints):
        # Of the former ones not all had a fingerprint: so many may be among those without one we know, but never more than there were.
        excess = max(total - group.count, 0)
        known += unknown[excess : excess + max(group.count - len(known), 0)]
    return known, min(unlisted, max(group.count - len(known), 0))


def _severities(here: Sequence[Marked], shown: Sequence[Marked], severities: Mapping[Severity, int], hidden: int) -> Counter[Severity]:
    """What is accepted by severity. Of what is only counted the least grave first: what may be new stays grave."""
    found, listed = (Counter(item.finding.severity for item in items) for items in (shown, here))
    for severity in SEVERITIES:
        count = min(hidden, severities.get(severity, 0) - listed[severity])
        hidden -= count
        found[severity] += count
    return found
