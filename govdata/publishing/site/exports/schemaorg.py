"""A dataset in the words of schema.org, for search engines: stands in its page."""

from __future__ import annotations

import json
from typing import Any

from govdata.graph.literals import clean
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.naming import address, iri_of_dataset, iri_of_publisher
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record, Resource

MOST_VARIABLES = 100
"""Columns that are named; more only make the page heavy."""
MOST_TEXT = 5000
"""Characters of a description that search engines take."""

_MARKS = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def schema_org(record: Record, portal: Portal) -> dict[str, Any]:
    """The dataset as JSON-LD; texts may hold anything: `script` writes them so that they do no harm in a page."""
    folder = dataset_folder(record.code)
    found: dict[str, Any] = {
        "@context": "https://schema.org/", "@type": "Dataset", "@id": iri_of_dataset(portal, record.code),
        "name": record.title, "description": (record.description or record.title)[:MOST_TEXT],
        "url": address(portal, f"{folder}/index.html") if portal.url else "", "identifier": record.code,
        "keywords": list(dict.fromkeys((*record.keywords, *(label.zh for label in record.themes)))),
        "creator": {"@type": "GovernmentOrganization", "@id": iri_of_publisher(portal, record.publisher), "name": record.publisher.name},
        "license": record.licence or portal.licence, "isAccessibleForFree": True,
        "datePublished": record.issued, "dateModified": record.modified, "version": record.version,
        "temporalCoverage": f"{record.start or '..'}/{record.end or '..'}" if record.start or record.end else "",
        "spatialCoverage": record.spatial, "inLanguage": record.language,
    }  # fmt: skip
    found["variableMeasured"] = _variables(record)
    found["distribution"] = [item for resource in record.resources for item in _distributions(resource, portal, folder)]
    found["includedInDataCatalog"] = {"@type": "DataCatalog", "name": portal.title.zh, **({"url": f"{portal.url}/"} if portal.url else {})}
    return {key: value for key, value in found.items() if value not in ("", [])}


def script(record: Record, portal: Portal) -> str:
    """The same as text for a `<script type="application/ld+json">`: nothing in it can end the element."""
    return clean(json.dumps(schema_org(record, portal), ensure_ascii=False)).translate(_MARKS)


def _variables(record: Record) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for resource in record.resources:
        for item in resource.items:
            told = {"name": item.name, "alternateName": item.english, "description": item.description, "unitText": item.unit}
            found.setdefault(item.name, {"@type": "PropertyValue", **{key: value for key, value in told.items() if value}})
    return list(found.values())[:MOST_VARIABLES]


def _distributions(resource: Resource, portal: Portal, folder: str) -> list[dict[str, Any]]:
    if not resource.downloads:
        return [{"@type": "DataDownload", "name": resource.title, "contentUrl": resource.url}] if resource.url else []
    found = []
    for item in resource.downloads:
        told = {"@type": "DataDownload", "name": resource.title, "encodingFormat": item.media_type, "contentSize": f"{item.size} B"}
        # The same block stands in pages of several languages, at different depths: an address that is not absolute would not hold.
        at = {"contentUrl": address(portal, f"{folder}/{item.name}")} if portal.url else {}
        found.append({**told, "sha256": item.sha256, **at})
    return found
