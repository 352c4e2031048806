"""The hooks, run by the real pre-commit in the example repository: it installs the package by itself and stops a bad commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.runner import EXAMPLE, IDENTITY, ROOT, git, make_repository

pytestmark = pytest.mark.service
PARTS = ("govdata", "schemas", "validators", "catalog", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The project as a repository that pre-commit can clone, and its commit."""
    folder = tmp_path_factory.mktemp("hooks") / "govdata"
    folder.mkdir()
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_content"))
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "govdata")
    return folder, git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installed, for all tests of this file."""
    return tmp_path_factory.mktemp("store")


def commit(folder: Path, store: Path) -> subprocess.CompletedProcess[str]:
    """`git commit -a` as an officer does it, with the hook in the way."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env = {**kept, "PRE_COMMIT_HOME": str(store), "PYTHONUTF8": "1"}
    git(folder, "add", "--all")
    command = ["git", *IDENTITY, "commit", "-m", "data"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", timeout=900, check=False)


@pytest.mark.parametrize("hook", ["govdata", "govdata-all"])
def test_a_commit_with_mistakes_is_stopped(hooks: tuple[Path, str], store: Path, tmp_path: Path, hook: str) -> None:
    folder = make_repository(tmp_path / "数据").path
    source, commit_id = hooks
    config = f"repos:\n- repo: {source.as_uri()}\n  rev: {commit_id}\n  hooks: [{{id: {hook}}}]\n"
    (folder / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    git(folder, "commit", "--quiet", "-am", "hooks")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=folder, check=True, capture_output=True)

    (folder / "停车场/停车场.csv").write_bytes((EXAMPLE / "mistakes/停车场/停车场.csv").read_bytes())
    refused = commit(folder, store)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "table/constraint-error" in refused.stdout + refused.stderr
    assert git(folder, "log", "-1", "--format=%s") == "hooks"

    table = (EXAMPLE / "repository/停车场/停车场.csv").read_text(encoding="utf-8")
    (folder / "停车场/停车场.csv").write_text(table + "P0006,新桥停车场,310105,12,2026-01-02\n", encoding="utf-8")
    taken = commit(folder, store)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert git(folder, "log", "-1", "--format=%s") == "data"
