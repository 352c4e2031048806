"""What the page works on while the program runs: the works of all its tabs, within limits, for whoever has the token."""

from __future__ import annotations

import contextlib
import hmac
import itertools
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from govdata.classes import dataclass, field
from govdata.errors import ReadError
from govdata.settings import ALONE
from govdata.ui.naming import safe_name
from govdata.ui.works import Work, check

GIB = 1 << 30
ONCE = 120
"""Seconds for which the address that the browser is opened with can be used, once."""
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a session takes. Larger things are checked where they are, by their path."""

    file: int = GIB
    session: int = 4 * GIB
    """Bytes."""
    files: int = 5000
    """In one work."""
    works: int = 50
    free: int = 256 << 20
    """Bytes that stay free on the disk."""


@dataclass(eq=False, slots=True)
class Session:
    """The state of the program."""

    folder: Path
    language: str
    limits: Limits = Limits()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    works: dict[str, Work] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)
    guard: threading.Lock = field(default_factory=threading.Lock)
    once: dict[str, float] = field(default_factory=dict)

    def is_token(self, given: str) -> bool:
        """Whether it is the token, told in a time that says nothing of it."""
        return hmac.compare_digest(given.encode(), self.token.encode())

    def one_use(self) -> str:
        """A word that is changed into the token once: others can read the command line with which a browser is started."""
        made = secrets.token_urlsafe(24)
        self.once[made] = time.monotonic() + ONCE
        return made

    def redeem(self, given: str) -> str:
        """The token for a word of one use; empty where it was used, is too old or never was."""
        with self.guard:
            until = self.once.pop(given, 0.0)
        return self.token if time.monotonic() < until else ""

    def begin(self, path: str = "") -> Work:
        """A new work, on files that will be sent or on a path of this machine. `ReadError` where there is none."""
        named = None
        if path.strip():
            # A name with a zero in it is none, and the system's functions would raise.
            named = Path(os.path.expanduser(path.strip().strip('"').replace("\0", "")))
            if not named.is_absolute() or not os.path.exists(named):
                raise ReadError("ui-no-path", path=path.strip())
        with self.guard:
            if len(self.works) >= self.limits.works:
                raise ReadError("ui-many-works", limit=self.limits.works)
            work = Work(secrets.token_urlsafe(9), self.folder / f"work-{len(self.works) + 1}-{secrets.token_hex(4)}", named)
            self.works[work.id] = work
        # The system's temporary folder is everybody's: settings that somebody left there are not those of the officer.
        ALONE.add(self.folder.absolute())
        work.folder.mkdir()
        if named is not None:
            work.state = "ready"
        return work

    def end(self, work: Work) -> None:
        """Forget a work and its files."""
        work.tell(stopping=True)
        with self.guard:
            self.works.pop(work.id, None)
        shutil.rmtree(work.folder, ignore_errors=True)

    def receive(self, work: Work, sent: str, source: BinaryIO, size: int) -> bool:
        """Take one file of so many bytes as it comes; `False`: one that is not kept (hidden, without a name)."""
        name = safe_name(sent)
        if not name:
            work.left += 1
            return False
        with self.guard:
            self._refuse_large(work, size, name)
            place = _free(work.sent, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch(0o600)
            work.size += size
            work.count += 1
        try:
            with place.open("wb") as file:
                _copy(source, file, size)
        except (OSError, ReadError) as error:
            with contextlib.suppress(OSError):
                place.unlink()
            work.size -= size
            work.count -= 1
            if isinstance(error, ReadError):
                raise
            raise ReadError("cannot-write", path=name, what=error.strerror or str(error)) from error
        given = place.relative_to(work.sent).as_posix()
        if given != sent.replace("\\", "/").removeprefix("./").removeprefix("/"):
            work.renamed.append(given)
        work.tell(state="ready")
        return True

    def _refuse_large(self, work: Work, size: int, name: str) -> None:
        limits = self.limits
        if size > limits.file:
            raise ReadError("ui-large-file", path=name, limit=limits.file >> 20)
        if work.count >= limits.files:
            raise ReadError("ui-many-files", limit=limits.files)
        if sum(each.size for each in self.works.values()) + size > limits.session:
            raise ReadError("ui-large-session", limit=limits.session >> 20)
        if shutil.disk_usage(self.folder).free - size < limits.free:
            raise ReadError("ui-disk-full", path=name)

    def start(self, work: Work, language: str) -> None:
        """Have a work checked, unless it is being checked."""
        with work.changed:
            if work.state in ("waiting", "checking"):
                return
            if work.state == "empty":
                raise ReadError("ui-nothing-sent")
            work.stopping = False
            work.state, work.error, work.outcome, work.progress = "waiting", "", work.outcome, {}
            work.version += 1
            work.changed.notify_all()
        threading.Thread(target=check, args=(work, language, self.turn), daemon=True).start()


def _free(folder: Path, name: str) -> Path:
    """A place that no file has yet: of two that get one name, the second is numbered. A file cannot be a folder as well."""
    *above, last = name.split("/")
    for step in above:
        folder = next(place for place in _numbered(folder, step) if not os.path.lexists(place) or place.is_dir())
    return next(place for place in _numbered(folder, last) if not os.path.lexists(place))


def _numbered(folder: Path, name: str) -> Iterator[Path]:
    yield folder / name
    stem, suffix = os.path.splitext(name)
    yield from (folder / f"{stem} ({number}){suffix}" for number in itertools.count(2))


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    left = size
    while left:
        piece = source.read(min(_PIECE, left))
        if not piece:
            raise ReadError("ui-broken-off")
        target.write(piece)
        left -= len(piece)
