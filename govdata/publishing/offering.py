"""From a dataset that was checked to an offer: what the gate and the check say of it, whatever the target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from govdata.classes import replace
from govdata.errors import PublishError
from govdata.gate import Granted
from govdata.gate import Reason as GateReason
from govdata.messages import text
from govdata.publishing.identity import code_of, title_of
from govdata.publishing.plan import Reason
from govdata.publishing.planning import Offer
from govdata.publishing.selection import Candidate
from govdata.reading.changes import unsaved
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.paths import visible
from govdata.values import MAPPING

SHOWN = 5
"""Folders that are named in one note."""


def offer_of(candidate: Candidate, language: str) -> Offer:
    """The offer, without what is wanted on the target; one with errors says how many and names the first."""
    dataset, decision = candidate.dataset, candidate.decision
    reasons = tuple(_from_gate(reason) for reason in decision.reasons)
    notes = (*map(_from_gate, decision.notes), *(_granted(item, language) for item in decision.exceptions))
    offer = Offer(code_of(dataset), title_of(dataset), dataset.location, decision.verdict, candidate.valid, reasons, notes)
    if decision.verdict == "refused":
        return offer
    if candidate.valid:
        beside = _unsaved(candidate) if decision.verdict == "whole" else []
        # What would be passed on is the file alone, of which nobody knows whether it would have passed.
        return replace(offer, valid=False, reasons=(reason("unsaved", language, names=beside), *reasons)) if beside else offer
    counts = {rule: count.count for rule, count in candidate.report.counts.items()}
    first = next((finding for finding in candidate.report.findings if finding.severity == "error"), None)
    args = {"count": candidate.report.severities.get("error", sum(counts.values())), "first": first.message if first else ""}
    return replace(offer, reasons=(reason("has-errors", language, **args), *reasons))


def _unsaved(candidate: Candidate) -> list[str]:
    """Names of the files beside the databases of a dataset in which there are changes that the databases do not have."""
    read = {item.id for item in candidate.report.resources if item.sha256}
    files = dict.fromkeys(item.path for item in candidate.dataset.resources if item.id in read and item.format in DATABASES)
    return [name for path in files for name in unsaved(path)]


def is_asked(candidate: Candidate, only: tuple[str, ...]) -> bool:
    """Whether a dataset is among those that the user named by codes or folders, with `*`; all are, where none was named."""
    names = (code_of(candidate.dataset), candidate.dataset.location)
    return not only or any(fnmatchcase(name, pattern.rstrip("/")) for pattern in only for name in names)


def refuse_none(asked: Sequence[object], only: tuple[str, ...]) -> None:
    """Raise `PublishError` where the user named datasets and the directory has none of them."""
    if only and not asked:
        raise PublishError("only-nothing", names=only)


def reason(rule: str, language: str, **args: object) -> Reason:
    """A reason of our own, with the help that goes with it."""
    return Reason(f"publish/{rule}", text(f"publish.{rule}", language, args), text(f"publish.{rule}-help", language, args))


def apart_told(apart: Sequence[str], language: str) -> Iterator[Reason]:
    """The note on folders that may have been meant as datasets, if there are any."""
    if apart:
        listed = [visible(f"{folder}/") for folder in apart[:SHOWN]]
        yield reason("no-entry", language, folders=listed, count=len(apart))


def _from_gate(found: GateReason) -> Reason:
    source = " ".join(part for part in (found.source.document, found.source.clause) if part)
    return Reason(found.rule, found.message, found.help, found.field, source)


def _granted(item: Granted, language: str) -> Reason:
    signed = item.exception
    told = {"rule": signed.rule, "reason": signed.reason, "by": signed.by, "until": signed.until.isoformat()}
    return Reason("publish/exception", text("publish.exception", language, {**told, "message": item.reason.message}), field=signed.field)


def without_person(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical entry without the contact person: on every target an office is named, nobody by name."""
    contact = canonical.get("contact")
    if not isinstance(contact, MAPPING) or "person" not in contact:
        return dict(canonical)
    kept = {key: value for key, value in contact.items() if key != "person"}
    return {key: kept if key == "contact" else value for key, value in canonical.items() if kept or key != "contact"}
