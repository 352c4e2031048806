"""The forms that an entry can be written in. Each says what reading it back gives, so that nothing is lost unseen."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from govdata.classes import dataclass, field
from govdata.conversion.packages import from_package, to_package
from govdata.conversion.remainder import difference
from govdata.conversion.sources import Item, Reader, item_of
from govdata.conversion.texts import keyed, loosened, to_json, to_yaml
from govdata.errors import ReadError
from govdata.graph import dcat
from govdata.graph.descriptions import Notice
from govdata.graph.document import document
from govdata.graph.expand import expand
from govdata.graph.serialising import compact, fit, json_value, oxigraph, without_controls, write
from govdata.graph.triples import Small, Triple, json_literal, triples_of
from govdata.graph.vocabulary import prefixes, short
from govdata.reading.documents import yaml
from govdata.reading.entries.jsonld import REMAINDER
from govdata.reading.entries.translation import BUNDLED
from govdata.standards import Standard

_CONTEXTS = {language: name for name, language in BUNDLED.items()}


@dataclass(slots=True)
class Writing:
    """One output while it is written."""

    reader: Reader
    keys: str
    """The language of keys and labels: `zh-CN` or `en`."""
    source: str
    """The name of what is converted, for the catalog."""
    tell: Callable[[Notice], None]
    seen: dict[str, None] = field(default_factory=dict)
    """Addresses of datasets that are written, in their order."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    """For blank nodes."""
    known: dict[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def codes_of(self, standard: Standard) -> Mapping[str, frozenset[str]]:
        """The codes in force, those that a layer added included; large lists aside."""
        if standard.id not in self.known:
            listed = {name: codes for name, codes in standard.codes.items() if not codes.declared.get("data")}
            self.known[standard.id] = {name: frozenset(codes.codes) for name, codes in listed.items()}
        return self.known[standard.id]


Items = Iterable[Item]
Write = Callable[[Items, BinaryIO, Writing], None]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of entries: what its file is called in a dataset's folder, and how it is written."""

    file: str
    """Empty: only many in one file."""
    write: Write
    many: bool = True
    """Several datasets may stand in one file."""


def _single(items: Items, form: str) -> Item | None:
    """The only item, or none; an error that names the ways out where there are several."""
    found = list(itertools.islice(items, 2))
    if len(found) > 1:
        raise ReadError("convert-several", form=form)
    return found[0] if found else None


def _told(item: Item, made: Any, wanted: Any, writing: Writing) -> None:
    """Tell where what is read back differs from what was written."""
    for pointer, value in difference(made, wanted).items():
        writing.tell(Notice("differs", item.name, pointer or "/", "" if value is None else json.dumps(value, ensure_ascii=False)[:200]))


def _canonical(item: Item) -> dict[str, Any]:
    assert item.canonical is not None
    return dict(item.canonical)


def _write_yaml(items: Items, file: BinaryIO, writing: Writing) -> None:
    item = _single(items, "yaml")
    if item is None:
        return
    canonical = _canonical(item)
    data = to_yaml(keyed(canonical, writing.keys, item.standard.codes, yaml=True)).encode()
    file.write(data)
    found = yaml.parse(data, "entry.yaml")
    _told(item, loosened(writing.reader.read(found, "entry.yaml")[0].canonical), loosened(canonical), writing)


def _write_json(items: Items, file: BinaryIO, writing: Writing) -> None:
    item = _single(items, "json")
    if item is None:
        return
    written = _keyed(item, writing)
    file.write(to_json(written).encode())


def _write_lines(items: Items, file: BinaryIO, writing: Writing) -> None:
    for item in items:
        file.write(json.dumps(_keyed(item, writing), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _keyed(item: Item, writing: Writing) -> dict[str, Any]:
    canonical = _canonical(item)
    # Codes stay codes: a program reads this.
    written = canonical if writing.keys == "en" else keyed(canonical, writing.keys, item.standard.codes)
    _told(item, writing.reader.canonical(written), canonical, writing)
    return written


def _write_package(items: Items, file: BinaryIO, writing: Writing) -> None:
    item = _single(items, "datapackage")
    if item is None:
        return
    canonical = _canonical(item)
    package = to_package(canonical)
    file.write(to_json(package).encode())
    _told(item, writing.reader.canonical(from_package(package)[0]), canonical, writing)
    if not package["resources"]:
        writing.tell(Notice("no-resources", item.name, "/resources"))


def _write_documents(items: Items, file: BinaryIO, writing: Writing) -> None:
    """Our own JSON-LD: one document, or many in `@graph`, one a line."""
    context = _CONTEXTS[writing.keys]
    ready = iter(items)
    first = list(itertools.islice(ready, 2))
    if len(first) == 1:
        file.write(to_json(_document(first[0], writing)).encode())
        return
    file.write(f'{{"@context": "{context}", "@graph": ['.encode())
    for number, item in enumerate(itertools.chain(first, ready)):
        plain = {key: value for key, value in _document(item, writing).items() if key != "@context"}
        file.write((b",\n" if number else b"\n") + json.dumps(plain, ensure_ascii=False).encode())
    file.write(b"\n]}\n")


def _document(item: Item, writing: Writing) -> dict[str, Any]:
    canonical = _canonical(item)
    made = document(canonical, writing.keys, writing.codes_of(item.standard))
    if not _is_new(made.get("@id"), item, writing):
        made.pop("@id", None)
    rest = difference(writing.reader.canonical(made), canonical)
    return {**made, REMAINDER: {"@type": "@json", "@value": rest}} if rest else made


def _is_new(address: Any, item: Item, writing: Writing) -> bool:
    """Whether no dataset before had the address: else both would become one in a graph."""
    if not isinstance(address, str):
        return False
    if address in writing.seen:
        writing.tell(Notice("same-code", item.name, "/identifier", str(_canonical(item).get("identifier"))))
        return False
    writing.seen[address] = None
    return True


def _expanded(item: Item, writing: Writing, wide: bool) -> dict[str, Any]:
    """An entry's node of expanded JSON-LD, `wide` as others understand it, without an address that another one has."""
    canonical = _canonical(item)
    (node,) = expand(canonical, writing.codes_of(item.standard))
    node = fit(dcat.widen(node, canonical) if wide else node)
    if not _is_new(node.get("@id"), item, writing):
        node.pop("@id", None)
    return node


def _rest(item: Item, triples: list[Triple], subject: str, writing: Writing) -> dict[str, Any]:
    """What the triples do not give back."""
    made = item_of(Small(triples), subject, writing.reader).canonical
    return difference(made, _canonical(item))


def _triples(items: Items, format: str, writing: Writing, wide: bool) -> Iterator[Triple]:
    for item in items:
        subject, triples = triples_of(_expanded(item, writing, wide), writing.numbers)
        if format == "rdfxml":
            triples = without_controls(triples)
        rest = _rest(item, triples, subject.key, writing)
        if rest:
            triples.insert(1, (subject.key, REMAINDER, json_literal(rest)))
        yield from triples
    if wide and len(writing.seen) > 1:
        yield from triples_of(_catalog(writing), writing.numbers)[1]


def _catalog(writing: Writing) -> dict[str, Any]:
    return dcat.catalog(writing.source, iter(writing.seen))


def _write_graph(format: str, wide: bool) -> Write:
    def written(items: Items, file: BinaryIO, writing: Writing) -> None:
        write(_triples(items, format, writing, wide), file, format)

    return written


def _write_dcat(items: Items, file: BinaryIO, writing: Writing) -> None:
    """DCAT as JSON-LD with its prefixes in the document: nobody has to fetch a context."""
    oxigraph()
    context = json.dumps(dict(prefixes()), ensure_ascii=False, indent=1)
    file.write(f'{{"@context": {context},\n"@graph": [\n'.encode())
    for number, item in enumerate(items):
        node = _expanded(item, writing, True)
        subject, triples = triples_of(node, itertools.count())
        rest = _rest(item, triples, subject.key, writing)
        found = compact(node) | ({short(REMAINDER): json_value(rest)} if rest else {})
        file.write((b",\n" if number else b"") + json.dumps(found, ensure_ascii=False, indent=1).encode())
    if len(writing.seen) > 1:
        file.write(b",\n" + json.dumps(compact(_catalog(writing)), ensure_ascii=False, indent=1).encode())
    file.write(b"\n]}\n")


FORMS: Mapping[str, Form] = {
    "yaml": Form("entry.yaml", _write_yaml, many=False),
    "json": Form("entry.json", _write_json, many=False),
    "jsonl": Form("", _write_lines),
    "jsonld": Form("entry.jsonld", _write_documents),
    "turtle": Form("entry.ttl", _write_graph("turtle", False)),
    "ntriples": Form("entry.nt", _write_graph("ntriples", False)),
    "rdfxml": Form("entry.rdf", _write_graph("rdfxml", False)),
    "dcat": Form("dcat.jsonld", _write_dcat),
    "dcat-turtle": Form("dcat.ttl", _write_graph("turtle", True)),
    "dcat-rdfxml": Form("dcat.rdf", _write_graph("rdfxml", True)),
    "datapackage": Form("datapackage.json", _write_package, many=False),
}
"""Every form by its name."""
SUFFIXES = {
    ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".jsonld": "jsonld",
    ".ttl": "turtle", ".nt": "ntriples", ".rdf": "rdfxml", ".xml": "rdfxml",
}  # fmt: skip
"""Which form the end of an output's name asks for."""


def form_of(name: str) -> str | None:
    """The form that the name of an output asks for; `None` for a folder."""
    if name.endswith("datapackage.json"):
        return "datapackage"
    return next((form for suffix, form in SUFFIXES.items() if name.lower().endswith(suffix)), None)
