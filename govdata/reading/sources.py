"""What every reader of tables gives: facts about the file, and a stream of rows, findings and skips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    typed: bool = False
    """Cells carry types of their own (a workbook), so lexical rules do not apply."""


@dataclass(frozen=True, slots=True)
class TableSource:
    """An opened table. `stream` may be called more than once; each call reads afresh.

    Rows come in file order, header rows included. A finding that ends the stream is fatal: what follows was not read.
    """

    info: SourceInfo
    stream: Callable[[], Iterator[Item]]
