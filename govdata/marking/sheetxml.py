"""Sheets that we write ourselves, row by row: the first sheet with the summary, and the values of a table that was no workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from govdata.classes import dataclass, field
from govdata.marking.markup import escape, relations_of, text_element
from govdata.marking.package import HEAD
from govdata.reading.sources import letters
from govdata.reading.workbooks.sheets import address

MOST_CHARACTERS = 32_767
"""Of a cell, in Excel."""
MOST_LINKS = 65_000
"""Excel opens no sheet with more (its limit is 65,530)."""
FOLDED = "…"


@dataclass(frozen=True, slots=True)
class Item:
    """A cell of ours: always text, so that nothing in it is ever computed."""

    text: str
    style: int
    target: str = ""
    """Where a link in it leads inside the workbook: `'表 1'!C17`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of ours, from column A."""

    items: Sequence[Item]
    merged: int = 1
    """Columns over which its first cell goes."""
    height: float = 0
    """In points; 0: as the spreadsheet program likes."""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of ours, and how wide its columns are (in characters)."""

    widths: Sequence[float]
    lines: Sequence[Line]
    frozen: int = 0
    """Rows that stay in sight."""
    selected: bool = False


@dataclass(slots=True)
class Cut:
    """What of the values did not fit into a workbook."""

    cells: int = 0
    """Texts that are longer than a cell may be."""
    columns: int = 0
    """Rows that are wider than a sheet."""
    sheets: list[str] = field(default_factory=list)
    """Names of the sheets that were needed."""


def link_to(sheet: str, row: int, column: int) -> str:
    """Give the target of a link to a cell."""
    return "'" + sheet.replace("'", "''") + "'!" + address(row, column)


def text_cell(row: int, column: int, text: str, style: int, prefix: str = "") -> str:
    """Give the XML of a cell that holds text as it is."""
    inner = f"<{prefix}is>{text_element(prefix + 't', text)}</{prefix}is>"
    return f'<{prefix}c r="{address(row, column)}" s="{style}" t="inlineStr">{inner}</{prefix}c>'


def write_page(page: Page, space: str) -> Iterator[bytes]:
    """Give the XML of a sheet of ours, in the name space of the workbook."""
    chosen = ' tabSelected="1"' if page.selected else ""
    pane = f'<pane ySplit="{page.frozen}" topLeftCell="A{page.frozen + 1}" activePane="bottomLeft" state="frozen"/>' if page.frozen else ""
    yield HEAD + f'<worksheet xmlns="{space}" xmlns:r="{relations_of(space)}">'.encode()
    yield b'<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
    yield f'<sheetViews><sheetView showGridLines="0"{chosen} workbookViewId="0">{pane}</sheetView></sheetViews>'.encode()
    yield b'<sheetFormatPr defaultRowHeight="15"/>'
    yield columns_xml(page.widths)
    yield b"<sheetData>"
    for number, line in enumerate(page.lines, 1):
        high = f' ht="{line.height:g}" customHeight="1"' if line.height else ""
        cells = "".join(text_cell(number, column, item.text[:MOST_CHARACTERS], item.style) for column, item in enumerate(line.items, 1))
        yield f'<row r="{number}"{high}>{cells}</row>'.encode()
    yield b"</sheetData>"
    yield from _behind(page)
    yield b'<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
    yield b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'


def columns_xml(widths: Sequence[float]) -> bytes:
    """Give the XML of the columns' widths."""
    columns = "".join(f'<col min="{number}" max="{number}" width="{width:g}" customWidth="1"/>' for number, width in enumerate(widths, 1))
    return f"<cols>{columns}</cols>".encode() if columns else b""


def _behind(page: Page) -> Iterator[bytes]:
    merged = [(number, line.merged) for number, line in enumerate(page.lines, 1) if line.merged > 1]
    if merged:
        cells = "".join(f'<mergeCell ref="A{number}:{letters(wide)}{number}"/>' for number, wide in merged)
        yield f'<mergeCells count="{len(merged)}">{cells}</mergeCells>'.encode()
    links = list(_links(page.lines))[:MOST_LINKS]
    if links:
        yield f"<hyperlinks>{''.join(links)}</hyperlinks>".encode()


def _links(lines: Iterable[Line]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        for column, item in enumerate(line.items, 1):
            if item.target:
                leads = f'location="{escape(item.target, True)}" display="{escape(item.text[:255], True)}"'
                yield f'<hyperlink ref="{address(number, column)}" {leads}/>'
