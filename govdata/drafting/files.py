"""Which tables a draft is made of: files that are named, the files of a folder, the sheets of a workbook, the tables of a database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from govdata.classes import dataclass, replace
from govdata.errors import EngineError, ReadError
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.datasets import ENTRIES, RECORDS, data_files
from govdata.reading.paths import visible
from govdata.reading.resources.datapackage import FILE as PACKAGE
from govdata.reading.resources.declarations import default_dialect, format_of
from govdata.reading.tables import OTHER, WORKBOOKS
from govdata.settings import Settings
from govdata.values import Resource


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of the entry to be: a table, or a file without one."""

    resource: Resource
    is_table: bool = True


def list_files(paths: Sequence[Path], content: Path | None) -> list[Path]:
    """The data files that are named, each once: of a folder, all that belong into its entry. `ReadError` for what cannot be."""
    found: dict[Path, Path] = {}
    for path in paths:
        refuse_missing(path)
        if path.is_dir():
            listed = list(data_files(path, content))
            if not listed:
                raise ReadError("draft-no-files", path=str(path))
        else:
            _refuse_entry(path)
            listed = [path]
        for file in listed:
            found.setdefault(file.absolute(), file)
    return list(found)


def refuse_missing(path: Path) -> None:
    """`ReadError` where nothing can be found at a path."""
    try:
        path.stat()
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError | ValueError)
        raise ReadError("no-such-path" if missing else "cannot-open", path=str(path), what=getattr(error, "strerror", "")) from error


def _refuse_entry(path: Path) -> None:
    """What describes data is no data: an entry is there already, and a package is converted."""
    if path.name == PACKAGE:
        raise ReadError("draft-package", path=str(path))
    if path.name in ENTRIES or path.suffix.lower() in (*RECORDS, ".yaml", ".yml", ".jsonld"):
        raise ReadError("draft-not-data", path=str(path))


def folder_of(paths: Sequence[Path]) -> Path:
    """The folder that an entry of these files and folders belongs into: what holds them all."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    if len({folder.is_absolute() for folder in folders}) > 1 or any(".." in folder.parts for folder in folders):
        folders = [Path(os.path.abspath(folder)) for folder in folders]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError as error:
        raise ReadError("draft-outside", path=str(paths[-1]), folder=str(folders[0])) from error


def refuse_described(folder: Path) -> None:
    """`ReadError` where a folder has an entry or a package already."""
    there = next((name for name in (*ENTRIES, PACKAGE) if os.path.lexists(folder / name)), None)
    if there is not None:
        raise ReadError("draft-package" if there == PACKAGE else "draft-exists", path=str(folder / there))


def find_parts(file: Path, folder: Path, settings: Settings) -> Iterator[Part]:
    """The resources of one file, named relative to the folder of the entry. `ReadError` where it lies outside."""
    absolute, base = Path(os.path.abspath(file)), Path(os.path.abspath(folder))
    if not absolute.is_relative_to(base):
        raise ReadError("draft-outside", path=str(file), folder=str(folder))
    name = visible(absolute.relative_to(base).as_posix())
    format = format_of(name, None)
    resource = Resource(name, file, name, format, dialect=default_dialect(format))
    if format in DATABASES:
        yield from _tables(resource, settings)
    elif format in WORKBOOKS:
        yield from _sheets(resource, settings)
    else:
        yield Part(resource, is_table=format not in OTHER)


def _sheets(resource: Resource, settings: Settings) -> Iterator[Part]:
    from govdata.reading.workbooks.opening import list_sheets

    shown, hidden = list_sheets(resource, settings)
    if len(shown) < 2:
        yield Part(replace(resource, sheet=shown[0] if shown and hidden else None))
        return
    for sheet in shown:
        yield Part(_part(resource, sheet))


def _tables(resource: Resource, settings: Settings) -> Iterator[Part]:
    from govdata.reading.databases.opening import is_installed, list_tables, needs_duckdb

    if needs_duckdb(resource.path) and not is_installed():
        raise EngineError("engine-missing", format=resource.format, package="duckdb", extra="sql")
    listed = list_tables(resource.path, settings)
    tables = [str(table) for table in listed if not table.is_view] or [str(table) for table in listed]
    if len(listed) < 2:
        yield Part(resource)
        return
    for table in tables:
        yield Part(_part(resource, table))


def _part(resource: Resource, name: str) -> Resource:
    return replace(resource, id=f"{resource.file}#{visible(name)}", sheet=name)
