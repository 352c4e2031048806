"""The marked workbooks of a work."""

from __future__ import annotations

from pathlib import Path

from govdata.errors import ReadError
from govdata.marking.marking import mark
from govdata.ui.works import Work

FOLDER = "marked"
SUFFIXES = (".xlsx", ".xlsm")


def make_marked(work: Work, language: str) -> list[Path]:
    """Make the marked workbooks of the last check anew; gives their files in the order of their names."""
    if work.outcome is None:
        raise ReadError("ui-no-work")
    mark(work.outcome.report, work.target, folder=work.folder / FOLDER, language=language)
    return marked_files(work)


def marked_files(work: Work) -> list[Path]:
    """The marked workbooks that there are."""
    return sorted(path for path in (work.folder / FOLDER).rglob("*") if path.suffix in SUFFIXES)
