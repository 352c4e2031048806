"""The part of a site that people read: its pages."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from govdata.cache import digest_of
from govdata.publishing.site import facets
from govdata.publishing.site.exports.schemaorg import schema_org
from govdata.publishing.site.parts import Part, SiteFile, Whole
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record

TASKS = 2
"""Pieces of work that the pages of the site as a whole are: each reads all summaries and makes every so many-th page."""


def _key(portal: Portal) -> str:
    from govdata.publishing.site.pages import templates

    return templates.digest(portal.templates)


def _dataset(record: Record, portal: Portal, titles: Mapping[str, str]) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.datasets import dataset_pages

    structured = schema_org(record, portal) if record.state != "withdrawn" else None
    return (SiteFile(path, content) for path, content in dataset_pages(record, portal, titles, structured))


def _pages(number: int, whole: Whole) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.front import site_parts

    words = _words(whole.portal)
    for place, part in enumerate(site_parts(tuple(whole.summaries()), whole.portal)):
        if place % TASKS == number:
            yield SiteFile(part.path, part.make, digest_of([part.path, part.key, words])[:32] if part.key else "")


def _words(portal: Portal) -> str:
    """A digest of the words that lists take from code lists."""
    lists = [portal.code_lists.get(name) for name in sorted(facets.LISTS.values())]
    return digest_of([[(code.code, code.zh, code.en) for code in codes.codes.values()] if codes else [] for codes in lists])


PART = Part("looks", key=_key, dataset=_dataset, site=tuple(functools.partial(_pages, number) for number in range(TASKS)))
