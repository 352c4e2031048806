"""What is looked at: a site with what it says of itself, and what the directory wants of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.diagnosis.answers import Answer, State, answer
from govdata.errors import SiteError
from govdata.publishing.ckan.naming import organisation_name
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.state import Abilities, abilities
from govdata.reading.datasets import find_datasets
from govdata.reading.documents.yaml import Document
from govdata.reading.entries.translation import read_entry
from govdata.settings import Settings
from govdata.standards import DEFAULT, read_library
from govdata.targets import CkanTarget
from govdata.values import Entry, Finding

REFUSED = ("refused", "not-found", "not-allowed")
"""A site says no, or does not know the action: no failure of its."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for, and what the environment gives."""

    target: CkanTarget
    settings: Settings
    path: Path
    token: str
    """Empty: none."""
    database: str
    """The write URL of the DataStore's database; empty: none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What publishing the directory would ask of the site."""

    organisations: Mapping[str, str]
    """Name of an organisation → code of its provider."""
    largest: int
    """Bytes of the largest file."""
    file: str
    """That file, relative to the path."""
    count: int
    """Datasets."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A site that has answered."""

    site: Site
    asked: Asked
    extensions: frozenset[str]
    abilities: Abilities
    capabilities: Mapping[str, Any]
    """What our plugin says of itself; empty without it."""
    user: Mapping[str, Any] | None
    """Whose the token is; `None` where there is none, or the site does not know it."""
    editable: Mapping[str, str]
    """Organisations in which the token may change datasets: name → role."""
    wanted: Wanted

    @property
    def sysadmin(self) -> bool:
        """Whether the token may do everything."""
        return bool(self.user and self.user.get("sysadmin"))

    def answer(self, check: str, state: State, key: str, **facts: Any) -> Answer:
        """An answer in the run's language."""
        return answer(self.asked.settings.language, check, state, key, **facts)


def read_subject(site: Site, asked: Asked) -> Subject:
    """Ask the site who and what it is. Raises `SiteError` where it does not answer as a CKAN does."""
    able = abilities(site)
    extensions = frozenset(str(name) for name in site.act("status_show")["extensions"])
    told = maybe(site, "govdata_capabilities") if "govdata" in extensions else None
    user = maybe(site, "user_show") if asked.token else None
    found = maybe(site, "organization_list_for_user", {"permission": "update_dataset"}) if user else None
    editable = {str(item["name"]): str(item.get("capacity") or "") for item in found or () if isinstance(item, dict) and "name" in item}
    capabilities = told if isinstance(told, dict) else {}
    return Subject(site, asked, extensions, able, capabilities, user if isinstance(user, dict) else None, editable, wanted_of(asked))


def maybe(site: Site, action: str, data: Mapping[str, Any] | None = None) -> Any:
    """The result of an action; `None` where the site says no."""
    try:
        return site.act(action, data)
    except SiteError as error:
        if error.kind in REFUSED:
            return None
        raise


def search(site: Site, **asked: Any) -> tuple[int, list[Mapping[str, Any]]]:
    """How many datasets a search finds, and those of the page asked for. `SiteError` where the answer has not CKAN's form."""
    answer = site.act("package_search", {"facet": "false", **asked})
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list) or not isinstance(answer.get("count"), int):
        raise SiteError("not-ckan", url=site.url, action="package_search", status=200, what="count, results")
    return answer["count"], [item for item in answer["results"] if isinstance(item, dict) and "id" in item]


def wanted_of(asked: Asked) -> Wanted:
    """What the directory asks for, from its entries alone: nothing is checked, no table is read."""
    settings = asked.settings
    library = read_library(settings.content)
    codes = library.standard(settings.standard or DEFAULT).codes

    def reader(document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
        return read_entry(document, file, codes)

    organisations: dict[str, str] = {}
    sizes: list[tuple[int, str]] = []
    count = 0
    for dataset in find_datasets(asked.path, settings, reader):
        count += 1
        publisher: Any = (dataset.entry.canonical.get("publisher") if dataset.entry else None) or {}
        code = str(publisher.get("code") or "") if isinstance(publisher, Mapping) else ""
        name = organisation_name(code, asked.target.organisations)
        if name:
            organisations.setdefault(name, code)
        sizes += [(size, f"{dataset.location}/{item.file}") for item in dataset.resources if (size := _size(item.path)) is not None]
    largest, file = max(sizes, default=(0, ""))
    return Wanted(organisations, largest, file, count)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return None
