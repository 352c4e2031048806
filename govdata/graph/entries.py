"""Objects of canonical entries in every form of a graph at once: the same as `expand`, `tidy` and `write` give one after the other.

The same codes, days and truth values stand in entry after entry: each is written once for every place at which it may stand.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from govdata.graph import jsonld, rdfxml
from govdata.graph.expand import one, tidied
from govdata.graph.literals import clean
from govdata.graph.writing import BETWEEN, SPECIAL, Written, classes_of, term_of, values_of
from govdata.reading.entries.keys import NAMES, OBJECT, Scope, Term

KEPT = 4096
"""Pieces that are remembered of the objects at one place."""
SHORT = 24
"""Characters of texts that are: names of columns come again, what describes them does not."""

_Value = tuple[str, str, Sequence[str]]
"""A value, or several: as JSON-LD, as Turtle, and as lines of XML with the property's tags."""
_SCALARS = frozenset((str, int, bool))
"""Classes of values that are the same where they are equal."""


class _Uncommon(Exception):
    """Something that only expanded JSON-LD has a way for: a list of texts, a file name that is relative to the entry."""


class Entries:
    """Writes objects of entries. `known` as for `expand`, `base` as for `write`."""

    def __init__(self, known: Mapping[str, Container[str]], base: str) -> None:
        self.known, self.base = known, base
        self._scopes: list[tuple[Scope, _Properties]] = []

    def write(self, iri: str, told: Mapping[str, Any], scope: Scope) -> list[Written] | None:
        """What is told under keys of a scope as a node with an IRI and no class: one, or none where it tells of nothing.

        `None` where there is something uncommon in it.
        """
        properties = next((found for of, found in self._scopes if of is scope), None)
        if properties is None:
            properties = _Properties(self, scope, BETWEEN, "")
            self._scopes.append((scope, properties))
        try:
            members, statements, lines = properties.written(told)
        except _Uncommon:
            return None
        if not members:
            return []
        as_xml = (f'<rdf:Description rdf:about="{rdfxml.address(iri, self.base)}">', *lines, "</rdf:Description>\n")
        as_json = ", ".join((f'"@id": {jsonld.quoted(iri)}', *members))
        return [Written(f"{{{as_json}}}", f"<{iri}> {BETWEEN.join(statements)} .\n", "\n".join(as_xml))]


class _Properties:
    """The properties that may stand in one object of an entry, at one depth: `between` and `indent` are those of the object."""

    def __init__(self, entries: Entries, scope: Scope, between: str, indent: str) -> None:
        self._entries, self._terms, self._between, self._indent = entries, scope.terms, between, indent
        self._key, self._verb, tag, others = classes_of((scope.node,))
        self._head = [f"{indent}<{tag}>", *[f"{indent}  {line}" for line in others]]
        self._tail = f"{indent}</{tag}>"
        self._made: dict[str, _Property] = {}
        self._pieces: dict[tuple[str, type, Any], _Value | tuple[()]] = {}
        """What a property with a value gives, for values that may come again."""

    def written(self, told: Mapping[str, Any]) -> tuple[list[str], list[str], list[str]]:
        """Members of JSON-LD, statements of Turtle and lines of XML."""
        members: list[str] = []
        statements: list[str] = []
        lines: list[str] = []
        pieces = self._pieces
        for key, value in told.items():
            kind = value.__class__
            piece = pieces.get((key, kind, value)) if kind in _SCALARS else None
            if piece is None:
                piece = self._piece(key, value)
            if piece:
                member, statement, some = piece
                members.append(member)
                statements.append(statement)
                lines += some
        return members, statements, lines

    def _piece(self, key: str, value: Any) -> _Value | tuple[()]:
        found = self._made.get(key)
        if found is None:
            if key not in self._terms:
                return ()
            found = self._made[key] = _Property(self._entries, self._terms[key], self._between, self._indent + "  ")
        written = found.written(value)
        piece = (found.key + written[0], found.verb + written[1], written[2]) if written is not None else ()
        kind = value.__class__
        if kind in _SCALARS and (kind is not str or len(value) < SHORT or not found.is_text):
            if len(self._pieces) >= KEPT:
                self._pieces.clear()
            self._pieces[key, kind, value] = piece
        return piece

    def node(self, value: Mapping[str, Any]) -> _Value:
        """An object as a node without an IRI."""
        members, statements, lines = self.written(value)
        as_turtle = self._between.join([self._verb, *statements])
        return f"{{{', '.join([self._key, *members])}}}", f"[ {as_turtle} ]", [*self._head, *lines, self._tail]


class _Property:
    """One property at one depth."""

    def __init__(self, entries: Entries, term: Term, between: str, indent: str) -> None:
        self.key, self.verb, opened, self._closed = term_of(term.iri)
        self.is_text = term.kind not in (OBJECT, NAMES) and not (term.datatype or term.node or term.form)
        self._entries, self._term, self._between, self._indent = entries, term, between, indent
        self._start, self._end = f"{indent}<{opened}>", f"</{self._closed}>"
        self._list_start = f'{indent}<{opened} rdf:parseType="Collection">'
        self._inner: _Properties | None = None

    def written(self, value: Any) -> _Value | None:
        """A value of the entry; `None` where it says nothing."""
        term = self._term
        items = value if term.many and value.__class__ is list else (value,)
        if term.ordered:
            return self._list(items)
        told = [found for found in map(self._one, items) if found is not None]
        if len(told) < 2:
            return told[0] if told else None
        lines = [line for found in told for line in found[2]]
        return f"[{', '.join([found[0] for found in told])}]", " , ".join([found[1] for found in told]), lines

    def _one(self, value: Any) -> _Value | None:
        kind = value.__class__
        if kind is str and self.is_text:
            text = clean(value)
            if not SPECIAL.search(text):
                quoted = f'"{text}"'
                return quoted, quoted, (f"{self._start}{text}{self._end}",)
        if kind in _SCALARS or kind is float:
            return self._scalar(value)
        if value is None:
            return None
        if kind is not dict:
            raise _Uncommon
        as_json, as_turtle, lines = self._nodes("  ").node(value)
        return as_json, as_turtle, (self._start, *lines, self._indent + self._end)

    def _scalar(self, value: Any) -> _Value | None:
        term = self._term
        if term.form == "file":
            raise _Uncommon
        expanded = one(term, value, "", self._entries.known)
        found = tidied(expanded) if expanded is not None else None
        return values_of([found], term.iri, self._between, self._indent, self._entries.base) if found is not None else None

    def _list(self, items: Sequence[Any]) -> _Value | None:
        """Objects in their order."""
        if any(item.__class__ is not dict for item in items):
            raise _Uncommon
        nodes = self._nodes("    ")
        told = [nodes.node(item) for item in items]
        if not told:
            return None
        lines = [self._list_start, *[line for found in told for line in found[2]], self._indent + self._end]
        return f'{{"@list": [{", ".join([found[0] for found in told])}]}}', f"( {' '.join([found[1] for found in told])} )", lines

    def _nodes(self, deeper: str) -> _Properties:
        """What writes the objects that are values of this property. `deeper`: how much further in their statements stand."""
        if self._inner is None:
            scope = self._term.scope
            if self._term.kind != OBJECT or scope is None:
                raise _Uncommon
            self._inner = _Properties(self._entries, scope, self._between + deeper, self._indent + "  ")
        return self._inner
