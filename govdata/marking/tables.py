"""A workbook of values: for tables that are no workbook (CSV), for old ones that cannot be edited (XLS, ODS), and for none at all.

Text is written as text, with the format of text: leading zeros and long numbers stay, and nothing that begins with `=` is computed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain, groupby, islice
from typing import IO, NamedTuple

from govdata.classes import dataclass, field
from govdata.marking.container import open_target, write_part
from govdata.marking.marks import MOST_NOTES, FileReport, Marks, marks_of
from govdata.marking.markup import RELATIONS, TRANSITIONAL, escape
from govdata.marking.naming import free_tab
from govdata.marking.notes import new_drawing, new_notes
from govdata.marking.package import DRAWING, HEAD, SHEET, TYPES, add_relations
from govdata.marking.sheetxml import FOLDED, MOST_CHARACTERS, Cut, columns_xml, text_cell, write_page
from govdata.marking.styles import LOOKS, Styles, look_style, new_styles, number_style, text_style, write_styles
from govdata.marking.summary import Outcome, Run, Told, summary_page
from govdata.messages import text
from govdata.reading.sources import Item
from govdata.reading.workbooks.sheets import MOST_COLUMNS, MOST_ROWS, address
from govdata.values import Cell, Row, Severity

CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
DATE, MOMENT, GENERAL = 14, 22, 0
"""Built-in number formats."""
FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a leap day that never was."""
LOOKED_AT = 100
"""Rows by which the width of columns is chosen."""
NARROWEST, WIDEST = 8.0, 40.0
WHOLE = 10**15


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose values are written: the sheet of the report, the name that its sheet gets, and its rows."""

    sheet: str
    title: str
    items: Iterable[Item]
    header: int = 0
    """The last row of its header."""


@dataclass(slots=True)
class _Work:
    """A workbook that is being written."""

    target: zipfile.ZipFile
    report: FileReport
    styles: Styles
    cut: Cut = field(default_factory=Cut)
    tabs: list[tuple[str, str]] = field(default_factory=list)
    """Names of sheets and of their parts."""
    types: list[tuple[str, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    cells: int = 0
    notes: int = 0

    def say(self, key: str, **args: object) -> None:
        self.said.append(text(f"workbook.{key}", self.report.language, args))


def write_tables(tables: Iterable[Table], report: FileReport, run: Run, file: IO[bytes], said: Sequence[str]) -> Outcome:
    """Write a workbook with the summary and the values of tables."""
    with open_target(file) as target:
        work = _Work(target, report, new_styles(TRANSITIONAL), said=list(said))
        first = free_tab(text("workbook.sheet-name", report.language), ())
        work.tabs.append((first, "xl/worksheets/sheet1.xml"))
        sheets: dict[str, str] = {}
        pages: dict[str, list[str]] = {}
        for table in tables:
            pages[table.sheet] = _write_table(work, table)
            sheets |= {table.sheet: pages[table.sheet][0]} if pages[table.sheet] else {}
        _tell_cut(work, pages)
        split = next((tuple(names) for names in pages.values() if len(names) > 1), ())
        outcome = Outcome(work.cells, work.notes, tuple(work.said), sheets, frozenset(), MOST_ROWS if split else 0, split, is_source=False)
        looks = {look: look_style(work.styles, look) for look in LOOKS}
        page = summary_page(Told(report, outcome, looks, run))
        write_part(target, work.tabs[0][1], write_page(page, TRANSITIONAL))
        for name, data in _frame(work):
            write_part(target, name, (data,))
    return outcome


def _write_table(work: _Work, table: Table) -> list[str]:
    """Write the values of a table, on more than one sheet where it has more rows than one holds; gives their names."""
    findings = [finding for finding in work.report.findings if finding.sheet == table.sheet]
    rows = (item for item in table.items if isinstance(item, Row))
    names = []
    for number, some in groupby(rows, lambda row: (row.number - 1) // MOST_ROWS):
        before = number * MOST_ROWS
        marks = marks_of(findings, work.report.language, before)
        tab = free_tab(table.title, [name for name, _ in work.tabs])
        part = f"xl/worksheets/sheet{len(work.tabs) + 1}.xml"
        work.tabs.append((tab, part))
        names.append(tab)
        write_part(work.target, part, _sheet(work, _Rows(some, marks, before, table.header if not number else 0)))
        _write_notes(work, part, tab, marks)
        work.cells += marks.count
    return names


class _Rows(NamedTuple):
    """The rows of one sheet, the marks on it, the rows before it, and its last header row."""

    rows: Iterable[Row]
    marks: Marks
    before: int
    header: int


def _sheet(work: _Work, page: _Rows) -> Iterator[bytes]:
    """Give the XML of a sheet of values; marked cells that have none are empty ones."""
    rows = iter(page.rows)
    first = list(islice(rows, LOOKED_AT))
    yield HEAD + f'<worksheet xmlns="{TRANSITIONAL}" xmlns:r="{RELATIONS}">'.encode()
    high = page.header if 0 < page.header <= 10 else 0
    pane = f'<pane ySplit="{high}" topLeftCell="A{high + 1}" activePane="bottomLeft" state="frozen"/>' if high else ""
    yield f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'.encode()
    yield columns_xml(_widths(first))
    yield b"<sheetData>"
    waiting = sorted(page.marks.colours, reverse=True)
    looks: Looks = {}
    for row in chain(first, rows):
        number = row.number - page.before
        while waiting and waiting[-1] < number:
            yield _row(work, waiting.pop(), (), page.marks, looks)
        if waiting and waiting[-1] == number:
            waiting.pop()
        yield _row(work, number, row.cells, page.marks, looks)
    for number in reversed(waiting):
        yield _row(work, number, (), page.marks, looks)
    yield b'</sheetData><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
    yield b'<legacyDrawing r:id="rId2"/></worksheet>' if page.marks.notes else b"</worksheet>"


Looks = dict[tuple[int | None, Severity | None], int]
"""Number format (none: text) and severity → number of the style."""


def _row(work: _Work, number: int, cells: Sequence[Cell], marks: Marks, looks: Looks) -> bytes:
    coloured = marks.colours.get(number, {})
    if len(cells) > MOST_COLUMNS:
        work.cut.columns += 1
        cells = cells[:MOST_COLUMNS]
    pieces = []
    for column, cell in enumerate(cells, 1):
        if cell is not None and cell != "":
            pieces.append(_cell(work, (number, column), cell, coloured.get(column), looks))
        elif column in coloured:
            pieces.append(_blank((number, column), _style(work, None, coloured[column], looks)))
    beyond = sorted(column for column in coloured if column > len(cells))
    pieces += [_blank((number, column), _style(work, None, coloured[column], looks)) for column in beyond]
    return f'<row r="{number}">{"".join(pieces)}</row>'.encode()


def _blank(spot: tuple[int, int], style: int) -> str:
    return f'<c r="{address(*spot)}" s="{style}"/>'


def _style(work: _Work, code: int | None, severity: Severity | None, looks: Looks) -> int:
    key = code, severity
    if key not in looks:
        looks[key] = text_style(work.styles, severity) if code is None else number_style(work.styles, code, severity)
    return looks[key]


def _cell(work: _Work, spot: tuple[int, int], cell: Cell, severity: Severity | None, looks: Looks) -> str:
    """Give the XML of a value: numbers and dates of old workbooks as such, all else as text."""
    if isinstance(cell, bool):
        return f'<c r="{address(*spot)}" s="{_style(work, GENERAL, severity, looks)}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, int | float) and -WHOLE < cell < WHOLE:
        return f'<c r="{address(*spot)}" s="{_style(work, GENERAL, severity, looks)}"><v>{cell!r}</v></c>'
    if isinstance(cell, date) and (cell.date() if isinstance(cell, datetime) else cell) >= FIRST_DAY:
        code = MOMENT if isinstance(cell, datetime) else DATE
        return f'<c r="{address(*spot)}" s="{_style(work, code, severity, looks)}"><v>{_serial(cell)}</v></c>'
    shown = cell if isinstance(cell, str) else str(cell)
    # Excel counts a character beyond the first 65,536, such as a rare hanzi, as two.
    if 2 * len(shown) > MOST_CHARACTERS and len(units := shown.encode("utf-16-le", "surrogatepass")) > 2 * MOST_CHARACTERS:
        work.cut.cells += 1
        shown = units[: 2 * (MOST_CHARACTERS - len(FOLDED))].decode("utf-16-le", "ignore") + FOLDED
    return text_cell(*spot, shown, _style(work, None, severity, looks))


def _serial(day: date) -> str:
    if not isinstance(day, datetime):
        return str((day - date(1899, 12, 30)).days)
    passed = day.replace(tzinfo=None) - datetime(1899, 12, 30)
    return repr(passed.days + passed.seconds / 86_400)


def _widths(rows: Sequence[Row]) -> list[float]:
    """Give widths for the columns by the first rows."""
    widths: list[float] = []
    for row in rows:
        for column, cell in enumerate(row.cells[:MOST_COLUMNS]):
            shown = "" if cell is None else str(cell)[:100]
            wide = sum(2 if character > "\u2e7f" else 1 for character in shown) + 2.0
            if column == len(widths):
                widths.append(NARROWEST)
            widths[column] = max(widths[column], min(wide, WIDEST))
    return widths


def _write_notes(work: _Work, part: str, tab: str, marks: Marks) -> None:
    if not marks.notes:
        return
    number = len(work.tabs)
    comments, drawing = f"xl/comments{number}.xml", f"xl/drawings/vmlDrawing{number}.vml"
    notes = new_notes(marks.notes, TRANSITIONAL)
    write_part(work.target, comments, (notes.data,))
    write_part(work.target, drawing, (new_drawing(notes.shapes, marks.notes, 2 * number - 1),))
    added = [("rId1", RELATIONS + "/comments", comments), ("rId2", RELATIONS + "/vmlDrawing", drawing)]
    write_part(work.target, part.replace("sheets/", "sheets/_rels/") + ".rels", (add_relations(b"", part, added),))
    work.types.append((comments, SHEET + "comments+xml"))
    work.notes += len(marks.notes)
    if len(marks.notes) < marks.count:
        work.say("note-limit", sheet=tab, count=f"{MOST_NOTES:,}")


def _tell_cut(work: _Work, pages: Mapping[str, Sequence[str]]) -> None:
    if work.cut.cells:
        work.say("note-cut-cells", count=f"{work.cut.cells:,}")
    if work.cut.columns:
        work.say("note-cut-columns", count=f"{work.cut.columns:,}")
    for names in pages.values():
        if len(names) > 1:
            work.say("note-split", count=len(names), sheets=list(names))
    if any(item.why == "rest-unread" and item.what == work.report.file for item in work.report.dataset.skipped) and any(pages.values()):
        work.say("note-ended")
    if not any(pages.values()):
        work.say("note-no-values")


def _frame(work: _Work) -> Iterator[tuple[str, bytes]]:
    """Give the parts that hold the workbook together."""
    listed = "".join(f'<sheet name="{escape(tab, True)}" sheetId="{n}" r:id="rId{n}"/>' for n, (tab, _) in enumerate(work.tabs, 1))
    views = "<bookViews><workbookView/></bookViews>"
    book = f'<workbook xmlns="{TRANSITIONAL}" xmlns:r="{RELATIONS}">{views}<sheets>{listed}</sheets></workbook>'
    relations = [(f"rId{number}", RELATIONS + "/worksheet", part) for number, (_, part) in enumerate(work.tabs, 1)]
    relations.append((f"rId{len(work.tabs) + 1}", RELATIONS + "/styles", "xl/styles.xml"))
    types = [("xl/workbook.xml", SHEET + "sheet.main+xml"), ("xl/styles.xml", SHEET + "styles+xml"), *work.types]
    types += [(part, SHEET + "worksheet+xml") for _, part in work.tabs]
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types)
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    others = f'<Default Extension="xml" ContentType="application/xml"/><Default Extension="vml" ContentType="{DRAWING}"/>'
    yield "xl/workbook.xml", HEAD + book.encode()
    yield "xl/_rels/workbook.xml.rels", add_relations(b"", "xl/workbook.xml", relations)
    yield "xl/styles.xml", write_styles(work.styles)
    yield "_rels/.rels", add_relations(b"", "", [("rId1", RELATIONS + "/officeDocument", "xl/workbook.xml")])
    yield TYPES, HEAD + f'<Types xmlns="{CONTENT_TYPES}">{rels}{others}{overrides}</Types>'.encode()
