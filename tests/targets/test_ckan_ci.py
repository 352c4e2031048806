"""The steps of the CI example, run by a shell in a repository of their own against the real CKAN."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.targets.conftest import Site
from tests.targets.publishing import ROOT, Directory

pytest.importorskip("httpx")
EXAMPLE = ROOT / "docs" / "examples" / "publish-ci"


@pytest.fixture
def directory(site: Site, tmp_path: Path) -> Iterator[Directory]:
    """A directory with one good dataset, as CI checks it out."""
    found = Directory(tmp_path / "repository", site)
    found.write(1)
    yield found
    found.clear()


def step(directory: Directory, name: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
    """A step of the example in the directory."""
    programs = directory.path.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "govdata").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m govdata --lang en "$@"\n', encoding="utf-8")
    (programs / "govdata").chmod(0o755)
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "TARGET": "ckan:test", "PAUSE": "0",
        "GOVDATA_TOKEN_TEST": directory.site.token if token is None else token,
    }  # fmt: skip
    command = ["sh", str(EXAMPLE / "steps.sh"), name]
    return subprocess.run(
        command, cwd=directory.path, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )


@pytest.mark.service
def test_check_plan_apply(directory: Directory) -> None:
    checked = step(directory, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert (directory.path / "report.html").stat().st_size > 1000

    planned = step(directory, "plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    told = (directory.path / "plan.md").read_text(encoding="utf-8")
    assert directory.code(1) in told
    assert directory.site.token not in told + (directory.path / "plan.json").read_text(encoding="utf-8")
    assert not (directory.path / ".govdata" / "publishing" / "ckan-test.jsonl").exists(), "a plan changes nothing"

    applied = step(directory, "apply")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert directory.rows(1) == 3
    written = directory.steps()
    assert step(directory, "apply").returncode == 0
    assert directory.steps() == written, "the second time nothing is done"


@pytest.mark.service
def test_errors_fail_the_check_and_not_the_rest(directory: Directory) -> None:
    directory.write(2, title="")
    assert step(directory, "check").returncode == 1
    planned = step(directory, "plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert step(directory, "apply").returncode == 1
    assert directory.rows(1) == 3


@pytest.mark.service
def test_without_a_token_nothing_passes(directory: Directory) -> None:
    assert step(directory, "plan", token="").returncode == 3
    assert step(directory, "apply", token="").returncode == 3
    assert step(directory, "nothing").returncode == 2


def jobs(name: str) -> dict[str, Any]:
    """The jobs of a CI file: name → job."""
    declared = yaml.safe_load((EXAMPLE / name).read_text(encoding="utf-8"))
    found: dict[str, Any] = declared["jobs"] if "jobs" in declared else {stage: declared[stage] for stage in declared["stages"]}
    return found


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_ci_files_run_the_steps_and_keep_the_token_where_it_is_needed(name: str) -> None:
    found = jobs(name)
    assert list(found) == ["check", "plan", "apply"]
    for step_name, job in found.items():
        written = yaml.safe_dump(job)
        assert f"sh .ci/steps.sh {step_name}" in written
        if name == "github.yml":
            assert ("secrets.GOVDATA_TOKEN_OPEN" in written) == (step_name != "check")
    assert yaml.safe_dump(found["apply"]).count("environment: publish") == 1
