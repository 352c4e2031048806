"""The entry's schema for editors: what completes keys and codes of `entry.yaml` in both languages while it is written.

Made from the key map (contexts and the entry's schema), the vocabulary and the code lists in force, so that nothing of them
is written down a second time. It is draft 07 with `enumDescriptions`, which the common editors read. It is stricter than a
check only where a text is written in an unusual way (`每 月`, `MONTHLY`), and knows no rule: what is required, and when, a check says.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata import content
from govdata.checks.context import semantic_types
from govdata.classes import dataclass
from govdata.codes import Code, CodeList
from govdata.messages import has, render, template, text
from govdata.reading.entries.keys import ANY, BOOLEAN, INTEGER, LANGUAGES, NAMES, NUMBER, OBJECT, Scope, Term, entry_scope, language_of
from govdata.reading.entries.translation import BUNDLED
from govdata.settings import find_root, read_settings
from govdata.standards import DEFAULT, Standard, read_library

DRAFT = "http://json-schema.org/draft-07/schema#"
FILE = "schemas/editor/entry.schema.json"
"""The one that is published: of the national standard."""
OWN = "urn:govdata:terms#"
MOST = 400
"""Codes of a list that an editor is told; of a longer list any text passes, and the check decides."""
DATE = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
WHOLE, DECIMAL = "^-?(0|[1-9][0-9]*)$", r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
TRUTH = ("是", "否", "yes", "no", "true", "false")


@dataclass(frozen=True, slots=True)
class _Making:
    """What a schema is made of: the standard in force, and what a field may name."""

    standard: Standard
    known: Mapping[str, tuple[tuple[str, str, str], ...]]
    """Key whose values name something at hand → (id, Chinese name, English name) of each."""


def editor_schema(standard: str | None = None, path: Path | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 07) of an entry as written, for editors.

    `standard`: whose code lists are offered; by default that of the directory that `path` (or the current folder) is in.
    `ContentError` where there is no such standard, or the directory's own content is refused.
    """
    root = find_root(path or Path())
    settings = read_settings(root, {} if standard is None else {"standard": standard})
    library = read_library(settings.content)
    return schema_of(library.standard(settings.standard or DEFAULT), tuple(library.layers))


def published() -> dict[str, Any]:
    """The schema of the file that is shipped: what holds without a directory."""
    library = read_library()
    return schema_of(library.standard(DEFAULT), tuple(library.layers))


def written(schema: Mapping[str, Any]) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def schema_of(standard: Standard, layers: tuple[str, ...]) -> dict[str, Any]:
    """The schema for one standard; `layers` are the ids that `standard:` may name."""
    types = semantic_types(standard, datetime.date.today())
    known = {
        "standard": tuple((name, name, name) for name in layers),
        "semantic": tuple((kind, *_first_names(types.names, kind)) for kind in dict.fromkeys(types.names.values())),
        "codes": tuple((found.id, render(found.title, "zh-CN", {}), render(found.title, "en", {})) for found in standard.codes.values()),
    }
    making = _Making(standard, known)
    found = _object(making, entry_scope())
    return {
        "$schema": DRAFT,
        "title": _both(template("editor.schema-title")),
        "description": _both(template("editor.schema-about"), "\n\n"),
        **found,
        "definitions": dict(_definitions(making, entry_scope())),
    }


def _first_names(names: Mapping[str, str], kind: str) -> tuple[str, str]:
    """The usual Chinese and English name of a semantic type; its id where it has none."""
    written = [name for name, of in names.items() if of == kind and "/" not in name and name != kind]
    chinese, english = (next((name for name in written if language_of(name) == language), kind) for language in LANGUAGES)
    return chinese, english


def _both(texts: Mapping[str, str], between: str = " · ") -> str:
    return between.join(dict.fromkeys(render(texts, language, {}) for language in LANGUAGES))


def _definitions(making: _Making, scope: Scope) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects below a scope, each once under its place: those of `fields` and of `resources` are written the same way."""
    for term in scope.terms.values():
        if term.scope is not None:
            yield _place(term), _object(making, term.scope)
            yield from _definitions(making, term.scope)


def _place(term: Term) -> str:
    assert term.scope is not None
    return f"{term.key}-{term.scope.node.rpartition('#')[2].rpartition('/')[2]}"


def _object(making: _Making, scope: Scope) -> dict[str, Any]:
    """The shape of an object with all its keys in both languages."""
    kind = scope.node.rpartition("#")[2].rpartition("/")[2]
    named = [(term, name) for language in LANGUAGES for term in scope.terms.values() for name in term.names.get(language, ())]
    properties = {name: _property(making, term, name, kind) for term, name in named}
    if scope is entry_scope():
        one = {"enum": [None, *BUNDLED]}
        properties["@context"] = {
            "description": _both(template("editor.schema-context"), "\n\n"),
            "anyOf": [one, {"type": "array", "items": one}],
        }
    return {"type": "object", "properties": properties, "patternProperties": {"^@(id|type)$|^urn:": {}}, "additionalProperties": False}


def _property(making: _Making, term: Term, name: str, kind: str) -> dict[str, Any]:
    """One key: what it is for, in both languages, and what may stand there."""
    language = language_of(name)
    shapes = list(_shapes(making, term, language))
    if term.many:
        item = shapes[0] if len(shapes) == 1 else {"anyOf": list(shapes)}
        shapes.append({"type": "array", "items": item})
    return {"description": _description(term, name, kind), **(shapes[0] if len(shapes) == 1 else {"anyOf": shapes})}


def _description(term: Term, name: str, kind: str) -> str:
    """Chinese and English, the other language's key, and where the element comes from."""
    other = next(language for language in LANGUAGES if language != language_of(name))
    twin = term.names.get(other, ())
    vocabulary = content.load("schemas/vocabulary.yaml")
    own = vocabulary["terms"].get(term.iri.removeprefix(OWN)) if term.iri.startswith(OWN) else None
    lines = [f"{name} · {twin[0]}" if twin else name]
    if own is not None:
        lines.append(_both(own["comment"], "\n\n"))
        source = vocabulary["sources"][own["source"]]
        if source["document"] != "govdata":
            lines.append(_both({"zh": f"依据：{source['document']}", "en": f"Source: {source['document']}"}))
    else:
        special = f"editor.{term.key}-{kind}"
        lines.append(_both(template(special if has(special) else f"editor.{term.key}"), "\n\n"))
    if term.many:
        lines.append(_both(template("editor.schema-many")))
    return "\n\n".join(lines)


def _shapes(making: _Making, term: Term, language: str) -> Iterator[dict[str, Any]]:
    """What one value may look like."""
    if term.kind == OBJECT:
        yield {"$ref": f"#/definitions/{_place(term)}"}
        if term.key in ("publisher", "formats"):
            yield {"type": "string", "minLength": 1}
    elif term.kind == BOOLEAN:
        yield {"enum": [*TRUTH, True, False]}
    elif term.kind in (INTEGER, NUMBER):
        yield {"type": "integer" if term.kind == INTEGER else "number"}
        yield {"type": "string", "pattern": WHOLE if term.kind == INTEGER else DECIMAL}
    elif term.kind == NAMES:
        yield {"type": ["string", "array"], "items": {"type": "string"}}
    elif term.kind == ANY:
        yield {"type": ["string", "object"] if term.key == "schema" else ["string", "number"]}
    elif term.codes in making.standard.codes:
        yield from _codes(making.standard.codes[term.codes], term, language)
    elif term.date:
        yield {"type": "string", "pattern": DATE, "patternErrorMessage": _both(template("editor.schema-date"))}
    elif term.key in making.known:
        chosen, other = (0, 1) if language == "en" else (1, 0)
        yield _offered(tuple((names[chosen], _told(names[other], names[2])) for names in making.known[term.key]))
        yield {"type": "string", "minLength": 1}
    else:
        yield {"type": "string", "minLength": 0 if term.key in ("values", "missingValues", "quote") else 1}


def _codes(found: CodeList, term: Term, language: str) -> Iterator[dict[str, Any]]:
    """The codes of a list: labels in the key's language are offered, every other way to write them passes in silence."""
    if len(found.codes) > MOST:
        yield {"type": "string", "minLength": 1}
        return
    english = language == "en"
    offered = [(code.code if english else code.zh or code.code, _meaning(code, english)) for code in found.codes.values()]
    offered += [(name, "Table Schema") for name in sorted(term.also)]
    yield _offered(tuple(offered))
    written = {name for code in found.codes.values() for name in (code.code, code.zh, code.en, *code.also) if name} | term.also
    hidden = sorted(written - {name for name, _ in offered})
    systems = sorted({system for system, _ in found.notations})
    forms = [_literal(name) for name in hidden] + [f"{_literal(system)}\\s*[:：].+" for system in systems]
    yield {"type": "string", "pattern": f"^({'|'.join(forms)})$"}


def _meaning(code: Code, english: bool) -> str:
    told = f"{code.zh} · {code.en}" if english else " · ".join(filter(None, (code.en, code.code)))
    if code.valid_until:
        told += "".join(text("explain.until", language, {"until": code.valid_until}) for language in LANGUAGES)
    return told.strip(" ·")


def _told(*names: str) -> str:
    return " · ".join(dict.fromkeys(filter(None, names)))


def _offered(pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Values that are offered, each with what it means."""
    first: dict[str, str] = {}
    for value, told in pairs:
        first.setdefault(value, told)
    return {"type": "string", "enum": list(first), "enumDescriptions": list(first.values())}


def _literal(name: str) -> str:
    """A text as part of a pattern that JavaScript reads in Unicode mode too: only what is special there is escaped."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", name)
