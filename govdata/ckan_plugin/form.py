"""The dataset form for ckanext-scheming, generated from the entry's schema, the vocabulary, the code lists and the rules."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from govdata import content
from govdata.ckanfields import TABLE, TAGS, Field, resource_fields, sections, state_fields
from govdata.codes import CodeList
from govdata.reading.entries.keys import BOOLEAN, INTEGER, NUMBER, OBJECT, Term
from govdata.rules import Rule
from govdata.standards import BARE, DEFAULT, read_library

FORM = "catalog/ckan/scheming.yaml"
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
"""Language of our texts → CKAN's name of it."""
_NOTE = """\
# The dataset form of CKAN (ckanext-scheming 3). Made by scripts/ckan-form from catalog/ckan/fields.yaml, the entry's schema,
# the vocabulary, the code lists and the rules: change those instead. 由 scripts/ckan-form 生成，请改来源，不要改这个文件。
"""
_TEXT = "ignore_missing unicode_safe"
_FROM_ENTRY = {"author": _TEXT, "maintainer_email": "ignore_missing strip_value email_validator", "license_id": _TEXT, "url": _TEXT}
"""Fields of CKAN's own that the publisher fills from the entry and nobody types, with CKAN's checks of them."""
_YES_NO = ({"value": "true", "label": {"zh_Hans_CN": "是", "en": "Yes"}}, {"value": "false", "label": {"zh_Hans_CN": "否", "en": "No"}})


def render_form() -> str:
    """The form as YAML text."""
    import yaml

    return _NOTE + str(yaml.safe_dump(form(), allow_unicode=True, sort_keys=False, width=140))


def form() -> dict[str, Any]:
    """The form as ckanext-scheming reads it; texts under CKAN's names of the languages."""
    return {
        "scheming_version": 2,
        "dataset_type": "dataset",
        "about": "govdata",
        "before_validators": "govdata_entry",
        "dataset_fields": [*_dataset_fields()],
        "resource_fields": [*_resource_fields()],
    }


def _dataset_fields() -> Iterator[dict[str, Any]]:
    for number, (title, fields) in enumerate(sections()):
        for place, field in enumerate(fields):
            made = _field(field)
            yield {"field_name": made.pop("field_name"), **({"govdata_section": _texts(title)} if place == 0 else {}), **made}
            if field.name == "title":
                yield _own("name", "dataset_slug", {"zh": "网址名称", "en": "Name in the address"}, form_placeholder="307001-000012")
        if number == 0:
            yield _own("owner_org", "dataset_organization", {"zh": "发布机构", "en": "Organization"})
    for name in state_fields("dataset"):
        yield _hidden(name)
    for name, validators in _FROM_ENTRY.items():
        yield {**_hidden(name), "validators": validators}


def _resource_fields() -> Iterator[dict[str, Any]]:
    yield _own("url", "resource_url_upload", {"zh": "文件或网址", "en": "File or address"})
    for field in resource_fields():
        if field.term.kind == OBJECT:
            yield {**_hidden(field.name), "label": _texts(label(field))}
        elif field.name == "format":
            yield _own("format", "resource_format_autocomplete", label(field))
        else:
            yield _field(field, ruled=False)
    for name in state_fields("resource"):
        yield _hidden(name)


def _own(name: str, preset: str, texts: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """A field of CKAN's own."""
    return {"field_name": name, "label": _texts(texts), "preset": preset, **more}


def _hidden(name: str) -> dict[str, Any]:
    """A field that nobody types and that a save of the form must not lose."""
    found = content.load(TABLE)["labels"].get(name, {"zh": name, "en": name})
    return {
        "field_name": name, "label": _texts(found), "validators": _TEXT, "form_snippet": "govdata_hidden.html", "display_snippet": None,
    }  # fmt: skip


def _field(field: Field, ruled: bool = True) -> dict[str, Any]:
    """A field of the form. `ruled`: its pointer is one of the entry, so that rules speak of it."""
    declared = {key: value for key, value in field.declared.items() if key not in ("label", "parts", "help")}
    found: dict[str, Any] = {"field_name": field.name, "label": _texts(label(field))}
    if ruled and required(field.pointer):
        # The star, not scheming's own check: the rule says what is missing, and why.
        found["required"] = True
    found |= _shape(field.term, field.declared.get("parts", ())) | declared
    if found.get("preset") == "title":
        found["validators"] = "if_empty_same_as(name) unicode_safe"
    elif field.name == TAGS:
        found["validators"] = "ignore_missing tag_string_convert"
    helping = help_text(field, ruled)
    return {**found, "help_text": _texts(helping)} if helping else found


def _shape(term: Term, parts: Sequence[str] = ()) -> dict[str, Any]:
    """Snippets and validators by the kind of the value; of an object only `parts`, where some are named."""
    if term.kind == OBJECT and term.scope is not None:
        return {"form_blanks": 0, "repeating_subfields": [_part(term.scope.terms[name]) for name in parts or term.scope.terms]}
    # A directory's own standard may add codes to an extensible list: there our rule decides, not scheming's check.
    closed = bool(term.codes) and _lists()[term.codes].status == "closed"
    if term.codes and term.many:
        own = {} if closed else {"validators": "scheming_multiple_text", "output_validators": "scheming_load_json"}
        return {"preset": "multiple_checkbox", **own, "choices": choices(term.codes)}
    if term.codes:
        checked = f"{_TEXT} scheming_choices" if closed else _TEXT
        return {"form_snippet": "select.html", "display_snippet": "select.html", "validators": checked, "choices": choices(term.codes)}
    if term.kind == BOOLEAN:
        choice = {"choices": [dict(item) for item in _YES_NO]}
        return {"form_snippet": "select.html", "display_snippet": "select.html", "validators": f"{_TEXT} scheming_choices", **choice}
    if term.many:
        return {"preset": "multiple_text"}
    if term.date:
        return {"form_snippet": "text.html", "form_placeholder": "2026-01-05", "validators": _TEXT}
    if term.kind in (INTEGER, NUMBER):
        return {"form_snippet": "text.html", "form_attrs": {"inputmode": "decimal", "class": "form-control"}, "validators": _TEXT}
    if term.form == "standard":
        return {"form_snippet": "select.html", "display_snippet": "select.html", "validators": _TEXT, "choices": _standards()}
    if term.form == "url":
        return {"display_snippet": "link.html", "validators": _TEXT}
    return {"validators": _TEXT}


def _part(term: Term) -> dict[str, Any]:
    return {"field_name": term.key, "label": _texts(_label(term, inside=True)), **_shape(term)}


def choices(of: str) -> list[dict[str, Any]]:
    """The codes of a list in force, those that shipped standards add included."""
    lists = [_lists()[of], *(library.standard(name).codes[of] for library in [read_library()] for name in sorted(library.layers))]
    today = date.today().isoformat()
    found = {code.code: code for codes in reversed(lists) for code in codes.codes.values() if code.in_force(today)}
    order = {code: place for place, code in enumerate(dict.fromkeys(code for codes in lists for code in codes.codes))}
    shown = sorted(found.values(), key=lambda code: order[code.code])
    return [{"value": code.code, "label": _texts({"zh": code.zh, "en": code.en or code.zh})} for code in shown]


def _standards() -> list[dict[str, Any]]:
    """The standards that an entry can be held against."""
    layers = read_library().layers
    return [{"value": name, "label": _texts(layer.title)} for name, layer in sorted(layers.items()) if name != BARE]


def _lists() -> Mapping[str, CodeList]:
    return read_library().lists


def label(field: Field) -> Mapping[str, str]:
    """What a field is called, in both languages."""
    return field.declared.get("label") or _label(field.term)


def _label(term: Term, inside: bool = False) -> Mapping[str, str]:
    """By the vocabulary, else by the national standard, which speaks of the entry itself, else by the keys of an entry."""
    vocabulary = content.load("schemas/vocabulary.yaml")
    if term.iri.startswith(vocabulary["namespace"]):
        return dict(vocabulary["terms"][term.iri.removeprefix(vocabulary["namespace"])]["label"])
    for layer in () if inside else reversed(read_library().standard(DEFAULT).layers):
        if term.key in layer.declared.get("labels", {}):
            return dict(layer.declared["labels"][term.key])
    words = re.sub("([A-Z])", r" \1", term.key).lower()
    return {"zh": term.names["zh-CN"][0], "en": words[:1].upper() + words[1:]}


def help_text(field: Field, ruled: bool = True) -> Mapping[str, str]:
    """What a field wants, with the clause behind it: as the table or the vocabulary says it, else as the rule that asks for it does."""
    rules = _rules().get(field.pointer, ()) if ruled else ()
    asking = rules[0] if rules and _asks(rules[0]) else None
    vocabulary = content.load("schemas/vocabulary.yaml")
    term = vocabulary["terms"].get(field.term.iri.removeprefix(vocabulary["namespace"]), {})
    said = field.declared.get("help") or term.get("comment") or (asking.help if asking else {})
    document = asking.source.document if asking else vocabulary["sources"].get(term.get("source"), {}).get("document", "")
    return {language: f"{text}{_source(document, language)}" for language, text in said.items()}


def _source(document: str, language: str) -> str:
    if document in ("", "govdata"):
        return ""
    return f"（依据：{document}）" if language == "zh" else f" (Source: {document})"


@functools.cache
def _rules() -> Mapping[str, tuple[Rule, ...]]:
    """Canonical pointer → the rules of the national standard about it, those that ask for it first."""
    found: dict[str, list[Rule]] = {}
    for rule in read_library().standard(DEFAULT).rules.values():
        pointer = rule.more.get("at") or rule.check.get("with", {}).get("pointer")
        if pointer and rule.applies_to == "entry":
            found.setdefault(str(pointer), []).append(rule)
    return {pointer: tuple(sorted(rules, key=lambda rule: not _asks(rule))) for pointer, rules in found.items()}


def _asks(rule: Rule) -> bool:
    """Whether a rule asks for its element whatever the rest of the entry says."""
    return rule.severity == "error" and bool(rule.check.get("schema", {}).get("required"))


def required(pointer: str) -> bool:
    """Whether the national standard asks for an element in every entry."""
    return any(_asks(rule) for rule in _rules().get(pointer, ()))


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    return {LOCALES[language]: str(text) for language, text in texts.items()}
