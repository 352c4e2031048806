"""A record as a graph: DCAT 3 as DCAT-AP 3 wants it, and beside it what only our own vocabulary can say.

Both are nodes of expanded JSON-LD. The first is what catalogs are made of; the second stands in the dataset's own files alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from govdata.classes import dataclass
from govdata.codes import CodeList
from govdata.expressions import expression
from govdata.graph.entries import Entries
from govdata.graph.expand import expand, tidy
from govdata.graph.iris import dataset_iri, to_iri
from govdata.graph.labels import code_iri
from govdata.graph.literals import clean
from govdata.graph.names import PREFIXES, XSD, is_iri
from govdata.graph.writing import Written
from govdata.publishing.identity import told_apart
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.authorities import Authorities, authorities_of
from govdata.publishing.site.exports.naming import address, base_of, iri_of_dataset, iri_of_publisher
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Download, Label, Record, Resource
from govdata.reading.entries.keys import Scope, Term, entry_scope

ADMS, DCAT, DCT, FOAF, OWL = (PREFIXES[name] for name in ("adms", "dcat", "dct", "foaf", "owl"))
RDFS, SKOS, SPDX, VCARD = (PREFIXES[name] for name in ("rdfs", "skos", "spdx", "vcard"))

Node = dict[str, Any]
"""A node object of expanded JSON-LD."""
Nodes = list[Node]

_DATE = expression("-?[0-9]{4,}-[0-9]{2}-[0-9]{2}")
_WEB = expression("https?://")
_SAID = frozenset(
    "standard title identifier publisher description updateCycle issued modified related keywords theme landingPage service"  # noqa: SIM905
    " licence terms contact temporal spatial language version resources".split()
)
"""Keys of an entry that DCAT has words for: the record says them."""
_SAID_OF_RESOURCE = frozenset(("file", "title", "description", "format", "modified", "schema"))


@dataclass(frozen=True, slots=True)
class Ground:
    """What all graphs of a site need to know."""

    portal: Portal
    authorities: Authorities
    known: Mapping[str, frozenset[str]]
    """Code list → its codes, those included that a layer added."""
    entries: Entries


def ground_of(portal: Portal) -> Ground:
    """The ground of a site; made once for each portal."""
    if _last and _last[0].portal is portal:
        return _last[0]
    lists: Mapping[str, CodeList] = portal.code_lists
    known = {name: frozenset(codes.codes) for name, codes in lists.items() if not codes.declared.get("data")}
    _last[:] = [Ground(portal, authorities_of(lists), known, Entries(known, base_of(portal)))]
    return _last[0]


_last: list[Ground] = []


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph of one dataset."""

    nodes: tuple[Node, ...]
    """DCAT: the dataset, its distributions, and what they refer to."""
    details: tuple[Node | Written, ...]
    """What has no word in DCAT; most of it is written already."""


def graph_of(record: Record, ground: Ground) -> Graph:
    """The graph of a record. A text that no form of a graph can hold is mended in all alike (`literals.clean`)."""
    writer = _Writer(record, ground)
    nodes = [writer.dataset(), *writer.distributions(), *writer.beside.values()]
    return Graph(tuple(map(_filled, nodes)), tuple(writer.details()))


class _Writer:
    """The nodes of one record."""

    def __init__(self, record: Record, ground: Ground) -> None:
        self._record, self._ground, self._portal = record, ground, ground.portal
        self._folder = dataset_folder(record.code)
        self._at = address(self._portal, self._folder)
        """Where its files are."""
        self._iri_of = iri_of_dataset(self._portal, record.code)
        self._document = self._iri_of.partition("#")[0]
        self.beside: dict[str, Node] = {}
        """IRI → what is said of things that several nodes refer to."""

    def dataset(self) -> Node:
        """The dcat:Dataset."""
        record, portal, iri = self._record, self._portal, self._iri_of
        page = self._of_class(f"{self._at}/index.html", f"{FOAF}Document")[0]
        node: Node = {"@id": iri, "@type": [f"{DCAT}Dataset"], f"{DCT}title": texts(record.title)}
        node[f"{DCT}description"] = texts(record.description)
        node[f"{DCT}identifier"] = texts(record.code)
        node[f"{DCT}publisher"] = self._publisher()
        node[f"{DCAT}contactPoint"] = self._contact()
        node[f"{DCAT}keyword"] = texts(*record.keywords, *(label.text("zh-CN") for label in record.themes if not self._theme(label)))
        node[f"{DCAT}theme"] = [ref for label in record.themes for ref in self._theme(label)]
        node[f"{DCT}accrualPeriodicity"] = self._cycle()
        node[f"{DCT}accessRights"] = self._access()
        node[f"{DCT}issued"], node[f"{DCT}modified"] = dates(record.issued), dates(record.modified)
        node[f"{DCT}temporal"] = self._temporal()
        node[f"{DCT}spatial"] = self._labelled(record.spatial, f"{DCT}Location")
        node[f"{DCT}language"] = self._language()
        node[f"{DCT}conformsTo"] = self._standard()
        node[f"{DCT}relation"] = [{"@id": iri_of_dataset(portal, code)} for code in record.related]
        node[f"{DCAT}version"] = texts(record.version)
        node[f"{DCAT}landingPage"] = [page, *(self._page_at(link) for link in record.landing_pages if _is_web(link))]
        same = dataset_iri(record.code)
        node[f"{OWL}sameAs"] = [{"@id": same}] if same != iri else []
        node[f"{DCAT}distribution"] = [{"@id": self._part(resource, download)} for resource, download in self._offered()]
        return node

    def _offered(self) -> Iterator[tuple[Resource, Download | None]]:
        """Each resource with each of its downloads, once alone where it has none and leads somewhere else."""
        for resource in self._record.resources:
            yield from ((resource, download) for download in resource.downloads)
            if not resource.downloads and _is_web(resource.url):
                yield resource, None

    def _part(self, resource: Resource, download: Download | None) -> str:
        kind = "" if download is None or download.kind == "original" else f"-{download.kind}"
        return f"{self._document}#resource-{resource.id}{kind}"

    def distributions(self) -> Iterator[Node]:
        """The dcat:Distribution of each file and link."""
        for resource, download in self._offered():
            node: Node = {"@id": self._part(resource, download), "@type": [f"{DCAT}Distribution"], f"{DCT}title": texts(resource.title)}
            node[f"{DCT}description"] = texts(resource.description)
            if download is None:
                node |= self._linked(resource)
            else:
                node |= self._file(resource, download)
            node[f"{DCT}modified"] = dates(resource.modified)
            node[f"{DCT}license"] = self._labelled(self._record.licence or self._portal.licence, f"{DCT}LicenseDocument")
            node[f"{DCT}rights"] = self._labelled(self._record.terms, f"{DCT}RightsStatement")
            yield node

    def _file(self, resource: Resource, download: Download) -> Node:
        form = {"original": resource.format.lower(), "parquet": "parquet"}.get(download.kind, "csv")
        media = resource.media_type if download.kind == "original" else download.media_type
        return {
            f"{DCAT}accessURL": [{"@id": f"{self._at}/resources/{resource.id}.html"}],
            f"{DCAT}downloadURL": [{"@id": f"{self._at}/{quote(download.name, safe='/')}"}],
            f"{DCT}format": self._format(form),
            f"{DCAT}mediaType": self._media_type(media, form),
            f"{DCAT}byteSize": [typed(str(download.size), "nonNegativeInteger")],
            f"{SPDX}checksum": self._checksum(download.sha256),
        }

    def _linked(self, resource: Resource) -> Node:
        address_of = _web_iri(resource.url)
        service = f"{self._document}#service-{resource.id}"
        self.beside[service] = {
            "@id": service, "@type": [f"{DCAT}DataService"], f"{DCT}title": texts(resource.title or self._record.title),
            f"{DCAT}endpointURL": [{"@id": address_of}],
            f"{DCAT}servesDataset": [{"@id": self._iri_of}],
        }  # fmt: skip
        return {
            f"{DCAT}accessURL": [{"@id": address_of}], f"{DCT}format": self._format(resource.format.lower()),
            f"{DCAT}accessService": [{"@id": service}],
        }  # fmt: skip

    def details(self) -> Iterator[Node | Written]:
        """What the entry says beyond DCAT, of the dataset and of each of its resources."""
        record, scope = self._record, entry_scope()
        entry = {key: value for key, value in record.entry.items() if key not in _SAID}
        yield from self._expanded(entry, scope, self._iri_of)
        within = scope.terms["resources"].scope
        listed = [item for item in record.entry.get("resources") or () if isinstance(item, Mapping)]
        declared = dict(zip(told_apart(map(_key_of, listed)), listed, strict=True))
        for resource in record.resources:
            told = {key: value for key, value in declared.get(resource.key, {}).items() if key not in _SAID_OF_RESOURCE}
            if told and within is not None and resource.downloads:
                yield from self._expanded(told, within, self._part(resource, resource.downloads[0]))

    def _expanded(self, told: Mapping[str, Any], scope: Scope, iri: str) -> Iterator[Node | Written]:
        """What was told under keys of the entry, as a node without a type of its own."""
        written = self._ground.entries.write(iri, told, scope)
        if written is not None:
            yield from written
            return
        for found in expand(told, self._ground.known, scope):
            node = tidy({"@id": iri, **{key: value for key, value in found.items() if not key.startswith("@")}})
            if len(node) > 1:
                yield node

    def _publisher(self) -> Nodes:
        party = self._record.publisher
        iri = iri_of_publisher(self._portal, party)
        node: Node = {"@id": iri, "@type": [f"{FOAF}Agent", f"{FOAF}Organization"]}
        self.beside[iri] = {**node, f"{FOAF}name": texts(party.name or party.code or party.id), f"{DCT}identifier": texts(party.code)}
        return [{"@id": iri}]

    def _contact(self) -> Nodes:
        told = self._record.contact or self._portal.contact
        if not any(told.values()):
            return []
        name = told.get("organisation") or self._record.publisher.name
        node: Node = {"@type": [f"{VCARD}Kind", f"{VCARD}Organization"], f"{VCARD}fn": texts(name)}
        for key, term, form in (("phone", "hasTelephone", "tel"), ("email", "hasEmail", "mailto")):
            node[f"{VCARD}{term}"] = [{"@id": iri} for iri in [told.get(key) and to_iri(form, told[key], "")] if iri]
        node[f"{PREFIXES['govdata']}address"] = texts(told.get("address", ""))
        return [_filled(node)]

    def _theme(self, label: Label) -> Nodes:
        """The theme's own concept, and the EU's where it is the same; nothing where it is in no list."""
        if label.code not in self._ground.known.get("theme", ()) and label.code not in _theme_term().labels:
            return []
        iri = code_iri("theme", label.code)
        names = [{"@value": clean(label.zh), "@language": "zh"}, *([{"@value": clean(label.en), "@language": "en"}] if label.en else [])]
        self.beside[iri] = {"@id": iri, "@type": [f"{SKOS}Concept"], f"{SKOS}prefLabel": names}
        europe = self._ground.authorities.theme(label.code)
        return [{"@id": iri}, *([{"@id": europe}] if europe else [])]

    def _cycle(self) -> Nodes:
        label = self._record.cycle
        if label is None:
            return []
        europe = self._ground.authorities.frequency(label.code)
        if europe:
            return self._of_class(europe, f"{DCT}Frequency")
        return self._labelled(label.zh, f"{DCT}Frequency")

    def _access(self) -> Nodes:
        iri = self._ground.authorities.access(self._record.opening.code) if self._record.opening else ""
        return self._of_class(iri, f"{DCT}RightsStatement") if iri else []

    def _language(self) -> Nodes:
        iri = self._ground.authorities.language(self._record.language)
        if iri:
            return self._of_class(iri, f"{DCT}LinguisticSystem")
        return self._labelled(self._record.language, f"{DCT}LinguisticSystem")

    def _standard(self) -> Nodes:
        name = self._record.entry.get("standard")
        iri = to_iri("standard", name, "") if isinstance(name, str) and name else None
        return self._of_class(iri, f"{DCT}Standard") if iri else []

    def _format(self, name: str) -> Nodes:
        iri = self._ground.authorities.file_type(name)
        return self._of_class(iri, f"{DCT}MediaTypeOrExtent") if iri else self._labelled(name.upper(), f"{DCT}MediaTypeOrExtent")

    def _media_type(self, given: str, form: str) -> Nodes:
        iri = self._ground.authorities.media_type(given, form)
        return self._of_class(iri, f"{DCT}MediaType") if iri else []

    def _checksum(self, sha256: str) -> Nodes:
        if not sha256:
            return []
        algorithm = f"{SPDX}checksumAlgorithm_sha256"
        return [
            {"@type": [f"{SPDX}Checksum"], f"{SPDX}algorithm": [{"@id": algorithm}], f"{SPDX}checksumValue": [typed(sha256, "hexBinary")]}
        ]

    def _temporal(self) -> Nodes:
        start, end = dates(self._record.start), dates(self._record.end)
        if not start and not end:
            return []
        return [_filled({"@type": [f"{DCT}PeriodOfTime"], f"{DCAT}startDate": start, f"{DCAT}endDate": end})]

    def _of_class(self, iri: str, kind: str) -> Nodes:
        self.beside[iri] = {"@id": iri, "@type": [kind]}
        return [{"@id": iri}]

    def _labelled(self, text: str, kind: str) -> Nodes:
        """A text where DCAT wants a thing: one of that class with the text as its label; a web address is the thing itself."""
        text = text.strip()
        if not text:
            return []
        iri = _web_iri(text) if _is_web(text) else ""
        return self._of_class(iri, kind) if iri else [{"@type": [kind], f"{RDFS}label": texts(text)}]

    def _page_at(self, link: str) -> Node:
        return self._of_class(_web_iri(link), f"{FOAF}Document")[0]


def texts(*values: str) -> Nodes:
    """Literals of the texts that are not empty, each once."""
    if len(values) == 1:
        return [{"@value": clean(values[0])}] if values[0] else []
    return [{"@value": clean(value)} for value in dict.fromkeys(values) if value]


def typed(value: str, kind: str) -> Node:
    """A literal of an XML Schema type."""
    return {"@value": value, "@type": f"{XSD}{kind}"}


def dates(value: str) -> Nodes:
    """A literal of a day; nothing where a text is none."""
    return [typed(value, "date")] if _DATE.fullmatch(value) else []


def _is_web(text: str) -> bool:
    return bool(_web_iri(text))


@functools.lru_cache(maxsize=1024)
def _web_iri(text: str) -> str:
    """The IRI of a web address; empty where a text is none, or none that every form can hold."""
    iri = to_iri("url", text, "") if _WEB.match(text.lower()) else None
    return iri if iri is not None and is_iri(iri) else ""


def _key_of(resource: Mapping[str, Any]) -> str:
    """What a resource of an entry is known by: as `Resource.key`."""
    part = resource.get("sheet") or resource.get("table") or ""
    return str(resource.get("file") or "") + (f"#{part}" if part not in (None, "") else "")


def _theme_term() -> Term:
    return entry_scope().terms["theme"]


def _filled(node: Node) -> Node:
    """A node without empty properties."""
    return {key: values for key, values in node.items() if values}
