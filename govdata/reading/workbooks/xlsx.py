"""XLSX: the sheet's own XML in one pass, so that formulas, formats, hidden and merged cells are seen (ECMA-376, both name spaces)."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join, normpath

from govdata.classes import dataclass
from govdata.reading.workbooks.archive import Archive, read_xml
from govdata.reading.workbooks.numberformat import BUILT_IN, PLAIN, NumberFormat, read_format
from govdata.reading.workbooks.sheets import Event, Refusal, Sheet
from govdata.reading.workbooks.xlsxcells import TRUE, CellReader
from govdata.reading.workbooks.xlsxrows import read_parts, read_sheet
from govdata.reading.workbooks.xlsxstrings import local, read_strings


@dataclass(slots=True)
class Workbook:
    """An opened XLSX workbook."""

    archive: Archive
    listed: tuple[Sheet, ...]
    epoch_1904: bool
    strings_part: str
    styles_part: str

    def sheets(self) -> tuple[Sheet, ...]:
        """All worksheets; chart sheets hold no cells."""
        return self.listed

    def filled(self, sheet: Sheet) -> bool:
        """Whether any cell of the sheet has a value."""
        return any(len(cell) for rows, _ in read_parts(self.archive, sheet.part) for row in rows for cell in row)

    def events(self, sheet: Sheet) -> Iterator[Event]:
        """One pass over the sheet."""
        strings = read_strings(self.archive, self.strings_part) if self.strings_part else []
        formats = read_styles(self.archive, self.styles_part) if self.styles_part else {}
        longest = self.archive.limits.cell
        is_long = max(map(len, filter(None, strings)), default=0) > longest
        yield from read_sheet(self.archive, sheet.part, CellReader(strings, formats, self.epoch_1904, longest, is_long))

    def close(self) -> None:
        """Let go of the file."""
        self.archive.close()


def open_xlsx(archive: Archive) -> Workbook:
    """Read the list of sheets and where strings and styles are; raises `Refusal`."""
    main = main_part(archive)
    root = read_xml(archive, main)
    relations = read_relations(archive, main)
    sheets = []
    for element in root.iter():
        if local(element.tag) == "sheet":
            key = next((value for name, value in element.items() if name.endswith("}id")), "")
            kind, target = relations.get(key, ("", ""))
            if not kind:
                raise Refusal("workbook/broken", reason="part-missing", part=element.get("name", ""))
            if kind == "worksheet":
                sheets.append(Sheet(element.get("name", ""), element.get("state", "visible") != "visible", target))
    parts = {kind: target for kind, target in relations.values() if target in archive}
    epoch = any(local(element.tag) == "workbookPr" and element.get("date1904") in TRUE for element in root)
    return Workbook(archive, tuple(sheets), epoch, parts.get("sharedStrings", ""), parts.get("styles", ""))


def main_part(archive: Archive) -> str:
    """Give the name of the part that lists the sheets; raises `Refusal`."""
    return next((target for kind, target in read_relations(archive, "").values() if kind == "officeDocument"), "xl/workbook.xml")


def read_relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Read what a part refers to: id → (last word of the type, target as a part's name); what lies outside is left out."""
    name = join(dirname(part), "_rels", part.rpartition("/")[2] + ".rels")
    found: dict[str, tuple[str, str]] = {}
    if name not in archive:
        return found
    for element in read_xml(archive, name):
        if element.get("TargetMode") != "External":
            target = element.get("Target", "").replace("\\", "/")
            whole = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
            found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], whole)
    return found


def read_styles(archive: Archive, part: str) -> dict[str | None, NumberFormat]:
    """Read what each cell style makes of a number, by its number as written; styles that change nothing are left out."""
    root = read_xml(archive, part)
    codes = {str(number): code for number, code in BUILT_IN.items()}
    formats: dict[str | None, NumberFormat] = {}
    # by groups: the formats of conditional formatting (dxfs) have numbers that mean other formats in cells
    for group in root:
        if local(group.tag) == "numFmts":
            codes |= {element.get("numFmtId", ""): element.get("formatCode", "") for element in group}
    for group in root:
        if local(group.tag) == "cellXfs":
            for index, style in enumerate(group):
                meaning = read_format(codes.get(style.get("numFmtId", "0"), "General"))
                if meaning != PLAIN:
                    formats[str(index)] = meaning
    if "0" in formats:
        formats[None] = formats[""] = formats["0"]  # a cell that names no style has the first
    return formats
