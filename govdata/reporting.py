"""One dataset's outcome while it is gathered, and the report made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from govdata.checks.context import CheckContext
from govdata.checks.exposure import exposure_of
from govdata.classes import dataclass, field, replace
from govdata.collecting import CAUSE_OF_RULE, Collected, ordinals
from govdata.engines.plan import Tally
from govdata.finishing import fingerprint, finish
from govdata.messages import text
from govdata.outcomes import Item, Outcome
from govdata.settings import Settings
from govdata.standards import Standard
from govdata.values import Cause, Dataset, DatasetReport, Finding, ResourceReport, Skipped
from govdata.workers import Waiting

STOPS = frozenset(
    f"file/{name}" for name in ("cell-limit", "changed", "delimiter", "encoding", "encoding-mixed", "line-limit", "unclosed-quote")
) | {"workbook/broken", "workbook/too-large", "database/broken", "database/encoding", "database/view"}
"""Findings at which the reading of a file ends: what comes after was not checked."""


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
        personal = self._personal()
        keys = {(report.file, report.id): set(report.key) for report in self.resources}
        identifier, title = (str(entry.canonical.get(key) or "") for key in ("identifier", "title")) if entry else self.told
        finished = []
        for finding in collected.kept:
            hidden = personal.get(finding.file, ())
            told = finish(finding, self.standard, language, hidden, bool(keys.get((finding.file, finding.resource), set()) & set(hidden)))
            finished.append(replace(told, cause=_cause_id(finding, collected)))
        marks = ordinals(finished)
        name = identifier or dataset.location
        marked = zip(finished, marks, strict=True)
        findings = tuple(replace(item, fingerprint=fingerprint(item, name, mark)) for item, mark in marked)
        return DatasetReport(
            path=dataset.location,
            id=identifier,
            title=title,
            valid=not collected.severities["error"],
            entry={"file": entry.file, "sha256": entry.sha256} if entry else None,
            resources=tuple(self.resources),
            checked=self._checked(),
            skipped=tuple(say(item, language) for item in self.skipped),
            causes=tuple(_causes(collected, self.standard, language)),
            counts=collected.counts(),
            shown=len(findings),
            accepted=(),
            findings=findings,
            standard=self.standard.id,
            severities=collected.by_severity(),
            folder=dataset.path.as_posix(),
        )

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
    return f"{finding.file}#{cause}" if cause else ""


def _causes(collected: Collected, standard: Standard, language: str) -> Iterator[Cause]:
    """The causes, the most frequent first. A finding that is a cause by itself speaks for itself; others have a text of their kind."""
    for (file, cause), count in collected.causes.most_common():
        kind, _, name = cause.partition(":")
        first = collected.first_of_cause[file, cause]
        row = text("report.place-row", language, {"row": str(first.row)}) if first.row else ""
        place = " ".join(part for part in (file, first.sheet, first.cell or row) if part)
        if first.rule in CAUSE_OF_RULE:
            told = finish(first, standard, language)
            message, help_text = told.message, told.help
        else:
            message, help_text = (text(f"cause.{key}", language, {"field": name, "count": count}) for key in (kind, f"{kind}-help"))
        yield Cause(f"{file}#{cause}", kind, count, place, message, help_text)


def say(item: Skipped, language: str) -> Skipped:
    """What was not checked, with its sentence in a language."""
    return replace(item, message=text(f"skipped.{item.why}", language, item.args))
