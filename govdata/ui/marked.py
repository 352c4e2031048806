"""The marked workbooks of a work."""

from __future__ import annotations

import zipfile
from pathlib import Path

from govdata.errors import ReadError
from govdata.marking.marking import mark
from govdata.ui.works import Work
from govdata.writing import writing_file

FOLDER = "marked"
SUFFIXES = (".xlsx", ".xlsm")


def make_marked(work: Work, language: str) -> tuple[list[Path], tuple[str, ...]]:
    """Make the marked workbooks of the last check anew; gives their files in the order of their names, and what could not be marked."""
    if work.outcome is None:
        raise ReadError("ui-no-work")
    with work.marking:
        work.marked += 1
        made = mark(work.outcome.report, work.target, folder=work.folder / FOLDER, language=language)
        return _files(work), made.left


def packed(work: Work) -> Path | None:
    """The one marked workbook that there is, or several in an archive, which is made once; `None` where there is none."""
    with work.marking:
        files = _files(work)
        if len(files) < 2:
            return files[0] if files else None
        archive = work.folder / f"marked-{work.marked}.zip"
        if not archive.exists():
            with writing_file(archive, force=True) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packing:
                for path in files:
                    packing.write(path, path.relative_to(work.folder / FOLDER).as_posix())
        return archive


def _files(work: Work) -> list[Path]:
    return sorted(path for path in (work.folder / FOLDER).rglob("*") if path.suffix in SUFFIXES)
