"""JSON written fast is what the standard library writes, or nothing at all."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from govdata.fastjson import quick

pytest.importorskip("orjson")


class Pair(NamedTuple):
    """Two things with names."""

    left: Any
    right: Any


@dataclasses.dataclass
class Box:
    """Something JSON does not know, and orjson does."""

    inside: int


leaves = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.text(some.characters()), some.text('"\\,:{}[] \n\x00\x7f\u2028e0.'),
)  # fmt: skip
values = some.recursive(
    leaves,
    lambda inner: some.one_of(
        some.lists(inner), some.tuples(inner), some.builds(Pair, inner, inner),
        some.dictionaries(some.text(some.characters()), inner),
    ),
    max_leaves=30,
)  # fmt: skip


def slow(value: Any) -> bytes:
    """What the standard library writes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


@given(values)
@example({"a": [math.nan, None]})
@example([1e-5, 1e16, -0.0, 0.0000123])
@example([2.5, 1e-7, "e-"])
def test_the_same_bytes_or_none(value: Any) -> None:
    found = quick(value)
    assert found is None or found == slow(value)


def test_usual_values_are_certain() -> None:
    usual = {"名称": "停车场", "sha": "2f4e82", "version": "2.1", "count": 12, "none": None, "rows": [("a", None), (), Pair(1, "e-")]}
    assert quick(usual) == slow(usual)
    assert quick([0.25, 1e15, -3.5]) == b"[0.25,1000000000000000.0,-3.5]"


DOUBTFUL = [
    math.nan, [math.inf], {1: 2}, ["\ud800"], [1 << 70], {"a": {1, 2}}, [0.00001], [2e-7],
    Decimal("1.50"), date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC), Path("a/b"), Box(1),
]  # fmt: skip


@pytest.mark.parametrize("value", DOUBTFUL, ids=repr)
def test_doubtful_values_are_left(value: Any) -> None:
    assert quick(value) is None


@given(values)
def test_by_keys_too_and_with_a_stand_in_for_what_json_has_no_word_for(value: Any) -> None:
    told = {"b": value, "a": [Path("x"), date(2026, 1, 2), Box(1)]}
    found = quick(told, ordered=True, default=str)
    assert found is None or found == json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str).encode(
        "utf-8"
    )
    assert quick({"a": "x", "b": [1, Path("x")]}, ordered=True, default=str) is not None
