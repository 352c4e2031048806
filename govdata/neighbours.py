"""The datasets of a directory by their codes, for foreign keys: those that are checked, and others that are looked for when asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Set
from pathlib import Path
from typing import TYPE_CHECKING

from govdata.checks.schema import foreign_keys_of
from govdata.classes import dataclass, field
from govdata.reading.datasets import find_datasets
from govdata.reading.documents.records import EntryReader
from govdata.settings import Settings
from govdata.values import Dataset

if TYPE_CHECKING:
    from govdata.extent import Landscape


@dataclass(slots=True)
class Neighbours:
    """What is known of a directory's datasets."""

    settings: Settings
    read_entry: EntryReader
    datasets: dict[str, Dataset] = field(default_factory=dict)
    """By code; of several with one code the first."""
    searched: set[str] = field(default_factory=set)
    """Codes that the whole directory was looked through for."""
    base: Path | None = None
    """The directory, as the landscape names it."""
    land: Landscape | None = None

    def know(self, path: Path, land: Landscape | None) -> None:
        """Take a landscape that was looked at already, where it is that of the whole directory."""
        root = self.settings.root
        if land is not None and root is not None and os.path.realpath(path) == os.path.realpath(root):
            self.base, self.land = path, land

    def remember(self, found: Iterable[Dataset]) -> None:
        """Know datasets by their codes, and look at once for everything that their foreign keys lead to."""
        known = list(found)
        self._put(known)
        keys = (key for dataset in known for resource in dataset.resources for key in foreign_keys_of(resource.schema or {}))
        self.search({key.dataset for key in keys if key.dataset})

    def _put(self, found: Iterable[Dataset]) -> None:
        for dataset in found:
            identifier = str(dataset.entry.canonical.get("identifier") or "") if dataset.entry else ""
            if identifier:
                self.datasets.setdefault(identifier, dataset)

    def find(self, code: str) -> Dataset | None:
        """A dataset of the directory by its code, even where only a part of the directory is checked."""
        self.search({code})
        return self.datasets.get(code)

    def search(self, codes: Set[str]) -> None:
        """Read the datasets of the directory that may have one of the codes, where they are not known yet."""
        wanted = codes - self.datasets.keys() - self.searched
        root = self.settings.root
        if not wanted or root is None:
            return
        self.searched |= wanted
        if self.base is None or self.land is None:
            from govdata.extent import landscape_of

            self.base, self.land = root, landscape_of(root, self.settings)
        folders = self.land.ordered(self.land.mentioning(wanted))
        self._put(find_datasets(self.base, self.settings, self.read_entry, wanted=folders))
