"""GB 18030 to UTF-8 by the C library's iconv, which lets other threads go on: only what it reads as we do, the rest is refused."""

from __future__ import annotations

import ctypes
import errno
import functools
import itertools
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from govdata.glibc import glibc
from govdata.reading.encodings.gb18030 import gb18030_decoder, is_special

_BUFFER = 1 << 18
_MANY = 64
"""A library that reads more codes in a way of its own is not used."""
_NO_CODES = (b"\x80", b"\xff", b"\x81", b"\x81\x30\x81", b"\x84\x31\xa5\x30", b"\xfe\x39\xfe\x39")
_LAST = b"\x84\x31\xa4\x39"
"""The last code of four bytes that is not computed."""
_NOTHING = b"(?!)"
"""A pattern that nothing has."""
_LEARNING = threading.Lock()
_FAILED = ctypes.c_size_t(-1).value


def transcode(data: bytes) -> bytes | None:
    """GB 18030 in UTF-8; `None` where iconv fails or may not read as the standard does, and where there is no iconv that is known."""
    strange = _strange()
    if strange is None or (utf8 := _convert(data)) is None or is_special(utf8):
        return None
    return None if _lead(strange) in utf8 and strange.search(utf8) else utf8


@functools.cache
def _lead(strange: re.Pattern[bytes]) -> bytes:
    """The byte that all characters of `_strange` begin with; empty where they begin with several."""
    leads = {one[:1] for one in strange.pattern.split(b"|")}
    return leads.pop() if len(leads) == 1 and strange.pattern != _NOTHING else b""


class _Converter:
    """An open converter with its buffer; each thread has one."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self._handle = library.iconv_open(b"UTF-8", b"GB18030")
        self._buffer = ctypes.create_string_buffer(_BUFFER)

    def __del__(self) -> None:
        if self._handle != _FAILED:
            self._library.iconv_close(self._handle)

    def convert(self, data: bytes) -> bytes | None:
        """The bytes in UTF-8, or `None` where they are not whole characters of GB 18030."""
        if self._handle == _FAILED:
            return None
        call = self._library.iconv
        call(self._handle, None, None, None, None)  # forgets what an error left
        here, left = ctypes.c_char_p(data), ctypes.c_size_t(len(data))
        parts: list[bytes] = []
        while True:
            there, room = ctypes.c_void_p(ctypes.addressof(self._buffer)), ctypes.c_size_t(_BUFFER)
            result = call(self._handle, ctypes.byref(here), ctypes.byref(left), ctypes.byref(there), ctypes.byref(room))
            full = result == _FAILED and ctypes.get_errno() == errno.E2BIG
            if result and not full:  # an error, or characters that were replaced
                return None
            parts.append(ctypes.string_at(self._buffer, _BUFFER - room.value))
            if not full:
                return b"".join(parts)


_converters = threading.local()


def _convert(data: bytes) -> bytes | None:
    library = _library()
    if library is None:
        return None
    found = getattr(_converters, "one", None)
    if not isinstance(found, _Converter):
        found = _converters.one = _Converter(library)
    return found.convert(data)


@functools.cache
def _library() -> Any:
    """The GNU C library, told what iconv takes; others have another iconv, or none."""
    library = glibc()
    if library is None:
        return None
    library.iconv_open.restype, library.iconv_open.argtypes = ctypes.c_void_p, [ctypes.c_char_p] * 2
    library.iconv.restype, library.iconv.argtypes = ctypes.c_size_t, [ctypes.c_void_p] * 5
    library.iconv_close.argtypes = [ctypes.c_void_p]
    return library


def _strange() -> re.Pattern[bytes] | None:
    """`_learnt`, once for all threads."""
    with _LEARNING:
        return _learnt()


@functools.cache
def _learnt() -> re.Pattern[bytes] | None:
    """A pattern for the characters that iconv gives for other codes than we do, learnt by asking it for all; `None`: do not use it."""
    if _convert(b"\xd6\xd0,1\n") != "中,1\n".encode() or any(_convert(code) is not None for code in _NO_CODES):
        return None
    strange: set[bytes] = set()
    for width, codes in _all_codes():
        found = _convert(codes)
        if found is None or found != _ours(codes):
            each = [codes[at : at + width] for at in range(0, len(codes), width)]
            strange |= {read for code in each if (read := _convert(code)) is not None and read != _ours(code)}
    if len(strange) > _MANY:
        return None
    return re.compile(b"|".join(sorted(strange)) or _NOTHING)


def _ours(code: bytes) -> bytes | None:
    try:
        return gb18030_decoder().transcode(code, True)
    except UnicodeDecodeError:
        return None


def _all_codes() -> Iterator[tuple[int, bytes]]:
    """All codes of two bytes, and those of four that are not computed, some at a time: how long each is, and one after the other."""
    trails = [bytes((trail,)) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))]
    for lead in range(0x81, 0xFF):
        yield 2, _after(bytes((lead,)), trails)
    ends = [bytes((third, last)) for third in range(0x81, 0xFF) for last in range(0x30, 0x3A)]
    for begin in map(bytes, itertools.product(range(0x81, 0x85), range(0x30, 0x3A))):
        if begin < _LAST[:2]:
            yield 4, _after(begin, ends)
    yield 4, _after(_LAST[:2], ends[: ends.index(_LAST[2:]) + 1])


def _after(begin: bytes, ends: Sequence[bytes]) -> bytes:
    """The same begin with one end after the other."""
    return begin.join((b"", *ends))
