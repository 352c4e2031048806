"""Marked workbooks opened by a real spreadsheet program, which saves what it understood."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import govdata
from tests.marking.golden import finding, load, marked, parts, rich
from tests.marking.test_marked_folder import table

pytestmark = pytest.mark.service
SHEET = "数'据 一"


def through_libreoffice(path: Path, folder: Path, kind: str = "xlsx") -> Path:
    """The workbook as LibreOffice saves it."""
    program = shutil.which("soffice")
    assert program, "soffice is not on the path; it is needed (Debian: apt-get install libreoffice-calc)"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [program, "--headless", profile, "--convert-to", kind, "--outdir", str(folder / "saved"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    made = folder / "saved" / f"{path.stem}.{kind}"
    assert made.is_file(), done.stderr
    return made


@pytest.mark.parametrize("macros", [False, True])
def test_a_rich_workbook_opens_with_all_it_had(tmp_path: Path, macros: bool) -> None:
    path = rich(tmp_path / "表.xlsx", macros)
    data, _ = marked(path, [finding(SHEET, cell) for cell in ("B3", "C5", "Z9", "A40")])
    (tmp_path / "标注.xlsx").write_bytes(data)
    saved = through_libreoffice(tmp_path / "标注.xlsx", tmp_path)
    book = load(saved)
    assert book.sheetnames == ["检查结果", SHEET, "图", "藏", "保护"]
    sheet = book[SHEET]
    assert "老批注" in sheet["B3"].comment.text
    assert "B3 不对" in sheet["B3"].comment.text
    assert all(f"{cell} 不对" in sheet[cell].comment.text and sheet[cell].fill.fgColor.rgb == "FFFFB3BA" for cell in ("C5", "Z9", "A40"))
    assert (sheet["F2"].value, sheet["A2"].value, sheet["D2"].number_format.lower()) == ("=SUM(C2:C20)", "000001", "yyyy\\-mm\\-dd")
    assert book["藏"].sheet_state == "hidden"
    assert book["保护"].protection.sheet
    assert sheet.auto_filter.ref == "A1:D20"
    assert [str(found) for found in sheet.merged_cells.ranges] == ["J2:K3"]
    assert any("chart" in name for name in parts(saved.read_bytes()))
    links = [cell.hyperlink.location for row in book["检查结果"].iter_rows() for cell in row if cell.hyperlink]
    assert any("C5" in link for link in links)


def test_values_open_as_text(tmp_path: Path) -> None:
    path, schema = table(tmp_path / "a", "编号,数,=名\n000123,x,=1+1\n12345678901234567890,2,@\n")
    report = govdata.validate(path, schema=schema)
    made = govdata.mark(report, path, folder=tmp_path / "out").files[0]
    book = load(through_libreoffice(made.path, tmp_path))
    rows = [[cell.value for cell in row] for row in book["表"].iter_rows()]
    assert rows == [["编号", "数", "=名"], ["000123", "x", "=1+1"], ["12345678901234567890", "2", "@"]]
    assert "x" in book["表"]["B2"].comment.text
    assert not any(cell.data_type == "f" for row in book["表"].iter_rows() for cell in row)
