"""The key map: which English key a Chinese or English key of an entry means, scope by scope, and what its value is.

It is derived from the two bundled contexts (which IRI a key has, which keys may stand below it) and from the entry's
schema (which shape its value has), so that neither is written down a second time.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from govdata import content
from govdata.classes import dataclass, field
from govdata.errors import ContentError

LANGUAGES = ("zh-CN", "en")
TEXT, INTEGER, NUMBER, BOOLEAN, OBJECT, ANY, NAMES = "text", "integer", "number", "boolean", "object", "any", "names"
_KINDS = {"string": TEXT, "integer": INTEGER, "number": NUMBER, "boolean": BOOLEAN, "object": OBJECT, "array": NAMES}


@dataclass(frozen=True, slots=True)
class Term:
    """One property of a scope: its keys in both languages, its IRI, and the shape of its value."""

    key: str
    iri: str
    kind: str = TEXT
    many: bool = False
    """The canonical value is a list of such values."""
    ordered: bool = False
    """The list becomes an RDF list (`@container: @list`)."""
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language → the keys that mean this, the usual one first."""
    datatype: str = ""
    """Coercion in the contexts: an XSD IRI, `@id`, `@vocab` or nothing."""
    codes: str = ""
    """The code list that values come from."""
    also: frozenset[str] = frozenset()
    """Values that are allowed besides the codes (Table Schema types)."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Every way to write a code that the contexts know → IRI of the code."""
    date: bool = False
    form: str = ""
    """How text becomes an IRI: file, url, tel, mailto, dataset, standard."""
    node: str = ""
    """Class of the node that the value is, or (for text) is wrapped in."""
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """The keys that may stand in one object of an entry."""

    terms: Mapping[str, Term]
    """Canonical key → term."""
    keys: Mapping[str, str]
    """Key as written, in either language → canonical key."""
    node: str = ""

    def names(self, language: str) -> tuple[str, ...]:
        """All keys of this scope in one language, in the contexts' order."""
        return tuple(name for term in self.terms.values() for name in term.names.get(language, ()))


@functools.cache
def entry_scope() -> Scope:
    """The scope of a whole entry, from the shipped contexts and schema."""
    contexts = {language: content.load(f"schemas/contexts/{language}.jsonld")["@context"] for language in LANGUAGES}
    return read_scope(contexts, content.load("schemas/entry.schema.json"))


def read_scope(contexts: Mapping[str, Mapping[str, Any]], schema: Mapping[str, Any]) -> Scope:
    """A scope from its context in each language and the schema (2020-12, local references only) of its canonical form."""
    return _scope(contexts, schema, schema)


def _scope(contexts: Mapping[str, Mapping[str, Any]], shape: Mapping[str, Any], schema: Mapping[str, Any]) -> Scope:
    keys: dict[str, str] = {}
    terms: dict[str, Term] = {}
    for iri, names in _names(contexts).items():
        english = names.get("en")
        if not english:
            raise ContentError("context-unpaired", key=next(iter(names.values()))[0])
        term = _term(iri, names, contexts, shape.get("properties", {}).get(english[0]), schema)
        terms[term.key] = term
        keys.update((name, term.key) for written in names.values() for name in written)
    return Scope(terms, keys, str(shape.get("x-node", "")))


def _names(contexts: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """IRI → language → keys, in the order of the English context (the schema's)."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for language in reversed(LANGUAGES):
        for name, definition in contexts.get(language, {}).items():
            if not name.startswith("@"):
                of_iri = found.setdefault(definition["@id"], {})
                of_iri[language] = (*of_iri.get(language, ()), name)
    return found


def _term(
    iri: str,
    names: Mapping[str, tuple[str, ...]],
    contexts: Mapping[str, Mapping[str, Any]],
    shape: Mapping[str, Any] | None,
    schema: Mapping[str, Any],
) -> Term:
    definitions = {language: contexts[language][written[0]] for language, written in names.items()}
    definition = definitions["en"]
    if shape is None:
        # A key that exists only in the flat way of writing (publisherCode): the reader moves it.
        return Term(key=names["en"][0], iri=iri, names=names)
    one, many = _item(shape, schema)
    nested = {language: d["@context"] for language, d in definitions.items() if "@context" in d}
    coded = "x-codes" in one
    kind = _kind(one)
    return Term(
        key=names["en"][0],
        iri=iri,
        kind=kind,
        many=many,
        ordered=definition.get("@container") == "@list",
        names=names,
        datatype=definition.get("@type", ""),
        codes=one.get("x-codes", ""),
        also=frozenset(one.get("x-codes-also", ())),
        labels=nested.get("en", {}) if coded else {},
        date=bool(one.get("x-date")),
        form=one.get("x-iri", ""),
        node=one.get("x-node", ""),
        scope=_scope(nested, one, schema) if kind == OBJECT else None,
    )


def _item(shape: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """The shape of one value, references followed, and whether the property holds a list of them."""
    shape = _followed(shape, schema)
    if shape.get("type") != "array":
        return shape, False
    return _followed(shape["items"], schema), True


def _followed(shape: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = shape.get("$ref")
    if reference is None:
        return shape
    found: Any = schema
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found  # type: ignore[no-any-return]


def _kind(shape: Mapping[str, Any]) -> str:
    declared = shape.get("type")
    return _KINDS[declared] if isinstance(declared, str) else ANY


def walk(scope: Scope, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Term]]:
    """Every term below a scope with its path of canonical keys."""
    for term in scope.terms.values():
        yield (*path, term.key), term
        if term.scope is not None:
            yield from walk(term.scope, (*path, term.key))


def language_of(key: str) -> str:
    """The language in which a key is written: Chinese if it holds any character beyond ASCII."""
    return "en" if key.isascii() else "zh-CN"
