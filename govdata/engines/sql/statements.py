"""The statements that are put to one table: which rows are quiet, how many, and the rows that must be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from govdata.engines.plan import ColumnPlan, KeyPlan, TablePlan
from govdata.engines.sql.cells import Cells, cells_of
from govdata.predicates.conditions import All, Condition, Either, Form, Not
from govdata.predicates.sql import Functions, emit
from govdata.reading.databases.refusals import Refusal
from govdata.reading.sources import Database, DatabaseTable

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Expression

ELEVEN = Form("(?s:.*)[0-9]{11}(?s:.*)")
"""A text without eleven digits in a row holds no personal number that is looked for."""


@dataclass
class Statements:
    """One table, its plan, and an open connection."""

    database: Database
    table: DatabaseTable
    plan: TablePlan
    functions: Functions | None = field(init=False)
    columns: dict[int, ColumnPlan] = field(init=False)
    cells: dict[int, Cells] = field(init=False)

    def __post_init__(self) -> None:
        self.functions = Functions() if self.database.dialect == "sqlite" else None
        self.columns = {column.column: column for column in self.plan.columns}
        sure = {number: self._compiled(column) for number, column in self.columns.items()}
        self.cells = {
            number: cells_of(sure.get(number), column, self.functions, self.table.collated)
            for number, column in enumerate(self.table.columns, 1)
        }
        _ = self.quiet, self.kinds
        for name, test in self.functions.made.items() if self.functions is not None else ():
            self.database.add_function(name, test)  # type: ignore[attr-defined]

    def _compiled(self, column: ColumnPlan) -> ColumnPlan:
        """The plan without its condition where the database refuses one of its patterns."""
        import dataclasses

        if self.functions is None and not all(map(self._takes, set(_patterns(column.decision.accept)))):
            return dataclasses.replace(column, decision=dataclasses.replace(column.decision, accept=None))
        return column

    def _takes(self, pattern: str) -> bool:
        from sqlglot import exp

        asked = emit(Form(pattern), exp.Literal.string("0"))
        if asked is None:
            return True
        try:
            return bool(list(self.database.rows(f"SELECT {self.say(asked)}")))
        except Refusal:
            return False

    def say(self, expression: Expression) -> str:
        """An expression in the database's own words."""
        return str(expression.sql(dialect=self.database.dialect))

    @cached_property
    def quiet(self) -> str:
        """True where the reference surely finds nothing in a row."""
        from sqlglot import exp

        found: list[Any] = []
        for number, column in self.columns.items():
            cells = self.cells[number]
            accept = cells.accept if cells.accept is not None else exp.false()
            found.append(accept.copy() if column.decision.required else exp.or_(cells.missing.copy(), accept.copy()))
        whole = len(self.columns) == self.plan.width
        given = [
            exp.and_(cells.filled.copy(), exp.Not(this=exp.Paren(this=cells.missing.copy()))) if whole else cells.filled.copy()
            for number, cells in self.cells.items()
            if not whole or number in self.columns
        ]
        if not any(column.decision.required for column in self.columns.values()):
            found.append(exp.or_(*given))
        return f"COALESCE({self.say(exp.and_(*found))}, FALSE)"

    @cached_property
    def kinds(self) -> dict[int, str]:
        """By counted column: 0 for a text without personal numbers, n for one of the nth kind, -1 for one to be looked at."""
        return {number: self._kind(self.cells[number]) for number in self.plan.tallies}

    def _kind(self, cells: Cells) -> str:
        from sqlglot import exp

        if cells.column.family in {"date", "timestamp", "timestamp-zone", "time", "time-zone", "boolean", "null"}:
            return "0"
        text = cells.text
        long = emit(ELEVEN, text, self.functions) if text is not None else None
        if text is None or long is None:
            return "-1"
        case: Any = exp.Case().when(exp.Is(this=text.copy(), expression=exp.null()), exp.Literal.number(-1))
        case = case.when(exp.Not(this=exp.Paren(this=long)), exp.Literal.number(0))
        for place, (_, condition) in enumerate(self.plan.personal, 1):
            sure = emit(condition, text) if self.functions is None else None
            if sure is not None:
                case = case.when(sure, exp.Literal.number(place))
        return self.say(case.else_(exp.Literal.number(-1)))

    def given(self, number: int) -> str:
        """Whether something that is not missing stands in a cell."""
        cells = self.cells[number]
        return f"COALESCE({self.say(cells.filled)} AND NOT ({self.say(cells.missing)}), FALSE)"

    def regular(self, key: KeyPlan) -> str:
        """Whether each part of a key is missing or surely right."""
        return " AND ".join(f"COALESCE(({self.say(c.missing)}) OR ({self.say(_sure(c))}), FALSE)" for c in self.cells_of(key.fields))

    def cells_of(self, fields: Sequence[str]) -> list[Cells]:
        """The columns of some fields."""
        numbers = {column.name: column.column for column in self.plan.columns}
        return [self.cells[numbers[name]] for name in fields]

    def part(self, cells: Cells) -> str:
        """A part of a key; null where it is missing."""
        assert cells.part is not None
        return f"CASE WHEN NOT COALESCE({self.say(cells.missing)}, FALSE) THEN {self.say(cells.part)} END"

    def one(self, asked: Sequence[str]) -> tuple[Any, ...]:
        """One row about the whole table."""
        return next(iter(self.database.rows(f"SELECT {', '.join(asked)} FROM {self.table.relation}")))

    def select(self, asked: Sequence[str], where: str = "", more: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows about the rows of the table, in no order."""
        condition = f" WHERE {where}" if where else ""
        yield from self.database.rows(f"SELECT {', '.join(asked)} FROM {self.table.relation}{condition}{more}")

    def numbered(self, asked: Sequence[str], where: str, more: str = "") -> Iterator[tuple[Any, ...]]:
        """The same with each row's number (from 1) before it, in order."""
        order = f"ORDER BY {self.table.order}" if self.table.order else ""
        name = "govdata_" + "_" * max((len(column.name) for column in self.table.columns), default=0)
        inner = f"SELECT row_number() OVER ({order}) AS {name}, * FROM {self.table.relation}"
        yield from self.database.rows(f"SELECT {', '.join((name, *asked))} FROM ({inner}) WHERE {where} ORDER BY {name}{more}")

    @cached_property
    def whole_row(self) -> list[str]:
        """All cells of a row, as the reference reads them."""
        return [self.database.cell(column) for column in self.table.columns]


def _sure(cells: Cells) -> Any:
    from sqlglot import exp

    return cells.accept if cells.accept is not None else exp.false()


def _patterns(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, Form):
        yield condition.pattern
    elif isinstance(condition, Not):
        yield from _patterns(condition.condition)
    elif isinstance(condition, All | Either):
        for part in condition.conditions:
            yield from _patterns(part)
