"""Reading text tables: the proof of an encoding, CSV against `csv.reader`, in pairs in one run.

    python benchmarks/reading.py [--rows 200000] [--rounds 5]

The encodings are proven for the whole file. Our CSV reader proves the encoding, computes a digest and gives rows with their numbers
and all that is wrong with the text; `csv.reader` on a file opened with the right encoding gives lists.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import paired, table

from govdata.reading.encodings.proof import Proof, prove
from govdata.reading.texts.table import open_text
from govdata.settings import Settings
from govdata.values import Resource, Row

HEADER = ["编号", "名称", "统一社会信用代码", "区县", "地址", "经度", "纬度", "登记日期", "状态", "面积", "备注"]


def write_csv(path: Path, rows: int, encoding: str) -> None:
    """A table of eleven columns, about 130 bytes a row, a third of the signs Chinese."""
    chance = random.Random(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            place = chance.choice(("临江市", "青岭县", "河东区"))
            writer.writerow([
                f"A{number:07}", f"{place}停车场第{number}号", f"11330100{chance.randrange(10**9):09}X", place, f"人民路{number % 900}号",
                f"120.{chance.randrange(10**6):06}", f"30.{chance.randrange(10**6):06}", f"2026-0{chance.randint(1, 9)}-1{number % 10}",
                "在用", number % 5000, "无" if number % 7 else "含引号\"和逗号, 各一",
            ])  # fmt: skip


def read_all(path: Path, settings: Settings) -> int:
    """The rows that our reader gives."""
    source = open_text(Resource(path.name, path, path.name, "csv"), settings)
    return sum(isinstance(item, Row) for item in source.stream())


def read_by_csv(path: Path, encoding: str) -> int:
    """The rows that `csv.reader` gives."""
    with path.open(encoding=encoding, newline="") as file:
        return sum(1 for _ in csv.reader(file))


def decode(path: Path, encoding: str) -> int:
    """The least that any proof must do."""
    return len(path.read_bytes().decode(encoding))


def text_rows(folder: Path, encoding: str, rows: int, rounds: int) -> list[Sequence[object]]:
    """Proof and rows for one encoding."""
    path, settings = folder / f"{encoding}.csv", Settings()
    write_csv(path, rows, encoding)
    size = path.stat().st_size / 1e6
    proof = prove(path, None, settings)
    assert isinstance(proof, Proof), proof
    assert read_all(path, settings) == read_by_csv(path, encoding) == rows + 1
    ours, theirs, ratio = paired(lambda: prove(path, None, settings), lambda: decode(path, encoding), rounds)
    lines = [
        (f"proof of {encoding}, {size:.0f} MB", f"{size / ours:,.0f} MB/s", "bytes.decode", f"{size / theirs:,.0f} MB/s", f"{ratio:.2f}")
    ]
    ours, theirs, ratio = paired(lambda: read_all(path, settings), lambda: read_by_csv(path, encoding), rounds)
    speed = (f"{rows / ours:,.0f} rows/s", "csv.reader", f"{rows / theirs:,.0f} rows/s", f"{ratio:.2f}")
    return [*lines, (f"CSV in {encoding}, {rows:,} rows", *speed)]


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    lines: list[Sequence[object]] = []
    with tempfile.TemporaryDirectory() as name:
        for encoding in ("utf-8", "gb18030"):
            lines += text_rows(Path(name), encoding, chosen.rows, chosen.rounds)
    print(table(["", "govdata", "beside", "its speed", "times as fast"], lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
