"""What an entry says of opening and of personal data, for the checks of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.personal import Exposure
from govdata.checks.schema import fields_of
from govdata.values import Dataset, Resource


def exposure_of(dataset: Dataset, resource: Resource, context: CheckContext) -> Exposure:
    """Open, declared personal fields, and whether the entry says that nothing is personal (and why)."""
    entry: Mapping[str, Any] = dataset.entry.canonical if dataset.entry else {}
    opening = entry.get("opening")
    is_open = isinstance(opening, Mapping) and opening.get("open") is True and opening.get("type") not in {"closed", "none"}
    fields = fields_of(resource.schema or {})
    everything = entry.get("personal") is True
    declared = [str(field["name"]) for field in fields if everything or is_personal(field, context)]
    nothing, why = entry.get("personal") is False, bool(entry.get("personalReason"))
    plain = [field for field in fields if nothing or field.get("personal") is False]
    denied = {str(field["name"]): bool(field.get("x-personal-reason")) or why for field in plain}
    explained = frozenset(name for name, told in denied.items() if told)
    return Exposure(is_open, frozenset(declared), explained, frozenset(denied), str(entry.get("spatial") or ""))


def is_personal(field: Mapping[str, Any], context: CheckContext) -> bool:
    """Whether a field is declared personal, or its meaning is."""
    kind = context.semantic_names.get(str(field.get("semantic", "")))
    return field.get("personal") is True or (kind is not None and context.semantic_types.is_personal(kind))
