"""Rules: what must hold, from files, each with its source, its texts and its examples."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, cast

from govdata import content
from govdata.classes import dataclass, field
from govdata.codes import read_source
from govdata.errors import ContentError
from govdata.values import SEVERITIES, Finding, Severity, Source

_FURTHER = ("acceptable", "at", "semantic", "personal", "reveal", "status", "since")
CHECKS = ("schema", "named", "predicate", "code-list", "by")
"""A rule has exactly one of these under `check`."""
_CHECKS = frozenset(CHECKS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is in force: `severity` and `layer` are those of the standard that asks for it."""

    id: str
    severity: Severity
    applies_to: str
    check: Mapping[str, Any]
    file: str
    told: Callable[[], Mapping[str, Any]]
    """What it says of itself, read when it is asked: title, source, message, help, reasons."""
    layer: str = ""
    redact: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Keys that only some checks read: `acceptable`, `at`, `semantic`, `personal`, `reveal`, `status`, `since`."""

    @property
    def title(self) -> Mapping[str, str]:
        """Its name, in each language."""
        return self._texts("title")

    @property
    def message(self) -> Mapping[str, str]:
        """What is said where it is broken, in each language."""
        return self._texts("message")

    @property
    def help(self) -> Mapping[str, str]:
        """What to do then, in each language."""
        return self._texts("help")

    @property
    def reasons(self) -> Mapping[str, Any]:
        """Other messages and helps, by the reason that a finding names."""
        return self.told().get("reasons") or {}

    @property
    def basis(self) -> Mapping[str, Any]:
        """The source, as the file writes it."""
        return self._texts("source")

    def _texts(self, key: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.told()[key]
        return found

    @property
    def source(self) -> Source:
        """The document that asks for it."""
        return read_source(self.basis)


def severity_of(finding: Finding, rule: Rule) -> Severity:
    """The rule's severity in force; a check may say less for one of its reasons, and an entry's layer is heard."""
    said = finding.args.get("severity")
    return cast(Severity, said) if isinstance(said, str) else rule.severity


def read_rule(declared: Mapping[str, Any], file: str) -> Rule:
    """A rule from the content of its file; `ContentError` where it has no source, no text or not exactly one check."""
    for key in ("check", "id", "title", "source", "severity", "applies_to", "message", "help"):
        if key not in declared:
            raise ContentError("rule-incomplete", file=file, what=key)
    rule = _rule(declared, file, functools.partial(dict, declared))
    _refuse_bad_rule(rule, file)
    return rule


def read_shipped_rule(name: str) -> Rule:
    """A rule of ours, by its file below `validators/`. That it is whole, our tests see to."""
    return _rule(content.compiled(content.CHECKS)[name], f"validators/{name}", functools.partial(_told, name))


def _told(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = content.compiled("rules")[name]
    return found


def _rule(declared: Mapping[str, Any], file: str, told: Callable[[], Mapping[str, Any]]) -> Rule:
    try:
        return Rule(
            id=str(declared["id"]),
            severity=cast(Severity, declared["severity"]),
            applies_to=str(declared["applies_to"]),
            check=declared["check"],
            file=file,
            told=told,
            redact=bool(declared.get("redact", False)),
            more={k: declared[k] for k in _FURTHER if k in declared},
        )
    except (KeyError, TypeError) as error:
        raise ContentError("rule-incomplete", file=file, what=str(error).strip("'")) from error


def _refuse_bad_rule(rule: Rule, file: str) -> None:
    if "/" not in rule.id:
        raise ContentError("rule-id", file=file, id=rule.id)
    document = rule.basis.get("document")
    if not document or (document == "govdata" and not rule.source.note):  # what is our own says why
        raise ContentError("rule-source", file=file, id=rule.id)
    if rule.severity not in SEVERITIES:
        raise ContentError("rule-severity", file=file, id=rule.id, severity=rule.severity)
    if len(_CHECKS & rule.check.keys()) != 1:
        raise ContentError("rule-check", file=file, id=rule.id)


def refuse_without_examples(declared: Mapping[str, Any], file: str) -> None:
    """A rule of a user's must show one example that passes and one that fails, as ours must."""
    examples = declared.get("examples")
    if not isinstance(examples, Mapping) or not examples.get("pass") or not examples.get("fail"):
        raise ContentError("rule-examples", file=file, id=declared.get("id", "?"))
