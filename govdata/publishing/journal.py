"""The journal of publishing: what was begun and what was done, on disk before and after each step, and one run at a time.

One JSON object a line. A line that was cut off by a crash is the last one and counts as never written: what it would have said is
looked up on the target.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from govdata.errors import PublishError

FOLDER = ".govdata/publishing"
"""Below the directory. It may be deleted when no run is under way: then more is looked up on the target."""

LARGEST = 8 << 20
"""Bytes after which a new file is begun, once nothing in the old one is open."""

_TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
"""What systems say of a lock that another process has."""


class Journal:
    """The journal of one directory for one target, held by one run. Thread-safe."""

    def __init__(self, file: BinaryIO, run: str, left_open: tuple[Mapping[str, Any], ...]) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._number = 0
        self.run = run
        self.left_open = left_open
        """What earlier runs began and did not finish, oldest first."""

    def begin(self, kind: str, **more: Any) -> int:
        """Note that a step is about to be done; gives its number in the run."""
        with self._lock:
            self._number += 1
            self._write({"event": "begin", "step": self._number, "kind": kind, **more})
            return self._number

    def done(self, step: int, **more: Any) -> None:
        """Note that a step was done, with what was learned of the target."""
        with self._lock:
            self._write({"event": "done", "step": step, **more})

    def failed(self, step: int, *, unsure: bool, why: str) -> None:
        """Note that a step failed; `unsure`: it may have been done all the same."""
        with self._lock:
            self._write({"event": "failed", "step": step, "unsure": unsure, "why": why})

    def settled(self) -> None:
        """Note that all that earlier runs left open has been looked at and put right."""
        with self._lock:
            self._write({"event": "settled"})

    def _write(self, record: Mapping[str, Any]) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"run": self.run, "time": moment, **record}, ensure_ascii=False, separators=(",", ":"))
        try:
            self._file.write(line.encode("utf-8", "surrogatepass") + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(Path(self._file.name), error) from error


@contextlib.contextmanager
def open_journal(root: Path, target: str) -> Iterator[Journal]:
    """The journal of a target, for one run alone. `PublishError` where another run holds it, or it cannot be written."""
    folder = root / FOLDER
    name = target.replace(":", "-")
    path = folder / f"{name}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError), (root / ".govdata" / ".gitignore").open("x", encoding="utf-8") as ignored:
            ignored.write("*\n")
        lock = (folder / f"{name}.lock").open("ab")
    except OSError as error:
        raise _unwritable(folder, error) from error
    with lock:
        if not held(lock):
            raise PublishError("run-under-way", target=target, path=str(folder / f"{name}.lock"))
        open_records = tuple(left_open(root, target))
        try:
            file = _opened(path, bool(open_records))
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            yield Journal(file, uuid.uuid4().hex[:12], open_records)
        finally:
            with contextlib.suppress(OSError):  # all that counts is on disk; what could not be written was told
                file.close()


def _opened(path: Path, is_open: bool) -> BinaryIO:
    """The file, to be written on at its end; a new one where it is large and nothing in it is open."""
    if not is_open and path.exists() and path.stat().st_size > LARGEST:
        path.replace(path.with_suffix(".old.jsonl"))
    if path.exists() and path.stat().st_size and _lacks_end(path):
        with path.open("ab") as cut:
            cut.write(b"\n")
    return path.open("ab")


def _unwritable(path: Path, error: OSError) -> PublishError:
    return PublishError("journal-unwritable", path=str(path), what=error.strerror or str(error))


def left_open(root: Path, target: str) -> list[Mapping[str, Any]]:
    """The steps that runs began and that are not known to be done or undone, oldest first; safe to call without the lock."""
    path = root / FOLDER / f"{target.replace(':', '-')}.jsonl"
    waiting: dict[tuple[str, int], Mapping[str, Any]] = {}
    for record in _records(path):
        key = (str(record.get("run")), record.get("step", 0))
        event = record.get("event")
        if event == "begin":
            waiting[key] = record
        elif event == "done" or (event == "failed" and not record.get("unsure")):
            waiting.pop(key, None)
        elif event == "settled":
            waiting = {begun: told for begun, told in waiting.items() if begun[0] == key[0]}
    return list(waiting.values())


def own_moments(root: Path, target: str) -> dict[str, str]:
    """Id of a dataset → when it was last modified by a step of ours, as the target said it."""
    path = root / FOLDER / f"{target.replace(':', '-')}.jsonl"
    return {str(record["id"]): str(record["modified"]) for record in _records(path) if record.get("modified") and record.get("id")}


def runs_of(root: Path, target: str) -> frozenset[str]:
    """The runs that the journal knows."""
    return frozenset(str(record.get("run")) for record in _records(root / FOLDER / f"{target.replace(':', '-')}.jsonl"))


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        for line in file:
            with contextlib.suppress(ValueError, RecursionError):
                record = json.loads(line)
                if isinstance(record, dict) and isinstance(record.get("step", 0), int):
                    yield record


def _lacks_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def held(file: BinaryIO) -> bool:
    """Lock a file for this process, unless another has; the system lets go of it when the process ends, however it ends.

    `PublishError` where nothing can be locked, as on some shares; then the file is closed.
    """
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _TAKEN:
            file.close()
            raise PublishError("no-lock", path=str(file.name), what=error.strerror or str(error)) from error
        return False
    return True
