"""Regular expressions that mean the same in Python's `re`, Rust's `regex` and RE2, worked out from Python's own parse tree.

`\\d`, `\\w` and `\\s` are written as their ASCII members: what then matches also matches in Python, so the result may accept, and it
may refuse texts that are all ASCII. Everything on which the engines differ (negated classes of kinds, anchors, look-around, references,
flags, possessive and lazy repeats) is left to the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_CATEGORIES = {"CATEGORY_DIGIT": "0-9", "CATEGORY_WORD": "0-9A-Z_a-z", "CATEGORY_SPACE": "\\t-\\r "}
_MOST = 1000
"""A repeat of more is left alone: engines bound the size of what they compile."""
_SPECIAL = frozenset("\\.^$*+?{}[]|()-&~#/")


class _Unknown(Exception):
    """Something that the engines may not read alike."""


def portable(pattern: str) -> str | None:
    """The pattern for a whole text, as all engines read it alike; `None` where that is not sure.

    The result means what `^pattern$` means, but that no line end may follow the text.
    """
    try:
        # Read with its anchors: `^a|b$` binds otherwise than a whole match of `a|b`.
        first, *middle, last = _parser.parse(f"^{pattern}$", 0)
        if not (_is_anchor(first, "AT_BEGINNING") and _is_anchor(last, "AT_END")):
            return None
        return "".join(_written(middle))
    except (_Unknown, re.error, RecursionError, OverflowError, ValueError):
        return None


def _is_anchor(node: Any, kind: str) -> bool:
    return str(node[0]) == "AT" and str(node[1]) == kind


def members(pattern: str) -> frozenset[str] | None:
    """The characters of which the texts of a portable pattern consist; `None` where it is not portable or names very many."""
    found: set[str] = set()
    try:
        _gather(_parser.parse(pattern, 0), found)
    except (_Unknown, re.error):
        return None
    return frozenset(found)


def width(pattern: str) -> tuple[int, int]:
    """The fewest and the most characters of a text of a pattern."""
    low, high = _parser.parse(pattern, 0).getwidth()
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
        elif name == "MAX_REPEAT":
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
    return "".join(f"\\{character}" if character in _SPECIAL else _literal(character) for character in text)


def _literal(character: str) -> str:
    if character in _SPECIAL:
        return f"\\{character}"
    if not character.isprintable() or "\ud800" <= character <= "\udfff":
        raise _Unknown
    return character


def _written(tree: Any) -> Iterator[str]:
    for operator, argument in tree:
        name = str(operator)
        if name == "LITERAL":
            yield _literal(chr(argument))
        elif name == "IN":
            yield _class(argument)
        elif name == "MAX_REPEAT":
            yield _repeat(argument)
        elif name == "SUBPATTERN":
            _, added, removed, inner = argument
            if added or removed:
                raise _Unknown
            yield f"(?:{''.join(_written(inner))})"
        elif name == "BRANCH":
            yield f"(?:{'|'.join(''.join(_written(branch)) for branch in argument[1])})"
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


def _repeat(argument: Any) -> str:
    low, high, inner = argument
    text = "".join(_written(inner))
    most = "" if high == _parser.MAXREPEAT else str(high)
    if low > _MOST or (most and high > _MOST):
        raise _Unknown
    return f"(?:{text}){{{low},{most}}}" if most != str(low) else f"(?:{text}){{{low}}}"
