"""Short names for the terms of our graphs, the same in every form in which they are written."""

from __future__ import annotations

import functools

from govdata.expressions import expression

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "govdata": "urn:govdata:terms#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": RDF,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": XSD,
}
"""Prefix → namespace, in order of the prefixes."""

_LOCAL = expression("[A-Za-z_][A-Za-z0-9_-]*")
_IRI = expression(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?://(?:[^\s/?#@\[\]<>\"{}|\\^`\x00-\x1f\x7f]*@)?[^\s/?#@:\[\]<>\"{}|\\^`\x00-\x1f\x7f]*(?::[0-9]*)?(?=[/?#]|\Z)|(?!//))"
    r"(?:[^\s#%\[\]<>\"{}|\\^`\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})*"
    r"(?:#(?:[^\s#%\[\]<>\"{}|\\^`\x00-\x1f\x7f]|%[0-9A-Fa-f]{2})*)?"
)


@functools.lru_cache(maxsize=4096)
def short(iri: str) -> str:
    """`dct:title` for an IRI below a known namespace; empty where there is no such name."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
            return f"{prefix}:{iri[len(namespace) :]}"
    return ""


@functools.lru_cache(maxsize=4096)
def is_iri(text: str) -> bool:
    """Whether a text can stand as an absolute IRI in every form: RFC 3986's signs, and no scheme that is one of our prefixes.

    Not all that RFC 3987 allows: an address in brackets (IPv6) is refused.
    """
    return _IRI.fullmatch(text) is not None and text.partition(":")[0] not in PREFIXES
