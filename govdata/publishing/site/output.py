"""Where a new site is put together, and file by file what goes into it: written, or taken over from the old one unread.

Two ways. `rename`: the whole new site stands beside the old one, files that stay the same are links to the old ones (copies where the
file system has no links), and both are exchanged at the end. `files`: where the folder is a mount point, or nothing may be put beside
it, only what changes is put together, inside the folder, and moved into its place at the end.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from govdata.classes import dataclass
from govdata.errors import PublishError
from govdata.publishing.journal import held
from govdata.publishing.site.state import FOLDER, PENDING

_USUAL = re.compile(r"(?:[a-z0-9_-][a-z0-9._-]{0,99}/)*[a-z0-9_-][a-z0-9._-]{0,99}")
"""Paths that need no closer look."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

STAGE = f"{FOLDER}/new"
"""Where a new site is put together inside the old one."""

_NO_LINKS = frozenset((errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EXDEV, errno.ENOSYS, errno.EACCES))
"""What a file system says that has no links, or no more of them for a file."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a build."""

    site: Path
    """Where the site is or will be; no link itself."""
    stage: Path
    """Where the new one is put together."""
    way: str
    """`rename` or `files`."""

    @property
    def lock(self) -> Path:
        """The file that keeps a second build out."""
        return _beside(self.site, "lock") if self.way == "rename" else self.site / FOLDER / "lock"

    @property
    def intent(self) -> Path:
        """Is there while the new site is complete and being put into its place."""
        return _beside(self.site, "switch") if self.way == "rename" else self.site / PENDING

    @property
    def aside(self) -> Path:
        """Where the old site goes that cannot be exchanged in one step."""
        return _beside(self.site, "old")

    @property
    def spare(self) -> Path:
        """The site before, where it is kept for the next build."""
        return _beside(self.site, "spare")


def folders_of(path: Path) -> Folders:
    """The folders for a site at a path, and the way that is open there."""
    site = path.resolve()
    beside = os.access(site.parent, os.W_OK | os.X_OK) if site.parent.exists() else True
    if site.exists() and (_is_mount(site) or not beside):
        return Folders(site, site / STAGE, "files")
    return Folders(site, _beside(site, "new"), "rename")


def _beside(site: Path, what: str) -> Path:
    return site.with_name(f".{site.name[:200]}.govdata-{what}")


def _is_mount(site: Path) -> bool:
    """Whether the folder is a mount point; one that shows a folder of the same file system is so only in the system's list."""
    if os.path.ismount(site):
        return True
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
            places = {line.split()[4].encode("utf-8", "surrogateescape").decode("unicode_escape") for line in table if line.count(" ") > 4}
    except (OSError, ValueError):
        return False
    return str(site).encode("utf-8", "surrogateescape").decode("latin-1") in places


def current(folders: Folders) -> Path:
    """The folder that holds the site now: after a crash between two steps it may not be in its place yet."""
    if not folders.site.exists() and folders.way == "rename" and folders.intent.exists() and folders.stage.exists():
        return folders.stage
    return folders.site


@contextlib.contextmanager
def locked(folders: Folders) -> Iterator[None]:
    """Keep other builds out. `PublishError` where one is under way, or the place cannot be written."""
    path = folders.lock
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            file = path.open("ab")
            if not held(file):
                file.close()
                raise PublishError("run-under-way", target=str(folders.site), path=str(path))
            if _is_same(file, path):
                break
            file.close()
    except OSError as error:
        raise failure(error, path) from error
    try:
        yield
    finally:
        # Taken away while it is held: who opens it later finds another file, and looks again.
        with contextlib.suppress(OSError):
            path.unlink()
        file.close()


def _is_same(file: BinaryIO, path: Path) -> bool:
    """Whether the file that was locked is still the one at the path."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except OSError:
        return False


def failure(error: OSError, path: Path | str, begun: bool = False) -> PublishError:
    """What is told of a file that cannot be written. `begun`: the new site is being put into its place, or is there."""
    # Of two files the second is the one to be written, unless the first was to be there and is not.
    named = error.filename if isinstance(error, FileNotFoundError) else error.filename2 or error.filename
    return PublishError("folder-half" if begun else "folder-unwritable", path=str(named or path), what=error.strerror or str(error))


def write(folders: Folders, path: str, content: bytes | Iterable[bytes], more: bool = False) -> None:
    """Write a file of the new site; its folders are made. `more`: behind what was written into it before."""
    place = f"{folders.stage}/{_plain(path)}"
    if isinstance(content, bytes) and not more:
        _write_whole(place, content)
        return
    with _opened(place, more) as file:
        for part in (content,) if isinstance(content, bytes) else content:
            file.write(part)


def write_or_keep(folders: Folders, path: str, content: bytes) -> bool:
    """Write a file, unless the old site has the very same bytes: then that one is kept. Whether it was written."""
    if _is_equal(f"{folders.site}/{path}", content):
        keep(folders, path)
        return False
    write(folders, path, content)
    return True


def _is_equal(path: str, content: bytes) -> bool:
    try:
        with open(path, "rb", buffering=0) as file:
            return os.fstat(file.fileno()).st_size == len(content) and file.read() == content
    except OSError:
        return False


def keep(folders: Folders, path: str) -> None:
    """Take a file over from the old site, unread."""
    if folders.way == "rename":
        take(f"{folders.site}/{path}", f"{folders.stage}/{path}")


def take(old: str, new: str) -> None:
    """Make a file the same as another: a link to it, else a copy."""
    try:
        _link(old, new)
    except FileNotFoundError:
        # Either folder may be missing; that of the new one is made.
        os.makedirs(os.path.dirname(new), exist_ok=True)
        _link(old, new)


def _link(old: str, new: str) -> None:
    try:
        os.link(old, new)
    except FileExistsError:
        # It was there in the spare.
        if not os.path.samestat(os.lstat(old), os.lstat(new)):
            os.unlink(new)
            _link(old, new)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(old, new)


def _write_whole(path: str, content: bytes) -> None:
    """A new file. There are hundreds of thousands of them, so nothing is asked of the system that is not needed."""
    descriptor = _made(path)
    try:
        done = os.write(descriptor, content)
        while done < len(content):
            done += os.write(descriptor, content[done:])
    finally:
        os.close(descriptor)


def _made(path: str) -> int:
    """A new file, open. What may stand there is taken away first: it may be a link to a file of the old site."""
    try:
        return os.open(path, _NEW, 0o666)
    except FileNotFoundError:
        folder = os.path.dirname(path)
        try:
            os.mkdir(folder)
        except OSError:
            os.makedirs(folder, exist_ok=True)
    except FileExistsError:
        os.unlink(path)
    return os.open(path, _NEW, 0o666)


def _opened(path: str, more: bool = False) -> BinaryIO:
    """A file to be written in pieces. `more`: behind what this build wrote into it."""
    return open(path, "ab") if more else os.fdopen(_made(path), "wb")


def _plain(path: str) -> str:
    """A path that stays below the site, whatever the file systems that it will be copied to."""
    if _USUAL.fullmatch(path):
        return path
    parts = path.split("/")
    if not all(parts) or {".", ".."} & set(parts) or "\\" in path or "\0" in path or any(len(part.encode()) > 255 for part in parts):
        raise ValueError(f"no path of a site: {path!r}")
    return path
