"""GB 18030-2022: the codec at hand with the mapping of the standard over it."""

from __future__ import annotations

import codecs
import functools
import sys
from typing import Protocol

from govdata import content
from govdata.expressions import expression
from govdata.reading.encodings.sifting import has_special

TABLE = "schemas/encodings/gb18030-2022.json"
STRAY = "\udc80"
"""Stands for a byte 0x80 while decoding: the standard leaves it undefined, Windows code page 936 reads it as €."""
_HANDLER = "govdata-gb18030"
_LONG = 1 << 16
"""From so many bytes on numpy is faster."""


class Decoder(Protocol):
    """What an incremental decoder of the standard library can do, as far as we need it."""

    def decode(self, input: bytes, final: bool = False) -> str: ...

    def getstate(self) -> tuple[bytes, int]: ...


_SPECIAL = expression(f"[\ue000-\uf8ff\u1e3f{STRAY}]")
"""Every character that the standard's mapping changes is one of these, and so is every private-use character."""
_SPECIAL_EF = expression(rb"\xef[\x80-\xa3]")


@functools.cache
def _changes() -> dict[int, int]:
    return {int(change["codec"], 16): int(change["standard"], 16) for change in content.load(TABLE)["changes"]}


def _let_stray_pass(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return STRAY, error.start + 1
    raise error


codecs.register_error(_HANDLER, _let_stray_pass)


def is_special(utf8: bytes) -> bool:
    """Whether text in UTF-8 has characters of `_SPECIAL`: quicker to be seen in bytes; in long ones by numpy, where it is there."""
    if len(utf8) > _LONG and "numpy" in sys.modules:
        return has_special(utf8)
    return b"\xee" in utf8 or b"\xe1\xb8\xbf" in utf8 or _SPECIAL_EF.search(utf8) is not None


class Gb18030Decoder:
    """An incremental decoder; bytes 0x80 are read as €."""

    def __init__(self) -> None:
        self._codec = codecs.getincrementaldecoder("gb18030")(_HANDLER)
        self.stray: int | None = None
        """Where in the last text the first byte 0x80 was."""
        self.special = False
        """The last text may hold private-use characters."""

    def decode(self, input: bytes, final: bool = False) -> str:
        """The text of the bytes so far; `UnicodeDecodeError` where they are not GB 18030."""
        self.stray = None
        text = self._codec.decode(input, final)
        return self._standard(text) if _SPECIAL.search(text) else text

    def transcode(self, input: bytes, final: bool = False) -> bytes:
        """The same text in UTF-8, sooner."""
        self.stray = None
        text = self._codec.decode(input, final)
        try:
            utf8 = text.encode()
        except UnicodeEncodeError:  # a stray byte
            self.special = True
        else:
            self.special = is_special(utf8)
        return self._standard(text).encode() if self.special else utf8

    def _standard(self, text: str) -> str:
        found = text.find(STRAY)
        self.stray = found if found >= 0 else None
        return text.translate(_changes()).replace(STRAY, "€")

    def getstate(self) -> tuple[bytes, int]:
        """Bytes that wait for their rest, and 0."""
        return self._codec.getstate()[0], 0


def gb18030_decoder() -> Gb18030Decoder:
    """A new incremental decoder with the mapping of GB 18030-2022."""
    return Gb18030Decoder()


def decode(data: bytes) -> str:
    """Bytes of GB 18030-2022 as text; `UnicodeDecodeError` where they are not."""
    return gb18030_decoder().decode(data, True)
