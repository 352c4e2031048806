"""The gate: what of a dataset may be in a network, why not more, and what was signed off.

A decision follows from the dataset, the report of its check, the table of `catalog/zones.yaml` and the signed exceptions of
`govdata.toml`. It is worked out each time: there is no way to hand one in, and no option that goes round it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

from govdata.checks.context import CheckContext
from govdata.checks.personal import scrub
from govdata.classes import dataclass
from govdata.disclosure import Stated, facts_of
from govdata.messages import render, text
from govdata.settings import FILE, Settings
from govdata.standards import Standard, read_library
from govdata.targets import SignedException
from govdata.tomltables import Place
from govdata.values import Dataset, DatasetReport, Source
from govdata.zones import STRICTER, Row, Table, Verdict, read_table, zone_title, zones

OTHER = "other"
"""The value of a fact that no row names by itself, where a row takes the rest."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a decision needs besides the dataset and its report."""

    standard: Standard
    """What the dataset was held against: its code lists and semantic types count."""
    today: date
    language: str = "zh-CN"
    exceptions: tuple[SignedException, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not everything may be in a network (or, of a note, what to look at)."""

    rule: str
    source: Source
    field: str
    """The field at fault; empty where it is the dataset as a whole."""
    args: Mapping[str, Any]
    message: str
    help: str
    verdict: Verdict
    """What follows from this alone."""
    final: bool = False
    """No exception lets it pass."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A reason that does not count because somebody signed it off."""

    exception: SignedException
    reason: Reason


@dataclass(frozen=True, slots=True)
class Decision:
    """What of a dataset may be in a network."""

    zone: str
    verdict: Literal["whole", "entry", "refused"]
    """Entry and data; the entry alone; nothing."""
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()
    exceptions: tuple[Granted, ...] = ()


@dataclass(frozen=True, slots=True)
class Idle:
    """A signed exception that had no effect, and why: a key of `catalog/messages` (area `gate`)."""

    exception: SignedException
    why: str
    message: str


def decide(dataset: Dataset, report: DatasetReport, zone: str, means: Means) -> Decision:
    """The decision on a dataset for a network. `ValueError` for a report of another dataset or a network that is none."""
    if report.path != dataset.location:
        raise ValueError(f"a report of {report.path} is none of {dataset.location}")
    if zone not in zones():
        raise ValueError(f"no network: {zone}")
    table = read_table()
    facts = list(facts_of(dataset, report, CheckContext(Settings(today=means.today), means.standard)))
    of_entry = list(_reasons(table, "entry", facts, zone, means))
    standing, granted = _without_signed(of_entry, dataset, zone, means)
    verdict = _strictest(standing)
    if dataset.resources and verdict != "entry":
        of_data, more = _without_signed(_reasons(table, "data", facts, zone, means), dataset, zone, means)
        standing, granted = [*standing, *of_data], [*granted, *more]
        verdict = _strictest(standing)
    return Decision(
        zone,
        verdict,
        tuple(reason for reason in standing if reason.verdict != "note"),
        tuple(reason for reason in standing if reason.verdict == "note"),
        tuple(granted),
    )


def _strictest(reasons: Iterable[Reason]) -> Literal["whole", "entry", "refused"]:
    verdicts = {reason.verdict for reason in reasons}
    return "refused" if "refused" in verdicts else "entry" if "entry" in verdicts else "whole"


def _reasons(table: Table, of: str, facts: Sequence[Stated], zone: str, means: Means) -> Iterator[Reason]:
    """In the order of the table's rows, each once."""
    seen: set[tuple[str, ...]] = set()
    by_fact: dict[str, list[tuple[Stated, str]]] = {}
    telling = _telling(of, zone)
    for stated in facts:
        if stated.fact in telling:
            value = stated.value if stated.value in table.named[stated.fact] else OTHER
            # Of most facts nothing follows: no row is asked about them.
            if value in telling[stated.fact]:
                by_fact.setdefault(stated.fact, []).append((stated, value))
    for row in table.rows if by_fact else ():
        if row.fact not in by_fact or table.facts[row.fact].of != of or row.verdicts[zone] == STRICTER[0]:
            continue
        for stated, value in by_fact[row.fact]:
            # A field's declaration is met twice, in the entry and in the schema made of it.
            mark = (row.rule, stated.field, stated.value, stated.file if stated.amount or not stated.field else "", stated.item)
            if value in row.values and mark not in seen:
                seen.add(mark)
                yield _reason(table, row, stated, zone, means)


@functools.lru_cache(maxsize=16)
def _telling(of: str, zone: str) -> Mapping[str, frozenset[str]]:
    """Fact → the values from which something follows in a network."""
    table = read_table()
    rows = [row for row in table.rows if table.facts[row.fact].of == of and row.verdicts[zone] != STRICTER[0]]
    return {fact: frozenset(value for row in rows if row.fact == fact for value in row.values) for fact in {row.fact for row in rows}}


def _reason(table: Table, row: Row, stated: Stated, zone: str, means: Means) -> Reason:
    rule = read_library().rules[row.rule]
    found: dict[str, Any] = {"fact": stated.fact, "value": stated.value, "file": stated.file, "count": stated.amount}
    found |= {"written": stated.written, "item": stated.item}
    args: dict[str, Any] = {"zone": zone, **{name: value for name, value in found.items() if value}}
    labels = {"zone": zone_title(zone), "fact": table.facts[row.fact].title, "value": _label(table, stated, means)}
    told: dict[str, Any] = {**args, **labels, "field": scrub(stated.field)}
    told["reason"] = render(rule.reasons.get(stated.value, {}), means.language, told)
    where = "field" if stated.field else "item" if stated.item else "entry"
    told["where"] = text(f"gate.where-{where}", means.language, {"field": scrub(stated.field), "item": stated.item})
    message, help_text = (render(texts, means.language, told) for texts in (rule.message, rule.help))
    return Reason(row.rule, row.source, stated.field, args, message, help_text, row.verdicts[zone], row.final)


def _label(table: Table, stated: Stated, means: Means) -> Mapping[str, str] | str:
    """A value as people call it: the label of its code, else the word for a kind of number, else as it was written."""
    codes = table.facts[stated.fact].codes
    code = means.standard.codes[codes].codes.get(stated.value) if codes else None
    if code is not None:
        return {"zh": code.zh, "en": code.en or code.zh}
    return stated.written or render({"zh": "{kind:term}", "en": "{kind:term}"}, means.language, {"kind": stated.value})


def _without_signed(reasons: Iterable[Reason], dataset: Dataset, zone: str, means: Means) -> tuple[list[Reason], list[Granted]]:
    """The reasons that stand, and those that somebody signed off."""
    standing: list[Reason] = []
    granted: list[Granted] = []
    for reason in reasons:
        signed = None if reason.final or reason.verdict == "note" else _signed(reason, dataset, zone, means)
        if signed is None:
            standing.append(reason)
        else:
            granted.append(Granted(signed, reason))
    return standing, granted


def _signed(reason: Reason, dataset: Dataset, zone: str, means: Means) -> SignedException | None:
    return next(
        (
            record
            for record in means.exceptions
            if (record.rule, record.field, record.zone, record.dataset) == (reason.rule, reason.field, zone, name_of(dataset))
            and record.holds(means.today)
        ),
        None,
    )


def name_of(dataset: Dataset) -> str:
    """What an exception calls a dataset: its code, or where it has none its folder."""
    return str((dataset.entry.canonical.get("identifier") if dataset.entry else "") or dataset.location)


def idle_exceptions(settings: Settings, zone: str, decided: Iterable[tuple[str, Decision]], today: date, whole: bool) -> tuple[Idle, ...]:
    """The exceptions for a network that had no effect. Of a part of a directory nothing is said of datasets that are not in it.

    `decided`: datasets, by `name_of`.
    """
    names: set[str] = set()
    used: set[SignedException] = set()
    for name, decision in decided:
        names.add(name)
        used.update(granted.exception for granted in decision.exceptions)
    found = []
    for record in settings.exceptions:
        if record.zone == zone and record not in used and (whole or record.dataset in names):
            why = _why_idle(record, today, names)
            args = {"rule": record.rule, "dataset": record.dataset, "field": record.field, "by": record.by}
            dates = {"date": record.date.isoformat(), "until": record.until.isoformat()}
            found.append(Idle(record, why, text(f"gate.idle-{why}", settings.language, args | dates)))
    return tuple(found)


def _why_idle(record: SignedException, today: date, names: set[str]) -> str:
    if record.rule in read_table().final:
        return "final"
    if not record.holds(today):
        return "expired" if today > record.until else "early"
    return "no-reason" if record.dataset in names else "no-dataset"


def refuse_unknown_names(settings: Settings) -> None:
    """`SettingsError` where a target or an exception names a network or a rule of the gate that does not exist."""
    file = str((settings.root / FILE) if settings.root else FILE)
    for target in settings.targets:
        if target.zone not in zones():
            key = f"targets.{target.kind}.{target.name}.zone"
            raise Place(file, key).wrong(target.zone, *zones())
    for number, record in enumerate(settings.exceptions, 1):
        for name, value, allowed in (("zone", record.zone, zones()), ("rule", record.rule, sorted(read_table().rules))):
            if value not in allowed:
                raise Place(file, f"exceptions[{number}].{name}").wrong(value, *allowed)
