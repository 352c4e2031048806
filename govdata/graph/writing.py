"""Expanded JSON-LD as JSON-LD with short names, as Turtle and as RDF/XML, in one walk.

What the forms differ in is their signs (`jsonld`, `turtle`, `rdfxml`). Which values there are, what is short for a name and whether
a text has to be escaped is the same for all, so it is found out once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from govdata.graph import jsonld, rdfxml, turtle
from govdata.graph.literals import literal
from govdata.graph.names import RDF, short

Node = Mapping[str, Any]
"""A node object of expanded JSON-LD; `@id` and `@type` stand before the properties."""

BETWEEN = " ;\n  "
"""Between two statements of Turtle about one node; nested nodes stand further in."""
SPECIAL = re.compile(r'["&<>\\\x00-\x1f\x7f]')
"""What one of the forms has to escape in a text."""


class Written(NamedTuple):
    """A node in each form."""

    jsonld: str
    """An object, in one line."""
    turtle: str
    """Lines, none of which begins with `#`."""
    rdfxml: str
    """Elements, one property a line."""


class _Term(NamedTuple):
    """A property in each form."""

    key: str
    verb: str
    opened: str
    closed: str


class _Classes(NamedTuple):
    """The classes of a node in each form; `key` and `verb` are empty where it has none."""

    key: str
    verb: str
    tag: str
    others: tuple[str, ...]
    """Elements for those that the tag does not say."""


_Leaf = tuple[str, str, str, bool]
"""A value that holds no others: as JSON-LD, as Turtle, what stands behind the tag's name in XML, and whether an end tag follows there."""


def write(node: Node, label: str = "n", base: str = "") -> Written:
    """The triples of a node that has an IRI.

    `label` begins the names of nodes of RDF/XML that have no IRI: unique in the document. `base` stands before relative addresses
    there; in the other forms the head of the document says it.
    """
    if len(node) == 2 and "@type" in node:
        return _declared(node["@id"], tuple(node["@type"]), base)
    return _written(node, label, base)


@functools.lru_cache(maxsize=1024)
def _declared(iri: str, kinds: tuple[str, ...], base: str) -> Written:
    """A node of which only the class is said: mostly one of a few that stand in every file."""
    return _written({"@id": iri, "@type": kinds}, "", base)


def _written(node: Node, label: str, base: str) -> Written:
    walk = _Walk(label, base)
    members, statements = walk.node(node, BETWEEN, "")
    walk.cells()
    walk.lines.append("")
    return Written(f"{{{members}}}", f"<{node['@id']}> {statements} .\n", "\n".join(walk.lines))


class _Walk:
    """The walk through one top node. JSON-LD and Turtle are handed up; the lines of XML gather.

    The cells of lists of texts wait to stand beside the node in XML, so that no element lies deep in others.
    """

    def __init__(self, label: str, base: str) -> None:
        self._label, self._base, self._count = label, base, 0
        self.lines: list[str] = []
        self._waiting: list[tuple[str, Node, str]] = []

    def node(self, node: Node, between: str, indent: str) -> tuple[str, str]:
        """The members of an object, statements of Turtle with `between` in between, and an element; with no IRI it has no name."""
        key, verb, tag, others = classes_of(tuple(node.get("@type") or ()))
        members, statements = [key] if key else [], [verb] if verb else []
        about = ""
        if "@id" in node:
            about = f' rdf:about="{rdfxml.address(node["@id"], self._base)}"'
            members.insert(0, f'"@id": {jsonld.quoted(node["@id"])}')
        lines, base, inner = self.lines, self._base, indent + "  "
        lines.append(f"{indent}<{tag}{about}>")
        lines += [inner + line for line in others]
        for predicate, values in node.items():
            if predicate[0] == "@":
                continue
            term = term_of(predicate)
            leaf = _leaf(values[0], base) if len(values) == 1 else None
            if leaf is None:
                as_json, as_turtle = self._values(values, term, between, inner)
            else:
                as_json, as_turtle, attributes, is_open = leaf
                lines.append(f"{inner}<{term[2]}{attributes}</{term[3]}>" if is_open else f"{inner}<{term[2]}{attributes}/>")
            members.append(term[0] + as_json)
            statements.append(term[1] + as_turtle)
        lines.append(f"{indent}</{tag}>")
        return ", ".join(members), between.join(statements)

    def _values(self, values: Sequence[Node], term: _Term, between: str, indent: str) -> tuple[str, str]:
        """The values of a property; one that stands alone stands without brackets."""
        told = [self._value(value, term, between, indent) for value in values]
        as_json = ", ".join([value[0] for value in told])
        return as_json if len(told) == 1 else f"[{as_json}]", " , ".join([value[1] for value in told])

    def _value(self, value: Node, term: _Term, between: str, indent: str) -> tuple[str, str]:
        lines = self.lines
        leaf = _leaf(value, self._base)
        if leaf is not None:
            as_json, as_turtle, attributes, is_open = leaf
            lines.append(f"{indent}<{term.opened}{attributes}</{term.closed}>" if is_open else f"{indent}<{term.opened}{attributes}/>")
            return as_json, as_turtle
        if "@list" in value:
            told = self._list(value["@list"], term, between + "  ", indent)
            return f'{{"@list": [{", ".join([item[0] for item in told])}]}}', f"( {' '.join([item[1] for item in told])} )"
        lines.append(f"{indent}<{term.opened}>")
        members, statements = self.node(value, between + "  ", indent + "  ")
        lines.append(f"{indent}</{term.closed}>")
        return f"{{{members}}}", f"[ {statements} ]"

    def _list(self, items: Sequence[Node], term: _Term, between: str, indent: str) -> list[tuple[str, str]]:
        if items and not any("@value" in item or "@list" in item for item in items):
            self.lines.append(f'{indent}<{term.opened} rdf:parseType="Collection">')
            told = [self._item(item, between, indent + "  ") for item in items]
            self.lines.append(f"{indent}</{term.closed}>")
            return told
        names = [self._name() for _ in items]
        target = f'rdf:nodeID="{names[0]}"' if names else f'rdf:resource="{RDF}nil"'
        self.lines.append(f"{indent}<{term.opened} {target}/>")
        self._waiting += zip(names, items, [*names, ""][1:], strict=True)
        # Their lines come later: those of this walk stay unread.
        beside = _Walk(self._label, self._base)
        return [beside._value(item, _FIRST, between, indent) for item in items]

    def _item(self, item: Node, between: str, indent: str) -> tuple[str, str]:
        """A node of a list; one with an IRI of its own is only named where it is not XML."""
        members, statements = self.node(item, between + "  ", indent)
        if "@id" in item:
            return f"{{{members}}}", f"<{item['@id']}>"
        return f"{{{members}}}", f"[ {statements} ]"

    def _name(self) -> str:
        self._count += 1
        return f"{self._label}{self._count}"

    def cells(self) -> None:
        """Add the cells of lists that wait, in XML."""
        while self._waiting:
            name, value, rest = self._waiting.pop(0)
            self.lines.append(f'<rdf:Description rdf:nodeID="{name}">')
            self._value(value, _FIRST, BETWEEN, "  ")
            target = f'rdf:nodeID="{rest}"' if rest else f'rdf:resource="{RDF}nil"'
            self.lines += [f"  <rdf:rest {target}/>", "</rdf:Description>"]


def values_of(values: Sequence[Node], predicate: str, between: str, indent: str, base: str) -> tuple[str, str, tuple[str, ...]]:
    """The values of a property, as JSON-LD, Turtle, and lines of RDF/XML with the property's tags; no lists of texts."""
    walk = _Walk("", base)
    as_json, as_turtle = walk._values(values, term_of(predicate), between, indent)
    return as_json, as_turtle, tuple(walk.lines)


@functools.lru_cache(maxsize=1024)
def term_of(predicate: str) -> _Term:
    """A property in each form."""
    return _Term(f"{jsonld.quoted(short(predicate) or predicate)}: ", f"{turtle.name(predicate)} ", *rdfxml.tags(predicate))


_FIRST = _Term("", "", "rdf:first", "rdf:first")


@functools.lru_cache(maxsize=1024)
def classes_of(kinds: tuple[str, ...]) -> _Classes:
    """The classes of a node in each form."""
    tag = (short(kinds[0]) if kinds else "") or "rdf:Description"
    lines = [f'<rdf:type rdf:resource="{rdfxml.escaped(kind)}"/>' for kind in (kinds if tag == "rdf:Description" else kinds[1:])]
    names = [jsonld.quoted(short(kind) or kind) for kind in kinds]
    key = f'"@type": {names[0] if len(names) == 1 else "[" + ", ".join(names) + "]"}' if names else ""
    return _Classes(key, f"a {' , '.join(map(turtle.name, kinds))}" if kinds else "", tag, tuple(lines))


def _leaf(value: Node, base: str) -> _Leaf | None:
    """A literal or a reference; nothing for a list or a node that is told of here."""
    if "@value" in value:
        text = value["@value"]
        if len(value) > 1 or text.__class__ is not str:
            return _literal(*literal(value))
        if SPECIAL.search(text):
            return _literal.__wrapped__(text, "", "")
        quoted = f'"{text}"'
        return quoted, quoted, f">{text}", True
    if "@id" in value:
        # What is said of a node with an IRI of its own stands beside, at the top.
        return _reference(value["@id"], base)
    return None


@functools.lru_cache(maxsize=1024)
def _literal(text: str, kind: str, language: str) -> _Leaf:
    """A text with a type or a language: numbers, truth values and days come again and again."""
    return jsonld.literal(text, kind, language), turtle.literal(text, kind, language), rdfxml.literal(text, kind, language), True


@functools.lru_cache(maxsize=1024)
def _reference(iri: str, base: str) -> _Leaf:
    return jsonld.reference(iri), f"<{iri}>", f' rdf:resource="{rdfxml.address(iri, base)}"', False
