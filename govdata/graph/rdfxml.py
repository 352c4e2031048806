"""The parts of RDF/XML 1.1."""

from __future__ import annotations

import functools
import re

from govdata.graph.names import PREFIXES, XSD, short

HEAD, TAIL = '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF', "</rdf:RDF>\n"

_ESCAPED = re.compile('[&<>"\t\n\r]')
_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


@functools.lru_cache
def head() -> str:
    """The root element's start, with the prefixes."""
    spaces = "".join(f'\n  xmlns:{prefix}="{namespace}"' for prefix, namespace in PREFIXES.items())
    return f"{HEAD}{spaces}>\n"


def tags(predicate: str) -> tuple[str, str]:
    """What stands in the start and the end tag of a property."""
    name = short(predicate)
    if name:
        return name, name
    cut = max(predicate.rfind("#"), predicate.rfind("/"), predicate.rfind(":")) + 1
    return f'p:{predicate[cut:]} xmlns:p="{escaped(predicate[:cut])}"', f"p:{predicate[cut:]}"


def literal(text: str, kind: str, language: str) -> str:
    """What stands behind the name of a start tag: the type or the language, and the text up to the end tag."""
    typed = f' rdf:datatype="{escaped(kind)}"' if kind and kind != f"{XSD}string" else ""
    typed = f' xml:lang="{escaped(language)}"' if language else typed
    return f"{typed}>{escaped(text)}"


def address(iri: str, base: str) -> str:
    """An IRI as the value of an attribute.

    `base` stands before relative addresses: not all readers take an `xml:base` that is relative itself.
    """
    return escaped(iri if ":" in iri.partition("/")[0] else base + iri)


def escaped(text: str) -> str:
    """A text between tags or quotation marks; in none stands a quotation mark as it is."""
    return _ESCAPED.sub(_mark, text)


def _mark(match: re.Match[str]) -> str:
    return _MARKS[match[0]]
