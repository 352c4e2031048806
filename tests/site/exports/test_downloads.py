"""Data as it can be fetched: the bytes that were checked, the same canonical values in CSV and Parquet, whichever way they were read."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.checks.context import CheckContext
from govdata.classes import replace
from govdata.errors import PublishError
from govdata.publishing import frames
from govdata.publishing.frames import frames_of, quick_rows_of
from govdata.publishing.rows import rows_of
from govdata.publishing.site.exports import downloads
from govdata.publishing.site.exports.downloads import Fetched, write_downloads
from govdata.publishing.site.exports.naming import FileNames
from govdata.publishing.site.exports.packages import data_package
from govdata.publishing.site.records import Resource as Shown
from govdata.reading.texts import blocks, table
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import Dataset, DatasetReport, Resource, ResourceReport
from tests.site.exports import samples

FIELDS: list[dict[str, Any]] = [
    {"name": "编号", "type": "string"},
    {"name": "整数", "type": "integer"},
    {"name": "数", "type": "number", "decimalChar": ","},
    {"name": "日", "type": "date", "format": "%Y/%m/%d"},
    {"name": "时", "type": "datetime"},
    {"name": "是", "type": "boolean", "trueValues": ["是"], "falseValues": ["否"]},
    {"name": "文", "type": "string", "missingValues": ["-"]},
    {"name": "钟", "type": "time"},
    {"name": "年", "type": "year"},
    {"name": "缺", "type": "integer"},
]
HEADER = "编号,整数,数,日,时,是,文,钟,年,多\n"


def context() -> CheckContext:
    return CheckContext(Settings(today=date(2026, 1, 5)), read_library().standard("national"))


def resource(path: Path, fields: Sequence[Mapping[str, Any]] = FIELDS, **more: Any) -> Resource:
    schema = {"fields": list(fields), "fieldsMatch": "partial"}
    given = {"format": path.suffix[1:], "schema": schema, **more}
    return Resource(id=more.pop("id", path.name), path=path, file=path.name, **{key: value for key, value in given.items() if key != "id"})


def fetch(folder: Path, *resources: Resource, safe_csv: bool = False, rows: int | None = 1) -> dict[str, Fetched]:
    """Write the downloads of resources that were checked just now."""
    seen = [
        ResourceReport(item.id, item.file, sha256=hashlib.sha256(item.path.read_bytes()).hexdigest(), rows=rows, schema=True)
        for item in resources
    ]
    dataset = Dataset(resources[0].path.parent, "停车场", "entry", resources=resources)
    report = DatasetReport("停车场", "1", "t", True, None, tuple(seen), {}, (), (), {}, 0, (), ())
    return write_downloads(dataset, report, context(), samples.portal(safe_csv=safe_csv), folder)


def line(number: int, pick: random.Random) -> str:
    texts = ["普通", '"引""号"', '"逗,号"', "=1+1", " 空 ", "-", '""', "'", "é😀"]
    moments = ["2026-01-05T08:00:00", "2026-01-05 08:00:00", "", "2026-01-05T08:00:00.500"]
    integers = ["7", "+007", "-0", "", "123456789012345678", "0"]
    cells = [
        pick.choice(texts),
        pick.choice(integers),
        pick.choice(['"1,50"', '"-0,0"', "7", "", "1e3"]),
        pick.choice(["2026/01/05", "", "2025/12/31"]),
        pick.choice(moments),
        pick.choice(["是", "否", ""]),
        pick.choice(texts),
        pick.choice(["08:00:00", ""]),
        pick.choice(["2026", "0999", ""]),
        str(number),
    ]
    return ",".join(cells) + "\n"


def text_table(rows: int, seed: int = 1) -> str:
    pick = random.Random(seed)
    return HEADER + "".join(line(number, pick) for number in range(rows))


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    def cut(*given: Any) -> Any:
        return blocks.read_blocks(*given, size=size)

    monkeypatch.setattr(table, "read_blocks", cut)


def without_polars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "has_parquet", lambda: False)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "odd", ["", "\n", ",,,,,,,,,\n", 'a"b,1,,,,,,,,\n', '"两\n行",1,,,,,,,,\n'], ids=["plain", "blank", "empty", "stray", "lines"]
)
def test_both_ways_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, odd: str) -> None:
    text = text_table(300) + odd + text_table(300, 2).removeprefix(HEADER)
    (tmp_path / "t.csv").write_bytes(text.encode(encoding).replace("😀".encode(encoding), "啊".encode(encoding)))
    small_blocks(monkeypatch, 1500)
    item = resource(tmp_path / "t.csv", encoding=encoding)
    rows = list(rows_of(item, context()))
    assert [row for frame in frames_of(item, context()) for row in frame.rows()] == rows
    monkeypatch.setattr(frames, "WORTH", 0)
    assert list(quick_rows_of(item, context())) == rows
    assert len(rows) == 600 + (odd[:1] in 'a"' and bool(odd))
    fetched = fetch(tmp_path / "a", item, safe_csv=True)["t.csv"]
    without_polars(monkeypatch)
    alone = fetch(tmp_path / "b", item, safe_csv=True)["t.csv"]
    assert alone.downloads == fetched.downloads[:-1]
    assert alone.preview == fetched.preview
    assert alone.rows == fetched.rows == len(rows)


def test_parquet_holds_the_values_of_the_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.csv").write_text(text_table(5000))
    fetched = fetch(tmp_path / "a", resource(tmp_path / "t.csv"))["t.csv"]
    original, plain, parquet = fetched.downloads
    assert [original.kind, plain.kind, parquet.kind] == ["original", "csv", "parquet"]
    assert (tmp_path / "a" / original.name).read_bytes() == (tmp_path / "t.csv").read_bytes()
    frame = pl.read_parquet(tmp_path / "a" / parquet.name)
    kinds = [pl.String, pl.Int64, pl.Float64, pl.Date, pl.Datetime("us"), pl.Boolean, pl.String, pl.Time, pl.Int32, pl.Int64]
    assert frame.dtypes == kinds
    found = read((tmp_path / "a" / plain.name).read_bytes())
    assert found[0] == [field["name"] for field in FIELDS] == frame.columns
    assert len(found) - 1 == frame.height == fetched.rows == 5000
    for texts, values in zip(found[1:], frame.rows(), strict=True):
        assert [_same(text, value) for text, value in zip(texts, values, strict=True)] == [True] * len(FIELDS)
    small_blocks(monkeypatch, 10_000)
    assert fetch(tmp_path / "b", resource(tmp_path / "t.csv"))["t.csv"].downloads == fetched.downloads


def _same(text: str, value: Any) -> bool:
    if value is None:
        return text in ("", "-")
    if isinstance(value, bool):
        return text == str(value).lower()
    if isinstance(value, float):
        return float(text) == value
    if isinstance(value, int):
        return int(text) == value
    return text.rstrip("0") == str(value).rstrip("0") if "." in text else text == str(value)


CELLS = st.text(alphabet=st.sampled_from("a=+-@\"',; \t1０－中é\r\n"), max_size=4)


@settings(max_examples=150)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_any_text_comes_back(rows: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "t.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
        fields = [{"name": "a"}, {"name": "b", "missingValues": ["-"]}]
        item = resource(folder / "t.csv", fields, encoding="utf-8")
        wanted = [row for row in rows if any(row)]
        if not wanted:
            return
        fetched = fetch(folder / "a", item, safe_csv=True)["t.csv"]
        assert [tuple(row) for row in read((folder / "a" / "data/t.csv").read_bytes())[1:]] == wanted
        defused = read((folder / "a" / "data/t-safe.csv").read_bytes())[1:]
        for before, after in zip(wanted, defused, strict=True):
            assert [text.removeprefix("'") if text[:1] != old[:1] else text for text, old in zip(after, before, strict=True)] == list(
                before
            )
        frame = pl.read_parquet(folder / "a" / fetched.downloads[-1].name)
        assert frame.rows() == [(a or None, None if b == "-" else b) for a, b in wanted]


def test_no_cell_begins_like_a_formula_where_that_is_asked(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('=名,数,文\n=1+1,-5,@SUM(A1)\n+1,7,-1\n＝1,,文\n"\t1",,\n', encoding="utf-8")
    fields = [{"name": "=名"}, {"name": "数", "type": "integer"}, {"name": "文"}]
    fetched = fetch(tmp_path / "a", resource(tmp_path / "t.csv", fields), safe_csv=True)["t.csv"]
    kinds = {item.kind: (tmp_path / "a" / item.name).read_bytes() for item in fetched.downloads}
    assert kinds["csv-safe"].startswith(b"\xef\xbb\xbf")
    assert not kinds["csv"].startswith(b"\xef\xbb\xbf")
    assert read(kinds["csv-safe"]) == [
        ["'=名", "数", "文"],
        ["'=1+1", "-5", "'@SUM(A1)"],
        ["'+1", "7", "'-1"],
        ["'＝1", "", "文"],
        ["'\t1", "", ""],
    ]
    assert read(kinds["csv"])[1] == ["=1+1", "-5", "@SUM(A1)"]


def test_a_file_that_changed_after_the_check_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")
    item = resource(path, [{"name": "a"}])
    seen = ResourceReport(item.id, item.file, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), rows=1)
    path.write_text("a\n2\n")
    report = DatasetReport("d", "1", "t", True, None, (seen,), {}, (), (), {}, 0, (), ())
    with pytest.raises(PublishError, match="export-file-changed"):
        write_downloads(Dataset(tmp_path, "d", "entry", resources=(item,)), report, context(), samples.portal(), tmp_path / "a")


def test_sheets_of_a_workbook_share_their_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [["a", "日"], [1.5, date(2026, 1, 5)], ["@x", None]]:
        book.active.append(row)
    book.create_sheet("第二 页").append(["b"])
    book["第二 页"].append([7])
    book.save(tmp_path / "t.xlsx")
    fields = [{"name": "a"}, {"name": "日", "type": "date"}]
    first = resource(tmp_path / "t.xlsx", fields, id="1", sheet="Sheet")
    second = resource(tmp_path / "t.xlsx", [{"name": "b", "type": "integer"}], id="2", sheet="第二 页")
    found = fetch(tmp_path / "a", first, second)
    assert found["1"].downloads[0] == found["2"].downloads[0]
    assert [item.name for item in found["2"].downloads] == ["data/original/t.xlsx", "data/t-第二 页.csv", "data/t-第二 页.parquet"]
    assert (tmp_path / "a/data/t-Sheet.csv").read_text() == "a,日\n1.5,2026-01-05\n@x,\n"
    assert pl.read_parquet(tmp_path / "a/data/t-第二 页.parquet").rows() == [(7,)]


def test_a_table_of_a_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "t.sqlite")) as connection:
        connection.execute("CREATE TABLE p (k INTEGER PRIMARY KEY, n REAL, t TEXT)")
        connection.executemany("INSERT INTO p VALUES (?, ?, ?)", [(1, 0.5, "甲"), (2, None, "")])
        connection.commit()
    fields = [{"name": "k", "type": "integer"}, {"name": "n", "type": "number"}, {"name": "t"}]
    fetched = fetch(tmp_path / "a", resource(tmp_path / "t.sqlite", fields, sheet="p"))["t.sqlite"]
    assert [item.kind for item in fetched.downloads] == ["original", "csv", "parquet"]
    assert (tmp_path / "a/data/t-p.csv").read_text() == "k,n,t\n1,0.5,甲\n2,,\n"


@pytest.mark.parametrize("polars", [True, False])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_of_a_database_that_changes_after_it_was_copied_the_copy_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, polars: bool
) -> None:
    path, copyfile = tmp_path / "t.sqlite", shutil.copyfile

    def put(statement: str) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()

    def copied(source: Path, place: Path) -> None:
        copyfile(source, place)
        put("INSERT INTO p VALUES ('unchecked')")

    put(f"PRAGMA journal_mode={mode}")
    put("CREATE TABLE p (t TEXT)")
    monkeypatch.setattr(downloads.shutil, "copyfile", copied)
    if not polars:
        without_polars(monkeypatch)
    fetch(tmp_path / "a", resource(path, [{"name": "t"}], sheet="p"))
    assert (tmp_path / "a/data/t-p.csv").read_text() == "t\n"


@pytest.mark.parametrize("polars", [True, False])
def test_what_lies_beside_a_database_by_now_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, polars: bool) -> None:
    path = tmp_path / "t.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE p (t TEXT)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        seen = resource(path, [{"name": "t"}], sheet="p")
        connection.execute("INSERT INTO p VALUES ('unchecked')")
        if not polars:
            without_polars(monkeypatch)
        with pytest.raises(PublishError, match="export-file-changed"):
            fetch(tmp_path / "a", seen)


@pytest.mark.parametrize("polars", [True, False])
def test_what_has_no_canonical_form_is_offered_as_it_is_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, polars: bool) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,1\n2,NaN\n")
    if not polars:
        without_polars(monkeypatch)
    fetched = fetch(tmp_path / "a", resource(tmp_path / "t.csv", [{"name": "a"}, {"name": "b", "type": "number"}]), rows=2)["t.csv"]
    assert [item.kind for item in fetched.downloads] == ["original"]
    assert "第 3 行“b”" in fetched.remarks[0].zh
    assert "row 3, “b”" in fetched.remarks[0].en
    assert sorted(path.name for path in (tmp_path / "a/data").iterdir()) == ["SHA256SUMS", "original"]


def test_integers_that_are_too_wide_are_texts_in_parquet(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,1\n123456789012345678901234567890,2\n")
    fields = [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}]
    fetched = fetch(tmp_path / "a", resource(tmp_path / "t.csv", fields))["t.csv"]
    frame = pl.read_parquet(tmp_path / "a" / fetched.downloads[-1].name)
    assert frame.rows() == [("1", 1), ("123456789012345678901234567890", 2)]


def test_an_empty_table_and_one_of_one_column(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("a,b\n")
    (tmp_path / "o.csv").write_text("a,x\n1,1\n,2\n3,3\n")
    found = fetch(
        tmp_path / "a",
        resource(tmp_path / "e.csv", [{"name": "a"}, {"name": "b"}], rows=0),
        resource(tmp_path / "o.csv", [{"name": "a"}]),
        rows=0,
    )
    assert (tmp_path / "a/data/e.csv").read_text() == "a,b\n"
    assert pl.read_parquet(tmp_path / "a/data/e.parquet").shape == (0, 2)
    assert (tmp_path / "a/data/o.csv").read_text() == 'a\n1\n""\n3\n'
    assert found["e.csv"].rows == 0


def test_files_that_are_no_tables_are_copied(tmp_path: Path) -> None:
    (tmp_path / "t.pdf").write_bytes(b"%PDF-1.4 x")
    fetched = fetch(tmp_path / "a", resource(tmp_path / "t.pdf"), rows=None)["t.pdf"]
    assert [(item.name, item.media_type) for item in fetched.downloads] == [("data/original/t.pdf", "application/pdf")]


def test_sums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "停车 场.csv").write_text(text_table(30))
    fetched = fetch(tmp_path / "a", resource(tmp_path / "停车 场.csv"), safe_csv=True)["停车 场.csv"]
    told = dict(reversed(row.split("  ", 1)) for row in (tmp_path / "a/data/SHA256SUMS").read_text().splitlines())
    assert told == {item.name.removeprefix("data/"): item.sha256 for item in fetched.downloads}
    for item in fetched.downloads:
        data = (tmp_path / "a" / item.name).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (item.sha256, item.size)


def test_the_preview_is_short(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "x" * 10_000 + ",\n" + "y,z\n" * 50)
    preview = fetch(tmp_path / "a", resource(tmp_path / "t.csv", [{"name": "a"}, {"name": "b"}]))["t.csv"].preview
    assert preview is not None
    assert preview.columns == ("a", "b")
    assert len(preview.rows) == 20
    assert preview.rows[0] == ("x" * 500, None)


def test_names_are_fit_for_every_file_system() -> None:
    names = FileNames()
    given = [
        names.give("data/", stem, ".csv")
        for stem in ("停车场", "停车场", "A", "a", "é", "e\u0301", "CON", "a/b:c*", "..", "", "长" * 300, "x\u202ey\n")
    ]
    assert len({name.casefold() for name in given}) == len(given)
    assert given[:4] == ["data/停车场.csv", "data/停车场-2.csv", "data/A.csv", "data/a-2.csv"]
    assert given[6:9] == ["data/_CON.csv", "data/a-b-c.csv", "data/data.csv"]
    assert all(len(name.encode()) < 143 and name.isprintable() for name in given)


@pytest.mark.parametrize("rows", [200])
def test_frictionless_reads_the_package(tmp_path: Path, rows: int) -> None:
    (tmp_path / "t.csv").write_bytes(text_table(rows).replace("😀", "").encode("gb18030"))
    item = resource(tmp_path / "t.csv", encoding="gb18030")
    fetched = fetch(tmp_path / "a", item)["t.csv"]
    shown = Shown("t.csv", "1", "表", schema=item.schema, downloads=fetched.downloads)
    descriptor = data_package(replace(samples.PARKING, resources=(shown,)), samples.portal())
    (tmp_path / "a/datapackage.json").write_text(json.dumps(descriptor))
    report = frictionless.Package(str(tmp_path / "a/datapackage.json")).validate()
    assert report.flatten(["rowNumber", "fieldName", "type", "note"]) == []
    (table_,) = frictionless.Package(str(tmp_path / "a/datapackage.json")).resources
    values = [list(row.to_dict().values()) for row in table_.read_rows()]
    frame = pl.read_parquet(tmp_path / "a" / fetched.downloads[-1].name)
    assert [[str(v) if k != 2 else float(v) for k, v in enumerate(row) if v is not None] for row in values] == [
        [str(v) if k != 2 else v for k, v in enumerate(row) if v is not None] for row in frame.rows()
    ]


@pytest.mark.parametrize("polars", [True, False])
def test_names_with_white_space_around_them_are_found_by_frictionless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, polars: bool
) -> None:
    if not polars:
        without_polars(monkeypatch)
    (tmp_path / "t.csv").write_text("编号 ,\u3000数\n1,2\n", encoding="utf-8")
    item = resource(tmp_path / "t.csv", [{"name": "编号 "}, {"name": "\u3000数", "type": "integer"}])
    item = replace(item, schema={**(item.schema or {}), "primaryKey": "编号 "})
    shown = Shown("t.csv", "1", "表", schema=item.schema, downloads=fetch(tmp_path / "a", item)["t.csv"].downloads)
    descriptor = data_package(replace(samples.PARKING, resources=(shown,)), samples.portal())
    assert descriptor["resources"][0]["schema"]["primaryKey"] == ["编号"]
    (tmp_path / "a/datapackage.json").write_text(json.dumps(descriptor))
    report = frictionless.Package(str(tmp_path / "a/datapackage.json")).validate()
    assert report.flatten(["rowNumber", "fieldName", "type", "note"]) == []
