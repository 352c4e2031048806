"""Discovery: from what the user names to datasets, in a fixed order, without leaving the folder."""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Protocol

from govdata.classes import dataclass, replace
from govdata.errors import EngineError, ReadError
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.documents.opening import read_document, require_object
from govdata.reading.documents.records import EntryReader, Screen, read_lines, read_records
from govdata.reading.documents.yaml import Document, Limits
from govdata.reading.paths import Reference, locate, unportable, visible
from govdata.reading.resources.datapackage import FILE as PACKAGE
from govdata.reading.resources.datapackage import read_package
from govdata.reading.resources.declarations import TABLES, Found, default_dialect, format_of, read_resources
from govdata.reading.resources.schemafiles import read_schema_file
from govdata.reading.tables import OTHER
from govdata.settings import FILE as ROOT_FILE
from govdata.settings import MARKED_FILE, SITE_FILE
from govdata.values import Dataset, Entry, Finding, Resource

ENTRIES = ("entry.yaml", "entry.yml", "entry.json", "entry.jsonld")
"""Names of an entry, the one that counts first."""
RECORDS = (".jsonl", ".ndjson")
_DESCRIPTIONS = (".yaml", ".yml", ".json", ".jsonld")
"""How the names of entries and packages end."""
_STEMS = ("entry", "条目", "datapackage")
_NO_DATA = frozenset(("node_modules", "__pycache__"))
_SILENT = ("readme", "license", "licence", "notice", "changelog", "说明", "许可")
_SYSTEM = frozenset(("thumbs.db", "desktop.ini"))
_UNLISTED = 10_000
"""Files that are not in the entry and are told one by one: a bound on memory."""


class Options(Protocol):
    """What discovery needs of `Settings`."""

    @property
    def schema(self) -> Path | None: ...
    @property
    def content(self) -> Path | None: ...
    @property
    def max_entry(self) -> int: ...
    @property
    def max_cell(self) -> int: ...
    @property
    def max_query(self) -> int: ...


@dataclass(frozen=True, slots=True)
class _Search:
    """What stays the same while a directory is searched."""

    root: Path
    options: Options
    read_entry: EntryReader

    @property
    def limits(self) -> Limits:
        return Limits(size=self.options.max_entry)

    def is_content(self, folder: Path) -> bool:
        """Whether a folder holds the directory's own rules and lists: no data is in it."""
        content = self.options.content
        return content is not None and folder.name == content.name and folder.resolve() == content.resolve()

    def location(self, path: Path) -> str:
        name = path.relative_to(self.root).as_posix()
        return visible((path.resolve().name or ".") if name == "." else name)


def find_directories(path: Path, aside: list[Path] | None = None) -> Iterator[Path]:
    """The path itself, then the folders below it that are directories of their own: each has a `govdata.toml` to be checked by.

    `aside` is given the folders that hold tables, or what may be meant as an entry, and that are in no dataset.
    """
    yield path
    owned: set[str] = set()
    for folder, folders, files in os.walk(path):
        if SITE_FILE in files or MARKED_FILE in files:
            folders.clear()
            continue
        if ROOT_FILE in files and Path(folder) != path:
            yield Path(folder)
        if os.path.dirname(folder) in owned or any(name in files for name in (*ENTRIES, PACKAGE)):
            owned.add(folder)
        elif aside is not None and any(_is_meant(name) for name in files):
            aside.append(Path(folder))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NO_DATA)


def outside(folders: Iterable[Path], others: Iterable[Path]) -> Iterator[Path]:
    """Those of the folders that are neither one of the others nor inside one, wherever links lead."""
    known = {other.resolve() for other in others}
    for folder in folders:
        real = folder.resolve()
        if known.isdisjoint((real, *real.parents)):
            yield folder


def _is_meant(name: str) -> bool:
    """Whether a file is likely to be there to be checked."""
    stem, _, ending = name.lower().rpartition(".")
    return not _is_silent(name) and (ending in TABLES - {"txt"} or f".{ending}" in RECORDS or stem.split(".")[0] in _STEMS)


def find_datasets(
    path: Path,
    options: Options,
    read_entry: EntryReader,
    screen: Screen = lambda entry: False,
    wanted: Iterable[Path] | None = None,
) -> Iterator[Dataset]:
    """The datasets at `path`: a folder's, at any depth, or that of a single file. `ReadError` where it cannot be opened.

    Folders come in order of name, a dataset before those inside it. A folder without datasets gives nothing. `screen` is
    asked of lines (`read_records`). `wanted`: of a folder only what stands in these, in their order, as `find_folders` names them.
    """
    if _is_folder_to_open(path):
        search = _Search(path, options, read_entry)
        listings = _walk(search) if wanted is None else ((folder, _list(folder, search)) for folder in wanted)
        for folder, listed in listings:
            yield from _read_folder(folder, listed, search)
    elif path.suffix.lower() in RECORDS:
        yield from read_records(path, read_lines(path, options.max_entry), options.max_entry, read_entry, screen)
    else:
        yield _read_file(path, _Search(path.parent, options, read_entry))


def is_table(path: Path) -> bool:
    """Whether what the user named is a table by itself: only such are held against the schema that the options name."""
    return os.path.isfile(path) and path.suffix.lower() not in (*RECORDS, *_DESCRIPTIONS)


def find_lines(path: Path, options: Options) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file of entries, as `read_lines` gives them. `ReadError` where it cannot be opened."""
    _is_folder_to_open(path)
    return read_lines(path, options.max_entry)


def _is_folder_to_open(path: Path) -> bool:
    """Whether what the user named is a folder; `ReadError` where it is neither that nor a file that can be opened."""
    try:
        is_folder = path.is_dir()
        if not is_folder and stat.S_ISREG(path.stat().st_mode):
            path.open("rb").close()
        elif not is_folder:
            raise ReadError("not-a-file", path=str(path))
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError | ValueError)
        raise ReadError("no-such-path" if missing else "cannot-open", path=str(path), what=getattr(error, "strerror", "")) from error
    return is_folder


def find_folders(path: Path, options: Options) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The folders that `find_datasets` looks into, in its order, each with the names of its files: nothing is read of them."""

    def read_nothing(document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
        raise AssertionError(file)

    for folder, listed in _walk(_Search(path, options, read_nothing)):
        yield folder, listed.files


def _read_file(path: Path, search: _Search) -> Dataset:
    suffix = path.suffix.lower()
    if suffix == ".json" and "datapackage" in path.name:
        return _read_package(path.parent, path.name, search, (), path.name == PACKAGE)
    if suffix in _DESCRIPTIONS:
        return _read_entry(path.parent, path.name, search, (), path.name in ENTRIES)
    return _read_table(path, search)


def _read_table(path: Path, search: _Search) -> Dataset:
    """A table alone: checked against the schema that the options name, if any."""
    schema = None
    findings: tuple[Finding, ...] = ()
    if search.options.schema is not None:
        given = search.options.schema
        if not os.path.isfile(given):
            raise ReadError("no-such-path", path=str(given), what="")
        schema, findings = read_schema_file(given, given.name)
    resources = tuple(_tables(path, schema, search.options))
    first = resources[0]
    if first.format in OTHER:  # without an entry nothing is left to check, and that is not a pass
        resources = ()
        findings = (Finding("file/format-unsupported", file=first.file, resource=first.id, args={"format": first.format}),)
    return Dataset(path.parent, visible(path.name), "table", None, resources, findings)


def _tables(path: Path, schema: Mapping[str, Any] | None, options: Options) -> Iterator[Resource]:
    """The table of a file; without a schema, which is that of one table, each table of a database."""
    format = format_of(path.name, None)
    name = visible(path.name)
    resource = Resource(name, path, name, format, dialect=default_dialect(format), schema=schema)
    listed = _listed(path, format, options) if format in DATABASES else ()
    if len(listed) < 2 or schema is not None:
        yield resource
    for table in listed if len(listed) > 1 and schema is None else ():
        yield replace(resource, id=f"{name}#{visible(str(table))}", sheet=str(table))


def _listed(path: Path, format: str, options: Options) -> Sequence[object]:
    from govdata.reading.databases.opening import is_installed, list_tables, needs_duckdb

    if needs_duckdb(path) and not is_installed():
        raise EngineError("engine-missing", format=format, package="duckdb", extra="sql")
    return list_tables(path, options)


def _walk(search: _Search) -> Iterator[tuple[Path, _Listing]]:
    try:
        os.listdir(search.root)
    except OSError as error:
        raise ReadError("cannot-open", path=str(search.root), what=error.strerror or "") from error
    waiting = [search.root]
    while waiting:
        folder = waiting.pop()
        listed = _list(folder, search)
        inner = SITE_FILE in listed.files or MARKED_FILE in listed.files
        if folder != search.root and (inner or ROOT_FILE in listed.files):
            continue
        yield folder, listed
        waiting.extend(sub for sub in reversed(listed.folders) if not search.is_content(sub))


@dataclass(frozen=True, slots=True)
class _Listing:
    """A folder's files and subfolders in order of name, and what may not or cannot be entered."""

    files: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    findings: tuple[Finding, ...] = ()


def _list(folder: Path, search: _Search) -> _Listing:
    try:
        with os.scandir(folder) as scan:
            items = sorted(scan, key=lambda item: item.name)
    except OSError as error:
        finding = Finding("folder/unreadable", args={"name": visible(folder.name), "what": error.strerror or ""})
        return _Listing(findings=(finding,))
    files, folders, refused = [], [], []
    for item in items:
        if item.is_symlink() and _is_folder(item):
            # Never entered: what lies inside the root is found under its own name, and loops cannot arise.
            if not _inside(Path(item.path), search.root):
                refused.append(
                    Finding("folder/path-outside", file=visible(item.name), args={"name": visible(item.name), "why": "outside-folder"})
                )
        elif item.is_dir(follow_symlinks=False):
            if not item.name.startswith(".") and item.name not in _NO_DATA:
                folders.append(folder / item.name)
        else:
            files.append(item.name)
    return _Listing(tuple(files), tuple(folders), tuple(refused))


def _is_folder(item: os.DirEntry[str]) -> bool:
    try:
        return item.is_dir()
    except OSError:
        return False


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def _read_folder(folder: Path, listed: _Listing, search: _Search) -> Iterator[Dataset]:
    entries = [name for name in ENTRIES if name in listed.files]
    package = PACKAGE in listed.files
    if entries:
        yield _read_entry(folder, entries[0], search, (*listed.findings, *_spare(entries, package)), True)
    elif package:
        yield _read_package(folder, PACKAGE, search, listed.findings, True)
    elif listed.findings:
        yield Dataset(folder, search.location(folder), "entry", findings=listed.findings)


def _spare(entries: list[str], package: bool) -> Iterator[Finding]:
    if len(entries) > 1:
        yield Finding("folder/several-entries", file=entries[0], args={"names": entries, "read": entries[0]})
    if package:
        yield Finding("folder/package-beside-entry", file=PACKAGE, args={"read": entries[0]})


def _read_entry(folder: Path, name: str, search: _Search, findings: tuple[Finding, ...], listing: bool = False) -> Dataset:
    document = _document(folder, name, search)
    found = Found(findings=(*findings, *document.findings))
    entry = None
    if document.readable:
        entry, reading = search.read_entry(document, name)
        found = found.plus(Found(findings=reading)).plus(read_resources(entry, folder))
        if listing:
            found = found.plus(Found(findings=tuple(_of_files(folder, found.files | {*ENTRIES, PACKAGE}, search))))
    return _dataset("entry", folder, entry, found, search)


def _document(folder: Path, name: str, search: _Search) -> Document:
    located = locate(folder, Reference(name, name))
    if located.path is None:
        return Document(findings=located.findings, readable=False)
    document = require_object(read_document(located.path, name, search.limits), name)
    if not document.readable or "@graph" not in document.value:
        return document
    place = document.positions.keys.get("/@graph")
    many = Finding("entry/graph", file=name, pointer="/@graph", line=place[0] if place else None, args={"name": name})
    return replace(document, value=None, findings=(*document.findings, many), readable=False)


def _read_package(folder: Path, name: str, search: _Search, findings: tuple[Finding, ...], listing: bool = False) -> Dataset:
    located = locate(folder, Reference(name, name))
    if located.path is None:
        return _dataset("package", folder, None, Found(findings=located.findings), search)
    entry, found = read_package(folder, name, search.limits)
    if listing and entry is not None:
        found = found.plus(Found(findings=tuple(_of_files(folder, found.files | {PACKAGE}, search))))
    return _dataset("package", folder, entry, replace(found, findings=(*findings, *found.findings)), search)


def _dataset(kind: str, folder: Path, entry: Entry | None, found: Found, search: _Search) -> Dataset:
    made = Dataset(folder, search.location(folder), "package" if kind == "package" else "entry", entry)
    return replace(made, resources=found.resources, findings=found.findings, skipped=found.skipped)


def _of_files(folder: Path, named: Set[str], search: _Search) -> Iterator[Finding]:
    """What the names of the files below a dataset's folder tell: not in the entry, or no names for Windows."""
    files = [file for file in _files_below(folder, search) if not _is_silent(file)]
    yield from itertools.islice(unportable(files), _UNLISTED)
    # Other datasets inside the folder, and what goes with any folder, are aside already.
    unlisted = [file for file in files if file not in named]
    yield from (Finding("folder/unlisted-file", file=file, args={"name": file}) for file in unlisted[:_UNLISTED])


def _files_below(folder: Path, search: _Search) -> Iterator[str]:
    for path, folders, files in os.walk(folder):
        here = Path(path)
        if here != folder and (search.is_content(here) or any(name in files for name in (*ENTRIES, PACKAGE, ROOT_FILE, MARKED_FILE))):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NO_DATA)
        yield from (visible((here / name).relative_to(folder).as_posix()) for name in sorted(files))


def data_files(folder: Path, content: Path | None = None) -> Iterator[Path]:
    """The files below a dataset's folder that belong into its entry, in order of name: not hidden ones, nor what goes with any folder."""
    search = _Search(folder, _Content(content), lambda document, file: (Entry(file, {}, {}), ()))
    yield from (folder / name for name in _files_below(folder, search) if not _is_silent(name) and name not in (*ENTRIES, PACKAGE))


@dataclass(frozen=True, slots=True)
class _Content:
    """As much of the options as a search for files needs."""

    content: Path | None
    schema: Path | None = None
    max_entry: int = 0
    max_cell: int = 0
    max_query: int = 0


def _is_silent(file: str) -> bool:
    name = file.rpartition("/")[2].lower()
    about = name.startswith(_SILENT) and format_of(name, None) not in TABLES - {"txt"}  # 许可证名单.csv is data
    return about or name.startswith((".", "~$")) or name in _SYSTEM or name == ROOT_FILE
