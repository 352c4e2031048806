"""Whether a file is still what it was when it was opened."""

from __future__ import annotations

import os
from collections.abc import Iterator

from govdata.classes import replace
from govdata.reading.signature import unreadable
from govdata.reading.sources import SourceInfo
from govdata.values import Finding, Resource


def check_unchanged(resource: Resource, info: SourceInfo) -> Iterator[Finding]:
    """By size and time of the last change."""
    try:
        found = os.stat(resource.path)
    except OSError as error:
        yield replace(unreadable(error), file=resource.file, resource=resource.id)
        return
    if (found.st_size, found.st_mtime_ns) != (info.size, info.changed):
        yield Finding("file/changed", file=resource.file, resource=resource.id)
