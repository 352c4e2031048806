"""The part of a site that people read: its pages."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from govdata.cache import digest_of
from govdata.publishing.site import facets
from govdata.publishing.site.exports.schemaorg import schema_org
from govdata.publishing.site.parts import Part, SiteFile, Task, Whole
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record

SHARES = 6
"""Tasks that the pages of lists are cut into. Each has pages that stand beside each other, so that they share what they show."""


def _key(portal: Portal) -> str:
    from govdata.publishing.site.pages import shipped

    return shipped.digest(portal.templates)


def _dataset(record: Record, portal: Portal, titles: Mapping[str, str]) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.datasets import dataset_pages

    structured = schema_org(record, portal) if record.state != "withdrawn" else None
    return (SiteFile(path, content) for path, content in dataset_pages(record, portal, titles, structured))


def _files(parts: Iterable[Any], words: str) -> Iterator[SiteFile]:
    return (SiteFile(part.path, part.make, digest_of([part.path, part.key, words])[:32] if part.key else "") for part in parts)


def _same(whole: Whole) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.front import same_parts

    return _files(same_parts(whole.portal), _words(whole.portal))


def _codes(whole: Whole) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.codelists import code_pages
    from govdata.publishing.site.pages.frame import settings

    return _files(code_pages(settings(whole.portal)), _words(whole.portal))


def _fixed(whole: Whole) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.front import fixed_parts

    return _files(fixed_parts(whole.overview), _words(whole.portal))


def _lists(share: int, whole: Whole) -> Iterator[SiteFile]:
    from govdata.publishing.site.pages.front import list_parts
    from govdata.publishing.site.pages.lists import cuts

    found = cuts(whole.overview)
    begin, end = (len(found) * each // SHARES for each in (share, share + 1))
    return _files(list_parts(whole.overview, found[begin:end]), _words(whole.portal))


def _words(portal: Portal) -> str:
    """A digest of the words that lists take from code lists."""
    lists = [portal.code_lists.get(name) for name in sorted(facets.LISTS.values())]
    return digest_of([[(code.code, code.zh, code.en) for code in codes.codes.values()] if codes else [] for codes in lists])


def _get_ready(portal: Portal) -> None:
    from govdata.publishing.site.pages import datasets, front

    del front
    datasets.get_ready(portal)


PART = Part(
    "looks",
    key=_key,
    dataset=_dataset,
    site=(
        Task(_codes, 90, early=True),
        Task(_same, 80, early=True),
        Task(_fixed, 5, ready=_get_ready),
        *(Task(functools.partial(_lists, share), 20, ready=_get_ready) for share in range(SHARES)),
    ),
)
