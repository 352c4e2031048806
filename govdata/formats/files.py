"""A report written to a file: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from govdata.errors import SettingsError
from govdata.formats import SUFFIXES, write
from govdata.values import Report
from govdata.writing import writing_file


def format_of(name: str) -> str:
    """The format that a file name asks for by its suffix; `SettingsError` for one that we do not write."""
    found = max((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), key=len, default="")
    if not found:
        raise SettingsError("output-suffix", file=name, allowed=list(SUFFIXES))
    return SUFFIXES[found]


def write_file(report: Report, path: Path, language: str | None = None, format: str | None = None) -> None:
    """Write a report (UTF-8), beside the file first and then renamed: a full disk leaves the old file or none."""
    kind = format or format_of(path.name)
    with writing_file(path, force=True) as file:
        for part in write(report, kind, language or str(report.run.get("language", "zh-CN"))):
            file.write(part.encode())
