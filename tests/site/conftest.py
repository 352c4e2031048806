"""What is planned, built and survived is tested with the least that a site is made of: pages and exports have tests of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from govdata.publishing.site import basics, building, hands, preparing
from govdata.publishing.site.exports.sitemaps import robots_file
from govdata.publishing.site.parts import Part, SiteFile, Task, Whole

LEAST = ("test_building", "test_crashes", "test_jobs", "test_memory", "test_spare")
"""The modules that are run so."""


def _robots(whole: Whole) -> Iterator[SiteFile]:
    yield SiteFile(*robots_file(whole.portal))


@pytest.fixture(autouse=True)
def least(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only records, and one file of the site as a whole."""
    if request.module.__name__.rpartition(".")[2] in LEAST:
        for module in (building, hands, preparing):
            monkeypatch.setattr(module, "PARTS", (basics.PART, Part("least", site=(Task(_robots, 1),))))
