"""The examples for CI: their files fit the services' schemas, and their scripts do on the example repository what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.runner import EXAMPLE, ROOT, Job, Repository, environment, git, github_job, make_repository, shell
from tests.cli.program import run

FILES = EXAMPLE / "repository"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SCHEMAS = {
    "action.yml": "vendor.github-actions",
    "docs/examples/check-ci/repository/.github/workflows/data.yml": "vendor.github-workflows",
    "docs/examples/check-ci/repository/.gitea/workflows/data.yml": "vendor.github-workflows",
    "docs/examples/check-ci/repository/.gitlab-ci.yml": "vendor.gitlab-ci",
    "docs/examples/publish-ci/github.yml": "vendor.github-workflows",
    "docs/examples/publish-ci/gitlab.yml": "vendor.gitlab-ci",
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return make_repository(tmp_path_factory.mktemp("origin") / "数据 of the office")


@pytest.mark.parametrize("name", SCHEMAS)
def test_files_fit_the_schemas_of_the_services(name: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[name], str(ROOT / name)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks_are_as_pre_commit_wants_them() -> None:
    from pre_commit.clientlib import load_config, load_manifest

    hooks = {hook["id"] for hook in load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))}
    assert hooks == {"govdata", "govdata-all"}
    (used,) = load_config(str(FILES / ".pre-commit-config.yaml"))["repos"]
    assert {hook["id"] for hook in used["hooks"]} <= hooks


def test_the_example_is_right_and_the_mistakes_are_found(repository: Repository, tmp_path: Path) -> None:
    assert run("validate", FILES, "--fail-on", "note").returncode == 0
    done = run("validate", repository.clone(tmp_path / "clone", "change"), "--format", "json")
    assert done.returncode == 1
    found = [(finding["rule"], finding.get("line")) for part in json.loads(done.stdout)["datasets"] for finding in part["findings"]]
    assert {"entry/unknown-code", "table/constraint-error", "table/type-error", "table/primary-key"} <= {rule for rule, _ in found}


def test_nothing_uploads_marked_workbooks_or_data() -> None:
    files = [
        ROOT / "action.yml",
        *(path for path in FILES.rglob("*") if path.suffix in (".yml", ".yaml", ".py") or path.name == "Jenkinsfile"),
    ]
    assert len(files) > 6
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"--output \"?[^\s\"]+/\"?(?:\s|$)", text), "a folder would be for marked workbooks"
        assert not re.search(r"\bxlsx\b.*(?:upload|artifact)|upload-artifact", text), path
    gitlab = yaml.safe_load((FILES / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    assert set(gitlab["data"]["artifacts"]) == {"when", "reports"}


def action(folder: Path, workspace: Path, event: dict[str, Any], **inputs: str) -> Job:
    """The action's scripts on a workspace; govdata is taken as installed."""
    given = {name: str(declared.get("default", "")) for name, declared in ACTION["inputs"].items()}
    job = github_job(
        folder, workspace, event, **{**given, "version": "none", **{name.replace("_", "-"): value for name, value in inputs.items()}}
    )
    job.run(ACTION["runs"]["steps"])
    return job


def checked(job: Job) -> list[str]:
    """The datasets that a job looked at."""
    report = json.loads(Path(job.outputs["validate"]["report"]).read_text(encoding="utf-8"))
    return sorted(dataset["path"] for dataset in report["datasets"])


def pull(base: str) -> dict[str, Any]:
    return {"pull_request": {"number": 7, "base": {"sha": base}, "head": {"repo": {"full_name": "office/data", "fork": False}}}}


@pytest.mark.parametrize("options", [(), ("--depth", "1")], ids=["whole", "shallow"])
def test_action_on_a_pull_request(repository: Repository, tmp_path: Path, options: tuple[str, ...]) -> None:
    job = action(tmp_path / "job", repository.clone(tmp_path / "clone", "change", *options), pull(repository.base))
    assert job.code == 1, job.printed
    assert job.outputs["validate"]["exit-code"] == "1"
    assert checked(job) == ["停车场", "图书馆"]
    annotations = [line for line in job.printed[-1].splitlines() if line.startswith("::error ")]
    assert any("file=停车场/停车场.csv" in line and "line=3" in line for line in annotations)
    assert any("file=图书馆/entry.yaml" in line for line in annotations)
    comment = Path(job.outputs["validate"]["comment"]).read_text(encoding="utf-8")
    assert comment.startswith("<!-- govdata -->")
    assert comment in job.summary
    sarif = json.loads(Path(job.outputs["validate"]["sarif"]).read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    assert git(tmp_path / "clone", "status", "--porcelain") == "", "nothing is written into the repository"


def test_action_where_no_dataset_changed(repository: Repository, tmp_path: Path) -> None:
    job = action(tmp_path / "job", repository.clone(tmp_path / "clone", "same"), pull(repository.base))
    assert (job.code, job.outputs["validate"]["exit-code"]) == (0, "0"), job.printed


def test_action_on_a_push_checks_everything(repository: Repository, tmp_path: Path) -> None:
    job = action(tmp_path / "job", repository.clone(tmp_path / "clone", "main"), {"ref": "refs/heads/main"}, fail_on="note")
    assert job.code == 0, job.printed
    assert checked(job) == ["停车场", "图书馆", "行政许可"]


def test_action_takes_paths_and_is_no_way_for_a_script(repository: Repository, tmp_path: Path) -> None:
    workspace = repository.clone(tmp_path / "clone", "change")
    one = action(tmp_path / "one", workspace, {}, path="图书馆\n\n行政许可\n", changed="all", language="en", standard="national")
    assert (one.code, len(checked(one))) == (1, 2)
    evil = action(tmp_path / "two", workspace, {}, path="$(touch evil); `touch evil`", changed="all", standard="x; touch evil")
    assert evil.code in (2, 3)
    assert not (workspace / "evil").exists()
    wrong = action(tmp_path / "three", workspace, {}, changed="no-such-branch")
    assert wrong.code not in (0, 1)


def test_comment_is_the_same_until_something_changes(repository: Repository, tmp_path: Path) -> None:
    texts = []
    for number in range(2):
        job = action(tmp_path / f"job-{number}", repository.clone(tmp_path / f"clone-{number}", "change"), pull(repository.base))
        texts.append(Path(job.outputs["validate"]["comment"]).read_bytes())
    assert texts[0] == texts[1]


def gitlab_job(repository: Repository, folder: Path, branch: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The script lines of the GitLab example, one after the other in one shell as its runner does."""
    workspace = repository.clone(folder / "clone", branch)
    declared = yaml.safe_load((FILES / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    given = {"CI_PROJECT_DIR": str(workspace), **variables}
    env = environment(folder, **given)
    for name, value in declared["variables"].items():
        env[name] = re.sub(r"\$([A-Z_]+)", lambda match: env.get(match[1], ""), str(value))
    job = declared["data"]
    return shell("\n".join([*job["before_script"], *job["script"]]), workspace, env), workspace


def test_gitlab_on_a_merge_request(repository: Repository, tmp_path: Path) -> None:
    done, workspace = gitlab_job(repository, tmp_path, "change", CI_MERGE_REQUEST_DIFF_BASE_SHA=repository.base, CI_MERGE_REQUEST_IID="7")
    assert done.returncode == 1, done.stdout + done.stderr
    issues = json.loads((workspace / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert {("停车场/停车场.csv", 3)} <= {(issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in issues}
    assert "<testsuite" in (workspace / "govdata.xml").read_text(encoding="utf-8")
    assert "停车场" in done.stdout
    assert git(workspace, "status", "--porcelain") == "", "what the job writes is ignored"


def test_gitlab_on_the_main_branch(repository: Repository, tmp_path: Path) -> None:
    done, workspace = gitlab_job(repository, tmp_path, "main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((workspace / "gl-code-quality-report.json").read_text(encoding="utf-8")) == []


def test_gitea_on_a_pull_request(repository: Repository, tmp_path: Path) -> None:
    workspace = repository.clone(tmp_path / "clone", "change")
    job = github_job(tmp_path / "job", workspace, pull(repository.base))
    steps = yaml.safe_load((FILES / ".gitea/workflows/data.yml").read_text(encoding="utf-8"))["jobs"]["check"]["steps"]
    shutil.copytree(job.folder / "bin", tmp_path / "job/temp/venv/bin")
    job.run([step for step in steps if "安装" not in step.get("name", "") and "评论" not in step.get("name", "")])
    assert job.code == 1, job.printed
    assert "entry/unknown-code" in job.printed[-1]
    assert (workspace / "govdata.md").read_text(encoding="utf-8").startswith("<!-- govdata -->")


def test_jenkins_on_a_pull_request(repository: Repository, tmp_path: Path) -> None:
    workspace = repository.clone(tmp_path / "clone", "change")
    scripts = re.findall(r"sh '''(.*?)'''", (FILES / "Jenkinsfile").read_text(encoding="utf-8"), re.DOTALL)
    assert len(scripts) == 2
    done = shell(scripts[1], workspace, environment(tmp_path, CHANGE_TARGET="main"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert (workspace / "govdata.xml").is_file()
    assert json.loads((workspace / "govdata.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


@pytest.mark.service
def test_action_installs_itself(repository: Repository, tmp_path: Path) -> None:
    """With the install step, in an environment that has nothing: from the action's own folder, as the service checks it out."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    given = {name: str(declared.get("default", "")) for name, declared in ACTION["inputs"].items()}
    job = github_job(tmp_path / "job", repository.clone(tmp_path / "clone", "change"), pull(repository.base), **given)
    shutil.rmtree(job.folder / "bin")
    job.env["PATH"] = f"{tmp_path / 'venv/bin'}:{job.env['PATH']}"
    del job.env["PYTHONPATH"]
    job.run(ACTION["runs"]["steps"])
    assert job.outputs["validate"]["exit-code"] == "1", job.printed
