"""Fields of a Table Schema as frictionless reads them, with what it does not enforce enforced."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from govdata.classes import dataclass
from govdata.engines.plan import SchemaError
from govdata.engines.shapes import bounded_shape
from govdata.errors import ContentError
from govdata.expressions import expression
from govdata.predicates.decisions import FALSE, TRUE, missing_values
from govdata.predicates.lexical import declares_form, lexical_check
from govdata.predicates.patterns import compile_pattern
from govdata.values import Cell

Broken = list[tuple[str, Mapping[str, object]]]
"""Rules that a cell breaks, each with the arguments of its finding."""

_OURS = ("semantic", "codes", "personal", "categories", "categoriesOrdered")
"""Keywords that frictionless does not know or does not enforce: never shown to it."""

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")

_READING = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError)
"""What frictionless' readers raise on cells that they did not expect: a time with a zone against a bound without one, text in depth."""

_EXAMPLES = {"date": "2026-01-05", "datetime": "2026-01-05T08:00:00", "time": "08:00:00"}
_SOME_DAY = datetime(2026, 1, 25, 8)
"""Of which day and month cannot be taken for each other."""
_POINTS = {"default": "121.47,31.23", "array": "[121.47, 31.23]", "object": '{"lon": 121.47, "lat": 31.23}'}
_DAY, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
_WELL_WRITTEN = {"date": expression(_DAY), "datetime": expression(f"{_DAY}T{_TIME}"), "time": expression(_TIME)}

_LOADING = (re.error, *_READING)
"""What it raises on descriptors that it did not expect."""


@dataclass(frozen=True, slots=True)
class FieldReader:
    """Reads a cell: the value (`None` where missing or wrong) and the rules that it breaks."""

    kind: str
    read: Callable[[Any], tuple[Any, Mapping[str, str] | None]]
    pattern: Callable[[str], bool] | None
    lexical: Callable[[str], bool] | None
    allowed: frozenset[str] | None
    further: tuple[Callable[[str], tuple[str, Mapping[str, object]] | None], ...]
    constraints: Mapping[str, Any]
    format: str
    form: Mapping[str, object]
    """An example in the form that the field asks for, or the words that it takes."""
    own_form: bool
    """Whether the form is declared."""
    shape: Callable[[Any], bool] | None = None
    """The constraint `jsonSchema` of Table Schema v2."""

    def __call__(self, cell: Cell) -> tuple[Any, Broken]:
        """The value and what is wrong; raises `patterns.PatternTimeout` for a pattern that explodes."""
        try:
            value, notes = self.read(cell)
        except _READING:
            value, notes = None, {"type": ""}
        broken: Broken = []
        for name in notes or ():
            if name == "type":
                broken.append(("table/type-error", self._told(cell)))
            else:
                broken.append(_constraint(name, self.constraints.get(name)))
        if value is None or broken:
            return value, broken
        if isinstance(cell, str):
            self._check_text(cell, value, broken)
        return value, broken

    def _told(self, cell: Cell) -> Mapping[str, object]:
        """What a cell that cannot be read should be: a form that the field itself asks for, or the day (the time) that there is not."""
        told = {"type": self.kind, "format": self.format, **self.form}
        right = _WELL_WRITTEN.get(self.kind) if self.format == "default" and isinstance(cell, str) else None
        return {"reason": "no-such-day" if right and right.fullmatch(str(cell)) else self.kind, **told}

    def _check_text(self, cell: str, value: Any, broken: Broken) -> None:
        if self.pattern is not None and not self.pattern(value if isinstance(value, str) else cell):
            broken.append(_constraint("pattern", self.constraints.get("pattern")))
        if self.shape is not None and not self.shape(value):
            broken.append(_constraint("jsonSchema", None))
        if self.allowed is not None and cell not in self.allowed:
            broken.append(_constraint("enum", sorted(self.allowed)))
        for check in self.further:
            found = check(cell)
            if found is not None:
                broken.append(found)
        if not broken and self.lexical is not None and not self.lexical(cell):
            broken.append(("table/lexical-form", {"reason": "own-form" if self.own_form else self.kind, "type": self.kind}))


def _constraint(name: str, expected: object) -> tuple[str, Mapping[str, object]]:
    return "table/constraint-error", {"reason": name, "constraint": name, "expected": expected}


def read_field(descriptor: Mapping[str, Any], typed: bool = False) -> FieldReader:
    """A reader for a field; `SchemaError` where frictionless refuses the field or a pattern is broken."""
    from frictionless import Field, FrictionlessException

    name = str(descriptor.get("name", ""))
    plain = {k: v for k, v in descriptor.items() if k not in _OURS and not k.startswith("x-")}
    declared = plain.get("constraints") or {}
    if not isinstance(declared, Mapping):
        raise SchemaError(name, ["constraints"])
    constraints = dict(declared)
    pattern = constraints.pop("pattern", None)
    constraints.pop("unique", None)
    json_schema = constraints.pop("jsonSchema", None)
    plain["constraints"] = constraints
    plain.setdefault("type", "string")
    try:
        field = Field.from_descriptor(dict(plain))
        read = _ungrouped(field.create_cell_reader(), plain)
        _refuse_bad_bounds(field, constraints)
        match = _matcher(name, pattern)
        shape = bounded_shape(json_schema).is_valid if json_schema is not None else None
    except ContentError as error:
        raise SchemaError(name, [str(error.arguments.get("what", ""))]) from error
    except FrictionlessException as error:
        notes = [reason.note or reason.message for reason in (error.reasons or [error.error])]
        raise SchemaError(name, notes) from error
    except _LOADING as error:
        raise SchemaError(name, [str(error)[:200]]) from error
    return FieldReader(
        kind=str(plain["type"]),
        read=read,
        pattern=match,
        lexical=lexical_check(plain),
        allowed=_categories(descriptor),
        further=_number_form(descriptor),
        constraints={**constraints, "pattern": pattern},
        format=str(plain.get("format", "default")),
        form=_form(plain),
        own_form=declares_form(plain),
        shape=shape,
    )


def _matcher(field: str, pattern: object) -> Callable[[str], bool] | None:
    try:
        return compile_pattern(str(pattern)) if pattern is not None else None
    except (ContentError, *_LOADING) as error:
        what = error.arguments.get("what", "") if isinstance(error, ContentError) else error
        raise SchemaError(field, [f"pattern: {what}"[:200]]) from error


def _form(plain: Mapping[str, Any]) -> Mapping[str, object]:
    kind, form = str(plain["type"]), str(plain.get("format", "default"))
    if kind in _EXAMPLES:
        try:
            return {"example": _EXAMPLES[kind] if form in {"default", "any"} else _SOME_DAY.strftime(form)}
        except ValueError:
            return {"example": form}
    if kind == "geopoint":
        return {"example": _POINTS.get(form, _POINTS["default"])}
    if kind == "boolean":
        lists = [plain.get("trueValues", TRUE), plain.get("falseValues", FALSE)]
        words = [str(word) for declared in lists if isinstance(declared, list | tuple) for word in declared]
        return {"words": list({word.casefold(): word for word in reversed(words)}.values())[::-1]}
    return {}


def _ungrouped(read: Callable[[Any], Any], plain: Mapping[str, Any]) -> Callable[[Any], Any]:
    """`groupChar` of an integer (Table Schema v2), which frictionless 5.21 knows of numbers only.

    What is missing is asked of the text as it stands: a cell `,` is none, nor is `1,000` where `1000` is declared to be.
    """
    group = plain.get("groupChar")
    if plain["type"] != "integer" or not isinstance(group, str) or not group:
        return read
    missing = missing_values(plain) or ()
    # The space is stripped by the reader of integers, and makes the text none of the missing values.
    return lambda cell: read(f"\x1f{cell.replace(group, '')}" if isinstance(cell, str) and cell not in missing else cell)


def _refuse_bad_bounds(field: Any, constraints: Mapping[str, Any]) -> None:
    """A bound that is no value of the field's type: frictionless takes it for nothing, and then fails on every cell."""
    read = field.create_value_reader()
    for name in _BOUNDS:
        bound = constraints.get(name)
        if bound is not None and ((value := read(bound)) is None or value != value):
            raise SchemaError(field.name, [f"{name}: {str(bound)[:100]}"])


def _categories(descriptor: Mapping[str, Any]) -> frozenset[str] | None:
    """`categories` of Table Schema v2: the field's values are one of these (frictionless 5.21 does not enforce them)."""
    declared = descriptor.get("categories")
    if not isinstance(declared, list) or not declared:
        return None
    return frozenset(str(item.get("value") if isinstance(item, Mapping) else item) for item in declared)


def _number_form(descriptor: Mapping[str, Any]) -> tuple[Callable[[str], tuple[str, Mapping[str, object]] | None], ...]:
    """The entry's length and precision of a number (guide 2017: 数据项长度): digits in all, and after the point."""
    # A package may use the same names for something else.
    length, precision = (value if isinstance(value, int) else None for value in map(descriptor.get, ("x-length", "x-precision")))
    if length is None and precision is None:
        return ()

    def check(text: str) -> tuple[str, Mapping[str, object]] | None:
        whole, _, fraction = text.strip().lstrip("+-").partition(".")
        if length is not None and sum(c.isdigit() for c in whole + fraction) > length:
            return _constraint("length", length)
        if precision is not None and len(fraction) > precision:
            return _constraint("precision", precision)
        return None

    return (check,)
