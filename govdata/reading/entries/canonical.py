"""Entries that are canonical as they stand: a schema that proves it, so that the many good ones need no reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

DAY = "^[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))$"
"""Days of the years 1000 to 9999 but 29 February: what it leaves out is read, not refused."""


class Listed(Protocol):
    """What is needed of a code list (`govdata.codes.CodeList`)."""

    @property
    def codes(self) -> Mapping[str, Any]: ...


def canonical_schema(schema: Mapping[str, Any], lists: Mapping[str, Listed]) -> dict[str, Any]:
    """The entry's schema (2020-12) made stricter: codes as enumerations, dates as days of the calendar.

    What holds against it is canonical: `read_entry` would give the same back, without a finding. What does not hold is
    only not proven. `lists`: code list id → list, those of the standard in force.
    """
    found: dict[str, Any] = _stricter(schema, lists)
    return found


def _stricter(shape: Any, lists: Mapping[str, Listed]) -> Any:
    if isinstance(shape, list):
        return [_stricter(item, lists) for item in shape]
    if not isinstance(shape, Mapping):
        return shape
    found = {key: _stricter(item, lists) for key, item in shape.items()}
    if isinstance(shape.get("x-codes"), str) and shape["x-codes"] in lists:
        found["enum"] = [*lists[shape["x-codes"]].codes, *shape.get("x-codes-also", ())]
    if shape.get("x-date") is True:
        found |= {"pattern": DAY, "maxLength": 10}
    return found
