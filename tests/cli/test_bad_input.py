"""Bad input, as the command meets it: a finding or an error in both languages with the way out, never a trace, a hang or a leftover."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from govdata.cli.main import run as run_here
from tests.builders import build_workbook
from tests.cli.program import SCHEMA, TABLE, TODAY, check, limited, listing, run, without_override

ENTRY = "信息资源名称: 例\n资源:\n  - 文件: {file}\n    信息项: [{{名称: 编号, 类型: C}}, {{名称: 数, 类型: I}}]\n"
SOURCE = "source: {{document: govdata, state: own, note: 甲}}\n"
LAYER = "id: {id}\nversion: '1'\ntitle: {{zh: 甲, en: A}}\nextends: {extends}\n" + SOURCE + "rules: []\n"

Files = dict[str, Any]
CASES: dict[str, tuple[Files, str, int, set[str]]] = {
    "empty file": ({"a.csv": b""}, "a.csv", 1, {"file/empty"}),
    "header only": ({"a.csv": "编号,数\n"}, "a.csv", 1, {"file/header-only"}),
    "no datasets": ({"说明.txt": "无"}, ".", 3, {"directory/empty"}),
    "empty folder": ({}, ".", 3, {"directory/empty"}),
    "NUL bytes": ({"a.csv": "编号,数\n甲\0,1\n"}, "a.csv", 1, {"file/nul"}),
    "NUL bytes alone": ({"a.csv": bytes(5000)}, "a.csv", 1, {"file/not-text"}),
    "lone CR": ({"a.csv": "编号,数\r甲,1\r"}, "a.csv", 0, {"file/line-ends"}),
    "mixed line ends": ({"a.csv": "编号,数\r\n甲,1\n乙,2\r\n"}, "a.csv", 0, {"file/line-ends"}),
    "unclosed quote": ({"a.csv": '编号,数\n"甲,1\n乙,2\n'}, "a.csv", 1, {"file/unclosed-quote"}),
    "picture named csv": ({"a.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256))}, "a.csv", 1, {"file/not-text"}),
    "WPS sheet": (
        {"entry.yaml": ENTRY.format(file="a.et"), "a.et": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)},
        ".",
        1,
        {"workbook/wrong-type"},
    ),
    "broken workbook": ({"a.xlsx": build_workbook({"kind": "truncated"})}, "a.xlsx", 1, {"workbook/broken"}),
    "workbook with a password": ({"a.xlsx": build_workbook({"kind": "encrypted"})}, "a.xlsx", 1, {"workbook/encrypted"}),
    "zip bomb": ({"a.xlsx": build_workbook({"kind": "bomb"})}, "a.xlsx", 1, {"workbook/too-large"}),
    "lock file of Excel": (
        {"a.xlsx": build_workbook({"sheets": {"表": {"cells": {"A1": "编号", "A2": "甲"}}}}), "~$a.xlsx": b"x"},
        "a.xlsx",
        0,
        {"workbook/open"},
    ),
    "lock file alone": ({"~$a.xlsx": b"\3adm"}, ".", 3, {"directory/empty"}),
    "circular schema": (
        {
            "datapackage.json": '{"resources": [{"name": "a", "path": "a.csv", "schema": "s.json"}]}',
            "s.json": '{"$ref": "s.json"}',
            "a.csv": TABLE,
        },
        ".",
        1,
        {"package/reference"},
    ),
    "path that leaves the folder": ({"d/entry.yaml": ENTRY.format(file="../a.csv"), "a.csv": TABLE}, "d", 1, {"folder/path-outside"}),
    "absolute path": ({"d/entry.yaml": ENTRY.format(file="/etc/passwd")}, "d", 1, {"folder/path-outside"}),
    "path with a backslash": ({"entry.yaml": ENTRY.format(file="数据\\a.csv"), "数据/a.csv": TABLE}, ".", 1, {"folder/backslash"}),
    "entry over the limit": ({"entry.yaml": "信息资源名称: 例\n信息资源摘要: " + "长" * (3 << 20) + "\n"}, ".", 1, {"yaml/too-large"}),
    "alias bomb": (
        {
            "entry.yaml": "a: &a [x, x]\n"
            + "".join(f"{b}: &{b} [{', '.join('*' + a for _ in range(9))}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        },
        ".",
        1,
        {"yaml/alias"},
    ),
    "deep entry": ({"entry.json": "[" * 200_000}, ".", 1, {"yaml/too-deep"}),
    "deep package": ({"datapackage.json": '{"a":' * 200_000}, ".", 1, {"yaml/too-deep"}),
    "wrong code": ({"entry.yaml": b"\xff\xfe\x00\xd8"}, ".", 1, {"yaml/encoding"}),
    "schema that is none": (
        {"entry.yaml": ENTRY.format(file="a.csv").replace("类型: I", "类型: I, 模式: '['"), "a.csv": TABLE},
        ".",
        1,
        {"table/schema-error"},
    ),
    "exploding pattern": (
        {
            "entry.yaml": ENTRY.format(file="a.csv").replace("类型: C", "类型: C, 模式: '(a|a|aa)+$'"),
            "a.csv": "编号,数\n" + "a" * 60 + "b,1\n",
        },
        ".",
        1,
        {"table/pattern-slow"},
    ),
}


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """The program sets a handler for SIGTERM, which must not outlive a test."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def lay_out(folder: Path, files: Files) -> Path:
    """A folder with files."""
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return folder


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_told_in_both_languages(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files, path, code, rules = CASES[name]
    folder = lay_out(tmp_path / "资料 夹", files) if files else tmp_path / "空"
    folder.mkdir(exist_ok=True)
    before = listing(folder)
    found = told(capfd, "validate", str(folder / path), "--today", TODAY, "--format", "json")
    assert found[0] == code
    report = json.loads(found[1])
    findings = [*report["findings"], *(item for dataset in report["datasets"] for item in dataset["findings"])]
    assert rules <= {item["rule"] for item in findings}
    for language, sign in (("zh-CN", "怎么办"), ("en", "What to do")):
        found = told(capfd, "validate", str(folder / path), "--today", TODAY, "--lang", language)
        assert found[0] == code
        assert sign in found[1]
        assert "Traceback" not in found[1] + found[2]
    assert listing(folder) == before


def told(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, what was printed and what was said on the side, run in this process."""
    code = run_here(arguments)
    printed = capfd.readouterr()
    return code, printed.out, printed.err


REFUSED: dict[str, tuple[Files, tuple[str, ...], int, dict[str, str]]] = {
    "no such path": ({}, ("missing.csv",), 3, {"zh-CN": "找不到", "en": "does not exist"}),
    "path in pasted quotes": ({"a.csv": TABLE}, ("“a.csv”",), 3, {"zh-CN": "不是命令行的英文引号", "en": "straight double quotes"}),
    "dash of a word processor": ({"a.csv": TABLE}, ("a.csv", "—format"), 3, {"zh-CN": "两个英文减号", "en": "two hyphens"}),
    "address": ({}, ("https://data.example/a.csv",), 3, {"zh-CN": "不联网", "en": "nothing is fetched"}),
    "path with backslashes": ({"停车/a.csv": TABLE}, ("停车\\a.csv",), 3, {"zh-CN": "找不到", "en": "does not exist"}),
    "settings that are no TOML": (
        {"govdata.toml": "standard = \n", "a.csv": TABLE},
        (".",),
        2,
        {"zh-CN": "写法不对", "en": "written wrong"},
    ),
    "settings key": ({"govdata.toml": "standart = 'x'\n", "a.csv": TABLE}, (".",), 2, {"zh-CN": "standard", "en": "standard"}),
    "unknown option": ({"a.csv": TABLE}, ("a.csv", "--fromat", "json"), 2, {"zh-CN": "--format", "en": "--format"}),
    "unknown standard": ({"a.csv": TABLE}, ("a.csv", "--standard", "shanghia"), 2, {"zh-CN": "shanghai", "en": "shanghai"}),
    "limit of nothing": ({"a.csv": TABLE}, ("a.csv", "--limit", "0"), 2, {"zh-CN": "--limit", "en": "--limit"}),
    "form of an output": ({"a.csv": TABLE}, ("a.csv", "--output", "r.docx"), 2, {"zh-CN": ".html", "en": ".html"}),
    "schema that is not there": ({"a.csv": TABLE}, ("a.csv", "--schema", "s.json"), 3, {"zh-CN": "找不到", "en": "does not exist"}),
    "circular extends": (
        {
            "govdata.toml": "content = 'own'\nstandard = 'a'\n",
            "own/standards/a/standard.yaml": LAYER.format(id="a", extends="b"),
            "own/standards/b/standard.yaml": LAYER.format(id="b", extends="a"),
            "a.csv": TABLE,
        },
        (".",),
        2,
        {"zh-CN": "圈", "en": "circle"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_is_refused_is_said(
    name: str, language: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files, arguments, code, signs = REFUSED[name]
    monkeypatch.chdir(lay_out(tmp_path, files))
    before = listing(tmp_path)
    found = told(capfd, "validate", *arguments, "--lang", language)
    assert found[0] == code
    assert found[1] == ""
    assert signs[language] in found[2]
    assert listing(tmp_path) == before


def test_a_long_line_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    """A line far over the limit: the file is sparse but for its beginning and an end, and the process may not hold it."""
    import resource

    lay_out(tmp_path, {"govdata.toml": "[limits]\nmax_line = 1048576\nmax_cell = 1048576\n", "schema.json": SCHEMA})
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write("编号,数\n".encode())
        for _ in range(300):
            file.write(b"x" * (1 << 20))
    done = check(path, "--schema", tmp_path / "schema.json", "--format", "json", preexec_fn=limited(resource.RLIMIT_AS, 280 << 20))
    assert done.returncode == 1
    assert b"file/line-limit" in done.stdout or b"file/cell-limit" in done.stdout


def test_a_sparse_file_of_five_gigabytes_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(5 << 30)
    done = check(path, "--format", "json")
    assert done.returncode == 1
    assert b"file/not-text" in done.stdout


@pytest.mark.parametrize("links", [{"loop": "."}, {"a": "b", "b": "a"}, {"d/up": ".."}, {"self": "self"}])
def test_links_that_go_in_circles_end(tmp_path: Path, links: dict[str, str]) -> None:
    lay_out(tmp_path, {"停车/entry.yaml": ENTRY.format(file="a.csv"), "停车/a.csv": TABLE})
    for name, target in links.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(target)
    done = check(tmp_path, "--format", "json")
    assert len(json.loads(done.stdout)["datasets"]) == 1


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    lay_out(tmp_path, {"d/entry.yaml": ENTRY.format(file="a.csv"), "secret.csv": TABLE})
    (tmp_path / "d/a.csv").symlink_to("../secret.csv")
    done = check(tmp_path / "d", "--format", "json")
    assert (done.returncode, b"folder/path-outside" in done.stdout) == (1, True)


@pytest.mark.parametrize("name", ["a.csv", "entry.yaml"])
def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, {"entry.yaml": ENTRY.format(file="a.csv"), "a.csv": TABLE})
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    done = check(tmp_path, timeout=30)
    assert done.returncode in {1, 3}


@pytest.mark.parametrize(("language", "sign"), [("zh-CN", "权限"), ("en", "may read")])
def test_a_file_that_may_not_be_read(tmp_path: Path, language: str, sign: str) -> None:
    lay_out(tmp_path, {"entry.yaml": ENTRY.format(file="a.csv"), "a.csv": TABLE})
    (tmp_path / "a.csv").chmod(0)
    done = check(tmp_path, "--lang", language, preexec_fn=without_override)
    assert done.returncode == 1
    assert "file/unreadable" in done.stdout.decode()
    named = check(tmp_path / "a.csv", "--lang", language, preexec_fn=without_override)
    assert named.returncode == 3
    assert sign in named.stderr.decode()


def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    lay_out(tmp_path, {"停车/entry.yaml": ENTRY.format(file="a.csv"), "停车/a.csv": TABLE, "锁/entry.yaml": ENTRY.format(file="a.csv")})
    (tmp_path / "锁").chmod(0)
    try:
        done = check(tmp_path, preexec_fn=without_override)
    finally:
        (tmp_path / "锁").chmod(0o755)
    assert done.returncode == 1
    assert "folder/unreadable" in done.stdout.decode()


@pytest.mark.parametrize("labels", ["same", "renamed"])
def test_ten_thousand_columns(tmp_path: Path, labels: str) -> None:
    fields = [f"c{number}" for number in range(10_000)]
    header = fields if labels == "same" else [f"x{number}" for number in range(10_000)]
    schema = json.dumps({"fields": [{"name": name, "type": "integer"} for name in fields]})
    lay_out(tmp_path, {"a.csv": ",".join(header) + "\n" + ",".join("1" * 10_000) + "\n", "s.json": schema})
    done = check(tmp_path / "a.csv", "--schema", tmp_path / "s.json", "--format", "json")
    counts = json.loads(done.stdout)["datasets"][0]["counts"]
    wrong = {"count": 10_000, "exact": True}
    assert counts == ({} if labels == "same" else {"table/extra-label": wrong, "table/missing-label": wrong})


DEEP: list[Callable[[], str]] = [
    lambda: "[" * 100_000,
    lambda: '{"a":' * 100_000 + "1" + "}" * 100_000,
    lambda: "[" * 900 + "]" * 900,
    lambda: "9" * 10_000,
    lambda: "-" * 50_000,
    lambda: "1e999999999",
    lambda: "9999-99-99T99:99:99",
    lambda: "P" + "9" * 5000 + "Y",
    lambda: "𝟙²①",
    lambda: "\u202e\ufeff\u0000"[:2],
]
TYPES = "string integer number boolean date datetime time year yearmonth duration object array list geojson geopoint any".split()  # noqa: SIM905


@pytest.mark.parametrize("number", range(len(DEEP)))
def test_strange_values_of_every_type(number: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    value = DEEP[number]().replace('"', '""')
    table = ",".join(TYPES) + "\n" + ",".join([f'"{value}"'] * len(TYPES)) + "\n"
    schema = json.dumps({"fields": [{"name": name, "type": name} for name in TYPES]})
    lay_out(tmp_path, {"a.csv": table, "s.json": schema})
    code, out, _ = told(capfd, "validate", str(tmp_path / "a.csv"), "--schema", str(tmp_path / "s.json"), "--format", "json")
    assert code in {0, 1}
    assert json.loads(out)["datasets"][0]["resources"][0]["rows"] == 1


def test_an_empty_list_on_standard_input_is_no_pass(tmp_path: Path) -> None:
    done = run("validate", "-", "--lang", "en", input=b"\n", cwd=tmp_path)
    assert done.returncode == 3
    assert b"nothing was checked" in done.stderr
