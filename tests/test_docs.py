"""The documents say what the program does: generated pages are current, links lead somewhere, dependencies are explained, locks fit."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from govdata import content
from govdata.cli.group import COMMANDS, build
from govdata.cli.usage import argument_text

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMAND_PAGES = {"zh-CN": "docs/commands.md", "en": "docs/commands.en.md"}
LOCKS = ("requirements.lock", "requirements-test.lock")


@pytest.mark.parametrize("script", ["docs", "contexts", "editors"])
def test_generated_pages_are_current(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run scripts/{script}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("language", sorted(COMMAND_PAGES))
def test_commands_and_options_are_documented(language: str) -> None:
    page = (ROOT / COMMAND_PAGES[language]).read_text(encoding="utf-8")
    group = build(language)
    context = click.Context(group, info_name="govdata")
    assert tuple(group.list_commands(context)) == COMMANDS
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        _, _, section = page.partition(f"\n## govdata {name}\n")
        section = section.partition("\n## ")[0]
        options = [spelled for option in command.params if isinstance(option, click.Option) for spelled in option.opts]
        assert [spelled for spelled in options if f"`{spelled}`" not in section] == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_everything_on_the_command_line_is_explained(language: str) -> None:
    group = build(language)
    context = click.Context(group, info_name="govdata")
    commands = [command for name in COMMANDS if (command := group.get_command(context, name))]
    assert [command.name for command in commands if not command.help] == []
    options = [(command.name, option) for command in [group, *commands] for option in command.params if isinstance(option, click.Option)]
    assert [(name, option.opts) for name, option in options if not option.help] == []
    arguments = [(command.name, param) for command in commands for param in command.params if isinstance(param, click.Argument)]
    assert [(name, param.name) for name, param in arguments if not argument_text(param, language)] == []


def test_rules_are_listed() -> None:
    page = (ROOT / "docs/rules-list.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([^`]+)`", page, re.MULTILINE)) == sorted(rule["id"] for rule in content.compiled("rules").values())


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads each kind of user to every page; pages below docs/examples belong to one."""
    linked = set(re.findall(r"\]\(([a-z.-]+\.md)[)#]", (ROOT / "docs/README.md").read_text(encoding="utf-8")))
    assert sorted({page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} - linked) == []


def test_links_to_parts_of_a_page_find_them() -> None:
    """A link to a heading of the same page names one, as the services that show these pages spell them."""
    lost = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        headings = {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
        headings |= set(re.findall(r'<a id="([^"]+)">', text))
        lost += [(page.name, part) for part in re.findall(r"\]\(#([^)]+)\)", text) if part not in headings]
    assert lost == []


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def required(*groups: str) -> Iterator[Requirement]:
    """What pyproject.toml asks for: dependencies, all extras, and the named groups."""
    declared = project()
    yield from map(Requirement, declared["project"]["dependencies"])
    for group in groups:
        extras = declared["project"]["optional-dependencies"]
        yield from map(Requirement, extras[group] if group in extras else declared["dependency-groups"][group])


def locked(name: str) -> dict[str, str]:
    """The versions that a lock pins."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(found[1]): found[2] for found in re.finditer(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)}


@pytest.mark.parametrize(("lock", "groups"), [(LOCKS[0], ("fast", "setup")), (LOCKS[1], ("ckan", "fast", "graph", "setup", "test"))])
def test_locks_fit_what_is_asked_for(lock: str, groups: tuple[str, ...]) -> None:
    versions = locked(lock)
    unmet = [str(item) for item in required(*groups) if not item.specifier.contains(versions.get(canonicalize_name(item.name), "0"))]
    assert not unmet, "run scripts/lock"


def test_locks_hold_digests_and_no_address() -> None:
    for lock in LOCKS:
        text = (ROOT / lock).read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
        assert not re.search(r"https?:|--index|--find-links|file:", text)


def test_locks_agree() -> None:
    run, test = (locked(lock) for lock in LOCKS)
    assert run.items() <= test.items()


def test_dependencies_are_explained() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    rows = {canonicalize_name(name) for name in re.findall(r"^\| ([A-Za-z0-9._-]+) \|", page, re.MULTILINE)}
    assert {canonicalize_name(item.name) for item in required("ckan", "fast", "graph", "keyring", "setup", "test", "lock")} <= rows


def test_frictionless_is_held_to_one_minor_version() -> None:
    (found,) = [item for item in required() if item.name == "frictionless"]
    assert re.fullmatch(r"~=[0-9]+\.[0-9]+\.[0-9]+", str(found.specifier))
