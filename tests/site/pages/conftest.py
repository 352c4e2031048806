"""The pages of the example portal, made once."""

from __future__ import annotations

from collections.abc import Mapping

import lxml.html
import pytest

from govdata.publishing.site.pages.datasets import dataset_pages
from govdata.publishing.site.pages.front import site_pages
from tests.site.pages import directory

STRUCTURED = {"@context": "https://schema.org/", "@type": "Dataset", "name": "</script><!--<script>&\u2028\u2029"}


@pytest.fixture(scope="session")
def pages() -> Mapping[str, bytes]:
    """Place on the site → bytes, of everything that the pages are made of."""
    portal = directory.portal(today=directory.TODAY, url="https://data.example.org/open")
    found: dict[str, bytes] = {}
    for record in directory.RECORDS:
        for path, body in dataset_pages(record, portal, directory.TITLES, STRUCTURED):
            assert path not in found
            found[path] = body
    for path, body in site_pages(directory.summaries(), portal):
        assert path not in found
        found[path] = body
    return found


@pytest.fixture(scope="session")
def trees(pages: Mapping[str, bytes]) -> Mapping[str, lxml.html.HtmlElement]:
    """The pages, parsed."""
    return {path: lxml.html.document_fromstring(body.decode("utf-8")) for path, body in pages.items() if path.endswith(".html")}
