"""Entries of which nothing needs to be said, told from the others at little cost: what does not pass is checked with places.

A screen only ever says "surely nothing": it must never pass an entry of which the full check has something to say
(`tests/unit/test_screening.py` holds both against each other).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from govdata import content
from govdata.checks.entry import ENTRY_SCHEMA, entry_schemas, named_findings, plan_entry, scene_of
from govdata.checks.freshness import staleness
from govdata.checks.named import Context
from govdata.checks.quick import Quick, quick_of
from govdata.classes import dataclass
from govdata.engines.shapes import compile_all
from govdata.reading.entries.canonical import canonical_schema
from govdata.rules import Rule
from govdata.standards import Standard


@dataclass(frozen=True, slots=True)
class Screen:
    """The screen of one standard on one day."""

    decides: Callable[[Any], bool]
    """Whether an entry as written is canonical as it stands and breaks no schema: its shape, the overlays, the rules."""
    is_quiet: Callable[[Any], bool]
    """Whether the named rules that a schema can foresee find nothing."""
    foreseen: tuple[Rule, ...]
    """Those rules."""
    others: tuple[tuple[Quick, Rule], ...]
    """The other named rules, each with a quick way to tell that it finds nothing."""
    standard: Standard
    today: date

    def passes(self, written: Mapping[str, Any]) -> bool:
        """Whether nothing is wrong with an entry by itself."""
        if not self.decides(written):
            return False
        scene = scene_of(self.standard, self.today)
        for is_quiet, rule in self.others:
            if not is_quiet(written, scene) and _finds(rule, written, scene):
                return False
        if not self.is_quiet(written) and any(_finds(rule, written, scene) for rule in self.foreseen):
            return False
        return not staleness(written, self.standard.codes, self.today)


def _finds(rule: Rule, written: Mapping[str, Any], scene: Context) -> bool:
    return next(named_findings(rule, written, scene), None) is not None


@functools.lru_cache(maxsize=16)
def screen_of(standard: Standard, today: date) -> Screen:
    """The screen of a standard, compiled once."""
    proven = canonical_schema(content.load(ENTRY_SCHEMA), standard.codes)
    rules = plan_entry(standard).named
    foreseen = tuple(rule for rule in rules if rule.check["named"] in _QUIET)
    return Screen(
        decides=compile_all(entry_schemas(standard, proven)),
        is_quiet=compile_all([schema for rule in foreseen for schema in _quiet(rule)]),
        foreseen=foreseen,
        others=tuple((quick_of(rule), rule) for rule in rules if rule.check["named"] not in _QUIET),
        standard=standard,
        today=today,
    )


def _quiet(rule: Rule) -> Iterator[Mapping[str, Any]]:
    return _QUIET[str(rule.check["named"])](**rule.check.get("with", {}))


def _unmarked(flags: list[str], **_conditions: Any) -> Iterator[Mapping[str, Any]]:
    yield _each_field({flag: {"not": {"const": True}} for flag in flags})


def _none_stricter(key: str, own: str, order: list[str], unstated: Mapping[str, str] | None = None) -> Iterator[Mapping[str, Any]]:
    if unstated is not None:
        stricter = order[order.index(unstated["code"]) + 1 :]
        yield {"if": _stands(unstated["pointer"], True), "then": _each_field({key: {"not": {"enum": stricter}}})}
    for position, general in enumerate(order[:-1]):
        yield {"if": _stands(own, general), "then": _each_field({key: {"not": {"enum": order[position + 1 :]}}})}


def _stands(pointer: str, value: object) -> Mapping[str, Any]:
    """A schema that holds where a value stands at a pointer."""
    schema: Mapping[str, Any] = {"const": value}
    for step in reversed(pointer.split("/")[1:]):
        schema = {"type": "object", "required": [step], "properties": {step: schema}}
    return schema


def _each_field(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema that holds where the properties hold of each field, of the entry and of its resources."""
    fields = {"fields": {"items": {"properties": properties}}}
    return {"properties": {**fields, "resources": {"items": {"properties": fields}}}}


_QUIET: Mapping[str, Callable[..., Iterator[Mapping[str, Any]]]] = {"marked_fields": _unmarked, "stricter_fields": _none_stricter}
"""Function that a rule names → schemas; where all of them hold it finds nothing."""
