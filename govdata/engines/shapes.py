"""JSON Schema over entries: the compiled validator decides, jsonschema is the reference and stands in where it is absent.

Both give the same paths and keywords on the schemas that we ship: these keep to the subset on which the two agree
(`docs/design.md`, "Schemas on which two validators agree").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govdata.errors import ContentError


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


def _compiled(schema: Mapping[str, Any]) -> Shape:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=False)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise ContentError("schema-broken", what=str(error).splitlines()[0]) from error

    def errors(document: Any) -> Iterator[ShapeError]:
        for error in validator.iter_errors(document):
            path = list(error.schema_path)
            keyword = str(path[-1]) if path and isinstance(path[-1], str) else error.kind.name
            yield ShapeError(pointer_of(error.instance_path), keyword, _parameter(error.kind), error.instance)

    return Shape(validator.is_valid, errors)


def _parameter(kind: Any) -> object:
    """What the keyword of an error says, in jsonschema's terms: one type is a text, several are a list."""
    values = list(kind.as_dict().values())
    if kind.name == "type" and len(values[0]) == 1:
        return values[0][0]
    return values[0] if len(values) == 1 else values


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


def pointer_of(path: Sequence[str | int] | Any) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
