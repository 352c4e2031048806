"""Rows in plain Python: what a column's condition accepts is right, every other cell is the reference's. Nothing heavy is imported
before a cell needs the reference."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govdata.classes import dataclass
from govdata.engines.across import Across, fields_across, key_part, key_part_of_text
from govdata.engines.cells import TextNumbers, adapted, is_empty, observe_others
from govdata.engines.plan import ColumnPlan, TablePlan, cell_at, shown
from govdata.predicates.plain import Test, emit
from govdata.values import Cell, Finding, Gap, Row

if TYPE_CHECKING:
    from govdata.engines.reference import Reference

_NESTED = frozenset((bytes, list, dict))
"""Types of cells that are asked of the reference with their row."""
KNOWN = 50_000
"""Texts of one column of which is remembered what the reference said."""

Judged = tuple[list[Finding], dict[str, Any]]
"""Findings of a row's cells and width, and the values that are needed beyond it, as parts of keys."""


@dataclass(slots=True)
class _Column:
    """A column made ready for reading."""

    plan: ColumnPlan
    place: int
    """In the plan, from 0."""
    missing: frozenset[str]
    required: bool
    accepts: Test
    known: dict[str, bool]
    wanted: bool
    """Its values are needed beyond the cell."""
    cell: int
    """Where its cells stand in a row, from 0."""
    observe: Callable[[str], None] | None
    """Told its texts."""


def check_rows(plan: TablePlan, blocks: Iterable[Sequence[Row]]) -> Iterator[Finding]:
    """Findings of every row below the header, in order of row and column: those of the reference."""
    judge, across = Judge(plan), Across(plan)
    for rows in blocks:
        judged = judge.quiet(rows)
        if judged is not None and not judge.has_keys:
            continue
        for row, (found, values) in zip(rows, judged or map(judge.judge, rows), strict=True):
            if found:
                yield from found
            if values:
                yield from across.check(row, values)
    yield from judge.conclude()


class Judge:
    """Says what the reference would of one row after the other, and asks it only where that is not certain."""

    def __init__(self, plan: TablePlan, numbers: TextNumbers | None = None) -> None:
        self._plan = plan
        self._numbers = numbers if numbers is not None else TextNumbers()
        self._reference: Reference | None = None
        wanted = fields_across(plan) | set(plan.pair.fields if plan.pair is not None else ())
        self._columns = [_made(column, place, column.name in wanted) for place, column in enumerate(plan.columns)]
        self._wanted = tuple(column for column in self._columns if column.wanted)
        self._text = self._typed_text if plan.typed else _text_of
        self._blank = frozenset([""]).union(*(column.missing for column in self._columns))

    @property
    def has_keys(self) -> bool:
        """Whether anything of a row is needed beyond it."""
        return bool(self._wanted)

    def quiet(self, rows: Sequence[Row]) -> list[Judged] | None:
        """Of rows of texts in which together surely nothing is found: what `judge` says of each. `None`: judge them one by one.

        A column is asked at once, and of a text that stands in it several times only once.
        """
        cells: list[Sequence[Any]] = [row.cells for row in rows]
        if self._plan.typed or len(rows) < 2 or (self._reference is not None and self._reference.stopped):
            return None
        if set(map(len, cells)) != {self._plan.width} or any(map(self._blank.issuperset, cells)):
            return None
        texts: list[Sequence[str]] = list(zip(*cells, strict=True))
        for column in self._columns:
            different = set(texts[column.cell])
            given = different - column.missing
            if (column.required and len(given) < len(different)) or not all(map(column.accepts, given)):
                return None
        self._observe_all(texts)
        if not self._wanted:
            return [([], {})] * len(rows)
        parts = zip(*(self._parts(column, rows) for column in self._wanted), strict=True)
        names = [column.plan.name for column in self._wanted]
        judged: list[Judged] = [([], dict(zip(names, values, strict=True))) for values in parts]
        if self._plan.pair is not None:
            for row, (_, values) in zip(rows, judged, strict=True):
                self._plan.pair.observe(row.number, values)
        return judged

    def _observe_all(self, texts: Sequence[Sequence[str]]) -> None:
        """Tell those who watch a column its texts that are not missing, all of which are right."""
        for column in self._columns:
            if column.plan.watch is not None:
                given = [text for text in texts[column.cell] if text and text not in column.missing]
                if column.plan.kind in self._plan.kinds and "" in column.missing:
                    column.plan.watch.add(len(given), {column.plan.kind: len(given)})
                else:
                    column.plan.watch.observe_all(given)
        for number, watch in self._plan.other_columns.items():
            watch.observe_all([text for text in texts[number - 1] if text])

    def _parts(self, column: _Column, rows: Sequence[Row]) -> list[Any]:
        """The parts of keys that the right texts of a column are."""
        if column.plan.decision.value != "text":
            return [self._part(column, row)[1] for row in rows]
        texts = [row.cells[column.cell] for row in rows]
        return [None if text in column.missing else text for text in texts]

    def judge(self, row: Row) -> Judged:
        """Findings of a row's cells and width, and the values that are needed beyond it, as parts of keys."""
        found: list[Finding] = []
        values: dict[str, Any] = {}
        texts = self._quiet_texts(row)
        if texts is None:
            found, read = self.reference.check(row)
            values = {name: key_part(value) for name, value in read.items()}
        else:
            self._observe(row, texts)
            if self._wanted:
                values = {column.plan.name: self._part(column, row)[1] for column in self._wanted}
        if values and self._plan.pair is not None:
            self._plan.pair.observe(row.number, values)
        return found, values

    def parts(self, row: Row, fields: Collection[str]) -> dict[str, Any]:
        """The parts of keys in a row; a field that could not be read, or is no longer read, is left out."""
        found = {}
        stops = self.stops
        for column in self._columns:
            if stops and stops.get(column.plan.name, row.number + 1) <= row.number:
                continue
            if column.plan.name in fields and (column.plan.column <= len(row.cells) or not self._plan.strict_width):
                is_read, value = self._part(column, row)
                if is_read:
                    found[column.plan.name] = value
        return found

    def conclude(self) -> Iterator[Finding]:
        """What the rows together show, after the last."""
        return self._numbers.findings(self._plan)

    @property
    def stops(self) -> Mapping[str, int]:
        """Field whose pattern took too long → the number of the first row in which it is no longer read."""
        return self._reference.stops if self._reference is not None else {}

    @property
    def reference(self) -> Reference:
        """The reference, made when it is first asked."""
        if self._reference is None:
            from govdata.engines.reference import Reference

            self._reference = Reference(self._plan, self._numbers)
        return self._reference

    def _quiet_texts(self, row: Row) -> list[tuple[_Column, str]] | None:
        """The texts given in a row in which the reference surely finds nothing; `None` of any other."""
        cells, plan, typed = row.cells, self._plan, self._plan.typed
        if type(cells) is Gap or (not any(cells) and is_empty(row)) or (self._reference is not None and self._reference.stopped):
            return None
        if len(cells) != plan.width and (plan.strict_width or any(shown(cell) for cell in cells[plan.width :])):
            return None
        if typed and not _NESTED.isdisjoint(map(type, cells)):
            return None
        given: list[tuple[_Column, str]] = []
        for column in self._columns:
            text: Any = self._typed_text(column.plan, row) if typed else cells[column.cell]
            if text is None or text in column.missing:
                cell = cell_at(cells, column.plan.column)
                if column.required or not (cell is None or isinstance(cell, str)):
                    return None
            elif column.accepts(text) or self._ask(column, text, row):
                given.append((column, text))
            else:
                return None
        return given if given or len(self._columns) < plan.width else None

    def _ask(self, column: _Column, text: str, row: Row) -> bool:
        """What the reference says of a candidate. Of a typed cell it must be asked with the cell itself: the row goes there whole."""
        if self._plan.typed and not isinstance(cell_at(row.cells, column.plan.column), str):
            return False
        known = column.known.get(text)
        if known is None:
            known = self.reference.accepts(column.place, text) is True
            if len(column.known) < KNOWN:
                column.known[text] = known
        return known

    def _typed_text(self, column: ColumnPlan, row: Row) -> str | None:
        cell = cell_at(row.cells, column.column)
        if cell is None or isinstance(cell, str):
            return cell
        return shown(adapted(column, row, cell, NOWHERE))

    def _observe(self, row: Row, texts: list[tuple[_Column, str]]) -> None:
        for column, text in texts:
            if text and column.observe is not None:
                column.observe(text)
        if self._plan.typed:
            for column in self._columns:
                cell = cell_at(row.cells, column.plan.column)
                if cell is not None and not isinstance(cell, str):
                    adapted(column.plan, row, cell, self._numbers)
        if self._plan.other_columns:
            observe_others(self._plan, row)

    def _part(self, column: _Column, row: Row) -> tuple[bool, Any]:
        """Whether a cell could be read, and the part of a key that it is."""
        cell = cell_at(row.cells, column.plan.column)
        if self._plan.typed and cell is not None and not isinstance(cell, str):
            # What a number is in a column of any type, and whether it is the same as a text, is the reference's to say.
            if type(cell) is int and column.plan.decision.value == "integer" and column.accepts(str(cell)):
                return True, cell
            is_read, value = self.reference.part(column.place, adapted(column.plan, row, cell, NOWHERE))
            return is_read, key_part(value)
        text = self._text(column.plan, row)
        if text is None or text in column.missing:
            return True, None
        if column.plan.decision.value and column.accepts(text):
            return True, _part_of_text(column.plan, text)
        is_read, value = self.reference.part(column.place, text)
        return is_read, key_part(value)


class Nowhere(TextNumbers):
    """Numbers in columns of text are noted once, when the row is known to be quiet or the reference reads it."""

    def add(self, column: int, row: Row) -> None:
        """Note nothing."""


NOWHERE = Nowhere()


def _text_of(column: ColumnPlan, row: Row) -> Any:
    return row.cells[column.column - 1]


def _made(column: ColumnPlan, place: int, wanted: bool) -> _Column:
    decision = column.decision
    accepts = emit(decision.accept) if decision.accept is not None else None
    observe = column.watch.observe if column.watch is not None else None
    taken = accepts or (lambda text: False)
    return _Column(column, place, decision.missing, decision.required, taken, {}, wanted, column.column - 1, observe)


def _part_of_text(column: ColumnPlan, text: str) -> Any:
    declared = column.descriptor
    return key_part_of_text(text, column.decision.value, str(declared.get("groupChar", "")), str(declared.get("decimalChar", ".")))


def read_keys(plan: TablePlan, fields: tuple[str, ...], rows: Iterable[Row]) -> Iterator[tuple[Any, ...]]:
    """The keys that a table offers to foreign keys of others: those of the reference, which is asked where no condition decides."""
    wanted = key_readers(plan, fields)
    return (tuple([part(cell_at(row.cells, number)) for number, part in wanted]) for row in rows)


def key_readers(plan: TablePlan, fields: Sequence[str]) -> list[tuple[int, Callable[[Cell], Any]]]:
    """For each field its column (from 1), and what makes a part of a key of a cell."""
    columns = {column.name: column for column in plan.columns}
    return [(columns[name].column, _key_reader(columns[name], plan.typed)) for name in fields]


def _key_reader(plan: ColumnPlan, typed: bool) -> Callable[[Cell], Any]:
    column = _made(plan, 0, wanted=True)

    @functools.cache
    def asked() -> Callable[[Cell], Any]:
        from govdata.engines.reference import key_reader

        return key_reader(plan, typed)

    def part(cell: Cell) -> Any:
        if cell is None or (isinstance(cell, str) and cell in column.missing):
            return None
        if plan.decision.value and isinstance(cell, str) and column.accepts(cell):
            return _part_of_text(plan, cell)
        return asked()(cell)

    return part
