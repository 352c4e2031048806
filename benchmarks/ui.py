"""How long the local page waits after a check: from its end to the answer that tells it, to the report, and to the form.

.venv/bin/python benchmarks/ui.py [--rows 100000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from measuring import ROOT, table

from tests.ui.server import FILES, Page, running

assert ROOT
LIMIT = 0.3
"""Seconds that the answer may take."""


def data(rows: int) -> dict[str, bytes]:
    """The example with so many rows, of which every hundredth is wrong."""
    lines = (f"A{number},{'十' if number % 100 == 0 else number}" for number in range(rows))
    return {**FILES, "停车场/停车场.csv": "\n".join(["编号,泊位数", *lines, ""]).encode()}


def measure(page: Page, work: str) -> tuple[float, float, float]:
    """Seconds from the end of a check to the news, the report and the form."""
    told = page.check(work)
    outcome = told["outcome"]
    news = time.time() - outcome["ended"]
    assert page.ask("GET", f"/check/{outcome['key']}/report.html").status == 200
    report = time.time() - outcome["ended"]
    assert page.api("GET", f"works/{work}/entries/0").status == 200
    return news, report, time.time() - outcome["ended"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as page:
        rows = []
        for count in (2, options.rows):
            work = page.begin(data(count))
            found = [measure(page, work) for _ in range(options.rounds)]
            for name, times in zip(("the result", "the report", "the form"), zip(*found, strict=True), strict=True):
                cells = [f"{1000 * value:.0f}" for value in (min(times), statistics.median(times), max(times))]
                rows.append([f"{count:,} rows: {name}", *cells])
    print(table(["ms after the end of the check until the page has …", "least", "median", "most"], rows))


if __name__ == "__main__":
    main()
