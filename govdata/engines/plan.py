"""What an engine is asked to check of one table: the seam between the checks and whatever computes over rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from govdata.classes import dataclass, field
from govdata.errors import GovdataError
from govdata.predicates.conditions import Condition
from govdata.predicates.decisions import UNPROVEN, Decision
from govdata.reading.sources import letters
from govdata.values import Cell, Finding, Row

CellCheck = Callable[[str], tuple[str, Mapping[str, object]] | None]
"""A condition on the text of a cell: `None`, or the rule that it breaks and the arguments of the finding."""


class Watch(Protocol):
    """Counts what a column holds."""

    def observe(self, text: str) -> None:
        """Look at one text."""

    def observe_all(self, texts: Sequence[str]) -> None:
        """Look at many texts, none of them empty."""

    def add(self, values: int, alone: Mapping[str, int]) -> None:
        """Take in many texts at once: how many, and how many of them are numbers of a kind."""


class PairWatch(Protocol):
    """Looks at pairs of coordinates."""

    @property
    def fields(self) -> tuple[str, str]:
        """Longitude and latitude."""

    @property
    def wanted(self) -> int:
        """How many more points are looked at one by one."""

    @property
    def rules(self) -> Sequence[str]:
        """What pairs that were not looked at may break."""

    def observe(self, row: int, values: Mapping[str, Any]) -> None:
        """Look at one row's values."""

    def add(self, swapped: int, first: int, points: Sequence[tuple[float, float]]) -> None:
        """Take in many rows at once: how many are swapped, the first of these, and points that are not."""


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
    kind: str = ""
    """The kind of number that every accepted text surely is, of those that are watched for."""
    watch: Watch | None = None
    """Told every text that is not missing, whether right or wrong."""


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
    known: Collection[tuple[Any, ...]]
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
    other_columns: Mapping[int, Watch] = field(default_factory=dict)
    """Columns without a field (from 1) → what is told their texts."""
    kinds: Mapping[str, tuple[tuple[int, ...], Callable[[], Condition | None]]] = field(default_factory=dict)
    """Kinds of numbers that are watched for, in the order in which they are asked → their lengths, and the texts that surely are one."""
    pair: PairWatch | None = None
    """Told the coordinates of every row."""
    limit_each: int | None = None
    """Findings that are explained per rule and field; `None`: all."""
    asks_all: bool = False
    """No mistake makes the file invalid by itself: however many there are, each further one may be the one that does."""
    severity: Callable[[Finding], str] = lambda finding: finding.severity
    """The severity in force of a finding; empty where its rule is not in force."""
    key_columns: tuple[int, ...] = ()
    """Columns that name a row where cells have no address: those of the primary key (from 1)."""
    has_addresses: bool = True
    """Cells have an address as a spreadsheet shows it: not those of a database."""
    accepted: frozenset[tuple[str, str]] = frozenset()
    """Rules of which findings may be accepted, each with a field or, for all, nothing: such errors alone make no file invalid."""
    cell_rules: frozenset[str] = frozenset()
    """Rules that cells may break by what they mean: semantic types and code lists."""
    personal: tuple[tuple[str, Condition], ...] = ()
    """Kinds of personal numbers that no text is two of, with texts that surely are of the kind: told for databases alone."""

    @property
    def watches(self) -> dict[int, Watch]:
        """What is told of columns, by column (from 1)."""
        return {column.column: column.watch for column in self.columns if column.watch is not None} | dict(self.other_columns)


@dataclass(frozen=True, slots=True)
class Tally:
    """Findings that are counted and not explained, because enough of their kind are."""

    rule: str
    severity: str
    count: int
    exact: bool = True
    """Else there are at least so many."""
    cause: str = ""
    file: str = ""
    sheet: str = ""
    field: str = ""


class SchemaError(GovdataError):
    """A field that the reference cannot load; `notes` says why. The caller makes a finding of it."""

    def __init__(self, field: str, notes: Sequence[str]) -> None:
        super().__init__("schema", field=field, notes=tuple(notes))
        self.field = field
        self.notes = tuple(notes)


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
        "cell": f"{letters(column)}{row.number}" if column and plan.has_addresses else "",
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
        return json.dumps(text_keyed(cell), ensure_ascii=False, default=str)
    return str(cell)


def text_keyed(value: Any) -> Any:
    """Lists and records as JSON can have them: the keys of a database's map may be dates or decimals."""
    if isinstance(value, dict):
        return {key if isinstance(key, str | int | float) else shown(key): text_keyed(item) for key, item in value.items()}
    return [text_keyed(item) for item in value] if isinstance(value, list | tuple) else value


def cell_at(cells: Sequence[Cell], column: int) -> Cell:
    """The cell of a column (from 1); `None` where the row ends before it."""
    return cells[column - 1] if column <= len(cells) else None
