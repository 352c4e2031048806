"""Marked workbooks of a report: for each file with findings the officer's own workbook, or one with the values of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO

from govdata.classes import dataclass
from govdata.formats.characters import visible
from govdata.marking.container import read_part
from govdata.marking.editing import edit_workbook
from govdata.marking.folder import Folder, close_folder, open_folder, write_into
from govdata.marking.marks import FileReport, report_of_file
from govdata.marking.package import TYPES, suffix_of
from govdata.marking.sources import Finder
from govdata.marking.summary import Outcome, Run
from govdata.marking.tables import Table, write_tables
from govdata.messages import text
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.encodings.octets import fingerprint
from govdata.reading.sources import TableSource
from govdata.reading.tables import WORKBOOKS, open_table
from govdata.reading.workbooks.archive import limits_of, open_archive
from govdata.reading.workbooks.opening import recognise
from govdata.reading.workbooks.sheets import Refusal
from govdata.reading.workbooks.xlsx import main_part
from govdata.settings import Settings
from govdata.values import DatasetReport, Report, Resource


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked workbook that was written."""

    path: Path
    dataset: str
    """As the report names it."""
    file: str
    """The file that was checked, relative to the dataset."""
    cells: int
    """Coloured."""
    notes: int
    """Comments."""
    said: tuple[str, ...] = ()
    """What could not be kept or shown: sentences, which stand on its first sheet too."""
    kept: Path | None = None
    """A file of its name that was left alone, for which it was called otherwise."""


@dataclass(frozen=True, slots=True)
class Marking:
    """What became of the files with findings."""

    files: tuple[Marked, ...]
    left: tuple[str, ...] = ()
    """Of which files no workbook was written, and why: sentences."""
    gone: tuple[Path, ...] = ()
    """Workbooks of an earlier run that were taken away: their files have no findings any more."""


def mark(report: Report, *paths: str | Path, folder: str | Path, language: str | None = None) -> Marking:
    """Write marked workbooks into a folder: one for each file of a dataset in which something was found.

    `report` is what `validate(*paths)` gave; the files are found again from the same paths and must be, byte for byte, those
    that were checked. The folder is new, empty, or one that this wrote before. An XLSX workbook is marked in a copy of itself;
    CSV, XLS and ODS become a workbook of values. The workbooks hold the original data. Raises `ReadError` where the folder
    is not ours or cannot be written.
    """
    chosen = language or str(report.run.get("language", "zh-CN"))
    finder, target = Finder([Path(path) for path in paths] or [Path()]), open_folder(Path(folder))
    made = _Marker(target, Run(report.run, report.govdata), chosen)
    for dataset in report.datasets:
        made.take(dataset, finder)
    gone = close_folder(target, frozenset(dataset.path for dataset in report.datasets))
    return Marking(tuple(made.files), tuple(made.left), tuple(gone))


class _Marker:
    """Goes from dataset to dataset."""

    def __init__(self, folder: Folder, run: Run, language: str) -> None:
        self.files: list[Marked] = []
        self.left: list[str] = []
        self._folder, self._run, self._language = folder, run, language

    def take(self, dataset: DatasetReport, finder: Finder) -> None:
        """Write the workbooks of a dataset."""
        known = {resource.file for resource in dataset.resources}
        files = [file for file in dict.fromkeys(finding.file for finding in dataset.findings) if file in known]
        if not files:
            return
        found = finder.find(dataset)
        if found is None:
            self._leave("left-not-found", dataset.path)
            return
        for file in files:
            resources = [resource for resource in found[0].resources if resource.file == file]
            self._take_file(dataset, file, resources, found[1])

    def _take_file(self, dataset: DatasetReport, file: str, resources: Sequence[Resource], settings: Settings) -> None:
        named = f"{dataset.path}/{file}" if dataset.path != file else file
        digest = next((resource.sha256 for resource in dataset.resources if resource.file == file and resource.sha256), "")
        if resources and resources[0].format in DATABASES:
            self._leave("left-database", named)
            return
        try:
            now = fingerprint(resources[0].path)[1] if resources else ""
        except OSError:
            now = ""
        if not now:
            self._leave("left-missing", named)
        elif digest and now != digest:
            self._leave("left-changed", named)
        else:
            self._write(report_of_file(dataset, file, self._language), resources, settings)

    def _leave(self, key: str, file: str) -> None:
        self.left.append(text(f"workbook.{key}", self._language, {"file": visible(file)}))

    def _write(self, report: FileReport, resources: Sequence[Resource], settings: Settings) -> None:
        job, outcomes = _Job(report, tuple(resources), settings, self._run), list[Outcome]()

        def fill(file: IO[bytes]) -> str:
            outcome, suffix = _fill(job, file)
            outcomes.append(outcome)
            place = "" if report.dataset.path == report.file else report.dataset.path
            return f"{place}/{_name(report.file, suffix, report.language)}"

        path, kept = write_into(self._folder, report.dataset.path, fill)
        outcome = outcomes[-1]
        self.files.append(Marked(path, report.dataset.path, report.file, outcome.cells, outcome.notes, outcome.said, kept))


@dataclass(frozen=True, slots=True)
class _Job:
    """A file that is to be marked."""

    report: FileReport
    resources: tuple[Resource, ...]
    settings: Settings
    run: Run


def _name(file: str, suffix: str, language: str) -> str:
    """The name of a marked workbook: never that of the file itself, and another for each of `a.csv` and `a.xlsx`."""
    mark = text("workbook.file-mark", language)
    return f"{file.rpartition('.')[0]}.{mark}{suffix}" if suffix else f"{file}.{mark}.xlsx"


def _fill(job: _Job, file: IO[bytes]) -> tuple[Outcome, str]:
    """Write the marked workbook, and give what it came to with the ending of a workbook that could be edited."""
    resource, said = job.resources[0], list[str]()
    limits = limits_of(job.settings)
    if resource.format in WORKBOOKS:
        try:
            if recognise(resource.path, limits) == "xlsx":
                with closing(open_archive(resource.path, limits)) as archive:
                    suffix = suffix_of(read_part(archive, TYPES), main_part(archive))
                    return edit_workbook(archive, job.report, job.run, file), suffix
        except Refusal as refusal:
            file.seek(0)
            file.truncate()
            part = str(refusal.arguments.get("part") or resource.file)
            said.append(text("workbook.note-refused", job.report.language, {"part": visible(part)}))
    tables = [] if said else list(_tables(job))
    if tables and resource.format in WORKBOOKS:
        said.append(text("workbook.note-values", job.report.language, {"format": resource.format.upper()}))
    return write_tables(tables, job.report, job.run, file, said), ""


def _tables(job: _Job) -> Iterator[Table]:
    """The tables of a file that can be read, each once."""
    seen = set()
    for resource in job.resources:
        source = open_table(resource, job.settings)
        if isinstance(source, TableSource) and source.info.sheet not in seen:
            seen.add(source.info.sheet)
            title = source.info.sheet or resource.path.stem or text("workbook.sheet-values", job.report.language)
            yield Table(source.info.sheet, title, source.stream(), max(resource.dialect.header_rows, default=0))
