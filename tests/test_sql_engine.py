"""A table that is asked where it is gives the findings of the reference on its native rows, and tells the counters the same."""

from __future__ import annotations

import dataclasses
import functools
import random
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from govdata.checks import personal
from govdata.checks.context import CheckContext
from govdata.checks.personal import Counter
from govdata.checks.schema import keys_of, meanings_of
from govdata.checks.table import TOLD_APART
from govdata.engines.columns.databases import check_table
from govdata.engines.fields import SchemaError, read_field
from govdata.engines.plan import ColumnPlan, ForeignKeyPlan, TablePlan
from govdata.engines.reference import check_rows
from govdata.engines.sql import table as engine
from govdata.predicates.checkdigits import mod_11_2
from govdata.predicates.decisions import decide
from govdata.reading.databases.opening import open_database
from govdata.reading.sources import TableSource
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import Finding, Resource, Row

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")

CONTEXT = CheckContext(Settings(today=date(2026, 1, 31)), read_library().standard("core"))
SEEDS = (*range(24), 136, 263, 270, 349)
"""Those above 24 have once found something."""

TEXTS = [
    *("", "0", "1", "-1", "007", "+5", "5.", "1.5", "1e5", " 1", "１２", "1_000", "99", "100", "123456789012345678", "9" * 25, "NA", "-"),
    *("true", "False", "是", "2026-01-05", "2026-1-5", "2026-02-30", "2026-01-05T08:00:00", "08:00:00", "2026", "2026-01", "P1D", "1,2"),
    *("NaN", "inf", "甲", "a\nb", "e\u0301", "310104", "1380000000 0", "[1]", "{}", "'", '"', "\\", "a;b", "id 13812345678 x"),
]
PEOPLE = [body + mod_11_2(body) for body in (f"3101041990010{day}{serial:03}" for day in range(1, 10) for serial in range(7))]
PHONES = [f"138{number:08}" for number in range(40)]


def columns(chance: random.Random) -> Iterator[tuple[str, list[Any]]]:
    """Types of DuckDB, each with values."""
    yield "VARCHAR", TEXTS
    yield "VARCHAR", [chance.choice(PEOPLE), *chance.sample(PEOPLE, 20), "x"]
    yield "VARCHAR", chance.sample(PHONES, 20)
    yield "INTEGER", [0, 1, -1, 7, 99, 100, 2026, 99999]
    yield "BIGINT", [0, 13800000001, 123456789012345678, -(10**15), 10**15 - 1]
    yield "HUGEINT", [0, 10**30, -(10**20), 5]
    yield "DECIMAL(18,3)", [Decimal("0"), Decimal("1.500"), Decimal("-99.999"), Decimal("123456789012.345")]
    yield "DECIMAL(30,10)", [Decimal("0"), Decimal("0.0000000001"), Decimal("1.5"), Decimal("100")]
    yield "DOUBLE", [0.0, -0.0, 0.1, 1.5, 100.0, 1e15, 1e16, 1e22, 1e-7, 0.1 + 0.2, float("nan"), float("inf"), 121.47, 31.2, 13800000001.0]
    yield "FLOAT", [0.0, 0.1, 1.5, 100.0, 16777217.0]
    yield "BOOLEAN", [True, False]
    yield "DATE", [date(2026, 1, 5), date(1, 1, 1), date(9999, 12, 31), date(999, 3, 4), date(2024, 2, 29)]
    yield (
        "TIMESTAMP",
        [datetime(2026, 1, 5), datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 8, 0, 0, 1), datetime(900, 1, 1), datetime(9999, 12, 31)],
    )
    yield "TIMESTAMPTZ", [datetime(2026, 1, 5), datetime(2026, 1, 5, 8)]
    yield "TIME", [time(8), time(8, 0, 0, 5), time(23, 59, 59)]
    yield "UUID", ["1bf6557d-b298-4af7-8389-e6733a278e25"]
    yield "INTERVAL", [timedelta(days=1)]
    yield "BLOB", [b"\0a", b""]
    yield "INTEGER[]", [[1, 2], []]
    yield "STRUCT(a INTEGER)", [{"a": 1}]


KINDS = (
    "string",
    "integer",
    "number",
    "boolean",
    "date",
    "datetime",
    "time",
    "year",
    "yearmonth",
    "any",
    "list",
    "array",
    "object",
    "geopoint",
)


def field(chance: random.Random, name: str) -> dict[str, Any]:
    """A field with some constraints."""
    kind = chance.choice(KINDS)
    made: dict[str, Any] = {"name": name, "type": kind}
    constraints: dict[str, Any] = {}
    if chance.random() < 0.2:
        constraints["required"] = True
    if chance.random() < 0.25:
        constraints["unique"] = True
    if chance.random() < 0.4:
        constraints.update(chance.choice(CONSTRAINTS.get(kind, [{}])))
    if chance.random() < 0.2:
        made["missingValues"] = chance.choice([["", "NA", "-"], ["0", "-1", ""], [], ["2026-01-05"]])
    if kind in {"integer", "number"} and chance.random() < 0.2:
        made.update({"x-length": 4, "x-precision": 1})
    if kind == "string" and chance.random() < 0.3:
        made["semantic"] = chance.choice(["citizen-number", "mobile", "division", "uscc"])
    if kind == "number" and chance.random() < 0.3:
        made["semantic"] = chance.choice(["longitude", "latitude"])
    return {**made, "constraints": constraints} if constraints else made


CONSTRAINTS: Mapping[str, list[dict[str, Any]]] = {
    "string": [
        {"minLength": 2},
        {"maxLength": 3},
        {"pattern": "[0-9]+"},
        {"enum": ["甲", "1", "0"]},
        {"pattern": "(?:[a-z]{900}){900}|.*"},
    ],
    "integer": [{"minimum": 0}, {"maximum": 99, "minimum": -1}, {"enum": [1, 7]}],
    "number": [{"minimum": 0}, {"maximum": 99.5}, {"minimum": "0.1"}],
    "date": [{"minimum": "2024-02-29"}, {"maximum": "2026-01-05"}],
    "datetime": [{"minimum": "2026-01-05T00:00:00"}],
    "time": [{"maximum": "08:00:00"}],
    "year": [{"minimum": 2000}],
}


def schema(chance: random.Random, width: int) -> dict[str, Any]:
    """A Table Schema that the reference loads."""
    fields = []
    while len(fields) < width:
        made = field(chance, f"c{len(fields)}")
        try:
            read_field(made)
        except SchemaError:
            continue
        fields.append(made)
    names = [item["name"] for item in fields]
    found: dict[str, Any] = {"fields": fields}
    if chance.random() < 0.5:
        found["primaryKey"] = chance.sample(names, chance.randint(1, min(2, width)))
    return found


def plan_of(declared: Mapping[str, Any], width: int, chance: random.Random) -> tuple[TablePlan, dict[int, Counter]]:
    """The plan of a table, and who counts its personal numbers."""
    passes = {kind: CONTEXT.passes(kind) for kind in personal.KINDS}
    counters = {number: Counter(passes) for number in range(1, width + 1)}
    made = []
    for number, item in enumerate(declared["fields"], 1):
        meanings = meanings_of(item, CONTEXT)
        decision = decide(item, [condition for _, condition in meanings])
        made.append(ColumnPlan(item["name"], item, number, tuple(check for check, _ in meanings), decision, watch=counters[number]))
    plan = TablePlan("x", "x", "t", width, tuple(made), typed=True, strict_width=False, has_addresses=False, keys=tuple(keys_of(declared)))
    others = {number: counters[number] for number in range(len(made) + 1, width + 1)}
    foreign = ()
    if chance.random() < 0.5:
        name = chance.choice(made).name
        foreign = (ForeignKeyPlan((name,), frozenset({("1",), (1,), ("甲",), (Decimal("1.5"),), ("2026-01-05",)}), "t"),)
    sure = tuple(CONTEXT.recognised_kinds(TOLD_APART))
    kinds = {kind: (personal.LENGTHS[kind], functools.partial(CONTEXT.recognised, kind)) for kind in personal.KINDS}
    return dataclasses.replace(plan, other_columns=others, foreign_keys=foreign, personal=sure, kinds=kinds), counters


def told(counters: Mapping[int, Counter]) -> dict[int, tuple[Any, ...]]:
    return {number: (item.values, item.alone, item.inside) for number, item in counters.items()}


def run(stream: Generator[Finding, None, int]) -> tuple[int, list[Finding]]:
    """What a generator returns, and what it yields."""
    found: list[Finding] = []

    def all_of() -> Generator[Finding, None, None]:
        count.append((yield from stream))

    count: list[int] = []
    found.extend(all_of())
    return count[0], found


def both(source: TableSource, declared: Mapping[str, Any], seed: int) -> tuple[list[Finding], list[Finding]]:
    """The findings of the reference, and those of the database."""
    assert source.table is not None
    width = len(source.table.columns)
    plan, counted = plan_of(declared, width, random.Random(seed))
    rows = [item for item in source.stream() if isinstance(item, Row)][1:]
    expected = list(check_rows(plan, rows))
    asked, counters = plan_of(declared, width, random.Random(seed))
    count, found = run(engine.ask_table(source.table, asked, lambda rows: None))
    assert count == len(rows)
    assert told(counters) == told(counted)
    columns, counters = plan_of(declared, width, random.Random(seed))
    count, by_columns = run(check_table(source.table, columns, lambda rows: None))
    assert count == len(rows)
    assert by_columns == expected
    assert told(counters) == told(counted)
    return expected, found


def opened(path: Path, format: str) -> TableSource:
    source = open_database(Resource("x", path, "x", format), Settings())
    assert isinstance(source, TableSource), source
    return source


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("format", ["duckdb", "parquet"])
def test_duckdb_agrees_with_the_reference(seed: int, format: str, tmp_path: Path) -> None:
    chance = random.Random(seed)
    width = chance.randint(1, 4)
    chosen = [chance.choice(list(columns(chance))) for _ in range(width)]
    rows = [[None if chance.random() < 0.15 else chance.choice(values) for _, values in chosen] for _ in range(chance.randint(1, 60))]
    path = tmp_path / f"x.{format}"
    with duckdb.connect(str(tmp_path / "made.duckdb")) as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'c{number} {kind}' for number, (kind, _) in enumerate(chosen))})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * width)})", rows)
        if format == "parquet":
            connection.execute(f"COPY t TO '{path}'")
    path = path if format == "parquet" else (tmp_path / "made.duckdb")
    declared = schema(chance, chance.randint(1, width))
    expected, found = both(opened(path, format), declared, seed)
    assert found == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_sqlite_agrees_with_the_reference(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    width = chance.randint(1, 4)
    kinds = [chance.choice(["TEXT", "INTEGER", "REAL", "", "TEXT COLLATE NOCASE", "BLOB"]) for _ in range(width)]
    values = [*TEXTS, "a\0b", 0, 1, -1, 7, 100, 2026, 13800000001, 2**62, 1.5, 1.0, 0.1, 1e300, b"\0", *PEOPLE[:5], *PHONES[:5], "A", "a"]
    pools = [chance.sample(values, chance.randint(1, len(values))) for _ in range(width)]
    rows = [[None if chance.random() < 0.15 else chance.choice(pool) for pool in pools] for _ in range(chance.randint(1, 60))]
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    connection.execute(f"CREATE TABLE t ({', '.join(f'c{number} {kind}' for number, kind in enumerate(kinds))})")
    connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * width)})", rows)
    connection.commit()
    connection.close()
    expected, found = both(opened(tmp_path / "x.sqlite", "sqlite"), schema(chance, chance.randint(1, width)), seed)
    assert found == expected
