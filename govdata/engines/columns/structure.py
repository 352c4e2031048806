"""The structure of a block of a text table: proven to be plain RFC 4180, with the cells of every row where they differ.

What is not plain is `None`: `csv.reader` reads that block. Held against `csv.reader` by the fuzz in `tests/fuzz/structure.py`.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.reading.encodings.sifting import count_byte, has_pair, places_of

LF, CR = 10, 13
_MARK = b"\xef\xbb\xbf"
"""A byte order mark."""
_PACKED = (b"\x1f\x8b", b"x\x01", b"x^", b"x\x9c", b"x\xda")
"""How gzip and zlib data begin: Polars would unpack a text that begins so (tried with 2.1: `x^`). No UTF-8 begins as zstd data do."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the cells of a table are set apart: one ASCII character each, both below 128."""

    delimiter: str
    quote: str | None


def plain_quotes(block: bytes, form: Form) -> Any | None:
    """Where quotes stand in a block in which each opens a cell, closes one or is half of a doubled one; and each CR is half of a line end.

    `None` where it is not so.
    """
    data = np.frombuffer(block, np.uint8)
    if b"\0" in block or b"\x1a" in block or (has_pair(block, _MARK[0], _MARK[1]) and _MARK in block):
        return None  # signs that the reader has a word to say of
    if block.startswith(_PACKED):
        return None
    if b"\r" in block:
        marks = places_of(block, CR)
        if marks[-1] + 1 == len(data) or not (data[marks + 1] == LF).all():
            return None
    if form.quote is None or form.quote.encode() not in block:
        return _NO_QUOTES
    quotes = places_of(block, ord(form.quote))
    return quotes if _quotes_are_plain(data, quotes, ord(form.delimiter)) else None


def is_plain(block: bytes, form: Form) -> bool:
    """Whether `plain_quotes` finds nothing odd."""
    return plain_quotes(block, form) is not None


_NO_QUOTES = np.empty(0, np.int64)


def _quotes_are_plain(data: Any, quotes: Any, delimiter: int) -> bool:
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, data[opening - 1], LF)
    after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], LF)
    # A quote that follows the one before it at once is half of a doubled quote, inside the same cell.
    doubled = np.zeros(len(opening) + 1, dtype=bool)
    doubled[1:-1] = opening[1:] == closing[:-1] + 1
    opens = doubled[:-1] | (before == delimiter) | (before == LF)
    closes = doubled[1:] | (after == delimiter) | (after == LF) | (after == CR)
    return bool(opens.all() and closes.all())


def parse(block: bytes, form: Form, width: int, ragged: bool = False) -> pl.DataFrame | None:
    """The cells of a plain block as columns `0`, `1`, … of text; `None` where a row has more cells, unless `ragged` drops them.

    A cell that is missing and an empty one are both empty: `counts` tells them apart.
    """
    schema = {str(number): pl.String for number in range(width)}
    # Without a line end, an empty cell too many at the very end would go unseen.
    whole = block if block.endswith(b"\n") else block + b"\n"
    try:
        return pl.read_csv(
            whole, has_header=False, schema=schema, separator=form.delimiter, quote_char=form.quote, empty_string_is_null=False,
            missing_columns="insert", truncate_ragged_lines=ragged or None, extra_columns="ignore" if ragged else None, glob=False,
        )  # fmt: skip
    except (pl.exceptions.PolarsError, OSError):
        return None


def lengths_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The bytes of every cell."""
    return frame.select(pl.all().str.len_bytes())


def has_all_cells(block: bytes, quotes: Any, lengths: pl.DataFrame, form: Form) -> bool:
    """Whether every row of a parsed block is whole: no row has more cells, and all delimiters together are as many as whole rows have."""
    if lengths.width < 2:
        return False
    between = lengths.height * (lengths.width - 1)
    ended = lengths.height - (not block.endswith(b"\n"))
    returns = b"\r" in block
    if not returns or count_byte(block, LF) == ended:  # no CR is part of a cell
        # A byte that is not of a cell, nor a quote around one, nor of the end of a row, is a delimiter between two cells.
        ends = ended + (count_byte(block, CR) if returns else 0)
        return bool(len(block) - sum(lengths.sum().row(0)) - _around(quotes) - ends == between)
    return count_byte(block, ord(form.delimiter)) == between + _inside(block, quotes, form)


def _around(quotes: Any) -> int:
    """Quotes that belong to no cell: of a doubled quote inside a cell one does."""
    return len(quotes) - int(np.count_nonzero(quotes[2::2] == quotes[1:-1:2] + 1))


def _inside(block: bytes, quotes: Any, form: Form) -> int:
    """Delimiters inside quotes, of a plain block."""
    opening, lengths = quotes[0::2], quotes[1::2] - quotes[0::2]
    if not len(opening):
        return 0
    # The places of all bytes inside, one stretch after the other.
    before = np.cumsum(lengths) - lengths
    places = np.arange(lengths.sum(), dtype=np.int32) + np.repeat((opening - before).astype(np.int32), lengths)
    return int(np.count_nonzero(np.frombuffer(block, np.uint8)[places] == ord(form.delimiter)))


@dataclass(frozen=True, slots=True)
class Index:
    """Where the rows of a plain block begin (byte, from 0), and where it ends; the cells of each row, 0 for a blank line."""

    starts: Any
    end: int
    cells: Any
    feeds: Any
    """Where a line feed stands, those inside quotes included."""

    def lines_before(self, places: Any) -> Any:
        """For each place, the number of line ends before it."""
        return np.searchsorted(self.feeds, places)


def index(block: bytes, quotes: Any, form: Form, counts: bool = True) -> Index:
    """The rows of a plain block, of which it is known where quotes stand. Without `counts`, only where they begin."""
    data = np.frombuffer(block, np.uint8)
    ends = feeds = places_of(block, LF)
    if len(quotes):
        ends = ends[(np.searchsorted(quotes, ends) & 1) == 0]
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate(([0], ends[:-1] + 1))
    return Index(starts, len(data), _cells(data, quotes, starts, ends, form) if counts else None, feeds)


def _cells(data: Any, quotes: Any, starts: Any, ends: Any, form: Form) -> Any:
    marks = places_of(data, ord(form.delimiter))
    if len(quotes):
        marks = marks[(np.searchsorted(quotes, marks) & 1) == 0]
    counts = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (data[np.minimum(starts, len(data) - 1)] == CR))
    return np.where(blank, 0, counts)


def read_cells(raw: bytes, form: Form) -> list[str]:
    """The cells of one record."""
    text = io.StringIO(raw.decode("utf-8", "surrogatepass"), newline="")
    options: Any = {"quotechar": form.quote or None, "quoting": csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE}
    return next(csv.reader(text, delimiter=form.delimiter, **options), [])
