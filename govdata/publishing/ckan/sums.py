"""A sum over the rows of a table that does not depend on their order: made of what is sent, and of what a table holds."""

from __future__ import annotations

import csv
import io
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import md5
from typing import TYPE_CHECKING

from govdata.classes import dataclass
from govdata.errors import PublishError

if TYPE_CHECKING:
    import polars as pl

_DIGEST = struct.Struct(">q8x")
_FIRST = _DIGEST.unpack
NULL = "\\N"
_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}


@dataclass(slots=True)
class RowSum:
    """Rows and their checksum: of each the first eight bytes of the MD5 of its line, as a signed number, added up.

    `catalog/ckan/switch.sql` computes the same in PostgreSQL.
    """

    rows: int = 0
    total: int = 0

    def add(self, values: Sequence[str | None]) -> str:
        """Take in a row; gives it as a line of PostgreSQL's text COPY, without its end."""
        missing = values.count(None)
        line = "\t".join([NULL if value is None else value for value in values] if missing else values)  # type: ignore[arg-type]
        try:
            content = line.encode()
        except UnicodeEncodeError as error:
            raise PublishError("datastore-character", row=self.rows + 1, what=f"U+{ord(line[error.start]):04X}") from error
        self.total += _FIRST(md5(content, usedforsecurity=False).digest())[0]
        self.rows += 1
        if line.count("\\") != missing or "\n" in line or "\r" in line or "\0" in line or line.count("\t") >= len(values):
            return self._escaped(values)
        return line

    def add_frame(self, frame: pl.DataFrame) -> list[str]:
        """Take in the rows of a frame of text columns; gives the lines that `add` gives, in half the time."""
        import polars as pl

        lines = frame.select(pl.concat_str(pl.all().fill_null(NULL), separator="\t")).to_series().to_list()
        text, missing = "\n".join(lines), sum(frame.null_count().row(0))
        ends, tabs = len(lines) - 1, len(lines) * (frame.width - 1)
        if text.count("\\") != missing or text.count("\n") != ends or text.count("\t") != tabs or "\r" in text or "\0" in text:
            return [self.add(values) for values in frame.iter_rows()]
        digests = [md5(content, usedforsecurity=False).digest() for content in text.encode().split(b"\n")]
        self.total += sum([first for (first,) in _DIGEST.iter_unpack(b"".join(digests))])
        self.rows += len(lines)
        return lines

    def take(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Take in rows that PostgreSQL has held: there is nothing in them that it would not take."""
        total, count = 0, 0
        for values in rows:
            line = "\t".join([NULL if value is None else value for value in values])
            total += _FIRST(md5(line.encode(), usedforsecurity=False).digest())[0]
            count += 1
        self.total += total
        self.rows += count

    def replace(self, old: Sequence[str | None], new: Sequence[str | None]) -> None:
        """Take in one row for another."""
        was, now = RowSum(), RowSum()
        was.add(old)
        now.add(new)
        self.total += now.total - was.total

    def _escaped(self, values: Sequence[str | None]) -> str:
        if any(value is not None and "\0" in value for value in values):
            raise PublishError("datastore-character", row=self.rows, what="U+0000")
        return "\t".join([NULL if value is None else value.translate(_ESCAPES) for value in values])

    @property
    def checksum(self) -> str:
        """The sum as a decimal number."""
        return str(self.total)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was sent into a shadow."""

    rows: int
    checksum: str


_CSV = re.compile(r'(?:("[^"]*(?:""[^"]*)*")|([^,\n]*))([,\n])')


def read_back(text: str, types: Sequence[str]) -> Iterator[list[str | None]]:
    """Rows of a page that CKAN wrote with COPY … CSV, as canonical texts; an empty cell is null, a quoted one a text."""
    shown = [(place, _SHOWN[kind]) for place, kind in enumerate(types) if kind in _SHOWN]
    for row in _cells(text, len(types)):
        for place, form in shown:
            if value := row[place]:
                row[place] = form(value)
        yield row


def _cells(text: str, width: int) -> Iterator[list[str | None]]:
    if '""' not in text and width > 1:
        # Nothing is both empty and a text, and no line is empty, so the library's reader loses nothing; it is four times as fast.
        csv.field_size_limit(max(csv.field_size_limit(), len(text)))
        for found in csv.reader(io.StringIO(text, newline=""), strict=True):
            yield [cell or None for cell in found] if "" in found else list(found)
        return
    row: list[str | None] = []
    for match in _CSV.finditer(text):
        quoted, plain, end = match.groups("")
        row.append(quoted[1:-1].replace('""', '"') if quoted else plain or None)
        if end == "\n":
            yield row
            row = []


def _instant(text: str) -> str:
    """CKAN 2.12 shows moments as `2026-01-05T08:00:00.500`, whatever they hold beyond thousandths."""
    plain = text.removesuffix(".000").replace("T", " ")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


_TRUTH = {"t": "true", "f": "false"}
_SHOWN: Mapping[str, Callable[[str], str]] = {"bool": lambda text: _TRUTH.get(text, text), "timestamp": _instant}
"""Type → from what CKAN shows to what PostgreSQL writes."""

LONGEST_SHOWN = 23
"""Characters of a moment that CKAN shows whole."""


def as_shown(values: Sequence[str | None], moments: Sequence[int]) -> Sequence[str | None] | None:
    """A row as it can be read back; `None` where that is the row itself. `moments`: the places of its moments."""
    shown: list[str | None] | None = None
    for place in moments:
        value = values[place]
        if value is not None and len(value) > LONGEST_SHOWN:
            shown = shown or list(values)
            shown[place] = _instant(value[:LONGEST_SHOWN])
    return shown
