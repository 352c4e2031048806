"""Conditions on the text of a cell, as values: what they mean is said here once, each engine emits them in its own way.

A condition is used to *accept*: where it holds, the reference accepts the cell and every further check of the column is silent. An
emitter may leave a condition out (`None`): the cells then are candidates, which costs time and never the right answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Union

from govdata.classes import dataclass, replace


@dataclass(frozen=True, slots=True)
class Always:
    """Holds for every text."""


@dataclass(frozen=True, slots=True)
class Form:
    """The whole text has the form of a regular expression that means the same in Python, Rust and RE2 (`portable`).

    `most`: an engine that goes back and tries again (Python) asks it of texts of at most so many characters; 0: of none.
    """

    pattern: str
    most: int | None = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """The text is one of these."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Length:
    """The number of characters (code points) lies between the two, ends included; `most` may be open."""

    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Digits:
    """At most so many digits. Only asked of plain decimal numbers: a sign, digits, a point."""

    most: int


@dataclass(frozen=True, slots=True)
class Begins:
    """The text begins with one of these."""

    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Two bounds, each open (`None`), included or excluded."""

    low: float | int | str | None = None
    high: float | int | str | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """The text, read as a number, lies within bounds. Only asked of plain numbers.

    `whole`: of at most 18 digits, exact. Else as a double, rightly rounded; where the order of decimals must be kept, `Length` before it
    leaves no more than 15 digits. `drop` is left out first, then `point` is the decimal character.
    """

    bounds: Bounds
    whole: bool = False
    drop: str = ""
    point: str = "."


@dataclass(frozen=True, slots=True)
class Between:
    """The text lies within bounds in the order of its characters. Only asked of ASCII texts of one form."""

    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the text, from `at` (from 0) on, is one of these. Only asked of ASCII texts that are long enough."""

    at: int
    length: int
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class PartBetween:
    """A part of the text lies within bounds in the order of its characters. Only asked of ASCII texts that are long enough."""

    at: int
    length: int
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """The last character of a part is the check character of those before it. Only asked of ASCII texts that are long enough.

    `weighted`: the sum of weight × place in `alphabet`, modulo the number of `digits`, is the place of the check character in them.
    `luhn`: ISO/IEC 7812-1. Other algorithms are named as in `checkdigits.ALGORITHMS`. `length` 0: up to the end of the text.
    """

    algorithm: str
    at: int = 0
    length: int = 0
    weights: tuple[int, ...] = ()
    digits: str = ""
    alphabet: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class All:
    """All conditions hold, asked in their order: a later one may rely on an earlier one."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one condition holds."""

    conditions: tuple[Condition, ...]


Condition = Union[  # noqa: UP007  (names that are defined above and below)
    Always, Form, OneOf, Length, Digits, Begins, Number, Between, Part, PartBetween, CheckDigit, Not, All, Either
]


def every(conditions: Sequence[Condition | None]) -> Condition | None:
    """All of some conditions as one, each once; nothing where one of them is not known."""
    flat: list[Condition] = []
    for condition in conditions:
        if condition is None:
            return None
        flat += [part for part in parts_of(condition) if part not in flat]
    flat = _narrowed(flat)
    return flat[0] if len(flat) == 1 else All(tuple(flat)) if flat else Always()


def _narrowed(conditions: Sequence[Condition]) -> list[Condition]:
    """The same, with one `Number` where one gives the lower and another the upper bound: a text is read as a number once."""
    found: list[Condition] = []
    for one in conditions:
        last = found[-1] if found else None
        if isinstance(one, Number) and isinstance(last, Number) and _is_lower(last.bounds) and _is_upper(one.bounds):
            low, high = last.bounds, one.bounds
            whole = replace(last, bounds=replace(low, high=high.high, high_open=high.high_open))
            if replace(one, bounds=low) == last:
                found[-1] = whole
                continue
        found.append(one)
    return found


def _is_lower(bounds: Bounds) -> bool:
    return bounds.low is not None and bounds.high is None


def _is_upper(bounds: Bounds) -> bool:
    return bounds.high is not None and bounds.low is None


def parts_of(condition: Condition | None) -> Iterator[Condition]:
    """What a condition asks for, one by one: all of it holds where the condition holds."""
    if isinstance(condition, All):
        for part in condition.conditions:
            yield from parts_of(part)
    elif condition is not None and not isinstance(condition, Always):
        yield condition


def within(value: object, bounds: Bounds) -> bool:
    """Whether a value lies within bounds of its own kind."""
    low, high = bounds.low, bounds.high
    if low is not None and (value <= low if bounds.low_open else value < low):  # type: ignore[operator]
        return False
    return high is None or bool(value < high if bounds.high_open else value <= high)  # type: ignore[operator]
