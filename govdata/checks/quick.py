"""Quick ways to tell that a named rule finds nothing in an entry that has the canonical shape.

Each says no wherever it is not sure, and then the rule's own function (`govdata.checks.named`) is asked: what stands here may only
be a shorter way to the same "nothing".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from govdata.checks.named import OF_TABLES, Context, at
from govdata.rules import Rule

Quick = Callable[[Mapping[str, Any], Context], bool]
"""(entry of canonical shape, context) → whether a rule surely finds nothing."""


def quick_of(rule: Rule) -> Quick:
    """The quick way for a rule that names a function; never sure where there is none."""
    made = _MAKERS.get(str(rule.check["named"]))
    return made(**rule.check.get("with", {})) if made else lambda entry, context: False


def _getter(pointer: str) -> Callable[[Mapping[str, Any]], Any]:
    """What gives the value at a pointer, or `None`."""
    first, _, rest = pointer.removeprefix("/").partition("/")
    if not rest:
        return lambda entry: entry.get(first)
    below = "/" + rest
    return lambda entry: at(entry[first], below) if first in entry else None


def _dates_not_future(pointers: Sequence[str]) -> Quick:
    getters = [_getter(pointer) for pointer in pointers]

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        today = context.today.isoformat()
        for value in [get(entry) for get in getters]:
            if value is not None and str(value) > today:
                return False
        return "resources" not in entry

    return is_quiet


def _date_order(first: str, second: str) -> Quick:
    start, end = _getter(first), _getter(second)

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        early, late = start(entry), end(entry)
        return early is None or late is None or str(late) >= str(early)

    return is_quiet


def _same_text(pointer: str, other: str) -> Quick:
    text, repeated = _getter(pointer), _getter(other)

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        first, second = text(entry), repeated(entry)
        return not isinstance(first, str) or not isinstance(second, str) or len(first) > 2 * len(second)

    return is_quiet


def _not_itself(pointer: str, own: str) -> Quick:
    items = _getter(pointer)
    return lambda entry, context: not items(entry)


def _unique_names(pointer: str) -> Quick:
    items = _getter(pointer)

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        try:
            names = [item["name"].strip() for item in items(entry) or ()]
        except (KeyError, TypeError, AttributeError):
            return False
        return len(set(names)) == len(names)

    return is_quiet


def _not_greater(pointer: str, pairs: Sequence[Sequence[str]]) -> Quick:
    numbers = _getter(pointer)

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        found = numbers(entry)
        present = [pair for pair in pairs if pair[0] in found and pair[1] in found] if isinstance(found, dict) else ()
        try:
            return all(found[part] <= found[whole] for part, whole in present)
        except TypeError:
            return False

    return is_quiet


def _semantic_at(pointer: str, kind: str) -> Quick:
    text = _getter(pointer)

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        found = text(entry)
        return not isinstance(found, str) or context.semantic(kind, found) is None

    return is_quiet


def _placeholders(texts: Sequence[str]) -> Quick:
    hints = tuple({text[0] for text in texts})

    def is_quiet(entry: Mapping[str, Any], context: Context) -> bool:
        return not _may_begin((entry,), hints)

    return is_quiet


def _may_begin(values: Iterable[Any], hints: tuple[str, ...]) -> bool:
    """Whether a text of an entry begins with one of some signs: those of `texts_of`."""
    for value in values:
        kind = value.__class__
        if kind is str:
            if value.lstrip().startswith(hints):
                return True
        elif kind is dict:
            if _may_begin([item for key, item in value.items() if key not in OF_TABLES], hints):
                return True
        elif kind is list:
            if _may_begin(value, hints):
                return True
        elif value is not None and kind not in _BARE:
            return True
    return False


_BARE = frozenset((bool, int, float))
"""Classes of values that hold no text."""


_MAKERS: Mapping[str, Callable[..., Quick]] = {
    "dates_not_future": _dates_not_future,
    "date_order": _date_order,
    "same_text": _same_text,
    "not_itself": _not_itself,
    "unique_names": _unique_names,
    "not_greater": _not_greater,
    "semantic_at": _semantic_at,
    "placeholders": _placeholders,
}
"""Function that a rule names → its quick way, made with the rule's arguments."""
