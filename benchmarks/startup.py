"""Starting: `govdata --version` against `python -c pass` in pairs, what the content costs, a check of a small folder, and small checks
against `frictionless validate`.

    python benchmarks/startup.py [--pairs 15]

Times are those of a clock, for whole processes; everything is read once before, so that files are in the system's memory and modules
are compiled, as they are in an installed program.
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
SCHEMA = """{"fields": [
  {"name": "code", "type": "string", "constraints": {"required": true, "unique": true, "pattern": "[0-9]{6}"}},
  {"name": "label", "type": "string", "constraints": {"required": true}}], "primaryKey": "code"}"""
DATASET = """信息资源名称: 公共停车场
信息资源代码: "307001/000005"
信息资源提供方: 市交通运输局
信息资源提供方代码: "113101990000000434"
信息资源摘要: 经营性公共停车场的名称、泊位数和收费标准
共享属性: {共享类型: 无条件共享, 共享方式: 文件下载}
开放属性: {是否向社会开放: 是, 开放类型: 无条件开放, 开放条件: 无条件}
更新周期: 每年
发布日期: 2026-01-05
关键字说明: [停车, 泊位]
主题分类: 城乡建设、环境保护
数据级别: 一般
数据来源: 停车场备案业务
许可: Apache-2.0
联系方式: {单位: 市交通运输局信息科, 电话: 021-00001003}
校核纠错: {电话: 021-00001003}
资源:
  - 文件: 停车场.csv
    信息项:
      - {名称: 编号, 英文名: id, 类型: C, 长度: 6, 模式: "P[0-9]{5}", 主键: 是}
      - {名称: 名称, 英文名: name, 类型: C, 长度: 40, 必填: 是}
      - {名称: 行政区划, 英文名: division, 类型: C, 长度: 6, 语义: 行政区划代码}
      - {名称: 泊位数, 英文名: spaces, 类型: I, 最小值: 0}
      - {名称: 启用日期, 英文名: opened, 类型: D}
      - {名称: 收费, 英文名: price, 类型: N, 长度: 6, 精度: 2}
"""


def run(arguments: Sequence[str], cache: Path) -> tuple[float, str]:
    """Milliseconds of a process, and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache), "PYTHONUTF8": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, encoding="utf-8", check=False, env=environment)
    if done.returncode not in (0, 1):  # 1: something was found
        raise RuntimeError(done.stderr)
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


def against_frictionless(folder: Path, cache: Path, pairs: int) -> list[Sequence[object]]:
    """A table with a schema, a small dataset, and one with a wrong cell: whole processes against `frictionless validate` of the table."""
    rows = "".join(f"{110000 + number},区划{number}\n" for number in range(3200))
    (folder / "division.csv").write_text("code,label\n" + rows, encoding="utf-8")
    (folder / "schema.json").write_text(SCHEMA, encoding="utf-8")
    described = [str(folder / "division.csv"), "--schema", str(folder / "schema.json")]
    cases = [("3,200 rows with a Table Schema", described, described)]
    for name, spaces in (("small dataset: entry, 20 rows", "7"), ("the same with a wrong cell", "七")):
        dataset = _dataset(folder / f"dataset-{spaces}", spaces)
        cases.append((name, [str(dataset)], [str(dataset / "停车场.csv")]))
    return [(name, *_pairs(ours, theirs, cache, pairs)) for name, ours, theirs in cases]


def _dataset(folder: Path, spaces: str) -> Path:
    folder.mkdir()
    rows = "".join(f"P{n:05},停车场{n},310104,{spaces if n == 9 else n * 7},2020-01-{n:02},{n}.50\n" for n in range(1, 21))
    (folder / "停车场.csv").write_text("编号,名称,行政区划,泊位数,启用日期,收费\n" + rows, encoding="utf-8")
    (folder / "entry.yaml").write_text(DATASET, encoding="utf-8")
    return folder


def _pairs(ours: Sequence[str], theirs: Sequence[str], cache: Path, pairs: int) -> tuple[str, str, str]:
    """Milliseconds of both and how many times longer frictionless takes: the median within pairs."""
    times = [
        (run(["-m", "frictionless", "validate", *theirs], cache)[0], run(["-m", "govdata", "validate", *ours], cache)[0])
        for _ in range(pairs + 1)
    ][1:]
    first, second = (statistics.median(pair[side] for pair in times) for side in (0, 1))
    return f"{first:.0f}", f"{second:.0f}", f"{statistics.median(a / b for a, b in times):.1f}"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=15)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "folder", Path(name) / "cache"
        folder.mkdir()
        print(table(["whole process", "ms", "× an empty program"], version(cache, chosen.pairs)))
        print("\n" + table(["part", "ms"], parts(folder, cache, chosen.pairs)))
        head = ["whole process", "frictionless, ms", "govdata, ms", "× faster"]
        print("\n" + table(head, against_frictionless(folder, cache, chosen.pairs)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
