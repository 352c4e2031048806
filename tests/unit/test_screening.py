"""What the screen passes, the full check says nothing of: the reports with and without the screen are the same."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.checks.screening import screen_of
from govdata.reading.documents.records import read_plainly
from govdata.runs import Run
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import Report

TODAY = date(2026, 11, 23)
MADE = Path(__file__).parents[2] / "benchmarks" / "entries_made.py"


def _load_made() -> Any:
    spec = importlib.util.spec_from_file_location("entries_made", MADE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _load_made()


def _examples() -> Iterator[dict[str, Any]]:
    """The rules' own examples, each laid over a good entry."""
    good = next(made.entries(1))
    folder = content.root() / "validators"
    for name, rule in content.load_folder(folder).items():
        if rule.get("applies_to") == "entry" and "by" not in rule["check"]:
            for kind in ("pass", "fail"):
                for example in rule["examples"][kind]:
                    yield {**good, **example, "identifier": f"307001/{name}{kind}"}
                    yield example


def _lines() -> Iterator[str]:
    chance = random.Random(7)
    for number, entry in enumerate(made.entries(1500, seed=3)):
        spoilt = made.mutated(entry, chance) if number % 3 else entry
        if number % 50 == 0:
            spoilt["related"] = [f"307001/{number + 2:06}", "307001/999999"]
        if number % 70 == 0:
            spoilt["title"], spoilt["identifier"] = "同一个名称", "307001/000001"
        if number % 90 == 0:
            spoilt["standard"] = chance.choice(["shanghai", "national", "nowhere", 5])
        if number % 40 == 0 and isinstance(spoilt.get("fields"), list):
            spoilt["fields"] = [{"name": "面积", "type": "C", "standardElement": "DE00001"}]
        spaces = {"separators": (",", ":")} if number % 2 else {}
        yield json.dumps(spoilt, ensure_ascii=number % 5 == 0, **spaces)  # type: ignore[arg-type]
    for example in _examples():
        yield json.dumps(example, ensure_ascii=False)
    yield from ("", "{", "[1]", "{}", '{"title": "a", "title": "b"}', '{"title": 1e400}', '{"title": "\\ud800"}', "\ufeff{}", '{"a": NaN}')


def _report(path: Path, screened: bool) -> Report:
    settings = Settings(today=TODAY)
    run = Run(settings, read_library(), lambda number, name, rows: None)
    if not screened:
        run = type("_Plain", (Run,), {"_screen": lambda self, written: False})(settings, read_library(), run.progress)
    return run.report(run.begin(run, path).check(path), [path])


def test_screen_changes_no_report(tmp_path: Path) -> None:
    path = tmp_path / "entries.jsonl"
    path.write_text("\n".join(_lines()) + "\n", encoding="utf-8")
    with_screen, without = _report(path, True), _report(path, False)
    assert [report.path for report in with_screen.datasets] == [report.path for report in without.datasets]
    for first, second in zip(with_screen.datasets, without.datasets, strict=True):
        assert first == second
    assert with_screen == without


def test_screen_passes_good_entries() -> None:
    screen = screen_of(read_library().standard("national"), TODAY)
    assert all(screen.passes(entry) for entry in made.entries(300))


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_lines_as_programs_write_them(escaped: bool, separators: tuple[str, str]) -> None:
    for entry in made.entries(20):
        line = json.dumps(entry, ensure_ascii=escaped, separators=separators).encode()
        assert read_plainly(line) == entry


DOUBTFUL = [
    '{"a":1,"a":2}', '{"a b":1,"a b":1}', '{"a":"中","a":"中"}', '{"a": {"b": 1, "b": 1}}', '{"a":NaN}', '{"a":1.10}', '{"a":-0}',
    '{"a":123456789012345678901234567890.0}', '{"a":"\\ud800"}', '{"a":\t1}', '{"a":1}}', "{'a':1}", '{"a":01}', '\ufeff{"a":1}',
    '{"a":"\\/"}',
]  # fmt: skip


@pytest.mark.parametrize("without", ["", "orjson"])
@pytest.mark.parametrize("text", DOUBTFUL)
def test_doubtful_lines_are_left_to_the_full_reader(text: str, without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.reading.documents import records

    if without:
        monkeypatch.setitem(sys.modules, without, None)
    records._codec.cache_clear()
    assert read_plainly(text.encode()) is None
    records._codec.cache_clear()
