"""The parts of Turtle 1.1."""

from __future__ import annotations

import functools
import re

from govdata.graph.names import PREFIXES, XSD, short

_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@functools.lru_cache
def head(base: str = "") -> str:
    """The prefixes, and what relative addresses are relative to."""
    lines = [f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()]
    return "".join([f"@base <{base}> .\n"] * bool(base) + lines) + "\n"


def name(iri: str) -> str:
    """A property or class."""
    return short(iri) or f"<{iri}>"


def literal(text: str, kind: str, language: str) -> str:
    """A text with the IRI of its type, or its language; always in one line."""
    written = f'"{_ESCAPED.sub(_escape, text)}"'
    if language:
        return f"{written}@{language}"
    return f"{written}^^{name(kind)}" if kind and kind != f"{XSD}string" else written


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04X}"
