"""The site before the last one, kept beside the site, so that the next one is made of it by what differs and not from nothing.

Where there are many datasets and few change, most of a build would be to link all files into new folders, and to take the old ones away.
So the old site stays as a spare, `.NAME.govdata-spare`: nearly all its files are links to those of the site, and it takes the room of
its folders. What counts is what is on the disk: a dataset's folder in it serves if the spare shares the dataset with the site as it is
now, and each of its files is the very file of the site. That was seen when the spare was sealed; where a folder here or there is not as
it was then, it is looked into again. A spare without a seal for this very site serves for nothing. It becomes the new site's stage by
one renaming; from there on nobody takes it for a spare, so what a killed build leaves of it is cleared as any stage is. Who deletes it
loses nothing but time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from govdata.classes import dataclass
from govdata.errors import PublishError
from govdata.publishing.site import seals
from govdata.publishing.site.clearing import clear, hand_over, remove, strange, strangers
from govdata.publishing.site.output import STAGE, Folders
from govdata.publishing.site.seals import Pair
from govdata.publishing.site.state import FOLDER, OWN, Actual, Known, read_files, read_mark

WORTH = 300
"""Datasets from which it pays to keep a spare."""

SHARE = 0.8
"""Of the datasets so many must stay as they are, or to make and clear everything is as fast, and a spare takes room."""


IGNORED, ALL = ".gitignore", b"*\n"
"""A file in a spare, so that version control of the folder around it passes it over."""


SEAL = f"{FOLDER}/seal"
"""The file of a spare that says which datasets it shares with the site (`seals`)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A spare that has become the stage."""

    datasets: Mapping[str, Pair]
    """Codes of datasets whose files are there as they are on the site, and the stamps of their folders."""
    files: frozenset[str]
    """Files of the site as a whole that are there as they are on the site."""
    others: tuple[str, ...]
    """Files of the site as a whole that are there and are other ones: each is to be written or taken over anew, or taken away."""


class Looked(NamedTuple):
    """What was found in a spare."""

    same: Mapping[str, Pair]
    """Codes of datasets whose files in it are those of the site, and the stamps of their folders."""
    others: Sequence[str]
    """Codes of datasets of which that was so when it was sealed."""
    files: Sequence[str]
    """Files of the site as a whole."""
    odd: Sequence[str]
    """What in it is not ours."""


class Spared(NamedTuple):
    """An old site that is to be kept."""

    actual: Actual
    """What it says of itself."""
    gone: Collection[str]
    """Codes of datasets that it does not share with the new one: nothing of theirs is kept."""
    pairs: Mapping[str, Pair]
    """Code → stamps of the folders on the old site and on the new one, where they are known."""
    moved: Collection[str] | None = None
    """Codes of those of them whose folders on the old site have changed since; `None`: look yourself."""


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


def take(
    folders: Folders, actual: Actual, stay: Sequence[Known], look: Callable[[Folders, Actual], Looked | None] | None = None
) -> Taken | None:
    """Make the spare the stage, with what of it is as it is on the site and nothing else; `None` where there is none that serves.

    `stay`: datasets of the site that stay as they are. `look`: gives what `look_at` gives. What somebody put into the spare is moved to
    the site.
    """
    looked = (look or look_at)(folders, actual) if pays(len(stay), len(actual.known)) else None
    if looked is None:
        return None
    same = {known.code: looked.same[known.code] for known in stay if known.code in looked.same}
    if not pays(len(same), len(actual.known)):
        return None
    shared, files = (*looked.same, *looked.others), looked.files
    _strip(folders.spare)
    try:
        hand_over(folders.spare, folders.site, looked.odd)
        os.rename(folders.spare, folders.stage)
    except OSError:
        # Somebody holds one of its folders open.
        return None
    remove(folders.stage, reversed(OWN))
    there, here = str(folders.stage), str(folders.site)
    kept = {path for path in files if _is_same(f"{there}/{path}", f"{here}/{path}")}
    remove(folders.stage, (path for code in shared if code not in same for path in actual.known[code].paths()))
    return Taken(same, frozenset(kept), tuple([path for path in files if path not in kept]))


def _read(spare: Path, actual: Actual) -> tuple[dict[str, Pair], list[str]] | None:
    """The datasets that the spare shares with the site as it is, and its files of the site as a whole; `None` where it does not serve."""
    mark = actual.mark
    if mark is None or spare.is_symlink():
        return None
    try:
        own = read_mark(spare, mark.directory)
        if own is None or (own.target, own.zone, own.look, own.site) != (mark.target, mark.zone, mark.look, mark.site):
            return None
        files = read_files(spare)
    except PublishError:
        return None
    shared = seals.read(spare / SEAL, mark.build)
    # A site whose state says the same as when the spare was sealed says the same of each dataset.
    return (shared, list(files)) if shared is not None and shared.keys() <= actual.known.keys() else None


def look_at(folders: Folders, actual: Actual) -> Looked | None:
    """Look into the spare and change nothing; `None` where it does not serve."""
    before = _read(folders.spare, actual) if not actual.unsettled else None
    if before is None:
        return None
    spare, site = str(folders.spare), str(folders.site)
    same: dict[str, Pair] = {}
    shared, files = before
    try:
        odd = strangers(folders.spare, Actual(None, {code: actual.known[code] for code in shared}, dict.fromkeys(files, "")))
    except PublishError:
        # A folder of ours has become a link.
        return None
    ours = _beyond(folders.spare)
    odd = [path for path in odd if path not in ours]
    for code, pair in shared.items():
        known = actual.known[code]
        if seals.holds(spare, known, pair[1]) and seals.holds(site, known, pair[0]):
            same[code] = pair
            continue
        held, there = seals.look(spare, known), seals.look(site, known)
        odd += strange(known, held.files)
        # Numbers on the disk alone would do if no file system made them up.
        if len(held.files) == len(known.files) and held.files == there.files:
            same[code] = there.stamp, held.stamp
    return Looked(same, [code for code in shared if code not in same], files, odd)


def keep(old: Path, folders: Folders, build: str, spared: Spared) -> list[str]:
    """Make the old site the spare of the new one, which is of that build; gives what was not ours, which is moved to the new one.

    Data that leave the public do not lie about beside the site either.
    """
    left = discard(folders)
    actual = spared.actual
    shared, inside = _sealed(old, folders.site, spared)
    try:
        found = strangers(old, actual) + inside
    except PublishError:
        # A folder of ours has become a link.
        return left + clear(old, folders.site)
    hand_over(old, folders.site, found)
    remove(old, (path for code in spared.gone if code in actual.known for path in actual.known[code].paths()))
    shutil.rmtree(old / STAGE, ignore_errors=True)
    try:
        os.rename(old, folders.spare)
    except OSError:
        return left + found + clear(old, folders.site)
    with contextlib.suppress(OSError):
        (folders.spare / IGNORED).write_bytes(ALL)
        seals.write(folders.spare / SEAL, build, shared)
    return left + found


def moved(site: Path, actual: Actual, pairs: Mapping[str, Pair]) -> list[str]:
    """Codes of datasets whose folders on the site are not as they were when they had these stamps."""
    root = str(site)
    return [code for code, (stamp, _) in pairs.items() if not seals.holds(root, actual.known[code], stamp)]


def _sealed(old: Path, new: Path, spared: Spared) -> tuple[dict[str, Pair], list[str]]:
    """The stamps of the datasets that an old site shares with the new one; and what is not ours in the folders of all its datasets."""
    shared: dict[str, Pair] = {}
    odd: list[str] = []
    for code, known in spared.actual.known.items():
        here, there = spared.pairs.get(code, (0, 0))
        if code not in spared.moved if spared.moved is not None and here else seals.holds(str(old), known, here):
            shared[code] = there, here
            continue
        held = seals.look(str(old), known)
        odd += strange(known, held.files)
        if code not in spared.gone:
            found = seals.look(str(new), known)
            shared[code] = (found.stamp, held.stamp) if found.files == held.files else (0, 0)
    return shared, odd


def _strip(spare: Path) -> None:
    """Take away what a spare has beyond a site."""
    for path in _beyond(spare):
        with contextlib.suppress(OSError):
            (spare / path).unlink(missing_ok=True)


def _beyond(spare: Path) -> tuple[str, ...]:
    """What of ours a spare has beyond a site: its seal, and the file that hides it from version control, if that is as we write it."""
    try:
        return (SEAL, IGNORED) if (spare / IGNORED).read_bytes() == ALL else (SEAL,)
    except OSError:
        return (SEAL,)


def discard(folders: Folders) -> list[str]:
    """Take the spare away; gives what was not ours in it, which is moved to the site."""
    spare = folders.spare
    if spare.is_dir() and not spare.is_symlink():
        _strip(spare)
        # Without its state there is nothing in it but what a run that was killed has left.
        with contextlib.suppress(PublishError):
            if all((spare / name).exists() for name in OWN):
                return clear(spare, folders.site)
        shutil.rmtree(spare, ignore_errors=True)
    return []
