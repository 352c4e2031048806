"""What is converted, one dataset after the other: folders, entries, files of entries, data packages, RDF of ours and of others."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.conversion.losses import losses
from govdata.conversion.packages import from_package
from govdata.conversion.remainder import restore
from govdata.errors import ReadError
from govdata.expressions import expression
from govdata.finishing import finish
from govdata.graph import vocabulary
from govdata.graph.dcat import CATALOGS
from govdata.graph.descriptions import DATASET_CLASSES, Notice, describe, example
from govdata.graph.parsing import SUFFIXES, read_graph, wide
from govdata.graph.triples import BLANK, IRI, LITERAL, Node, Triples
from govdata.graph.values import shown
from govdata.graph.vocabulary import TYPE, full, short
from govdata.reading.datasets import RECORDS, find_datasets
from govdata.reading.documents.opening import parse_json, require_object
from govdata.reading.documents.yaml import Document, Limits
from govdata.reading.entries.jsonld import REMAINDER
from govdata.reading.entries.translation import read_entry
from govdata.settings import Settings
from govdata.standards import DEFAULT, Library, Standard
from govdata.values import Dataset, Entry, Finding

ENTRY, PACKAGE, GRAPH = "entry", "package", "graph"
_HEAD = 4096
_NAME = r'"govdata:(?:zh-CN|en)"'
_OWN = expression(r'[\s\ufeff]*\{\s*(?:"@(?:id|type)"\s*:\s*"[^"]*"\s*,\s*)*"@context"\s*:\s*' + rf"(?:{_NAME}|\[\s*{_NAME}\s*\])\s*,")
_OWN_MANY = expression(_OWN.pattern + r'\s*"@graph"\s*:\s*\[')
_LISTED = tuple(full(name) for name in ("dcat:dataset", "schema:dataset", "schemas:dataset"))
"""What a catalog says of its datasets."""
_DISTRIBUTIONS = tuple(full(name) for name in ("dcat:Distribution", "schema:DataDownload", "schemas:DataDownload"))
_BESIDE = expression(r'\s*,\s*"((?:[^"\\]|\\.)+)"\s*:')
"""A key that follows a list."""
_LINKED = expression(r'"@(?:context|graph|id|type)"\s*:')
_TOLD = ("entry/", "yaml/", "json/", "package/shape", "package/syntax")
"""Findings about an entry itself; what is wrong with the files beside it is for `validate` to say."""


@dataclass(frozen=True, slots=True)
class Item:
    """One dataset of a source."""

    name: str
    """What the source calls it: its place there, or its address."""
    canonical: Mapping[str, Any] | None
    """`None`: it cannot be read."""
    standard: Standard
    findings: tuple[Finding, ...] = ()
    """Of reading it, with their messages."""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """How entries are read: by the standard that each names."""

    settings: Settings
    library: Library

    def standard_of(self, written: object) -> Standard:
        """The standard that an entry names, else that of the settings."""
        told = written.get("standard") or written.get("标准") if isinstance(written, Mapping) else None
        name = str(told or "").removeprefix("urn:govdata:standards:")
        return self.library.standard(name if name in self.library.layers else self.settings.standard or DEFAULT)

    def read(self, document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
        """An entry and the findings of reading it."""
        return read_entry(document, file, self.standard_of(document.value).codes)

    def canonical(self, written: Mapping[str, Any], file: str = "") -> dict[str, Any]:
        """The canonical form of an entry in keys of either language; what its remainder says included."""
        return complete(self.read(Document(dict(written)), file)[0])[0]

    def languages(self) -> tuple[str, ...]:
        """Which language of a text is preferred."""
        return ("en", "", "zh") if self.settings.language.startswith("en") else ("zh", "", "en")


def complete(entry: Entry) -> tuple[dict[str, Any], list[str]]:
    """The canonical entry with what its document says beside, and pointers that do not fit."""
    told = entry.written.get(REMAINDER)
    patch = told.get("@value") if isinstance(told, Mapping) and "@value" in told else told
    return restore(entry.canonical, patch if isinstance(patch, Mapping) else {})


def kind_of(path: Path) -> str:
    """What a source is, by its name and, for JSON, by how it begins."""
    suffix = path.suffix.lower()
    if path.is_dir() or suffix in RECORDS or suffix in (".yaml", ".yml"):
        return ENTRY
    if suffix == ".json" and "datapackage" in path.name:
        return PACKAGE
    if suffix not in SUFFIXES:
        raise ReadError("convert-source", path=str(path), known=list(dict.fromkeys((".yaml", ".json", *RECORDS, *SUFFIXES))))
    if SUFFIXES[suffix] != "jsonld":
        return GRAPH
    head = _head(path)
    return GRAPH if not _OWN.match(head) and (_LINKED.search(head) or head.lstrip("\ufeff \t\r\n").startswith("[")) else ENTRY


def _head(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise ReadError("no-such-path" if missing else "cannot-open", path=str(path), what=error.strerror or "") from error
    return head.decode(wide(head) or "utf-8", "replace")


def read_source(path: Path, reader: Reader) -> Iterator[Item | Notice]:
    """The datasets of a source, in its order, and what it holds besides. `ReadError` where it cannot be opened or, being RDF, is broken."""
    if not path.exists():
        raise ReadError("no-such-path", path=str(path), what="")
    if kind_of(path) == GRAPH:
        yield from _of_graph(path, reader)
    elif not path.is_dir() and path.suffix.lower() in (".json", ".jsonld") and _OWN_MANY.match(_head(path)):
        yield from _of_documents(path, reader)
    else:
        for dataset in find_datasets(path, reader.settings, reader.read):
            if dataset.kind != "table":
                yield _of_dataset(dataset, reader)


def _of_dataset(dataset: Dataset, reader: Reader) -> Item:
    entry = dataset.entry
    standard = reader.standard_of(entry.written if entry else {})
    findings = tuple(_finished(dataset.findings, standard, reader.settings.language))
    if entry is None:
        return Item(dataset.location, None, standard, findings)
    if dataset.kind == PACKAGE:
        written, notices = from_package(entry.written)
        again, found = reader.read(Document(written), entry.file)
        # Places of the made entry are not those of the package.
        also = [Finding(item.rule, file=item.file, value=item.value, args=item.args) for item in found]
        findings = (*findings, *_finished(also, standard, reader.settings.language))
        return Item(dataset.location, again.canonical, standard, findings, tuple(notices))
    canonical, unfit = complete(entry)
    # An address that no code stands for has no place in an entry.
    address = None if "identifier" in canonical else entry.written.get("@id")
    lost = (*((("@id", str(address)),) if address else ()), *losses(entry.written))
    told = (Notice("property", dataset.location, place, shown(value)) for place, value in lost)
    return Item(dataset.location, canonical, standard, findings, (*told, *_unfit(dataset.location, unfit)))


def _unfit(name: str, pointers: list[str]) -> tuple[Notice, ...]:
    return tuple(Notice("unfit", name, f"{short(REMAINDER)} {pointer}") for pointer in pointers)


def _finished(findings: Any, standard: Standard, language: str) -> Iterator[Finding]:
    told = (item for item in findings if item.rule.startswith(_TOLD) and item.rule in standard.rules)
    yield from (finish(item, standard, language) for item in itertools.islice(told, 100))


def _of_documents(path: Path, reader: Reader) -> Iterator[Item]:
    """The datasets of our own JSON-LD with many in `@graph`, one value at a time."""
    limits = Limits(size=reader.settings.max_entry)
    for line, text in values_of(path, limits.size):
        document = parse_json(text.encode("utf-8", "surrogateescape"), path.name, limits, first=line)
        document = require_object(document, path.name, line=line)
        if not document.readable:
            standard = reader.standard_of({})
            yield Item(f"{path.name}:{line}", None, standard, tuple(_finished(document.findings, standard, reader.settings.language)))
            continue
        entry, findings = reader.read(document, path.name)
        yield _of_dataset(Dataset(path.parent, f"{path.name}:{line}", "record", entry, (), (*document.findings, *findings)), reader)


def values_of(path: Path, limit: int) -> Iterator[tuple[int, str]]:
    """The values of the list in `@graph`, as text with the line on which each begins. `ReadError` where there is no JSON."""
    decoder = json.JSONDecoder()
    with path.open("rb") as start:
        if wide(start.read(_HEAD)):
            raise ReadError("graph-encoding", path=str(path), line=1, column=1)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        text = file.read(_HEAD)
        match = _OWN_MANY.match(text)
        at = match.end() if match else 0
        line = text.count("\n", 0, at) + 1
        first, due = True, True
        while True:
            while at < len(text) and text[at] in (" \t\r\n" if due else " \t\r\n,"):
                line += text[at] == "\n"
                due = due or text[at] == ","
                at += 1
            if text[at : at + 1] == "]" and (first or not due):
                rest = text[at + 1 :] + file.read(_HEAD)
                if beside := _BESIDE.match(rest):
                    raise ReadError("graph-beside", path=str(path), line=line + rest.count("\n", 0, beside.start(1)), key=beside[1])
                if rest.strip() != "}":
                    raise ReadError("graph-syntax", path=str(path), line=line, column=1, what="Expecting '}'")
                return
            if not due and at < len(text):
                column = at - text.rfind("\n", 0, at)
                raise ReadError("graph-syntax", path=str(path), line=line, column=column, what="Expecting ','")
            try:
                _, end = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                more = file.read(max(1 << 16, len(text) - at))
                if not more or len(text) - at > limit:
                    place = text.count("\n", at, getattr(error, "pos", at)) + line
                    column = getattr(error, "colno", 1)
                    raise ReadError(
                        "graph-syntax", path=str(path), line=place, column=column, what=getattr(error, "msg", str(error))[:300]
                    ) from error
                text, at = text[at:] + more, 0
                continue
            yield line, text[at:end]
            line += text.count("\n", at, end)
            at, first, due = end, False, False


def _of_graph(path: Path, reader: Reader) -> Iterator[Item | Notice]:
    graph = read_graph(path, SUFFIXES[path.suffix.lower()])
    try:
        known = set()
        for subject in graph.of_type(DATASET_CLASSES):
            known.add(subject)
            yield item_of(graph, subject, reader)
        # What a catalog lists is a dataset, whether it says so itself or not.
        listed = [node for node in graph.objects(_LISTED) if node.kind == LITERAL or node.key not in known]
        for node in listed:
            if node.kind != LITERAL and graph.properties(node.key):
                known.add(node.key)
                yield item_of(graph, node.key, reader)
        if not known:
            raise ReadError("graph-empty", path=str(path), count=graph.count)
        yield from (
            Notice("undescribed", "", "dcat:dataset", node.value) for node in listed if node.kind == LITERAL or node.key not in known
        )
        yield from _beside(graph, known)
    finally:
        graph.close()


def item_of(graph: Any, subject: str, reader: Reader) -> Item:
    """A dataset of a graph."""
    written, remainder, notices = describe(graph, subject, reader.languages())
    canonical, unfit = restore(reader.canonical(written), remainder)
    name = str(canonical.get("title") or "") if subject.startswith("_:") else subject
    return Item(name or subject, canonical, reader.standard_of(canonical), (), (*notices, *_unfit(name, unfit)))


def _beside(graph: Triples, known: Collection[str]) -> Iterator[Notice]:
    """What a graph holds besides datasets: told, not converted."""
    yield from (Notice("long", subject, short(predicate)) for subject, predicate in graph.oversized)
    served = (full("govdata:service"), full("dcat:accessService"))
    services = (subject for subject in graph.of_type((full("dcat:DataService"),)))
    alone = sum(1 for subject in services if not any(True for name in served for _ in graph.pointing(name, subject)))
    if alone:
        yield Notice("services", "", "dcat:DataService", str(alone))
    holding = (full("dcat:distribution"), *vocabulary.synonyms()["/resources"])
    for subject in graph.of_type(_DISTRIBUTIONS):
        if not any(holder in known for name in holding for holder in graph.pointing(name, subject)):
            node = Node(BLANK, subject[2:]) if subject.startswith("_:") else Node(IRI, subject)
            yield Notice("alone", "", "dcat:Distribution", shown(example(graph, node)))
    for catalog in graph.of_type((full("dcat:Catalog"),)):
        if catalog.startswith(CATALOGS):
            continue
        said = [name for name in graph.properties(catalog) if name not in (full("dcat:dataset"), TYPE)]
        yield from (Notice("catalog", catalog, short(name)) for name in said)
