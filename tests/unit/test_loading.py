"""Fields that are said to be sound load in the reference, and keys of a target read by conditions are those of the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import content
from govdata.engines import plain, reference
from govdata.engines.fields import SchemaError, read_field
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.decisions import decide
from govdata.predicates.loading import is_sound
from govdata.values import Row

ROOT = Path(__file__).parent.parent.parent
CASES: list[dict[str, Any]] = content.load_file(ROOT / "tests/table-schema/keywords.yaml")
FIELDS = [field for case in CASES for field in (case["schema"].get("fields", []) if "schema" in case else [{"name": "v", **case["field"]}])]

ODD = st.sampled_from(
    [None, True, False, 0, 1, -1, 2.5, "", "x", "default", "any", "[", "(", ".", ",", [], ["a"], ["a", "a"], [1], {}, {"a": 1}]
)
TYPES = [*"string integer number boolean date datetime time year yearmonth duration list geopoint any object array geojson nothing".split()]  # noqa: SIM905
FORMATS = ["default", "any", "email", "uri", "%Y", "%Y-%m-%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S", "fmt:default", "array", "object"]
BOUNDS = st.one_of(
    ODD, st.integers(-20_000, 20_000), st.floats(),
    st.sampled_from(["0", "7", " 7", "+7", "1_0", "7.5", ".5", "1e3", "1e400", "NaN", "Infinity", "12345", "2026", "２０２６"]),
    st.sampled_from(["2026-01-05", "2026-02-30", "2026-01", "08:30:00", "8:30", "2026-01-05T08:30:00", "2026-01-05 08:30:00"]),
)  # fmt: skip
PATTERNS = st.one_of(ODD, st.text("ab^$|()[]{}*+?\\,1-", max_size=6), st.sampled_from(["[0-9]{6}", "a{2000}", "(a|b)+", "\\d+", "(?i)a"]))
CONSTRAINTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), BOUNDS),
        **dict.fromkeys(("minLength", "maxLength"), st.one_of(ODD, st.integers(-2, 5))),
        **dict.fromkeys(("required", "unique", "jsonSchema", "unheard"), ODD),
        "pattern": PATTERNS,
        "enum": st.one_of(ODD, st.lists(BOUNDS, max_size=3)),
    },
)
KEYWORDS = {
    **dict.fromkeys(("title", "description", "example", "rdfType", "required", "$schema", "semantic", "x-length", "arrayItem"), ODD),
    **dict.fromkeys(("missingValues", "trueValues", "falseValues", "bareNumber", "floatNumber", "categories"), ODD),
    **dict.fromkeys(("groupChar", "decimalChar", "delimiter", "itemType"), ODD),
    "format": st.one_of(ODD, st.sampled_from(FORMATS)),
    "constraints": st.one_of(CONSTRAINTS, ODD),
}


@st.composite
def descriptors(draw: st.DrawFn) -> dict[str, Any]:
    """A field with up to three keywords besides name and type: more would leave hardly one that is sound."""
    names = draw(st.lists(st.sampled_from([*KEYWORDS, "constraints", "constraints"]), max_size=3, unique=False))
    kind = draw(st.one_of(st.sampled_from(TYPES), ODD))
    return {"name": draw(st.sampled_from(["v", "值", 5])), "type": kind, **{name: draw(KEYWORDS[name]) for name in names}}


def loads(field: dict[str, Any]) -> bool:
    try:
        read_field(field)
    except SchemaError:
        return False
    return True


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_sound_fields_of_the_keyword_cases_load(field: dict[str, Any]) -> None:
    assert loads(field) or not is_sound(field)


def test_most_keyword_cases_are_sound() -> None:
    """The usual field needs no reference; `example`, exclusive bounds, JSON and formats with readers of their own do."""
    assert sum(map(is_sound, FIELDS)) > len(FIELDS) / 2


@given(descriptors())
@settings(max_examples=1500, deadline=None)
def test_sound_fields_load(field: dict[str, Any]) -> None:
    assert loads(field) or not is_sound(field)


@pytest.mark.parametrize("bound", ["2026", 2026, "0", 7, -1, 12345, "12345", 2.0, True, None, "２０２６"])
@pytest.mark.parametrize("kind", ["year", "integer", "number", "date"])
def test_sound_bounds_load(kind: str, bound: object) -> None:
    field = {"name": "v", "type": kind, "constraints": {"minimum": bound}}
    assert loads(field) or not is_sound(field)


KEYS = [
    {"type": "string"}, {"type": "string", "missingValues": ["-"]}, {"type": "string", "constraints": {"pattern": "[0-9]+"}},
    {"type": "any"}, {"type": "boolean"}, {"type": "list"}, {"type": "yearmonth"}, {"type": "datetime"}, {"type": "year", "groupChar": "1"},
    {"type": "integer"}, {"type": "integer", "groupChar": ","}, {"type": "integer", "constraints": {"minimum": 5}},
    {"type": "number"}, {"type": "number", "decimalChar": ","}, {"type": "number", "floatNumber": True},
    {"type": "date"}, {"type": "date", "format": "%Y年%m月%d日"},
]  # fmt: skip
CELLS = (
    None, "", "-", "1", "01", "+1", "1.0", "1.10", "1,5", "1,000", " 1", "１", "x", "true", "2026", "1111", "2026-01", "2026-1",
    "2026-01-05", "2026年01月05日", "2026-01-05T08:30:00", 1, 1.0, 2.5, True,
)  # fmt: skip


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("field", KEYS, ids=str)
def test_keys_of_a_target_are_those_of_the_reference(field: dict[str, Any], typed: bool) -> None:
    described = {"name": "v", **field}
    plan = TablePlan("t.csv", "t", "", 1, (ColumnPlan("v", described, 1, decision=decide(described)),), typed=typed)
    rows = [Row(number, number, (cell,)) for number, cell in enumerate(CELLS, 2) if typed or cell is None or isinstance(cell, str)]
    for some in [*([row] for row in rows), rows, []]:
        found, wanted = frozenset(plain.read_keys(plan, ("v",), some)), reference.read_keys(plan, ("v",), some)
        assert found == wanted
        assert {type(part) for key in found for part in key} == {type(part) for key in wanted for part in key}
