"""A large text table, with the answers of the reference: blocks are scanned beside each other and settled in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain

from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.reading import Reading
from govdata.engines.columns.scanned import Scanned
from govdata.engines.columns.scanners import Submit, scanners
from govdata.engines.plan import TablePlan, Tally
from govdata.reading.sources import Block
from govdata.values import Finding, Skipped

AHEAD = 3
"""Blocks that are scanned or wait to be settled, per worker."""


def check_blocks(plan: TablePlan, blocks: Blocks, workers: int = 2) -> Iterator[Finding | Skipped | Tally]:
    """Findings of every row below the header, in order of row and column, then counts of those that are not explained."""
    reading = Reading(plan, blocks)
    with scanners(plan, blocks, workers) as submit:
        scanned = _scanned(submit, blocks, workers * AHEAD)
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
    yield from reading.conclude()


def _scanned(submit: Submit, blocks: Blocks, ahead: int) -> Iterator[tuple[Block, Scanned | None]]:
    """Blocks with their scans, in order, a few of them ahead."""
    waiting: deque[tuple[Block, Callable[[], Scanned | None]]] = deque()
    skip = blocks.header
    for block in blocks.source.read():
        waiting.append((block, submit(block, skip)))
        skip = 0
        if len(waiting) > ahead:
            first, result = waiting.popleft()
            yield first, result()
    while waiting:
        first, result = waiting.popleft()
        yield first, result()
