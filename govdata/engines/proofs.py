"""What the type of a value proves of it, so that only the rest of a condition need be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govdata.predicates.conditions import All, Always, Condition, Length
from govdata.predicates.decisions import TYPES

PROVEN = {
    ("integer", "integer"), ("integer", "number"), ("decimal", "number"), ("double", "number"), ("boolean", "boolean"), ("date", "date"),
    ("date", "datetime"), ("timestamp", "datetime"), ("timestamp", "date"), ("timestamp-zone", "datetime"), ("time", "time"),
}  # fmt: skip
"""Family of a source type and field type: every value of the one is a value of the other, but for what engines guard against: numbers
that are not finite, years that Python does not know, times of day besides midnight."""

SHORT = Length(1, 15)
"""Asked of the text of a number so that a double keeps its order; a double has no more digits than that by itself."""


def flat(condition: Condition | None) -> Iterator[Condition]:
    """The conditions that hold together, one by one."""
    if isinstance(condition, All):
        for part in condition.conditions:
            yield from flat(part)
    elif condition is not None and not isinstance(condition, Always):
        yield condition


def proven(descriptor: Mapping[str, Any], family: str) -> list[Condition] | None:
    """What the field's type asks of a text, and a value of the family is by itself; `None` where that is not known."""
    kind = str(descriptor.get("type", "string"))
    if (family, kind) not in PROVEN:
        return None
    line = TYPES.get(kind)
    return list(flat(line.accepts(descriptor))) if line is not None else []
