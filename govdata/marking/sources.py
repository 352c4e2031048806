"""From a report back to the files: where each dataset that has findings lies, and what its resources are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from govdata.classes import dataclass, field
from govdata.errors import ReadError
from govdata.reading.datasets import find_datasets
from govdata.reading.documents.yaml import Document
from govdata.reading.encodings.octets import fingerprint
from govdata.reading.paths import Reference, locate, visible
from govdata.settings import Settings, find_root, read_settings
from govdata.standards import Library, Standard, read_library
from govdata.values import Dataset, DatasetReport, Entry, Finding


@dataclass(slots=True)
class Finder:
    """Looks for datasets below what the user named; the rules of a directory are read once."""

    paths: Sequence[Path]
    known: dict[Path | None, tuple[Settings, Library]] = field(default_factory=dict)

    def find(self, report: DatasetReport) -> tuple[Dataset, Settings] | None:
        """Give the dataset of a report: that of its name whose entry or table is, byte for byte, the one that was checked."""
        for path in candidates(self.paths, report):
            try:
                if report.entry and fingerprint(path)[1] != report.entry["sha256"]:
                    continue
                settings, library = self._rules(find_root(path.parent))
                found = next(find_datasets(path, settings, partial(_read_entry, library.standard(report.standard))), None)
            except (OSError, ReadError):
                continue
            if found is not None:
                return found, settings
        return None

    def _rules(self, root: Path | None) -> tuple[Settings, Library]:
        if root not in self.known:
            settings = read_settings(root, {})
            self.known[root] = settings, read_library(settings.content)
        return self.known[root]


def _read_entry(standard: Standard, document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
    from govdata.reading.entries.translation import read_entry

    return read_entry(document, file, standard.codes)


def candidates(paths: Sequence[Path], report: DatasetReport) -> Iterator[Path]:
    """Give the files that may be the entry of a dataset, or its one table, by how the report names them."""
    name = report.entry["file"] if report.entry else ""
    for path in paths:
        if not path.is_dir():
            if visible(path.name) == (name or report.path):
                yield path
        elif name:
            # a dataset that is the whole of a directory is called by that one's name
            outer, _, last = report.path.rpartition("/")
            above = [outer] if last == (outer.rpartition("/")[2] or visible(path.resolve().name or ".")) else []
            found = (locate(path, Reference(f"{folder}/{name}".lstrip("/"), "")).path for folder in (report.path, *above))
            yield from (one for one in found if one is not None)
