"""Which modules a run may load: what is slow to import waits until it is needed. Names, not times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = {"govdata"}
"""For the version: the package's own first module and nothing else."""

SMALL = {"govdata", "rich"}
"""For a table without declared fields: rich's table of character widths. A plain call needs no click."""

COMPILING = {"yaml"}
"""Once after installation or a change: content is read from YAML; later from the compiled cache."""

CHECKING = {"jsonschema_rs", "yaml"}
"""For an entry: its schema and its YAML."""

REFERENCE = {
    *("annotated_types", "attr", "attrs", "dateutil", "frictionless", "humanize", "idna", "jsonschema", "jsonschema_specifications"),
    *("pydantic", "pydantic_core", "referencing", "rpds", "simpleeval", "tabulate", "typing_extensions", "typing_inspection", "wcwidth"),
}
"""For a cell that is wrong or in doubt: frictionless, the engine that explains it, with what it imports itself."""

PAGE = {"jinja2", "markupsafe"}
"""For an HTML report."""

SLOW_OF_PYTHON = {"asyncio", "concurrent", "email", "http", "multiprocessing", "pydoc", "sqlite3", "ssl", "socket", "unittest"}
"""Parts of the standard library that a small table has no use for."""

UNUSED = {
    *(
        "govdata.engines.reference",
        "govdata.engines.sql.table",
        "govdata.reading.encodings.transcoding",
        "govdata.reading.workbooks.opening",
    ),
    "govdata.marking.folder",
    *("ctypes", "dataclasses", "difflib", "glob", "hashlib", "inspect"),
    *("shutil", "tempfile", "traceback", "tomllib", "zipfile"),
}
"""What a small dataset of texts has no use for."""

UNUSED_BY_TABLES = UNUSED | {"govdata.checks.entry", "govdata.checks.directory", "govdata.reading.entries.translation"}

BEFORE_CLICK = {"argparse", "dataclasses", "inspect", "json", "logging", "pathlib", "tempfile", "traceback", "tomllib"}

ENTRY = """\
信息资源名称: 例
资源:
  - 文件: a.csv
    信息项:
      - {名称: 编号, 类型: I}
      - {名称: 名称, 类型: C, 长度: 2}
"""
SCHEMA = """{"fields": [{"name": "编号", "type": "integer"}, {"name": "名称", "constraints": {"maxLength": 2}}], "primaryKey": "编号",
"foreignKeys": [{"fields": "编号", "reference": {"resource": "", "fields": "编号"}}]}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with a schema, a dataset with the same table, and one with a wrong cell."""
    made = tmp_path_factory.mktemp("budget")
    for name, number in (("a.csv", "1"), ("dataset/a.csv", "1"), ("mistakes/a.csv", "一")):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(f"编号,名称\n{number},甲\n", encoding="utf-8")
    for name in ("dataset", "mistakes"):
        (made / name / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    (made / "schema.json").write_text(SCHEMA, encoding="utf-8")
    run(made, "validate", "a.csv")
    return made


LAUNCH = """
import atexit, runpy, sys
sys.argv = ["govdata", *sys.argv[1:]]
atexit.register(lambda: print("LOADED", *sys.modules, file=sys.stderr))
runpy.run_module("govdata", run_name="__main__", alter_sys=True)
"""


def run(folder: Path, *arguments: str) -> set[str]:
    """Every module that the program has loaded at its end, by full name."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", LAUNCH, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.rpartition("LOADED ")[2].split()) - {"__main__"}


def foreign(modules: set[str]) -> set[str]:
    """The packages that do not belong to Python; what an environment loads at its start is left aside."""
    packages = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    return {name for name in packages if not name.startswith(("_", "cython")) and name != "sitecustomize"}


def test_version_loads_nothing(folder: Path) -> None:
    loaded = run(folder, "--version")
    assert foreign(loaded) == START
    assert {name for name in loaded if name.startswith("govdata")} <= {"govdata", "govdata.__main__"}
    assert not loaded & BEFORE_CLICK


def test_table_without_fields(folder: Path) -> None:
    loaded = run(folder, "validate", "a.csv")
    assert foreign(loaded) <= SMALL
    assert not {name.partition(".")[0] for name in loaded} & SLOW_OF_PYTHON


def test_compiling_needs_yaml(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert foreign(run(folder, "validate", "a.csv")) <= SMALL | COMPILING
    assert list(tmp_path.rglob("*.json"))


def test_clean_table_with_a_schema(folder: Path) -> None:
    loaded = run(folder, "validate", "a.csv", "--schema", "schema.json")
    assert foreign(loaded) <= SMALL
    assert not {name.partition(".")[0] for name in loaded} & SLOW_OF_PYTHON
    assert not loaded & UNUSED_BY_TABLES


def test_clean_entry_with_fields(folder: Path) -> None:
    loaded = run(folder, "validate", "dataset")
    assert foreign(loaded) <= SMALL | CHECKING
    assert not loaded & UNUSED


def test_wrong_cell_is_explained_by_the_reference(folder: Path) -> None:
    loaded = foreign(run(folder, "validate", "mistakes"))
    assert loaded <= SMALL | CHECKING | REFERENCE
    assert "frictionless" in loaded


def test_page(folder: Path, tmp_path: Path) -> None:
    loaded = foreign(run(folder, "validate", "a.csv", "--output", str(tmp_path / "report.html")))
    assert loaded <= SMALL | PAGE
