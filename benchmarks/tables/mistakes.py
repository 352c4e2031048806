"""Mistakes put into made rows: fifteen kinds, each with what a check has to say about it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rows import FIELDS

Columns = dict[str, list[str]]


class Fault(NamedTuple):
    """One finding that there has to be: the row as a person counts it (the header is row 1), the field, the rule."""

    row: int
    field: str
    rule: str


class Kind(NamedTuple):
    """A kind of mistake: the field where it is made, the rule that finds it, and the new value made of the columns and a place."""

    field: str
    rule: str
    write: Callable[[Columns, int], str]


def swapped(field: str, first: str, second: str) -> Callable[[Columns, int], str]:
    """The value with another last character: the check character is wrong, the form stays right."""

    def write(columns: Columns, place: int) -> str:
        value = columns[field][place]
        return value[:-1] + (second if value.endswith(first) else first)

    return write


def put(value: str) -> Callable[[Columns, int], str]:
    """A value that is always the same."""
    return lambda _columns, _place: value


EXTRA, MISSING = "table/extra-cell", "table/missing-cell"
KINDS = (
    Kind("citizen_number", "id/citizen-number", swapped("citizen_number", "1", "2")),
    Kind("uscc", "id/uscc", swapped("uscc", "A", "B")),
    Kind("registered", "table/type-error", put("2023-02-30")),
    Kind("updated", "table/type-error", put("2024-05-01 25:00:00")),
    Kind("amount", "table/type-error", put("1 234.5O")),
    Kind("staff", "table/type-error", put("12.5")),
    Kind("status", "table/constraint-error", put("77")),
    Kind("phone", "table/constraint-error", put("1380013")),
    Kind("lon", "table/constraint-error", put("233.500000")),
    Kind("name", "table/constraint-error", put("")),
    Kind("division", "table/foreign-key", put("999999")),
    Kind("uscc", "table/unique-error", lambda columns, place: columns["uscc"][place - 1]),
    Kind("", EXTRA, put("多余")),
    Kind("remark", MISSING, put("")),
    Kind("staff", "table/constraint-error", put("-3")),
)


def spoil(columns: Columns, start: int, rate: float, chance: random.Random) -> list[Fault]:
    """Make one mistake in every so many rows, kind after kind; the row before a mistake is always good."""
    step = round(1 / rate)
    rows = len(columns[FIELDS[0]])
    return [
        mistake(columns, start, place + chance.randrange(1, step - 1), KINDS[(start + place) // step % len(KINDS)])
        for place in range(0, rows - step + 1, step)
    ]


def mistake(columns: Columns, start: int, place: int, kind: Kind) -> Fault:
    """Make one mistake; a row with a cell too many or too few is written so by its last cell."""
    if kind.rule == EXTRA:
        columns["remark"][place] += "," + kind.write(columns, place)
    elif kind.rule != MISSING:
        columns[kind.field][place] = kind.write(columns, place)
    return Fault(start + place + 2, kind.field, kind.rule)


def lines(columns: Columns, faults: Iterable[Fault], start: int) -> list[str]:
    """The rows as lines of a CSV file."""
    made = list(map(",".join, zip(*columns.values(), strict=True)))
    for fault in faults:
        if fault.rule == MISSING:
            place = fault.row - 2 - start
            made[place] = ",".join(columns[field][place] for field in FIELDS[:-1])
    return made
