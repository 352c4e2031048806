"""What is different on Windows, as far as it can be seen on any machine: paths, names, consoles, line ends, and what only POSIX has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest

from govdata import content
from govdata.reading import paths
from govdata.reading.paths import Reference, locate, unportable
from govdata.settings import read_settings
from tests.cli.program import ROOT, SCHEMA, TABLE, TODAY, check, environment, run

DEMO = content.root() / "catalog/demo"
ENTRY = "信息资源名称: 例\n资源:\n  - 文件: '{file}'\n    信息项: [{{名称: 编号, 类型: C}}, {{名称: 数, 类型: I}}]\n"

WITHOUT_POSIX = """
import os, signal, sys, warnings
for name in ("grp", "pwd", "resource", "termios", "tty", "pty"):
    sys.modules[name] = None
for name in ("fork", "geteuid", "getuid", "getgid", "O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC", "O_NONBLOCK", "mkfifo", "killpg", "statvfs",
             "pread", "pwrite", "chown", "sched_getaffinity", "fchmod", "sysconf", "setsid", "posix_fadvise"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGALRM", "SIGPIPE", "SIGUSR1", "alarm", "setitimer", "pthread_sigmask"):
    if hasattr(signal, name):
        delattr(signal, name)
opened = os.open
def open_file(path, *more, **named):
    if os.path.isdir(path):
        raise PermissionError(13, "a folder cannot be opened on Windows", str(path))
    return opened(path, *more, **named)
os.open = open_file
warnings.filterwarnings("error", category=EncodingWarning, module=r"govdata(\\.|$)")
from govdata.cli.main import run
if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
"""
"""Modules, functions and signals that Windows lacks are gone (fcntl aside: locks go by `os.name`).

Text that we open without naming its encoding is an error.
"""


def start(folder: Path, *arguments: str, encoding: str = "cp936", given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The program in a folder, without POSIX, on a Chinese console."""
    script = folder.parent / "without_posix.py"
    script.write_text(WITHOUT_POSIX, encoding="utf-8")
    command = [sys.executable, "-X", "warn_default_encoding", str(script), *arguments]
    env = environment(PYTHONIOENCODING=encoding, GOVDATA_NO_CACHE="1")
    done = subprocess.run(command, cwd=folder, env=env, input=given, capture_output=True, timeout=300, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode(errors="replace")
    assert done.returncode != 70, done.stderr.decode("gb18030", "replace")
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "数据"
    found.mkdir()
    return found


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_reports_are_the_same_without_what_only_posix_has(folder: Path, jobs: str) -> None:
    options = ("validate", str(DEMO / "mistakes"), "--today", TODAY, "--lang", "zh")
    outputs = ("--output", "r.json", "--output", "r.html", "--output", "r.txt")
    done = start(folder, *options, "--jobs", jobs, *outputs)
    assert done.returncode == 1
    usual = run(*options, *[argument.replace("r.", "u.") for argument in outputs], cwd=folder, env={"GOVDATA_NO_CACHE": "1"})
    for ending in ("json", "html", "txt"):
        assert (folder / f"r.{ending}").read_bytes() == (folder / f"u.{ending}").read_bytes()
    lost = usual.stdout.decode().encode("cp936", "replace").decode("cp936")
    assert done.stdout.decode("cp936").replace("\r\n", "\n") == lost


def test_other_commands_work_without_what_only_posix_has(folder: Path) -> None:
    right = str(DEMO / "right")
    assert start(folder, "demo", "示例").returncode == 0
    assert start(folder, "explain", "codes/theme").returncode == 0
    assert start(folder, "standards").returncode == 0
    assert start(folder, "convert", right, "--to", "dcat", "--output", "目录.jsonld").returncode == 0
    assert start(folder, "site", "build", right, "--to", "./网站").returncode in (0, 1)
    assert start(folder, "site", "build", right, "--to", "./网站").returncode in (0, 1)
    assert (folder / "网站/index.html").is_file()


def test_what_programs_read_is_utf_8_on_every_console(folder: Path) -> None:
    (folder / "表🚗.csv").write_text(TABLE.replace("P001", "龘🚗"), encoding="utf-8")
    for encoding in ("cp936", "cp1252", "ascii"):
        done = start(folder, "validate", "表🚗.csv", "--format", "json", "--today", TODAY, encoding=encoding)
        assert json.loads(done.stdout.decode("utf-8"))["datasets"][0]["path"] == "表🚗.csv"
    told = start(folder, "validate", "表🚗.csv", "--today", TODAY).stdout.decode("cp936")
    assert "表?.csv" in told


LIST = "停车场.csv\r\n\r\n子 文件夹/图书馆.csv\r\n"


@pytest.mark.parametrize(
    "given",
    [
        LIST.encode(),
        b"\xef\xbb\xbf" + LIST.encode(),
        LIST.encode("gb18030"),
        LIST.encode("utf-16"),
        "\ufeff".encode("utf-16-be") + LIST.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "gb18030", "utf-16", "utf-16 the other way"],
)
@pytest.mark.parametrize("encoding", ["cp936", "utf-8"])
def test_a_list_of_files_from_any_console(folder: Path, given: bytes, encoding: str) -> None:
    (folder / "子 文件夹").mkdir()
    for name in ("停车场.csv", "子 文件夹/图书馆.csv"):
        (folder / name).write_text(TABLE, encoding="utf-8")
    done = start(folder, "validate", "-", "--format", "json", "--today", TODAY, encoding=encoding, given=given)
    assert [dataset["path"] for dataset in json.loads(done.stdout)["datasets"]] == ["停车场.csv", "图书馆.csv"]


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with mark"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_files_written_by_windows_programs(folder: Path, mark: str, end: str) -> None:
    def write(name: str, text: str) -> None:
        (folder / name).write_bytes((mark + text.replace("\n", end)).encode())

    write("govdata.toml", 'standard = "core"\nfail_on = "error"\n')
    write("entry.yaml", ENTRY.format(file="表\\数.csv"))
    (folder / "表").mkdir()
    write("表/数.csv", TABLE)
    write("schema.json", SCHEMA)
    write("alone.csv", TABLE)
    report = json.loads(check(".", "--format", "json", cwd=folder).stdout)
    found = {finding["rule"] for finding in report["datasets"][0]["findings"] if finding["severity"] != "note"}
    assert found == set()
    assert report["datasets"][0]["resources"][0]["rows"] == 2
    assert report["datasets"][0]["resources"][0]["file"] == "表/数.csv"
    assert check("alone.csv", "--schema", "schema.json", cwd=folder).returncode == 0


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("子\\a.csv", "folder/backslash"),
        (".\\子\\a.csv", "folder/backslash"),
        ("C:\\数据\\a.csv", "folder/path-outside"),
        ("C:a.csv", "folder/path-outside"),
        ("c:/数据/a.csv", "folder/path-outside"),
        ("\\\\server\\share\\a.csv", "folder/path-outside"),
        ("//server/share/a.csv", "folder/path-outside"),
        ("\\\\?\\C:\\a.csv", "folder/path-outside"),
        ("\\子\\a.csv", "folder/path-outside"),
        ("..\\a.csv", "folder/path-outside"),
        ("子\\..\\..\\a.csv", "folder/path-outside"),
    ],
)
def test_paths_as_they_are_written_on_windows(folder: Path, name: str, rule: str) -> None:
    (folder / "子").mkdir()
    (folder / "子/a.csv").write_text(TABLE, encoding="utf-8")
    (folder.parent / "a.csv").write_text(TABLE, encoding="utf-8")
    found = locate(folder, Reference(name, "entry.yaml"))
    assert rule in {finding.rule for finding in found.findings}
    assert (found.path is None) == (rule == "folder/path-outside")
    # The same is decided on Windows: nothing that its own paths take for absolute or for another drive is opened.
    if found.path is not None:
        steps = PureWindowsPath(name.replace("\\", "/"))
        assert not steps.drive
        assert not steps.root


@pytest.mark.parametrize("name", ["nul.csv", "CON", "a.csv:geheim", "a.csv::$DATA", "a.csv.", "a.csv ", "LPT1.txt"])
def test_names_that_windows_opens_although_no_file_is_there(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices, other streams of a file, names with something behind: what the folder does not list is not there."""
    monkeypatch.setattr(paths, "_TELLS_CASE", False)
    (folder / "a.csv").write_text(TABLE, encoding="utf-8")
    found = locate(folder, Reference(name, "entry.yaml"))
    assert found.path is None
    assert [finding.rule for finding in found.findings] == ["file/missing"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["a.csv", "b/c.csv", "停车场(一).csv"], []),
        (["a.csv", "A.csv"], [("A.csv", "collision")]),
        (["d/é.csv", "D/E\u0301.csv"], [("D/E\u0301.csv", "collision")]),
        (
            ["nul.csv", "com1", "Aux.tar.gz", "console.csv", "b/prn"],
            [("nul.csv", "device"), ("com1", "device"), ("Aux.tar.gz", "device"), ("b/prn", "device")],
        ),
        (["a?.csv", "10:30.csv", "x|y", "t\tt"], [("a?.csv", "sign"), ("10:30.csv", "sign"), ("x|y", "sign"), ("t\tt", "sign")]),
        (["a.", "b ", "d./x"], [("a.", "ending"), ("b ", "ending"), ("d./x", "ending")]),
        (["文" * 60 + "/" + "件" * 150], [("文" * 60 + "/" + "件" * 150, "long")]),
    ],
)
def test_names_that_windows_cannot_hold(files: list[str], told: list[Any]) -> None:
    assert [(finding.args["name"], finding.args["reason"]) for finding in unportable(files)] == told


def test_a_name_that_windows_cannot_hold_is_a_warning(folder: Path) -> None:
    (folder / "entry.yaml").write_text(ENTRY.format(file="10:30.csv"), encoding="utf-8")
    (folder / "10:30.csv").write_text(TABLE, encoding="utf-8")
    for language, words in (("zh", "不允许有字符 :"), ("en", ": is not allowed in a name")):
        report = json.loads(check(".", "--format", "json", "--standard", "core", "--lang", language, cwd=folder).stdout)
        (found,) = [finding for finding in report["datasets"][0]["findings"] if finding["rule"] == "folder/portable-name"]
        assert words in found["message"]
        assert found["severity"] == "warning"


def test_settings_written_on_windows(folder: Path) -> None:
    toml = "content = 'rules\\own'\n[targets.site.public]\npath = 'out\\site'\nzone = 'internet'\n"
    (folder / "govdata.toml").write_bytes(b"\xef\xbb\xbf" + toml.replace("\n", "\r\n").encode())
    settings = read_settings(folder, {})
    assert settings.content == folder / "rules/own"
    assert settings.target("site:public").path == folder / "out/site"  # type: ignore[union-attr]


def test_a_path_longer_than_windows_takes_is_said(folder: Path) -> None:
    deep = folder.joinpath(*["很长的文件夹名称" * 4] * 12)
    done = check(deep / "a.csv", cwd=folder)
    assert done.returncode == 3
    assert len(str(deep)) > 260


def test_files_of_the_project_can_be_checked_out_on_windows() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = (
        listed.stdout.decode().split("\0")[:-1]
        if listed.returncode == 0
        else [path.relative_to(ROOT).as_posix() for path in DEMO.rglob("*")]
    )
    assert names
    assert [finding.args for finding in unportable(names)] == []
