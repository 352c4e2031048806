"""JSON Schema decided in plain Python: for the few documents of a small run, loading a validator takes longer than this.

Only for schemas that we ship, whose form and patterns are tested (`tests/unit/test_shapes.py` holds the answers against the validators).
What each keyword asks is that of JSON Schema 2020-12, Validation §6 and Core §10 (https://json-schema.org/draft/2020-12).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from govdata.expressions import expression

Decide = Callable[[Any], bool]
"""Whether a value fits."""
Schema = Mapping[str, Any] | bool


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


KINDS: Mapping[str, Decide] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}
NEUTRAL = frozenset(("$schema", "$defs", "$comment", "title", "description", "then", "else"))
"""Keywords that ask for nothing by themselves; so do those that begin with `x-`."""


class UnknownKeyword(Exception):
    """The schema says something that is not decided here."""


def decide_by(schema: Schema) -> Decide:
    """What decides whether a document fits a schema; `UnknownKeyword` where a validator has to."""
    root = {name: value for name, value in schema.items() if name != "$id"} if isinstance(schema, Mapping) else schema
    return _Reader(root).decide(root)


class _Reader:
    """Turns schemas into functions; knows the whole schema, for references inside it."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self.referred: dict[str, Decide] = {}

    def decide(self, schema: Schema) -> Decide:
        """That of a schema or of one inside it."""
        if isinstance(schema, bool):
            return lambda value: bool(schema)
        asked = [name for name in schema if name not in NEUTRAL and not name.startswith("x-")]
        if not KEYWORDS.keys() >= set(asked):
            raise UnknownKeyword(asked)
        parts = [KEYWORDS[name](schema[name], schema, self) for name in asked]
        return parts[0] if len(parts) == 1 else _all(parts)

    def refer(self, pointer: str) -> Decide:
        """What a reference inside the schema means; it may lead to where it stands."""
        if pointer not in self.referred:
            self.referred[pointer] = functools.partial(self._decide_later, pointer)
            self.referred[pointer] = self.decide(self._at(pointer))
        return self.referred[pointer]

    def _decide_later(self, pointer: str, value: Any) -> bool:
        return self.referred[pointer](value)

    def _at(self, pointer: str) -> Schema:
        start, *steps = pointer.split("/")
        found: Any = self.root if start == "#" else None
        for step in steps:
            found = found.get(step) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping | bool):
            raise UnknownKeyword(pointer)
        return found


Maker = Callable[[Any, Mapping[str, Any], _Reader], Decide]
"""Makes a function of what a keyword says; it is also given the schema in which it stands."""


def _all(parts: Sequence[Decide]) -> Decide:
    def decide(value: Any) -> bool:
        for part in parts:  # noqa: SIM110 - a generator takes twice as long
            if not part(value):
                return False
        return True

    return decide


def _type(kinds: str | list[str], schema: Mapping[str, Any], reader: _Reader) -> Decide:
    if isinstance(kinds, str):
        return KINDS[kinds]
    found = [KINDS[kind] for kind in kinds]
    return lambda value: any(is_kind(value) for is_kind in found)


def _const(expected: Any, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return lambda value: _is_number(value) and value == expected
    if not isinstance(expected, str | bool | None):
        raise UnknownKeyword("const")
    return lambda value: value.__class__ is expected.__class__ and value == expected


def _enum(expected: list[Any], schema: Mapping[str, Any], reader: _Reader) -> Decide:
    if all(isinstance(item, str) for item in expected):
        known = frozenset(expected)
        return lambda value: isinstance(value, str) and value in known
    return _any_of([{"const": item} for item in expected], schema, reader)


def _pattern(text: str, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    pattern = expression(text)
    return lambda value: not isinstance(value, str) or pattern.search(value) is not None


def _required(names: list[str], schema: Mapping[str, Any], reader: _Reader) -> Decide:
    return lambda value: not isinstance(value, dict) or all(name in value for name in names)


def _properties(schemas: Mapping[str, Schema], schema: Mapping[str, Any], reader: _Reader) -> Decide:
    decides = {name: reader.decide(inner) for name, inner in schemas.items()}

    def decide(value: Any) -> bool:
        return not isinstance(value, dict) or all(decides[name](item) for name, item in value.items() if name in decides)

    return decide


def _additional(inner: Schema, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    known, decides = frozenset(schema.get("properties", ())), reader.decide(inner)
    return lambda value: not isinstance(value, dict) or all(decides(item) for name, item in value.items() if name not in known)


def _items(inner: Schema, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    decides = reader.decide(inner)
    return lambda value: not isinstance(value, list) or all(map(decides, value))


def _contains(inner: Schema, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    decides = reader.decide(inner)
    return lambda value: not isinstance(value, list) or any(map(decides, value))


def _any_of(schemas: Sequence[Schema], schema: Mapping[str, Any], reader: _Reader) -> Decide:
    choices = [reader.decide(inner) for inner in schemas]
    return lambda value: any(decides(value) for decides in choices)


def _all_of(schemas: Sequence[Schema], schema: Mapping[str, Any], reader: _Reader) -> Decide:
    return _all([reader.decide(inner) for inner in schemas])


def _not(inner: Schema, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    decides = reader.decide(inner)
    return lambda value: not decides(value)


def _if(inner: Schema, schema: Mapping[str, Any], reader: _Reader) -> Decide:
    chosen, then, other = (reader.decide(part) for part in (inner, schema.get("then", True), schema.get("else", True)))
    return lambda value: then(value) if chosen(value) else other(value)


def _sized(kind: type[str | list[Any]], fits: Callable[[int, Any], bool]) -> Maker:
    return lambda limit, schema, reader: lambda value: not isinstance(value, kind) or fits(len(value), limit)


def _bounded(fits: Callable[[Any, Any], bool]) -> Maker:
    return lambda limit, schema, reader: lambda value: not _is_number(value) or fits(value, limit)


KEYWORDS: Mapping[str, Maker] = {
    "$ref": lambda pointer, schema, reader: reader.refer(pointer),
    "type": _type,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minLength": _sized(str, lambda size, limit: size >= limit),
    "maxLength": _sized(str, lambda size, limit: size <= limit),
    "minItems": _sized(list, lambda size, limit: size >= limit),
    "maxItems": _sized(list, lambda size, limit: size <= limit),
    "minimum": _bounded(lambda value, limit: value >= limit),
    "maximum": _bounded(lambda value, limit: value <= limit),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "contains": _contains,
    "anyOf": _any_of,
    "allOf": _all_of,
    "not": _not,
    "if": _if,
}
"""Keyword → what makes its function."""
