"""The smallest terms of SQL that conditions are made of: texts, numbers, calls, parts of a text, sums, bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from govdata.predicates.conditions import Bounds

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Expression


def sayable(values: Iterable[Any]) -> bool:
    """Whether texts can stand in a statement."""
    return all(isinstance(value, str) and "\0" not in value and value.isprintable() for value in values)


def string(value: str) -> Expression:
    """A text that is `sayable`."""
    from sqlglot import exp

    return exp.Literal.string(value)


def called(name: str, *arguments: Expression) -> Expression:
    """A function of the database, called."""
    from sqlglot import exp

    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def cast(written: str, kind: str) -> Expression:
    """A value of a type of the database."""
    from sqlglot import exp

    return exp.Cast(this=exp.Literal.string(written), to=exp.DataType.build(kind, dialect="duckdb"))


def whole(value: int) -> Expression:
    """A whole number."""
    return cast(str(value), "bigint")


def double(value: float) -> Expression:
    """A number of double precision."""
    return cast(repr(float(value)), "double")


def part_of(text: Expression, at: int, length: int = 0) -> Expression:
    """So many characters from a place on, counted from 0; all that are left where no length is given."""
    return called("substr", text, whole(at + 1), *((whole(length),) if length else ()))


def total(terms: Sequence[Expression]) -> Expression:
    """A sum."""
    from sqlglot import exp

    summed = terms[0] if terms else whole(0)
    for term in terms[1:]:
        summed = exp.Add(this=summed, expression=term)
    return summed


def within(value: Expression, bounds: Bounds, literal: Callable[[Any], Expression]) -> Expression:
    """Whether a value lies within bounds, each written by `literal`."""
    from sqlglot import exp

    found: list[Expression] = []
    if bounds.low is not None:
        found.append((exp.GT if bounds.low_open else exp.GTE)(this=value.copy(), expression=literal(bounds.low)))
    if bounds.high is not None:
        found.append((exp.LT if bounds.high_open else exp.LTE)(this=value.copy(), expression=literal(bounds.high)))
    return exp.and_(*found) if found else exp.true()
