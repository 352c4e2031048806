"""From a checked dataset to what the site says of it: only what the gate's decision lets through, and what is meant for readers.

Left out of the entry on every target: the contact person (`without_person`). Left out in the public network: what is of use only
to those who run directories and systems (`INTERNAL`), and the marks of single fields (`INTERNAL_OF_FIELD`). With the verdict
`entry` no file is described: its columns are, so that people know what they may ask for. A field that is declared secret is left
out of every site but one of the intranet, where alone the gate lets its dataset pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from govdata.cache import digest_of
from govdata.checks.context import semantic_types
from govdata.checks.freshness import due_day, newest_day
from govdata.checks.named import as_day
from govdata.checks.personal import scrub
from govdata.checks.schema import fields_of
from govdata.classes import dataclass, replace
from govdata.codes import CodeList
from govdata.fastjson import parsed, quick
from govdata.messages import text
from govdata.publishing.identity import code_of, keyed, title_of, told_apart
from govdata.publishing.offering import without_person
from govdata.publishing.selection import Candidate
from govdata.publishing.site.addresses import slug
from govdata.publishing.site.documents import to_json
from govdata.publishing.site.records import Item, Label, Party, Record, Remark, Resource
from govdata.publishing.site.withholding import without_files, without_targets
from govdata.reading.resources.fields import build_schema
from govdata.standards import Library, Standard
from govdata.values import MAPPING, ResourceReport
from govdata.values import Resource as SourceResource

PUBLIC = "internet"
"""The network that everybody is in."""

INTERNAL = frozenset((
    *("survey", "catalogStatus", "mountStatus", "systemLevel", "channel", "personalReason", "metadataIdentifier"),
    *("secret", "zone", "securityLevel", "sensitivity", "personal"),
))  # fmt: skip
"""Elements of an entry that are not shown in the public network."""

INTERNAL_OF_FIELD = frozenset(("personal", "personalReason", "secret", "sensitive", "sourceSystem", "timestamp"))
"""The same of a field."""

LINK = "service"
"""The key of the resource that is the entry's service, unless a file is called so."""

ENTRY = "entry"
"""The key of the resource that stands for fields of an entry without a file."""

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters but tab and ends of line, halves of pairs, and what XML cannot hold."""

_ESCAPED = re.compile(rb"\\[bfu]")
"""How JSON writes some of them."""

_APART = ("state", "remarks", "versions", "digest")
"""Fields of a record that are not part of its digest."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds for all datasets of a run."""

    zone: str
    library: Library
    today: date
    """On which semantic types are looked up."""
    ways: tuple[str, ...] = ()
    """What else decides which downloads tables have."""


def record_of(candidate: Candidate, ground: Ground) -> tuple[Record, dict[str, Any]]:
    """The record of a dataset that may be published, and the same as JSON. Its versions are not known here; its downloads come later."""
    dataset, standard = candidate.dataset, ground.library.standard(candidate.report.standard)
    canonical = cleaned(dataset.entry.canonical) if dataset.entry else {}
    with_data = candidate.decision.verdict == "whole"
    shown = public_entry(canonical, ground.zone)
    entry = shown if with_data else without_files(shown)
    labels = _Labels(standard, ground)
    code, newest = code_of(dataset), newest_day(canonical)
    record = Record(
        code=clean(code),
        id=slug(code),
        title=clean(title_of(dataset)),
        publisher=_party(_object(entry.get("publisher"))),
        description=_text(entry, "description"),
        keywords=tuple(dict.fromkeys(_texts(entry.get("keywords")))),
        themes=tuple(labels.code("theme", value) for value in dict.fromkeys(_texts(entry.get("theme")))),
        category=tuple(_texts(entry.get("category"))),
        cycle=labels.maybe("update-cycle", entry.get("updateCycle")),
        sharing=labels.maybe("sharing-type", _object(entry.get("sharing")).get("type")),
        opening=labels.maybe("opening-type", labels.opening(_object(entry.get("opening")))),
        condition=_text(_object(entry.get("opening")), "condition"),
        issued=_day(entry.get("issued")),
        modified=newest.isoformat() if newest else "",
        due=due.isoformat() if (due := due_day(canonical, standard.codes)) else "",
        start=_day(_object(entry.get("temporal")).get("start")),
        end=_day(_object(entry.get("temporal")).get("end")),
        spatial=_text(entry, "spatial"),
        language=_text(entry, "language"),
        version=_text(entry, "version"),
        source=_text(entry, "source"),
        licence=_text(entry, "licence"),
        terms=_text(entry, "terms"),
        landing_pages=tuple(_texts(entry.get("landingPage"))),
        contact=_named(entry.get("contact"), ("organisation", "phone", "email", "address")),
        correction=_named(entry.get("correction"), ("url", "phone", "email", "note")),
        related=tuple(dict.fromkeys(_texts(entry.get("related")))),
        resources=tuple(_resources(candidate, entry, labels, with_data)),
        entry=entry,
        remarks=tuple(_remarks(candidate, ground)),
    )
    told = to_json(record)
    told["digest"] = digest(told)
    return replace(record, digest=told["digest"]), told


def digest(told: Mapping[str, Any]) -> str:
    """Of all that is published of a record, data included. `told`: the record as JSON."""
    return digest_of({name: value for name, value in told.items() if name not in _APART})[:32]


def public_entry(canonical: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """A canonical entry as far as a network may see it."""
    dropped = INTERNAL if zone == PUBLIC else frozenset[str]()
    entry = {key: value for key, value in without_person(canonical).items() if key not in dropped}
    if "fields" in entry:
        entry["fields"] = _public_fields(entry["fields"], zone)
    if "resources" in entry:
        entry["resources"] = [_public_resource(item, zone) for item in _list(entry["resources"]) if isinstance(item, MAPPING)]
    return {key: value for key, value in entry.items() if value not in ("", None, [], {})}


def _public_resource(declared: Mapping[str, Any], zone: str) -> dict[str, Any]:
    return {**declared, "fields": _public_fields(declared["fields"], zone)} if "fields" in declared else dict(declared)


def _public_fields(declared: Any, zone: str) -> list[dict[str, Any]]:
    dropped = INTERNAL_OF_FIELD if zone == PUBLIC else frozenset[str]()
    shown = [field for field in _list(declared) if isinstance(field, MAPPING) and (zone == "intranet" or field.get("secret") is not True)]
    return [{key: value for key, value in field.items() if key not in dropped} for field in shown]


def _resources(candidate: Candidate, entry: Mapping[str, Any], labels: _Labels, with_data: bool) -> Iterator[Resource]:
    reports = {(item.id, item.file): item for item in candidate.report.resources}
    found: list[Resource] = []
    for key, resource in keyed(candidate.dataset).items():
        seen = reports.get((resource.id, resource.file))
        if not with_data or (seen is not None and seen.sha256):
            found.append(_resource(clean(key), resource, seen if with_data else None, labels))
    if not found and entry.get("fields"):
        found.append(_entry_fields(entry, labels))
    service = _object(entry.get("service"))
    if service.get("url"):
        kind = str(service.get("type") or "API").upper()
        found.append(Resource(LINK, "", text("publish.service", "zh-CN"), format=kind, url=str(service["url"])))
    # A file may be called as a link is, and resources of which no file is told may have one title or none.
    keys = told_apart(item.key for item in found)
    yield from (replace(item, id=str(number), key=key) for number, (item, key) in enumerate(zip(found, keys, strict=True), 1))


def _resource(key: str, resource: SourceResource, seen: ResourceReport | None, labels: _Labels) -> Resource:
    declared = clean(dict(resource.declared))
    described = Resource(
        key=key,
        id="",
        title=str(declared.get("title") or key),
        description=_text(declared, "description"),
        format=resource.format.upper(),
        sheet=str(resource.sheet or ""),
        modified=_day(declared.get("modified")),
        items=tuple(_items(resource, labels)),
        schema=clean(resource.schema) if resource.schema else None,
    )
    if seen is None:
        title = str(declared.get("title") or "")
        schema = without_targets(described.schema) if described.schema else None
        return replace(described, key=title or resource.format.upper(), title=title, schema=schema)
    measured = {"size": seen.size, "sha256": seen.sha256, "encoding": seen.encoding, "rows": seen.rows}
    return replace(described, file=clean(resource.file), **measured)


def _entry_fields(entry: Mapping[str, Any], labels: _Labels) -> Resource:
    """The fields of an entry without data, and the format in which it says they are."""
    formats = [_object(item) for item in _list(entry.get("formats"))]
    format = next((str(item["type"]).upper() for item in formats if item.get("type")), "")
    schema = build_schema({"fields": entry["fields"]})
    described = iter(schema["fields"] if schema else ())
    declared = [field for field in _list(entry.get("fields")) if isinstance(field, MAPPING)]
    # Only fields with a name are in the schema.
    items = tuple([_item(field, next(described) if field.get("name") else {}, labels, frozenset()) for field in declared])
    return Resource(ENTRY, "", str(entry.get("title") or ""), format=format, items=items, schema=schema)


def _items(resource: SourceResource, labels: _Labels) -> Iterator[Item]:
    """The columns: as the entry has them, else as the schema has."""
    schema = resource.schema or {}
    key = schema.get("primaryKey") or ()
    keys = frozenset([key] if isinstance(key, str) else map(str, key))
    described = {str(field["name"]): field for field in fields_of(schema)}
    listed = [item for item in _list(resource.declared.get("fields")) if isinstance(item, MAPPING) and item.get("name")]
    declared = {str(item["name"]): item for item in listed}
    foreign = {
        name: str(reference["dataset"])
        for item in _list(schema.get("foreignKeys"))
        if (reference := _object(_object(item).get("reference"))).get("dataset")
        for name in _texts(_object(item).get("fields"))
    }
    for name in declared or described:
        made = _item(clean(declared.get(name, {"name": name})), clean(described.get(name, {})), labels, keys)
        yield replace(made, references=foreign[name]) if name in foreign else made


def _item(declared: Mapping[str, Any], schema: Mapping[str, Any], labels: _Labels, keys: frozenset[str]) -> Item:
    name = str(declared.get("name", ""))
    if not schema:
        (schema,) = (build_schema({"fields": [declared]}) or {"fields": [{}]})["fields"]
    limits = _object(schema.get("constraints"))
    allowed = declared.get("values") or limits.get("enum")
    length = declared.get("length", limits.get("maxLength"))
    return Item(
        name=name,
        english=_text(declared, "englishName") or _text(schema, "x-english"),
        type=labels.maybe("data-type", declared.get("type")),
        schema_type=str(schema.get("type") or "string"),
        description=_text(declared, "description") or _text(schema, "description"),
        unit=_text(declared, "unit") or _text(schema, "x-unit"),
        length=length if isinstance(length, int) and not isinstance(length, bool) else None,
        semantic=labels.semantic(declared.get("semantic") or schema.get("semantic")),
        codes=labels.list_id(declared.get("codes") or schema.get("codes")),
        key=declared.get("primaryKey") is True or name in keys,
        required=declared.get("required") is True or limits.get("required") is True,
        unique=declared.get("unique") is True or limits.get("unique") is True,
        minimum=_shown(declared.get("minimum", limits.get("minimum"))),
        maximum=_shown(declared.get("maximum", limits.get("maximum"))),
        pattern=_shown(declared.get("pattern", limits.get("pattern"))),
        values=tuple(_shown(value) for value in _list(allowed)),
        references=_text(_object(declared.get("foreignKey")), "dataset"),
    )


def _remarks(candidate: Candidate, ground: Ground) -> Iterator[Remark]:
    """What was signed off, and why there are no data, in both languages."""
    for item in candidate.decision.exceptions:
        signed = item.exception
        args = {"rule": signed.rule, "reason": signed.reason, "by": signed.by, "until": signed.until.isoformat(), "field": signed.field}
        yield _remark(signed.rule, "site-exception", args)
    if candidate.decision.verdict == "entry":
        for rule in dict.fromkeys(reason.rule for reason in candidate.decision.reasons):
            yield _remark(rule, "site-entry-only", {"why": ground.library.rules[rule].title})


def _remark(rule: str, key: str, args: Mapping[str, object]) -> Remark:
    return Remark(rule, *(clean(text(f"publish.{key}", language, args)) for language in ("zh-CN", "en")))


def held(record: Record) -> Record:
    """A record as it was published, held back since what is in the directory now has errors."""
    return replace(published(record), state="held", remarks=(*published(record).remarks, _remark("publish/held", "site-held", {})))


def published(record: Record) -> Record:
    """A record that is held back no more."""
    return replace(record, state="published", remarks=tuple(remark for remark in record.remarks if remark.rule != "publish/held"))


def tombstone(record: Record, rule: str) -> Record:
    """What stays of a dataset that was withdrawn: its name and code, and why in general words. `rule`: `gate` or `gone`."""
    remark = _remark(f"publish/{rule}", f"site-withdrawn-{rule}", {})
    return Record(record.code, record.id, scrub(record.title, sure=True), record.publisher, "withdrawn", remarks=(remark,))


@dataclass(frozen=True, slots=True)
class _Labels:
    """The words of codes, in the standard that a dataset is held against."""

    standard: Standard
    ground: Ground

    def code(self, name: str, value: str) -> Label:
        found = self.standard.codes.get(name)
        item = found.codes.get(value) if found is not None else None
        return Label(value, item.label("zh"), item.en) if item is not None else Label(value, value)

    def maybe(self, name: str, value: Any) -> Label | None:
        return self.code(name, str(value)) if isinstance(value, str) and value else None

    def opening(self, opening: Mapping[str, Any]) -> str:
        """The type of opening; where the entry states only that it is open, its condition tells, and one in words is a condition."""
        if opening.get("type") or opening.get("open") is not True:
            return str(opening.get("type") or "")
        condition = opening.get("condition")
        return (self.standard.codes["opening-type"].resolve(str(condition)) or "conditional") if condition else "open"

    def semantic(self, value: Any) -> Label | None:
        """A semantic type by its id, with the title of its rule."""
        if not isinstance(value, str) or not value:
            return None
        types = semantic_types(self.standard, self.ground.today)
        name = types.names.get(value, value)
        rule = self.standard.rules.get(types.rules.get(name, ""))
        if rule is None:
            found = self._list(value)
            return Label(found.id, *_both(found.title)) if found is not None else Label(value, value)
        return Label(name, *_both(rule.title))

    def list_id(self, value: Any) -> str:
        found = self._list(value) if isinstance(value, str) and value else None
        return found.id if found is not None else str(value or "")

    def _list(self, value: str) -> CodeList | None:
        plain = value.removeprefix("codes/")
        lists = self.standard.codes
        return lists.get(plain) or next((item for item in lists.values() if plain in item.title.values()), None)


def _both(texts: Mapping[str, str]) -> tuple[str, str]:
    return texts.get("zh", "") or texts.get("en", ""), texts.get("en", "")


def _party(publisher: Mapping[str, Any]) -> Party:
    name, code = str(publisher.get("name") or ""), str(publisher.get("code") or "")
    return Party(slug(code or name), name or code, code)


def _named(value: Any, names: Sequence[str]) -> dict[str, str]:
    declared = _object(value)
    return {name: str(declared[name]) for name in names if declared.get(name)}


def _day(value: Any) -> str:
    found = as_day(value)
    return found.isoformat() if found else ""


def _text(declared: Mapping[str, Any], key: str) -> str:
    value = declared.get(key)
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str) and item]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if isinstance(value, str) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, MAPPING) else {}


def _shown(value: Any) -> str:
    return "" if value is None else ("true" if value else "false") if isinstance(value, bool) else str(value)


def cleaned(value: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping as JSON can hold it, without the characters that no page and no feed can show."""
    written = quick(value)
    # What is written as JSON and has no such character is as it is read again: all texts are looked through at once.
    if written is not None and not _ESCAPED.search(written) and not _UNSHOWABLE.search(written.decode()):
        return dict(parsed(written))
    return {key: clean(item) for key, item in value.items()}


def clean(value: Any) -> Any:
    """A value as JSON can hold it, without the characters that no page and no feed can show."""
    if isinstance(value, str):
        return _UNSHOWABLE.sub("", value) if _UNSHOWABLE.search(value) else value
    if value is None or isinstance(value, bool | int | float):
        return value
    # Most are dictionaries, and to ask whether something is a mapping takes long.
    if isinstance(value, MAPPING):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value) if Decimal(repr(float(value))) == value else str(value)
    return str(value)
