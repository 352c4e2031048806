"""From the old site to the new one, so that at any moment one of them is whole, and a crash is put right by the next run.

Whole sites are exchanged in one step where the system can; else there is a moment between two steps at which neither is in its place,
and the next run ends it. What others put into the folder (a CNAME, `.git`, `.well-known`) goes along and is never deleted.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from govdata.errors import PublishError
from govdata.publishing.site import spare
from govdata.publishing.site.clearing import clear, files_below, remove
from govdata.publishing.site.output import Folders
from govdata.publishing.site.state import MARK, OWN, read_actual, read_pending

_AT_CWD, _EXCHANGE, _SWAP = -100, 2, 2
"""For `renameat2` (Linux) and `renamex_np` (macOS)."""


def refuse_clash(folders: Folders, kept: Iterable[str]) -> None:
    """`PublishError` where what is not ours stands in the place of something of the new site."""
    clash = next((path for path in kept if os.path.lexists(folders.stage / path)), None)
    if clash is not None:
        raise PublishError("folder-conflict", path=str(folders.site / clash))


def exchange(folders: Folders, build: str, kept: Collection[str], spared: spare.Spared | None = None) -> list[str]:
    """Put the new site into the place of the old one and take that away; gives what was not ours and had not been seen.

    `build`: what the mark of the new one says. `kept`: what is not ours. `spared`: what is kept of the old one, where it is to be a spare.
    From the moment at which the intent is written the way only leads on.
    """
    settle(folders.stage)
    told = {"build": build, "kept": sorted(kept), "spare": sorted(spared.gone) if spared is not None else None}
    _write_durably(folders.intent, json.dumps(told).encode())
    return _advance(folders, spared)


def _advance(folders: Folders, spared: spare.Spared | None = None) -> list[str]:
    """From the intent to the new site in its place. It may be begun again after any of its steps, then with nothing known of the old."""
    told = json.loads(folders.intent.read_bytes())
    old = folders.aside
    if _build(folders.site) == told["build"]:
        old = folders.stage if folders.stage.exists() else folders.aside
    else:
        if folders.site.exists():
            try:
                _move(folders.site, folders.stage, told["kept"])
                if _exchange(folders.stage, folders.site):
                    old = folders.stage
                else:
                    os.rename(folders.site, folders.aside)
            except OSError:
                # The old site stays as it was: something in it cannot be moved.
                _move(folders.stage, folders.site, told["kept"])
                folders.intent.unlink()
                raise
        if old != folders.stage:
            os.rename(folders.stage, folders.site)
        settle(folders.site.parent)
    left, keeps = [], told.get("spare") is not None
    if old.exists():
        spared = spared or _spared(old, told.get("spare"))
        left = clear(old, folders.site) if spared is None else spare.keep(old, folders, told["build"], spared)
        keeps = spared is not None
    if not keeps:
        left += spare.discard(folders)
    folders.intent.unlink()
    return left


def _spared(old: Path, gone: Collection[str] | None) -> spare.Spared | None:
    """What is to be kept of an old site that a run was killed over."""
    if gone is None:
        return None
    try:
        return spare.Spared(read_actual(old, None), gone, {})
    except PublishError:
        return None


def _build(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / MARK).read_bytes())["build"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _move(old: Path, new: Path, paths: Iterable[str]) -> None:
    for path in paths:
        if os.path.lexists(old / path) and not os.path.lexists(new / path):
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            os.rename(old / path, new / path)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; false where the system cannot."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        paths = os.fsencode(one), os.fsencode(other)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*paths, _SWAP) == 0)
        return bool(library.renameat2(_AT_CWD, paths[0], _AT_CWD, paths[1], _EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):
        return False


def move_in(folders: Folders, obsolete: Collection[str]) -> list[str]:
    """Move the files of the new site into the old one: data and datasets first, then lists, the home pages and the state last.

    What is moved and what goes is written down before, so that the next run knows which files may be of either site.
    """
    files = sorted(files_below(folders.stage), key=_place)
    settle(folders.stage)
    pending = sorted({*read_pending(folders.site), *files, *obsolete})
    _write_durably(folders.intent, json.dumps(pending, ensure_ascii=False).encode("utf-8"))
    for path in files:
        (folders.site / path).parent.mkdir(parents=True, exist_ok=True)
        os.replace(folders.stage / path, folders.site / path)
    new = set(files)
    remove(folders.site, (path for path in obsolete if path not in new))
    settle(folders.site)
    folders.intent.unlink()
    shutil.rmtree(folders.stage, ignore_errors=True)
    return []


def _place(path: str) -> tuple[int, str]:
    """The order in which files are moved: nothing that is listed is missing."""
    if path in OWN:
        return 4 + (path == MARK), path
    parts = path.split("/")
    depth = parts.index("datasets") if "datasets" in parts[:2] else -1
    if depth >= 0 and len(parts) > depth + 3:
        return int(parts[-1] == "index.html"), path
    return 2 + (parts[-1] == "index.html" and len(parts) <= 2), path


def recover(folders: Folders) -> list[str]:
    """Put right what a run that was killed has left; gives what was not ours and had not been seen. To be called under the lock."""
    left: list[str] = []
    if folders.way == "rename":
        if folders.intent.exists():
            left = _advance(folders)
        if folders.aside.exists() and folders.site.exists():
            left += clear(folders.aside, folders.site)
    if folders.stage.exists():
        shutil.rmtree(folders.stage)
    _half(folders.intent).unlink(missing_ok=True)
    return left


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk.

    Not the contents of all files: to wait until a whole file system is on the disk can take minutes where others write to it too. So
    what is promised holds for a program that ends at any moment, not for a machine without power.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _half(path: Path) -> Path:
    return path.with_name(f"{path.name}.half")


def _write_durably(path: Path, content: bytes) -> None:
    half = _half(path)
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half, path)
    settle(path.parent)
