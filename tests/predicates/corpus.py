"""The literal corpus: fields and texts (`fields.yaml`, `literals.yaml`, semantic types, code lists), and what the reference says of each.

Whatever emits conditions is held against it: `tests/test_predicates.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from govdata import content
from govdata.checks.schema import code_list_check
from govdata.codes import read_list
from govdata.engines.fields import FieldReader, SchemaError, read_field
from govdata.engines.plan import CellCheck
from govdata.predicates.conditions import Condition, OneOf
from govdata.predicates.decisions import Decision, decide
from govdata.predicates.identifiers import SemanticType, compile_types
from govdata.predicates.patterns import PatternTimeout

FOLDER = Path(__file__).parent
SURROGATES = ("\ud800", "1\udc00", "2026-01-0\udcff", "甲\ud83d")
"""What YAML cannot hold: half characters, as `surrogateescape` leaves them."""
TODAY = date(2026, 1, 5)
SLOW = {"url"}
"""Semantic types that are known to have no condition."""


@dataclass(frozen=True)
class Case:
    """One column: its field, the conditions and checks of its meaning, the texts that are put to it."""

    group: str
    field: Mapping[str, Any]
    texts: tuple[str, ...]
    ordinary: tuple[str, ...] = ()
    """Texts that must be accepted without the reference."""
    meanings: tuple[Condition | None, ...] = ()
    checks: tuple[CellCheck, ...] = ()

    @functools.cached_property
    def decision(self) -> Decision:
        """What is decided of the column."""
        return decide(self.field, self.meanings)

    @property
    def name(self) -> str:
        """The field as the tests show it."""
        return f"{self.group}: { ({key: value for key, value in self.field.items() if key != 'name'}) }"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reference says of one text."""

    silent: bool
    value: Any


def reference(case: Case) -> Callable[[str], Answer] | None:
    """The reference for a column; `None` where it refuses the field, so that no cell is ever asked of."""
    try:
        reader = read_field(case.field)
    except SchemaError:
        return None
    return functools.partial(_answer, reader, case.checks)


def _answer(reader: FieldReader, checks: Sequence[CellCheck], text: str) -> Answer:
    try:
        value, broken = reader(text)
    except PatternTimeout:
        return Answer(False, None)
    return Answer(not broken and (value is None or not any(check(text) for check in checks)), value)


@functools.cache
def cases() -> tuple[Case, ...]:
    """The whole corpus."""
    return (*_fields(), *_meanings(), *_code_lists())


def _fields() -> Iterator[Case]:
    lists = {name: tuple(map(_text, found)) for name, found in _read("literals.yaml").items()}
    for group in _read("fields.yaml"):
        shared = dict.fromkeys(text for name in group["literals"] for text in lists[name])
        for item in group["fields"]:
            field, ordinary = {"name": "v", **item["field"]}, tuple(item.get("ordinary", ()))
            missing = (text for text in field.get("missingValues") or () if isinstance(text, str))
            texts = dict.fromkeys((*ordinary, *shared, *SURROGATES, *missing))
            yield Case(group["type"], field, tuple(texts), ordinary)


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _text(item: Any) -> str:
    return item["text"] * item["times"] if isinstance(item, Mapping) else str(item)


@functools.cache
def semantic_types() -> Mapping[str, SemanticType]:
    """The shipped semantic types, on a fixed day."""
    provinces = tuple(code["code"] for code in content.load("schemas/codes/province/list.yaml")["codes"])
    return compile_types(_identifiers(), {"province": provinces}, TODAY)


@functools.cache
def _identifiers() -> Mapping[str, Any]:
    rules = content.load_folder(content.root() / "validators/identifiers").values()
    return {rule["id"]: rule for rule in rules if "predicate" in rule["check"]}


def _meanings() -> Iterator[Case]:
    """Each semantic type with its rule's examples and what mistakes make of them, as a text and, where that fits, as a number."""
    for semantic in semantic_types().values():
        examples = _identifiers()[semantic.rule]["examples"]
        right = tuple(map(str, examples["pass"]))
        texts = dict.fromkeys((*right, *map(str, examples["fail"])))
        mutated = dict.fromkeys(found for text in texts for found in mutations(text))
        kinds = ("string", "number") if semantic.table_schema == "number" else ("string",)
        for kind in kinds:
            field = {"name": "v", "type": kind, "semantic": semantic.id}
            ordinary = right[:1] if semantic.id not in SLOW else ()
            yield Case(semantic.rule, field, (*texts, *mutated), ordinary, (semantic.condition,), (_semantic_check(semantic),))


def _semantic_check(semantic: SemanticType) -> CellCheck:
    def check(text: str) -> tuple[str, Mapping[str, object]] | None:
        failure = semantic.check(text)
        return None if failure is None else (semantic.rule, failure.args)

    return check


def mutations(text: str) -> Iterator[str]:
    """What slips of typing, of a spreadsheet and of another alphabet make of a text."""
    yield from (f"{text}{mark}" for mark in (" ", "\n", "\t", ".0", "\u200b", "\u3000", "\x00", "X", "x", "0"))
    yield from (f"{mark}{text}" for mark in (" ", "'", "\ufeff", "+86", "+86-", "0086 ", "-", "0", "+"))
    yield from (text.lower(), text.upper(), text.replace("-", ""), "".join(map(_wide, text)), text[::-1])
    for place, character in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        yield before + after
        yield before + character * 2 + after
        yield before + _wide(character) + after
        yield from (before + other + after for other in _others(character))
        if after:
            yield before + after[0] + character + after[1:]
            yield from (before + character + mark + after for mark in ("-", " ", "."))


def _wide(character: str) -> str:
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


def _others(character: str) -> Iterator[str]:
    if character.isdigit():
        yield from (digit for digit in ("0358" if character.isascii() else "0") if digit != character)
    yield from ("X", "x", "O", "I", "٣", "·", "~")


def _code_lists() -> Iterator[Case]:
    """Each shipped code list with its codes, abolished ones too, their labels, and what mistakes make of some."""
    for path in sorted((content.root() / "schemas/codes").glob("*/list.yaml")):
        found = read_list(content.load_file(path), path.parent)
        codes = tuple(found.codes)
        force = found.in_force(TODAY.isoformat())
        some = (*codes[:3], *(code for code in codes if code not in force))[:5]
        labels = [str(label) for code in codes[:5] for label in (found.codes[code].zh, found.codes[code].en) if label]
        texts = dict.fromkeys((*codes[:40], *some, *labels, *(text for code in some for text in mutations(code))))
        field = {"name": "v", "type": "string", "codes": found.id}
        yield Case(
            f"codes/{found.id}",
            field,
            tuple(texts),
            tuple(sorted(force)[:5]),
            (OneOf(force),),
            (code_list_check(found, TODAY.isoformat()),),
        )
