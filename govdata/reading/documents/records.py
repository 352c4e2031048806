"""JSON Lines directories: one entry a line, streamed, each line of bounded size."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from govdata import digests
from govdata.expressions import expression
from govdata.reading.documents.opening import parse_json, require_object
from govdata.reading.documents.yaml import Document, Limits, Place, size_text
from govdata.reading.paths import visible
from govdata.values import Dataset, Entry, Finding, Positions

EntryReader = Callable[[Document, str], tuple[Entry, tuple[Finding, ...]]]
"""`read_entry` with the lists in force: (document, file) → entry and findings of reading it."""


Screen = Callable[[Mapping[str, Any]], bool]
"""Whether an entry as written is canonical as it stands and breaks no rule, so that nothing about it needs to be placed."""


def read_records(
    path: Path, lines: Iterable[tuple[int, bytes | None]], max_entry: int, read_entry: EntryReader, screen: Screen = lambda entry: False
) -> Iterator[Dataset]:
    """A dataset of kind `record` for each line (`read_lines`); a broken line comes as a dataset with a finding and no entry.

    What passes the screen comes with its line and without places: the many good entries need no more.
    """
    limits = Limits(size=max_entry)
    folder, name = path.parent, visible(path.name)
    for number, line in lines:
        value = _plain_object(line.rstrip(b"\r\n"), limits) if line is not None else None
        if value and screen(value):
            yield Dataset(folder, f"{name}:{number}", "record", Entry(name, value, value), line=number)
        else:
            yield read_record(path, number, line, limits, read_entry)


def read_lines(path: Path, limit: int) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file that are not blank, with their numbers from 1; `None` for one of more than `limit` bytes."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(limit + 1):
            number += 1
            if len(line) > limit and not line.endswith(b"\n"):
                _skip_line(file, limit)
                yield number, None
            elif not line.isspace():
                yield number, line


def _skip_line(file: BinaryIO, limit: int) -> None:
    # Of a line that is too long only one piece at a time is held.
    while (piece := file.readline(limit + 1)) and not piece.endswith(b"\n"):
        pass


def read_record(path: Path, number: int, line: bytes | None, limits: Limits, read_entry: EntryReader) -> Dataset:
    """The dataset of one line; places count from its number."""
    name = visible(path.name)
    location = f"{name}:{number}"
    if line is None:
        finding = Finding("yaml/too-large", file=name, line=number, args={"limit": size_text(limits.size)})
        return Dataset(path.parent, location, "record", findings=(finding,))
    document = _parse_line(line.rstrip(b"\r\n"), name, limits, number)
    document = require_object(document, name, line=number)
    if not document.readable:
        return Dataset(path.parent, location, "record", findings=document.findings)
    entry, findings = read_entry(document, name)
    return Dataset(path.parent, location, "record", entry, (), (*document.findings, *findings))


def _parse_line(line: bytes, file: str, limits: Limits, number: int) -> Document:
    """The document of a line. Places are found when asked for."""
    value = _plain_object(line, limits)
    if value is None:
        return parse_json(line, file, limits, first=number)
    places, keys = (_Places(line, file, limits, number, name) for name in ("places", "keys"))
    return Document(value, Positions(places, frozenset(), keys), (), digests.sha256(line))


def _plain_object(line: bytes, limits: Limits) -> dict[str, Any] | None:
    """The value of a line that surely holds one object, within the limits, in which no key stands twice; else `None`."""
    value = read_plainly(line)
    if isinstance(value, dict) and len(line) <= limits.size and _is_shallow(line, value, limits.depth):
        return value
    return None


def read_plainly(line: bytes) -> Any:
    """The value of a line of JSON as programs write it; `None` where it is not sure that nothing was lost in reading.

    The value is written again and must give the same bytes but for spaces. Had a key stood twice, the line would hold one
    key more than what is written again, whatever spaces are taken out of both; a number that changed would show as well.
    """
    read, write, write_escaped = _codec()
    try:
        value = read(line)
        if write(value) == line:
            return value
        bare = line.replace(b" ", b"")
        same = write(value).replace(b" ", b"") == bare or (b"\\u" in line and write_escaped(value).replace(b" ", b"") == bare)
    except (ValueError, TypeError, RecursionError):
        return None
    return value if same else None


@functools.cache
def _codec() -> tuple[Callable[[bytes], Any], Callable[[Any], bytes], Callable[[Any], bytes]]:
    """How JSON is read, and the two ways in which it is written again: with all signs as they are, with escapes."""
    escaped = json.JSONEncoder()
    try:
        import orjson
    except ImportError:
        return _read_json, lambda value: _UNESCAPED.encode(value).encode(), lambda value: escaped.encode(value).encode()
    return orjson.loads, orjson.dumps, lambda value: escaped.encode(value).encode()


_UNESCAPED = json.JSONEncoder(ensure_ascii=False)
_DECODER = json.JSONDecoder(parse_constant=lambda name: None)
_HALF = expression(rb"\\u[dD][89a-fA-F]")


def _read_json(line: bytes) -> Any:
    # Half a pair of signs is refused elsewhere, with its place.
    return None if _HALF.search(line) else _DECODER.decode(line.decode())


def _is_shallow(line: bytes, value: Any, depth: int) -> bool:
    # So few brackets cannot nest too deeply: most lines need no closer look.
    return line.count(b"{") + line.count(b"[") <= depth or _nests_within(value, depth - 1)


def _nests_within(value: Any, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value
    return depth >= 0 and all(_nests_within(item, depth - 1) for item in inner if isinstance(item, dict | list))


class _Places(Mapping[str, Place]):
    """Places in a line, found when first asked for: most lines have nothing wrong."""

    def __init__(self, line: bytes, file: str, limits: Limits, number: int, name: str) -> None:
        self._source = (line, file, limits, number)
        self._name = name
        self._found: Mapping[str, Place] | None = None

    def _places(self) -> Mapping[str, Place]:
        if self._found is None:
            line, file, limits, number = self._source
            self._found = getattr(parse_json(line, file, limits, first=number).positions, self._name)
        return self._found

    def __getitem__(self, pointer: str) -> Place:
        return self._places()[pointer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places())

    def __len__(self) -> int:
        return len(self._places())
