"""Conditions over columns: Polars expressions, and numpy where texts of one length are a matrix of bytes. Imported only where used."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

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
    every,
    parts_of,
)
from govdata.predicates.matrices import Alike, Fixed, Truths, by_length, fixed, has_check_digit, joined


def emit(condition: Condition, column: pl.Expr) -> pl.Expr | None:
    """The condition as an expression over a column of text, never null; `None` where it cannot be one."""
    found = divide(condition, column)
    if found is None:
        return None
    matrix, rest = found
    if matrix is not None:
        hold, given = matrix.hold, [column, column.str.len_bytes()]
        asked = pl.map_batches(given, lambda both: hold(*both), return_dtype=pl.Boolean, is_elementwise=True)
        rest = asked if rest is None else pl.all_horizontal(rest, asked)
    return rest


def divide(condition: Condition, column: pl.Expr) -> tuple[Fixed | None, pl.Expr | None] | None:
    """What of a condition is asked of matrices, and the rest as an expression; `None` where it cannot be asked of columns."""
    if not isinstance(condition, All):
        found = fixed((condition,))
        rest = _EMITTERS[type(condition)](condition, column) if found is None else None
        return None if found is None and rest is None else (found[0] if found is not None else None, rest)
    found = fixed(condition.conditions)
    asked = [emit(part, column) for part in (condition.conditions if found is None else found[1])]
    if any(part is None for part in asked):
        return None
    return found[0] if found is not None else None, pl.all_horizontal(asked) if len(asked) > 1 else asked[0] if asked else None


@functools.lru_cache(maxsize=64)
def test_of(condition: Condition, length: int) -> Callable[[Alike], Truths] | None:
    """What tells of texts of one length in bytes whether the condition holds; `None` where it cannot be told of columns."""
    found = fixed(tuple(parts_of(condition)))
    if found is not None and found[0].length == length and not found[1]:
        test = found[0].of_matrix
        return lambda alike: test(alike.matrix)
    asked = emit(condition, pl.col("x"))
    return None if asked is None else lambda alike: pl.DataFrame({"x": alike.texts}).lazy().select(asked).collect().to_series().to_numpy()


_INTEGER = "[+-]?[0-9]{1,18}"
_NUMBER = Form("[+-]?[0-9]+(?:\\.[0-9]*)?")


def among_plain(condition: Condition) -> Condition | None:
    """What is asked instead, and faster, of a column that `is_plain`; `None` where there is nothing to win."""
    parts = list(parts_of(condition))
    return every([Number(Bounds()) if part == _NUMBER else part for part in parts]) if _NUMBER in parts else None


def is_plain(texts: pl.Series) -> bool:
    """Whether what Polars reads as a number in a column has the plain form of one: then nothing but signs, points and digits stands in
    such a text, and a digit before each point."""
    octets = joined(texts)
    if octets[:1].tobytes() == b"." or octets.max(initial=0) > ord("9"):
        return False
    return not bool(((octets[1:] == ord(".")) & (octets[:-1] < ord("0"))).any())


def _form(condition: Form, column: pl.Expr) -> pl.Expr | None:
    if condition.pattern == _INTEGER:
        # Polars reads nothing else as an integer of 64 bits, and reads it faster than it finds a form; a sign comes before all digits.
        size = column.str.len_bytes()
        return number_of(column, True).is_not_null() & ((size <= 18) | ((size == 19) & (column < "0")))
    pattern = f"\\A(?:{condition.pattern})\\z"
    return column.str.contains(pattern) if _compiles(pattern) else None


@functools.lru_cache(maxsize=512)
def _compiles(pattern: str) -> bool:
    """Whether Rust's engine takes a pattern: it refuses what would grow too large."""
    try:
        pl.Series(["x"]).str.contains(pattern)
    except pl.exceptions.PolarsError:
        return False
    return True


def _one_of(condition: OneOf, column: pl.Expr) -> pl.Expr:
    values = sorted(condition.values)
    return column == values[0] if len(values) == 1 else column.is_in(pl.Series(values, dtype=pl.String).implode())


def _length(condition: Length, column: pl.Expr) -> pl.Expr:
    return _within(column.str.len_chars(), Bounds(condition.least or None, condition.most))


def _digits(condition: Digits, column: pl.Expr) -> pl.Expr:
    return (column.str.len_bytes() <= condition.most) | (column.str.count_matches("[0-9]") <= condition.most)


def _begins(condition: Begins, column: pl.Expr) -> pl.Expr:
    return pl.any_horizontal([column.str.starts_with(prefix) for prefix in condition.prefixes])


def _number(condition: Number, column: pl.Expr) -> pl.Expr:
    return _within(number_of(column, condition.whole, condition.drop, condition.point), condition.bounds).fill_null(False)


def number_of(column: pl.Expr, whole: bool, drop: str = "", point: str = ".") -> pl.Expr:
    """Plain numbers as 64-bit integers or doubles; null where a text is none."""
    text = column.str.replace_all(drop, "", literal=True) if drop else column
    text = text if point == "." else text.str.replace(point, ".", literal=True)
    return text.cast(pl.Int64 if whole else pl.Float64, strict=False)


def _within(value: pl.Expr, bounds: Bounds) -> pl.Expr:
    found = value.is_not_null()
    if bounds.low is not None:
        found = value > bounds.low if bounds.low_open else value >= bounds.low
    if bounds.high is not None:
        upper = value < bounds.high if bounds.high_open else value <= bounds.high
        return upper if bounds.low is None else found & upper
    return found


def _part(condition: Part, column: pl.Expr) -> pl.Expr:
    return _one_of(OneOf(condition.values), column.str.slice(condition.at, condition.length))


def _check_digit(condition: CheckDigit, column: pl.Expr) -> pl.Expr | None:
    if not has_check_digit(condition.algorithm):
        return None
    return column.map_batches(lambda texts: by_length(texts, condition), return_dtype=pl.Boolean, is_elementwise=True)


def _either(condition: Either, column: pl.Expr) -> pl.Expr | None:
    parts = [part for part in (emit(part, column) for part in condition.conditions) if part is not None]
    return functools.reduce(lambda one, other: one | other, parts) if parts else None


def _not(condition: Not, column: pl.Expr) -> pl.Expr | None:
    part = emit(condition.condition, column)
    return None if part is None else ~part


_EMITTERS: Mapping[type, Callable[[Any, pl.Expr], pl.Expr | None]] = {
    Always: lambda condition, column: column.is_not_null(),
    Form: _form,
    OneOf: _one_of,
    Length: _length,
    Digits: _digits,
    Begins: _begins,
    Number: _number,
    Between: lambda condition, column: _within(column, condition.bounds),
    Part: _part,
    PartBetween: lambda condition, column: _within(column.str.slice(condition.at, condition.length), condition.bounds),
    CheckDigit: _check_digit,
    Not: _not,
    Either: _either,
}
