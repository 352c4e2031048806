"""The entry of a work in its form: read with what the report says of each element, and written back."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata import __version__
from govdata.errors import ReadError
from govdata.formats import write
from govdata.messages import text as word
from govdata.reading.documents.text import decode
from govdata.reading.documents.yaml import parse
from govdata.settings import find_root, read_settings
from govdata.standards import DEFAULT, Library, Standard, read_library
from govdata.ui.filling import filled, fits, values_of
from govdata.ui.forms import form_of, place_of
from govdata.ui.rewriting import rewrite
from govdata.ui.works import Work, entry_of
from govdata.values import DatasetReport, Report
from govdata.writing import writing_file

_WRITING = threading.Lock()
"""Held while an entry is looked at and written: two windows may have one folder open by its path, each as a work of its own."""


def prepare(language: str) -> None:
    """Load what the first report and the first form need, so that the officer does not wait for it after the first check."""
    nothing = Report(__version__, {"language": language, "today": "", "standards": [], "settings": {}}, False, ())
    for _ in write(nothing, "html", language):
        pass
    library = read_library()
    form_of(library.standard(DEFAULT), library, {}, language)


def read_form(work: Work, number: int, language: str) -> dict[str, Any]:
    """The form of a dataset's entry, its values, and what was found wrong with them."""
    path, text, digest = _read(work, number)
    written = _written(text, path)
    assert work.outcome is not None
    dataset = work.outcome.report.datasets[number]
    standard, library = _standard(path, dataset)
    return {
        "file": path.name,
        "digest": digest,
        "sections": form_of(standard, library, written, language),
        "values": values_of(written, standard.codes),
        "problems": [*_problems(dataset, path.name, standard)],
    }


def write_form(work: Work, number: int, digest: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write what the form changed into the entry; gives its new digest and what else the officer should know.

    `ReadError` where the file is another one by now than the one that the form showed.
    """
    if not fits(values):
        raise ReadError("ui-not-understood")
    with _WRITING:
        path, text, found = _read(work, number)
        if found != digest:
            raise ReadError("ui-entry-changed", path=path.name)
        assert work.outcome is not None
        standard, _ = _standard(path, work.outcome.report.datasets[number])
        made = rewrite(text, filled(_written(text, path), values, standard.codes))
        data = made.text.encode("utf-8")
        if made.text != text:
            with writing_file(path, force=True) as file:
                file.write(data)
    return {"digest": hashlib.sha256(data).hexdigest(), "changed": made.text != text, "whole": made.whole, "lost": list(made.lost)}


def _read(work: Work, number: int) -> tuple[Path, str, str]:
    if work.outcome is None or not 0 <= number < len(work.outcome.report.datasets):
        raise ReadError("ui-no-entry")
    path = entry_of(work, number)
    if path is None:
        raise ReadError("ui-no-entry")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReadError("cannot-open", path=path.name, what=error.strerror or str(error)) from error
    text, _ = decode(data, path.name)
    if text is None:
        raise ReadError("ui-entry-unreadable", path=path.name)
    return path, text, hashlib.sha256(data).hexdigest()


def _written(text: str, path: Path) -> Mapping[str, Any]:
    document = parse(text, path.name)
    if not document.readable or not isinstance(document.value, Mapping):
        raise ReadError("ui-entry-unreadable", path=path.name)
    return document.value


def _standard(path: Path, dataset: DatasetReport) -> tuple[Standard, Library]:
    library = read_library(read_settings(find_root(path.parent), {}).content)
    return library.standard(dataset.standard if dataset.standard in library.layers else DEFAULT), library


def _problems(dataset: DatasetReport, file: str, standard: Standard) -> Iterator[dict[str, Any]]:
    """What is wrong with the entry, and what is wrong elsewhere because of it; what is missing belongs where the rule wants it."""
    for finding in dataset.findings:
        if finding.file == file or finding.pointer:
            rule = standard.rules.get(finding.rule)
            pointer = finding.pointer or str(rule.more.get("at", "") if rule is not None else "")
            told = {"severity": finding.severity, "message": finding.message, "help": finding.help}
            yield {"place": place_of(pointer), **told}


def saved_text(outcome: Mapping[str, Any], language: str) -> str:
    """What is told after an entry was written."""
    if not outcome["changed"]:
        return word("ui.saved-nothing", language)
    if outcome["whole"]:
        return word("ui.saved-whole", language)
    if outcome["lost"]:
        return word("ui.saved-lost", language, {"count": len(outcome["lost"])})
    return word("ui.saved", language)
