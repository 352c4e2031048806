"""A finding as it is reported: what the standard and the language say of it, masked where it is personal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from govdata import digests
from govdata.checks.personal import mask, scrub
from govdata.classes import replace
from govdata.messages import has, render, template
from govdata.rules import Rule, severity_of
from govdata.standards import Standard
from govdata.values import Finding, Source

MEANINGS = frozenset(("code", "label", "replaced_by", "close"))
"""Arguments that tell what a value means, or ought to be: hidden with it."""
NAMES = ("resource", "field", "pointer")
"""Places that people name; those of files stay as they are: by them the file is found."""


def finish(finding: Finding, standard: Standard, language: str, personal: Collection[str] = (), hides_key: bool = False) -> Finding:
    """The finding with severity, message, help, source and layer, and with personal values masked.

    `hides_key`: a column of the key by which its row is named is personal.
    `personal` names the fields of its file whose values may not be shown; a label is no value. Elsewhere everything that looks
    like a personal number is masked too, in the name of a field, of a resource or of a key as well (the first row of a table without
    a header), but for rules over identifiers that are not personal: there the officer must be able to compare.
    """
    rule = standard.rules[finding.rule]
    severity, masked = severity_of(finding, rule), conceal(finding, standard, personal, hides_key)
    key = masked.key
    value, args = masked.value, {name: item for name, item in masked.args.items() if name != "severity"}
    shown = replace(finding, key=key, **{name: scrub(getattr(finding, name)) for name in NAMES})
    told = {**_place(shown), **args, "value": value or ""}
    reason = _reason(rule, str(finding.args.get("reason", "")))
    if reason:
        told["reason"] = render(reason, language, told)
    help_text = reason["help"] if isinstance(reason.get("help"), Mapping) else rule.help
    return replace(
        shown,
        severity=severity,
        value=value,
        args=args,
        message=render(rule.message, language, told),
        help=render(help_text, language, told),
        source=_source(finding, rule, standard),
        layer=finding.layer or rule.layer,
    )


def _source(finding: Finding, rule: Rule, standard: Standard) -> Source:
    """Where it comes from that this is wrong: for a code that a list does not have, the list's own source."""
    code_list = standard.codes.get(str(finding.args.get("list_id", "")))
    return rule.source if code_list is None else code_list.source


def conceal(finding: Finding, standard: Standard, personal: Collection[str] = (), hides_key: bool = False) -> Finding:
    """The finding with its value, key and arguments masked as they are shown; what is masked stays as it is when it is masked again."""
    rule = standard.rules[finding.rule]
    hidden = rule.redact or (finding.field in personal and rule.check.get("by") != "header")
    value = finding.value
    if value is not None:
        value = mask(value) if hidden else scrub(value, sure=bool(rule.more.get("reveal")) or "predicate" in rule.check)
    telling = {name for name, item in finding.args.items() if name in MEANINGS or item == finding.value}
    args = {name: item if name == "severity" else _masked(item, hidden and name in telling) for name, item in finding.args.items()}
    key = mask(finding.key) if hides_key else scrub(finding.key)
    return replace(finding, value=value, key=key, args=args)


def _reason(rule: Rule, name: str) -> Mapping[str, Any]:
    """The text of a reason: the rule file's own, else that shared by all semantic types."""
    own = rule.reasons.get(name)
    if own is None and "predicate" in rule.check and has(f"reason.{name}"):
        return template(f"reason.{name}")
    return own or {}


def _place(finding: Finding) -> dict[str, object]:
    names = ("file", "sheet", "row", "line", "column", "field", "cell", "pointer", "key")
    return {name: found for name in names if (found := getattr(finding, name)) not in (None, "")}


def _masked(item: object, hidden: bool) -> object:
    if isinstance(item, str):
        return mask(item) if hidden else scrub(item)
    if isinstance(item, Mapping):
        return {key: _masked(part, hidden) for key, part in item.items()}
    if isinstance(item, list | tuple):
        return tuple(_masked(part, hidden) for part in item)
    return item


def identity(finding: Finding) -> tuple[str, ...]:
    """What tells a finding from others of its dataset, whatever is put in before it: no row, line, column or number in a list."""
    return finding.rule, finding.file, finding.sheet, finding.field, _stable_pointer(finding), finding.value or ""


def fingerprint(finding: Finding, dataset: str, occurrence: int) -> str:
    """Stable across unrelated edits: what was found, and how often the same was found before."""
    rule, *place = identity(finding)
    parts = (rule, dataset, *place, str(occurrence))
    return digests.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass"))[:16]


def _stable_pointer(finding: Finding) -> str:
    if finding.row is not None:
        return ""
    return "/".join("*" if token.isascii() and token.isdigit() else token for token in finding.pointer.split("/"))
