"""Encoding is proven over the whole file: every byte decodes and the text is plausible, else the candidates are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from govdata.reading.encodings.candidates import UNICODE, Candidate, decoder, label, priors, try_all
from govdata.reading.encodings.octets import CHUNK, WIDE, Census, LineEnds, Octets, chunks, line_around, line_at
from govdata.reading.encodings.plausible import LatinTally, Verdict
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
_LONG_NUMBER = re.compile(r"[0-9]{9,}[0-9Xx]{2}")
_ENOUGH_LATIN, _ENOUGH_WORDS = 4, 2
"""Accented letters in words: where they are one byte each, and where they are two (UTF-8)."""
_ALPHABET = 8
"""So many different letters of another alphabet are text; fewer may be hanzi that were misread."""
_ENOUGH_HAN, _CLEAR, _MARGIN = 6, 0.8, 0.3
"""So many frequent hanzi, so large a share, and so far before the next candidate: then even a plausible rival is chance."""
_SHOWN = 40
"""Characters of a cell that are shown for each candidate."""


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


def prove(source: Octets, declared: str | None, settings: Settings) -> Proof | Finding:
    """The proven encoding of a file, or the finding (`file/encoding` and its like) that says why there is none.

    A declared encoding is used strictly. Findings have no file name: the caller knows it. `OSError` where the file cannot be read.
    """
    head = next(chunks(source, 0, HEAD), b"")
    marked, bom = next(((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), ("", 0))
    if declared:
        return _prove_declared(source, declared, (marked, bom), settings)
    if marked:
        return _prove_one(source, marked, bom, settings)
    if (guess := _by_zeros(head)) and _reads_as(source, guess):
        return _prove_one(source, guess, 0, settings)
    return _prove_free(source, settings)


def _prove_declared(source: Octets, declared: str, mark: tuple[str, int], settings: Settings) -> Proof | Finding:
    name = label(declared)
    if name is None:
        return Finding("file/encoding-unknown", args={"declared": declared})
    if name == "utf-16":
        name = mark[0] if mark[0].startswith("utf-16") else _by_zeros(next(chunks(source, 0, HEAD), b"")) or "utf-16-le"
    if mark[0] and mark[0] != name:
        tried = (Candidate(name), Candidate(mark[0], mark[1]))
        tried[0].failed = 0
        return _refusal(source, "encoding-declared", tried, declared)
    proof = _prove_one(source, name, mark[1], settings, declared)
    if isinstance(proof, Finding) or name in UNICODE:
        return proof
    return _prefer(source, name, declared, settings) or proof


def _prefer(source: Octets, name: str, declared: str, settings: Settings) -> Finding | None:
    """A declared encoding whose every byte fits but which reads badly, while another reads well, is refused."""
    tried = try_all(source, (name, *(other for other in ("utf-8", *priors(settings.encodings)) if other != name)))
    first, others = tried[0], tried[1:]
    if first.verdict().possible or not any(other.fits and (other.wide or other.name != "utf-8") for other in others):
        return None
    return _refusal(source, "encoding-declared-unread", tried, declared)


def _prove_one(source: Octets, name: str, bom: int, settings: Settings, declared: str = "") -> Proof | Finding:
    census, one = Census(settings.max_line), Candidate(name, bom)
    for chunk in chunks(source, size=min(CHUNK, settings.max_line)):
        one.feed(chunk[bom:] if not census.size else chunk)
        census.add(chunk)
        if census.too_long is not None:
            return _too_long(source, census, settings)
    one.finish()
    if one.failed is None:
        return _proof(source, one, bom, census)
    others = [other for other in ("utf-8", *priors(settings.encodings)) if other != name] if not bom else []
    mixed = _mixed(source, one, others)
    reason = "encoding-declared" if declared else "encoding-marked"
    return mixed or _refusal(source, reason, (one, *try_all(source, others)), declared)


def _by_zeros(head: bytes) -> str:
    """UTF-16 without a mark: the zero bytes of ASCII characters all stand at odd, or all at even places."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd >= 2 and not even:
        return "utf-16-le"
    return "utf-16-be" if even >= 2 and not odd else ""


def _reads_as(source: Octets, name: str) -> bool:
    one = try_all(source, (name,))[0]
    verdict = one.verdict()
    return one.failed is None and (verdict.plausible or (verdict.share == 0.0 and _is_ascii(source, name)))


def _is_ascii(source: Octets, name: str) -> bool:
    """Whether a file in UTF-16 holds nothing but ASCII."""
    place = 1 if name.endswith("le") else 0
    step = CHUNK  # even, so that places do not move from chunk to chunk
    return all(not any(chunk[place::2]) and chunk[1 - place :: 2].isascii() for chunk in chunks(source, size=step))


def _prove_free(source: Octets, settings: Settings) -> Proof | Finding:
    census, utf8 = Census(settings.max_line), Candidate("utf-8")
    high: int | None = None
    tried: tuple[Candidate, ...] = ()
    for chunk in chunks(source, size=min(CHUNK, settings.max_line)):
        at = census.size
        if high is None and not chunk.isascii():
            high = at
        utf8.feed(chunk)
        if utf8.failed is not None and not tried:
            tried = _start_others(source, settings, high or 0, at)
        for one in tried:
            one.feed(chunk)
        census.add(chunk)
        if census.too_long is not None:
            return _too_long(source, census, settings)
    for one in (utf8, *tried):
        one.finish()
    if utf8.failed is not None and not tried:  # the last bytes are half a character
        tried = try_all(source, priors(settings.encodings), high or 0)
    if utf8.failed is None:
        return _settle_utf8(source, utf8, high, census, settings)
    return _settle(source, utf8, tried, census)


def _start_others(source: Octets, settings: Settings, start: int, stop: int) -> tuple[Candidate, ...]:
    """The priors, fed with what UTF-8 has already read of bytes beyond ASCII."""
    tried = tuple(Candidate(name, start) for name in priors(settings.encodings))
    for chunk in chunks(source, start, stop) if stop > start else ():
        for one in tried:
            one.feed(chunk)
    return tried


def _settle_utf8(source: Octets, utf8: Candidate, high: int | None, census: Census, settings: Settings) -> Proof | Finding:
    """UTF-8 fits. Where it does not read as Chinese the bytes may be hanzi too (`·` and 路 are the same two): weigh both."""
    if high is None or (utf8.wide and utf8.verdict().plausible):
        return _proof(source, utf8, 0, census)
    others = try_all(source, (name for name in priors(settings.encodings) if name != "cp1252"), high)
    rivals = [one for one in others if one.failed is None]
    words = _latin(source, high) if not utf8.wide else None
    latin = words is not None and words.plausible
    sure = latin and words is not None and words.letters >= _ENOUGH_WORDS
    likely = [one for one in rivals if one.fits or (one.verdict().possible and not sure)]
    strange = utf8.verdict().strange and utf8.different < _ALPHABET
    if not likely and (latin or not strange or not rivals):
        return _proof(source, utf8, 0, census)
    if len(likely) == 1 and likely[0].fits and not utf8.wide and not latin:
        return _proof(source, likely[0], 0, census)
    return _refusal(source, "encoding-several", (utf8, *(likely or rivals)))


def _latin(source: Octets, start: int) -> Verdict:
    """How the file, read as UTF-8, looks as text of Latin letters."""
    tally, reader = LatinTally(), decoder("utf-8")
    for chunk in chunks(source, start):
        tally.add(reader.decode(chunk))
    return tally.verdict()


def _settle(source: Octets, utf8: Candidate, tried: tuple[Candidate, ...], census: Census) -> Proof | Finding:
    names = [one.name for one in tried]
    if utf8.wide and utf8.verdict().plausible and (found := _mixed(source, utf8, names)):
        return found
    fitting = [one for one in tried if one.fits]
    settled = [one for one in fitting if _beyond_doubt(one, tried)]
    if len(settled) == 1:
        one = settled[0]
        if one.other is not None:
            return _mixed_finding(source, one.name, "utf-8", one.other)
        return _proof(source, one, 0, census)
    for one in tried:
        if one.failed and (found := _mixed(source, one, ["utf-8"])):
            return found
    return _refusal(source, "encoding-several" if fitting else "encoding-none", (utf8, *tried))


def _beyond_doubt(one: Candidate, tried: Sequence[Candidate]) -> bool:
    """Nothing else is possible, or reads far worse; a few accented letters prove nothing while the bytes may be hanzi."""
    rivals = [other for other in tried if other is not one and other.failed is None]
    verdict = one.verdict()
    if one.name == "cp1252" and rivals and verdict.letters < _ENOUGH_LATIN:
        return False
    clear = verdict.letters >= _ENOUGH_HAN and verdict.share >= _CLEAR
    possible = [other.broad_verdict() for other in rivals if other.broad_verdict().possible and (other.name != "cp1252" or other.fits)]
    return all(clear and other.share <= verdict.share - _MARGIN for other in possible)


def _mixed(source: Octets, first: Candidate, names: Sequence[str]) -> Finding | None:
    """Where a candidate reads well up to the line at which it fails, and another reads the rest."""
    if not first.failed:
        return None
    begin = min(line_around(source, first.failed)[0], first.other if first.other is not None else first.failed)
    if not begin or not try_all(source, (first.name,), 0, begin)[0].fits:
        return None
    for one in try_all(source, names, begin):
        if one.fits:
            return _mixed_finding(source, first.name, one.name, begin)
    return None


def _mixed_finding(source: Octets, first: str, second: str, offset: int) -> Finding:
    line = line_at(source, offset)
    cell = _cell(line_around(source, offset)[1])
    shown = tuple({"encoding": name, "text": show(cell, name)} for name in (first, second))
    args = {"first": first, "second": second, "offset": offset, "line": line, "candidates": shown, "shown": _sentence(shown)}
    return Finding("file/encoding-mixed", line=line, args=args)


def _too_long(source: Octets, census: Census, settings: Settings) -> Finding:
    offset = census.too_long or 0
    line = line_at(source, offset)
    return Finding("file/line-limit", line=line, args={"line": line, "offset": offset, "limit": settings.max_line >> 20 or 1})


def _proof(source: Octets, one: Candidate, bom: int, census: Census) -> Proof:
    ends = LineEnds() if one.name.startswith(WIDE) else census.ends
    return Proof(one.name, bom, census.size, census.sha256, ends, tuple(_remarks(source, one, census)))


def _remarks(source: Octets, one: Candidate, census: Census) -> list[Finding]:
    found = []
    if one.private is not None:
        base, ends, character = one.private
        line = line_at(source, base, one.name) + ends
        found.append(Finding("file/private-use", "note", line=line, args={"line": line, "code": f"U+{ord(character):04X}"}))
    if one.lost is not None:
        line = line_at(source, one.lost[0], one.name) + one.lost[1]
        found.append(Finding("file/lost-characters", "warning", line=line, args={"line": line}))
    if one.stray is not None:
        line = line_at(source, one.stray[0]) + one.stray[1]
        found.append(Finding("file/byte-80", "warning", line=line, args={"line": line}))
    if census.nul is not None and not one.name.startswith(WIDE):
        line = line_at(source, census.nul)
        found.append(Finding("file/nul", line=line, args={"line": line, "offset": census.nul, "count": census.nuls}))
    return found


def _refusal(source: Octets, reason: str, tried: Sequence[Candidate], declared: str = "") -> Finding:
    failed = [one.failed for one in tried if one.failed is not None]
    offset = _telling(source, tried, declared)
    cell = _place(source, offset, tried[0].name)
    candidates = tuple(
        {
            "encoding": one.name,
            "text": show(cell, one.name),
            "fits": one.failed is None,
            "offset": one.failed,
            "line": None if one.failed is None else line_at(source, one.failed, tried[0].name),
        }
        for one in tried
    )
    line = line_at(source, offset, tried[0].name)
    args = {"reason": reason, "declared": declared, "offset": offset, "line": line, "candidates": candidates}
    return Finding("file/encoding", line=line, args=args | {"shown": _sentence(candidates), "failing": len(failed)})


def _place(source: Octets, offset: int, name: str) -> bytes:
    """The bytes to show: the cell around a place, or some characters of it where bytes are no characters."""
    if name.startswith(WIDE):
        start = max(0, offset - 32)
        return b"".join(chunks(source, start, offset + 32))
    begin, line = line_around(source, offset)
    return _cell(line, offset - begin)


def _telling(source: Octets, tried: Sequence[Candidate], declared: str) -> int:
    """The place to show: where the candidate fails that read well until then, else the first byte beyond ASCII."""
    stops = [one.failed for one in tried if one.failed is not None and one.verdict().plausible]
    if declared and tried[0].failed is not None:
        return tried[0].failed
    return max(stops) if stops and not any(one.fits for one in tried) else _first_high(source)


def _first_high(source: Octets) -> int:
    at = 0
    for chunk in chunks(source):
        if not chunk.isascii():
            return at + next(place for place, byte in enumerate(chunk) if byte > 0x7F)
        at += len(chunk)
    return 0


def _cell(line: bytes, near: int = -1) -> bytes:
    """The cell of a line in which a byte stands; without a place, the first cell beyond ASCII."""
    if near < 0:
        near = next((place for place, byte in enumerate(line) if byte > 0x7F), 0)
    begin = max(line.rfind(mark, 0, near) for mark in (b",", b"\t", b";", b"|")) + 1
    ends = [end for end in (line.find(mark, near) for mark in (b",", b"\t", b";", b"|")) if end >= 0]
    return line[begin : min(ends, default=len(line))]


def show(cell: bytes, name: str) -> str:
    """A cell as an encoding reads it, for people: what does not decode is �, long numbers are masked."""
    try:
        text = decoder(name).decode(cell, True)
    except UnicodeDecodeError:
        text = cell.decode({"big5": "cp950"}.get(name, name), errors="replace")
    text = mask(" ".join("".join(c if c.isprintable() else " " for c in text).strip('" ').split()))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def mask(text: str) -> str:
    """Runs of eleven digits and more keep their length and last two characters: they may be numbers of persons."""
    return _LONG_NUMBER.sub(lambda found: "*" * (len(found[0]) - 2) + found[0][-2:], text)


def _sentence(candidates: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    return tuple(f"{one['encoding']} → “{one['text']}”" for one in candidates)
