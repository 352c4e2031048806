"""Drafting an entry of a large CSV file, column by column and row by row, and a full check of the same file beside it.

    python benchmarks/drafts.py [--rows 1000000] [--rounds 1] [--plain 100000]

Each measurement is a process of its own: processor seconds, and the largest memory.
`--plain`: the rows of the file that is read row by row.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from measuring import peak, seconds, table

HERE = Path(__file__).resolve()
LABELS = "编号,统一社会信用代码,企业名称,行业门类,注册资本(万元),成立日期,登记状态,登记机关区划,联系电话,经度,纬度,更新时间,备注"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def write_rows(path: Path, rows: int) -> None:
    """13 columns: identifiers, names, codes, amounts, days, telephone numbers, coordinates; one check digit in 77 is wrong."""
    chance = random.Random(1)
    states, sections = ["存续", "注销", "吊销", "迁出"], "ABCDEFGHIJ"
    with path.open("w", encoding="utf-8") as file:
        file.write(LABELS + "\n")
        for row in range(rows):
            code = _credit_code(row) if row % 77 else "91310000ZZZZZZZZZZ"
            file.write(
                f"{row:010},{code},企业{row * 7919 % 999983}有限公司,{sections[row % 10]},{row % 5000}.{row % 100:02},"
                f"20{row % 26:02}-{row % 12 + 1:02}-{row % 28 + 1:02},{states[row % 4]},310{100 + row % 20 if row % 20 else 101},"
                f"138{row % 100000000:08},{120 + row % 1000 / 1000:.4f},{30 + row % 900 / 1000:.4f},"
                f"2026-01-{row % 28 + 1:02} 09:{row % 60:02}:00,"
                f"{'' if chance.random() < 0.7 else f'备注{row % 300}'}\n"
            )


def _credit_code(row: int) -> str:
    body = f"{row:08}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    organisation = body + "0X987654321"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    whole = "91310000" + organisation
    total = sum(_ALPHABET.index(sign) * pow(3, place, 31) for place, sign in enumerate(whole))
    return whole + _ALPHABET[-total % 31]


def measure(path: Path, engine: str, work: str) -> dict[str, float]:
    """Seconds and megabytes of one process."""
    call = [sys.executable, str(HERE), "--one", work, "--engine", engine, str(path)]
    found: dict[str, float] = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)
    return found


def one(path: Path, engine: str, work: str) -> None:
    """What a process measures of itself."""
    from govdata import draft, validate

    if work == "draft":
        spent = seconds(lambda: draft(path, today=date(2026, 1, 31), engine=engine))
    else:
        entry = path.parent / "entry.yaml"
        entry.write_text(draft(path, today=date(2026, 1, 31)).text, encoding="utf-8")
        spent = seconds(lambda: validate(path.parent, today=date(2026, 1, 31), engine=engine, cache=False))
        entry.unlink()
    print(json.dumps({"seconds": spent, "memory": peak() or 0.0}))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plain", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="auto", help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.path, options.engine, options.one)
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for engine, count, work in (
            ("columns", options.rows, "draft"),
            ("columns", options.rows, "validate"),
            ("plain", options.plain, "draft"),
        ):
            path = Path(folder) / f"{work}-{engine}" / "企业.csv"
            path.parent.mkdir()
            write_rows(path, count)
            found = [measure(path, engine, work) for _ in range(options.rounds)]
            size = path.stat().st_size / 1e6
            best, most = min(item["seconds"] for item in found), max(item["memory"] for item in found)
            rows.append((f"{work}, {engine}", f"{count:,}", f"{size:.0f}", f"{best:.1f}", f"{most:.0f}"))
            path.unlink()
    print(table(("what", "rows", "MB", "CPU s", "most memory, MB"), rows))


if __name__ == "__main__":
    main()
