"""Workbooks with everything that officers put into them, and what a marked one is held against."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import xlsxwriter
from lxml import etree

from govdata.marking.editing import edit_workbook
from govdata.marking.marks import FileReport
from govdata.marking.package import SHEET
from govdata.marking.summary import Outcome, Run
from govdata.marking.tables import CONTENT_TYPES
from govdata.reading.workbooks.archive import Limits, open_archive
from govdata.reading.workbooks.sheets import place
from govdata.values import DatasetReport, Finding
from tests.builders import pack, xlsx_parts

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RUN = Run({"today": "2026-11-25", "language": "zh-CN"}, "0")
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def rich(path: Path, macros: bool = False) -> Path:
    """A workbook with formulas, formats, a table, filters, conditional formats, a chart, a text box, a picture, comments and more."""
    with xlsxwriter.Workbook(str(path)) as book:
        data, other = book.add_worksheet("数'据 一"), book.add_worksheet("图")
        hidden, asked = book.add_worksheet("藏"), book.add_worksheet("保护")
        red = book.add_format({"bold": True, "font_color": "red", "num_format": "0.00", "align": "center", "locked": False})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        data.write_row("A1", ["编号", "名称", "数量", "日期"], red)
        for row in range(1, 20):
            data.write_row(row, 0, [f"{row:06d}", f"名称{row}", row])
            data.write_number(row, 3, 45_000 + row, day)
        data.write_formula("F2", "=SUM(C2:C20)", red, 190)
        data.write_array_formula("G2:G3", "{=C2:C3*2}", None, 2)
        data.write_rich_string("H2", "前", red, "红", "后")
        data.write_url("H3", "https://example.com/?a=1&b=2", string="链接")
        data.write_url("H4", "internal:'图'!A1")
        data.write_comment("B3", "老批注", {"author": "王五"})
        data.write_comment("B4", "另一个", {"x_scale": 2})
        data.set_column("A:A", 22, book.add_format({"bg_color": "#EEEEEE"}))
        data.set_row(4, 40)
        data.set_row(8, None, None, {"hidden": True})
        data.merge_range("J2:K3", "合并", red)
        data.autofilter("A1:D20")
        data.freeze_panes(1, 1)
        data.data_validation("C2:C20", {"validate": "integer", "criteria": ">=", "value": 0})
        data.conditional_format("C2:C20", {"type": "data_bar"})
        data.conditional_format("D2:D20", {"type": "cell", "criteria": ">", "value": 45_010, "format": red})
        data.insert_image("M2", "pixel.png", {"image_data": io.BytesIO(PIXEL)})
        data.insert_textbox("M5", "文本框")
        data.add_sparkline("L2", {"range": "'数''据 一'!C2:C20"})
        data.set_header("&C页眉")
        data.set_h_pagebreaks([10])
        data.print_area("A1:H20")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "='数''据 一'!$C$2:$C$20"})
        other.insert_chart("B2", chart)
        other.add_table("A20:B23", {"data": [["a", 1], ["b", 2], ["c", 3]], "columns": [{"header": "甲"}, {"header": "乙"}]})
        other.insert_button("H2", {"caption": "按"})
        hidden.write("A1", "藏着")
        hidden.hide()
        asked.protect("secret")
        asked.write("A1", 1)
        book.define_name("全局", "='数''据 一'!$A$1")
        book.define_name("图!局部", "=图!$A$20")
        other.activate()
        if macros:
            book.add_vba_project(str(_macros(path)))
    return path


def _macros(path: Path) -> Path:
    made = path.with_name("vbaProject.bin")
    made.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)))
    return made


def plain(path: Path, spec: Mapping[str, object], **more: str | bytes) -> Path:
    """A workbook of `builders`, with the content types that programs ask for, and with parts (by the end of their name) that are others."""
    found = xlsx_parts(spec)
    for name in more:
        whole = next((part for part in found if part.rpartition("/")[2].partition(".")[0] == name), f"xl/media/{name}.bin")
        found[whole] = more[name]
    kinds = {"xl/workbook.xml": "sheet.main", "xl/styles.xml": "styles", "xl/sharedStrings.xml": "sharedStrings"}
    kinds |= {name: "worksheet" for name in found if "sheets/sheet" in name}
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{SHEET}{kind}+xml"/>' for name, kind in kinds.items())
    others = "application/vnd.openxmlformats-package.relationships+xml"
    defaults = f'<Default Extension="rels" ContentType="{others}"/><Default Extension="bin" ContentType="application/octet-stream"/>'
    found["[Content_Types].xml"] = f'<Types xmlns="{CONTENT_TYPES}">{defaults}{overrides}</Types>'
    path.write_bytes(pack(found))
    return path


def finding(sheet: str, cell: str, severity: str = "error", **more: object) -> Finding:
    """A finding at a cell."""
    row, column = place(cell)
    told = {"message": f"{cell} 不对", "help": "请改正。", "field": "名称", **more}
    return Finding("table/type-error", severity, file="表.xlsx", sheet=sheet, row=row, column=column, cell=cell, **told)  # type: ignore[arg-type]


def report_of(findings: Sequence[Finding]) -> FileReport:
    """The report of a dataset that has one file."""
    dataset = DatasetReport("甲", "", "甲", False, None, (), {}, (), (), {}, len(findings), (), tuple(findings))
    return FileReport(dataset, "表.xlsx", tuple(findings), "zh-CN")


def marked(path: Path, findings: Sequence[Finding]) -> tuple[bytes, Outcome]:
    """The marked copy of a workbook."""
    target = io.BytesIO()
    archive = open_archive(path, Limits())
    try:
        outcome = edit_workbook(archive, report_of(findings), RUN, target)
    finally:
        archive.close()
    return target.getvalue(), outcome


def parts(data: bytes) -> dict[str, bytes]:
    """The parts of a zip file; each name stands there once."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = file.namelist()
        assert len({name.lower() for name in names}) == len(names)
        assert file.testzip() is None
        return {name: file.read(name) for name in names}


def bare(sheet: bytes, marks: Mapping[str, bool]) -> str:
    """A sheet without what marking may change: the style of marked cells and those that are new, the range, which tab is chosen."""
    root = etree.fromstring(sheet)
    for element in list(root.iter()):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "c" and element.get("r") in marks:
            element.attrib.pop("s", None)
            if marks[element.get("r")]:
                parent = element.getparent()
                parent.remove(element)
        elif name == "row":
            element.attrib.pop("spans", None)
        elif name == "dimension":
            element.set("ref", "")
        elif name == "sheetView":
            element.attrib.pop("tabSelected", None)
        elif name == "legacyDrawing":
            element.getparent().remove(element)
    for row in [row for row in root.iter(f"{{{MAIN}}}row") if not len(row)]:
        row.getparent().remove(row)
    return etree.tostring(root, method="c14n").decode()


def check_whole(data: bytes) -> openpyxl.Workbook:
    """The workbook, after everything that refers to something was followed."""
    found = parts(data)
    types = etree.fromstring(found["[Content_Types].xml"])
    names = [item.get("PartName") for item in types if item.get("PartName")]
    assert len(set(names)) == len(names)
    assert {name.lstrip("/") for name in names} <= set(found)
    known = {item.get("Extension").lower() for item in types if item.get("Extension")}
    assert all(
        name in {part.lstrip("/") for part in names} or name.rpartition(".")[2].lower() in known for name in found if "[" not in name
    )
    for name, content in found.items():
        if name.endswith(".rels"):
            _check_relations(name, content, found)
    return load(io.BytesIO(data))


def load(file: Path | io.BytesIO) -> openpyxl.Workbook:
    """A workbook as openpyxl sees it, which warns of what it drops."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(file, keep_vba=True)


def _check_relations(name: str, content: bytes, found: Mapping[str, bytes]) -> None:
    from posixpath import dirname, join, normpath

    items = list(etree.fromstring(content))
    ids = [item.get("Id") for item in items]
    assert len(set(ids)) == len(ids), name
    base = dirname(dirname(name))
    for item in items:
        if item.get("TargetMode") != "External":
            target = item.get("Target")
            whole = target.lstrip("/") if target.startswith("/") else normpath(join(base, target))
            assert whole in found, (name, target)
