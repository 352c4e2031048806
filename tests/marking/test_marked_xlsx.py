"""An officer's workbook comes back with marks in it, and with everything else as it was."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from lxml import etree

from govdata.marking.marks import MOST_NOTES
from govdata.marking.package import DRAWING
from govdata.reading.workbooks.archive import Limits, open_archive
from govdata.reading.workbooks.sheets import Refusal
from govdata.reading.workbooks.xlsxstrings import unescape
from tests.builders import RELATIONS, STRICT, TRANSITIONAL, pack, xlsx_parts
from tests.marking.golden import MAIN, bare, check_whole, finding, load, marked, parts, plain, rich

SHEET = "数'据 一"
RED = "FFFFB3BA"


def test_nothing_of_a_rich_workbook_is_lost(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    places = {"B3": False, "A2": False, "C5": False, "F2": False, "J2": False, "Z9": True, "A40": True, "B40": True}
    data, outcome = marked(path, [finding(SHEET, cell) for cell in places])
    before, after = parts(path.read_bytes()), parts(data)
    first = after["xl/workbook.xml"]
    changed = {name for name in before if before[name] != after[name]}
    assert set(before) <= set(after)
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",  # it was the chosen tab
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    assert bare(before["xl/worksheets/sheet1.xml"], places) == bare(after["xl/worksheets/sheet1.xml"], places)
    assert b"tabSelected" in before["xl/worksheets/sheet2.xml"]
    assert before["xl/worksheets/sheet2.xml"].replace(b' tabSelected="1"', b"") == after["xl/worksheets/sheet2.xml"]
    assert b"activeTab" not in first
    assert b"firstSheet" not in first
    assert (outcome.cells, outcome.notes) == (8, 8)
    book = check_whole(data)
    assert book.sheetnames == ["检查结果", SHEET, "图", "藏", "保护"]
    assert book["藏"].sheet_state == "hidden"
    assert book["保护"].protection.sheet
    assert book["图"].defined_names["局部"].attr_text == "图!$A$20"
    assert set(book[SHEET].defined_names) == {"_xlnm._FilterDatabase"} or book[SHEET].auto_filter.ref == "A1:D20"


def test_a_marked_cell_keeps_its_look_but_for_the_colour(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    data, _ = marked(path, [finding(SHEET, "F2"), finding(SHEET, "D4", "warning"), finding(SHEET, "A60", "note")])
    old, new = load(path)[SHEET], check_whole(data)[SHEET]
    for cell in ("F2", "D4"):
        before, after = old[cell], new[cell]
        assert (after.value, after.number_format) == (before.value, before.number_format)
        for look in ("font", "border", "alignment", "protection"):
            assert repr(getattr(after, look)) == repr(getattr(before, look))
    assert [new[cell].fill.fgColor.rgb for cell in ("F2", "D4", "A60")] == [RED, "FFFFE08A", "FFBDD7EE"]
    assert repr(new["D5"].fill) == repr(old["D5"].fill)


def test_comments_say_what_to_do_and_old_ones_stay(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    data, _ = marked(path, [finding(SHEET, "B3"), finding(SHEET, "B3", "note", message="另一件"), finding(SHEET, "C3")])
    sheet = check_whole(data)[SHEET]
    assert sheet["B3"].comment.text == "老批注\n\n【错误】B3 不对\n怎么办：请改正。\n\n【提示】另一件\n怎么办：请改正。"
    assert sheet["B4"].comment.text == "另一个"
    assert sheet["C3"].comment.text == "【错误】C3 不对\n怎么办：请改正。"
    drawing = parts(data)["xl/drawings/vmlDrawing1.vml"].decode()
    ids = [part.split('"')[0] for part in drawing.split('id="_x0000_s')[1:]]
    assert len(ids) == len(set(ids)) == 3
    assert drawing.count('id="_x0000_t202"') == 1


def test_the_first_sheet_leads_to_the_cells(tmp_path: Path) -> None:
    data, _ = marked(rich(tmp_path / "表.xlsx"), [finding(SHEET, "C3"), finding("藏", "A1", "note"), finding(SHEET, "B7", "warning")])
    sheet = check_whole(data)["检查结果"]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if cell.value]
    assert "原始数据" in texts[1]
    assert "错误 1 处 · 警告 1 处 · 提示 1 处" in texts
    links = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"{SHEET} C3": "'数''据 一'!C3", f"{SHEET} B7": "'数''据 一'!B7"}
    assert "藏 A1（隐藏的工作表）" in texts


def test_macros_are_kept_and_never_run(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsm", macros=True)
    data, outcome = marked(path, [finding(SHEET, "C3")])
    assert parts(data)["xl/vbaProject.bin"] == parts(path.read_bytes())["xl/vbaProject.bin"]
    assert b"macroEnabled" in parts(data)["[Content_Types].xml"]
    assert any("宏" in sentence for sentence in outcome.said)


@pytest.mark.parametrize("strict", [False, True])
def test_missing_rows_and_cells_come_in_order(tmp_path: Path, strict: bool) -> None:
    path = tmp_path / "表.xlsx"
    plain(path, {"strict": strict, "sheets": {"表": {"cells": {"B2": "甲", "D2": 1, "B5": "乙"}, "hidden_rows": [7]}}})
    cells = ["A1", "A2", "C2", "D2", "E2", "C3", "A5", "B7", "C9"]
    data, _ = marked(path, [finding("表", cell) for cell in reversed(cells)])
    space = STRICT if strict else TRANSITIONAL
    root = etree.fromstring(parts(data)["xl/worksheets/sheet1.xml"])
    rows = [(row.get("r"), [cell.get("r") for cell in row]) for row in root.iter(f"{{{space}}}row")]
    assert rows == [
        ("1", ["A1"]), ("2", ["A2", "B2", "C2", "D2", "E2"]), ("3", ["C3"]), ("5", ["A5", "B5"]), ("7", ["B7"]), ("9", ["C9"]),
    ]  # fmt: skip
    drawing = root.find(f"{{{space}}}legacyDrawing")
    assert drawing is not None
    relations = etree.fromstring(parts(data)["xl/worksheets/_rels/sheet1.xml.rels"])
    kinds = {item.get("Type") for item in relations}
    base = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else RELATIONS
    assert kinds == {base + "/comments", base + "/vmlDrawing"}
    if not strict:
        assert check_whole(data)["表"]["C2"].comment.text.startswith("【错误】C2")


PREFIXED = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:worksheet xmlns:x="{TRANSITIONAL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><!-- <x:row r="1"> -->
<x:sheetViews><x:sheetView tabSelected='true' workbookViewId="0"/></x:sheetViews><x:cols><x:col min="3" max="3" style="1"/></x:cols>
<x:sheetData>
<x:row r="1" spans="1:2"><x:c r="A1" t="inlineStr"><x:is><x:t>&lt;c r="B1"/&gt;</x:t></x:is></x:c>
<x:c s='0'><x:v>1</x:v></x:c></x:row><x:row><x:c><x:v>2</x:v></x:c></x:row></x:sheetData>
<x:pageMargins left="1" right="1" top="1" bottom="1" header="1" footer="1"/>
<mc:AlternateContent><mc:Choice Requires="x14"><x:controls/></mc:Choice></mc:AlternateContent><x:extLst/></x:worksheet>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_prefixes_comments_and_other_encodings(tmp_path: Path, encoding: str) -> None:
    spec = {"sheets": {"表": {"cells": {"A1": {"v": 1, "format": "0.0"}}}}}
    text = PREFIXED.replace("UTF-8", encoding)
    path = tmp_path / "表.xlsx"
    plain(path, spec, sheet1=text.encode(encoding))
    data, _ = marked(path, [finding("表", cell) for cell in ("A1", "B1", "C1", "A2", "C4")])
    sheet = parts(data)["xl/worksheets/sheet1.xml"].decode()
    root = etree.fromstring(sheet.encode())
    rows = [[(cell.get("r"), bool(cell.get("s"))) for cell in row] for row in root.iter(f"{{{MAIN}}}row")]
    assert rows == [[("A1", True), (None, True), ("C1", True)], [(None, True)], [("C4", True)]]
    assert '<!-- <x:row r="1"> -->' in sheet
    assert "tabSelected" not in sheet
    assert "spans" not in sheet
    assert sheet.index("<x:legacyDrawing") < sheet.index("<mc:AlternateContent>")
    styles = etree.fromstring(parts(data)["xl/styles.xml"])
    looks = styles.find(f"{{{MAIN}}}cellXfs")
    column = next(cell for cell in root.iter(f"{{{MAIN}}}c") if cell.get("r") == "C1")
    assert looks[int(column.get("s"))].get("numFmtId") == "201"  # that of the column, whose style a new cell takes
    assert int(looks.get("count")) == len(looks)


@pytest.mark.parametrize("data", ["<x:sheetData/>", "<x:sheetData></x:sheetData>", "<x:sheetData><x:row r='2'/></x:sheetData>"])
def test_empty_sheets_take_cells(tmp_path: Path, data: str) -> None:
    path = tmp_path / "表.xlsx"
    sheet = f'<x:worksheet xmlns:x="{TRANSITIONAL}">{data}</x:worksheet>'
    plain(path, {"sheets": {"表": {}}}, sheet1=sheet)
    made, _ = marked(path, [finding("表", cell) for cell in ("B2", "A2", "C3")])
    root = etree.fromstring(parts(made)["xl/worksheets/sheet1.xml"])
    assert [[cell.get("r") for cell in row] for row in root.iter(f"{{{MAIN}}}row")] == [["A2", "B2"], ["C3"]]


def test_a_workbook_without_styles_gets_some(tmp_path: Path) -> None:
    found = xlsx_parts({"sheets": {"表": {"cells": {"A1": 1}}}})
    found["xl/_rels/workbook.xml.rels"] = str(found["xl/_rels/workbook.xml.rels"]).replace("styles.xml", "none.xml")
    del found["xl/styles.xml"]
    path = tmp_path / "表.xlsx"
    path.write_bytes(pack(found))
    data, _ = marked(path, [finding("表", "A1")])
    styles = etree.fromstring(parts(data)["xl/styles1.xml"])
    assert [etree.QName(item).localname for item in styles] == ["fonts", "fills", "borders", "cellXfs"]


def test_two_hundred_sheets_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    plain(path, {"sheets": {f"表{number}": {"cells": {"A1": number}} for number in range(200)}})
    data, _ = marked(path, [finding("表150", "A1"), finding("表7", "B1")])
    before, after = parts(path.read_bytes()), parts(data)
    sheets = [name for name in before if "sheets/sheet" in name]
    assert sum(before[name] != after[name] for name in sheets) == 2
    assert len(check_whole(data).sheetnames) == 201


def test_no_more_than_a_thousand_comments(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    plain(path, {"sheets": {"表": {"cells": {f"A{row}": row for row in range(1, 1301)}}}})
    found = [finding("表", f"A{row}", "note" if row <= 200 else "error") for row in range(1, 1301)]
    data, outcome = marked(path, found)
    sheet = check_whole(data)["表"]
    assert (outcome.cells, outcome.notes) == (1300, MOST_NOTES)
    assert sum(sheet.cell(row, 1).comment is not None for row in range(1, 1301)) == MOST_NOTES
    assert sheet["A1"].comment is None
    assert sheet["A1"].fill.fgColor.rgb == "FFBDD7EE"
    assert any("1,000" in sentence for sentence in outcome.said)
    assert parts(data)["xl/drawings/vmlDrawing1.vml"].count(b"<v:shape ") == MOST_NOTES


def test_conversations_are_left_alone(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    talk = _with(path, "xl/comments1.xml", lambda text: text.replace("<author>王五</author>", "<author>tc={AB}</author>"))
    data, outcome = marked(talk, [finding(SHEET, "B3"), finding(SHEET, "B4")])
    sheet = check_whole(data)[SHEET]
    assert sheet["B3"].comment.text == "老批注"
    assert "B4 不对" in sheet["B4"].comment.text
    assert outcome.notes == 1
    assert any("对话" in sentence and "B3" in sentence for sentence in outcome.said)


def test_a_drawing_that_cannot_be_read_takes_no_comments(tmp_path: Path) -> None:
    path = _with(rich(tmp_path / "表.xlsx"), "xl/drawings/vmlDrawing1.vml", lambda text: text.replace("</xml>", "</xm"))
    data, outcome = marked(path, [finding(SHEET, "C3")])
    before, after = parts(path.read_bytes()), parts(data)
    assert all(before[name] == after[name] for name in ("xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"))
    assert (outcome.cells, outcome.notes) == (1, 0)
    assert any("图形" in sentence for sentence in outcome.said)


def test_text_of_any_kind_fits_into_comments_and_cells(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    plain(path, {"sheets": {"a&<b>\"'": {"cells": {"A1": 1}}}})
    text = "=cmd|' /C calc'!A0 <&> \x01 \u202e _x0041_ 😀 \ud800 ]]>"
    data, _ = marked(path, [finding("a&<b>\"'", "A1", message=text, help=text)])
    book = check_whole(data)
    # openpyxl does not undo in comments what it undoes in cells
    assert "=cmd|' /C calc'!A0 <&> \\x01 \\u202e _x0041_ 😀 \\ud800 ]]>" in unescape(book["a&<b>\"'"]["A1"].comment.text)
    assert not any(cell.data_type == "f" for row in book["检查结果"].iter_rows() for cell in row)


def test_names_of_sheets_are_not_taken_twice(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    plain(path, {"sheets": {"检查结果": {"cells": {"A1": 1}}}})
    assert check_whole(marked(path, [finding("检查结果", "A1")])[0]).sheetnames == ["检查结果 (2)", "检查结果"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    data, outcome = marked(path, [finding("没有", "A1"), finding(SHEET, "C2")])
    assert outcome.cells == 1
    assert any("没有" in sentence for sentence in outcome.said)
    assert any("条件格式" in sentence for sentence in outcome.said)
    texts = [cell.value for row in check_whole(data)["检查结果"].iter_rows() for cell in row if cell.value]
    assert all(sentence in texts for sentence in outcome.said)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/worksheets/sheet1.xml", lambda text: text.replace("</sheetData>", "")),
        ("xl/styles.xml", lambda text: text[:-9]),
        ("xl/workbook.xml", lambda text: text.replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1)),
        ("xl/comments1.xml", lambda text: "<comments>"),
    ],
)
def test_a_broken_workbook_is_refused(tmp_path: Path, part: str, change: Callable[[str], str]) -> None:
    path = _with(rich(tmp_path / "表.xlsx"), part, change)
    with pytest.raises(Refusal):
        marked(path, [finding(SHEET, "C3")])


def test_limits_hold_for_parts_that_are_only_copied(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    plain(path, {"sheets": {"表": {"cells": {"A1": 1}}}}, bomb=bytes(12 << 20))
    with pytest.raises(Refusal):
        marked(path, [finding("表", "A1")])
    open_archive(path, Limits()).close()


def test_chart_sheets_external_links_and_signatures(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("数")
        page.write_row("A1", [1, 2])
        page.write_formula("A2", "='[别.xlsx]表'!A1", None, 5)
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=数!$A$1:$B$1"})
        tab = book.add_chartsheet("图")
        tab.set_chart(chart)
        tab.activate()
    links = {"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>', "_xmlsignatures/sig1.xml": "<Signature/>"}
    with zipfile.ZipFile(path, "a") as file:
        for name, text in links.items():
            file.writestr(name, text)
    data, outcome = marked(path, [finding("数", "B1")])
    before, after = parts(path.read_bytes()), parts(data)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
        *("xl/worksheets/sheet1.xml", "xl/chartsheets/sheet1.xml"),
    }
    assert before["xl/chartsheets/sheet1.xml"].replace(b' tabSelected="1"', b"") == after["xl/chartsheets/sheet1.xml"]
    assert any("签名" in sentence for sentence in outcome.said)
    assert b"'[\xe5\x88\xab.xlsx]" in after["xl/worksheets/sheet1.xml"]


def test_drawings_of_other_names_are_written_once(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    found = parts(path.read_bytes())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, content in found.items():
            kind = f'<Override PartName="/xl/drawings/old.xml" ContentType="{DRAWING}"/></Types>'.encode()
            changed = content.replace(b"</Types>", kind) if "[" in name else content.replace(b"vmlDrawing1.vml", b"old.xml")
            file.writestr(name.replace("vmlDrawing1.vml", "old.xml"), changed)
    path.write_bytes(target.getvalue())
    data, _ = marked(path, [finding(SHEET, "C3")])
    assert parts(data)["xl/drawings/old.xml"].count(b'ObjectType="Note"') == 3
    assert check_whole(data)[SHEET]["C3"].comment


def test_the_same_workbook_is_the_same_bytes(tmp_path: Path) -> None:
    path = rich(tmp_path / "表.xlsx")
    assert marked(path, [finding(SHEET, "C3")])[0] == marked(path, [finding(SHEET, "C3")])[0]


def _with(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The workbook with one part changed."""
    found = parts(path.read_bytes())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in found.items():
            file.writestr(name, change(content.decode()) if name == part else content)
    path.write_bytes(target.getvalue())
    return path
