"""What in a site's folder is ours and what is not, and how ours is taken away: what others put there is moved, never deleted."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from govdata.errors import PublishError
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.output import STAGE
from govdata.publishing.site.state import AT, FOLDER, MARK, OWN, Actual, Known, read_actual


def foreign(site: Path, files: Collection[str], datasets: Collection[str]) -> list[str]:
    """What in a site's folder is not ours, as paths from its root; of a folder with nothing of ours only its own path.

    `files`: ours outside of the datasets' folders, which are not looked into: what somebody put there is found when the site is old.
    `PublishError` where a folder of ours has become a link.
    """
    # Files of one folder come together mostly.
    inside = {path.rpartition("/")[0] for path in (*files, *datasets)}
    own = {folder for path in inside if path for folder in (*_above(path), path)}
    found: list[str] = []
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        # What cannot be read is nobody's to take away.
        with contextlib.suppress(OSError), os.scandir(f"{site}/{prefix}") as entries:
            for entry in entries:
                path = prefix + entry.name
                is_ours = path in own or path in datasets or path == FOLDER
                if not entry.is_dir():
                    found += [path] if path not in files and path != MARK else []
                elif is_ours and entry.is_symlink():
                    raise PublishError("folder-conflict", path=str(site / path))
                elif not is_ours:
                    found.append(path)
                elif path in own:
                    waiting.append(f"{path}/")
    return sorted(found)


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[:number]) for number in range(1, len(parts)))


def dataset_folders(actual: Actual) -> set[str]:
    """The folders of all datasets of a site, in each language that it has."""
    roots = {root for files in {known.files for known in actual.known.values()} for root in roots_of(files)}
    folders = [dataset_folder(code) for code in actual.known]
    return {root + folder for root in roots for folder in folders}


def strangers(site: Path, actual: Actual) -> list[str]:
    """What is not ours in a site's folder, outside of the datasets' folders. `PublishError` where a folder of ours has become a link."""
    found = foreign(site, actual.files, dataset_folders(actual))
    state = (f"{FOLDER}/{name}" for name in listed(f"{site}/{FOLDER}"))
    return found + [path for path in state if path not in OWN and not path.startswith(f"{STAGE}/")]


def strange(known: Known, found: Iterable[str]) -> list[str]:
    """What of the files that there are in a dataset's folders (paths as in `Known.files`) is not ours, as paths from the site's root."""
    ours = _set_of(known.files)
    return [path.replace(AT, dataset_folder(known.code), 1) for path in found if path not in ours]


@lru_cache(maxsize=1024)
def roots_of(files: tuple[str, ...]) -> tuple[str, ...]:
    """What stands before a dataset's folders, one in each language. Most datasets have the same."""
    return tuple(sorted({path.partition(AT)[0] for path in files}))


@lru_cache(maxsize=1024)
def _set_of(files: tuple[str, ...]) -> frozenset[str]:
    return frozenset(files)


def listed(folder: str) -> dict[str, int]:
    """Everything below a folder that is no folder, links to folders too: path from it → its number on the disk."""
    found: dict[str, int] = {}
    listed_with_folders(folder, "", found, set())
    return found


def listed_with_folders(folder: str, prefix: str, found: dict[str, int], folders: set[str]) -> None:
    """The same added to what was found, with a prefix; and the paths of the folders below, each with `/` at its end."""
    # What cannot be read is nobody's to take away.
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                inner = f"{prefix}{entry.name}/"
                folders.add(inner)
                listed_with_folders(entry.path, inner, found, folders)
            else:
                found[prefix + entry.name] = entry.inode()


def hand_over(old: Path, site: Path, paths: Iterable[str]) -> None:
    """Move what is not ours to the same place of another site, or a like one where something stands there."""
    for path in paths:
        place = site
        *folders, name = path.split("/")
        for folder in folders:
            place /= folder
            # A file of the site may stand where there was a folder.
            place = place if place.is_dir() else _free(place)
        place.mkdir(parents=True, exist_ok=True)
        os.rename(old / path, _free(place / name))


def _free(path: Path) -> Path:
    """The path, or a like one at which nothing stands."""
    names = (path, *(path.with_name(f"{path.name}.{number}") for number in range(1, 1000)))
    return next((free for free in names if not os.path.lexists(free)), path)


def clear(old: Path, site: Path) -> list[str]:
    """Take away what is ours of an old site, its state last; what is left is moved to the new one. Gives what was moved."""
    # Where a file of the state is gone, this was done before, up to the last step.
    if all((old / name).exists() for name in OWN):
        actual = read_actual(old, None)
        remove(old, (path for known in actual.known.values() for path in known.paths()))
        remove(old, actual.files)
    shutil.rmtree(old / STAGE, ignore_errors=True)
    left = [path for path in files_below(old) if path not in OWN]
    hand_over(old, site, left)
    remove(old, OWN)
    for inside, _, _ in os.walk(old, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(inside)
    return left


def files_below(folder: Path) -> list[str]:
    """All files below a folder, links to folders too, as paths from it."""
    return sorted(listed(str(folder)))


def remove(folder: Path, paths: Iterable[str]) -> None:
    """Delete files and the folders that become empty by it."""
    inside: set[str] = set()
    root, last = str(folder), ""
    for path in paths:
        _unlink(f"{root}/{path}")
        here = path.rpartition("/")[0]
        if here != last:
            inside.add(here)
            last = here
    # Each folder is tried once, when those in it are gone.
    above = {path for here in inside if here for path in (*_above(here), here)}
    for path in sorted(above, key=lambda path: path.count("/"), reverse=True):
        with contextlib.suppress(OSError):
            os.rmdir(f"{root}/{path}")


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        # A folder that stands in the place of a file is not ours; what was in it is elsewhere by now.
        if not os.path.isdir(path) or os.path.islink(path):
            raise
        with contextlib.suppress(OSError):
            os.rmdir(path)
