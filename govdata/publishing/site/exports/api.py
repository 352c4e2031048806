"""A small API of static files: an index, all datasets in pages, and what the lists hold (`schemas/site-api.schema.json`)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

from govdata import content
from govdata.classes import dataclass
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.listings import has_parquet
from govdata.publishing.site.exports.texts import json_bytes
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Summary

VERSION = 1
PAGE = 500
"""Datasets on a page."""
SCHEMAS = {"api/schema.json": "schemas/site-api.schema.json"}
"""Path on the site → shipped file."""


@dataclass(frozen=True, slots=True)
class ListValue:
    """One value of a list: a theme, a department, a tag."""

    id: str
    """Its folder below the list's."""
    label: Label
    count: int


Lists = Mapping[str, Sequence[ListValue]]
"""Folder of a list (`themes`, `publishers`, …) → its values in order."""


class Page(NamedTuple):
    """Some datasets, not written yet."""

    path: str
    pages: int
    """How many there are."""
    datasets: Sequence[Summary]
    make: Callable[[], bytes]


def dataset_pages(summaries: Sequence[Summary]) -> Iterator[Page]:
    """All datasets in the order of their codes, without those withdrawn."""
    shown = sorted((item for item in summaries if item.state != "withdrawn"), key=lambda item: item.code)
    count = _count(len(shown))
    for number in range(1, count + 1):
        some = shown[(number - 1) * PAGE : number * PAGE]
        yield Page(_page(number), count, some, functools.partial(_written, number, count, some))


def _count(datasets: int) -> int:
    return max(1, -(-datasets // PAGE))


def _written(number: int, count: int, some: Sequence[Summary]) -> bytes:
    following = _page(number + 1) if number < count else None
    page = {"version": VERSION, "page": number, "pages": count, "next": following, "datasets": [summary_json(item) for item in some]}
    return json_bytes(page)


def index_files(summaries: Sequence[Summary], lists: Lists, portal: Portal) -> Iterator[tuple[str, bytes]]:
    """All other files of the API."""
    shown = sum(item.state != "withdrawn" for item in summaries)
    yield "api/index.json", json_bytes(_index(shown, _count(shown), lists, portal), indent=1)
    for kind, values in lists.items():
        yield f"api/lists/{kind}.json", json_bytes({"version": VERSION, "list": kind, "values": [_value(kind, item) for item in values]})
    for path, name in SCHEMAS.items():
        yield path, content.read_bytes(name)


def _page(number: int | str) -> str:
    return f"api/datasets/page-{number}.json"


def _index(count: int, pages: int, lists: Lists, portal: Portal) -> dict[str, Any]:
    moment = portal.moment.astimezone(UTC) if portal.moment.tzinfo else portal.moment
    return {
        "version": VERSION, "schema": "api/schema.json", "title": _words(portal.title), "url": portal.url, "zone": portal.zone,
        "moment": f"{moment:%Y-%m-%dT%H:%M:%S}Z", "languages": list(portal.languages),
        "datasets": {"count": count, "pages": pages, "size": PAGE, "first": _page(1), "template": _page("{page}")},
        "lists": [{"list": kind, "count": len(values), "file": f"api/lists/{kind}.json"} for kind, values in lists.items()],
        "catalogs": ["catalog.jsonld", "catalog.ttl", "catalog.rdf", "catalog.csv", *(["catalog.parquet"] if has_parquet() else [])],
        "feeds": ["feed.xml", "feed.json"],
    }  # fmt: skip


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _value(kind: str, item: ListValue) -> dict[str, Any]:
    folder = f"{kind}/{item.id}"
    told = {"id": item.id, "code": item.label.code, **_words(item.label), "count": item.count}
    return told | {"page": f"{folder}/index.html", "feed": f"{folder}/feed.json"}


def summary_json(item: Summary) -> dict[str, Any]:
    """A dataset as the API's pages show it; its record has the rest."""
    folder = dataset_folder(item.code)
    return {
        "code": item.code, "title": item.title, "state": item.state, "description": item.description,
        "publisher": {"id": item.publisher.id, "name": item.publisher.name, "code": item.publisher.code},
        "keywords": list(item.keywords), "themes": list(item.themes), "formats": list(item.formats), "cycle": item.cycle,
        "opening": item.opening, "sharing": item.sharing, "issued": item.issued, "modified": item.modified,
        "fields": list(item.fields), "page": f"{folder}/index.html", "record": f"{folder}/index.json",
    }  # fmt: skip
