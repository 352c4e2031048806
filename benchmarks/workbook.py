"""Reading a workbook against openpyxl in the same run: rows a second and the ratio, in pairs. `python benchmarks/workbook.py [ROWS]`."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import xlsxwriter

from govdata.reading.workbooks.opening import open_workbook
from govdata.values import Resource, Row

PAIRS = 3


def write_workbook(path: Path, rows: int) -> None:
    """Write 13 columns of texts, whole numbers, decimals and dates."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("数据")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [f"列{column}" for column in range(13)])
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, [f"31010{row:07d}", f"企业{row % 5000}", row, row * 0.37])
            sheet.write_datetime(row, 4, datetime(2020, 1, 1) + timedelta(days=row % 2000), day)
            sheet.write_row(row, 5, [f"值{row % 97}{column}" for column in range(4)] + [row % 1000 + column for column in range(4)])


def read_ours(path: Path) -> int:
    """Read all rows with govdata, and give their number."""
    source = open_workbook(Resource("r", path, path.name, "xlsx"))
    return sum(isinstance(item, Row) for item in source.stream())


def read_openpyxl(path: Path) -> int:
    """Read all rows with openpyxl in its streaming mode."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = sum(1 for _ in book.active.iter_rows(values_only=True))
    book.close()
    return rows


def seconds(read: Callable[[Path], int], path: Path) -> tuple[float, int]:
    """Time one reading in processor seconds."""
    start = time.process_time()
    rows = read(path)
    return time.process_time() - start, rows


def main(rows: int) -> None:
    """Print speed and ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "表.xlsx"
        write_workbook(path, rows)
        pairs = [(seconds(read_ours, path), seconds(read_openpyxl, path)) for _ in range(PAIRS)]
    assert all(ours[1] == theirs[1] for ours, theirs in pairs)
    speed = statistics.median((rows + 1) / ours[0] for ours, _ in pairs)
    ratio = statistics.median(theirs[0] / ours[0] for ours, theirs in pairs)
    print(f"xlsx, {rows} rows x 13: {speed:,.0f} rows/s, {ratio:.1f} x openpyxl")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
