"""What a JSON-LD document in our keys says that no entry holds: languages of texts, addresses and kinds of parts, words beside a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govdata.graph.vocabulary import full
from govdata.reading.documents.yaml import escape
from govdata.reading.entries.jsonld import LABEL
from govdata.reading.entries.keys import ANY, OBJECT, Scope, Term, entry_scope
from govdata.reading.entries.translation import FLAT


def losses(written: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(keys on the way to it, value) of each, not told apart by places in lists.

    The dataset's own address is not among them: it is made of its code.
    """
    yield from _object(written, entry_scope(), "")


def _object(written: Mapping[str, Any], scope: Scope, at: str) -> Iterator[tuple[str, str]]:
    for key, value in written.items():
        here = f"{at}/{escape(key)}"
        name = scope.keys.get(key)
        if key == "@type":
            yield from ((here, str(kind)) for kind in _listed(value) if isinstance(kind, str) and full(kind) != scope.node)
        elif key == "@id" and at:
            yield here, str(value)
        elif name is not None and name not in FLAT:
            term = scope.terms.get(name)
            for item in _listed(value):
                yield from _value(term, item, here)


def _value(term: Term | None, value: Any, at: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, Mapping) or (term is not None and term.kind == ANY):
        return
    if term is not None and term.kind == OBJECT and term.scope is not None:
        yield from _object(value, term.scope, at)
        return
    # As `plain_value` takes it: one of these says the value, and the type only how it is to be read.
    taken = next((key for key in ("@value", LABEL, "@id") if key in value), None)
    if taken is not None:
        yield from ((f"{at}/{escape(key)}", str(item)) for key, item in value.items() if key not in (taken, "@type"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
