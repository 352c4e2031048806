"""An entry as a JSON-LD document: in Chinese keys, in English keys, or in the keys that were written; the contexts do the rest."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from govdata.classes import dataclass
from govdata.graph.iris import base_of, dataset_iri, to_node
from govdata.reading.documents.yaml import escape, unescape
from govdata.reading.entries.keys import NAMES, OBJECT, Scope, Term, entry_scope, language_of
from govdata.values import Entry

Known = Mapping[str, Container[str]]
Naming = Callable[[Scope, Term, str], str]
"""(scope, term, canonical pointer) → the key to write."""
Wording = Callable[[Term, str, str], str]
"""(term, code, canonical pointer) → the label to write."""
_NONE: Known = {}


def document(canonical: Mapping[str, Any], language: str, known: Known = _NONE) -> dict[str, Any]:
    """A canonical entry as JSON-LD document in one language (`zh-CN` or `en`), with the name of its bundled context."""

    def key(scope: Scope, term: Term, pointer: str) -> str:
        return term.names[language][0]

    def label(term: Term, code: str, pointer: str) -> str:
        return next(_labels(term, code, language), code)

    return {"@context": f"govdata:{language}", **_root(canonical, _Writer(key, label, known, base_of(canonical)))}


def document_as_written(entry: Entry, known: Known = _NONE) -> dict[str, Any]:
    """An entry as JSON-LD document in the keys and labels that were written, values normalised; without `@context`.

    Where a key cannot be taken over (a provider written flat, a list in one line) the usual key of the same language stands.
    """

    def key(scope: Scope, term: Term, pointer: str) -> str:
        steps = [unescape(step) for step in entry.pointers.get(pointer, "").split("/")]
        if scope.keys.get(steps[-1]) == term.key:
            return steps[-1]
        return term.names[language_of(next((step for step in reversed(steps) if not step.isdigit()), ""))][0]

    def label(term: Term, code: str, pointer: str) -> str:
        written = _at(entry.written, entry.pointers.get(pointer, ""))
        return written if isinstance(written, str) and term.labels.get(written) == term.labels.get(code) else code

    return _root(entry.canonical, _Writer(key, label, known, base_of(entry.canonical)))


def keys_used(value: Any) -> Iterator[str]:
    """All keys of a document, those of JSON-LD itself aside."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not key.startswith("@"):
                yield key
            if key != "@value":
                yield from keys_used(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_used(item)


def _labels(term: Term, code: str, language: str) -> Iterator[str]:
    iri = term.labels.get(code)
    return (name for name, of in term.labels.items() if of == iri and name.isascii() == (language == "en") and iri is not None)


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)]
        elif isinstance(value, Mapping):
            value = value.get(unescape(step))
        else:
            return value
    return value


@dataclass(frozen=True, slots=True)
class _Writer:
    """What the walk needs to know."""

    key: Naming
    label: Wording
    known: Known
    base: str


def _root(canonical: Mapping[str, Any], writer: _Writer) -> dict[str, Any]:
    found = _object(writer, canonical, entry_scope(), "")
    identifier = canonical.get("identifier")
    if isinstance(identifier, str) and identifier.strip():
        found["@id"] = dataset_iri(identifier)
    return found


def _object(writer: _Writer, value: Mapping[str, Any], scope: Scope, pointer: str) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": scope.node}
    for key, item in value.items():
        term = scope.terms.get(key)
        if term is None:
            continue
        here = f"{pointer}/{escape(key)}"
        if term.many:
            items = item if isinstance(item, list) else [item]
            content: Any = [c for c in (_one(writer, term, one, f"{here}/{n}") for n, one in enumerate(items)) if c is not None]
        else:
            content = _one(writer, term, item, here)
        if content is not None and content != []:
            found[writer.key(scope, term, here)] = content
    return found


def _one(writer: _Writer, term: Term, value: Any, pointer: str) -> Any:
    if term.kind == OBJECT:
        return _object(writer, value, term.scope, pointer) if isinstance(value, Mapping) and term.scope is not None else None
    if term.kind == NAMES:
        return [name for name in value if isinstance(name, str)] if isinstance(value, list) else None
    compact = to_node(term, value, writer.base, writer.known)
    return writer.label(term, compact, pointer) if term.codes and isinstance(compact, str) else compact
