"""The part of a site that machines read: graphs, packages, feeds, tables, the API, and the data itself."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping

from govdata.cache import digest_of
from govdata.classes import replace
from govdata.publishing.site import facets
from govdata.publishing.site.addresses import dataset_folder, language_root
from govdata.publishing.site.exports.api import ListValue, dataset_pages
from govdata.publishing.site.exports.catalogs import catalog_files, is_page
from govdata.publishing.site.exports.documents import FORMS, Form
from govdata.publishing.site.exports.feeds import MOST, feeds
from govdata.publishing.site.exports.files import dataset_exports, small_exports
from govdata.publishing.site.exports.listings import get_ready, has_parquet, listing_files
from govdata.publishing.site.exports.runs import Before
from govdata.publishing.site.exports.sitemaps import sitemap_files
from govdata.publishing.site.facets import Group
from govdata.publishing.site.overview import Overview
from govdata.publishing.site.parts import Material, Part, Piece, SiteFile, Task, Whole, sources_of
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record, Summary


def _dataset(record: Record, portal: Portal, titles: Mapping[str, str]) -> Iterator[SiteFile]:
    return (SiteFile(path, content) for path, content in dataset_exports(record, portal))


def _data(material: Material) -> tuple[Record, Iterable[str]]:
    # Many a site has no data, and many a run none that changed.
    from govdata.publishing.site.exports.downloads import SUMS, write_downloads

    found = write_downloads(material.dataset, material.report, material.context, material.portal, material.folder)
    sources = sources_of(material.record, material.dataset)
    fetched = [(item, found.get(source.id) if source else None) for item, source in zip(material.record.resources, sources, strict=True)]
    resources = tuple(replace(item, downloads=files.downloads, preview=files.preview) if files else item for item, files in fetched)
    remarks = dict.fromkeys(remark for files in found.values() for remark in files.remarks)
    record = replace(material.record, resources=resources, remarks=(*material.record.remarks, *remarks))
    names = dict.fromkeys(download.name for files in found.values() for download in files.downloads)
    return record, (*names, SUMS) if names else ()


def _catalog(form: Form, whole: Whole) -> Iterator[Piece | SiteFile]:
    """The catalog as a graph in one form."""
    for path, content in catalog_files(whole.shown, whole.portal, whole.read, _before(whole), (form,)):
        yield SiteFile(path, content) if is_page(path) else Piece(path, content)


def _listings(whole: Whole) -> Iterator[Piece]:
    return (Piece(path, content) for path, content in listing_files(whole.overview.by_code, whole.portal, _before(whole)))


def _others(whole: Whole) -> Iterator[SiteFile]:
    """The API, the site's own feeds, and what is told to robots. A page of the API on which nothing moved is not made."""
    overview = whole.overview
    for page in dataset_pages(overview.by_code):
        told = [page.path, page.pages, [(item.code, item.key) for item in page.datasets]]
        yield SiteFile(page.path, page.make, digest_of(told)[:32])
    lists: dict[str, tuple[ListValue, ...]] = {kind: tuple(map(_value, groups)) for kind, groups in overview.groups.items()}
    for path, content in small_exports(overview.summaries, lists, whole.portal):
        yield SiteFile(path, content)


@functools.lru_cache(maxsize=1)
def _before(whole: Whole) -> Before | None:
    """The old site's files of all datasets; `None` where there are none that can be gone on with, or nothing is as it was."""
    if whole.before is None or whole.old is None or not whole.same:
        return None
    return Before(whole.old, tuple(sorted(whole.before)), whole.same)


def _value(group: Group) -> ListValue:
    return ListValue(group.folder.partition("/")[2], group.label, len(group.members))


def _feeds(whole: Whole) -> Iterator[SiteFile]:
    """The feeds of all lists. One in which nothing moved is not made."""
    portal = whole.portal
    for group in _groups(whole.overview):
        title = f"{portal.title.zh or portal.name} · {group.label.zh}"
        told = [title, portal.url, [(item.code, item.key) for item in group.members[:MOST]]]
        if not all(map(facets.day, group.members[:MOST])):
            told.append(portal.moment.isoformat())  # which is the day of those that have none
        for path, content in feeds(title, group.members[:MOST], portal, group.folder):
            yield SiteFile(path, content, digest_of([path, group.kind, told])[:32])


def _groups(overview: Overview) -> Iterator[Group]:
    return (group for groups in overview.groups.values() for group in groups)


def _sitemap(whole: Whole) -> Iterator[SiteFile]:
    return (SiteFile(path, content) for path, content in sitemap_files(_pages(whole), whole.portal))


def _pages(whole: Whole) -> Iterator[tuple[str, str]]:
    """The pages that search engines are to know, with the day on which their data last changed."""
    portal = whole.portal
    ordered = whole.overview.ordered
    groups = list(_groups(whole.overview))
    newest = facets.day(ordered[0]) if ordered else ""
    for language in portal.languages:
        root = language_root(language, portal.languages[0])
        yield from ((f"{root}{name}", newest) for name in ("index.html", "about.html", "datasets/index.html"))
        yield from ((f"{root}{group.folder}/index.html", facets.day(group.members[0])) for group in groups)
        yield from ((f"{root}{_page(item)}", facets.day(item)) for item in ordered)


def _page(summary: Summary) -> str:
    return f"{dataset_folder(summary.code)}/index.html"


def _key(portal: Portal) -> str:
    return "parquet" if has_parquet() else ""


PART = Part(
    "machines",
    key=_key,
    dataset=_dataset,
    data=_data,
    site=(
        *(Task(functools.partial(_catalog, form), 60, is_light=True) for form in FORMS),
        Task(_listings, 40, ready=get_ready),
        Task(_others, 30),
        Task(_feeds, 30),
        Task(_sitemap, 10),
    ),
)
