"""The files that every site has whatever it looks like: the record beside each dataset's page, and what robots are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.documents import dumps
from govdata.publishing.site.parts import Part, SiteFile, Whole
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record


def _dataset(record: Record, portal: Portal, titles: Mapping[str, str]) -> Iterator[SiteFile]:
    yield SiteFile(f"{dataset_folder(record.code)}/index.json", dumps(record))


def _robots(whole: Whole) -> Iterator[SiteFile]:
    sitemap = f"Sitemap: {whole.portal.url}/sitemap.xml\n" if whole.portal.url else ""
    yield SiteFile("robots.txt", f"User-agent: *\nAllow: /\n{sitemap}".encode())


PART = Part("basics", dataset=_dataset, site=(_robots,))
