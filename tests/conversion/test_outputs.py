"""What is written: whole or not at all, never over what is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import govdata
from govdata.conversion.outputs import Names, writing_folder
from govdata.errors import ReadError, SettingsError
from govdata.writing import writing_file

ENTRY = "信息资源名称: 停车场\n信息资源代码: '307001/000012'\n更新周期: 每月\n发布日期: 2026-01-05\n"


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    path = tmp_path / "停车场" / "entry.yaml"
    path.parent.mkdir()
    path.write_text(ENTRY, encoding="utf-8")
    return path


def test_json_ld_needs_no_extra(entry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyoxigraph", None)
    done = govdata.convert(entry.parent)
    assert done.form == "jsonld"
    assert json.loads(done.text)["信息资源名称"] == "停车场"
    with pytest.raises(govdata.GovdataError, match=r"graph-missing.*extra=graph"):
        govdata.convert(entry, "turtle")
    with pytest.raises(govdata.GovdataError, match="graph-missing"):
        govdata.convert(entry, "dcat", tmp_path / "made.jsonld")
    assert not (tmp_path / "made.jsonld").exists()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.yaml", "yaml"),
        ("a.json", "json"),
        ("a.jsonl", "jsonl"),
        ("a.JSONLD", "jsonld"),
        ("datapackage.json", "datapackage"),
        ("a", "jsonld"),
    ],
)
def test_the_name_asks_for_a_form(name: str, form: str, entry: Path, tmp_path: Path) -> None:
    done = govdata.convert(entry, output=tmp_path / name)
    assert (done.form, done.datasets, done.text) == (form, 1, "")
    assert (tmp_path / name).is_dir() is (name == "a")


@pytest.mark.parametrize("name", ["a.nq", "a.csv", "a.b.docx"])
def test_a_name_that_ends_like_another_file_is_not_made_a_folder(name: str, entry: Path, tmp_path: Path) -> None:
    for form in (None, "json"):
        with pytest.raises(SettingsError, match="convert-suffix"):
            govdata.convert(entry, form, tmp_path / name)
    assert not (tmp_path / name).exists()
    govdata.convert(entry, output=f"{tmp_path / name}/")
    govdata.convert(entry, output=tmp_path / name, force=True)
    assert (tmp_path / name / "307001-000012" / "entry.jsonld").is_file()


def test_a_name_without_such_an_ending_is_a_folder(entry: Path, tmp_path: Path) -> None:
    for name in ("a.2026", "v1.2", "云间.目录"):
        govdata.convert(entry, output=tmp_path / name)
        assert (tmp_path / name).is_dir()
    govdata.convert(entry, "jsonl", tmp_path / "lines.txt")
    assert (tmp_path / "lines.txt").is_file()


def test_what_exists_is_not_overwritten(entry: Path, tmp_path: Path) -> None:
    target = tmp_path / "made.jsonl"
    target.write_text("mine", encoding="utf-8")
    with pytest.raises(ReadError, match="convert-exists"):
        govdata.convert(entry, output=target)
    assert target.read_text(encoding="utf-8") == "mine"
    govdata.convert(entry, output=target, force=True)
    assert json.loads(target.read_text(encoding="utf-8"))["更新周期"] == "每月"
    with pytest.raises(ReadError, match="convert-folder"):
        govdata.convert(entry, "jsonl", entry.parent, force=True)


def test_a_folder_that_exists_keeps_what_is_not_ours(entry: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "307001-000012").mkdir(parents=True)
    (folder / "307001-000012" / "data.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ReadError, match="convert-exists"):
        govdata.convert(entry, "json", folder)
    govdata.convert(entry, "json", folder, force=True)
    assert sorted(path.name for path in folder.rglob("*.*")) == ["data.csv", "entry.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "停车场"]


@pytest.mark.skipif(os.name != "posix", reason="rights of files")
def test_a_file_that_is_replaced_keeps_its_rights(entry: Path, tmp_path: Path) -> None:
    target = tmp_path / "made.jsonl"
    target.touch(mode=0o640)
    govdata.convert(entry, output=target, force=True)
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_dangling_link_counts_as_there(entry: Path, tmp_path: Path) -> None:
    (tmp_path / "made.jsonl").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ReadError, match="convert-exists"):
        govdata.convert(entry, output=tmp_path / "made.jsonl")


def fail_halfway(target: Path) -> None:
    if target.suffix:
        with writing_file(target, False) as file:
            file.write(b"half")
            raise RuntimeError
    with writing_folder(target, False) as folder:
        (folder / "c").write_text("half", encoding="utf-8")
        raise RuntimeError


@pytest.mark.parametrize("name", ["a.json", "folder"])
def test_a_failure_on_the_way_leaves_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fail_halfway(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def write_while_another_does(target: Path) -> None:
    with writing_file(target, False) as file:
        file.write(b"second")
        target.write_bytes(b"first")


def test_two_at_once_do_not_overwrite_each_other(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    with pytest.raises(ReadError, match="convert-exists"):
        write_while_another_does(target)
    assert target.read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_what_a_killed_run_left_goes_with_the_next(entry: Path, tmp_path: Path) -> None:
    old, young = tmp_path / ".made.1.part", tmp_path / ".made.2.part"
    for folder in (old, young):
        folder.mkdir()
    os.utime(old, (time.time() - 3600,) * 2)
    govdata.convert(entry, "json", tmp_path / "made")
    assert (old.exists(), young.exists()) == (False, True)


def test_a_killed_run_leaves_no_half_output(tmp_path: Path) -> None:
    """Killed while it reads what never ends: there is nothing of the name that was asked for."""
    pipe, target = tmp_path / "entries.jsonl", tmp_path / "made.jsonl"
    pipe.write_text('{"title": "x"}\n' * 200_000, encoding="utf-8")
    run = subprocess.Popen([sys.executable, "-m", "govdata", "convert", str(pipe), "--output", str(target)], stdout=subprocess.DEVNULL)
    try:
        started = time.monotonic()
        while not list(tmp_path.glob(".made.jsonl.*.part")) and run.poll() is None and time.monotonic() - started < 30:
            time.sleep(0.01)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == -9
    assert not target.exists()


def test_names_of_folders_are_safe_and_unique() -> None:
    names = Names()
    codes = ["307001/000012", "307001\\000012", "../../etc", "", "CON", "con.x", "停车场", "a" * 300, "A" * 300, " . ", "a\x00b"]
    given = [names.name(code, "题目/一") for code in codes]
    assert given[:4] == ["307001-000012", "307001-000012-2", "etc", "题目-一"]
    assert given[4:6] == ["_CON", "_con.x"]
    assert len({name.casefold() for name in given}) == len(given)
    assert all(len(name.encode()) < 255 and not set(name) & set('/\\\x00:*?"<>|') and name.strip(". ") == name for name in given)


def test_a_folder_for_each_dataset_of_a_directory(tmp_path: Path) -> None:
    lines = [{"title": f"数据{n}", "identifier": f"1/{n % 3}"} for n in range(5)]
    source = tmp_path / "entries.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines) + "[broken\n", encoding="utf-8")
    done = govdata.convert(source, "yaml", tmp_path / "made")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["1-0", "1-0-2", "1-1", "1-1-2", "1-2"]
    assert (done.datasets, done.unread) == (5, ("entries.jsonl:6",))
    assert [finding.rule for _, finding in done.findings] == ["json/syntax"]


def test_an_unknown_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "entry.yaml").write_text("title: x\ncolour: red\n", encoding="utf-8")
    done = govdata.convert(tmp_path, "jsonl")
    assert [(name, finding.rule, finding.line) for name, finding in done.findings] == [(tmp_path.name, "entry/unknown-key", 2)]


@pytest.mark.parametrize("source", ["nowhere", "a.docx", "empty", "says-nothing.json"])
def test_what_cannot_be_converted_is_an_error(source: str, tmp_path: Path) -> None:
    # A catalog in JSON without a context: what became of it was an empty entry, which nothing reads.
    (tmp_path / "says-nothing.json").write_text('{"dataset": [{"title": "a"}]}', encoding="utf-8")
    (tmp_path / "a.docx").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match=r"no-such-path|convert-source|convert-nothing"):
        govdata.convert(tmp_path / source, "jsonl", tmp_path / "made.jsonl")
    assert not (tmp_path / "made.jsonl").exists()


def test_options_that_do_not_exist(entry: Path) -> None:
    with pytest.raises(SettingsError, match="convert-form"):
        govdata.convert(entry, "docx")
    with pytest.raises(SettingsError, match="convert-keys"):
        govdata.convert(entry, keys="fr")


def test_many_datasets_without_a_code_get_their_names_at_once() -> None:
    """Trying all numbers again for each took seven seconds for 6,000, and minutes for a catalog."""
    names = Names()
    assert [names.name("", "") for _ in range(100_000)][-1] == "dataset-100000"
    assert [names.name(code, "") for code in ("a", "A", "a-2", "a", "a-2")] == ["a", "A-2", "a-2-2", "a-3", "a-2-3"]


def test_nothing_is_replaced_where_a_file_and_a_folder_have_one_name(tmp_path: Path) -> None:
    """Asked for by `--force` is to replace files; a file in the place of a folder was found when half of the others were written."""
    source = tmp_path / "entries.jsonl"
    source.write_text('{"title": "a", "identifier": "1"}\n{"title": "b", "identifier": "2"}\n', encoding="utf-8")
    folder = tmp_path / "made"
    govdata.convert(source, "json", folder)
    (folder / "2" / "entry.json").unlink()
    (folder / "2").rmdir()
    (folder / "2").write_text("mine", encoding="utf-8")
    (folder / "1" / "entry.json").write_text("old", encoding="utf-8")
    with pytest.raises(ReadError, match=r"folder-not-one.*2"):
        govdata.convert(source, "json", folder, force=True)
    assert (folder / "1" / "entry.json").read_text(encoding="utf-8") == "old"
    (folder / "2").unlink()
    (folder / "2" / "entry.json").mkdir(parents=True)
    with pytest.raises(ReadError, match=r"convert-folder.*2"):
        govdata.convert(source, "json", folder, force=True)
    assert (folder / "1" / "entry.json").read_text(encoding="utf-8") == "old"
    (tmp_path / "plain").write_text("mine", encoding="utf-8")
    with pytest.raises(ReadError, match="folder-not-one"):
        govdata.convert(source, "json", tmp_path / "plain", force=True)
