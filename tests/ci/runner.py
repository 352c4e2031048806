"""As much of a CI service as the examples need: runs the scripts of their files in a clone, in the environment that the service gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "check-ci"
IDENTITY = ("-c", "user.name=tester", "-c", "user.email=tester@example.org", "-c", "init.defaultBranch=main", "-c", "core.autocrlf=false")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_NAME = re.compile(r"'[^']*'|[A-Za-z_][A-Za-z0-9_.-]*(?:\(\))?")


def git(folder: Path, *arguments: str) -> str:
    """What git says; the test fails where it does."""
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


@dataclass(frozen=True)
class Repository:
    """The example repository: `main` as it should be, `change` with the mistakes, `same` with a change that touches no dataset."""

    path: Path
    base: str
    head: str
    same: str

    def clone(self, folder: Path, branch: str, *options: str) -> Path:
        """A clone as a CI service makes it."""
        git(self.path, "clone", "--quiet", "--branch", branch, *options, self.path.as_uri(), str(folder))
        return folder


def make_repository(folder: Path) -> Repository:
    """The example of docs/ with its history."""
    shutil.copytree(EXAMPLE / "repository", folder)
    git(folder, "init", "--quiet")
    base = _commit(folder, "data")
    git(folder, "checkout", "--quiet", "-b", "same")
    (folder / "README.md").write_text("# data\n", encoding="utf-8")
    same = _commit(folder, "a page")
    git(folder, "checkout", "--quiet", "-b", "change", "main")
    shutil.copytree(EXAMPLE / "mistakes", folder, dirs_exist_ok=True)
    head = _commit(folder, "new figures")
    git(folder, "checkout", "--quiet", "main")
    return Repository(folder, base, head, same)


def _commit(folder: Path, message: str) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def programs(folder: Path) -> Path:
    """A folder for PATH with the program under test and a pip that installs nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in {
        "govdata": f'exec "{sys.executable}" -m govdata "$@"',
        "pip": "exit 0",
        "python": f'exec "{sys.executable}" "$@"',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A CI machine's environment: little of ours, the programs of a folder first."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    path = f"{programs(folder / 'bin')}{os.pathsep}{kept['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "CI": "true", **more}


def shell(script: str, folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """A script as the runners start it: `bash --noprofile --norc -eo pipefail`; a trace of ours fails the test."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    pipes = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "encoding": "utf-8"}
    done = subprocess.run(command, cwd=folder, env=dict(env), timeout=300, check=False, **pipes)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@dataclass
class Job:
    """One job of GitHub Actions: its context, its files, and what its steps gave."""

    folder: Path
    workspace: Path
    context: dict[str, Any]
    env: dict[str, str]
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    code: int = 0
    """Of the first step that failed."""

    @property
    def summary(self) -> str:
        path = self.folder / "summary.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def evaluate(self, expression: str) -> Any:
        """The value of an expression: names of contexts, texts, `==`, `!=`, `&&`, `||`, `always()`."""
        known: list[Any] = []

        def put(match: re.Match[str]) -> str:
            known.append(match[0][1:-1] if match[0].startswith("'") else self._value(match[0]))
            return f"known[{len(known) - 1}]"

        plain = _NAME.sub(put, expression.replace("&&", " \x00 ").replace("||", " \x01 "))
        return eval(plain.replace("\x00", "and").replace("\x01", "or").strip(), {"known": known})  # the examples' own texts

    def _value(self, name: str) -> Any:
        if name in ("true", "false", "always()"):
            return name != "false"
        found: Any = {**self.context, "steps": {step: {"outputs": given} for step, given in self.outputs.items()}}
        for part in name.split("."):
            found = found.get(part, "") if isinstance(found, Mapping) else ""
        return found

    def fill(self, text: str) -> str:
        return _EXPRESSION.sub(lambda match: str(self.evaluate(match[1]) or ""), text)

    def run(self, steps: list[dict[str, Any]]) -> None:
        """The steps with a script, in their order, those after a failure only with `always()`."""
        for step in steps:
            wanted = str(step.get("if", ""))
            if "run" not in step or (self.code and "always()" not in wanted) or (wanted and not self.evaluate(wanted)):
                continue
            assert "${{" not in step["run"], "an input that becomes part of a script can be any script"
            self._step(step)

    def _step(self, step: dict[str, Any]) -> None:
        output = self.folder / "output"
        output.write_text("", encoding="utf-8")
        own = {name: self.fill(str(value)) for name, value in step.get("env", {}).items()}
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md")}
        done = shell(step["run"], self.workspace / step.get("working-directory", "."), {**self.env, **files, **own})
        self.printed.append(done.stdout + done.stderr)
        self.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
        self.code = self.code or done.returncode


def github_job(folder: Path, workspace: Path, event: Mapping[str, Any], **inputs: str) -> Job:
    """A job in a workspace, for an event."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "pull_request" if "pull_request" in event else "push"
    github = {"event": event, "event_name": name, "action_path": str(ROOT), "repository": "office/data", "api_url": "", "server_url": ""}
    context = {"inputs": inputs, "github": github, "runner": {"temp": str(folder / "temp"), "os": "Linux"}, "secrets": {}}
    fixed = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace), "GITHUB_EVENT_NAME": name, "RUNNER_TEMP": str(folder / "temp")}
    return Job(folder, workspace, context, environment(folder, **fixed))
