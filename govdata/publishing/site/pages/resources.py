"""The page of one resource: its downloads, its first rows, and each of its columns."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from govdata.codes import CodeList
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.pages import texts
from govdata.publishing.site.pages.frame import CRUMB, LONGEST, Link, Page, Setting, render
from govdata.publishing.site.pages.places import known_list, words_of_list
from govdata.publishing.site.records import Item, Preview, Record, Resource

NUMERIC = frozenset(("integer", "number"))
FOLD = 60
"""Characters of a cell from which on it is folded."""
HEAD = 40
"""Characters of a folded cell that stand open."""
INLINE_CODES = 16
"""A code list with more codes is only named."""
NAMED = 12
"""Columns that the dataset's page names."""


class File(NamedTuple):
    """A file that can be fetched, or a service that can be called."""

    text: str
    href: str
    size: str
    sha256: str
    name: str


class View(NamedTuple):
    """A resource on the page of its dataset."""

    title: str
    href: str
    """Of its own page; empty where it has none."""
    resource: Resource
    files: tuple[File, ...]
    columns: Markup
    """The names of the first ones."""
    more_columns: int
    link: Link | None
    """The address of a service."""


class Column(NamedTuple):
    """A column with what its page says of it."""

    item: Item
    anchor: str
    """Its place on the page."""
    name: Markup
    english: Markup
    description: Markup
    facts: Markup
    """What is known of it, as the content of a `dl`."""
    codes: tuple[tuple[Markup, Markup], ...]
    """Code and words of a short code list."""


def has_page(resource: Resource) -> bool:
    """Whether a resource has a page of its own."""
    return bool(resource.items or resource.file or resource.downloads)


def place(record: Record, resource: Resource) -> str:
    """Where its page is."""
    return f"{dataset_folder(record.code)}/resources/{resource.id}.html"


def view(record: Record, resource: Resource, page: Page) -> View:
    """A resource as the page of its dataset shows it."""
    href = page.own(place(record, resource)) if has_page(resource) else ""
    names = tuple(page.said(item.name, 40) for item in resource.items[:NAMED])
    return View(
        resource.title or resource.key,
        href,
        resource,
        files(record, resource, page),
        texts.safe(str(page.texts["separator"]).join(names)),
        len(resource.items) - len(names),
        Link(resource.url, texts.web(resource.url)) if resource.url else None,
    )


def files(record: Record, resource: Resource, page: Page) -> tuple[File, ...]:
    """Its downloads."""
    folder = dataset_folder(record.code)
    return tuple(
        File(
            page.say(f"download-{each.kind}", format=page.said(resource.format, 20) or page.texts["file"]),
            page.to(f"{folder}/{each.name}"),
            texts.size(each.size),
            each.sha256,
            each.name.rpartition("/")[2],
        )
        for each in resource.downloads
    )


def resource_page(record: Record, resource: Resource, setting: Setting, titles: Mapping[str, str]) -> tuple[str, bytes]:
    """The page of a resource, with its place."""
    title = resource.title or resource.key
    page = Page(setting, place(record, resource), f"{title} · {record.title}", resource.description[:160], "datasets")
    above = page.own(f"{dataset_folder(record.code)}/index.html")
    publisher = page.anchor(page.provider(record.publisher), page.own(f"publishers/{record.publisher.id}/index.html"), LONGEST)
    types = {item.name: item.schema_type for item in resource.items}
    variables = {
        "record": record,
        "resource": resource,
        "title": title,
        "dataset": page.anchor(record.title, above, LONGEST),
        "crumbs": (
            page.anchor(page.texts["publishers"], page.own("publishers/index.html")),
            publisher,
            page.anchor(record.title, above, CRUMB),
        ),
        "files": files(record, resource, page),
        "link": Link(resource.url, texts.web(resource.url)) if resource.url else None,
        "preview": resource.preview,
        "names": tuple(_names(resource.preview, types, page)) if resource.preview else (),
        "rows": tuple(_rows(resource.preview, types, page)) if resource.preview else (),
        "columns": tuple(_columns(resource, page, titles)),
    }
    return page.file, render(page, "resource.html", variables)


def _names(preview: Preview, types: Mapping[str, str], page: Page) -> Iterator[Markup]:
    """The head of each column as HTML."""
    for name in preview.columns:
        kind = ' class="n"' if types.get(name) in NUMERIC else ""
        yield texts.safe(f'<th scope="col"{kind}>{page.name(name, 60)}</th>')


def _rows(preview: Preview, types: Mapping[str, str], page: Page) -> Iterator[Markup]:
    """Each row's cells as HTML: there are many, so they do not go through a template one by one."""
    opened = tuple('<td class="n">' if types.get(name) in NUMERIC else "<td>" for name in preview.columns)
    for row in preview.rows:
        plain = "" if max(map(len, filter(None, row)), default=0) > FOLD else texts.row(row, opened, page.setting.foreign)
        yield texts.safe(plain or "".join(f"{start}{_cell(text, page)}</td>" for text, start in zip(row, opened, strict=False)))


def _cell(text: str | None, page: Page) -> str:
    """What stands in a cell; a long text is folded. A missing value is nothing."""
    if text is None:
        return ""
    if len(text) <= FOLD:
        return page.said(text)
    return f"<details><summary>{page.said(text[:HEAD].rstrip() + '…')}</summary>{page.said(text)}</details>"


def _columns(resource: Resource, page: Page, titles: Mapping[str, str]) -> Iterator[Column]:
    for number, item in enumerate(resource.items, 1):
        found = words_of_list(item.codes, page.setting.portal) if item.codes else None
        codes = short_list(found, page) if found else ()
        texts_of = (page.name(item.name, 200), page.said(item.english, 120), page.said(item.description, 1000))
        yield Column(item, f"c{number}", *texts_of, _facts(item, page, titles), codes)


def short_list(found: CodeList, page: Page) -> tuple[tuple[Markup, Markup], ...]:
    """Code and words of each code of a short list; nothing of a long one, which is not even read."""
    declared = found.declared.get("codes", ())
    if found.declared.get("data") or len(declared) > INLINE_CODES:
        return ()
    english = page.setting.foreign
    return tuple((page.said(code.code), page.said(code.label("en" if english else "zh"))) for code in found.codes.values())


def _facts(item: Item, page: Page, titles: Mapping[str, str]) -> Markup:
    """What is known of a column; where it leads nowhere, the same is known of many others."""
    return _listed(item, page, titles) if item.codes or item.references else _common_facts(page.setting, _COMMON(item))


_NAMES = (*("type", "schema_type", "unit", "length", "semantic", "values", "key", "required", "unique", "minimum", "maximum", "pattern"),)
_COMMON = operator.attrgetter(*_NAMES)


@functools.lru_cache(maxsize=4096)
def _common_facts(setting: Setting, told: tuple[Any, ...]) -> Markup:
    return _listed(Item("", **dict(zip(_NAMES, told, strict=True))), Page(setting, "", ""), {})


def _listed(item: Item, page: Page, titles: Mapping[str, str]) -> Markup:
    words, foreign = page.texts, page.setting.foreign
    told = [(words[name], texts.said(value, foreign)) for name, value in _told(item, page, titles) if value]
    return texts.safe("".join([f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in told]))


def _told(item: Item, page: Page, titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is known of a column, each with the key of its name."""
    words = page.texts
    kind = page.label(item.type) if item.type else words[f"type-{item.schema_type}"] if item.schema_type in TYPES else item.schema_type
    yield "type", kind
    yield "unit", item.unit
    yield "length", f"{item.length:,}" if item.length is not None else ""
    yield "semantic", page.label(item.semantic)
    yield "code-list", _list(item.codes, page) if item.codes else ""
    yield "values", str(words["separator"]).join(item.values) if item.values else ""
    if item.key or item.required or item.unique:
        yield "demands", words["separator"].join([words[name] for name in ("key", "required", "unique") if getattr(item, name)])
    yield "range", f"{item.minimum or '…'} – {item.maximum or '…'}" if item.minimum or item.maximum else ""
    yield "pattern", item.pattern
    title = titles.get(item.references)
    yield "references", page.anchor(title, page.own(f"{dataset_folder(item.references)}/index.html")) if title else item.references


TYPES = frozenset(
    [
        "string",
        "integer",
        "number",
        "boolean",
        "date",
        "datetime",
        "time",
        "year",
        "yearmonth",
        "duration",
        "geopoint",
        "geojson",
        "object",
        "array",
        "list",
        "any",
    ]
)
"""Table Schema types that have words."""


def _list(identifier: str, page: Page) -> Markup:
    where = known_list(identifier, page.setting.portal)
    found = words_of_list(identifier, page.setting.portal)
    return page.anchor(page.label(found.title) if found else identifier, page.own(where) if where else "")
