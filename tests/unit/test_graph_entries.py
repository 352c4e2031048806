"""What is written of an entry in all forms at once is what expanding it and writing that gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from govdata.graph.entries import Entries
from govdata.graph.expand import expand, tidy
from govdata.graph.writing import Written, write
from govdata.reading.entries.keys import OBJECT, Scope, Term, entry_scope

IRI = "https://data.example/datasets/1/index.html#dataset"
KNOWN = {"data-type": frozenset(("自定",)), "theme": frozenset(("x y",))}

texts = some.one_of(
    some.text(some.characters(exclude_categories=["Cs"]), max_size=8),
    some.sampled_from(["C", "open", "unconditional", "自定", "https://a.example/x y", "javascript:1"]),
    some.sampled_from(["a\nb", '<&">\\', "\u3000全角", "2026-01-02", ""]),
)  # fmt: skip
scalars = some.one_of(some.none(), some.booleans(), some.integers(), some.floats(allow_nan=False, allow_infinity=False), texts)


@some.composite
def objects(draw: some.DrawFn, scope: Scope, depth: int) -> dict[str, Any]:
    """Objects of a scope, most of whose values have the right shape."""
    keys = draw(some.lists(some.sampled_from(sorted(scope.terms)), max_size=4, unique=True))
    return {key: draw_value(draw, scope.terms[key], depth) for key in keys}


def draw_value(draw: some.DrawFn, term: Term, depth: int) -> Any:
    """A value of a property."""
    nests = term.kind == OBJECT and term.scope is not None and depth and draw(some.integers(0, 5))
    one = objects(term.scope, depth - 1) if nests and term.scope is not None else scalars
    return draw(some.lists(one, max_size=3) if draw(some.integers(0, 5)) < (5 if term.many else 1) else one)


def slow(told: dict[str, Any], base: str) -> list[Written]:
    """By way of expanded JSON-LD."""
    (found,) = expand(told, KNOWN, entry_scope())
    node = tidy({"@id": IRI, **{key: value for key, value in found.items() if not key.startswith("@")}})
    return [write(node, "n0-", base)] if len(node) > 1 else []


USUAL = {
    "formats": [{"class": "spreadsheet", "type": "csv"}, {"class": "spreadsheet", "type": "xlsx"}],
    "opening": {"open": True, "type": "open", "condition": "无条件"},
    "keywords": ["停车场", "公共服务"],
    "maintainer": {"name": "云间区教育局", "address": "人民路 1 号"},
    "fields": [{"name": "名称", "type": "C", "length": 100, "required": False}, {"name": "<日期>", "type": "D"}],
}
"""A part of an entry as most are."""

WRITERS = {base: Entries(KNOWN, base) for base in ("", "../../../")}
"""Kept over all examples: what was remembered of one must not stand in another."""


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(objects(entry_scope(), 3), some.sampled_from(sorted(WRITERS)))
def test_the_same_as_by_way_of_expanded_json_ld(told: dict[str, Any], base: str) -> None:
    found = WRITERS[base].write(IRI, told, entry_scope())
    assert found is None or found == slow(told, base)


@pytest.mark.parametrize("base", sorted(WRITERS))
def test_a_usual_entry_is_written_at_once(base: str) -> None:
    found = WRITERS[base].write(IRI, USUAL, entry_scope())
    assert found
    assert found == slow(USUAL, base)


def test_what_needs_a_way_of_its_own_is_left_to_others() -> None:
    told = {"resources": [{"file": "停车场.csv"}]}
    assert WRITERS[""].write(IRI, told, entry_scope()) is None
    assert WRITERS[""].write(IRI, {"unheard": 1}, entry_scope()) == []


def test_numbers_and_truth_values_that_are_equal_are_not_mixed_up() -> None:
    for value in (1, True, 1.0, 0, False, 0.0, -0.0):
        told = {"survey": {"storage": value}, "secret": value, "version": value}
        found = WRITERS[""].write(IRI, told, entry_scope())
        assert found is None or found == slow(told, "")
