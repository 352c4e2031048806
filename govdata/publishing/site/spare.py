"""The site before the last one, kept beside the site, so that the next one is made of it by what differs and not from nothing.

Where there are many datasets and few change, most of a build would be to link all files into new folders, and to take the old ones away.
So the old site stays as a spare, `.NAME.govdata-spare`: nearly all its files are links to those of the site, and it takes the room of
its folders. What counts is what is on the disk: a dataset's folder in it serves if its state says the same of the dataset and each of
its files is the very file of the site. It becomes the new site's stage by one renaming; from there on nobody takes it for a spare, so
what a killed build leaves of it is cleared as any stage is. Who deletes it loses nothing but time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from govdata.classes import dataclass
from govdata.errors import PublishError
from govdata.publishing.site.clearing import clear, hand_over, placed, remove, strange, strangers, strangers_outside
from govdata.publishing.site.output import STAGE, Folders
from govdata.publishing.site.state import OWN, Actual, Known, Mark, read_actual, read_mark

WORTH = 300
"""Datasets from which it pays to keep a spare."""

SHARE = 0.8
"""Of the datasets so many must stay as they are, or to make and clear everything is as fast, and a spare takes room."""


IGNORED, ALL = ".gitignore", b"*\n"
"""A file in a spare, so that version control of the folder around it passes it over."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A spare that has become the stage."""

    datasets: frozenset[str]
    """Codes of datasets whose files are there as they are on the site."""
    files: frozenset[str]
    """Files of the site as a whole that are there as they are on the site."""


class Spared(NamedTuple):
    """An old site that is to be kept."""

    actual: Actual
    """What it says of itself."""
    gone: Collection[str]
    """Codes of datasets that it does not share with the new one: nothing of theirs is kept."""


def pays(stay: int, datasets: int) -> bool:
    """Whether a spare is worth it where so many of the datasets stay as they are."""
    return datasets >= WORTH and stay >= SHARE * datasets


def is_linked(folders: Folders, stay: Iterable[Known]) -> bool:
    """Whether files that stay are links: where they are copies, a spare would take as much room as the site."""
    first = next((path for known in stay for path in known.paths()), None)
    return first is not None and _is_same(f"{folders.stage}/{first}", f"{folders.site}/{first}")


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return False


def take(folders: Folders, actual: Actual, stay: Sequence[Known]) -> Taken | None:
    """Make the spare the stage, with what of it is as it is on the site and nothing else; `None` where there is none that serves.

    `stay`: datasets of the site that stay as they are. What somebody put into the spare is moved to the site.
    """
    before = _read(folders.spare, actual.mark) if pays(len(stay), len(actual.known)) and not actual.unsettled else None
    if before is None:
        return None
    now = {known.code: known for known in stay}
    same, odd = set(), []
    for code, known in before.known.items():
        held = placed(folders.spare, known)
        odd += strange(known, held)
        if code in now and _is_as_on_site(folders, known, held, now[code]):
            same.add(code)
    if not pays(len(same), len(actual.known)):
        return None
    _reveal(folders.spare)
    try:
        odd += strangers_outside(folders.spare, before)
        hand_over(folders.spare, folders.site, odd)
        os.rename(folders.spare, folders.stage)
    except (PublishError, OSError):
        # A folder of ours has become a link, or somebody holds one open.
        return None
    remove(folders.stage, reversed(OWN))
    there, here = str(folders.stage), str(folders.site)
    files = {path for path in before.files if _is_same(f"{there}/{path}", f"{here}/{path}")}
    remove(folders.stage, [path for path in before.files if path not in files])
    remove(folders.stage, (path for code, known in before.known.items() if code not in same for path in known.paths()))
    return Taken(frozenset(same), frozenset(files))


def _read(spare: Path, mark: Mark | None) -> Actual | None:
    """What the spare says of itself; `None` where it is none of this site as it looks now."""
    if mark is None or spare.is_symlink():
        return None
    try:
        own = read_mark(spare, mark.directory)
        if own is None or (own.target, own.zone, own.look, own.site) != (mark.target, mark.zone, mark.look, mark.site):
            return None
        found = read_actual(spare, own)
    except PublishError:
        return None
    return None if found.unsettled else found


def _is_as_on_site(folders: Folders, before: Known, held: Mapping[str, int], now: Known) -> bool:
    """Whether a dataset's files in the spare are those of the site. `held`: what the spare has of it.

    Numbers on the disk alone would do if no file system made them up.
    """
    is_told = (before.key, before.files, before.resources) == (now.key, now.files, now.resources)
    return is_told and len(held) == len(now.files) and held == placed(folders.site, now)


def keep(old: Path, folders: Folders, gone: Iterable[str], actual: Actual | None = None) -> list[str]:
    """Make the old site the spare; gives what was not ours, which is moved to the new one. `actual`: what it says of itself, if read.

    `gone`: as of `Spared`. Data that leave the public do not lie about beside the site either.
    """
    left = discard(folders)
    try:
        actual = actual or read_actual(old, None)
        found = strangers(old, actual)
    except PublishError:
        # A folder of ours has become a link.
        return left + clear(old, folders.site)
    hand_over(old, folders.site, found)
    remove(old, (path for code in gone if code in actual.known for path in actual.known[code].paths()))
    shutil.rmtree(old / STAGE, ignore_errors=True)
    try:
        os.rename(old, folders.spare)
    except OSError:
        return left + found + clear(old, folders.site)
    with contextlib.suppress(OSError):
        (folders.spare / IGNORED).write_bytes(ALL)
    return left + found


def _reveal(spare: Path) -> None:
    """Take the file away that hides a spare from version control, if it is ours."""
    with contextlib.suppress(OSError):
        if (spare / IGNORED).read_bytes() == ALL:
            (spare / IGNORED).unlink()


def discard(folders: Folders) -> list[str]:
    """Take the spare away; gives what was not ours in it, which is moved to the site."""
    spare = folders.spare
    if spare.is_dir() and not spare.is_symlink():
        _reveal(spare)
        # Without its state there is nothing in it but what a run that was killed has left.
        with contextlib.suppress(PublishError):
            if all((spare / name).exists() for name in OWN):
                return clear(spare, folders.site)
        shutil.rmtree(spare, ignore_errors=True)
    return []
