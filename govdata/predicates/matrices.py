"""Conditions on texts of one length, as a matrix of bytes with a row for each text. Imported only where used.

All forms that a column must have are asked in one pass: two bytes at a time are looked up in a table that says which sequences
(`sequences`) they may belong to, and a text has a form where one sequence of it is left at the end.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.predicates import checkdigits
from govdata.predicates.conditions import Begins, CheckDigit, Condition, Form, Not, OneOf, Part, PartBetween
from govdata.predicates.sequences import Mask, Pair, Sequences, pairs, sequences_of_form, sequences_of_words

Matrix = Any
"""Texts of one length as bytes (uint8): a row each, without gaps between the rows."""
Truths = Any
"""One truth value for each text."""

_ANY = (1 << 256) - 1
"""Any byte."""
_LENGTHS = 64
"""Different lengths of texts whose check digits are worked out in one column; the rest is left undecided."""
_LONGEST = 64
"""Bytes of a text of which a check digit is asked, or a form a pair at a time."""
_WORDS = (np.uint8, np.uint16, np.uint32, np.uint64)


def matrix_of(texts: pl.Series, length: int) -> Matrix:
    """Texts that are all of one length in bytes."""
    return matrices_of(texts.to_frame(), {texts.name: length})[0]


def matrices_of(frame: pl.DataFrame, lengths: Mapping[str, int]) -> list[Matrix]:
    """The same of several columns, by their names, at once."""
    spread = [
        pl.col(name).cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, length), endianness="little")
        for name, length in lengths.items()
    ]
    return [found.to_numpy() for found in frame.select(spread).get_columns()] if spread else []


def joined(texts: pl.Series) -> Any:
    """The bytes of all texts (uint8), one after the other with a line feed between two."""
    return np.frombuffer(texts.str.join("\n").cast(pl.Binary).item() or b"", np.uint8)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Conditions that only texts of one length fulfil."""

    length: int
    tables: tuple[Any, ...]
    """For every two bytes of a text, at an even place, which sequences they may belong to: 65,536 sets of bits each."""
    forms: tuple[int, ...]
    """Of each form the bits of its sequences, one of which must be left."""
    others: tuple[int, ...]
    """Of each form that a text must not have the bits of its sequences, none of which may be left."""
    bounds: tuple[PartBetween, ...]
    digits: tuple[CheckDigit, ...]

    def hold(self, texts: pl.Series, lengths: pl.Series) -> pl.Series:
        """Whether each text fulfils all of them; `lengths` are those of the texts in bytes."""
        return pl.Series(self.truths(texts, lengths), dtype=pl.Boolean)

    def truths(self, texts: pl.Series, lengths: pl.Series) -> Truths:
        """The same as an array."""
        return _of_length(texts, lengths.to_numpy(), self.length, self.of_matrix)

    def of_matrix(self, matrix: Matrix) -> Truths:
        """Whether each text fulfils all of them, being as long as it must be."""
        left = self._left(matrix)
        kept = functools.reduce(np.logical_and, [(left & left.dtype.type(form)) != 0 for form in self.forms])
        for form in self.others:
            kept &= (left & left.dtype.type(form)) == 0
        for bound in self.bounds:
            kept &= _between(matrix, bound)
        for digit in self.digits:
            _keep(kept, matrix, digit)
        return kept

    def _left(self, matrix: Matrix) -> Any:
        """The sequences that are left after all bytes."""
        last = self.length // 2
        keys = (_two(matrix, 2 * place) if place < last else matrix[:, -1] for place in range(len(self.tables)))
        left = np.take(self.tables[0], next(keys))
        for table, key in zip(self.tables[1:], keys, strict=True):
            left &= np.take(table, key)  # one after the other: all at once would not stay in the processor's cache
        return left


def _keep(kept: Truths, matrix: Matrix, digit: CheckDigit) -> None:
    """Keep only texts whose check digit is right; where few are left, it is worked out for them alone."""
    places = np.flatnonzero(kept)
    if len(places) * 2 > len(kept):
        kept &= check_digit(matrix, digit)
    elif len(places):
        kept[places] = check_digit(np.take(matrix, places, axis=0), digit)


class Alike:
    """Texts that are all of one length in bytes, and their matrix, which is made once."""

    def __init__(self, texts: pl.Series, length: int, matrix: Matrix | None = None, places: Any = None) -> None:
        self.length, self._texts, self._places = length, texts, places
        self.matrix: Matrix = matrix_of(texts, length) if matrix is None else matrix

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def texts(self) -> pl.Series:
        """The texts themselves."""
        return self._texts if self._places is None else self._texts.gather(self._places)

    def those(self, rows: Truths) -> Alike:
        """Some of them."""
        if rows.all():
            return self
        places = np.flatnonzero(rows)
        return Alike(
            self._texts, self.length, np.take(self.matrix, places, axis=0), places if self._places is None else self._places[places]
        )


def _of_length(texts: pl.Series, lengths: Any, length: int, test: Callable[[Matrix], Truths]) -> Truths:
    """What a test says of the texts of one length; all others fail it."""
    truths = lengths == length
    if not truths.any():
        return truths
    if truths.all():
        return test(matrix_of(texts, length))
    places = np.flatnonzero(truths)
    truths[places] = test(matrix_of(texts.gather(places), length))
    return truths


def _two(matrix: Matrix, at: int) -> Any:
    """Two bytes of each text as one number, the first being the lower byte."""
    return np.ndarray((len(matrix),), "<u2", matrix, at, (matrix.shape[1],))


@functools.lru_cache(maxsize=256)
def fixed(conditions: tuple[Condition, ...]) -> tuple[Fixed, tuple[Condition, ...]] | None:
    """What of some conditions, all to be fulfilled, can be asked of texts of one length in one go, and the others.

    `None` where none of them says how long the texts are.
    """
    spelled = [_spelled(one) for one in conditions]
    length = next((next(iter(found)) for found in spelled if found is not None and len(found) == 1), 0)
    if not 0 < length <= _LONGEST:
        return None
    asked: dict[int, Sequence[tuple[Mask, ...]]] = {}
    rest: list[Condition] = []
    bounds, digits = [], []
    for place, (one, found) in enumerate(zip(conditions, spelled, strict=True)):
        sequences = found.get(length) if found is not None else _inside(one.condition if isinstance(one, Not) else one, length)
        if sequences:
            asked[place] = sequences
        elif isinstance(one, PartBetween) and one.length <= 8 and one.at + one.length <= length:
            bounds.append(one)
        elif isinstance(one, CheckDigit) and one.algorithm in _DIGITS and one.at + max(one.length, 2) <= length:
            digits.append(one)
        else:
            rest.append(one)
    forms, numbered = _numbered(asked)
    rest += [conditions[place] for place in asked if place not in forms]
    masks = {kind: tuple(bits for place, bits in forms.items() if isinstance(conditions[place], Not) is kind) for kind in (False, True)}
    if not masks[False]:
        return None
    return Fixed(length, _tables(numbered, length), masks[False], masks[True], tuple(bounds), tuple(digits)), tuple(rest)


def _spelled(condition: Condition) -> Sequences | None:
    """All texts that fulfil a condition by itself."""
    if isinstance(condition, Form):
        return sequences_of_form(condition.pattern)
    return sequences_of_words(condition.values) if isinstance(condition, OneOf) else None


def _inside(condition: Condition, length: int) -> Sequence[tuple[Mask, ...]] | None:
    """The texts of a length that fulfil a condition on a part of them."""
    if isinstance(condition, Part) and condition.at + condition.length <= length:
        at, words = condition.at, condition.values
    elif isinstance(condition, Begins):
        at, words = 0, frozenset(condition.prefixes)
    else:
        return None
    found = sequences_of_words(words) or {}
    if max(found, default=0) > length - at or (isinstance(condition, Part) and set(found) != {condition.length}):
        return None
    return [(_ANY,) * at + one + (_ANY,) * (length - at - len(one)) for listed in found.values() for one in listed]


def _even(sequence: tuple[Mask, ...]) -> tuple[Mask, ...]:
    """With a class that is met by a byte 0 where the number of bytes is odd: the last one is looked up alone."""
    return (*sequence, 1) if len(sequence) % 2 else sequence


def _numbered(asked: Mapping[int, Sequence[tuple[Mask, ...]]]) -> tuple[dict[int, int], list[tuple[Pair, ...]]]:
    """Of so many forms as have room in one word the bits of each; and their sequences, a bit each."""
    bits: dict[int, int] = {}
    sequences: list[tuple[Pair, ...]] = []
    for place, listed in asked.items():
        found = pairs([_even(one) for one in listed])
        if len(sequences) + len(found) <= 64:
            bits[place] = ((1 << len(found)) - 1) << len(sequences)
            sequences += found
    return bits, sequences


def _tables(sequences: Sequence[tuple[Pair, ...]], length: int) -> tuple[Any, ...]:
    word = next(word for word in _WORDS if len(sequences) <= np.dtype(word).itemsize * 8)
    tables = []
    made: dict[Any, Any] = {}  # places of which the same is asked have one table, which is found in the processor's cache more often
    for place in range((length + 1) // 2):
        bits: dict[tuple[Mask, Mask], int] = {}
        for bit, sequence in enumerate(sequences):
            for pair in sequence[place]:
                bits[pair] = bits.get(pair, 0) | 1 << bit
        asked = frozenset(bits.items())
        if asked not in made:
            made[asked] = _table(bits, word)
        tables.append(made[asked])
    return tuple(tables)


def _table(bits: Mapping[tuple[Mask, Mask], int], word: Any) -> Any:
    table = np.zeros((256, 256), word)  # of the second byte, then the first: as two bytes are one number, the first being the lower
    for (first, second), told in bits.items():
        rows = _bytes(second)
        table[rows if isinstance(rows, slice) else rows[:, None], _bytes(first)] |= word(told)
    return table.reshape(-1)


@functools.lru_cache(maxsize=1024)
def _bytes(mask: Mask) -> Any:
    return slice(None) if mask == _ANY else np.array([byte for byte in range(256) if mask >> byte & 1], np.intp)


def _between(matrix: Matrix, condition: PartBetween) -> Truths:
    """A part of up to eight bytes, compared as one number of which the first byte is the highest."""
    part = np.zeros((len(matrix), 8), np.uint8)
    part[:, 8 - condition.length :] = matrix[:, condition.at : condition.at + condition.length]
    value = part.view(">u8").reshape(-1).astype(np.uint64)
    bounds, truths = condition.bounds, np.ones(len(matrix), dtype=bool)
    if bounds.low is not None:
        low, exact = _number(str(bounds.low), condition.length)
        # A bound that is longer than the part comes after the part that it begins with.
        truths &= value > low if bounds.low_open or not exact else value >= low
    if bounds.high is not None:
        high, exact = _number(str(bounds.high), condition.length)
        truths &= value < high if bounds.high_open and exact else value <= high
    return truths


def _number(text: str, length: int) -> tuple[Any, bool]:
    raw = text.encode()
    return np.uint64(int.from_bytes(raw[:length].ljust(length, b"\0"), "big")), len(raw) <= length


def by_length(texts: pl.Series, condition: CheckDigit) -> pl.Series:
    """Whether the check digit of each text is right, whatever the lengths of the texts."""
    lengths = texts.str.len_bytes().to_numpy()
    right = np.zeros(len(texts), dtype=bool)
    different = np.unique(lengths)
    least = condition.at + max(condition.length, 2)
    for length in different[(different >= least) & (different <= _LONGEST)][:_LENGTHS].tolist():
        right |= _of_length(texts, lengths, length, lambda matrix: check_digit(matrix, condition))
    return pl.Series(right, dtype=pl.Boolean)


def has_check_digit(algorithm: str) -> bool:
    """Whether an algorithm has a form over matrices."""
    return algorithm in _DIGITS


def check_digit(matrix: Matrix, condition: CheckDigit) -> Truths:
    """Whether the last byte of a part is the check character of those before it."""
    length = condition.length or matrix.shape[1] - condition.at
    return _DIGITS[condition.algorithm](matrix, condition, length)


_FOREIGN = 1 << 14
"""The value of a character that is none of an alphabet: larger than any sum of those that are."""
_Test = Callable[[Matrix, CheckDigit, int], Truths]
"""Texts, condition, and how many bytes of each are looked at."""


def _weighted(matrix: Matrix, condition: CheckDigit, length: int) -> Truths:
    if length != len(condition.weights) + 1:
        return np.zeros(len(matrix), dtype=bool)
    *products, last = _products(condition.weights, condition.digits, condition.alphabet or checkdigits.DIGITS)
    total = np.take(last, matrix[:, condition.at + length - 1])
    for place, product in enumerate(products):
        at = condition.at + 2 * place
        total += np.take(product, _two(matrix, at) if len(product) > 256 else matrix[:, at])
    return (total % len(condition.digits) == 0) & (total < _FOREIGN)


@functools.lru_cache(maxsize=64)
def _products(weights: tuple[int, ...], digits: str, alphabet: str) -> tuple[Any, ...]:
    """Two bytes → the sum of their values × weights; one byte where one is left; of the last, what the sum lacks to be a multiple."""
    values = _values(alphabet)
    single = [np.where(values < _FOREIGN, values * np.int32(weight % len(digits)), _FOREIGN) for weight in weights]
    two = [(second[:, None] + first[None, :]).reshape(-1) for first, second in zip(single[0::2], single[1::2], strict=False)]
    last = np.full(256, _FOREIGN, np.int32)
    for place, character in enumerate(digits):
        last[ord(character)] = len(digits) - place
    return (*two, *single[len(two) * 2 :], last)


@functools.lru_cache(maxsize=32)
def _values(alphabet: str) -> Any:
    values = np.full(256, _FOREIGN, np.int32)
    for place, character in enumerate(alphabet):
        values[ord(character)] = place
    return values


def _luhn(matrix: Matrix, condition: CheckDigit, length: int) -> Truths:
    first = length % 2  # of an odd number of digits the first stands alone
    total = np.take(_values(checkdigits.DIGITS), matrix[:, condition.at]) if first else np.zeros(len(matrix), np.int32)
    for place in range(first, length, 2):
        total += np.take(_luhn_pairs(), _two(matrix, condition.at + place))
    return (total % 10 == 0) & (total < _FOREIGN)


@functools.cache
def _luhn_pairs() -> Any:
    """Two digits, the first of which is doubled → their sum."""
    values = _values(checkdigits.DIGITS)
    doubled = np.where(values < 10, values * 2 - 9 * (values > 4), _FOREIGN)
    return (values[:, None] + doubled[None, :]).reshape(-1).astype(np.int32)


def _hybrid(alphabet: str) -> _Test:
    """ISO 7064 hybrid systems MOD n+1,n, with an alphabet of n characters."""
    size = len(alphabet)

    def test(matrix: Matrix, condition: CheckDigit, length: int) -> Truths:
        values = np.take(_values(alphabet), matrix[:, condition.at : condition.at + length])
        product = np.full(len(matrix), size, np.int32)
        for place in range(length - 1):
            total = (product + values[:, place]) % size
            product = np.where(total == 0, size, total) * 2 % (size + 1)
        return ((size + 1 - product) % size == values[:, -1]) & (values < _FOREIGN).all(axis=1)

    return test


_DIGITS: Mapping[str, _Test] = {
    "weighted": _weighted,
    "luhn": _luhn,
    "iso7064-mod-11-10": _hybrid(checkdigits.DIGITS),
    "iso7064-mod-37-36": _hybrid(checkdigits.ALPHANUMERIC),
}
