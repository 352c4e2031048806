"""The folder of a session: for its user alone, gone when it ends; what a killed session left is cleared away by the next one."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from govdata.errors import PublishError
from govdata.publishing.journal import held

PREFIX = "govdata-ui-"
LOCK = ".lock"


class SessionFolder:
    """A temporary folder that a lock marks as in use. The system lets go of the lock when the process ends, however it ends."""

    def __init__(self) -> None:
        clear_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = (self.path / LOCK).open("wb")
        with contextlib.suppress(PublishError):  # where nothing can be locked, nobody clears away either
            held(self._lock)

    def __enter__(self) -> SessionFolder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def clear_abandoned() -> None:
    """Remove the folders of sessions that ended without doing so. Those of others, and those in use, stay."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, PublishError):
            if folder.is_symlink() or not _ours(folder):
                continue
            with (folder / LOCK).open("r+b") as lock:
                free = held(lock)
            if free:
                shutil.rmtree(folder, ignore_errors=True)


def _ours(folder: Path) -> bool:
    return os.name == "nt" or folder.stat().st_uid == os.getuid()
