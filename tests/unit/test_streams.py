"""What is printed for people: on a terminal wrapped and coloured, elsewhere as it is, and never with signs that move the cursor."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import pytest
from rich.cells import cell_len

from govdata.cli import streams
from govdata.cli.progress import Progress
from govdata.diagnosis.views import painted as painted_state
from govdata.publishing.views import painted

Capture = pytest.CaptureFixture[str]


Screen = Callable[[Iterable[str]], str]


@pytest.fixture
def screen(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setattr(streams, "terminal_width", lambda: 40)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def shown(lines: Iterable[str]) -> str:
        with monkeypatch.context() as patched:
            patched.setattr(sys.stdout, "isatty", lambda: True)
            streams.tell(lines, painted)
        return capsys.readouterr().out

    return shown


LINES = (
    "+ 新建 310001/000001 停车场",
    "    · 条目的共享类型是“不予共享”，不能发布到公众信息网。[条例] (gate/not-shared)",
    "",
    "      核对依据。",
)


def test_a_terminal_wraps_below_the_words_and_colours_the_beginning(screen: Screen) -> None:
    first, *others = screen(LINES).splitlines()
    assert first == "\x1b[32m+ 新建\x1b[0m 310001/000001 停车场"
    assert all(cell_len(line) <= 40 for line in others)
    assert others[0].startswith("    · 条目")
    assert all(line.startswith("      ") for line in others[1:] if line)
    assert [line.strip() for line in others[-2:]] == ["", "核对依据。"]
    assert "".join(line.strip() for line in others).replace(" ", "") == "".join(LINES[1:]).replace(" ", "")


def test_no_colour_where_none_is_wanted(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in screen(LINES)


def test_elsewhere_lines_stay_whole(capsys: Capture) -> None:
    streams.tell(LINES, painted)
    assert capsys.readouterr().out.splitlines() == list(LINES)


@pytest.mark.parametrize("hostile", ["\x1b[2J清屏", "a\rb", "标题\x9b31m", "\u202edcba"])
def test_no_sign_moves_the_cursor(screen: Screen, hostile: str) -> None:
    shown = screen([f"+ 新建 {hostile}"]).replace("\x1b[32m", "").replace("\x1b[0m", "")
    assert all(sign.isprintable() for sign in shown.rstrip("\n"))


@pytest.mark.parametrize(
    ("line", "style"), [("正常 · 网站：", ("32", 2)), ("有误 · 权限：", ("1;31", 2)), ("      怎么办：正常 ", ("", 0))]
)
def test_states_of_a_diagnosis(line: str, style: tuple[str, int]) -> None:
    assert painted_state(line, "zh-CN") == style


def test_an_error_cannot_steer_the_terminal(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in it may be a name that somebody else gave a file, or a key of settings that came with the data."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    streams.say("“a\x1b]0;x\x07\x1b[2J\u202e” is not there.\nWhat to do", err=True)
    with Progress("en") as progress:
        progress.last = 0
        progress.show(1, "a\x1b[2J\r", 0)
    told = capsys.readouterr().err
    assert told.startswith("“a�]0;x��[2J�” is not there.\nWhat to do\n")
    assert "a�[2J�" in told
