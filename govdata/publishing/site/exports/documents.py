"""Graphs as files in three forms, and catalogs put together from what datasets' files begin with: nothing is written twice by hand.

A dataset's file holds DCAT first, then, behind a mark, what only our own vocabulary says. A catalog is the first parts of its datasets
between a head and a tail, so it is copied from the files of the site as they are: it streams, and datasets that did not change cost
no more than their bytes.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from govdata.classes import dataclass
from govdata.graph import jsonld, rdfxml, turtle
from govdata.graph.names import PREFIXES
from govdata.graph.writing import Written, write
from govdata.publishing.site.exports.datasets import Graph
from govdata.publishing.site.exports.naming import FROM_DATASET

_DATASET = f"{PREFIXES['dcat']}dataset"


class Form(Protocol):
    """One way to write a graph."""

    ending: str

    def dataset(self, nodes: Sequence[Written], details: Sequence[Written], base: str) -> str:
        """The file of a dataset from the nodes of its graph. `base`: what relative addresses are relative to, seen from the file."""

    def excerpt(self, document: bytes) -> bytes:
        """The first part of a dataset's file."""

    def head(self, catalog: Catalog, base: str) -> str:
        """What a catalog begins with."""

    def link(self, catalog: Catalog, iri: str) -> str:
        """One dataset in a catalog: what stands before its excerpt."""

    def tail(self) -> str:
        """What a catalog ends with."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is said of a catalog itself: the first node is the dcat:Catalog, the others what it refers to."""

    nodes: tuple[Mapping[str, Any], ...]

    @property
    def iri(self) -> str:
        """Its IRI."""
        return str(self.nodes[0]["@id"])


class Turtle:
    """Turtle 1.1."""

    ending = "ttl"
    _MARK = "# --- govdata\n"
    """No other line begins so: a text with a line end is written in one line."""

    def dataset(self, nodes: Sequence[Written], details: Sequence[Written], base: str) -> str:
        first, second = ("".join([node.turtle for node in some]) for some in (nodes, details))
        return f"{turtle.head(base)}{self._MARK}{first}{self._MARK}{second}"

    def excerpt(self, document: bytes) -> bytes:
        return document.split(self._MARK.encode(), 2)[1]

    def head(self, catalog: Catalog, base: str) -> str:
        return turtle.head(base) + "".join([write(node).turtle for node in catalog.nodes])

    def link(self, catalog: Catalog, iri: str) -> str:
        return f"<{catalog.iri}> dcat:dataset <{iri}> .\n"

    def tail(self) -> str:
        return ""


class RdfXml:
    """RDF/XML 1.1."""

    ending = "rdf"
    _MARK = "<!-- govdata -->\n"
    """It cannot stand in a text: `<` is written otherwise there."""

    def dataset(self, nodes: Sequence[Written], details: Sequence[Written], base: str) -> str:
        first, second = ("".join([node.rdfxml for node in some]) for some in (nodes, details))
        return f"{rdfxml.head()}{self._MARK}{first}{self._MARK}{second}{rdfxml.TAIL}"

    def excerpt(self, document: bytes) -> bytes:
        # Addresses are seen from the root then. In a text no quotation mark stands as it is.
        return document.split(self._MARK.encode(), 2)[1].replace(f'="{FROM_DATASET}'.encode(), b'="')

    def head(self, catalog: Catalog, base: str) -> str:
        return rdfxml.head() + "".join([write(node).rdfxml for node in catalog.nodes])

    def link(self, catalog: Catalog, iri: str) -> str:
        return _link(catalog.iri, iri).rdfxml

    def tail(self) -> str:
        return rdfxml.TAIL


class JsonLd:
    """JSON-LD 1.1, one node a line."""

    ending = "jsonld"

    def dataset(self, nodes: Sequence[Written], details: Sequence[Written], base: str) -> str:
        lines = [",\n".join([node.jsonld for node in some]) for some in (nodes, details) if some]
        # An empty line, which JSON lets be, parts what is DCAT from what is ours.
        return self._head(base) + ",\n\n".join(lines) + "\n]}\n"

    def excerpt(self, document: bytes) -> bytes:
        _, _, body = document.partition(b"[\n")
        return body.partition(b",\n\n")[0].removesuffix(b"\n]}\n")

    def head(self, catalog: Catalog, base: str) -> str:
        return self._head(base) + ",\n".join([write(node).jsonld for node in catalog.nodes])

    def link(self, catalog: Catalog, iri: str) -> str:
        return f",\n{_link(catalog.iri, iri).jsonld},\n"

    def tail(self) -> str:
        return "\n]}\n"

    @staticmethod
    @functools.lru_cache
    def _head(base: str) -> str:
        return f'{{"@context": {json.dumps(jsonld.context(base))}, "@graph": [\n'


FORMS: tuple[Form, ...] = (JsonLd(), Turtle(), RdfXml())


def files_of(graph: Graph, base: str) -> Iterator[tuple[str, str]]:
    """The ending and the text of each file of a dataset's graph. `base`: empty where no address is relative."""
    nodes = [write(node, base=base) for node in graph.nodes]
    details = [node if isinstance(node, Written) else write(node, f"n{number}-", base) for number, node in enumerate(graph.details)]
    return ((form.ending, form.dataset(nodes, details, base)) for form in FORMS)


@functools.lru_cache(maxsize=1 << 14)
def _link(catalog: str, iri: str) -> Written:
    """That a catalog has a dataset; asked for once to write it and once to find it in the catalog of before."""
    return write({"@id": catalog, _DATASET: [{"@id": iri}]})
