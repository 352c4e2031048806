"""Checking large tables: the numbers to reach, measured in pairs of whole processes on the same data.

    python benchmarks/tables [LINE…] [--rows 1000000] [--big 10000000] [--pairs 5] [--jobs 2] [--peers VENV] [--qsv FILE] [--write]

Without a LINE all are measured. What a run measures is kept beside the data, so that lines can be measured one at a time; the table shows
the last of each, with its day. README.md in this folder says how to install what we are measured beside.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import page
from contenders import Setting, WrongAnswer, installed, ours, qsv_found, versions
from goals import HEAD, Result, revived
from measures import MEASURES, RATE, Bench
from measuring import table
from processes import checked
from small import car_parks

DATA = Path(tempfile.gettempdir()) / "govdata-benchmarks"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", nargs="*", metavar="LINE", help=", ".join(MEASURES))
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the table that most lines are about")
    parser.add_argument("--big", type=int, default=10_000_000, help="rows of the large table (1.6 GB)")
    parser.add_argument("--cells", type=int, default=10_000_000, help="of the tables with ever more columns and foreign keys")
    parser.add_argument("--rate", type=float, default=RATE, help="share of bad rows")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="our worker processes, and threads of the peers that take a number")
    parser.add_argument("--data", type=Path, default=DATA, help="where made tables are kept (4 GB)")
    parser.add_argument("--peers", default="", help="environment of the peers (or GOVDATA_PEERS)")
    parser.add_argument("--qsv", default="", help="program of qsv (or GOVDATA_QSV, or on the search path)")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md instead of printing")
    chosen = parser.parse_args()
    if unknown := set(chosen.lines) - set(MEASURES):
        parser.error(f"no such line: {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    return chosen


def measured(bench: Bench, names: Sequence[str]) -> Iterator[tuple[str, list[Result]]]:
    """The results of each line."""
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        yield name, list(MEASURES[name](bench))


def main() -> int:
    """Measure, keep, show or write."""
    chosen = arguments()
    data = chosen.data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    setting = Setting(chosen.jobs, installed(chosen.peers), qsv_found(chosen.qsv), data)
    bench = Bench(setting, chosen.rows, chosen.big, chosen.cells, chosen.pairs, chosen.rate)
    kept = data / "results.json"
    results = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    checked(ours(setting, car_parks(data).dataset))
    try:
        for name, found in measured(bench, chosen.lines or list(MEASURES)):
            results[name] = [asdict(each) for each in found]
            kept.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    except WrongAnswer as error:
        print(error, file=sys.stderr)
        return 1
    lines = [revived(each).cells() for name in MEASURES for each in results.get(name, [])]
    text = f"{page.machine()} Beside: {versions(setting)}; {chosen.jobs} jobs.\n\n{table(HEAD, lines)}"
    if chosen.write:
        page.write("benchmarks/tables", text)
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
