"""Keys of millions of rows: a hash decides that all differ, and where two are alike the real keys are read again.

Hashes are kept in memory up to a limit, then in files by their highest bits, so that each file is looked at alone.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import polars as pl

MEMORY = 64 << 20
"""Bytes of hashes and row numbers of one key that are held in memory."""
PARTS = 64
"""Files that they are spread over beyond that."""
_PAIR = np.dtype([("hash", np.uint64), ("row", np.int64)])


class HashStore:
    """The hashes of one key over a whole table."""

    def __init__(self) -> None:
        self._held: list[tuple[Any, pl.Series]] = []
        self._size = 0
        self._files: list[BinaryIO] = []

    def add(self, rows: Any, hashes: pl.Series) -> None:
        """Take in rows (their numbers) with their hashes. OSError where the disk is full."""
        if not len(rows):
            return
        self._held.append((rows, hashes))
        self._size += rows.nbytes + hashes.estimated_size()
        if self._size > MEMORY:
            with naming_folder():
                self._spill()

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile() for _ in range(PARTS)]  # noqa: SIM115  (closed by `close`)
        for rows, held in self._held:
            hashes = held.to_numpy()
            groups = (hashes >> np.uint64(58)).astype(np.uint8)
            order = np.argsort(groups, kind="stable")
            pairs = np.empty(len(rows), _PAIR)
            pairs["hash"], pairs["row"] = hashes[order], rows[order]
            ends = np.searchsorted(groups[order], np.arange(PARTS), side="right").tolist()
            for file, first, last in zip(self._files, [0, *ends], ends, strict=False):
                file.write(pairs[first:last].tobytes())
        self._held, self._size = [], 0

    def alike(self) -> Any:
        """The rows whose hash another row has too, in order. OSError where the disk is full."""
        with naming_folder():
            return np.sort(np.concatenate([np.empty(0, np.int64), *map(_alike, self._parts())]))

    def _parts(self) -> Iterator[list[tuple[Any, pl.Series]]]:
        """Rows with their hashes, in groups that have no hash in common."""
        if self._files:
            self._spill()
            for file in self._files:
                file.seek(0)
                pairs = np.frombuffer(file.read(), _PAIR)
                yield [(pairs["row"], pl.Series(pairs["hash"]))]
        elif self._held:
            yield self._held

    def close(self) -> None:
        """Let go of files and memory."""
        for file in self._files:
            with contextlib.suppress(OSError):  # a full disk: what was not written yet cannot be now
                file.close()
        self._files, self._held = [], []


@contextlib.contextmanager
def naming_folder() -> Iterator[None]:
    """OSError of what is done with a temporary file names their folder: such a file has no name of its own."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, tempfile.tempdir or "TMPDIR") from error


def _alike(pairs: list[tuple[Any, pl.Series]]) -> Any:
    """The rows of which a hash stands twice."""
    # Polars sorts in several threads, and each several times as fast as numpy: nothing else is to be done meanwhile.
    every = pl.concat([hashes for _, hashes in pairs])
    ordered = every.sort().to_numpy()
    alike = ordered[1:] == ordered[:-1]
    if not alike.any():  # mostly so: the rows need not be put together
        return np.empty(0, np.int64)
    twice, hashes = np.unique(ordered[1:][alike]), every.to_numpy()
    places = np.minimum(np.searchsorted(twice, hashes), len(twice) - 1)
    return np.concatenate([rows for rows, _ in pairs])[twice[places] == hashes]
