"""Encoding is proven over the whole file: every byte decodes and the text is plausible, else the candidates are shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing

from govdata.classes import dataclass
from govdata.encodingnames import label
from govdata.reading.encodings.candidates import UNICODE, Candidate, Mark, priors, try_all
from govdata.reading.encodings.octets import (
    CHUNK,
    WIDE,
    Census,
    LineEnds,
    Octets,
    Piece,
    chunks,
    fingerprint,
    length,
    line_around,
    line_at,
    pieces,
)
from govdata.reading.encodings.plausible import LatinTally, Verdict
from govdata.reading.encodings.showing import mixture, refusal
from govdata.reading.encodings.sifting import SIFTABLE
from govdata.reading.encodings.speed import Speed, ahead, beside, speed_for
from govdata.settings import Settings
from govdata.values import Finding

HEAD = 1 << 12
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_ENOUGH_LATIN, _ENOUGH_WORDS = 4, 2
"""Accented letters in words: where they are one byte each, and where they are two (UTF-8)."""
_ALPHABET = 8
"""So many different letters of another alphabet are text; fewer may be hanzi that were misread."""
_ENOUGH_HAN, _CLEAR, _MARGIN = 6, 0.8, 0.3
"""So many frequent hanzi, so large a share, and so far before the next candidate: then even a plausible rival is chance."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a text file whose encoding is proven."""

    encoding: str
    """`utf-8`, `gb18030`, `big5`, `cp1252`, `utf-16-le` …"""
    bom: int
    """Bytes of the byte order mark, to be left out."""
    size: int
    sha256: str
    ends: LineEnds
    """Not counted (all zero) in UTF-16 and UTF-32."""
    findings: tuple[Finding, ...] = ()
    """What was seen on the way and stops nobody: private-use characters, NUL bytes."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A file whose encoding is to be proven, and how."""

    source: Octets
    settings: Settings
    speed: Speed

    def try_all(self, names: Iterable[str], start: int = 0, stop: int | None = None) -> tuple[Candidate, ...]:
        """Each encoding tried on all bytes from `start`, up to `stop`."""
        return try_all(self.source, names, start, stop, self.speed)

    def census(self) -> Census:
        """A census of no bytes yet. The digest needs no package: a thread of its own has most of it before those are loaded."""
        taken = beside(lambda: fingerprint(self.source)[1], "govdata-digest") if self.speed.apart else None
        return Census(self.settings.max_line, self.speed.line_feeds, length(self.source), taken)

    def priors(self) -> tuple[str, ...]:
        """What may be tried where nothing is declared and it is not Unicode."""
        return priors(self.settings.encodings)


def prove(source: Octets, declared: str | None, settings: Settings, speed: Speed | None = None) -> Proof | Finding:
    """The proven encoding of a file, or the finding (`file/encoding` and its like) that says why there is none.

    A declared encoding is used strictly. Findings have no file name: the caller knows it. `OSError` where the file cannot be read.
    """
    case = _Case(source, settings, speed or speed_for(source))
    head = next(chunks(source, 0, HEAD), b"")
    marked, bom = next(((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), ("", 0))
    if declared:
        return _prove_declared(case, declared, (marked, bom))
    if marked:
        return _prove_one(case, marked, bom)[0]
    if (guess := _by_zeros(head)) and _reads_as(case, guess):
        return _prove_one(case, guess, 0)[0]
    return _prove_free(case)


def _prove_declared(case: _Case, declared: str, mark: tuple[str, int]) -> Proof | Finding:
    name = label(declared)
    if name is None:
        return Finding("file/encoding-unknown", args={"declared": declared})
    if name == "utf-16":
        name = mark[0] if mark[0].startswith("utf-16") else _by_zeros(next(chunks(case.source, 0, HEAD), b"")) or "utf-16-le"
    if mark[0] and mark[0] != name:
        tried = (Candidate(name), Candidate(mark[0], mark[1]))
        tried[0].failed = 0
        return refusal(case.source, "encoding-declared", tried, declared)
    proof, one = _prove_one(case, name, mark[1], declared)
    if isinstance(proof, Finding) or name in UNICODE:
        return proof
    return _prefer(case, one, declared) or proof


def _prefer(case: _Case, first: Candidate, declared: str) -> Finding | None:
    """A declared encoding whose every byte fits but which reads badly, while another reads well, is refused."""
    if first.verdict().possible:
        return None
    others = case.try_all(other for other in ("utf-8", *case.priors()) if other != first.name)
    if not any(other.fits and (other.wide or other.name != "utf-8") for other in others):
        return None
    return refusal(case.source, "encoding-declared-unread", (first, *others), declared)


def _watched(case: _Case, census: Census, start: int, sifted: Callable[[], bool]) -> Generator[Piece]:
    """The pieces of a file from `start` on, each counted, and sifted where that is wanted; in another thread where that is faster."""
    found = _counted(case, census, start, sifted)
    return ahead(found) if case.speed.ahead else found


def _counted(case: _Case, census: Census, start: int, sifted: Callable[[], bool]) -> Generator[Piece]:
    census.add(b"".join(chunks(case.source, 0, start)))
    for piece in pieces(case.source, start, size=case.speed.chunk, sift=case.speed.sift):
        census.add(piece.data)
        if sifted():
            piece.sift()
        yield piece


def _prove_one(case: _Case, name: str, bom: int, declared: str = "") -> tuple[Proof | Finding, Candidate]:
    census, one = case.census(), Candidate(name, bom, case.speed)
    with closing(_watched(case, census, bom, lambda: name in SIFTABLE and name != "utf-8")) as found:
        for piece in found:
            one.feed(piece)
            if census.too_long is not None:
                return _too_long(case, census), one
    one.finish()
    if one.failed is None:
        return _proof(case, one, bom, census), one
    others = [other for other in ("utf-8", *case.priors()) if other != name] if not bom else []
    reason = "encoding-declared" if declared else "encoding-marked"
    return _mixed(case, one, others) or refusal(case.source, reason, (one, *case.try_all(others)), declared), one


def _by_zeros(head: bytes) -> str:
    """UTF-16 without a mark: the zero bytes of ASCII characters all stand at odd, or all at even places."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd >= 2 and not even:
        return "utf-16-le"
    return "utf-16-be" if even >= 2 and not odd else ""


def _reads_as(case: _Case, name: str) -> bool:
    one = case.try_all((name,))[0]
    verdict = one.verdict()
    return one.failed is None and (verdict.plausible or (verdict.share == 0.0 and _is_ascii(case.source, name)))


def _is_ascii(source: Octets, name: str) -> bool:
    """Whether a file in UTF-16 holds nothing but ASCII."""
    place = 1 if name.endswith("le") else 0
    step = CHUNK  # even, so that places do not move from chunk to chunk
    return all(not any(chunk[place::2]) and chunk[1 - place :: 2].isascii() for chunk in chunks(source, size=step))


def _prove_free(case: _Case) -> Proof | Finding:
    census, utf8 = case.census(), Candidate("utf-8", 0, case.speed)
    high: int | None = None
    tried: tuple[Candidate, ...] = ()
    with closing(_watched(case, census, 0, lambda: utf8.failed is not None)) as found:
        for piece in found:
            if high is None and not piece.data.isascii():
                high = piece.at
            utf8.feed(piece)
            if utf8.failed is not None and not tried:
                tried = _start_others(case, high or 0, piece.at)
            for one in tried:
                one.feed(piece)
            if census.too_long is not None:
                return _too_long(case, census)
    for one in (utf8, *tried):
        one.finish()
    if utf8.failed is not None and not tried:  # the last bytes are half a character
        tried = case.try_all(case.priors(), high or 0)
    if utf8.failed is None:
        return _settle_utf8(case, utf8, high, census)
    return _settle(case, utf8, tried, census)


def _start_others(case: _Case, start: int, stop: int) -> tuple[Candidate, ...]:
    """The priors, fed with what UTF-8 has already read of bytes beyond ASCII."""
    tried = tuple(Candidate(name, start, case.speed) for name in case.priors())
    for piece in pieces(case.source, start, stop, case.speed.chunk, case.speed.sift) if stop > start else ():
        for one in tried:
            one.feed(piece)
    return tried


def _settle_utf8(case: _Case, utf8: Candidate, high: int | None, census: Census) -> Proof | Finding:
    """UTF-8 fits. Where it does not read as Chinese the bytes may be hanzi too (`·` and 路 are the same two): weigh both."""
    if high is None or (utf8.wide and utf8.verdict().plausible):
        return _proof(case, utf8, 0, census)
    others = case.try_all((name for name in case.priors() if name != "cp1252"), high)
    rivals = [one for one in others if one.failed is None]
    words = _latin(case, high) if not utf8.wide else None
    latin = words is not None and words.plausible
    sure = latin and words is not None and words.letters >= _ENOUGH_WORDS
    likely = [one for one in rivals if one.fits or (one.verdict().possible and not sure)]
    strange = utf8.verdict().strange and utf8.different < _ALPHABET
    if not likely and (latin or not strange or not rivals):
        return _proof(case, utf8, 0, census)
    if len(likely) == 1 and likely[0].fits and not utf8.wide and not latin:
        return _proof(case, likely[0], 0, census)
    return refusal(case.source, "encoding-several", (utf8, *(likely or rivals)))


def _latin(case: _Case, start: int) -> Verdict:
    """How the file, read as UTF-8, looks as text of Latin letters."""
    one = Candidate("utf-8", start, case.speed, LatinTally())
    for piece in pieces(case.source, start, size=case.speed.chunk, sift=case.speed.sift):
        one.feed(piece)
    return one.verdict()


def _settle(case: _Case, utf8: Candidate, tried: tuple[Candidate, ...], census: Census) -> Proof | Finding:
    names = [one.name for one in tried]
    if utf8.wide and utf8.verdict().plausible and (found := _mixed(case, utf8, names)):
        return found
    fitting = [one for one in tried if one.fits]
    settled = [one for one in fitting if _beyond_doubt(one, tried)]
    if len(settled) == 1:
        one = settled[0]
        if one.other is not None:
            return mixture(case.source, one.name, "utf-8", one.other)
        return _proof(case, one, 0, census)
    for one in tried:
        if one.failed and (found := _mixed(case, one, ["utf-8"])):
            return found
    return refusal(case.source, "encoding-several" if fitting else "encoding-none", (utf8, *tried))


def _beyond_doubt(one: Candidate, tried: Sequence[Candidate]) -> bool:
    """Nothing else is possible, or reads far worse; a few accented letters prove nothing while the bytes may be hanzi."""
    rivals = [other for other in tried if other is not one and other.failed is None]
    verdict = one.verdict()
    if one.name == "cp1252" and rivals and verdict.letters < _ENOUGH_LATIN:
        return False
    clear = verdict.letters >= _ENOUGH_HAN and verdict.share >= _CLEAR
    possible = [other.broad_verdict() for other in rivals if other.broad_verdict().possible and (other.name != "cp1252" or other.fits)]
    return all(clear and other.share <= verdict.share - _MARGIN for other in possible)


def _mixed(case: _Case, first: Candidate, names: Sequence[str]) -> Finding | None:
    """Where a candidate reads well up to the line at which it fails, and another reads the rest."""
    if not first.failed:
        return None
    begin = min(line_around(case.source, first.failed)[0], first.other if first.other is not None else first.failed)
    if not begin or not case.try_all((first.name,), 0, begin)[0].fits:
        return None
    for one in case.try_all(names, begin):
        if one.fits:
            return mixture(case.source, first.name, one.name, begin)
    return None


def _too_long(case: _Case, census: Census) -> Finding:
    offset = census.too_long or 0
    line = line_at(case.source, offset)
    return Finding("file/line-limit", line=line, args={"line": line, "offset": offset, "limit": case.settings.max_line >> 20 or 1})


def _proof(case: _Case, one: Candidate, bom: int, census: Census) -> Proof:
    ends = LineEnds() if one.name.startswith(WIDE) else census.ends
    return Proof(one.name, bom, census.size, census.sha256, ends, tuple(_remarks(case.source, one, census)))


def _remarks(source: Octets, one: Candidate, census: Census) -> Iterator[Finding]:
    if one.private is not None:
        line = _line_of(source, one, one.private)
        yield Finding("file/private-use", "note", line=line, args={"line": line, "code": f"U+{ord(one.private[2]):04X}"})
    if one.lost is not None:
        line = _line_of(source, one, one.lost)
        yield Finding("file/lost-characters", "warning", line=line, args={"line": line})
    if one.stray is not None:
        line = _line_of(source, one, one.stray)
        yield Finding("file/byte-80", "warning", line=line, args={"line": line})
    if census.nul is not None and not one.name.startswith(WIDE):
        line = line_at(source, census.nul)
        yield Finding("file/nul", line=line, args={"line": line, "offset": census.nul, "count": census.nuls})


def _line_of(source: Octets, one: Candidate, mark: Mark) -> int:
    return line_at(source, mark[0], one.name) + mark[1]
