"""Two runs at once on one folder with the same outputs, killed at any moment: files are whole or not there, and nothing stays behind.

python -m tests.fuzz.kill --rounds 60
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
OUTPUTS = ("report.json", "report.html", "report.txt")


def start(data: Path, out: Path, cache: Path) -> subprocess.Popen[bytes]:
    """A run over the example directory that writes all forms of the report."""
    named = [part for name in OUTPUTS for part in ("--output", str(out / name))]
    command = [sys.executable, "-m", "govdata", "validate", str(data), "--limit", "all", *named]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def whole(path: Path) -> bool:
    """Whether a file is as its writer finished it."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        json.loads(text)
    return path.suffix != ".html" or text.rstrip().endswith("</html>")


def play(chance: Random, data: Path, out: Path, cache: Path) -> list[str]:
    """One round: two runs, at least one of them killed; what is wrong afterwards."""
    if chance.random() < 0.4:
        shutil.rmtree(cache, ignore_errors=True)
    runs = [start(data, out, cache), start(data, out, cache)]
    time.sleep(chance.uniform(0.05, 4))
    runs[0].kill()
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, 0.5))
        runs[1].kill()
    said = [run.communicate()[1].decode() for run in runs]
    wrong = [f"trace: {text[-300:]}" for text in said if "Traceback" in text]
    wrong += [f"exit {run.returncode}" for run in runs if run.returncode not in (0, 1, -9)]
    files = [path for path in out.iterdir() if path.name in OUTPUTS] + list(cache.glob("govdata/*.json"))
    return wrong + [f"not whole: {path.name}" for path in files if not _is_whole(path)]


def _is_whole(path: Path) -> bool:
    try:
        return whole(path)
    except ValueError:
        return False


def main() -> int:
    """Play the rounds, then run once in peace and see what is left behind."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    chance = Random(args.seed)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        data, out, cache = (Path(folder, name) for name in ("data", "out", "cache"))
        shutil.copytree(ROOT / "catalog/demo/mistakes", data)
        out.mkdir()
        for _ in range(args.rounds):
            wrong += play(chance, data, out, cache)
        for path in [*out.iterdir(), *cache.glob("govdata/*.tmp")]:
            os.utime(path, (0, 0))
        for path in cache.glob("govdata/*.json"):
            path.unlink()
        last = start(data, out, cache)
        last.communicate()
        left = sorted(path.name for path in [*out.iterdir(), *cache.glob("govdata/*")] if path.suffix in (".part", ".tmp", ".lock"))
        missing = [name for name in OUTPUTS if not (out / name).exists()]
    print(f"{args.rounds} rounds; wrong: {wrong}; left behind after a run in peace: {left}; missing: {missing}")
    return 1 if wrong or left or missing else 0


if __name__ == "__main__":
    sys.exit(main())
