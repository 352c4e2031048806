"""The bytes of a file (or bytes in memory, in tests): in chunks, by line, with the facts that need every byte."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
WIDE = ("utf-16", "utf-32")
"""How the names of encodings begin that have no bytes of ASCII."""
Octets = Path | bytes


@dataclass(frozen=True, slots=True)
class LineEnds:
    """How often each kind of line end stands in a file, those inside quotes included."""

    crlf: int = 0
    lf: int = 0
    cr: int = 0

    @property
    def kinds(self) -> int:
        """How many kinds there are."""
        return sum(count > 0 for count in (self.crlf, self.lf, self.cr))


def open_octets(source: Octets) -> BinaryIO:
    """The bytes, from the beginning."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def chunks(source: Octets, start: int = 0, stop: int | None = None, size: int = CHUNK) -> Iterator[bytes]:
    """The bytes from `start` up to `stop`, `size` at a time."""
    with open_octets(source) as stream:
        stream.seek(start)
        left = stop - start if stop is not None else None
        while chunk := stream.read(size if left is None else min(size, left)):
            if left is not None:
                left -= len(chunk)
            yield chunk


def line_at(source: Octets, offset: int, encoding: str = "") -> int:
    """The physical line (from 1) in which a byte stands; CR, LF and CRLF each end a line."""
    if encoding.startswith(WIDE):
        return _wide_line_at(source, offset, encoding)
    ends, after_cr, last = 0, False, b""
    for chunk in chunks(source, 0, offset):
        ends += chunk.count(b"\n") + chunk.count(b"\r") - chunk.count(b"\r\n") - (after_cr and chunk[:1] == b"\n")
        after_cr, last = chunk[-1:] == b"\r", chunk
    if after_cr and last and next(chunks(source, offset, offset + 1), b"") == b"\n":
        ends -= 1
    return ends + 1


def _wide_line_at(source: Octets, offset: int, encoding: str) -> int:
    """In UTF-16 a byte 0A may be half of a hanzi (上), so lines are counted in the text."""
    reader = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    return 1 + sum(reader.decode(chunk).count("\n") for chunk in chunks(source, 0, offset))


def line_around(source: Octets, offset: int, reach: int = 1 << 16) -> tuple[int, bytes]:
    """The line in which a byte stands, without its end, and where it begins; at most `reach` bytes to each side."""
    start = max(0, offset - reach)
    data = b"".join(chunks(source, start, offset + reach))
    at = offset - start
    begin = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    ends = [end for end in (data.find(b"\n", at), data.find(b"\r", at)) if end >= 0]
    return start + begin, data[begin : min(ends, default=len(data))]


class Census:
    """Facts that every byte goes into: size, SHA-256, line ends, the first NUL, and a line that is too long."""

    def __init__(self, max_line: int) -> None:
        self._hash = hashlib.sha256()
        self._max_line = max_line
        self._open = 0
        self._after_cr = False
        self._crlf = self._lf = self._cr = 0
        self.size = 0
        self.nul: int | None = None
        """Offset of the first NUL byte."""
        self.nuls = 0
        self.too_long: int | None = None
        """Offset at which a line begins that is longer than allowed."""

    def add(self, chunk: bytes) -> None:
        """Takes the next bytes; chunks must not be longer than the longest line allowed."""
        self._hash.update(chunk)
        found = chunk.find(b"\0")
        if found >= 0:
            self.nuls += chunk.count(b"\0")
            if self.nul is None:
                self.nul = self.size + found
        self._count_ends(chunk)
        self._measure(chunk)
        self.size += len(chunk)

    def _count_ends(self, chunk: bytes) -> None:
        self._lf += chunk.count(b"\n")
        cr = chunk.count(b"\r")
        if cr or self._after_cr:
            self._cr += cr
            self._crlf += chunk.count(b"\r\n") + (self._after_cr and chunk[:1] == b"\n")
            self._after_cr = chunk[-1:] == b"\r"

    def _measure(self, chunk: bytes) -> None:
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        first = min((at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0), default=len(chunk))
        if self.too_long is None and self._open + first > self._max_line:
            self.too_long = self.size - self._open
        self._open = len(chunk) - last - 1 if last >= 0 else self._open + len(chunk)

    @property
    def sha256(self) -> str:
        """The digest of all bytes so far, in hexadecimal."""
        return self._hash.hexdigest()

    @property
    def ends(self) -> LineEnds:
        """Line ends so far."""
        return LineEnds(self._crlf, self._lf - self._crlf, self._cr - self._crlf)
