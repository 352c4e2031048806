"""The statements that are put to one table: which rows are quiet, how many, and the rows that must be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from govdata.classes import dataclass, field, replace
from govdata.engines.plan import ColumnPlan, KeyPlan, TablePlan
from govdata.engines.sql.cells import Cells, cells_of
from govdata.predicates.conditions import All, Condition, Either, Form, Not
from govdata.predicates.sql import Functions, emit
from govdata.predicates.sqlterms import called, string
from govdata.predicates.written import WORTH, may_hold
from govdata.reading.databases.refusals import Refusal
from govdata.reading.sources import Database, DatabaseTable

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Expression


class Statements:
    """One table, its plan, and an open connection."""

    def __init__(self, database: Database, table: DatabaseTable, plan: TablePlan) -> None:
        self.database, self.table, self.plan = database, table, plan
        self.functions = Functions() if self.database.dialect == "sqlite" else None
        self.columns = {column.column: column for column in self.plan.columns}
        sure = {number: self._compiled(column) for number, column in self.columns.items()}
        self.cells = {
            number: cells_of(sure.get(number), column, self.functions, self.table.collated)
            for number, column in enumerate(self.table.columns, 1)
        }
        _ = self.source, self.kinds
        for name, test in self.functions.made.items() if self.functions is not None else ():
            self.database.add_function(name, test)  # type: ignore[attr-defined]

    def _compiled(self, column: ColumnPlan) -> ColumnPlan:
        """The plan without its condition where the database refuses one of its patterns."""
        if self.functions is None and not all(map(self._takes, set(_patterns(column.decision.accept)))):
            return replace(column, decision=replace(column.decision, accept=None))
        return column

    def _takes(self, pattern: str) -> bool:
        asked = emit(Form(pattern), string("0"))
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
    def prefix(self) -> str:
        """The start of a name that no column of the table has."""
        return "govdata" + "_" * max((len(column.name) for column in self.table.columns), default=1)

    def accepted(self, number: int) -> str:
        """The name under which `source` says that the cell of a column is surely right."""
        return f"{self.prefix}a{number}"

    def missing(self, number: int) -> str:
        """The name under which it says that the cell is missing."""
        return f"{self.prefix}m{number}"

    @cached_property
    def source(self) -> str:
        """The table, with what is said of the cells of each field worked out once for every row."""
        from sqlglot import exp

        made, shared = ["*"], _Shared(f"{self.prefix}h")
        for number in self.columns:
            cells = self.cells[number]
            accept = shared.named(cells.accept) if cells.accept is not None else exp.false()
            made.append(f"COALESCE({self.say(accept)}, FALSE) AS {self.accepted(number)}")
            made.append(f"COALESCE({self.say(cells.missing)}, FALSE) AS {self.missing(number)}")
        first = ["*", *(f"{means} AS {name}" for means, name in shared.names.items())]
        inner = f"(SELECT {', '.join(first)} FROM {self.table.relation})" if len(first) > 1 else self.table.relation
        return f"(SELECT {', '.join(made)} FROM {inner})"

    @cached_property
    def quiet(self) -> str:
        """True where the reference surely finds nothing in a row; in words of `source`."""
        found = []
        for number, column in self.columns.items():
            missing, accepted = self.missing(number), self.accepted(number)
            found.append(f"(NOT {missing} AND {accepted})" if column.decision.required else f"({missing} OR {accepted})")
        whole = len(self.columns) == self.plan.width
        given = [self.given(number) if whole else self._filled(number) for number in self.cells if not whole or number in self.columns]
        if not any(column.decision.required for column in self.columns.values()):
            found.append(f"({' OR '.join(given)})")
        return f"({' AND '.join(found)})"

    @cached_property
    def kinds(self) -> dict[int, str]:
        """By counted column: 0 for a text without personal numbers, -1 for one to be looked at."""
        return {number: self._kind(self.cells[number]) for number in self.plan.watches}

    def _kind(self, cells: Cells) -> str:
        from sqlglot import exp

        if cells.column.family in {"date", "timestamp", "timestamp-zone", "time", "time-zone", "boolean", "null"}:
            return "0"
        if cells.text is None:
            return "-1"
        text = cells.text
        case: Any = exp.Case().when(exp.Is(this=text.copy(), expression=exp.null()), exp.Literal.number(-1))
        return self.say(case.when(exp.Not(this=self._may_hold(text)), exp.Literal.number(0)).else_(exp.Literal.number(-1)))

    def sure_kind(self, number: int) -> str:
        """Of a text to be looked at: the place from 1 of the kind that it surely is of, else -1. Not cheap."""
        from sqlglot import exp

        text, case = self.cells[number].text, exp.Case()
        for place, (_, condition) in enumerate(self.plan.personal, 1):
            sure = emit(condition, text) if self.functions is None and text is not None else None
            case = case.when(sure, exp.Literal.number(place)) if sure is not None else case
        return self.say(case.else_(exp.Literal.number(-1))) if case.args.get("ifs") else "-1"

    def _may_hold(self, text: Expression) -> Expression:
        from sqlglot import exp

        if self.functions is not None:
            return called(self.functions.add(may_hold), text)
        found = called("regexp_matches", text, string(WORTH))
        long = exp.GTE(this=called("strlen", text), expression=exp.Literal.number(11))
        return exp.Case().when(long, found).else_(exp.false())

    def _filled(self, number: int) -> str:
        return f"COALESCE({self.say(self.cells[number].filled)}, FALSE)"

    def given(self, number: int) -> str:
        """Whether something that is not missing stands in a cell."""
        return f"({self._filled(number)} AND NOT {self.missing(number)})" if number in self.columns else self._filled(number)

    def regular(self, key: KeyPlan) -> str:
        """Whether each part of a key is missing or surely right."""
        return " AND ".join(f"({self.missing(number)} OR {self.accepted(number)})" for number in self.numbers_of(key.fields))

    def incomplete(self, key: KeyPlan) -> str:
        """Whether a part of a key is missing."""
        return f"({' OR '.join(self.missing(number) for number in self.numbers_of(key.fields))})"

    def numbers_of(self, fields: Sequence[str]) -> list[int]:
        """The columns of some fields, from 1."""
        numbers = {column.name: column.column for column in self.plan.columns}
        return [numbers[name] for name in fields]

    def part(self, number: int) -> str:
        """A part of a key; null where it is missing."""
        part = self.cells[number].part
        assert part is not None
        return f"CASE WHEN NOT {self.missing(number)} THEN {self.say(part)} END"

    def one(self, asked: Iterable[str], made: Mapping[str, str]) -> tuple[Any, ...]:
        """One row about the whole table. `made`: name → what is worked out once for each row."""
        inner = f"SELECT {', '.join(f'{means} AS {name}' for name, means in made.items())} FROM {self.source}"
        if self.functions is not None:
            inner += " LIMIT -1"  # else SQLite puts what a name means wherever it stands: cubic in the columns, and no longer once a row
        return next(iter(self.database.rows(f"SELECT {', '.join(asked)} FROM ({inner})")))

    def select(self, asked: Sequence[str], where: str = "", more: str = "") -> Iterator[tuple[Any, ...]]:
        """Rows about the rows of the table, in no order."""
        condition = f" WHERE {where}" if where else ""
        yield from self.database.rows(f"SELECT {', '.join(asked)} FROM {self.source}{condition}{more}")

    def numbered(self, asked: Sequence[str], where: str, more: str = "") -> Iterator[tuple[Any, ...]]:
        """The same with each row's number (from 1) before it, in order."""
        order = f"ORDER BY {self.table.order}" if self.table.order else ""
        name = f"{self.prefix}n"
        inner = f"SELECT row_number() OVER ({order}) AS {name}, * FROM {self.source}"
        yield from self.database.rows(f"SELECT {', '.join((name, *asked))} FROM ({inner}) WHERE {where} ORDER BY {name}{more}")

    @cached_property
    def whole_row(self) -> list[str]:
        """All cells of a row, as the reference reads them."""
        return [self.database.cell(column) for column in self.table.columns]


@dataclass()
class _Shared:
    """Numbers that an expression asks for many times: DuckDB would read each of them anew."""

    prefix: str
    names: dict[str, str] = field(default_factory=dict)

    def named(self, expression: Expression) -> Expression:
        """The expression with names for them."""
        from sqlglot import exp

        copied = expression.copy()
        found = [(node, node.sql(dialect="duckdb")) for node in copied.find_all(exp.TryCast)]
        counted = Counter(text for _, text in found)
        for node, text in found:
            if counted[text] > 1:
                node.replace(exp.column(self.names.setdefault(text, f"{self.prefix}{len(self.names)}"), quoted=True))
        return copied


def _patterns(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, Form):
        yield condition.pattern
    elif isinstance(condition, Not):
        yield from _patterns(condition.condition)
    elif isinstance(condition, All | Either):
        for part in condition.conditions:
            yield from _patterns(part)
