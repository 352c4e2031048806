"""Deciding directory entries (JSON Lines) against jsonschema on the same entries, the whole check, and the memory of both steps.

    python benchmarks/entries.py [--entries 100000] [--reference 1000] [--rounds 5]

"Decided": a line is read as JSON, shown to hold no key twice, and held against the shape of the canonical entry with its code lists,
the overlays and all rules that are schemas. "Checked": `validate`, which also runs the named rules and looks at the directory.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from entries_made import write_lines
from measuring import ROOT, paired, peak, seconds, table

from govdata import content, validate
from govdata.checks.entry import ENTRY_SCHEMA, entry_schemas
from govdata.checks.screening import screen_of
from govdata.engines.shapes import compile_all
from govdata.reading.documents.records import read_lines, read_plainly
from govdata.reading.entries.canonical import canonical_schema
from govdata.standards import read_library

TODAY = date(2026, 11, 23)
LONGEST = 1 << 20


def decide(path: Path, count: int | None = None) -> int:
    """How many of the entries of a file (of the first `count`) are decided as good, line by line."""
    decides = screen_of(read_library().standard("national"), TODAY).decides
    lines = itertools.islice(read_lines(path, LONGEST), count)
    return sum(decides(read_plainly(line.rstrip(b"\r\n"))) for _, line in lines if line is not None)


def rates(path: Path, chosen: argparse.Namespace) -> list[Sequence[object]]:
    """Decided and checked entries a second, and the ratio to jsonschema on the same entries."""
    part = min(chosen.reference, chosen.entries)
    reference = jsonschema_for(path, part)
    good = decide(path, part)
    assert good == reference(), "the two disagree"
    fast, slow, ratio = paired(lambda: decide(path, part), reference, chosen.rounds)
    whole = sorted(seconds(lambda: decide(path)) for _ in range(chosen.rounds))[chosen.rounds // 2]
    checked = sorted(seconds(lambda: validate(path, today=TODAY)) for _ in range(min(3, chosen.rounds)))[min(3, chosen.rounds) // 2]
    return [
        (f"jsonschema, {part:,} entries", f"{part / slow:,.0f}", "1"),
        (f"decided, the same {part:,} entries", f"{part / fast:,.0f}", f"{ratio:.0f}"),
        (f"decided, {chosen.entries:,} entries", f"{chosen.entries / whole:,.0f}", f"{chosen.entries / whole / (part / slow):.0f}"),
        (f"`validate`, {chosen.entries:,} entries", f"{chosen.entries / checked:,.0f}", f"{chosen.entries / checked / (part / slow):.0f}"),
    ]


def jsonschema_for(path: Path, count: int) -> Callable[[], int]:
    """The same with `json` and jsonschema: how many of the first entries hold. Its schemas are compiled once, as ours are."""
    standard = read_library().standard("national")
    proven = canonical_schema(content.load(ENTRY_SCHEMA), standard.codes)
    is_valid = compile_all(entry_schemas(standard, proven), fast=False)

    def run() -> int:
        with path.open("rb") as file:
            return sum(is_valid(json.loads(line)) for line in itertools.islice(file, count))

    return run


def memory(path: Path, work: str) -> str:
    """The largest memory of a fresh process that does nothing else."""
    command = [sys.executable, __file__, "--memory", work, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


def _tell_memory(work: str, path: Path) -> None:
    if work == "decide":
        decide(path)
    else:
        validate(path, today=TODAY)
    found = peak()
    print("?" if found is None else f"{found:.0f}")


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--reference", type=int, default=1000, help="entries for jsonschema, which needs about a millisecond for each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", nargs=2, metavar=("WORK", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.memory:
        _tell_memory(chosen.memory[0], Path(chosen.memory[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "entries.jsonl"
        write_lines(path, chosen.entries)
        size = path.stat().st_size
        print(f"{chosen.entries:,} good entries, {size / 1e6:.0f} MB, {size / chosen.entries:,.0f} bytes each\n")
        print(table(["", "entries/s", "× jsonschema"], rates(path, chosen)))
        print("\n" + table(["largest memory", "MB"], [("decided", memory(path, "decide")), ("`validate`", memory(path, "validate"))]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
