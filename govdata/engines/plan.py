"""What an engine is asked to check of one table: the seam between the checks and whatever computes over rows."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Protocol

from govdata.predicates.conditions import Condition
from govdata.predicates.decisions import UNPROVEN, Decision
from govdata.values import Cell, Finding, Row

CellCheck = Callable[[str], tuple[str, Mapping[str, object]] | None]
"""A condition on the text of a cell: `None`, or the rule that it breaks and the arguments of the finding."""


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One declared field and the column in which it stands."""

    name: str
    descriptor: Mapping[str, Any]
    """The Table Schema field."""
    column: int
    """From 1."""
    checks: tuple[CellCheck, ...] = ()
    """Semantic type and code list: asked where the field itself has accepted the cell."""
    decision: Decision = UNPROVEN
    """What is proven of the column's texts without the reference."""
    observe: Callable[[str], None] | None = None
    """Told every text that is not missing, whether right or wrong."""


class Tally(Protocol):
    """Counts the personal numbers of a column."""

    def observe(self, text: str) -> None:
        """Told a text that is not missing."""

    def add(self, kind: str, count: int) -> None:
        """Told of many at once that are numbers of a kind, or (an empty kind) surely hold none."""


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """Fields of which no two rows may agree."""

    rule: str
    fields: tuple[str, ...]
    required: bool = False
    """A primary key: no part of it may be missing."""


@dataclass(frozen=True, slots=True)
class ForeignKeyPlan:
    """Fields whose values must stand in another table."""

    fields: tuple[str, ...]
    known: Set[tuple[Any, ...]]
    target: str
    """How the report names it."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Everything that is checked of the rows below the header."""

    file: str
    resource: str
    sheet: str
    width: int
    """Cells of the header row: rows must have as many."""
    columns: tuple[ColumnPlan, ...]
    keys: tuple[KeyPlan, ...] = ()
    foreign_keys: tuple[ForeignKeyPlan, ...] = ()
    typed: bool = False
    strict_width: bool = True
    """Text tables: a row has exactly as many cells as the header. A workbook's rows have no width of their own."""
    other_columns: Mapping[int, Callable[[str], None]] = dataclasses.field(default_factory=dict)
    """Columns without a field (from 1) → what is told their texts."""
    observe_row: Callable[[int, Mapping[str, Any]], None] | None = None
    """Told the number of every row and the values (by field) that could be read."""
    row_fields: tuple[str, ...] = ()
    """The fields whose values it wants."""
    row_order: bool = False
    """Of the two values only rows matter in which the first is less than the second."""
    key_columns: tuple[int, ...] = ()
    """Columns that name a row where cells have no address: those of the primary key (from 1)."""
    has_addresses: bool = True
    """Cells have an address as a spreadsheet shows it: not those of a database."""
    tallies: Mapping[int, Tally] = dataclasses.field(default_factory=dict)
    """The same that `observe` and `other_columns` tell cell by cell, for an engine that counts: by column (from 1)."""
    personal: tuple[tuple[str, Condition], ...] = ()
    """Kinds of personal numbers, in the order in which they are asked, with texts that surely are of the kind."""


class Engine(Protocol):
    """Computes over rows. Yields findings in the order row, column."""

    def __call__(self, plan: TablePlan, rows: Iterable[Row]) -> Iterator[Finding]: ...


def column_letter(column: int) -> str:
    """The letters of a column as a spreadsheet shows them: 1 → A, 27 → AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def place(plan: TablePlan, row: Row, column: int | None = None, field: str = "") -> dict[str, Any]:
    """The place of a finding in a table, as keyword arguments of `Finding`."""
    return {
        "file": plan.file,
        "resource": plan.resource,
        "sheet": plan.sheet,
        "row": row.number,
        "line": row.line,
        "column": column,
        "field": field,
        "cell": f"{column_letter(column)}{row.number}" if column and plan.has_addresses else "",
        "key": ", ".join(shown(cell_at(row.cells, number)) for number in plan.key_columns),
    }


def shown(cell: Cell) -> str:
    """A cell as text: whole floats without `.0`, dates and times in ISO form, nothing for an empty cell."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e16:
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    if isinstance(cell, bytes):
        return f"0x{cell[:100].hex()}"
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)


def cell_at(cells: Sequence[Cell], column: int) -> Cell:
    """The cell of a column (from 1); `None` where the row ends before it."""
    return cells[column - 1] if column <= len(cells) else None
