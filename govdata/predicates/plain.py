"""Conditions in plain Python: a function of the text of a cell. Nothing is imported for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from govdata.predicates import checkdigits
from govdata.predicates.conditions import (
    All,
    Always,
    Begins,
    Between,
    CheckDigit,
    Condition,
    Digits,
    Either,
    Form,
    Length,
    Not,
    Number,
    OneOf,
    Part,
    PartBetween,
    within,
)

Test = Callable[[str], Any]
"""Tells whether a text has a property, by the truth of what it returns."""


def emit(condition: Condition) -> Test | None:
    """The condition as a function; `None` where it cannot be one."""
    return _EMITTERS[type(condition)](condition)


def _form(condition: Form) -> Test | None:
    try:
        return re.compile(condition.pattern).fullmatch
    except re.error:
        return None


def _length(condition: Length) -> Test:
    least, most = condition.least, condition.most
    if most is None:
        return lambda text: len(text) >= least
    return lambda text: least <= len(text) <= most


def _number(condition: Number) -> Test:
    read = int if condition.whole else float
    bounds, drop, point = condition.bounds, condition.drop, condition.point

    def test(text: str) -> bool:
        if drop:
            text = text.replace(drop, "")
        return within(read(text if point == "." else text.replace(point, ".")), bounds)

    return test


def _digits(condition: Digits) -> Test:
    most = condition.most
    return lambda text: len(text) <= most or sum(map(text.count, checkdigits.DIGITS)) <= most


def _part(condition: Part) -> Test:
    start, end, values = condition.at, condition.at + condition.length, condition.values
    return lambda text: text[start:end] in values


def _part_between(condition: PartBetween) -> Test:
    start, end, bounds = condition.at, condition.at + condition.length, condition.bounds
    return lambda text: within(text[start:end], bounds)


def _check_digit(condition: CheckDigit) -> Test | None:
    at, length = condition.at, condition.length
    if condition.algorithm == "weighted":
        expected = checkdigits.weighted(condition.weights, condition.digits, condition.alphabet or checkdigits.DIGITS)
    else:
        found = checkdigits.ALGORITHMS.get(condition.algorithm)
        if found is None:
            return None
        expected = found

    def test(text: str) -> bool:
        last = at + length - 1 if length else len(text) - 1
        return expected(text[at:last]) == text[last]

    return test


def _all(condition: All) -> Test | None:
    tests = [emit(part) for part in condition.conditions]
    if None in tests:
        return None
    if len(tests) == 2:
        first, second = tests
        return lambda text: first(text) and second(text)  # type: ignore[misc]
    return lambda text: all(test(text) for test in tests)  # type: ignore[misc]


def _either(condition: Either) -> Test | None:
    tests = [test for test in map(emit, condition.conditions) if test is not None]
    return (lambda text: any(test(text) for test in tests)) if tests else None


def _not(condition: Not) -> Test | None:
    test = emit(condition.condition)
    return None if test is None else lambda text: not test(text)


def _between(condition: Between) -> Test:
    bounds = condition.bounds
    return lambda text: within(text, bounds)


_EMITTERS: Mapping[type, Callable[[Any], Test | None]] = {
    Always: lambda condition: lambda text: True,
    Form: _form,
    OneOf: lambda condition: condition.values.__contains__,
    Length: _length,
    Digits: _digits,
    Begins: lambda condition: lambda text: text.startswith(condition.prefixes),
    Number: _number,
    Between: _between,
    Part: _part,
    PartBetween: _part_between,
    CheckDigit: _check_digit,
    Not: _not,
    All: _all,
    Either: _either,
}
