"""All exports as files of the site, as whoever builds it asks for them: of one dataset, and of all together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from govdata.publishing.site.exports.api import Lists, dataset_pages, index_files
from govdata.publishing.site.exports.catalogs import catalog_files, graph_files
from govdata.publishing.site.exports.feeds import feed_files
from govdata.publishing.site.exports.listings import has_parquet, listing_files
from govdata.publishing.site.exports.packages import package_file
from govdata.publishing.site.exports.runs import Before
from govdata.publishing.site.exports.sitemaps import robots_file
from govdata.publishing.site.exports.texts import words
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Record, Summary

Files = Iterator[tuple[str, bytes]]
"""Path on the site and bytes."""


def dataset_exports(record: Record, portal: Portal) -> Files:
    """The files of one dataset: its graph in three forms and its data package. Of one that was withdrawn there are none."""
    if record.state == "withdrawn":
        return
    yield from graph_files(record, portal)
    package = package_file(record, portal)
    if package is not None:
        yield package


def catalog_exports(
    summaries: Sequence[Summary], lists: Lists, portal: Portal, read: Callable[[str], bytes], before: Before | None = None
) -> Files:
    """The files of all datasets together, but for lists' own feeds (`feeds.feed_files`) and the site map (`sitemaps.sitemap_files`).

    They come in pieces: a path may come again, and what comes then belongs behind what came before. Nothing grows with the number of
    datasets but the summaries. `read` gives a file of the site that `dataset_exports` made, now or in an earlier build; `before`
    tells which of them the old catalog has too.
    """
    yield from catalog_files(summaries, portal, read, before)
    yield from listing_files(summaries, portal, before)
    yield from ((page.path, page.make()) for page in dataset_pages(summaries))
    yield from small_exports(summaries, lists, portal)


def small_exports(summaries: Sequence[Summary], lists: Lists, portal: Portal) -> Files:
    """Those of them that are neither the catalog as a graph, nor tables, nor pages of the API."""
    yield from index_files(summaries, lists, portal)
    yield from feed_files(words("feed", {"title": portal.title.zh or portal.name}).zh, newest(summaries), portal, "")
    yield robots_file(portal)


def left_out() -> tuple[Label, ...]:
    """What no dataset of a site can have as long as something is not installed, for whoever builds it to tell."""
    return () if has_parquet() else (words("no-parquet"),)


def newest(summaries: Sequence[Summary]) -> list[Summary]:
    """The datasets in the order of lists: changed last first."""
    return sorted(sorted(summaries, key=lambda item: item.code), key=lambda item: item.modified or item.issued, reverse=True)
