"""An entry as an officer writes it: YAML or JSON, in Chinese or English keys and labels."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from govdata.expressions import expression
from govdata.reading.entries.keys import ANY, BOOLEAN, OBJECT, Scope, Term, entry_scope
from govdata.reading.entries.scalars import is_date

_TRUTH = {True: "是", False: "否"}
_PLAIN_NUMBER = expression(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?")


class Labels(Protocol):
    """What is needed of a code list (`govdata.codes.CodeList`)."""

    def resolve(self, text: str) -> str | None: ...
    def label(self, code: str, language: str) -> str: ...


class Plain(str):
    """A text that is written without quotation marks: a date, a code."""


class Line(dict[str, Any]):
    """An object that is written on one line."""


def keyed(canonical: Mapping[str, Any], language: str, codes: Mapping[str, Labels], yaml: bool = False) -> dict[str, Any]:
    """A canonical entry in the keys and labels of a language (`zh-CN`, `en`); what the scope does not know stays as it is.

    `yaml`: dates, numbers and truth values as YAML takes them without changing them.
    """
    return _object(canonical, entry_scope(), _Way(language, codes, yaml))


def worded(term: Term, value: Any, language: str, codes: Mapping[str, Labels]) -> Any:
    """One canonical value of a term as YAML has it in a language."""
    return _one(term, value, _Way(language, codes, yaml=True))


class _Way:
    """What the walk needs to know."""

    def __init__(self, language: str, codes: Mapping[str, Labels], yaml: bool) -> None:
        self.language, self.codes, self.yaml = language, codes, yaml


def _object(value: Mapping[str, Any], scope: Scope, way: _Way) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in value.items():
        term = scope.terms.get(key)
        if term is None:
            found[key] = item
        else:
            name = term.names[way.language][0]
            found[name] = [_one(term, one, way) for one in item] if term.many and isinstance(item, list) else _one(term, item, way)
    return found


def _one(term: Term, value: Any, way: _Way) -> Any:
    if term.kind == OBJECT and term.scope is not None:
        if not isinstance(value, Mapping):
            return value
        found = _object(value, term.scope, way)
        return Line(found) if way.yaml and term.key in ("fields", "sharing", "opening", "formats") else found
    if term.codes and isinstance(value, str):
        return _label(term, value, way)
    if not way.yaml or isinstance(value, Mapping | list):
        return value
    if isinstance(value, bool):
        return Plain(_TRUTH[value] if way.language == "zh-CN" and term.kind == BOOLEAN else str(value).lower())
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str) and (is_date(value) if term.date else term.kind == ANY and _PLAIN_NUMBER.fullmatch(value)):
        return Plain(value)
    return value


def _label(term: Term, code: str, way: _Way) -> str:
    listed = way.codes.get(term.codes)
    if listed is None or listed.resolve(code) != code:
        return code
    label = listed.label(code, way.language) if way.language == "zh-CN" else code
    return label if label and listed.resolve(label) == code else code


def _number(value: int | float) -> Any:
    """A number without exponent, where it stays the same."""
    text = format(Decimal(repr(value)), "f")
    return Plain(text) if _PLAIN_NUMBER.fullmatch(text) else value


def to_json(value: Any) -> str:
    """Indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def to_yaml(value: Mapping[str, Any]) -> str:
    """YAML that `reading.documents.yaml` reads back to the same: keys in order, no line folding, quotes where they are needed."""
    import yaml

    text: str = yaml.dump(
        value, Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=1 << 30, default_flow_style=False
    )  # fmt: skip
    return text


@functools.cache
def _dumper() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]
        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_representer(Plain, lambda dumper, text: dumper.represent_scalar(_tag(text), str(text)))
    Dumper.add_representer(Line, lambda dumper, item: dumper.represent_mapping("tag:yaml.org,2002:map", item.items(), flow_style=True))
    return Dumper


@functools.cache
def _tag(text: str) -> str:
    """The tag that YAML itself gives to a plain text, so that it is written plain."""
    import yaml

    resolver: Any = yaml.resolver.Resolver()
    return str(resolver.resolve(yaml.ScalarNode, text, (True, False)))


def loosened(value: Any, scope: Scope | None = None, kind: str = OBJECT) -> Any:
    """A canonical entry as YAML keeps it: numbers and truth values as text where no schema gives them a type (`minimum`, `schema`)."""
    if kind == ANY:
        return _as_text(value)
    scope = scope or entry_scope()
    if not isinstance(value, Mapping):
        return value
    found = {}
    for key, item in value.items():
        term = scope.terms.get(key)
        if term is None:
            found[key] = item
        elif term.many and isinstance(item, list):
            found[key] = [loosened(one, term.scope, term.kind) if term.kind in (OBJECT, ANY) else one for one in item]
        else:
            found[key] = loosened(item, term.scope, term.kind) if term.kind in (OBJECT, ANY) else item
    return found


def _as_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, int | float) else value
