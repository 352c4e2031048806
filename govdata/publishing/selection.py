"""What of a directory may go to a target: every dataset is checked and passes the gate, here and each time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from govdata.classes import dataclass, replace
from govdata.errors import ReadError, SettingsError
from govdata.gate import Decision, Idle, Means, decide, idle_exceptions, name_of, refuse_unknown_names
from govdata.pieces import Seen, Taker
from govdata.reading.datasets import ENTRIES, RECORDS, find_directories, outside
from govdata.reading.paths import visible
from govdata.reading.resources.datapackage import FILE as PACKAGE
from govdata.runs import Progress
from govdata.settings import FILE, SITE_FILE, Settings, find_root, read_settings
from govdata.standards import Library, read_library
from govdata.validation import examine, examine_each
from govdata.values import Dataset, DatasetReport, Report
from govdata.zones import zones

HISTORY = "history.jsonl"
"""The file beside `govdata.toml` that says what was published before: no entries are in it."""

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
    apart: tuple[str, ...]
    """Folders that hold tables, or what may be meant as an entry, and are no dataset."""
    report: Report


def directory_at(path: Path, language: str, today: date | None = None) -> tuple[Path, Settings]:
    """The directory at or above a path, and its settings.

    `ReadError` where there is no such path, `SettingsError` where it is in no directory.
    """
    if not path.exists():
        raise ReadError("no-such-path", path=str(path))
    root = find_root(path)
    if root is None:
        raise SettingsError("no-directory", path=str(path))
    return root, read_settings(root, {"language": language, "today": today})


def required_id(root: Path, settings: Settings) -> str:
    """The directory's id, by which publishing owns; `SettingsError` with one to use where there is none."""
    if not settings.directory:
        import uuid

        raise SettingsError("no-directory-id", file=str(root / FILE), example=str(uuid.uuid4()))
    return settings.directory


def select(path: Path, settings: Settings, zone: str, progress: Progress | None = None) -> Selection:
    """Check everything at a path and decide what of it may be in a network (a code of the list `zone`).

    The exceptions hold by the calendar of the machine, whatever day `settings.today` says. Raises `GovdataError` as
    `validate` does, and `SettingsError` where a target or an exception names a network or rule that does not exist;
    `ValueError` for a zone that is none.
    """
    means = _means(settings, zone)
    report, checked = examine(path, settings, progress)
    candidates = tuple(_candidate(dataset, found, zone, means) for dataset, found in checked)
    gaps = tuple(found.dataset.location for found in candidates if _is_gap(found))
    whole = not gaps and _is_all(path, settings)
    decided = [(name_of(candidate.dataset), candidate.decision) for candidate in candidates]
    idle = idle_exceptions(settings, zone, decided, means[2], whole)
    nested, apart = _folders(path, settings)
    return Selection(zone, candidates, whole, gaps, nested, idle, apart, report)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken of the datasets of a directory, in its order; the rest as of `Selection`."""

    zone: str
    items: tuple[Any, ...]
    whole: bool
    gaps: tuple[str, ...]
    nested: tuple[str, ...]
    idle: tuple[Idle, ...]
    apart: tuple[str, ...]


class Choice(NamedTuple):
    """What was taken of one dataset."""

    item: Any
    verdict: str = "whole"
    """Of the gate."""
    gap: str = ""
    """Its place, where it cannot be told from one that is gone."""
    decided: tuple[str, Decision] | None = None
    """The dataset (`name_of`) and the decision, where the directory has signed exceptions."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What is kept of datasets."""

    open: Callable[[], Callable[[Candidate], Any]]
    """Gives what takes candidates; opened once in each process, so it must be possible to hand it to another."""
    keep: Callable[[Seen, Choice], Any]
    """What is kept of what was taken; told in the order of the directory, in one process."""
    amend: Callable[[Any, DatasetReport], Any]
    """What is kept instead where the directory as a whole has something to say of it."""
    recall: Callable[[int, bytes], Seen | None] = lambda number, line: None
    """What was taken, in an earlier run, of a line of a file of entries that may wholly go to the target, without a note."""


def take_each(path: Path, settings: Settings, zone: str, taking: Taking, progress: Progress | None = None) -> Taken:
    """The same for many datasets, of which only what is taken is held. Raises as `select` does."""
    means = _means(settings, zone)
    gaps: list[str] = []
    decided: list[tuple[str, Decision]] = []

    def keep(seen: Seen) -> Any:
        choice: Choice = seen.taken
        if choice.gap:
            gaps.append(choice.gap)
        if choice.decided is not None:
            decided.append(choice.decided)
        return taking.keep(seen, choice)

    def again(number: int, line: bytes) -> Seen | None:
        seen = taking.recall(number, line)
        if seen is None:
            return None
        name = seen.card.identifier if seen.card is not None else ""
        choice = Choice(seen.taken, decided=(name, Decision(zone, "whole")) if settings.exceptions else None)
        return Seen(choice, seen.standard, seen.card, number)

    taker = Taker(partial(_open, settings, zone, taking.open), keep, taking.amend, again)
    items = tuple(examine_each(path, settings, progress, taker))
    whole = not gaps and _is_all(path, settings)
    nested, apart = _folders(path, settings)
    return Taken(zone, items, whole, tuple(gaps), nested, idle_exceptions(settings, zone, decided, means[2], whole), apart)


def _open(settings: Settings, zone: str, opened: Callable[[], Callable[[Candidate], Any]]) -> Callable[[Dataset, DatasetReport], Choice]:
    """What asks the gate for each dataset and takes it, in this process or another."""
    means, take = _means(settings, zone), opened()

    def choose(dataset: Dataset, report: DatasetReport) -> Choice:
        candidate = _candidate(dataset, report, zone, means)
        decided = (name_of(candidate.dataset), candidate.decision) if settings.exceptions else None
        gap = candidate.dataset.location if _is_gap(candidate) else ""
        return Choice(take(candidate), candidate.decision.verdict, gap, decided)

    return choose


_Means = tuple[Settings, Library, date]


def _means(settings: Settings, zone: str) -> _Means:
    refuse_unknown_names(settings)  # First: the network comes from a target of these settings.
    if zone not in zones():
        raise ValueError(f"no network: {zone}")
    return settings, read_library(settings.content), date.today()


def _folders(path: Path, settings: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Folders that are directories of their own, and folders of this one that may have been meant as datasets."""
    aside: list[Path] = []
    parts = [part for part in find_directories(path, aside) if part != path]
    apart = outside(aside, [*parts, *([settings.content] if settings.content is not None else [])])
    nested, named = (tuple(folder.relative_to(path).as_posix() for folder in each) for each in (parts, apart))
    return nested, named


def _candidate(dataset: Dataset, report: DatasetReport, zone: str, means: _Means) -> Candidate:
    settings, library, today = means
    place = _place(dataset, settings)
    if place != dataset.location:
        dataset, report = replace(dataset, location=place), replace(report, path=place)
    given = Means(library.standard(report.standard), today, settings.language, settings.exceptions)
    return Candidate(dataset, report, decide(dataset, report, zone, given), report.valid)


def _place(dataset: Dataset, settings: Settings) -> str:
    """What a dataset is named by where it has no code: its place below the folder of `govdata.toml` (`.`: that folder itself).

    Its place below the path that was given, or the name of a checkout's folder, would make it another one in each run.
    """
    if dataset.kind not in ("entry", "package") or settings.root is None:
        return dataset.location
    place = visible(os.path.relpath(dataset.path, settings.root).replace(os.sep, "/"))
    return dataset.location if place.startswith("../") else place


def _is_gap(candidate: Candidate) -> bool:
    """Whether a dataset cannot be told from one that is gone."""
    return not candidate.report.id or UNREAD in candidate.report.counts


def _is_all(path: Path, settings: Settings) -> bool:
    """Whether the path is all of the directory: its folder, or a file of entries beside which there is nothing else."""
    if settings.root is None:
        return False
    root, named = settings.root.resolve(), path.resolve()
    if os.path.isdir(named):
        return named == root
    if named.suffix.lower() not in RECORDS or named.parent != root:
        return False
    return not any(_holds_entries(file) for file in _files(root) if file != named)


def _files(root: Path) -> Iterator[Path]:
    """All files of a directory but those of sites that were made from it."""
    for folder, folders, names in os.walk(root):
        if SITE_FILE in names:
            folders.clear()
        else:
            yield from (Path(folder) / name for name in names)


def _holds_entries(file: Path) -> bool:
    return file.name in (*ENTRIES, PACKAGE) or (file.suffix.lower() in RECORDS and file.name != HISTORY)
