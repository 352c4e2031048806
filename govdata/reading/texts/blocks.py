"""A proven text file in blocks of whole records, so that several can be looked at at once.

A block ends with a line end outside quotes, by the parity of the quotes before it or behind a quote that can only close a cell. Where
quotes do not stand as RFC 4180 wants them this tells nothing: whoever takes a block must look at its quotes first, and read on by
`csv.reader` where they are odd.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from govdata.classes import dataclass
from govdata.reading.encodings.candidates import decoder
from govdata.reading.encodings.octets import chunks
from govdata.reading.encodings.sifting import count_byte

SIZE = 8 << 20
"""Bytes of a block: large enough that the work on it outweighs the calls, small enough that few are held at once."""
TAIL = 1 << 16
"""So many of its last bytes are looked at for a record that shows by itself that it ends."""
_LETTERS = frozenset(byte for byte in range(256) if byte > 127 or chr(byte).isalnum())
"""Bytes that stand in a cell: no delimiter, no quote, no line end."""

_ASCII_SAFE = frozenset(("utf-8", "gb18030", "big5", "cp1252", "ascii", "latin-1", "iso8859-1"))
"""Encodings in which the bytes below 0x30 always are themselves: quotes and line ends can be seen in the raw bytes."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records of a file: where they stand in it. They are read by whoever looks at them, so that several read at once."""

    path: Path
    start: int
    length: int
    encoding: str
    whole: bool = True
    """It ends at the end of a record; else no such end was found within the limit."""

    def text(self) -> bytes:
        """The bytes in UTF-8. OSError where the file cannot be read any more; fewer where it has become shorter."""
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            raw = stream.read(self.length)
        if self.encoding == "utf-8":
            return raw  # the file is proven: it need not be decoded once more
        from govdata.reading.encodings.transcoding import to_utf8

        return to_utf8(raw, self.encoding)


@dataclass(frozen=True, slots=True)
class _Transcoded:
    """Whole records of a file whose line ends cannot be seen in its raw bytes."""

    raw: bytes
    whole: bool = True

    def text(self) -> bytes:
        """The bytes in UTF-8."""
        return self.raw


def read_blocks(
    path: Path, encoding: str, bom: int, quote: str | None, longest: int, size: int = SIZE
) -> Iterator[Block] | Iterator[_Transcoded]:
    """The blocks of a file, in order; needs numpy. None is longer than `longest` and a block, which is where a record that does not
    end is let go."""
    mark = quote.encode() if quote else b""
    if encoding in _ASCII_SAFE and (quote is None or quote < "0"):
        return (Block(path, start, length, encoding, whole) for start, length, whole in _stretches(path, bom, mark, longest, size))
    return _cut_pieces(_transcoded(path, encoding, bom, size), mark, longest + size)


def _stretches(path: Path, start: int, mark: bytes, longest: int, size: int) -> Iterator[tuple[int, int, bool]]:
    """Where the blocks begin, how long they are, whether they are whole. Into one buffer: new memory costs more than the reading."""
    known = parity = 0
    with path.open("rb", buffering=0) as stream:
        buffer = bytearray(min(size, os.fstat(stream.fileno()).st_size or size))
        while True:
            if mark and not known and (seen := _seen_end(stream, start, size, mark)):
                yield start, seen, True
                start += seen
                continue
            stream.seek(start + known)
            found = stream.readinto(buffer)
            if not found:
                break
            cut, parity = _cut(buffer, 0, found, mark, parity)
            if cut or known + found > longest + size:
                length = known + (cut or found)
                yield start, length, bool(cut)
                start, known, parity = start + length, 0, 0
            else:
                known += found
    if known:
        yield start, known, True


def _seen_end(stream: BinaryIO, start: int, size: int, mark: bytes) -> int:
    """How many bytes from a place on end, not long before `size`, with a quoted cell and its record; 0 where that is not seen.

    A quote behind a letter and before a line end closes a cell, whatever stands further before: no quotes need to be counted.
    """
    at = max(0, size - TAIL)
    stream.seek(start + at)
    tail = stream.read(size - at)
    for closed in (mark + b"\n", mark + b"\r\n") if len(tail) == size - at else ():
        place = tail.rfind(closed, 1)
        while place > 0 and tail[place - 1] not in _LETTERS:
            place = tail.rfind(closed, 1, place + len(closed) - 1)
        if place > 0:
            return at + place + len(closed)
    return 0


def _cut_pieces(pieces: Iterator[bytes], mark: bytes, most: int) -> Iterator[_Transcoded]:
    held, parity = b"", 0
    for piece in pieces:
        data = held + piece if held else piece
        cut, parity = _cut(data, len(held), len(data), mark, parity)
        if cut:
            yield _Transcoded(data[:cut])
            held, parity = data[cut:], (_quotes(data, mark, cut, len(data)) & 1 if mark else 0)
        elif len(data) > most:
            yield _Transcoded(data, whole=False)
            held, parity = b"", 0
        else:
            held = data
    if held:
        yield _Transcoded(held)


def _cut(data: bytes | bytearray, known: int, end: int, mark: bytes, parity: int) -> tuple[int, int]:
    """Where the last record ends that ends between two places, by the parity of quotes; 0 where none does. And the parity at the end.

    Up to the first place `parity` has counted, and it is known that no record ends before it.
    """
    cut = data.rfind(b"\n", known, end) + 1
    if not mark:
        return cut, 0
    odd = (parity + _quotes(data, mark, known, cut)) & 1
    after = (odd + _quotes(data, mark, max(cut, known), end)) & 1
    while odd and cut:
        before = data.rfind(b"\n", known, cut - 1) + 1
        odd ^= _quotes(data, mark, max(before, known), cut) & 1
        cut = before
    return cut, after


def _quotes(data: bytes | bytearray, mark: bytes, start: int, stop: int) -> int:
    return count_byte(data, mark[0], start, stop) if len(mark) == 1 else data.count(mark, start, stop)


def _transcoded(path: Path, encoding: str, bom: int, size: int) -> Iterator[bytes]:
    reader = decoder(encoding)
    write = codecs.getincrementalencoder("utf-8")("surrogatepass")
    for chunk in chunks(path, bom, size=size):
        yield write.encode(reader.decode(chunk))
    yield write.encode(reader.decode(b"", True), True)
