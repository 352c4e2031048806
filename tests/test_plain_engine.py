"""The plain engine against the reference on random small tables of the literal corpus: the same findings in the same order."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import pytest

from govdata.engines import plain
from govdata.engines import reference as slow
from govdata.engines.across import key_part
from govdata.engines.plan import ColumnPlan, ForeignKeyPlan, KeyPlan, TablePlan
from govdata.values import Cell, Finding, Row
from tests.predicates.corpus import Case, cases, reference

TABLES = 400
NATIVE = (
    None,
    0,
    1,
    -7,
    42,
    2026,
    1.5,
    42.0,
    1e20,
    True,
    False,
    date(2026, 1, 5),
    datetime(2026, 1, 5),
    datetime(2026, 1, 5, 8, 30),
    time(8, 30),
)
"""Cells of workbooks and databases."""
LONG = 200
"""Characters above which a text of the corpus would make a failure hard to read."""


def columns_of(chosen: random.Random) -> list[Case]:
    """Some columns; fields that the reference refuses never get as far as an engine."""
    picked = chosen.sample(cases(), chosen.randint(1, 4))
    found = [case for case in picked if reference(case) is not None]
    return found or columns_of(chosen)


def text_of(case: Case, chosen: random.Random) -> str:
    missing = sorted(case.decision.missing)
    kind = chosen.random()
    if kind < 0.6 and case.ordinary:
        return chosen.choice(case.ordinary)
    if kind < 0.75 and missing:
        return chosen.choice(missing)
    return chosen.choice([text for text in case.texts if len(text) < LONG])


def rows_of(columns: Sequence[Case], width: int, typed: bool, chosen: random.Random) -> list[Row]:
    """Rows with what goes wrong in files: repeated, blank, too short, too long."""
    rows: list[tuple[Cell, ...]] = []
    for _ in range(chosen.randint(0, 14)):
        cells: list[Cell] = [text_of(case, chosen) for case in columns] + [chosen.choice(["", "x"]) for _ in range(width - len(columns))]
        kind = chosen.random()
        if kind < 0.06:
            cells = chosen.choice([[], [""] * width, [""]])
        elif kind < 0.1:
            cells = [next(iter(sorted(case.decision.missing)), "") for case in columns] + [""] * (width - len(columns))
        elif kind < 0.16:
            cells = cells[: chosen.randrange(width)]
        elif kind < 0.22:
            cells += chosen.choice([[""], ["x"], ["", "y"]])
        elif kind < 0.35 and rows:
            cells = list(chosen.choice(rows))
        rows.append(tuple(chosen.choice(NATIVE) if typed and chosen.random() < 0.2 else cell for cell in cells))
    return [Row(number, number + 3, cells) for number, cells in enumerate(rows, 2)]


def blocks_of(rows: Sequence[Row], chosen: random.Random) -> list[Sequence[Row]]:
    """The rows as an engine gets them: so many at once, and so many."""
    ends = [0, *sorted(chosen.choices(range(len(rows) + 1), k=chosen.choice([0, 2, 5]))), len(rows)]
    return [rows[start:end] for start, end in itertools.pairwise(ends)]


class Heard:
    """A watch that remembers what it is told."""

    def __init__(self, name: object, heard: list[Any]) -> None:
        self.name, self.heard = name, heard

    def observe(self, text: str) -> None:
        self.heard.append((self.name, text))

    def observe_all(self, texts: Sequence[str]) -> None:
        self.heard.extend((self.name, text) for text in texts)

    def add(self, values: int, alone: Mapping[str, int]) -> None:
        raise AssertionError("no column has a kind here")


class HeardPair:
    """A watch of two fields that remembers what it is told."""

    wanted = 0

    def __init__(self, fields: tuple[str, ...], heard: list[Any]) -> None:
        self.fields = (fields[0], fields[1])
        self.heard = heard

    def observe(self, row: int, values: Mapping[str, Any]) -> None:
        self.heard.append((row, sorted((name, comparable(values.get(name))) for name in self.fields)))

    def add(self, swapped: int, first: int, points: Sequence[tuple[float, float]]) -> None:
        raise AssertionError("row engines observe row by row")


def plan_of(columns: Sequence[Case], width: int, typed: bool, chosen: random.Random) -> tuple[TablePlan, list[Any]]:
    """A plan, and what its observers are told."""
    heard: list[Any] = []
    names = [f"f{number}" for number in range(len(columns))]
    made = tuple(
        ColumnPlan(name, {**case.field, "name": name}, place, case.checks, case.decision, watch=Heard(name, heard))
        for place, (name, case) in enumerate(zip(names, columns, strict=True), 1)
    )
    keys = [KeyPlan("table/primary-key", tuple(chosen.sample(names, chosen.randint(1, len(names)))), True)] if chosen.random() < 0.4 else []
    keys += [KeyPlan("table/unique-error", (name,)) for name in names if chosen.random() < 0.3]
    wanted = tuple(chosen.sample(names, min(2, len(names))))

    return TablePlan(
        "a.csv", "a", "", width, made, tuple(keys), tuple(foreign_keys(columns, names, chosen)),
        typed=typed, strict_width=not typed,
        other_columns={place: Heard(place, heard) for place in range(len(columns) + 1, width + 1)},
        pair=HeardPair(wanted, heard) if len(wanted) == 2 else None,
    ), heard  # fmt: skip


def comparable(value: Any) -> Any:
    """As a part of a key; a NaN is equal to nothing."""
    part = key_part(value)
    return part if part == part else "NaN"


def foreign_keys(columns: Sequence[Case], names: Sequence[str], chosen: random.Random) -> list[ForeignKeyPlan]:
    """A foreign key on one column, of which some values are known: those that the reference reads."""
    if chosen.random() < 0.5:
        return []
    place = chosen.randrange(len(columns))
    case = columns[place]
    ask = reference(case)
    assert ask is not None
    texts = [*case.ordinary[1:], *chosen.sample(case.texts, min(10, len(case.texts)))]
    return [ForeignKeyPlan((names[place],), {(key_part(ask(text).value),) for text in texts}, "b")]


@pytest.mark.parametrize("block", range(4))
def test_the_same_findings_in_the_same_order(block: int) -> None:
    for seed in range(block * TABLES // 4, (block + 1) * TABLES // 4):
        chosen = random.Random(seed)
        columns = columns_of(chosen)
        width = len(columns) + chosen.choice([0, 0, 1])
        typed = chosen.random() < 0.25
        rows = rows_of(columns, width, typed, chosen)
        plan, heard = plan_of(columns, width, typed, chosen)
        told = f"seed {seed}: {[case.name for case in columns]}, {[row.cells for row in rows]}"
        ours, heard_by_ours = shown(plain.check_rows(plan, blocks_of(rows, chosen))), in_order(heard)
        heard.clear()
        assert (ours, heard_by_ours) == (shown(slow.check_rows(plan, rows)), in_order(heard)), told


def test_many_rows_at_once() -> None:
    quiet = 0
    for seed in range(TABLES):
        chosen = random.Random(seed)
        columns = columns_of(chosen)
        right = [case.ordinary or sorted(case.decision.missing) or [""] for case in columns]
        rows = [Row(number, number, tuple(map(chosen.choice, right))) for number in range(2, 12)]
        plan, heard = plan_of(columns, len(columns), typed=False, chosen=chosen)
        at_once, told_at_once = plain.Judge(plan).quiet(rows), in_order(heard)
        heard.clear()
        if at_once is not None:
            quiet += 1
            one_by_one = list(map(plain.Judge(plan).judge, rows))
            assert (repr(at_once), told_at_once) == (repr(one_by_one), in_order(heard)), f"seed {seed}: {columns}"
    assert quiet > TABLES // 10


def shown(findings: Any) -> list[str]:
    """As texts: a NaN in the arguments of a finding is not equal to itself."""
    return [repr(finding) for finding in findings if isinstance(finding, Finding)]


def in_order(heard: Sequence[Any]) -> dict[Any, list[Any]]:
    """What each observer was told, in order; rows by their number."""
    found: dict[Any, list[Any]] = {}
    for about, told in heard:
        found.setdefault("row" if isinstance(told, list) else about, []).append((about, told))
    return found
