"""The parts of JSON-LD 1.1 with short names and no other context than their prefixes: nothing has to be fetched to read it."""

from __future__ import annotations

from json.encoder import encode_basestring as quoted

from govdata.graph.names import PREFIXES, short

__all__ = ["context", "literal", "quoted", "reference"]


def context(base: str = "") -> dict[str, str]:
    """The prefixes, and what relative addresses are relative to."""
    return {**({"@base": base} if base else {}), **PREFIXES}


def literal(text: str, kind: str, language: str) -> str:
    """A text with the IRI of its type, or its language. Numbers too are texts: how a reader writes them back does not depend on it then."""
    if language:
        return f'{{"@language": {quoted(language)}, "@value": {quoted(text)}}}'
    return f'{{"@type": {quoted(short(kind) or kind)}, "@value": {quoted(text)}}}' if kind else quoted(text)


def reference(iri: str) -> str:
    """A node that is named only."""
    return f'{{"@id": {quoted(iri)}}}'
