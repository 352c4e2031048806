"""What a refusal shows: the place that tells, as each candidate reads it, with long numbers masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govdata.expressions import expression
from govdata.reading.encodings.candidates import Candidate, decoder
from govdata.reading.encodings.octets import WIDE, Octets, chunks, line_around, line_at
from govdata.values import Finding

_LONG_NUMBER = expression(r"[0-9]{9,}[0-9Xx]{2}")
_SHOWN = 40
"""Characters of a cell that are shown for each candidate."""


def refusal(source: Octets, reason: str, tried: Sequence[Candidate], declared: str = "") -> Finding:
    """The finding that an encoding is not proven, with all candidates on the same cell."""
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


def mixture(source: Octets, first: str, second: str, offset: int) -> Finding:
    """The finding that a file changes its encoding at a line."""
    line = line_at(source, offset)
    cell = _cell(line_around(source, offset)[1])
    shown = tuple({"encoding": name, "text": show(cell, name)} for name in (first, second))
    args = {"first": first, "second": second, "offset": offset, "line": line, "candidates": shown, "shown": _sentence(shown)}
    return Finding("file/encoding-mixed", line=line, args=args)


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
