"""Expanded JSON-LD as RDF/XML 1.1, one property a line."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from govdata.graph.literals import literal
from govdata.graph.names import PREFIXES, RDF, XSD, short

HEAD, TAIL = '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF', "</rdf:RDF>\n"

_ESCAPED = re.compile('[&<>"\t\n\r]')
_MARKS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


@functools.lru_cache
def head() -> str:
    """The root element's start, with the prefixes."""
    spaces = "".join(f'\n  xmlns:{prefix}="{namespace}"' for prefix, namespace in PREFIXES.items())
    return f"{HEAD}{spaces}>\n"


def write(node: Mapping[str, Any], label: str = "n", base: str = "") -> str:
    """The triples of a node that has an IRI. `label` begins the names of nodes without one: unique in the document.

    `base` stands before relative addresses: not all readers take an `xml:base` that is relative itself.
    """
    if len(node) == 2 and "@type" in node:
        return _declared(node["@id"], tuple(node["@type"]), base)
    writer = _Writer(label, base)
    writer.node(node, "")
    while writer.waiting:
        writer.link(*writer.waiting.pop(0))
    writer.lines.append("")
    return "\n".join(writer.lines)


@functools.lru_cache(maxsize=1024)
def _declared(iri: str, kinds: tuple[str, ...], base: str) -> str:
    """A node of which only the class is said: mostly one of a few that stand in every file."""
    writer = _Writer("", base)
    writer.node({"@id": iri, "@type": kinds}, "")
    return "\n".join([*writer.lines, ""])


class _Writer:
    """The lines of one top node; the cells of lists of texts wait to stand beside it, so that no element lies deep in others."""

    def __init__(self, label: str, base: str) -> None:
        self._label, self._base, self._count = label, base, 0
        self.lines: list[str] = []
        self.waiting: list[tuple[str, Mapping[str, Any], str]] = []

    def node(self, node: Mapping[str, Any], indent: str) -> None:
        """An element for a node; with no IRI it has no name."""
        kinds, lines = node.get("@type") or (), self.lines
        tag = (short(kinds[0]) if kinds else "") or "rdf:Description"
        about = f' rdf:about="{self._iri(node["@id"])}"' if "@id" in node else ""
        lines.append(f"{indent}<{tag}{about}>")
        inner = indent + "  "
        for kind in kinds if tag == "rdf:Description" else kinds[1:]:
            lines.append(f'{inner}<rdf:type rdf:resource="{_escaped(kind)}"/>')
        for predicate, values in node.items():
            if predicate[0] != "@":
                opened, closed = _tags(predicate)
                for value in values:
                    self._property(value, opened, closed, inner)
        lines.append(f"{indent}</{tag}>")

    def _property(self, value: Mapping[str, Any], opened: str, closed: str, indent: str) -> None:
        if "@value" in value:
            text, kind, language = literal(value)
            typed = f' rdf:datatype="{_escaped(kind)}"' if kind and kind != f"{XSD}string" else ""
            typed = f' xml:lang="{_escaped(language)}"' if language else typed
            self.lines.append(f"{indent}<{opened}{typed}>{_escaped(text)}</{closed}>")
        elif "@list" in value:
            self._list(value["@list"], opened, closed, indent)
        elif "@id" in value:
            # What is said of a node with an IRI of its own stands beside, at the top.
            self.lines.append(f'{indent}<{opened} rdf:resource="{self._iri(value["@id"])}"/>')
        else:
            self.lines.append(f"{indent}<{opened}>")
            self.node(value, indent + "  ")
            self.lines.append(f"{indent}</{closed}>")

    def _list(self, items: Sequence[Mapping[str, Any]], opened: str, closed: str, indent: str) -> None:
        if items and not any("@value" in item or "@list" in item for item in items):
            self.lines.append(f'{indent}<{opened} rdf:parseType="Collection">')
            for item in items:
                self.node(item, indent + "  ")
            self.lines.append(f"{indent}</{closed}>")
            return
        names = [self._name() for _ in items]
        target = f'rdf:nodeID="{names[0]}"' if names else f'rdf:resource="{RDF}nil"'
        self.lines.append(f"{indent}<{opened} {target}/>")
        self.waiting += zip(names, items, [*names, ""][1:], strict=True)

    def _iri(self, iri: str) -> str:
        return _escaped(iri if ":" in iri.partition("/")[0] else self._base + iri)

    def _name(self) -> str:
        self._count += 1
        return f"{self._label}{self._count}"

    def link(self, name: str, value: Mapping[str, Any], rest: str) -> None:
        """One cell of a list."""
        self.lines.append(f'<rdf:Description rdf:nodeID="{name}">')
        self._property(value, "rdf:first", "rdf:first", "  ")
        target = f'rdf:nodeID="{rest}"' if rest else f'rdf:resource="{RDF}nil"'
        self.lines += [f"  <rdf:rest {target}/>", "</rdf:Description>"]


@functools.lru_cache(maxsize=1024)
def _tags(predicate: str) -> tuple[str, str]:
    """What stands in the start and the end tag of a property."""
    name = short(predicate)
    if name:
        return name, name
    cut = max(predicate.rfind("#"), predicate.rfind("/"), predicate.rfind(":")) + 1
    return f'p:{predicate[cut:]} xmlns:p="{_escaped(predicate[:cut])}"', f"p:{predicate[cut:]}"


def _escaped(text: str) -> str:
    return _ESCAPED.sub(_mark, text) if _ESCAPED.search(text) else text


def _mark(match: re.Match[str]) -> str:
    return _MARKS[match[0]]
