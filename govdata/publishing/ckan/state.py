"""What is on a CKAN site of a directory: read in pages, and believed only where the database itself says so.

CKAN's search index can hold datasets that were never saved (it is written before the database is) and lack private ones of
`package_list`. So the index only proposes: public datasets are confirmed by `package_list`, all others by `package_show`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from govdata.classes import dataclass, replace
from govdata.errors import PublishError, SiteError
from govdata.publishing.ckan.mapping import Form, actual_of, code_in
from govdata.publishing.ckan.site import Site
from govdata.publishing.planning import Actual, State

PAGE = 500
"""Datasets of one answer; a site may give fewer."""

NAMES = 100
"""Names asked for in one search."""

FORM_FIELD = "govdata_directory"

_Given = TypeVar("_Given")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a site can do, as far as publishing depends on it."""

    version: str
    datastore: bool
    form: Form
    state: bool = False
    """Our plugin tells what is in the database."""
    switch: bool = False
    """Our plugin switches tables in one transaction."""
    activity: bool = False
    """It keeps a history of what datasets were."""


def abilities(site: Site) -> Abilities:
    """What the site can do; `SiteError` of kind `not-ckan` where it is no CKAN."""
    status = site.act("status_show")
    extensions = status.get("extensions") if isinstance(status, dict) else None
    if not isinstance(extensions, list):
        raise SiteError("not-ckan", url=site.url, action="status_show", status=200, what="status_show")
    told = _maybe(site, "govdata_capabilities", {}) if "govdata" in extensions else None
    plugin = told if isinstance(told, dict) else {}
    schema = _maybe(site, "scheming_dataset_schema_show", {"type": "dataset"}) if "scheming_datasets" in extensions else None
    fields = schema.get("dataset_fields") if isinstance(schema, dict) else None
    named = {str(item.get("field_name")): item for item in fields or () if isinstance(item, dict)}
    required = {name: item.get("label") for name, item in named.items() if item.get("required")}
    form = Form(True, required=required) if FORM_FIELD in named else Form(False, frozenset(named))
    version = str(status.get("ckan_version") or "")
    return Abilities(
        version, "datastore" in extensions, form, bool(plugin.get("state")), bool(plugin.get("datastore_switch")), "activity" in extensions
    )


def knows_token(site: Site) -> bool:
    """Whether the token is a user's. CKAN takes whoever brings another for anybody, who sees less: a plan would be wrong."""
    return _maybe(site, "user_show", {}) is not None


def _maybe(site: Site, action: str, data: Mapping[str, Any]) -> Any:
    try:
        return site.act(action, data)
    except SiteError as error:
        if error.kind in ("refused", "not-found", "not-allowed"):
            return None
        raise


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the journal knows of a site."""

    doubtful: frozenset[str] = frozenset()
    """Ids and names to be looked up whatever a page says of them."""
    known: frozenset[str] = frozenset()
    """Ids of datasets that were ours, to be looked up where no page has them: CKAN's index usually has no deleted ones."""


def read_state(site: Site, directory: str, abilities: Abilities, remembered: Remembered, jobs: int) -> State:
    """The datasets that carry the directory's id, deleted ones included."""
    if abilities.state:
        found = {str(item["id"]): item for item in _pages_of_plugin(site, directory)}
        return _state(directory, found.values())
    found = {str(item["id"]): item for item in _search(site, f'extras_{FORM_FIELD}:"{directory}" OR {FORM_FIELD}:"{directory}"')}
    public = set(_listed(site))
    asked = {key for key, item in found.items() if item.get("name") not in public or item.get("private") or item.get("state") != "active"}
    asked |= remembered.doubtful | (remembered.known - found.keys()) | set(_alike(found))
    shown = each(lambda key: (key, show(site, key)), sorted(asked), jobs)
    for key, package in shown:
        found.pop(key, None)
        if package is not None:
            found[str(package["id"])] = package
    return _state(directory, found.values())


def _alike(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Ids of datasets of one name or one code: no more than one of them is in the database as it is in the index."""
    names = {key: item.get("name") for key, item in found.items()}
    codes = {key: code_in(item) for key, item in found.items()}
    for values in (names, codes):
        counts = Counter(values.values())
        yield from (key for key, value in values.items() if value and counts[value] > 1)


def _state(directory: str, packages: Iterable[Mapping[str, Any]]) -> State:
    # Of two with one code the copy that somebody made of the other is the younger; the older one is ours in every run.
    oldest_last = sorted(packages, key=lambda package: (str(package.get("metadata_created")), str(package["id"])), reverse=True)
    actuals = (actual_of(package, directory) for package in oldest_last)
    return State({actual.code: actual for actual in actuals if actual.state != "foreign"})


def with_others(site: Site, state: State, directory: str, wanted: Sequence[tuple[str, str]], jobs: int) -> State:
    """The same with what else has a name or an id that we want. `wanted`: (name, id) of datasets that are not there yet."""
    if not wanted:
        return state
    listed = set(_listed(site))
    asked = {name for name, _ in wanted if name in listed}
    for start in range(0, len(wanted), NAMES):
        part = wanted[start : start + NAMES]
        query = f"name:({_any(name for name, _ in part)}) OR id:({_any(number for _, number in part)})"
        asked.update(str(item["id"]) for item in _search(site, query))
    others: dict[str, Actual] = {}
    ours = dict(state.ours)
    for _, package in each(lambda key: (key, show(site, key)), sorted(asked), jobs):
        if package is None:
            continue
        actual = actual_of(package, directory)
        if actual.state != "foreign":
            ours.setdefault(actual.code, actual)
        else:
            others |= {actual.name: actual, actual.id: actual}
    mine = {actual.name: actual for actual in ours.values() if actual.state != "deleted"}
    return State(ours, {**mine, **others})


def _any(texts: Iterable[str]) -> str:
    return " OR ".join(f'"{text}"' for text in texts)


def confirmed(site: Site, state: State, directory: str, codes: Iterable[str], jobs: int) -> State:
    """The same with some datasets read from the database itself: what is to be written to is never believed from the index."""
    asked = {code: state.ours[code] for code in codes if code in state.ours}
    ours = {code: actual for code, actual in state.ours.items() if code not in asked}
    for package in each(lambda code: show(site, asked[code].id), sorted(asked), jobs):
        if package is not None:
            actual = actual_of(package, directory)
            if actual.state != "foreign":
                ours[actual.code] = actual
    return replace(state, ours=ours)


def show(site: Site, key: str) -> dict[str, Any] | None:
    """A dataset by id or name, from the database; `None` where there is none that the token may see."""
    try:
        found: dict[str, Any] = site.act("package_show", {"id": key}, holds=("id",))
    except SiteError as error:
        if error.kind in ("not-found", "not-allowed"):
            return None
        raise
    return found


def each(work: Callable[[str], _Given], keys: Sequence[str], jobs: int) -> list[_Given]:
    """What a function gives for each key, in their order, by several threads."""
    if len(keys) < 2 or jobs < 2:
        return [work(key) for key in keys]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(work, keys))


def _listed(site: Site) -> Iterator[str]:
    """The names of all public datasets, from the database."""
    names = site.act("package_list")
    yield from (str(name) for name in (names if isinstance(names, list) else ()) if isinstance(name, str))


def _search(site: Site, query: str) -> Iterator[dict[str, Any]]:
    """What the index holds for a filter, of every state, in pages."""
    start = 0
    more = {"include_private": True, "include_drafts": True, "include_deleted": True, "sort": "id asc", "facet": "false"}
    while True:
        answer = site.act(
            "package_search", {"q": "*:*", "fq": f"+({query})", "rows": PAGE, "start": start, **more}, holds=("results", "count")
        )
        found = [item for item in answer["results"] if isinstance(item, dict) and "id" in item]
        yield from found
        start += len(answer["results"])
        if not answer["results"] or start >= answer["count"]:
            return


def _pages_of_plugin(site: Site, directory: str) -> Iterator[dict[str, Any]]:
    after, more = "", True
    while more:
        answer = site.act("govdata_state", {"directory": directory, "after": after, "limit": PAGE}, holds=("results",))
        if "more" not in answer:
            raise PublishError("plugin-version")
        yield from answer["results"]
        more = answer["more"]
        after = answer["results"][-1]["id"] if more else ""
