"""README and guides show what the program does: commands are run, outputs compared, both languages say the same."""

from __future__ import annotations

import dataclasses
import importlib.machinery
import importlib.util
import re
import shutil
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

import govdata
from govdata import content
from govdata.cli import group, main, publish, validate
from govdata.cli.group import COMMANDS
from govdata.gate import refuse_unknown_names
from govdata.settings import Settings, read_settings
from govdata.standards import DEFAULT
from govdata.targets import CkanTarget, SiteTarget

ROOT = Path(__file__).parent.parent
READMES = {"en": "README.md", "zh-CN": "README.zh-CN.md"}
GUIDES = (
    *("first-dataset", "from-excel", "from-database", "writing-rules", "writing-standards", "exit-codes", "report", "security", "design"),
    *("settings", "style", "entry"),
)
CODES = {0, validate.FOUND, group.USAGE, validate.NOT_CHECKED, main.BUG, main.INTERRUPTED}
LARGEST = 200_000
NOT_CLAIMED = r"fastest|blazing|最快|DCAT-AP|supports Data Package v2|detects? (the )?encoding|自动识别编码|badge|shields\.io"


@cache
def examples() -> ModuleType:
    """The script that plays the pages, as a module."""
    loader = importlib.machinery.SourceFileLoader("examples", str(ROOT / "scripts" / "examples"))
    spec = importlib.util.spec_from_loader("examples", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["examples"] = module
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = written
    return module


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, kind: str) -> list[str]:
    """The bodies of a page's blocks of a kind."""
    return re.findall(rf"^```{kind}\b[^\n]*\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)


def rows(page: str, pattern: str) -> list[str]:
    """What the first cells of the table rows of a page hold, where they fit a pattern."""
    return re.findall(rf"^\| *({pattern}) *\|", text_of(page), re.MULTILINE)


def pages() -> list[str]:
    listed: list[str] = list(examples().PAGES)
    return listed


@pytest.mark.parametrize("page", pages())
def test_what_is_shown_is_what_is_printed(page: str, tmp_path: Path) -> None:
    played: list[Any] = list(examples().play(page, tmp_path))
    assert played, "nothing is shown"
    differing = [f"{block.page}:{block.line}\n{block.printed}" for block in played if not block.same]
    assert differing == [], "run scripts/examples"


def test_both_languages_show_the_same_commands() -> None:
    english, chinese = (examples().commands(page) for page in READMES.values())
    assert english == chinese
    assert [line.split("#")[0].strip() for line in "".join(blocks("README.md", "sh")).splitlines()] == [
        line.split("#")[0].strip() for line in "".join(blocks("README.zh-CN.md", "sh")).splitlines()
    ]


def test_both_languages_have_the_same_parts() -> None:
    shapes = [re.sub(r"[^#]", "", "".join(re.findall(r"^#+ ", text_of(page), re.MULTILINE))) for page in READMES.values()]
    assert shapes[0] == shapes[1]
    kinds = [re.findall(r"^```(\w+[^\n]*)$", text_of(page), re.MULTILINE) for page in READMES.values()]
    assert kinds[0] == kinds[1]
    assert rows("README.md", "`[^|]+`") == rows("README.zh-CN.md", "`[^|]+`")
    assert text_of("README.md").count("\n- **") == text_of("README.zh-CN.md").count("\n- **")


@pytest.mark.parametrize("page", READMES.values())
def test_exit_codes_are_those_of_the_program(page: str) -> None:
    assert {int(code) for code in rows(page, r"\d+")} == CODES


def test_all_exit_codes_are_explained() -> None:
    assert {int(code) for code in rows("docs/exit-codes.md", r"\d+")} == CODES | {publish.TARGET_FAILED, publish.CHANGES}


@pytest.mark.parametrize("page", READMES.values())
def test_every_command_is_in_the_table(page: str) -> None:
    assert [row.split()[1].strip("`") for row in rows(page, r"`govdata [^|]+`")] == list(COMMANDS)


@pytest.mark.parametrize("page", READMES.values())
def test_scripts_are_there(page: str) -> None:
    named = [line.split()[0] for line in "".join(blocks(page, "sh")).splitlines()]
    assert named == ["scripts/demo", "scripts/test"]
    assert all((ROOT / name).is_file() for name in named)


@pytest.mark.parametrize("page", READMES.values())
def test_pictures_are_there_and_small(page: str) -> None:
    named = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", text_of(page))
    assert len(named) == 2
    for description, name in named:
        picture = (ROOT / name).read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < LARGEST
        assert len(description) > 5


@pytest.mark.parametrize("page", [*READMES.values(), *(f"docs/{name}.md" for name in GUIDES)])
def test_nothing_is_claimed_that_is_not_so(page: str) -> None:
    assert re.findall(NOT_CLAIMED, text_of(page), re.IGNORECASE) == []


@pytest.mark.parametrize("page", [*READMES.values(), *(f"docs/{name}.md" for name in GUIDES)])
def test_what_is_named_can_be_explained(page: str) -> None:
    text = text_of(page)
    for asked in re.findall(r"govdata explain ([a-z0-9/-]+)", text):
        if f"\nid: {asked.removeprefix('codes/')}\n" in text:  # the page's own, which it makes and explains itself
            continue
        assert govdata.explain(asked, "en")


def test_the_languages_lead_to_each_other() -> None:
    assert "](README.zh-CN.md)" in text_of("README.md")
    assert "](README.md)" in text_of("README.zh-CN.md")


def test_the_guides_are_linked() -> None:
    linked = "".join(text_of(page) for page in READMES.values()) + text_of("docs/README.md").replace("](", "](docs/")
    assert [name for name in GUIDES if f"](docs/{name}.md)" not in linked] == []


def test_every_setting_is_explained_with_its_default() -> None:
    schema = content.load("schemas/settings.schema.json")
    known = schema["properties"].keys() | {f"limits.{name}" for name in schema["properties"]["limits"]["properties"]}
    known |= {f"targets.{kind}.{name}" for kind in ("ckan", "site") for name in schema["$defs"][kind]["properties"]}
    told = dict(re.findall(r"^\| `([a-z_.]+)` \| *(?:`(.*?)`)? *\|", text_of("docs/settings.md"), re.MULTILINE))
    assert told.keys() == known
    targets = (CkanTarget("a", "https://a.example", "internet", "A"), SiteTarget("a", Path(), "internet"))
    of_targets = {f"targets.{made.kind}.{name}": value for made in targets for name, value in dataclasses.asdict(made).items()}
    usual = dataclasses.asdict(Settings()) | {"standard": DEFAULT} | of_targets
    found = {name.removeprefix("limits."): tomllib.loads(f"it = {default}")["it"] for name, default in told.items() if default}
    assert found == {name: list(usual[name]) if isinstance(usual[name], tuple) else usual[name] for name in found}
    for example in blocks("docs/settings.md", "toml"):
        jsonschema.validate(tomllib.loads(example), schema)


def test_the_example_of_an_exception_is_accepted(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("docs/publishing.md", "toml") if "[[exceptions]]" in block]
    (tmp_path / "govdata.toml").write_text(example, encoding="utf-8")
    settings = read_settings(tmp_path, {})
    refuse_unknown_names(settings)
    assert [record.field for record in settings.exceptions] == ["法定代表人"]


def test_the_page_on_publishing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(ROOT / "catalog/demo/right", tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("docs/publishing.md", "python")
    exec(compile(example, "docs/publishing.md", "exec"), {})
    assert "低保家庭 refused" in capsys.readouterr().out


def test_code_that_refers_to_a_page_finds_its_section() -> None:
    """`docs/x.md`, "Section" in a docstring or comment names a section that is there."""
    named = {
        found
        for path in (ROOT / "govdata").rglob("*.py")
        for found in re.findall(r'`(docs/[a-z-]+\.md)`, "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert named
    assert [(page, section) for page, section in named if f"\n## {section}\n" not in text_of(page)] == []
