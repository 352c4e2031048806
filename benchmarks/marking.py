"""Marking a workbook, against loading and saving the same file with openpyxl: processor seconds and memory, each in a process of its own.

    python benchmarks/marking.py [--rows 100000] [--findings 1000] [--rounds 3]

Ours is `govdata.mark` alone: the check that found what is marked came before it.
The same table as CSV shows what a workbook of values takes.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
from measuring import peak, seconds, table
from workbook import write_workbook

import govdata

KINDS = {"ours": "govdata, marked .xlsx", "theirs": "openpyxl, load and save", "values": "govdata, values of a .csv"}


def make(folder: Path, rows: int, findings: int) -> None:
    """Write the workbook, the same as CSV, and a schema that so many rows at the end break."""
    path = folder / "表.xlsx"
    write_workbook(path, rows)
    book = openpyxl.load_workbook(path, read_only=True)
    with (folder / "表.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(book.active.iter_rows(values_only=True))
    book.close()
    fields = [{"name": f"列{number}", "type": "any"} for number in range(13)]
    fields[2] = {"name": "列2", "type": "integer", "constraints": {"maximum": rows - findings}}
    (folder / "schema.json").write_text(json.dumps({"fields": fields}), encoding="utf-8")


def work(folder: Path, kind: str) -> str:
    """Do one thing once; give processor seconds, megabytes, and what was found."""
    if kind == "theirs":
        path = folder / "表.xlsx"
        time = seconds(lambda: openpyxl.load_workbook(path).save(folder / "saved.xlsx"))
        return f"{time:.2f} {round(peak() or 0)} 0"
    path = folder / ("表.csv" if kind == "values" else "表.xlsx")
    report = govdata.validate(path, schema=folder / "schema.json", limit="all", today=None)
    made: list[int] = []
    with tempfile.TemporaryDirectory() as target:
        time = seconds(lambda: made.append(govdata.mark(report, path, folder=target).files[0].cells))
    return f"{time:.2f} {round(peak() or 0)} {made[0]}"


def measure(folder: Path, kind: str, rounds: int) -> list[str]:
    """The fastest of some runs, each in a process of its own."""
    command = [sys.executable, __file__, "--folder", str(folder), "--do", kind]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(rounds)]
    return min(runs, key=lambda run: float(run[0]))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--findings", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="only work in this folder")
    parser.add_argument("--do", choices=KINDS, help="only this; print processor seconds, the most memory in MB, and coloured cells")
    chosen = parser.parse_args()
    if chosen.do:
        print(work(chosen.folder, chosen.do))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, chosen.rows, chosen.findings)
        found = {kind: measure(folder, kind, chosen.rounds) for kind in KINDS}
    theirs = float(found["theirs"][0])
    lines = [[KINDS[kind], f"{time} s", f"{float(time) / theirs:.2f}", memory, cells] for kind, (time, memory, cells) in found.items()]
    print(table([f"{chosen.rows:,} rows of 13 columns", "processor", "÷ openpyxl", "MB", "coloured cells"], lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
