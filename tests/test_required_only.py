"""With nothing installed but what is required the golden cases give the same reports: no accelerator is needed for an answer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import environment
from tests.test_data import every_case
from tests.test_docs import project

pytestmark = pytest.mark.service

ROOT = Path(__file__).parent.parent
EXTRAS = ("duckdb", "jsonschema_rs", "numpy", "orjson", "polars", "pyld", "pyoxigraph", "sqlglot")
DATABASES = (".parquet", ".duckdb", ".db", ".sqlite", ".sqlite3")

ASK = """
import importlib.util, json, sys
from datetime import date
from pathlib import Path
import govdata
from govdata.formats.json import to_mapping
there = [name for name in {extras!r} if importlib.util.find_spec(name)]
reports = {{}}
for case in json.load(open(sys.argv[1], encoding="utf-8")):
    schema = {{"schema": Path(case["options"]["schema"])}} if "schema" in case["options"] else {{}}
    options = {{**case["options"], **schema, "today": date.fromisoformat(case["today"]), "language": "zh-CN"}}
    reports[case["name"]] = to_mapping(govdata.validate(Path(case["path"]), **options))
json.dump([there, reports], open(sys.argv[2], "w", encoding="utf-8"))
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the required packages alone, as the lock pins them."""
    folder = tmp_path_factory.mktemp("bare")
    optional = {re.split("[^A-Za-z0-9_-]", name)[0] for name in project()["project"]["optional-dependencies"]["fast"]} | {
        "polars-runtime-32"
    }
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8").strip())
    kept = [entry for entry in entries if entry.partition("==")[0] not in optional]
    assert len(entries) - len(kept) > len(optional) - 1
    (folder / "required.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv/bin/python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*command, "-r", str(folder / "required.txt")], check=True, timeout=900)
    return python


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Every golden case laid out, with its options."""
    return every_case(tmp_path_factory.mktemp("cases"))


def ask(python: Path, cases: list[dict[str, Any]], folder: Path) -> tuple[list[str], dict[str, Any]]:
    """The extras that a Python finds, and its report of each case."""
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    command = [str(python), "-c", ASK.format(extras=EXTRAS), str(folder / "cases.json"), str(folder / "reports.json")]
    env = environment(GOVDATA_NO_CACHE="1", PYTHONUTF8="1")
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    there, reports = json.loads((folder / "reports.json").read_text(encoding="utf-8"))
    return there, reports


def test_golden_cases_are_the_same(bare: Path, cases: list[dict[str, Any]], tmp_path: Path) -> None:
    ordinary = [case for case in cases if not any(path.suffix in DATABASES for path in Path(case["path"]).rglob("*"))]
    assert len(ordinary) > 100
    none, slower = ask(bare, ordinary, tmp_path)
    assert none == []
    some, whole = ask(Path(sys.executable), ordinary, tmp_path)
    assert {"jsonschema_rs", "numpy", "orjson", "polars"} <= set(some)
    assert [name for name in whole if whole[name] != slower[name]] == []
