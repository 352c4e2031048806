"""A piece of a file without the ASCII that no code can reach: all that an encoding can fail on is left, so it is decoded faster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

SIFTABLE = frozenset({"utf-8", "gb18030", "big5", "cp1252"})
"""Encodings in which a byte of ASCII is itself, unless it is the second or fourth byte of a code that begins beyond ASCII."""
_DENSE = 0.4
"""Where so large a share of the bytes is beyond ASCII there is nothing to win."""
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

    return int(np.count_nonzero(np.frombuffer(data, np.uint8)[start:stop] == byte))


def may_be_odd(utf8: bytes) -> bool:
    """Whether text in UTF-8 may hold a private-use character (U+E000 to U+F8FF), U+FFFD or 锟; needs numpy."""
    import numpy as np

    octets = np.frombuffer(utf8, np.uint8)
    if (octets == 0xEE).any():
        return True
    second = _after(octets, 0xEF, 1)
    return bool(((second <= 0xA3) | (second == 0xBF)).any() or _has(octets, b"\xe9\x94\x9f"))


def has_special(utf8: bytes) -> bool:
    """Whether text in UTF-8 holds a private-use character (U+E000 to U+F8FF) or U+1E3F; needs numpy."""
    import numpy as np

    octets = np.frombuffer(utf8, np.uint8)
    return bool((octets == 0xEE).any() or (_after(octets, 0xEF, 1) <= 0xA3).any() or _has(octets, b"\xe1\xb8\xbf"))


def _after(octets: Any, lead: int, distance: int) -> Any:
    """The bytes at a distance behind each of one value."""
    import numpy as np

    return octets[np.flatnonzero(octets[:-distance] == lead) + distance]


def _has(octets: Any, three: bytes) -> bool:
    import numpy as np

    # By the last byte: of hanzi the first is one of six.
    places = np.flatnonzero(octets[2:] == three[2])
    places = places[octets[places + 1] == three[1]]
    return bool((octets[places] == three[0]).any())


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
