"""`--changed`: with real git repositories; what must be checked is, what cannot be compared is an error with the way out."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import GovdataError, ReadError, SettingsError
from govdata.extent import mentions
from govdata.formats import write
from govdata.validation import validate
from govdata.values import Report

TODAY = date(2026, 1, 31)
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run([*GIT, *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode().strip()


def lay(root: Path, name: str, code: str, more: str = "") -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    fields = f"      - {{名称: 编号, 类型: C{more}}}\n      - {{名称: 数, 类型: I}}\n"
    text = f"信息资源名称: {name}\n信息资源代码: {code}\n资源:\n  - 文件: 表.csv\n    信息项:\n{fields}"
    (folder / "entry.yaml").write_text(text, encoding="utf-8")
    (folder / "表.csv").write_text("编号,数\nA,1\n", encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "仓库" / "数据 目录"
    root.mkdir(parents=True)
    (root / "govdata.toml").write_text('standard = "core"\ncontent = "own"\n', encoding="utf-8")
    (root / "own" / "codes").mkdir(parents=True)
    (root / "own" / "codes" / "README").write_text("x\n", encoding="utf-8")
    lay(root, "甲", "307001/000001")
    lay(root, "乙", "307001/000002", ", 外键: {数据集: 307001/000001, 信息项: 编号}")
    lay(root, "丙", "307001/000003")
    lay(root, "丙/里面", "307001/000004")
    (root.parent / "README.md").write_text("x\n", encoding="utf-8")
    git(root.parent, "init", "-q")
    commit(root)
    return root


def commit(root: Path) -> None:
    git(root, "add", "-A", "-f", ".")
    git(root.parent, "add", "-A", "-f", ".")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")


def run(path: Path, ref: str = "main", **options: Any) -> Report:
    return validate(path, changed=ref, today=TODAY, **options)


def checked(path: Path, ref: str = "main") -> list[str]:
    return [dataset.path for dataset in run(path, ref).datasets]


def test_nothing_has_changed(root: Path) -> None:
    report = run(root)
    assert (report.valid, report.datasets, report.findings) == (True, (), ())
    assert report.run["changed"] == {"ref": "main", "base": git(root, "rev-parse", "HEAD"), "checked": 0, "total": 4}


@pytest.mark.parametrize("how", ["unstaged", "staged", "committed"])
def test_what_was_edited_is_checked(root: Path, how: str) -> None:
    git(root, "checkout", "-q", "-b", "neu")
    (root / "丙" / "表.csv").write_text("编号,数\nA,x\n", encoding="utf-8")
    if how != "unstaged":
        git(root, "add", "-A")
    if how == "committed":
        commit(root)
    report = run(root)
    assert [dataset.path for dataset in report.datasets] == ["丙"]
    assert not report.valid
    assert [item.why for item in report.skipped] == ["directory-partial"]


def test_what_the_other_branch_did_meanwhile_is_not_ours(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "neu")
    git(root, "checkout", "-q", "main")
    (root / "甲" / "表.csv").write_text("编号,数\nB,1\n", encoding="utf-8")
    commit(root)
    git(root, "checkout", "-q", "neu")
    assert checked(root) == []


@pytest.mark.parametrize("ignored", [False, True])
def test_what_git_does_not_know_counts(root: Path, ignored: bool) -> None:
    (root / ".gitignore").write_text("*.csv\n" if ignored else "", encoding="utf-8")
    commit(root)
    (root / "丙" / "neu.csv").write_text("a\n1\n", encoding="utf-8")
    (root / "甲" / ".DS_Store").write_text("x", encoding="utf-8")
    lay(root, "戊", "307001/000009")
    assert checked(root) == ["丙", "戊"]


def test_a_dataset_with_a_foreign_key_to_one_that_changed(root: Path) -> None:
    (root / "甲" / "表.csv").write_text("编号,数\nB,1\n", encoding="utf-8")
    report = run(root)
    assert [dataset.path for dataset in report.datasets] == ["乙", "甲"]
    assert "table/foreign-key" in report.datasets[0].counts


def test_a_code_that_changed_or_went_away(root: Path) -> None:
    lay(root, "甲", "307001/000077")
    report = run(root)
    assert [dataset.path for dataset in report.datasets] == ["乙", "甲"]
    assert "table/foreign-key-target" in report.datasets[0].counts
    git(root, "rm", "-q", "-r", "-f", "甲")
    assert checked(root) == ["乙"]


def test_a_foreign_key_in_a_schema_file_written_with_escapes(root: Path) -> None:
    folder = lay(root, "己", "307001/000008")
    text = (folder / "entry.yaml").read_text(encoding="utf-8").partition("    信息项:")[0] + "    表结构: 结构/s.json\n"
    (folder / "entry.yaml").write_text(text, encoding="utf-8")
    (folder / "结构").mkdir()
    key = {"fields": "编号", "reference": {"dataset": "307001/000003", "resource": "", "fields": "编号"}}
    schema = (
        json.dumps({"fields": [{"name": "编号"}, {"name": "数"}], "foreignKeys": [key]})
        .replace("/", "\\/")
        .replace("307001", "\\u0033\\u00307001")
    )
    (folder / "结构" / "s.json").write_text(schema, encoding="utf-8")
    commit(root)
    (root / "丙" / "表.csv").write_text("编号,数\nB,1\n", encoding="utf-8")
    report = run(root)
    assert [dataset.path for dataset in report.datasets] == ["丙", "己"]
    assert "table/foreign-key" in report.datasets[1].counts


def test_a_target_is_found_though_it_was_not_touched(root: Path) -> None:
    (root / "乙" / "表.csv").write_text("编号,数\nZ,1\n", encoding="utf-8")
    report = run(root)
    assert [
        (dataset.path, dict(dataset.counts).keys() & {"table/foreign-key", "table/foreign-key-target"}) for dataset in report.datasets
    ] == [("乙", {"table/foreign-key"})]


def test_a_dataset_that_was_moved(root: Path) -> None:
    git(root, "mv", "丙", "丁")
    assert checked(root) == ["丁", "丁/里面"]


def test_only_the_innermost_dataset_is_touched(root: Path) -> None:
    (root / "丙" / "里面" / "表.csv").write_text("编号,数\nB,1\n", encoding="utf-8")
    assert checked(root) == ["丙/里面"]


@pytest.mark.parametrize("file", ["govdata.toml", "own/codes/README", "own/rules/neu.txt"])
def test_settings_rules_and_lists_concern_all(root: Path, file: str) -> None:
    path = root / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + "\n", encoding="utf-8")
    report = run(root)
    assert len(report.datasets) == 4
    assert not report.skipped


def test_a_changed_baseline_concerns_all(root: Path) -> None:
    (root / "丙" / "表.csv").write_text("编号,数\nA,x\n", encoding="utf-8")
    validate(root, today=TODAY, write_baseline=root / "b.json")
    assert len(run(root, baseline=root / "b.json").datasets) == 4
    commit(root)
    assert run(root, baseline=root / "b.json").valid
    assert not run(root, baseline=root / "b.json").datasets


def test_files_outside_of_datasets_concern_none(root: Path) -> None:
    (root.parent / "README.md").write_text("y\n", encoding="utf-8")
    (root / "notizen.txt").write_text("y\n", encoding="utf-8")
    assert checked(root) == []


def test_a_new_folder_without_an_entry_is_told_where_nothing_else_changed(root: Path) -> None:
    (root / "丁").mkdir()
    (root / "丁" / "表.csv").write_text("编号\n1\n", encoding="utf-8")
    report = validate(root, changed="HEAD", today=TODAY)
    assert ([item.what for item in report.skipped], report.valid, report.datasets) == (["丁/"], True, ())
    assert "丁/" in "".join(write(report, "text", "zh-CN"))


def test_single_files(root: Path) -> None:
    (root / "丙" / "表.csv").write_text("编号,数\nA,2\n", encoding="utf-8")
    assert checked(root / "丙" / "表.csv") == ["表.csv"]
    assert checked(root / "甲" / "表.csv") == []
    assert checked(root / "丙" / "entry.yaml") == ["丙"]
    assert checked(root / "甲" / "entry.yaml") == []
    assert checked(root / "乙" / "entry.yaml") == ["乙"], "it refers to another dataset"


def test_a_folder_without_datasets_is_no_pass(root: Path) -> None:
    (root / "leer").mkdir()
    report = run(root / "leer")
    assert not report.valid
    assert [finding.rule for finding in report.findings] == ["directory/empty"]


def key_of(root: Path, ref: str) -> GovdataError:
    with pytest.raises(GovdataError) as caught:
        run(root, ref)
    return caught.value


def test_a_name_that_git_does_not_have(root: Path) -> None:
    error = key_of(root, "mian")
    assert (error.key, error.exit_code, error.arguments["close"]) == ("git-ref-near", 3, ["main"])
    for ref in ("--output=x", " ", "a\0b"):
        assert isinstance(key_of(root, ref), SettingsError)
    assert key_of(root, "main..main").exit_code == 3


def test_a_detached_head_is_compared_as_any(root: Path) -> None:
    git(root, "checkout", "-q", "--detach")
    assert checked(root) == []


def test_a_shallow_clone(root: Path, tmp_path: Path) -> None:
    git(root, "checkout", "-q", "-b", "neu")
    (root / "丙" / "表.csv").write_text("编号,数\nB,1\n", encoding="utf-8")
    commit(root)
    git(root, "checkout", "-q", "main")
    (root / "甲" / "表.csv").write_text("编号,数\nB,1\n", encoding="utf-8")
    commit(root)
    clone = tmp_path / "clone"
    address = f"file://{root.parent}"
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "neu", "--no-single-branch", address, str(clone))
    error = key_of(clone / root.name, "origin/main")
    assert (error.key, error.exit_code) == ("git-shallow", 3)
    git(clone, "fetch", "-q", "--unshallow")
    assert checked(clone / root.name, "origin/main") == ["丙"]


def test_histories_that_share_nothing(root: Path) -> None:
    git(root, "checkout", "-q", "--orphan", "fremd")
    (root / "neu.txt").write_text("y\n", encoding="utf-8")
    commit(root)
    assert key_of(root, "main").key == "git-unrelated"


def test_no_commit_yet_and_no_repository(tmp_path: Path) -> None:
    lay(tmp_path, "甲", "307001/000001")
    error = key_of(tmp_path, "main")
    assert isinstance(error, ReadError)
    assert error.key == "git-none"
    git(tmp_path, "init", "-q")
    assert key_of(tmp_path, "main").key == "git-ref"


def test_no_git_at_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    assert key_of(root, "main").key == "git-missing"


def test_a_program_among_the_data_is_not_taken_for_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = root / "git"
    fake.write_text("#!/bin/sh\ntouch ran\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(root))
    monkeypatch.chdir(root)
    assert key_of(root, "main").key == "git-missing"
    assert not (root / "ran").exists()


def test_settings_of_the_user_do_not_matter(root: Path) -> None:
    for name, value in (
        ("diff.relative", "true"),
        ("diff.renames", "copies"),
        ("core.quotePath", "true"),
        ("status.showUntrackedFiles", "no"),
    ):
        git(root, "config", name, value)
    git(root, "mv", "丙/表.csv", "丙/表2.csv")
    (root / "甲" / 'neu\n\t"名.csv').write_text("a\n", encoding="utf-8")
    assert checked(root) == ["丙", "乙", "甲"]


def test_a_repository_inside(root: Path) -> None:
    inner = root / "戊"
    lay(root, "戊/一", "307001/000011")
    git(inner, "init", "-q")
    git(inner, "add", "-A")
    git(inner, "commit", "-q", "-m", "x")
    assert checked(root) == ["戊/一"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'x: "307001/000001"', True),
        (b'{"d": "307001\\/00000\\u0031"}', True),
        (b'd: "307001/\\\n   000001"', True),
        (b'd: "\\x3307001/000001"', True),
        (b"d: 307001/000002", False),
        ("名: 甲".encode("gb18030"), True),
        ("d: 1".encode("utf-16"), True),
        ("名: 甲".encode(), False),
    ],
)
def test_a_code_is_never_overlooked(data: bytes, expected: bool) -> None:
    assert mentions(data, ["307001/000001"]) is expected
