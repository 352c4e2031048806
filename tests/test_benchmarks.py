"""Every benchmark runs, very small: nothing is measured here, but none can stop working unseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SMALL = {
    "entries.py": ["--entries", "60", "--reference", "5", "--rounds", "1"],
    "startup.py": ["--pairs", "1"],
    "reading.py": ["--rows", "300", "--rounds", "1"],
    "workbook.py": ["--rows", "50", "--rounds", "1", "--full", "60"],
    "jsonld.py": ["--entries", "3", "--rounds", "1"],
}


@pytest.mark.parametrize("script", SMALL)
def test_runs(script: str) -> None:
    done = subprocess.run([sys.executable, str(FOLDER / script), *SMALL[script]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "| ---: |" in done.stdout


def test_all_are_run() -> None:
    text = (FOLDER / "run").read_text(encoding="utf-8")
    parts = {"measuring.py", "entries_made.py"}
    assert {path.name for path in FOLDER.glob("*.py")} - parts == set(SMALL)
    assert all(f'"{name}"' in text for name in SMALL)
