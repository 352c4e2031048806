"""Rows read by a learned shape, all at once: the same rows and findings as by the XML parser, whatever stands between them."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.reading.sources import Item
from govdata.reading.workbooks.numberformat import NumberFormat, moments, plain_numbers, read_number, to_time
from govdata.reading.workbooks.opening import open_workbook
from govdata.reading.workbooks.sheets import address
from govdata.reading.workbooks.xlsxshapes import WAIT, Shape, Shapes, current_shape, learn_rows
from govdata.values import Finding, Resource
from tests import builders

FORMATS = ("General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "h:mm", "0000000", "0.00")
NUMBERS = (
    "1", "0", "-3", "4510.0", "12.5", "1E3", "1E-5", "1e5", "+5", "007", "-0", "-0.0", "999999999999999", "1000000000000000",
    "622848040256489001", "1.234567890123457E+17", "99999999999999.9", "999999999999999.99", "1E400", "1E00000005", "nan", "1.",
    "-.5", ".", "-", "1-2", "٣", "59", "60", "61", "60.9999999999", "2958465", "2958466", "2958464.9999999999",
    "45418.44903935185", "0.5", "1E-400", "0.30000000000000004",
)  # fmt: skip
TEXTS = ("甲", "a  b", "x&amp;y", "&lt;z&gt;", "多\n行", "_x000D_", "_xD83D_", "", "🙂", "&quot;&#10;&apos;&#13;", "]]")
USUAL = (
    '<c r="{r}"><v>{n}</v></c>', '<c r="{r}" s="{s}"><v>{n}</v></c>', '<c r="{r}" s="{s}" t="n"><v>{n}</v></c>',
    '<c r="{r}" t="s"><v>{i}</v></c>', '<c r="{r}" s="{s}" t="s"><v>{i}</v></c>', '<c r="{r}" t="inlineStr"><is><t>{t}</t></is></c>',
    '<c r="{r}" s="1" t="inlineStr"><is><t xml:space="preserve"> {t}</t></is></c>', '<c r="{r}" t="str"><f>A1&amp;B1</f><v>{t}</v></c>',
    '<c r="{r}" t="e"><v>#N/A</v></c>', '<c r="{r}" t="b"><v>1</v></c>', '<c r="{r}" t="d"><v>2026-01-05</v></c>', '<c r="{r}" s="{s}"/>',
    '<c r="{r}" s="{s}" />', '<c r="{r}" s="{s}"><f t="shared" ref="A2:A9" si="0">甲1</f><v>{n}</v></c>', "",
)  # fmt: skip
ODD = (
    '<c r="{r}"><f>A1</f></c>', '<c r="{r}" t="s"><v></v></c>', '<c r="{r}" t="inlineStr"><is><r><t>富</t></r><r><t>文</t></r></is></c>',
    '<c r="{r}" t="inlineStr"><is><t><![CDATA[</row>]]></t></is></c>', '<c r="{r}"><!-- </row> --><v>1</v></c>',
    '<c s="{s}" r="{r}"><v>{n}</v></c>',
    "<c r='{r}'><v>{n}</v></c>", '<c r="{r}" t="n"> <v>{n}</v> </c>', "<c><v>{n}</v></c>",
    '<c r="{r}" t="zz"><v>5</v></c>', '<c r="{r}" cm="1"><v>7</v></c>',
    '<c r="{r}"><v>5</v><f>A1</f></c>',
    '<c r="{r}" t="inlineStr"><is><t>&#30002;\r\n</t></is></c>', '<c r="{r}"><v>5</v><extLst><ext/></extLst></c>',
)  # fmt: skip
FRAMES = ("", ' spans="1:5" x14ac:dyDescent="0.25"', ' customFormat="false" ht="12.8" hidden="false" collapsed="false"')


class Sheets:
    """Random sheets of the usual forms, each column mostly in one of them, with odd cells in some rows."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.odd = self.chance.choice((0, 0, 0.002, 0.02))
        self.first = self.chance.choice((1, 1, 3))
        self.columns = [self.chance.choices(USUAL, k=3) for _ in range(self.chance.randint(1, 9))]
        self.frame = self.chance.choice(FRAMES)

    def cell(self, row: int, column: int) -> str:
        form = self.columns[column][0 if self.chance.random() < 0.9 else self.chance.randrange(3)]
        if self.chance.random() < self.odd:
            form = self.chance.choice(ODD)
        number = (
            self.chance.choice(NUMBERS) if self.chance.random() < 0.02 else str(self.chance.randrange(60000) / self.chance.choice((1, 8)))
        )
        text = self.chance.choice(TEXTS)
        return form.format(
            r=address(row, column + self.first), s=self.chance.randrange(len(FORMATS)), n=number, t=text, i=self.chance.randrange(20)
        )

    def rows(self, count: int) -> str:
        number, text = 0, ""
        for _ in range(count):
            number += 1 if self.chance.random() < 0.98 else self.chance.randint(1, 3)
            cells = "".join(self.cell(number, column) for column in range(len(self.columns)))
            hidden = ' hidden="1"' if self.chance.random() < 0.02 and "hidden" not in self.frame else ""
            text += f'<row r="{number}"{self.frame}{hidden}>{cells}</row>'
            if self.chance.random() < self.odd / 20:
                text += self.chance.choice(("\n", "<!-- -->", "<?x y?>", "文"))
        return text

    def strings(self) -> str:
        made = [f"<si><t>{self.chance.choice(TEXTS)}{number}</t></si>" for number in range(17)]
        return "".join([*made, "<si/>", "<si><r><t>富</t></r></si>", '<si><t>汉</t><phoneticPr fontId="1" type="noConversion"/></si>'])


def build(seed: int, count: int) -> dict[str, str | bytes]:
    """The parts of a workbook of several blocks."""
    sheets = Sheets(seed)
    parts = builders.xlsx_parts({"epoch_1904": seed % 5 == 4})
    space = f'xmlns="{builders.TRANSITIONAL}" xmlns:x14ac="urn:x"'
    frame = '<cols><col min="2" max="2" hidden="1"/></cols>', '<mergeCells><mergeCell ref="A2:B3"/></mergeCells>'
    rows = sheets.rows(count)
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {space}>{frame[0]}<sheetData>{rows}</sheetData>{frame[1]}</worksheet>"
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{builders.TRANSITIONAL}">{sheets.strings()}</sst>'
    parts["xl/styles.xml"] = builders._styles([("", 0), *((code, None) for code in FORMATS[1:])], builders.TRANSITIONAL)
    return parts


def as_tree(content: bytes) -> bytes:
    """The same file with a comment where no shape allows one, so that all goes through the XML parser."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    return builders.pack({name: re.sub(rb"(<sheetData>|<sst[^>]*>)", rb"\1<!-- -->", part) for name, part in parts.items()})


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], list[Item]]:
    def make(content: bytes) -> list[Item]:
        path = tmp_path / "表.xlsx"
        path.write_bytes(content)
        return list(open_workbook(Resource("r", path, path.name, "xlsx")).stream())

    return make


def typed(items: list[Item]) -> list[str]:
    """Items so that 1, 1.0 and true differ."""
    return list(map(repr, items))


@pytest.mark.parametrize("seed", range(10))
def test_rows_are_those_of_the_xml_parser(read: Callable[[bytes], list[Item]], seed: int) -> None:
    built = builders.pack(build(seed, 1000))
    assert typed(read(built)) == typed(read(as_tree(built)))


def test_damage_is_found_in_large_sheets_too(read: Callable[[bytes], list[Item]]) -> None:
    chance = random.Random(3)
    parts = build(1, 900)
    for _ in range(30):
        part = chance.choice(("xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"))
        text = str(parts[part])
        start = chance.randrange(len(text))
        cut = chance.choice(("", "1", "<!-- ", "<row>", "</row>", "<si>", "&x;", "<", ">", '"', "\x01", "\uffff", text[start : start + 40]))
        built = builders.pack(parts | {part: text[:start] + cut + text[start + chance.randrange(3) :]})
        quick, slow = typed(read(built)), typed(read(as_tree(built)))
        if quick != slow:
            # rows before a fatal finding: as many as were read until then
            assert quick[-1] == slow[-1]
            assert "workbook/broken" in quick[-1]
            assert quick[: len(slow) - 1] == slow[: len(quick) - 1]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8"])
def test_sheets_in_other_encodings_are_read(read: Callable[[bytes], list[Item]], encoding: str) -> None:
    parts = build(2, 600)
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + str(parts["xl/worksheets/sheet1.xml"])
    expected = typed(read(builders.pack(parts)))
    if encoding == "gb18030":
        (last,) = [
            item for item in read(builders.pack(parts | {"xl/worksheets/sheet1.xml": text.encode(encoding)})) if isinstance(item, Finding)
        ]
        assert last.args["reason"] == "xml"  # the parser of the standard library knows no such encoding
    else:
        assert typed(read(builders.pack(parts | {"xl/worksheets/sheet1.xml": text.encode(encoding)}))) == expected


def shape_of(rows: str) -> tuple[Shape, str]:
    text = f"<sheet>{rows}</sheet>"
    shapes = Shapes({"1": NumberFormat("date")})
    learn_rows(shapes, list(ElementTree.fromstring(text)))
    shape = current_shape(shapes)
    assert shape is not None
    return shape, rows


def test_all_rows_of_a_shape_are_read_at_once() -> None:
    cells = (
        '<c r="A{0}" s="7" t="s"><v>{0}</v></c><c r="B{0}" s="{1}"><v>{0}.5</v></c><c r="C{0}" s="1"><v>45000</v></c><c r="E{0}" s="9"/>'
    )
    rows = "".join(f'<row r="{row}" spans="1:5">{cells.format(row, row % 2 * 3)}</row>\n' for row in range(1, WAIT + 9))
    shape, text = shape_of(rows)
    pieces: list[Any] = shape.pattern.split(text)
    assert [(kind.column, kind.type, kind.meaning.kind, kind.styles) for kind in shape.kinds] == [
        (1, "s", "number", ("",)), (2, "n", "number", ("0", "3")), (3, "n", "date", ("1",)),
    ]  # fmt: skip
    assert shape.width == 3
    assert not any(pieces[::6])
    assert pieces[1:6] == ["1", ' spans="1:5"', "1", "1.5", "45000"]


FOREIGN = (
    '<row r="5"><c r="A5"><v>1</v></c><c r="A5"><v>1</v></c></row>', '<row r="5"><c r="B5"><v>1</v></c><c r="A5"><v>1</v></c></row>',
    '<row r="5"><c r="A6"><v>1</v></c></row>', '<row r="5"><c r="A5" s="1"><v>1</v></c></row>', '<row r="5"><c r="A5"><v>1_0</v></c></row>',
    '<row r="5"><c r="A5"><v>1</v></c>', '<row r="5"><c r="C5"><v>1</v></c></row>', '<row><c r="A5"><v>1</v></c></row>',
    '<row r="5"><row r="5"/>',
)  # fmt: skip


@pytest.mark.parametrize("row", FOREIGN)
def test_a_row_of_another_shape_is_left(row: str) -> None:
    known = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c><c r="B{number}"><v>1</v></c></row>' for number in range(1, WAIT + 1))
    shape, _ = shape_of(known)
    assert "".join(shape.pattern.split(row)[:: shape.pattern.groups + 1]) != ""
    assert not any(shape.pattern.split(known)[:: shape.pattern.groups + 1])


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_of_a_column_are_those_of_a_cell(text: str) -> None:
    if re.fullmatch("[0-9.-]{1,40}(?:E[+-]?[0-9]{1,3})?", text):
        for texts in ([text], [text, "0.5"], ["7", text]):
            found = plain_numbers(texts)
            assert found is None or list(map(repr, found)) == [repr(read_number(one)) for one in texts]


@given(st.floats(0, 2_958_470), st.sampled_from(["datetime", "time"]))
def test_moments_of_a_column_are_those_of_a_cell(value: float, kind: Any) -> None:
    text = f"{value:.15g}"
    found = moments([text]) if "e" not in text else None
    number = read_number(text)
    assert number is not None
    assert found is None or found == [to_time(number, kind, False)]
