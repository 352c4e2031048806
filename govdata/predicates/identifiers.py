"""Semantic types: what a field's values mean (citizen number, credit code, mobile …), compiled from the declarations of rule files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, cast

from govdata.classes import dataclass, field
from govdata.errors import ContentError
from govdata.messages import has, render, template
from govdata.predicates import steps
from govdata.predicates.conditions import Condition
from govdata.predicates.forms import read_form
from govdata.predicates.meanings import condition_of, recognised_condition
from govdata.predicates.steps import Failure
from govdata.values import SEVERITIES

__all__ = ["Failure", "SemanticType", "SemanticTypes", "compile_type", "compile_types", "name_index", "reason_text"]

KEYS = frozenset(
    "type upper prefixes remove length lengths alphabet pattern parts date check-digit range hints recognise".split()  # noqa: SIM905
)
"""What a `predicate` may declare."""

Codes = Mapping[str, Collection[str]]
"""Code lists that a declaration may name: id → codes."""


@dataclass(frozen=True, slots=True)
class SemanticType:
    """What a field's values mean, and how one is checked.

    `check` takes a cell's text and gives the most severe failure, or None. `normalise` gives the form to compare and join by.
    `recognise` tells whether a text is surely of this type where no field says so.
    """

    id: str
    rule: str
    labels: Mapping[str, tuple[str, ...]]
    personal: bool
    table_schema: str
    check: Callable[[str], Failure | None]
    normalise: Callable[[str], str]
    recognise: Callable[[str], bool]
    expression: str = ""
    """The written form as a regular expression without anchors, to look for such values inside free text; may be empty."""
    reasons: frozenset[str] = field(default_factory=frozenset)
    """Every reason that `check` can give."""
    condition: Condition | None = None
    """Where it holds, `check` gives no failure."""
    recognised: Condition | None = None
    """Where it holds, `recognise` says yes."""


class SemanticTypes(Mapping[str, SemanticType]):
    """Type id → type, each compiled when it is first asked for: a table names few of them."""

    def __init__(self, declarations: Mapping[str, Mapping[str, Any]], codes: Codes | None = None, today: date | None = None) -> None:
        """From rule id → content of the rule file, for all rules whose check is a predicate."""
        self.rules: Mapping[str, str] = {
            _type_id(rule, declared): rule for rule, declared in declarations.items() if "predicate" in declared["check"]
        }
        self._declarations, self._codes, self._today = declarations, codes, today
        self._made: dict[str, SemanticType] = {}

    def __getitem__(self, name: str) -> SemanticType:
        if name not in self._made:
            rule = self.rules[name]
            self._made[name] = compile_type(rule, self._declarations[rule], self._codes, self._today)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rules)

    def __contains__(self, name: object) -> bool:
        return name in self.rules

    def __len__(self) -> int:
        return len(self.rules)

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """Every way to name a type (id, rule id, exact zh or en label) → type id. Nothing is compiled for it."""
        found: dict[str, str] = {}
        for name, rule in self.rules.items():
            _add_names(found, name, rule, _labels(self._declarations[rule]))
        return found

    def is_personal(self, name: str) -> bool:
        """Whether values of a type tell of a person."""
        return _is_personal(self._declarations[self.rules[name]])


def compile_types(
    declarations: Mapping[str, Mapping[str, Any]], codes: Codes | None = None, today: date | None = None
) -> Mapping[str, SemanticType]:
    """The same, all of them at once."""
    return dict(SemanticTypes(declarations, codes, today))


def _type_id(rule: str, declaration: Mapping[str, Any]) -> str:
    return str(declaration["check"]["predicate"].get("type") or rule.partition("/")[2])


def _labels(declaration: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    semantic = declaration.get("semantic", {})
    return {language: tuple(str(name) for name in semantic.get(language, ())) for language in ("zh", "en")}


def _is_personal(declaration: Mapping[str, Any]) -> bool:
    return str(declaration.get("semantic", {}).get("personal", "")).lower() == "true"


def compile_type(rule: str, declaration: Mapping[str, Any], codes: Codes | None = None, today: date | None = None) -> SemanticType:
    """The semantic type that a rule file declares under `semantic` and `check: {predicate: …}`.

    `codes` holds the code lists that its parts name; with `today`, dates after it are failures. ContentError where the declaration
    is not understood: an unknown key, algorithm or list, a pattern outside the subset, weights that do not fit.
    """
    predicate, semantic = declaration["check"]["predicate"], declaration.get("semantic", {})
    unknown = sorted(set(predicate) - KEYS)
    if unknown:
        raise ContentError("predicate-key", rule=rule, keys=unknown)
    personal = _is_personal(declaration)
    try:
        made = _compile_check(predicate, personal, codes or {}, today)
        condition = condition_of(predicate, codes or {}, today)
    except (KeyError, TypeError, ValueError) as error:
        raise ContentError("predicate-value", rule=rule, what=str(error).strip("'")) from error
    return SemanticType(
        id=_type_id(rule, declaration),
        rule=rule,
        labels=_labels(declaration),
        personal=personal,
        table_schema=str(semantic.get("table_schema", "string")),
        check=made.check,
        normalise=made.normalise,
        recognise=_recogniser(made, predicate.get("recognise", {})),
        expression=read_form(str(predicate["pattern"])) if "pattern" in predicate else made.expression,
        reasons=made.reasons,
        condition=condition,
        recognised=recognised_condition(condition, predicate),
    )


def name_index(types: Iterable[SemanticType] | Mapping[str, SemanticType]) -> Mapping[str, str]:
    """Every way to name a type (id, rule id, exact zh or en label) → type id."""
    found: dict[str, str] = {}
    for item in types.values() if isinstance(types, Mapping) else types:
        _add_names(found, item.id, item.rule, item.labels)
    return found


def _add_names(found: dict[str, str], type_id: str, rule: str, labels: Mapping[str, tuple[str, ...]]) -> None:
    for name in (type_id, rule, *(label for listed in labels.values() for label in listed)):
        found.setdefault(name, type_id)


def reason_text(failure: Failure, reasons: Mapping[str, Any], language: str) -> str:
    """What precisely is wrong, as text: from the rule file's `reasons`, else from the shared texts (area `reason`)."""
    texts = reasons.get(failure.reason)
    if texts is None:
        key = f"reason.{failure.reason}"
        texts = template(key if has(key) else "reason.form")
    return render(cast(Mapping[str, str], texts), language, failure.args)


@dataclass(frozen=True, slots=True)
class _Check:
    check: Callable[[str], Failure | None]
    holds: Callable[[str], bool]
    normalise: Callable[[str], str]
    expression: str
    reasons: frozenset[str]


def _compile_check(predicate: Mapping[str, Any], personal: bool, codes: Codes, today: date | None) -> _Check:
    upper = steps.upper_case if predicate.get("upper") else None
    strip = steps.stripper(steps.items(predicate.get("prefixes", ())), str(predicate.get("remove", "")))
    pattern, form = steps.tests(predicate)
    lengths = steps.lengths(predicate)
    content = _by_severity(steps.content(predicate, steps.Scope(personal, lengths, codes, today)))
    explain, explained = steps.explainer(predicate, personal)

    def check(written: str) -> Failure | None:
        text = upper(written) if upper else written
        if pattern is not None and pattern(text) is None:
            return explain(text, strip(text) if strip else text)
        if strip is not None:
            text = strip(text)
        if form is not None and form(text) is None:
            return explain(text, text)
        for step in run:
            failure = step(text)
            if failure is not None:
                return failure
        return None

    def holds(written: str) -> bool:
        """The same answer without the reason: most texts that are asked of are refused, at the price of one test."""
        text = upper(written) if upper else written
        if pattern is not None and pattern(text) is None:
            return False
        if strip is not None:
            text = strip(text)
        return (form is None or form(text) is not None) and not any(step(text) for step in run)

    def normalise(written: str) -> str:
        text = upper(written) if upper else written
        return strip(text) if strip else text

    run = tuple(step for step, _, _ in content)
    shape = steps.expression(predicate)
    return _Check(check, holds, normalise, shape, explained.union(*(reasons for _, reasons, _ in content)))


def _by_severity(content: Iterable[steps.Content]) -> list[steps.Content]:
    """The steps that break the rule as such come first, then the milder ones, so that the first failure is the gravest."""
    return sorted(content, key=lambda item: -len(SEVERITIES) if item[2] is None else -SEVERITIES.index(cast(Any, item[2])))


def _recogniser(made: _Check, declared: Mapping[str, Any]) -> Callable[[str], bool]:
    prefixes = tuple(steps.items(declared.get("prefixes", ())))

    def recognise(written: str) -> bool:
        return made.holds(written) and (not prefixes or made.normalise(written).startswith(prefixes))

    return recognise
