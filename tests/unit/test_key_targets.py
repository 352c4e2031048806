"""Keys that a large table offers to foreign keys: by columns the same as row by row, whatever stands in the file."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from govdata.engines.plain import read_keys
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.decisions import decide
from govdata.reading.sources import TableSource
from govdata.reading.texts import blocks
from govdata.reading.texts.table import open_text
from govdata.settings import Settings
from govdata.values import Resource, Row

pytest.importorskip("polars")

from govdata.engines.columns import targets

FIELDS: list[dict[str, Any]] = [
    {"name": "code", "type": "string"},
    {"name": "number", "type": "integer", "groupChar": ","},
    {"name": "day", "type": "date"},
    {"name": "share", "type": "number"},
    {"name": "place", "type": "string", "missingValues": ["-"]},
]
CELLS = (
    ("a", "甲", "", " a", '"a,b"', '"x\ny"', "\u3000", '"say ""no"""', "#c"),
    ("1", "01", "+1", "-7", '"1,000"', "", "x", "9" * 30, "1.0"),
    ("2026-01-05", "2026-13-05", "", "x"),
    ("0.5", "1e3", "NaN", ""),
    ("-", "", "甲", "乙"),
)
STRANGE = ("", "a", "a,1,2026-01-05,0.5,乙,more", 'q"x,1,2026-01-05,0.5,乙', ",,,,", "\x1a")


def made(chosen: random.Random, width: int) -> bytes:
    """A table of which some rows are odd, and sometimes one that swallows what follows."""
    lines = [",".join(str(field["name"]) for field in FIELDS[:width])]
    for _ in range(chosen.randrange(120)):
        is_odd = chosen.random() < 0.03
        lines.append(chosen.choice(STRANGE) if is_odd else ",".join(chosen.choice(cells) for cells in CELLS[:width]))
    if chosen.random() < 0.1:
        lines.insert(chosen.randrange(1, len(lines) + 1), 'a,"open')
    return chosen.choice(["\n", "\r\n"]).join([*lines, ""] if chosen.random() < 0.7 else lines).encode()


def opened(path: Path, width: int) -> tuple[TableSource, TablePlan]:
    source = open_text(Resource("t", path, "t.csv", "csv"), Settings())
    columns = tuple(ColumnPlan(str(field["name"]), field, place, decision=decide(field)) for place, field in enumerate(FIELDS[:width], 1))
    return source, TablePlan("t.csv", "t", "", width, columns)


@pytest.mark.parametrize("seed", range(60))
def test_the_same_keys(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(seed)
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (chosen.choice([40, 300, 1 << 20]),))
    width, path = chosen.choice([1, 2, 5]), tmp_path / "t.csv"
    path.write_bytes(made(chosen, width))
    source, plan = opened(path, width)
    assert source.blocks is not None
    for fields in {("code",), ("code", "number")[:width], ("place", "code") if width == 5 else ("code",)}:
        found = targets.read_target(plan, fields, source.blocks, 1)
        assert found is not None
        rows = (item for item in source.stream() if isinstance(item, Row) and item.number > 1)
        assert Counter(found) == Counter(read_keys(plan, fields, rows)), fields  # in whatever order


def test_values_that_only_the_reference_reads_are_left_to_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(made(random.Random(1), 5))
    source, plan = opened(path, 5)
    assert source.blocks is not None
    assert targets.read_target(plan, ("code", "share"), source.blocks, 1) is None


def test_a_file_that_is_gone_offers_no_keys(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(made(random.Random(1), 2))
    source, plan = opened(path, 2)
    path.unlink()
    assert source.blocks is not None
    with pytest.raises(FileNotFoundError):
        list(targets.read_target(plan, ("code",), source.blocks, 1) or ())
    assert [item.rule for item in source.blocks.check_unchanged(None)] == ["file/unreadable"]
