"""`govdata validate` as it is called: exit codes, outputs, streams, signals, a full disk, several runs at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import ROOT, SCHEMA, TABLE, TODAY, check, command, environment, limited, listing, run

WRONG = "编号,数\nP001,一\n"
LONG = "编号,数\n" + "".join(f"P{number:07d},{number}\n" for number in range(400_000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "wrong.csv").write_text(WRONG, encoding="utf-8")
    (tmp_path / "schema.json").write_text(SCHEMA, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("good.csv", ("--schema", "schema.json"), 0),
        ("wrong.csv", ("--schema", "schema.json"), 1),
        ("wrong.csv", (), 0),
        ("wrong.csv", ("--strict",), 3),
        ("none.csv", (), 3),
        ("good.csv", ("--schema", "none.json"), 3),
        ("good.csv", ("--schema", "schema.json", "--fail-on", "note"), 0),
        ("good.csv", ("--today", "yesterday"), 2),
        ("good.csv", ("--format", "pdf"), 2),
    ],
)
def test_exit_codes(folder: Path, name: str, arguments: tuple[str, ...], code: int) -> None:
    assert check(name, *arguments, cwd=folder).returncode == code


def test_a_schema_that_is_not_there_is_told_where_no_table_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "entry.yaml").write_text("title: Entries bring their own schema\n", encoding="utf-8")
    done = check(".", "--schema", "none.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"none.json" in done.stderr


def test_results_on_stdout_and_what_was_written_on_stderr(folder: Path) -> None:
    outputs = [argument for name in ("r.json", "r.html", "报告.txt") for argument in ("--output", name)]
    done = check("wrong.csv", "--schema", "schema.json", "--lang", "en", *outputs, cwd=folder)
    assert done.returncode == 1
    assert b"B2" in done.stdout
    assert done.stderr.decode().splitlines() == [f"Report written to {name}" for name in ("r.json", "r.html", "报告.txt")]
    assert json.loads((folder / "r.json").read_text(encoding="utf-8"))["valid"] is False
    assert listing(folder) == sorted(["good.csv", "r.html", "r.json", "schema.json", "wrong.csv", "报告.txt"])


def test_a_list_of_files_on_standard_input(folder: Path) -> None:
    done = check("-", "--schema", "schema.json", "--format", "json", cwd=folder, input=b"good.csv\r\n\nwrong.csv\n")
    assert [item["path"] for item in json.loads(done.stdout)["datasets"]] == ["good.csv", "wrong.csv"]
    assert done.returncode == 1


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "cp1252"])
def test_a_console_of_another_encoding(folder: Path, encoding: str) -> None:
    """A character that the console does not have is shown as a question mark."""
    (folder / "wrong.csv").write_text("编号,数\nP001,𠮷😀\n", encoding="utf-8")
    done = check("wrong.csv", "--schema", "schema.json", cwd=folder, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
    assert done.returncode == 1
    shown = done.stdout.decode(encoding)
    assert "table/type-error" in shown
    assert ("数据检查报告" in shown) is (encoding == "gbk")


@pytest.mark.parametrize(("language", "sign"), [("zh-CN", "磁盘"), ("en", "space")])
@pytest.mark.parametrize("name", ["r.html", "r.json", "r.txt"])
def test_a_full_disk_leaves_the_old_report(folder: Path, language: str, sign: str, name: str) -> None:
    import resource

    (folder / "wrong.csv").write_text("编号,数\n" + "P,x\n" * 2000, encoding="utf-8")
    (folder / name).write_text("old", encoding="utf-8")
    before = listing(folder)
    arguments = ("--schema", "schema.json", "--lang", language, "--output", name)
    done = check("wrong.csv", *arguments, cwd=folder, preexec_fn=limited(resource.RLIMIT_FSIZE, 400))
    assert done.returncode == 3
    assert sign in done.stderr.decode()
    assert (folder / name).read_text(encoding="utf-8") == "old"
    assert listing(folder) == before


@pytest.mark.parametrize(("language", "sign"), [("zh-CN", "磁盘"), ("en", "space")])
@pytest.mark.parametrize("kind", ["text", "json", "html"])
def test_a_full_device_behind_stdout(folder: Path, language: str, sign: str, kind: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = check("good.csv", "--schema", "schema.json", "--lang", language, "--format", kind, cwd=folder, stdout=full)
    assert done.returncode == 3
    assert sign in done.stderr.decode()
    assert b" ." not in done.stderr
    assert " 。" not in done.stderr.decode()
    assert b"Exception" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="numbers of files")
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_stream_that_is_closed(folder: Path, number: int) -> None:
    """As a service or a shell with `>&-` starts it: the exit code is the same, and no file of the data gets the stream's number."""
    for name, code in (("good.csv", 0), ("wrong.csv", 1), ("none.csv", 3), ("-", 3)):
        done = check(name, "--schema", "schema.json", cwd=folder, stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(number))
        assert done.returncode == code, (name, done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device")
@pytest.mark.parametrize("name", ["good.csv", "none.csv"])
def test_where_an_error_cannot_be_told_its_code_stands(folder: Path, name: str) -> None:
    with Path("/dev/full").open("wb") as full:
        line = command("validate", name)
        done = subprocess.run(line, cwd=folder, env=environment(), stdout=full, stderr=full, check=False, timeout=60)
    assert done.returncode == 3


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    (folder / "wrong.csv").write_text("编号,数\n" + "P,x\n" * 5000, encoding="utf-8")
    line = command("validate", "wrong.csv", "--schema", "schema.json", "--format", "json", "--limit", "all")
    with subprocess.Popen(line, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.read(10)
        program.stdout.close()
        assert program.stderr.read() == b""


@pytest.fixture
def running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A check of a large table that has begun and is far from its end."""
    (folder / "long.csv").write_text(LONG, encoding="utf-8")
    (folder / "r.json").write_text("old", encoding="utf-8")
    line = command("validate", "long.csv", "--schema", "schema.json", "--today", TODAY, "--lang", "en", "--output", "r.json")
    program = subprocess.Popen(line, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _wait_until_it_reads(program)
    yield program
    program.kill()
    program.communicate()


def _has_open(process: int, name: str) -> bool:
    for path in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            if name in os.readlink(path):
                return True
    return False


def _wait_until_it_reads(program: subprocess.Popen[bytes]) -> None:
    """Until the table is open, which `/proc` shows; then it has rows to check for seconds."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert program.poll() is None
        if _has_open(program.pid, "long.csv"):
            time.sleep(0.5)
            assert program.poll() is None
            return
        time.sleep(0.02)
    pytest.fail("the program never opened the table")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_leaves_nothing(running: subprocess.Popen[bytes], folder: Path, number: signal.Signals) -> None:
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err.decode().strip()) == (130, b"", "Interrupted; no report was written.")
    assert (folder / "r.json").read_text(encoding="utf-8") == "old"
    assert listing(folder) == ["good.csv", "long.csv", "r.json", "schema.json", "wrong.csv"]


def test_a_killed_run_leaves_the_old_report(running: subprocess.Popen[bytes], folder: Path) -> None:
    running.kill()
    running.communicate(timeout=30)
    assert (folder / "r.json").read_text(encoding="utf-8") == "old"


BREAKS = {
    "killed": ("os._exit(9)", 9, True),
    "interrupted": ("raise KeyboardInterrupt", 130, False),
}
SCRIPT = """
import os, sys
from govdata.formats import files
def half(*arguments, **more):
    yield "half"
    {what}
files.write = half
from govdata.cli.main import run
sys.exit(run(["validate", "good.csv", "--output", "r.json"]))
"""


@pytest.mark.parametrize("name", BREAKS)
def test_a_run_that_ends_while_it_writes_leaves_the_old_report(folder: Path, name: str) -> None:
    what, code, remains = BREAKS[name]
    (folder / "r.json").write_text("old", encoding="utf-8")
    line = [sys.executable, "-c", SCRIPT.format(what=what)]
    done = subprocess.run(line, cwd=folder, env=environment(), capture_output=True, check=False, timeout=60)
    assert done.returncode == code
    assert (folder / "r.json").read_text(encoding="utf-8") == "old"
    assert any(part.endswith(".part") for part in listing(folder)) is remains
    assert b"Traceback" not in done.stderr


def test_several_runs_may_write_one_output(folder: Path) -> None:
    """Whoever is last wins; nobody reads half a report."""
    lines = [command("validate", name, "--schema", "schema.json", "--output", "r.json") for name in ("good.csv", "wrong.csv") * 3]
    programs = [subprocess.Popen(line, cwd=folder, env=environment(), stdout=subprocess.DEVNULL) for line in lines]
    assert [program.wait(timeout=60) for program in programs] == [0, 1] * 3
    report = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    assert report["datasets"][0]["path"] in {"good.csv", "wrong.csv"}
    assert listing(folder) == ["good.csv", "r.json", "schema.json", "wrong.csv"]


def test_an_output_in_a_folder_that_is_not_there(folder: Path) -> None:
    done = check("good.csv", "--output", "none/r.json", "--lang", "en", cwd=folder)
    assert done.returncode == 3
    assert b"folder exists" in done.stderr
    assert listing(folder) == ["good.csv", "schema.json", "wrong.csv"]


def test_a_read_only_home_is_no_hindrance(folder: Path) -> None:
    home = folder / "home"
    home.write_text("not a folder", encoding="utf-8")
    done = check("good.csv", "--schema", "schema.json", cwd=folder, env={"HOME": str(home), "XDG_CACHE_HOME": str(home)})
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_path_the_current_folder_is_checked(folder: Path) -> None:
    (folder / "entry.yaml").write_text("信息资源名称: 例\n", encoding="utf-8")
    done = run("validate", "--format", "json", cwd=folder)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["datasets"]) == 1


def test_the_program_runs_from_any_folder(tmp_path: Path) -> None:
    place = tmp_path / "含 空格"
    place.mkdir()
    (place / "数据 表.csv").write_text(TABLE, encoding="utf-8")
    assert check("数据 表.csv", cwd=place).returncode == 0
    assert ROOT.is_dir()


def test_github_shows_annotations_and_appends_the_summary(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("编号,数\nP001,七\n", encoding="utf-8")
    (tmp_path / "schema.json").write_text(SCHEMA, encoding="utf-8")
    summary = tmp_path / "summary.md"
    summary.write_text("# 前一步\n", encoding="utf-8")
    for _ in range(2):
        done = check("a.csv", "--schema", "schema.json", "--format", "github", cwd=tmp_path, env={"GITHUB_STEP_SUMMARY": str(summary)})
        assert done.returncode == 1
    first, *_, last = done.stdout.decode().splitlines()
    assert first.startswith("::error file=a.csv,line=2,title=")
    assert not last.startswith("::")
    before, *tables = summary.read_text(encoding="utf-8").split("<!-- govdata -->")
    assert before.startswith("# 前一步")
    assert len(tables) == 2
    assert tables[0].strip() == tables[1].strip()
    assert b"<!-- govdata -->" not in check("a.csv", "--format", "github", cwd=tmp_path).stdout


def test_a_full_summary_is_left_alone_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * ((1 << 20) - 10))
    done = check("a.csv", "--format", "github", cwd=tmp_path, env={"GITHUB_STEP_SUMMARY": str(summary)})
    assert summary.stat().st_size == (1 << 20) - 10
    assert "summary.md" in done.stderr.decode()
    missing = check("a.csv", "--format", "github", cwd=tmp_path, env={"GITHUB_STEP_SUMMARY": str(tmp_path / "none" / "s.md")})
    assert (missing.returncode, "s.md" in missing.stderr.decode()) == (3, True)


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_markdown_reaches_a_narrow_console(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("编号,数\nP001,😀\n", encoding="utf-8")
    (tmp_path / "schema.json").write_text(SCHEMA, encoding="utf-8")
    for format in ("markdown", "github", "junit", "sarif", "gitlab"):
        done = check(
            "a.csv", "--schema", "schema.json", "--format", format, cwd=tmp_path, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        )
        assert done.returncode == 1
        assert b"a.csv" in done.stdout
