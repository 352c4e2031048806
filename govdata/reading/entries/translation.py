"""Reading a directory entry: from what an officer wrote, in Chinese or English, to its canonical form, with what is wrong on the way.

Canonical: English keys, codes for labels, typed values, lists where a list may stand, the provider in one object.
Required elements and codes' conditions are rules (`checks`); here is only what is lost once the entry is canonical.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from govdata.classes import dataclass, field
from govdata.codes import fold
from govdata.expressions import expression
from govdata.messages import template
from govdata.reading.documents.yaml import Document, escape, unescape
from govdata.reading.entries.jsonld import REMAINDER, plain_value
from govdata.reading.entries.keys import BOOLEAN, INTEGER, NAMES, NUMBER, OBJECT, TEXT, Scope, Term, entry_scope, language_of, walk
from govdata.reading.entries.scalars import explain_date, is_date, to_boolean, to_integer, to_number
from govdata.values import Entry, Finding

BUNDLED = {"govdata:zh-CN": "zh-CN", "govdata:en": "en"}
"""What `@context` may name → language of the bundled context."""
FLAT = {"publisherCode": "code", "publisherAddress": "address", "publisherDepartment": "department"}
"""Keys at the top of an entry → the publisher's own key."""
_KEPT = frozenset(("@id", "@type", REMAINDER))
"""Keys that our own exports carry: the graph makes those of JSON-LD anew, `conversion` reads the other."""
_CONVERT = {BOOLEAN: to_boolean, INTEGER: to_integer, NUMBER: to_number}
_KEYWORDS = expression("[、；;，,]")
_TOLD = 100
"""So many mistakes of one kind get a "did you mean": more are never shown, and a hostile entry must not cost minutes."""
_WIDE = ("\u3000", "\xa0")
"""Spaces that look like an indent and that YAML takes for a part of the key."""
_FEW = 12
"""So many keys are named where none is near to what was written."""
_LONG = 200
"""No code and no key is longer; a value in a finding is cut there."""


class Codes(Protocol):
    """What is needed of a code list (`govdata.codes.CodeList`)."""

    def resolve(self, text: str) -> str | None: ...
    def meanings(self, notation: str) -> Mapping[str, str]: ...
    def close(self, text: str) -> tuple[str, ...]: ...
    def label(self, code: str, language: str) -> str: ...


@dataclass(slots=True)
class _Reading:
    """One entry while it is read: what is known so far."""

    file: str
    document: Document
    codes: Mapping[str, Codes]
    root: Scope
    pointers: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    guesses: dict[str, int] = field(default_factory=dict)

    def may_guess(self, kind: str, text: str) -> bool:
        """Whether it is worth looking for what was meant."""
        self.guesses[kind] = self.guesses.get(kind, 0) + 1
        return self.guesses[kind] <= _TOLD and len(text) <= _LONG

    def find(self, rule: str, pointer: str, value: str | None = None, **args: object) -> None:
        """Record a finding at a pointer as written."""
        positions = self.document.positions
        place = positions.keys.get(pointer) or positions.places.get(pointer)
        told = {"key": _key_of(pointer)[:_LONG], **args}
        if value is not None and len(value) > _LONG:
            value = value[:_LONG] + "…"
        self.findings.append(Finding(rule, file=self.file, pointer=pointer, line=place[0] if place else None, value=value, args=told))


def read_entry(document: Document, file: str, codes: Mapping[str, Codes], scope: Scope | None = None) -> tuple[Entry, tuple[Finding, ...]]:
    """The entry of a document and the findings of reading it (the document's own findings are not repeated).

    `codes`: code list id → list, those of the standard in force; a list that is not there is not checked.
    """
    reading = _Reading(file, document, codes, scope or entry_scope())
    written = document.value if isinstance(document.value, Mapping) else {}
    if document.readable and not isinstance(document.value, Mapping):
        reading.find("entry/not-mapping", "")
    reading.pointers[""] = ""
    canonical = _read_object(reading, written, reading.root, "", "")
    entry = Entry(file, written, canonical, reading.pointers, document.positions, document.sha256)
    return entry, tuple(reading.findings)


def _read_object(reading: _Reading, written: Mapping[str, Any], scope: Scope, at: str, canonical_at: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in written.items():
        here = f"{at}/{escape(key)}"
        name = scope.keys.get(key)
        if name is None:
            _read_unmapped(reading, key, value, scope, here)
        elif scope is reading.root and (name in FLAT or name == "publisher"):
            _read_publisher(reading, found, name, value, here)
        else:
            _put(reading, found, scope.terms[name], value, (here, f"{canonical_at}/{name}"))
    return found


def _read_publisher(reading: _Reading, found: dict[str, Any], name: str, value: Any, at: str) -> None:
    """The provider, flat (a name, and keys beside it) or nested, gathered into one object."""
    scope = reading.root.terms["publisher"].scope
    assert scope is not None
    if value is None:
        reading.pointers.setdefault(f"/publisher/{FLAT.get(name, 'name')}", at)
        return
    reading.pointers.setdefault("/publisher", at)
    publisher = found.setdefault("publisher", {})
    if not isinstance(value, Mapping):
        inner = FLAT.get(name, "name")
        _put(reading, publisher, scope.terms[inner], value, (at, f"/publisher/{inner}"))
        return
    for key, item in value.items():
        inner_name = scope.keys.get(key)
        if inner_name is None or name in FLAT:
            _read_unmapped(reading, key, item, scope, f"{at}/{escape(key)}")
        else:
            _put(reading, publisher, scope.terms[inner_name], item, (f"{at}/{escape(key)}", f"/publisher/{inner_name}"))


def _put(reading: _Reading, found: dict[str, Any], term: Term, value: Any, at: tuple[str, str]) -> None:
    """One property into its object; the second way of giving the same is compared with the first."""
    if term.key in found:
        _compare(reading, found[term.key], term, value, at)
        return
    reading.pointers.setdefault(at[1], at[0])
    if value is None:
        return
    found[term.key] = _read_list(reading, term, value, at) if term.many else _read_one(reading, term, value, at)


def _compare(reading: _Reading, first: Any, term: Term, value: Any, at: tuple[str, str]) -> None:
    aside = _Reading(reading.file, reading.document, reading.codes, reading.root)
    second = None if value is None else (_read_list if term.many else _read_one)(aside, term, value, at)
    if second is not None and second != first:
        names = (reading.pointers.get(at[1], "").rpartition("/")[2], at[0].rpartition("/")[2])
        first_key, second_key = (unescape(name) for name in names)
        reading.find("entry/duplicate-key-language", at[0], first=first_key, second=second_key)


def _read_list(reading: _Reading, term: Term, value: Any, at: tuple[str, str]) -> list[Any]:
    """A list; one value alone is a list of one, and keywords may be written in one line."""
    here, canonical_at = at
    if isinstance(value, list):
        places = ((item, f"{here}/{index}") for index, item in enumerate(value))
    else:
        places = ((item, here) for item in items_of(term, value))
    kept = ((item, place) for item, place in places if item is not None)
    return [_read_one(reading, term, item, (place, f"{canonical_at}/{index}")) for index, (item, place) in enumerate(kept)]


def items_of(term: Term, value: Any) -> list[Any]:
    """What a value that is no list says of an item that may have several: itself, or keywords in one line."""
    if term.key == "keywords" and isinstance(value, str):
        return [part.strip() for part in _KEYWORDS.split(value) if part.strip()]
    return [value]


def _read_one(reading: _Reading, term: Term, value: Any, at: tuple[str, str]) -> Any:
    here, canonical_at = at
    reading.pointers[canonical_at] = here
    if term.kind == OBJECT and term.scope is not None:
        if isinstance(value, Mapping):
            return _read_object(reading, value, term.scope, here, canonical_at)
        if term.key == "formats" and isinstance(value, str):
            reading.pointers[f"{canonical_at}/type"] = here
            return {"type": value}
        return value
    if term.kind == NAMES:
        return [value] if isinstance(value, str) else value
    if term.form or isinstance(value, Mapping) or (term.codes and isinstance(value, str) and value.startswith("urn:")):
        value = plain_value(term, value)
    if term.codes and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _read_text(reading, term, value, here) if isinstance(value, str) else value


@functools.cache
def _placeholders() -> frozenset[str]:
    """What stands at the marked places of a draft: a rule of its own says that it is no value."""
    return frozenset(template("draft.placeholder").values())


def _read_text(reading: _Reading, term: Term, text: str, at: str) -> Any:
    if text in _placeholders():
        return text
    convert = _CONVERT.get(term.kind)
    if convert is not None:
        return convert(text)
    if term.codes:
        return _read_code(reading, term, text, at)
    if term.date:
        if text and not is_date(text):
            reading.find("entry/date-form", at, text, **explain_date(text))
    elif term.kind == TEXT and at in reading.document.positions.plain:
        reading.find("entry/number-like", at, text)
    return text


def _read_code(reading: _Reading, term: Term, text: str, at: str) -> str:
    codes = reading.codes.get(term.codes)
    if codes is None or not text:
        return text
    plain = text.strip().replace("：", ":")
    code = codes.resolve(plain) if len(plain) <= _LONG else None
    if code is not None:
        return code
    if plain in term.also:
        return plain
    meanings = codes.meanings(plain)
    if meanings:
        reading.find("entry/bare-code", at, text, list=term.codes, meanings=_told(codes, plain, meanings))
    else:
        close = codes.close(plain) if reading.may_guess("code", plain) else ()
        close = close or _allowed(term, language_of(_key_of(at)))
        reading.find("entry/unknown-code", at, text, list=term.codes, close=close)
    return text


def _told(codes: Codes, notation: str, meanings: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """What a bare notation means in each system, as it can be written: `guangdong:4`（每月）."""
    return tuple(
        {
            "zh": f"{system}:{notation}（{codes.label(code, 'zh-CN')}）",
            "en": f"{system}:{notation} ({codes.label(code, 'en')})",
        }
        for system, code in meanings.items()
    )


def _allowed(term: Term, language: str) -> tuple[str, ...]:
    """One way to write each code, Chinese or English: what could be written where nothing is near."""
    first: dict[str, str] = {}
    for label, iri in term.labels.items():
        if language_of(label) == language:
            first.setdefault(iri, label)
    return tuple(first.values())[:10]


def _read_unmapped(reading: _Reading, key: str, value: Any, scope: Scope, at: str) -> None:
    if key == "@context":
        for item in value if isinstance(value, list) else [value]:
            if item is not None and not (isinstance(item, str) and item in BUNDLED):
                reading.find("entry/remote-context", at, item if isinstance(item, str) else "{…}", bundled=tuple(BUNDLED))
    elif key not in _KEPT:
        near = tuple(_near(reading.root, scope, key)) if reading.may_guess("key", key) else ()
        usual = _usual(scope, language_of(key))
        reason = "wide-space" if key[:1] in _WIDE else "near" if near else "none" if len(usual) <= _FEW else "many"
        reading.find("entry/unknown-key", at, close=near or usual[:_FEW], reason=reason)


def _near(root: Scope, scope: Scope, key: str) -> Iterator[str]:
    """Keys that may be meant: of this scope, else the same key where it belongs."""
    import difflib

    plain = fold(key)
    language = language_of(plain)
    names = {fold(name): name for name in scope.names(language)}
    near = [names[found] for found in difflib.get_close_matches(plain, names, n=3, cutoff=0.6)]
    near += [name for folded, name in names.items() if len(plain) > 1 and (plain in folded or folded in plain) and name not in near]
    yield from near[:3] or _elsewhere(root, language).get(key, ())


def _usual(scope: Scope, language: str) -> tuple[str, ...]:
    """What may stand in a scope, in its order."""
    return tuple(term.names[language][0] for term in scope.terms.values() if language in term.names)


@functools.cache
def _places(language: str) -> dict[str, tuple[str, ...]]:
    return _index(entry_scope(), language)


def _elsewhere(root: Scope, language: str) -> Mapping[str, tuple[str, ...]]:
    return _places(language) if root is entry_scope() else _index(root, language)


def _index(root: Scope, language: str) -> dict[str, tuple[str, ...]]:
    """Key → where it may stand, as path of keys: 共享类型 → 共享属性/共享类型."""
    names = {path: term.names[language] for path, term in walk(root) if language in term.names}
    found: dict[str, tuple[str, ...]] = {}
    for path, written in names.items():
        above = "/".join(names[path[:depth]][0] for depth in range(1, len(path)))
        for name in written:
            found[name] = (*found.get(name, ()), f"{above}/{name}" if above else name)[:3]
    return found


def _key_of(pointer: str) -> str:
    """The last key on the way to a value: of the second keyword, the key of the keywords."""
    return next((unescape(step) for step in reversed(pointer.split("/")) if not step.isdigit()), "")
