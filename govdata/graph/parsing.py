"""RDF that others wrote, read by pyoxigraph: nothing is fetched, nothing is expanded without bounds, a mistake is named with its place."""

from __future__ import annotations

import codecs
import contextlib
import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from govdata import content
from govdata.errors import ReadError
from govdata.expressions import expression
from govdata.graph.names import XSD
from govdata.graph.serialising import oxigraph
from govdata.graph.triples import BLANK, IRI, LITERAL, Node, Triple, Triples
from govdata.reading.entries.translation import BUNDLED

SUFFIXES = {
    ".ttl": "turtle", ".nt": "ntriples", ".nq": "nquads", ".trig": "trig",
    ".rdf": "rdfxml", ".xml": "rdfxml", ".owl": "rdfxml", ".jsonld": "jsonld", ".json": "jsonld",
}  # fmt: skip
"""The end of a file's name → format."""
_READ = {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "nquads": "N_QUADS", "trig": "TRIG", "rdfxml": "RDF_XML", "jsonld": "JSON_LD"}
DCAT_CONTEXT = "govdata:dcat"
CONTEXTS = {
    **{name: f"schemas/contexts/{language}.jsonld" for name, language in BUNDLED.items()},
    DCAT_CONTEXT: "schemas/contexts/dcat.jsonld",
}
"""What `@context` may name → the file that we ship."""
BASE = "http://relative.invalid/"
"""What relative IRIs are resolved against, and taken off again."""
DEEPEST = 500
"""Objects and lists of JSON-LD inside each other: the parser bears some thousands, then it brings the process down."""
WHOLE = 64 << 20
"""Bytes of a JSON-LD document that names a bundled context and so is read as one value."""
_ENTITY = 300
"""Characters of an entity: enough for a namespace, too few to grow into a bomb."""
_WHERE = expression(
    r"Parser error (?:at|on|between) .*?line (\d+) (?:between columns|column) (\d+)[^:]*: (.*?)(?: \(line \d+\))?$", re.DOTALL
)
_NOT_UTF_8 = expression("(?i:invalid utf-8|using utf-8)")
_SIGN = expression(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
"""A text of JSON, be it closed or not, or a bracket."""
_CONTEXT = expression(rb'"@context"\s*:\s*"((?:[^"\\]|\\.){0,2000})"')


def read_graph(path: Path, format: str) -> Triples:
    """All triples of a file, those of named graphs included. `ReadError` with line and column where it cannot be read."""
    try:
        if format == "rdfxml":
            _refuse_entities(path)
        if format == "jsonld":
            _refuse_deep(path)
        try:
            with path.open("rb") as file:
                marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
                return _gather(**({"input": file} if marked else {"path": path}), **_options(format))
        except SyntaxError as error:
            if format != "jsonld" or "LoadDocumentCallback" not in str(error):
                _refuse(path, format, error)
        return _gather(_with_contexts(path), **_options(format))
    except OSError as error:
        raise ReadError("cannot-open", path=str(path), what=error.strerror or str(error)) from error
    except SyntaxError as error:
        _refuse(path, format, error)


def wide(head: bytes) -> str:
    """UTF-16 where JSON is in it, told by the zeros of its first two signs; else nothing."""
    zeros = [not byte for byte in head.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)[:4]]
    return "utf-16-le" if zeros == [False, True] * 2 else "utf-16-be" if zeros == [True, False] * 2 else ""


def _gather(*source: bytes, **options: Any) -> Triples:
    with contextlib.ExitStack() as opened:
        graph = opened.enter_context(contextlib.closing(Triples()))
        graph.fill(_triples(oxigraph().parse(*source, **options)))
        opened.pop_all()
    return graph


def _options(format: str) -> dict[str, Any]:
    # Lenient: portals do have IRIs with spaces; they come through as they are and are told by the entry's rules.
    return {"format": getattr(oxigraph().RdfFormat, _READ[format]), "base_iri": BASE, "lenient": True}


def _triples(quads: Iterator[Any]) -> Iterator[Triple]:
    package = oxigraph()
    blank, named, literal = package.BlankNode, package.NamedNode, package.Literal
    for quad in quads:
        subject, end = quad.subject, quad.object
        kind = type(end)
        if kind is literal:
            language = end.language
            datatype = "" if language else end.datatype.value
            node = Node(LITERAL, end.value, "" if datatype == f"{XSD}string" else datatype, language or "")
        elif kind is named:
            node = Node(IRI, _absolute(end.value))
        elif kind is blank:
            node = Node(BLANK, end.value)
        else:
            # A triple as a term (RDF 1.2): kept as text, so that it is told.
            node = Node(LITERAL, str(end))
        start = f"_:{subject.value}" if type(subject) is blank else _absolute(subject.value) if type(subject) is named else str(subject)
        yield start, quad.predicate.value, node


def _absolute(iri: str) -> str:
    return iri.removeprefix(BASE) or "." if iri.startswith(BASE) else iri


def _refuse(path: Path, format: str, error: SyntaxError) -> NoReturn:
    """What the parser says, with the place where it says it."""
    found = _WHERE.search(str(error))
    if found is not None:
        line, column, what = found[1], found[2], found[3]
    elif format == "rdfxml":
        line, column, what = _place_in_xml(path, str(error))
    else:
        line, column, what = str(error.lineno or 1), str(error.offset or 1), str(error)
    if _NOT_UTF_8.search(what):
        raise ReadError("graph-encoding", path=str(path), line=line, column=column) from error
    raise ReadError("graph-syntax", path=str(path), line=line, column=column, what=what[:300]) from error


def _refuse_deep(path: Path) -> None:
    """Refuse JSON that is nested deeper than `DEEPEST`, or in UTF-16, where nothing could be counted."""
    if not path.stat().st_size:
        return
    depth = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if wide(data[:8]):
            raise ReadError("graph-encoding", path=str(path), line=1, column=1)
        for found in _SIGN.finditer(data):
            sign = data[found.start()]
            depth += (sign in b"[{") - (sign in b"]}")
            if depth > DEEPEST:
                line, column = _place(data, found.start())
                raise ReadError("graph-deep", path=str(path), line=line, column=column, limit=DEEPEST)


def _refuse_entities(path: Path) -> None:
    """A document type may shorten namespaces. What could grow without end, or is to be fetched, is refused."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    found: list[str] = []

    def declared(name: str, parameter: bool, value: str | None, base: str | None, system: str | None, *rest: object) -> None:
        if parameter or system or value is None or len(value) > _ENTITY or "&" in value or "%" in value:
            found[:] = found or [name, str(parser.CurrentLineNumber), str(parser.CurrentColumnNumber + 1)]

    def begun(name: str, attributes: object) -> None:
        raise StopIteration

    parser.EntityDeclHandler, parser.StartElementHandler = declared, begun
    with path.open("rb") as file:
        try:
            while not found and (data := file.read(1 << 16)):
                parser.Parse(data)
        except (StopIteration, expat.ExpatError):
            pass  # A mistake of form is for the parser to say.
        except (LookupError, ValueError) as error:  # declares an encoding that has several bytes a character, or that nobody knows
            raise ReadError("graph-encoding", path=str(path), line=1, column=1) from error
    if found:
        raise ReadError("graph-entity", path=str(path), name=found[0], line=found[1], column=found[2])


def _place_in_xml(path: Path, what: str) -> tuple[str, str, str]:
    """Line and column of the first mistake of form, or the line up to which the parser had read: it does not tell."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except expat.ExpatError as error:
        return str(error.lineno), str(error.offset + 1), what
    with path.open("rb") as file:
        counting = _Counting(file)
        try:
            for _ in oxigraph().parse(counting, **_options("rdfxml")):
                pass
        except SyntaxError:
            pass
    return str(counting.lines), "1", what


class _Counting:
    """A file that is read a line at a time and knows how far it got."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.lines = 0

    def read(self, size: int = -1) -> bytes:
        data = self.file.readline(size)
        self.lines += data.endswith(b"\n") or not self.lines
        return data


def _with_contexts(path: Path) -> bytes:
    """The document with the bundled contexts that it names written out; any other is refused with its place."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if len(data) > WHOLE:
            found = _CONTEXT.search(data)
            name = found[1].decode("utf-8", "replace") if found else ""
            if name in CONTEXTS:
                raise ReadError("graph-large", path=str(path), limit=f"{WHOLE >> 20} MiB")
            _refuse_context(path, data, name)
        try:
            document = json.loads(data[:])
            for name in _named(document):
                if name not in CONTEXTS:
                    _refuse_context(path, data, name)
            return json.dumps(_filled(document), ensure_ascii=False).encode("utf-8", "replace")
        except (ValueError, RecursionError) as error:
            raise ReadError("graph-syntax", path=str(path), line=1, column=1, what=str(error)[:300]) from error


def _named(value: Any, inside: bool = False) -> Iterator[str]:
    """All contexts that a document names, in order; `inside`: the value is a context itself."""
    if isinstance(value, str) and inside:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, inside)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, key in ("@context", "@import"))


def _refuse_context(path: Path, data: mmap.mmap, name: str) -> NoReturn:
    first = max(data.find(b'"@context"'), 0)
    start = max(data.find(json.dumps(name, ensure_ascii=False).encode("utf-8", "replace"), first), first)
    line, column = _place(data, start)
    raise ReadError("graph-context", path=str(path), context=name, line=line, column=column, bundled=list(CONTEXTS))


def _place(data: mmap.mmap, at: int) -> tuple[int, int]:
    """Line and column of a byte."""
    before = data[:at]
    return before.count(b"\n") + 1, at - before.rfind(b"\n")


def _filled(value: Any) -> Any:
    if isinstance(value, list):
        return [_filled(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _context(item) if key == "@context" else _filled(item) for key, item in value.items()}


def _context(value: Any) -> Any:
    if isinstance(value, list):
        return [_context(item) for item in value]
    if isinstance(value, str) and value in CONTEXTS:
        return content.load(CONTEXTS[value])["@context"]
    return _filled(value)
