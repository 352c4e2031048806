"""The entry against its standard: the shape of the canonical form, the overlays of the layers, and the rules over entries."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from govdata import content
from govdata.checks import named
from govdata.checks.context import CheckContext, semantic_types
from govdata.classes import dataclass
from govdata.engines.shapes import Shape, ShapeError, compile_all, compile_shape
from govdata.reading.documents.yaml import unescape
from govdata.rules import Rule
from govdata.standards import Standard
from govdata.values import Entry, Finding

ENTRY_SCHEMA = "schemas/entry.schema.json"
PLACEHOLDER = "entry/placeholder"


@dataclass(frozen=True, eq=False)
class _Plan:
    """The entry checks of one standard: all schemas compiled in one for the many good entries, each alone for the first of the others."""

    standard: Standard
    is_valid: Callable[[Any], bool]
    named: tuple[Rule, ...]

    @functools.cached_property
    def shape(self) -> Shape:
        """That of every entry."""
        return compile_shape(content.load(ENTRY_SCHEMA))

    @functools.cached_property
    def overlays(self) -> tuple[tuple[str, Shape], ...]:
        """Those of the layers."""
        return tuple((layer, compile_shape(schema)) for layer, schema in self.standard.overlays)

    @functools.cached_property
    def rules(self) -> tuple[tuple[Rule, Shape], ...]:
        """The rules that are schemas."""
        return tuple((rule, compile_shape(rule.check["schema"])) for rule in _schema_rules(self.standard))


def _schema_rules(standard: Standard) -> list[Rule]:
    return [rule for rule in standard.rules.values() if "schema" in rule.check and rule.applies_to == "entry"]


@functools.lru_cache(maxsize=16)
def plan_entry(standard: Standard) -> _Plan:
    """The compiled checks of a standard."""
    return _Plan(
        standard,
        is_valid=compile_all(entry_schemas(standard, content.load(ENTRY_SCHEMA))),
        named=tuple(rule for rule in standard.rules.values() if "named" in rule.check),
    )


def entry_schemas(standard: Standard, base: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schemas that a canonical entry must fit: `base`, the overlays and the rules that are schemas."""
    return [base, *(schema for _, schema in standard.overlays), *(rule.check["schema"] for rule in _schema_rules(standard))]


_NO_CODE = ("entry/unknown-code", "entry/bare-code")
"""Rules that tell, as an entry is read, of a word that is in no code list."""


def check_entry(entry: Entry, context: CheckContext, read: Iterable[Finding] = ()) -> Iterator[Finding]:
    """Every finding of one entry, placed on the entry as written. `read`: what was found when it was read."""
    found = list(_check_whole(entry, context))
    # A word that is no code at all was told then: that it is none of those of an overlay says nothing more.
    unknown = {finding.pointer for finding in read if finding.rule in _NO_CODE}
    if unknown:
        found = [finding for finding in found if finding.args.get("reason") != "enum" or finding.pointer not in unknown]
    # Of the marked places of a draft all that is said is that they are not filled in.
    waiting = {finding.args["at"] for finding in found if finding.rule == PLACEHOLDER}
    yield from (finding for finding in found if finding.rule == PLACEHOLDER or finding.args.get("at") not in waiting)


def _check_whole(entry: Entry, context: CheckContext) -> Iterator[Finding]:
    plan = plan_entry(context.standard)
    if not plan.is_valid(entry.canonical):
        yield from _check_shape(entry, plan)
    scene = scene_of(context.standard, context.settings.today)
    for rule in plan.named:
        for finding in named_findings(rule, entry.canonical, scene):
            yield placed(entry, finding.pointer, rule.id, finding)


def named_findings(rule: Rule, canonical: Mapping[str, Any], scene: named.Context) -> Iterator[Finding]:
    """What a rule that names a function finds in a canonical entry, not placed yet."""
    return named.FUNCTIONS[str(rule.check["named"])](canonical, scene, **rule.check.get("with", {}))


@functools.lru_cache(maxsize=16)
def scene_of(standard: Standard, today: date) -> named.Context:
    """What named checks may ask under a standard. A directory repeats its publishers: a text is held against a type once."""
    types = semantic_types(standard, today)

    @functools.lru_cache(maxsize=4096)
    def check(kind: str, text: str) -> Any:
        found = types.get(kind)
        return found.check(text) if found else None

    return named.Context(today, check, standard.codes)


def _check_shape(entry: Entry, plan: _Plan) -> Iterator[Finding]:
    for error in plan.shape.errors(entry.canonical):
        yield _shape_finding(entry, error, "")
    for layer, shape in plan.overlays:
        for error in shape.errors(entry.canonical):
            yield _shape_finding(entry, error, layer)
    for rule, shape in plan.rules:
        if not shape.is_valid(entry.canonical):
            yield from _rule_findings(entry, rule, shape)


def _rule_findings(entry: Entry, rule: Rule, shape: Shape) -> Iterator[Finding]:
    """One finding where the rule says where, else one for each place at which its schema fails."""
    at = rule.more.get("at")
    pointers = [str(at)] if at else dict.fromkeys(error.pointer for error in shape.errors(entry.canonical))
    for pointer in pointers:
        value = named.at(entry.canonical, pointer)
        shown = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        yield placed(entry, pointer, rule.id, Finding("", value=shown))


def _shape_finding(entry: Entry, error: ShapeError, layer: str) -> Finding:
    value = error.value if isinstance(error.value, str | int | float) and not isinstance(error.value, bool) else None
    written = entry.pointers.get(error.pointer, error.pointer)
    key = next((unescape(step) for step in reversed(written.split("/")) if not step.isdigit()), "")
    is_text = error.keyword == "type" and error.expected in ("string", ["string"], ("string",))
    args = {"reason": "text" if is_text else error.keyword, "expected": error.expected, "key": key}
    bare = Finding("", value=None if value is None else str(value), args=args, layer=layer)
    return placed(entry, error.pointer, "entry/shape", bare)


def placed(entry: Entry, pointer: str, rule: str, finding: Finding = Finding("")) -> Finding:  # noqa: B008 - frozen
    """A finding at a canonical pointer, moved to the pointer and line as written; what is missing is placed on its parent."""
    near = pointer
    while near and near not in entry.pointers:
        near = near.rpartition("/")[0]
    written = entry.pointers.get(near, near)
    line = entry.positions.places.get(written, (1, 1))[0]
    return Finding(
        rule, file=entry.file, pointer=written, line=line, value=finding.value, args={"at": pointer, **finding.args}, layer=finding.layer
    )
