"""What a site folder says of itself: whose it is, and in a few words each of its datasets, read quickly where there are many.

`.govdata-site.json` is the mark: without it, or with another directory's id in it, a folder is not ours and is left alone.
Beside it the folder `.govdata-site/` holds one line for each dataset (what is known of it, a tab, its summary; newest first, as lists
show them) and one for each file of the site as a whole, all as JSON.
None of it is needed to browse the site, and none of it tells more than its pages do.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple

from govdata.classes import asdict, dataclass
from govdata.errors import PublishError
from govdata.fastjson import compact, parsed
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.records import Party, Summary
from govdata.settings import SITE_FILE

MARK = SITE_FILE
FOLDER = ".govdata-site"
DATASETS, FILES = f"{FOLDER}/datasets", f"{FOLDER}/files"
OWN = (DATASETS, FILES, MARK)
"""The files of the state, the mark last."""

PENDING = f"{FOLDER}/pending"

VERSION = 1

AT = "@"
"""Stands in the paths of a dataset's files for its folder, as most datasets have the same files."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose a site is and what it was made from."""

    directory: str
    """The directory's id."""
    target: str
    zone: str
    look: str
    """A digest of all that holds for every page: program, templates, settings."""
    build: str
    """A digest of everything on the site."""
    govdata: str = ""
    site: int = VERSION
    """The version of this form."""


class Known(NamedTuple):
    """A dataset of the site."""

    code: str
    path: str
    """Its folder in the directory."""
    title: str
    publisher: tuple[str, str, str]
    """Name, code, and its name in addresses."""
    state: str
    source: str
    """A digest of all that its record was made from."""
    digest: str
    """Of its record."""
    data: str
    """A digest of its files' digests."""
    remarks: str
    """A digest of its remarks, as long as it is published."""
    key: str
    """A digest of all that its pages were made from."""
    modified: str
    related: tuple[str, ...]
    """Codes of datasets whose titles stand on its page."""
    files: tuple[str, ...]
    """Paths from the site's root, with `@` for its own folder."""
    resources: tuple[tuple[str, str, str, str], ...]
    """Id, key, SHA-256 of the file, and a digest of what its downloads were made from."""
    line: int
    """Where its line begins, in bytes."""
    at: int
    """Where its summary is."""
    size: int

    def paths(self) -> Iterator[str]:
        """Its files, from the site's root."""
        folder = dataset_folder(self.code)
        return (path.replace(AT, folder, 1) if AT in path else path for path in self.files)


@dataclass(frozen=True, slots=True)
class Actual:
    """A site as it is."""

    mark: Mark | None
    """`None`: there is no site yet."""
    known: dict[str, Known]
    files: dict[str, str]
    """Path of a file of the site as a whole → key, as far as it has one."""
    unsettled: bool = False
    """A run was killed while it changed files in the folder."""


def read_mark(folder: Path, directory: str) -> Mark | None:
    """The mark of a site of ours; `None` where nothing is there yet. `PublishError` where the folder is somebody else's."""
    try:
        told = json.loads((folder / MARK).read_bytes())
        if not isinstance(told, dict) or not isinstance(told.get("site"), int):
            raise ValueError("site")
        if told["site"] > VERSION:
            raise PublishError("folder-version", path=str(folder), version=told["site"], known=VERSION)
        mark = Mark(**{name: told[name] for name in ("directory", "target", "zone", "look", "build", "govdata", "site")})
    except FileNotFoundError:
        _refuse_foreign(folder)
        return None
    except NotADirectoryError as error:
        raise PublishError("folder-not-one", path=str(folder)) from error
    except (OSError, ValueError, KeyError, RecursionError) as error:
        what = (error.strerror or "") if isinstance(error, OSError) else str(error)
        raise PublishError("folder-damaged", path=str(folder / MARK), what=what) from error
    if mark.directory != directory:
        raise PublishError("folder-of-others", path=str(folder), directory=mark.directory, own=directory)
    return mark


def _refuse_foreign(folder: Path) -> None:
    try:
        found = sorted(os.listdir(folder))
    except FileNotFoundError:
        return
    except OSError as error:
        raise PublishError("folder-unreadable", path=str(folder), what=error.strerror or str(error)) from error
    # What version control and hosts put into an empty folder does not make it somebody's.
    taken = [name for name in found if name not in (FOLDER, ".git", ".nojekyll", "CNAME", ".well-known")]
    if taken:
        raise PublishError("folder-foreign", path=str(folder), names=taken[:5], count=len(taken))


def read_actual(folder: Path, mark: Mark | None) -> Actual:
    """What is on a site of ours; `PublishError` where its state is damaged.

    Files that a run may or may not have changed before it was killed are known by name only, not by what they were made from.
    """
    with _damage(folder):
        pending = read_pending(folder)
        files = {path: "" if path in pending else key for path, key in _lines(folder / FILES)}
        known = {item.code: item for item in _known(folder / DATASETS)}
    if pending:
        known |= {code: item._replace(source="", key="") for code, item in known.items() if not pending.isdisjoint(item.paths())}
        files |= {path: "" for path in pending if path not in files}
    return Actual(mark, known, files, bool(pending))


def read_files(folder: Path) -> dict[str, str]:
    """The files of a site as a whole with their keys; `PublishError` where its state is damaged, or a run was killed over it."""
    with _damage(folder):
        if read_pending(folder):
            raise ValueError(PENDING)
        return dict(_lines(folder / FILES))


@contextlib.contextmanager
def _damage(folder: Path) -> Iterator[None]:
    """Tell of a state that cannot be read."""
    try:
        yield
    except (OSError, ValueError, TypeError, IndexError, RecursionError) as error:
        what = (error.strerror or "") if isinstance(error, OSError) else str(error)
        raise PublishError("folder-damaged", path=str(folder / FOLDER), what=what) from error


def read_pending(folder: Path) -> frozenset[str]:
    """The paths that a run was about to change inside the folder when it was killed."""
    try:
        return frozenset(json.loads((folder / PENDING).read_bytes()))
    except FileNotFoundError:
        return frozenset()


def _lines(path: Path) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        for line in file:
            yield parsed(line)


def _known(path: Path) -> Iterator[Known]:
    same: Same = {}
    at = 0
    with path.open("rb") as file:
        for text in file:
            head, _, summary = text.partition(b"\t")
            told: list[Any] = parsed(head)
            for place in _SEVERAL_OF_KNOWN:
                told[place] = tuple(told[place])
            told[_RESOURCES] = tuple([tuple(item) for item in told[_RESOURCES]])
            _share(told, same)
            told += (at, at + len(head) + 1, len(summary))
            yield Known(*told)
            at += len(text)


_RESOURCES = Known._fields.index("resources")
_SEVERAL_OF_KNOWN = tuple(Known._fields.index(name) for name in ("publisher", "related", "files"))
_ALIKE_OF_KNOWN = tuple(Known._fields.index(name) for name in ("publisher", "state", "modified", "files", "resources"))

Same = dict[Any, Any]
"""What many datasets say alike, each value under itself, so that it is held once."""


def condensed(known: Known, same: Same) -> Known:
    """The same in less memory: a hundred thousand are held together."""
    told: list[Any] = list(known)
    _share(told, same)
    return Known(*told)


def _share(told: list[Any], same: Same) -> None:
    """Put what many datasets say alike, of one as a list, in the place of what it says."""
    for place in _ALIKE_OF_KNOWN:
        told[place] = same.setdefault(told[place], told[place])


def known_line(known: Known, summary: bytes) -> bytes:
    """The line of a dataset. `summary` ends its line."""
    return line(known[:-3])[:-1] + b"\t" + summary


def line(value: Any) -> bytes:
    """A line of a file of the state."""
    return compact(value) + b"\n"


def mark_bytes(mark: Mark) -> bytes:
    """The bytes of the mark."""
    return json.dumps(asdict(mark), ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8") + b"\n"


_SEVERAL = ("keywords", "themes", "formats", "fields")
"""Fields of a summary that are several texts."""
_ALIKE = ("state", "cycle", "opening", "sharing", "issued", "modified")
"""Fields whose texts many have in common."""


Read = dict[bytes, tuple[int, Summary]]
"""The beginning of a dataset's line, which has its code → hash of the line's end, and the summary that stands there."""


def summaries(path: Path, read: Read | None = None) -> Iterator[Summary]:
    """The summaries of all datasets, in the order of lists. What many say alike is held once.

    `read`: what was read of another such file: a summary that is the same is not read again. It is brought up to date.
    """
    parties: dict[tuple[str, ...], Party] = {}
    same: Same = {}
    with path.open("rb") as file:
        for text in file:
            end = text[text.index(b"\t") + 1 :]
            begin = text[: text.index(b",")] if read is not None else b""
            before = read.get(begin) if read is not None else None
            if before is not None and before[0] == hash(end):
                yield before[1]
                continue
            told = parsed(end)
            party = tuple(told["publisher"].values())
            found = parties.get(party)
            if found is None:
                found = parties[party] = Party(**told["publisher"])
            told["publisher"] = found
            for name in _SEVERAL:
                several = tuple(map(intern, told[name]))
                told[name] = same.setdefault(several, several)
            for name in _ALIKE:
                told[name] = intern(told[name])
            summary = Summary(**told)
            if read is not None:
                read[begin] = hash(end), summary
            yield summary


def shortened(paths: Iterable[str], code: str) -> tuple[str, ...]:
    """Paths of a dataset's files, with `@` for its folder."""
    folder = dataset_folder(code)
    return tuple([path.replace(folder, AT, 1) for path in paths])
