"""Building the public site of many datasets: in full, with nothing changed, with one changed; and of datasets with data.

    python benchmarks/site_build.py [--datasets 10000 100000] [--languages zh-CN] [--jobs 2]
    python benchmarks/site_build.py --data 1000 [--mebibytes 1000]

Datasets of the first kind are entries with one link each, in one file of JSON Lines (`entries_made`); the whole command is timed,
`python -m govdata site build`, which checks, asks the gate, plans, and builds pages, search, exports and feeds. Those of the second kind
are folders with an entry and a CSV file; the build is held against `validate --no-cache` of the same directory, the check being cached
then. Besides the clock, the processors' time of all processes is told (user and system): it is what to go by on a machine with other
work to do. Memory is the largest sum of all processes' resident sets without what they share (PSS), looked at twice a second, as looking
takes time too.

No site is taken away before all are measured, and none should have been for five minutes before: so long an ext4 without a journal passes
over every inode that was freed, one by one, for each file that is made (`recently_deleted` in its source). After a site of 4,000 was
removed, the next one took eight times as much system time, which is told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

from entries_made import entries
from measuring import run, table

HEAD = (
    *("datasets", "full build", "processors", "of it system", "each", "memory", "nothing changed", "of full", "processors", "of full"),
    *("one changed for the first time", "then", "of full", "processors", "of full", "files", "on disk", "largest folder"),
)  # fmt: skip
HEAD_DATA = ("datasets", "data", "validate", "full build", "times", "memory")
WORDS = [
    "停车场",
    "道路",
    "街道",
    "公园",
    "学校",
    "医院",
    "药店",
    "市场",
    "广场",
    "小区",
    "河道",
    "桥梁",
    "泵站",
    "路灯",
    "公交",
    "车站",
    "码头",
    "仓库",
    "工地",
    "社区",
]


def settings(folder: Path, languages: Sequence[str]) -> None:
    """The `govdata.toml` of a directory with a site."""
    told = ", ".join(f'"{language}"' for language in languages)
    site = f'[targets.site.open]\npath = "public"\nzone = "internet"\nurl = "https://data.example.org"\nlanguages = [{told}]\n'
    (folder / "govdata.toml").write_text(f'directory = "{uuid.UUID(int=7)}"\n{site}', encoding="utf-8")


def entries_only(folder: Path, count: int) -> Path:
    """A directory of entries with a link each; gives the file of entries."""
    file = folder / "entries.jsonl"
    with file.open("w", encoding="utf-8") as out:
        for number, entry in enumerate(entries(count)):
            entry["identifier"] = f"3{number % 90 + 10:02}001/{number + 1:06}"
            entry["service"] = {"url": f"https://data.example.gov.cn/api/{number + 1}", "type": "rest"}
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")
    return file


def change_one(file: Path) -> None:
    """Another description in one entry in the middle."""
    text = file.read_text(encoding="utf-8")
    at = text.index("更新以公布的日期为准", len(text) // 2)
    file.write_text(f"{text[:at]}每天早晨{uuid.uuid4().hex[:6]}{text[at:]}", encoding="utf-8")


def measured(root: Path, count: int, asked: argparse.Namespace) -> list[object]:
    """A line of the first table."""
    folder = root / str(count)
    folder.mkdir()
    settings(folder, asked.languages)
    file = entries_only(folder, count)
    build = ("site", "build", str(file), "--to", "open", "--jobs", str(asked.jobs))
    full = run(*build)
    same = run(*build)
    change_one(file)
    first = run(*build)
    # From now on there is a spare of the site, which is brought up to date; once it is looked through, then it is known how it was left.
    for _ in range(2):
        change_one(file)
        one = run(*build)
    files, size, widest = weigh(folder / "public")
    return [
        f"{count:,}", f"{full.seconds:.0f} s", f"{full.processors:.0f} s", f"{full.system:.0f} s",
        f"{full.processors / count * 1000:.2f} ms",
        f"{full.memory:.0f} MB", f"{same.seconds:.1f} s", f"{same.seconds / full.seconds:.1%}", f"{same.processors:.1f} s",
        f"{same.processors / full.processors:.1%}",
        f"{first.seconds:.1f} s", f"{one.seconds:.1f} s", f"{one.seconds / full.seconds:.1%}", f"{one.processors:.1f} s",
        f"{one.processors / full.processors:.1%}", f"{files:,}",
        f"{size / 1e9:.2f} GB", f"{widest:,}",
    ]  # fmt: skip


def weigh(folder: Path) -> tuple[int, int, int]:
    """Files, bytes, and how many entries the largest folder has."""
    files = size = widest = 0
    for at, folders, names in os.walk(folder):
        widest = max(widest, len(folders) + len(names))
        files += len(names)
        size += sum(os.stat(os.path.join(at, name)).st_size for name in names)
    return files, size, widest


def with_data(root: Path, count: int, mebibytes: int) -> list[object]:
    """The line of the second table."""
    folder = root / "data"
    folder.mkdir()
    settings(folder, ["zh-CN"])
    each = mebibytes * (1 << 20) // count
    size = 0
    for number, entry in enumerate(entries(count)):
        size += _dataset(folder / f"d{number:05}", entry, number, each)
    check = run("validate", str(folder), "--no-cache")
    run("validate", str(folder))
    build = run("site", "build", str(folder), "--to", "open")
    told = [f"{count:,}", f"{size / 1e9:.2f} GB", f"{check.seconds:.0f} s", f"{build.seconds:.0f} s"]
    return [*told, f"{build.seconds / check.seconds:.2f}", f"{build.memory:.0f} MB"]


def _dataset(folder: Path, entry: dict[str, object], number: int, size: int) -> int:
    """An entry and its table of so many bytes."""
    folder.mkdir()
    fields = [
        {"name": "编号", "englishName": "id", "type": "I", "primaryKey": True},
        {"name": "名称", "englishName": "name", "type": "C", "length": 40},
        {"name": "地址", "englishName": "address", "type": "C"}, {"name": "数量", "englishName": "count", "type": "I", "minimum": 0},
        {"name": "金额", "englishName": "amount", "type": "N"}, {"name": "日期", "englishName": "day", "type": "D"},
    ]  # fmt: skip
    entry = {key: value for key, value in entry.items() if key != "fields"}
    entry |= {"identifier": f"307001/{number + 1:06}", "resources": [{"file": "data.csv", "fields": fields}]}
    (folder / "entry.json").write_text(json.dumps(entry, ensure_ascii=False, indent=1), encoding="utf-8")
    chance = random.Random(number)
    written = 0
    with (folder / "data.csv").open("w", encoding="utf-8", newline="\n") as out:
        written += out.write("编号,名称,地址,数量,金额,日期\n")
        row = 0
        while written < size * 0.6:  # characters; hanzi take three bytes
            row += 1
            place = f"{chance.choice(WORDS)}{chance.choice(WORDS)}"
            written += out.write(
                f"{row},{place}{row},{place}路{chance.randint(1, 999)}号,{chance.randint(0, 5000)},"
                f"{chance.randint(0, 10**6) / 100:.2f},2026-{row % 12 + 1:02}-{row % 28 + 1:02}\n"
            )
    return (folder / "data.csv").stat().st_size


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--languages", nargs="*", default=["zh-CN"])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--data", type=int, default=0, help="so many datasets with data instead")
    parser.add_argument("--mebibytes", type=int, default=1000, help="of data in all")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"load {os.getloadavg()[0]:.1f}\n", flush=True)
        if asked.data:
            print(table(HEAD_DATA, [with_data(Path(folder), asked.data, asked.mebibytes)]))
        else:
            print(table(HEAD, [measured(Path(folder), count, asked) for count in asked.datasets]))
        print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
