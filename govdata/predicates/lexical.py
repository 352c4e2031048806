"""The written form of a value: what the reference lets through although most programs that load the data would not.

frictionless reads `１２`, `1_000` and ` 1 ` as integers, `2026-1-5` as a date, `NaN` and `1e400` as numbers (tried with 5.21).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from govdata.expressions import expression

_PLAIN = {
    "integer": expression(r"[+-]?[0-9]+"),
    "number": expression(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"),
    "date": expression(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "datetime": expression(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"),
    "time": expression(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"),
    "year": expression(r"-?[0-9]{4}"),
    "yearmonth": expression(r"[0-9]{4}-[0-9]{2}"),
}
"""Type → form of the value in its default format, ASCII only (`$` is not needed: the whole text must match)."""


def lexical_check(descriptor: Mapping[str, Any]) -> Callable[[str], bool] | None:
    """A condition on the text of a cell that the field has accepted, or `None` where any accepted text will do.

    Fields with a format of their own, group characters or units are held only to ASCII and what they declare themselves (`%Y年`).
    """
    kind = str(descriptor.get("type", "any"))
    pattern = _PLAIN.get(kind)
    if pattern is None:
        return None
    if not declares_form(descriptor):
        plain = pattern.fullmatch
        return lambda text: plain(text) is not None
    if descriptor.get("bareNumber") is False:
        return _has_plain_digits
    own = _own_characters(descriptor)
    return (lambda text: text.translate(own).isascii()) if own else str.isascii


def _own_characters(descriptor: Mapping[str, Any]) -> Mapping[int, None]:
    """The characters beyond ASCII that the declared form holds itself."""
    declared = "".join(str(descriptor.get(name, "")) for name in ("format", "groupChar", "decimalChar"))
    return {ord(character): None for character in declared if not character.isascii()}


def _has_plain_digits(text: str) -> bool:
    """Words of any script may stand around the number; digits and signs are those of ASCII."""
    return all(char.isascii() or not (char.isnumeric() or unicodedata.normalize("NFKC", char) != char) for char in text)


def declares_form(descriptor: Mapping[str, Any]) -> bool:
    """Whether a field says itself how its values are written."""
    if descriptor.get("format", "default") != "default":
        return True
    return any(name in descriptor for name in ("groupChar", "decimalChar")) or descriptor.get("bareNumber") is False
