"""The entry that a CKAN dataset holds, held against our rules: what is wrong, at which field of the form, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.entry import check_entry
from govdata.checks.freshness import staleness
from govdata.ckan_plugin.form import label
from govdata.ckanfields import Field, dataset_fields, from_fields
from govdata.classes import dataclass
from govdata.messages import has, render, short_language, template
from govdata.reading.documents.yaml import Document
from govdata.reading.entries.keys import OBJECT
from govdata.reading.entries.translation import read_entry
from govdata.rules import Rule, severity_of
from govdata.settings import Settings
from govdata.standards import DEFAULT, Standard, read_library
from govdata.values import Entry, Finding, Severity

_BY_DATA = ("/resources", "/fields", "/formats")
"""Elements that CKAN gets from the files: asked for only where somebody wrote them."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding about a dataset of CKAN, in one language."""

    field: tuple[str | int, ...]
    """The form's field: `("title",)`, or `("data_items", 0, "type")` inside a repeating one."""
    rule: str
    severity: Severity
    text: str


def read_package(package: Mapping[str, Any]) -> tuple[Entry, tuple[Finding, ...], Standard]:
    """The entry of a dataset as `package_show` or a form gives it, what its reading found, and the standard it names."""
    written = from_fields(package)
    library = read_library()
    named = str(written.get("standard", DEFAULT))
    standard = library.standard(named if named in library.layers else DEFAULT)
    entry, findings = read_entry(Document(written), "", standard.codes)
    return entry, findings, standard


def remarks(package: Mapping[str, Any], language: str, today: date) -> Iterator[Remark]:
    """What our rules find in a dataset of CKAN, errors first. `language`: a name of CKAN's or ours, Chinese unless it is English.

    A withdrawn dataset is a tombstone: nothing is asked of it. What the publisher put here may use codes of a standard
    of its directory that this site does not know.
    """
    if package.get("govdata_state") == "withdrawn":
        return
    entry, found, standard = read_package(package)
    context = CheckContext(Settings(today=today), standard)
    all_findings = [*found, *check_entry(entry, context, found)]
    known = bool(package.get("govdata_directory"))
    told = [_remark(finding, entry, standard, language) for finding in all_findings if _counts(finding, entry, known)]
    yield from sorted(dict.fromkeys(remark for remark in told if remark is not None), key=lambda remark: remark.severity != "error")


def _counts(finding: Finding, entry: Entry, known: bool) -> bool:
    at = _pointer(finding)
    if known and finding.rule == "entry/unknown-code":
        return False
    for root in _BY_DATA:
        if at == root or at.startswith(f"{root}/"):
            return root[1:] in entry.canonical and root != "/resources"
    return True


def _pointer(finding: Finding) -> str:
    return str(finding.args.get("at") or finding.pointer)


def _remark(finding: Finding, entry: Entry, standard: Standard, language: str) -> Remark | None:
    rule = standard.rules.get(finding.rule)
    if rule is None:
        return None
    short = short_language(language) if language.startswith(("en", "zh")) else "zh"
    told = {**finding.args, "value": finding.value or "", "pointer": finding.pointer}
    if "key" in told and (field := _nearest(_pointer(finding))) is not None:
        # The form shows labels, not keys.
        told["key"] = label(field)
    reason = rule.reasons.get(str(finding.args.get("reason", "")))
    if reason is None and "predicate" in rule.check and has(f"reason.{finding.args.get('reason')}"):
        reason = template(f"reason.{finding.args.get('reason')}")
    if reason:
        told["reason"] = render(reason, short, told)
    helping = reason["help"] if reason and isinstance(reason.get("help"), Mapping) else rule.help
    parts = (render(rule.message, short, told), render(helping, short, told), _clause(rule, short))
    text = ("" if short == "zh" else " ").join(part for part in parts if part)
    return Remark(form_field(_pointer(finding)), finding.rule, severity_of(finding, rule), text)


def _clause(rule: Rule, short: str) -> str:
    if rule.source.document == "govdata":
        return ""
    source = f"{rule.source.document} {rule.source.clause}".strip()
    return f"（依据：{source}）" if short == "zh" else f"(Source: {source})"


def form_field(pointer: str) -> tuple[str | int, ...]:
    """The form's field for a canonical pointer: the field itself, inside a repeating one its part; else the title."""
    field = _nearest(pointer)
    if field is None:
        return ("title",)
    rest = pointer.removeprefix(field.pointer).split("/")[1:]
    if field.term.scope is not None and len(rest) >= 2 and rest[0].isdecimal():
        return (field.name, int(rest[0]), rest[1])
    if field.term.kind == OBJECT and field.term.scope is not None and field.term.many:
        # CKAN keeps the errors of a repeating field at its parts.
        return (
            field.name,
            int(rest[0]) if rest and rest[0].isdecimal() else 0,
            next(iter(field.declared.get("parts", field.term.scope.terms))),
        )
    return (field.name,)


def _nearest(pointer: str) -> Field | None:
    """The field at a pointer or above it; for an element made of parts (`/sharing`), its first part."""
    fields = dataset_fields()
    above = [field for field in fields if pointer == field.pointer or pointer.startswith(f"{field.pointer}/")]
    below = [field for field in fields if field.pointer.startswith(f"{pointer}/")] if pointer else []
    return next(iter(above or below), None)


def freshness(package: Mapping[str, Any], today: date) -> Mapping[str, Any] | None:
    """How fresh a dataset is: `{state: fresh | stale, …}` with the arguments of `staleness`; `None` where nothing can be said."""
    entry, _, standard = read_package(package)
    cycle = standard.codes["update-cycle"].codes.get(str(entry.canonical.get("updateCycle", "")))
    dated = entry.canonical.get("modified") or entry.canonical.get("issued")
    if cycle is None or not cycle.more.get("duration") or not dated:
        return None
    late = staleness(entry.canonical, standard.codes, today)
    return {"state": "stale", **late} if late else {"state": "fresh", "date": dated, "cycle": {"zh": cycle.zh, "en": cycle.en or cycle.zh}}
