"""Who scans the blocks of a table: threads of this process, or other processes where the table is large.

Threads wait for each other: what is asked of one column of a block takes less than a millisecond, and between two such steps each needs
Python's lock. Processes do not, but each has to load Polars; meanwhile the one that asks needs no Polars at all until a row is wrong.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from govdata.classes import dataclass, replace
from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.scanned import Scanned
from govdata.engines.columns.structure import Form
from govdata.engines.plan import ForeignKeyPlan, TablePlan
from govdata.predicates.conditions import Condition
from govdata.processes import start
from govdata.reading.sources import Block
from govdata.values import Finding

if TYPE_CHECKING:
    from govdata.engines.columns.scanning import Scan

LARGE = 48 << 20
"""Bytes of a table from which other processes scan it."""
KNOWN = 100_000
"""Keys of other tables that each process may be given for it; of more there is one copy, and threads."""

Submit = Callable[[Block, int], Callable[[], Scanned | None]]
"""Have a block scanned, of which so many records are header; what is given back waits for it (`Scan.__call__`)."""


@contextmanager
def scanners(plan: TablePlan, blocks: Blocks, workers: int) -> Iterator[Submit]:
    """So many threads or processes, for one table. `EngineError` where the system ends one of the processes."""
    if workers > 1 and blocks.source.size >= LARGE and _known(plan.foreign_keys) <= KNOWN:
        processes = start(workers, _begin, scanned_elsewhere(plan), blocks.form, blocks.comment)
        try:
            yield lambda block, skip: processes.submit(plan.file, _work, block, skip)
        finally:
            processes.stop()
        return
    from concurrent.futures import ThreadPoolExecutor

    from govdata.engines.columns.scanning import Scan

    scan = Scan(plan, blocks.form, blocks.comment)
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield lambda block, skip: pool.submit(_scan, scan, block, skip).result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _known(keys: Sequence[ForeignKeyPlan]) -> int:
    return sum(len(key.known) for key in keys)


def _scan(scan: Scan, block: Block, skip: int) -> Scanned | None:
    return scan(block.text(), skip) if block.whole else None


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
    # Each process is one worker: threads of Polars beside it would only be in the way of the other processes.
    os.environ["POLARS_MAX_THREADS"] = "1"
    from govdata.engines.columns.scanning import Scan

    _SCAN[:] = [Scan(plan, form, comment)]


def _work(block: Block, skip: int) -> Scanned | None:
    return _scan(_SCAN[0], block, skip)
