"""Catalogs made elsewhere become entries: every folder of `catalogs/` holds one, and what must become of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from govdata import convert

pytest.importorskip("pyoxigraph")
CATALOGS = Path(__file__).parent / "catalogs"
CASES = sorted(path.name for path in CATALOGS.iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES)
def test_a_catalog_becomes_entries(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """`expected.json`: the entries, one list of what did not come through (as text), and the rules that they break."""
    (source,) = (CATALOGS / case).glob("source.*")
    done = convert(source, output=tmp_path / "made.jsonl", language="en", keys="en", today=date(2026, 1, 31))
    assert done.report is not None
    entries = [json.loads(line) for line in (tmp_path / "made.jsonl").read_text(encoding="utf-8").splitlines()]
    notices = [[told.notice.kind, told.notice.place, told.notice.value, told.count] for told in done.notices]
    broken = sorted({rule for dataset in done.report.datasets for rule in dataset.counts})
    found = {"entries": entries, "notices": notices, "broken": broken}
    expected = CATALOGS / case / "expected.json"
    if request.config.getoption("--update"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
    assert done.datasets == len(entries)


@pytest.mark.parametrize("case", CASES)
def test_one_folder_a_dataset(case: str, tmp_path: Path) -> None:
    (source,) = (CATALOGS / case).glob("source.*")
    done = convert(source, output=tmp_path / "made")
    folders = sorted(tmp_path.glob("made/*/entry.yaml"))
    assert done.form == "yaml"
    assert done.datasets == len(folders) >= 1
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert done.report is not None
    assert len(done.report.datasets) == len(folders)
