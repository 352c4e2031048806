"""A report written to a file: whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
from pathlib import Path

from govdata.content import drop_abandoned
from govdata.errors import ReadError, SettingsError
from govdata.formats import SUFFIXES, write
from govdata.values import Report


def format_of(name: str) -> str:
    """The format that a file name asks for by its suffix; `SettingsError` for one that we do not write."""
    found = max((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), key=len, default="")
    if not found:
        raise SettingsError("output-suffix", file=name, allowed=list(SUFFIXES))
    return SUFFIXES[found]


def write_file(report: Report, path: Path, language: str | None = None, format: str | None = None) -> None:
    """Write a report (UTF-8), beside the file first and then renamed: a full disk leaves the old file or none."""
    kind = format or format_of(path.name)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    drop_abandoned(path.parent, f".{glob.escape(path.name)}.*.part")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(write(report, kind, language or str(report.run.get("language", "zh-CN"))))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        raise ReadError("cannot-write", path=str(path), what=error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
