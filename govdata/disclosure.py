"""What decides where a dataset may be: what its entry states, and what the check found in its data, as facts with values.

All that was found counts, not only the findings that a report shows: what columns hold comes from `ResourceReport`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from govdata.checks.context import CheckContext
from govdata.checks.named import field_lists, texts_of
from govdata.checks.personal import KINDS, SHORTEST, kinds_within
from govdata.checks.schema import fields_of
from govdata.predicates.written import may_hold
from govdata.values import MAPPING, Dataset, DatasetReport, Resource, ResourceReport

UNSTATED, UNKNOWN = "unstated", "unknown"
"""The value of what an entry does not say, and of what it says in no word that is known."""

_HIDDEN = {
    "workbook/hidden": "hidden",
    "workbook/several-sheets": "further-tables",
    "workbook/several-tables": "further-tables",
    "database/several-tables": "further-tables",
}
"""Findings that tell of contents that are published with a file and were not checked."""

_PLAIN = (
    ("level", "securityLevel", "security-level"),
    ("sensitivity", "sensitivity", "sensitivity"),
    ("zone", "zone", "zone"),
)
"""Facts that are one code: fact, key of the entry, code list."""

_NO_TEXT = frozenset(
    ("identifier", "code", "related", "metadataIdentifier", "url", "landingPage", "phone", "email", "person", "personalReason")
)
"""Keys of codes and addresses, of telephones that are to be called, and of what is published nowhere."""


class Stated(NamedTuple):
    """One fact of a dataset."""

    fact: str
    value: str
    field: str = ""
    file: str = ""
    amount: int = 0
    """Of numbers: how many."""
    written: str = ""
    """What stands in the entry, where it is not known."""
    item: str = ""
    """Of a text of the entry: which."""


def facts_of(dataset: Dataset, report: DatasetReport, context: CheckContext) -> Iterator[Stated]:
    """The facts of a dataset, those of its entry first. Values are codes of the lists, or words of `catalog/zones.yaml`."""
    entry: Mapping[str, Any] = dataset.entry.canonical if dataset.entry else {}
    fields = [*_entry_fields(entry), *_schema_fields(dataset)]
    yield from _entry_facts(entry, fields, context)
    yield from _declared_facts(entry, fields, context)
    for field in fields:
        if field.declared.get("sensitive") is True:
            yield Stated("sensitive", "declared", field.name, field.file)
    yield from _told_facts(dataset, entry, context)
    yield from _contents_facts(dataset, report)


class _Field(NamedTuple):
    name: str
    declared: Mapping[str, Any]
    file: str


_WHOLE = _Field("", {}, "")
"""The dataset itself, where a fact is not of one field."""


def _entry_fields(entry: Mapping[str, Any]) -> Iterator[_Field]:
    """The fields that the entry lists, with the file of their resource."""
    resources = entry.get("resources")
    for pointer, fields in field_lists(entry):
        part = pointer.split("/")
        owner = resources[int(part[2])] if len(part) > 2 and isinstance(resources, list) else {}
        file = str(owner.get("file") or "") if isinstance(owner, MAPPING) else ""
        for number, field in enumerate(fields, 1):
            if isinstance(field, MAPPING):
                yield _Field(str(field.get("name") or number), field, file)


def _schema_fields(dataset: Dataset) -> Iterator[_Field]:
    """The fields of the tables' schemas: those of a data package or of a schema file may stand only there."""
    for resource in dataset.resources:
        for field in fields_of(resource.schema or {}):
            yield _Field(str(field["name"]), field, resource.file)


def _entry_facts(entry: Mapping[str, Any], fields: list[_Field], context: CheckContext) -> Iterator[Stated]:
    yield _secrecy(entry.get("secret"))
    yield from (_secrecy(item.declared["secret"], item) for item in fields if item.declared.get("secret") not in (None, False))
    sharing = entry.get("sharing")
    yield _coded("sharing", "sharing-type", sharing.get("type") if isinstance(sharing, MAPPING) else sharing, context)
    yield _opening(entry.get("opening"), context)
    for item in fields:
        for fact, codes in (("sharing", "sharing-type"), ("opening", "opening-type")):
            if item.declared.get(fact) not in (None, ""):
                yield _coded(fact, codes, item.declared[fact], context, item)
    yield from (_coded(fact, codes, entry.get(key), context) for fact, key, codes in _PLAIN)


def _secrecy(value: object, item: _Field = _WHOLE) -> Stated:
    known = {None: UNSTATED, True: "secret", False: "non-secret"}
    found = known.get(value, UNKNOWN) if value is None or isinstance(value, bool) else UNKNOWN
    return Stated("secrecy", found, item.name, item.file, written=str(value) if found == UNKNOWN else "")


def _coded(fact: str, codes: str, value: object, context: CheckContext, item: _Field = _WHOLE) -> Stated:
    """A code as the shipped list has it: one that a layer added counts as the one it is mapped to."""
    if value in (None, ""):
        return Stated(fact, UNSTATED, item.name, item.file)
    known = context.standard.codes[codes].codes
    found = known.get(value) if isinstance(value, str) else None
    if found is None:
        return Stated(fact, UNKNOWN, item.name, item.file, written=str(value)[:100])
    while found.broader in known and found.broader != found.code:
        found = known[found.broader]
    return Stated(fact, found.code, item.name, item.file)


def _opening(declared: object, context: CheckContext) -> Stated:
    """The type of opening; where the entry states only that it is open, its condition tells, and one in words is a condition."""
    if declared is None or declared == {}:
        return Stated("opening", UNSTATED)
    if not isinstance(declared, MAPPING):
        return Stated("opening", UNKNOWN, written=str(declared)[:100])
    is_open = declared.get("open")
    stated = _coded("opening", "opening-type", declared.get("type"), context)
    if is_open is False:
        return Stated("opening", "closed")
    if is_open is not None and is_open is not True:
        return Stated("opening", UNKNOWN, written=str(is_open)[:100])
    if is_open is None:
        return stated if stated.value in ("closed", UNKNOWN) else Stated("opening", UNSTATED)
    if stated.value != UNSTATED:
        return stated
    condition = declared.get("condition")
    if not condition:
        return Stated("opening", "open")
    resolved = context.standard.codes["opening-type"].resolve(str(condition))
    return _coded("opening", "opening-type", resolved or "conditional", context)


def _declared_facts(entry: Mapping[str, Any], fields: list[_Field], context: CheckContext) -> Iterator[Stated]:
    """What is declared personal: the whole, or single fields by their mark or by the meaning of their values."""
    whole = entry.get("personal")
    if whole is True:
        yield Stated("personal", "declared")
    elif whole not in (None, False):
        yield Stated("personal", "declared", written=str(whole)[:100])
    for item in fields:
        kind = context.semantic_names.get(str(item.declared.get("semantic", "")))
        if whole is not True and item.declared.get("personal") not in (None, False):
            yield Stated("personal", "declared", item.name, item.file)
        if kind is not None and context.semantic_types.is_personal(kind):
            yield Stated("number", kind, item.name, item.file)


def _told_facts(dataset: Dataset, entry: Mapping[str, Any], context: CheckContext) -> Iterator[Stated]:
    """Numbers of persons in what the entry itself tells: it is published even where the data is not."""
    schemas = {"resources": [{"fields": fields_of(resource.schema or {})} for resource in dataset.resources]}
    texts = [found for part in (entry, schemas) for found in texts_of(part, without=_NO_TEXT) if len(found[1]) >= SHORTEST]
    if not may_hold("\n".join(text for _, text in texts)):
        return
    passes = {kind: context.passes(kind) for kind in KINDS}
    seen: set[str] = set()
    for pointer, text in texts:
        if text not in seen:
            seen.add(text)
            kinds = kinds_within(text, passes, alone=True)
            yield from (Stated("told", kind, item=_item(dataset, pointer)) for kind in KINDS if kind in kinds)


def _item(dataset: Dataset, pointer: str) -> str:
    """A place of the entry for people, as it is written there: `资源 1 / 说明`."""
    written = dataset.entry.pointers.get(pointer, pointer) if dataset.entry else pointer
    out: list[str] = []
    for name in written.split("/")[1:]:
        if out and name.isascii() and name.isdigit():
            out[-1] += f" {int(name) + 1}"
        else:
            out.append(name)
    return " / ".join(out)


def _contents_facts(dataset: Dataset, report: DatasetReport) -> Iterator[Stated]:
    """What the check found in the files, and which parts of them it did not look into."""
    reports = {(found.id, found.file): found for found in report.resources}
    missing = {item.what for item in report.skipped if item.why == "engine-missing"}
    for resource in dataset.resources:
        found = reports.get((resource.id, resource.file))
        yield from _resource_facts(resource, found, resource.file in missing)
    for rule, value in _HIDDEN.items():
        if rule in report.counts:
            # That there are such contents is sure; in which files, as far as the findings that are shown tell.
            files = dict.fromkeys(finding.file for finding in report.findings if finding.rule == rule)
            yield from (Stated("contents", value, file=file) for file in files or (dataset.location,))


def _resource_facts(resource: Resource, found: ResourceReport | None, is_missing: bool) -> Iterator[Stated]:
    if found is None or found.rows is None:
        yield Stated("contents", "engine-missing" if is_missing else "unread", file=resource.file)
        return
    if resource.sheet is not None:
        yield Stated("contents", "one-sheet", file=resource.file)
    for name, kind in found.kinds.items():
        yield Stated("number", kind, name, resource.file)
    for name, kinds in found.strewn.items():
        yield from (Stated("strewn", kind, name, resource.file, count) for kind, count in kinds.items())
