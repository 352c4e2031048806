"""Databases and Parquet files: told by content, the table chosen, and its rows given as the database has them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol

from govdata.classes import replace
from govdata.reading.changes import check_unchanged, stamp_of, unsaved
from govdata.reading.databases.duck import Duck
from govdata.reading.databases.kinds import FORMATS
from govdata.reading.databases.lite import Lite
from govdata.reading.databases.refusals import Refusal
from govdata.reading.encodings.octets import fingerprint
from govdata.reading.signature import check_readable, unreadable
from govdata.reading.sources import DatabaseTable, Item, SourceInfo, TableName, TableSource
from govdata.values import Finding, Resource, Row, Skipped

LISTED = 200
"""Tables of one file that are checked each by itself where none is named."""


class Limits(Protocol):
    """What reading needs of `Settings`."""

    @property
    def max_cell(self) -> int: ...
    @property
    def max_query(self) -> int: ...


def open_database(resource: Resource, settings: Limits) -> TableSource | Finding | Skipped:
    """Open one table or view, or a Parquet file. `resource.sheet` is its name, by default the only one.

    Rows are numbered in the table's own order, the header being row 1; cells are values of Python. What cannot be read is a finding of
    `database/*` or `file/*`, a skip where the program that reads the format is not installed.
    """
    found = check_readable(resource.path)
    if found is not None:
        return replace(found, file=resource.file, resource=resource.id)
    try:
        kind = recognise(resource.path)
        if kind in ("parquet", "duckdb") and not is_installed():
            return Skipped(resource.file, "engine-missing", {"format": kind})
        return _open(resource, kind, settings)
    except Refusal as refusal:
        return _finding(resource, refusal)
    except OSError as error:
        return replace(unreadable(error), file=resource.file, resource=resource.id)


def is_installed() -> bool:
    """Whether what reads DuckDB and Parquet files is there."""
    return importlib.util.find_spec("duckdb") is not None


def needs_duckdb(path: Path) -> bool:
    """Whether a file is one that only DuckDB reads."""
    try:
        return recognise(path) in ("duckdb", "parquet")
    except (Refusal, OSError):
        return False


def recognise(path: Path) -> str:
    """`sqlite`, `duckdb` or `parquet`, by content; raises `Refusal` where it is none of them."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PARE"):
        raise Refusal("database/encrypted")
    suffix = path.suffix.lower().lstrip(".")
    raise Refusal("database/broken", reason="other" if suffix in FORMATS else "unknown", what="", format=suffix)


def connect(path: Path, kind: str, settings: Limits, seconds: float | None) -> Duck | Lite:
    """A locked-down connection; `seconds` bounds what it may do in all."""
    if kind == "sqlite":
        return Lite(path, seconds, settings.max_cell)
    return Duck(path, kind == "parquet", seconds)


def list_tables(path: Path, settings: Limits) -> tuple[TableName, ...]:
    """The tables and views of a file, without reading one; none where it has none or cannot be read, which opening it says."""
    try:
        kind = recognise(path)
        if kind == "parquet" or (kind == "duckdb" and not is_installed()):
            return ()
        with closing(connect(path, kind, settings, settings.max_query)) as database:
            return database.tables()
    except (Refusal, OSError):
        return ()


def _open(resource: Resource, kind: str, settings: Limits) -> TableSource:
    path = resource.path
    stamp, (size, digest) = stamp_of(path), fingerprint(path)
    with closing(connect(path, kind, settings, settings.max_query)) as database:
        name = None if kind == "parquet" else _choose(database.tables(), resource.sheet)
        columns, key = database.columns(name), database.key(name)
        relation, order, collated = database.relation(name), database.order(name), database.is_collated()
    if not columns:
        raise Refusal("database/no-tables", reason="columns", tables=[str(name or "")])
    # A view computes, and may do so for ever; a table is only as long as its file.
    is_view = name is not None and name.is_view
    seconds = settings.max_query if is_view else None

    def opened() -> Duck | Lite:
        return connect(path, kind, settings, seconds)

    table = DatabaseTable(opened, relation, columns, key, order, collated, name is not None, not is_view)
    info = SourceInfo(size, digest, "", str(name or ""), True, stamp)
    return TableSource(info, lambda: _stream(resource, table, info), table=table)


def _choose(tables: tuple[TableName, ...], wanted: str | int | None) -> TableName:
    """The table of a name, else the only one; raises `Refusal`."""
    names = [str(table) for table in tables]
    if not tables:
        raise Refusal("database/no-tables", reason="none", tables=[])
    if wanted is None or wanted == "":
        if len(tables) > 1:
            raise Refusal("database/several-tables", tables=names, count=len(names))
        return tables[0]
    for table in tables:
        if str(wanted) in (str(table), f"main.{table}"):
            return table
    folded = {name.strip().casefold(): name for name in names}
    close = get_close_matches(str(wanted).strip().casefold(), list(folded), 3, 0.5)
    raise Refusal("database/table-missing", table=str(wanted), tables=names[:50], close=[folded[name] for name in close] or names[:10])


def _stream(resource: Resource, table: DatabaseTable, info: SourceInfo) -> Iterator[Item]:
    """The header and every row; what else there is to say of the file comes before, what stopped the reading at the end."""
    yield from remarks(resource, table, info)
    yield Row(1, None, tuple(column.name if column.label is None else column.label for column in table.columns))
    stopped = None
    try:
        with closing(table.connect()) as database:
            asked = ", ".join(database.cell(column) for column in table.columns)
            order = f" ORDER BY {table.order}" if table.order else ""
            for number, cells in enumerate(database.rows(f"SELECT {asked} FROM {table.relation}{order}"), 2):
                yield Row(number, None, cells)
    except Refusal as refusal:
        yield _finding(resource, refusal, info.sheet)
    except OSError as error:
        stopped = error
    yield from check_unchanged(resource, info.stamp, stopped)


def remarks(resource: Resource, table: DatabaseTable, info: SourceInfo) -> Iterator[Finding]:
    """Changes that lie beside the file, and rows that can only be named by their number."""
    where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "sheet": info.sheet}
    beside = unsaved(resource.path)
    if beside and table.named:
        yield Finding("database/unsaved", **where, args={"names": beside})
    if table.named and resource.schema is not None and not table.key and not resource.schema.get("primaryKey"):
        yield Finding("database/no-key", **where, args={"table": info.sheet})


def _finding(resource: Resource, refusal: Refusal, sheet: str = "") -> Finding:
    return Finding(refusal.rule, file=resource.file, resource=resource.id, sheet=sheet, args=refusal.arguments)
