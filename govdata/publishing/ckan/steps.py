"""Single steps on a CKAN site, each journalled before and after, each under a lock, each told done only once the site says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass
from govdata.errors import PublishError, SiteError
from govdata.publishing.ckan.site import Site, Upload
from govdata.publishing.ckan.state import show
from govdata.publishing.journal import Journal

Package = Mapping[str, Any]
"""A dataset as `package_show` gives it."""

LOOKS = 4
"""So often a write of which nobody knows whether it was done is looked for and, where it was not, repeated."""


@dataclass(slots=True)
class Hand:
    """What writes: the site, the journal, and what was learned of the site on the way."""

    site: Site
    journal: Journal
    choose_ids: bool = True
    """The token may choose the ids of datasets: only a system administrator's may."""
    sleep: Callable[[float], None] = time.sleep


def organisation_of(package: Package) -> str:
    """The name of a dataset's organisation."""
    return str((package.get("organization") or {}).get("name") or package["owner_org"])


def create(hand: Hand, package: dict[str, Any], is_ours: Callable[[Package], bool]) -> Package:
    """Create a dataset with all its resources. Where it is not known whether that was done, it is looked for by its name.

    `is_ours` tells whether what is found is what was to be created. Raises `PublishError` where somebody else has the name.
    """
    step = hand.journal.begin("create", id=package["id"], name=package["name"])
    for number in range(1, LOOKS + 1):
        sent = package if hand.choose_ids else {key: value for key, value in package.items() if key != "id"}
        try:
            made: Package = hand.site.act("package_create", sent, again=False, holds=("id", "name", "metadata_modified"))
        except SiteError as error:
            found = _look(hand, step, package, error)
            if found is not None and is_ours(found):
                made = found
            elif found is not None:
                hand.journal.failed(step, unsure=False, why=error.kind)
                raise PublishError("name-taken", name=package["name"], holder=_holder(found)) from error
            elif "id" in error.fields and hand.choose_ids:
                hand.choose_ids = False
                continue
            elif not error.unsure or number == LOOKS:
                hand.journal.failed(step, unsure=error.unsure, why=error.kind)
                raise
            else:
                hand.sleep(number)
                continue
        hand.journal.done(step, id=made["id"], name=made["name"], modified=made["metadata_modified"])
        return made
    raise AssertionError("the last look returns or raises")


def _look(hand: Hand, step: int, package: Package, error: SiteError) -> Package | None:
    """What stands under a name, or under an id that is taken, after a create without success; `None` where nothing does."""
    if error.kind in ("not-allowed", "redirect", "certificate", "not-ckan") and not error.unsure:
        return None
    try:
        return show(hand.site, package["name"]) or (show(hand.site, package["id"]) if "id" in error.fields else None)
    except SiteError:
        hand.journal.failed(step, unsure=True, why=error.kind)
        raise


def _holder(package: Package) -> str:
    organisation = package.get("organization") or {}
    return str(organisation.get("title") or organisation.get("name") or package.get("title") or package["name"])


def revise(
    hand: Hand,
    current: Package,
    kind: str,
    change: tuple[Sequence[str], Mapping[str, Any]],
    is_done: Callable[[Package], bool],
    upload: tuple[str, Upload] | None = None,
) -> Package:
    """Change a dataset that still is as `current` says; gives it as it is then.

    `change`: `filter` and `update` of `package_revise`; keys `update__…` of the latter go as they are. `upload`: a resource's id and
    the file that becomes its content. `is_done` tells whether the change is in a dataset: after an answer that does not say, that is
    looked at. (The same change by another run is somebody else's: two runs never work on one dataset.)
    Raises `PublishError` (moved) where somebody else has changed the dataset.
    """
    step = hand.journal.begin(kind, id=current["id"], name=current["name"], before=current["metadata_modified"])
    removed, update = change
    data: dict[str, Any] = {"match": {"id": current["id"], "metadata_modified": current["metadata_modified"]}}
    data |= {"filter": list(removed)} if removed else {}
    plain = {key: value for key, value in update.items() if not key.startswith("update__")}
    data |= {"update": plain} if plain else {}
    data |= {key: value for key, value in update.items() if key.startswith("update__")}
    files = {f"update__resources__{upload[0]}__upload": upload[1]} if upload else None
    for number in range(1, LOOKS + 1):
        try:
            made: Package = hand.site.act("package_revise", data, again=False, files=files, holds=("package",))["package"]
        except SiteError as error:
            found = _after(hand, step, current, error)
            if error.kind not in ("conflict", "unavailable", "limit", "not-ckan") or (error.kind != "conflict" and not error.unsure):
                hand.journal.failed(step, unsure=False, why=error.kind)
                raise
            if found is not None and is_done(found) and (number > 1 or error.unsure):
                made = found
            elif found is None or found.get("metadata_modified") != current["metadata_modified"]:
                hand.journal.failed(step, unsure=False, why="moved")
                raise PublishError("dataset-moved", name=current["name"]) from error
            elif number == LOOKS:
                hand.journal.failed(step, unsure=True, why=error.kind)
                raise
            else:
                hand.sleep(number)
                continue
        except PublishError as error:  # the file is another by now; the site has had no whole call
            hand.journal.failed(step, unsure=False, why=error.key)
            raise
        hand.journal.done(step, id=made["id"], modified=made["metadata_modified"])
        return made
    raise AssertionError("the last look returns or raises")


def _after(hand: Hand, step: int, current: Package, error: SiteError) -> Package | None:
    if error.kind != "conflict" and not error.unsure:
        return None
    try:
        return show(hand.site, str(current["id"]))
    except SiteError:
        hand.journal.failed(step, unsure=True, why=error.kind)
        raise


def delete(hand: Hand, current: Package) -> None:
    """Delete a dataset; CKAN keeps it in its bin, with its id and its marks."""
    step = hand.journal.begin("delete", id=current["id"], name=current["name"], before=current["metadata_modified"])
    try:
        hand.site.act("package_delete", {"id": current["id"]})
    except SiteError as error:
        if error.kind != "not-found":
            hand.journal.failed(step, unsure=error.unsure, why=error.kind)
            raise
    hand.journal.done(step, id=current["id"])


def reread(hand: Hand, current: Package) -> Package:
    """A dataset after a step that is not seen by its lock (the DataStore's): the same but for the moment and CKAN's own marks.

    Raises `PublishError` (moved) where more has changed.
    """
    found = show(hand.site, str(current["id"]))
    if found is None or _essence(found) != _essence(current):
        raise PublishError("dataset-moved", name=current["name"])
    return found


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _essence(package: Package) -> Any:
    """What people edit of a dataset."""
    moments = ("metadata_modified", "last_modified", "datastore_active", "size", "mimetype", "hash")
    kept = {key: value for key, value in package.items() if key not in (*moments, "resources", "organization")}
    # CKAN gives the same extras now in this order, now in that: from its index sorted, from the database as they are stored.
    kept |= {name: sorted(map(_canonical, package.get(name) or ())) for name in ("extras", "tags", "groups")}
    resources = [{key: value for key, value in item.items() if key not in moments} for item in package.get("resources") or ()]
    return [kept, resources]
