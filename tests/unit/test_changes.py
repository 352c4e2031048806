"""A file that is written to, replaced or taken away while it is read: a finding says so, whichever engine reads and wherever it is."""

from __future__ import annotations

import glob
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govdata.checks import bodies
from govdata.checks.context import CheckContext
from govdata.classes import replace
from govdata.drafting.keys import Target, read_key
from govdata.reading.changes import check_unchanged, stamp_of
from govdata.reading.databases.refusals import words
from govdata.reading.sources import TableSource
from govdata.reading.tables import open_table
from govdata.reading.texts import blocks
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.validation import validate
from govdata.values import Finding, Resource, Row
from tests.builders import build_database, build_workbook

pytest.importorskip("polars")

HEAD = "id,name,owner\n"
DATA = HEAD + "".join(f"{number - number % 7},n,{number % 5}\n" for number in range(150))
OWNERS = "id,name\n" + "".join(f"{number},o\n" for number in range(1000, 1200))
ENTRY = """\
identifier: "307001/000012"
resources:
  - file: a.csv
    schema:
      fields: [{name: id, type: integer}, {name: name, type: string}, {name: owner, type: integer}]
      primaryKey: [id]
      foreignKeys: [{fields: [owner], reference: {resource: owners.csv, fields: [id]}}]
  - file: owners.csv
    schema: {fields: [{name: id, type: integer}, {name: name, type: string}]}
"""
WAYS: dict[str, Callable[[Path], object]] = {
    "shorter": lambda path: path.write_text(path.read_text()[:300]),
    "one row": lambda path: path.write_text(path.read_text()[:20]),
    "empty": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x80" * 3000),
    "narrower": lambda path: path.write_text("id\n" + "5\n" * 3000),
    "longer": lambda path: path.write_text(path.read_text() + "1,x,2\n" * 300),
    "gone": lambda path: path.unlink(),
}


class _Blocks:
    """Does something to a file when the so many-th of its blocks is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path, number: int, way: Callable[[Path], object]) -> None:
        self.count, text = 0, blocks.Block.text

        def read(block: blocks.Block) -> bytes:
            if block.path == path:
                self.count += 1
                if self.count == number:
                    way(path)
            return text(block)

        monkeypatch.setattr(blocks.read_blocks, "__defaults__", (500,))
        monkeypatch.setattr(blocks.Block, "text", read)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "entry.yaml").write_text(ENTRY)
    (tmp_path / "a.csv").write_text(DATA)
    (tmp_path / "owners.csv").write_text(OWNERS)
    return tmp_path


@pytest.mark.parametrize("few", [0, 20_000])
@pytest.mark.parametrize("way", WAYS)
def test_a_table_that_changes_at_any_time(folder: Path, monkeypatch: pytest.MonkeyPatch, way: str, few: int) -> None:
    from govdata.engines.columns import duplicates

    monkeypatch.setattr(duplicates, "FEW", few)
    reading = _Blocks(monkeypatch, folder / "a.csv", 0, WAYS[way])
    validate(folder, engine="columns", cache=False)
    assert reading.count > 5, "the table is read once more for what is duplicate"
    for number in range(1, reading.count + 1):
        (folder / "a.csv").write_text(DATA)
        with monkeypatch.context() as patched:
            _Blocks(patched, folder / "a.csv", number, WAYS[way])
            (report,) = validate(folder, engine="columns", cache=False).datasets
        assert report.counts.keys() & {"file/changed", "file/unreadable"}, number


@pytest.mark.parametrize("way", WAYS)
def test_a_target_that_changes_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    for number in (1, 2):
        (folder / "owners.csv").write_text(OWNERS)
        with monkeypatch.context() as patched:
            _Blocks(patched, folder / "owners.csv", number, WAYS[way])
            (report,) = validate(folder, engine="columns", cache=False).datasets
        assert "foreign-key-unread" in [skip.why for skip in report.skipped], number
        assert "table/foreign-key" not in report.counts


@pytest.mark.parametrize("kind", ["xlsx", "db"])
@pytest.mark.parametrize("way", ["longer", "gone"])
def test_a_workbook_and_a_database(tmp_path: Path, kind: str, way: str) -> None:
    path = tmp_path / f"a.{kind}"
    sheets = {"sheets": {"t": {"cells": {"A1": "id", "A2": 1}}}}
    made = build_workbook(sheets) if kind == "xlsx" else build_database({"kind": "sqlite", "sql": "create table t (id);"})
    path.write_bytes(made)
    source = open_table(Resource("a", path, path.name, kind), Settings())
    assert isinstance(source, TableSource)
    stream = source.stream()
    assert next(item for item in stream if isinstance(item, Row)).cells
    {"longer": lambda: path.write_bytes(made + b"x"), "gone": path.unlink}[way]()
    assert [item.rule for item in stream if isinstance(item, Finding)] == ["file/changed" if way == "longer" else "file/unreadable"]


def test_an_error_that_no_change_explains_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(DATA)
    resource, stamp = Resource("a", path, path.name, "csv"), stamp_of(path)
    for error in (IndexError(), OSError(28, "full", "/elsewhere")):
        with pytest.raises(type(error)):
            list(check_unchanged(resource, stamp, error))
    assert [item.rule for item in check_unchanged(resource, stamp, OSError(5, "Input/output error"))] == ["file/unreadable"]
    assert list(check_unchanged(resource, stamp)) == []


def test_a_link_to_itself_has_words(tmp_path: Path) -> None:
    loop = tmp_path / "a.db"
    loop.symlink_to(loop)
    assert words(ValueError(f"cannot open {loop}"), loop) == "cannot open a.db"


def test_a_folder_with_brackets_is_not_told(tmp_path: Path) -> None:
    """DuckDB is given the name as a pattern, and says it so."""
    path = tmp_path / "a[1]" / "b[2].parquet"
    assert words(ValueError(f"cannot read {glob.escape(str(path))}"), path) == "cannot read b[2].parquet"


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_key_that_a_draft_looks_into_is_none_where_its_file_breaks_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, after: int
) -> None:
    fields = [{"name": "id", "type": "integer"}]
    resource = Resource(id="a", path=tmp_path / "a.csv", file="a.csv", format="csv", schema={"fields": fields, "primaryKey": ["id"]})
    context = CheckContext(Settings(), read_library().standard("national"))
    target = Target({}, frozenset(), frozenset(), "a", resource, "id")
    (tmp_path / "a.csv").write_text("id\n1\n2\n3\n")
    assert read_key(target, context) == {"1", "2", "3"}

    def opened(*given: Any) -> Any:
        source = open_table(*given)
        rows = list(source.stream())[:after]
        return replace(source, stream=lambda: iter((*rows, Finding("file/changed"))))

    monkeypatch.setattr(bodies, "open_table", opened)
    assert read_key(target, context) is None
