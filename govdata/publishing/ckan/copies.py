"""COPY into one table through several connections to PostgreSQL at once."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from govdata.publishing.ckan.database import refusal
from govdata.publishing.ckan.shadows import Shadow

CONNECTIONS = 2
"""COPYs at once: the server's, not ours, is the work."""
WAITING = 4
"""Blocks that wait to be written."""


class Copies:
    """Takes blocks of lines, `_id` first, in any number. Rows are there once it has been left without an error."""

    def __init__(self, database: str, shadow: Shadow, names: Sequence[str]) -> None:
        self._database, self._shadow, self._names = database, shadow, names
        self._blocks: queue.Queue[str | None] = queue.Queue(WAITING)
        self._pool = ThreadPoolExecutor(CONNECTIONS)
        self._writers: list[Future[None]] = []

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
        from psycopg import sql

        names = sql.SQL(", ").join(map(sql.Identifier, ("_id", *self._names)))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier("public", self._shadow.id), names)
        try:
            with psycopg.connect(self._database) as connection, connection.cursor() as cursor:
                cursor.execute("SET LOCAL DateStyle = 'ISO, YMD'")
                with cursor.copy(statement) as copy:
                    while (block := self._blocks.get()) is not None:
                        copy.write(block)
        except psycopg.Error as error:
            raise refusal(error, self._shadow.live) from error
