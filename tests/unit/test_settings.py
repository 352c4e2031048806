"""Settings: `govdata.toml`, then options; what is not understood is refused with what is known."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import SettingsError
from govdata.messages import error_text
from govdata.settings import FILE, Settings, find_root, read_settings
from govdata.tomllines import line_of


def write(folder: Path, text: str | bytes) -> Path:
    (folder / FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_without_anything_the_defaults_hold() -> None:
    assert read_settings(None, {}) == Settings()
    assert (Settings().language, Settings().fail_on, Settings().limit, Settings().limit_each) == ("zh-CN", "error", 1000, 100)


def test_the_file_is_heard_and_options_are_heard_more(tmp_path: Path) -> None:
    write(tmp_path, 'standard = "shanghai"\nfail_on = "warning"\nlimit = 5\ncontent = "own"\n[limits]\nmax_line = 100\n')
    found = read_settings(tmp_path, {"standard": "national", "limit": None, "today": date(2026, 1, 31)})
    assert (found.standard, found.fail_on, found.limit, found.limit_each) == ("national", "warning", 5, 5)
    assert (found.root, found.content, found.max_line, found.today) == (tmp_path, tmp_path / "own", 100, date(2026, 1, 31))


@pytest.mark.parametrize("text", ['\ufefflanguage = "en"\n', 'language = "en"\r\n'])
def test_what_windows_editors_write_is_read(tmp_path: Path, text: str) -> None:
    assert read_settings(write(tmp_path, text), {}).language == "en"


@pytest.mark.skipif(os.name == "nt", reason="no pipes and links there")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("not-there.toml", path)], ids=["pipe", "folder", "link"])
def test_what_is_called_so_and_is_no_file_is_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / FILE)
    (tmp_path / "a").mkdir()
    assert find_root(tmp_path / "a") == tmp_path
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path, {})
    assert caught.value.key == "settings-no-file"


def test_all_lifts_both_limits(tmp_path: Path) -> None:
    for found in (read_settings(write(tmp_path, 'limit = "all"\n'), {}), read_settings(None, {"limit": "all"})):
        assert (found.limit, found.limit_each) == (None, None)


def test_a_limit_of_none_is_refused_as_on_the_command_line() -> None:
    with pytest.raises(SettingsError, match="bad-limit"):
        read_settings(None, {"limit": 0})


REFUSED: list[tuple[Any, str, str]] = [
    ("standard = \n", "settings-syntax", "docs/settings.md"),
    ('standard = "甲\n'.encode("gb18030"), "settings-encoding", "UTF-8"),
    ('standart = "shanghai"\n', "settings-key", "standard"),
    ("limit = 'many'\n", "settings-value", "limit"),
    ("strict = 'yes'\n", "settings-value", "strict"),
    ("fail_on = 'fatal'\n", "settings-value", "warning"),
    ("[limits]\nmax_lines = 5\n", "settings-key", "max_line"),
    ("[limits]\nmax_line = 0\n", "settings-value", "max_line"),
    ("[limits]\nmax_line = '5'\n", "settings-value", "1"),
    ("[limits]\nmax_cell = true\n", "settings-value", "limits.max_cell"),
    ("limits = 5\n", "settings-value", "[limits]"),
    ("limit = true\n", "settings-value", "1"),
    ("limit = -5\n", "settings-value", "1"),
    ("limit = 0\n", "settings-value", "all"),
    ("strict = 1\n", "settings-value", "false"),
    ("directory = '310107'\n", "settings-value", "directory"),
    ("language = 'fr'\n", "settings-value", "zh-CN"),
    ("content = ''\n", "settings-value", "…"),
    ("encodings = 'gb18030'\n", "settings-value", '["gb18030"]'),
    ("encodings = ['gb18O30']\n", "settings-value", "gb18030"),
    ("encodings = ['utf-7']\n", "settings-value", "gb18030"),
    ("encodings = [1]\n", "settings-value", "gb18030"),
    ("targets = 1\n", "settings-value", "[targets.ckan.NAME]"),
    ("standard = “core”\n", "settings-syntax", "line 1"),
    ("limit = true\n", "settings-value", "“true”"),
    ("[targets.site.a]\npath = 'p'\nzone = 'internet'\nlanguages = 'en'\n", "settings-value", '["en"]'),
]


@pytest.mark.parametrize(("text", "key", "sign"), REFUSED)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: Any, key: str, sign: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(write(tmp_path, text), {})
    assert (caught.value.key, caught.value.exit_code) == (key, 2)
    for language in ("zh-CN", "en"):
        told = error_text(caught.value, language)
        assert FILE in told
        assert sign in told


def test_names_of_encodings_are_those_that_entries_may_give(tmp_path: Path) -> None:
    found = read_settings(write(tmp_path, 'encodings = ["GB 18030", "hanzi"]\n'), {})
    assert found.encodings == ("GB 18030", "hanzi")


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    below = tmp_path / "a/b"
    below.mkdir(parents=True)
    write(tmp_path, "")
    assert find_root(below) == tmp_path
    write(tmp_path / "a", "")
    assert find_root(below) == tmp_path / "a"
    assert find_root(below / "data.csv") == tmp_path / "a"


SPREAD = """\
# 目录
directory = "6f0f7c1e-5a0b-4d5e-9c1a-310199000000"

encodings = [  # all of them
  "gb18030",
  "big5",
]
[targets.ckan.open]
url = "https://a.example"
organisations = {"1.2" = "x"}
[targets.site."b-c"]
title = \"\"\"
[targets.ckan.no]
\"\"\"

[[accept]]
rule = "a"
[[accept]]
# until = 1
until = 2026-01-01
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("directory", 2), ("encodings", 4), ("targets", 8), ("targets.ckan.open.url", 9), ("targets.ckan.open.organisations.1.2", 10),
        ("targets.site.b-c", 11), ("targets.site.b-c.title", 12), ("targets.site.b-c.path", 11), ("targets.ckan.no", 8),
        ("accept[1]", 16), ("accept[1].by", 16), ("accept[2]", 18), ("accept[2].until", 20), ("accept[2].by", 18), ("nothing", 1),
    ],
)  # fmt: skip
def test_lines_of_keys(key: str, line: int, ends: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(("\ufeff" + SPREAD.replace("\n", ends)).encode("utf-8"))
    assert line_of(str(tmp_path / FILE), key) == line


@pytest.mark.parametrize(("language", "told"), [("zh-CN", "第 3 行：“limits.max_line”"), ("en", ", line 3: “limits.max_line”")])
def test_a_refused_key_is_told_with_its_line(language: str, told: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('standard = "national"\n[limits]\nmax_line = 0\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path, {})
    assert told in error_text(caught.value, language)
