"""A large text table, with the answers of the reference: blocks are scanned beside each other and settled in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

from govdata.engines.columns.blocks import BREAKS, Blocks
from govdata.engines.columns.memory import keep_memory
from govdata.engines.columns.reading import Reading
from govdata.engines.columns.scanned import Scanned
from govdata.engines.columns.scanning import Scan
from govdata.engines.plan import TablePlan, Tally
from govdata.reading.sources import Block
from govdata.values import Finding, Skipped

AHEAD = 2
"""Blocks that are scanned or wait to be settled, per worker."""


def check_blocks(plan: TablePlan, blocks: Blocks, workers: int = 2) -> Iterator[Finding | Skipped | Tally]:
    """Findings of every row below the header, in order of row and column, then counts of those that are not explained."""
    keep_memory()
    reading = Reading(plan, blocks)
    stopped: Exception | None = None
    try:
        _read(reading, Scan(plan, blocks.form, blocks.comment), blocks, workers)
        reading.compare()
    except BREAKS as error:
        stopped = error
    yield from reading.conclude(stopped)


def _read(reading: Reading, scan: Scan, blocks: Blocks, workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        scanned = _scanned(pool, scan, (blocks, reading), workers * AHEAD)
        try:
            for block, found in scanned:
                if found is not None:
                    reading.take(found)
                elif block.whole and blocks.source.ends_clean(block.text()):
                    reading.read([block.text()])
                else:
                    # Where a record ends is known no more: `csv.reader` goes on to the end of the file.
                    reading.read(chain([block.text()], (later.text() for later, _ in scanned)))
                if reading.ended:
                    break
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _scanned(pool: ThreadPoolExecutor, scan: Scan, means: tuple[Blocks, Reading], ahead: int) -> Iterator[tuple[Block, Scanned | None]]:
    """Blocks with their scans, in order, a few of them ahead."""
    blocks, reading = means
    waiting: deque[tuple[Block, Future[Scanned | None]]] = deque()
    skip = blocks.header
    for block in blocks.source.read():
        if skip > 1:
            # A last line without an end is a block by itself: how much of the header is left shows when what is before it is settled.
            yield block, _scan(scan, block, skip)
            skip = max(0, blocks.header - reading.records)
            continue
        waiting.append((block, pool.submit(_scan, scan, block, skip)))
        skip = 0
        if len(waiting) > ahead:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()


def _scan(scan: Scan, block: Block, skip: int) -> Scanned | None:
    return scan(block.text(), skip) if block.whole else None
