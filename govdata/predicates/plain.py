"""Conditions in plain Python: each is written as an expression of `text`, and the whole becomes one function. Nothing is imported for it.

A function that calls a function for each of its parts takes twice the time. What a condition holds (patterns, codes, bounds) is never
written into the expression: it is bound to a name (`v0`, `v1` …) beside it.
"""

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
    Bounds,
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
)

Test = Callable[[str], Any]
"""Tells whether a text has a property, by the truth of what it returns."""

Names = dict[str, Any]
"""What the names of an expression stand for."""


def emit(condition: Condition) -> Test | None:
    """The condition as a function; `None` where it cannot be one."""
    names: Names = {}
    written = _write(condition, names)
    if written is None:
        return None
    if written == "v0(text)":
        return names["v0"]  # type: ignore[no-any-return]
    return eval(f"lambda text: {written}", names)  # type: ignore[no-any-return]


def _write(condition: Condition, names: Names) -> str | None:
    return _WRITERS[type(condition)](condition, names)


def _bind(value: Any, names: Names) -> str:
    """A name for a value."""
    name = f"v{len(names)}"
    names[name] = value
    return name


def _form(condition: Form, names: Names) -> str | None:
    if condition.most == 0:
        return None
    try:
        matches = _bind(re.compile(condition.pattern).fullmatch, names)
    except (re.error, RecursionError, OverflowError):
        return None
    return f"{matches}(text)" if condition.most is None else f"(len(text) <= {condition.most:d} and {matches}(text))"


def _length(condition: Length, names: Names) -> str:
    least, most = condition.least, condition.most
    return f"len(text) >= {least:d}" if most is None else f"{least:d} <= len(text) <= {most:d}"


def _one_of(condition: OneOf, names: Names) -> str:
    return f"text in {_bind(condition.values, names)}"


def _begins(condition: Begins, names: Names) -> str:
    return f"text.startswith({_bind(condition.prefixes, names)})"


def _digits(condition: Digits, names: Names) -> str:
    return f"(len(text) <= {condition.most:d} or sum(map(text.count, {_bind(checkdigits.DIGITS, names)})) <= {condition.most:d})"


def _number(condition: Number, names: Names) -> str:
    text = "text"
    if condition.drop:
        text += f".replace({_bind(condition.drop, names)}, '')"
    if condition.point != ".":
        text += f".replace({_bind(condition.point, names)}, '.')"
    return _within(f"{'int' if condition.whole else 'float'}({text})", condition.bounds, names)


def _within(value: str, bounds: Bounds, names: Names) -> str:
    low = "" if bounds.low is None else f"{_bind(bounds.low, names)} {'<' if bounds.low_open else '<='} "
    high = "" if bounds.high is None else f" {'<' if bounds.high_open else '<='} {_bind(bounds.high, names)}"
    return f"{low}{value}{high}" if low or high else "True"


def _between(condition: Between, names: Names) -> str:
    return _within("text", condition.bounds, names)


def _part(condition: Part, names: Names) -> str:
    return f"text[{condition.at:d}:{condition.at + condition.length:d}] in {_bind(condition.values, names)}"


def _part_between(condition: PartBetween, names: Names) -> str:
    return _within(f"text[{condition.at:d}:{condition.at + condition.length:d}]", condition.bounds, names)


def _check_digit(condition: CheckDigit, names: Names) -> str | None:
    if condition.algorithm == "weighted":
        expected = checkdigits.weighted(condition.weights, condition.digits, condition.alphabet or checkdigits.DIGITS)
    else:
        found = checkdigits.ALGORITHMS.get(condition.algorithm)
        if found is None:
            return None
        expected = found
    last = condition.at + condition.length - 1 if condition.length else -1
    return f"{_bind(expected, names)}(text[{condition.at:d}:{last:d}]) == text[{last:d}]"


def _all(condition: All, names: Names) -> str | None:
    parts = [_write(part, names) for part in condition.conditions]
    return None if None in parts else f"({' and '.join(part for part in parts if part is not None) or 'True'})"


def _either(condition: Either, names: Names) -> str | None:
    """A part that cannot be written is left out: the others suffice."""
    parts = [part for part in (_write(part, names) for part in condition.conditions) if part is not None]
    return f"({' or '.join(parts)})" if parts else None


def _not(condition: Not, names: Names) -> str | None:
    part = _write(condition.condition, names)
    return None if part is None else f"(not {part})"


_WRITERS: Mapping[type, Callable[[Any, Names], str | None]] = {
    Always: lambda condition, names: "True",
    Form: _form,
    OneOf: _one_of,
    Length: _length,
    Digits: _digits,
    Begins: _begins,
    Number: _number,
    Between: _between,
    Part: _part,
    PartBetween: _part_between,
    CheckDigit: _check_digit,
    Not: _not,
    All: _all,
    Either: _either,
}
