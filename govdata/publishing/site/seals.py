"""What says that nobody has been at the folders of a dataset, so that they need not be looked into, which takes long where they are many.

Whatever is put into a folder, taken out of it or renamed in it changes the folder's time of change. So a folder in which there was what
is to be there, and nothing else, is as it was as long as its number on the disk and its times are as they were.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from govdata.cache import SETTLED
from govdata.fastjson import compact, parsed
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.clearing import listed_with_folders, roots_of
from govdata.publishing.site.state import AT, Known

VERSION = 1

Pair = tuple[int, int]
"""The stamps of a dataset's folders on the site and in the spare, in both of which there are the very same files; 0: look yourself."""


class Look(NamedTuple):
    """What there is in the folders of a dataset."""

    files: dict[str, int]
    """Path, as in `Known.files` → number on the disk."""
    stamp: int
    """0 where there is something else than what is to be there, or the folders changed too short a time ago to tell."""


def look(root: str, known: Known) -> Look:
    """Look into a dataset's folders below the root of a site or spare."""
    before, newest = _stamp(root, known)
    files, folders = dict[str, int](), set[str]()
    for above in roots_of(known.files):
        listed_with_folders(f"{root}/{above}{dataset_folder(known.code)}", f"{above}{AT}/", files, folders)
    # Times are counted coarsely: what changes twice within a short time may have the same one.
    is_told = before and time.time() - newest > SETTLED and files.keys() == set(known.files) and folders <= _inner(known.files)
    return Look(files, before if is_told else 0)


def holds(root: str, known: Known, stamp: int) -> bool:
    """Whether the folders are as they were when they had this stamp."""
    return stamp != 0 and _stamp(root, known)[0] == stamp


def _stamp(root: str, known: Known) -> tuple[int, float]:
    """The stamp of a dataset's folders as they are, and the newest of their times in seconds. 0: one of them is no folder."""
    told: list[int] = []
    newest = 0
    folder = dataset_folder(known.code)
    for place in _folders(known.files):
        try:
            found = os.lstat(f"{root}/{place.replace(AT, folder, 1)}")
        except OSError:
            return 0, 0.0
        if not stat.S_ISDIR(found.st_mode):
            return 0, 0.0
        told += (found.st_ino, found.st_mtime_ns, found.st_ctime_ns)
        newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
    # Whole numbers have the same hash in every process; in another Python it may be another, and folders are looked into once more.
    return hash(tuple(told)), newest / 1e9


@lru_cache(maxsize=1024)
def _folders(files: tuple[str, ...]) -> tuple[str, ...]:
    """The folders that hold the files of a dataset, its own ones and those in them. Most datasets have the same."""
    found = {above for path in files for above in _above(path)}
    return tuple(sorted(found))


@lru_cache(maxsize=1024)
def _inner(files: tuple[str, ...]) -> frozenset[str]:
    """The same as `Look` names them, without a dataset's own ones."""
    return frozenset(f"{folder}/" for folder in _folders(files) if not folder.endswith(AT))


def _above(path: str) -> list[str]:
    head, _, rest = path.partition(f"{AT}/")
    parts = rest.split("/")[:-1]
    return ["/".join([f"{head}{AT}", *parts[:count]]) for count in range(len(parts) + 1)]


def write(path: Path, build: str, pairs: Mapping[str, Pair]) -> None:
    """Seal the datasets (code → stamps) that a spare shares with the site of a build."""
    path.write_bytes(compact({"seal": VERSION, "build": build, "datasets": pairs}))


def read(path: Path, build: str) -> dict[str, Pair] | None:
    """What is sealed for the site of a build; `None` where that is nothing, or damaged."""
    try:
        told = parsed(path.read_bytes())
        if (told["seal"], told["build"]) != (VERSION, build):
            return None
        return {code: (int(site), int(spare)) for code, (site, spare) in told["datasets"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
