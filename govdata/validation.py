"""The main job: what the user named is found, read and checked; the outcome is a report."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from govdata import __version__
from govdata.checks.context import CheckContext
from govdata.checks.schema import foreign_keys_of
from govdata.classes import dataclass, field, replace
from govdata.collecting import Collected, Records
from govdata.finishing import finish
from govdata.messages import render
from govdata.outcomes import check_all
from govdata.reading.datasets import find_datasets, find_directories
from govdata.reporting import Draft, say
from govdata.settings import Settings, find_root, read_settings
from govdata.standards import BARE, DEFAULT, Library, Standard, read_library
from govdata.values import Dataset, DatasetReport, Entry, Finding, Report, Skipped
from govdata.workers import Workers, jobs_of, pays, start

if TYPE_CHECKING:
    from govdata.checks.directory import Card
    from govdata.reading.documents.yaml import Document

# What only entries need is imported where an entry is met: a table alone starts without it.

Progress = Callable[[int, str, int], None]
"""Told the number of a dataset (from 1), its name, and the rows read of its present resource."""


def validate(*paths: str | Path, progress: Progress | None = None, **options: Any) -> Report:
    """Check datasets and give the report; without a path, the current folder.

    `options` are the fields of `Settings` (language, standard, fail_on, limit, strict, today, schema …); what is not given
    comes from the nearest `govdata.toml`. What is wrong with the data is in the report. Raises `GovdataError`: `ReadError`
    where a named path cannot be opened, `SettingsError` where options, `govdata.toml` or the user's own rules are refused.
    """
    named = [Path(path) for path in paths] or [Path()]
    shown = ", ".join(str(path) for path in named)
    runs: dict[Path | None, _Run] = {}
    reports = []
    for path in named:
        for part in find_directories(path):
            root = find_root(part)
            if root not in runs:
                settings = read_settings(root, options)
                runs[root] = _Run(settings, read_library(settings.content), progress or (lambda number, name, rows: None), named=shown)
            found = runs[root].check(part)
            prefix = "" if part == path else part.relative_to(path).as_posix() + "/"
            reports += [replace(report, path=prefix + report.path) for report in found]
    first, *others = runs.values()
    for run in others:
        first.used.update((name, standard) for name, standard in run.used.items() if name not in first.used)
        first.partial = first.partial or run.partial
    return first.report(reports)


def examine(path: Path, settings: Settings, progress: Progress | None = None) -> tuple[Report, tuple[tuple[Dataset, DatasetReport], ...]]:
    """The report on one directory, folder, entry or file of entries, and every dataset of it with its own part of the report.

    The datasets come in the order of the directory; those of directories inside it (with a `govdata.toml` of their own) do not.
    Of a file of entries each record has a part of its own. Raises as `validate` does.
    """
    run = _Run(settings, read_library(settings.content), progress or (lambda number, name, rows: None), named=str(path), each=True)
    report = run.report(run.check(path))
    return report, tuple(zip(run.checked, report.datasets, strict=True))


@dataclass(frozen=True, slots=True)
class Taker:
    """What becomes of each dataset of a directory as soon as it is checked, so that a hundred thousand need not be held together."""

    take: Callable[[Dataset, DatasetReport], Any]
    """Gives what is kept of a dataset with its report, in which nothing of the directory as a whole stands yet."""
    amend: Callable[[Any, DatasetReport], Any]
    """Gives what is kept instead where the directory as a whole has something to say of it: a report of that alone."""
    recall: Callable[[int, bytes], Recalled | None] = lambda number, line: None
    """What an earlier run gave for a line of a file of entries, by its number and its bytes: then that line is not looked at again."""


class Recalled(NamedTuple):
    """A record of which nothing needs to be said by itself, as it was before."""

    taken: Any
    standard: str
    """Its id."""
    card: Card
    """What the directory remembers of it; its number does not count."""


def examine_each(path: Path, settings: Settings, progress: Progress | None, taker: Taker) -> list[Any]:
    """What a taker gives for each dataset that `examine` would give, in that order. Raises as it does."""
    run = _Run(settings, read_library(settings.content), progress or (lambda number, name, rows: None), named=str(path), each=True)
    run.taker = taker
    run.check(path)
    return run.taken


@dataclass(slots=True)
class _Run:
    """What a run remembers while it goes from dataset to dataset."""

    settings: Settings
    library: Library
    progress: Progress
    datasets: dict[str, Dataset] = field(default_factory=dict)
    """Datasets with data by their code, for foreign keys."""
    searched: bool = False
    """The whole directory was looked through for one that was not among them."""
    keys: dict[object, object] = field(default_factory=dict)
    """Keys of tables that foreign keys refer to, read once in a run."""
    cards: list[Card] = field(default_factory=list)
    used: dict[str, Standard] = field(default_factory=dict)
    named: str = ""
    """What the user named, as text."""
    partial: bool = False
    """Only a part of the directory was checked, so nothing was held against the rest of it."""
    count: int = 0
    each: bool = False
    """Every record has a report of its own, and the datasets are kept beside their reports."""
    checked: list[Dataset] = field(default_factory=list)
    taker: Taker | None = None
    """What becomes of datasets instead of `checked` and reports."""
    taken: list[Any] = field(default_factory=list)
    standards: list[Standard] = field(default_factory=list)
    """What each of these was held against."""
    recalled: Recalled | None = None
    """The line that was just read, where it is known from an earlier run."""

    def check(self, path: Path) -> list[DatasetReport]:
        """The reports of everything at one path. Files of entries are streamed; datasets with data are few enough to be listed."""
        found = find_datasets(path, self.settings, self._read_entry, self._screen, self._recall)
        workers = None
        if os.path.isdir(path):
            listed = self._remember(list(found))
            workers, found = self._workers(listed), iter(listed)
        try:
            return self._check_found(path, found, workers)
        finally:
            if workers is not None:
                workers.stop()

    def _workers(self, listed: list[Dataset]) -> Workers | None:
        """Other processes, where there is enough for them to do."""
        if jobs_of(self.settings) < 2 or not pays(listed):
            return None
        keys = (key for dataset in listed for resource in dataset.resources for key in foreign_keys_of(resource.schema or {}))
        for key in keys:
            if key.dataset:
                self._find(key.dataset)
        return start(self.settings, self.datasets)

    def _check_found(self, path: Path, found: Iterator[Dataset], workers: Workers | None) -> list[DatasetReport]:
        records = Records(path.name)
        drafts: dict[int, Draft] = {}
        for dataset in found:
            if self.recalled is not None:
                self._take_again(dataset, self.recalled)
                records.count += 1
                continue
            if dataset.line:
                self._take(dataset)
                records.count += 1
                if self.each:
                    self._keep(self._draft(self.count, dataset), drafts)
                continue
            draft = self._check_dataset(dataset, workers)
            if self.taker is not None:
                self._keep(draft, drafts)
            elif dataset.kind != "record" or records.lists(draft.collected) or self.each:
                drafts[draft.number] = draft
        whole = self._check_directory() if self._is_whole(path, records) else {}
        cards = {card.number: card for card in self.cards if card.number in whole}
        self.cards.clear()
        if self.taker is not None:
            self._take_rest(drafts, whole)
            return []
        for number in sorted(whole):
            drafts.setdefault(number, self._light(cards[number], path))
        ordered = [draft for _, draft in sorted(drafts.items())]
        closed = [self._close(draft, whole.get(draft.number, [])) for draft in ordered]
        if self.each:
            self.checked += [draft.dataset for draft in ordered]
            return closed
        return [*closed, *records.report(self.settings.standard or DEFAULT)]

    def _keep(self, draft: Draft, drafts: dict[int, Draft]) -> None:
        """Have a draft taken at once, where nobody is still at work on it; else put it among the drafts."""
        if self.taker is None:
            drafts[draft.number] = draft
            return
        self.standards.append(draft.standard)
        self.taken.append(None if draft.waiting is not None else self.taker.take(draft.dataset, self._close(draft, [])))
        if draft.waiting is not None:
            drafts[draft.number] = draft

    def _take_rest(self, drafts: Mapping[int, Draft], whole: Mapping[int, list[Finding]]) -> None:
        """Have the drafts taken that others were at work on, then tell what the directory as a whole says."""
        assert self.taker is not None
        for number, draft in drafts.items():
            self.taken[number - 1] = self.taker.take(draft.dataset, self._close(draft, []))
        for number, findings in whole.items():
            standard = self.standards[number - 1]
            collected = Collected(standard, self.settings.limit, self.settings.limit_each)
            said = self._close(Draft(number, Dataset(Path(), "", "record"), standard, collected, []), findings)
            self.taken[number - 1] = self.taker.amend(self.taken[number - 1], said)

    def _check_directory(self) -> dict[int, list[Finding]]:
        from govdata.checks.directory import check_directory

        return _by_number(check_directory(self.cards))

    def _is_whole(self, path: Path, records: Records) -> bool:
        """Whether what was read can be judged as a directory: a file of entries, or a folder that is all of it."""
        if records.count:
            return True
        root = self.settings.root
        if root is None:
            return len(self.cards) > 1
        whole = os.path.isdir(path) and root.resolve().is_relative_to(path.resolve())
        self.partial = self.partial or (bool(self.cards) and not whole)
        return whole

    def _light(self, card: Card, path: Path) -> Draft:
        """A record that was dropped because nothing was wrong with it alone, and that the directory has something to say of."""
        dataset = Dataset(path.parent, card.location, "record")
        return replace(self._draft(card.number, dataset), told=(card.identifier, card.title))

    def _draft(self, number: int, dataset: Dataset) -> Draft:
        """The draft of a record of which nothing needs to be said by itself."""
        standard = self._standard_of(dataset.entry.written if dataset.entry else {})
        return Draft(number, dataset, standard, Collected(standard, self.settings.limit, self.settings.limit_each), [])

    def _remember(self, found: list[Dataset]) -> list[Dataset]:
        for dataset in found:
            identifier = str(dataset.entry.canonical.get("identifier") or "") if dataset.entry else ""
            if identifier:
                self.datasets.setdefault(identifier, dataset)
        return found

    def _find(self, code: str) -> Dataset | None:
        """A dataset of the directory by its code, even where only a part of the directory is checked."""
        if code not in self.datasets and self.settings.root is not None and not self.searched:
            self.searched = True
            self._remember(list(find_datasets(self.settings.root, self.settings, self._read_entry)))
        return self.datasets.get(code)

    def _read_entry(self, document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
        from govdata.reading.entries.translation import read_entry

        return read_entry(document, file, self._standard_of(document.value).codes)

    def _screen(self, written: Mapping[str, Any]) -> bool:
        from govdata.checks.screening import screen_of

        name = _named_standard(written)
        if name and name not in self.library.layers:
            return False
        return screen_of(self._standard_of(written), self.settings.today).passes(written)

    def _recall(self, number: int, line: bytes) -> bool:
        self.recalled = self.taker.recall(number, line) if self.taker is not None else None
        return self.recalled is not None

    def _take_again(self, dataset: Dataset, recalled: Recalled) -> None:
        """A record that is as it was in an earlier run."""
        self.count += 1
        self.progress(self.count, dataset.location, 0)
        standard = self.library.standard(recalled.standard)
        self.used.setdefault(standard.id, standard)
        self.cards.append(replace(recalled.card, number=self.count))
        self.standards.append(standard)
        self.taken.append(recalled.taken)

    def _take(self, dataset: Dataset) -> None:
        """A record that passed the screen: only the directory as a whole may have something to say of it."""
        self.count += 1
        self.progress(self.count, dataset.location, 0)
        assert dataset.entry is not None
        standard = self._standard_of(dataset.entry.written)
        self.used.setdefault(standard.id, standard)
        self._remember_card(self.count, dataset)

    def _remember_card(self, number: int, dataset: Dataset) -> None:
        from govdata.checks.directory import card_of

        card = card_of(number, dataset)
        if card is not None:
            self.cards.append(card)

    def _standard_of(self, written: object) -> Standard:
        """The standard that an entry names, else that of the settings; one that does not exist is reported by `_check_dataset`."""
        name = _named_standard(written) or self.settings.standard or DEFAULT
        known = name if name in self.library.layers else self.settings.standard or DEFAULT
        return self.library.standard(known)

    def _check_dataset(self, dataset: Dataset, workers: Workers | None) -> Draft:
        self.count += 1
        self.progress(self.count, dataset.location, 0)
        written = dataset.entry.written if dataset.entry else {}
        standard = self._standard_of(written) if dataset.kind in {"entry", "record"} else self._bare()
        self.used.setdefault(standard.id, standard)
        context = CheckContext(
            self.settings,
            standard,
            find_dataset=lambda code: self._find(code) if code else dataset,
            key_cache=self.keys,
            tick=lambda rows: self.progress(self.count, dataset.location, rows),
        )
        collected = Collected(standard, self.settings.limit, self.settings.limit_each)
        draft = Draft(self.count, dataset, standard, collected, list(dataset.skipped))
        for finding in dataset.findings:
            collected.add(finding)
        if dataset.entry is not None and dataset.kind != "package":
            self._check_entry(dataset, context, draft)
        if workers is not None and dataset.resources:
            draft.waiting = workers.submit(dataset, standard.id)
        else:
            draft.take(check_all(dataset, context))
        return draft

    def _bare(self) -> Standard:
        return self.library.standard(self.settings.standard or BARE)

    def _check_entry(self, dataset: Dataset, context: CheckContext, draft: Draft) -> None:
        from govdata.checks.entry import check_entry
        from govdata.checks.freshness import check_freshness

        entry = dataset.entry
        assert entry is not None
        name = _named_standard(entry.written)
        if name and name not in self.library.layers:
            pointer = "/standard" if "standard" in entry.written else "/标准"
            line = entry.positions.places.get(pointer, (1, 1))[0]
            args = {"known": sorted(self.library.layers), "used": draft.standard.layers[-1].title}
            draft.collected.add(Finding("entry/unknown-standard", file=entry.file, pointer=pointer, line=line, value=name, args=args))
        for finding in itertools.chain(check_entry(entry, context), check_freshness(entry, context)):
            draft.collected.add(finding)
        self._remember_card(draft.number, dataset)

    def _close(self, draft: Draft, whole: list[Finding]) -> DatasetReport:
        if draft.waiting is not None:
            draft.take(draft.waiting())
        for finding in whole:
            draft.collected.add(finding)
        return draft.report(self.settings.language)

    def report(self, reports: list[DatasetReport]) -> Report:
        """The report of the run; a run that found nothing to check is not a pass."""
        language = self.settings.language
        findings: tuple[Finding, ...] = ()
        if not reports:
            standard = self.library.standard(self.settings.standard or DEFAULT)
            self.used.setdefault(standard.id, standard)
            findings = (finish(Finding("directory/empty", args={"path": self.named}), standard, language),)
        settings = {"fail_on": self.settings.fail_on, "limit": self.settings.limit, "strict": self.settings.strict}
        standards = [_told(standard, language) for standard in self.used.values()]
        run = {"today": self.settings.today.isoformat(), "language": language, "standards": standards, "settings": settings}
        valid = bool(reports) and all(report.valid for report in reports)
        skipped = (say(Skipped(self.named, "directory-partial"), language),) if self.partial else ()
        return Report(__version__, run, valid, tuple(reports), findings, skipped)


def _named_standard(written: object) -> str:
    if not isinstance(written, Mapping):
        return ""
    return str(written.get("standard") or written.get("标准") or "").removeprefix("urn:govdata:standards:")


def _by_number(found: Iterator[tuple[int, Finding]]) -> dict[int, list[Finding]]:
    grouped: dict[int, list[Finding]] = {}
    for number, finding in found:
        grouped.setdefault(number, []).append(finding)
    return grouped


def _told(standard: Standard, language: str) -> dict[str, object]:
    layers = [{"id": layer.id, "version": layer.version, "title": render(layer.title, language, {})} for layer in standard.layers]
    return {**layers[-1], "id": standard.id, "digest": standard.digest, "layers": layers}
