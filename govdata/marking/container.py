"""The zip file that a workbook is: parts copied as they are, parts written piece by piece."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from typing import IO

from govdata.reading.workbooks.archive import Archive, read_chunks

TIME = (1980, 1, 1, 0, 0, 0)
"""Of parts that we make: the same workbook is the same bytes."""


def open_target(file: IO[bytes]) -> zipfile.ZipFile:
    """Begin a zip file."""
    return zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)


def write_part(target: zipfile.ZipFile, name: str, pieces: Iterable[bytes], like: zipfile.ZipInfo | None = None) -> None:
    """Write a part, with the time and the compression of another one where it takes its place."""
    info = zipfile.ZipInfo(like.filename if like else name, like.date_time if like else TIME)
    info.compress_type = zipfile.ZIP_STORED if like is not None and like.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
    info.external_attr = like.external_attr if like else 0o600 << 16
    with target.open(info, "w", force_zip64=like is not None and like.file_size > 1 << 30) as stream:
        for piece in pieces:
            stream.write(piece)


def read_part(archive: Archive, name: str) -> bytes:
    """Read a part whole, nothing where it is not there. Raises `Refusal`."""
    return b"".join(read_chunks(archive, name)) if name in archive else b""
