"""The folder of marked workbooks: what is in it is ours or stays as it is, and a file is there whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import IO

from govdata.classes import dataclass, field
from govdata.errors import ReadError
from govdata.marking.naming import safe_name
from govdata.reading.encodings.octets import fingerprint
from govdata.settings import MARKED_FILE
from govdata.writing import writing_file

MOST_NUMBERS = 10_000


@dataclass(slots=True)
class Folder:
    """A folder of ours, and what we wrote into it before."""

    path: Path
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    """File, relative, with `/` → digest as we wrote it, and the dataset that it belongs to."""
    written: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The same of this run."""


def check_folder(path: Path) -> None:
    """Raise `ReadError` where a folder holds what is not ours: such a folder is left alone."""
    try:
        if path.is_dir() and not (path / MARKED_FILE).is_file() and any(path.iterdir()):
            raise ReadError("marked-folder", path=str(path))
        if path.exists() and not path.is_dir():
            raise ReadError("marked-not-a-folder", path=str(path))
    except OSError as error:
        raise ReadError("cannot-open", path=str(path), what=error.strerror or str(error)) from error


def open_folder(path: Path) -> Folder:
    """Make the folder, or open it where it is ours. Raises `ReadError`."""
    check_folder(path)
    folder = Folder(path)
    with _told(path):
        path.mkdir(parents=True, exist_ok=True)
        if (path / MARKED_FILE).is_file():
            folder.known = _known(path / MARKED_FILE)
        _save(folder)
    return folder


def write_into(folder: Folder, dataset: str, write: Callable[[IO[bytes]], str]) -> tuple[Path, Path | None]:
    """Write a workbook of a dataset, beside its place first and then renamed. `write` fills it and gives its name, with `/`.

    Gives where it is, and the file of that name that was left alone: one that somebody changed, or that is not ours.
    Raises `ReadError` where it cannot be written.
    """
    beside = folder.path / f".{os.getpid()}.part"
    with _told(folder.path):
        try:
            with beside.open("wb") as file:
                name = write(file)
                file.flush()
                os.fsync(file.fileno())
            place, kept = _free_place(folder, "/".join(safe_name(part) for part in name.split("/") if part not in ("", ".", "..")))
            path = folder.path / place
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(beside, path)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink()
        folder.written[place] = (fingerprint(path)[1], dataset)
    return path, folder.path / kept if kept else None


def close_folder(folder: Folder, checked: frozenset[str]) -> list[Path]:
    """Note what was written, and take away what we wrote earlier of datasets checked now whose files have no findings any more.

    Gives the files that were taken away. Raises `ReadError`.
    """
    gone = []
    with _told(folder.path):
        for name, (digest, dataset) in folder.known.items():
            path = folder.path / name
            if name in folder.written or dataset not in checked:
                folder.written.setdefault(name, (digest, dataset))
            elif _is_as_written(path, digest):
                path.unlink()
                gone.append(path)
        folder.known = dict(folder.written)
        _save(folder)
    return gone


def _free_place(folder: Folder, wanted: str) -> tuple[str, str]:
    """A place for a file, and the one that would have been better and is taken."""
    stem, dot, suffix = wanted.rpartition(".")
    folded = {name.casefold() for name in folder.written}
    kept = ""
    for number in range(1, MOST_NUMBERS):
        name = wanted if number == 1 else f"{stem} ({number}){dot}{suffix}"
        if name.casefold() in folded:
            continue
        path = folder.path / name
        if not os.path.lexists(path) or _is_as_written(path, folder.known.get(name, ("", ""))[0]):
            return name, kept
        kept = kept or name
    raise ReadError("exists", path=str(folder.path / wanted))


def _is_as_written(path: Path, digest: str) -> bool:
    return bool(digest) and path.is_file() and not path.is_symlink() and fingerprint(path)[1] == digest


def _known(path: Path) -> dict[str, tuple[str, str]]:
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        inside = {name: item for name, item in files.items() if not PurePath(name).is_absolute() and ".." not in PurePath(name).parts}
        return {str(name): (str(item["sha256"]), str(item["dataset"])) for name, item in inside.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}  # then nothing in the folder is known as ours, and all of it stays


def _save(folder: Folder) -> None:
    files = {name: {"sha256": digest, "dataset": dataset} for name, (digest, dataset) in sorted({**folder.known, **folder.written}.items())}
    with writing_file(folder.path / MARKED_FILE, force=True) as file:
        file.write(json.dumps({"marked": 1, "files": files}, ensure_ascii=False, indent=1).encode())


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReadError("cannot-write", path=str(path), what=error.strerror or str(error)) from error
