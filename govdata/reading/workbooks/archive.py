"""Zip files and the XML in them, read without trust: size and ratio are limited before a part is inflated, a DTD is refused."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from govdata.classes import dataclass, field
from govdata.reading.workbooks.sheets import Refusal

CHUNK = 1 << 17
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    LookupError,
    OverflowError,
)
"""All that `zipfile` is known to raise on damaged input; the file itself was readable, so an `OSError` is damage too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a workbook may hold."""

    total: int = 2 << 30
    """Bytes of all parts that are read, inflated."""
    ratio: int = 200
    """Inflated to deflated, for parts of more than `ratio_from` bytes."""
    ratio_from: int = 10 << 20
    cell: int = 16 << 20
    """Characters of one cell."""
    strings: int = 512 << 20
    """Characters of shared strings, which must be kept in memory."""
    repeated: int = 50_000_000
    """Cells that a sheet, or spaces that a row, may make by repetition (ODS)."""
    elements: int = 2_000_000
    """Elements of a part kept at once: a part that is read whole, or what stands between two rows."""
    text: int = 64 << 20
    """Bytes without an element, or four times `cell` where that is more."""


def limits_of(settings: object) -> Limits:
    """Give the limits of a run: `max_archive` (bytes), `max_ratio` and `max_cell` of the settings, where they have them."""
    usual = Limits()
    return Limits(
        getattr(settings, "max_archive", None) or usual.total,
        getattr(settings, "max_ratio", None) or usual.ratio,
        cell=getattr(settings, "max_cell", None) or usual.cell,
    )


@dataclass(slots=True)
class Archive:
    """An opened zip file whose parts are found without regard to case or slashes."""

    file: zipfile.ZipFile
    limits: Limits
    parts: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return _folded(name) in self.parts

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


def open_archive(path: Path, limits: Limits) -> Archive:
    """Open a zip file and list its parts; raises `Refusal`."""
    try:
        file = zipfile.ZipFile(path)
    except BROKEN_ZIP as error:
        raise Refusal("workbook/broken", reason="zip", part="") from error
    parts = {_folded(info.filename): info for info in file.infolist()}
    if len(parts) < len(file.infolist()):  # programs differ in which of two parts of one name they show
        file.close()
        raise Refusal("workbook/broken", reason="zip", part="")
    return Archive(file, limits, parts)


def _folded(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def read_chunks(archive: Archive, name: str) -> Iterator[bytes]:
    """Inflate a part piece by piece, after its size was held against the limits; raises `Refusal`."""
    info = archive.parts.get(_folded(name))
    if info is None:
        raise Refusal("workbook/broken", reason="part-missing", part=name)
    _check_size(archive, info)
    try:
        with archive.file.open(info) as stream:
            yield from _pieces(stream)
    except BROKEN_ZIP as error:
        raise Refusal("workbook/broken", reason="zip", part=name) from error


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _check_size(archive: Archive, info: zipfile.ZipInfo) -> None:
    """Refuse a part before it is inflated; `zipfile` never gives more than the size stated here."""
    if info.flag_bits & 0x1:
        raise Refusal("workbook/encrypted")
    limits = archive.limits
    archive.counted[info.filename] = info.file_size
    total = sum(archive.counted.values())
    if total > limits.total:
        raise too_large("total", total, limits.total, info.filename)
    if info.file_size > limits.ratio_from and info.file_size > limits.ratio * max(info.compress_size, 1):
        raise too_large("ratio", info.file_size, limits.ratio * info.compress_size, info.filename)


def too_large(reason: str, size: int, limit: int, part: str) -> Refusal:
    """Give the refusal of a workbook that would take too much memory or time; sizes in bytes, characters or cells."""
    return Refusal("workbook/too-large", reason=reason, size=f"{size:,}", limit=f"{limit:,}", part=part)


def grow(archive: Archive, name: str, chunks: Iterable[bytes] | None = None) -> Iterator[ElementTree.Element]:
    """Parse a part (or `chunks`, where the caller took some out) and give its root after each piece, again and again.

    All elements but the last of each level are whole.
    The caller takes what is whole and deletes it, so that memory stays bounded and no event costs a call.
    After the last piece the root is given once more. Raises `Refusal`.
    """
    builder = ElementTree.TreeBuilder()
    holder = builder.start("holder", {})
    parser = ElementTree.XMLParser(target=builder)
    limits, unseen = archive.limits, 0
    whole = _without_dtd(read_chunks(archive, name) if chunks is None else chunks, name)
    try:
        for chunk in _without_long_text(whole, max(limits.text, 4 * limits.cell), name):
            parser.feed(chunk)
            if len(holder):
                yield holder[0]
            unseen += len(chunk)
            if unseen > 2 * limits.elements:  # an element has four bytes at least
                unseen, kept = 0, sum(1 for _ in holder.iter())
                if kept > limits.elements:
                    raise too_large("elements", kept, limits.elements, name)
        parser.close()
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise Refusal("workbook/broken", reason="xml", part=name) from error
    yield holder[0]


def read_xml(archive: Archive, name: str) -> ElementTree.Element:
    """Parse a small part whole; raises `Refusal`."""
    root = ElementTree.Element("empty")
    for root in grow(archive, name):  # noqa: B007 - the last one is whole
        pass
    return root


def _without_long_text(chunks: Iterable[bytes], limit: int, name: str) -> Iterator[bytes]:
    """Pass the pieces on, up to a text so long that it must not be kept."""
    long = 0
    for chunk in chunks:
        long = 0 if b"<" in chunk else long + len(chunk)
        if long > limit:
            raise too_large("text", long, limit, name)
        yield chunk


def _without_dtd(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Pass the pieces on, but look at what stands before the root element first: a DTD may hold an entity bomb."""
    seen: list[str] = []

    def refuse(*_: object) -> None:
        raise Refusal("workbook/broken", reason="dtd", part=name)

    scout = expat.ParserCreate()
    scout.StartDoctypeDeclHandler = refuse
    scout.StartElementHandler = lambda *_: seen.append("root")
    for chunk in chunks:
        if not seen:
            try:
                scout.Parse(chunk, False)
            except expat.ExpatError:
                seen.append("error")  # the parser proper says so too
        yield chunk
