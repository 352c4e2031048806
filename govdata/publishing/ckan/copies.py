"""COPY into one table through several connections to PostgreSQL at once."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING

from govdata import content
from govdata.publishing.ckan.database import refusal
from govdata.publishing.ckan.shadows import Shadow

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

STAGING = "catalog/ckan/staging.sql"
"""Says whether, and how, rows come with their full text, so that the site's trigger need not make it."""
CONNECTIONS = 3
"""COPYs at once: the server's, not ours, is the work. One writes into the table and its full-text index, the others make full texts."""
WAITING = 2
"""Blocks that wait to be written."""


class Copies:
    """Takes blocks of lines, `_id` first, in any number. Rows are there once it has been left without an error."""

    def __init__(self, database: str, shadow: Shadow, names: Sequence[str]) -> None:
        self._database, self._shadow, self._names = database, shadow, names
        self._blocks: queue.Queue[str | None] = queue.Queue(WAITING)
        self._pool = ThreadPoolExecutor(CONNECTIONS)
        self._writers: list[Future[None]] = []
        self._filling = threading.Lock()

    def __enter__(self) -> Copies:
        self._writers = [self._pool.submit(self._run) for _ in range(CONNECTIONS)]
        return self

    def write(self, block: str) -> None:
        """Give one block to a connection that is free; raises what one of them met."""
        while True:
            with contextlib.suppress(queue.Full):
                self._blocks.put(block, timeout=0.2)
                return
            self._raise_ended()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            while not all(writer.done() for writer in self._writers):
                with contextlib.suppress(queue.Full):
                    self._blocks.put(None, timeout=0.05)
            if error is None:
                self._raise_ended()
        finally:
            self._pool.shutdown()

    def _raise_ended(self) -> None:
        for writer in self._writers:
            if writer.done():
                writer.result()

    def _run(self) -> None:
        import psycopg

        try:
            with psycopg.connect(self._database) as connection, connection.cursor() as cursor:
                cursor.execute("SET LOCAL DateStyle = 'ISO, YMD'")
                if statements := self._staged(cursor):
                    self._write_staged(cursor, *statements)
                else:
                    with cursor.copy(self._statement("public", self._shadow.id)) as copy:
                        while (block := self._blocks.get()) is not None:
                            copy.write(block)
        except psycopg.Error as error:
            raise refusal(error, self._shadow.live) from error

    def _staged(self, cursor: psycopg.Cursor[tuple[str, ...]]) -> tuple[str, ...]:
        """The statements that make full texts of the staged rows and bring them into the shadow; none where there is no staging."""
        cursor.execute("SELECT set_config('govdata.shadow', %s, true)", (self._shadow.id,))
        cursor.execute(content.read_text(STAGING))
        statements = cursor.execute("SELECT current_setting('govdata.make'), current_setting('govdata.fill')").fetchone() or ()
        return statements if all(statements) else ()

    def _write_staged(self, cursor: psycopg.Cursor[tuple[str, ...]], make: str, fill: str) -> None:
        statement = self._statement("pg_temp", "govdata_staged")
        while (block := self._blocks.get()) is not None:
            with cursor.copy(statement) as copy:
                copy.write(block)
            cursor.execute(make.encode())
            with self._filling:
                cursor.execute(fill.encode())
            cursor.execute("TRUNCATE pg_temp.govdata_staged, pg_temp.govdata_made")

    def _statement(self, *table: str) -> sql.Composed:
        from psycopg import sql

        names = sql.SQL(", ").join(map(sql.Identifier, ("_id", *self._names)))
        return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table), names)
