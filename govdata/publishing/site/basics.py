"""The file that every dataset has whatever the site looks like: its record beside its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.documents import dumps
from govdata.publishing.site.parts import Part, SiteFile
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record


def _dataset(record: Record, portal: Portal, titles: Mapping[str, str]) -> Iterator[SiteFile]:
    yield SiteFile(f"{dataset_folder(record.code)}/index.json", dumps(record))


PART = Part("basics", dataset=_dataset)
