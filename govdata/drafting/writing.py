"""The text of a draft: YAML with a comment on each line that needs one, which our reader takes back as it was meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from govdata.classes import dataclass, field
from govdata.expressions import expression
from govdata.reading.entries.keys import OBJECT, Scope, Term, entry_scope
from govdata.reading.entries.translation import FLAT

_PLAIN = expression("[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*(?:[ .·/-][A-Za-z0-9_\u4e00-\u9fff]+)*")
_RESERVED = frozenset("yes no true false on off null none nan inf y n".split())  # noqa: SIM905
_LONGEST_COMMENT = 400


@dataclass(slots=True)
class Page:
    """The lines of a draft, and where what stands."""

    language: str
    """`zh-CN` or `en`, of the keys."""
    comments: Mapping[str, str]
    """Canonical pointer → comment on its line."""
    lines: list[str] = field(default_factory=list)
    places: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Canonical pointer → its line, from 1, and its key as written."""

    def write(self, indent: int, words: str, pointer: str, key: str) -> None:
        """One line, with its comment."""
        comment = self.comments.get(pointer, "")
        self.lines.append(f"{' ' * indent}{words}" + (f"  # {plain_line(comment)}" if comment else ""))
        self.places[pointer] = (len(self.lines), key)

    def note(self, indent: int, comment: str) -> None:
        """A line that is a comment."""
        self.lines.append(f"{' ' * indent}# {plain_line(comment)}")

    def place(self, pointer: str) -> tuple[int, str]:
        """The line and the key of what stands at a pointer, or of what it stands in."""
        while pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places[pointer]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines) + "\n"


def plain_line(text: str) -> str:
    """Text for a comment: one line, nothing that a YAML reader refuses or that turns the order of signs around."""
    shown = "".join(sign if sign.isprintable() or sign == " " else "�" for sign in " ".join(text.split()))
    return shown if len(shown) <= _LONGEST_COMMENT else shown[:_LONGEST_COMMENT] + "…"


def scalar(text: str, is_code: bool = False) -> str:
    """A text as a YAML scalar on one line: plain where every reader takes it for that text, else in double quotes.

    `is_code`: it is a letter of a code list, as `N` and `Y`, which old readers take for truth values.
    """
    if _PLAIN.fullmatch(text) and (is_code or text.casefold() not in _RESERVED):
        return text
    written = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in written)


def _escaped(sign: str) -> str:
    number = ord(sign)
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"


def value_of(term: Term | None, value: Any, language: str) -> str:
    """A value in flow form."""
    if isinstance(value, bool):
        return {True: "是", False: "否"}[value] if language == "zh-CN" else str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(value_of(term, item, language) for item in value) + "]"
    if isinstance(value, Mapping):
        return flow(value, term.scope if term is not None else None, language)
    return scalar(str(value), term is not None and bool(term.codes))


def flow(value: Mapping[str, Any], scope: Scope | None, language: str) -> str:
    """An object on one line."""
    parts = []
    for key, item in value.items():
        term = scope.terms.get(key) if scope is not None else None
        parts.append(f"{_key(term, key, language)}: {value_of(term, item, language)}")
    return "{" + ", ".join(parts) + "}"


def _key(term: Term | None, key: str, language: str) -> str:
    return scalar(term.names[language][0]) if term is not None and language in term.names else scalar(key)


def write_entry(page: Page, canonical: Mapping[str, Any]) -> None:
    """The lines of an entry, its keys in the order of the contexts, resources last."""
    scope = entry_scope()
    for key, term in scope.terms.items():
        if key == "resources" or (key not in canonical and key not in FLAT):
            continue
        if key == "publisher":
            _write_publisher(page, canonical["publisher"], scope)
        elif key in canonical:
            _write_property(page, term, canonical[key], f"/{key}")
    resources = canonical.get("resources", ())
    if resources:
        term = scope.terms["resources"]
        page.write(0, f"{_key(term, 'resources', page.language)}:", "/resources", term.names[page.language][0])
        for number, resource in enumerate(resources):
            _write_resource(page, term.scope, resource, f"/resources/{number}")


def _write_publisher(page: Page, publisher: Mapping[str, Any], scope: Scope) -> None:
    """The provider in the flat way of writing."""
    names = {inner: flat for flat, inner in FLAT.items()} | {"name": "publisher"}
    for inner in ("name", "code", "address", "department"):
        if inner in publisher:
            key = scope.terms[names[inner]].names[page.language][0]
            page.write(0, f"{key}: {scalar(str(publisher[inner]))}", f"/publisher/{inner}", key)


def _write_property(page: Page, term: Term, value: Any, pointer: str) -> None:
    key = _key(term, term.key, page.language)
    if term.kind == OBJECT and isinstance(value, Mapping) and term.scope is not None:
        page.write(0, f"{key}:", pointer, key)
        for name, inner in term.scope.terms.items():
            if name not in value:
                continue
            item = value[name]
            written = _key(inner, name, page.language)
            at = f"{pointer}/{name}/0" if isinstance(item, list) else f"{pointer}/{name}"
            page.write(2, f"{written}: {_single(inner, item, page.language)}", at, written)
        return
    at = f"{pointer}/0" if isinstance(value, list) else pointer
    page.write(0, f"{key}: {_single(term, value, page.language)}", at, key)


def _single(term: Term, value: Any, language: str) -> str:
    """A list of one text as that text."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return scalar(value[0])
    return value_of(term, value, language)


def _write_resource(page: Page, scope: Scope | None, resource: Mapping[str, Any], pointer: str) -> None:
    assert scope is not None
    mark = "- "
    for key, value in resource.items():
        term = scope.terms[key]
        written = _key(term, key, page.language)
        if key == "fields":
            page.write(4, f"{written}:", f"{pointer}/fields", written)
            for number, item in enumerate(value):
                page.write(6, f"- {flow(item, term.scope, page.language)}", f"{pointer}/fields/{number}", str(item.get("name", "")))
        else:
            page.write(2, f"{mark}{written}: {value_of(term, value, page.language)}", f"{pointer}/{key}", written)
        mark = "  "
