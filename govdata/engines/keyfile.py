"""Keys in a temporary file: a hash leads to those that may be meant, and the real ones decide. Imported only where there are very many."""

from __future__ import annotations

import errno
import itertools
import os
import pickle
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from govdata.engines.known import Key

_AT_ONCE = 10_000
"""Keys that are written at once."""


class KeyFile(Collection[Key]):
    """Keys in a temporary file, which goes with this object. One that comes twice is there twice. OSError where its disk fails."""

    def __init__(self, keys: Iterable[Key]) -> None:
        folder = tempfile.mkdtemp(prefix="govdata-")
        self._count = 0
        try:
            # Nothing of it outlasts this process, so nothing needs to be safe from its end.
            self._database = sqlite3.connect(Path(folder) / "keys", isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise _failed(error) from error
        self.close = weakref.finalize(self, _remove, self._database, folder)
        """Takes the file away; it goes with this object at the latest."""
        try:
            self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE keys (hash INTEGER, key BLOB);")
            # Where a file may be taken away while it is open, nothing is left even of a process that is killed.
            shutil.rmtree(folder, ignore_errors=True)
            rows = ((hash(key), pickle.dumps(key, pickle.HIGHEST_PROTOCOL)) for key in keys)
            while some := list(itertools.islice(rows, _AT_ONCE)):
                self._database.execute("BEGIN")
                self._database.executemany("INSERT INTO keys VALUES (?, ?)", some)
                self._database.execute("COMMIT")
                self._count += len(some)
            self._database.execute("CREATE INDEX by_hash ON keys (hash)")
        except sqlite3.Error as error:
            self.close()
            raise _failed(error) from error

    def __contains__(self, key: object) -> bool:
        try:
            found = self._database.execute("SELECT key FROM keys WHERE hash = ?", (hash(key),)).fetchall()
        except sqlite3.Error as error:
            raise _failed(error) from error
        return any(pickle.loads(told) == key for (told,) in found)

    def __iter__(self) -> Iterator[Key]:
        try:
            yield from (pickle.loads(told) for (told,) in self._database.execute("SELECT key FROM keys ORDER BY rowid"))
        except sqlite3.Error as error:
            raise _failed(error) from error

    def __len__(self) -> int:
        return self._count


def _failed(error: sqlite3.Error) -> OSError:
    """What SQLite says of the temporary file, as an error of the disk that it lies on."""
    is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    number, what = (errno.ENOSPC, os.strerror(errno.ENOSPC)) if is_full else (errno.EIO, str(error))
    return OSError(number, what, tempfile.gettempdir())


def _remove(database: sqlite3.Connection, folder: str) -> None:
    database.close()
    shutil.rmtree(folder, ignore_errors=True)
