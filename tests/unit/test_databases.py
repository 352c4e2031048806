"""Databases of others: what they may not do, and what is said of those that cannot be read."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata.engines import choice
from govdata.errors import EngineError
from govdata.reading.databases import opening
from govdata.reading.databases.opening import list_tables, open_database
from govdata.reading.databases.refusals import Refusal
from govdata.reading.sources import TableSource
from govdata.settings import Settings
from govdata.validation import validate
from govdata.values import Finding, Report, Resource, Row, Skipped
from tests.builders import build_database

duckdb = pytest.importorskip("duckdb")
SETTINGS = Settings(max_query=2)
TODAY = date(2026, 1, 31)


def written(folder: Path, name: str, sql: str) -> Path:
    kind = name.rpartition(".")[2]
    (folder / name).write_bytes(build_database({"kind": kind, "sql": sql}))
    return folder / name


def opened(path: Path, table: str | None = None) -> TableSource | Finding | Skipped:
    return open_database(Resource("x", path, path.name, path.suffix[1:], sheet=table), SETTINGS)


def rows(path: Path, table: str | None = None) -> list[Any]:
    source = opened(path, table)
    assert isinstance(source, TableSource), source
    return list(source.stream())


def refused(path: Path, table: str | None = None) -> Finding:
    """The finding instead of a table, or at the end of its rows."""
    source = opened(path, table)
    found = [*source.stream()][-1] if isinstance(source, TableSource) else source
    assert isinstance(found, Finding)
    return found


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_names_are_quoted(kind: str, tmp_path: Path) -> None:
    name = "t\"; DROP TABLE 甲; --'"
    sql = f'CREATE TABLE "{name.replace(chr(34), chr(34) * 2)}" ("列 ""1""" INTEGER, "x;y" VARCHAR); CREATE TABLE 甲 (a INTEGER)'
    path = written(tmp_path, f"x.{kind}", sql)
    assert [item.cells for item in rows(path, name) if isinstance(item, Row)] == [('列 "1"', "x;y")]
    assert [str(table) for table in list_tables(path, SETTINGS)] == sorted([name, "甲"])


@pytest.mark.parametrize("asked", ["read_text('{file}')", "read_csv('{file}')", "read_parquet('{file}')", "glob('{folder}/*')"])
def test_a_view_of_duckdb_reads_no_other_file(asked: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    query = asked.format(file=secret, folder=tmp_path)
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE 甲 (a INTEGER)")
        try:
            connection.execute(f"CREATE VIEW v AS SELECT * FROM {query}")
        except duckdb.Error:
            pytest.skip("DuckDB does not make such a view")
    found = refused(path, "v")
    assert found.rule in {"database/view", "database/broken"}
    assert str(tmp_path) not in str(found.args)


@pytest.mark.parametrize(
    "statement", ["COPY t TO '{folder}/y.csv'", "ATTACH '{folder}/z.db'", "INSTALL httpfs", "LOAD httpfs", "SET memory_limit='9GB'"]
)
def test_a_connection_to_duckdb_is_locked(statement: str, tmp_path: Path) -> None:
    path = written(tmp_path, "x.duckdb", "CREATE TABLE t (a INTEGER)")
    with closing(opening.connect(path, "duckdb", SETTINGS, None)) as database, pytest.raises(Refusal):
        list(database.rows(statement.format(folder=tmp_path)))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["x.duckdb"]


@pytest.mark.parametrize(
    "statement", ["INSERT INTO t VALUES (1)", "ATTACH '{folder}/z.db' AS z", "PRAGMA user_version = 5", "VACUUM INTO '{folder}/y.db'"]
)
def test_a_connection_to_sqlite_only_reads(statement: str, tmp_path: Path) -> None:
    path = written(tmp_path, "x.sqlite", "CREATE TABLE t (a INTEGER)")
    before = path.read_bytes()
    with closing(opening.connect(path, "sqlite", SETTINGS, None)) as database, suppress(Refusal):
        list(database.rows(statement.format(folder=tmp_path)))
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["x.sqlite"]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize("schema", [True, False])
def test_an_endless_view_is_ended(kind: str, schema: bool, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    path = written(tmp_path, f"x.{kind}", f"CREATE VIEW v AS SELECT n FROM ({endless})")
    if schema:
        (tmp_path / "s.json").write_text('{"fields": [{"name": "n", "type": "integer"}]}', encoding="utf-8")
    options = {"schema": tmp_path / "s.json"} if schema else {}
    report = validate(path, today=TODAY, max_query=1, **options)
    assert "database/view" in report.datasets[0].counts


def test_a_view_of_duckdb_gives_its_rows_in_one_order(tmp_path: Path) -> None:
    """Findings name them by number. With several threads, groups come as each thread is done with them."""
    with closing(duckdb.connect(str(tmp_path / "x.duckdb"))) as connection:
        connection.execute("CREATE TABLE t AS SELECT (i * 7919) % 100003 AS k FROM range(500000) r(i)")
        connection.execute("CREATE VIEW v AS SELECT k, count(*) AS n FROM t GROUP BY k")
    first = rows(tmp_path / "x.duckdb", "v")
    assert len(first) > 100_000
    assert all(rows(tmp_path / "x.duckdb", "v") == first for _ in range(3))


def test_wal_of_sqlite_is_read_and_told(tmp_path: Path) -> None:
    writer = "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=wal');"
    writer += "c.execute('CREATE TABLE t (a INTEGER)'); c.execute('INSERT INTO t VALUES (7)'); c.commit(); os._exit(0)"
    subprocess.run([sys.executable, "-c", writer, str(tmp_path / "x.sqlite")], check=True)
    found = rows(tmp_path / "x.sqlite")
    assert [item.rule for item in found if isinstance(item, Finding)] == ["database/unsaved"]
    assert [item.cells for item in found if isinstance(item, Row)] == [("a",), (7,)]


def test_wal_of_duckdb_is_read_and_told(tmp_path: Path) -> None:
    writer = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t AS SELECT 7 AS a'); os._exit(0)"
    subprocess.run([sys.executable, "-c", writer, str(tmp_path / "x.duckdb")], check=True)
    found = rows(tmp_path / "x.duckdb")
    assert [item.rule for item in found if isinstance(item, Finding)] == ["database/unsaved"]
    assert [item.cells for item in found if isinstance(item, Row)] == [("a",), (7,)]


def test_a_locked_sqlite_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.reading.databases.lite.PATIENCE", 0.1)
    path = written(tmp_path, "x.sqlite", "CREATE TABLE t (a INTEGER)")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert refused(path).rule == "database/locked"


def test_a_locked_duckdb_file(tmp_path: Path) -> None:
    writer = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t AS SELECT 1 AS a'); print(1, flush=True); input()"
    )
    command = [sys.executable, "-c", writer, str(tmp_path / "x.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = refused(tmp_path / "x.duckdb")
        process.communicate(b"\n")
    assert found.rule == "database/locked"
    assert str(tmp_path) not in str(found.args)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def garbage(path: Path) -> None:
    path.write_bytes(b"\x01\x02garbage" * 1000)


@pytest.mark.parametrize("spoil", [truncated, garbage])
@pytest.mark.parametrize("kind", ["duckdb", "sqlite", "parquet"])
def test_a_damaged_file(kind: str, spoil: Callable[[Path], None], tmp_path: Path) -> None:
    query = "SELECT i AS a, md5(CAST(i AS VARCHAR)) AS b FROM range(5000) t(i)"
    if kind == "sqlite":
        query = (
            "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5000) SELECT i AS a, hex(randomblob(9)) AS b FROM r"
        )
    path = written(tmp_path, f"x.{kind}", query if kind == "parquet" else f"CREATE TABLE t AS {query}")
    spoil(path)
    found = refused(path)
    assert found.rule == "database/broken"
    assert str(tmp_path) not in str(found.args)


def test_what_a_name_leaves_open(tmp_path: Path) -> None:
    path = written(tmp_path, "x.sqlite", "CREATE TABLE 停车场 (a); CREATE TABLE 收费 (a)")
    assert refused(path).rule == "database/several-tables"
    found = refused(path, "停车厂")
    assert (found.rule, found.args["close"]) == ("database/table-missing", ["停车场"])


def test_each_table_is_a_resource(tmp_path: Path) -> None:
    path = written(
        tmp_path, "x.duckdb", "CREATE TABLE a (x INTEGER); CREATE SCHEMA s; CREATE TABLE s.b (y INTEGER); INSERT INTO a VALUES (1)"
    )
    report = validate(path, today=TODAY)
    assert [(item.sheet, item.rows) for item in report.datasets[0].resources] == [("a", 1), ("s.b", 0)]


def check(folder: Path, kind: str, sql: str, fields: str) -> Report:
    path = written(folder, f"x.{kind}", sql)
    (folder / "s.json").write_text(fields, encoding="utf-8")
    return validate(path, schema=folder / "s.json", today=TODAY)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_finding_names_the_row_by_the_key(kind: str, tmp_path: Path) -> None:
    sql = "CREATE TABLE t (k VARCHAR PRIMARY KEY, n VARCHAR); INSERT INTO t VALUES ('P1', '1'), ('P2', 'x')"
    report = check(tmp_path, kind, sql, '{"fields": [{"name": "k"}, {"name": "n", "type": "integer"}]}')
    (found,) = report.datasets[0].findings
    assert (found.key, found.row, found.cell, found.field) == ("P2", 3, "", "n")


def test_a_personal_key_is_masked(tmp_path: Path) -> None:
    sql = "CREATE TABLE t (k TEXT PRIMARY KEY, n TEXT); INSERT INTO t VALUES ('某某某', 'x')"
    report = check(tmp_path, "sqlite", sql, '{"fields": [{"name": "k", "personal": true}, {"name": "n", "type": "integer"}]}')
    (found,) = report.datasets[0].findings
    assert found.key == "*某某"


def test_without_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "x.parquet", "SELECT 1 AS a")
    monkeypatch.setattr(opening, "is_installed", lambda: False)
    with pytest.raises(EngineError):
        validate(path)
    (tmp_path / "entry.yaml").write_text("信息资源名称: 例\n资源:\n  - 文件: x.parquet\n", encoding="utf-8")
    report = validate(tmp_path, today=TODAY, standard="core")
    assert [item.why for item in report.datasets[0].skipped] == ["engine-missing"]


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_without_sqlglot_the_answers_are_the_same(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "CREATE TABLE t (k VARCHAR, n VARCHAR); INSERT INTO t VALUES ('a', '1'), ('b', 'x'), ('a', '2026')"
    fields = '{"fields": [{"name": "k"}, {"name": "n", "type": "integer"}], "primaryKey": "k"}'
    asked = check(tmp_path, kind, sql, fields)
    monkeypatch.setattr(choice, "_writes_statements", lambda: False)
    assert check(tmp_path, kind, sql, fields).datasets[0].findings == asked.datasets[0].findings
    assert len(asked.datasets[0].findings) == 2


def test_columns_of_parquet_are_called_what_the_file_calls_them(tmp_path: Path) -> None:
    """DuckDB has other names for those that are empty or differ in case alone."""
    polars = pytest.importorskip("polars")
    values = {"a": [1, 2], "l": [[1], [2]], "A": [3, 4], "s": [{"x": 1, "A": 2}] * 2, "": [5, 6], "z": [7, 8]}
    polars.DataFrame(values).write_parquet(tmp_path / "x[1].parquet")
    source = open_database(Resource("a", tmp_path / "x[1].parquet", "x[1].parquet", "parquet"), Settings())
    assert isinstance(source, TableSource)
    header, first = itertools.islice((item for item in source.stream() if isinstance(item, Row)), 2)
    assert header.cells == tuple(values)
    assert (first.cells[0], first.cells[2], *first.cells[4:]) == (1, 3, 5, 7)
    fields = "[{名称: a, 类型: I}, {名称: l}, {名称: A, 类型: I, 最小值: 4}, {名称: s}, {名称: z, 类型: I}]"
    (tmp_path / "entry.yaml").write_text(f"信息资源名称: 例\n资源:\n  - {{文件: 'x[1].parquet', 信息项: {fields}}}\n", encoding="utf-8")
    for engine in ("reference", "plain", "columns", "sql"):
        (report,) = validate(tmp_path, engine=engine, cache=False).datasets
        found = [(item.rule, item.field) for item in report.findings if item.rule in ("table/blank-label", "table/constraint-error")]
        assert found == [("table/blank-label", ""), ("table/constraint-error", "A")], engine
