"""Expanded JSON-LD as Turtle 1.1: nested nodes and lists stand where they are used, one property a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from govdata.graph.literals import literal
from govdata.graph.names import PREFIXES, XSD, short

_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def head(base: str = "") -> str:
    """The prefixes, and what relative addresses are relative to."""
    lines = [f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()]
    return "".join([f"@base <{base}> .\n"] * bool(base) + lines) + "\n"


def write(node: Mapping[str, Any]) -> str:
    """The triples of a node that has an IRI; no line of them begins with `#`."""
    properties = " ;\n  ".join(_properties(node, 1))
    return f"<{node['@id']}> {properties} .\n"


def _properties(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    kinds = node.get("@type")
    if kinds:
        yield "a " + " , ".join(_name(kind) for kind in kinds)
    for predicate, values in node.items():
        if predicate[0] != "@":
            yield f"{_name(predicate)} {' , '.join([_value(value, depth) for value in values])}"


def _value(value: Mapping[str, Any], depth: int) -> str:
    if "@value" in value:
        return _literal(value)
    if "@list" in value:
        return f"( {' '.join([_value(item, depth + 1) for item in value['@list']])} )"
    if "@id" in value:
        # What is said of a node with an IRI of its own stands beside, at the top.
        return f"<{value['@id']}>"
    indent = "\n" + "  " * (depth + 1)
    return f"[ {f' ;{indent}'.join(_properties(value, depth + 1))} ]"


def _literal(value: Mapping[str, Any]) -> str:
    text, kind, language = literal(value)
    written = f'"{_ESCAPED.sub(_escape, text)}"'
    if language:
        return f"{written}@{language}"
    return f"{written}^^{_name(kind)}" if kind and kind != f"{XSD}string" else written


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04X}"


def _name(iri: str) -> str:
    return short(iri) or f"<{iri}>"
