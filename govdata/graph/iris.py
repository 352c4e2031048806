"""How the values of an entry stand in its graph: texts that become IRIs, codes, wrapped texts, numbers."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from govdata.expressions import expression
from govdata.graph.labels import code_iri
from govdata.reading.entries.jsonld import DATASETS, LABEL, STANDARDS
from govdata.reading.entries.keys import NUMBER, Term
from govdata.values import MAPPING

_SCHEMED = expression("[A-Za-z][A-Za-z0-9+.-]+:")
_WEB = expression("https?://", re.IGNORECASE)
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_LISTED: Mapping[str, Container[str]] = {}


@functools.lru_cache(maxsize=4096)  # each form of a dataset asks for it
def dataset_iri(identifier: str) -> str:
    """The IRI of a dataset by its resource code: `urn:govdata:dataset:307001%2F000012`."""
    return DATASETS + quote(identifier.strip(), safe="")


def base_of(canonical: Mapping[str, Any]) -> str:
    """What file names of an entry are relative to: the dataset's IRI; without a resource code, that of a dataset without name."""
    identifier = canonical.get("identifier")
    return dataset_iri(identifier) if isinstance(identifier, str) and identifier.strip() else DATASETS


def to_iri(form: str, text: str, base: str) -> str | None:
    """The IRI that a text means, by the form that the schema gives it; `None` where it is none (a web address without scheme)."""
    if form == "tel" or form == "mailto":
        return f"{form}:{quote(text.strip(), safe='@+')}"
    if form == "dataset":
        return dataset_iri(text)
    if form == "standard":
        return STANDARDS + quote(text.strip(), safe="")
    if _SCHEMED.match(text):
        return quote(text.strip(), safe=_SAFE)
    return f"{base}/{_relative(text)}" if form == "file" else None


def _relative(name: str) -> str:
    """A file name with `/`, percent-encoded; `.` steps go, a step upwards stays visible as `..` encoded."""
    steps = (step for step in name.replace("\\", "/").split("/") if step not in ("", "."))
    return "/".join("%2E%2E" if step == ".." else quote(step, safe="") for step in steps)


def to_node(term: Term, value: Any, base: str, known: Mapping[str, Container[str]] = _LISTED) -> Any:
    """A scalar as it stands in the JSON-LD document: text, number or truth value for the context to type, or an object that needs
    no context. `None` where there is nothing to say. `known`: code list → codes that a layer added to those in the contexts."""
    if isinstance(value, MAPPING):
        return {"@type": "@json", "@value": value} if term.form == "file" and term.datatype == "" else None
    if value is None or isinstance(value, list):
        return None
    if term.codes:
        return _code(term, str(value), known)
    if term.form:
        return _reference(term, str(value), base)
    if term.node:
        return _wrapped(term, _text(value))
    if term.datatype:
        return _number(value) if term.kind == NUMBER else value
    return _text(value)


def _code(term: Term, text: str, known: Mapping[str, Container[str]]) -> Any:
    if text in term.labels:
        return text
    if text in known.get(term.codes, ()):
        return {"@id": code_iri(term.codes, text)}
    return {"@value": text}


def _reference(term: Term, text: str, base: str) -> Any:
    iri = to_iri(term.form, text, base)
    if iri is None:
        return {"@value": text}
    return iri if term.datatype == "@id" else {"@id": iri}


def _wrapped(term: Term, text: str) -> dict[str, str]:
    """A text where DCAT wants a resource: a node of that class with the text as label; a web address is the resource itself."""
    if _WEB.match(text):
        return {"@id": quote(text.strip(), safe=_SAFE)}
    return {"@type": term.node, LABEL: text}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _number(value: Any) -> Any:
    """A number in the lexical form of xsd:decimal: no exponent."""
    return format(Decimal(repr(value)), "f") if isinstance(value, int | float) and not isinstance(value, bool) else value
