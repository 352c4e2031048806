"""`govdata validate --changed` on a directory of many datasets of which one was touched: the whole program, with git.

    python benchmarks/changed.py [--datasets 5000] [--rounds 5]

Every tenth dataset has a foreign key to another. The least of several rounds counts: processor seconds of the program and of the git that
it starts, and the clock beside them, which whatever else the machine does disturbs.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measuring import ROOT, table

ENTRY = """信息资源名称: 第{number}号停车场
信息资源代码: "307001/{number:06}"
信息资源提供方: 云间区建设和管理委员会
信息资源提供方代码: "113101990000000434"
信息资源摘要: 停车场的编号、泊位数和启用日期，用于测量
共享属性: {{共享类型: 无条件共享, 共享方式: 文件下载}}
开放属性: {{是否向社会开放: 否}}
更新周期: 每年
发布日期: 2026-01-05
关键字说明: [停车, 泊位]
联系方式: {{单位: 信息科, 电话: 021-00001004}}
校核纠错: {{电话: 021-00001004}}
资源:
  - 文件: 停车场.csv
    信息项:
      - {{名称: 编号, 英文名: id, 类型: C, 长度: 6, 主键: 是{key}}}
      - {{名称: 泊位数, 英文名: spaces, 类型: I, 最小值: 1}}
"""
PROMISE = 2.0
"""Seconds, for 5,000 datasets."""


def main() -> None:
    """Make a directory, touch one dataset, measure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--datasets", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "directory"
        make(root, options.datasets)
        rows = [measure(root, "nothing touched", 0, options.rounds)]
        touch(root, options.datasets // 2 + 1)
        rows.append(measure(root, "one touched", 1, options.rounds))
        touch(root, 10)
        rows.append(measure(root, "two, one with a foreign key to it", 3, options.rounds))
    print(f"{options.datasets:,} datasets; the promise for one touched: {PROMISE:.1f} s\n")
    print(table(("changed", "processor s", "clock s"), rows))


def make(root: Path, count: int) -> None:
    """The directory, committed."""
    for number in range(1, count + 1):
        folder = root / f"{number % 50:02}" / f"{number:06}"
        folder.mkdir(parents=True)
        key = f', 外键: {{数据集: "307001/{number - 1:06}", 信息项: 编号}}' if number % 10 == 1 and number > 1 else ""
        (folder / "entry.yaml").write_text(ENTRY.format(number=number, key=key), encoding="utf-8")
        (folder / "停车场.csv").write_text("编号,泊位数\n000001,12\n000002,7\n", encoding="utf-8")
    (root / "govdata.toml").write_text('standard = "national"\n', encoding="utf-8")
    for command in (("init", "-q"), ("add", "-A"), ("-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-q", "-m", "begin")):
        subprocess.run(["git", *command], cwd=root, check=True)


def touch(root: Path, number: int) -> None:
    """Add a row to a dataset."""
    with (root / f"{number % 50:02}" / f"{number:06}" / "停车场.csv").open("a", encoding="utf-8") as file:
        file.write("000003,5\n")


def measure(root: Path, what: str, checked: int, rounds: int) -> tuple[str, str, str]:
    """The least processor seconds and the least time of several runs; the number of datasets checked must be right."""
    command = [sys.executable, "-m", "govdata", "validate", "--changed", "HEAD", "--today", "2026-02-01", "--lang", "en"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run() -> None:
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
        said = f"{checked} of" if checked else "No dataset has changed"
        if said not in done.stdout.decode():
            raise SystemExit(done.stdout.decode() + done.stderr.decode())

    run()
    seconds = [timed(run) for _ in range(rounds)]
    return what, f"{min(used for used, _ in seconds):.2f}", f"{min(clock for _, clock in seconds):.2f}"


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Processor seconds of the children that a piece of work waits for, and of the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - start


if __name__ == "__main__":
    main()
