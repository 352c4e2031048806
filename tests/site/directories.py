"""A small directory to build a site from, and what tests ask of the folder afterwards."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from govdata.publishing.outcome import Outcome
from govdata.publishing.plan import Plan
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.documents import load
from govdata.publishing.site.preparing import Asked
from govdata.publishing.site.publication import open_publication
from govdata.publishing.site.records import Record
from tests.targets.publishing import ENTRY, PROVIDER

ID = "6f0f7c1e-5a0b-4d5e-9c1a-310199000000"
SHARED = "无条件共享"
DATA = "编号,名称,泊位数\n000001,甲,10\n000002,乙,20\n"


@dataclass(frozen=True)
class Directory:
    """A directory and the folder of its site."""

    path: Path
    site: Path

    def put(self, name: str, code: str, title: str = "停车场", sharing: str = SHARED, data: str | None = DATA, more: str = "") -> Path:
        """Write a dataset."""
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        entry = ENTRY.format(title=title, code=code, provider=PROVIDER, sharing=sharing, file="数据.csv")
        if data is None:
            entry = entry.partition("资源:")[0]
        else:
            (folder / "数据.csv").write_text(data, encoding="utf-8")
        (folder / "entry.yaml").write_text(entry + more, encoding="utf-8")
        return folder

    def record(self, code: str) -> Record:
        """What the site says of a dataset."""
        return load(self.site / dataset_folder(code) / "index.json")

    def plan(self, **asked: Any) -> Plan:
        """The plan, with nothing done."""
        with open_publication(f"site:{self.site}", self.path, "en", Asked(**asked), writes=False) as publication:
            return publication.plan()

    def publish(self, **asked: Any) -> tuple[Plan, Outcome | None]:
        """Plan and apply, as the command does."""
        with open_publication(f"site:{self.site}", self.path, "en", Asked(**{"jobs": 1, **asked}), writes=True) as publication:
            plan = publication.plan()
            if plan.is_empty and not publication.is_unsettled:
                return plan, None
            return plan, publication.apply()


@functools.cache
def generated() -> ModuleType:
    """The module that makes entries for the benchmarks: as many as are wanted, good ones and bad ones."""
    spec = importlib.util.spec_from_file_location("entries_made", Path(__file__).parents[2] / "benchmarks" / "entries_made.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def directory(folder: Path) -> Directory:
    """An empty directory below a test's folder."""
    path = folder / "directory"
    path.mkdir()
    (path / "govdata.toml").write_text(f'directory = "{ID}"\n', encoding="utf-8")
    return Directory(path, folder / "public")


def contents(folder: Path) -> dict[str, str]:
    """Path → digest of all files below a folder."""
    found = {}
    for inside, _, names in os.walk(folder):
        for name in names:
            path = Path(inside) / name
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Path → inode and time of change of all files and folders below a folder."""
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in [folder, *folder.rglob("*")]}


def actions(plan: Plan) -> dict[str, str]:
    """Code → action of a plan."""
    return {change.code: change.action for change in plan.changes}
