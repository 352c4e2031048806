"""A large table of a database, read in batches of rows that are decided column by column, with the answers of the reference."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from govdata.engines.cells import TextNumbers
from govdata.engines.columns.duplicates import keys_by_row
from govdata.engines.columns.keys import naming_folder
from govdata.engines.columns.natives import natives
from govdata.engines.columns.scanned import Scanned
from govdata.engines.columns.scanning import Scan
from govdata.engines.columns.settling import Settling
from govdata.engines.columns.structure import Form
from govdata.engines.plain import NOWHERE, Judge
from govdata.engines.plan import KeyPlan, TablePlan, Tally
from govdata.reading.databases.refusals import Refusal
from govdata.reading.sources import Database, DatabaseTable
from govdata.values import Finding, Row, Skipped

HEADER = 1
"""The number of the header: the first row of data is 2."""
FIRST, MOST = 2000, 40_000
"""Rows of the first batch, and the most of one."""
BYTES = 16 << 20
"""Text of a batch, about."""
AHEAD = 1
"""Batches that are scanned while the next is read."""

_FORM = Form(",", '"')


def check_table(table: DatabaseTable, plan: TablePlan, tick: Callable[[int], None]) -> Generator[Finding | Skipped | Tally, None, int]:
    """Findings of every row, in order of row and column, then counts of those that are not explained; returns the number of rows."""
    reading = _Reading(table, plan)
    try:
        with closing(table.connect()) as database, ThreadPoolExecutor(1) as pool:
            refusal = reading.read(database, pool, tick)
            try:
                reading.conclude(database)
            except Refusal as stopped:
                refusal = refusal or stopped
    except Refusal as stopped:
        refusal = stopped
    finally:
        reading.kept.close()
    yield from reading.settling.keeping.all()
    yield from reading.settling.keeping.tallies()
    if refusal is not None:
        yield Finding(refusal.rule, file=plan.file, resource=plan.resource, sheet=plan.sheet, args=refusal.arguments)
    return reading.settling.rows


class _Reading:
    """One table."""

    def __init__(self, table: DatabaseTable, plan: TablePlan) -> None:
        self._table, self._plan = table, plan
        self._scan = Scan(plan, _FORM, "")
        self._size = FIRST
        self._numbers = TextNumbers()
        self._texts = {
            place: column.column for place, column in enumerate(plan.columns) if column.descriptor.get("type", "string") == "string"
        }
        self.settling = Settling(plan, self, HEADER, NOWHERE)
        self.kept = _Kept(plan, not table.steady and bool(plan.keys))

    def read(self, database: Database, pool: ThreadPoolExecutor, tick: Callable[[int], None]) -> Refusal | None:
        """Settle all rows up to what stops the reading, which is returned."""
        waiting: deque[Future[Scanned]] = deque()
        stopped = None
        batches = self._batches(database)
        try:
            for batch in batches:
                waiting.append(pool.submit(self._scanned, batch))
                if len(waiting) > AHEAD:
                    self._settle(waiting.popleft().result(), tick)
        except Refusal as refusal:
            stopped = refusal
        while waiting:
            self._settle(waiting.popleft().result(), tick)
        return stopped

    def _batches(self, database: Database) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, some at a time; those before what stops the reading among them."""
        cells = ", ".join(database.cell(column) for column in self._table.columns)
        rows, held = database.rows(f"SELECT {cells} FROM {self._table.relation}{_order(self._table)}"), list[tuple[Any, ...]]()
        try:
            for row in rows:
                held.append(row)
                if len(held) >= self._size:
                    yield self.kept.add(held)
                    held = []
        except Refusal:
            if held:
                yield self.kept.add(held)
            raise
        if held:
            yield self.kept.add(held)

    def _scanned(self, batch: list[tuple[Any, ...]]) -> Scanned:
        cells = natives(batch, self._plan)
        self._size = max(100, min(MOST, BYTES * len(batch) // max(int(cells.frame.estimated_size()), 1)))
        return self._scan.natives(cells)

    def _settle(self, found: Scanned, tick: Callable[[int], None]) -> None:
        before = self.settling.records
        for place, number in self._texts.items():
            if place in found.typed:
                self._note(number, np.flatnonzero(found.typed[place]).tolist(), found, before)
        self.settling.take(found)
        tick(self.settling.rows)

    def _note(self, number: int, places: Sequence[int], found: Scanned, before: int) -> None:
        """Note the numbers in a column of text."""
        for place in places:
            cells = found.native[place]
            if isinstance(cells[number - 1], int | float) and not isinstance(cells[number - 1], bool):
                self._numbers.add(number, Row(before + place + 1, None, cells))

    def conclude(self, database: Database) -> None:
        """What holds across all rows."""
        self.settling.conclude(_Again(database, self._table, self._plan, self.kept))
        for finding in self._numbers.findings(self._plan):
            self.settling.keeping.add(self.settling.records + 1, finding)

    def rows(self, found: Scanned, places: Any) -> Iterator[tuple[int, Row]]:
        """Rows by their places, as the database gave them."""
        for place in places.tolist():
            yield place, Row(self.settling.records + place + 1, None, found.native[place])


def _order(table: DatabaseTable) -> str:
    return f" ORDER BY {table.order}" if table.order else ""


class _Kept:
    """The cells of a view's keys as they were read, in a temporary file: asked again, it may give its rows in another order."""

    def __init__(self, plan: TablePlan, wanted: bool) -> None:
        names = {name for key in plan.keys for name in key.fields}
        numbers = {column.column for column in plan.columns if column.name in names} | set(plan.key_columns)
        self._width, self._places = plan.width, [number - 1 for number in sorted(numbers)]
        self._file = tempfile.TemporaryFile() if wanted else None  # noqa: SIM115  (closed by `close`)

    def add(self, batch: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows, which are kept where there is need. OSError where the disk is full."""
        if self._file is not None:
            with naming_folder():
                pickle.dump([[row[place] for place in self._places] for row in batch], self._file, pickle.HIGHEST_PROTOCOL)
        return batch

    def rows(self) -> Iterator[tuple[Any, ...]] | None:
        """The rows that were kept, with nothing in their other cells; `None` where the table can be asked again."""
        return self._read(self._file) if self._file is not None else None

    def _read(self, file: BinaryIO) -> Iterator[tuple[Any, ...]]:
        end = file.seek(0, os.SEEK_END)
        file.seek(0)
        while file.tell() < end:
            for kept in pickle.load(file):
                given = dict(zip(self._places, kept, strict=True))
                yield tuple(given.get(place) for place in range(self._width))

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


class _Again:
    """Reads rows of the table once more."""

    def __init__(self, database: Database, table: DatabaseTable, plan: TablePlan, kept: _Kept) -> None:
        self._database, self._table, self._plan, self._kept = database, table, plan, kept

    def rows(self, numbers: Any, fields: Sequence[str]) -> Iterator[Row]:
        """The rows with some numbers, in order, with the cells of some fields and those that name the row."""
        wanted = {column.column for column in self._plan.columns if column.name in fields} | set(self._plan.key_columns)
        asked = [self._database.cell(column) if number in wanted else "NULL" for number, column in enumerate(self._table.columns, 1)]
        rows = self._kept.rows()
        if rows is None:
            rows = self._database.rows(f"SELECT {', '.join(asked)} FROM {self._table.relation}{_order(self._table)}")
        left = iter(numbers.tolist())
        next_one = next(left, None)
        for number, cells in enumerate(rows, HEADER + 1):
            if number == next_one:
                yield Row(number, None, cells)
                next_one = next(left, None)
                if next_one is None:
                    return

    def keys(self, key: KeyPlan, numbers: Any, judge: Judge) -> Iterator[pl.DataFrame]:
        """Their keys, some at a time."""
        rows = self.rows(numbers, key.fields)
        while some := list(islice(rows, MOST)):
            yield keys_by_row(key, some, judge)
