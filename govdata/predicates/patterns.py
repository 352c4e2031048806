"""Patterns of a schema, with a bound on the time that one cell may take.

Python's `re` can take exponential time. A pattern that cannot do so by its form runs there; every other one, and every long
text, runs in the `regex` package under a time limit (same syntax, tried on the same cases).
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable, Iterator
from re import _parser  # type: ignore[attr-defined]
from typing import Any

MAXREPEAT = _parser.MAXREPEAT
"""How the parser writes that a repeat is open."""

SECONDS = 0.5
"""What one cell may take."""

LONG_TEXT = 2000
"""Characters from which even a harmless pattern is run under the limit: it may be quadratic."""


class PatternTimeout(Exception):
    """A pattern took longer than `SECONDS` on one cell."""


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A condition that holds where frictionless' `^pattern$` does; raises `re.error` for a broken pattern."""
    text = f"^{pattern}$"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        plain = re.compile(text)
    if is_harmless(pattern):
        return lambda cell: plain.match(cell) is not None if len(cell) < LONG_TEXT else _within_limit(text, cell)
    return lambda cell: _within_limit(text, cell)


def compile_search(pattern: str) -> Callable[[str], bool]:
    """A condition that holds where the pattern is found anywhere in a text, as JSON Schema wants it."""
    parse(pattern)
    return lambda text: _within_limit(f"(?s:.*?)(?:{pattern})", text)


def parse(pattern: str) -> Any:
    """The tree of a pattern, as Python's own parser reads it; raises `re.error`.

    Sets inside sets (`[[a]`, `[a&&b]`) are plain characters; that a later Python may read them otherwise is no warning for our user.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return _parser.parse(pattern)


def _within_limit(text: str, cell: str) -> bool:
    import regex

    try:
        return regex.match(text, cell, timeout=SECONDS) is not None
    except TimeoutError as error:
        raise PatternTimeout(text) from error


def is_harmless(pattern: str) -> bool:
    """At most one open repeat, with nothing inside that can match in two ways, and no back reference.

    Judged on the parse tree of Python's own parser. It may be timid: what it doubts only runs slower.
    """
    return _weight(parse(pattern), _parser.SubPattern) <= 1


@functools.lru_cache(maxsize=512)
def longest_quick(pattern: str) -> int | None:
    """Characters up to which Python's `re` is quick: with two open repeats the steps are perhaps the square. 0: never; `None`: on any."""
    return {0: None, 1: LONG_TEXT - 1, 2: 300, 3: 50}.get(_weight(parse(pattern), _parser.SubPattern), 0)


_ENDLESS = 100
"""Weight of what may take exponential time."""


def _weight(tree: Any, node: type) -> int:
    """Open repeats in a tree; a repeat over something variable, or a back reference, outweighs them all."""
    total = 0
    for operator, argument in tree:
        name = str(operator)
        parts = list(_parts(argument, node))
        inner = sum(_weight(part, node) for part in parts)
        if name.endswith("_REPEAT") and argument[1] > 1:
            open_ended = argument[1] > 100
            total += (_ENDLESS if _variable(parts, node) else int(open_ended)) + inner
        elif name.startswith("GROUPREF"):
            total += _ENDLESS
        else:
            total += inner
    return total


def _variable(parts: list[Any], node: type) -> bool:
    """Whether what is repeated can match in more than one way: an alternative or a repeat inside."""
    for part in parts:
        for operator, argument in part:
            name = str(operator)
            if name == "BRANCH" or (name.endswith("_REPEAT") and argument[0] != argument[1]):
                return True
            if _variable(list(_parts(argument, node)), node):
                return True
    return False


def _parts(argument: Any, node: type) -> Iterator[Any]:
    if isinstance(argument, node):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _parts(item, node)
