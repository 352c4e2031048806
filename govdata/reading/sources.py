"""What every reader of tables gives: facts about the file, and a stream of rows, findings and skips."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Protocol

from govdata.classes import dataclass
from govdata.reading.changes import Stamp
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
    """The sheet of a workbook, the table of a database."""
    typed: bool = False
    """Cells carry types of their own (a workbook, a database), so lexical rules do not apply."""
    stamp: Stamp = (0, 0)
    """By which a change of the file since then shows (`changes.check_unchanged`)."""


@dataclass(frozen=True, slots=True)
class TableName:
    """A table or view of a database."""

    name: str
    schema: str = ""
    """Empty: the database's usual one."""
    is_view: bool = False

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database describes it."""

    name: str
    type: str
    family: str
    """A word of `databases.kinds`."""
    label: str | None = None
    """What the file calls it, where the database must call it otherwise."""


class Database(Protocol):
    """An opened database."""

    @property
    def dialect(self) -> str:
        """`duckdb` or `sqlite`."""

    def rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, as they come; raises `databases.refusals.Refusal`."""

    def cell(self, column: Column) -> str:
        """How a cell of a column is asked for."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table that can be asked where it is, instead of being read row by row."""

    connect: Callable[[], Database]
    relation: str
    """What stands behind FROM."""
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    """The columns of its own primary key."""
    order: str = ""
    """What its rows are ordered by, where it would not be sure otherwise."""
    collated: bool = False
    """Its columns may compare texts otherwise than by their characters."""
    named: bool = True
    """It has a name of its own: not the one table of a Parquet file."""
    steady: bool = True
    """It gives its rows in the same order whenever it is asked: not a view."""


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
    """Whether a row holds anything, and one below the header → what the rows together show."""
    check_unchanged: Callable[[Exception | None], Iterator[Finding]]
    """What broke the reading off, if anything → the finding that the file has changed or is gone; raises what is due to neither."""
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
    table: DatabaseTable | None = None


@lru_cache(maxsize=16_384)
def letters(column: int) -> str:
    """The letters of a column as a spreadsheet shows them: 1 → A, 27 → AA."""
    text = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
