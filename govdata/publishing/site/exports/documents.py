"""Graphs as files in three forms, and catalogs put together from what datasets' files begin with: nothing is written twice by hand.

A dataset's file holds DCAT first, then, behind a mark, what only our own vocabulary says. A catalog is the first parts of its datasets
between a head and a tail, so it is copied from the files of the site as they are: it streams, and datasets that did not change cost
no more than their bytes.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, Protocol

from govdata.classes import dataclass
from govdata.graph import compact, rdfxml, turtle
from govdata.graph.names import PREFIXES
from govdata.publishing.site.exports.datasets import Graph

FROM_DATASET = "../../../"
"""The way from a dataset's folder to the site's root."""

_DATASET = f"{PREFIXES['dcat']}dataset"


class Form(Protocol):
    """One way to write a graph."""

    ending: str

    def dataset(self, graph: Graph, base: str) -> str:
        """The file of a dataset. `base`: what relative addresses are relative to, seen from the file; empty where there are none."""

    def excerpt(self, document: str) -> str:
        """The first part of a dataset's file."""

    def head(self, catalog: Catalog, base: str) -> str:
        """What a catalog begins with."""

    def link(self, catalog: Catalog, iri: str, excerpt: str) -> str:
        """One dataset in a catalog."""

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

    def dataset(self, graph: Graph, base: str) -> str:
        return "".join(
            [turtle.head(base), self._MARK, *map(turtle.write, graph.nodes), self._MARK, *map(turtle.write, graph.details)]
        )  # fmt: skip

    def excerpt(self, document: str) -> str:
        return document.split(self._MARK, 2)[1]

    def head(self, catalog: Catalog, base: str) -> str:
        return turtle.head(base) + "".join(map(turtle.write, catalog.nodes))

    def link(self, catalog: Catalog, iri: str, excerpt: str) -> str:
        return f"<{catalog.iri}> dcat:dataset <{iri}> .\n{excerpt}"

    def tail(self) -> str:
        return ""


class RdfXml:
    """RDF/XML 1.1."""

    ending = "rdf"
    _MARK = "<!-- govdata -->\n"
    """It cannot stand in a text: `<` is written otherwise there."""

    def dataset(self, graph: Graph, base: str) -> str:
        nodes = [rdfxml.write(node, base=base) for node in graph.nodes]
        details = [rdfxml.write(node, f"n{number}-", base) for number, node in enumerate(graph.details)]
        return "".join([rdfxml.head(), self._MARK, *nodes, self._MARK, *details, rdfxml.TAIL])

    def excerpt(self, document: str) -> str:
        # Addresses are seen from the root then. In a text no quotation mark stands as it is.
        return document.split(self._MARK, 2)[1].replace(f'="{FROM_DATASET}', '="')

    def head(self, catalog: Catalog, base: str) -> str:
        return rdfxml.head() + "".join(map(rdfxml.write, catalog.nodes))

    def link(self, catalog: Catalog, iri: str, excerpt: str) -> str:
        return rdfxml.write({"@id": catalog.iri, _DATASET: [{"@id": iri}]}) + excerpt

    def tail(self) -> str:
        return rdfxml.TAIL


class JsonLd:
    """JSON-LD 1.1, one node a line."""

    ending = "jsonld"

    def dataset(self, graph: Graph, base: str) -> str:
        lines = [",\n".join(map(_line, nodes)) for nodes in (graph.nodes, graph.details) if nodes]
        # An empty line, which JSON lets be, parts what is DCAT from what is ours.
        return self._head(base) + ",\n\n".join(lines) + "\n]}\n"

    def excerpt(self, document: str) -> str:
        _, _, body = document.partition("[\n")
        return body.partition(",\n\n")[0].removesuffix("\n]}\n")

    def head(self, catalog: Catalog, base: str) -> str:
        return self._head(base) + ",\n".join(map(_line, catalog.nodes))

    def link(self, catalog: Catalog, iri: str, excerpt: str) -> str:
        return f",\n{_line({'@id': catalog.iri, _DATASET: [{'@id': iri}]})},\n{excerpt}"

    def tail(self) -> str:
        return "\n]}\n"

    @staticmethod
    @functools.lru_cache
    def _head(base: str) -> str:
        return f'{{"@context": {json.dumps(compact.context(base))}, "@graph": [\n'


FORMS: tuple[Form, ...] = (JsonLd(), Turtle(), RdfXml())


_written = json.JSONEncoder(ensure_ascii=False).encode


def _line(node: Mapping[str, Any]) -> str:
    if len(node) == 2 and "@type" in node:
        return _declared(node["@id"], tuple(node["@type"]))
    return _written(compact.compact(node))


@functools.lru_cache(maxsize=1024)
def _declared(iri: str, kinds: tuple[str, ...]) -> str:
    """A node of which only the class is said: mostly one of a few that stand in every file."""
    return _written(compact.compact({"@id": iri, "@type": kinds}))
