"""A dataset of the directory in a few words, held against what is known of it on the site; records that are new wait in a file.

So a hundred thousand datasets can be compared without their records ever being held together.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from sys import intern
from typing import Any, BinaryIO, NamedTuple

from govdata import __version__
from govdata.cache import digest_of
from govdata.classes import replace
from govdata.fastjson import parsed, quick
from govdata.publishing.offering import offer_of, reason
from govdata.publishing.planning import Offer
from govdata.publishing.selection import Candidate
from govdata.publishing.site import documents
from govdata.publishing.site.describing import Ground, clean, record_of
from govdata.publishing.site.records import Party, Record, Remark, Version
from govdata.publishing.site.state import Known, Same
from govdata.values import Dataset, DatasetReport

Place = tuple[str, int, int]
"""A file of the spool, and where in it so many bytes begin."""


class Card(NamedTuple):
    """A dataset of the directory."""

    offer: Offer
    """Without what is wanted."""
    source: str
    """A digest of all that its record is made from; empty where it is not to be published."""
    digest: str = ""
    data: str = ""
    remarks: str = ""
    """As of `state.Known`; these four only where it is to be published."""
    publisher: tuple[str, str, str] = ("", "", "")
    modified: str = ""
    related: tuple[str, ...] = ()
    place: Place | None = None
    """Where the new record waits; `None`: what is known of it holds."""
    fields: Mapping[str, Any] = {}
    """Flat, to be compared with what was there; only of one that was."""
    resources: tuple[tuple[str, Mapping[str, Any], str, int | None, int | None], ...] = ()
    """Key, fields, SHA-256, bytes and rows."""


class Waiting(NamedTuple):
    """A new record, without its versions, with what its downloads are made from."""

    record: Record
    dataset: Dataset | None
    report: DatasetReport | None


class Spool:
    """The folder in which new records wait. Each process writes a file of its own: handed to another it is the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: BinaryIO | None = None
        self._name = ""
        self._at = 0

    def __reduce__(self) -> tuple[Any, ...]:
        return Spool, (self.folder,)

    def put(self, waiting: Waiting, told: Mapping[str, Any]) -> Place:
        """Write a record, for any process to read; gives its place. `told`: the record as JSON."""
        if self._file is None:
            self._name = f"records-{os.getpid()}"
            self._file = (self.folder / self._name).open("xb")
        # Of most there is only the record, whose JSON is made for the digest anyway, and stands in `index.json` in the end.
        written = quick(told) if waiting.dataset is None else None
        content = pickle.dumps(waiting, pickle.HIGHEST_PROTOCOL) if written is None else written
        self._file.write(content)
        self._file.flush()
        self._at += len(content)
        return self._name, self._at - len(content), len(content)

    def close(self) -> None:
        """End writing."""
        if self._file is not None:
            self._file.close()


class SpoolReader:
    """Reads what waits in a spool's folder, which only this program and user can write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def read(self, place: Place, versions: tuple[Version, ...]) -> Waiting:
        """The record at a place, with its versions."""
        name, at, size = place
        if name not in self._files:
            self._files[name] = (self._folder / name).open("rb")
        self._files[name].seek(at)
        content = self._files[name].read(size)
        if content.startswith(b"{"):
            return Waiting(documents.with_versions(parsed(content), versions), None, None)
        found: Waiting = pickle.loads(content)
        return found._replace(record=replace(found.record, versions=versions))

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()


def card_of(candidate: Candidate, before: str | None, ground: Ground, language: str, spool: Spool) -> Card:
    """The card of a dataset; its record goes into the spool where it is not certain that the site has it.

    `before`: the source of what the site shows of it. Where that still holds, the card wants to be `completed`.
    """
    offer = offer_of(candidate, language)
    offer = replace(offer, code=clean(offer.code), title=clean(offer.title))
    if offer.verdict == "refused" or not offer.valid:
        return Card(offer, "")
    source = source_of(candidate, ground)
    if before == source:
        return Card(offer, source)
    record, told = record_of(candidate, ground)
    with_data = candidate.decision.verdict == "whole" and any(item.sha256 for item in record.resources)
    waiting = Waiting(record, candidate.dataset if with_data else None, _lean(candidate.report) if with_data else None)
    card = Card(
        replace(offer, title=record.title),
        source,
        record.digest,
        data_digest(record),
        remarks_digest(record.remarks),
        party_facts(record.publisher),
        record.modified,
        record.related,
        spool.put(waiting, told),
    )
    return card if before is None else card._replace(fields=flat(record), resources=flat_resources(record))


def completed(card: Card, known: Known | None) -> Card:
    """A card of which only the source is told, with what is known of the dataset."""
    if known is None or not card.source or card.place is not None or card.digest:
        return card
    return Card(card.offer, card.source, known.digest, known.data, known.remarks, known.publisher, known.modified, known.related)


def condensed(card: Card, same: Same) -> Card:
    """The same in less memory, as of `state.condensed`."""
    place = card.place and (intern(card.place[0]), *card.place[1:])
    publisher = same.setdefault(card.publisher, card.publisher)
    return card._replace(publisher=publisher, modified=intern(card.modified), place=place)


def amended(card: Card, said: DatasetReport, language: str) -> Card:
    """The card of a dataset of which the directory as a whole has something to say: with an error it is not published anew."""
    if said.valid or not card.offer.valid:
        return card
    args = {
        "count": said.severities.get("error", 0),
        "first": next((item.message for item in said.findings if item.severity == "error"), ""),
    }
    why = reason("has-errors", language, **args)
    return Card(replace(card.offer, valid=False, reasons=(why, *card.offer.reasons)), "")


def _lean(report: DatasetReport) -> DatasetReport:
    """Of a report what downloads are made from."""
    return replace(report, findings=(), accepted=(), causes=(), counts={}, skipped=())


def source_of(candidate: Candidate, ground: Ground) -> str:
    """A digest of all that a record and its downloads are made from."""
    dataset, report, decision = candidate.dataset, candidate.report, candidate.decision
    standard = ground.library.standard(report.standard).digest
    read = [[item.id, item.file, item.size, item.sha256, item.encoding, item.rows] for item in report.resources]
    declared = [[item.id, item.file, item.format, item.sheet, item.schema, item.declared] for item in dataset.resources]
    granted = [item.exception for item in decision.exceptions]
    signed = [[item.rule, item.reason, item.by, item.until, item.field] for item in granted]
    canonical = dataset.entry.canonical if dataset.entry else {}
    reasons = [reason.rule for reason in decision.reasons]
    told = [__version__, ground.zone, standard, report.path, decision.verdict, reasons, signed, canonical, declared, read]
    if any(item.sha256 for item in report.resources):
        told.extend(ground.ways)
    return digest_of(told)[:32]


def data_digest(record: Record) -> str:
    """A digest of the files' digests; empty where there are no files."""
    sums = [[item.key, item.sha256] for item in record.resources if item.sha256]
    return digest_of(sums)[:16] if sums else ""


def party_facts(party: Party) -> tuple[str, str, str]:
    """Name, code, and name in addresses."""
    return party.name, party.code, party.id


def remarks_digest(remarks: tuple[Remark, ...]) -> str:
    """A digest of remarks."""
    return digest_of([[remark.rule, remark.zh, remark.en] for remark in remarks])[:16] if remarks else ""


def flat(record: Record) -> dict[str, Any]:
    """What a plan tells of a record, field by field: the elements of the public entry, its resources aside."""
    return {name: value for name, value in record.entry.items() if name != "resources"} | ({"title": record.title} if record.title else {})


def flat_resources(record: Record) -> tuple[tuple[str, Mapping[str, Any], str, int | None, int | None], ...]:
    """The same of its resources."""
    return tuple((item.key, _resource_fields(item), item.sha256, item.size, item.rows) for item in record.resources)


def _resource_fields(resource: Any) -> dict[str, Any]:
    told = {name: getattr(resource, name) for name in ("title", "description", "format", "url", "encoding", "rows", "modified")}
    told["schema"] = json.dumps(resource.schema, ensure_ascii=False, sort_keys=True) if resource.schema else ""
    return {name: str(value) for name, value in told.items() if value not in ("", None)}
