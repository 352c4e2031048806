"""Expanding entries to JSON-LD: the key map (`graph.expand`) against pyld (`graph.reference`), on generated entries, in one run.

    python benchmarks/jsonld.py [--entries 200] [--rounds 5]

Prints both rates (medians) and their ratio in pairs, after it has checked that both give the same.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

from measuring import paired, table

from govdata.graph.document import document
from govdata.graph.expand import expand
from govdata.graph.reference import expand_by_pyld
from govdata.reading.entries.keys import BOOLEAN, INTEGER, NAMES, NUMBER, OBJECT, Scope, Term, entry_scope


def generate(seed: int) -> dict[str, Any]:
    """A canonical entry that uses about two thirds of all keys, with ten fields."""
    return _object(entry_scope(), random.Random(seed))


def _object(scope: Scope, chance: random.Random) -> dict[str, Any]:
    return {
        term.key: _value(term, chance) for term in scope.terms.values() if not term.key.startswith("publisher") and chance.random() < 0.67
    }


def _value(term: Term, chance: random.Random) -> Any:
    if not term.many:
        return _one(term, chance)
    return [_one(term, chance) for _ in range(10 if term.key == "fields" and term.kind == OBJECT else 2)]


def _one(term: Term, chance: random.Random) -> Any:
    if term.kind == OBJECT and term.scope is not None:
        return _object(term.scope, chance)
    if term.codes:
        return chance.choice(list(term.labels))
    made = {BOOLEAN: True, INTEGER: 12, NUMBER: 1.5, NAMES: ["编号", "名称"]}
    return made.get(term.kind, "2026-01-05" if term.date else f"文字{chance.randrange(1000)}")


def over(work: Callable[[Any], object], items: Sequence[Any]) -> Callable[[], None]:
    """One run over all items."""

    def run() -> None:
        for item in items:
            work(item)

    return run


def main() -> int:
    """Check that both agree, then time both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    entries = [generate(seed) for seed in range(chosen.entries)]
    documents = [document(entry, "zh-CN") for entry in entries]
    for entry, written in zip(entries, documents, strict=True):
        if expand(entry) != expand_by_pyld(written):
            print("the two ways differ", file=sys.stderr)
            return 1
    fast, slow, ratio = paired(over(expand, entries), over(expand_by_pyld, documents), chosen.rounds)
    rows = [("pyld", f"{chosen.entries / slow:,.0f}", "1"), ("key map", f"{chosen.entries / fast:,.0f}", f"{ratio:.1f}")]
    print(table(["expanding entries", "entries/s", "× pyld"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
