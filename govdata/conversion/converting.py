"""`govdata.convert`: read what is named, write it in another form, say what did not come through, check what became entries."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from govdata.classes import dataclass, field
from govdata.conversion.forms import FORMS, SUFFIXES, Form, Writing, form_of
from govdata.conversion.outputs import Names, writing_folder
from govdata.conversion.sources import ENTRY, GRAPH, Item, Reader, kind_of, read_source
from govdata.errors import ReadError, SettingsError
from govdata.expressions import expression
from govdata.graph.descriptions import Notice
from govdata.reading.entries.keys import LANGUAGES
from govdata.settings import find_root, read_settings
from govdata.standards import read_library
from govdata.values import Finding, Report
from govdata.writing import writing_file

ENTRIES = ("yaml", "json", "jsonl", "jsonld", "datapackage")
"""Forms that `validate` reads, and so the result is checked."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with how often it was given; the first stands for all."""

    notice: Notice
    count: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did."""

    form: str
    output: Path | None
    text: str
    """What was made, where no output was named."""
    datasets: int
    """How many were written."""
    unread: tuple[str, ...]
    """Datasets that could not be read, by their place in the source."""
    findings: tuple[tuple[str, Finding], ...]
    """(dataset, finding) of reading the source."""
    notices: tuple[Told, ...]
    """What did not come through as it was; the same of many datasets once."""
    report: Report | None
    """The check of the result, where it consists of entries."""


@dataclass(slots=True)
class _Run:
    """One conversion while it goes on."""

    findings: list[tuple[str, Finding]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    first: dict[tuple[str, str], Notice] = field(default_factory=dict)
    written: int = 0

    def tell(self, notice: Notice) -> None:
        key = (notice.kind, _general(notice.place))
        self.first.setdefault(key, notice)
        self.counts[key] = self.counts.get(key, 0) + 1

    def items(self, path: Path, reader: Reader) -> Iterator[Item]:
        """What is to be written; what cannot be is remembered."""
        for item in read_source(path, reader):
            if isinstance(item, Notice):
                self.tell(item)
                continue
            for notice in item.notices:
                self.tell(notice)
            if len(self.findings) < _MOST:
                self.findings += [(item.name, finding) for finding in item.findings]
            if not item.canonical:  # it cannot be read, or says nothing: an entry without any item is none
                self.unread.append(item.name)
            else:
                self.written += 1
                yield item


_LETTER = expression("[A-Za-z]")
"""Stands in the ending of a file's name, and not in that of a version or a year."""
_MOST = 1000
"""Findings that are kept of reading a source; the check of the result says the others."""


def _general(place: str) -> str:
    """A place without numbers: the same thing in many resources is told once."""
    return "/".join("*" if step.isdigit() else step for step in place.split("/"))


def convert(
    source: str | Path,
    to: str | None = None,
    output: str | Path | None = None,
    *,
    keys: str | None = None,
    force: bool = False,
    **options: Any,
) -> Conversion:
    """Convert an entry, a dataset's folder, a directory, a file of entries, a data package or RDF into another form.

    `to`: a name of `conversion.forms.FORMS`; by default what the output's name asks for, else entries of RDF and packages, JSON-LD
    of entries. `output`: a file, or a folder with one subfolder a dataset; without one the text is in the result. `keys`: language of
    keys and labels (`zh-CN`, `en`), by default that of the run. `options` are fields of `Settings` (language, standard, today …).
    Raises `GovdataError` as `validate` does, and where the output is there already and `force` is not given.
    """
    path, target = Path(source), None if output is None else _target(output, to)
    settings = read_settings(find_root(path), options)
    reader = Reader(settings, read_library(settings.content))
    if not path.exists():
        raise ReadError("no-such-path", path=str(path), what="")
    form = _form(path, to, target)
    chosen = keys or settings.language
    if chosen not in LANGUAGES:
        raise SettingsError("convert-keys", value=chosen, allowed=list(LANGUAGES))
    run = _Run()
    writing = Writing(reader, chosen, path.resolve().name, run.tell)
    text = _write(run, path, target, FORMS[form], force, writing)
    report = _check(form, path, target, text, run.written, options) if form in ENTRIES and kind_of(path) == GRAPH else None
    told = tuple(Told(notice, run.counts[key]) for key, notice in run.first.items())
    return Conversion(form, target, text, run.written, tuple(run.unread), tuple(run.findings), told, report)


def _form(path: Path, to: str | None, target: Path | None) -> str:
    if to is not None:
        if to not in FORMS:
            raise SettingsError("convert-form", value=to, allowed=list(FORMS))
        return to
    asked = form_of(target.name) if target is not None else None
    return asked or ("jsonld" if kind_of(path) == ENTRY else "yaml")


def _target(output: str | Path, to: str | None) -> Path:
    """Where to write. A name that ends as files do, but as none of ours, would become a folder: it is refused unless it names one."""
    path = Path(output)
    is_folder = str(output).endswith(("/", os.sep)) or path.is_dir()
    is_file = form_of(path.name) is not None or (to is not None and to in FORMS and not FORMS[to].file)
    if not (is_folder or is_file) and _LETTER.search(path.suffix):
        raise SettingsError("convert-suffix", file=str(output), allowed=list(SUFFIXES))
    return path


def _write(run: _Run, path: Path, target: Path | None, form: Form, force: bool, writing: Writing) -> str:
    """Write everything; the text where there is no output."""
    items = run.items(path, writing.reader)
    if target is None:
        made = io.BytesIO()
        form.write(items, made, writing)
        _refuse_nothing(run, path)
        return made.getvalue().decode()
    if form_of(target.name) or not form.file:
        with writing_file(target, force) as file:
            form.write(items, file, writing)
            _refuse_nothing(run, path)
        return ""
    names = Names()
    with writing_folder(target, force) as folder:
        for item in items:
            canonical = item.canonical or {}
            place = folder / names.name(str(canonical.get("identifier") or ""), str(canonical.get("title") or ""))
            place.mkdir()
            with (place / form.file).open("wb") as file:
                form.write([item], file, writing)
        _refuse_nothing(run, path)
    return ""


def _refuse_nothing(run: _Run, path: Path) -> None:
    """An output without any dataset would say that all went well."""
    if not run.written:
        first = next((f" {name}: {finding.message}" for name, finding in run.findings), "")
        raise ReadError("convert-nothing", path=str(path), first=first)


def _check(form: str, source: Path, target: Path | None, text: str, count: int, options: dict[str, Any]) -> Report:
    """The usual check of entries that came from elsewhere: what the standard demands and they lack."""
    from govdata.validation import validate

    # Of many in one JSON-LD file, which `validate` takes for one entry, each is checked as a line.
    many = form == "jsonld" and count > 1 and (target is None or target.is_file())
    if target is not None and not many:
        return validate(target, **options)
    settings = read_settings(find_root(target or source), options)
    options = options | {"standard": settings.standard or None, "content": settings.content, "fail_on": settings.fail_on}
    with tempfile.TemporaryDirectory() as folder:
        place = target or Path(folder) / (FORMS[form].file or "entries.jsonl")
        if target is None:
            place.write_text(text, encoding="utf-8")
        if many:
            place = convert(place, "jsonl", Path(folder) / "entries.jsonl", **options).output or place
        return validate(place, **options)
