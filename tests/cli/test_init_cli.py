"""`govdata init` as an officer runs it: the draft in its place, what is to be filled in on standard error, the exit codes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from govdata.cli.main import run as run_here
from tests.builders import build_workbook
from tests.cli.program import run

TABLE = "编号,名称\nP001,甲\nP002,乙\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table."""
    (tmp_path / "停车场.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("language", "placeholder", "clause"), [("zh", "待填", "依据"), ("en", "TO BE FILLED IN", "from")])
def test_draft_beside_the_data(folder: Path, language: str, placeholder: str, clause: str) -> None:
    done = run("init", "停车场.csv", "--lang", language, cwd=folder)
    told = done.stderr.decode()
    assert (done.returncode, done.stdout) == (0, b"")
    text = (folder / "entry.yaml").read_text(encoding="utf-8")
    assert text.count(placeholder) > 10
    assert told.count(clause) >= 10
    assert ("编号, 英文名: id" in text) == (language == "zh")
    assert ("englishName: id" in text) == (language == "en")
    checked = run("validate", "--no-cache", "--format", "json", folder)
    assert checked.returncode == 1
    assert b"entry/placeholder" in checked.stdout


def test_never_overwritten(folder: Path) -> None:
    (folder / "entry.yml").write_text("信息资源名称: 甲\n", encoding="utf-8")
    done = run("init", folder)
    assert done.returncode == 3
    assert "不会覆盖" in done.stderr.decode()
    again = run("init", folder / "停车场.csv", "--to", folder / "entry.draft.yaml")
    assert again.returncode == 0
    assert run("init", folder / "停车场.csv", "--output", folder / "entry.draft.yaml").returncode == 3
    assert sorted(path.name for path in folder.iterdir()) == ["entry.draft.yaml", "entry.yml", "停车场.csv"]


def test_the_entry_of_a_folder_is_no_data(folder: Path) -> None:
    (folder / "entry.yml").write_text("信息资源名称: 甲\n", encoding="utf-8")
    done = run("init", folder, "--output", "-")
    assert done.returncode == 0
    assert "entry.yml" not in done.stderr.decode()


def test_to_standard_output(folder: Path) -> None:
    done = run("init", folder / "停车场.csv", "--output", "-")
    assert done.returncode == 0
    assert done.stdout.decode().startswith("# govdata init")
    assert "请填写" in done.stderr.decode()
    assert [path.name for path in folder.iterdir()] == ["停车场.csv"]


CASES: dict[str, tuple[dict[str, bytes], str, int, str]] = {
    "empty file": ({"a.csv": b""}, "a.csv", 1, "文件是空的"),
    "header only": ({"a.csv": "编号,名称\n".encode()}, "a.csv", 0, "只有表头"),
    "no header": ({"a.csv": b"1,2026-01-05\n2,2026-01-06\n"}, "a.csv", 0, "没有表头"),
    "mixed encodings": ({"a.csv": "编号,名称\n1,甲乙丙\n".encode("gb18030") + "2,中文人民\n".encode()}, "a.csv", 1, "编码"),
    "missing": ({}, "没有.csv", 3, "找不到"),
    "hidden files alone": ({".a.csv": b"a\n1\n", "~$b.xlsx": b"x"}, ".", 3, "没有数据文件"),
    "a picture": ({"a.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256))}, "a.csv", 1, "没有写草稿"),
    "broken workbook": ({"a.xlsx": build_workbook({"kind": "truncated"})}, "a.xlsx", 1, "没有写草稿"),
    "locked workbook": ({"a.xlsx": build_workbook({"kind": "encrypted"})}, "a.xlsx", 1, "没有写草稿"),
    "unclosed quote": ({"a.csv": '编号,数\n"甲,1\n乙,2\n'.encode()}, "a.csv", 1, "没有写草稿"),
    "a package": ({"datapackage.json": b"{}"}, "datapackage.json", 3, "govdata convert"),
    "an entry": ({"x.yaml": b"a: 1\n"}, "x.yaml", 3, "不是数据"),
    "NUL": ({"a.csv": "编号,数\n甲\0,1\n".encode()}, "a.csv", 0, ""),
    "blank rows": ({"a.csv": "编号,数\n\n甲,1\n,\n乙,2\n".encode()}, "a.csv", 0, ""),
    "only blank": ({"a.csv": b"\n\n\n"}, "a.csv", 1, "没有写草稿"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_bad_input(case: str, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    files, path, code, told = CASES[case]
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    monkeypatch.chdir(tmp_path)
    assert run_here(["init", path, "--lang", language]) == code
    said = capsys.readouterr()
    assert said.err.strip()
    if language == "zh-CN":
        assert told in said.err
    assert "Traceback" not in said.err
    assert (tmp_path / "entry.yaml").exists() == (code == 0)
    assert not list(tmp_path.glob("*.part"))


def test_personal_values_are_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = ["110101188501010018", "650102188802290027", "13800000001", "13800000002"]
    rows = "\n".join(f"{number},{number},{number}" for number in numbers)
    (tmp_path / "a.csv").write_text(f"{rows}\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"号,{numbers[0]}\n{rows}\n", encoding="utf-8")
    assert run_here(["init", str(tmp_path)]) == 0
    said = capsys.readouterr()
    shown = said.out + said.err + (tmp_path / "entry.yaml").read_text(encoding="utf-8")
    assert not [number for number in numbers if number in shown]


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(["init"]) == 2
    assert run_here(["init", "--help", "--lang", "en"]) == 0
    assert "Draft an entry" in capsys.readouterr().out


def test_a_missing_file_is_told_before_an_entry_that_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "entry.yaml").write_text("a: 1\n", encoding="utf-8")
    assert run_here(["init", str(folder / "nothere.csv"), "--lang", "en"]) == 3
    assert "nothere.csv" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder that a program is in")
def test_a_current_folder_that_is_gone_is_named_as_such(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert run_here(["validate", "--lang", "en"]) == 3
    assert "current folder is gone" in capsys.readouterr().err
