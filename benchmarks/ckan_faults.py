"""The soak of faults: every case of tests/targets/faults, many rounds, on the real stack of `scripts/ckan`, and a table of what came of it.

python benchmarks/ckan_faults.py [--site stock --site govdata] [--rounds 3] [--kills 200] [--steps] [--only TEXT] [--seed 1]

After each fault the directory is published once more; then the site must hold exactly what is wanted (datasets, resources, rows, files),
nothing else (tables without a resource, files, shadows), and `--check` must find nothing to do. Exit code 1 where it ever does not.
`--kills` are shared out over the sites; `--steps` kills after each record of the journal too. Takes some seconds a round.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (sys.path[0], os.environ.get("PYTHONPATH"))))  # for the processes it starts

import measuring

from tests.targets.conftest import Site, open_sites
from tests.targets.faults.cases import CASES
from tests.targets.faults.kills import ANYWHERE, killed_after_steps
from tests.targets.faults.rounds import Round, play
from tests.targets.faults.stories import Story
from tests.targets.faults.world import World, open_world

STEPS = "kill -9 of the publisher after each record of its journal"


@dataclass
class Tally:
    """What came of the rounds of one case on one site."""

    rounds: int = 0
    wrong: int = 0
    seconds: float = 0.0


@dataclass
class Soak:
    """All rounds on one site."""

    world: World
    story: Story
    found: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def note(self, name: str, told: str, wrong: list[str], began: float) -> None:
        """Count a round, and say what was wrong."""
        tally = self.found[name]
        tally.rounds += 1
        tally.seconds += time.monotonic() - began
        head = f"{time.strftime('%X')} {self.world.site.name} {name} {tally.rounds}: {told} ({time.monotonic() - began:.1f} s)"
        print(head, "ok" if not wrong else "WRONG", file=sys.stderr, flush=True)
        if not wrong:
            return
        tally.wrong += 1
        print(*(f"    {text}" for text in wrong), sep="\n", file=sys.stderr)
        # What is wrong counts once.
        print("    once more:", self.world.recover(), file=sys.stderr, flush=True)
        self.world.held_back |= self.world.litter()


def soak(site: Site, asked: argparse.Namespace) -> dict[str, Tally]:
    """All cases on one site."""
    with tempfile.TemporaryDirectory() as folder, open_world(site, Path(folder)) as world:
        done = Soak(world, Story(world, Random(asked.seed)))
        done.story.begin()
        assert not (wrong := world.recover()), wrong
        for name, rounds in _rounds(asked):
            for number in range(rounds):
                began, now = time.monotonic(), Round(world, done.story, number)
                wrong = play(now, name)
                done.note(name, ", ".join(now.notes), wrong, began)
        if asked.steps:
            began = time.monotonic()
            for told, wrong in killed_after_steps(world, done.story):
                done.note(STEPS, told, wrong, began)
                began = time.monotonic()
    return done.found


def _rounds(asked: argparse.Namespace) -> Iterator[tuple[str, int]]:
    for name in CASES:
        if all(text not in name for text in asked.only or [""]):
            continue
        yield name, -(-asked.kills // len(asked.site)) if name == ANYWHERE else asked.rounds


def main() -> int:
    """Soak, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", action="append", choices=("stock", "govdata"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--only", action="append", metavar="TEXT")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.site = asked.site or ["stock", "govdata"]
    with open_sites() as sites:
        found = {name: soak(sites[name], asked) for name in asked.site}
    rows = []
    for name in (*CASES, STEPS):
        cells = [found[site].get(name) for site in asked.site]
        if any(cells):
            rows.append([name, *(f"{cell.rounds} / {cell.wrong}" if cell else "" for cell in cells)])
    print(measuring.table(["fault", *(f"{site}: rounds / wrong" for site in asked.site)], rows))
    return int(any(tally.wrong for tallies in found.values() for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
