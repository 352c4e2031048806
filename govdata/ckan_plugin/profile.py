"""DCAT through ckanext-dcat in our mapping: the entry's own graph, with the address of the site's page and files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ckan.plugins import toolkit
from ckanext.dcat.profiles.base import RDFProfile
from ckanext.dcat.utils import resource_uri
from rdflib import OWL, RDF, BNode, Literal, Namespace, URIRef
from rdflib.collection import Collection

from govdata import content
from govdata.ckan_plugin.entries import read_package
from govdata.graph.expand import expand
from govdata.reading.entries.keys import entry_scope

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")


class GovdataProfile(RDFProfile):
    """`ckanext.dcat.rdf.profiles = govdata`."""

    def graph_from_dataset(self, dataset_dict: Mapping[str, Any], dataset_ref: Any) -> None:
        """Add a dataset: every element of its entry that has a term, one distribution a resource."""
        self._bind()
        entry, _, standard = read_package(dataset_dict)
        known = {name: frozenset(codes.codes) for name, codes in standard.codes.items() if not codes.declared.get("data")}
        canonical = {key: value for key, value in entry.canonical.items() if key != "resources"}
        for node in expand(canonical, known):
            for predicate, value in node.items():
                if not predicate.startswith("@"):
                    self._add_values(dataset_ref, URIRef(predicate), value)
            if "@id" in node and str(dataset_ref) != node["@id"]:
                # The code is the same in every catalog; the address is this site's.
                self.g.add((dataset_ref, OWL.sameAs, URIRef(node["@id"])))
        self.g.add((dataset_ref, RDF.type, DCAT.Dataset))
        page = toolkit.url_for("dataset.read", id=dataset_dict.get("name"), qualified=True)
        self.g.add((dataset_ref, FOAF.isPrimaryTopicOf, URIRef(page)))
        for resource, described in zip(dataset_dict.get("resources") or (), _resources(entry.canonical, dataset_dict), strict=True):
            self._add_distribution(dataset_ref, resource, described, known)

    def _add_distribution(self, dataset_ref: Any, resource: Mapping[str, Any], described: Mapping[str, Any], known: Any) -> None:
        reference = URIRef(resource_uri(resource))
        self.g.add((dataset_ref, DCAT.distribution, reference))
        # The entry's file name is relative to its folder: here the site's address stands for it.
        plain = {key: value for key, value in described.items() if key != "file"}
        scope = entry_scope().terms["resources"].scope
        for node in expand(plain, known, scope):
            for predicate, value in node.items():
                if not predicate.startswith("@"):
                    self._add_values(reference, URIRef(predicate), value)
        self.g.add((reference, RDF.type, DCAT.Distribution))
        address = str(resource.get("url") or "")
        if address.startswith(("http://", "https://")):
            self.g.add((reference, DCAT.accessURL, URIRef(_quoted(address))))
            if resource.get("url_type") == "upload":
                self.g.add((reference, DCAT.downloadURL, URIRef(_quoted(address))))
        if resource.get("size"):
            self.g.add((reference, DCAT.byteSize, Literal(int(resource["size"]))))

    def _add_values(self, subject: Any, predicate: Any, values: Any) -> None:
        for value in values:
            self.g.add((subject, predicate, self._node(value)))

    def _node(self, value: Mapping[str, Any]) -> Any:
        """An object of expanded JSON-LD as a term of the graph, what stands below it added."""
        if "@value" in value:
            if isinstance(value["@value"], Mapping):
                return Literal(json.dumps(value["@value"], ensure_ascii=False, sort_keys=True), datatype=RDF.JSON)
            datatype = value.get("@type")
            return Literal(value["@value"], datatype=URIRef(datatype)) if datatype else Literal(value["@value"])
        if "@list" in value:
            head = BNode()
            Collection(self.g, head, [self._node(item) for item in value["@list"]])
            return head if value["@list"] else RDF.nil
        node = URIRef(value["@id"]) if "@id" in value else BNode()
        for predicate, inner in value.items():
            if predicate == "@type":
                for kind in inner if isinstance(inner, list) else [inner]:
                    self.g.add((node, RDF.type, URIRef(kind)))
            elif not predicate.startswith("@"):
                self._add_values(node, URIRef(predicate), inner)
        return node

    def graph_from_catalog(self, catalog_dict: Mapping[str, Any] | None, catalog_ref: Any) -> None:
        """The catalog itself: title, description, language and page."""
        self._bind()
        told = catalog_dict or {}
        self.g.add((catalog_ref, RDF.type, DCAT.Catalog))
        for predicate, value in (
            (DCT.title, told.get("title") or toolkit.config.get("ckan.site_title")),
            (DCT.description, told.get("description") or toolkit.config.get("ckan.site_description")),
            (DCT.language, told.get("language") or toolkit.config.get("ckan.locale_default")),
        ):
            if value:
                self.g.add((catalog_ref, predicate, Literal(value)))
        self.g.add((catalog_ref, FOAF.homepage, URIRef(str(toolkit.config.get("ckan.site_url")))))

    def parse_dataset(self, dataset_dict: dict[str, Any], dataset_ref: Any) -> dict[str, Any]:
        """Nothing is read from others' graphs here: entries come from directories."""
        return dataset_dict

    def _bind(self) -> None:
        namespace = content.load("schemas/vocabulary.yaml")["namespace"]
        for prefix, of in (("dcat", DCAT), ("dct", DCT), ("foaf", FOAF), ("govdata", namespace)):
            self.g.bind(prefix, of)


def _resources(canonical: Mapping[str, Any], package: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What the entry says of each resource of the package, in its order."""
    kept = [item for item in canonical.get("resources") or () if isinstance(item, Mapping)]
    count = len(package.get("resources") or ())
    yield from kept if len(kept) == count else [{}] * count


def _quoted(address: str) -> str:
    return quote(address, safe="!#$%&'()*+,/:;=?@[]~")
