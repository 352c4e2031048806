"""Possessive repeats in the forms of rule files: where they mean the same as plain ones, which other engines know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Ranges = list[tuple[int, int]]
"""Code points, first and last."""
_ANY: Ranges = [(0, 0x10FFFF)]


def is_settled(nodes: Sequence[Any], after: Ranges) -> bool:
    """Whether no possessive repeat of a tree could take a character of what follows it: it then takes what a plain one would.

    `after` is what may follow the tree itself.
    """
    return all(_settles(node, _first(nodes[place + 1 :], after)) for place, node in enumerate(nodes))


def _settles(node: Any, after: Ranges) -> bool:
    name, argument = str(node[0]), node[1]
    if name == "POSSESSIVE_REPEAT":
        inner = argument[2]
        return len(inner) == 1 and str(inner[0][0]) in {"LITERAL", "IN"} and not _meet(_first(inner, []), after)
    if name == "MAX_REPEAT":
        again = _first(argument[2], after) if argument[1] > 1 else []
        return is_settled(list(argument[2]), after + again)
    if name == "SUBPATTERN":
        return is_settled(list(argument[3]), after)
    if name == "BRANCH":
        return all(is_settled(list(branch), after) for branch in argument[1])
    return True


def _first(nodes: Sequence[Any], after: Ranges) -> Ranges:
    """The characters that nodes may begin with, and where they may be empty those after them."""
    found: Ranges = []
    for node in nodes:
        begins, may_be_empty = _begins(node)
        found = found + begins
        if not may_be_empty:
            return found
    return found + after


def _begins(node: Any) -> tuple[Ranges, bool]:
    """The characters that a node may begin with, and whether it may be empty."""
    name, argument = str(node[0]), node[1]
    if name == "LITERAL":
        return [(argument, argument)], False
    if name == "IN":
        return [_range(member) for member in argument], False
    if name.endswith("_REPEAT"):
        begins, may_be_empty = _begins_of(argument[2])
        return begins, may_be_empty or argument[0] == 0
    if name == "SUBPATTERN":
        return _begins_of(argument[3])
    if name == "BRANCH":
        branches = [_begins_of(branch) for branch in argument[1]]
        return [item for begins, _ in branches for item in begins], any(empty for _, empty in branches)
    return _ANY, True


def _begins_of(nodes: Sequence[Any]) -> tuple[Ranges, bool]:
    return _first(list(nodes), []), all(_begins(node)[1] for node in nodes)


def _range(member: Any) -> tuple[int, int]:
    name, argument = str(member[0]), member[1]
    return argument if name == "RANGE" else (argument, argument) if name == "LITERAL" else _ANY[0]


def _meet(one: Ranges, other: Ranges) -> bool:
    return any(low <= last and first <= high for low, high in one for first, last in other)
