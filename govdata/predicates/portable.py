"""Regular expressions that mean the same in Python's `re`, Rust's `regex` and RE2, worked out from Python's own parse tree.

`\\d`, `\\w` and `\\s` are written as their ASCII members: what then matches also matches in Python, so the result may accept, and it
may refuse texts that are all ASCII. Everything on which the engines differ (negated classes of kinds, anchors inside, look-around,
references, flags, lazy repeats, possessive ones that make a difference) is left to the reference, and so is what one of them finds too
large to compile.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from govdata.predicates.patterns import MAXREPEAT, parse
from govdata.predicates.possessive import is_settled

_CATEGORIES = {"CATEGORY_DIGIT": "0-9", "CATEGORY_WORD": "0-9A-Z_a-z", "CATEGORY_SPACE": "\\t-\\r "}
_MOST = 1000
"""RE2 refuses repeats that come to more, also one inside another."""
_LARGEST = 10_000
"""Characters and classes, each as often as it is repeated: engines bound the size of what they compile."""
_DEEPEST = 40
"""Groups in groups: Rust refuses more than 250 layers."""
_REPEATS = ("MAX_REPEAT", "POSSESSIVE_REPEAT")
_SPECIAL = frozenset("\\.^$*+?{}[]|()-&~#/")


class _Unknown(Exception):
    """Something that the engines may not read alike."""


@functools.lru_cache(maxsize=512)
def portable(pattern: str) -> str | None:
    """A pattern for a whole text, as all engines read it alike; `None` where that is not sure.

    What it accepts, `^pattern$` accepts too; that may accept more: a line end after the text, and other texts where the pattern is of
    alternatives (`^a|b$` is not `^(a|b)$`).
    """
    try:
        tree = parse(pattern)
        if tree.state.flags & ~re.UNICODE:
            return None
        nodes = _unanchored(list(tree))
        if _size(nodes) > _LARGEST or not is_settled(nodes, []):
            return None
        return "".join(_written(nodes, 1, 0))
    except (_Unknown, re.error, RecursionError, OverflowError, ValueError):
        return None


def _unanchored(nodes: list[Any]) -> list[Any]:
    """Without the anchors that people write around a whole pattern."""
    while nodes and _is_anchor(nodes[0], "AT_BEGINNING"):
        nodes = nodes[1:]
    while nodes and _is_anchor(nodes[-1], "AT_END"):
        nodes = nodes[:-1]
    return nodes


def _is_anchor(node: Any, kind: str) -> bool:
    return str(node[0]) == "AT" and str(node[1]) == kind


def members(pattern: str) -> frozenset[str] | None:
    """The characters of which the texts of a portable pattern consist; `None` where it is not portable or names very many."""
    found: set[str] = set()
    try:
        _gather(parse(pattern), found)
    except (_Unknown, re.error):
        return None
    return frozenset(found)


def width(pattern: str) -> tuple[int, int]:
    """The fewest and the most characters of a text of a pattern."""
    low, high = parse(pattern).getwidth()
    return int(low), int(high)


def _gather(tree: Any, found: set[str]) -> None:
    for operator, argument in tree:
        name = str(operator)
        if name == "LITERAL":
            found.add(chr(argument))
        elif name == "RANGE":
            if argument[1] - argument[0] > 128:
                raise _Unknown
            found.update(map(chr, range(argument[0], argument[1] + 1)))
        elif name == "IN":
            _gather(argument, found)
        elif name in _REPEATS:
            _gather(argument[2], found)
        elif name == "SUBPATTERN":
            _gather(argument[3], found)
        elif name == "BRANCH":
            for branch in argument[1]:
                _gather(branch, found)
        else:
            raise _Unknown


def escape(text: str) -> str:
    """Characters as themselves, in every engine."""
    return "".join(_literal(character) for character in text)


def _literal(character: str) -> str:
    if character in _SPECIAL:
        return f"\\{character}"
    if not character.isprintable() or "\ud800" <= character <= "\udfff":
        raise _Unknown
    return character


def _size(nodes: Sequence[Any]) -> int:
    """Characters and classes of a tree with its repeats written out."""
    total = 0
    for operator, argument in nodes:
        name = str(operator)
        if name in _REPEATS:
            low, high, inner = argument
            total += max(1, low if high == MAXREPEAT else high) * max(1, _size(inner))
        elif name == "SUBPATTERN":
            total += _size(argument[3])
        elif name == "BRANCH":
            total += sum(_size(branch) for branch in argument[1])
        else:
            total += len(argument) if name == "IN" else 1
    return total


def _written(nodes: Sequence[Any], times: int, depth: int) -> Iterator[str]:
    """The parts of a tree that is repeated so many times, so deep inside groups."""
    if depth > _DEEPEST:
        raise _Unknown
    for operator, argument in nodes:
        name = str(operator)
        if name == "LITERAL":
            yield _literal(chr(argument))
        elif name == "IN":
            yield _class(argument)
        elif name in _REPEATS:
            yield _repeat(argument, times, depth)
        elif name == "SUBPATTERN":
            _, added, removed, inner = argument
            if added or removed:
                raise _Unknown
            yield f"(?:{''.join(_written(inner, times, depth + 1))})"
        elif name == "BRANCH":
            yield f"(?:{'|'.join(''.join(_written(branch, times, depth + 1)) for branch in argument[1])})"
        else:
            raise _Unknown


def _class(members: Any) -> str:
    parts = []
    for operator, argument in members:
        name = str(operator)
        if name == "LITERAL":
            parts.append(_literal(chr(argument)))
        elif name == "RANGE":
            parts.append(f"{_literal(chr(argument[0]))}-{_literal(chr(argument[1]))}")
        elif name == "CATEGORY" and str(argument) in _CATEGORIES:
            parts.append(_CATEGORIES[str(argument)])
        else:
            raise _Unknown
    return f"[{''.join(parts)}]"


def _repeat(argument: Any, times: int, depth: int) -> str:
    low, high, inner = argument
    most = "" if high == MAXREPEAT else str(high)
    all_times = times * max(1, high if most else low)
    if all_times > _MOST:
        raise _Unknown
    text = "".join(_written(inner, all_times, depth + 1))
    return f"(?:{text}){{{low},{most}}}" if most != str(low) else f"(?:{text}){{{low}}}"
