"""Organisations of a CKAN site: one for each provider of a directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govdata.classes import dataclass
from govdata.errors import SiteError
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.state import each
from govdata.publishing.ckan.steps import Hand
from govdata.publishing.plan import Difference, Organisation

CODE = "govdata_code"
"""The extra that holds the provider's code: only an organisation that has it is corrected."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of datasets and the organisation that it has on the site."""

    name: str
    """The organisation's name."""
    title: str
    code: str
    given: bool
    """The settings name the organisation, so it is not ours to make or correct."""


def plan_organisations(
    site: Site, providers: Mapping[str, Provider], titles: Mapping[str, str], jobs: int = 1
) -> tuple[list[Organisation], set[str]]:
    """What is to be created or corrected, and the names of those that the settings name and the site does not have.

    `providers`: name → provider; `titles`: those that datasets on the site show, so that nothing needs to be asked where all is as it was.
    """
    missing: set[str] = set()
    found: list[Organisation] = []
    asked = [name for name, one in sorted(providers.items()) if titles.get(name) != one.title and not (one.given and name in titles)]
    for name, there in zip(asked, each(lambda name: show_organisation(site, name), asked, jobs), strict=True):
        provider = providers[name]
        if there is None and provider.given:
            missing.add(name)
        elif there is None:
            found.append(Organisation("create", name, provider.title, provider.code))
        elif not provider.given and _code_of(there) == provider.code:
            differences = tuple(_differences(there, provider))
            if differences:
                found.append(Organisation("update", name, provider.title, provider.code, differences))
    return found, missing


def show_organisation(site: Site, name: str) -> Mapping[str, Any] | None:
    """An organisation without its datasets and members; `None` where there is none."""
    without = dict.fromkeys(("include_datasets", "include_dataset_count", "include_users", "include_groups", "include_tags"), False)
    try:
        found: Mapping[str, Any] = site.act("organization_show", {"id": name, **without, "include_followers": False}, holds=("name",))
    except SiteError as error:
        if error.kind == "not-found":
            return None
        raise
    return found


def apply_organisation(hand: Hand, wanted: Organisation) -> None:
    """Create or correct an organisation; done twice it is done once."""
    step = hand.journal.begin(f"{wanted.action}-organisation", name=wanted.name)
    try:
        if wanted.action == "update":
            hand.site.act("organization_patch", {"id": wanted.name, "title": wanted.title, "state": "active"})
        else:
            _create(hand, wanted)
    except SiteError as error:
        hand.journal.failed(step, unsure=error.unsure, why=error.kind)
        raise
    hand.journal.done(step, name=wanted.name)


def _create(hand: Hand, wanted: Organisation) -> None:
    extras = [{"key": CODE, "value": wanted.code}] if wanted.code else []
    try:
        hand.site.act("organization_create", {"name": wanted.name, "title": wanted.title, "extras": extras}, again=False)
    except SiteError:
        # Another run may have made it, or the answer got lost.
        there = show_organisation(hand.site, wanted.name)
        if there is None or _code_of(there) != wanted.code:
            raise


def _code_of(organisation: Mapping[str, Any]) -> str:
    extras = organisation.get("extras") or ()
    return next((str(item.get("value")) for item in extras if item.get("key") == CODE), "")


def _differences(there: Mapping[str, Any], provider: Provider) -> Iterator[Difference]:
    if there.get("title") != provider.title:
        yield Difference("title", there.get("title"), provider.title)
    if there.get("state") == "deleted":
        yield Difference("state", "deleted", "active")
