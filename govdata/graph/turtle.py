"""Expanded JSON-LD as Turtle 1.1: nested nodes and lists stand where they are used, one property a line."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from govdata.graph.literals import literal
from govdata.graph.names import PREFIXES, XSD, short

_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_BETWEEN = " ;\n  "
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@functools.lru_cache
def head(base: str = "") -> str:
    """The prefixes, and what relative addresses are relative to."""
    lines = [f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()]
    return "".join([f"@base <{base}> .\n"] * bool(base) + lines) + "\n"


def write(node: Mapping[str, Any]) -> str:
    """The triples of a node that has an IRI; no line of them begins with `#`."""
    if len(node) == 2 and "@type" in node:
        return _declared(node["@id"], tuple(node["@type"]))
    return f"<{node['@id']}> {_properties(node, _BETWEEN)} .\n"


@functools.lru_cache(maxsize=1024)
def _declared(iri: str, kinds: tuple[str, ...]) -> str:
    """A node of which only the class is said: mostly one of a few that stand in every file."""
    return f"<{iri}> a {' , '.join(map(_name, kinds))} .\n"


def _properties(node: Mapping[str, Any], between: str) -> str:
    lines: list[str] = []
    for key, values in node.items():
        if key[0] != "@":
            lines.append(f"{_name(key)} {' , '.join([_value(value, between) for value in values])}")
        elif key == "@type":
            lines.append(f"a {' , '.join([_name(kind) for kind in values])}")
    return between.join(lines)


def _value(value: Mapping[str, Any], between: str) -> str:
    if "@value" in value:
        return _literal(value)
    if "@list" in value:
        return f"( {' '.join([_value(item, between + '  ') for item in value['@list']])} )"
    if "@id" in value:
        # What is said of a node with an IRI of its own stands beside, at the top.
        return f"<{value['@id']}>"
    return f"[ {_properties(value, between + '  ')} ]"


def _literal(value: Mapping[str, Any]) -> str:
    text, kind, language = literal(value)
    written = f'"{text}"' if text.isprintable() and '"' not in text and "\\" not in text else f'"{_ESCAPED.sub(_escape, text)}"'
    if language:
        return f"{written}@{language}"
    return f"{written}^^{_name(kind)}" if kind and kind != f"{XSD}string" else written


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04X}"


def _name(iri: str) -> str:
    return short(iri) or f"<{iri}>"
