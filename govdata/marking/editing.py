"""A workbook of the officer's, marked: only the parts that have to change are changed, the others are the same bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from posixpath import dirname, join
from typing import IO

from govdata.classes import dataclass, field
from govdata.marking.cells import SheetWriter
from govdata.marking.container import open_target, read_part, write_part
from govdata.marking.marks import FileReport, Marks, marks_of
from govdata.marking.markup import Edit, Element, apply, escape, prefix_of, read_elements, relations_of, utf8, whole, with_attributes
from govdata.marking.naming import free_tab
from govdata.marking.notes import BLOCKS, add_notes, add_shapes, new_drawing, new_notes
from govdata.marking.package import SHEET, TYPES, add_relations, add_types, free_ids, free_name, list_relations, rels_of
from govdata.marking.sheetxml import write_page
from govdata.marking.styles import LOOKS, Styles, look_style, new_styles, open_styles, write_styles
from govdata.marking.summary import Outcome, Run, Told, summary_page
from govdata.messages import text
from govdata.reading.workbooks.archive import Archive, read_chunks
from govdata.reading.workbooks.sheets import Refusal, Sheet, address
from govdata.reading.workbooks.xlsx import Workbook, main_part, open_xlsx, read_relations

TABS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")
"""Kinds of sheets, each of which may be the chosen one."""


@dataclass(slots=True)
class _Work:
    """A workbook that is being marked."""

    archive: Archive
    book: Workbook
    main: str
    space: str
    report: FileReport
    styles: Styles
    styles_part: str
    taken: set[str]
    """Names of parts, folded."""
    done: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Parts that take the place of others, or are new: folded name → name, content."""
    types: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    cells: int = 0
    notes: int = 0
    block: int = 1
    """Of shape ids: the next one that no drawing of the workbook has."""

    def say(self, key: str, **args: object) -> None:
        self.said.append(text(f"workbook.{key}", self.report.language, args))

    def put(self, name: str, data: bytes) -> None:
        """Have a part written when the others are, by the name that it has."""
        info = self.archive.parts.get(name.lower())
        self.done[name.lower()] = (info.filename if info else name, data)

    def name(self, pattern: str) -> str:
        """A free name for a part, which is then taken."""
        name = free_name(join(dirname(self.main), pattern), self.taken)
        self.taken.add(name.lower())
        return name


def edit_workbook(archive: Archive, report: FileReport, run: Run, file: IO[bytes]) -> Outcome:
    """Write the marked copy of an XLSX workbook, and give what it came to. Raises `Refusal` where it cannot be marked."""
    work = _begin(archive, report)
    by_part = _marks_by_part(work)
    drawn = any(marks.notes for _, marks in by_part.values())
    page = work.name("worksheets/sheet{}.xml")
    work.types.append((page, SHEET + "worksheet+xml"))
    title = free_tab(text("workbook.sheet-name", report.language), _tab_names(work))
    _list_first_sheet(work, title, page)
    plans = {part: _plan_notes(work, part, marks) for part, (_, marks) in by_part.items()}
    types = add_types(_small(archive, TYPES), work.types, drawn)
    with open_target(file) as target:
        write_part(target, TYPES, (types,), archive.parts.get(TYPES.lower()))
        _copy(work, target, by_part, plans)
        _tell_of_parts(work)
        looks = {look: look_style(work.styles, look) for look in LOOKS}
        outcome = _outcome(work)
        told = Told(report, outcome, looks, run)
        write_part(target, page, write_page(summary_page(told), work.space))
        work.put(work.styles_part, write_styles(work.styles))
        for folded, (name, data) in work.done.items():
            write_part(target, name, (data,), archive.parts.get(folded))
    return outcome


def _begin(archive: Archive, report: FileReport) -> _Work:
    book, main = open_xlsx(archive), main_part(archive)
    space = read_elements(_small(archive, main), main).space
    styles_part = book.styles_part
    styles = open_styles(_small(archive, styles_part), styles_part) if styles_part else new_styles(space)
    work = _Work(archive, book, main, space, report, styles, styles_part, set(archive.parts))
    if not styles_part:
        work.styles_part = work.name("styles{}.xml")
        work.types.append((work.styles_part, SHEET + "styles+xml"))
    work.block = _free_block(archive)
    return work


def _small(archive: Archive, name: str) -> bytes:
    """A part that is changed as a whole, in UTF-8."""
    data = read_part(archive, name)
    return b"".join(utf8((data,), name)) if data else b""


def _free_block(archive: Archive) -> int:
    used = [0]
    for name in archive.parts:
        if name.endswith(".vml"):
            found = BLOCKS.search(read_part(archive, name))
            used += [whole(number.strip()) for number in (found[2] if found else b"").split(b",")]
    return max(used) + 1


def _marks_by_part(work: _Work) -> dict[str, tuple[Sheet, Marks]]:
    """What is marked in each sheet's part; sheets that are not there are told."""
    known = {sheet.name: sheet for sheet in work.book.listed}
    found = {}
    for name in dict.fromkeys(finding.sheet for finding in work.report.findings):
        marks = marks_of((finding for finding in work.report.findings if finding.sheet == name), work.report.language)
        if not marks.count:
            continue
        if name not in known or known[name].part not in work.archive:
            work.say("note-missing-sheet", sheet=name)
            continue
        found[known[name].part.lower()] = known[name], marks
        work.cells += marks.count
    return found


def _tab_names(work: _Work) -> list[str]:
    root = read_elements(_small(work.archive, work.main), work.main)
    return [item.attributes.get("name", "") for item in _walk(root) if item.name == "sheet"]


def _walk(element: Element) -> Iterator[Element]:
    waiting = [element]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(found.children)


def _list_first_sheet(work: _Work, title: str, page: str) -> None:
    """Put our sheet before the others and have it shown; what counts sheets counts one more."""
    data = _small(work.archive, work.main)
    root = read_elements(data, work.main)
    sheets = next((item for item in root.children if item.name == "sheets"), None)
    if sheets is None or not sheets.children:
        raise Refusal("workbook/broken", reason="no-sheets", part=work.main)
    rels, relations = rels_of(work.main), relations_of(work.space)
    ids = free_ids([item.id for item in list_relations(_small(work.archive, rels), rels)])
    key, numbers = next(ids), [whole(item.attributes.get("sheetId", "")) for item in sheets.children]
    prefix = prefix_of(data[sheets.start :]).decode()
    named = f'name="{escape(title, True)}" sheetId="{max(numbers) + 1}"'
    first = sheets.children[0].start
    views = (
        "" if any(item.name == "bookViews" for item in root.children) else f"<{prefix}bookViews><{prefix}workbookView/></{prefix}bookViews>"
    )
    edits = [Edit(sheets.start, sheets.start, views.encode())]
    edits.append(Edit(first, first, f'<{prefix}sheet xmlns:r="{relations}" {named} r:id="{key}"/>'.encode()))
    for item in _walk(root):
        tag = data[item.start : item.inner]
        if item.name == "workbookView":
            edits.append(Edit(item.start, item.inner, with_attributes(tag, {"activeTab": None, "firstSheet": None})))
        elif item.name == "definedName" and item.attributes.get("localSheetId"):
            moved = str(whole(item.attributes["localSheetId"]) + 1)
            edits.append(Edit(item.start, item.inner, with_attributes(tag, {"localSheetId": moved})))
    work.put(work.main, apply(data, edits))
    added = [(key, relations + "/worksheet", page)]
    if not work.book.styles_part:
        added.append((next(ids), relations + "/styles", work.styles_part))
    work.put(rels, add_relations(_small(work.archive, rels), work.main, added))


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the comments of a sheet get into it."""

    rels: bytes
    comments: str
    """The part with the old comments, or the name of the new one."""
    is_new: bool
    relation: str
    """By which the sheet finds its drawing, if it has none."""
    drawing: str
    """The name of the new drawing."""
    link: str
    """By which the sheet finds its comments, if it has none."""
    drawings: Mapping[str, str]
    """Relation → part, of the old drawings."""


def _plan_notes(work: _Work, part: str, marks: Marks) -> _Plan | None:
    """Find out what a sheet has, and take names for what it needs."""
    if not marks.notes:
        return None
    rels = _small(work.archive, rels_of(part))
    listed = list_relations(rels, rels_of(part))
    targets = read_relations(work.archive, part)
    old = next((target for kind, target in targets.values() if kind == "comments"), "")
    drawings = {key: target for key, (kind, target) in targets.items() if kind == "vmlDrawing"}
    ids = free_ids([item.id for item in listed])
    comments = old if old in work.archive else work.name("comments{}.xml")
    if comments != old:
        work.types.append((comments, SHEET + "comments+xml"))
    drawing = work.name("drawings/vmlDrawing{}.vml")
    return _Plan(rels, comments, comments != old, next(ids), drawing, next(ids), drawings)


def _copy(work: _Work, target: zipfile.ZipFile, marked: Mapping[str, tuple[Sheet, Marks]], plans: Mapping[str, _Plan | None]) -> None:
    """Write every part of the workbook but those that wait for what the sheets bring."""
    tabs = {name.lower() for kind, name in read_relations(work.archive, work.main).values() if kind in TABS}
    waiting = {work.styles_part.lower(), *work.done}
    for plan in plans.values():
        if plan is not None:
            waiting |= {plan.comments.lower(), *(name.lower() for name in plan.drawings.values())}
    waiting |= {rels_of(part).lower() for part, plan in plans.items() if plan is not None}
    for name, info in work.archive.parts.items():
        if name in waiting or name == TYPES.lower():
            continue
        pieces = read_chunks(work.archive, name)
        if name in tabs:
            sheet, marks = marked.get(name, (None, None))
            plan = plans.get(name)
            writer = SheetWriter(name, work.styles, marks.colours if marks else {}, plan.relation if plan else "")
            write_part(target, info.filename, writer.give(pieces), info)
            if sheet is not None and marks is not None:
                _finish_notes(work, name, sheet, (marks, plan, writer))
        else:
            write_part(target, info.filename, pieces, info)
    for name in waiting - set(work.done):
        if name in work.archive.parts:
            work.put(name, read_part(work.archive, name))


def _finish_notes(work: _Work, part: str, sheet: Sheet, made: tuple[Marks, _Plan | None, SheetWriter]) -> None:
    """Write comments, drawing and relations of a sheet, now that it is known whether it had a drawing."""
    marks, plan, writer = made
    if writer.facts.conditional:
        work.say("note-conditional", sheet=sheet.name)
    if plan is None:
        return
    if len(marks.notes) < marks.count:
        work.say("note-limit", sheet=sheet.name, count=f"{len(marks.notes):,}")
    relations = relations_of(work.space)
    added = [(plan.link, relations + "/comments", plan.comments)] if plan.is_new else []
    notes = (
        new_notes(marks.notes, writer.facts.space or work.space)
        if plan.is_new
        else add_notes(_small(work.archive, plan.comments), plan.comments, marks.notes)
    )
    if writer.facts.drawing == plan.relation:
        added.append((plan.relation, relations + "/vmlDrawing", plan.drawing))
        work.put(plan.drawing, new_drawing(notes.shapes, marks.notes, work.block))
        work.block += 1 + len(notes.shapes) // 1000
    else:
        old = plan.drawings.get(writer.facts.drawing, "")
        drawing = add_shapes(read_part(work.archive, old), notes.shapes, marks.notes)
        if drawing is None:
            work.say("note-shapes", sheet=sheet.name)
            return
        work.put(old, drawing)
    work.put(plan.comments, notes.data)
    if added:
        work.put(rels_of(part), add_relations(plan.rels, part, added))
    work.notes += len(marks.notes) - len(notes.talks)
    if notes.talks:
        work.say("note-talk", sheet=sheet.name, cells=", ".join(address(*spot) for spot in notes.talks[:20]))


def _tell_of_parts(work: _Work) -> None:
    """Say what a mark in the workbook does to it, and what stays asleep."""
    if any(name.startswith("_xmlsignatures/") for name in work.archive.parts):
        work.say("note-signature")
    if any(name.endswith("vbaproject.bin") for name in work.archive.parts):
        work.say("note-macros")
    if work.styles.is_full:
        work.say("note-styles")


def _outcome(work: _Work) -> Outcome:
    names = {sheet.name: sheet.name for sheet in work.book.listed}
    hidden = frozenset(sheet.name for sheet in work.book.listed if sheet.hidden)
    return Outcome(work.cells, work.notes, tuple(work.said), names, hidden)
