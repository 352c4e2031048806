"""Rules: what must hold, from files, each with its source, its texts and its examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from govdata.classes import dataclass, field
from govdata.codes import read_source
from govdata.errors import ContentError
from govdata.values import SEVERITIES, Finding, Severity, Source

_FURTHER = ("acceptable", "at", "reasons", "semantic", "personal", "reveal", "status", "since")
CHECKS = ("schema", "named", "predicate", "code-list", "by")
"""A rule has exactly one of these under `check`."""
_CHECKS = frozenset(CHECKS)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is in force: `severity` and `layer` are those of the standard that asks for it."""

    id: str
    title: Mapping[str, str]
    basis: Mapping[str, Any]
    """The source, as the file writes it."""
    severity: Severity
    applies_to: str
    check: Mapping[str, Any]
    message: Mapping[str, str]
    help: Mapping[str, str]
    file: str
    layer: str = ""
    redact: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Keys that only some checks read: `acceptable`, `at`, `reasons`, `semantic`, `personal`, `reveal`, `status`, `since`."""

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
    try:
        check = declared["check"]
        rule = Rule(
            id=str(declared["id"]),
            title=declared["title"],
            basis=declared["source"],
            severity=cast(Severity, declared["severity"]),
            applies_to=str(declared["applies_to"]),
            check=check,
            message=declared["message"],
            help=declared["help"],
            file=file,
            redact=bool(declared.get("redact", False)),
            more={k: declared[k] for k in _FURTHER if k in declared},
        )
    except (KeyError, TypeError) as error:
        raise ContentError("rule-incomplete", file=file, what=str(error).strip("'")) from error
    _refuse_bad_rule(rule, file)
    return rule


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
