"""A piece of a file without the ASCII that no code can reach: all that an encoding can fail on is left, so it is decoded faster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

SIFTABLE = frozenset({"utf-8", "gb18030", "big5", "cp1252"})
"""Encodings in which a byte of ASCII is itself, unless it is the second or fourth byte of a code that begins beyond ASCII."""
_DENSE = 0.4
"""Where so large a share of the bytes is beyond ASCII there is nothing to win."""
_STRIP = 1 << 20
"""Bytes that are compared at once: what that makes stays near the processor, where new memory would cost more than the comparing. With
less, threads that do this side by side ask each other for Python's lock so often that it costs them a third more."""
_FEW = 1 << 15
"""So few characters are counted as fast without numpy."""


def sift(data: bytes) -> bytes:
    """The bytes beyond ASCII, each with the byte before it and the two after it; needs numpy.

    Decoding this gives the same characters beyond ASCII, in the same order, and fails where the whole fails. A code ends at most one
    byte after its last byte beyond ASCII; the second byte that is kept stops half a code of four bytes from joining what comes later.
    The byte before is for words of Latin letters, and no two runs of hanzi are joined: what was between them, or three bytes of it, stays.
    """
    import numpy as np

    octets = np.frombuffer(data, np.int8)
    high = octets < 0
    if np.count_nonzero(high) > len(data) * _DENSE:
        return data
    kept = high.copy()
    kept[1:] |= high[:-1]
    kept[2:] |= high[:-2]
    kept[:-1] |= high[1:]
    return octets[kept].tobytes()


def count_lines(data: bytes) -> int:
    """How many LF there are; needs numpy."""
    return count_byte(data, 0x0A)


def count_byte(data: bytes | bytearray, byte: int, start: int = 0, stop: int | None = None) -> int:
    """How often a byte stands between two places; needs numpy. Where it is frequent, many times as fast as `bytes.count`, and other
    threads go on meanwhile."""
    import numpy as np

    return sum(int(np.count_nonzero(strip == byte)) for _, strip in _strips(np.frombuffer(data, np.uint8)[start:stop]))


def places_of(data: bytes | bytearray, byte: int) -> Any:
    """Where a byte stands; needs numpy."""
    import numpy as np

    found = [np.flatnonzero(strip == byte) + at for at, strip in _strips(np.frombuffer(data, np.uint8))]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def has_pair(data: bytes, first: int, second: int) -> bool:
    """Whether a byte stands right before another one; needs numpy."""
    return _follows(data, first, lambda following: following == second)


def _strips(octets: Any, more: int = 0) -> Iterator[tuple[int, Any]]:
    """Bytes in strips, with the place at which each begins; each with so many of the next."""
    return ((at, octets[at : at + _STRIP + more]) for at in range(0, len(octets), _STRIP))


def may_be_odd(utf8: bytes) -> bool:
    """Whether text in UTF-8 may hold a private-use character (U+E000 to U+F8FF), U+FFFD or 锟斤拷; needs numpy.

    锟斤拷 is looked for by its last two bytes, as few other characters end so.
    """
    import numpy as np

    strips = _strips(np.frombuffer(utf8, np.uint8), 1)
    return 0xEE in utf8 or any(_is_odd(strip[:-1], strip[1:]) for _, strip in strips)


def _is_odd(one: Any, following: Any) -> bool:
    # What follows EF is beyond 7F: here it is from A4 to BE, or less than A4 or BF and so, A4 taken off, beyond 1A.
    return bool(((one == 0xEF) & (following - 0xA4 > 0x1A)).any() or ((one == 0x8B) & (following == 0xB7)).any())


def has_special(utf8: bytes) -> bool:
    """Whether text in UTF-8 holds a private-use character (U+E000 to U+F8FF) or U+1E3F; needs numpy."""
    return 0xEE in utf8 or _follows(utf8, 0xEF, lambda second: second <= 0xA3) or _has(utf8, b"\xe1\xb8\xbf")


def _follows(data: bytes, lead: int, holds: Callable[[Any], Any]) -> bool:
    """Whether a byte of one value is followed by one of which something holds."""
    import numpy as np

    strips = _strips(np.frombuffer(data, np.uint8), 1)
    return any(bool(((strip[:-1] == lead) & holds(strip[1:])).any()) for _, strip in strips)


def _has(data: bytes, three: bytes) -> bool:
    import numpy as np

    first, second, third = three
    if first not in data:
        return False
    strips = _strips(np.frombuffer(data, np.uint8), 2)
    return any(bool(((strip[2:] == third) & (strip[1:-1] == second) & (strip[:-2] == first)).any()) for _, strip in strips)


def may_hold_utf8(data: bytes) -> bool:
    """Whether bytes may hold two hanzi in UTF-8, one after the other; needs numpy."""
    import numpy as np

    octets = np.frombuffer(data, np.uint8)
    lead = (octets >= 0xE4) & (octets <= 0xE9)
    low = (octets >= 0x80) & (octets <= 0xBF)
    pairs = low[:-1] & low[1:]
    hanzi = lead[:-2] & pairs[1:]
    return bool((hanzi[:-3] & hanzi[3:]).any())


def count_characters(text: str) -> Mapping[str, int]:
    """How often each character stands in a text; needs numpy."""
    if len(text) < _FEW:
        return Counter(text)
    import numpy as np

    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    if len(units) != len(text):  # pairs of units for characters beyond U+FFFF
        return Counter(text)
    counts = np.bincount(units)
    codes = np.flatnonzero(counts)
    return {chr(code): count for code, count in zip(codes.tolist(), counts[codes].tolist(), strict=True)}
