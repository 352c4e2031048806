"""A proven text file in blocks of whole records, so that several can be looked at at once.

A block ends with a line end outside quotes, by the parity of the quotes before it. Where quotes do not stand as RFC 4180 wants them
parity tells nothing: whoever takes a block must look at its quotes first, and read on by `csv.reader` where they are odd.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from govdata.classes import dataclass
from govdata.reading.encodings.candidates import decoder
from govdata.reading.encodings.octets import chunks

SIZE = 8 << 20
"""Bytes of a block: large enough that the work on it outweighs the calls, small enough that few are held at once."""

_ASCII_SAFE = frozenset(("utf-8", "gb18030", "big5", "cp1252", "ascii", "latin-1", "iso8859-1"))
"""Encodings in which the bytes below 0x30 always are themselves: quotes and line ends can be seen in the raw bytes."""


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes of whole records in the file's own encoding."""

    raw: bytes
    encoding: str
    whole: bool = True
    """It ends at the end of a record; else no such end was found within the limit."""

    def text(self) -> bytes:
        """The bytes in UTF-8."""
        if self.encoding == "utf-8":
            return self.raw  # the file is proven: it need not be decoded once more
        from govdata.reading.encodings.transcoding import to_utf8

        return to_utf8(self.raw, self.encoding)


def read_blocks(path: Path, encoding: str, bom: int, quote: str | None, longest: int, size: int = SIZE) -> Iterator[Block]:
    """The blocks of a file, in order; none is longer than `longest` and a block, which is where a record that does not end is let go."""
    safe = encoding in _ASCII_SAFE and (quote is None or quote < "0")
    pieces = chunks(path, bom, size=size) if safe else _transcoded(path, encoding, bom, size)
    name = encoding if safe else "utf-8"
    mark = quote.encode() if quote else b""
    held, parity = b"", 0
    for piece in pieces:
        data = held + piece if held else piece
        cut = _cut(data, len(held), mark, parity)
        if cut:
            yield Block(data[:cut], name)
            held, parity = data[cut:], 0
            parity = held.count(mark) & 1 if mark else 0
        elif len(data) > longest + size:
            yield Block(data, name, whole=False)
            held, parity = b"", 0
        else:
            held, parity = data, (parity + (data.count(mark, len(held)) if mark else 0)) & 1
    if held:
        yield Block(held, name)


def _cut(data: bytes, known: int, mark: bytes, parity: int) -> int:
    """Where the last record that ends in the data ends, by the parity of quotes; 0 where none does.

    Of the first `known` bytes it is known that no record ends there, and `parity` counts their quotes.
    """
    end = data.rfind(b"\n") + 1
    if not mark:
        return end if end > known else 0
    odd = (parity + data.count(mark, known, end)) & 1 if end > known else 1
    while odd and end > known:
        before = data.rfind(b"\n", known, end - 1) + 1
        odd ^= data.count(mark, max(before, known), end) & 1
        end = before
    return end if end > known else 0


def _transcoded(path: Path, encoding: str, bom: int, size: int) -> Iterator[bytes]:
    reader = decoder(encoding)
    write = codecs.getincrementalencoder("utf-8")("surrogatepass")
    for chunk in chunks(path, bom, size=size):
        yield write.encode(reader.decode(chunk))
    yield write.encode(reader.decode(b"", True), True)
