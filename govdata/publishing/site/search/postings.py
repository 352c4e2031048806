"""Posting lists: in which documents a gram is, and how much it counts there, as bytes.

A posting is `number * 4 + impact`; a list is ascending, written as the differences, seven bits a byte, the low ones first.
"""

from __future__ import annotations

import operator
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence

_SMALL = 1 << 14
"""Differences below it take one or two bytes and are looked up."""


def varint(value: int) -> bytes:
    """A number as bytes."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


_VARINTS = [bytes([value]) for value in range(128)] + [bytes([value & 127 | 128, value >> 7]) for value in range(128, _SMALL)]


def encode(postings: Sequence[int], last: int = 0) -> bytes:
    """Ascending postings as bytes; `last` is the one before them."""
    differences = [postings[0] - last, *map(operator.sub, postings[1:], postings)] if postings else []
    if not differences or max(differences) < 128:
        return bytes(differences)
    return b"".join([_VARINTS[value] if value < _SMALL else varint(value) for value in differences])


def decode(data: bytes) -> list[int]:
    """The postings of a list."""
    found, value, shift, difference = [], 0, 0, 0
    for byte in data:
        if byte > 127:
            difference |= (byte & 127) << shift
            shift += 7
        else:
            value += difference | byte << shift
            found.append(value)
            difference = shift = 0
    return found


def patched(data: bytes, edits: Mapping[int, int | None]) -> tuple[bytes, int]:
    """A list with other impacts for some numbers (`None`: no longer there), and how many it holds."""
    kept = [posting for posting in decode(data) if posting >> 2 not in edits]
    kept += [number * 4 + impact for number, impact in edits.items() if impact is not None]
    kept.sort()
    return encode(kept), len(kept)


class Inversion:
    """Posting lists in the making. Documents come in order of their numbers."""

    BLOCK = 4_000_000
    """Postings after which they are packed: as numbers they take four times the memory."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self._packed: dict[str, tuple[int, int, bytes]] = {}
        """Gram → how many postings, the last one, and the list."""
        self._held = 0

    def add(self, number: int, impacts: Mapping[str, int]) -> None:
        """The grams of a document with their impacts."""
        first = number * 4
        for postings, impact in zip(map(self._waiting.__getitem__, impacts), impacts.values(), strict=True):
            postings.append(first + impact)
        self._held += len(impacts)
        if self._held >= self.BLOCK:
            self._pack()

    def _pack(self) -> None:
        waiting, packed = self._waiting, self._packed
        while waiting:
            gram, postings = waiting.popitem()
            count, last, data = packed.get(gram, (0, 0, b""))
            packed[gram] = count + len(postings), postings[-1], data + encode(postings, last)
        self._held = 0

    def finish(self) -> dict[str, tuple[int, bytes]]:
        """Every gram, in order, with its number of documents and its list. Nothing can be added afterwards."""
        self._pack()
        return {gram: self._packed.pop(gram)[::2] for gram in sorted(self._packed)}
