"""The XML of a sheet is rewritten on its way: however it is cut into pieces, and whatever cells it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from govdata.marking.cells import SheetWriter
from govdata.marking.markup import STRICT, TRANSITIONAL, read_elements, tag_at, with_attributes
from govdata.marking.styles import new_styles, write_styles
from govdata.reading.workbooks.sheets import address
from govdata.values import Severity

CELLS = st.dictionaries(st.integers(1, 12), st.sets(st.integers(1, 9)), max_size=6)


def sheet(cells: Mapping[int, set[int]], prefix: str, bare: bool, quote: str) -> str:
    """A sheet with cells; `bare`: those that follow each other without a gap tell no place, as the standard allows."""
    rows = ""
    last = 0
    for number in sorted(cells):
        inner, column = "", 0
        for place in sorted(cells[number]):
            where = "" if bare and place == column + 1 else f" r={quote}{address(number, place)}{quote}"
            inner += f"<{prefix}c{where}><{prefix}v>{number * place}</{prefix}v></{prefix}c>"
            column = place
        where = "" if bare and number == last + 1 else f" r={quote}{number}{quote}"
        rows += f"<{prefix}row{where}>{inner}</{prefix}row>\n" if inner else f"<{prefix}row{where}/>"
        last = number
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    body = f"<{prefix}sheetData>{rows}</{prefix}sheetData><!-- </{prefix}sheetData> --><{prefix}pageMargins/>"
    return f'<?xml version="1.0"?><{prefix}worksheet {name}="{TRANSITIONAL}">{body}</{prefix}worksheet>'


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def places(data: bytes) -> dict[tuple[int, int], tuple[str, str]]:
    """Row and column → value and style, by the rules of the standard for cells without a place; they must be in order."""
    found: dict[tuple[int, int], tuple[str, str]] = {}
    number = 0
    for row in etree.fromstring(data).iter(f"{{{TRANSITIONAL}}}row"):
        before, number = number, int(row.get("r") or number + 1)
        assert number > before
        column = 0
        for cell in row:
            reference = cell.get("r")
            old, column = column, ord(reference[0]) - 64 if reference else column + 1
            assert column > old
            assert not reference or reference[1:] == str(number)
            found[number, column] = ("".join(cell.itertext()), cell.get("s", ""))
    return found


@settings(max_examples=150, deadline=None)
@given(CELLS, CELLS, st.integers(1, 90), st.sampled_from(["", "x:"]), st.booleans(), st.sampled_from(["'", '"']))
def test_every_mark_is_there_and_every_value(
    cells: dict[int, set[int]], marks: dict[int, set[int]], size: int, prefix: str, bare: bool, quote: str
) -> None:
    written = sheet(cells, prefix, bare, quote).encode()
    styles = new_styles(TRANSITIONAL)
    colours: dict[int, dict[int, Severity]] = {row: dict.fromkeys(columns, "error") for row, columns in marks.items() if columns}
    writer = SheetWriter("sheet1.xml", styles, colours, "rId7")
    made = b"".join(writer.give(pieces(written, size)))
    if not colours:
        assert made == written
        return
    before, after = places(written), places(made)
    wanted = {(row, column) for row, columns in colours.items() for column in columns}
    assert set(after) == set(before) | wanted
    for spot, (value, style) in after.items():
        assert value == before.get(spot, ("", ""))[0]
        assert bool(style) == (spot in wanted)
    assert made.count(b"legacyDrawing") == 1
    assert made.index(b"pageMargins") < made.index(b"legacyDrawing")
    assert etree.fromstring(write_styles(styles)) is not None


def test_where_the_drawing_stands() -> None:
    for behind in ("<legacyDrawingHF/>", "<tableParts/>", "<extLst/>", "<oleObjects/>", ""):
        text = f'<worksheet xmlns="{STRICT}"><sheetData/><drawing/>{behind}</worksheet>'
        writer = SheetWriter("", new_styles(STRICT), {1: {1: "error"}}, "rId1")
        made = b"".join(writer.give([text.encode()])).decode()
        drawing = '<legacyDrawing xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships" r:id="rId1"/>'
        assert made.endswith(f"<drawing/>{drawing}{behind}</worksheet>")
    old = f'<worksheet xmlns="{TRANSITIONAL}" xmlns:r="r"><sheetData/><legacyDrawing r:id="rId3"/></worksheet>'
    writer = SheetWriter("", new_styles(TRANSITIONAL), {1: {1: "error"}}, "rId1")
    assert b"".join(writer.give([old.encode()])).count(b"legacyDrawing") == 1
    assert writer.facts.drawing == "rId3"


def test_tags_are_read_as_they_are_written() -> None:
    data = b"<a x='>' y=\"/>\"\n z = '1'/><b></b>"
    tag = tag_at(data, 0)
    assert tag.endswith(b"'1'/>")
    assert with_attributes(tag, {"y": None, "x": '<"&', "w": "2"}) == b'<a x="&lt;&quot;&amp;"\n z = \'1\' w="2"/>'
    root = read_elements("\ufeff<?xml version='1.0'?><r><a/><b>é</b></r>".encode(), "")
    assert [child.name for child in root.children] == ["a", "b"]
    raw = "\ufeff<?xml version='1.0'?><r><a/><b>é</b></r>".encode()
    assert [raw[child.start : child.end] for child in root.children] == [b"<a/>", "<b>é</b>".encode()]
