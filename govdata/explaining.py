"""What a rule, a code list or a standard says, for people: `govdata explain` and `govdata standards`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from govdata import content
from govdata.codes import CodeList, day_told, read_source
from govdata.errors import ContentError
from govdata.messages import chosen, render, short_language, text
from govdata.rules import Rule
from govdata.settings import find_root, read_settings
from govdata.standards import Layer, Library, read_library

SHOWN_CODES = 60
"""Codes of a list that are shown; a longer list says how many there are."""


def explain(identifier: str, language: str = "zh-CN", path: Path | None = None) -> str:
    """What a rule, code list or standard is, why, by which clause, with examples; `path` may stand in a directory with own content."""
    library = _library(path)
    plain = identifier.removeprefix("codes/")
    if identifier in library.rules:
        return "\n".join(_rule(library, library.rules[identifier], language)) + "\n"
    if plain in library.lists:
        return "\n".join(_list(library.lists[plain], language)) + "\n"
    if identifier in library.layers:
        return "\n".join(_layer(library, library.layers[identifier], language)) + "\n"
    close = _close(identifier.strip(), library)
    raise ContentError("unknown-id", id=identifier, close=close) if close else ContentError("unknown-id-at-all", id=identifier)


def _close(asked: str, library: Library) -> list[str]:
    """Ids of what was probably meant, by id or by what people call it: its title, or the labels of a semantic type."""
    names: dict[str, list[str]] = {}
    lists = {f"codes/{id_}": found for id_, found in library.lists.items()}
    known: Mapping[str, Rule | CodeList | Layer] = {**library.rules, **lists, **library.layers}
    for id_, found in known.items():
        labels = found.more.get("semantic", {}) if isinstance(found, Rule) else {}
        several = [label for language in ("zh", "en") for label in labels.get(language, ())]
        for name in (id_, *found.title.values(), *several):
            names.setdefault(name.lower(), []).append(id_)
    alike = difflib.get_close_matches(asked.lower(), names, n=3, cutoff=0.5)
    holding = [name for name in sorted(names, key=len) if len(asked) > 1 and asked.lower() in name]
    exact = [asked.lower()] if asked.lower() in names else []
    return list(dict.fromkeys(id_ for name in (*exact, *alike, *holding) for id_ in names[name]))[:5]


def standards(language: str = "zh-CN", path: Path | None = None) -> str:
    """All standards at hand: what each extends and how many rules and lists it brings."""
    library = _library(path)
    lines = []
    for layer in library.layers.values():
        lines.append(f"{layer.id}  {render(layer.title, language, {})}  {layer.version}")
        if layer.extends:
            lines.append("    " + text("explain.extends", language, {"id": layer.extends}))
        standard = library.standard(layer.id)
        lines.append("    " + text("explain.counts", language, {"rules": len(standard.rules), "lists": len(standard.codes)}))
    return "\n".join(lines) + "\n"


def _library(path: Path | None) -> Library:
    root = find_root(path or Path())
    return read_library(read_settings(root, {}).content)


def _heading(identifier: str, title: Mapping[str, str], language: str) -> Iterator[str]:
    yield f"{identifier}  {render(title, language, {})}"
    yield ""


def _source(declared: Mapping[str, Any], language: str) -> Iterator[str]:
    source = read_source(declared, short_language(language))
    if source.document:
        named = " ".join(part for part in (source.document, source.clause) if part)
        yield text("explain.source", language, {"source": named, "state": text(f"explain.state-{source.state}", language)})
    if source.quote:
        yield text("explain.quote", language, {"quote": source.quote})
    if source.url:
        yield "  " + source.url
    if source.note:
        yield text("explain.note", language, {"note": source.note.strip()})


def _rule(library: Library, rule: Rule, language: str) -> Iterator[str]:
    yield from _heading(rule.id, rule.title, language)
    yield from _source(rule.basis, language)
    in_force = []
    for layer in library.layers:
        found = library.standard(layer).rules.get(rule.id)
        if found is not None:
            in_force.append(f"{layer}: {text(f'terms.{found.severity}', language)}")
    yield text("explain.severity", language, {"severity": text(f"terms.{rule.severity}", language)})
    if in_force:
        yield text("explain.in-force", language, {"layers": in_force})
    yield text("explain.help", language, {"help": render(rule.help, language, {})})
    yield from _examples(rule, language)


def _examples(rule: Rule, language: str) -> Iterator[str]:
    for kind, shown in examples(rule).items():
        if shown:
            yield ""
            yield text(f"explain.examples-{kind}", language)
        for example in shown[:6]:
            yield from (f"    {line}" for line in example.splitlines() or [""])


def examples(rule: Rule) -> Mapping[str, tuple[str, ...]]:
    """What a rule's file shows that passes (`pass`) and that fails (`fail`), each example as text of several lines."""
    declared = _declared(rule)
    return {kind: tuple("\n".join(_example(example)) for example in declared.get(kind, [])) for kind in ("pass", "fail")}


def _declared(rule: Rule) -> Mapping[str, Any]:
    path = Path(rule.file)
    own = path.is_absolute()
    found = content.load_file(path).get(content.EXAMPLES) if own else content.compiled(content.EXAMPLES)[rule.file.partition("/")[2]]
    return found or {}


def _example(example: object) -> Iterator[str]:
    if isinstance(example, Mapping) and isinstance(example.get("files"), Mapping):
        for name, body in example["files"].items():
            yield f"{name}:"
            written = body if isinstance(body, str) else body.get("text", "…") if isinstance(body, Mapping) else "…"
            yield from (f"    {line}" for line in str(written).splitlines()[:12])
        return
    if isinstance(example, Mapping):
        import json

        yield json.dumps(example, ensure_ascii=False)
        return
    yield str(example)


def _list(found: CodeList, language: str) -> Iterator[str]:
    yield from _heading(f"codes/{found.id}", found.title, language)
    yield from _source(found.declared.get("source", {}), language)
    yield text(f"explain.list-{found.status}", language)
    if found.licence:
        yield text("explain.licence", language, {"licence": chosen(found.licence, language)})
    yield from _doubts(found.unverified, language)
    yield ""
    today = date.today().isoformat()
    for code in list(found.codes.values())[:SHOWN_CODES]:
        begins = text("explain.from", language, {"from": day_told(code.valid_from)}) if code.valid_from > today else ""
        until = text("explain.until", language, {"until": day_told(code.valid_until)}) if code.valid_until else ""
        yield f"    {code.code}  {code.label(language)}{begins}{until}"
    if len(found.codes) > SHOWN_CODES:
        yield "    " + text("explain.more-codes", language, {"count": len(found.codes) - SHOWN_CODES})


def _doubts(doubts: Iterable[Any], language: str) -> Iterator[str]:
    for doubt in doubts:
        yield text("explain.unverified", language, {"doubt": chosen(doubt, language)})


def _layer(library: Library, layer: Layer, language: str) -> Iterator[str]:
    yield from _heading(layer.id, layer.title, language)
    yield from _source(layer.declared.get("source", {}), language)
    yield from _doubts(layer.declared.get("unverified") or (), language)
    if layer.extends:
        yield text("explain.extends", language, {"id": layer.extends})
    standard = library.standard(layer.id)
    yield text("explain.counts", language, {"rules": len(standard.rules), "lists": len(standard.codes)})
    yield ""
    for rule in standard.rules.values():
        if rule.layer == layer.id:
            yield f"    {text(f'terms.{rule.severity}', language)}  {rule.id}  {render(rule.title, language, {})}"
