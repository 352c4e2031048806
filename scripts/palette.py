"""PNG files of pages made small: a palette of 256 colours is enough for them, and a fifth of the size. Standard library only."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
Colour = tuple[int, ...]


def squeeze(picture: bytes) -> bytes:
    """The same picture with a palette of its 256 most frequent colours; each other colour becomes the nearest of these."""
    chunks = list(_chunks(picture))
    header = chunks[0][1]
    width, height = (int.from_bytes(header[at : at + 4], "big") for at in (0, 4))
    samples = {2: 3, 6: 4}[header[9]]
    raw = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    pixels = [tuple(row[at : at + 3]) for row in _rows(raw, width * samples, samples) for at in range(0, width * samples, samples)]
    counted = Counter(pixels)
    palette = [colour for colour, _ in counted.most_common(256)]
    number = _numbered(counted, palette)
    indexed = bytes(number[pixel] for pixel in pixels)
    lines = b"".join(b"\0" + indexed[at : at + width] for at in range(0, width * height, width))
    table = b"".join(map(bytes, palette))
    return SIGNATURE + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", header[:9] + b"\x03" + header[10:]),
            (b"PLTE", table),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(picture):
        size = int.from_bytes(picture[at : at + 4], "big")
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def _numbered(colours: Mapping[Colour, int], palette: list[Colour]) -> Mapping[Colour, int]:
    number = {colour: at for at, colour in enumerate(palette)}
    for colour in colours.keys() - number.keys():
        number[colour] = min(
            range(len(palette)), key=lambda at, wanted=colour: sum((a - b) ** 2 for a, b in zip(wanted, palette[at], strict=True))
        )
    return number


def _rows(raw: bytes, stride: int, samples: int) -> Iterator[bytearray]:
    """Rows without their filters (PNG, clause 9)."""
    above = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for at in range(stride) if kind else ():
            left, corner = (row[at - samples], above[at - samples]) if at >= samples else (0, 0)
            row[at] = (row[at] + _predicted(kind, left, above[at], corner)) & 255
        yield row
        above = row


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
