"""JSON Lines directories: one entry a line, streamed, each line of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from govdata.reading.documents import parse_json, require_object
from govdata.reading.yaml import Document, Limits, size_text
from govdata.values import Dataset, Entry, Finding

EntryReader = Callable[[Document, str], tuple[Entry, tuple[Finding, ...]]]
"""`read_entry` with the lists in force: (document, file) → entry and findings of reading it."""


def read_records(path: Path, max_entry: int, read_entry: EntryReader) -> Iterator[Dataset]:
    """A dataset of kind `record` for each line that is not blank; a broken line comes as a dataset with a finding and no entry."""
    for number, line in read_lines(path, max_entry):
        yield read_record(path, number, line, Limits(size=max_entry), read_entry)


def read_lines(path: Path, limit: int) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a file that are not blank, with their numbers from 1; `None` for one of more than `limit` bytes."""
    with path.open("rb") as file:
        for number, line in enumerate(_lines(file, limit), 1):
            if line is None or line.strip():
                yield number, line


def _lines(file: BinaryIO, limit: int) -> Iterator[bytes | None]:
    # Of a line that is too long only one piece at a time is held.
    while line := file.readline(limit + 1):
        too_long = len(line) > limit and not line.endswith(b"\n")
        yield None if too_long else line
        while too_long and line and not line.endswith(b"\n"):
            line = file.readline(limit + 1)


def read_record(path: Path, number: int, line: bytes | None, limits: Limits, read_entry: EntryReader) -> Dataset:
    """The dataset of one line; places count from its number."""
    location = f"{path.name}:{number}"
    if line is None:
        finding = Finding("yaml/too-large", file=path.name, line=number, args={"limit": size_text(limits.size)})
        return Dataset(path.parent, location, "record", findings=(finding,))
    document = parse_json(line.rstrip(b"\r\n"), path.name, limits, first=number)
    document = require_object(document, path.name, line=number)
    if not document.readable:
        return Dataset(path.parent, location, "record", findings=document.findings)
    entry, findings = read_entry(document, path.name)
    return Dataset(path.parent, location, "record", entry, (), (*document.findings, *findings))
