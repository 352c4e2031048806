"""SQLite files, opened so that a table can only be read: a schema of others is not trusted, and no view runs for ever."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from govdata.reading.databases.duck import literal, quoted
from govdata.reading.databases.kinds import DYNAMIC
from govdata.reading.databases.refusals import Refusal, words
from govdata.reading.sources import Column, TableName

DIALECT = "sqlite"
BATCH = 2000
PATIENCE = 2.0
"""Seconds for which a file that another program has locked is waited for."""
STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock."""


class Lite:
    """One connection to a SQLite file."""

    dialect = DIALECT

    def __init__(self, path: Path, seconds: float | None = None, longest: int | None = None) -> None:
        self._path = path
        self._seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds
        try:
            self._connection = sqlite3.connect(_uri(path), uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            for pragma in ("trusted_schema = off", "query_only = on", "cell_size_check = on"):
                self._connection.execute(f"PRAGMA {pragma}")
            if longest is not None:
                self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            self._connection.set_progress_handler(self._is_late, STEPS)
            # One state of the file for all statements: a writer that comes between is not half seen.
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except (sqlite3.Error, Refusal) as error:
            raise error if isinstance(error, Refusal) else self._refusal(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _is_late(self) -> bool:
        return self._end is not None and time.monotonic() > self._end

    def tables(self) -> tuple[TableName, ...]:
        """The tables and views of the file, in order of name, without SQLite's own."""
        listed = self.rows("SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
        return tuple(TableName(name, "", kind == "view") for name, kind in listed if not name.startswith("sqlite_"))

    def relation(self, table: TableName | None) -> str:
        """What stands behind FROM."""
        return quoted(table.name if table is not None else "")

    def columns(self, table: TableName | None) -> tuple[Column, ...]:
        """The columns with the types that were declared for them."""
        return tuple(Column(str(row[1]), str(row[2]), DYNAMIC) for row in self._described(table))

    def key(self, table: TableName | None) -> tuple[str, ...]:
        """The columns of the table's own primary key."""
        return tuple(str(row[1]) for row in sorted(self._described(table), key=lambda row: int(row[5])) if row[5])

    def _described(self, table: TableName | None) -> list[tuple[Any, ...]]:
        name = table.name if table is not None else ""
        return list(self.rows(f"SELECT * FROM pragma_table_xinfo({literal(name)}) WHERE hidden <> 1"))

    def order(self, table: TableName | None) -> str:
        """The number that SQLite gives each row; without it rows come by an index, perhaps."""
        if table is None or table.is_view:
            return ""
        taken = {column.name.lower() for column in self.columns(table)}
        # A column of such a name stands before the number.
        number = next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)
        try:
            self._connection.execute(f"SELECT {number or 'NULL'} FROM {self.relation(table)} LIMIT 0")
        except sqlite3.Error:
            number = None
        return number or ", ".join(quoted(name) for name in self.key(table))

    def is_collated(self) -> bool:
        """Every comparison names its collation."""
        return False

    def cell(self, column: Column) -> str:
        """How a cell is asked for."""
        return quoted(column.name)

    def add_function(self, name: str, function: Callable[[Any], Any]) -> None:
        """A function of one cell for statements of this connection."""
        self._connection.create_function(name, 1, function, deterministic=True)

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, fetched in batches."""
        given = 0
        try:
            for row in self._fetched(statement):
                yield row
                given += 1
        except sqlite3.Error as error:
            if "decode to UTF-8" not in str(error):
                raise self._refusal(error) from error
            # Python's own reading of texts is faster, but does not say which one is none: the rest is read once more, slowly.
            yield from islice(self._slowly(statement), given, None)

    def _slowly(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """Row by row up to the one that cannot be read."""
        self._connection.text_factory = _text
        try:
            for row in self._connection.execute(statement):
                yield row
                if self._is_late():
                    raise self._slow()
        except sqlite3.Error as error:
            raise self._refusal(error) from error
        finally:
            self._connection.text_factory = str

    def _fetched(self, statement: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._connection.execute(statement)
        while batch := cursor.fetchmany(BATCH):
            yield from batch
            # SQLite counts its steps anew for each row, so an endless view of quick rows is never late for it.
            if self._is_late():
                raise self._slow()

    def _slow(self) -> Refusal:
        return Refusal("database/view", reason="slow", seconds=int(self._seconds or 0), what="")

    def _refusal(self, error: sqlite3.Error) -> Refusal:
        said = words(error, self._path)
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith("SQLITE_INTERRUPT") or "interrupted" in said:
            return self._slow()
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Refusal("database/locked", what=said)
        if "user-defined function raised exception" in said:
            # Ours never do: it was a text that Python could not be given.
            return Refusal("database/encoding", shown="")
        if name in {"SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY"}:
            return Refusal("database/broken", reason="unfinished", what=said)
        if name in {"SQLITE_TOOBIG", "SQLITE_NOMEM"}:
            return Refusal("database/view", reason="memory", what=said)
        return Refusal("database/broken", reason="content", what=said)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("database/encoding", shown=raw[:60].decode("gb18030", "replace")) from error


def _uri(path: Path) -> str:
    """The file, read-only. One whose changes are all in it, in the mode that keeps a log beside it, is opened without a lock file."""
    name = quote(path.absolute().as_posix())
    alone = not any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
    with path.open("rb") as file:
        logs = file.read(20)[18:20] == b"\x02\x02"
    return f"file:{name}?mode=ro{'&immutable=1' if logs and alone else ''}"
