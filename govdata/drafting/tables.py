"""A table read once from its beginning to its end: its header found, its columns counted, what the reader says kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from govdata.checks.context import CheckContext
from govdata.checks.header import read_labels
from govdata.checks.personal import KINDS, kinds_within
from govdata.classes import dataclass, replace
from govdata.drafting.forms import QUESTIONS
from govdata.drafting.names import words
from govdata.drafting.profiles import Profile, Questions
from govdata.drafting.rows import RowCounter
from govdata.engines.choice import uses_columns
from govdata.engines.plan import shown
from govdata.predicates.plain import emit
from govdata.reading.sources import Item, SourceInfo, TableSource
from govdata.reading.tables import open_table
from govdata.values import Dialect, Finding, Resource, Row, Skipped

LOOK = 20
"""Rows among which the header is looked for."""
_DELIMITERS = frozenset(";\t|,")
FATAL = frozenset(
    "file/cell-limit file/changed file/line-limit file/unclosed-quote file/unreadable workbook/broken workbook/too-large".split()  # noqa: SIM905
)
"""Findings after which the rest of the rows is not read; so is any error of a database."""


@dataclass(frozen=True, slots=True)
class Table:
    """What was read of one table."""

    resource: Resource
    info: SourceInfo
    header: int
    """The number of the header row."""
    profiles: tuple[Profile, ...]
    rows: int = 0
    blank: int = 0
    ragged: int = 0
    """Rows with cells too many or too few."""
    headless: int = 0
    """Cells of the header row that look like data."""
    key: tuple[str, ...] = ()
    """The primary key that a database declares."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file or table of which nothing can be said, and why."""

    resource: Resource
    reasons: tuple[Finding | Skipped, ...]


def questions_of(context: CheckContext) -> Questions:
    """What is asked of values under a standard."""
    types = context.semantic_types
    meanings = {name: condition for name in types if (condition := types[name].condition) is not None}
    personal = {kind: context.passes(kind) for kind in KINDS}
    return Questions(meanings, personal, {kind: context.recognised(kind) for kind in KINDS}, frozenset(words()["missing"]))


def read_table(resource: Resource, context: CheckContext, questions: Questions) -> Table | Unread:
    """The table of a resource, whole."""
    opened = _open(resource, context)
    if isinstance(opened, Unread):
        return opened
    resource, source, ahead, items, aside = opened
    chosen = [row for row in ahead if row.number in resource.dialect.header_rows]
    header = chosen[-1]
    labels = _labels(chosen, resource, source)
    body = (row for row in chain(ahead, _rows(items, aside)) if row.number > header.number)
    blocks = source.blocks
    if source.table is None and blocks is not None and uses_columns(context.settings.engine, blocks.size):
        from govdata.drafting.columns import BlockCounter

        columns = BlockCounter(labels, questions)
        aside += columns.read_blocks(blocks, header.number)
        counter: RowCounter = columns
    else:
        counter = RowCounter(labels, questions, source.info.typed)
        counter.read(body)
    findings = tuple(item for item in aside if isinstance(item, Finding))
    if _is_fatal(aside, context):
        return Unread(resource, findings)
    return Table(
        resource, source.info, header.number, counter.profiles(), counter.rows, counter.blank, counter.ragged,
        _headless(chosen, context), source.table.key if source.table is not None else (), findings,
    )  # fmt: skip


_Opened = tuple[Resource, TableSource, list[Row], Iterator[Item], list[Item]]


def _open(resource: Resource, context: CheckContext) -> Unread | _Opened:
    """The table opened with the delimiter and the header row that it has, its first rows, and the rest of its stream."""
    while True:
        source = open_table(resource, context.settings)
        if not isinstance(source, TableSource):
            return Unread(resource, (source,))
        aside: list[Item] = []
        items = source.stream()
        ahead = list(islice(_rows(items, aside), LOOK))
        changed = _with_delimiter(resource, aside) or _with_header(resource, source, ahead)
        if changed is None:
            break
        resource = changed
    filled = [row for row in ahead if any(shown(cell) for cell in row.cells)]
    if not filled or _is_fatal(aside, context) or not any(row.number == max(resource.dialect.header_rows) for row in ahead):
        return Unread(resource, tuple(item for item in aside if isinstance(item, Finding | Skipped)) or (_empty(resource),))
    return resource, source, ahead, items, aside


def _empty(resource: Resource) -> Finding:
    return Finding("file/empty", file=resource.file, resource=resource.id, args={"name": resource.path.name})


def _rows(items: Iterator[Item], aside: list[Item]) -> Iterator[Row]:
    for item in items:
        if isinstance(item, Row):
            yield item
        else:
            aside.append(item)


def _is_fatal(aside: Sequence[Item], context: CheckContext) -> bool:
    """Whether what was said last ended the reading."""
    last = next((item for item in reversed(aside) if isinstance(item, Finding)), None)
    if last is None or context.severity(last) != "error":
        return False
    return last.rule in FATAL or last.rule.startswith("database/")


def _with_delimiter(resource: Resource, aside: Sequence[Item]) -> Resource | None:
    """The resource with the delimiter that its first lines fit, where it is another than the usual one."""
    for item in aside:
        if isinstance(item, Finding) and item.rule == "file/delimiter" and not resource.dialect.declared:
            found = str(item.args.get("character", ""))
            if found in _DELIMITERS:
                return replace(resource, dialect=Dialect(delimiter=found, declared=True))
    return None


def _with_header(resource: Resource, source: TableSource, ahead: Sequence[Row]) -> Resource | None:
    """The resource with the row in which its header stands, where titles or nothing stand above it."""
    if source.table is not None or resource.dialect.header_rows != (1,):
        return None
    counts = [sum(bool(shown(cell).strip()) for cell in row.cells) for row in ahead]
    widest = max(counts, default=0)
    first = next((place for place, count in enumerate(counts) if count * 2 > widest), 0)
    rows = tuple(row.number for row in ahead[first : first + 1 + _is_second_header(ahead[first : first + 2])])
    if rows in ((), (1,)):
        return None
    return replace(resource, dialect=replace(resource.dialect, header_rows=rows, declared=True))


def _is_second_header(rows: Sequence[Row]) -> bool:
    """Whether the second of two rows goes on with the header: it names parts of the columns that share a label, or have none, above.

    Of a label that was merged over several columns only the first cell holds it.
    """
    if len(rows) < 2:
        return False
    above, below = ([shown(cell).strip() for cell in row.cells] for row in rows)
    above += [""] * (len(below) - len(above))
    below += [""] * (len(above) - len(below))
    shared = {label for label in above if not label or above.count(label) > 1}
    named = [place for place, text in enumerate(below) if text]
    parts = {place for place in named if above[place] in shared}
    parts |= {place - 1 for place in parts if not above[place] and place - 1 in named}
    test = emit(QUESTIONS["decimal"])
    words_only = all(isinstance(rows[1].cells[place], str) and not (test and test(below[place])) for place in named)
    return bool(named) and words_only and parts.issuperset(named) and all(above[place] for place in range(len(above)) if place not in named)


def _labels(chosen: Sequence[Row], resource: Resource, source: TableSource) -> tuple[str, ...]:
    """The labels; in a workbook, where rows have no width of their own, up to the last that is not empty."""
    labels = read_labels(chosen, resource.dialect.header_join)
    if source.info.typed:
        while labels and not labels[-1]:
            labels = labels[:-1]
    return labels


def _headless(chosen: Sequence[Row], context: CheckContext) -> int:
    """How many cells of the header row look like values: numbers (but not years) and days; all of them if one is a
    number of a person."""
    tests = [emit(QUESTIONS[name]) for name in ("digits", "decimal", "date-iso", "date-slash", "date-hanzi", "time-iso")]
    passes = {kind: context.passes(kind) for kind in KINDS}
    texts = [shown(cell).strip() for row in chosen for cell in row.cells]
    if any(kinds_within(text, passes) for text in texts):
        return len(texts)  # a number of a person is no label, and must not become the name of a field
    is_year = [len(text) == 4 and text.isascii() and text.isdigit() and text[:2] in ("19", "20") for text in texts]
    looks = [any(test is not None and test(text) for test in tests) for text in texts]
    return sum(look and not year for look, year in zip(looks, is_year, strict=True) if look)
