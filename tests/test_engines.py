"""The columns engine against the row engine: the same report, whatever the blocks, the workers and the mistakes."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest

from govdata import cache, content, outcomes, validation
from govdata.engines import choice
from govdata.errors import EngineError
from govdata.formats.json import to_mapping

pytest.importorskip("polars")

from govdata.engines.columns import settling, spending
from govdata.reading.texts import blocks

FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True, "minimum": 1}},
    {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 6}},
    {"name": "opened", "type": "date", "constraints": {"minimum": "2000-01-01"}},
    {"name": "amount", "type": "number", "constraints": {"minimum": 0}},
    {"name": "code", "type": "string", "semantic": "uscc"},
    {"name": "kind", "type": "string", "constraints": {"enum": ["a", "b"], "pattern": "[a-z]"}},
    {"name": "seen", "type": "datetime"},
    {"name": "lon", "type": "number", "semantic": "longitude"},
    {"name": "lat", "type": "number", "semantic": "latitude"},
    {"name": "note", "type": "string"},
]
SCHEMA = {
    "fields": FIELDS,
    "primaryKey": ["id"],
    "uniqueKeys": [["name", "opened"]],
    "foreignKeys": [
        {"fields": ["kind"], "reference": {"resource": "kinds", "fields": ["kind"]}},
        {"fields": ["kind", "name"], "reference": {"resource": "kinds", "fields": ["kind", "name"]}},
    ],
}
GOOD = ("{n}", "甲{m}", "2020-02-{d:02}", "{n}.5", "91110000999999904C", "ab"[:1], "2024-05-01T02:11:36", "121.47", "31.23", "说明")
BAD = (
    ("x", "", "０7", "-3", " 5", "9" * 25, "1"), ("", "七个汉字的名称", "甲1"), ("2020-02-30", "2020-2-3", "1999-12-31", "２０２０-01-01"),
    ("1,200", "NaN", "-1", "1e3", "1" * 20), ("91110000I99999904C", "9111000099999990"), ("c", "A", ""), ("2024-05-01 02:11:36", "x"),
    ("31.23", "x", ""), ("121.47", "", "400"), ('"带,号"', '"两\n行"', '"一""个"', "电话13800138000。", "11010118850101001x"),
)  # fmt: skip


def rows(chosen: random.Random, count: int, share: float) -> list[list[str]]:
    """Rows of which some have mistakes of every kind."""
    made = []
    for number in range(1, count + 1):
        row = [cell.format(n=number, m=number % 50, d=number % 28 + 1) for cell in GOOD]
        if chosen.random() < share:
            place = chosen.randrange(len(row))
            row[place] = chosen.choice(BAD[place])
        if chosen.random() < share / 5:
            row = chosen.choice([[*row, "多"], row[:-2], [], [""] * len(row), ["a", *row], ['x"y', *row[1:]]])
        made.append(row)
    return made


def lay_out(folder: Path, table: list[list[str]], end: str = "\n", encoding: str = "utf-8") -> Path:
    """A data package with the table and the one that it refers to."""
    folder.mkdir()
    header = ",".join(field["name"] for field in FIELDS)
    (folder / "data.csv").write_bytes(end.join([header, *map(",".join, table), ""]).encode(encoding))
    (folder / "kinds.csv").write_text("kind,name\na,甲1\nb,甲2\na,甲3\n", encoding="utf-8")
    kinds = {"name": "kinds", "path": "kinds.csv", "schema": {"fields": [{"name": "kind"}, {"name": "name"}]}}
    package = {"name": "p", "resources": [{"name": "data", "path": "data.csv", "schema": SCHEMA}, kinds]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


def report(folder: Path, engine: str, limit: object = "all", **more: Any) -> dict[str, Any]:
    """What is reported, but for the options."""
    told = to_mapping(validation.validate(folder, engine=engine, limit=limit, today=validation.Settings().today, **more))
    told["run"].pop("settings")
    return told


@pytest.mark.parametrize("seed", range(8))
def test_both_engines_report_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(seed)
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (chosen.choice([200, 4000, 1 << 20]),))
    monkeypatch.setattr(settling, "STEP", chosen.choice([1, 7, 500]))
    end, encoding = chosen.choice(["\n", "\r\n"]), chosen.choice(["utf-8", "gb18030"])
    folder = lay_out(tmp_path / "p", rows(chosen, 300, chosen.choice([0.0, 0.05, 0.5])), end, encoding)
    for limit in ("all", 1000, 5):
        plain, columns = report(folder, "plain", limit), report(folder, "columns", limit)
        assert columns == plain, limit


def test_a_file_in_which_every_row_is_wrong_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "EACH", 110)
    monkeypatch.setattr(settling, "STEP", 10)
    table = rows(random.Random(1), 400, 0.0)
    for row in table:
        row[2], row[3] = "2020/02/01", "x"
    folder = lay_out(tmp_path / "p", table)
    (found,) = report(folder, "columns", 1000)["datasets"]
    (exact,) = report(folder, "plain", 1000)["datasets"]
    assert found["counts"]["table/type-error"]["count"] == exact["counts"]["table/type-error"]["count"] == 800
    assert [item["row"] for item in found["findings"]] == [item["row"] for item in exact["findings"]]
    for row in table:
        row[3] = "１０"
    folder = lay_out(tmp_path / "q", [[*row[:1], "很长很长很长很长", *row[2:]] for row in table])
    (found,) = report(folder, "columns", 1000)["datasets"]
    assert found["counts"]["table/constraint-error"]["exact"] is False
    assert not found["valid"]


def test_without_a_limit_there_is_no_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "EACH", 5)
    monkeypatch.setattr(spending, "TOGETHER", 9)
    folder = lay_out(tmp_path / "p", rows(random.Random(2), 200, 0.9))
    assert report(folder, "columns") == report(folder, "plain")


def test_many_duplicates_are_compared_by_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.engines.columns import duplicates, keys

    monkeypatch.setattr(duplicates, "FEW", 3)
    monkeypatch.setattr(keys, "MEMORY", 64)
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (300,))
    table = rows(random.Random(3), 200, 0.1)
    for number, row in enumerate(table[100:]):
        row[:1] = [str(number % 40)]
    folder = lay_out(tmp_path / "p", table)
    for limit in (1000, 5):
        assert report(folder, "columns", limit) == report(folder, "plain", limit)


def put(folder: Path, schema: dict[str, Any], text: str) -> None:
    """A package of one table."""
    package = {"name": "p", "resources": [{"name": "data", "path": "data.csv", "schema": schema}]}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / "data.csv").write_text(text, encoding="utf-8")


def test_many_duplicates_in_a_column_that_is_not_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.engines.columns import duplicates

    monkeypatch.setattr(duplicates, "FEW", 3)
    fields = [{"name": "a"}, {"name": "b", "constraints": {"unique": True}}]
    put(tmp_path, {"fields": fields}, "a,b\n" + "".join(f"{number},x{number % 9}\n" for number in range(40)))
    told = report(tmp_path, "columns", 1000)
    assert told == report(tmp_path, "plain", 1000)
    assert told["datasets"][0]["counts"]["table/unique-error"]["count"] == 31


def test_numbers_that_are_none_in_a_key(tmp_path: Path) -> None:
    fields = [{"name": "a", "type": "number"}, {"name": "b", "type": "number", "constraints": {"unique": True}}]
    texts = ["sNaN", "1", "NaN", "INF", "sNaN", "-INF", "1e400", "NaN", "sNaN", "INF", "1e400", "1.0", "-sNaN", "1e-400", "0"]
    put(tmp_path, {"fields": fields, "primaryKey": ["a", "b"]}, "a,b\n" + "".join(f"1,{text}\n" for text in texts))
    told = report(tmp_path, "columns", 1000)
    assert told == report(tmp_path, "plain", 1000)
    assert told["datasets"][0]["findings"] == report(tmp_path, "reference", 1000)["datasets"][0]["findings"]
    repeated = [found["row"] for found in told["datasets"][0]["findings"] if found["rule"] == "table/unique-error"]
    assert repeated == [6, 10, 11, 12, 13]


@pytest.mark.parametrize("limit", [1, 3, 30])
@pytest.mark.parametrize("few", [2, 20_000])
def test_the_first_findings_are_shown_whether_a_key_is_missing_or_stands_twice(
    few: int, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govdata.engines.columns import duplicates

    monkeypatch.setattr(duplicates, "FEW", few)
    schema = {"fields": [{"name": name} for name in "abc"], "primaryKey": "a", "uniqueKeys": [["a", "b"], ["b", "c"]]}
    lines = [f"{number % 9},x,{number % 5}" for number in range(20)] + [",x,1", "1,,2"] * 20 + [f"{number % 9},x,7" for number in range(20)]
    put(tmp_path, schema, "\n".join(["a,b,c", *lines, ""]))
    assert report(tmp_path, "columns", limit) == report(tmp_path, "plain", limit)


def put_headed(folder: Path, text: str, header: list[int]) -> None:
    """A package of a table with a header of some rows."""
    put(folder, {"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}]}, text)
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"][0]["dialect"] = {"headerRows": header}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


@pytest.mark.parametrize("size", [4, 1 << 20])
@pytest.mark.parametrize("text", ["x,y\n,\na,b", "x,y\n,\na,b\n", 'x,y\n"",""\na,b\n1,2\nz,3\n4,z', 'x,y\n,z"\na,b\n1,z\n'])
def test_a_header_of_several_rows_ends_in_another_block(text: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (size,))
    put_headed(tmp_path, text, [3])
    told = report(tmp_path, "columns")
    assert told == report(tmp_path, "plain")
    assert ("file/header-only" in told["datasets"][0]["counts"]) == (text.count("\n") + (text[-1] != "\n") == 3)


def test_what_shows_at_the_end_is_said_once_where_the_header_was_looked_for_up_to_it(tmp_path: Path) -> None:
    put_headed(tmp_path, "", [1, 2])
    (tmp_path / "data.csv").write_bytes(b"units,of what\na,b\r\n1,2\n3,4\n")
    told = report(tmp_path, "columns")
    assert told["datasets"][0]["counts"]["file/line-ends"]["count"] == 1
    assert told == report(tmp_path, "plain")


def test_many_duplicates_with_words_for_missing_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.engines.columns import duplicates

    monkeypatch.setattr(duplicates, "FEW", 3)
    fields = [{"name": "a", "type": "integer"}, {"name": "b"}]
    schema = {"fields": fields, "missingValues": ["", "-1", "NA"], "primaryKey": ["a"], "uniqueKeys": [["a", "b"]]}
    put(tmp_path, schema, "a,b\n" + "1,x\n-1,x\n,x\n1,NA\n01,\n-1,y\n2,-1\n" * 3)
    told = report(tmp_path, "columns", 1000)
    assert told == report(tmp_path, "plain", 1000)
    counts = {rule: found["count"] for rule, found in told["datasets"][0]["counts"].items()}
    assert counts == {"table/primary-key": 9 + 10, "table/unique-error": 2 + 5 + 5 + 2 + 2}


def test_workers_and_what_was_kept_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.outcomes.WORTH", 1)
    monkeypatch.setattr("govdata.workers.WORTH", 1)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache")
    for number in range(3):
        lay_out(tmp_path / f"p{number}", rows(random.Random(number), 60, 0.3))
    told = [report(tmp_path, "auto", 1000, jobs=jobs, cache=kept) for jobs, kept in ((1, False), (2, False), (1, True), (1, True))]
    assert told[1:] == told[:1] * 3
    kept = list((tmp_path / "cache" / "outcomes").rglob("*.json"))
    assert len(kept) == 6
    assert not any("11010118850101001x" in path.read_text(encoding="utf-8") for path in kept)


def test_what_changed_is_read_again_and_what_is_damaged_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.outcomes.WORTH", 1)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache")
    read: list[str] = []
    checked = outcomes.check_resource
    monkeypatch.setattr(outcomes, "check_resource", lambda resource, *more: read.append(resource.id) or checked(resource, *more))
    folder = lay_out(tmp_path / "p", rows(random.Random(5), 40, 0.2))
    first = report(folder, "plain", 1000)
    assert (report(folder, "plain", 1000), read) == (first, ["data", "kinds"])
    table = (folder / "data.csv").read_text(encoding="utf-8")
    (folder / "data.csv").write_text(table + "x\n", encoding="utf-8")
    assert report(folder, "plain", 1000) != first
    assert read == ["data", "kinds", "data"]
    (folder / "kinds.csv").write_text("kind,name\na,甲1\n", encoding="utf-8")
    report(folder, "plain", 1000)
    assert read[3:] == ["data", "kinds"], "the table that refers to another is checked again with it"
    for path in (tmp_path / "cache" / "outcomes").rglob("*.json"):
        path.write_bytes(path.read_bytes()[:-3] + b"xyz")
    assert report(folder, "plain", 1000)["datasets"]
    assert read[5:] == ["data", "kinds"]
    assert len(list((tmp_path / "cache" / "outcomes").rglob("*.json"))) >= 2
    monkeypatch.setattr(content, "program", lambda: "another")
    report(folder, "plain", 1000)
    assert read[7:] == ["data", "kinds"], "a program that has changed may find something else"


def test_a_file_whose_time_was_set_back_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "SETTLED", -60.0)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache")
    path = tmp_path / "a.csv"
    digests = []
    for text in ("a\n1\n", "a\nx\n"):
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_000_000_000, 1_000_000_000))
        digests.append(cache.content_digest(path))
        time.sleep(0.05)  # file systems count coarsely
    assert digests[0] != digests[1]


def test_the_engine_is_chosen_by_size_and_by_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [choice.uses_columns("auto", size) for size in (None, 1000, choice.LARGE)] == [False, False, True]
    assert choice.uses_columns("columns", 10)
    assert not choice.uses_columns("plain", choice.LARGE)
    monkeypatch.setattr(choice, "has_columns", lambda: False)
    assert not choice.uses_columns("auto", choice.LARGE)
    with pytest.raises(EngineError):
        choice.uses_columns("columns", 10)
