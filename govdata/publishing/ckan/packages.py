"""From flat wanted fields to what CKAN's actions take, keeping on the site all that is not ours."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from govdata.publishing.ckan.mapping import OWN, WHEN, Form, extra_name, managed, managed_of_resource
from govdata.publishing.planning import Wanted, WantedResource

Settled = Sequence[tuple[str, WantedResource]]
"""The wanted resources with their ids."""


def new_package(wanted: Wanted, resources: Settled, form: Form, published: str, private: bool) -> dict[str, Any]:
    """What `package_create` takes: the dataset with all its resources, their files and tables not yet there."""
    fields = {**wanted.fields, WHEN: published, "private": private}
    made = [new_resource(number, item) for number, item in resources]
    return {"id": wanted.id, "name": wanted.name, "owner_org": wanted.organisation, **_placed(fields, form, ()), "resources": made}


def changed_package(
    current: Mapping[str, Any], wanted: Wanted, resources: Settled, form: Form, published: str, private: bool
) -> tuple[list[str], dict[str, Any]]:
    """What `package_revise` takes to make the wanted of a dataset as it is: `filter` and `update`. Fields of others stay."""
    fields = {**wanted.fields, WHEN: published, "private": private}
    before = current.get("extras") or ()
    update = {"name": wanted.name, "owner_org": wanted.organisation, **_placed(fields, form, before)}
    update["resources"] = merged_resources(current, resources)
    gone = [key for key in sorted(managed()) if key in current and key not in update and key not in ("tags", "private", "state")]
    # Lists are merged by position, so they are taken out before they are put in.
    lists = [key for key, value in update.items() if isinstance(value, list) and key in current]
    return [f"-{key}" for key in dict.fromkeys((*lists, "extras", "tags", "resources", *gone)) if key in current], update


def merged_resources(current: Mapping[str, Any], resources: Settled) -> list[dict[str, Any]]:
    """The resources as they are to be: ours in the wanted order with the marks that they have, those of others after them."""
    there = {str(item["id"]): item for item in current.get("resources") or ()}
    names = managed_of_resource()
    found = []
    for number, item in resources:
        before = there.pop(number, None)
        if before is None:
            found.append(new_resource(number, item))
            continue
        stored = bool(before.get("url_type") == "upload")
        kept = {key: value for key, value in before.items() if key not in names or (key == "url" and stored)}
        found.append({**kept, **item.fields, "govdata_key": item.key})
    return [*found, *(dict(item) for item in there.values() if not item.get("govdata_key"))]


def new_resource(number: str, item: WantedResource) -> dict[str, Any]:
    """A resource without its data."""
    return {"id": number, "url": "", **item.fields, "govdata_key": item.key}


def emptied(current: Mapping[str, Any], form: Form) -> tuple[list[str], dict[str, Any]]:
    """`filter` and `update` that withdraw a dataset whose data are gone: private, marked, without our resources."""
    kept = [item for item in current.get("resources") or () if not item.get("govdata_key")]
    changed: dict[str, Any] = {"private": True, "resources": kept}
    marks = {"govdata_state": "withdrawn", "govdata_digest": ""}
    if form.ours:
        return ["-resources"], {**changed, **marks}
    others = [item for item in current.get("extras") or () if item.get("key") not in marks]
    return ["-resources", "-extras"], {**changed, "extras": [*others, {"key": "govdata_state", "value": "withdrawn"}]}


def _placed(fields: Mapping[str, Any], form: Form, before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Fields where they stand: CKAN's own and, with our form, all of them at the top; else the others among the extras."""
    top = {key: value for key, value in fields.items() if key != "tags" and (form.ours or key in OWN)}
    top["tags"] = [{"name": tag} for tag in fields.get("tags") or ()]
    for key in OWN:
        # What is to be empty is sent as such: left out, it would stay as it is.
        top.setdefault(key, "")
    ours = {extra_name(key, form.taken): value for key, value in fields.items() if key not in top}
    others = [{"key": item["key"], "value": item["value"]} for item in before if item.get("key") not in _extra_names()]
    if ours or others:
        top["extras"] = [*others, *({"key": key, "value": str(value)} for key, value in sorted(ours.items()))]
    return top


@functools.cache
def _extra_names() -> frozenset[str]:
    """The keys under which an extra is ours."""
    return managed() | {WHEN} | {extra_name(name, managed()) for name in managed()}
