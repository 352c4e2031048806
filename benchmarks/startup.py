"""Starting: `govdata --version` against `python -c pass` in pairs, what the content costs, and a check of a small folder.

    python benchmarks/startup.py [--pairs 15]

Times are those of a clock, for whole processes; everything is read once before, so that files are in the system's memory.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from measuring import ROOT, table

CONTENT = """
import time
from govdata import content, messages, standards
start = time.perf_counter()
standards.read_library().standard(standards.DEFAULT)
messages.text("report.title", "zh-CN", {})
print((time.perf_counter() - start) * 1000)
"""
IMPORTS = """
import time
start = time.perf_counter()
import govdata
govdata.validate
print((time.perf_counter() - start) * 1000)
"""
CHECK = """
import sys, time
import govdata
work = govdata.validate
start = time.perf_counter()
if sys.argv[2] == "apart":
    import frictionless.fields
start = time.perf_counter()
work(sys.argv[1])
print((time.perf_counter() - start) * 1000)
"""
ENTRY = """信息资源名称: 公共停车场信息
信息资源代码: 307001/000001
信息资源提供方: 市交通运输局
更新周期: 每年
资源:
  - 文件: 停车场.csv
    信息项:
      - {名称: 编号, 类型: C, 长度: 10}
      - {名称: 泊位数, 类型: N}
"""


def run(arguments: Sequence[str], cache: Path) -> tuple[float, str]:
    """Milliseconds of a process, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, env=environment)
    return (time.perf_counter() - start) * 1000, done.stdout


def told(code: str, cache: Path, rounds: int, *arguments: str) -> float:
    """The median of what a program prints of its own time."""
    return statistics.median(float(run(["-c", code, *arguments], cache)[1]) for _ in range(rounds))


def version(cache: Path, pairs: int) -> list[Sequence[object]]:
    """The version against an empty program."""
    times = [(run(["-c", "pass"], cache)[0], run(["-m", "govdata", "--version"], cache)[0]) for _ in range(pairs + 1)][1:]
    empty, ours = (statistics.median(pair[side] for pair in times) for side in (0, 1))
    ratio = statistics.median(b / a for a, b in times)
    return [("`python -c pass`", f"{empty:.0f}", "1"), ("`govdata --version`", f"{ours:.0f}", f"{ratio:.2f}")]


def parts(folder: Path, cache: Path, pairs: int) -> list[Sequence[object]]:
    """What a first check is made of."""
    (folder / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    (folder / "停车场.csv").write_text("编号,泊位数\nA001,12\nA002,30\n", encoding="utf-8")
    cold = statistics.median(float(run(["-c", CONTENT], cache / f"cold{number}")[1]) for number in range(3))
    run(["-c", CONTENT], cache)
    return [
        ("importing `govdata.validate`", f"{told(IMPORTS, cache, pairs):.0f}"),
        ("content: rules, lists, standard, texts", f"{told(CONTENT, cache, pairs):.1f}"),
        ("content, when it must be parsed afresh", f"{cold:.0f}"),
        ("checking a folder with an entry and a table", f"{told(CHECK, cache, pairs, str(folder), ''):.0f}"),
        ("the same, frictionless imported before", f"{told(CHECK, cache, pairs, str(folder), 'apart'):.0f}"),
    ]


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=15)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "folder", Path(name) / "cache"
        folder.mkdir()
        print(table(["whole process", "ms", "× an empty program"], version(cache, chosen.pairs)))
        print("\n" + table(["part", "ms"], parts(folder, cache, chosen.pairs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
