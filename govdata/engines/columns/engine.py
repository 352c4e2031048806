"""A large text table, with the answers of the reference: blocks are scanned beside each other and settled in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from queue import SimpleQueue

from govdata.copies import Copy
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

Hand = Callable[[Block, int], Scanned | None]
"""Looks at a block, of which so many records are header; `None` where `csv.reader` must read it."""


def check_blocks(plan: TablePlan, blocks: Blocks, workers: int = 2, copies: Sequence[Copy] = ()) -> Iterator[Finding | Skipped | Tally]:
    """Findings of every row below the header, in order of row and column, then counts of those that are not explained.

    So many threads look at blocks, or the copies of this process (`beside`) and one thread.
    """
    keep_memory()
    reading = Reading(plan, blocks)
    stopped: Exception | None = None
    try:
        scan = Scan(plan, blocks.form, blocks.comment)
        here = partial(_here, scan)
        _read(reading, [*(partial(_there, copy, scan) for copy in copies), here] if copies else [here] * workers, blocks)
        reading.compare()
    except BREAKS as error:
        stopped = error
    yield from reading.conclude(stopped)


def _read(reading: Reading, hands: Sequence[Hand], blocks: Blocks) -> None:
    with ThreadPoolExecutor(len(hands)) as pool:
        scanned = _scanned(pool, hands, blocks, reading)
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


def _scanned(pool: ThreadPoolExecutor, hands: Sequence[Hand], blocks: Blocks, reading: Reading) -> Iterator[tuple[Block, Scanned | None]]:
    """Blocks with their scans, in order, a few of them ahead."""
    waiting: deque[tuple[Block, Future[Scanned | None]]] = deque()
    free: SimpleQueue[Hand] = SimpleQueue()
    for hand in hands:
        free.put(hand)

    def scan(block: Block, skip: int) -> Scanned | None:
        hand = free.get()  # there are as many as threads of the pool
        try:
            return hand(block, skip) if block.whole else None
        finally:
            free.put(hand)

    skip = blocks.header
    for block in blocks.source.read():
        if skip > 1:
            # A last line without an end is a block by itself: how much of the header is left shows when what is before it is settled.
            yield block, scan(block, skip)
            skip = max(0, blocks.header - reading.records)
            continue
        waiting.append((block, pool.submit(scan, block, skip)))
        skip = 0
        if len(waiting) > len(hands) * AHEAD:
            first, future = waiting.popleft()
            yield first, future.result()
    while waiting:
        first, future = waiting.popleft()
        yield first, future.result()


def _here(scan: Scan, block: Block, skip: int) -> Scanned | None:
    return scan(block.text(), skip)


def _there(copy: Copy, scan: Scan, block: Block, skip: int) -> Scanned | None:
    """A copy looks at it; what it failed at is done here, and where single rows are asked for they are read again."""
    copy.ask((block, skip))
    answer = copy.answer()
    if answer is None:
        return _here(scan, block, skip)
    found: Scanned | None
    (found,) = answer
    if found is None:
        return None
    found = found.spread()
    return found if found.is_spent else scan.dressed(found, block.text(), skip)
