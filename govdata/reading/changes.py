"""Whether a file is still what it was when it was opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from govdata.classes import replace
from govdata.reading.signature import unreadable
from govdata.values import Finding, Resource

BREAKS = (OSError, ValueError, LookupError, TypeError)
"""What reading raises where it meets other bytes than those that were looked at before."""

BESIDE = ("-wal", "-journal", ".wal")
"""How the names end of files that SQLite and DuckDB write beside a database."""

Stamp = tuple[int, int]
"""Bytes, and when a file was last written to, in nanoseconds."""


def stamp_of(path: Path) -> Stamp:
    """By which a change of the file shows later. OSError where it cannot be looked at."""
    found = os.stat(path)
    return found.st_size, found.st_mtime_ns


def unsaved(path: Path) -> list[str]:
    """Names of the files beside a database that hold changes which are not in it."""
    return [path.name + end for end in BESIDE if _size(path.with_name(path.name + end))]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def check_unchanged(resource: Resource, stamp: Stamp, error: Exception | None = None) -> Iterator[Finding]:
    """The finding that the file has another stamp by now, or cannot be read any more.

    `error`: what broke the reading off. It is raised where the file is the same and can be read.
    """
    gone = error if isinstance(error, OSError) and error.filename in (None, str(resource.path)) else None
    try:
        same = stamp_of(resource.path) == stamp
    except OSError as failed:
        gone = gone or failed
    if gone is not None:
        yield replace(unreadable(gone), file=resource.file, resource=resource.id)
    elif not same or isinstance(error, UnicodeDecodeError):  # a text that was proven: a clock may be too coarse to tell
        yield Finding("file/changed", file=resource.file, resource=resource.id, args={"name": resource.path.name})
    elif error is not None:
        raise error
