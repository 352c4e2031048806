"""Every benchmark runs, very small: nothing is measured here, but none can stop working unseen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SMALL = {
    "entries.py": ["--entries", "60", "--reference", "5", "--rounds", "1"],
    "startup.py": ["--pairs", "1"],
    "encodings.py": ["--rows", "300", "--rounds", "1"],
    "reading.py": ["--rows", "300", "--rounds", "1"],
    "workbook.py": ["--rows", "50", "--rounds", "1", "--full", "60"],
    "marking.py": ["--rows", "40", "--findings", "5", "--rounds", "1"],
    "jsonld.py": ["--entries", "3", "--rounds", "1"],
    "ui.py": ["--rows", "200", "--rounds", "1"],
    "service_reports.py": ["--results", "20", "--rounds", "1"],
    "drafts.py": ["--rows", "200", "--plain", "50"],
    "changed.py": ["--datasets", "40", "--rounds", "1"],
    "site_build.py": ["--datasets", "5", "--jobs", "1"],
}
TABLES = ["--rows", "300", "--big", "300", "--cells", "1500", "--rate", "0.05", "--pairs", "1"]
LINES = (("clean", "limit", "gb18030"), ("codes", "folder", "columns"), ("workbook",))


@pytest.mark.parametrize("script", SMALL)
def test_runs(script: str) -> None:
    done = subprocess.run([sys.executable, str(FOLDER / script), *SMALL[script]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "| ---: |" in done.stdout


def tables(folder: Path, *lines: str) -> subprocess.CompletedProcess[str]:
    """Measure some lines of the large tables, small, without the programs of others."""
    environment = {**os.environ, "GOVDATA_PEERS": "", "GOVDATA_QSV": "", "PATH": ""}
    command = [sys.executable, str(FOLDER / "tables"), *lines, *TABLES, "--data", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("lines", LINES)
def test_tables(lines: tuple[str, ...], tmp_path: Path) -> None:
    done = tables(tmp_path, *lines)
    assert (done.returncode, done.stderr.splitlines()) == (0, [f"{line} …" for line in lines])
    assert "| ---: |" in done.stdout


def test_a_time_counts_only_for_a_true_answer(tmp_path: Path) -> None:
    assert tables(tmp_path, "errors").returncode == 0
    (truth,) = tmp_path.glob("register-*/truth.csv")
    rows = truth.read_text(encoding="utf-8").splitlines()
    truth.write_text("\n".join(["2,name,table/constraint-error", *rows[1:]]), encoding="utf-8")
    done = tables(tmp_path, "errors")
    assert done.returncode == 1
    assert "missed [Fault(row=2" in done.stderr
    assert "too many [Fault(row=17" in done.stderr


def test_all_are_run() -> None:
    text = (FOLDER / "run").read_text(encoding="utf-8")
    # Those that need a CKAN or its Solr are run by themselves: docs/ckan-plugin.md and docs/publishing.md have what they found.
    parts = {"measuring.py", "page.py", "entries_made.py", "search.py", "ckan_load.py", "ckan_publish.py", "ckan_faults.py"}
    parts |= {"site_made.py", "site_search.py"}  # the latter needs Node: docs/performance.md has what it found
    assert {path.name for path in FOLDER.glob("*.py")} - parts == set(SMALL)
    assert all(f'"{name}"' in text for name in SMALL)
