"""The entry's schema on broken entries: the compiled validator and jsonschema name the same places and keywords."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from govdata import content
from govdata.engines.shapes import Shape, compile_shape
from govdata.reading.entries.canonical import canonical_schema
from govdata.reading.entries.keys import BOOLEAN, INTEGER, NAMES, NUMBER, OBJECT, Scope, Term, entry_scope

SCHEMA = content.load("schemas/entry.schema.json")
WRONG: tuple[Any, ...] = (None, "", "x" * 30_000, -1, 1.5, 10**16, True, [], {}, ["x", 1, None], {"x": 1}, [[]], "2026-13-45", 1e300)


class _Lists:
    """Every list has two codes."""

    codes = {"a": None, "b": None}  # noqa: RUF012 - never changed


def made(scope: Scope, chance: random.Random) -> dict[str, Any]:
    terms = [term for term in scope.terms.values() if term.key not in ("publisherCode", "publisherAddress", "publisherDepartment")]
    return {term.key: value(term, chance) for term in chance.sample(terms, k=min(len(terms), 12))}


def value(term: Term, chance: random.Random) -> Any:
    return [one(term, chance)] if term.many else one(term, chance)


def one(term: Term, chance: random.Random) -> Any:
    if term.kind == OBJECT and term.scope is not None:
        return made(term.scope, chance)
    found = {BOOLEAN: True, INTEGER: 3, NUMBER: 1.5, NAMES: ["x"]}
    return found.get(term.kind, "2026-01-05" if term.date else "a")


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside a value."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


def broken(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    entry = made(entry_scope(), chance)
    for _ in range(chance.randint(1, 3)):
        container, key = chance.choice(list(places(entry)))
        container[key] = copy.deepcopy(chance.choice(WRONG))
    if chance.random() < 0.2:
        entry["未知"] = 1
    return entry


def told(shape: Shape, entry: Any) -> set[tuple[str, str]]:
    return {(error.pointer, error.keyword) for error in shape.errors(entry)}


@pytest.mark.parametrize("schema", [SCHEMA, canonical_schema(SCHEMA, dict.fromkeys(["update-cycle", "data-type", "theme"], _Lists()))])
def test_both_validators_agree_on_broken_entries(schema: dict[str, Any]) -> None:
    fast, reference = compile_shape(schema), compile_shape(schema, fast=False)
    seen, refused = set(), 0
    for seed in range(400):
        entry = broken(seed)
        expected = told(reference, entry)
        assert told(fast, entry) == expected, entry
        assert fast.is_valid(entry) is (not expected)
        refused += bool(expected)
        seen |= {keyword for _, keyword in expected}
    assert refused > 200
    assert seen >= {"type", "minLength", "maxLength", "minimum", "additionalProperties"}
