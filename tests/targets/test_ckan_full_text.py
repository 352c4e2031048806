"""COPY with the full text made by `staging.sql`: the same, row by row, as the site's own trigger makes, and only where that is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from govdata import content
from govdata.errors import PublishError
from govdata.publishing.ckan.columns import columns_of
from govdata.publishing.ckan.copies import STAGING
from govdata.publishing.ckan.loading import Means, Way, load
from govdata.publishing.ckan.shadows import make_shadow, open_holding
from govdata.publishing.rows import Values
from tests.targets.test_ckan_datastore import SITES, Bench, bench

LEFT = "SELECT relname FROM pg_class WHERE relname IN ('govdata_staged', 'govdata_made')"
pytestmark = pytest.mark.service
__all__ = ["bench"]

KINDS = {"短": "integer", "数": "number", "真": "boolean", "日": "date", "刻": "datetime", "时": "time", "年": "year"}
TEXTS = (
    None, "", " ", "徐汇区 停车场，衡山路１０号", "it's \"quoted\" \\ \\N \\u0041 \\\\", "a\tb\nc\rd\x01\x7f\u2028e", "😀 𠮷野家 é e\u0301",
    "x" * 3000, "长" * 900, "http://user@a.example.org:80/p?q=1&r=%20 a@b.cn foo-bar_baz 12E10 -3.50 v1.2.3",
    "<b>&amp;</b> {\"a\": [1, null]}",
    "running runs the cats' THE", "null", "true", "\u00a0\u3000\ufeff", "'a':1A 'b' & | ! <-> *:",
)  # fmt: skip
"""Texts that a parser of words, of JSON or of COPY may take amiss."""
CELLS: dict[str, tuple[str | None, ...]] = {
    "号": ("0", "-9223372036854775808", "9223372036854775807", None),
    "短": ("1", "-" + "9" * 200, "0"),
    "数": ("0.50", "-0.0000000000000000000000000000001", "1" + "0" * 120 + ".000", "NaN", None),
    "真": ("true", "false", None),
    "日": ("2026-02-28", "0001-01-01", "0987-06-05", "0044-03-15 BC", "12345-01-01", "infinity", None),
    "刻": (
        "2026-01-05 08:00:00",
        "0001-01-01 00:00:00.000001",
        "0044-03-15 12:00:00.5 BC",
        "12345-12-31 23:59:59.999999",
        "-infinity",
        None,
    ),
    "时": ("08:30:00", "24:00:00", "00:00:00.000001", None),
    "年": ("2026", "-44", None),
}
COLUMNS = columns_of(
    {
        "fields": [
            {"name": "号", "type": "integer", "constraints": {"minimum": -(2**63), "maximum": 2**63 - 1}},
            *({"name": name, "type": kind} for name, kind in KINDS.items()),
            *({"name": name, "type": "string"} for name in ("文 本%s", "Text", "new")),
        ]
    }
)


def rows(count: int = 400) -> Iterator[Values]:
    """Every value beside many others; first rows without any value, and with nothing but empty texts."""
    yield (None,) * len(COLUMNS)
    yield *(None,) * len(CELLS), "", "", ""
    yield *(None,) * len(CELLS), "", None, None
    for number in range(count):
        typed = [values[(number * 7 + place) % len(values)] for place, values in enumerate(CELLS.values())]
        yield *typed, *(TEXTS[(number * step + step) % len(TEXTS)] for step in (1, 3, 5))


def ways(bench: Bench) -> list[Way]:
    return ["sql", "plugin"] if bench.has_plugin() else ["sql"]


def loaded(bench: Bench, way: Way) -> str:
    """The name of a shadow with these rows."""
    shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "run")
    bench.shadows.append(shadow.id)
    load(Means(bench.site, way, bench.stack.write_url), shadow, COLUMNS, rows)
    return shadow.id


def statements(connection: psycopg.Connection[Any], table: str) -> tuple[str, str]:
    """What the script says of a table: how full texts are made, and how the table is filled."""
    connection.execute("SELECT set_config('govdata.shadow', %s, true)", (table,))
    connection.execute(content.read_text(STAGING).encode())
    row = connection.execute("SELECT current_setting('govdata.make'), current_setting('govdata.fill')").fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def texts(connection: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    return connection.execute(f'SELECT _id, _full_text::text FROM "{table}" ORDER BY _id'.encode()).fetchall()


def own(connection: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    """The full text as the site's own trigger makes it of the rows that are there."""
    connection.execute(f'UPDATE "{table}" SET _full_text = NULL'.encode())
    return texts(connection, table)


@SITES
def test_the_full_text_is_that_of_the_sites_own_trigger(bench: Bench) -> None:
    for way in ways(bench):
        table = loaded(bench, way)
        with psycopg.connect(bench.stack.write_url) as connection:
            found = texts(connection, table)
            assert len(found) == 403
            assert found[:3] == [(1, None), (2, ""), (3, "")]
            assert len({text for _, text in found}) > 200
            assert found == own(connection, table), way
            assert all(statements(connection, table)), "the rows came with their full text"
        assert bench.sql(LEFT) == []
        definition = f"SELECT pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE tgrelid = '\"{table}\"'::regclass"
        ((trigger, enabled),) = bench.sql(definition)
        assert trigger.endswith("EXECUTE FUNCTION populate_full_text_trigger()")
        assert enabled == "O"


@contextmanager
def changed(bench: Bench, old: str, new: str) -> Iterator[None]:
    """The site's trigger function with another source."""
    ((before,),) = bench.sql("SELECT pg_get_functiondef('public.populate_full_text_trigger'::regproc)")
    assert old in before
    bench.sql(before.replace(old, new).replace("{}", "{{}}"))
    try:
        yield
    finally:
        bench.sql(before)


@SITES
def test_a_site_that_has_changed_its_function_keeps_it(bench: Bench) -> None:
    with changed(bench, "string_agg(value, ' ')", "'simple', string_agg(value, ' ') || ' marked'"):
        for way in ways(bench):
            table = loaded(bench, way)
            with psycopg.connect(bench.stack.write_url) as connection:
                assert statements(connection, table) == ("", "")
                found = texts(connection, table)
                assert found == own(connection, table)
            assert sum("'marked'" in (text or "") for _, text in found) == 402
            assert any("'the'" in (text or "") for _, text in found), "no word is left out"


def test_a_load_that_fails_leaves_no_staging_table(bench: Bench) -> None:
    shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "run")
    bad = [*rows(5), ("x", *(None,) * (len(COLUMNS) - 1))]
    with pytest.raises(PublishError, match="datastore-database") as caught:
        load(Means(bench.site, "sql", bench.stack.write_url), shadow, COLUMNS, lambda: iter(bad))
    assert '"x"' in str(caught.value.arguments["what"])
    assert bench.sql(f'SELECT count(*) FROM "{shadow.id}"') == [(0,)]
    assert bench.sql(LEFT) == []


@pytest.fixture
def table(bench: Bench) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A table as CKAN makes it, of types that others give to theirs, in a transaction that is rolled back."""
    types = "json json, jsonb jsonb, whole int[], words text[], floats float8, zoned timestamptz, span interval, small int2"
    with psycopg.connect(bench.stack.write_url) as connection:
        connection.execute(f'CREATE TABLE "t-%" (_id serial PRIMARY KEY, _full_text tsvector, {types}, _hidden text)'.encode())
        trigger = 'CREATE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON "t-%" FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()'
        connection.execute(trigger.encode())
        yield connection, "t-%"
        connection.rollback()


def test_other_types_have_the_texts_that_json_gives_them(table: tuple[psycopg.Connection[Any], str]) -> None:
    connection, name = table
    connection.execute("SET LOCAL DateStyle = 'SQL, DMY'")
    connection.execute("SET LOCAL TimeZone = 'Asia/Shanghai'")
    make, fill = statements(connection, name)
    lines = (
        '1\t{"a": [1,  "徐汇"], "b": "\\\\u0041"}\t{"a":[1,"二"]}\t{1,NULL}\t{a,"b c",NULL}\t1e-7\t2026-01-05 08:00:00+08\t1 day\t7\n'
        '2\t"\\\\"x\\\\""\tnull\t{}\t{}\tNaN\tinfinity\t-00:00:01\t-7\n3\tnull\t1.50\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n'
    )
    with connection.cursor().copy("COPY pg_temp.govdata_staged FROM STDIN") as copy:
        copy.write(lines)
    connection.execute(make.encode())
    connection.execute(fill.encode())
    found = texts(connection, name)
    assert [number for number, _ in found] == [1, 2, 3]
    assert found == own(connection, name)


@pytest.mark.parametrize(
    "change",
    [
        'ALTER TABLE "t-%" DISABLE TRIGGER zfulltext',
        'DROP TRIGGER zfulltext ON "t-%"',
        'CREATE TRIGGER t000 BEFORE INSERT ON "t-%" FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()',
        'CREATE OR REPLACE TRIGGER zfulltext BEFORE INSERT ON "t-%" FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()',
        'CREATE OR REPLACE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON "t-%" FOR EACH ROW WHEN (NEW.small > 0) '
        "EXECUTE PROCEDURE populate_full_text_trigger()",
        "ALTER FUNCTION populate_full_text_trigger() SET default_text_search_config = 'simple'",
        "ALTER FUNCTION populate_full_text_trigger() SECURITY DEFINER",
        'ALTER TABLE "t-%" ENABLE ROW LEVEL SECURITY',
        'CREATE RULE nothing AS ON INSERT TO "t-%" DO INSTEAD NOTHING',
        'ALTER TABLE "t-%" RENAME TO "t-other"',
    ],
)
def test_anything_unknown_leaves_the_sites_own_way(table: tuple[psycopg.Connection[Any], str], change: str) -> None:
    connection, name = table
    connection.execute("SAVEPOINT before")
    assert all(statements(connection, name))
    connection.execute("ROLLBACK TO before")
    connection.execute(change.encode())
    assert statements(connection, name) == ("", "")
