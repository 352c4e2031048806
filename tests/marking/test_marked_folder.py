"""`govdata.mark` and `--output FOLDER/`: which files there are, what they hold, and what is never overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlwt

import govdata
from govdata.errors import ReadError
from govdata.formats.characters import visible
from govdata.marking.naming import free_tab, safe_name
from govdata.reading.workbooks import sheets
from govdata.reading.workbooks.xlsxstrings import unescape
from tests.builders import build_workbook
from tests.marking.golden import check_whole, load, rich

SCHEMA = {"fields": [{"name": "编号"}, {"name": "数", "type": "integer"}, {"name": "=名"}]}


def table(folder: Path, text: str, name: str = "表.csv", **schema: object) -> tuple[Path, Path]:
    """A table and its schema."""
    folder.mkdir(parents=True, exist_ok=True)
    path, described = folder / name, folder / "schema.json"
    path.write_text(text, encoding="utf-8")
    described.write_text(json.dumps(SCHEMA | schema), encoding="utf-8")
    return path, described


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The program."""
    command = [sys.executable, "-m", "govdata", *map(str, arguments)]
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(govdata.__file__).parents[1])}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=environment)


def test_cells_of_a_cause_say_its_way_out(tmp_path: Path) -> None:
    path, schema = table(tmp_path / "a", '编号,数,=名\n1,"1,200",\n2,x,\n')
    marking = govdata.mark(govdata.validate(path, schema=schema, language="en"), path, folder=tmp_path / "out", language="en")
    sheet = check_whole(marking.files[0].path.read_bytes())["表"]
    assert "Replace (Ctrl+H)" in sheet["B2"].comment.text
    assert "as the column's type asks" in sheet["B3"].comment.text


def test_a_csv_becomes_text_as_it_is(tmp_path: Path) -> None:
    text = '编号,数,=名\n000123,x,=1+1\n12345678901234567890,2,+cmd\n"a\nb",,-5\n3,y,"  两边 "\n\n4,_x0041_,@\x07\n'
    path, schema = table(tmp_path / "a", text)
    report = govdata.validate(path, schema=schema, language="zh-CN")
    marking = govdata.mark(report, path, folder=tmp_path / "out")
    assert [made.path for made in marking.files] == [tmp_path / "out" / "表.csv.标注.xlsx"]
    book = check_whole(marking.files[0].path.read_bytes())
    assert book.sheetnames == ["检查结果", "表"]
    # openpyxl does not undo in cells of their own text what it undoes in shared ones
    rows = [[unescape(cell.value) if cell.value else None for cell in row] for row in book["表"].iter_rows()]
    assert rows[:5] == [
        ["编号", "数", "=名"], ["000123", "x", "=1+1"], ["12345678901234567890", "2", "+cmd"], ["a\nb", None, "-5"], ["3", "y", "  两边 "],
    ]  # fmt: skip
    assert rows[6] == ["4", "_x0041_", "@\x07"]
    cells = [cell for row in book["表"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert {cell.coordinate for row in book["表"].iter_rows() for cell in row if cell.comment} >= {"B2", "B5", "B7"}
    links = {cell.hyperlink.location for row in book["检查结果"].iter_rows() for cell in row if cell.hyperlink}
    assert "'表'!B2" in links


def test_masked_values_stay_masked(tmp_path: Path) -> None:
    numbers = [f"31010119900307{number:03d}7" for number in range(30)]
    fields = [{"name": "号码", "semantic": "citizen-number"}]
    path, schema = table(tmp_path / "a", "号码\n" + "\n".join(numbers) + "\n", fields=fields)
    report = govdata.validate(path, schema=schema)
    made = govdata.mark(report, path, folder=tmp_path / "out").files[0]
    book = check_whole(made.path.read_bytes())
    said = " ".join(str(cell.value) for row in book["检查结果"].iter_rows() for cell in row)
    notes = " ".join(cell.comment.text for row in book["表"].iter_rows() for cell in row if cell.comment)
    assert notes
    assert not any(number in said + notes for number in numbers)
    assert book["表"]["A2"].value == numbers[0]


def test_a_rare_hanzi_counts_as_two_characters_of_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Excel, which refuses a cell of more than 32,767 units of UTF-16."""
    from govdata.marking import tables

    monkeypatch.setattr(tables, "MOST_CHARACTERS", 10)
    path, schema = table(tmp_path / "a", f"编号,数,名\n1,x,{'𠀀' * 5}\n2,1,{'𠀀' * 6}\n")
    made = govdata.mark(govdata.validate(path, schema=schema), path, folder=tmp_path / "out").files[0]
    book = check_whole(made.path.read_bytes())
    assert [book["表"][cell].value for cell in ("C2", "C3")] == ["𠀀" * 5, "𠀀" * 4 + "…"]


def test_more_rows_and_columns_than_a_sheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.marking import marks, tables

    assert (sheets.MOST_ROWS, sheets.MOST_COLUMNS) == (1_048_576, 16_384)
    for module in (tables, marks):
        monkeypatch.setattr(module, "MOST_ROWS", 4)
        monkeypatch.setattr(module, "MOST_COLUMNS", 4)
    monkeypatch.setattr(tables, "MOST_CHARACTERS", 10)
    rows = "".join(f"{number},{'x' if number in (2, 6) else number},z\n" for number in range(1, 10))
    path, schema = table(tmp_path / "a", f"编号,数,=名\n{rows}10,10,{'长' * 20},a,b,c\n")
    report = govdata.validate(path, schema=schema)
    made = govdata.mark(report, path, folder=tmp_path / "out").files[0]
    book = check_whole(made.path.read_bytes())
    assert book.sheetnames == ["检查结果", "表", "表 (2)", "表 (3)"]
    assert [book[name].max_row for name in book.sheetnames[1:]] == [4, 4, 3]
    assert book["表 (2)"]["B3"].value == "x"
    assert book["表 (2)"]["B3"].comment
    assert book["表 (3)"]["C3"].value == "长" * 9 + "…"
    assert book["表 (3)"].max_column == 4
    links = {cell.hyperlink.location for row in book["检查结果"].iter_rows() for cell in row if cell.hyperlink}
    assert {"'表'!B3", "'表 (2)'!B3"} <= links
    assert len(made.said) == 3


def test_old_and_other_workbooks_become_values(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("页")
    for column, name in enumerate(["编号", "数", "=名"]):
        sheet.write(0, column, name)
    for column, value in enumerate(["001", "甲", 2.5]):
        sheet.write(1, column, value)
    book.save(str(tmp_path / "旧.xls"))
    (tmp_path / "新.ods").write_bytes(
        build_workbook({"kind": "ods", "sheets": {"页": {"cells": {"A1": "编号", "B1": "数", "C1": "=名", "B2": "甲"}}}})
    )
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    paths = [tmp_path / "旧.xls", tmp_path / "新.ods"]
    report = govdata.validate(*paths, schema=tmp_path / "schema.json")
    marking = govdata.mark(report, *paths, folder=tmp_path / "out")
    assert [made.path.name for made in marking.files] == ["旧.xls.标注.xlsx", "新.ods.标注.xlsx"]
    old = check_whole(marking.files[0].path.read_bytes())["页"]
    assert [cell.value for cell in old[2]] == ["001", "甲", 2.5]
    assert old["B2"].comment
    assert old["B2"].fill.fgColor.rgb == "FFFFB3BA"
    assert all(any("公式" in sentence for sentence in made.said) for made in marking.files)


def test_broken_files_give_a_list_only(tmp_path: Path) -> None:
    whole = rich(tmp_path / "好.xlsx").read_bytes()
    (tmp_path / "坏.xlsx").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "密.xlsx").write_bytes(build_workbook({"kind": "encrypted"}))
    (tmp_path / "空.csv").write_bytes(b"")
    paths = [tmp_path / name for name in ("坏.xlsx", "密.xlsx", "空.csv")]
    marking = govdata.mark(govdata.validate(*paths), *paths, folder=tmp_path / "out")
    assert len(marking.files) == 3
    assert not marking.left
    for made in marking.files:
        assert check_whole(made.path.read_bytes()).sheetnames == ["检查结果"]
        assert made.said
        assert made.path.suffix == ".xlsx"


def test_a_changed_or_missing_file_is_not_marked(tmp_path: Path) -> None:
    paths = [table(tmp_path / name, "编号,数,=名\n1,x,2\n", f"{name}.csv")[0] for name in "ab"]
    report = govdata.validate(*paths, schema=tmp_path / "a" / "schema.json")
    paths[0].write_text("编号,数,=名\n1,y,2\n", encoding="utf-8")
    paths[1].unlink()
    marking = govdata.mark(report, *paths, folder=tmp_path / "out")
    assert not marking.files
    assert len(marking.left) == 2


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    path, schema = table(tmp_path / "a", "编号,数,=名\n1,x,2\n")
    out = tmp_path / "out"
    out.mkdir()
    (out / "我的.txt").write_text("x")
    report = govdata.validate(path, schema=schema)
    with pytest.raises(ReadError, match="marked-folder"):
        govdata.mark(report, path, folder=out)
    with pytest.raises(ReadError, match="marked-folder"):
        govdata.mark(report, path, folder=path.parent)
    with pytest.raises(ReadError, match="marked-not-a-folder"):
        govdata.mark(report, path, folder=path)
    assert sorted(item.name for item in out.iterdir()) == ["我的.txt"]


def test_a_marked_workbook_that_was_edited_stays(tmp_path: Path) -> None:
    path, schema = table(tmp_path / "a", "编号,数,=名\n1,x,2\n")
    report, out = govdata.validate(path, schema=schema), tmp_path / "out"
    first = govdata.mark(report, path, folder=out).files[0]
    again = govdata.mark(report, path, folder=out).files[0]
    assert again.path == first.path
    assert again.kept is None
    first.path.write_bytes(b"edited")
    third = govdata.mark(report, path, folder=out).files[0]
    assert first.path.read_bytes() == b"edited"
    assert (third.path.name, third.kept) == ("表.csv.标注 (2).xlsx", first.path)
    path.write_text("编号,数,=名\n1,3,2\n", encoding="utf-8")
    marking = govdata.mark(govdata.validate(path, schema=schema), path, folder=out)
    assert (marking.files, marking.gone) == ((), (third.path,))
    assert sorted(item.name for item in out.iterdir()) == [".govdata-marked.json", first.path.name]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a<b>:c.csv", "a_b__c.csv"), ("CON.csv", "_CON.csv"), ("lpt1", "_lpt1"), ("x. ", "x"), ("..", "_"), ("", "_"),
        ("停车场.csv", "停车场.csv"),
        ("a\nb\u202e.csv", "a_nb_u202e.csv"), ("100%,😀.csv", "100%,😀.csv"), ("长" * 200 + ".csv", "长" * 76 + ".csv"),
    ],
)  # fmt: skip
def test_names_that_windows_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe
    assert free_tab("'a/b:c'", ()) == "a_b_c"
    assert free_tab("x" * 40, ["X" * 31]) == "x" * 27 + " (2)"


@pytest.mark.parametrize("named", ["", "停车场", "停车场/entry.yaml", "停车场/停车场.csv"])
def test_datasets_are_found_however_they_are_named(tmp_path: Path, named: str) -> None:
    assert run("demo", "demo", cwd=tmp_path).returncode == 0
    path = tmp_path / "demo" / "mistakes" / named
    marking = govdata.mark(govdata.validate(path), path, folder=tmp_path / "out")
    assert "停车场.csv" in [made.file for made in marking.files]
    assert not marking.left


def test_odd_file_names(tmp_path: Path) -> None:
    names = ["100%,a.csv", "换\n行.csv", "\u202eabc😀.csv", "a;b'c.csv"]
    paths = [table(tmp_path / "a", "编号,数,=名\n1,x,2\n", name)[0] for name in names]
    report = govdata.validate(*paths, schema=tmp_path / "a" / "schema.json")
    marking = govdata.mark(report, *paths, folder=tmp_path / "out")
    assert [made.file for made in marking.files] == names
    assert not marking.left
    for made in marking.files:
        assert visible(made.path.name) == made.path.name
        assert visible(made.file) in str(check_whole(made.path.read_bytes())["检查结果"]["A1"].value)


def test_the_demo_from_the_command_line(tmp_path: Path) -> None:
    assert run("demo", "demo", cwd=tmp_path).returncode == 0
    done = run("validate", "demo/mistakes", "--output", "out/", "--output", "报告.json", "--lang", "en", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "报告.json").is_file()
    made = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.xlsx"))
    assert "企业登记/企业登记.marked.xlsx" in made
    assert "停车场/停车场.csv.marked.xlsx" in made
    assert done.stderr.count("Marked workbook written to") == len(made)
    assert "do not send them on" in done.stderr
    for name in made:
        first = check_whole((tmp_path / "out" / name).read_bytes())["Check results"]
        assert first.parent.active == first
        texts = [str(cell.value) for row in first.iter_rows() for cell in row if cell.value]
        assert "holds the original data" in texts[1]
    firms = load(tmp_path / "out" / "企业登记/企业登记.marked.xlsx")
    texts = [cell.value for row in firms["Check results"].iter_rows() for cell in row if cell.value]
    assert texts.index("Start here") < texts.index("Problem")
    assert firms["企业"]["E6"].value == load(tmp_path / "demo/mistakes/企业登记/企业登记.xlsx")["企业"]["E6"].value


def test_marked_folders_are_no_data(tmp_path: Path) -> None:
    assert run("demo", "demo", cwd=tmp_path).returncode == 0
    inside = tmp_path / "demo" / "mistakes" / "停车场" / "标注"
    before = govdata.validate(tmp_path / "demo" / "mistakes", today=None)
    assert run("validate", ".", "--output", "标注/", cwd=inside.parent).returncode == 1
    assert sorted(path.name for path in inside.rglob("*")) == [".govdata-marked.json", "停车场", "停车场.csv.标注.xlsx"]
    after = govdata.validate(tmp_path / "demo" / "mistakes", today=None)
    assert [item.findings for item in before.datasets] == [item.findings for item in after.datasets]


def test_a_folder_is_refused_before_anything_is_checked(tmp_path: Path) -> None:
    path, _ = table(tmp_path / "a", "编号\n1\n")
    done = run("validate", path, "--output", "a/", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "新的或空的文件夹" in done.stderr
