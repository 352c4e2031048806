"""What the pages of CKAN show of an entry: labels, badges, the error-report channel, facets. Bound to CKAN's request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from ckan.plugins import toolkit
from flask import has_request_context

from govdata import content
from govdata.ckan_plugin import entries
from govdata.ckan_plugin.form import LOCALES, label
from govdata.ckanfields import TABLE, Field, dataset_fields
from govdata.messages import short_language, text
from govdata.standards import read_library

_SHOWN_ABOVE = frozenset(("title", "notes", "tag_string"))
_SUMMARY = ("publisher_name", "opening_type", "sharing_type", "update_cycle")
_FACETS_OF_CKAN = frozenset(("organization", "tags", "res_format"))


def language() -> str:
    """The language of the request (`zh` or `en`), the site's where there is none; any other language reads English."""
    named = toolkit.h.lang() if has_request_context() else toolkit.config.get("ckan.locale_default")
    return "zh" if str(named or "").startswith("zh") else "en"


def govdata_text(key: str, **arguments: object) -> str:
    """A text of `catalog/messages/ckan.yaml` in the language of the request."""
    return text(f"ckan.{key}", language(), arguments)


def govdata_freshness(package: Mapping[str, Any]) -> dict[str, str] | None:
    """The freshness badge: `state`, `label` and `title`; `None` where nothing can be said."""
    found = entries.freshness(package, date.today())
    if found is None:
        return None
    state = str(found["state"])
    told = {key: value for key, value in found.items() if key != "state"}
    return {"state": state, "label": govdata_text(state), "title": govdata_text(f"{state}-title", **told)}


def govdata_elements(package: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The elements of the entry that are filled in, in the form's order: `name`, `label`, `values` (texts) and `link`."""
    entry = entries.read_package(package)[0].canonical
    found = []
    for field in dataset_fields():
        values = _values(field, entry)
        if values and field.name not in _SHOWN_ABOVE and field.term.scope is None:
            link = [value for value in values if value.startswith(("http://", "https://"))] == values
            found.append({"name": field.name, "label": label(field)[language()], "values": values, "link": link})
    return found


def _values(field: Field, entry: Mapping[str, Any]) -> list[str]:
    value = field.of(entry)
    if value in (None, ""):
        return []
    items = value if isinstance(value, list) else [value]
    return [_shown(field, item) for item in items]


def _shown(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return text(f"ckan.{'yes' if value else 'no'}", language())
    if field.name == "standard":
        layer = read_library().layers.get(str(value))
        return str(layer.title[language()]) if layer else str(value)
    return code_label(field, value) if field.term.codes and isinstance(value, str) else str(value)


def code_label(field: Field, code: str) -> str:
    """A code's label in the language of the request; the code itself where no list that we ship has it."""
    library = read_library()
    for codes in (library.lists[field.term.codes], *(library.standard(name).codes[field.term.codes] for name in library.layers)):
        if code in codes.codes:
            return codes.label(code, language())
    return code


def govdata_summary(package: Mapping[str, Any]) -> list[str]:
    """What stands under a title in the list: department, sharing or opening, update cycle."""
    entry = entries.read_package(package)[0].canonical
    shown = {field.name: _values(field, entry) for field in dataset_fields() if field.name in _SUMMARY}
    return [value for name in _SUMMARY for value in shown.get(name, ())]


def govdata_items(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields (columns) of a dataset or resource: objects of texts, empty where none are kept."""
    kept = holder.get("data_items")
    if isinstance(kept, str):
        try:
            kept = json.loads(kept)
        except (ValueError, RecursionError):
            return []
    items = [item for item in kept if isinstance(item, Mapping)] if isinstance(kept, list) else []
    return [{**item, "type": _type_label(str(item.get("type") or ""))} for item in items]


def _type_label(code: str) -> str:
    return read_library().lists["data-type"].label(code, language())


def govdata_correction(package: Mapping[str, Any]) -> dict[str, str]:
    """Where to report errors: `url`, `mail` (a `mailto:` link with subject and body), `phone`, `note`; else the contact's.

    `own` says whether the entry names a channel.
    """
    entry = entries.read_package(package)[0].canonical
    channel, contact = entry.get("correction") or {}, entry.get("contact") or {}
    used = channel or {key: contact[key] for key in ("phone", "email") if key in contact}
    title = str(package.get("title") or package.get("name") or "")
    address = toolkit.url_for("dataset.read", id=package.get("name"), qualified=True)
    found = {key: str(used[key]) for key in ("url", "phone", "note") if used.get(key)}
    if not found.get("url", "https://").startswith(("http://", "https://")):
        del found["url"]
    if used.get("email"):
        subject = quote(govdata_text("correction-subject", title=title))
        body = quote(govdata_text("correction-body", title=title, url=address).replace("\n", "\r\n"))
        found["mail"] = f"mailto:{quote(str(used['email']), safe='@+')}?subject={subject}&body={body}"
        found["email"] = str(used["email"])
    return {**found, "own": "yes" if channel else ""} if found else {}


def govdata_exceptions(package: Mapping[str, Any]) -> list[dict[str, str]]:
    """The exceptions from the gate's rules under which a dataset is here: what was signed off, by whom, until when."""
    try:
        kept = json.loads(package.get("govdata_exceptions") or "[]")
    except (TypeError, ValueError, RecursionError):
        return []
    shown = ("rule", "field", "reason", "by", "date", "until")
    items = [item for item in kept if isinstance(item, Mapping)] if isinstance(kept, list) else []
    return [{key: str(item[key]) for key in shown if item.get(key)} for item in items]


def govdata_remarks(package: Mapping[str, Any]) -> list[entries.Remark]:
    """What our rules find in a dataset, for those who may edit it."""
    return list(entries.remarks(package, language(), date.today()))


def facet_name(field: str) -> str:
    """The facet of Solr for a field: a list is indexed under another name."""
    term = next((one.term for one in dataset_fields() if one.name == field), None)
    return f"vocab_{field}" if term is not None and term.many else field


def facets(before: Mapping[str, Any]) -> dict[str, str]:
    """The facets of the list of datasets: ours, then CKAN's that stay."""
    ours = {facet_name(field): texts[language()] for field, texts in content.load(TABLE)["facets"].items()}
    return {**ours, **{name: title for name, title in before.items() if name in _FACETS_OF_CKAN and name not in ours}}


def label_facets(search_facets: Mapping[str, Any]) -> None:
    """Show labels in place of codes, in the language of the request. Changes the facets in place, as CKAN wants it."""
    for field in dataset_fields():
        if field.term.codes:
            for item in search_facets.get(facet_name(field.name), {}).get("items", ()):
                item["display_name"] = code_label(field, item["name"])


def locale_text(texts: Mapping[str, str]) -> str:
    """A text that stands under CKAN's names of the languages."""
    return texts.get(LOCALES[short_language(language())], "")


HELPERS = {
    "govdata_text": govdata_text,
    "govdata_freshness": govdata_freshness,
    "govdata_elements": govdata_elements,
    "govdata_summary": govdata_summary,
    "govdata_items": govdata_items,
    "govdata_correction": govdata_correction,
    "govdata_exceptions": govdata_exceptions,
    "govdata_remarks": govdata_remarks,
    "govdata_locale_text": locale_text,
}
