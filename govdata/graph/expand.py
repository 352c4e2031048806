"""The fast way from a canonical entry to expanded JSON-LD, by the key map. It gives what pyld gives for the same entry (`reference`)."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from govdata.graph.iris import base_of, dataset_iri, to_node
from govdata.graph.literals import clean
from govdata.graph.names import is_iri
from govdata.reading.entries.keys import NAMES, OBJECT, Scope, Term, entry_scope
from govdata.values import MAPPING

_NONE: Mapping[str, Container[str]] = {}


def expand(canonical: Mapping[str, Any], known: Mapping[str, Container[str]] = _NONE, scope: Scope | None = None) -> list[dict[str, Any]]:
    """A canonical entry as expanded JSON-LD (JSON-LD 1.1 API §5): one node, a dcat:Dataset.

    `known`: code list → codes that a layer added; a code that is in no list stays a literal. A value of the wrong
    shape is left out: the schema check reports it.
    """
    node = _object(canonical, scope or entry_scope(), base_of(canonical), known)
    identifier = canonical.get("identifier")
    if isinstance(identifier, str) and identifier.strip():
        node["@id"] = dataset_iri(identifier)
    return [node]


def _object(value: Mapping[str, Any], scope: Scope, base: str, known: Mapping[str, Container[str]]) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": [scope.node]}
    terms = scope.terms
    for key, item in value.items():
        term = terms.get(key)
        if term is None:
            continue
        items = item if term.many and isinstance(item, list) else (item,)
        found = [e for e in [one(term, item, base, known) for item in items] if e is not None]
        if found:
            node[term.iri] = [{"@list": found}] if term.ordered else found
    return node


def one(term: Term, value: Any, base: str, known: Mapping[str, Container[str]]) -> dict[str, Any] | None:
    """A value of a property; nothing where it is of the wrong shape. `base`: what file names are relative to."""
    kind = term.kind
    if kind == OBJECT:
        if isinstance(value, MAPPING) and term.scope is not None:
            return _object(value, term.scope, base, known)
        return None
    if kind == NAMES:
        return {"@list": [{"@value": name} for name in value if isinstance(name, str)]} if isinstance(value, list) else None
    if type(value) is str and not (term.datatype or term.node or term.form):
        return {"@value": value}
    if term.datatype == "@vocab" and type(value) is str and value in term.labels:
        return {"@id": term.labels[value]}
    compact = to_node(term, value, base, known)
    return None if compact is None else _expanded(term, compact)


def _expanded(term: Term, compact: Any) -> dict[str, Any]:
    """Value expansion (JSON-LD 1.1 API §5.3) of what `to_node` gives."""
    if isinstance(compact, dict):
        if "@type" not in compact or "@value" in compact:
            return compact
        return {key: [item] if key == "@type" else [{"@value": item}] for key, item in compact.items()}
    datatype = term.datatype
    if not datatype:
        return {"@value": compact}
    if datatype == "@id":
        return {"@id": compact}
    if datatype == "@vocab":
        return {"@id": term.labels[compact]}
    return {"@type": datatype, "@value": compact}


def tidy(node: dict[str, Any]) -> dict[str, Any]:
    """A node of an entry's own words without empty properties, without references that no form can hold, and with clean texts."""
    found: dict[str, Any] = {}
    for key, values in node.items():
        if key[0] == "@":
            found[key] = values
        elif kept := [value for value in map(tidied, values) if value is not None]:
            found[key] = kept
    return found


def tidied(value: dict[str, Any]) -> dict[str, Any] | None:
    """The same of a value; nothing where nothing is left of it."""
    if "@value" in value:
        text = value["@value"]
        return {**value, "@value": clean(text)} if isinstance(text, str) and not text.isprintable() else value
    if "@list" in value:
        items: Sequence[dict[str, Any] | None] = [tidied(item) for item in value["@list"]]
        return {"@list": [item for item in items if item is not None]}
    if len(value) == 1 and "@id" in value:
        iri = value["@id"]
        return value if is_iri(iri) or ":" not in iri.partition("/")[0] else None
    return tidy(value)
