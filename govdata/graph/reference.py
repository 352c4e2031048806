"""The JSON-LD route that counts: pyld with the bundled contexts. Nothing is ever fetched; what is not bundled is refused."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from govdata import content
from govdata.errors import GovdataError
from govdata.graph.document import document_as_written, keys_used
from govdata.reading.entries.keys import LANGUAGES, language_of
from govdata.reading.entries.translation import BUNDLED
from govdata.values import Entry

_NONE: Mapping[str, Container[str]] = {}


def expand_by_pyld(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A JSON-LD document expanded by pyld; an error that names the bundled contexts where it asks for another one."""
    from pyld import jsonld  # type: ignore[import-untyped]

    options = {"documentLoader": load_bundled, "base": "urn:govdata:document", "processingMode": "json-ld-1.1"}
    try:
        expanded: list[dict[str, Any]] = jsonld.expand(dict(document), options)
    except jsonld.JsonLdError as error:
        refused = _refused(error)
        if refused is None:
            raise
        raise refused from error
    return expanded


def expand_written(entry: Entry, known: Mapping[str, Container[str]] = _NONE) -> list[dict[str, Any]]:
    """An entry expanded by pyld from the keys and labels that were written."""
    document = document_as_written(entry, known)
    return expand_by_pyld({"@context": context_for(document), **document})


def canonical_nquads(expanded: list[dict[str, Any]]) -> str:
    """The graph of expanded JSON-LD as canonical N-Quads (RDFC-1.0): the same text for the same graph."""
    from pyld import jsonld

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load_bundled}
    quads: str = jsonld.normalize(expanded, options)
    return quads


def context_for(document: Mapping[str, Any]) -> Any:
    """The bundled context of a document's keys: one of the two by name, or both in one where keys are mixed."""
    languages = {language_of(key) for key in keys_used(document) if not _is_iri(key)}
    if len(languages) == 1:
        return f"govdata:{languages.pop()}"
    return merge(*(_context(language) for language in LANGUAGES))


def merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Two contexts in one: keys of both, and below a key whose IRI both have, the keys of both again."""
    nested: dict[str, dict[str, Any]] = {}
    for context in (first, second):
        for definition in context.values():
            if isinstance(definition, Mapping) and "@context" in definition:
                nested[definition["@id"]] = merge(nested.get(definition["@id"], {}), definition["@context"])
    return {key: _widened(value, nested) for key, value in {**first, **second}.items()}


def _widened(definition: Any, nested: Mapping[str, Any]) -> Any:
    if isinstance(definition, Mapping) and "@context" in definition:
        return {**definition, "@context": nested[definition["@id"]]}
    return definition


def load_bundled(url: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A document loader (JSON-LD 1.1 API §9.4) that serves the bundled contexts by name and refuses every other address."""
    if url not in BUNDLED:
        raise GovdataError("context-refused", context=url, bundled=", ".join(BUNDLED))
    document = {"@context": _context(BUNDLED[url])}
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}


def _context(language: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = content.load(f"schemas/contexts/{language}.jsonld")["@context"]
    return found


def _is_iri(key: str) -> bool:
    return ":" in key


def _refused(error: BaseException | None) -> GovdataError | None:
    """Our refusal inside pyld's error, which wraps what a loader raises."""
    while error is not None:
        if isinstance(error, GovdataError):
            return error
        error = getattr(error, "cause", None) or error.__cause__
    return None
