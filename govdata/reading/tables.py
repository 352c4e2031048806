"""A resource opened by whatever reads its format."""

from __future__ import annotations

from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.sources import TableSource
from govdata.settings import Settings
from govdata.values import Finding, Resource, Skipped

OTHER = frozenset({"json", "geojson", "xml", "pdf", "doc", "docx", "html", "zip", "shp", "jpg", "png", "api", "rdf", "ofd"})
"""Formats that are published and that have no table to check."""

WORKBOOKS = frozenset(("xlsx", "xlsm", "xltx", "xltm", "xls", "xlt", "ods", "ots", "et", "ett", "xlsb", "fods", "numbers"))
"""Formats that the reader of workbooks answers for; those it cannot read get a finding with the way out."""

LAST_HEADER = 1000
"""The last row in which a header may stand: all rows up to it are held at once."""


def open_table(resource: Resource, settings: Settings) -> TableSource | Finding | Skipped:
    """The table of a resource; a finding where the file cannot be one, a skip where its format holds no table."""
    from govdata.reading.texts.table import open_text

    if resource.format in DATABASES:
        from govdata.reading.databases.opening import open_database

        return open_database(resource, settings)
    if _is_header_far(resource) and resource.format not in OTHER:
        args = {"reason": "header-rows", "rows": resource.dialect.header_rows, "last": LAST_HEADER}
        return Finding("file/dialect", file=resource.file, resource=resource.id, pointer=resource.pointer, args=args)
    if resource.format in WORKBOOKS:
        from govdata.reading.workbooks.opening import open_workbook

        return open_workbook(resource, settings)
    if resource.format in OTHER:
        return Skipped(resource.file, "format-not-checked", {"format": resource.format})
    return open_text(resource, settings)


def is_text(resource: Resource) -> bool:
    """Whether `open_table` opens a text table, whatever is in the file."""
    return (
        resource.format not in DATABASES
        and resource.format not in WORKBOOKS
        and resource.format not in OTHER
        and not _is_header_far(resource)
    )


def _is_header_far(resource: Resource) -> bool:
    return any(not 0 < number <= LAST_HEADER for number in resource.dialect.header_rows)
