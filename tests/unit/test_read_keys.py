"""Keys of rows that the reference reads one by one are hashed together: singly that took most of the time after a stray quote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from govdata import validation

pytest.importorskip("polars")
pytest.importorskip("numpy")

from govdata.engines.columns import hashing, settling

ROWS = 2000
FIELDS = [{"name": "id", "type": "integer"}, {"name": "of", "type": "string"}]
KEYS = {"one part": ["id"], "two parts": ["id", "of"]}


def lay_out(folder: Path, key: list[str]) -> None:
    """A table with a quote at which `csv.reader` has to take over; keys stand twice at places far from each other."""
    ids = [*range(3, ROWS), 5, 1500, *range(ROWS, ROWS + 10)]
    rows = ['1,"a" and b', "2,5 quotes", *(f"{number},{'' if number == 9 else 'x'}" for number in ids)]
    (folder / "t.csv").write_text("\n".join(["id,of", *rows, ""]), encoding="utf-8")
    described = {"name": "t", "path": "t.csv", "schema": {"fields": FIELDS, "primaryKey": key}}
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [described]}), encoding="utf-8")


def found(folder: Path, engine: str) -> list[tuple[str, int | None, str | None]]:
    report = validation.validate(folder, language="en", cache=False, engine=engine)
    return [(one.rule, one.row, one.field) for dataset in report.datasets for one in dataset.findings]


@pytest.mark.parametrize("together", [settling.TOGETHER, 300, 1])
@pytest.mark.parametrize("name", KEYS)
def test_keys_are_hashed_together(name: str, together: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, KEYS[name])
    expected = found(tmp_path, "plain")
    assert [one[0] for one in expected].count("table/primary-key") == (2 if name == "one part" else 3)
    calls: list[int] = []
    original = hashing.hash_parts

    def hash_parts(frame: Any) -> Any:
        calls.append(frame.height)
        return original(frame)

    monkeypatch.setattr(hashing, "hash_parts", hash_parts)
    monkeypatch.setattr(settling, "TOGETHER", together)
    assert found(tmp_path, "columns") == expected
    assert sum(calls) > ROWS
    assert len(calls) <= -(-sum(calls) // together)
