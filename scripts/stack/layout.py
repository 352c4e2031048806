"""Where a stack lies, which ports it has and how it was set up. Settings are kept in `stack.json` of its folder."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environment import SetupError

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent

SITES = ("stock", "govdata")
PORTS = (*SITES, "postgresql", "redis", "solr")
"""Who gets which port: the first of a stack, the next one, and so on."""


class StackError(SetupError):
    """What stands in the way of a stack, as a sentence for the person at the terminal, in both languages."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(f"{chinese} / {english}")


@dataclass(frozen=True)
class Settings:
    """What may be chosen; `scripts/ckan --help` says what each is."""

    port: int = 55000
    plugins: dict[str, str] = field(default_factory=lambda: {"stock": "datastore", "govdata": "datastore scheming_datasets dcat"})
    packages: tuple[str, ...] = ()
    options: dict[str, dict[str, str]] = field(default_factory=lambda: {site: {} for site in SITES})
    workers: int = 2
    threads: int = 4
    heap: str = "512m"
    fsync: bool = False
    soft_commit: int = -1
    patience: int = 120


@dataclass(frozen=True)
class Stack:
    """A folder and the settings that hold in it."""

    folder: Path
    settings: Settings

    def port(self, part: str) -> int:
        """The port of a site or a service."""
        return self.settings.port + PORTS.index(part)

    @property
    def python(self) -> Path:
        """The Python of CKAN's own environment."""
        return self.folder / "venv" / "bin" / "python"

    def log(self, name: str) -> Path:
        """The file that takes the output of a service or a step."""
        return self.folder / "log" / f"{name}.log"

    def token(self, site: str) -> Path:
        """The file with the administrator's API token."""
        return self.folder / site / "token"

    def database(self, site: str, user: str = "ckan", *, datastore: bool = False) -> str:
        """The address of a site's database."""
        name = f"{site}_datastore" if datastore else site
        return f"postgresql://{user}@127.0.0.1:{self.port('postgresql')}/{name}"


def open_stack(folder: Path, changes: dict[str, Any]) -> Stack:
    """The stack of a folder with some settings changed; settings that were never chosen are the usual ones."""
    file = folder / "stack.json"
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    chosen: dict[str, Any] = dataclasses.asdict(Settings())
    chosen |= {name: value for name, value in kept.items() if name in chosen}
    for name, value in changes.items():
        chosen[name] = _merged(chosen[name], value) if isinstance(value, dict) else value
    settings = Settings(**chosen | {"packages": tuple(chosen["packages"])})
    if not 1024 <= settings.port <= 65536 - len(PORTS):
        bounds = f"1024–{65536 - len(PORTS)}"
        raise StackError(f"端口 {settings.port} 不在 {bounds} 之内。", f"--port {settings.port} is not within {bounds}.")
    return Stack(folder, settings)


def _merged(kept: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Settings of sites with some changed; an option with an empty value is taken out."""
    merged = dict(kept)
    for site, value in changes.items():
        merged[site] = {key: text for key, text in (merged.get(site, {}) | value).items() if text} if isinstance(value, dict) else value
    return merged


def save(stack: Stack) -> None:
    """Keep the settings for the commands to come."""
    replace(stack.folder / "stack.json", json.dumps(dataclasses.asdict(stack.settings), ensure_ascii=False, indent=2) + "\n")


def replace(file: Path, text: str, mode: int = 0o644) -> bool:
    """Write a whole file or none of it; false where it held this text before."""
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as handle:
        handle.write(text)
    new.replace(file)
    return True
