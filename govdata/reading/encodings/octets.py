"""The bytes of a file (or bytes in memory, in tests): in chunks, by line, with the facts that need every byte."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from govdata import digests
from govdata.classes import dataclass
from govdata.expressions import expression

CHUNK = 1 << 20
DIGESTED = 4 << 20
"""Bytes that go into a digest at once: between two of them Python's lock has to be waited for, which packages hold as they load."""
WIDE = ("utf-16", "utf-32")
"""How the names of encodings begin that have no bytes of ASCII."""
TAIL = 1 << 16
"""A piece goes on to the end of its line where that is not further away than this."""
Octets = Path | bytes
_LONE_CR = expression(rb"\r[^\n]")


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


def open_octets(source: Octets) -> io.BytesIO | io.BufferedReader:
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


def length(source: Octets) -> int:
    """How many bytes there are; 0 where the system does not know."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


class Piece:
    """Some of the bytes of a file, if possible from the begin of a line to the end of a line."""

    __slots__ = ("_short", "_sift", "at", "closed", "data", "fresh")

    def __init__(self, data: bytes, at: int, fresh: bool = True, sift: Callable[[bytes], bytes] | None = None) -> None:
        self.data = data
        self.at = at
        self.fresh = fresh
        """It begins where a line begins."""
        self.closed = data.endswith(b"\n")
        """It ends where a line ends."""
        self._sift = sift
        self._short: bytes | None = None

    @property
    def whole(self) -> bool:
        """No line is cut, and so no character is: in an encoding in which LF is always LF."""
        return self.fresh and self.closed

    @property
    def short(self) -> bytes:
        """The bytes without the ASCII that does not matter, where there is a faster way to them."""
        if self._short is None:
            self._short = self._sift(self.data) if self._sift else self.data
        return self._short

    def sift(self) -> None:
        """Has `short` ready."""
        self._short = self.short


def pieces(
    source: Octets, start: int = 0, stop: int | None = None, size: int = CHUNK, sift: Callable[[bytes], bytes] | None = None
) -> Iterator[Piece]:
    """The bytes from `start`, where a line begins, up to `stop`: `size` at a time and what is left of the last line."""
    fresh = True
    with open_octets(source) as stream:
        while left := size if stop is None else min(size, stop - start):
            # Where the line ends is looked up first: to put the rest of it behind what was read would copy all once more.
            stream.seek(start + left - 1)
            tail = len(stream.readline(1 + (TAIL if stop is None else min(TAIL, stop - start - left))))
            stream.seek(start)
            if not (data := stream.read(left - 1 + tail if tail else left)):
                break
            piece = Piece(data, start, fresh, sift)
            yield piece
            start, fresh = start + len(data), piece.closed


def count_ends(data: bytes) -> int:
    """How many line ends there are: CR, LF and CRLF each end a line."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def fingerprint(source: Octets) -> tuple[int, str]:
    """How many bytes there are, and their SHA-256 in hexadecimal."""
    known, size = length(source), 0
    digest, buffer = digests.begin(known), memoryview(bytearray(min(DIGESTED, known) or CHUNK))
    with open_octets(source) as stream:
        while found := stream.readinto(buffer):
            digest.update(buffer[:found])
            size += found
    return size, digest.hexdigest()


def line_at(source: Octets, offset: int, encoding: str = "") -> int:
    """The physical line (from 1) in which a byte stands; CR, LF and CRLF each end a line."""
    if encoding.startswith(WIDE):
        return _wide_line_at(source, offset, encoding)
    ends, after_cr, last = 0, False, b""
    for chunk in chunks(source, 0, offset):
        ends += count_ends(chunk) - (after_cr and chunk[:1] == b"\n")
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
    """Facts that every byte goes into: size, SHA-256, line ends, the first NUL, and a line that is too long.

    `size`: what is expected. `sha256`: gives the digest where somebody else takes it.
    """

    def __init__(
        self,
        max_line: int,
        line_feeds: Callable[[bytes], int] = lambda data: data.count(b"\n"),
        size: int = 0,
        sha256: Callable[[], str] | None = None,
    ) -> None:
        self._line_feeds = line_feeds
        digest = digests.begin(size)
        self._update = digest.update if sha256 is None else None
        self._digest: Callable[[], str] = sha256 or digest.hexdigest
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
        """Takes the next bytes."""
        if self._update is not None:
            self._update(chunk)
        found = chunk.find(b"\0")
        if found >= 0:
            self.nuls += chunk.count(b"\0")
            if self.nul is None:
                self.nul = self.size + found
        returns = b"\r" in chunk
        self._count_ends(chunk, returns)
        for at in range(0, len(chunk), self._max_line):  # so that no line can be too long within what is measured at once
            self._measure(chunk[at : at + self._max_line], self.size + at, b"\n\r" if returns else b"\n")
        self.size += len(chunk)

    def _count_ends(self, chunk: bytes, returns: bool) -> None:
        self._lf += self._line_feeds(chunk)
        if not self._after_cr and not returns:
            return
        cr = chunk.count(b"\r")
        self._cr += cr
        # Counting pairs takes longer than seeing that there is nothing but pairs.
        pairs = chunk.count(b"\r\n") if _LONE_CR.search(chunk) else cr - chunk.endswith(b"\r")
        self._crlf += pairs + (self._after_cr and chunk[:1] == b"\n")
        self._after_cr = chunk.endswith(b"\r")

    def _measure(self, part: bytes, base: int, ends: bytes) -> None:
        last = max(map(part.rfind, ends))
        first = min((at for at in map(part.find, ends) if at >= 0), default=len(part))
        if self.too_long is None and self._open + first > self._max_line:
            self.too_long = base - self._open
        self._open = len(part) - last - 1 if last >= 0 else self._open + len(part)

    @property
    def sha256(self) -> str:
        """The digest of all bytes so far, in hexadecimal; where somebody else takes it, of the file."""
        return self._digest()

    @property
    def ends(self) -> LineEnds:
        """Line ends so far."""
        return LineEnds(self._crlf, self._lf - self._crlf, self._cr - self._crlf)
