"""From entry to CKAN's fields, and from what CKAN holds to the same flat fields, so that the two can be compared one by one."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from govdata import classes
from govdata.cache import digest_of
from govdata.ckanfields import TAGS, dataset_fields, resource_fields, state_fields, to_fields, to_resource_fields
from govdata.classes import dataclass
from govdata.codes import CodeList
from govdata.messages import short_language, text
from govdata.publishing.ckan.naming import is_transliterated, organisation_name, tags_of, upload_name
from govdata.publishing.identity import code_of, dataset_id, keyed, told_apart
from govdata.publishing.offering import without_person
from govdata.publishing.plan import Reason
from govdata.publishing.planning import Actual, ActualResource, Wanted, WantedResource
from govdata.values import Dataset, DatasetReport

OWN = ("title", "notes", "author", "maintainer", "maintainer_email", "license_id", "version", "url", "private", "state")
"""CKAN's own fields of a dataset that we fill in."""

WHEN = "govdata_published"
"""Set when a dataset is first published, and kept; so no part of what is compared."""

PREFIX = "govdata_entry_"

LINK = "service"
"""The key of the resource that is the entry's service, unless a file is called so."""

_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and ends of line, and halves of pairs (Unicode's categories Cc and Cs)."""

_LONGEST_VERSION = 100


@dataclass(frozen=True, slots=True)
class Form:
    """How a site takes fields."""

    ours: bool
    """It has our form: codes and lists stand in fields of their own. Else texts stand among the extras."""
    taken: frozenset[str] = frozenset()
    """Fields of a form of somebody else's: extras of these names are refused, so ours get other names there."""
    required: Mapping[str, object] = classes.field(default_factory=dict)
    """Fields without which our form takes no dataset → their labels as the form has them: a text, or language → text."""

    def lacking(self, fields: Mapping[str, Any], language: str) -> tuple[str, ...]:
        """The labels of the required fields that a dataset does not fill."""
        empty = [name for name in self.required if fields.get(name) in (None, "", [], {})]
        return tuple(_in(self.required[name], name, short_language(language)) for name in empty)


def _in(label: object, name: str, short: str) -> str:
    labels = label if isinstance(label, Mapping) else {"": label}
    return str(next((text for key, text in labels.items() if str(key).startswith(short)), "") or name)


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds for all datasets of a run."""

    directory: str
    form: Form
    organisations: Mapping[str, str]
    language: str
    """Of what is told of the run."""
    shown: str
    """Of the words of ours that stand on the site: whoever publishes, they are the same."""
    codes: Mapping[str, Mapping[str, CodeList]]
    """Standard → its code lists."""


def wanted_of(
    dataset: Dataset, report: DatasetReport, name: str, ground: Ground, exceptions: Sequence[Mapping[str, str]], data: bool
) -> tuple[Wanted, tuple[Reason, ...]]:
    """The dataset as it is to be on the site, with what had to be changed for it. `data`: with its files, not the entry alone."""
    canonical = without_person(dataset.entry.canonical) if dataset.entry else {}
    code = code_of(dataset)
    notes: list[Reason] = []
    fields = {**_own_fields(canonical, notes, ground), **_entry_fields(canonical, report, ground)}
    fields = {key: _clean(value, key, notes, ground) for key, value in fields.items()}
    tags, changed = tags_of(str(word) for word in canonical.get("keywords") or ())
    fields["tags"] = sorted(tags)
    notes += [_note("tag-changed" if tag else "tag-left-out", ground, keyword=keyword, tag=tag) for keyword, tag in changed]
    if is_transliterated(code, name):
        notes.append(_note("name-made", ground, code=code, name=name))
    told = {"govdata_exceptions": _json(exceptions)} if exceptions else {}
    state = {"govdata_directory": ground.directory, "govdata_code": code, "govdata_path": dataset.location, "govdata_state": "published"}
    fields |= {**state, **told, "private": False, "state": "active"}
    fields = {key: value for key, value in fields.items() if value not in ("", None, [], {})}
    files = tuple(_resources(dataset, report, name) if data else ())
    resources = (*files, *_link(canonical, told_apart([*(item.key for item in files), LINK])[-1], ground))
    resources = tuple(_cleaned(item, notes, ground) for item in resources)
    organisation = organisation_name(str((canonical.get("publisher") or {}).get("code") or ""), ground.organisations)
    digest = digest_of([fields, name, organisation, [[item.key, item.fields, item.sha256, item.table] for item in resources]])
    fields["govdata_digest"] = digest
    return Wanted(dataset_id(ground.directory, code), name, organisation, fields, resources, digest), tuple(dict.fromkeys(notes))


def _own_fields(canonical: Mapping[str, Any], notes: list[Reason], ground: Ground) -> dict[str, Any]:
    contact = canonical.get("contact") or {}
    mail = str(contact.get("email") or "")
    version = str(canonical.get("version") or "")
    if mail and not _MAIL.fullmatch(mail):
        notes.append(_note("mail-left-out", ground, value=mail))
        mail = ""
    if len(version) > _LONGEST_VERSION:
        notes.append(_note("value-left-out", ground, field="version"))
        version = ""
    return {
        "author": (canonical.get("publisher") or {}).get("name"),
        # In our form it is who maintains the metadata, of which the entry says something itself or nothing.
        "maintainer": None if ground.form.ours else contact.get("organisation"),
        "maintainer_email": mail,
        "license_id": canonical.get("licence"),
        "version": version,
        "url": next(iter(canonical.get("landingPage") or ()), None),
    }


def _entry_fields(canonical: Mapping[str, Any], report: DatasetReport, ground: Ground) -> dict[str, Any]:
    """The entry's elements under the names of `catalog/ckan/fields.yaml`; on a stock site as texts, codes by their labels."""
    found = {key: value for key, value in to_fields(canonical).items() if key != "version"}
    found.setdefault("title", report.title or report.path)
    if ground.form.ours:
        return found
    lists = ground.codes.get(report.standard, {})
    labels = {field.name: lists.get(field.term.codes) for field in dataset_fields() if field.term.codes}
    return {key: _as_text(value, labels.get(key), ground) for key, value in found.items()}


def _as_text(value: Any, codes: CodeList | None, ground: Ground) -> str:
    if isinstance(value, list):
        items = [_label(item, codes, ground) if isinstance(item, str) else item for item in value]
        return items[0] if len(items) == 1 and isinstance(items[0], str) else _json(items)
    return _label(str(value), codes, ground)


def _label(value: str, codes: CodeList | None, ground: Ground) -> str:
    return codes.label(value, short_language(ground.shown)) if codes is not None else value


def _resources(dataset: Dataset, report: DatasetReport, name: str) -> Iterator[WantedResource]:
    read = {item.id: item for item in report.resources}
    for key, resource in keyed(dataset).items():
        seen = read.get(resource.id)
        if seen is None or not seen.sha256:
            continue
        fields = to_resource_fields(resource.declared)
        fields |= {"name": fields.get("name") or resource.declared.get("title") or key, "file": resource.file}
        fields |= {"format": resource.format.upper(), "encoding": seen.encoding}
        if seen.rows is not None:
            fields["rows"] = str(seen.rows)
        upload = upload_name(name, key, resource.format or "bin")
        path = dataset.path / resource.file
        yield WantedResource(key, fields, seen.sha256, seen.size or 0, "", seen.rows, path, upload)


def _link(canonical: Mapping[str, Any], key: str, ground: Ground) -> Iterator[WantedResource]:
    service = canonical.get("service") or {}
    if service.get("url"):
        name = text("publish.service", ground.shown)
        yield WantedResource(key, {"name": name, "url": service["url"], "format": str(service.get("type") or "API").upper()})


def _cleaned(item: WantedResource, notes: list[Reason], ground: Ground) -> WantedResource:
    fields = {key: _clean(value, key, notes, ground) for key, value in item.fields.items() if value not in ("", None, [], {})}
    return WantedResource(item.key, fields, item.sha256, item.size, item.table, item.rows, item.path, item.upload)


def _clean(value: Any, field: str, notes: list[Reason], ground: Ground) -> Any:
    """Without the characters that PostgreSQL or XML cannot hold, each line ending in the same way."""
    if isinstance(value, list):
        return [_clean(item, field, notes, ground) for item in value]
    if not isinstance(value, str):
        return {key: _clean(item, field, notes, ground) for key, item in value.items()} if isinstance(value, Mapping) else value
    told = _lines(value)
    kept = _UNSTORABLE.sub("", told)
    if kept != told:
        notes.append(_note("value-cleaned", ground, field=field))
    return kept


def _lines(value: Any) -> Any:
    """A text with `\\n` at the ends of its lines: a browser that sends a form writes `\\r\\n`, and nothing has changed by that."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _note(rule: str, ground: Ground, **args: object) -> Reason:
    return Reason(f"publish/{rule}", text(f"publish.{rule}", ground.language, args), field=str(args.get("field", "")))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def extra_name(name: str, taken: Collection[str]) -> str:
    """The key of an extra: the field's name, unless a form has a field of that name."""
    return f"{PREFIX}{name}" if name in taken else name


@functools.cache
def managed() -> frozenset[str]:
    """The names of all fields of a dataset that publishing may set; others are never touched."""
    return frozenset((*OWN, "tags", *(field.name for field in dataset_fields()), *state_fields("dataset"))) - {TAGS, WHEN}


@functools.cache
def managed_of_resource() -> frozenset[str]:
    """The same of a resource, its marks and what CKAN itself sets aside."""
    return frozenset(("name", "format", "url", *(field.name for field in resource_fields())))


def flat(package: Mapping[str, Any]) -> dict[str, Any]:
    """The managed fields of a dataset as CKAN gives it, wherever they stand; what is empty is left out."""
    names = managed()
    known = {**{key: value for key, value in package.items() if key not in ("extras", "tags")}, **_extras(package)}
    found = {key: _plain(known[key]) for key in sorted(names & known.keys())}
    found["tags"] = sorted(str(tag.get("name")) for tag in package.get("tags") or () if isinstance(tag, Mapping))
    return {key: value for key, value in found.items() if value not in ("", None, [], {})}


def _extras(package: Mapping[str, Any]) -> dict[str, Any]:
    extras = {str(item.get("key")): item.get("value") for item in package.get("extras") or () if isinstance(item, dict)}
    # On a site with a form of somebody else's an extra may have a longer name (`extra_name`).
    longer = [key for key in extras if key.startswith(PREFIX) and key[len(PREFIX) :] in managed()]
    return extras | {key[len(PREFIX) :]: extras[key] for key in longer}


def code_in(package: Mapping[str, Any]) -> Any:
    """The code that a dataset of the site was published under; `None` where it has none."""
    return _extras(package).get("govdata_code", package.get("govdata_code"))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _lines(value)
    if isinstance(value, Mapping):
        return {key: _lines(item) for key, item in value.items() if item not in ("", None)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def actual_of(package: Mapping[str, Any], directory: str) -> Actual:
    """A dataset as it is on the site, from what `package_show` or a search gives."""
    fields = flat(package)
    organisation = package.get("organization") or {}
    owner = str(fields.get("govdata_directory") or "")
    deleted = package.get("state") == "deleted"
    stated = "withdrawn" if fields.get("govdata_state") == "withdrawn" else "published"
    state = "foreign" if owner != directory else "deleted" if deleted else stated
    name = str(organisation.get("name") or "")
    holder = " · ".join(part for part in (str(organisation.get("title") or name), owner and f"govdata {owner}") if part)
    return Actual(
        id=str(package["id"]),
        code=str(fields.get("govdata_code") or package.get("name") or package["id"]),
        name=str(package.get("name") or ""),
        path=str(fields.get("govdata_path") or ""),
        title=str(package.get("title") or ""),
        organisation=name,
        state=state,  # type: ignore[arg-type]
        modified=str(package.get("metadata_modified") or ""),
        holder=holder or str(package.get("name") or ""),
        fields=fields,
        resources=tuple(_actual_resource(number, item) for number, item in enumerate(package.get("resources") or ())),
        digest=str(fields.get("govdata_digest") or ""),
        organisation_title=str(organisation.get("title") or ""),
    )


def _actual_resource(position: int, resource: Mapping[str, Any]) -> ActualResource:
    stored = resource.get("url_type") == "upload"
    names = managed_of_resource() - ({"url"} if stored else set())
    fields = {key: _lines(resource[key]) for key in sorted(names & resource.keys()) if resource[key] not in ("", None)}
    marks = {mark: str(resource.get(f"govdata_{mark}") or "") for mark in ("key", "sha256", "table")}
    # Who takes a table out of the DataStore, or puts a link in the place of a file, leaves our mark of it.
    table = marks["table"] if resource.get("datastore_active") else ""
    sha256 = marks["sha256"] if stored else ""
    said = str(resource.get("size") or "")
    size = int(said) if stored and re.fullmatch("[0-9]{1,15}", said) else None
    return ActualResource(str(resource["id"]), marks["key"], fields, sha256, table, position, size)
