"""A draft of an entry: its files read, its fields proposed, what is missing marked, the whole written as text."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from govdata import __version__
from govdata.checks.context import CheckContext
from govdata.classes import dataclass, replace
from govdata.drafting.fields import Field, propose_fields
from govdata.drafting.files import Part, find_parts, folder_of, list_files, refuse_described, refuse_missing
from govdata.drafting.keys import Target, propose_references, targets_of_directory, targets_of_tables
from govdata.drafting.kinds import Remark
from govdata.drafting.marks import Mark, marked, placeholder
from govdata.drafting.parts import Read, describe
from govdata.drafting.tables import Table, Unread, questions_of, read_table
from govdata.drafting.writing import Page, write_entry
from govdata.engines.causes import aside
from govdata.errors import ReadError
from govdata.finishing import finish
from govdata.messages import text as word
from govdata.reading.datasets import ENTRIES
from govdata.reading.paths import visible
from govdata.settings import find_root, read_settings
from govdata.standards import DEFAULT, Library, read_library
from govdata.values import Finding, Skipped
from govdata.writing import writing_file

Progress = Callable[[int, str], None]
"""Told the number (from 1) and the name of each resource before it is read."""

_LEADING = 2
"""Columns in which a total or a remark begins: the first, or behind a number."""
HEADLESS = 0.5
"""The part of the header row that looks like data from which there is none."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said of the data besides what stands in the draft."""

    file: str
    message: str
    rule: str = ""
    help: str = ""
    row: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft and what is to be said of it."""

    text: str
    """YAML; empty where nothing could be read."""
    folder: Path
    """What the files in it are named from: the draft belongs here."""
    marks: tuple[Mark, ...] = ()
    """What only a person can know, in the order of the draft."""
    notes: tuple[Note, ...] = ()
    unread: tuple[Note, ...] = ()
    """Files and tables that are not in the draft, and why."""
    resources: int = 0
    rows: int = 0
    fields: int = 0
    output: Path | None = None
    """Where it was written."""


def draft(*files: str | Path, output: str | Path | None = None, progress: Progress | None = None, **options: Any) -> Draft:
    """A draft of the entry of data files: CSV in any encoding that can be proven, workbooks, databases; of a folder, all files in it.

    `output` is the file to write to, whole or not at all; what is there is never overwritten. Without it nothing is written.
    `options` are fields of `Settings`: `language` is that of keys and comments; what is not given comes from the nearest
    `govdata.toml`. Raises `GovdataError`: `ReadError` where a path is not there, describes data instead of holding it, lies outside the
    folder of the entry, or where the output exists; `EngineError` where a database needs what is not installed.
    """
    named = [Path(file) for file in files]
    settings = read_settings(find_root(named[0] if named else Path()), {"language": "zh-CN", **options})
    listed = list_files(named, settings.content)
    if not listed:
        raise ReadError("draft-no-files", path=".")
    target = Path(output) if output is not None else None
    folder = target.parent if target is not None else folder_of(named)
    if target is not None:
        _refuse_output(target)
    library = read_library(settings.content)
    context = CheckContext(settings, library.standard(settings.standard or DEFAULT))
    parts = [part for file in listed for part in find_parts(file, folder, settings)]
    work = _Work(context, library, folder, progress or (lambda number, name: None))
    for part in parts:
        work.add(part)
    found = work.finish(listed)
    if target is None or not found.text:
        return found
    with writing_file(target, force=False) as file:
        file.write(found.text.encode("utf-8"))
    return replace(found, output=target)


def default_output(files: Sequence[Path]) -> Path:
    """Where a draft belongs that has no place of its own: beside the files. `ReadError` where something describes them already."""
    for file in files:
        refuse_missing(file)
    folder = folder_of(files)
    refuse_described(folder)
    return folder / ENTRIES[0]


def _refuse_output(target: Path) -> None:
    if os.path.lexists(target):
        raise ReadError("draft-exists", path=str(target))
    if target.suffix.lower() not in (".yaml", ".yml"):
        raise ReadError("draft-suffix", path=str(target))


class _Work:
    """A draft while it is made."""

    def __init__(self, context: CheckContext, library: Library, folder: Path, progress: Progress) -> None:
        self.context, self.library, self.folder, self.progress = context, library, folder, progress
        self.language = context.settings.language
        self.questions = questions_of(context)
        self.parts: list[Read] = []
        self.count = 0
        self.notes: list[Note] = []
        self.unread: list[Note] = []

    def add(self, part: Part) -> None:
        """Read one resource."""
        self.count += 1
        self.progress(self.count, part.resource.id)
        if not part.is_table:
            self.parts.append((part, None, []))
            return
        found = read_table(part.resource, self.context, self.questions)
        if isinstance(found, Unread):
            self.unread += [self._told(reason) for reason in found.reasons]
            return
        self.notes += [self._told(finding) for finding in found.findings]
        fields = [] if self._is_headless(found) else propose_fields(found, self.context, self.language)
        self._remark(found, fields)
        self.parts.append((part, found, fields))

    def _is_headless(self, table: Table) -> bool:
        return table.headless > 0 and table.headless >= HEADLESS * sum(bool(profile.label.strip()) for profile in table.profiles)

    def _remark(self, table: Table, fields: Sequence[Field]) -> None:
        name, row = table.resource.id, table.header
        if self._is_headless(table):
            self._note(name, ("headless", {"count": table.headless, "row": row}))
        elif table.headless:
            self._note(name, ("label-data", {"count": table.headless, "row": row}))
        if not table.rows:
            self._note(name, ("header-only", {}))
        if table.ragged:
            self._note(name, ("ragged", {"count": f"{table.ragged:,}", "width": len(table.profiles)}))
        if table.blank:
            self._note(name, ("blank", {"count": f"{table.blank:,}"}))
        asides = {word: None for profile in table.profiles[:_LEADING] for text in profile.texts or () if (word := aside(text))}
        if asides:
            self._note(name, ("asides", {"words": tuple(f"“{word}”" for word in asides)}))
        for field in fields:
            for key, args in field.remarks:
                if key in ("label-blank", "label-twice", "label-long"):
                    self._note(name, (key, {**args, "column": field.profile.column, "name": field.name}))

    def _note(self, file: str, remark: Remark) -> None:
        self.notes.append(Note(file, word(f"draft.{remark[0]}", self.language, remark[1])))

    def _told(self, reason: Finding | Skipped) -> Note:
        if isinstance(reason, Skipped):
            return Note(reason.what, word(f"skipped.{reason.why}", self.language, reason.args))
        done = finish(reason, self.context.standard, self.language)
        where = f"{done.file}#{done.sheet}" if done.sheet else done.file
        return Note(where, done.message, done.rule, done.help, done.row, done.line)

    def finish(self, files: Sequence[Path]) -> Draft:
        """The text, once all is read."""
        if not self.parts:
            return Draft("", self.folder, notes=tuple(self.notes), unread=tuple(self.unread))
        self._refer()
        canonical, comments = describe(self.parts, self._title(files), self.context)
        marks = marked(canonical, self.context)
        comments |= {mark.pointer: mark.help for mark in marks}
        page = Page("en" if self.language.startswith("en") else "zh-CN", comments)
        told = {"version": __version__, "placeholder": placeholder(self.language)}
        for line in word("draft.head", self.language, told).splitlines():
            page.note(0, line)
        write_entry(page, canonical)
        placed = [replace(mark, line=line, key=key) for mark in marks for line, key in (page.place(mark.pointer),)]
        notes = {(note.rule, note.message): note for note in reversed(self.notes)}  # two sheets of one file may say the same
        return Draft(
            text=page.text,
            folder=self.folder,
            marks=tuple(sorted(placed, key=lambda mark: mark.line)),
            notes=tuple(reversed(notes.values())),
            unread=tuple(self.unread),
            resources=len(self.parts),
            rows=sum(table.rows for _, table, _ in self.parts if table is not None),
            fields=sum(len(fields) for _, _, fields in self.parts),
        )

    def _title(self, files: Sequence[Path]) -> str:
        """A title from the name of the only file, else from that of the folder."""
        name = visible(files[0].stem) if len(files) == 1 else visible(self.folder.resolve().name)
        return name.replace("_", " ").strip()[:300] or visible(files[0].name)

    def _refer(self) -> None:
        """Propose foreign keys."""
        drafted = [(table, fields) for _, table, fields in self.parts if table is not None]
        root = self.context.settings.root
        targets: list[Target] = targets_of_tables(drafted) if len(drafted) > 1 else []
        if root is not None:
            targets += targets_of_directory(root, self.folder, self.context.settings, self.library)
        for table, fields in drafted if targets else ():
            propose_references(fields, table, targets, self.context)
