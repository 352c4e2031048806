"""A file that is written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from govdata.content import drop_abandoned
from govdata.errors import ReadError


@contextlib.contextmanager
def writing_file(path: Path, force: bool) -> Iterator[BinaryIO]:
    """A file to write to: beside its name first, renamed when all is written, so that a full disk leaves the old file or none.

    It has the rights of what it replaces. `ReadError` where it cannot be written, and where something is there that is not to be (`force`).
    """
    _refuse(path, force)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        import glob  # a run that writes to standard output has no use for it

        drop_abandoned(path.parent, f".{glob.escape(path.name)}.*.part")
        with beside.open("wb") as file:
            if os.name == "posix":
                with contextlib.suppress(OSError):  # nothing is there yet, or nobody has rights on that file system
                    os.chmod(beside, path.stat().st_mode & 0o777)
            yield file
            file.flush()
            os.fsync(file.fileno())
        _place(beside, path, force)
    except OSError as error:
        raise ReadError("cannot-write", path=str(path), what=error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _refuse(path: Path, force: bool) -> None:
    if os.path.lexists(path) and not force:
        raise ReadError("convert-exists", path=str(path))
    if path.is_dir():
        raise ReadError("convert-folder", path=str(path))


def _place(beside: Path, path: Path, force: bool) -> None:
    """The last step. Without `force`, a name that appeared meanwhile is refused too, where the file system can tell."""
    if not force:
        try:
            os.link(beside, path)
        except FileExistsError as error:
            raise ReadError("convert-exists", path=str(path)) from error
        except OSError:
            _refuse(path, force)
            os.replace(beside, path)
        return
    os.replace(beside, path)
