"""Workbooks from a short description, part by part, so that every trap of a real file can be built exactly.

A workbook: `{sheets: {name: sheet}, kind: xlsx, epoch_1904: false, strict: false}`; kind is one of
xlsx, ods, xlsb, encrypted, bomb, truncated.
A sheet: `{cells: {A1: cell}, merged: ["A1:B1"], hidden_rows: [3], hidden_columns: [C], state: visible}`.
A cell: a text, a number, a truth value, or a mapping with one of
`v` (a number as written), `text`, `inline`, `runs` (rich text), `error`, `bool`, `iso` (a cell of type d), `formula` (with or without `v`),
and with `format` (a number format code) or `format_id` (a built-in one).
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from govdata.reading.workbooks.sheets import place

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def build_workbook(spec: Mapping[str, Any]) -> bytes:
    """Give the bytes of a workbook."""
    kind = spec.get("kind", "xlsx")
    if kind == "encrypted":
        return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(480)
    if kind == "xlsb":
        return pack({"[Content_Types].xml": HEAD + "<Types/>", "xl/workbook.bin": b"\0"})
    if kind == "bomb":
        return pack(xlsx_parts(spec) | {"xl/worksheets/sheet1.xml": HEAD + " " * (12 << 20) + "<worksheet/>"})
    whole = pack(ods_parts(spec) if kind == "ods" else xlsx_parts(spec))
    return whole[: len(whole) // 2] if kind == "truncated" else whole


def build_database(spec: Mapping[str, Any]) -> bytes:
    """Give the bytes of a database: `{kind: sqlite, sql: statements}`, the same of `duckdb`; of `parquet`, `sql` is one query."""
    sql = str(spec["sql"])
    if spec["kind"] == "sqlite":
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript(sql)
            return bytes(connection.serialize())
    duckdb = pytest.importorskip("duckdb")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made"
        with duckdb.connect(str(path) if spec["kind"] == "duckdb" else ":memory:") as connection:
            connection.execute(sql if spec["kind"] == "duckdb" else f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def pack(parts: Mapping[str, str | bytes]) -> bytes:
    """Zip parts, always with the same time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, content)
    return target.getvalue()


def xlsx_parts(spec: Mapping[str, Any]) -> dict[str, str | bytes]:
    """Give the parts of an XLSX file: name → text."""
    space = STRICT if spec.get("strict") else TRANSITIONAL
    sheets: Mapping[str, Any] = spec.get("sheets") or {"Sheet1": {}}
    styles: list[tuple[str, int | None]] = [("", 0)]
    strings: list[str] = []
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{index}" state="{sheet.get("state", "visible")}" r:id="rId{index}"/>'
        for index, (name, sheet) in enumerate(sheets.items(), 1)
    )
    epoch = '<workbookPr date1904="1"/>' if spec.get("epoch_1904") else ""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": HEAD + f'<workbook xmlns="{space}" xmlns:r="{RELATIONS}">{epoch}<sheets>{listed}</sheets></workbook>',
    }
    targets = {f"rId{index}": ("worksheet", f"worksheets/sheet{index}.xml") for index in range(1, len(sheets) + 1)}
    targets |= {"rIdS": ("sharedStrings", "sharedStrings.xml"), "rIdF": ("styles", "styles.xml")}
    parts["xl/_rels/workbook.xml.rels"] = _relations(targets)
    for index, sheet in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{index}.xml"] = HEAD + _sheet(sheet, space, strings, styles)
    parts["xl/sharedStrings.xml"] = HEAD + f'<sst xmlns="{space}">{"".join(strings)}</sst>'
    parts["xl/styles.xml"] = HEAD + _styles(styles, space)
    return parts


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    rows = "".join(f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for key, (kind, target) in targets.items())
    return HEAD + f'<Relationships xmlns="{PACKAGE}">{rows}</Relationships>'


def _styles(styles: list[tuple[str, int | None]], space: str) -> str:
    own = [(200 + n, code) for n, (code, known) in enumerate(styles) if known is None]
    codes = "".join(f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>' for number, code in own)
    cells = "".join(f'<xf numFmtId="{200 + n if known is None else known}"/>' for n, (_, known) in enumerate(styles))
    return f'<styleSheet xmlns="{space}"><numFmts>{codes}</numFmts><cellXfs>{cells}</cellXfs></styleSheet>'


def _sheet(sheet: Mapping[str, Any], space: str, strings: list[str], styles: list[tuple[str, int | None]]) -> str:
    rows: dict[int, dict[int, str]] = {int(number): {} for number in sheet.get("hidden_rows", ())}
    for where, cell in (sheet.get("cells") or {}).items():
        row, column = place(where)
        rows.setdefault(row, {})[column] = _cell(where, cell, strings, styles)
    hidden = {int(number) for number in sheet.get("hidden_rows", ())}
    columns = "".join(
        f'<col min="{place(name)[1]}" max="{place(name)[1]}" width="9" hidden="1"/>' for name in sheet.get("hidden_columns", ())
    )
    data = "".join(
        f'<row r="{number}" hidden="{int(number in hidden)}">{"".join(text for _, text in sorted(cells.items()))}</row>'
        for number, cells in sorted(rows.items())
    )
    merged = "".join(f'<mergeCell ref="{span}"/>' for span in sheet.get("merged", ()))
    frame = (f"<cols>{columns}</cols>" if columns else "", f"<mergeCells>{merged}</mergeCells>" if merged else "")
    return f'<worksheet xmlns="{space}">{frame[0]}<sheetData>{data}</sheetData>{frame[1]}</worksheet>'


def _cell(where: str, cell: Any, strings: list[str], styles: list[tuple[str, int | None]]) -> str:
    facts: Mapping[str, Any] = cell if isinstance(cell, Mapping) else _facts(cell)
    start = f'<c r="{where}"{_style(facts, styles)}'
    if "text" in facts or "runs" in facts:
        inner = "".join(f'<r><t xml:space="preserve">{escape(run)}</t></r>' for run in facts.get("runs", ()))
        plain = f'<t xml:space="preserve">{escape(facts.get("text", ""))}</t>'
        strings.append(f"<si>{inner or plain}</si>")
        return f'{start} t="s"><v>{len(strings) - 1}</v></c>'
    for key, kind in (("error", "e"), ("bool", "b"), ("iso", "d")):
        if key in facts:
            return f'{start} t="{kind}"><v>{escape(str(facts[key]))}</v></c>'
    if "inline" in facts:
        return f'{start} t="inlineStr"><is><t>{escape(facts["inline"])}</t></is></c>'
    formula = f"<f>{escape(facts['formula'])}</f>" if "formula" in facts else ""
    value = f"<v>{facts['v']}</v>" if facts.get("v") is not None else ""
    return f"{start}>{formula}{value}</c>"


def _facts(cell: Any) -> Mapping[str, Any]:
    if isinstance(cell, bool):
        return {"bool": int(cell)}
    return {"v": cell} if isinstance(cell, (int, float)) or cell is None else {"text": str(cell)}


def _style(facts: Mapping[str, Any], styles: list[tuple[str, int | None]]) -> str:
    if "format" not in facts and "format_id" not in facts:
        return ""
    wanted = (str(facts.get("format", "")), facts.get("format_id"))
    if wanted not in styles:
        styles.append(wanted)
    return f' s="{styles.index(wanted)}"'


ODS_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
) + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'  # fmt: skip


def ods_parts(spec: Mapping[str, Any]) -> dict[str, str | bytes]:
    """Give the parts of an ODS file. A sheet may have `xml`, the content of its table as written, instead of cells."""
    sheets: Mapping[str, Any] = spec.get("sheets") or {"Sheet1": {}}
    tables = "".join(
        f"<table:table table:name={quoteattr(name)} table:style-name={quoteattr('gone' if sheet.get('state') else 'shown')}>"
        f"{sheet['xml'] if 'xml' in sheet else _ods_rows(sheet)}</table:table>"
        for name, sheet in sheets.items()
    )
    gone = '<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/></style:style>'
    styles = f"<office:automatic-styles>{gone}</office:automatic-styles>"
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": HEAD + f"<office:document-content {ODS_SPACES}>{styles}{body}</office:document-content>",
    }


def _ods_rows(sheet: Mapping[str, Any]) -> str:
    rows: dict[int, dict[int, Any]] = {int(number): {} for number in sheet.get("hidden_rows", ())}
    spans = {place(start): place(end) for start, _, end in (span.partition(":") for span in sheet.get("merged", ()))}
    for where, cell in (sheet.get("cells") or {}).items():
        rows.setdefault(place(where)[0], {})[place(where)[1]] = cell
    hidden = {int(number) for number in sheet.get("hidden_rows", ())}
    closed = {place(name)[1] for name in sheet.get("hidden_columns", ())}
    text = "".join(
        f"<table:table-column{' table:visibility=' + quoteattr('collapse') if column in closed else ''}/>"
        for column in range(1, max(closed, default=0) + 1)
    )
    last = 0
    for number, cells in sorted(rows.items()):
        if number > last + 1:
            text += f'<table:table-row table:number-rows-repeated="{number - last - 1}"><table:table-cell/></table:table-row>'
        closing = ' table:visibility="collapse"' if number in hidden else ""
        text += f"<table:table-row{closing}>{_ods_cells(number, cells, spans)}</table:table-row>"
        last = number
    return text


def _ods_cells(row: int, cells: Mapping[int, Any], spans: Mapping[tuple[int, int], tuple[int, int]]) -> str:
    text, last = "", 0
    for column, cell in sorted(cells.items()):
        if column > last + 1:
            text += f'<table:table-cell table:number-columns-repeated="{column - last - 1}"/>'
        bottom, right = spans.get((row, column), (0, 0))
        span = f' table:number-columns-spanned="{right - column + 1}" table:number-rows-spanned="{bottom - row + 1}"' if bottom else ""
        text += f"<table:table-cell{span}{_ods_value(cell)}</table:table-cell>"
        last = column
    return text


def _ods_value(cell: Any) -> str:
    facts: Mapping[str, Any] = cell if isinstance(cell, Mapping) else _facts(cell)
    formula = f" table:formula={quoteattr('of:=' + facts['formula'])}" if "formula" in facts else ""
    if "error" in facts:
        return f'{formula} office:value-type="string" calcext:value-type="error"><text:p>{escape(facts["error"])}</text:p>'
    if "bool" in facts:
        return f' office:value-type="boolean" office:boolean-value="{"true" if facts["bool"] else "false"}"><text:p/>'
    for kind in ("date", "time"):
        if kind in facts:
            return f' office:value-type="{kind}" office:{kind}-value="{facts[kind]}"><text:p/>'
    if "text" in facts:
        return f'{formula} office:value-type="string"><text:p>{escape(facts["text"])}</text:p>'
    if facts.get("v") is None:
        return f"{formula}>"
    return f'{formula} office:value-type="float" office:value="{facts["v"]}"><text:p>{escape(str(facts.get("shown", facts["v"])))}</text:p>'
