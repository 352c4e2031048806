"""Where a conversion is written: a file or a folder, whole or not at all; what is there is never overwritten unasked."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from govdata.content import ABANDONED
from govdata.errors import ReadError
from govdata.expressions import expression
from govdata.reading.paths import DEVICE

_UNSAFE = expression(r"[^\w.-]+|^[.-]+")
_LONGEST = 80


@contextlib.contextmanager
def writing_folder(path: Path, force: bool) -> Iterator[Path]:
    """A folder to write into, renamed when all is written. With `force` its files go into a folder that is there, each whole,
    and replace those of the same name; nothing else in it is touched."""
    if os.path.lexists(path) and not (force and path.is_dir()):
        raise ReadError("folder-not-one" if force else "convert-exists", path=str(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _drop_abandoned(path)
        beside.mkdir()
        yield beside
        if path.is_dir():
            _refuse_clashes(beside, path)
            _move(beside, path)
        else:
            os.rename(beside, path)
    except OSError as error:
        raise ReadError("cannot-write", path=str(path), what=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_clashes(source: Path, target: Path) -> None:
    """Before the first file is replaced: a file in the place of a folder, and a folder in that of a file, are not ours to remove."""
    for folder, _, files in os.walk(source):
        there = target / Path(folder).relative_to(source)
        if os.path.lexists(there) and not there.is_dir():
            raise ReadError("folder-not-one", path=str(there))
        for name in files:
            if (there / name).is_dir():
                raise ReadError("convert-folder", path=str(there / name))


def _move(source: Path, target: Path) -> None:
    for folder, _, files in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(exist_ok=True)
        for name in files:
            os.replace(Path(folder) / name, there / name)


def _drop_abandoned(path: Path) -> None:
    """Folders of runs that were killed."""
    for old in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            if old.is_dir() and time.time() - old.stat().st_mtime > ABANDONED:
                shutil.rmtree(old)


class Names:
    """Names of folders for datasets: of their codes, safe on every system, each given once whatever the case."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        self.last: dict[str, int] = {}
        """The number that a name got last: of many alike none is tried again."""

    def name(self, code: str, title: str) -> str:
        """A name for a dataset."""
        base = _UNSAFE.sub("-", code)[:_LONGEST].strip("-. ") or _UNSAFE.sub("-", title)[:_LONGEST].strip("-. ") or "dataset"
        if DEVICE.match(base):
            base = f"_{base}"
        name, number = base, self.last.get(base.casefold(), 1)
        while name.casefold() in self.given:
            number += 1
            name = f"{base}-{number}"
        self.last[base.casefold()] = number
        self.given.add(name.casefold())
        return name
