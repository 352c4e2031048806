"""Shadow tables: where a load goes before readers see it. They live in one private dataset per organisation, each marked with its run."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from govdata.classes import dataclass
from govdata.errors import PublishError, SiteError
from govdata.publishing.ckan.site import Site

TYPE = "govdata-shadows"
"""The type of a holding dataset where the form for datasets wants more than it has."""

PREFIX = "govdata-shadows-"
"""How the names of holding datasets begin."""

EMPTY: Mapping[str, Any] = {"include": ["-*"]}
"""Wants nothing back of a `package_revise`. Several loads, and several runs, share a holding dataset: only an action that locks it
may change it (`resource_patch` and `resource_delete` write back what they read before, and so lose what others did meanwhile)."""

LISTED = 1000
"""Holding datasets that are looked for at once: more than organisations load tables at the same time."""

_PLAIN = re.compile("[a-z0-9-]{1,60}")


@dataclass(frozen=True, slots=True)
class Shadow:
    """A table that is being loaded: a resource of a holding dataset."""

    id: str
    holding: str
    """The holding dataset's id."""
    live: str
    """The resource whose table it is to replace."""
    run: str


def holding_name(organisation: str) -> str:
    """The name of the holding dataset of an organisation (its id)."""
    return f"{PREFIX}{organisation if _PLAIN.fullmatch(organisation) else hashlib.sha256(organisation.encode()).hexdigest()[:32]}"


def find_holding(site: Site, organisation: str) -> Mapping[str, Any] | None:
    """The holding dataset of an organisation, with its resources; `None` where there is none."""
    return _named(site, holding_name(organisation))


def _named(site: Site, name: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = site.act("package_show", {"id": name}, holds=("id",))
    except SiteError as error:
        if error.kind == "not-found":
            return None
        raise
    return found if found.get("state") == "active" else None


def holdings(site: Site) -> frozenset[str]:
    """The names of all holding datasets that the index knows and the token may read."""
    asked = {"q": "*:*", "fq": f"+name:{PREFIX}*", "include_private": True, "rows": LISTED, "facet": "false"}
    return frozenset(str(item.get("name")) for item in site.act("package_search", asked, holds=("results",))["results"])


def open_holding(site: Site, organisation: str) -> str:
    """The id of the holding dataset of an organisation, which is made where there is none."""
    found = find_holding(site, organisation)
    return str((found or _make_holding(site, organisation))["id"])


def _make_holding(site: Site, organisation: str) -> Mapping[str, Any]:
    wanted = {
        "name": holding_name(organisation),
        "title": "govdata: 装载中的数据表 (tables being loaded)",
        "notes": "govdata 装载数据时的临时存放处，请勿改动。 Where govdata loads tables before they are shown; leave it alone.",
        "owner_org": organisation,
        "private": True,
    }
    refused: SiteError | None = None
    for more in ({}, {"type": TYPE}):
        try:
            made: Mapping[str, Any] = site.act("package_create", {**wanted, **more}, again=False)
            return made
        except SiteError as error:
            # Another run may have made it at the same time: CKAN then answers that the name is taken, or 500.
            found = find_holding(site, organisation) if error.kind in ("invalid", "unavailable", "conflict") else None
            if found is not None:
                return found
            if error.kind != "invalid":
                raise
            refused = error
    raise refused or AssertionError("one of the two was tried")


def make_shadow(site: Site, holding: str, live: str, run: str) -> Shadow:
    """A new shadow, without a table yet."""
    shadow = Shadow(str(uuid.uuid4()), holding, live, run)
    # `datastore_active` is said at once: else `datastore_create` patches the resource.
    resource = {"id": shadow.id, "name": f"govdata {live}", "url": "", "format": "", "datastore_active": True, "govdata_shadow_of": live}
    resource |= {"govdata_run": run, "govdata_touched": datetime.now(UTC).isoformat(timespec="seconds")}
    change = {"match__id": holding, "update__resources__extend": [resource], **EMPTY}
    try:
        site.act("package_revise", change, again=False)
    except SiteError as error:
        if not error.unsure or not exists(site, shadow.id):
            raise
    return shadow


def touch(site: Site, shadow: Shadow) -> None:
    """Say that a shadow is still being loaded: the site's own clock is written to its resource."""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    site.act("package_revise", {"match__id": shadow.holding, f"update__resources__{shadow.id}": {"govdata_touched": moment}, **EMPTY})


def exists(site: Site, resource: str) -> bool:
    """Whether a resource is there."""
    try:
        site.act("resource_show", {"id": resource})
    except SiteError as error:
        if error.kind == "not-found":
            return False
        raise
    return True


def drop_table(site: Site, resource: str) -> bool:
    """Take the table of a resource out of the DataStore; whether there was one."""
    try:
        site.act("datastore_delete", {"resource_id": resource, "force": True, "calculate_record_count": False})
    except SiteError as error:
        if error.kind != "not-found":
            raise
        return False
    return True


def remove_table(site: Site, resource: str) -> None:
    """The same, and nobody can read it any more: `PublishError` else.

    To be done before the resource is left out of its dataset: CKAN goes on giving the rows of dropped resources to anyone.
    """
    drop_table(site, resource)
    if has_table(site, resource):
        raise PublishError("datastore-still-there", resource=resource)


def has_table(site: Site, resource: str) -> bool:
    """Whether the rows of a resource can be read."""
    try:
        site.act("datastore_search", {"resource_id": resource, "limit": 0, "include_total": False})
    except SiteError as error:
        if error.kind != "not-found":
            raise
        return False
    return True


def drop(site: Site, shadow: Shadow) -> None:
    """Remove a shadow: its table, and then its resource. One that is not there any more is removed."""
    # Where the resource says that it has a table, `datastore_delete` patches it, without a lock on the dataset.
    try:
        site.act("package_revise", {"match__id": shadow.holding, f"update__resources__{shadow.id}": {"datastore_active": False}, **EMPTY})
    except SiteError as error:
        if error.kind not in ("invalid", "not-found"):
            raise
    drop_table(site, shadow.id)
    forget(site, shadow)


def forget(site: Site, shadow: Shadow) -> None:
    """Remove the resource of a shadow whose table is gone or has become another's."""
    try:
        site.act("package_revise", {"match__id": shadow.holding, "filter": [f"-resources__{shadow.id}"], **EMPTY})
    except SiteError as error:
        if error.kind != "not-found":
            raise


def release(site: Site, shadow: Shadow) -> None:
    """Take a loaded shadow out of its holding dataset and leave its table, so that a dataset can show a resource of the same id.

    CKAN keeps the tables of resources that `package_revise` leaves out, and lets another dataset take the id of such a resource. But the
    next change of the holding dataset deletes its row for good, and would do so even when it has become the other's meanwhile: the
    change is made here, by a resource that comes and goes.
    """
    passing = str(uuid.uuid4())
    resource = {"id": passing, "name": "govdata", "url": "", "format": "", "govdata_run": shadow.run}
    leave_out = [f"-resources__{shadow.id}", f"-resources__{passing}"]
    site.act("package_revise", {"match__id": shadow.holding, "filter": leave_out, "update__resources__extend": [resource], **EMPTY})
    site.act("package_revise", {"match__id": shadow.holding, "filter": leave_out, **EMPTY})


def retire(site: Site, holding: str, resource: str) -> None:
    """Take away the table and the file of a resource that a dataset no longer shows.

    CKAN 2.12 gives the rows of such a resource to anyone, and refuses to delete its table (NotFound; tried): it is taken into the
    private holding dataset, where it is a shadow like any other, and dropped there.
    """
    told = {"id": resource, "name": f"govdata {resource}", "url": "", "format": "", "govdata_run": "", "clear_upload": True}
    if not exists_in(site, holding, resource):
        site.act("package_revise", {"match__id": holding, "update__resources__extend": [told], **EMPTY}, again=False)
    drop(site, Shadow(resource, holding, "", ""))


def exists_in(site: Site, holding: str, resource: str) -> bool:
    """Whether a dataset shows a resource."""
    found = site.act("package_show", {"id": holding}, holds=("resources",))
    return any(item["id"] == resource for item in found["resources"])


def shadows_in(holding: Mapping[str, Any]) -> Iterator[tuple[Shadow, datetime]]:
    """The shadows of a holding dataset, and when each was last touched by the site's clock."""
    for resource in holding.get("resources", ()):
        written = str(resource.get("metadata_modified") or resource.get("created") or "")
        touched = datetime.fromisoformat(written) if written else datetime.min
        touched = touched if touched.tzinfo else touched.replace(tzinfo=UTC)
        shadow = Shadow(
            str(resource["id"]), str(holding["id"]), str(resource.get("govdata_shadow_of", "")), str(resource.get("govdata_run", ""))
        )
        yield shadow, touched


def sweep(site: Site, name: str, *, runs: Collection[str], now: datetime, after: float) -> tuple[str, ...]:
    """Remove from a holding dataset the shadows of these (our own, ended) runs, and those untouched for more than `after` seconds.

    Gives their ids. `now` is the time by the site's clock. What another run touched since then is never removed, nor what the token may
    read only.
    """
    dropped = []
    for shadow, touched in shadows_in(_named(site, name) or {}):
        if shadow.run in runs or (now - touched).total_seconds() > after:
            try:
                drop(site, shadow)
            except SiteError as error:
                if error.kind != "not-allowed":
                    raise
                continue
            dropped.append(shadow.id)
    return tuple(dropped)
