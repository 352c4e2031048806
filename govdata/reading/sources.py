"""What every reader of tables gives: facts about the file, and a stream of rows, findings and skips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from govdata.values import Finding, Row, Skipped

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
    changed: int = 0
    """When a database was last written to before it was read, in nanoseconds."""


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


@dataclass(frozen=True, slots=True)
class TableSource:
    """An opened table. `stream` may be called more than once; each call reads afresh.

    Rows come in file order, header rows included. A finding that ends the stream is fatal: what follows was not read.
    """

    info: SourceInfo
    stream: Callable[[], Iterator[Item]]
    table: DatabaseTable | None = None
