"""Workbooks: each trap from a built file, the same values as openpyxl on usual files, and no exception on any bytes."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdata.reading.changes import stamp_of
from govdata.reading.sources import Item
from govdata.reading.workbooks.archive import Limits
from govdata.reading.workbooks.opening import _stream, open_workbook
from govdata.reading.workbooks.sheets import address
from govdata.settings import Settings
from govdata.validation import validate
from govdata.values import Dialect, Finding, Resource, Row, Skipped
from tests import builders


def resource(path: Path, **more: Any) -> Resource:
    return Resource("r", path, path.name, path.suffix[1:], **more)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Item]]:
    """Build a workbook (from a description or bytes) and read it."""

    def make(spec: Mapping[str, Any] | bytes, name: str = "表.xlsx", **more: Any) -> list[Item]:
        path = tmp_path / name
        path.write_bytes(spec if isinstance(spec, bytes) else builders.build_workbook(spec))
        return list(open_workbook(resource(path, **more)).stream())

    return make


def cells(items: list[Item]) -> list[list[Any]]:
    return [list(item.cells) for item in items if isinstance(item, Row)]


def found(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.rule.removeprefix("workbook/"), item.cell) for item in items if isinstance(item, Finding)]


def one(cell: Any, **book: Any) -> Mapping[str, Any]:
    return {"sheets": {"表": {"cells": {"A1": "表头", "A2": cell}}}, **book}


VALUES: list[tuple[Any, Any]] = [
    ("文字", "文字"),
    (" 空 格 ", " 空 格 "),
    ({"runs": ["富", "文本"]}, "富文本"),
    ("甲_x000D_\n乙_x005F_x0041_", "甲\r\n乙_x0041_"),
    ("_xD83D_", "_xD83D_"),
    ({"inline": "内联"}, "内联"),
    (4510, 4510),
    ({"v": "4510.0"}, 4510),
    ({"v": "-3"}, -3),
    ({"v": "1E3"}, 1000),
    ({"v": "0.1"}, 0.1),
    ({"v": "007"}, 7),
    (True, True),
    (False, False),
    ({"bool": "TRUE"}, True),
    ({"iso": "2026-01-05"}, date(2026, 1, 5)),
    ({"iso": "2026-01-05T08:30:00"}, datetime(2026, 1, 5, 8, 30)),
    ({"iso": "08:30:00"}, time(8, 30)),
    ({"formula": "A1", "v": 3}, 3),
    ({"v": 45000, "format_id": 14}, date(2023, 3, 15)),
    ({"v": 45000, "format_id": 31}, date(2023, 3, 15)),
    ({"v": 45000, "format_id": 57}, date(2023, 3, 15)),
    ({"v": 45000.5, "format_id": 22}, datetime(2023, 3, 15, 12)),
    ({"v": 45000, "format_id": 22}, datetime(2023, 3, 15)),
    ({"v": 0.5, "format_id": 20}, time(12)),
    ({"v": 1.0625, "format": "[h]:mm:ss"}, "25:30:00"),
    ({"v": 45000, "format": 'yyyy"年"m"月"d"日";@'}, date(2023, 3, 15)),
    ({"v": 45000, "format": "yyyy年m月d日"}, date(2023, 3, 15)),
    ({"v": 45000, "format": "[$-804]yyyy/m/d"}, date(2023, 3, 15)),
    ({"v": 45000, "format": "[DBNum1][$-804]e年m月"}, date(2023, 3, 15)),
    ({"v": 45000, "format": '0"个月"'}, 45000),
    ({"v": 45000, "format": "[Red]#,##0.00"}, 45000),
    ({"v": 45000, "format": "0.00E+00"}, 45000),
    ({"v": 45000, "format": "G/通用格式"}, 45000),
    ({"v": 1, "format_id": 14}, date(1900, 1, 1)),
    ({"v": 60, "format_id": 14}, 60),
    ({"v": 61, "format_id": 14}, date(1900, 3, 1)),
    ({"v": -1, "format_id": 14}, -1),
    ({"v": 9999999, "format_id": 14}, 9999999),
]


@pytest.mark.parametrize(("cell", "value"), VALUES)
@pytest.mark.parametrize("strict", [False, True])
def test_a_cell_has_its_value_and_type(read: Callable[..., list[Item]], cell: Any, value: Any, strict: bool) -> None:
    items = read(one(cell, strict=strict))
    assert cells(items) == [["表头"], [value]]
    assert type(cells(items)[1][0]) is type(value)
    assert found(items) == []


def test_days_count_from_1904_where_the_workbook_says_so(read: Callable[..., list[Item]]) -> None:
    assert cells(read(one({"v": 43538, "format_id": 14}, epoch_1904=True)))[1] == [date(2023, 3, 15)]


TROUBLES: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    ({"error": "#N/A"}, None, [("error-cell", "A2")]),
    ({"formula": "B1/0", "error": "#DIV/0!"}, None, [("error-cell", "A2")]),
    ({"v": "不是数字"}, None, [("error-cell", "A2")]),
    ({"bool": 2}, None, [("error-cell", "A2")]),
    ({"formula": "B1"}, None, [("formula-without-value", "A2")]),
    ({"v": "1.234567890123457E+17"}, 123456789012346000, [("rounded-number", "A2")]),
    ({"v": "622848040256489001"}, 622848040256489001, [("rounded-number", "A2")]),
    ({"v": "999999999999999"}, 999999999999999, []),
    ({"v": 310104, "format": "0000000"}, 310104, [("format-zeros", "A2")]),
    ({"v": 310104, "format": "000000"}, 310104, []),
    ({"v": 104, "format": '"310"000'}, 104, [("format-zeros", "A2")]),
    ({"v": 104, "format": "0.00"}, 104, []),
]


@pytest.mark.parametrize(("cell", "value", "rules"), TROUBLES)
def test_a_trap_in_a_cell_is_found(read: Callable[..., list[Item]], cell: Any, value: Any, rules: list[tuple[str, str]]) -> None:
    items = read({"sheets": {"表": {"cells": {"A1": "表头", "A2": cell, "A3": "尾"}}}})
    assert cells(items)[1] == [value]
    assert found(items) == rules


def test_zeros_of_a_format_are_told_once_a_column(read: Callable[..., list[Item]]) -> None:
    zeros = {f"A{row}": {"v": row, "format": "0000"} for row in range(2, 9)}
    items = read({"sheets": {"表": {"cells": {"A1": "编号", **zeros}}}})
    told = [item for item in items if isinstance(item, Finding)]
    assert [(item.cell, dict(item.args)) for item in told] == [
        ("A2", {"shown": "0002", "stored": "2", "count": 7, "letter": "A", "zeros": "0000"})
    ]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_places_are_those_of_the_sheet(read: Callable[..., list[Item]], kind: str) -> None:
    sheet = {"C3": "编号", "D3": "名称", "C4": 1, "D4": "甲", "C6": 2, "D6": {"error": "#REF!"}}
    items = read({"kind": kind, "sheets": {"表": {"cells": sheet}}}, f"表.{kind}")
    rows = [item for item in items if isinstance(item, Row)]
    assert [(row.number, list(row.cells)) for row in rows] == [
        (1, []), (2, []), (3, [None, None, "编号", "名称"]), (4, [None, None, 1, "甲"]), (5, [None] * 4), (6, [None, None, 2, None]),
    ]  # fmt: skip
    assert found(items) == [("error-cell", "D6"), ("leading-empty", "C3")]
    last = next(item for item in reversed(items) if isinstance(item, Finding))
    assert last.args == {"rows": 2, "columns": 2}


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_hidden_and_merged_places_are_told(read: Callable[..., list[Item]], kind: str) -> None:
    table = {f"{column}{row}": f"{column}{row}" for row in range(1, 9) for column in "ABCD"}
    sheet = {"cells": table, "merged": ["A2:A4"], "hidden_rows": [3, 4, 7, 12], "hidden_columns": ["B", "C"]}
    told = [item for item in read({"kind": kind, "sheets": {"表": sheet}}, f"表.{kind}") if isinstance(item, Finding)]
    assert [(item.rule, item.cell, item.args.get("range") or item.args.get("which")) for item in told] == [
        ("workbook/merged-cells", "A2", "A2:A4"),
        ("workbook/hidden", "", "3-4, 7"),
        ("workbook/hidden", "", "B-C"),
    ]


def test_a_height_or_width_of_nothing_hides(read: Callable[..., list[Item]]) -> None:
    parts = builders.xlsx_parts({"sheets": {"表": {"cells": {"A1": "甲", "B1": "乙", "A2": 1, "A3": 2}, "hidden_columns": ["B"]}}})
    sheet = str(parts["xl/worksheets/sheet1.xml"]).replace('width="9" hidden="1"', 'width="0.0"')
    parts["xl/worksheets/sheet1.xml"] = sheet.replace('r="2" hidden="0"', 'r="2" ht="0.00"').replace('r="3" hidden="0"', 'r="3" ht="0.5"')
    hidden = [item.args["which"] for item in read(builders.pack(parts)) if isinstance(item, Finding) and item.rule == "workbook/hidden"]
    assert hidden == ["2", "B"]


def test_groups_that_are_not_shown_hide_all_that_is_in_them(read: Callable[..., list[Item]]) -> None:
    row = "<table:table-row><table:table-cell/><table:table-cell><text:p>甲</text:p></table:table-cell></table:table-row>"
    column = "<table:table-column/>"
    layers = ["<table:{0} {1}><table:{0}>{2}</table:{0}></table:{0}>{2}".format(f"table-{name}-group", 'table:display="false"', what)
              for name, what in (("column", column), ("row", row))]  # fmt: skip
    items = read({"kind": "ods", "sheets": {"表": {"xml": f"{column}{layers[0]}{row}{layers[1]}"}}}, "表.ods")
    assert [item.args["which"] for item in items if isinstance(item, Finding) and item.rule == "workbook/hidden"] == ["2", "B"]


def test_a_row_is_never_shorter_than_the_header_and_longer_only_by_values(read: Callable[..., list[Item]]) -> None:
    sheet = {"A1": "标题", "A2": "甲", "B2": "乙", "C2": "丙", "A3": 1, "A4": 1, "E4": 2}
    items = read({"sheets": {"表": {"cells": sheet}}}, dialect=Dialect(header_rows=(2,)))
    assert [len(row) for row in cells(items)] == [1, 3, 3, 5]


BLOCKS: list[tuple[str, bool]] = [
    ("甲乙/11/22//丙丁/33/44", True),
    ("甲乙/11/22//甲乙/33/44", True),
    ("甲乙/11/22//33/44", False),
    ("题//甲乙/11/22", False),
    ("甲乙/11/22//注", False),
    ("甲乙/11/22//合9", False),
    ("甲乙 丙丁/11 22/33 44", True),
    ("甲乙 丙/11 2/33 4", False),
]


@pytest.mark.parametrize(("drawing", "several"), BLOCKS)
def test_several_tables_are_told_from_empty_rows(read: Callable[..., list[Item]], drawing: str, several: bool) -> None:
    drawn = {
        address(row, column): int(char) if char.isdigit() else char
        for row, line in enumerate(drawing.split("/"), 1)
        for column, char in enumerate(line, 1)
        if char != " "
    }
    rules = [rule for rule, _ in found(read({"sheets": {"表": {"cells": drawn}}}))]
    assert ("several-tables" in rules) is several


def test_a_sheet_is_chosen_by_name_number_or_as_the_first_that_is_shown(read: Callable[..., list[Item]]) -> None:
    book = {
        "sheets": {
            "藏": {"state": "hidden", "cells": {"A1": 1, "A2": 0}},
            "甲": {"cells": {"A1": 2, "A2": 0}},
            "2024": {"cells": {"A1": 3, "A2": 0}},
            "空": {},
        }
    }
    assert cells(read(book)) == [[2], [0]]
    assert found(read(book)) == [("hidden", ""), ("several-sheets", "")]
    assert cells(read(book, sheet="2024")) == [[3], [0]]
    assert cells(read(book, sheet=3)) == [[3], [0]]
    assert cells(read(book, sheet="2")) == [[2], [0]]
    assert found(read(book, sheet="藏")) == [("hidden", "")]
    (missing,) = read(book, sheet="202")
    assert isinstance(missing, Finding)
    assert (missing.rule, missing.args["close"]) == ("workbook/sheet-missing", ["2024"])


def test_a_sheet_without_rows_is_told(read: Callable[..., list[Item]]) -> None:
    book = {"sheets": {"表": {"cells": {"A1": "表头"}}, "空": {}}}
    assert [item.rule for item in read(book) if isinstance(item, Finding)] == ["file/header-only"]
    assert [item.rule for item in read(book, sheet="空") if isinstance(item, Finding)] == ["file/empty"]


def test_rows_and_cells_without_addresses_follow_each_other(read: Callable[..., list[Item]]) -> None:
    parts = builders.xlsx_parts({})
    rows = '<row><c t="inlineStr"><is><t>甲</t></is></c><c><v>1</v></c></row><row r="3"><c r="B3"><v>2</v></c><c><v>3</v></c></row><row/>'
    parts["xl/worksheets/sheet1.xml"] = f'<x:worksheet xmlns:x="{builders.TRANSITIONAL}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    parts["xl/worksheets/sheet1.xml"] = re.sub("<(/?)(row|c|v|is|t)(?=[ />])", r"<\1x:\2", parts["xl/worksheets/sheet1.xml"])
    assert cells(read(builders.pack(parts))) == [["甲", 1], [None, None], [None, 2, 3]]


def test_phonetic_runs_are_no_part_of_a_text(read: Callable[..., list[Item]]) -> None:
    parts = builders.xlsx_parts(one("汉字"))
    parts["xl/sharedStrings.xml"] = str(parts["xl/sharedStrings.xml"]).replace("</t></si>", '</t><rPh sb="0" eb="1"><t>hàn</t></rPh></si>')
    assert cells(read(builders.pack(parts))) == [["表头"], ["汉字"]]


DAMAGE: list[tuple[str, str, str, str]] = [
    ("xl/worksheets/sheet1.xml", "<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "dtd"),
    ("xl/sharedStrings.xml", "<sst", '<!DOCTYPE x [<!ENTITY a "b">]><sst', "dtd"),
    ("xl/worksheets/sheet1.xml", "</sheetData>", "", "xml"),
    ("xl/worksheets/sheet1.xml", 'r="2"', 'r="1"', "order"),
    ("xl/worksheets/sheet1.xml", '<row r="2"', '<row r="1048577"', "order"),
    ("xl/worksheets/sheet1.xml", 'r="A2"', 'r="XFE2"', "order"),
    ("xl/worksheets/sheet1.xml", 'r="A2"', 'r="A3"', "order"),
    ("xl/worksheets/sheet1.xml", '<c r="A2"', "<c/>" * 16384 + "<c", "order"),
    ("xl/worksheets/sheet1.xml", "<v>1</v>", "<v>9</v>", "strings"),
    ("xl/workbook.xml", "<sheet ", "<nothing ", "no-sheets"),
    ("xl/workbook.xml", "<sheet ", '<sheet name="一" r:id="rId9"/><sheet ', "part-missing"),
]


@pytest.mark.parametrize(("part", "old", "new", "reason"), DAMAGE)
def test_damage_ends_the_stream_with_a_reason(read: Callable[..., list[Item]], part: str, old: str, new: str, reason: str) -> None:
    parts = builders.xlsx_parts(one("文"))
    assert old in str(parts[part])
    parts[part] = str(parts[part]).replace(old, new)
    last = read(builders.pack(parts))[-1]
    assert isinstance(last, Finding)
    assert (last.rule, last.args["reason"]) == ("workbook/broken", reason)


def test_formats_of_conditional_formatting_are_none_of_cells(read: Callable[..., list[Item]]) -> None:
    parts = builders.xlsx_parts(one({"v": 0.5, "format_id": 21}))
    dxfs = '<dxfs><dxf><numFmt numFmtId="21" formatCode="m/d/yyyy"/></dxf></dxfs></styleSheet>'  # as Excel writes it for a table
    parts["xl/styles.xml"] = str(parts["xl/styles.xml"]).replace("</styleSheet>", dxfs)
    assert cells(read(builders.pack(parts)))[1] == [time(12)]


def test_numbers_too_long_for_python_are_no_numbers(read: Callable[..., list[Item]]) -> None:
    digits = "1" * 5000
    parts = builders.xlsx_parts({"sheets": {"表": {"cells": {"A1": "表头", "A2": {"v": 3, "format": "0"}}, "hidden_columns": ["A"]}}})
    for part, old in (("xl/worksheets/sheet1.xml", 'max="1"'), ("xl/styles.xml", 'numFmtId="201"')):
        assert old in str(parts[part])
        parts[part] = str(parts[part]).replace(old, f'{old.split("=")[0]}="{digits}"')
    assert cells(read(builders.pack(parts))) == [["表头"], [3]]


def test_a_part_that_stands_twice_is_damage(read: Callable[..., list[Item]]) -> None:
    parts = builders.xlsx_parts(one(1))
    (finding,) = read(builders.pack(parts | {"xl/Worksheets/Sheet1.xml": parts["xl/worksheets/sheet1.xml"]}))
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.args["reason"]) == ("workbook/broken", "zip")


def test_columns_hidden_past_the_last_one_are_told(read: Callable[..., list[Item]]) -> None:
    parts = builders.xlsx_parts({"sheets": {"表": {"cells": {"A1": "表头", "B1": "藏", "A2": "值"}, "hidden_columns": ["B"]}}})
    parts["xl/worksheets/sheet1.xml"] = str(parts["xl/worksheets/sheet1.xml"]).replace('max="2"', 'max="99999"')
    assert found(read(builders.pack(parts))) == [("hidden", "")]


def test_limits_stop_what_would_not_end(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(builders.build_workbook({"sheets": {"表": {"cells": {f"A{row}": f"文字{row}" for row in range(1, 999)}}}}))
    for limits, reason in ((Limits(total=5000), "total"), (Limits(strings=999), "strings"), (Limits(ratio=2, ratio_from=1), "ratio")):
        (finding,) = _stream(resource(path), limits, stamp_of(path))
        assert isinstance(finding, Finding)
        assert (finding.rule, finding.args["reason"]) == ("workbook/too-large", reason)


@pytest.mark.parametrize(
    ("part", "before", "much", "reason"),
    [
        ("xl/styles.xml", "<cellXfs", "<a/>", "elements"),
        ("xl/worksheets/sheet1.xml", "<sheetData", "<a/>", "elements"),
        ("xl/sharedStrings.xml", "</si>", "<a/>", "elements"),
        ("xl/styles.xml", "<cellXfs", "    ", "text"),
        ("xl/worksheets/sheet1.xml", "<sheetData", "    ", "text"),
    ],
)
def test_what_would_have_to_be_kept_is_limited(tmp_path: Path, part: str, before: str, much: str, reason: str) -> None:
    path, damaged = tmp_path / "表.xlsx", tmp_path / "坏.xlsx"
    path.write_bytes(builders.build_workbook({"sheets": {"表": {"cells": {"A1": "文字", "A2": {"number": 1, "format": "0.00"}}}}}))
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(damaged, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(name, text.replace(before, f"<b>{much * 1_500_000}</b>{before}", 1) if name == part else text)
    (*_, finding) = _stream(resource(damaged), Limits(elements=50_000, text=1 << 18, cell=1 << 16), stamp_of(damaged))
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.args["reason"]) == ("workbook/too-large", reason)


ODS_ROWS = """<table:table-column table:number-columns-repeated="16384"/>
<table:table-header-rows><table:table-row><table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>乙<text:s text:c="2"/>丙<text:span>丁</text:span></text:p>
<text:p>二</text:p></table:table-cell>
</table:table-row></table:table-header-rows>
<table:table-row-group><table:table-row table:number-rows-repeated="2">
<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="4510.0"><text:p>4510</text:p></table:table-cell>
<table:table-cell table:number-columns-repeated="16382"/></table:table-row></table:table-row-group>
<table:table-row><table:table-cell office:value-type="percentage" office:value="0.5"><text:p>50%</text:p></table:table-cell>
<table:covered-table-cell office:value-type="string"><text:p>盖住</text:p></table:covered-table-cell>
<table:table-cell office:value-type="boolean" office:boolean-value="true"/></table:table-row>
<table:table-row><table:table-cell office:value-type="date" office:date-value="2026-01-05T08:30:00"/>
<table:table-cell office:value-type="time" office:time-value="PT30H01M02S"/>
<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>0</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048571"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>"""


ODS_TIMES: list[tuple[str, str, Any]] = [
    ("date", "2026-01-05T08:29:59.999999999", datetime(2026, 1, 5, 8, 30)),
    ("date", "2026-01-05T08:30:00.5", datetime(2026, 1, 5, 8, 30, 0, 500_000)),
    ("date", "2026-01-05T08:30:00Z", datetime(2026, 1, 5, 8, 30)),
    ("date", "2026-01-05T", "2026-01-05T"),
    ("date", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999"),
    ("time", "PT08H29M59.999999999S", time(8, 30)),
    ("time", "PT23H59M59.999999999S", "24:00:00"),
    ("time", "PT08H30M00.25S", time(8, 30, 0, 250_000)),
]


@pytest.mark.parametrize(("kind", "text", "value"), ODS_TIMES)
def test_times_of_ods_are_rounded(read: Callable[..., list[Item]], kind: str, text: str, value: Any) -> None:
    row = f'<table:table-row><table:table-cell office:value-type="{kind}" office:{kind}-value="{text}"/></table:table-row>'
    assert cells(read({"kind": "ods", "sheets": {"表": {"xml": row}}}, "表.ods")) == [[value]]


def test_repetition_in_ods_is_counted_and_not_made(read: Callable[..., list[Item]]) -> None:
    items = read({"kind": "ods", "sheets": {"表": {"xml": ODS_ROWS}}}, "表.ods")
    assert cells(items) == [
        ["甲", "乙  丙丁\n二"], [4510, 4510], [4510, 4510], [0.5, None, True], [datetime(2026, 1, 5, 8, 30), "30:01:02", 0],
    ]  # fmt: skip
    assert found(items) == []


def test_repetition_of_values_in_ods_is_limited(read: Callable[..., list[Item]]) -> None:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    spaces = '<text:s text:c="1048576"/>' * 60
    row = f'<table:table-row><table:table-cell office:value-type="string"><text:p>{spaces}</text:p></table:table-cell></table:table-row>'
    for made in (rows, row):
        (finding,) = read({"kind": "ods", "sheets": {"表": {"xml": made}}}, "表.ods")
        assert isinstance(finding, Finding)
        assert (finding.rule, finding.args["reason"]) == ("workbook/too-large", "repeated")


@pytest.mark.parametrize("around", ["table:table-row-group", "text:span"])
def test_elements_of_ods_within_each_other_without_end_are_damage(read: Callable[..., list[Item]], around: str) -> None:
    row = '<table:table-row><table:table-cell office:value-type="string"><text:p>甲</text:p></table:table-cell></table:table-row>'
    inside = row if around.startswith("table") else "甲"
    deep = f"<{around}>" * 5000 + inside + f"</{around}>" * 5000
    items = read({"kind": "ods", "sheets": {"表": {"xml": row.replace("甲", deep) if inside == "甲" else deep}}}, "表.ods")
    assert found(items) == [("broken", "")]


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    rows = [["编号", "名称", "日期"], [310104, "甲", date(2023, 3, 15)], [4510.0, True, 0.5]]
    styles = {(1, 0): "0000000", (1, 2): 'yyyy"年"m"月"d"日"'}
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value, xlwt.easyxf(num_format_str=styles.get((number, column), "General")))
    sheet.write(3, 0, xlwt.Formula("1/0"))
    sheet.write(3, 1, 310104199001011234.0)
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True
    sheet.merge(4, 5, 0, 1)
    sheet.write(5, 2, "尾")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_an_old_workbook_is_read_and_what_it_does_not_show_is_said(read: Callable[..., list[Item]]) -> None:
    items = read(old_workbook(), "表.xls")
    assert cells(items)[:3] == [["编号", "名称", "日期"], [310104, "甲", date(2023, 3, 15)], [4510, True, 0.5]]
    assert cells(items)[3][1] == 310104199001011000
    assert [item.why for item in items if isinstance(item, Skipped)] == ["xls-formulas"]
    assert found(items) == [("rounded-number", "B4"), ("merged-cells", "A5"), ("hidden", ""), ("hidden", ""), ("format-zeros", "A2")]


def test_an_old_workbook_with_a_password_is_said_to_be_encrypted(read: Callable[..., list[Item]]) -> None:
    content = old_workbook()
    start = content.index(b"\x09\x08\x10\x00", 512) + 20
    assert found(read(content[:start] + b"\x2f\x00" + content[start + 2 :], "表.xls")) == [("encrypted", "")]


def test_chinese_dates_of_an_old_workbook_need_no_format_in_the_file(read: Callable[..., list[Item]]) -> None:
    content = re.sub(rb"(\xe0\0\x14\0..)..", b"\\1\x1f\0", old_workbook(), flags=re.DOTALL)  # every style has format 31
    assert cells(read(content, "表.xls"))[1] == [date(2749, 1, 12), "甲", date(2023, 3, 15)]


def test_content_counts_and_not_the_name(read: Callable[..., list[Item]]) -> None:
    items = read(old_workbook(), "表.xlsx")
    assert found(items)[0] == ("wrong-type", "")
    assert cells(items)[0] == ["编号", "名称", "日期"]
    assert found(read(builders.build_workbook(one(1)), "表.xls")) == [("wrong-type", "")]


def test_a_missing_and_an_empty_file_are_findings(tmp_path: Path) -> None:
    (tmp_path / "空.xlsx").touch()
    for name in ("无.xlsx", "空.xlsx"):
        (finding,) = open_workbook(resource(tmp_path / name)).stream()
        assert isinstance(finding, Finding)
        assert finding.rule.startswith("file/")


def broken_files() -> Iterator[tuple[str, bytes]]:
    chance = random.Random(7)
    whole = {
        "xlsx": builders.build_workbook(one({"v": 45000, "format_id": 14})),
        "ods": builders.build_workbook({"kind": "ods", "sheets": {"表": {"xml": ODS_ROWS}}}),
        "xls": old_workbook(),
    }
    for kind, content in whole.items():
        for _ in range(120):
            damaged = bytearray(content)
            for _ in range(chance.randint(1, 12)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            yield kind, bytes(damaged[: chance.choice((len(damaged), chance.randrange(1, len(damaged))))])
            yield kind, content[:8] + chance.randbytes(600)


def test_no_bytes_raise(tmp_path: Path) -> None:
    for number, (kind, content) in enumerate(broken_files()):
        path = tmp_path / f"{number}.{kind}"
        path.write_bytes(content)
        for item in open_workbook(resource(path)).stream():
            assert isinstance(item, (Row, Finding, Skipped))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_no_damage_within_a_part_raises(read: Callable[..., list[Item]], kind: str) -> None:
    chance = random.Random(11)
    parts = (
        builders.ods_parts({"sheets": {"表": {"xml": ODS_ROWS}}}) if kind == "ods" else builders.xlsx_parts(one({"v": 1, "format": "00"}))
    )
    for _ in range(300):
        name = chance.choice(sorted(parts))
        text = parts[name] if isinstance(parts[name], str) else parts[name].decode()
        start = chance.randrange(len(text))
        end = start + chance.randrange(20)
        changed = text[:start] + chance.choice(("", "9", "<", '"', "-1", "\0", text[end : end + 30])) + text[end:]
        assert read(builders.pack(parts | {name: changed}), f"表.{kind}") is not None


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e14, 1e14).filter(lambda value: value == 0 or abs(value) > 1e-9).map(lambda value: float(f"{value:.15g}")),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1).filter(lambda text: "_x" not in text and text[0] != "="),
    st.dates(date(1900, 3, 1), date(9999, 12, 30)),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(PLAIN, min_size=1, max_size=6), min_size=1, max_size=6))
def test_values_come_back_as_openpyxl_wrote_them(tmp_path: Path, table: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = book.active.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # text like #N/A stays text
    path = tmp_path / "表.xlsx"
    book.save(path)
    rows = {item.number: item.cells for item in open_workbook(resource(path)).stream() if isinstance(item, Row)}
    for number, row in enumerate(table, 1):
        given_back = list(rows.get(number, [])) + [None] * len(row)
        assert given_back[: len(row)] == [int(v) if isinstance(v, float) and v.is_integer() else v for v in row]


def test_values_equal_openpyxl_on_a_file_of_another_writer(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("数据")
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        bold = book.add_format({"bold": True})
        sheet.write_row(0, 0, ["编号", "名称", "数", "时刻"])
        for row in range(1, 200):
            sheet.write_string(row, 0, f"{row:06d}")
            sheet.write_rich_string(row, 1, "甲", bold, "乙", f"{row}")
            sheet.write_number(row, 2, row * 0.37)
            sheet.write_datetime(row, 3, datetime(2024, 1, 1, row % 24, row % 60), day)
        sheet.write_formula(200, 2, "SUM(C2:C200)", None, 12.5)
    wanted = [list(row) for row in openpyxl.load_workbook(path, data_only=True).active.iter_rows(values_only=True)]
    given_back = cells(list(open_workbook(resource(path)).stream()))
    assert given_back == [row[: len(got)] for row, got in zip(wanted, given_back, strict=True)]


def test_info_says_what_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(builders.build_workbook(one(1)))
    source = open_workbook(resource(path))
    assert (source.info.size, source.info.sheet, source.info.typed, len(source.info.sha256)) == (path.stat().st_size, "表", True, 64)
    assert list(source.stream()) == list(source.stream())


def as_tree(content: bytes) -> bytes:
    """The same XLSX file with a comment before each sheet's rows, so that all of them go through the XML parser."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    return builders.pack({name: part.replace(b"<sheetData>", b"<sheetData><!-- -->", 1) for name, part in parts.items()})


def test_plain_rows_are_read_as_the_xml_tree_is(read: Callable[..., list[Item]]) -> None:
    sheet: dict[str, Any] = {address(row, column): cell for row, (cell, _) in enumerate(VALUES, 1) for column in (1, 3)}
    sheet |= {address(row + 50, 2): cell for row, (cell, _, _) in enumerate(TROUBLES)}
    sheet["C90"] = {"formula": 'IF(A1<2,"甲"&B1,C$3)', "v": 12.5}
    frame = {"hidden_rows": [3, 60], "hidden_columns": ["C"], "merged": ["A7:B8"]}
    for strict in (False, True):
        built = builders.build_workbook({"sheets": {"表": {"cells": sheet, **frame}}, "strict": strict})
        assert read(built) == read(as_tree(built))


def test_damaged_rows_are_read_as_the_xml_tree_is_or_refused(read: Callable[..., list[Item]]) -> None:
    chance = random.Random(5)
    cells_of = {address(row, column): {"v": row * column, "format_id": column % 3 * 7} for row in range(1, 40) for column in range(1, 6)}
    parts = builders.xlsx_parts({"sheets": {"表": {"cells": cells_of}}})
    text = str(parts["xl/worksheets/sheet1.xml"])
    for _ in range(250):
        start = chance.randrange(text.index("<sheetData>"), len(text))
        cut = chance.choice(("", "1", " ", "<!-- -->", "<![CDATA[1]]>", "&#49;", "&lt;", "<", ">", '"', "/", "é", text[start : start + 25]))
        changed = text[:start] + cut + text[start + chance.randrange(3) :]
        built = builders.pack(parts | {"xl/worksheets/sheet1.xml": changed})
        quick, slow = read(built), read(as_tree(built))
        assert quick == slow or found(quick)[-1:] == found(slow)[-1:] == [("broken", "")]


@pytest.mark.parametrize("engine", ["plain", "reference"])
def test_a_wide_sheet_with_a_value_far_below_is_not_built_cell_by_cell(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(builders.build_workbook({"sheets": {"表": {"cells": {"A1": "甲", "XFD1": "乙", "A3000": "丙"}}}}))
    between = [row.cells for row in open_workbook(resource(path)).stream() if isinstance(row, Row)][1:-1]
    assert len(between) == 2_998
    assert all(row is between[0] for row in between)
    assert list(between[0]) == [None] * 16_384
    report = validate(path, engine=engine, cache=False)
    assert report.datasets[0].counts["table/blank-row"].count == 2_998


LONG = "长" * 60


@pytest.mark.parametrize("cell", [LONG, {"inline": LONG}, {"runs": ["长" * 30, "长" * 30]}])
@pytest.mark.parametrize("rows", [3, 400])
def test_a_cell_of_more_characters_than_the_setting_stops_the_reading(tmp_path: Path, cell: Any, rows: int) -> None:
    kind = {"inline": "长"} if isinstance(cell, dict) and "inline" in cell else "长"
    sheet = {"A1": "甲", "B1": "乙"} | {f"{letter}{row}": kind for row in range(2, rows) for letter in "AB"}
    path = tmp_path / "表.xlsx"
    path.write_bytes(builders.build_workbook({"sheets": {"表": {"cells": sheet | {f"B{rows}": cell, f"A{rows + 1}": "长"}}}}))
    items = list(open_workbook(resource(path), Settings(max_cell=59)).stream())
    assert len(cells(items)) == rows - 1
    assert [(item.rule, item.cell, item.args["line"]) for item in items if isinstance(item, Finding)] == [
        ("file/cell-limit", f"B{rows}", rows)
    ]
    assert not [item for item in open_workbook(resource(path), Settings(max_cell=60)).stream() if isinstance(item, Finding)]


def test_a_long_cell_of_another_sheet_is_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(builders.build_workbook({"sheets": {"表": {"cells": {"A1": "甲", "A2": "1"}}, "说明": {"cells": {"A1": LONG}}}}))
    items = list(open_workbook(resource(path, sheet="表"), Settings(max_cell=59)).stream())
    assert cells(items) == [["甲"], ["1"]]
    assert not found(items)


def test_long_cells_of_other_kinds_of_workbooks(tmp_path: Path) -> None:
    ods, xls = tmp_path / "表.ods", tmp_path / "表.xls"
    ods.write_bytes(builders.build_workbook({"kind": "ods", "sheets": {"表": {"cells": {"A1": "甲", "A2": LONG}}}}))
    book = xlwt.Workbook()
    for row, text in enumerate(("甲", LONG)):
        book.add_sheet("表").write(row, 0, text) if not row else book.get_sheet(0).write(row, 0, text)
    book.save(str(xls))
    for path in (ods, xls):
        items = list(open_workbook(resource(path), Settings(max_cell=59)).stream())
        assert [(item.rule, item.cell) for item in items if isinstance(item, Finding)] == [("file/cell-limit", "A2")]
        assert cells(items) == [["甲"]]
