"""Who scans the blocks of a table: threads of this process, or where the table is large one thread of it and other processes.

Threads wait for each other: what is asked of one column of a block takes less than a millisecond, and between two such steps each needs
Python's lock. Processes do not, but each has to load Polars.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any

from govdata.classes import dataclass, replace
from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.scanned import Scanned
from govdata.engines.columns.scanning import Scan
from govdata.engines.columns.structure import Form
from govdata.engines.plan import ForeignKeyPlan, TablePlan
from govdata.predicates.conditions import Condition
from govdata.processes import Processes, start
from govdata.reading.sources import Block
from govdata.values import Finding

LARGE = 256 << 20
"""Bytes of a table from which other processes scan it: to load Polars takes each as long as to scan some 32 MiB."""
AT_HAND = 2
"""Blocks that wait for the thread beside processes; they get the others."""
KNOWN = 100_000
"""Keys of other tables that each process may be given for it; of more there is one copy, and threads."""

Submit = Callable[[Block, int], Callable[[], Scanned | None]]
"""Have a block scanned, of which so many records are header; what is given back waits for it (`Scan.__call__`)."""


@contextmanager
def scanners(plan: TablePlan, blocks: Blocks, workers: int) -> Iterator[Submit]:
    """So many threads; or, for a large table, one thread and otherwise processes. `EngineError` where the system ends one of these."""
    is_shared = workers > 1 and blocks.source.size >= LARGE and _known(plan.foreign_keys) <= KNOWN
    with (
        ThreadPoolExecutor(1 if is_shared else workers) as pool,
        _others(plan, blocks, workers - 1) if is_shared else nullcontext() as others,
    ):
        making = pool.submit(Scan, plan, blocks.form, blocks.comment)
        here: deque[Future[Scanned | None]] = deque()

        def submit(block: Block, skip: int) -> Callable[[], Scanned | None]:
            while here and here[0].done():
                here.popleft()
            if others is not None and len(here) >= AT_HAND:
                return others.submit(plan.file, _work, block, skip)
            here.append(pool.submit(_scan, making.result, block, skip))
            return here[-1].result

        try:
            yield submit
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _others(plan: TablePlan, blocks: Blocks, number: int) -> Iterator[Processes]:
    processes = start(number, _begin, scanned_elsewhere(plan), blocks.form, blocks.comment)
    try:
        yield processes
    finally:
        processes.stop()


def _known(keys: Sequence[ForeignKeyPlan]) -> int:
    return sum(len(key.known) for key in keys)


def _scan(made: Callable[[], Scan], block: Block, skip: int) -> Scanned | None:
    return made()(block.text(), skip) if block.whole else None


# What the other process is told


def scanned_elsewhere(plan: TablePlan) -> TablePlan:
    """The plan with what a scan asks of it, without what only the process that made it can call."""
    columns = tuple(replace(column, checks=(), watch=column.watch and _UNHEARD) for column in plan.columns)
    kinds = {kind: (lengths, functools.partial(_same, recognised())) for kind, (lengths, recognised) in plan.kinds.items()}
    pair = plan.pair and _Pair(plan.pair.fields, plan.pair.wanted)
    others = dict.fromkeys(plan.other_columns, _UNHEARD)
    return replace(plan, columns=columns, kinds=kinds, pair=pair, other_columns=others, severity=_severity)


def _same(condition: Condition | None) -> Condition | None:
    return condition


def _severity(finding: Finding) -> str:
    return finding.severity


@dataclass(frozen=True, slots=True)
class _Unheard:
    """A column that is watched: what a scan counts is told to the watch itself, by the process that has it."""

    def observe(self, text: str) -> None: ...

    def observe_all(self, texts: Sequence[str]) -> None: ...

    def add(self, values: int, alone: Mapping[str, int]) -> None: ...


_UNHEARD = _Unheard()


@dataclass(frozen=True, slots=True)
class _Pair:
    """The same of a pair of coordinates: what it is, and how many points it wanted when the table was begun."""

    fields: tuple[str, str]
    wanted: int

    def observe(self, row: int, values: Mapping[str, Any]) -> None: ...

    def add(self, swapped: int, first: int, points: Sequence[tuple[float, float]]) -> None: ...


# The other process

_SCAN: list[Scan] = []


def _begin(plan: TablePlan, form: Form, comment: str) -> None:
    _SCAN[:] = [Scan(plan, form, comment)]


def _work(block: Block, skip: int) -> Scanned | None:
    return _scan(lambda: _SCAN[0], block, skip)
