"""What was worked out before, kept in the user's cache folder under a digest of everything that it follows from.

Nothing in it is believed that is damaged, and nothing can be put there by a directory of somebody else's: it is not in the directory.
It may be deleted at any time. Values of persons are masked before they are kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from govdata import digests
from govdata.content import cache_folder, refuse_special
from govdata.fastjson import compact

MOST = 64
"""Files kept under one beginning of a digest (of 256); the oldest make room."""
SETTLED = 2.0
"""Seconds after which a file's time of change tells it from another content: file systems count coarsely."""


def digest_of(parts: object) -> str:
    """A digest of values that can be written as JSON; others stand as their text."""
    return digests.sha256(compact(parts, "surrogatepass", ordered=True, default=str))


def read(kind: str, key: str, parse: Callable[[bytes], Any] = json.loads) -> Any:
    """What was kept under a key; `None` where nothing was, or it is damaged (and dropped).

    `parse`: `fastjson.parsed` for what is much and has no numbers but small whole ones.
    """
    path = _path(kind, key)
    if path is None:
        return None
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        if digests.sha256(key.encode() + body).encode() == head:
            return parse(body)
    except OSError:
        return None
    except (ValueError, RecursionError):
        pass
    with contextlib.suppress(OSError):
        path.unlink()
    return None


def write(kind: str, key: str, value: Any) -> None:
    """Keep a value. A cache that cannot be written is none; a half-written file is never seen."""
    path = _path(kind, key)
    if path is None:
        return
    body = compact(value, "surrogatepass")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = path.with_suffix(f".{os.getpid()}")
        try:
            with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(digests.sha256(key.encode() + body).encode() + b"\n" + body)
            os.replace(half, path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
        _make_room(path.parent)


def _path(kind: str, key: str) -> Path | None:
    base = cache_folder()
    return None if base is None else base / kind / key[:2] / f"{key[2:]}.json"


def _make_room(folder: Path) -> None:
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in files[:-MOST]:
        path.unlink(missing_ok=True)


def content_digest(path: Path) -> str | None:
    """The SHA-256 of a file; not read again while size, times and place of the file are the same. `None`: it cannot be read."""
    try:
        refuse_special(path)
        found = os.stat(path)
        # The time of writing can be set back, as by what copies with times; that of the last change of any kind cannot.
        times = [found.st_mtime_ns, found.st_ctime_ns]
        stamp = digest_of([str(path.resolve()), found.st_size, *times, found.st_ino, found.st_dev])
        known = read("stamps", stamp)
        if isinstance(known, Mapping) and isinstance(known.get("sha256"), str):
            return str(known["sha256"])
        import hashlib

        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
    if time.time() - max(times) / 1e9 > SETTLED:
        write("stamps", stamp, {"sha256": digest})
    return digest
