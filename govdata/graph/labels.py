"""The code lists' part of the JSON-LD contexts: every way to write a code, mapped to the code's IRI."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from govdata import content
from govdata.codes import CodeList, read_list
from govdata.reading.entries.jsonld import CODES
from govdata.reading.entries.keys import entry_scope, walk


def code_iri(list_id: str, code: str) -> str:
    """The IRI of a code: `urn:govdata:codes:<list>:<code>`."""
    return f"{CODES}{list_id}:{quote(code, safe='')}"


def labels_of(codes: CodeList) -> dict[str, str]:
    """Every way to write a code that can be a JSON-LD term → IRI of the code that the list itself reads there."""
    names = (name for item in codes.codes.values() for name in (item.code, item.zh, item.en, *item.also))
    return {name: code_iri(codes.id, str(codes.resolve(name))) for name in names if _is_term(name)}


def _is_term(name: str) -> bool:
    """JSON-LD 1.1 §4.1: a term with `:` or `/` would have to expand to itself, one with `@` is a keyword's form."""
    return bool(name) and not name.startswith("@") and ":" not in name and "/" not in name


def render_context(language: str) -> str:
    """The bundled context of a language as text, its labels taken afresh from the shipped code lists."""
    document: dict[str, Any] = json.loads(content.read_bytes(f"schemas/contexts/{language}.jsonld"))
    for path, term in walk(entry_scope()):
        if term.codes:
            _set_labels(document["@context"], path, language, labels_of(_shipped_list(term.codes)))
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _shipped_list(list_id: str) -> CodeList:
    name = f"{list_id}/list.yaml"
    return read_list(content.load(f"{content.SECTIONS['codes']}/{name}"), content.root() / content.SECTIONS["codes"] / list_id)


def _set_labels(context: dict[str, Any], path: tuple[str, ...], language: str, labels: Mapping[str, str]) -> None:
    scope = entry_scope()
    for depth, key in enumerate(path):
        term = scope.terms[key]
        names = term.names[language]
        if depth == len(path) - 1:
            for name in names:
                context[name]["@context"] = dict(labels)
            return
        for other in names[1:]:
            # Two keys for one thing have one context below them, so that one walk reaches both.
            context[other]["@context"] = context[names[0]]["@context"]
        context, scope = context[names[0]]["@context"], term.scope or scope
