"""The keys of a table that others refer to: in memory up to a number of them, beyond that in a temporary file."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable
from typing import Any

Key = tuple[Any, ...]

HELD = 1_000_000
"""Keys of one table that are held in memory: some hundred bytes each. In a file they take several times as long."""


def known_keys(keys: Iterable[Key]) -> Collection[Key]:
    """Keys to be asked for and gone through, however many. OSError where the temporary disk is full."""
    waiting, held = iter(keys), set[Key]()
    for key in waiting:
        held.add(key)
        if len(held) > HELD:
            from govdata.engines.keyfile import KeyFile

            return KeyFile(itertools.chain(held, waiting))
    return frozenset(held)
