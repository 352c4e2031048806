"""One dataset's outcome while it is gathered, and the report made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from govdata.acceptance import AcceptRecord
from govdata.adoption.adopting import Adoption, place_of
from govdata.adoption.judging import Marked, Verdict
from govdata.checks.context import CheckContext
from govdata.checks.exposure import exposure_of
from govdata.checks.personal import scrub
from govdata.classes import dataclass, field, replace
from govdata.collecting import CAUSE_OF_RULE, Collected, counts_of, ordinals, within
from govdata.engines.plan import Tally
from govdata.finishing import fingerprint, finish
from govdata.messages import render, text
from govdata.outcomes import Item, Outcome
from govdata.reading.paths import visible
from govdata.settings import Settings
from govdata.standards import Standard
from govdata.values import SEVERITIES, Acceptance, Cause, Count, Dataset, DatasetReport, Finding, ResourceReport, Severity, Skipped
from govdata.workers import Waiting

STOPS = frozenset(
    f"file/{name}" for name in ("cell-limit", "changed", "delimiter", "encoding", "encoding-mixed", "line-limit", "unclosed-quote")
) | {"workbook/broken", "workbook/too-large", "database/broken", "database/encoding", "database/view"}
"""Findings at which the reading of a file ends: what comes after was not checked."""


PARTLY = frozenset(("rest-unread", "schema-unusable", "header-does-not-fit", "engine-missing", "foreign-key-unread"))
"""Skips for a reason that can pass: what was found there before may be found again."""


LOST = frozenset(("file/missing", "folder/not-a-file", "folder/path-outside", "folder/unreadable"))
"""Rules by which a file that is named cannot be read."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What of a dataset's findings is accepted, and what is not."""

    findings: list[Finding]
    accepted: list[Finding]
    severities: Counter[Severity]
    counts: Mapping[str, Count]
    accepted_counts: Mapping[str, Count]
    acceptances: tuple[Acceptance, ...]
    causes: Mapping[tuple[str, str], int]
    """(file, cause) → findings that it made, the most frequent first."""
    skipped: tuple[Skipped, ...] = ()


@dataclass(slots=True)
class Draft:
    """One dataset's outcome before the directory as a whole has been looked at."""

    number: int
    dataset: Dataset
    standard: Standard
    collected: Collected
    skipped: list[Skipped]
    resources: list[ResourceReport] = field(default_factory=list)
    waiting: Waiting | None = None
    """Gives the outcomes that another process works on."""
    told: tuple[str, str] = ("", "")
    """Code and title, where the entry is no longer at hand."""
    adoption: Adoption | None = None
    """The baseline in use."""

    def take(self, outcomes: list[Outcome]) -> None:
        """Take in what the check of the resources gave."""
        for outcome in outcomes:
            self.resources.append(outcome.report)
            for item in outcome.items:
                self._take_item(item)

    def _take_item(self, item: Item) -> None:
        if isinstance(item, Skipped):
            self.skipped.append(item)
        elif isinstance(item, Tally):
            self.collected.count(item)
        else:
            self.collected.add(item)
            if item.rule in STOPS:
                self.skipped.append(Skipped(item.file, "rest-unread"))

    def report(self, language: str) -> DatasetReport:
        """The finished report of the dataset."""
        dataset, collected = self.dataset, self.collected
        entry = dataset.entry
        identifier, title = (str(entry.canonical.get(key) or "") for key in ("identifier", "title")) if entry else self.told
        finished = self._finished([*collected.kept, *collected.accepted], identifier or dataset.location, language)
        kept, accepted = finished[: len(collected.kept)], finished[len(collected.kept) :]
        sides = self._sides(identifier, kept, accepted)
        return DatasetReport(
            path=dataset.location,
            id=identifier,
            title=scrub(title),
            valid=not sides.severities["error"],
            entry={"file": entry.file, "sha256": entry.sha256} if entry else None,
            resources=tuple(self.resources),
            checked=self._checked(),
            skipped=tuple(say(item, language) for item in (*self.skipped, *sides.skipped)),
            causes=tuple(_causes(collected, sides.causes, self.standard, language)),
            counts=sides.counts,
            shown=len(sides.findings),
            accepted=tuple(sides.accepted),
            findings=tuple(sides.findings),
            standard=self.standard.id,
            severities={severity: sides.severities[severity] for severity in reversed(SEVERITIES)},
            accepted_counts=sides.accepted_counts,
            acceptances=sides.acceptances,
            folder=dataset.path.as_posix(),
        )

    def _finished(self, found: list[Finding], name: str, language: str) -> list[Finding]:
        """Findings as they are reported; `name`: that of the dataset in fingerprints."""
        personal = self._personal()
        keys = {(report.file, report.id): set(report.key) for report in self.resources}
        finished = []
        for finding in found:
            hidden = personal.get(finding.file, ())
            told = finish(finding, self.standard, language, hidden, bool(keys.get((finding.file, finding.resource), set()) & set(hidden)))
            finished.append(replace(told, cause=_cause_id(finding, self.collected)))
        return [replace(item, fingerprint=fingerprint(item, name, mark)) for item, mark in zip(finished, ordinals(finished), strict=True)]

    def _sides(self, identifier: str, kept: list[Finding], accepted: list[Finding]) -> Sides:
        """What is accepted and what is not: by records of the settings, then by the baseline in use."""
        collected, adoption = self.collected, self.adoption
        rules = collected.accepted_rules()
        records = tuple(_acceptance(record, collected) for record in collected.taken)
        inexact = {record.rule for record in collected.doubted if record in collected.taken or not record.field}
        if adoption is None:
            causes, shown = dict(collected.causes.most_common()), counts_of(rules, inexact)
            return Sides(kept, accepted, collected.severities, collected.counts(), shown, records, causes)
        dataset = identifier, place_of(self.dataset, adoption.reference)
        known = adoption.known(*dataset)
        names = dataset[0] or dataset[1], known.name if known else dataset[0] or dataset[1]
        marks = ordinals(kept)
        marked = [Marked(item, *(fingerprint(item, name, mark) for name in names)) for item, mark in zip(kept, marks, strict=True)]
        verdict = adoption.judge(dataset, marked, collected.amounts or {}, collected.doubtful)
        adoption.keep(dataset, self._is_unread())
        counts = Counter(collected.rules)
        counts.subtract(verdict.rules)
        severities = Counter(collected.severities)
        severities.subtract(verdict.severities)
        unsure = {key[0] for key in verdict.unsure}
        taken = sum(verdict.rules.values())
        baseline = (Acceptance("baseline", "", taken, not unsure, file=visible(adoption.file.name)),) if taken else ()
        return Sides(
            within(verdict.fresh, *adoption.limits),
            within([*verdict.accepted, *accepted], *adoption.limits),
            severities,
            counts_of(counts, {rule for rule in collected.inexact if counts[rule] or rule not in unsure}),
            counts_of(rules + verdict.rules, inexact | unsure),
            (*records, *baseline),
            _fresh_causes(collected, verdict),
            tuple(Skipped(file, "baseline-unsure", {"rule": rule}) for rule, file in sorted({key[:2] for key in verdict.unsure})),
        )

    def _is_unread(self) -> Callable[[str], bool]:
        """Whether something of a file was not checked, so that findings of before may be there unmet."""
        if self.dataset.entry is None and self.dataset.kind != "table":
            return lambda file: True
        entry = self.dataset.entry.file if self.dataset.entry else ""
        partly = {report.file for report in self.resources if report.schema and report.rows is None}
        partly |= {item.what for item in self.skipped if item.why in PARTLY}
        lost = not LOST.isdisjoint(self.collected.rules.keys() | self.collected.accepted_rules().keys())
        met = {entry, *(report.file for report in self.resources)}
        return lambda file: file in partly or (lost and file not in met)

    def _personal(self) -> Mapping[str, set[str]]:
        """File → fields whose values are never shown: declared personal, personal by meaning, or found so."""
        hidden: dict[str, set[str]] = {}
        context = CheckContext(Settings(), self.standard)
        for resource in self.dataset.resources:
            hidden.setdefault(resource.file, set()).update(exposure_of(self.dataset, resource, context).declared)
        for report in self.resources:
            hidden.setdefault(report.file, set()).update(report.personal)
        return hidden

    def _checked(self) -> dict[str, int]:
        rows = sum(report.rows or 0 for report in self.resources)
        cells = sum(report.cells or 0 for report in self.resources)
        return {"rules": len(self.standard.rules), "resources": len(self.resources), "rows": rows, "cells": cells}


def _cause_id(finding: Finding, collected: Collected) -> str:
    cause = collected.cause_of(finding)
    return _told_cause(finding.file, cause) if cause else ""


def _told_cause(file: str, cause: str) -> str:
    """A cause as reports name it: it may hold the name of a field."""
    return f"{file}#{scrub(cause)}"


def _acceptance(record: AcceptRecord, collected: Collected) -> Acceptance:
    """What a record accepts of the dataset."""
    count, exact = sum(collected.taken[record].values()), record not in collected.doubted
    return Acceptance("record", record.rule, count, exact, record.field, record.reason, record.by, record.until.isoformat())


def _fresh_causes(collected: Collected, verdict: Verdict) -> dict[tuple[str, str], int]:
    """The causes of which something is new, and how much at most."""
    made = Counter(item.cause for item in verdict.accepted if item.cause)
    fresh = {item.cause for item in verdict.fresh if item.cause}
    listed = collected.causes.most_common()
    return {(file, cause): count - made[_told_cause(file, cause)] for (file, cause), count in listed if _told_cause(file, cause) in fresh}


def _causes(collected: Collected, counted: Mapping[tuple[str, str], int], standard: Standard, language: str) -> Iterator[Cause]:
    """The causes, the most frequent first. A finding that is a cause by itself speaks for itself; others have a text of their kind."""
    for (file, cause), count in counted.items():
        kind, _, name = cause.partition(":")
        first = collected.first_of_cause[file, cause]
        row = text("report.place-row", language, {"row": str(first.row)}) if first.row else ""
        place = " ".join(part for part in (file, first.sheet, first.cell or row) if part)
        if first.rule in CAUSE_OF_RULE:
            told = finish(first, standard, language)
            message, help_text = told.message, told.help
        else:
            message, help_text = (text(f"cause.{key}", language, {"field": scrub(name), "count": count}) for key in (kind, f"{kind}-help"))
        yield Cause(_told_cause(file, cause), kind, count, place, message, help_text)


def say(item: Skipped, language: str) -> Skipped:
    """What was not checked, with its sentence in a language."""
    return replace(item, message=text(f"skipped.{item.why}", language, item.args))


def tell_standard(standard: Standard, language: str) -> dict[str, object]:
    """A standard as the report names it: id, version, title, digest, and the layers that it is made of."""
    layers = [{"id": layer.id, "version": layer.version, "title": render(layer.title, language, {})} for layer in standard.layers]
    return {**layers[-1], "id": standard.id, "digest": standard.digest, "layers": layers}
