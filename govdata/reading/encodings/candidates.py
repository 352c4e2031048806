"""Encodings that a file may have: each decodes the bytes strictly and counts what it reads."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping

from govdata.reading.encodings.gb18030 import Decoder, Gb18030Decoder, gb18030_decoder
from govdata.reading.encodings.octets import WIDE, Octets, chunks
from govdata.reading.encodings.plausible import PRIVATE, HanTally, LatinTally, Tally, Verdict, read_well

UNICODE = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_CODECS = {"big5": "cp950"}
"""Label → codec: Big5 files are written by Windows, whose code page has a few characters more."""
_ALIASES = {
    **dict.fromkeys(("gbk", "gb2312", "gb-2312", "cp936", "ms936", "euc-cn", "euccn", "x-gbk", "gb18030-2000", "gb18030-2005"), "gb18030"),
    **dict.fromkeys(("gb18030-2022", "gb-18030", "hanzi"), "gb18030"),
    **dict.fromkeys(("cp950", "ms950", "big5-tw", "windows-950"), "big5"),
    **dict.fromkeys(("utf8", "utf-8-sig", "utf-8-bom", "utf8-bom", "unicode-utf-8"), "utf-8"),
    **dict.fromkeys(("windows-1252",), "cp1252"),
}
_NOT_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "utf-7"})
_BYTE_KINDS = bytes(76 if 0xE4 <= byte <= 0xE9 else 67 if 0x80 <= byte <= 0xBF else 46 for byte in range(256))
_UTF8_HAN = b"LCCLCC"
"""Two hanzi in UTF-8 as kinds of bytes: lead, continuation, continuation."""
_UTF8_PRIVATE = re.compile(rb"\xef[\x80-\xa3]")
_LOST = "锟斤拷"
"""What two replacement characters of UTF-8 become when they are read as GBK."""
_TRIES = 1000
"""So many suspicious lines of a file are looked at for another encoding."""
_BELOW_E0 = bytes(range(0xE0))


def label(declared: str) -> str | None:
    """The name under which we know a declared encoding (`GBK` → `gb18030`); `None` where there is no such encoding."""
    name = declared.strip().lower().replace("_", "-").replace(" ", "")
    if name in _ALIASES:
        return _ALIASES[name]
    if name in ("utf-16", "utf16", "unicode"):
        return "utf-16"
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name.replace("_", "-") in _NOT_FILES or found.incrementaldecoder is None:
        return None
    return _ALIASES.get(found.name.replace("_", "-"), found.name)


def priors(names: Iterable[str]) -> tuple[str, ...]:
    """The encodings of the settings under the names that we know, each once; what there is none of is left out."""
    known = (label(name) for name in names)
    return tuple(dict.fromkeys(name for name in known if name and not name.startswith("utf-")))


def decoder(name: str) -> Decoder:
    """A new strict incremental decoder for a name that `label` gives."""
    if name == "gb18030":
        return gb18030_decoder()
    return codecs.getincrementaldecoder(_CODECS.get(name, name))("strict")


def _tally(name: str) -> Tally:
    if name == "cp1252":
        return LatinTally()
    by_name: Mapping[str, HanTally] = {}
    if name == "gb18030":
        by_name = {name: HanTally("hans")}
    elif name == "big5":
        by_name = {name: HanTally("hant")}
    return by_name.get(name) or HanTally("hans", "hant")


class Candidate:
    """One encoding on trial. `failed` is the offset of the first byte that does not fit."""

    def __init__(self, name: str, begin: int = 0) -> None:
        self.name = name
        self.failed: int | None = None
        self.at = begin
        self.wide = False
        """UTF-8 with sequences of three bytes and more: those never happen by chance."""
        self.private: tuple[int, int, str] | None = None
        """The first private-use character: offset of a piece of text, line ends before it in the piece, the character."""
        self.stray: tuple[int, int, str] | None = None
        """The first byte 0x80 in GB 18030, likewise."""
        self.lost: tuple[int, int, str] | None = None
        """The first character that an earlier conversion lost, likewise."""
        self.other: int | None = None
        """Offset of the first line that is UTF-8 inside a file of this encoding."""
        self._decoder = decoder(name)
        self._tally = _tally(name)
        self._tries = 0
        self._ascii_safe = not name.startswith(WIDE)
        self._double = name in ("gb18030", "big5")

    def feed(self, chunk: bytes, final: bool = False) -> None:
        """Takes the next bytes."""
        if self.failed is not None:
            return
        waiting = len(self._decoder.getstate()[0])
        if self._ascii_safe and not waiting and chunk.isascii():
            self.at += len(chunk)
            return
        try:
            text = self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.failed = self.at - waiting + error.start
            chunk = error.object[: error.start]
            text = decoder(self.name).decode(chunk)
        self._tally.add(text)
        self._look(chunk, text, self.at - waiting)
        self.at += len(chunk)

    def _look(self, chunk: bytes, text: str, base: int) -> None:
        if self.name == "utf-8":
            self.wide = self.wide or bool(chunk.translate(None, _BELOW_E0))
        if self._double and self.other is None and self._tries < _TRIES:
            self._look_for_utf8(chunk)
        if self.lost is None and ("\ufffd" in text or _LOST in text):
            self.lost = (base, text.count("\n", 0, max(text.find("\ufffd"), text.find(_LOST))), "�")
        if not self._maybe_private(chunk):
            return
        if self.private is None and (found := PRIVATE.search(text)):
            self.private = (base, text.count("\n", 0, found.start()), found[0])
        if self.stray is None and isinstance(self._decoder, Gb18030Decoder) and self._decoder.strays:
            self.stray = (base, text.count("\n", 0, text.find("€")), "€")

    def _maybe_private(self, chunk: bytes) -> bool:
        """A cheap look at the bytes first, because the search through the text is not."""
        if isinstance(self._decoder, Gb18030Decoder):
            return self._decoder.special
        return self.name != "utf-8" or b"\xee" in chunk or _UTF8_PRIVATE.search(chunk) is not None

    def _look_for_utf8(self, chunk: bytes) -> None:
        kinds = chunk.translate(_BYTE_KINDS)
        found = kinds.find(_UTF8_HAN)
        while found >= 0 and self._tries < _TRIES:
            self._tries += 1
            begin = chunk.rfind(b"\n", 0, found) + 1
            end = chunk.find(b"\n", found)
            end = end if end >= 0 else len(chunk)
            if end - begin < 1 << 16 and _is_utf8(chunk[begin:end], self.name):
                self.other = self.at + begin
                return
            found = kinds.find(_UTF8_HAN, end)

    def finish(self) -> None:
        """Says that there are no more bytes."""
        self.feed(b"", True)

    def verdict(self) -> Verdict:
        """How the text reads so far."""
        return self._tally.verdict()

    def broad_verdict(self) -> Verdict:
        """How it reads if traditional characters may stand in GB 18030 and simplified ones in Big5."""
        return self._tally.broad_verdict()

    @property
    def different(self) -> int:
        """How many different characters beyond ASCII were read."""
        return self._tally.different

    @property
    def fits(self) -> bool:
        """Every byte decodes and the text is plausible."""
        return self.failed is None and self.verdict().plausible


def _is_utf8(line: bytes, name: str) -> bool:
    """Whether a line of a file of another encoding is rather UTF-8: all of it decodes and it reads better so."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if not read_well(text):
        return False
    try:
        return not read_well(decoder(name).decode(line, True))
    except UnicodeDecodeError:
        return True


def try_all(source: Octets, names: Iterable[str], start: int = 0, stop: int | None = None) -> tuple[Candidate, ...]:
    """Each encoding tried on all bytes from `start`, up to `stop`."""
    tried = tuple(Candidate(name, start) for name in names)
    for chunk in chunks(source, start, stop):
        for one in tried:
            one.feed(chunk)
        if all(one.failed is not None for one in tried):
            break
    for one in tried:
        one.finish()
    return tried
