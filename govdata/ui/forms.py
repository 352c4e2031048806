"""The form of an entry: its elements in sections, with labels, explanations, codes and what the standard asks for, in one language.

The order and the words are those of the form that CKAN gets (`catalog/ckan`), which is made from the entry's schema, the
vocabulary and the rules; the codes and what is required are those of the standard that the entry is held against.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from govdata import content
from govdata.ckanfields import Field, resource_fields, sections
from govdata.expressions import expression
from govdata.messages import render, short_language
from govdata.messages import text as word
from govdata.reading.documents.yaml import unescape
from govdata.reading.entries.keys import BOOLEAN, INTEGER, NUMBER, OBJECT, Term, entry_scope
from govdata.reading.entries.translation import FLAT
from govdata.standards import BARE, Library, Standard

WORDS = "catalog/ckan/scheming.yaml"
OWN = "catalog/ui/form.yaml"
_CLAUSE = expression(r"（依据：.*）$| \(Source: .*\)$")
_LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
_LONG = ("markdown.html", "textarea.html")
_MANY = 300
"""A list with more codes is typed, not chosen from."""
_PARTS = ("minimum", "maximum", "values")
"""What the form asks of a field beyond what CKAN's does."""


def form_of(standard: Standard, library: Library, written: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The sections of the form: title and controls."""
    making = _Making(standard, library, short_language(language))
    own_fields = any(entry_scope().keys.get(key) == "fields" for key in written)
    found = []
    for title, fields in sections():
        shown = [field for field in fields if field.pointer != "/fields" or own_fields]
        found.append({"title": render(title, language, {}), "controls": [making.control(field) for field in shown]})
        if any(field.pointer == "/formats" for field in fields):
            found.append({"title": word("ui.resources", language), "controls": [making.resources()]})
    return found


@functools.cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    """`dataset` or `resource` and a name of CKAN's → what its form says of that field."""
    form = content.load(WORDS)
    return {
        **{f"dataset {line['field_name']}": line for line in form["dataset_fields"]},
        **{f"resource {line['field_name']}": line for line in form["resource_fields"]},
    }


class _Making:
    """A form while it is made."""

    def __init__(self, standard: Standard, library: Library, language: str) -> None:
        self.standard, self.library, self.language = standard, library, language
        self.asked = frozenset(_asked(standard))

    def control(self, field: Field, of: str = "dataset") -> dict[str, Any]:
        """One element: where its value is in the form, what it is called, and how it is given."""
        line = _words().get(f"{of} {field.name}", {})
        own = content.load(OWN).get(f"{'/resources' * (of == 'resource')}{field.pointer}", {})
        label = own.get("label") or field.declared.get("label") or line.get("label") or {}
        found = self.named(field.term, label) | {"path": list(field.steps), **self.shape(field.term, line)}
        if of == "dataset" and field.pointer in self.asked:
            found["required"] = True
        said = own.get("help") or line.get("help_text")
        if said:
            # The clause behind it is told by the report, where something is wrong: here it would stand behind every line.
            found["help"] = _CLAUSE.sub("", self.text(said))
        if field.declared.get("form_snippet") in _LONG:
            found["kind"] = "area"
        return found

    def resources(self) -> dict[str, Any]:
        """The files of the dataset, each with its fields."""
        term = entry_scope().terms["resources"]
        parts = []
        for field in resource_fields():
            if field.pointer == "/fields":
                line = _words()["dataset data_items"]
                parts.append(self.named(field.term, line["label"]) | {"path": ["fields"], **self.shape(field.term, line)})
            else:
                parts.append(self.control(field, "resource"))
        # The file itself comes first: the rest speaks of it.
        parts.sort(key=lambda part: part["path"] != ["file"])
        return self.named(term, {}) | {"path": ["resources"], "kind": "rows", "parts": parts, "row": word("ui.resource", self.language)}

    def named(self, term: Term, label: Mapping[str, str]) -> dict[str, Any]:
        """What a term is called, and its key in an entry, which the report speaks of."""
        keys = {"zh": term.names["zh-CN"][0], "en": term.names["en"][0]}
        return {"label": self.text(label) or keys[self.language], "key": keys[self.language]}

    def text(self, texts: Mapping[str, str]) -> str:
        """One of the texts, under either way of naming a language."""
        return str(texts.get(self.language) or texts.get(_LOCALES[self.language]) or "")

    def shape(self, term: Term, line: Mapping[str, Any]) -> dict[str, Any]:
        """How a value is given."""
        if term.kind == OBJECT and term.scope is not None:
            inner = {part["field_name"]: part for part in line.get("repeating_subfields", ())}
            names = [*inner, *(name for name in _PARTS if term.key == "fields" and name not in inner)] or list(term.scope.terms)
            parts = [self.part(term.scope.terms[name], inner.get(name, {})) for name in names]
            return {"kind": "rows", "parts": parts, **({"row": word("ui.row-field", self.language)} if term.key == "fields" else {})}
        choices = self.choices(term)
        if choices:
            return {"kind": "choices" if term.many else "choice", "choices": choices}
        if term.many:
            return {"kind": "lines"}
        if term.date:
            return {"kind": "date"}
        return {"kind": "number" if term.kind in (INTEGER, NUMBER) else "text"}

    def part(self, term: Term, line: Mapping[str, Any]) -> dict[str, Any]:
        """An element of a row."""
        return self.named(term, line.get("label", {})) | {"path": [term.key], **self.shape(term, line)}

    def choices(self, term: Term) -> list[list[str]]:
        """What can be chosen: value and label. Codes that are no longer in force are left out."""
        if term.kind == BOOLEAN:
            return [["true", word("ui.yes", self.language)], ["false", word("ui.no", self.language)]]
        if term.form == "standard":
            return [[name, self.text(layer.title)] for name, layer in sorted(self.library.layers.items()) if name != BARE]
        codes = self.standard.codes.get(term.codes)
        if codes is None or codes.declared.get("data"):
            return []
        today = date.today().isoformat()
        found = [[code.code, code.label(self.language)] for code in codes.codes.values() if code.in_force(today)]
        return [*found, *([name, name] for name in sorted(term.also))] if len(found) <= _MANY else []


def _asked(standard: Standard) -> Iterator[str]:
    """The pointers of what the standard asks for whatever the rest of the entry says."""
    for rule in standard.rules.values():
        pointer = rule.more.get("at")
        if pointer and rule.applies_to == "entry" and rule.severity == "error" and rule.check.get("schema", {}).get("required"):
            yield str(pointer)


def place_of(pointer: str) -> list[str]:
    """Where in the form a pointer of the entry as written leads: canonical keys and numbers of rows, as far as they are known."""
    scope, found = entry_scope(), list[str]()
    for step in map(unescape, pointer.split("/")[1:]):
        if step.isdigit():
            found.append(step)
            continue
        key = scope.keys.get(step)
        if key is None:
            break
        if not found and key in FLAT:
            return ["publisher", FLAT[key]]
        found.append(key)
        below = scope.terms[key].scope
        if below is None:
            break
        scope = below
    return ["publisher", "name"] if found == ["publisher"] else found
