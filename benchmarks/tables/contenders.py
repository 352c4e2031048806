"""Who is measured: govdata through its command line, frictionless, the peers where they are installed; whether each said what is true."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from folders import Folder
from mistakes import Fault
from processes import Command, Run

PEERS = Path(__file__).resolve().parent / "peers"
ROOT = PEERS.parent.parent.parent
TODAY = "2026-03-02"
OURS = "govdata"
INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""What is installed has its byte code, as frictionless has here: ours is kept too, whatever the environment says."""
ASIDE = ("entry/", "database/no-key")


class WrongAnswer(Exception):
    """A program that did not see every row, or did not find what is there: its time means nothing."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is fixed for all runs: worker processes or threads, where the peers are, where we may write."""

    jobs: int
    python: Path | None
    qsv: Path | None
    root: Path


@functools.cache
def options() -> str:
    """The help of our command, which says what this version knows."""
    told = subprocess.run([sys.executable, "-m", "govdata", "validate", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout


def ours(setting: Setting, target: Path, *more: str, wrong: bool = False) -> Command:
    """`govdata validate` with everything listed, nothing remembered from another run, and the number of worker processes fixed."""
    arguments = [sys.executable, "-m", "govdata", "validate", str(target), "--format", "json", "--limit", "all", "--today", TODAY, *more]
    arguments += ["--jobs", str(setting.jobs)] if "--jobs" in options() else []
    arguments += ["--no-cache"] if "--no-cache" in options() else []
    return Command(OURS, arguments, ROOT, {"XDG_CACHE_HOME": str(setting.root / "cache"), **INSTALLED}, (1,) if wrong else (0,))


def reference(folder: Folder) -> Command:
    """frictionless with the same rules."""
    return Command("frictionless", [sys.executable, str(PEERS / "reference.py"), str(folder.dataset)], ROOT)


def frictionless(path: Path, *more: str) -> Command:
    """The command `frictionless validate` for one table."""
    return Command("frictionless validate", [sys.executable, "-m", "frictionless", "validate", path.name, *more], path.parent)


def scan(setting: Setting, folder: Folder) -> Command | None:
    """A bare DuckDB scan that touches every column."""
    return peer(setting, "scan.py", str(folder.data), str(setting.jobs))


def peer(setting: Setting, script: str, *arguments: str) -> Command | None:
    """A script of `peers/`, where they are installed."""
    return setting.python and Command(script, [str(setting.python), str(PEERS / script), *arguments], ROOT)


def qsv(setting: Setting, folder: Folder, *, across: bool) -> Command | None:
    """`qsv validate` with an equivalent JSON Schema: of cells alone, or with unique and lookup too."""
    if not setting.qsv:
        return None
    schema = setting.root / f"qsv-{'across' if across else 'cells'}.schema.json"
    declared = json.loads((folder.path / "data.schema.json").read_text(encoding="utf-8"))
    schema.write_text(json.dumps(json_schema(declared, across), ensure_ascii=False, indent=1), encoding="utf-8")
    return Command("qsv", [str(setting.qsv), "validate", "--jobs", str(setting.jobs), str(folder.data), str(schema)], folder.dataset)


def json_schema(declared: Mapping[str, Any], across: bool) -> dict[str, Any]:
    """A table schema as qsv understands it; check digits are what it cannot do."""
    made = {"type": "object", "properties": {field["name"]: json_field(field) for field in declared["fields"]}}
    if across:
        made["uniqueCombinedWith"] = [field["name"] for field in declared["fields"] if field.get("constraints", {}).get("unique")]
        for key in declared["foreignKeys"]:
            target = key["reference"]
            made["properties"][key["fields"][0]]["dynamicEnum"] = f"{target['resource']}.csv|{target['fields'][0]}"
    return made


def json_field(field: Mapping[str, Any]) -> dict[str, Any]:
    """A field of a table schema as a property."""
    constraints = dict(field.get("constraints", {}))
    kind = field["type"] if field["type"] in ("integer", "number") else "string"
    made: dict[str, Any] = {"type": kind if constraints.pop("required", False) else [kind, "null"]}
    if field["type"] == "date":
        made["format"] = "date"
    if field["type"] == "datetime":
        made["pattern"] = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
    if "pattern" in constraints:
        made["pattern"] = f"^{constraints.pop('pattern')}$"
    if "enum" in constraints:
        made["enum"] = [*constraints.pop("enum"), None]
    constraints.pop("unique", None)
    return {**made, **constraints}


def installed(python: str) -> Path | None:
    """The Python of the peers: as given, else of the environment variable; `None` where it has no DuckDB."""
    named = python or os.environ.get("GOVDATA_PEERS", "")
    path = Path(named) / "bin" / "python" if Path(named).is_dir() else Path(named)
    if not named or not path.exists():
        return None
    found = subprocess.run([str(path), "-c", "import duckdb"], capture_output=True, check=False)
    return path.absolute() if found.returncode == 0 else None


def qsv_found(given: str) -> Path | None:
    """The program of qsv: as given, of the environment variable, else on the search path."""
    named = given or os.environ.get("GOVDATA_QSV", "") or shutil.which("qsvlite") or shutil.which("qsv") or ""
    return Path(named).absolute() if named and Path(named).is_file() else None


def versions(setting: Setting) -> str:
    """What was measured, with versions."""
    names = ("duckdb", "polars", "pandera", "pointblank")
    code = f"from importlib.metadata import version as v\nprint(', '.join(f'{{n}} {{v(n)}}' for n in {names!r}))"
    own = [told([sys.executable, "-c", "from importlib.metadata import version; print('frictionless', version('frictionless'))"])]
    own += [told([str(setting.python), "-c", code])] if setting.python else ["no DuckDB, pandera, pointblank"]
    own += [" ".join(told([str(setting.qsv), "--version"]).split()[:2])] if setting.qsv else ["no qsv"]
    return ", ".join(own)


def told(arguments: Sequence[str]) -> str:
    """What a command prints."""
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout.strip()


def look(folder: Folder, command: Command, done: Run) -> None:
    """Hold what a program said against what is true."""
    if command.name == OURS:
        look_at_report(folder, json.loads(done.output))
    elif command.name == "frictionless":
        answer = json.loads(done.output)
        same(command.name, "rows", answer["rows"], folder.rows)
        same_faults(command.name, [Fault(*fault) for fault in answer["findings"]], folder.truth)
    elif command.name == "qsv":
        same(command.name, "rows", re.findall(r"All ([0-9,]+) records valid", done.errors + done.output), [f"{folder.rows:,}"])
    elif command.name.endswith(".py"):
        answer = json.loads(done.output.strip().splitlines()[-1])
        same(command.name, "rows", answer["rows"], folder.rows)
        same(command.name, "wrong", answer.get("wrong", 0), 0)


def look_at_report(folder: Folder, report: Mapping[str, Any]) -> None:
    """Hold our report against what is true: all rows and cells seen, nothing skipped, these findings and no other
    (what an entry lacks aside, and that a table has no key)."""
    found = report["datasets"][0]
    table = next(resource for resource in found["resources"] if resource["file"] == folder.data.name)
    same(OURS, "rows", table["rows"], folder.rows)
    same(OURS, "cells", table["cells"], folder.rows * folder.columns)
    same(OURS, "encoding", table["encoding"], folder.encoding)
    same(OURS, "skipped", [*report["skipped"], *found["skipped"]], [])
    same(OURS, "counts that are exact", all(count["exact"] for count in found["counts"].values()), True)
    findings = [each for each in (*report["findings"], *found["findings"]) if not each["rule"].startswith(ASIDE)]
    same_faults(OURS, [Fault(each.get("row", 0), each.get("field", ""), each["rule"]) for each in findings], folder.truth)
    same(OURS, "valid", report["valid"], not folder.truth)


def same(name: str, what: str, found: object, expected: object) -> None:
    """One thing that must be as expected."""
    if found != expected:
        raise WrongAnswer(f"{name}: {what} {found!r}, expected {expected!r}")


def same_faults(name: str, found: Sequence[Fault], expected: set[Fault]) -> None:
    """The findings must be these, each once."""
    missed, extra = sorted(expected - set(found)), sorted(set(found) - expected)
    if missed or extra or len(found) != len(expected):
        raise WrongAnswer(f"{name}: {len(found)} findings for {len(expected)}; missed {missed[:5]}, too many {extra[:5]}")
