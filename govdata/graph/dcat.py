"""DCAT 3 that other catalogs understand: the entry's own graph with their codes and the properties that they ask for beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from govdata.expressions import expression
from govdata.graph import vocabulary
from govdata.graph.vocabulary import full
from govdata.reading.entries.jsonld import CODES, LABEL

_HAN = expression("[\u3400-\u9fff]")
_SPOKEN = tuple(full(name) for name in ("dct:title", "dct:description", "dcat:keyword", "foaf:name", "vcard:fn", "vcard:organization-name"))
"""Texts that get a language."""
_ACCESS = "http://publications.europa.eu/resource/authority/access-right/"

CATALOGS = "urn:govdata:catalog:"
"""What the addresses of our own catalogs begin with."""

Expanded = dict[str, Any]


def widen(expanded: Mapping[str, Any], canonical: Mapping[str, Any]) -> Expanded:
    """An entry's node of expanded JSON-LD as others understand it; nothing of ours is taken away but codes that have an equal."""
    node = dict(expanded)
    _set_cycle(node)
    _add_themes(node)
    access = access_right(canonical)
    if access:
        node[full("dct:accessRights")] = [{"@id": access}]
    _add_classes(node, full("dct:publisher"), full("foaf:Agent"))
    for contact in node.get(full("dcat:contactPoint"), ()):
        name = contact.get(full("vcard:organization-name"))
        if name and full("vcard:fn") not in contact:
            contact[full("vcard:fn")] = name
    distributions = node.get(full("dcat:distribution"))
    if distributions:
        page = node.get(full("dcat:landingPage"), [])
        node[full("dcat:distribution")] = [_distribution(item, page, node) for item in distributions]
    return _spoken(node)


def catalog(title: str, datasets: Iterator[str]) -> Expanded:
    """The catalog that the datasets are in."""
    return {
        "@id": CATALOGS + quote(title, safe=""),
        "@type": [full("dcat:Catalog")],
        full("dct:title"): [_in_language({"@value": title})],
        full("dcat:dataset"): [{"@id": iri} for iri in datasets],
    }


def access_right(canonical: Mapping[str, Any]) -> str:
    """The EU's access right for what an entry says of opening; empty where it says nothing."""
    opening = canonical.get("opening")
    told = opening.get("open") if isinstance(opening, Mapping) else None
    if told is False:
        return f"{_ACCESS}NON_PUBLIC"
    if told is True and isinstance(opening, Mapping):
        return _ACCESS + ("RESTRICTED" if opening.get("type") == "conditional" else "PUBLIC")
    return ""


def _set_cycle(node: Expanded) -> None:
    key, prefix = full("dct:accrualPeriodicity"), f"{CODES}update-cycle:"
    told = node.get(key, [{}])[0].get("@id", "")
    equal = vocabulary.cycles()[1].get(told.removeprefix(prefix)) if told.startswith(prefix) else None
    if equal:
        node[key] = [{"@id": equal}]


def _add_themes(node: Expanded) -> None:
    key, prefix = full("dcat:theme"), f"{CODES}theme:"
    told = vocabulary.table("theme")
    codes = [item.get("@id", "").removeprefix(prefix) for item in node.get(key, ())]
    equals = dict.fromkeys(told["prefix"] + told["write"][code] for code in codes if code in told["write"])
    if equals:
        node[key] = [*node[key], *({"@id": iri} for iri in equals)]


def _add_classes(node: Expanded, key: str, kind: str) -> None:
    node_of = [item for item in node.get(key, ()) if "@type" in item]
    for item in node_of:
        item["@type"] = [*item["@type"], kind]


def _distribution(node: Mapping[str, Any], page: list[Any], dataset: Mapping[str, Any]) -> Expanded:
    """DCAT-AP asks of a distribution where it can be had, and wants its licence and media type."""
    found = dict(node)
    address = found.get(full("dcat:downloadURL")) or page
    if address:
        found[full("dcat:accessURL")] = address[:1]
    licence = dataset.get(full("dct:license"))
    if licence and "@id" in licence[0]:
        found[full("dct:license")] = licence
    media = _media_type(found)
    if media:
        found[full("dcat:mediaType")] = [{"@id": media}]
    return found


def _media_type(node: Mapping[str, Any]) -> str:
    told = vocabulary.table("formats")
    format = node.get(full("dct:format"), [{}])[0].get(LABEL)
    name = str(node.get(full("dcat:downloadURL"), [{}])[0].get("@id", ""))
    ending = str(format or name.rpartition("/")[2].rpartition(".")[2]).lower()
    known = {format: media for media, format in told["read"].items()}
    return told["media"][0] + known[ending] if ending in known else ""


def _spoken(node: Mapping[str, Any]) -> Expanded:
    found = {}
    for key, value in node.items():
        if key in _SPOKEN:
            found[key] = [_in_language(item) for item in value]
        elif not key.startswith("@"):
            found[key] = [_spoken(item) if _is_node(item) else item for item in value]
        else:
            found[key] = value
    return found


def _is_node(item: Any) -> bool:
    return isinstance(item, Mapping) and "@value" not in item and "@list" not in item


def _in_language(value: Mapping[str, Any]) -> Mapping[str, Any]:
    text = value.get("@value")
    return {**value, "@language": "zh"} if isinstance(text, str) and "@type" not in value and _HAN.search(text) else value
