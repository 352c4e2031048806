"""JSON-LD's own ways to write a value, as our exports and other tools write them, back to what an officer would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from govdata.reading.entries.keys import Term

LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
CODES = "urn:govdata:codes:"
DATASETS = "urn:govdata:dataset:"
STANDARDS = "urn:govdata:standards:"
REMAINDER = "urn:govdata:terms#remainder"
"""What the rest of a document cannot say of an entry, as JSON: pointer into the canonical entry → value, `null` for none."""
_PREFIXES = {"tel": "tel:", "mailto": "mailto:", "dataset": DATASETS, "standard": STANDARDS}


def plain_value(term: Term, value: Any) -> Any:
    """The plain value of a value object, a labelled node, a reference or an IRI that we made; any other value as it is."""
    if isinstance(value, str):
        return _plain_iri(term, value)
    if not isinstance(value, Mapping):
        return value
    if "@value" in value:
        return value["@value"]
    if LABEL in value:
        return value[LABEL]
    iri = value.get("@id")
    return _plain_iri(term, iri) if isinstance(iri, str) else value


def _plain_iri(term: Term, iri: str) -> str:
    prefix = f"{CODES}{term.codes}:" if term.codes else _PREFIXES.get(term.form)
    if prefix is not None and iri.startswith(prefix):
        return unquote(iri[len(prefix) :])
    if term.form == "file" and iri.startswith(DATASETS):
        # The resource code is encoded, so the first `/` ends it: what follows is the file's name.
        _, slash, name = iri.partition("/")
        return unquote(name) if slash else iri
    return iri
