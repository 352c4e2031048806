"""What of a directory may go to a target: every dataset is checked and passes the gate, here and each time."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from govdata.classes import dataclass
from govdata.gate import Decision, Idle, Means, decide, idle_exceptions, refuse_unknown_names
from govdata.reading.datasets import ENTRIES, RECORDS, find_directories
from govdata.reading.resources.datapackage import FILE as PACKAGE
from govdata.settings import Settings
from govdata.standards import Library, read_library
from govdata.validation import Progress, examine
from govdata.values import Dataset, DatasetReport, Report
from govdata.zones import zones

UNREAD = "folder/unreadable"
"""The finding at which datasets may have gone unseen."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dataset that was checked, and what of it may go to the target."""

    dataset: Dataset
    report: DatasetReport
    decision: Decision
    valid: bool
    """Without an error: one with errors stays on the target as it was published."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The datasets of a directory for one network, in the order of the directory."""

    zone: str
    candidates: tuple[Candidate, ...]
    whole: bool
    """Everything in the directory was read and has a code: only then can a dataset that is not here be believed gone."""
    gaps: tuple[str, ...]
    """What kept it from being whole: places of datasets without a code, or that could not be read."""
    nested: tuple[str, ...]
    """Folders that are directories of their own, with their own targets: not part of this one."""
    idle: tuple[Idle, ...]
    """Signed exceptions that had no effect."""
    report: Report


def select(path: Path, settings: Settings, zone: str, progress: Progress | None = None) -> Selection:
    """Check everything at a path and decide what of it may be in a network (a code of the list `zone`).

    The exceptions hold by the calendar of the machine, whatever day `settings.today` says. Raises `GovdataError` as
    `validate` does, and `SettingsError` where a target or an exception names a network or rule that does not exist;
    `ValueError` for a zone that is none.
    """
    if zone not in zones():
        raise ValueError(f"no network: {zone}")
    refuse_unknown_names(settings)
    library, today = read_library(settings.content), date.today()
    report, checked = examine(path, settings, progress)
    candidates = tuple(_candidate(dataset, found, zone, (settings, library, today)) for dataset, found in checked)
    gaps = tuple(_gaps(candidates))
    whole = not gaps and _is_all(path, settings)
    decided = [(candidate.dataset, candidate.decision) for candidate in candidates]
    nested = tuple(part.relative_to(path).as_posix() for part in find_directories(path) if part != path)
    return Selection(zone, candidates, whole, gaps, nested, idle_exceptions(settings, zone, decided, today, whole), report)


def _candidate(dataset: Dataset, report: DatasetReport, zone: str, means: tuple[Settings, Library, date]) -> Candidate:
    settings, library, today = means
    given = Means(library.standard(report.standard), today, settings.language, settings.exceptions)
    return Candidate(dataset, report, decide(dataset, report, zone, given), report.valid)


def _gaps(candidates: tuple[Candidate, ...]) -> list[str]:
    """Datasets that cannot be told from one that is gone."""
    return [found.dataset.location for found in candidates if not found.report.id or UNREAD in found.report.counts]


def _is_all(path: Path, settings: Settings) -> bool:
    """Whether the path is all of the directory: its folder, or a file of entries beside which there is nothing else."""
    if settings.root is None:
        return False
    root, named = settings.root.resolve(), path.resolve()
    if os.path.isdir(named):
        return named == root
    if named.suffix.lower() not in RECORDS or named.parent != root:
        return False
    beside = [file for file in root.rglob("*") if file != named]
    return not any(file.name in (*ENTRIES, PACKAGE) or file.suffix.lower() in RECORDS for file in beside)
