"""Triples written as Turtle, N-Triples or RDF/XML by pyoxigraph, one after the other: nothing is gathered."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, BinaryIO

from govdata.errors import EngineError
from govdata.expressions import expression
from govdata.graph.triples import BLANK, IRI, LITERAL, Node, Triple, json_literal
from govdata.graph.vocabulary import JSON, prefixes, short

WRITTEN = {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "rdfxml": "RDF_XML"}
"""Our names of the formats → pyoxigraph's."""
_NOT_XML = expression("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What no XML 1.0 document can hold, not even escaped (§2.2)."""


def oxigraph() -> ModuleType:
    """The package that reads and writes RDF; `EngineError` with the extra to install where it is missing."""
    try:
        import pyoxigraph
    except ImportError as error:
        raise EngineError("graph-missing", package="pyoxigraph", extra="graph") from error
    return pyoxigraph


def write(triples: Iterable[Triple], file: BinaryIO, format: str) -> None:
    """Write triples to a binary file in a format of `WRITTEN`. Those of one subject should stand together."""
    package = oxigraph()
    kind = getattr(package.RdfFormat, WRITTEN[format])
    target = _Escaping(file) if format == "rdfxml" else file
    # What comes first decides how Turtle looks: a prefix that is never used does no harm.
    package.serialize(_quads(triples, package), target, kind, prefixes=dict(prefixes()) if format != "ntriples" else None)


class _Escaping:
    """A file to which carriage returns of texts go escaped: every reader of XML would turn them into line feeds (§2.11)."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, data: bytes) -> int:
        self.file.write(data.replace(b"\r", b"&#13;"))
        return len(data)

    def flush(self) -> None:
        self.file.flush()


def _quads(triples: Iterable[Triple], package: ModuleType) -> Iterator[Any]:
    named = functools.lru_cache(4096)(package.NamedNode)
    blank, literal, triple = package.BlankNode, package.Literal, package.Triple
    for subject, predicate, node in triples:
        start = blank(subject[2:]) if subject.startswith("_:") else named(subject)
        if node.kind == IRI:
            end = named(node.value)
        elif node.kind == BLANK:
            end = blank(node.value)
        elif node.language:
            end = literal(node.value, language=node.language)
        else:
            end = literal(node.value, datatype=named(node.datatype)) if node.datatype else literal(node.value)
        yield triple(start, named(predicate), end)


def fit(expanded: Mapping[str, Any]) -> dict[str, Any]:
    """A node of expanded JSON-LD in which an IRI that is none has become text."""
    return {key: value if key.startswith("@") else [_fit(item) for item in value] for key, value in expanded.items()}


def _fit(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if "@value" in value:
        return value
    if "@list" in value:
        return {"@list": [_fit(item) for item in value["@list"]]}
    if "@id" in value and not _is_iri(value["@id"]):
        return {"@value": value["@id"]}
    return fit(value)


def without_controls(triples: Iterable[Triple]) -> list[Triple]:
    """Triples for RDF/XML: a character that XML lacks becomes a replacement mark."""
    return [(subject, predicate, _clean(node)) for subject, predicate, node in triples]


def _clean(node: Node) -> Node:
    if node.kind == LITERAL and _NOT_XML.search(node.value):
        return node._replace(value=_NOT_XML.sub("�", node.value))
    return node


@functools.lru_cache(4096)
def _is_iri(text: str) -> bool:
    try:
        oxigraph().NamedNode(text)
    except ValueError:
        return False
    return True


def compact(expanded: Mapping[str, Any]) -> dict[str, Any]:
    """A node of expanded JSON-LD with short names, for a context that declares the prefixes; single values stand alone."""
    found: dict[str, Any] = {}
    for key, value in expanded.items():
        if key == "@type":
            kinds = [short(kind) for kind in (value if isinstance(value, list) else [value])]
            found[key] = kinds[0] if len(kinds) == 1 else kinds
        elif key.startswith("@"):
            found[key] = value
        else:
            values = [_compact_value(item) for item in value]
            found[short(key)] = values[0] if len(values) == 1 else values
    return found


def _compact_value(value: Mapping[str, Any]) -> Any:
    if "@list" in value:
        return {"@list": [_compact_value(item) for item in value["@list"]]}
    if "@value" not in value:
        return compact(value)
    if set(value) == {"@value"} and isinstance(value["@value"], str | bool):
        return value["@value"]
    datatype = value.get("@type")
    if datatype == "@json":
        return json_value(value["@value"])
    return {**value, "@type": short(datatype)} if datatype and not datatype.startswith("@") else dict(value)


def json_value(content: Any) -> dict[str, Any]:
    """A value of JSON in JSON-LD. A reader of it makes every number a double: what one does not hold stands as the literal's text."""
    if _is_exact(content):
        return {"@type": "@json", "@value": content}
    return {"@type": JSON, "@value": json_literal(content).value}


def _is_exact(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_exact, value.values()))
    if isinstance(value, list):
        return all(map(_is_exact, value))
    if isinstance(value, float):
        return not value.is_integer()  # 1.0 becomes 1
    return not isinstance(value, int) or abs(value) <= 1 << 53
