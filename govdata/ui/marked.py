"""The marked workbooks of a work, where this installation can make them."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from govdata.errors import ReadError
from govdata.ui.works import Work

FOLDER = "marked"
SUFFIXES = (".xlsx", ".xlsm")


def can_mark() -> bool:
    """Whether marked workbooks can be made: the page has no button that does nothing."""
    return importlib.util.find_spec("govdata.marking") is not None


def make_marked(work: Work, language: str) -> list[Path]:
    """Make the marked workbooks of the last check anew; gives their files in the order of their names."""
    if work.outcome is None or not can_mark():
        raise ReadError("ui-no-entry")
    marking: Any = importlib.import_module("govdata.marking")
    marking.mark(work.outcome.report, work.target, folder=work.folder / FOLDER, language=language)
    return marked_files(work)


def marked_files(work: Work) -> list[Path]:
    """The marked workbooks that there are."""
    return sorted(path for path in (work.folder / FOLDER).rglob("*") if path.suffix in SUFFIXES)
