"""What the columns engine counts once its budget is spent: a count that is called exact is the row engine's, any other is never more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("polars")

from govdata.engines.columns import settling, spending
from govdata.reading.texts import blocks
from tests.test_engines import report

TEXT = {"name": "k", "type": "string"}
TIME = {"name": "t", "type": "time"}
"""Of times no key is known by columns: the reference reads each."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets and blocks that a small table goes through."""
    monkeypatch.setattr(spending, "EACH", 3)
    monkeypatch.setattr(settling, "STEP", 2)
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (60,))


def put(folder: Path, tables: dict[str, tuple[dict[str, Any], list[str]]]) -> Path:
    """A data package of some tables: name → schema and lines."""
    folder.mkdir(exist_ok=True)
    resources = []
    for name, (schema, lines) in tables.items():
        header = ",".join(field["name"] for field in schema["fields"])
        (folder / f"{name}.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        resources.append({"name": name, "path": f"{name}.csv", "schema": schema})
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}), encoding="utf-8")
    return folder


def hold(folder: Path, limit: int = 100) -> dict[str, tuple[int, int, bool]]:
    """Rule → the row engine's count, that of the columns engine and whether it calls it exact, once held against each other."""
    (plain,), (columns,) = (report(folder, engine, limit, cache=False)["datasets"] for engine in ("plain", "columns"))
    assert columns["valid"] == plain["valid"]
    told = {}
    for rule in plain["counts"].keys() | columns["counts"].keys():
        right = plain["counts"].get(rule, {"count": 0})["count"]
        count, exact = columns["counts"].get(rule, {"count": 0, "exact": False}).values()
        told[rule] = right, count, exact
        assert count == right if exact else count <= right, told
    return told


def test_numbers_that_are_equal_are_referred_to(tmp_path: Path) -> None:
    schema = {
        "fields": [{"name": "n", "type": "integer"}, TIME],
        "foreignKeys": [{"fields": ["n"], "reference": {"resource": "o", "fields": ["n"]}}],
    }
    known = ({"fields": [{"name": "n", "type": "number"}]}, ["1.0", "2", "2.5", "NaN", "1e400"])
    folder = put(tmp_path / "p", {"d": (schema, ["1,x", "2,x", "3,01:02:03"] * 10), "o": known})
    assert hold(folder)["table/foreign-key"][:2] == (10, 10)
