"""JSON Schema over entries: the compiled validator decides, jsonschema is the reference and stands in where it is absent.

Both give the same paths and keywords on the schemas that we ship: these keep to the subset on which the two agree
(`docs/design.md`, "Schemas on which two validators agree").
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass
from govdata.errors import ContentError
from govdata.predicates.patterns import compile_search, is_harmless
from govdata.reading.documents.yaml import escape


@dataclass(frozen=True, slots=True)
class ShapeError:
    """One place where a document does not have the shape: JSON pointer, keyword, what the keyword says, the value there."""

    pointer: str
    keyword: str
    expected: object
    value: object


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema ready for use."""

    is_valid: Callable[[Any], bool]
    errors: Callable[[Any], Iterator[ShapeError]]


def compile_shape(schema: Mapping[str, Any], fast: bool = True) -> Shape:
    """A schema compiled by jsonschema-rs where it is installed (and `fast`), else by jsonschema; nothing is ever fetched."""
    if fast:
        try:
            return _compiled(schema)
        except ImportError:
            pass
    return _reference(schema)


def compile_all(schemas: Sequence[Mapping[str, Any]], fast: bool = True) -> Callable[[Any], bool]:
    """Whether a document has all of some shapes: compiled as one, or one after the other by the reference."""
    if fast:
        try:
            return _compiled(_all_of(schemas)).is_valid
        except ImportError:
            pass
    # jsonschema takes many times as long with schemas inside a schema.
    checks = [compile_shape(schema, fast).is_valid for schema in schemas]
    return lambda document: all(check(document) for check in checks)


def _all_of(schemas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One schema that holds where all hold; each keeps its own `$defs` by carrying an identifier of its own."""
    parts = [{**schema, "$id": f"urn:govdata:part:{number}"} for number, schema in enumerate(schemas)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": parts} if parts else {}


def _compiled(schema: Mapping[str, Any]) -> Shape:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=False, retriever=_refuse)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise ContentError("schema-broken", what=str(error).splitlines()[0]) from error

    def errors(document: Any) -> Iterator[ShapeError]:
        for error in validator.iter_errors(document):
            path = list(error.schema_path)
            keyword = str(path[-1]) if path and isinstance(path[-1], str) else error.kind.name
            yield ShapeError(pointer_of(error.instance_path), keyword, _asked(schema, path, error.kind), _at(document, error.instance_path))

    return Shape(validator.is_valid, errors)


def _refuse(uri: str) -> Any:
    raise ValueError(f"not bundled: {uri}")


def _asked(schema: Mapping[str, Any], path: list[str | int], kind: Any) -> object:
    """What the keyword of an error says. The path of an error below an `$id` of its own starts there: then what the error knows."""
    try:
        return _at(schema, path)
    except (LookupError, TypeError):
        return next(iter(kind.as_dict().values()), None)


def _at(value: Any, path: Sequence[str | int]) -> Any:
    """What stands at a path: of a schema, what the keyword says; of a document, the value as it was given."""
    return functools.reduce(lambda inner, step: inner[step], path, value)


def _reference(schema: Mapping[str, Any]) -> Shape:
    import jsonschema
    import referencing

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ContentError("schema-broken", what=error.message) from error
    validator = jsonschema.Draft202012Validator(schema, registry=referencing.Registry())

    def errors(document: Any) -> Iterator[ShapeError]:
        for error in validator.iter_errors(document):
            yield ShapeError(pointer_of(error.absolute_path), str(error.validator), error.validator_value, error.instance)

    return Shape(validator.is_valid, errors)


def bounded_shape(schema: object) -> Shape:
    """A schema of somebody's data package: patterns run under the time limit of `patterns`, whose `PatternTimeout` goes to the caller."""
    import jsonschema
    import jsonschema.validators
    import referencing

    if not isinstance(schema, Mapping):
        raise ContentError("schema-broken", what="jsonSchema")
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        patterns = {text: compile_search(text) for text in _patterns(schema)}
    except (jsonschema.SchemaError, re.error, RecursionError) as error:
        raise ContentError("schema-broken", what=str(error).splitlines()[0]) from error

    def pattern(validator: Any, text: str, value: Any, whole: Any) -> Iterator[Any]:
        if isinstance(value, str) and not patterns[text](value):
            yield jsonschema.ValidationError(text)

    extend: Any = jsonschema.validators.extend
    kind = extend(jsonschema.Draft202012Validator, {"pattern": pattern})
    validator = kind(schema, registry=referencing.Registry())

    def is_valid(document: Any) -> bool:
        try:
            return bool(validator.is_valid(document))
        except (RecursionError, referencing.exceptions.Unresolvable):
            return False

    return Shape(is_valid, lambda document: iter(()))


def _patterns(schema: Any) -> Iterator[str]:
    """All patterns of a schema. Those of `patternProperties` cannot be bounded and must be harmless by their form."""
    for key, value in schema.items() if isinstance(schema, Mapping) else ():
        if key == "pattern" and isinstance(value, str):
            yield value
        if key == "patternProperties" and isinstance(value, Mapping):
            for text in value:
                if not is_harmless(str(text)):
                    raise ContentError("schema-broken", what=f"patternProperties: {text}")
        yield from _patterns(value)
    for item in schema if isinstance(schema, list) else ():
        yield from _patterns(item)


def pointer_of(path: Sequence[str | int] | Any) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{escape(str(part))}" for part in path)
