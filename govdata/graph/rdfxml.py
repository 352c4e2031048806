"""Expanded JSON-LD as RDF/XML 1.1, one property a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from govdata.graph.literals import literal
from govdata.graph.names import PREFIXES, RDF, XSD, short

HEAD, TAIL = '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF', "</rdf:RDF>\n"

_ESCAPED = re.compile('[&<>"\t\n\r]')
_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def head() -> str:
    """The root element's start, with the prefixes."""
    spaces = "".join(f'\n  xmlns:{prefix}="{namespace}"' for prefix, namespace in PREFIXES.items())
    return f"{HEAD}{spaces}>\n"


def write(node: Mapping[str, Any], label: str = "n", base: str = "") -> str:
    """The triples of a node that has an IRI. `label` begins the names of nodes without one: unique in the document.

    `base` stands before relative addresses: not all readers take an `xml:base` that is relative itself.
    """
    writer = _Writer(label, base)
    lines = [*writer.node(node, "", "")]
    while writer.waiting:
        name, value, rest = writer.waiting.pop(0)
        lines += writer.link(name, value, rest)
    return "\n".join(lines) + "\n"


class _Writer:
    """The lines of one top node; the cells of lists of texts wait to stand beside it, so that no element lies deep in others."""

    def __init__(self, label: str, base: str) -> None:
        self._label, self._base, self._count = label, base, 0
        self.waiting: list[tuple[str, Mapping[str, Any], str]] = []

    def node(self, node: Mapping[str, Any], indent: str, name: str) -> Iterator[str]:
        """An element for a node; with no IRI it has no name."""
        kinds = list(node.get("@type") or ())
        tag = (short(kinds[0]) if kinds else "") or "rdf:Description"
        about = f' rdf:about="{self._iri(node["@id"])}"' if "@id" in node else name
        yield f"{indent}<{tag}{about}>"
        inner = indent + "  "
        for kind in kinds if tag == "rdf:Description" else kinds[1:]:
            yield f'{inner}<rdf:type rdf:resource="{_escaped(kind)}"/>'
        for predicate, values in node.items():
            if predicate[0] != "@":
                opened, closed = _tags(predicate)
                for value in values:
                    yield from self._property(value, opened, closed, inner)
        yield f"{indent}</{tag}>"

    def _property(self, value: Mapping[str, Any], opened: str, closed: str, indent: str) -> Iterator[str]:
        if "@value" in value:
            text, kind, language = literal(value)
            typed = f' rdf:datatype="{_escaped(kind)}"' if kind and kind != f"{XSD}string" else ""
            typed = f' xml:lang="{_escaped(language)}"' if language else typed
            yield f"{indent}<{opened}{typed}>{_escaped(text)}</{closed}>"
        elif "@list" in value:
            yield from self._list(value["@list"], opened, closed, indent)
        elif "@id" in value:
            # What is said of a node with an IRI of its own stands beside, at the top.
            yield f'{indent}<{opened} rdf:resource="{self._iri(value["@id"])}"/>'
        else:
            yield f"{indent}<{opened}>"
            yield from self.node(value, indent + "  ", "")
            yield f"{indent}</{closed}>"

    def _list(self, items: list[Mapping[str, Any]], opened: str, closed: str, indent: str) -> Iterator[str]:
        if items and not any("@value" in item or "@list" in item for item in items):
            yield f'{indent}<{opened} rdf:parseType="Collection">'
            for item in items:
                yield from self.node(item, indent + "  ", "")
            yield f"{indent}</{closed}>"
            return
        names = [self._name() for _ in items]
        target = f'rdf:nodeID="{names[0]}"' if names else f'rdf:resource="{RDF}nil"'
        yield f"{indent}<{opened} {target}/>"
        self.waiting += zip(names, items, [*names, ""][1:], strict=True)

    def _iri(self, iri: str) -> str:
        return _escaped(iri if ":" in iri.partition("/")[0] else self._base + iri)

    def _name(self) -> str:
        self._count += 1
        return f"{self._label}{self._count}"

    def link(self, name: str, value: Mapping[str, Any], rest: str) -> Iterator[str]:
        """One cell of a list."""
        yield f'<rdf:Description rdf:nodeID="{name}">'
        yield from self._property(value, "rdf:first", "rdf:first", "  ")
        target = f'rdf:nodeID="{rest}"' if rest else f'rdf:resource="{RDF}nil"'
        yield f"  <rdf:rest {target}/>"
        yield "</rdf:Description>"


def _tags(predicate: str) -> tuple[str, str]:
    """What stands in the start and the end tag of a property."""
    name = short(predicate)
    if name:
        return name, name
    cut = max(predicate.rfind("#"), predicate.rfind("/"), predicate.rfind(":")) + 1
    return f'p:{predicate[cut:]} xmlns:p="{_escaped(predicate[:cut])}"', f"p:{predicate[cut:]}"


def _escaped(text: str) -> str:
    return _ESCAPED.sub(_mark, text)


def _mark(match: re.Match[str]) -> str:
    return _MARKS[match[0]]
