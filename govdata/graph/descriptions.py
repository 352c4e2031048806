"""What a graph says of a dataset, as an entry: our own terms by the key map, other words for the same by `schemas/dcat.yaml`.

Nothing is dropped in silence: what an entry cannot hold is a `Notice` with its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from govdata.classes import dataclass, field
from govdata.expressions import expression
from govdata.graph import vocabulary
from govdata.graph.names import XSD
from govdata.graph.triples import BLANK, IRI, LITERAL, MOST, Graph, Node, Properties, items
from govdata.graph.values import iri_value, label_of, shown
from govdata.graph.vocabulary import JSON, TYPE, full, short
from govdata.reading.entries.jsonld import DATASETS, REMAINDER
from govdata.reading.entries.keys import BOOLEAN, NAMES, OBJECT, Scope, Term, entry_scope

DATASET_CLASSES = tuple(full(name) for name in ("dcat:Dataset", "dcat:DatasetSeries", "schema:Dataset", "schemas:Dataset"))
_TIME = expression(r"(-?[0-9]{4,}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9:.]*))?(?:Z|[-+][0-9:]+)?")
"""A day (`xsd:date`) or a time (`xsd:dateTime`); either may have a zone."""
_NUMBER = expression(r"(-?[0-9]\.[0-9]{1,17})E(-?[0-9]{1,2})")
_MIDNIGHT = expression("[0:.]*")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that did not come through a conversion as it was: what, where, of which dataset."""

    kind: str
    """Names a text `convert.notice-<kind>`."""
    dataset: str
    """What the source calls the dataset."""
    place: str
    """Where in it: properties of a graph (`dct:publisher › foaf:mbox`), else a JSON pointer."""
    value: str = ""


@dataclass(slots=True)
class _Reading:
    """One dataset while it is read."""

    graph: Graph
    languages: Sequence[str]
    dataset: str
    own: bool
    """Written by this program: what it derived for others is not read back."""
    notices: list[Notice] = field(default_factory=list)

    def tell(self, kind: str, place: tuple[str, ...], value: str = "") -> None:
        self.notices.append(Notice(kind, self.dataset, " › ".join(place), shown(value)))

    def muted(self) -> _Reading:
        """The same, whose notices nobody hears."""
        return _Reading(self.graph, self.languages, self.dataset, self.own)


def example(graph: Graph, node: Node) -> str:
    """What a value is, for a notice: of a thing without an address what it says first, for its label means nothing."""
    if node.kind != BLANK:
        return node.value
    said = ((iri, found[0]) for iri, found in graph.properties(node.key).items() if iri != TYPE and found[0].kind != BLANK)
    return next((f"{short(iri)} {found.value}" for iri, found in said), "")


def describe(graph: Graph, subject: str, languages: Sequence[str]) -> tuple[dict[str, Any], Mapping[str, Any], list[Notice]]:
    """A dataset of a graph: its entry in English keys (to be read by `read_entry`), what it says beside (`REMAINDER`), and notices.

    `languages`: which language of a text is taken, the preferred first; the empty one is text without a language.
    """
    properties = graph.properties(subject)
    remainder, unread = _remainder(properties.get(REMAINDER, []))
    own = subject.startswith(DATASETS) or bool(remainder) or any(name.startswith("urn:govdata:terms#") for name in properties)
    name = next((node.value for node in properties.get(full("dct:identifier"), ()) if node.kind == LITERAL), subject)
    if subject.startswith("_:"):
        # The label of a blank node means nothing.
        name = name if name != subject else label_of(graph, Node(BLANK, subject[2:]), languages) or name
    reading = _Reading(graph, languages, name if subject.startswith("_:") else subject, own)
    found = _object(reading, subject, entry_scope(), "", ())
    for value in unread:
        reading.tell("property", (short(REMAINDER),), value)
    _identify(reading, found, subject)
    if not own:
        _add_others(reading, found, subject, properties)
        found = {key: found[key] for key in entry_scope().terms if key in found}
    return found, remainder, reading.notices


def _remainder(nodes: Sequence[Node]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    unread = []
    for node in nodes:
        try:
            value = json.loads(node.value)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and all(key.startswith("/") for key in value):
            found.update(value)
        else:
            unread.append(node.value)
    return found, unread


def _object(reading: _Reading, subject: str, scope: Scope, pointer: str, place: tuple[str, ...]) -> dict[str, Any]:
    properties = reading.graph.properties(subject)
    found: dict[str, Any] = {}
    used = {*vocabulary.listed("ignored"), REMAINDER}
    for term in scope.terms.values():
        here = f"{pointer}/{term.key}"
        for iri in (term.iri, *vocabulary.synonyms().get(here, ())):
            if iri in properties and iri not in used and not (iri != term.iri and _is_special(reading, iri, pointer)):
                used.add(iri)
                if term.key in found:
                    # The same said a second time is no loss.
                    again = _values(reading.muted(), term, properties[iri][:MOST], here, place)
                    used.difference_update(() if again == found[term.key] else (iri,))
                    continue
                value = _values(reading, term, properties[iri][:MOST], here, (*place, short(iri)))
                if value is not None:
                    found[term.key] = value
    for iri, nodes in properties.items():
        if iri not in used and not _is_special(reading, iri, pointer):
            reading.tell("property", (*place, short(iri)), example(reading.graph, nodes[0]))
        if len(nodes) > MOST:
            reading.tell("many", (*place, short(iri)), str(MOST))
    return found


def _is_special(reading: _Reading, iri: str, pointer: str) -> bool:
    """What is read elsewhere: of our own, what was derived; of others, what `_add_others` looks at."""
    if reading.own:
        return iri in vocabulary.listed("derived")
    return iri == full("dct:accessRights") if not pointer else pointer == "/resources" and iri == full("dct:license")


def _values(reading: _Reading, term: Term, nodes: list[Node], pointer: str, place: tuple[str, ...]) -> Any:
    if term.ordered:
        listed = items(reading.graph, nodes[0])
        if listed is None:
            reading.tell("list", place)
            return None
        if len(nodes) > 1:
            reading.tell("several", place, example(reading.graph, nodes[1]))
        nodes = listed
    else:
        nodes = _without_derived(reading, term, nodes) if reading.own else _in_one_language(reading, term, nodes, place)
    values = (value for node in nodes if (value := _one(reading, term, node, pointer, place)) is not None)
    if term.many or term.ordered:
        return list(values) or ([] if term.ordered else None)
    first = next(values, None)
    if first is not None and term.node and term.kind != OBJECT and not reading.own:
        return "、".join(dict.fromkeys([str(first), *map(str, values)]))
    for other in values:
        reading.tell("several", place, "、".join(map(str, other.values())) if isinstance(other, Mapping) else str(other))
    return first


def _without_derived(reading: _Reading, term: Term, nodes: list[Node]) -> list[Node]:
    """Of our own, without the codes of others' lists that were written beside ours."""
    if term.key == "theme":
        return [node for node in nodes if not node.value.startswith(vocabulary.table("theme")["prefix"])]
    return nodes


def _in_one_language(reading: _Reading, term: Term, nodes: list[Node], place: tuple[str, ...]) -> list[Node]:
    """Of texts in several languages, those in the preferred one; the others are told."""
    spoken = dict.fromkeys(node.language for node in nodes if node.kind == LITERAL)
    if len(spoken) < 2:
        return nodes
    order = [language for wanted in reading.languages for language in spoken if _speaks(language, wanted)]
    chosen = order[0] if order else next(iter(spoken))
    # Of a list, what has no language belongs to every one.
    kept = {chosen, ""} if term.many else {chosen}
    left = [language or "-" for language in spoken if language not in kept]
    if left:
        reading.tell("languages", place, ", ".join(left))
    return [node for node in nodes if node.kind != LITERAL or node.language in kept]


def _speaks(language: str, wanted: str) -> bool:
    return language == wanted or (bool(wanted) and language.lower().startswith(f"{wanted}-"))


def _one(reading: _Reading, term: Term, node: Node, pointer: str, place: tuple[str, ...]) -> Any:
    if term.kind == OBJECT and term.scope is not None:
        return _nested(reading, term, node, pointer, place)
    if term.kind == NAMES:
        listed = items(reading.graph, node)
        if listed is None:
            reading.tell("list", place)
        return None if listed is None else [item.value for item in listed]
    if node.kind != LITERAL:
        value = iri_value(reading.graph, term, node, pointer, reading.languages)
        if value is None:
            reading.tell("property" if node.kind == IRI else "nameless", place, example(reading.graph, node))
        elif node.kind == BLANK:
            _tell_besides(reading, node, place)
        return value
    return _literal(reading, term, node, place)


def _tell_besides(reading: _Reading, node: Node, place: tuple[str, ...]) -> None:
    """What a thing without an address says besides its name stands nowhere else, unless it is a dataset itself."""
    properties = reading.graph.properties(node.key)
    read = {*vocabulary.listed("names"), *vocabulary.listed("ignored")}
    is_dataset = any(kind.value in DATASET_CLASSES for kind in properties.get(TYPE, ()))
    for iri, nodes in properties.items():
        if iri not in read and not is_dataset:
            reading.tell("property", (*place, short(iri)), example(reading.graph, nodes[0]))


def _literal(reading: _Reading, term: Term, node: Node, place: tuple[str, ...]) -> Any:
    text = node.value
    if node.datatype == JSON:
        try:
            return {"@value": json.loads(text)}
        except (ValueError, RecursionError):
            return text
    if term.kind == BOOLEAN and node.datatype == f"{XSD}boolean":
        return {"1": True, "0": False}.get(text, text)
    if term.date and (match := _TIME.fullmatch(text)):
        if match[2] and not _MIDNIGHT.fullmatch(match[2]):
            reading.tell("time", place, text)
        return match[1]
    if node.datatype == f"{XSD}double" and not reading.own and (number := _NUMBER.fullmatch(text)):
        # JSON-LD writes 1.2 as 1.2E0, and 0.1 as 1.0E-1.
        text = format(Decimal(number[1]).scaleb(int(number[2])), "f")
        return text.rstrip("0") if number[2].startswith("-") else text
    if term.codes == "update-cycle":
        return vocabulary.cycles()[0].get(text, text)
    if term.key == "format" and not reading.own:
        return vocabulary.table("formats")["read"].get(text, text)
    return text


def _nested(reading: _Reading, term: Term, node: Node, pointer: str, place: tuple[str, ...]) -> Any:
    """An object; what is only an address or a text becomes the part that `plain` names."""
    assert term.scope is not None
    described = node.kind != LITERAL and reading.graph.properties(node.key)
    if described:
        found = _object(reading, node.key, term.scope, pointer, place)
        _mend(reading, found, described, node, pointer)
        if found or reading.own:
            return found
    if pointer == "/temporal" and node.kind == LITERAL and "/" in node.value:
        # An interval of ISO 8601; an open end is written `..` or left out.
        start, _, end = node.value.partition("/")
        return {key: day for key, day in (("start", start), ("end", end)) if day not in ("", "..")}
    part = vocabulary.table("plain").get(pointer)
    if part and node.kind != BLANK:
        return {part: node.value}
    if not described or not reading.own:
        reading.tell("nameless", place, example(reading.graph, node))
    return None


def _mend(reading: _Reading, found: dict[str, Any], properties: Properties, node: Node, pointer: str) -> None:
    """What a thing's class decides: who is called by the name on a card, a publisher that has only an address."""
    kinds = {kind.value for kind in properties.get(TYPE, ())}
    if pointer == "/contact" and "person" in found:
        same = found.get("organisation") == found["person"]
        if same or (not reading.own and "organisation" not in found and full("vcard:Individual") not in kinds):
            found["organisation"] = found.pop("person")
    elif pointer == "/publisher" and not reading.own and "code" not in found and node.kind == IRI:
        found["code"] = node.value
    elif pointer == "/resources" and not reading.own and "file" not in found and node.kind == IRI and "title" in found:
        reading.tell("no-address", ("dcat:distribution",), node.value)


def _identify(reading: _Reading, found: dict[str, Any], subject: str) -> None:
    """A dataset without a code has its address for one."""
    if "identifier" not in found and not subject.startswith("_:") and subject != DATASETS:
        found["identifier"] = unquote(subject.removeprefix(DATASETS)) if subject.startswith(DATASETS) else subject


def _add_others(reading: _Reading, found: dict[str, Any], subject: str, properties: Properties) -> None:
    """What others say elsewhere: access rights, the licence of the files, the record about the dataset."""
    access = [example(reading.graph, node) for node in properties.get(full("dct:accessRights"), ())]
    known = vocabulary.table("access")
    decided = {known[value] for value in access if value in known}
    if "opening" not in found and len(decided) == 1:
        found["opening"] = {"open": decided.pop()}
    for value in access:
        if value not in known:
            reading.tell("access", ("dct:accessRights",), value)
    licences = list(dict.fromkeys(_licences(reading.graph, properties)))
    if "licence" not in found and len(licences) == 1:
        found["licence"] = licences[0]
    else:
        for licence in licences:
            if licence != found.get("licence"):
                reading.tell("property", ("dcat:distribution", "dct:license"), licence)
    for record in reading.graph.pointing(full("foaf:primaryTopic"), subject):
        said = reading.graph.properties(record)
        for key, name in (("metadataModified", "dct:modified"), ("metadataIdentifier", "dct:identifier")):
            nodes = said.get(full(name))
            if nodes and key not in found:
                found[key] = _literal(reading, entry_scope().terms[key], nodes[0], ("dcat:CatalogRecord", name))


def _licences(graph: Graph, properties: Properties) -> Iterator[str]:
    for distribution in properties.get(full("dcat:distribution"), ()):
        for node in graph.properties(distribution.key).get(full("dct:license"), ()):
            value = node.value if node.kind != BLANK else label_of(graph, node, ())
            if value:
                yield value
