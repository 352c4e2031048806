"""One table of a database checked where it is. Quiet rows are counted by the database, all others explained by the reference."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from heapq import merge
from typing import Any

from govdata.engines.across import Across, fields_across, key_part
from govdata.engines.cells import TextNumbers, adapted
from govdata.engines.fields import FieldReader, read_field
from govdata.engines.plain import check_rows
from govdata.engines.plan import ColumnPlan, TablePlan, shown
from govdata.engines.reference import Reference
from govdata.engines.sql.keys import Unanswerable, rows_of_foreign_key, rows_of_key
from govdata.engines.sql.statements import Statements
from govdata.predicates.patterns import PatternTimeout
from govdata.reading.databases.refusals import Refusal
from govdata.reading.sources import Database, DatabaseTable
from govdata.values import Finding, Row

TICK = 5000
FEW = 2000
"""Texts that are looked at one by one without asking the database which kind of number they are."""
WIDEST = 300
"""Columns up to which a database is asked: of more, the statement takes longer than reading the rows, and SQLite refuses it from 667 on."""
_RENAMED = frozenset(("true", "false"))
"""Columns to which SQLite gives other names in a subquery, where it takes their own in quotes for texts."""
LOUD, SUSPECT, SEEN = range(3)
"""Why a row is looked at: the reference may find something in it; one of its keys may be wrong; its values are wanted."""
HEADER = 1
"""The number of the header: the first row of data is 2."""


def ask_table(table: DatabaseTable, plan: TablePlan, tick: Callable[[int], None]) -> Generator[Finding, None, int]:
    """The findings of the reference, in order of row and column; returns the number of rows."""
    count = 0
    try:
        with closing(table.connect()) as database:
            answer = _Answer(Statements(database, table, plan)) if _can_ask(table, database) else None
            if answer is not None and answer.is_found():
                count = answer.rows
                yield from answer.findings()
            else:
                count = yield from _one_by_one(database, table, plan, tick)
    except Refusal as refusal:
        yield Finding(refusal.rule, file=plan.file, resource=plan.resource, sheet=plan.sheet, args=refusal.arguments)
    return count


def _can_ask(table: DatabaseTable, database: Database) -> bool:
    renamed = database.dialect == "sqlite" and any(column.name.lower() in _RENAMED for column in table.columns)
    return len(table.columns) <= WIDEST and not renamed


def _one_by_one(database: Database, table: DatabaseTable, plan: TablePlan, tick: Callable[[int], None]) -> Generator[Finding, None, int]:
    """Findings by the engine of plain Python; returns the number of rows."""
    count = 0

    def rows() -> Iterator[list[Row]]:
        nonlocal count
        cells = ", ".join(database.cell(column) for column in table.columns)
        order = f" ORDER BY {table.order}" if table.order else ""
        for number, row in enumerate(database.rows(f"SELECT {cells} FROM {table.relation}{order}"), HEADER + 1):
            count += 1
            if count % TICK == 0:
                tick(count)
            yield [Row(number, None, row)]

    yield from check_rows(plan, rows())
    return count


class _Answer:
    """What the database says of one table."""

    def __init__(self, asked: Statements) -> None:
        self._asked, self._plan = asked, asked.plan
        self._watches = self._plan.watches
        self._fields = self._plan.pair.fields if self._plan.pair is not None else ()
        self._readers: dict[str, FieldReader] = {}
        self._columns = {column.name: column for column in self._plan.columns}
        self._conditions: list[str] = []
        self._counted: dict[str, int] = {}
        self.rows = 0

    def is_found(self) -> bool:
        """Whether the database can tell the rows that must be looked at; nobody has been told anything yet."""
        try:
            self._count()
        except Refusal as refusal:
            if refusal.rule == "database/encoding":
                # Row by row it comes out which text it is, after the findings of the rows before it.
                return False
            raise
        if any(self._counted[f"undecided {number}"] for number in self._undecided()):
            return False
        try:
            for place, key in enumerate(self._plan.keys):
                counted = self._counted[f"odd {place}"], self._counted[f"gap {place}"]
                self._conditions += rows_of_key(self._asked, key, counted, self._read)
            for foreign in self._plan.foreign_keys:
                self._conditions += rows_of_foreign_key(self._asked, foreign, self._quiet, self._read)
        except Unanswerable:
            return False
        return True

    def _undecided(self) -> list[int]:
        return [number for number in self._asked.columns if self._asked.cells[number].accept is None]

    def _count(self) -> None:
        """Everything that can be counted, in one pass."""
        asked, wanted = self._asked, {"rows": "count(*)", "quiet": "count(*) FILTER (WHERE q)"}
        made = {"q": asked.quiet}
        for number in self._undecided():
            made[f"g{number}"] = asked.given(number)
            wanted[f"undecided {number}"] = f"count(*) FILTER (WHERE g{number})"
        for place, key in enumerate(self._plan.keys):
            made[f"k{place}"], made[f"i{place}"] = asked.regular(key), asked.incomplete(key)
            wanted[f"odd {place}"] = f"count(*) FILTER (WHERE NOT k{place})"
            wanted[f"gap {place}"] = f"count(*) FILTER (WHERE i{place})"
        for number, kind in asked.kinds.items():
            made[f"p{number}"] = f"CASE WHEN {asked.given(number)} THEN {kind} END"
            for value in (0, -1):
                wanted[f"kind {number} {value}"] = f"count(*) FILTER (WHERE q AND p{number} = {value})"
        for number in self._numeric():
            made[f"n{number}"] = self._is_number(number)
            wanted[f"number {number}"] = f"count(*) FILTER (WHERE n{number})"
        self._counted = dict(zip(wanted, asked.one(wanted.values(), made), strict=True))
        self.rows = self._counted["rows"]

    @property
    def _quiet(self) -> str:
        """Whether a row is quiet, which need not be asked again where all are."""
        return "TRUE" if self._counted["quiet"] == self.rows else self._asked.quiet

    def _numeric(self) -> list[int]:
        """Text fields whose cells may be numbers."""
        families = {"integer", "double", "dynamic"}
        texts = [column.column for column in self._plan.columns if column.descriptor.get("type", "string") == "string"]
        return [number for number in texts if self._asked.cells[number].column.family in families]

    def _is_number(self, number: int) -> str:
        cell = self._asked.database.cell(self._asked.table.columns[number - 1])
        return f"typeof({cell}) IN ('integer', 'real')" if self._asked.functions is not None else f"{cell} IS NOT NULL"

    def findings(self) -> Iterator[Finding]:
        """Those of the rows that must be looked at; the counters are told of all others."""
        self._tell()
        numbers = TextNumbers()
        reference, across = Reference(self._plan, numbers), Across(self._plan)
        wanted = sorted(fields_across(self._plan) | set(self._fields))
        for number, reason, cells in merge(self._loud(), self._seen(), key=lambda item: int(item[0])):
            row = Row(number + HEADER, None, cells)
            if reason != LOUD:
                values = {name: value for name in wanted for known, value in [self._value(name, row)] if known}
            else:
                found, read = reference.check(row)
                yield from found
                values = {name: key_part(value) for name, value in read.items()}
            if values and self._plan.pair is not None and reason != SUSPECT:
                self._plan.pair.observe(row.number, values)
            if values and reason != SEEN:
                yield from across.check(row, values)
        yield from self._numbers(numbers)

    def _loud(self) -> Iterator[tuple[int, int, Any]]:
        """Rows that are not quiet, and quiet ones of which a key may be wrong."""
        quiet = self._quiet
        if self._counted["quiet"] == self.rows and not self._conditions:
            return
        where = " OR ".join(f"COALESCE({condition}, FALSE)" for condition in (f"NOT {quiet}", *self._conditions))
        for number, is_quiet, *cells in self._asked.numbered([quiet, *self._asked.whole_row], where):
            yield number, SUSPECT if is_quiet else LOUD, tuple(cells)

    def _seen(self) -> Iterator[tuple[int, int, Any]]:
        """Quiet rows whose values somebody wants to see."""
        plan, asked = self._plan, self._asked
        if plan.pair is None or not all(name in self._columns for name in self._fields):
            return
        where = self._quiet
        numbers = [self._columns[name].column for name in self._fields]
        if not plan.pair.wanted and asked.functions is None:
            low, high = (asked.database.cell(asked.table.columns[number - 1]) for number in numbers)
            where += f" AND COALESCE(TRY_CAST({low} AS DOUBLE) < TRY_CAST({high} AS DOUBLE), TRUE)"
        cells = asked.database.cell
        wanted = [cells(column) if number in numbers else "NULL" for number, column in enumerate(asked.table.columns, 1)]
        for number, *row in asked.numbered(wanted, where):
            yield number, SEEN, tuple(row)

    def _tell(self) -> None:
        """Let the counters of personal numbers know of all quiet rows."""
        asked = self._asked
        for number, kind in asked.kinds.items():
            self._watches[number].add(self._counted[f"kind {number} 0"], {})
            many = self._counted[f"kind {number} -1"]
            if many:
                self._look(number, f"{self._quiet} AND {asked.given(number)} AND ({kind}) = -1", many)

    def _look(self, number: int, where: str, many: int) -> None:
        """Texts with many digits: those that surely are of a kind are counted, of very many; the others are looked at one by one."""
        asked, tally = self._asked, self._watches[number]
        sure = asked.sure_kind(number) if many > FEW else "-1"
        if sure != "-1":
            counted = {place: f"count(*) FILTER (WHERE k = {place})" for place in range(1, len(self._plan.personal) + 1)}
            inner = f"(SELECT {sure} AS k FROM {asked.source} WHERE {where})"
            found = next(iter(asked.database.rows(f"SELECT {', '.join(counted.values())} FROM {inner}")))
            for (name, _), count in zip(self._plan.personal, found, strict=True):
                tally.add(count, {name: count})
            if sum(found) == many:
                return
            where += f" AND ({sure}) = -1"
        plan = asked.columns.get(number)
        for (cell,) in asked.select([asked.database.cell(asked.table.columns[number - 1])], where):
            tally.observe(shown(adapted(plan, _NOWHERE, cell, TextNumbers()) if plan is not None else cell))

    def _numbers(self, numbers: TextNumbers) -> Iterator[Finding]:
        """One note for each text column with numbers, those of quiet rows among them."""
        for number in self._numeric():
            count = self._counted[f"number {number}"]
            if count:
                first, *cells = next(iter(self._asked.numbered(self._asked.whole_row, self._is_number(number), " LIMIT 1")))
                numbers.counts[number] = count
                numbers.first[number] = Row(first + HEADER, None, tuple(cells))
        yield from numbers.findings(self._plan)

    def _value(self, name: str, row: Row) -> tuple[bool, Any]:
        column = self._columns.get(name)
        return (False, None) if column is None else self._read(name, row.cells[column.column - 1])

    def _read(self, name: str, cell: Any) -> tuple[bool, Any]:
        column = self._columns[name]
        if isinstance(cell, str) and column.descriptor.get("type", "string") == "string" and cell not in column.decision.missing:
            return True, cell
        if name not in self._readers:
            self._readers[name] = read_field(column.descriptor, typed=True)
        try:
            value, broken = self._readers[name](_adapted(column, cell))
        except PatternTimeout:
            return False, None
        return not any(rule == "table/type-error" for rule, _ in broken), key_part(value)


_NOWHERE = Row(0, None, ())


def _adapted(column: ColumnPlan, cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str) else adapted(column, _NOWHERE, cell, TextNumbers())
