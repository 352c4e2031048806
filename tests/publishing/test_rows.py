"""Canonical rows: what PostgreSQL itself would write, whatever the file's spelling; and what no table can hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata.checks.context import CheckContext
from govdata.errors import PublishError
from govdata.publishing.ckan.sums import RowSum, as_shown, read_back
from govdata.publishing.rows import rows_of
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import Resource


@pytest.fixture(scope="module")
def context() -> CheckContext:
    """The national standard."""
    return CheckContext(Settings(today=date(2026, 1, 5)), read_library().standard("national"))


def read(tmp_path: Path, context: CheckContext, text: str, *fields: Mapping[str, Any], **more: Any) -> list[tuple[str | None, ...]]:
    """The rows of a CSV file with these fields."""
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode())
    return list(rows_of(Resource("t", path, "t.csv", "csv", schema={"fields": list(fields), **more}), context))


CASES = [
    ("integer", {}, "7", "7"),
    ("integer", {}, "+007", "7"),
    ("integer", {}, "-0", "0"),
    ("integer", {}, "123456789012345678901234567890", "123456789012345678901234567890"),
    ("integer", {"groupChar": ","}, '"1,234"', "1234"),
    ("number", {}, "1.50", "1.50"),
    ("number", {}, "-0.0", "0.0"),
    ("number", {}, ".5", "0.5"),
    ("number", {}, "5.", "5"),
    ("number", {}, "1e3", "1000"),
    ("number", {}, "0e5", "0"),
    ("number", {}, "1e-3", "0.001"),
    ("number", {}, "0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ("number", {}, "1e400", "1" + "0" * 400),
    ("number", {"decimalChar": ",", "groupChar": "."}, '"1.234,5"', "1234.5"),
    ("number", {"bareNumber": False}, "8.50元", "8.50"),
    ("boolean", {}, "1", "true"),
    ("boolean", {"trueValues": ["是"], "falseValues": ["否"]}, "否", "false"),
    ("date", {}, "2026-01-05", "2026-01-05"),
    ("date", {}, "0001-01-01", "0001-01-01"),
    ("date", {"format": "%Y/%m/%d"}, "2026/01/05", "2026-01-05"),
    ("date", {"format": "%Y年%m月%d日"}, "2026年01月05日", "2026-01-05"),
    ("datetime", {}, "2026-01-05T08:00:00", "2026-01-05 08:00:00"),
    ("datetime", {}, "2026-01-05T08:00:00.500", "2026-01-05 08:00:00.5"),
    ("datetime", {}, "2026-01-05T08:00:00+08:00", "2026-01-05 00:00:00"),
    ("datetime", {}, "0999-01-05T08:00:00Z", "0999-01-05 08:00:00"),
    ("time", {}, "08:00:00", "08:00:00"),
    ("year", {}, "2026", "2026"),
    ("yearmonth", {}, "2026-01", "2026-01"),
    ("duration", {}, "P1Y2M", "P1Y2M"),
    ("geopoint", {}, '"121.50, 31.10"', "121.50,31.10"),
    ("object", {}, '"{""b"": 1, ""a"": ""x""}"', '{"a":"x","b":1}'),
    ("array", {}, '"[1.50, 2]"', "[1.50, 2]"),
    ("list", {}, '"a,b"', '["a","b"]'),
    ("string", {}, " x ", " x "),
    ("string", {"missingValues": ["-"]}, '""', ""),
    ("string", {"missingValues": ["-"]}, "-", None),
    ("integer", {"missingValues": ["", "-999"]}, "-999", None),
    ("any", {}, "x", "x"),
]


@pytest.mark.parametrize(("kind", "more", "written", "wanted"), CASES)
def test_values_are_canonical(tmp_path: Path, context: CheckContext, kind: str, more: Mapping[str, Any], written: str, wanted: str) -> None:
    fields = [{"name": "v", "type": kind, **more}, {"name": "n"}]
    assert read(tmp_path, context, f"v,n\n{written},a\n,b\n", *fields) == [
        (wanted, "a"),
        ("" if "-" in more.get("missingValues", ()) else None, "b"),
    ]


@pytest.mark.parametrize(
    ("kind", "written", "why"),
    [
        ("number", "NaN", "datastore-not-finite"),
        ("number", "-INF", "datastore-not-finite"),
        ("number", "1e131072", "datastore-number-size"),
        ("number", "1e-16384", "datastore-number-size"),
        ("integer", "x", "datastore-unread"),
        ("date", "0000-01-01", "datastore-unread"),
        ("datetime", "0001-01-01T00:00:00+08:00", "datastore-year"),
        ("time", "08:00:00Z", "datastore-time-zone"),
    ],
)
def test_values_that_no_table_holds_are_told_with_their_place(
    tmp_path: Path, context: CheckContext, kind: str, written: str, why: str
) -> None:
    with pytest.raises(PublishError) as caught:
        read(tmp_path, context, f"v\n\n{written}\n", {"name": "v", "type": kind})
    args = caught.value.arguments
    assert (caught.value.key, args["why"], args["row"], args["field"], args["file"]) == ("datastore-value", why, 3, "v", "t.csv")


def test_moments_with_and_without_a_zone_have_no_order(tmp_path: Path, context: CheckContext) -> None:
    text = "v\n2026-01-05T08:00:00Z\n2026-01-05T08:00:00\n"
    with pytest.raises(PublishError) as caught:
        read(tmp_path, context, text, {"name": "v", "type": "datetime"})
    assert caught.value.arguments["why"] == "datastore-zones"


def test_columns_come_in_the_order_of_the_schema_and_others_not_at_all(tmp_path: Path, context: CheckContext) -> None:
    text = "b,c,id\n1,x,甲\n2,y,\n"
    fields = [{"name": "a", "x-english": "id"}, {"name": "b", "type": "integer"}, {"name": "d"}]
    assert read(tmp_path, context, text, *fields, fieldsMatch="partial") == [("甲", "1", None), (None, "2", None)]


def test_a_workbook_gives_the_same(tmp_path: Path, context: CheckContext) -> None:
    from datetime import datetime

    import openpyxl

    book = openpyxl.Workbook()
    for row in [["编号", "数", "日", "时", "是"], ["001", 1.5, date(2026, 1, 5), datetime(2026, 1, 5, 8), True], [7, 2, None, None, False]]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    kinds = {"编号": "string", "数": "number", "日": "date", "时": "datetime", "是": "boolean"}
    resource = Resource("t", tmp_path / "t.xlsx", "t.xlsx", "xlsx", schema={"fields": [{"name": k, "type": v} for k, v in kinds.items()]})
    assert list(rows_of(resource, context)) == [
        ("001", "1.5", "2026-01-05", "2026-01-05 08:00:00", "true"),
        ("7", "2", None, None, "false"),
    ]


def test_a_file_that_is_gone_is_told(tmp_path: Path, context: CheckContext) -> None:
    with pytest.raises(PublishError, match="datastore-unreadable"):
        list(rows_of(Resource("t", tmp_path / "t.csv", "t.csv", "csv", schema={"fields": [{"name": "a"}]}), context))


def test_the_sum_does_not_depend_on_the_order_and_sees_every_change() -> None:
    rows = [("1", "a"), ("2", None), ("2", ""), ("2", "\\N"), ("x\ty", "z"), ("x", "y\tz")]
    assert summed(rows) == summed(rows[::-1])
    assert len({summed([row]) for row in rows[:3]}) == 3
    assert summed(rows[:2]) != summed([rows[0], rows[0]])


def summed(rows: list[tuple[str | None, ...]]) -> tuple[int, str]:
    """Rows and checksum of these rows."""
    total = RowSum()
    for row in rows:
        total.add(row)
    return total.rows, total.checksum


def test_lines_are_those_of_copy() -> None:
    assert RowSum().add(("a", None, "\\", "b\tc\nd\re", "\\N")) == "a\t\\N\t\\\\\tb\\tc\\nd\\re\t\\\\N"


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b"])
def test_characters_that_no_database_takes(bad: str) -> None:
    with pytest.raises(PublishError) as caught:
        RowSum().add(("x", bad))
    assert (caught.value.key, caught.value.arguments["row"]) == ("datastore-character", 1)


def test_rows_taken_in_at_once_give_the_same_sum() -> None:
    rows = [("1", None, "制表\t"), ("2", "", "\\N"), (None, None, "\n")]
    total = RowSum()
    total.take(rows)
    assert (total.rows, total.checksum) == summed(rows)


@pytest.mark.parametrize(
    "rows",
    [
        [("1", None, "徐汇"), (None, None, None), ("", "", "'\"")],
        [("1", "a", "b"), ("2", "制表\t", "b"), ("3", None, "\n")],
        [("1", "\\N", None), ("2", "\\", "\r")],
        [("1",), (None,), ("",)],
        [("\n",), ("a",)],
        [("x", "y")] * 3000,
        [("x\0", "y")],
        [],
    ],
)
def test_frames_give_the_lines_and_the_sum_of_their_rows(rows: list[tuple[str | None, ...]]) -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(rows, schema={str(number): pl.String for number in range(len(rows[0]) if rows else 2)}, orient="row")
    one, other = RowSum(3, 7), RowSum(3, 7)
    if any("\0" in (value or "") for row in rows for value in row):
        with pytest.raises(PublishError) as caught:
            other.add_frame(frame)
        assert caught.value.arguments["row"] == 4
        return
    assert other.add_frame(frame) == [one.add(row) for row in rows]
    assert other == one


def cells(text: str, types: list[str]) -> list[tuple[str | None, ...]]:
    """The rows of a page."""
    return list(map(tuple, read_back(text, types)))


def test_what_ckan_shows_is_read_back() -> None:
    text = '1,"a ""b"", c",,"",t,2026-01-05T08:00:00.500\n2,"x\ny",2.50,z,f,2026-01-05T08:00:00.000\n,,,,,\n'
    types = ["int8", "text", "numeric", "text", "bool", "timestamp"]
    assert cells(text, types) == [
        ("1", 'a "b", c', None, "", "true", "2026-01-05 08:00:00.5"),
        ("2", "x\ny", "2.50", "z", "false", "2026-01-05 08:00:00"),
        (None,) * 6,
    ]
    long = "长" * 200_000
    assert cells(f'1,"a\nb",,t,2026-01-05T08:00:00.500\n,{long},,,\n', ["int8", "text", "text", "bool", "timestamp"]) == [
        ("1", "a\nb", None, "true", "2026-01-05 08:00:00.5"),
        (None, long, None, None, None),
    ]
    assert cells('x\n\n""\n', ["text"]) == [("x",), (None,), ("",)]
    assert cells("x\n\n", ["text"]) == [("x",), (None,)]
    assert cells("1,yes\n", ["int8", "bool"]) == [("1", "yes")], "what CKAN has no word for differs from all that was sent"
    assert as_shown(("x", "2026-01-05 08:00:00.123456"), [1]) == ["x", "2026-01-05 08:00:00.123"]
    assert as_shown(("2026-01-05 08:00:00.123456", "2026-01-05 08:00:00.5"), [1]) is None
