"""What a site is made of: each part gives files from values, the building writes them. Parts know nothing of folders, links or processes.

A part has up to three functions. All run in worker processes, see no clock, and give the same for the same values:

- `dataset(record, portal, titles)`: the files of one dataset. `titles`: code → title of the related datasets that are on the site.
  `portal.moment` is the epoch there and its standards are empty: a dataset's files follow from its record, not from the others.
- `data(material)`: writes the downloads of a dataset below its folder and gives its resources with `downloads` and `preview`.
- `site`: tasks that give files of the site as a whole: lists, search, feeds, catalogs. Processes share them, each makes some.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from govdata.checks.context import CheckContext
from govdata.classes import dataclass, field
from govdata.graph.literals import clean
from govdata.publishing.identity import keyed
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.documents import load
from govdata.publishing.site.overview import Overview
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record, Shown, Summary
from govdata.publishing.site.state import Read, summaries
from govdata.values import Dataset, DatasetReport, Resource


class SiteFile(NamedTuple):
    """A file of the site."""

    path: str
    """From the site's root, with `/`."""
    content: bytes | Callable[[], bytes | Iterable[bytes]]
    """Bytes; or what gives them, in one or many pieces, when they are needed."""
    key: str = ""
    """A digest of all that the content follows from, the portal aside. Where it is as it was, the old file stays and is not made."""


class Piece(NamedTuple):
    """A part of a file that comes in pieces, between which pieces of others may come; each belongs behind those that came before."""

    path: str
    content: bytes


class Kept(NamedTuple):
    """A file of the old site that stays as it is."""

    path: str


@dataclass(frozen=True, slots=True)
class Material:
    """The data of a dataset, and where its downloads are to be written."""

    dataset: Dataset
    report: DatasetReport
    record: Record
    """As it is on the site so far, without downloads and previews."""
    context: CheckContext
    portal: Portal
    folder: Path
    """The dataset's folder on the new site: `Download.name` is below it. Folders in it are to be made."""


@dataclass(frozen=True, eq=False)
class Whole:
    """What there is for files of the site as a whole. Everything is read when asked for, so that a process holds only what it needs."""

    portal: Portal
    folder: Path
    """The new site: files of datasets that changed are there."""
    old: Path | None
    """The site as it was; `None` where there is none."""
    listing: Path
    """The file in which the summaries are (`state.summaries`)."""
    before: Mapping[str, str] | None = None
    """Code → key of the datasets that the old site shows; `None` where there is none of which all files are known."""
    known: Read | None = None
    """Summaries that this process has read already."""
    told: list[Shown] = field(default_factory=list)
    """All datasets, where this process knows them without reading summaries; else nothing."""

    def summaries(self) -> Iterator[Summary]:
        """Of all datasets: those that are published or held, newest first (then by code), and after them the withdrawn ones."""
        return summaries(self.listing, self.known)

    @functools.cached_property
    def shown(self) -> Sequence[Shown]:
        """The datasets that are not withdrawn, in the order of their codes. Does not need all summaries to be read."""
        if not self.told:
            return self.overview.by_code
        return sorted((item for item in self.told if item.state != "withdrawn"), key=lambda item: item.code)

    @functools.cached_property
    def same(self) -> frozenset[str]:
        """Codes of the datasets that the old site shows as they are shown now."""
        before = self.before or {}
        return frozenset(item.code for item in self.shown if before.get(item.code) == item.key)

    @functools.cached_property
    def overview(self) -> Overview:
        """All summaries, read once by each process that needs them all."""
        return Overview(self.summaries(), self.portal)

    def record(self, summary: Summary) -> Record:
        """The record of a dataset, from its `index.json`."""
        return load(self.place(f"{dataset_folder(summary.code)}/index.json"))

    def place(self, path: str) -> Path:
        """Where a file of a dataset is now: on the new site, or still on the old one."""
        there = self.folder / path
        return there if self.old is None or there.exists() else self.old / path

    def read(self, path: str) -> bytes:
        """A file of a dataset."""
        # Each dataset has several that are asked for, so they are opened without more ado.
        for folder in (self.folder, self.old):
            try:
                with open(f"{folder}/{path}", "rb", buffering=0) as file:
                    return file.read()
            except FileNotFoundError:
                if folder is self.old or self.old is None:
                    raise
        raise FileNotFoundError(path)


class Task(NamedTuple):
    """Some files of the site as a whole, made by one process at once."""

    make: Callable[[Whole], Iterable[SiteFile | Piece | Kept]]
    effort: int
    """About how long it takes next to the others: the longest are begun first, so that all processes end at about the same time."""
    early: bool = False
    """It follows from the portal alone, so it can be done before the datasets are known."""
    is_light: bool = False
    """It asks for no summaries: of what `Whole` tells of datasets, `shown` and `same` will do."""
    ready: Callable[[Portal], None] | None = None
    """Loads what takes long to load, for a process that has nothing else to do yet."""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of files."""

    name: str
    key: Callable[[Portal], str] = lambda portal: ""
    """A digest of what its files follow from besides records and portal: templates, styles, scripts. The program's version counts too."""
    dataset: Callable[[Record, Portal, Mapping[str, str]], Iterable[SiteFile]] | None = None
    data: Callable[[Material], tuple[Record, Iterable[str]]] | None = None
    """Gives the record with its downloads, and the names of all files that were written below the dataset's folder."""
    site: tuple[Task, ...] = ()


def sources_of(record: Record, dataset: Dataset) -> list[Resource | None]:
    """What in the directory each resource of a record is of."""
    declared = {clean(key): source for key, source in keyed(dataset).items()}
    return [declared.get(item.key) for item in record.resources]
