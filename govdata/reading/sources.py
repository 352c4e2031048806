"""What every reader of tables gives: facts about the file, and a stream of rows, findings and skips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from govdata.values import Dialect, Finding, Row, Skipped

Item = Row | Finding | Skipped


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Facts about a file that are known before its rows are read."""

    size: int | None = None
    """Bytes."""
    sha256: str = ""
    encoding: str = ""
    sheet: str = ""
    typed: bool = False
    """Cells carry types of their own (a workbook), so lexical rules do not apply."""


class Block(Protocol):
    """Bytes of whole records."""

    @property
    def whole(self) -> bool:
        """It ends at the end of a record."""

    def text(self) -> bytes:
        """The bytes in UTF-8."""


class RecordReader(Protocol):
    """Rows and findings as `csv.reader` gives them."""

    count: int
    ended: bool

    @property
    def lines(self) -> int:
        """Physical lines read."""

    def __iter__(self) -> Iterator[Item]: ...


@dataclass(frozen=True, slots=True)
class BlockSource:
    """A text table in blocks of whole records, for engines that look at many rows at once. May be read more than once."""

    dialect: Dialect
    size: int
    """Bytes of the file."""
    read: Callable[[], Iterator[Block]]
    records: Callable[[Iterable[bytes], int, int], RecordReader]
    """Pieces in UTF-8, records before them, lines before them → what `csv.reader` reads in them."""
    ends_clean: Callable[[bytes], bool]
    """Whether the last record of a piece ends with it."""
    note_ends: Callable[[int, int], None]
    """Told the first line of a record that ends with LF, and of one that ends with CRLF; -1 for none."""
    conclude: Callable[[bool, bool], Iterator[Finding]]
    """Whether a row holds anything, and one below the header → what the file as a whole shows."""
    place: Callable[[Finding], Finding]
    """A finding of the reader, with the file it is about."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """An opened table. `stream` may be called more than once; each call reads afresh.

    Rows come in file order, header rows included. A finding that ends the stream is fatal: what follows was not read.
    """

    info: SourceInfo
    stream: Callable[[], Iterator[Item]]
    blocks: BlockSource | None = None
    """The same in blocks, where the table is a text that can be cut."""
