"""One resource: opened, its header held against the declared fields, its rows handed to the engine."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govdata.checks import header as headers
from govdata.checks.columns import check_types
from govdata.checks.context import CheckContext
from govdata.checks.coordinates import check_pair, pair_of
from govdata.checks.keys import plan_foreign_keys
from govdata.checks.personal import KINDS, LENGTHS, Counter, Exposure, check_columns
from govdata.checks.schema import asked_fields, check_meaning, check_schema, decision_of, fields_of, keys_of, meanings_of, rules_of_meanings
from govdata.checks.trial import Refuted, Result, Trial
from govdata.classes import dataclass, field, replace
from govdata.engines.choice import LARGE, engine_of_database, row_engine, uses_columns
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.reading.changes import check_unchanged
from govdata.reading.resources import misspelt
from govdata.reading.resources.datapackage import check_changed
from govdata.reading.sources import Item, TableSource
from govdata.reading.tables import is_text, open_table
from govdata.values import Dialect, Finding, Resource, ResourceReport, Row, Skipped

if TYPE_CHECKING:
    from govdata.reading.texts.foreseen import Foreseen

TICK = 5000
"""Rows between two words to whoever shows progress."""

BLOCK, ROW = 400, 4096
"""Rows of texts that an engine is handed at once; one counts as several where it has more than so many characters."""

TOLD_APART = ("citizen-number", "mobile")
"""Kinds that no kind before them shares a length with: a text that surely is one is counted as one."""


@dataclass(slots=True)
class _Rows:
    """A source's rows with everything else in its stream set aside, in order; counts the rows of the body."""

    stream: Iterator[Item]
    tick: Callable[[int], None]
    ahead: list[Row] = field(default_factory=list)
    aside: list[Finding | Skipped] = field(default_factory=list)
    rows: int = 0
    cells: int = 0
    comment: str = ""
    """What comment rows begin with."""
    said: set[tuple[str, int | None]] = field(default_factory=set)
    """What the reader found that was given out: rule and line."""

    def _unread(self) -> Iterator[Row]:
        """The rows that were not looked at yet."""
        for item in self.stream:
            if isinstance(item, Row):
                yield item
            else:
                self.aside.append(item)

    def peek(self, number: int) -> list[Row]:
        """The rows up to a row number, kept for `body` as well."""
        while not self.ahead or self.ahead[-1].number < number:
            row = next(self._unread(), None)
            if row is None:
                break
            self.ahead.append(row)
        return [row for row in self.ahead if row.number <= number]

    def body(self, header: int, typed: bool) -> Iterator[list[Row]]:
        """The rows below the header, without declared comment rows, in blocks: texts some at once, typed rows one by one.

        Before something is set aside the block ends, so that all stays in order.
        """
        block: list[Row] = []
        size, has_comments = 0, bool(self.comment)
        for item in itertools.chain(self.ahead, self.stream):
            if not isinstance(item, Row):
                if block:
                    yield self._counted(block)
                    block, size = [], 0
                self.aside.append(item)
            elif item.number > header and not (has_comments and self._is_comment(item)):
                block.append(item)
                cells: Any = item.cells
                size += BLOCK if typed else 1 + sum(map(len, cells)) // ROW
                if size >= BLOCK:
                    yield self._counted(block)
                    block, size = [], 0
        if block:
            yield self._counted(block)

    def _is_comment(self, row: Row) -> bool:
        return bool(row.cells) and str(row.cells[0] or "").startswith(self.comment)

    def _counted(self, block: list[Row]) -> list[Row]:
        before = self.rows
        self.rows += len(block)
        self.cells += sum(len(row.cells) for row in block)
        if self.rows // TICK > before // TICK:
            self.tick(self.rows)
        return block

    def drain(self) -> Iterator[Finding | Skipped]:
        """What was set aside since the last call."""
        found, self.aside = self.aside, []
        self.said.update((item.rule, item.line) for item in found if isinstance(item, Finding))
        yield from found

    def counted(self, rows: int, cells: int) -> None:
        """Take in the rows and cells that an engine read by itself."""
        self.rows, self.cells = rows, cells


def check_resource(resource: Resource, context: CheckContext, exposure: Exposure) -> Generator[Result, None, ResourceReport]:
    """Findings and skips of one resource; returns what was read of it."""
    source: TableSource | Finding | Skipped | None = None
    foreseen = _foresee(resource, context)
    if foreseen is not None:
        watched = replace(context, tick=_until(foreseen.is_refuted, context.tick))
        tried = Trial(_check_source(resource, watched, exposure, foreseen.source))
        source, findings = foreseen.settle()
        if findings is not None:
            yield from check_changed(resource, source.info)
            return replace((yield from tried.told(findings, resource)), sha256=source.info.sha256)
    source = source or open_table(resource, context.settings)
    if isinstance(source, Finding | Skipped):
        yield source
        return ResourceReport(resource.id, resource.file)
    if source.table is not None:
        resource = replace(resource, dialect=Dialect())
    yield from check_changed(resource, source.info)
    return (yield from _check_source(resource, context, exposure, source))


def _until(is_refuted: Callable[[], bool], tick: Callable[[int], None]) -> Callable[[int], None]:
    """Told how far a trial is, which ends where it would be forgotten."""

    def told(rows: int) -> None:
        tick(rows)
        if is_refuted():
            raise Refuted

    return told


def _foresee(resource: Resource, context: CheckContext) -> Foreseen | None:
    """A text table so large that it is worth to look at it while its encoding is still being proven, and with other processes."""
    try:
        size = os.path.getsize(resource.path)
    except (OSError, ValueError):
        return None
    settings = context.settings
    if settings.engine not in ("auto", "columns") or settings.jobs == 1 or size < LARGE or not uses_columns(settings.engine, size):
        return None
    if not is_text(resource):
        return None
    from govdata.reading.texts.foreseen import foresee_text

    is_helped = context.common.copies.make(size, settings.threads)
    return foresee_text(resource, settings, is_helped)


def _check_source(
    resource: Resource, context: CheckContext, exposure: Exposure, source: TableSource
) -> Generator[Result, None, ResourceReport]:
    """Findings and skips of an opened table; returns what was read of it."""
    info = source.info
    rows = _Rows(source.stream(), context.tick, comment=resource.dialect.comment)
    counters: Mapping[str, Counter] = {}
    usable = True
    if resource.schema is None:
        if rows.peek(1):  # of what cannot be read nothing was checked
            yield Skipped(resource.file, "no-schema")
    else:
        broken = [*check_schema(resource), *check_meaning(resource, context)]
        yield from broken
        yield from misspelt.of_schema(resource.file, resource.schema)
        usable = not any(finding.rule == "table/schema-error" for finding in broken)
    if usable:
        counters = yield from _check_rows(resource, context, exposure, (source, rows))
    else:
        yield Skipped(resource.file, "schema-unusable")
    return ResourceReport(
        id=resource.id, file=resource.file, size=info.size, sha256=info.sha256, encoding=info.encoding, sheet=info.sheet,
        rows=rows.rows, cells=rows.cells, schema=resource.schema is not None,
        personal=tuple(name for name, counter in counters.items() if counter.found),
        reference=asked_fields(resource, context) if usable else (), key=key_of(resource, source),
        kinds={name: counter.found for name, counter in counters.items() if counter.found},
        strewn={name: counter.strewn for name, counter in counters.items() if counter.strewn},
    )  # fmt: skip


def _check_rows(
    resource: Resource, context: CheckContext, exposure: Exposure, opened: tuple[TableSource, _Rows]
) -> Generator[Result, None, dict[str, Counter]]:
    """The findings of the header and the rows; returns what each column holds of personal numbers."""
    source, rows = opened
    header = yield from _read_header(resource, source, rows)
    yield from rows.drain()
    if header is None:
        return {}
    counters: dict[str, Counter] = {}
    pair = pair_of(resource, context, exposure.extent)
    misfits = list(check_types(resource, source, header))
    yield from misfits
    header = headers.without(header, {finding.field for finding in misfits})
    plan = yield from _plan(resource, source, header, (context, counters))
    if pair is not None:
        plan = replace(plan, pair=pair)
    broken = False
    for item in _check_all(resource, plan, opened, (context, header.row.number)):
        broken = True
        yield item
    if source.table is not None and not rows.rows and not broken and resource.rows != 0:
        # Of other files the reader says it.
        yield Finding("file/header-only", file=resource.file, resource=resource.id, args={"name": resource.path.name})
    yield from check_columns(resource, counters, exposure)
    if pair is not None:
        yield from check_pair(resource, pair, context)
    yield from _check_count(resource, rows.rows)
    return counters


def _check_all(resource: Resource, plan: TablePlan, opened: tuple[TableSource, _Rows], means: tuple[CheckContext, int]) -> Iterator[Result]:
    """The rows below the header, whose number is given, and what holds across them."""
    (source, rows), (context, header) = opened, means
    if not (yield from _ask_database(resource, plan, source, (context, rows))):
        yield from _check_body(plan, source, header, (context, rows))


def _ask_database(
    resource: Resource, plan: TablePlan, source: TableSource, means: tuple[CheckContext, _Rows]
) -> Generator[Result, None, bool]:
    """The table of a database checked without handing it on row by row; false where it is none, or that cannot be done."""
    context, rows = means
    check = _database_engine(context, source.info.size) if source.table is not None else None
    if check is None:
        return False
    stopped = None
    try:
        rows.rows = yield from check(source.table, plan, context.tick)
    except OSError as error:
        stopped = error
    rows.cells = rows.rows * plan.width
    yield from check_unchanged(resource, source.info.stamp, stopped)
    return True


def _database_engine(context: CheckContext, size: int | None) -> Callable[..., Generator[Result, None, int]] | None:
    """What checks a table of a database."""
    engine = engine_of_database(context.settings.engine, size or 0)
    if engine == "columns":
        from govdata.engines.columns.databases import check_table

        return check_table
    if engine == "sql":
        from govdata.engines.sql.table import ask_table

        return ask_table
    return None


def _check_body(plan: TablePlan, source: TableSource, header: int, means: tuple[CheckContext, _Rows]) -> Iterator[Result]:
    """The rows below the header, by the engine that suits the table."""
    context, rows = means
    engine, blocks, threads = context.settings.engine, source.blocks, context.settings.threads
    if source.table is None and uses_columns(engine, blocks.size if blocks is not None else None) and rows.peek(1) and blocks is not None:
        copies = context.common.copies.begin(plan, blocks)
        from govdata.engines.columns.blocks import Blocks
        from govdata.engines.columns.engine import check_blocks

        yield from rows.drain()
        yield from check_blocks(plan, Blocks(blocks, header, frozenset(rows.said), context.tick, rows.counted), threads, copies)
        return
    for finding in row_engine(engine)(plan, rows.body(header, plan.typed)):
        yield from rows.drain()
        yield finding
    yield from rows.drain()


def _read_header(resource: Resource, source: TableSource, rows: _Rows) -> Generator[Result, None, headers.Header | None]:
    """The header, or `None` where the rows cannot be checked; a header that stands further down is found and said."""
    fields = fields_of(resource.schema or {})
    numbers = resource.dialect.header_rows
    if not numbers:
        return headers.declared_header(fields)
    chosen = [row for row in rows.peek(max(numbers)) if row.number in numbers]
    if not chosen:
        return None
    header = _match(resource, source, chosen[-1], headers.read_labels(chosen, resource.dialect.header_join))
    if source.table is not None:
        header = replace(header, findings=tuple(replace(item, row=None, cell="") for item in header.findings))
    elif len(header.columns) * 2 < len(fields) or (resource.schema is None and numbers == (1,)):
        later = _header_further_down(resource, source, rows.peek(chosen[-1].number + headers.LOOK_AHEAD))
        if later is not None:
            expected = [row.number for row in chosen]
            args = {"row": later.row.number, "expected": expected if len(expected) > 1 else expected[0]}
            where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "sheet": source.info.sheet}
            yield Finding("table/header-row", **where, row=later.row.number, line=later.row.line, args=args, cause="header-row:")
            header = later
    yield from header.findings
    if fields and not header.found:
        yield Skipped(resource.file, "header-does-not-fit")
        return None
    return header


def _header_further_down(resource: Resource, source: TableSource, ahead: Sequence[Row]) -> headers.Header | None:
    number = headers.find_below_titles(ahead) if resource.schema is None else headers.find_header(ahead, fields_of(resource.schema))
    row = next((row for row in ahead if row.number == number), None)
    return None if row is None else _match(resource, source, row, headers.read_labels([row], " "))


def _match(resource: Resource, source: TableSource, row: Row, labels: tuple[str, ...]) -> headers.Header:
    if resource.schema is None:
        return headers.check_labels(resource, row, labels, source.info.sheet)
    return headers.match_header(resource, row, labels, fields_of(resource.schema), source.info.sheet)


def _plan(
    resource: Resource, source: TableSource, header: headers.Header, means: tuple[CheckContext, dict[str, Counter]]
) -> Generator[Result, None, TablePlan]:
    context, counters = means
    passes = {kind: context.passes(kind) for kind in KINDS}
    columns, rules = [], set[str]()
    for item in fields_of(resource.schema or {}):
        name = str(item["name"])
        if name in header.columns:
            counters[name] = Counter(passes)
            meanings = meanings_of(item, context)
            decision = decision_of(item, meanings)
            checks = tuple(check for check, _ in meanings)
            rules |= rules_of_meanings(item, context)
            columns.append(ColumnPlan(name, item, header.columns[name], checks, decision, context.kind_of(item), counters[name]))
    others = {}
    for number, label in enumerate(header.labels, 1):
        if number not in header.columns.values():
            counters[label or str(number)] = Counter(passes)
            others[number] = counters[label or str(number)]
    columns.sort(key=lambda column: column.column)
    named = {label: number for number, label in reversed([*enumerate(header.labels, 1)])} | dict(header.columns)
    there = {column.name for column in columns}
    foreign = yield from plan_foreign_keys(resource, source, header, context)
    return TablePlan(
        file=resource.file, resource=resource.id, sheet=source.info.sheet, width=len(header.labels), columns=tuple(columns),
        keys=tuple(key for key in keys_of(resource.schema or {}) if there.issuperset(key.fields)),
        foreign_keys=tuple(key for key in foreign if there.issuperset(key.fields)),
        typed=source.info.typed, strict_width=not source.info.typed, other_columns=others,
        kinds={kind: (LENGTHS[kind], functools.partial(context.recognised, kind)) for kind in KINDS},
        limit_each=context.settings.limit_each, asks_all=context.settings.compares, severity=context.severity,
        accepted=frozenset((record.rule, record.field) for record in context.settings.accept), cell_rules=frozenset(rules),
        key_columns=tuple(named[name] for name in key_of(resource, source) if name in named), has_addresses=source.table is None,
        personal=tuple(context.recognised_kinds(TOLD_APART)) if source.table is not None else (),
    )  # fmt: skip


def key_of(resource: Resource, source: TableSource) -> tuple[str, ...]:
    """The columns by which the report names a row of a database: the declared primary key, else the table's own."""
    if source.table is None:
        return ()
    declared = [key.fields for key in keys_of(resource.schema or {}) if key.required]
    return declared[0] if declared else source.table.key


def _check_count(resource: Resource, rows: int) -> Iterator[Finding]:
    if resource.rows is not None and resource.rows != rows:
        yield Finding("quality/rows-declared", file=resource.file, resource=resource.id, args={"declared": resource.rows, "rows": rows})
