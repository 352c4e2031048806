"""Where the file of a finding is in the repository: the path that services which show reports beside the files ask for."""

from __future__ import annotations

import functools
import os
import urllib.parse
from pathlib import Path, PurePath

from govdata.classes import dataclass
from govdata.values import DatasetReport


@dataclass(frozen=True, slots=True)
class Repository:
    """The folder that paths are told from, and the same with links followed."""

    folder: PurePath
    real: PurePath

    def path_of(self, dataset: DatasetReport | None, file: str) -> str:
        """A file of a dataset with `/`, relative to the repository; absolute where it is outside, `.` for the repository itself.

        A report that was read from its JSON form does not know where it was made: there the dataset's path leads.
        """
        if dataset is None or not dataset.folder:
            leading = "" if dataset is None or dataset.path == "." else dataset.path
            return "/".join(part for part in (leading, file) if part) or "."
        return _within(self.folder, self.real, os.path.abspath(dataset.folder), file)


@functools.lru_cache(maxsize=4096)
def _within(root: PurePath, real: PurePath, folder: str, file: str) -> str:
    """Most findings are of few files."""
    whole = PurePath(os.path.normpath(os.path.join(folder, file)))
    if whole.is_relative_to(root):
        return whole.relative_to(root).as_posix()
    followed = PurePath(os.path.normpath(os.path.join(os.path.realpath(folder), file)))
    return followed.relative_to(real).as_posix() if followed.is_relative_to(real) else whole.as_posix()


def repository(start: Path | None = None) -> Repository:
    """The repository around a folder (the current one): the nearest that holds `.git`, else the folder itself."""
    here = Path(os.path.abspath(start or "."))
    found = next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)
    return Repository(found, found.resolve())


@functools.lru_cache(maxsize=4096)
def uri_of(path: str) -> str:
    """A path as a URI reference (RFC 3986), every byte that may not stand in one percent-encoded; absolute ones as `file:`."""
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "surrogatepass")
    if not PurePath(path).is_absolute():
        return urllib.parse.quote(octets, safe="/")
    return "file://" + ("" if path.startswith("/") else "/") + urllib.parse.quote(octets, safe="/:")
