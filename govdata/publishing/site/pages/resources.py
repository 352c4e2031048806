"""The page of one resource: its downloads, its first rows, and each of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from govdata.classes import dataclass
from govdata.codes import CodeList
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.pages import texts
from govdata.publishing.site.pages.frame import Link, Page, Setting, render
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


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be fetched, or a service that can be called."""

    text: str
    href: str
    size: str
    sha256: str
    name: str


@dataclass(frozen=True, slots=True)
class View:
    """A resource on the page of its dataset."""

    title: str
    href: str
    """Of its own page; empty where it has none."""
    resource: Resource
    files: tuple[File, ...]
    columns: tuple[str, ...]
    more_columns: int
    link: Link | None
    """The address of a service."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the preview."""

    text: str
    kind: str
    """`number`, `long`, `none` or nothing."""
    head: str = ""
    """The beginning of a long text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with what its page says of it."""

    item: Item
    number: int
    anchor: str
    facts: tuple[tuple[str, tuple[Link, ...]], ...]
    codes: tuple[tuple[str, str], ...]
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
    names = tuple(item.name for item in resource.items[:NAMED])
    return View(
        resource.title or resource.key,
        href,
        resource,
        files(record, resource, page),
        names,
        len(resource.items) - len(names),
        Link(resource.url, texts.web(resource.url)) if resource.url else None,
    )


def files(record: Record, resource: Resource, page: Page) -> tuple[File, ...]:
    """Its downloads."""
    folder = dataset_folder(record.code)
    return tuple(
        File(
            page.word(f"download-{each.kind}", format=resource.format or page.say("file")),
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
    dataset = Link(record.title, page.own(f"{dataset_folder(record.code)}/index.html"))
    publisher = Link(record.publisher.name, page.own(f"publishers/{record.publisher.id}/index.html"))
    types = {item.name: item.schema_type for item in resource.items}
    variables = {
        "record": record,
        "resource": resource,
        "title": title,
        "dataset": dataset,
        "crumbs": (Link(page.word("publishers"), page.own("publishers/index.html"), own=True), publisher, dataset),
        "files": files(record, resource, page),
        "link": Link(resource.url, texts.web(resource.url)) if resource.url else None,
        "preview": resource.preview,
        "numeric": tuple(types.get(name) in NUMERIC for name in resource.preview.columns) if resource.preview else (),
        "rows": tuple(_rows(resource.preview, types)) if resource.preview else (),
        "columns": tuple(_columns(resource, page, titles)),
    }
    return page.file, render(page, "resource.html", variables)


def _rows(preview: Preview, types: Mapping[str, str]) -> Iterator[tuple[Cell, ...]]:
    kinds = ["number" if types.get(name) in NUMERIC else "" for name in preview.columns]
    for row in preview.rows:
        yield tuple(_cell(text, kind) for text, kind in zip(row, kinds, strict=False))


def _cell(text: str | None, kind: str) -> Cell:
    if text is None:
        return Cell("", "none")
    if len(text) > FOLD:
        return Cell(text, "long", text[:HEAD].rstrip() + "…")
    return Cell(text, kind)


def _columns(resource: Resource, page: Page, titles: Mapping[str, str]) -> Iterator[Column]:
    for number, item in enumerate(resource.items, 1):
        found = words_of_list(item.codes, page.setting.portal) if item.codes else None
        codes = short_list(found, page.setting.foreign) if found else ()
        yield Column(item, number, f"c{number}", tuple(_facts(item, page, titles)), codes)


def short_list(found: CodeList, foreign: bool) -> tuple[tuple[str, str], ...]:
    """Code and words of each code of a short list; nothing of a long one, which is not even read."""
    declared = found.declared.get("codes", ())
    if found.declared.get("data") or len(declared) > INLINE_CODES:
        return ()
    return tuple((code.code, code.en if foreign and code.en else code.zh) for code in found.codes.values())


def _facts(item: Item, page: Page, titles: Mapping[str, str]) -> Iterator[tuple[str, tuple[Link, ...]]]:
    separator = page.word("separator")
    kind = (
        page.label(item.type) if item.type else (page.word(f"type-{item.schema_type}") if item.schema_type in TYPES else item.schema_type)
    )
    if kind:
        yield page.word("type"), (Link(kind),)
    if item.unit:
        yield page.word("unit"), (Link(item.unit),)
    if item.length is not None:
        yield page.word("length"), (Link(f"{item.length:,}"),)
    if item.semantic:
        yield page.word("semantic"), (Link(page.label(item.semantic)),)
    if item.codes:
        yield page.word("code-list"), (_list(item.codes, page),)
    if item.values:
        yield page.word("values"), (Link(separator.join(item.values)),)
    demands = [page.word(name) for name in ("key", "required", "unique") if getattr(item, name)]
    if demands:
        yield page.word("demands"), (Link(separator.join(demands), own=True),)
    if item.minimum or item.maximum:
        yield page.word("range"), (Link(f"{item.minimum or '…'} – {item.maximum or '…'}"),)
    if item.pattern:
        yield page.word("pattern"), (Link(item.pattern),)
    if item.references:
        title = titles.get(item.references)
        target = page.own(f"{dataset_folder(item.references)}/index.html") if title else ""
        yield page.word("references"), (Link(title or item.references, target),)


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


def _list(identifier: str, page: Page) -> Link:
    where = known_list(identifier, page.setting.portal)
    found = words_of_list(identifier, page.setting.portal)
    return Link(page.label(found.title) if found else identifier, page.own(where) if where else "")
