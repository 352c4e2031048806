"""What worker processes do in a build: the files of datasets, links to those that stay, and the files of the site as a whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from govdata.cache import digest_of
from govdata.checks.context import CheckContext
from govdata.classes import dataclass, field, replace
from govdata.errors import PublishError
from govdata.publishing.site import documents
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.assembly import PARTS
from govdata.publishing.site.cards import Place, SpoolReader, Waiting, party_facts
from govdata.publishing.site.describing import held, published, tombstone
from govdata.publishing.site.output import Folders, keep, write, write_or_keep
from govdata.publishing.site.parts import Kept, Material, Piece, SiteFile, Whole, sources_of
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.preparing import bare
from govdata.publishing.site.records import Record, Version, summary_of
from govdata.publishing.site.seals import Pair
from govdata.publishing.site.spare import moved
from govdata.publishing.site.state import Actual, Known, shortened
from govdata.settings import Settings
from govdata.standards import Library, read_library
from govdata.values import Dataset

DATA = "data/"
"""Where below its folder the downloads of a dataset are."""


class Job(NamedTuple):
    """One dataset whose files are to be made."""

    code: str
    kind: str
    """As of `preparing.Work`, without `same`; of a tombstone of which only the history knows, `record` has what it knows."""
    state: str
    key: str
    titles: Mapping[str, str]
    versions: tuple[Version, ...]
    path: str
    """Its folder in the directory."""
    source: str
    remarks: str
    data: str
    place: Place | None
    known: Known | None
    record: Record | None
    rule: str


class Done(NamedTuple):
    """A dataset whose files were made."""

    known: Known
    """Without the places of its line and summary."""
    summary: bytes


@dataclass(frozen=True, slots=True)
class Means:
    """What all processes of a build know."""

    settings: Settings
    portal: Portal
    folders: Folders
    spool: Path
    whole: Whole
    there: frozenset[str] = frozenset()
    """Files of the site as a whole that the stage has as the old site has them."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Path → key of files of the old site as a whole, as far as they count."""


Seen = tuple[Actual, Mapping[str, Pair]]
"""What the old site says of itself, and the stamps of datasets' folders as they were when they were looked at, as of `spare.Looked`."""


class Hands:
    """One process at work."""

    def __init__(self, means: Means, seen: Seen | None = None) -> None:
        self.means = means
        self._seen = seen
        self.portal = bare(means.portal)
        self._library: Library | None = None
        self._spool = SpoolReader(means.spool)

    def close(self) -> None:
        """Let go of what is open."""
        self._spool.close()

    def datasets(self, jobs: Sequence[Job]) -> list[Done]:
        """Make the files of some datasets."""
        return [self._dataset(job) for job in jobs]

    def links(self, paths: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        """Take over the files of datasets that stay. `paths`: code, and files with `@`."""
        for code, files in paths:
            folder = dataset_folder(code)
            for path in files:
                keep(self.means.folders, path.replace("@", folder, 1))

    def whole(self, part: int, task: int) -> list[tuple[str, str]]:
        """Make files of the site as a whole; gives their paths and keys."""
        begun: set[str] = set()
        return [self._file_of_site(file, begun) for file in PARTS[part].site[task].make(self.means.whole)]

    def moved(self, part: int, parts: int) -> list[str] | None:
        """Codes of datasets whose folders on the old site have changed since both processes know of them; `None` where they do not.

        Of so many parts of all datasets one is looked at.
        """
        if self._seen is None:
            return None
        actual, pairs = self._seen
        return moved(self.means.folders.site, actual, dict(itertools.islice(pairs.items(), part, None, parts)))

    def _file_of_site(self, file: SiteFile | Piece | Kept, begun: set[str]) -> tuple[str, str]:
        folders, keys = self.means.folders, self.means.keys
        if isinstance(file, Kept):
            self._keep(file.path)
            return file.path, keys.get(file.path, "")
        if isinstance(file, Piece):
            write(folders, file.path, file.content, more=file.path in begun)
            begun.add(file.path)
            return file.path, ""
        if file.key and keys.get(file.path) == file.key and (file.path in self.means.there or (folders.site / file.path).is_file()):
            self._keep(file.path)
            return file.path, file.key
        content = file.content if isinstance(file.content, bytes) else file.content()
        if isinstance(content, bytes):
            write_or_keep(folders, file.path, content)
        else:
            write(folders, file.path, content)
        return file.path, file.key

    def _keep(self, path: str) -> None:
        """Take over a file of the site as a whole, unless it is there."""
        if path not in self.means.there:
            keep(self.means.folders, path)

    def _dataset(self, job: Job) -> Done:
        waiting = self._waiting(job)
        record, recipe, data = self._with_data(job, waiting, waiting.record)
        files = shortened(tuple(dict.fromkeys((*self._files(job, record), *data))), record.code)
        resources = tuple([(item.id, item.key, item.sha256, recipe if item.sha256 else "") for item in record.resources])
        shown = record.state != "withdrawn"
        known = Known(
            code=job.code,
            path=job.path,
            title=record.title,
            publisher=party_facts(record.publisher),
            state=record.state,
            source=job.source,
            digest=record.digest,
            data=job.data,
            remarks=job.remarks,
            key=job.key,
            modified=record.modified,
            related=record.related if shown else (),
            files=tuple(dict.fromkeys(files)),
            resources=resources,
            line=0,
            at=0,
            size=0,
        )
        return Done(known, documents.summary_line(summary_of(record, job.key)))

    def _waiting(self, job: Job) -> Waiting:
        """The record that the files are made from."""
        if job.kind == "new":
            assert job.place is not None
            return self._spool.read(job.place, job.versions)
        record = job.record or documents.load(self.means.folders.site / dataset_folder(job.code) / "index.json")
        if job.kind == "tombstone":
            record = tombstone(record, job.rule)
        else:
            record = held(record) if job.state == "held" else published(record) if job.state == "published" else record
        return Waiting(replace(record, versions=job.versions), None, None)

    def _files(self, job: Job, record: Record) -> Iterator[str]:
        for part in PARTS:
            for file in part.dataset(record, self.portal, job.titles) if part.dataset else ():
                content = file.content if isinstance(file.content, bytes) else file.content()
                if not isinstance(content, bytes):
                    write(self.means.folders, file.path, content)
                elif job.known is not None:
                    write_or_keep(self.means.folders, file.path, content)
                else:
                    write(self.means.folders, file.path, content)
                yield file.path

    def _with_data(self, job: Job, waiting: Waiting, record: Record) -> tuple[Record, str, list[str]]:
        """The record with its downloads and previews, what they were made from, and the files below the dataset's folder."""
        before = next((recipe for _, _, _, recipe in job.known.resources if recipe), "") if job.known is not None else ""
        if record.state == "withdrawn":
            return record, "", []
        if job.kind != "new":
            return record, before, self._kept(job)
        parts = [part.data for part in PARTS if part.data is not None]
        if waiting.dataset is None or waiting.report is None or not parts or not any(item.sha256 for item in record.resources):
            return record, "", []
        recipe = self._recipe(waiting.dataset, record)
        if before == recipe and job.known is not None:
            old = documents.load(self.means.folders.site / dataset_folder(job.code) / "index.json")
            return _as_before(record, old), recipe, self._kept(job)
        context = CheckContext(self.means.settings, self._standard(waiting.report.standard))
        folder = self.means.folders.stage / dataset_folder(record.code)
        names: list[str] = []
        for part in parts:
            record, written = part(Material(waiting.dataset, waiting.report, record, context, self.portal, folder))
            names += written
        for item in record.resources:
            for download in item.downloads:
                if download.kind == "original" and download.sha256 != item.sha256:
                    raise PublishError("file-moved", file=item.file, what="SHA-256")
        return record, recipe, [f"{dataset_folder(record.code)}/{name}" for name in names]

    def _kept(self, job: Job) -> list[str]:
        """The files of the data of a dataset that stay as they are."""
        assert job.known is not None
        folder = dataset_folder(job.code)
        found = [path.replace("@", folder, 1) for path in job.known.files if path.startswith(f"@/{DATA}")]
        for path in found:
            keep(self.means.folders, path)
        return found

    def _recipe(self, dataset: Dataset, record: Record) -> str:
        """A digest of all that a dataset's downloads are made from."""
        told: list[object] = [self.portal.safe_csv, [part.key(self.means.portal) for part in PARTS if part.data]]
        for item, source in zip(record.resources, sources_of(record, dataset), strict=True):
            if item.sha256 and source is not None:
                read = [source.file, source.format, source.sheet, source.encoding, repr(source.dialect), source.schema]
                told.append([item.sha256, item.id, read])
        return digest_of(told)[:32]

    def _standard(self, name: str) -> Any:
        if self._library is None:
            self._library = read_library(self.means.settings.content)
        return self._library.standard(name)


def _as_before(record: Record, old: Record) -> Record:
    """A record with the downloads, the previews and what was said of them as they are on the old site."""
    known = {item.id: item for item in old.resources}
    resources = tuple(
        replace(item, downloads=known[item.id].downloads, preview=known[item.id].preview) if item.sha256 else item
        for item in record.resources
    )
    said = tuple(remark for remark in old.remarks if not remark.rule and remark not in record.remarks)
    return replace(record, resources=resources, remarks=(*record.remarks, *said))


_HANDS: list[Hands] = []


def begin(means: Means) -> None:
    """Make a process ready."""
    _HANDS[:] = [Hands(means)]


def work(name: str, *given: Any) -> Any:
    """Have this process do one of the methods of `Hands`."""
    return getattr(_HANDS[0], name)(*given)
