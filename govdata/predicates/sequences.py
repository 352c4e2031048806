"""Texts of one length, as sequences of classes of bytes: what a form or a list of words comes to, length by length.

`[0-9]{4}-(0[1-9]|1[0-2])` is two sequences of seven classes. Two sequences that differ in one place only are one, so that a form with
all days of the calendar comes to a dozen.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import or_
from typing import Any

from govdata.predicates.patterns import parse

Mask = int
"""A class of bytes: bit `b` is set where byte `b` belongs to it."""
Pair = frozenset[tuple[Mask, Mask]]
"""A class of two bytes that follow each other: in one of the products of two classes."""

_MOST = 2000
"""Sequences of one form before they are merged, and words of one list."""
_LONGEST = 100
"""How often something may be repeated."""
_REPEATS = ("MAX_REPEAT", "POSSESSIVE_REPEAT")
_Sequence = tuple[Any, ...]
"""Of masks, or of pairs."""


class _TooMany(Exception):
    """The texts may be of any length, are of too many kinds, or hold characters that are no class of bytes."""


Sequences = Mapping[int, Sequence[tuple[Mask, ...]]]
"""Length in bytes of UTF-8 → the sequences of that length."""


@functools.lru_cache(maxsize=256)
def sequences_of_form(pattern: str) -> Sequences | None:
    """The sequences of a portable pattern; `None` where its texts may be of any length, or are of too many kinds."""
    try:
        return _by_length(_merged(_sequences(parse(pattern))))
    except _TooMany:
        return None


def sequences_of_words(words: Iterable[str]) -> Sequences | None:
    """The sequences of some words; `None` where they are very many."""
    listed = sorted(words)
    if len(listed) > _MOST:
        return None
    try:
        return _by_length(_merged([tuple(1 << byte for byte in word.encode()) for word in listed]))
    except UnicodeEncodeError:
        return None


def pairs(sequences: Sequence[tuple[Mask, ...]]) -> tuple[tuple[Pair, ...], ...]:
    """Sequences of an even number of classes, in pairs, and merged once more."""
    return tuple(_merged([tuple(frozenset([(one[at], one[at + 1])]) for at in range(0, len(one), 2)) for one in sequences]))


def _by_length(sequences: Sequence[tuple[Mask, ...]]) -> Sequences:
    found: dict[int, list[tuple[Mask, ...]]] = {}
    for one in sequences:
        found.setdefault(len(one), []).append(one)
    return found


def _sequences(nodes: Any) -> list[tuple[Mask, ...]]:
    found: list[tuple[Mask, ...]] = [()]
    for operator, argument in nodes:
        found = _joined(found, _node(str(operator), argument))
    return found


def _joined(before: list[tuple[Mask, ...]], after: list[tuple[Mask, ...]]) -> list[tuple[Mask, ...]]:
    if len(before) * len(after) > _MOST:
        raise _TooMany
    return [one + other for one in before for other in after]


def _node(name: str, argument: Any) -> list[tuple[Mask, ...]]:
    if name == "LITERAL":
        return [tuple(1 << byte for byte in chr(argument).encode())]
    if name == "IN":
        return [(_class(argument),)]
    if name == "SUBPATTERN":
        return _sequences(argument[3])
    if name == "BRANCH":
        return _merged([one for branch in argument[1] for one in _sequences(branch)])
    if name in _REPEATS and argument[1] <= _LONGEST:
        return _repeated(_sequences(argument[2]), *argument[:2])
    raise _TooMany


def _repeated(one: list[tuple[Mask, ...]], low: int, high: int) -> list[tuple[Mask, ...]]:
    found: list[tuple[Mask, ...]] = []
    times: list[tuple[Mask, ...]] = [()]
    for count in range(high + 1):
        if count >= low:
            found += times
        times = _joined(times, one) if count < high else times
    if len(found) > _MOST:
        raise _TooMany
    return _merged(found)


def _class(members: Any) -> Mask:
    """A class of ASCII characters; characters that take several bytes are no class of bytes."""
    mask = 0
    for operator, argument in members:
        low, high = argument if str(operator) == "RANGE" else (argument, argument)
        if str(operator) not in ("LITERAL", "RANGE") or high > 127:
            raise _TooMany
        mask |= (1 << high + 1) - (1 << low)
    return mask


def _merged(sequences: list[_Sequence]) -> list[_Sequence]:
    """The same texts in fewer sequences: two that differ in one place only become one."""
    sequences = list(dict.fromkeys(sequences))
    while len(sequences) > 1:
        before = len(sequences)
        for place in range(max(map(len, sequences))):
            if len({one[place] for one in sequences if place < len(one)}) > 1:  # else no two differ there
                sequences = list(_merged_at(sequences, place))
        if len(sequences) == before:
            break
    return sequences


def _merged_at(sequences: list[_Sequence], place: int) -> Iterator[_Sequence]:
    alike: dict[Any, list[_Sequence]] = {}
    for one in sequences:
        if place >= len(one):
            yield one
        else:
            alike.setdefault((one[:place], one[place + 1 :]), []).append(one)
    for listed in alike.values():
        if len(listed) == 1:
            yield listed[0]
        else:
            together = functools.reduce(or_, (one[place] for one in listed))
            yield (*listed[0][:place], together, *listed[0][place + 1 :])
