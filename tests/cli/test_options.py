"""Options read without click: the same values as click gives, or left to it."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from govdata.cli import usage
from govdata.cli.group import call
from govdata.cli.options import COMPLETION, Option, read_options
from govdata.cli.validate import OPTIONS
from govdata.messages import io_text

TRIED = {
    "text": ["x", "国标", "a=b", "", "-x", "--", " "],
    "choice": ["json", "JSON", "error", "plain", "en", "zh-CN", ""],
    "flag": ["x", ""],
    "number": ["1", "16", "0", "-1", "١", "1_0", " 2", "999999999999", "x", "007"],
    "file": ["here", "missing", "", "-", "里/面.json"],
    "day": ["2026-01-05", "2026-1-5", "2026-02-30", "20260105", "2026-W01-1", "0001-01-01"],
}
CALLS = (
    *([], ["a"], ["a", "b c"], [""], ["-"], ["--"], ["--", "--strict"], ["-h"], ["--help"], ["--version"]),
    *(["a", "--strict", "b"], ["--strict", "--strict"], ["--output", "1", "--output=2"], ["--limit", "1", "--limit", "2"]),
    *(["--stric"], ["--jobs"], ["--format", "--strict"], ["-x"], ["--unknown", "1"], ["--lang", "en"], ["--lang=fr"]),
)


def _calls() -> list[list[str]]:
    found = [list(call) for call in CALLS]
    for option in OPTIONS:
        for text in TRIED[option.kind]:
            found += [[option.name, text, "a"], ["a", f"{option.name}={text}"]]
        found += [[option.name], ["a", option.name]]
    parts = (["--strict"], ["--format", "json"], ["--jobs", "2"], ["--today=2026-01-05"], ["p"], ["--lang", "zh"])
    return found + [list(itertools.chain(*three)) for three in itertools.permutations(parts, 3)]


def _by_click(arguments: Sequence[str]) -> dict[str, Any] | None:
    """What click gives; `None` where it shows help or refuses."""
    got: list[dict[str, Any]] = []

    def keep(**options: Any) -> int:
        got.append(options)
        return 0

    command = usage.command("en", "validate", OPTIONS, keep)
    try:
        command.main(list(arguments), prog_name="govdata validate", standalone_mode=False)
    except click.ClickException:
        return None
    return got[0] if got else None


@pytest.mark.parametrize("arguments", _calls(), ids=" ".join)
def test_click_says_the_same(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").touch()
    monkeypatch.chdir(tmp_path)
    found = read_options(arguments, OPTIONS)
    if found is not None:
        assert found == _by_click(arguments)


def test_plain_calls_are_understood() -> None:
    every = [part for option in OPTIONS for part in ([option.name] if option.kind == "flag" else [option.name, _good(option)])]
    found = read_options([*every, "a", "--lang", "en"], OPTIONS)
    assert found is not None
    assert found["paths"] == ("a",)
    assert None not in found.values()


def _good(option: Option) -> str:
    return option.choices[0] if option.choices else {"number": "2", "day": "2026-01-05"}.get(option.kind, "x")


def test_a_shell_that_asks_for_words_is_answered_by_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(COMPLETION, "bash_complete")
    assert read_options(["a"], OPTIONS) is None


def test_a_small_check_loads_no_click(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    code = "import sys\nfrom govdata.cli.main import run\ncode = run(sys.argv[1:])\nassert 'click' not in sys.modules\nsys.exit(code)"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code, "validate", str(tmp_path / "a.csv")], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


WRONG = [
    (["convert", "a", "b"], "多写了：b。", "too much: b.", "govdata convert --help"),
    (["convert", "a", "--to"], "--to 后面要写一个值", "--to needs a value", "govdata convert --help"),
    (["convert", "a", "--force=1"], "--force 不带值", "--force takes no value", "govdata convert --help"),
    (["validate", "--jobs", "x"], "整数（≥ 1）", "whole number (≥ 1)", "govdata validate --help"),
    (["validate", "--today", "2026-13-01"], "只能写日期", "must be a day", "govdata validate --help"),
    (["ui", "--port", "70000"], "整数（0–65535）", "whole number (0–65535)", "govdata ui --help"),
    (["site", "build", "--to"], "--to 后面要写一个值", "--to needs a value", "govdata site build --help"),
    (["."], "没有命令 .。要检查它，请写：govdata validate .", "To check it: govdata validate .", "govdata --help"),
    (["site", "foo"], "没有命令 foo。", "no command foo.", "govdata site --help"),
]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(("arguments", "zh", "en", "hint"), WRONG)
def test_a_wrong_call_is_told_in_the_language(
    arguments: list[str], zh: str, en: str, hint: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(arguments, language) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert (zh if language == "zh-CN" else en) in told
    assert hint in told
    if language == "zh-CN":
        assert not re.search("[a-z]{3,} [a-z]{2,} [a-z]{2,}", told.replace(hint, ""))


@pytest.mark.parametrize("arguments", [[], ["site"]])
def test_without_a_command_there_is_the_help_alone(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(arguments, "en") == 2
    assert capsys.readouterr().err.startswith("Usage: govdata")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["init", ""], "init --help"),
        (["validate", "a.csv", "--changed", ""], "--changed"),
        (["validate", "a.csv", "--standard="], "--standard"),
        (["validate", "--strict=", "a.csv"], "--strict"),
        (["site"], "build"),
        (["validat"], "validate"),
        (["site", "bild"], "build"),
        (["publish", "site:x", "--apply", "."], "--apply"),
    ],
)
def test_wrong_calls_are_told_in_one_language(arguments: list[str], named: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty value stood for the current folder, or for nothing; what click words itself came in English."""
    assert call([*arguments, "--lang", language], language) == 2
    told = capsys.readouterr().err
    assert named in told
    assert not re.search(r"[A-Z][a-z]+ [a-z]", told) if language == "zh-CN" else told.isascii() or "“" in told


def test_what_the_system_says_is_in_the_language() -> None:
    error = OSError(21, "Is a directory")
    assert "这是文件夹" in io_text(error, "date", "zh-CN")
    assert "date" in io_text(error, "date", "zh-CN")
    assert "Is a directory" in io_text(error, "x", "en")


def test_an_empty_argument_is_not_blamed_on_the_flag_before_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["validate", "--strict", "", "--lang", "en"], "en") == 2
    assert "--strict" not in capsys.readouterr().err


def test_headings_of_a_chinese_help_page_have_a_full_width_colon(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help", "--lang", "zh-CN"], "zh-CN") == 0
    told = capsys.readouterr().out
    assert "用法：" in told
    assert "\n选项：\n" in told
    assert "\n命令：\n" in told
