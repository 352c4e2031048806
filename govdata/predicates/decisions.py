"""The table of predicates: for each type, format and constraint of Table Schema, the texts that the reference surely accepts.

To add a type, add a line to `TYPES`; a constraint, to `CONSTRAINTS`. `tests/test_predicates.py` holds every line against frictionless
on the literal corpus: one text that is accepted here and not there fails the build. What has no line goes to the reference, cell by
cell. The written form that a load expects (`table/lexical-form`) is part of every line: an accepted cell has no finding at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from govdata.classes import dataclass
from govdata.predicates.calendar import DATE, TIME, ZONE, strptime_form
from govdata.predicates.conditions import All, Always, Between, Bounds, Condition, Digits, Either, Form, Length, Not, Number, OneOf, every
from govdata.predicates.patterns import longest_quick
from govdata.predicates.portable import escape, portable

Descriptor = Mapping[str, Any]
"""A Table Schema field."""

MISSING = ("",)
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")
"""What Table Schema says where a field says nothing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is proven of the texts of one column."""

    missing: frozenset[str] = frozenset(MISSING)
    required: bool = False
    accept: Condition | None = None
    """Where it holds the cell is right in every respect; `None`: nothing is proven, the reference is asked of every cell."""
    value: str = ""
    """How an accepted text stands for its value when two are compared: as it is (`text`), as `integer` or `number`; empty: unknown."""


UNPROVEN = Decision(missing=frozenset())
"""Nothing is known: the reference is asked of every cell."""


def decide(field: Descriptor, meanings: Sequence[Condition | None] = ()) -> Decision:
    """The decision for a field, with the conditions of its semantic type and code list."""
    missing = missing_values(field)
    constraints = field.get("constraints") or {}
    if missing is None or not isinstance(constraints, Mapping):
        return UNPROVEN
    kind = str(field.get("type", "string"))
    line = TYPES.get(kind)
    accepted = line.accepts(field) if line is not None and _is_known(field) else None
    further = [_constraint(name, constraints[name], field, line) for name in constraints]
    condition = every([accepted, *further, _categories(field), *_sizes(field), *meanings])
    value = line.value if line is not None and accepted is not None and _is_own_value(field, kind) else ""
    return Decision(missing, constraints.get("required") is True, condition, value)


def _is_own_value(field: Descriptor, kind: str) -> bool:
    """Whether a text stands for its value as its type says: not a double, nor a day in a form of its own."""
    if kind in {"integer", "number"}:
        return not field.get("floatNumber", False)
    return field.get("format", "default") == "default" and "groupChar" not in field


@dataclass(frozen=True, slots=True)
class Refusal:
    """Where the condition holds, a cell that is not missing breaks one rule once, and no other."""

    condition: Condition
    rule: str


def refusals(field: Descriptor) -> tuple[Refusal, ...]:
    """What is proven to be wrong in a field without semantic type and code list: a type error, or exactly one constraint broken."""
    constraints = field.get("constraints") or {}
    line = TYPES.get(str(field.get("type", "string")))
    if line is None or not _is_known(field) or not isinstance(constraints, Mapping) or missing_values(field) is None:
        return ()
    found = []
    if line.refuses is not None and field.get("format", "default") == "default" and not any(name in field for name in _FORMS):
        found.append(Refusal(line.refuses, "table/type-error"))
    parts = [line.accepts(field), *(_constraint(name, constraints[name], field, line) for name in constraints)]
    parts += [_categories(field), *_sizes(field)]
    for place, part in enumerate(parts):
        others, broken = every([*parts[:place], *parts[place + 1 :]]), _broken(part, field)
        if place and others is not None and broken is not None:
            found.append(Refusal(All((_ASCII, others, broken)), "table/constraint-error"))
    return tuple(found)


def _broken(part: Condition | None, field: Descriptor) -> Condition | None:
    """Where a constraint surely does not hold: what it relies on holds, and it does not."""
    if part is None or isinstance(part, Always | Either):
        return None
    if isinstance(part, OneOf) and field.get("type", "string") not in {"string", "any"}:
        return None  # another text may stand for the same value
    if isinstance(part, Form):
        # frictionless asks for a whole match of the alternatives together, not of each; `most` is how far a pattern may be asked.
        pattern = str(field.get("constraints", {}).get("pattern", ""))
        return None if "|" in pattern else All((Length(most=part.most), Not(part)))
    return All((*part.conditions[:-1], Not(part.conditions[-1]))) if isinstance(part, All) else Not(part)


_FORMS = ("bareNumber", "groupChar", "decimalChar", "trueValues", "falseValues")
_ASCII = Form("[ -~]*")
"""On plain ASCII a condition says what the constraint says; elsewhere a pattern may let more pass."""


def missing_values(field: Descriptor) -> frozenset[str] | None:
    """The texts that stand for a missing value, of Table Schema v2 with or without a label; `None` where they are not declared so."""
    declared = field.get("missingValues", MISSING)
    if not isinstance(declared, list | tuple):
        return None
    found = [item.get("value") if isinstance(item, Mapping) else item for item in declared]
    texts = frozenset(item for item in found if isinstance(item, str))
    return texts if all(isinstance(item, str) for item in found) else None


_KNOWN = frozenset(
    "name title description type format constraints missingValues semantic codes personal example categories categoriesOrdered"  # noqa: SIM905
    " bareNumber groupChar decimalChar floatNumber trueValues falseValues delimiter itemType rdfType".split()
)


def _is_known(field: Descriptor) -> bool:
    """Whether nothing is declared that might change how a cell is read."""
    return all(name in _KNOWN or name.startswith("x-") for name in field)


@dataclass(frozen=True, slots=True)
class Line:
    """One type: the texts that it accepts, how bounds are asked, and how a value is compared."""

    accepts: Callable[[Descriptor], Condition | None]
    bounds: Callable[[Bounds, Descriptor], Condition | None] = lambda bounds, field: None
    value: str = ""
    refuses: Condition | None = None
    """In the default form: texts that are surely no value of the type."""


def _default(condition: Condition) -> Callable[[Descriptor], Condition | None]:
    """A condition for fields in the default format."""
    return lambda field: condition if field.get("format", "default") == "default" else None


def _string(field: Descriptor) -> Condition | None:
    return Always() if field.get("format", "default") == "default" else None


_SIGNS = frozenset("0123456789+-eE")


def _integer(field: Descriptor) -> Condition | None:
    group = field.get("groupChar", "")
    if not _is_separator(group) or field.get("bareNumber", True) not in (True, False) or field.get("format", "default") != "default":
        return None
    sign = "[+-]?" if field.get("bareNumber", True) is True else "-?"
    if not group:
        return Form(f"{sign}[0-9]{{1,18}}")
    inner = escape(group)
    return All((Form(f"{sign}[0-9](?:[0-9]|{inner}){{0,23}}"), Digits(18)))


def _number(field: Descriptor) -> Condition | None:
    group, point = field.get("groupChar", ""), field.get("decimalChar", ".")
    if not _is_separator(group) or point == group or field.get("bareNumber", True) not in (True, False):
        return None
    if field.get("format", "default") != "default" or not isinstance(point, str) or len(point) != 1 or point in _SIGNS:
        return None
    if not (group + point).isascii():
        return None
    sign = "[+-]?" if field.get("bareNumber", True) is True else "-?"
    whole = f"[0-9](?:[0-9]|{escape(group)})*" if group else "[0-9]+"
    return Form(f"{sign}{whole}(?:{escape(point)}[0-9]*)?")


def _is_separator(group: object) -> bool:
    return isinstance(group, str) and (not group or (len(group) == 1 and group.isascii() and group not in _SIGNS and not group.isspace()))


def _whole_bounds(bounds: Bounds, field: Descriptor) -> Condition | None:
    low, high = (_whole(bound) for bound in _plain_bounds(bounds, field))
    if (low is None) != (bounds.low is None) or (high is None) != (bounds.high is None):
        return None
    return Number(Bounds(low, high, bounds.low_open, bounds.high_open), whole=True, drop=str(field.get("groupChar", "")))


def _plain_bounds(bounds: Bounds, field: Descriptor) -> tuple[object, object]:
    """The two bounds; nothing for a text that is read as the field's own texts are: with group characters, with words around it."""
    own = field.get("bareNumber", True) is not True or any(name in field for name in ("groupChar", "decimalChar"))
    low, high = (None if own and isinstance(bound, str) else bound for bound in (bounds.low, bounds.high))
    return low, high


def _whole(bound: object) -> int | None:
    if isinstance(bound, bool) or not isinstance(bound, int | str):
        return None
    try:
        value = int(str(bound))
    except ValueError:
        return None
    return value if abs(value) < 10**18 else None


def _number_bounds(bounds: Bounds, field: Descriptor) -> Condition | None:
    """Bounds of at most fifteen digits on texts of at most fifteen characters: so far a double keeps the order of decimals."""
    low, high = (_double(bound) for bound in _plain_bounds(bounds, field))
    if (low is None) != (bounds.low is None) or (high is None) != (bounds.high is None):
        return None
    drop, point = str(field.get("groupChar", "")), str(field.get("decimalChar", "."))
    return All((Length(1, 15), Number(Bounds(low, high, bounds.low_open, bounds.high_open), drop=drop, point=point)))


def _double(bound: object) -> float | None:
    if isinstance(bound, bool) or not isinstance(bound, int | float | str):
        return None
    try:
        value = Decimal(str(bound))
    except InvalidOperation:
        return None
    exact = value.is_finite() and len(value.as_tuple().digits) <= 15 and -300 < value.adjusted() < 300
    return float(value) if exact else None


def _boolean(field: Descriptor) -> Condition | None:
    words = [field.get("trueValues", TRUE), field.get("falseValues", FALSE)]
    if not all(isinstance(listed, list | tuple) and all(isinstance(word, str) for word in listed) for listed in words):
        return None
    return OneOf(frozenset(word for listed in words for word in listed))


def _written_date(field: Descriptor) -> Condition | None:
    return _in_format(field, ("Y", "m", "d"), Form(DATE))


def _in_format(field: Descriptor, needed: Sequence[str], default: Condition) -> Condition | None:
    """The default form, or the form of a `strptime` format that names all the parts."""
    form = field.get("format", "default")
    if form == "default":
        return default
    found = strptime_form(form, needed) if isinstance(form, str) else None
    return Form(found) if found is not None else None


_INSTANT = Form(f"{DATE}[T ]{TIME}(?:\\.[0-9]{{1,6}})?(?:{ZONE})?")
_CLOCK = Form(f"{TIME}(?:\\.[0-9]{{1,6}})?(?:{ZONE})?")
_MONTH = "[0-9]{4}-(?:0[1-9]|1[0-2])"
_POINT = "[+-]?(?:[0-9]{1,2}|1[0-7][0-9])(?:\\.[0-9]+)?, ?[+-]?[0-8]?[0-9](?:\\.[0-9]+)?"


def _ordered(form: str) -> Callable[[Bounds, Descriptor], Condition | None]:
    """Bounds as texts, where all texts and bounds have one form in which the order of characters is the order of values."""

    def condition(bounds: Bounds, field: Descriptor) -> Condition | None:
        from re import fullmatch

        stated = [bound for bound in (bounds.low, bounds.high) if bound is not None]
        if field.get("format", "default") != "default" or not all(isinstance(bound, str) and fullmatch(form, bound) for bound in stated):
            return None
        return All((Form(form), Between(bounds)))

    return condition


def _instant_bounds(bounds: Bounds, field: Descriptor) -> Condition | None:
    """As texts, once with `T` and once with a space between day and time; without fractions and zones."""
    both = []
    for mark in ("T", " "):
        stated = Bounds(_marked(bounds.low, mark), _marked(bounds.high, mark), bounds.low_open, bounds.high_open)
        both.append(_ordered(f"{DATE}{mark}{TIME}")(stated, field))
    return None if None in both else Either(tuple(condition for condition in both if condition is not None))


def _marked(bound: object, mark: str) -> Any:
    return bound[:10] + mark + bound[11:] if isinstance(bound, str) and bound[10:11] in ("T", " ") else bound


def _year_bounds(bounds: Bounds, field: Descriptor) -> Condition | None:
    return _whole_bounds(bounds, {})


def _list(field: Descriptor) -> Condition | None:
    plain = field.get("itemType", "string") == "string" and isinstance(field.get("delimiter", ","), str) and field.get("delimiter", ",")
    return Always() if plain and field.get("format", "default") == "default" else None


TYPES: Mapping[str, Line] = {
    "any": Line(_default(Always()), value="text"),
    "string": Line(_string, value="text"),
    "integer": Line(_integer, _whole_bounds, "integer", Form("[ -~]*[!-*,./:-^`-~][ -~]*")),
    "number": Line(_number, _number_bounds, "number", Form("[ -~]*[!-*,/:-@B-DG-HJ-MO-RU-XZ-^`b-dg-hj-mo-ru-xz-~][ -~]*")),
    "boolean": Line(_boolean),
    "date": Line(_written_date, _ordered(DATE), "text", Form("[ -~]*[./:A-Za-z][ -~]*")),
    "datetime": Line(lambda field: _in_format(field, ("Y", "m", "d", "H", "M"), _INSTANT), _instant_bounds),
    "time": Line(lambda field: _in_format(field, ("H", "M"), _CLOCK), _ordered(TIME)),
    "year": Line(_default(Form("[0-9]{4}")), _year_bounds, "integer", Form("[ -~]*[A-Za-z./:][ -~]*")),
    "yearmonth": Line(_default(Form(_MONTH)), _ordered(_MONTH), "text"),
    "duration": Line(_default(Form("P(?:[0-9]{1,4}[YMWD]|T[0-9]{1,4}[HMS])"))),
    "list": Line(_list),
    "geopoint": Line(_default(Form(_POINT))),
}
"""Type → its line. `object`, `array` and `geojson` have none."""


def _constraint(name: str, stated: object, field: Descriptor, line: Line | None) -> Condition | None:
    made = CONSTRAINTS.get(name)
    return made(stated, field, line) if made is not None and line is not None else None


def _length(low: bool) -> Callable[[Any, Descriptor, Line], Condition | None]:
    def condition(stated: Any, field: Descriptor, line: Line) -> Condition | None:
        if field.get("type", "string") != "string" or isinstance(stated, bool) or not isinstance(stated, int) or stated < 0:
            return None
        return Length(least=stated) if low else Length(most=stated)

    return condition


def _bound(low: bool, is_open: bool) -> Callable[[Any, Descriptor, Line], Condition | None]:
    def condition(stated: Any, field: Descriptor, line: Line) -> Condition | None:
        bounds = Bounds(low=stated, low_open=is_open) if low else Bounds(high=stated, high_open=is_open)
        return line.bounds(bounds, field)

    return condition


def _pattern(stated: Any, field: Descriptor, line: Line) -> Condition | None:
    found = portable(stated) if isinstance(stated, str) else None
    return Form(found, longest_quick(stated)) if found is not None else None


def _enum(stated: Any, field: Descriptor, line: Line) -> Condition | None:
    """The texts that are one of the values to the letter: `01` for the integer 1 is left to the reference."""
    kind = field.get("type", "string")
    wanted = int | str if kind in {"integer", "year"} else str
    if kind not in {"string", "integer", "year", "date", "any"} or not isinstance(stated, list):
        return None
    if kind == "date" and field.get("format", "default") != "default":
        return None
    if not all(isinstance(item, wanted) and not isinstance(item, bool) for item in stated):
        return None
    return OneOf(frozenset(map(str, stated)))


CONSTRAINTS: Mapping[str, Callable[[Any, Descriptor, Line], Condition | None]] = {
    "required": lambda stated, field, line: Always() if isinstance(stated, bool) else None,
    "unique": lambda stated, field, line: Always() if isinstance(stated, bool) else None,
    "minLength": _length(low=True),
    "maxLength": _length(low=False),
    "minimum": _bound(low=True, is_open=False),
    "maximum": _bound(low=False, is_open=False),
    "exclusiveMinimum": _bound(low=True, is_open=True),
    "exclusiveMaximum": _bound(low=False, is_open=True),
    "pattern": _pattern,
    "enum": _enum,
}
"""Constraint → the condition that it adds. `jsonSchema` has no line."""


def _categories(field: Descriptor) -> Condition | None:
    """`categories` of Table Schema v2, which hold the text of a cell."""
    declared = field.get("categories")
    if not isinstance(declared, list) or not declared:
        return Always()
    return OneOf(frozenset(str(item.get("value") if isinstance(item, Mapping) else item) for item in declared))


def _sizes(field: Descriptor) -> Sequence[Condition | None]:
    """The entry's length and precision of a number (guide 2017: 数据项长度)."""
    length, precision = (value if isinstance(value, int) else None for value in map(field.get, ("x-length", "x-precision")))
    if length is None and precision is None:
        return ()
    if isinstance(length, bool) or isinstance(precision, bool):
        return (None,)
    if field.get("type") not in {"integer", "number"} or any(name in field for name in ("groupChar", "decimalChar")):
        return (None,)
    if precision is not None and not 0 <= precision <= 100:
        return (None,)
    sizes: list[Condition] = [] if length is None else [Digits(length)]
    if precision is not None:
        sizes.append(Form(f"[+-]?[0-9]+(?:\\.[0-9]{{0,{precision}}})?"))
    return sizes
