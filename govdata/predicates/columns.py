"""Conditions over columns: Polars expressions, and numpy where texts of one length are a matrix of bytes. Imported only where used."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

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

_LENGTHS = 64
"""Different lengths of texts whose check digits are worked out in one column; the rest is left undecided."""
_LONGEST = 64
"""Bytes of a text of which a check digit is asked."""


def emit(condition: Condition, column: pl.Expr) -> pl.Expr | None:
    """The condition as an expression over a column of text, never null; `None` where it cannot be one."""
    return _EMITTERS[type(condition)](condition, column)


def _form(condition: Form, column: pl.Expr) -> pl.Expr | None:
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
    test = _DIGITS.get(condition.algorithm)
    if test is None:
        return None
    return column.map_batches(lambda texts: _by_length(texts, condition, test), return_dtype=pl.Boolean, is_elementwise=True)


Matrix = Any
"""Texts of one length as bytes: a row each."""


def _by_length(texts: pl.Series, condition: CheckDigit, test: Callable[[Matrix, CheckDigit], Any]) -> pl.Series:
    lengths = texts.str.len_bytes().to_numpy()
    right = np.zeros(len(texts), dtype=bool)
    different = np.unique(lengths)
    least = condition.at + max(condition.length, 2)
    for length in different[(different >= least) & (different <= _LONGEST)][:_LENGTHS]:
        if len(different) == 1:
            right = _tested(texts, int(length), condition, test)
        else:
            places = np.flatnonzero(lengths == length)
            right[places] = _tested(texts.gather(places), int(length), condition, test)
    return pl.Series(right, dtype=pl.Boolean)


def _tested(texts: pl.Series, length: int, condition: CheckDigit, test: Callable[[Matrix, CheckDigit], Any]) -> Any:
    matrix = texts.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, length), endianness="little").to_numpy()
    end = condition.at + condition.length if condition.length else length
    return test(matrix[:, condition.at : end], condition)


_FOREIGN = 1 << 14
"""The value of a character that is none of an alphabet: larger than any sum of those that are."""


def _weighted(matrix: Matrix, condition: CheckDigit) -> Any:
    weights, digits = condition.weights, condition.digits
    if matrix.shape[1] != len(weights) + 1:
        return np.zeros(len(matrix), dtype=bool)
    modulus = len(digits)
    values = _values(condition.alphabet or checkdigits.DIGITS)
    # The check character's place is moved to the other side: the whole then is a multiple of the modulus.
    last = np.full(256, _FOREIGN, np.int32)
    for place, character in enumerate(digits):
        last[ord(character)] = modulus - place
    total = last[matrix[:, -1]]
    for place, weight in enumerate(weights):
        total += values[matrix[:, place]] * np.int32(weight % modulus)
    return (total % modulus == 0) & (total < _FOREIGN)


@functools.lru_cache(maxsize=32)
def _values(alphabet: str) -> Any:
    values = np.full(256, _FOREIGN, np.int32)
    for place, character in enumerate(alphabet):
        values[ord(character)] = place
    return values


def _luhn(matrix: Matrix, condition: CheckDigit) -> Any:
    del condition
    values = _values(checkdigits.DIGITS)
    doubled = np.where(values < 10, values * 2 - 9 * (values > 4), _FOREIGN)
    total = np.zeros(len(matrix), np.int32)
    for place in range(matrix.shape[1]):
        total += (doubled if (matrix.shape[1] - place) % 2 == 0 else values)[matrix[:, place]]
    return (total % 10 == 0) & (total < _FOREIGN)


def _hybrid(alphabet: str) -> Callable[[Matrix, CheckDigit], Any]:
    """ISO 7064 hybrid systems MOD n+1,n, with an alphabet of n characters."""
    size = len(alphabet)

    def test(matrix: Matrix, condition: CheckDigit) -> Any:
        del condition
        values = _values(alphabet)[matrix]
        product = np.full(len(matrix), size, np.int32)
        for place in range(matrix.shape[1] - 1):
            total = (product + values[:, place]) % size
            product = np.where(total == 0, size, total) * 2 % (size + 1)
        return ((size + 1 - product) % size == values[:, -1]) & (values < _FOREIGN).all(axis=1)

    return test


_DIGITS: Mapping[str, Callable[[Matrix, CheckDigit], Any]] = {
    "weighted": _weighted,
    "luhn": _luhn,
    "iso7064-mod-11-10": _hybrid(checkdigits.DIGITS),
    "iso7064-mod-37-36": _hybrid(checkdigits.DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
}


def _all(condition: All, column: pl.Expr) -> pl.Expr | None:
    parts = [part for part in (emit(part, column) for part in condition.conditions) if part is not None]
    return functools.reduce(lambda one, other: one & other, parts) if len(parts) == len(condition.conditions) else None


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
    All: _all,
    Either: _either,
}
