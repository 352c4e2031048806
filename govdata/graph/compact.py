"""Expanded JSON-LD as a document with short names and no other context than their prefixes: nothing has to be fetched to read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govdata.graph.literals import literal
from govdata.graph.names import PREFIXES, short


def context(base: str = "") -> dict[str, str]:
    """The prefixes, and what relative addresses are relative to."""
    return {**({"@base": base} if base else {}), **PREFIXES}


def compact(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node with short names for its types and properties; a value that stands alone stands without brackets."""
    found: dict[str, Any] = {}
    for key, values in node.items():
        if key[0] != "@":
            found[short(key) or key] = _value(values[0]) if len(values) == 1 else [_value(value) for value in values]
        elif key == "@id":
            found[key] = values
        else:
            kinds = [short(kind) or kind for kind in values]
            found[key] = kinds[0] if len(kinds) == 1 else kinds
    return found


def _value(value: Mapping[str, Any]) -> Any:
    if "@value" in value:
        # Numbers too as texts: how a reader writes them back then does not depend on it.
        text, kind, language = literal(value)
        if language:
            return {"@language": language, "@value": text}
        return {"@type": short(kind) or kind, "@value": text} if kind else text
    if "@list" in value:
        return {"@list": [_value(item) for item in value["@list"]]}
    return value if len(value) == 1 else compact(value)
