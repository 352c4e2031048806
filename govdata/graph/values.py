"""What a node of a graph is as a value of an entry: an address, a code, a name."""

from __future__ import annotations

from collections.abc import Sequence

from govdata.graph import vocabulary
from govdata.graph.triples import BLANK, LITERAL, Graph, Node
from govdata.graph.vocabulary import full
from govdata.reading.entries.jsonld import CODES, DATASETS, STANDARDS
from govdata.reading.entries.keys import Term

_SHOWN = 200


def shown(text: str) -> str:
    """A text as short as it is shown."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def iri_value(graph: Graph, term: Term, node: Node, pointer: str, languages: Sequence[str]) -> str | None:
    """The value that an IRI or a blank node stands for; `None` for a blank node without a name."""
    if node.kind == BLANK:
        return label_of(graph, node, languages)
    if term.codes:
        return _code(graph, term, node, languages)
    if term.form == "standard":
        return node.value if node.value.startswith(STANDARDS) else None
    if term.form == "dataset":
        return _dataset(graph, node)
    if term.form in ("tel", "mailto"):
        # As a node of its own: vcard:hasTelephone [ vcard:hasValue <tel:…> ].
        return label_of(graph, node, languages) or node.value
    if term.form or pointer in vocabulary.addresses():
        return node.value
    if pointer == "/language":
        return _from_list("languages", node.value) or label_of(graph, node, languages) or node.value
    if pointer == "/resources/format":
        return _format(node.value) or label_of(graph, node, languages) or node.value
    return label_of(graph, node, languages) or node.value


def label_of(graph: Graph, node: Node, languages: Sequence[str]) -> str | None:
    """What a thing is called, in the preferred language."""
    properties = graph.properties(node.key)
    for name in vocabulary.listed("names"):
        nodes = [item for item in properties.get(name, ()) if item.kind != BLANK]
        if nodes:
            ranked = sorted(nodes, key=lambda item: _rank(item.language, languages))
            return ranked[0].value
    return None


def _rank(language: str, languages: Sequence[str]) -> int:
    base = language.partition("-")[0].lower()
    return languages.index(base) if base in languages else len(languages)


def _code(graph: Graph, term: Term, node: Node, languages: Sequence[str]) -> str:
    if node.value.startswith(CODES):
        return node.value
    if term.codes == "update-cycle":
        code = vocabulary.cycles()[0].get(node.value)
        if code:
            return code
    if term.codes == "theme":
        code = _from_list("theme", node.value)
        if code:
            return code
    return label_of(graph, node, languages) or node.value


def _from_list(section: str, iri: str) -> str | None:
    told = vocabulary.table(section)
    prefix = told["prefix"]
    found = told["read"].get(iri.removeprefix(prefix)) if iri.startswith(prefix) else None
    return None if found is None else str(found)


def _format(iri: str) -> str | None:
    told = vocabulary.table("formats")
    if iri.startswith(told["prefix"]):
        return iri.removeprefix(told["prefix"]).lower()
    for prefix in told["media"]:
        if iri.startswith(prefix):
            media = iri.removeprefix(prefix)
            return str(told["read"].get(media, media))
    return None


def _dataset(graph: Graph, node: Node) -> str:
    """A related dataset by its code, where the graph says it."""
    if node.value.startswith(DATASETS):
        return node.value
    codes = graph.properties(node.value).get(full("dct:identifier"), ())
    return next((item.value for item in codes if item.kind == LITERAL), node.value)
