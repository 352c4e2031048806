"""Which datasets are to be checked when only what has changed is: found from names and texts, rather too many than too few."""

from __future__ import annotations

import bisect
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

from govdata.changes import Changes, read_changes, read_old
from govdata.checks.schema import foreign_keys_of
from govdata.classes import dataclass
from govdata.reading.datasets import ENTRIES, RECORDS, find_folders
from govdata.reading.documents.opening import parse_json
from govdata.reading.documents.yaml import Document, Limits, parse
from govdata.reading.resources.datapackage import FILE as PACKAGE
from govdata.settings import FILE, Settings
from govdata.values import Dataset

_DATA = frozenset(
    f".{name}"
    for name in (
        *("csv", "tsv", "tab", "xlsx", "xlsm", "xls", "et", "ods", "parquet", "db", "sqlite", "sqlite3", "duckdb", "dbf", "shp"),
        *("pdf", "doc", "docx", "wps", "zip", "gz", "7z", "rar", "png", "jpg", "jpeg", "tif", "tiff", "mp4"),
    )
)
"""Ends of names of files in which no entry, package or schema stands."""
_DATASET = frozenset((*ENTRIES, PACKAGE))
"""Names of files of which one makes a folder a dataset."""
_NOISE = frozenset((".ds_store", "thumbs.db", "desktop.ini"))
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(/)|\r?\n[ \t]*)")


@dataclass(frozen=True, slots=True)
class Landscape:
    """The datasets of a directory by their folders, in order, each with the files in which its entry and schemas may stand."""

    documents: Mapping[Path, Sequence[str]]
    limit: int
    """Bytes from which a file is no document."""

    def ordered(self, folders: Set[Path]) -> list[Path]:
        """Folders in the order of the directory."""
        return [folder for folder in self.documents if folder in folders]

    def mentioning(self, codes: Collection[str] | None, aside: Set[Path] = frozenset()) -> frozenset[Path]:
        """The folders in whose documents a code may stand; `None`: any foreign key."""
        wanted = None if codes is None else [code for code in codes if code]
        if wanted == []:
            return frozenset()
        return frozenset(
            folder
            for folder, files in self.documents.items()
            if folder not in aside and any(self._mentions(file, wanted) for file in files)
        )

    def _mentions(self, file: str, codes: Sequence[str] | None) -> bool:
        try:
            with open(file, "rb", buffering=0) as opened:
                if os.fstat(opened.fileno()).st_size > self.limit:
                    return False
                return mentions(opened.read(), codes)
        except (OSError, ValueError):
            return True


def mentions(data: bytes, codes: Sequence[str] | None) -> bool:
    """Whether one of the codes may stand in a document, or any foreign key (`None`): yes perhaps where it does not, never the reverse."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    if "\0" in text:
        return True
    if "\\" in text:
        text += _ESCAPE.sub(_unescaped, text)
    if codes is None:
        return "foreignKey" in text or "外键" in text
    if any(re.search(r"[\s\\'\"]", code) for code in codes):
        # Written with escapes or over several lines, such a code need not stand there as it is.
        return True
    return any(code in text for code in codes)


def _unescaped(match: re.Match[str]) -> str:
    number = match[1] or match[2] or match[3]
    if number is None:
        return match[4] or ""
    value = int(number, 16)
    return chr(value) if value <= 0x10FFFF else ""


def landscape_of(path: Path, settings: Settings) -> Landscape:
    """The datasets below a folder, without reading them."""
    owners: dict[Path, Path | None] = {}
    documents: dict[Path, list[str]] = {}
    for folder, files in find_folders(path, settings):
        holds = not _DATASET.isdisjoint(files)
        owner = folder if holds else owners.get(folder.parent)
        owners[folder] = owner
        if holds:
            documents[folder] = []
        if owner is not None:
            start = os.path.join(folder, "")
            documents[owner] += [start + name for name in files if os.path.splitext(name)[1].lower() not in _DATA]
    return Landscape(documents, settings.max_entry)


@dataclass(frozen=True, slots=True)
class Extent:
    """The datasets to be checked since something changed."""

    found: Iterator[Dataset]
    checked: int
    total: int
    """Of so many that there are."""
    base: str
    """The commit since which."""
    land: Landscape | None = None
    """The datasets at a folder."""


Find = Callable[[Sequence[Path] | None], Iterator[Dataset]]
"""Gives the datasets at a path: all, or those in some folders, in their order."""


def extent_of(path: Path, settings: Settings, find: Find, code_of: Callable[[Document, str], str]) -> Extent:
    """What at a path changes make it necessary to check: datasets with a changed file, those with a foreign key to one of them, and
    all of them where the settings, rules, lists or a file that holds for all has changed.

    `code_of` gives the code of an entry. Raises as `read_changes` does.
    """
    whole = os.path.isdir(path)
    changes = read_changes(path if whole else path.parent, settings.changed)
    if not whole:
        alone = None if path.suffix.lower() in RECORDS else next(find(None), None)
        touched = is_touched(path, settings, changes, alone if alone is None or alone.kind != "table" else None)
        return Extent(find(None) if touched else iter(()), int(touched), 1, changes.base)
    land = landscape_of(path, settings)
    total = len(land.documents)
    if _all_changed(path, settings, changes):
        return Extent(find(None), total, total, changes.base, land)
    folders = frozenset(_touched(path, land, changes))
    listed = list(find(land.ordered(folders)))
    codes = _codes(changes, listed, code_of, settings)
    candidates = land.mentioning(codes, aside=folders)
    near = {dataset.path for dataset in find(land.ordered(candidates)) if _refers(dataset, codes)}
    if near:
        listed = list(find(land.ordered(folders | near)))
    return Extent(iter(listed), len(listed), total, changes.base, land)


def is_touched(path: Path, settings: Settings, changes: Changes, dataset: Dataset | None) -> bool:
    """Whether a single named file must be checked; `dataset`: what stands in it, where that is an entry or a package."""
    if _all_changed(path.parent, settings, changes):
        return True
    place = _place(path, changes)
    if dataset is None:
        return any(place == name or place.startswith(name.rstrip("/") + "/") for name in changes.paths)
    folder = place.rpartition("/")[0]
    changed = any(
        not folder or name.rstrip("/") == folder or name.startswith(f"{folder}/") or folder.startswith(name) for name in changes.paths
    )
    # Of what it refers to elsewhere nobody has looked whether it changed.
    return changed or (bool(changes.paths) and _refers(dataset, None))


def _all_changed(path: Path, settings: Settings, changes: Changes) -> bool:
    """Whether something changed that all datasets depend on, or of which git cannot tell."""
    place = _place(path, changes)
    above = {f"{folder}/{FILE}".lstrip("/") for folder in (place, *(place[:at] for at, sign in enumerate(place) if sign == "/"), "")}
    if not above.isdisjoint(changes.paths):
        return True
    for file in (settings.content, settings.schema):
        if file is not None:
            inside = Path(os.path.realpath(file)).is_relative_to(changes.top)
            if not inside or _has_changed(_place(file, changes), changes):
                return True
    baseline = settings.baseline
    return baseline is not None and baseline != settings.write_baseline and _has_changed(_place(baseline, changes), changes)


def _has_changed(place: str, changes: Changes) -> bool:
    if not place:
        return bool(changes.paths)
    names = (name.rstrip("/") for name in changes.paths)
    return any(name == place or name.startswith(f"{place}/") or place.startswith(f"{name}/") for name in names)


def _place(path: Path, changes: Changes) -> str:
    """A path as git names it; that of the top is empty."""
    found = os.path.relpath(os.path.realpath(path), changes.top).replace(os.sep, "/")
    return "" if found == "." else found


def _touched(path: Path, land: Landscape, changes: Changes) -> Iterator[Path]:
    start, length = _place(path, changes), len(os.path.join(path, "")) if path.parts else 0
    folders = {f"{start}/{str(folder)[length:]}".strip("/").replace(os.sep, "/"): folder for folder in land.documents}
    ordered = sorted(folders)
    for path_changed in changes.paths:
        name = path_changed.rstrip("/")
        last = name.rpartition("/")[2].lower()
        if last in _NOISE or last.startswith("~$"):
            continue
        above = next((folder for folder in _upwards(name) if folder in folders), None)
        if above is not None:
            yield folders[above]
        for folder in ordered[bisect.bisect_left(ordered, f"{name}/") :]:
            if not folder.startswith(f"{name}/"):
                break
            yield folders[folder]


def _upwards(name: str) -> Iterator[str]:
    yield name
    while name:
        name = name.rpartition("/")[0]
        yield name


def _codes(changes: Changes, now: Iterable[Dataset], code_of: Callable[[Document, str], str], settings: Settings) -> set[str] | None:
    """The codes that the changed datasets have and had; `None` where one cannot be told."""
    found = {str(dataset.entry.canonical.get("identifier") or "") for dataset in now if dataset.entry is not None}
    names = {name for name in changes.paths if name.rpartition("/")[2] in (*ENTRIES, PACKAGE)}
    for name, data in read_old(changes, names).items():
        if name.endswith(PACKAGE):
            return None
        limits = Limits(size=settings.max_entry)
        document = parse_json(data, name, limits) if name.endswith((".json", ".jsonld")) else parse(data, name, limits)
        if not document.readable or not isinstance(document.value, Mapping):
            return None
        found.add(code_of(document, name))
    return found - {""}


def _refers(dataset: Dataset, codes: Collection[str] | None) -> bool:
    """Whether a foreign key of a dataset leads to one of the codes, or to any other dataset (`None`)."""
    keys = (key for resource in dataset.resources for key in foreign_keys_of(resource.schema or {}))
    return any(key.dataset and (codes is None or key.dataset in codes) for key in keys)
