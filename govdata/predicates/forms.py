"""Patterns of rule files: a small subset of regular expressions that no value can make run for long.

Allowed: characters, classes `[0-9A-Z]`, groups `( | )`, the quantifiers `?`, `{n}`, `{m,n}`, and a backslash before a sign. After a
character or class a quantifier may be possessive (`?+`, `{m,n}+`: what was taken is not given back); after a group it may not, because
Python before 3.11.5 matches that wrongly. No `.`, `*`, `+`, anchors, look-around or references.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from govdata.expressions import expression

MOST_WAYS = 100_000
"""The bound on the ways in which one value could be matched; a pattern above it is refused."""

_TOKEN = expression(
    r"""(?P<open>\()|(?P<close>\))|(?P<or>\|)
      |(?P<atom>\[(?:[^\[\]\\^]|\\[^A-Za-z0-9])+\]|\\[^A-Za-z0-9\s]|[^\\.*+?{}\[\]()|^$])
      |(?P<quantifier>\?|\{(?P<low>[0-9]{1,4})(?:,(?P<high>[0-9]{1,4}))?\})(?P<possessive>\+?)""",
    re.VERBOSE,
)

_REPEATED = {False: ("atom", "close"), True: ("atom",)}
"""What a quantifier, a possessive one, may follow."""


@functools.cache
def compile_form(text: str, also: str = "") -> Callable[[str], object]:
    """A function that tells whether a whole value has the form, and of a second pattern; ValueError outside the subset."""
    second = f"(?=(?:{read_form(also)})\\Z)" if also else ""
    try:
        return re.compile(f"{second}(?:{read_form(text)})", re.ASCII).fullmatch
    except re.error as error:
        raise ValueError(text) from error


@functools.cache
def read_form(text: str) -> str:
    """The pattern as Python's `re` takes it, without anchors; ValueError where it is outside the subset."""
    written, place, last = [], 0, ""
    stack: list[list[int]] = [[0, 1, 1]]  # of each open group: ways of finished alternatives, of this one, of its last piece
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None or (token["quantifier"] and last not in _REPEATED[bool(token["possessive"])]):
            raise ValueError(text)
        written.append("(?:" if token["open"] else token[0])
        _count(stack, token, text)
        place, last = token.end(), _kind(token)
    if len(stack) != 1 or _total(stack[0]) > MOST_WAYS:
        raise ValueError(text)
    return "".join(written)


def _kind(token: re.Match[str]) -> str:
    return next(kind for kind in ("open", "close", "or", "atom", "quantifier") if token[kind])


def _count(stack: list[list[int]], token: re.Match[str], text: str) -> None:
    """The ways to match so far: the product of the choices that quantifiers and alternatives leave open."""
    group = stack[-1]
    if token["open"]:
        stack.append([0, 1, 1])
    elif token["or"]:
        stack[-1] = [_total(group), 1, 1]
    elif token["close"]:
        if len(stack) == 1:
            raise ValueError(text)
        stack.pop()
        _add(stack[-1], _total(group))
    elif token["quantifier"]:
        group[2] = _repeated(group[2], token, text)
    else:
        _add(group, 1)


def _add(group: list[int], ways: int) -> None:
    group[1], group[2] = min(group[1] * group[2], MOST_WAYS + 1), ways


def _total(group: list[int]) -> int:
    return group[0] + group[1] * group[2]


def _repeated(ways: int, token: re.Match[str], text: str) -> int:
    """Ways of a repeated piece; above the bound the exact number does not matter."""
    low, high = (0, 1) if token["quantifier"] == "?" else (int(token["low"]), int(token["high"] or token["low"]))
    if high < low:
        raise ValueError(text)
    inside: int = min(ways ** min(high, 64), MOST_WAYS + 1)
    return inside if token["possessive"] else min((high - low + 1) * inside, MOST_WAYS + 1)
