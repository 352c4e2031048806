"""A pattern that took too long: its field is no longer read, by any engine from the same row on, nor is it tried on every cell."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("polars")

from govdata.engines.columns import settling, spending
from govdata.predicates import patterns
from govdata.reading.texts import blocks
from tests.test_counts_at_least import put
from tests.test_engines import report

SLOW = {"name": "k", "type": "string", "constraints": {"pattern": "(a|aa)+b?", "required": True}}
NUMBER = {"name": "n", "type": "integer"}


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts for which the pattern took too long: those with an exclamation mark."""
    texts: list[str] = []
    within_limit = patterns._within_limit

    def within(text: str, cell: str) -> bool:
        if "!" not in cell:
            return within_limit(text, cell)
        texts.append(cell)
        raise patterns.PatternTimeout(text)

    monkeypatch.setattr(patterns, "_within_limit", within)
    return texts


def lay(chosen: random.Random, folder: Path) -> Path:
    """A table with keys, primary and foreign, that read the field."""
    foreign = [{"fields": fields, "reference": {"resource": "o", "fields": fields}} for fields in (["k"], ["k", "n"])]
    schema = {"fields": [SLOW, NUMBER], "primaryKey": ["k"], "uniqueKeys": [["k", "n"], ["n"]], "foreignKeys": foreign}
    pool = ["a", "aa", "aaa", "aab", "", "c", "a" * chosen.randint(4, 9)]
    lines = [f"{chosen.choice(pool)},{chosen.choice(['1', '2', '', 'x', '07'])}" for _ in range(60)]
    for _ in range(chosen.choice([1, 20])):
        lines.insert(chosen.randrange(60), f"a!{chosen.randrange(100)},{chosen.choice(['1', 'x'])}" + chosen.choice(["", "", ",x"]))
    return put(folder, {"d": (schema, lines), "o": ({"fields": [{"name": "k", "type": "string"}, NUMBER]}, ["a,1", "aa,2"])})


@pytest.mark.parametrize("seed", range(12))
def test_every_engine_stops_at_the_same_row(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(seed)
    monkeypatch.setattr(settling, "STEP", chosen.choice([1, 7, 500]))
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (chosen.choice([60, 300, 1 << 20]),))
    folder = lay(chosen, tmp_path / "p")
    limit = chosen.choice([1, 10, 1000])
    assert report(folder, "columns", limit, cache=False) == report(folder, "plain", limit, cache=False)
    monkeypatch.setattr(spending, "EACH", 3)  # then it may stay unknown that the field is no longer read
    (plain,), (columns,) = (report(folder, engine, limit, cache=False)["datasets"] for engine in ("plain", "columns"))
    assert all(count["count"] == plain["counts"][rule]["count"] for rule, count in columns["counts"].items() if count["exact"])


def test_it_is_not_tried_on_every_cell(tmp_path: Path, tried: list[str]) -> None:
    schema = {"fields": [SLOW, NUMBER], "uniqueKeys": [["k"]]}
    folder = put(tmp_path / "p", {"d": (schema, [f"a!{number},1" for number in range(300)])})
    found = report(folder, "columns", 100, cache=False)["datasets"][0]["counts"]
    assert found == {"table/pattern-slow": {"count": 1, "exact": True}}
    assert len(tried) < 10
