"""Every engine says the same of a database that is wrong, locked, damaged or endless; counts of very wrong tables are bounded and true."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from govdata.engines import choice
from govdata.errors import SettingsError
from govdata.validation import validate
from govdata.values import DatasetReport

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("polars")
pytest.importorskip("sqlglot")
ENGINES = ("reference", "plain", "columns", "sql")
TODAY = date(2026, 1, 31)
FIELDS: Sequence[dict[str, Any]] = [
    {"name": "k", "type": "integer", "constraints": {"required": True, "unique": True}},
    {"name": "d", "type": "date"},
    {"name": "n", "type": "number", "constraints": {"minimum": 0}},
]
WRONG = 2500
"""More rows than the reference is asked of one kind of mistake, more batches than one."""


def sqlite(path: Path, sql: str, rows: Sequence[tuple[Any, ...]] = ()) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
        if rows:
            connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.commit()
    return path


def check(path: Path, engine: str, fields: Sequence[dict[str, Any]] = FIELDS, **options: Any) -> DatasetReport:
    schema = path.with_suffix(".json")
    schema.write_text(json.dumps({"fields": list(fields), **options.pop("more", {})}), encoding="utf-8")
    return validate(path, schema=schema, today=TODAY, engine=engine, **options).datasets[0]


def said(report: DatasetReport) -> list[tuple[Any, ...]]:
    return [(item.rule, item.row, item.field, item.value, item.key) for item in report.findings]


def same(path: Path, **options: Any) -> DatasetReport:
    """The report of the reference, which is that of every engine."""
    reports = [check(path, engine, **options) for engine in ENGINES]
    for report in reports[1:]:
        assert said(report) == said(reports[0])
        assert report.counts == reports[0].counts
    return reports[0]


def test_a_table_without_a_key(tmp_path: Path) -> None:
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k, d, n)", [(1, "2026-01-05", 1), (2, "x", 2), (1, None, -1)])
    report = same(path)
    assert report.counts.keys() == {"database/no-key", "table/type-error", "table/constraint-error", "table/unique-error"}
    assert [item.row for item in report.findings if item.rule == "table/type-error"] == [3]


def test_a_column_type_that_does_not_fit(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("CREATE TABLE t (k BIGINT PRIMARY KEY, d DOUBLE, n DECIMAL(30, 10))")
        connection.execute("INSERT INTO t VALUES (1, 1.5, 0.0000000001), (2, NULL, -1)")
    report = same(tmp_path / "x.duckdb")
    assert {rule: count.count for rule, count in report.counts.items()} == {"table/column-type": 1, "table/constraint-error": 1}


def test_a_cell_that_is_no_text(tmp_path: Path) -> None:
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k, d, n); INSERT INTO t VALUES (1, 'x', 1), (2, CAST(x'ff' AS TEXT), 1)")
    report = same(path)
    assert {"table/type-error", "database/encoding"} <= report.counts.keys()


def test_a_page_that_is_damaged(tmp_path: Path) -> None:
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k, d, n)", [(number, "2026-01-05", 1) for number in range(20_000)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2 // 4096 * 4096 : len(content) // 2 // 4096 * 4096 + 4096] = b"\x01" * 4096
    path.write_bytes(content)
    for engine in ENGINES:
        assert "database/broken" in check(path, engine).counts


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_a_view_that_never_ends(kind: str, engine: str, tmp_path: Path) -> None:
    view = "CREATE VIEW v AS WITH RECURSIVE r(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM r) SELECT k FROM r"
    path = tmp_path / f"x.{kind}"
    if kind == "sqlite":
        sqlite(path, view)
    else:
        with duckdb.connect(str(path)) as connection:
            connection.execute(view)
    assert "database/view" in check(path, engine, FIELDS[:1], max_query=1).counts


@pytest.mark.parametrize("engine", ENGINES)
def test_a_locked_file(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.reading.databases.lite.PATIENCE", 0.1)
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k, d, n)", [(1, None, 1)])
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert check(path, engine).counts.keys() == {"database/locked"}


def test_a_table_in_which_every_row_is_wrong(tmp_path: Path) -> None:
    rows = [(number // 2, "2026-13-01", -number - 1) for number in range(WRONG * 2)]
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k INTEGER, d TEXT, n REAL)", rows)
    full = check(path, "columns", limit="all")
    assert {rule: (item.count, item.exact) for rule, item in full.counts.items()} == {
        "database/no-key": (1, True),
        "table/constraint-error": (WRONG * 2, True),
        "table/type-error": (WRONG * 2, True),
        "table/unique-error": (WRONG, True),
    }
    bounded = check(path, "columns")
    assert bounded.counts["table/unique-error"] == full.counts["table/unique-error"]
    for rule in ("table/type-error", "table/constraint-error"):
        assert not bounded.counts[rule].exact
        assert 1000 <= bounded.counts[rule].count <= WRONG * 2
    assert len(bounded.findings) < 500


def test_personal_numbers_in_rows_that_are_only_counted(tmp_path: Path) -> None:
    phones = [None] * WRONG + [f"138{number:08}" for number in range(WRONG)]
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k, m, o)", [(b"x", phone, phone) for phone in phones])
    fields = [{"name": "k", "type": "integer"}, {"name": "m"}]
    more = {"fieldsMatch": "subset", "$schema": "https://datapackage.org/profiles/2.0/tableschema.json"}
    for engine in ("plain", "columns"):
        report = check(path, engine, fields, more=dict(more))
        assert report.resources[0].personal == ("m", "o")
        assert report.counts["table/type-error"].exact == (engine == "plain")


def test_keys_of_any_type_are_compared_as_values(tmp_path: Path) -> None:
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k)", [(1,), (1.0,), ("1",), (2,), ("a",), (b"a",), (2.0,), ("a",)])
    report = same(path, fields=[{"name": "k", "type": "any", "constraints": {"unique": True}}])
    assert [item.row for item in report.findings if item.rule == "table/unique-error"] == [3, 8, 9]


def test_engines_of_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice.engine_of_database("auto", 100) == "sql"
    assert choice.engine_of_database("auto", choice.LARGE_DATABASE) == "columns"
    assert choice.engine_of_database("reference", choice.LARGE_DATABASE) == "reference"
    monkeypatch.setattr(choice, "has_columns", lambda: False)
    assert choice.engine_of_database("auto", choice.LARGE_DATABASE) == "sql"
    monkeypatch.setattr(choice, "_writes_statements", lambda: False)
    assert choice.engine_of_database("auto", choice.LARGE_DATABASE) == "plain"


def test_statements_are_for_databases(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("k,d,n\n1,,1\n", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        check(tmp_path / "x.csv", "sql")
    assert raised.value.key == "engine-does-not-fit"


def parquet(path: Path, query: str) -> Path:
    duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def test_a_map_whose_keys_are_no_texts(tmp_path: Path) -> None:
    query = "SELECT MAP{DATE '2026-01-05': MAP{1.5: 1}} AS m, [MAP{DATE '2026-01-05': 1}] AS l, MAP{TIME '08:00': 1} AS o"
    fields = [
        {"name": "m", "type": "object"},
        {"name": "l", "type": "array", "constraints": {"minLength": 2}},
        {"name": "o", "type": "geojson"},
    ]
    report = same(parquet(tmp_path / "x.parquet", query), fields=fields)
    assert [(item.field, item.value) for item in report.findings] == [("l", '[{"2026-01-05": 1}]'), ("o", '{"08:00:00": 1}')]
    assert not same(tmp_path / "x.parquet", fields=fields[:1]).counts.keys() & {"table/type-error"}


def test_a_list_of_a_fixed_length(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, k INTEGER[2], l INTEGER[2][1], g DOUBLE[2])")
        connection.execute("INSERT INTO t VALUES (1, [1, 2], [[1, 2]], [121.47, 31.2])")
    fields = [{"name": "n", "type": "integer"}, *({"name": name, "type": "array"} for name in "klg")]
    assert same(tmp_path / "x.duckdb", fields=fields).valid


def test_the_widest_integers_against_a_bound(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "x.duckdb")) as connection:
        connection.execute(f"CREATE TABLE t (k UHUGEINT PRIMARY KEY); INSERT INTO t VALUES (7), ({2**128 - 1}), (100)")
    report = same(tmp_path / "x.duckdb", fields=[{"name": "k", "type": "integer", "constraints": {"minimum": -1, "maximum": 99}}])
    assert [item.value for item in report.findings] == [str(2**128 - 1), "100"]


def test_a_name_that_is_a_pattern(tmp_path: Path) -> None:
    parquet(tmp_path / "x1.parquet", "SELECT 1 AS a")
    parquet(tmp_path / "x[1].parquet", "SELECT 'x' AS a")
    report = same(tmp_path / "x[1].parquet", fields=[{"name": "a", "type": "integer"}])
    assert [item.value for item in report.findings] == ["x"]


@pytest.mark.parametrize("names", ["rowid", "RowID, _rowid_", "rowid, _rowid_, oid"])
def test_columns_named_as_the_number_of_a_row(names: str, tmp_path: Path) -> None:
    cells = ["z", "a", "m"]
    sql = f"CREATE TABLE t ({names}, n)"
    path = sqlite(tmp_path / "x.sqlite", sql, [(*[cell] * (names.count(",") + 1), n) for cell, n in zip(cells, (1, "x", 2), strict=True)])
    found = same(path, fields=[*({"name": name} for name in names.split(", ")), {"name": "n", "type": "integer"}]).findings
    assert [item.row for item in found if item.rule == "table/type-error"] == [3]


@pytest.mark.parametrize("name", ["true", "False"])
def test_columns_named_as_truth_values(name: str, tmp_path: Path) -> None:
    path = sqlite(tmp_path / "x.sqlite", f'CREATE TABLE t ("{name}" TEXT, n)', [("a", 1), (None, 2), ("b", 3)])
    report = same(path, fields=[{"name": name, "constraints": {"maxLength": 1, "required": True}}, {"name": "n"}])
    assert [item.row for item in report.findings if item.rule == "table/constraint-error"] == [3]


@pytest.mark.parametrize("width", [150, 700])
def test_a_wide_table(width: int, tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(width)]
    path = sqlite(tmp_path / "x.sqlite", f"CREATE TABLE t ({', '.join(names)})", [(1,) * width, ("x", *(2,) * (width - 1))])
    before = process_time()
    assert same(path, fields=[{"name": name, "type": "integer"} for name in names]).counts["table/type-error"].count == 1
    assert process_time() - before < 15  # a statement about 150 columns took 16 seconds to be made ready


def test_keys_of_a_view_that_gives_its_rows_in_another_order_when_asked_for_less(tmp_path: Path) -> None:
    rows = [(number * 7919 % 5003, f"text {number}") for number in range(5000)] + [(17, "twice")]
    path = sqlite(tmp_path / "x.sqlite", "CREATE TABLE t (k, s); CREATE INDEX by_k ON t (k); CREATE VIEW v AS SELECT k, s FROM t", rows)
    fields = [{"name": "k", "type": "integer", "constraints": {"unique": True}}, {"name": "s"}]
    package = {"name": "p", "resources": [{"name": "v", "path": path.name, "dialect": {"table": "v"}, "schema": {"fields": fields}}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    reports = [validate(tmp_path, today=TODAY, engine=engine).datasets[0] for engine in ENGINES]
    assert [item.row for item in reports[0].findings if item.rule == "table/unique-error"] == [5002]
    assert all(said(report) == said(reports[0]) for report in reports)
