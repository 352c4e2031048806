"""Pieces of a proven file in UTF-8, whatever its encoding: to be called from several threads at once."""

from __future__ import annotations

from collections.abc import Iterator

from govdata.reading.encodings import iconv
from govdata.reading.encodings.candidates import decoder, transcode

_PART = 1 << 15
"""Where a piece holds codes that the fast codec reads in its own way, so much around each goes to ours."""


def to_utf8(chunk: bytes, encoding: str) -> bytes:
    """A piece that ends where a character ends, in UTF-8; `encoding` is that of a `Proof`.

    `UnicodeDecodeError` with the offset in the piece where it is not in that encoding.
    """
    if chunk.isascii() and not encoding.startswith(("utf-16", "utf-32")):
        return chunk
    if encoding == "utf-8":
        chunk.decode("utf-8")
        return chunk
    if encoding != "gb18030":
        return transcode(decoder(encoding), chunk, True)
    return iconv.transcode(chunk) or b"".join(_by_parts(chunk))


def _by_parts(chunk: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(chunk):
        end = chunk.find(b"\n", at + _PART) + 1 or len(chunk)  # LF is never a part of a character of GB 18030
        part = chunk[at:end]
        yield iconv.transcode(part) or _by_codec(chunk, at, end)
        at = end


def _by_codec(chunk: bytes, start: int, stop: int) -> bytes:
    try:
        return transcode(decoder("gb18030"), chunk[start:stop], True)
    except UnicodeDecodeError as error:
        raise UnicodeDecodeError("gb18030", chunk, start + error.start, start + error.end, error.reason) from None
