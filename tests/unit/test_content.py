"""Content: parsed without YAML's traps, kept in a cache that may be damaged, absent or written by two at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdata import content
from govdata.errors import ContentError

SECTIONS = sorted(content.SECTIONS)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder, and nothing remembered from before; nor after."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("GOVDATA_NO_CACHE", raising=False)
    content.compiled.cache_clear()
    yield tmp_path / "govdata"
    content.compiled.cache_clear()


def afresh(section: str = "messages") -> object:
    """A section as a new process would have it."""
    content.compiled.cache_clear()
    return content.compiled(section)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_cache_gives_what_the_files_give(cache: Path, section: str) -> None:
    first = afresh(section)
    assert len(list(cache.glob(f"{section}-*.json"))) == 1
    assert afresh(section) == first
    assert first


DAMAGED = [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"report.yaml": {}}'[:9]]


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_cache_is_made_again(cache: Path, damage: bytes) -> None:
    first = afresh()
    (kept,) = cache.glob("messages-*.json")
    whole = kept.read_bytes()
    kept.write_bytes(damage)
    assert afresh() == first
    assert kept.read_bytes() == whole
    assert afresh() == first


@pytest.mark.parametrize("section", SECTIONS)
def test_a_damaged_line_is_read_from_its_file(cache: Path, section: str) -> None:
    first = afresh(section)
    (kept,) = cache.glob(f"{section}-*.json")
    head, *lines = kept.read_bytes().split(b"\n")
    kept.write_bytes(b"\n".join([head, *(line[: len(line) // 2] for line in lines)]))
    assert afresh(section) == first


def test_damage_that_is_json_still_is_not_believed(cache: Path) -> None:
    whole = dict(content.compiled("rules"))
    (kept,) = cache.glob("rules-*.json")
    text = kept.read_text(encoding="utf-8")
    content.compiled.cache_clear()
    kept.write_text(text.replace('"severity":"error"', '"severity":"note"'), encoding="utf-8")
    assert dict(content.compiled("rules")) == whole
    head, one, other, *rest = text.split("\n")
    content.compiled.cache_clear()
    kept.write_text("\n".join((head, other, one, *rest)), encoding="utf-8")
    assert dict(content.compiled("rules")) == whole


def test_a_cache_with_a_line_too_few_is_made_again(cache: Path) -> None:
    first = afresh()
    (kept,) = cache.glob("messages-*.json")
    whole = kept.read_bytes()
    kept.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert afresh() == first
    assert kept.read_bytes() == whole


@pytest.mark.parametrize("damage", [None, *DAMAGED, b'["word"]\n"mad', b'["other"]\n"mad"\n'])
def test_what_follows_from_content_is_kept_with_it(cache: Path, damage: bytes | None) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "made"

    assert content.remembered("word", ("rules",), make) == "made"
    (kept,) = cache.glob("word-*.json")
    if damage is not None:
        kept.write_bytes(damage)
    assert content.remembered("word", ("rules",), make) == "made"
    assert len(made) == (1 if damage is None else 2)
    assert content.remembered("word", ("rules", "codes"), make) == "made"
    assert len(made) == (2 if damage is None else 3)


def test_a_cache_that_cannot_be_written_is_none(cache: Path) -> None:
    cache.write_text("a file where the folder should be", encoding="utf-8")
    assert afresh()
    assert cache.is_file()


def test_a_cache_file_that_is_a_folder_is_passed_over(cache: Path) -> None:
    first = afresh()
    (kept,) = cache.glob("messages-*.json")
    kept.unlink()
    kept.mkdir()
    assert afresh() == first


def test_without_a_home_or_on_demand_there_is_no_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVDATA_NO_CACHE", "1")
    assert afresh()
    assert not cache.exists()
    monkeypatch.delenv("GOVDATA_NO_CACHE")
    for name in ("XDG_CACHE_HOME", "HOME", "USERPROFILE", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    assert content.cache_folder() is None
    assert afresh()
    monkeypatch.setenv("XDG_CACHE_HOME", "beside")
    assert content.cache_folder() is None, "a folder beside the data"


def test_programs_that_start_at_once_all_have_the_content(cache: Path) -> None:
    line = [sys.executable, "-c", "from govdata.content import digest; print(digest('messages'), digest('rules'))"]
    environment = {**os.environ, "PYTHONPATH": str(content.root())}
    programs = [subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
    told = [program.communicate(timeout=60) for program in programs]
    assert {out for out, _ in told} == {f"{content.digest('messages')} {content.digest('rules')}\n".encode()}
    assert [err for _, err in told] == [b""] * 6
    assert not list(cache.glob("*.tmp"))


PARSED = [
    ("a: 012", {"a": "012"}),
    ("a: 12", {"a": 12}),
    ("a: -1.5", {"a": -1.5}),
    ("a: 2026-01-05", {"a": "2026-01-05"}),
    ("a: no", {"a": "no"}),
    ("a: on", {"a": "on"}),
    ("a: true", {"a": True}),
    ("a:", {"a": None}),
    ("a: 1_000", {"a": "1_000"}),
    ("a: 0x1F", {"a": "0x1F"}),
    ("a: 12:30:00", {"a": "12:30:00"}),
    ("a: 1e3", {"a": "1e3"}),
    ("a: .5", {"a": ".5"}),
    ("a: .inf", {"a": ".inf"}),
]


@pytest.mark.parametrize(("text", "value"), PARSED)
def test_content_is_read_without_the_traps_of_yaml(text: str, value: object) -> None:
    assert content.parse(text, "a.yaml") == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.yaml", "a: ["), ("a.yaml", "a: 1\na: 2"), ("a.yaml", "a: !!python/none x"), ("a.json", "{,}"), ("a.yaml", "a: &a [*a]\nb: !x 1")],
)
def test_broken_content_is_refused_with_its_name(name: str, text: str) -> None:
    with pytest.raises(ContentError) as caught:
        content.parse(text, name)
    assert caught.value.arguments["file"] == name


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rule.yaml"
    path.write_bytes("id: 甲".encode("gb18030"))
    with pytest.raises(ContentError):
        content.load_file(path)


def test_a_program_whose_modules_change_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same version: one that is being worked on."""
    module = tmp_path / "part" / "module.py"
    module.parent.mkdir()
    monkeypatch.setattr(content, "__file__", str(tmp_path / "content.py"))
    states = set()
    for change in (
        lambda: None,
        lambda: module.write_bytes(b"1"),
        lambda: os.utime(module, (1, 1)),
        lambda: module.rename(tmp_path / "b.py"),
    ):
        change()
        content.program.cache_clear()
        content._state.cache_clear()
        states.add(content.program())
    content.program.cache_clear()
    assert len(states) == 4
