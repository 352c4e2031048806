"""One run over a directory: datasets are found, read and checked one after the other, and the report is made of what came of them."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govdata import __version__
from govdata.adoption.adopting import Adoption, open_adoption, reference_of
from govdata.adoption.records import Accepting, accepting
from govdata.checks.context import CheckContext, Common
from govdata.classes import dataclass, field
from govdata.collecting import Collected, Records
from govdata.finishing import finish
from govdata.neighbours import Neighbours
from govdata.outcomes import check_all
from govdata.pieces import Line, Look, Seen, Take, Taker, look_through
from govdata.reading.datasets import RECORDS, find_datasets, find_lines
from govdata.reading.documents.records import read_records
from govdata.reading.paths import visible
from govdata.reporting import Draft, say, tell_standard
from govdata.settings import Settings
from govdata.standards import BARE, DEFAULT, Library, Standard, named_standard, read_library
from govdata.values import Dataset, DatasetReport, Entry, Finding, Report, Skipped
from govdata.workers import Workers, jobs_of, pays, start

if TYPE_CHECKING:
    from govdata.checks.directory import Card
    from govdata.reading.documents.yaml import Document

# What only entries need is imported where an entry is met: a table alone starts without it.

Progress = Callable[[int, str, int], None]
"""Told the number of a dataset (from 1), its name, and the rows read of its present resource."""


@dataclass(slots=True)
class Run:
    """What a run remembers while it goes from dataset to dataset."""

    settings: Settings
    library: Library
    progress: Progress
    common: Common = field(default_factory=Common)
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
    take: Take | None = None
    """What it gives for them in this process."""
    taken: list[Any] = field(default_factory=list)
    standards: list[Standard] = field(default_factory=list)
    """What each of these was held against."""
    accepting: Accepting = field(default_factory=Accepting)
    """The records of what is accepted in the directory."""
    adoption: Adoption | None = None
    """The baseline in use; runs over several directories share it."""
    since: Counter[str] = field(default_factory=Counter)
    """Where only what has changed since the commit `base` is checked: `checked` of `total` datasets."""
    base: str = ""
    whole: bool = False
    """The whole directory was checked."""
    near: Neighbours | None = None

    def begin(self, first: Run, named: Path) -> Run:
        """Refuse records that cannot be, and open the baseline, or share that of the first run."""
        self.near = Neighbours(self.settings, self._read_entry)
        reference = reference_of(self.settings.root, named)
        self.accepting = accepting(self.settings, self.library.rules, reference, named)
        self.adoption = open_adoption(self.settings, self.library.rules, reference) if first is self else first.adoption
        return self

    @property
    def neighbours(self) -> Neighbours:
        assert self.near is not None, "begin"
        return self.near

    def check(self, path: Path) -> list[DatasetReport]:
        """The reports of everything at one path. Files of entries are streamed; datasets with data are few enough to be listed."""
        if self.taker is not None:
            if os.path.isfile(path) and path.suffix.lower() in RECORDS:
                return self._take_file(path, self.taker)
            self.take = self.taker.open()
        found = self._changed(path) if self.settings.changed else self._find(path)
        workers = None
        if os.path.isdir(path):
            listed = list(found)
            self.neighbours.remember(listed)
            if self.adoption is not None:
                self.adoption.present |= self.neighbours.datasets.keys()
            workers, found = self._workers(listed), iter(listed)
        try:
            return self._check_found(path, found, workers)
        finally:
            if workers is not None:
                workers.stop()

    def _find(self, path: Path, wanted: Sequence[Path] | None = None) -> Iterator[Dataset]:
        return find_datasets(path, self.settings, self._read_entry, self._screen, wanted)

    def _changed(self, path: Path) -> Iterator[Dataset]:
        """Of the datasets at a path those that must be checked since something changed."""

        def code_of(document: Document, file: str) -> str:
            return str(self._read_entry(document, file)[0].canonical.get("identifier") or "")

        from govdata.extent import extent_of

        extent = extent_of(path, self.settings, partial(self._find, path), code_of)
        self.since.update(checked=extent.checked, total=extent.total)
        self.base = extent.base
        self.neighbours.know(path, extent.land)
        return extent.found

    def _workers(self, listed: list[Dataset]) -> Workers | None:
        """Other processes, where there is enough for them to do."""
        if jobs_of(self.settings) < 2 or not pays(listed):
            return None
        return start(self.settings, self.neighbours.datasets)

    def _check_found(self, path: Path, found: Iterator[Dataset], workers: Workers | None) -> list[DatasetReport]:
        records = Records(path.name)
        drafts = self._check_each(found, workers, records)
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

    def _check_each(self, found: Iterable[Dataset], workers: Workers | None, records: Records) -> dict[int, Draft]:
        """The drafts of datasets that wait for what others say, or the directory as a whole."""
        drafts: dict[int, Draft] = {}
        for dataset in found:
            if dataset.line:
                self._pass(dataset)
                records.count += 1
                if self.each:
                    self._keep(self._draft(self.count, dataset), drafts)
                continue
            draft = self._check_dataset(dataset, workers)
            if self.take is not None:
                self._keep(draft, drafts)
            elif dataset.kind != "record" or self._lists(records, draft) or self.each:
                drafts[draft.number] = draft
        return drafts

    def _take_file(self, path: Path, taker: Taker) -> list[DatasetReport]:
        """Have the lines of a file of entries taken, by several processes where that pays."""
        opened = partial(_looker, self.settings.with_jobs(1), path, taker.open)
        name, lines = visible(path.name), find_lines(path, self.settings)
        with contextlib.closing(look_through(name, lines, taker.recall, opened, jobs_of(self.settings))) as found:
            for seen in found:
                self.count += 1
                self.progress(self.count, f"{name}:{seen.line}", 0)
                standard = self.library.standard(seen.standard)
                self.used.setdefault(standard.id, standard)
                self.standards.append(standard)
                if seen.card is not None:
                    self.cards.append(seen.card if seen.card.number == self.count else seen.card._replace(number=self.count))
                self.taken.append(taker.keep(seen))
        whole = self._check_directory() if self.count else {}
        self.cards.clear()
        self._take_rest({}, whole)
        return []

    def look_at(self, path: Path, lines: Iterable[Line]) -> list[Seen]:
        """What becomes of some lines of a file of entries; nothing of it is remembered here."""
        first = self.count + 1
        self._check_each(read_records(path, lines, self.settings.max_entry, self._read_entry, self._screen), None, Records(path.name))
        cards = {card.number: card for card in self.cards}
        held = enumerate(zip(self.taken, self.standards, strict=True), first)
        seen = [Seen(taken, standard.id, cards.get(number)) for number, (taken, standard) in held]
        for remembered in (self.cards, self.taken, self.standards):
            remembered.clear()
        return seen

    def _lists(self, records: Records, draft: Draft) -> bool:
        """Whether a record is listed by itself; it is held against the baseline now, since it may be dropped."""
        collected = draft.collected
        if self.adoption is None:
            self.accepting.use(collected)
            return records.lists(collected.rules, collected.severities, collected.accepted_rules())
        report = self._close(draft, [])
        rules, accepted = ({rule: count.count for rule, count in counts.items()} for counts in (report.counts, report.accepted_counts))
        return records.lists(rules, report.severities, accepted)

    def _keep(self, draft: Draft, drafts: dict[int, Draft]) -> None:
        """Have a draft taken at once, where nobody is still at work on it; else put it among the drafts."""
        if self.take is not None:
            self.standards.append(draft.standard)
            self.taken.append(None if draft.waiting is not None else self._taken(draft))
        if self.take is None or draft.waiting is not None:
            drafts[draft.number] = draft

    def _taken(self, draft: Draft) -> Any:
        assert self.take is not None
        taken = self.take(draft.dataset, self._close(draft, []))
        return taken if self.taker is None else self.taker.keep(Seen(taken, draft.standard.id))

    def _take_rest(self, drafts: Mapping[int, Draft], whole: Mapping[int, list[Finding]]) -> None:
        """Have the drafts taken that others were at work on, then tell what the directory as a whole says."""
        assert self.taker is not None
        for number, draft in drafts.items():
            self.taken[number - 1] = self._taken(draft)
        for number, findings in whole.items():
            standard = self.standards[number - 1]
            said = self._close(self._begun(number, Dataset(Path(), "", "record"), standard), findings)
            self.taken[number - 1] = self.taker.amend(self.taken[number - 1], said)

    def _check_directory(self) -> dict[int, list[Finding]]:
        from govdata.checks.directory import check_directory

        grouped: dict[int, list[Finding]] = {}
        for number, finding in check_directory(self.cards):
            grouped.setdefault(number, []).append(finding)
        return grouped

    def _is_whole(self, path: Path, records: Records) -> bool:
        """Whether what was read can be judged as a directory: a file of entries, or a folder that is all of it."""
        if records.count:
            return True
        root = self.settings.root
        narrowed = self.since["checked"] < self.since["total"]
        if root is None:
            self.partial = self.partial or narrowed
            return len(self.cards) > 1 and not narrowed
        whole = os.path.isdir(path) and root.resolve().is_relative_to(path.resolve()) and not narrowed
        self.whole = self.whole or whole
        self.partial = self.partial or (bool(self.cards) and not whole)
        return whole

    def _light(self, card: Card, path: Path) -> Draft:
        """A record that was dropped because nothing was wrong with it alone, and that the directory has something to say of."""
        dataset = Dataset(path.parent, card.location, "record")
        return self._begun(card.number, dataset, self._standard_of({}), (card.identifier, card.title))

    def _draft(self, number: int, dataset: Dataset) -> Draft:
        """The draft of a record of which nothing needs to be said by itself."""
        standard = self._standard_of(dataset.entry.written if dataset.entry else {})
        return self._begun(number, dataset, standard)

    def _begun(self, number: int, dataset: Dataset, standard: Standard, told: tuple[str, str] = ("", "")) -> Draft:
        """A draft in which nothing stands yet but what was skipped; what is accepted of the dataset is known."""
        code = str(dataset.entry.canonical.get("identifier") or "") if dataset.entry else told[0]
        limit = self.settings.limit if self.adoption is None else None
        collected = Collected(standard, limit, self.settings.limit_each)
        if dataset.location:
            collected.records = self.accepting.of(dataset, code)
        collected.amounts = None if self.adoption is None else {}
        return Draft(number, dataset, standard, collected, list(dataset.skipped), told=told, adoption=self.adoption)

    def _read_entry(self, document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
        from govdata.reading.entries.translation import read_entry

        return read_entry(document, file, self._standard_of(document.value).codes)

    def _screen(self, written: Mapping[str, Any]) -> bool:
        from govdata.checks.screening import screen_of

        name = named_standard(written)
        if name and name not in self.library.layers:
            return False
        return screen_of(self._standard_of(written), self.settings.today).passes(written)

    def _pass(self, dataset: Dataset) -> None:
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
        name = named_standard(written) or self.settings.standard or DEFAULT
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
            find_dataset=lambda code: self.neighbours.find(code) if code else dataset,
            common=self.common,
            tick=lambda rows: self.progress(self.count, dataset.location, rows),
        )
        draft = self._begun(self.count, dataset, standard)
        for finding in dataset.findings:
            draft.collected.add(finding)
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
        name = named_standard(entry.written)
        if name and name not in self.library.layers:
            pointer = "/standard" if "standard" in entry.written else "/标准"
            line = entry.positions.places.get(pointer, (1, 1))[0]
            args = {"known": sorted(self.library.layers), "used": draft.standard.layers[-1].title}
            draft.collected.add(Finding("entry/unknown-standard", file=entry.file, pointer=pointer, line=line, value=name, args=args))
        for finding in itertools.chain(check_entry(entry, context, dataset.findings), check_freshness(entry, context)):
            draft.collected.add(finding)
        self._remember_card(draft.number, dataset)

    def _close(self, draft: Draft, whole: list[Finding]) -> DatasetReport:
        if draft.waiting is not None:
            draft.take(draft.waiting())
        for finding in whole:
            draft.collected.add(finding)
        self.accepting.use(draft.collected)
        return draft.report(self.settings.language)

    def report(self, reports: list[DatasetReport], named: Sequence[Path], said: Iterable[Finding] = ()) -> Report:
        """The report of the run; a run that found nothing to check is not a pass, unless nothing has changed."""
        language = self.settings.language
        if self.settings.standard:
            self.library.standard(self.settings.standard)  # one that does not exist is refused, also where every entry names its own
        unchanged = not reports and self.since["total"] > 0
        found = [] if unchanged else list(said)
        if not reports:
            self.used.setdefault((standard := self._standard_of(None)).id, standard)
        if not reports and not unchanged:
            found = [Finding("directory/empty", args={"path": self.named})]
        settings = {"fail_on": self.settings.fail_on, "limit": self.settings.limit, "strict": self.settings.strict}
        standards = [tell_standard(standard, language) for standard in self.used.values()]
        run: dict[str, Any] = {"today": self.settings.today.isoformat(), "language": language, "standards": standards, "settings": settings}
        if self.settings.changed:
            run["changed"] = {"ref": self.settings.changed, "base": self.base, **self.since}
        if self.adoption is not None:
            whole = any(self.adoption.covers(path) for path in named) and self.since["checked"] == self.since["total"]
            found += self.adoption.differences(self.used)
            run["baseline"] = self.adoption.close(self.used, whole, named)
        valid = (bool(reports) and all(report.valid for report in reports)) or unchanged
        skipped = (say(Skipped(self.named, "directory-partial"), language),) if self.partial else ()
        findings = tuple(finish(finding, self._standard_of(None), language) for finding in found)
        return Report(__version__, run, valid, tuple(reports), findings, skipped, rules=self._broken(reports, findings))

    def _broken(self, reports: list[DatasetReport], findings: tuple[Finding, ...]) -> Mapping[str, Mapping[str, Any]]:
        """What the rules that were broken say of themselves."""
        named = {rule for report in reports for rule in report.counts} | {finding.rule for finding in findings}
        known = {rule: standard.rules[rule] for standard in self.used.values() for rule in named & standard.rules.keys()}
        return {
            name: {"title": rule.title, "help": rule.help, "severity": rule.severity, "url": rule.source.url}
            for name, rule in sorted(known.items())
        }


def _looker(settings: Settings, path: Path, open_take: Callable[[], Take]) -> Look:
    """What looks at lines of a file of entries, in this process or another."""
    run = Run(settings, read_library(settings.content), lambda number, name, rows: None, each=True, take=open_take())
    return partial(run.begin(run, path).look_at, path)
