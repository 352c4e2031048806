"""Fields that the reference surely loads, so that it need not be asked (nor imported) whether it does.

Timid on purpose: whatever is not written in the plainest way is for the reference to judge. `tests/unit/test_loading.py` holds it
against the reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from govdata.predicates.decisions import CONSTRAINTS, TYPES, Descriptor, decide


def is_sound(field: Descriptor) -> bool:
    """Whether `engines.fields.read_field` surely raises nothing for a field."""
    constraints = field.get("constraints", {})
    if not isinstance(constraints, dict) or str(field.get("type", "string")) not in TYPES or not field.get("name"):
        return False
    for name, value in field.items():
        if name not in _UNSEEN and not name.startswith("x-") and not _SHAPES.get(name, _never)(value):
            return False
    return all(_is_plain(name, stated, field) for name, stated in constraints.items()) and decide(field).accept is not None


def _never(value: object) -> bool:
    return False


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value) and len(set(value)) == len(value)


_UNSEEN = frozenset(("semantic", "codes", "personal", "categories", "categoriesOrdered"))
"""Keywords that the reference is never shown."""

_SHAPES: Mapping[str, Callable[[object], bool]] = {
    **dict.fromkeys(("name", "title", "description", "type", "format", "groupChar", "decimalChar", "delimiter", "itemType"), _is_text),
    **dict.fromkeys(("missingValues", "trueValues", "falseValues"), _are_texts),
    "bareNumber": _is_flag,
    "constraints": lambda value: True,
}
"""Keyword → whether its value has the only shape that the reference takes. Other keywords are for the reference to judge."""

_PLAIN_BOUND = {"integer": "-?[0-9]{1,15}", "number": "-?[0-9]{1,15}(?:\\.[0-9]{1,15})?", "year": "[0-9]{4}"}
_CHANGING = ("groupChar", "decimalChar", "bareNumber")
"""Keywords that change how the reference reads a bound that is a text."""


def _is_plain(name: str, stated: Any, field: Descriptor) -> bool:
    """Whether a constraint is one that the reference knows and, as a bound, reads as a value of the field's type."""
    if name not in CONSTRAINTS or name.startswith("exclusive"):
        return False
    form = _PLAIN_BOUND.get(str(field.get("type", "string")))
    if form is None or name not in ("minimum", "maximum"):
        return stated is not None
    if isinstance(stated, str) and any(keyword in field for keyword in _CHANGING):
        return False
    written = f"{stated:04}" if form == "[0-9]{4}" and isinstance(stated, int) else str(stated)
    return not isinstance(stated, bool) and re.fullmatch(form, written) is not None
