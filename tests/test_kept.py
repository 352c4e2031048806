"""What was found in files that have not changed, taken from the run before: never what was true only then."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from govdata import cache, validation
from govdata.formats.json import to_mapping

ENTRY = """\
信息资源名称: {code}
信息资源代码: "{code}"
资源:
"""
TABLE = """\
  - 文件: {file}
    信息项:
"""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.outcomes.WORTH", 1)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache")


def told(folder: Path) -> list[dict[str, Any]]:
    """What a run with what is kept says of each dataset, which is what one without says."""
    found = [to_mapping(validation.validate(folder, language="zh-CN", cache=cached, engine="plain")) for cached in (True, False)]
    assert found[0] == found[1]
    datasets: list[dict[str, Any]] = found[0]["datasets"]
    return datasets


def package(folder: Path, file: str) -> Path:
    folder.mkdir()
    schema = {"fields": [{"name": "a", "type": "integer"}]}
    resources = [{"name": "t", "path": file, "schema": schema}]
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}), encoding="utf-8")
    return folder


def test_an_engine_that_was_missing_is_used_once_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    folder = package(tmp_path / "p", "x.duckdb")
    connection = duckdb.connect(str(folder / "x.duckdb"))
    connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    connection.close()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "duckdb", None)
        assert [item["why"] for item in told(folder)[0]["skipped"]] == ["engine-missing"]
    assert told(folder)[0]["skipped"] == []


def test_a_database_that_was_in_use_is_read_once_it_is_free(tmp_path: Path) -> None:
    folder = package(tmp_path / "p", "x.sqlite")
    connection = sqlite3.connect(folder / "x.sqlite", isolation_level=None)
    connection.execute("CREATE TABLE t AS SELECT 1 AS a")
    connection.execute("BEGIN EXCLUSIVE")
    assert list(told(folder)[0]["counts"]) == ["database/locked"]
    connection.execute("COMMIT")
    connection.close()
    assert list(told(folder)[0]["counts"]) == ["database/no-key"]


def test_a_key_that_leads_elsewhere_is_checked_again(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    for name in ("甲", "乙"):
        (folder / name).mkdir(parents=True)
    (folder / "govdata.toml").write_text("", encoding="utf-8")
    fields = "".join(f"      - {{名称: {name}, 外键: {{数据集: {code}, 信息项: k}}}}\n" for name, code in (("a", "A1"), ("b", "B1")))
    (folder / "甲" / "entry.yaml").write_text(ENTRY.format(code="C1") + TABLE.format(file="t.csv") + fields, encoding="utf-8")
    (folder / "甲" / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "乙" / "k.csv").write_text("k\n1\n", encoding="utf-8")

    def reasons(code: str, table: str) -> list[tuple[str, str]]:
        (folder / "乙" / "entry.yaml").write_text(ENTRY.format(code=code) + table, encoding="utf-8")
        findings = next(dataset for dataset in told(folder) if dataset["path"] == "甲")["findings"]
        return [(item["rule"], item["field"]) for item in findings if item["rule"].startswith("table/")]

    table = TABLE.format(file="k.csv") + "      - {名称: k}\n"
    assert reasons("A1", table) == [("table/foreign-key-target", "b")]
    assert reasons("B1", table) == [("table/foreign-key-target", "a"), ("table/foreign-key", "b")]
    # No such dataset, and one without a table, are told apart.
    assert reasons("X1", table) == reasons("B1", " []\n") == [("table/foreign-key-target", "a"), ("table/foreign-key-target", "b")]


def test_a_number_of_a_person_for_a_label_is_not_kept(tmp_path: Path) -> None:
    """The first row of a table without a header stands where names should: the cache is no place for it."""
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "a.csv").write_text("".join(f"甲,1380013{number:04}\n" for number in range(8)), encoding="utf-8")
    told(folder / "a.csv")
    kept = [path.read_bytes() for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not [item for item in kept if b"13800130000" in item]
