"""Copies of this process that look at blocks of a large table beside it: made before packages are loaded, so that each loads its own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import BinaryIO

from govdata.copies import Copy, copied, hear, is_alone, tell
from govdata.engines.plan import TablePlan
from govdata.reading.sources import BlockSource

LEAST = 32 << 20
"""Bytes of a table from which on it is worth that a second process loads the packages."""


@contextlib.contextmanager
def copies(plan: TablePlan, source: BlockSource, workers: int, name: str) -> Iterator[list[Copy]]:
    """So many copies that with this process there are as many as workers, or as processors; none where the system makes none.

    Each is asked for a block, with the number of records in it that are header, and answers with a list of what `Scan` gives.
    """
    made: list[Copy] = []
    try:
        if source.size >= LEAST and is_alone():
            for _ in range(min(workers, _processors()) - 1):
                copy = copied(lambda asked, answers: _serve(plan, source, asked, answers), name)
                made += [copy] if copy is not None else []
        yield made
    finally:
        for copy in made:
            copy.stop()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _serve(plan: TablePlan, source: BlockSource, asked: BinaryIO, answers: BinaryIO) -> None:
    from govdata.engines.columns.blocks import Blocks
    from govdata.engines.columns.memory import keep_memory
    from govdata.engines.columns.scanning import Scan

    keep_memory()
    blocks = Blocks(source, 0)
    scan = Scan(plan, blocks.form, blocks.comment)
    while True:
        block, skip = hear(asked)
        found = scan(block.text(), skip)
        tell([found and found.bare()], answers)
