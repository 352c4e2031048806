"""DuckDB files and Parquet, opened so that a table can only be read: no other file, no network, no setting can be reached."""

from __future__ import annotations

import contextlib
import glob
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from govdata.reading.databases.kinds import AS_TEXT, family_of
from govdata.reading.databases.refusals import Refusal, words
from govdata.reading.sources import Column, TableName

DIALECT = "duckdb"
MEMORY = "400MB"
BATCH = 2000
"""Rows that are fetched at once."""

_OUTSIDE = ("file system operations are disabled", "external access", "Loading external extensions")


class Duck:
    """One connection to a DuckDB file or to a Parquet file, locked down before the first statement."""

    dialect = DIALECT

    def __init__(self, path: Path, parquet: bool, seconds: float | None = None) -> None:
        self._path = path
        self._parquet = parquet
        # DuckDB lets statements use its folder for temporary files whatever else is forbidden: nothing else may lie there.
        self._folder = tempfile.mkdtemp(prefix="govdata-")
        self._clock = None if seconds is None else _Clock(seconds)
        try:
            self._connection = self._open()
        except Refusal:
            self._clean()
            raise

    def _open(self) -> Any:
        import duckdb

        config: dict[str, Any] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "memory_limit": MEMORY,
            "temp_directory": self._folder,
        }
        if self._clock is not None:
            # With several threads the rows of a view come in another order each time, and findings name them by number.
            config["threads"] = 1
        try:
            if self._parquet:
                connection = duckdb.connect(config=config)
                connection.execute("SET allowed_paths = ?", [[str(self._path.absolute()), self._pattern]])
            else:
                connection = duckdb.connect(str(self._path.absolute()), read_only=True, config=config)
            connection.execute("SET enable_external_access = false")
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            raise self._refusal(error) from error
        return connection

    @property
    def _pattern(self) -> str:
        """The file's name where DuckDB looks for a pattern: of `x[1].parquet` it would otherwise read `x1.parquet`, were that there."""
        return glob.escape(str(self._path.absolute()))

    def close(self) -> None:
        """Let go of the file and of what was spilled."""
        self._connection.close()
        self._clean()

    def _clean(self) -> None:
        if self._clock is not None:
            self._clock.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def tables(self) -> tuple[TableName, ...]:
        """The tables and views of the file, in order of name."""
        if self._parquet:
            return ()
        found = []
        for kind, is_view in (("table", False), ("view", True)):
            listed = self._fetch(
                f"SELECT schema_name, {kind}_name FROM duckdb_{kind}s() WHERE NOT internal AND database_name = current_database()"
            )
            found += [TableName(name, "" if schema == "main" else schema, is_view) for schema, name in listed]
        return tuple(sorted(found, key=lambda item: (item.schema, item.name)))

    def relation(self, table: TableName | None) -> str:
        """What stands behind FROM."""
        if table is None:
            return f"read_parquet({literal(self._pattern)}, hive_partitioning = false)"
        return ".".join(quoted(part) for part in (table.schema or "main", table.name))

    def columns(self, table: TableName | None) -> tuple[Column, ...]:
        """The columns with their types."""
        described = self._fetch(f"DESCRIBE SELECT * FROM {self.relation(table)}")
        labels = self._labels() if table is None else []
        if len(labels) != len(described):
            labels = [str(row[0]) for row in described]
        return tuple(Column(str(row[0]), str(row[1]), family_of(str(row[1])), label) for row, label in zip(described, labels, strict=True))

    def _labels(self) -> list[str]:
        """What a Parquet file calls its columns: DuckDB has names for those that are empty or differ in case alone."""
        found, inside = [], 0
        for name, parts in self._fetch(f"SELECT name, num_children FROM parquet_schema({literal(self._pattern)})")[1:]:
            if inside:
                inside -= 1
            else:
                found.append(str(name))
            inside += parts or 0
        return found

    def key(self, table: TableName | None) -> tuple[str, ...]:
        """The columns of the table's own primary key."""
        if table is None or table.is_view:
            return ()
        found = self._fetch(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
            f" AND table_name = {literal(table.name)} AND schema_name = {literal(table.schema or 'main')}"
        )
        return tuple(found[0][0]) if found else ()

    def order(self, table: TableName | None) -> str:
        """Rows come in the order in which they were put in."""
        return ""

    def is_collated(self) -> bool:
        """Whether some column may compare texts otherwise than by their characters."""
        if self._parquet:
            return False
        asked = "SELECT count(*) FROM {0}() WHERE NOT internal AND contains(lower(sql), 'collat')"
        return any(self._fetch(asked.format(kind))[0][0] for kind in ("duckdb_tables", "duckdb_views"))

    def cell(self, column: Column) -> str:
        """How a cell is asked for, so that it comes as a value that a Table Schema knows."""
        name = quoted(column.name)
        if column.family in AS_TEXT:
            return f"CAST({name} AS VARCHAR)"
        # Of a list of a fixed length Python is given a tuple, which is no list.
        fixed = re.search(r"\[[0-9]+\]$", column.type)
        return f"CAST({name} AS {column.type[: fixed.start()]}[])" if fixed else name

    def _fetch(self, statement: str) -> list[tuple[Any, ...]]:
        return list(self.rows(statement))

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, fetched in batches."""
        import duckdb

        self._check_time()
        cursor = self._connection.cursor()
        try:
            if self._clock is not None:
                self._clock.watch(cursor)
            cursor.execute(statement)
            while batch := cursor.fetchmany(BATCH):
                yield from batch
                self._check_time()
        except (duckdb.Error, ValueError, OverflowError) as error:
            raise self._refusal(error) from error
        finally:
            if self._clock is not None:
                self._clock.forget(cursor)
            cursor.close()

    def _check_time(self) -> None:
        if self._clock is not None and self._clock.is_over:
            raise Refusal("database/view", reason="slow", seconds=int(self._clock.seconds), what="")

    def _refusal(self, error: BaseException) -> Refusal:
        import duckdb

        said = words(error, self._path)
        lower = said.lower()
        if isinstance(error, duckdb.InterruptException) and self._clock is not None:
            return Refusal("database/view", reason="slow", seconds=int(self._clock.seconds), what="")
        if "lock on file" in lower or "different configuration" in lower or "being used by another process" in lower:
            return Refusal("database/locked", what=said)
        if "encrypt" in lower:
            return Refusal("database/encrypted")
        if any(mark in said for mark in _OUTSIDE):
            return Refusal("database/broken" if self._parquet else "database/view", reason="outside", what=said)
        if isinstance(error, duckdb.OutOfMemoryException):
            return Refusal("database/view", reason="memory", what=said)
        if "version number" in lower or "newer version" in lower:
            return Refusal("database/broken", reason="version", what=said)
        return Refusal("database/broken", reason="content", what=said)


class _Clock:
    """Ends what a connection is doing once its time is over, again and again until it is stopped: a word between two statements is lost."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._cursors: list[Any] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._end

    def watch(self, cursor: Any) -> None:
        """What to interrupt at the end."""
        with self._lock:
            self._cursors.append(cursor)

    def forget(self, cursor: Any) -> None:
        """A cursor that is about to be closed, and could not be interrupted any more."""
        with self._lock:
            self._cursors.remove(cursor)

    def stop(self) -> None:
        """No more calls."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        import duckdb

        wait = self.seconds
        while not self._stopped.wait(wait):
            wait = 0.2
            with self._lock:
                for cursor in self._cursors:
                    # One that ends at this moment must not end the clock with it.
                    with contextlib.suppress(duckdb.Error, RuntimeError):
                        cursor.interrupt()


def quoted(name: str) -> str:
    """An identifier in SQL, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"
