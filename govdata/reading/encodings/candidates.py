"""Encodings that a file may have: each decodes the bytes strictly and counts what it reads."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from govdata.encodingnames import label
from govdata.expressions import expression
from govdata.reading.encodings.gb18030 import Decoder, Gb18030Decoder, gb18030_decoder
from govdata.reading.encodings.octets import WIDE, Octets, Piece, count_ends, pieces
from govdata.reading.encodings.plausible import SAMPLE, HanTally, LatinTally, Tally, Verdict, read_well
from govdata.reading.encodings.sifting import SIFTABLE
from govdata.reading.encodings.speed import PLAIN, Speed

UNICODE = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_CODECS = {"big5": "cp950"}
"""Label → codec: Big5 files are written by Windows, whose code page has a few characters more."""
_BYTE_KINDS = bytes(76 if 0xE4 <= byte <= 0xE9 else 67 if 0x80 <= byte <= 0xBF else 46 for byte in range(256))
_UTF8_HAN = b"LCCLCC"
"""Two hanzi in UTF-8 as kinds of bytes: lead, continuation, continuation."""
_ODD_EF = expression(rb"\xef(?:[\x80-\xa3]|\xbf\xbd)")
"""In UTF-8: private-use characters from U+F000 on, and the replacement character."""
_PRIVATE = expression(rb"\xee..|\xef[\x80-\xa3].", re.DOTALL)
_UNDEFINED = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
"""What code page 1252 does not define."""
_REPLACEMENT, _LOST = "\ufffd".encode(), "锟斤拷".encode()
"""A lost character, and what two of them in UTF-8 become when they are read as GBK."""
Mark = tuple[int, int, str]
"""A place in a file: the offset of a piece of text, line ends before the place in the piece, the character."""
_TRIES = 1000
"""So many suspicious lines of a file are looked at for another encoding."""
_BELOW_E0 = bytes(range(0xE0))


def priors(names: Iterable[str]) -> tuple[str, ...]:
    """The encodings of the settings under the names that we know, each once; what there is none of is left out."""
    known = (label(name) for name in names)
    return tuple(dict.fromkeys(name for name in known if name and not name.startswith("utf-")))


def decoder(name: str) -> Decoder:
    """A new strict incremental decoder for a name that `label` gives."""
    if name == "gb18030":
        return gb18030_decoder()
    return codecs.getincrementaldecoder(_CODECS.get(name, name))("strict")


def _tally(name: str, speed: Speed) -> Tally:
    if name == "cp1252":
        return LatinTally()
    if name == "gb18030":
        return HanTally("hans", count=speed.count)
    return HanTally("hant", count=speed.count) if name == "big5" else HanTally("hans", "hant", count=speed.count)


def transcode(reader: Decoder, data: bytes, final: bool = False) -> bytes:
    """The next bytes in UTF-8."""
    if isinstance(reader, Gb18030Decoder):
        return reader.transcode(data, final)
    return reader.decode(data, final).encode("utf-8", "surrogatepass")


class Candidate:
    """One encoding on trial. `failed` is the offset of the first byte that does not fit."""

    def __init__(self, name: str, begin: int = 0, speed: Speed = PLAIN, tally: Tally | None = None) -> None:
        self.name = name
        self.failed: int | None = None
        self.at = begin
        self.wide = False
        """UTF-8 with sequences of three bytes and more: those never happen by chance."""
        self.private: Mark | None = None
        """The first private-use character."""
        self.stray: Mark | None = None
        """The first byte 0x80 in GB 18030."""
        self.lost: Mark | None = None
        """The first character that an earlier conversion lost."""
        self.other: int | None = None
        """Offset of the first line that is UTF-8 inside a file of this encoding."""
        self._speed = speed
        self._decoder = decoder(name)
        self._tally = tally or _tally(name, speed)
        self._tries = 0
        self._ascii_safe = not name.startswith(WIDE)
        self._sifted = False
        """What was read last was without some of its ASCII."""
        self._siftable = name in SIFTABLE
        self._double = name in ("gb18030", "big5")
        self._end = b""
        """The last bytes of text that was cut inside a line."""

    def feed(self, piece: Piece, final: bool = False) -> None:
        """Takes the next bytes."""
        if self.failed is not None:
            return
        waiting = len(self._decoder.getstate()[0])
        if self._ascii_safe and not waiting and piece.data.isascii():
            self.at += len(piece.data)
            self._end = b""
            return
        base = self.at - waiting
        try:
            utf8 = self._read(piece, final, not waiting)
        except UnicodeDecodeError as error:
            self.failed = base + error.start
            self._sifted = False
            piece = Piece(error.object[: error.start], base, piece.fresh)
            self._decoder = decoder(self.name)
            utf8 = transcode(self._decoder, piece.data)
        self._count(piece, utf8)
        self._look(piece, utf8, base)
        self.at += len(piece.data)

    def _read(self, piece: Piece, final: bool, idle: bool) -> bytes:
        """The piece in UTF-8, with or without the ASCII that may be sifted out."""
        self._sifted = False
        if self._siftable and piece.whole and idle:
            if self.name == "cp1252" and self._tally.sated and not _has_undefined(piece.short):
                return b""  # all that can be odd in it is in the tally
            if self.name == "utf-8" and self._speed.is_utf8(piece.data):
                return piece.data
            if piece.short is not piece.data and (utf8 := self._read_short(piece.short)) is not None:
                self._sifted = True
                return utf8
        return transcode(self._decoder, piece.data, final)

    def _read_short(self, short: bytes) -> bytes | None:
        if self._speed.fast_codec and self.name == "gb18030":
            from govdata.reading.encodings import iconv

            if (utf8 := iconv.transcode(short)) is not None:
                self._decoder = decoder(self.name)  # which says nothing odd of what iconv took
                return utf8
        try:
            return transcode(self._decoder, short, True)
        except UnicodeDecodeError:  # where, the whole will say
            self._decoder = decoder(self.name)
            return None

    def _count(self, piece: Piece, utf8: bytes) -> None:
        """Gives the tally what it is to count: all, later a sample, which does not depend on what was sifted."""
        if not self._tally.sated:
            self._tally.add(piece.short if self.name == "utf-8" and piece.whole else utf8)
        elif not (self._siftable and piece.whole):
            self._tally.add(utf8[:SAMPLE].decode("utf-8", "ignore").encode())
        elif head := piece.data[: piece.data.rfind(b"\n", 0, SAMPLE) + 1]:
            self._tally.add(transcode(decoder(self.name), self._speed.sift(head), True))

    def _look(self, piece: Piece, utf8: bytes, base: int) -> None:
        if self.name == "utf-8":
            self.wide = self.wide or bool(utf8.translate(None, _BELOW_E0))
        if self._double and self.other is None and self._tries < _TRIES:
            self._look_for_utf8(piece)
        private, lost = self._odd(utf8)
        stray = self.stray is None and isinstance(self._decoder, Gb18030Decoder) and self._decoder.stray is not None
        if private or lost or stray:
            self._mark(piece, utf8, base)
        self._end = b"" if piece.closed else utf8[-6:]

    def _odd(self, utf8: bytes) -> tuple[bool, bool]:
        """Whether there are private-use characters and lost ones, as far as none was seen yet."""
        if not self._speed.odd(utf8):
            return False, self.lost is None and _LOST in self._end + utf8[:6]
        plain = isinstance(self._decoder, Gb18030Decoder) and not self._decoder.special
        odd = plain or _ODD_EF.search(utf8) is not None
        private = self.private is None and not plain and (b"\xee" in utf8 or (odd and _PRIVATE.search(utf8) is not None))
        lost = self.lost is None and (_LOST in utf8 or (odd and _REPLACEMENT in utf8) or _LOST in self._end + utf8[:6])
        return private, lost

    def _mark(self, piece: Piece, utf8: bytes, base: int) -> None:
        """Finds the line of what is odd."""
        if self._sifted:  # the whole has the line ends
            utf8 = transcode(self._decoder, piece.data)
        if self.private is None and (found := _PRIVATE.search(utf8)):
            self.private = (base, count_ends(utf8[: found.start()]), found[0].decode())
        if self.lost is None:
            places = [utf8.find(_REPLACEMENT), utf8.find(_LOST), 0 if _LOST in self._end + utf8[:6] else -1]
            if places := [place for place in places if place >= 0]:
                self.lost = (base, count_ends(utf8[: min(places)]), "�")
        if self.stray is None and isinstance(self._decoder, Gb18030Decoder) and self._decoder.stray is not None:
            before = utf8.decode("utf-8", "surrogatepass")[: self._decoder.stray]
            self.stray = (base, count_ends(before.encode("utf-8", "surrogatepass")), "€")

    def _look_for_utf8(self, piece: Piece) -> None:
        if not self._speed.utf8(piece.short) or _UTF8_HAN not in piece.short.translate(_BYTE_KINDS):
            return
        chunk = piece.data
        kinds = chunk.translate(_BYTE_KINDS)
        found = kinds.find(_UTF8_HAN, 0 if piece.fresh else max(0, chunk.find(b"\n")))
        while found >= 0 and self._tries < _TRIES:
            self._tries += 1
            begin = chunk.rfind(b"\n", 0, found) + 1
            end = chunk.find(b"\n", found)
            end = end if end >= 0 else len(chunk)
            if end - begin < 1 << 16 and _is_utf8(chunk[begin:end], self.name):
                self.other = piece.at + begin
                return
            found = kinds.find(_UTF8_HAN, end)

    def finish(self) -> None:
        """Says that there are no more bytes."""
        self.feed(Piece(b"", self.at), True)

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


def _has_undefined(data: bytes) -> bool:
    """Whether bytes are not code page 1252."""
    return len(data.translate(None, _UNDEFINED)) < len(data)


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


def try_all(source: Octets, names: Iterable[str], start: int = 0, stop: int | None = None, speed: Speed = PLAIN) -> tuple[Candidate, ...]:
    """Each encoding tried on all bytes from `start`, up to `stop`."""
    tried = tuple(Candidate(name, start, speed) for name in names)
    for piece in pieces(source, start, stop, speed.chunk, speed.sift):
        for one in tried:
            one.feed(piece)
        if all(one.failed is not None for one in tried):
            break
    for one in tried:
        one.finish()
    return tried
