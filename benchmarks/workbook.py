"""Reading a workbook, all its traps closed, against openpyxl's streaming mode, in pairs in one run; and memory for a full sheet.

    python benchmarks/workbook.py [--rows 100000] [--rounds 5] [--full 1048576]

`--full 0` leaves the full sheet out. openpyxl gives bare values: it does not tell hidden rows, merged cells, rounded numbers and the like.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import openpyxl
import xlsxwriter
from measuring import paired, peak, seconds, table

from govdata.reading.workbooks.opening import open_workbook
from govdata.values import Resource, Row

HERE = Path(__file__).resolve()
KINDS = {
    "shared": "texts in the shared table (Excel, WPS)",
    "inline": "texts in the cells (streaming writers)",
    "uneven": "a gap, an error or a hidden row in every tenth row",
}


def write_workbook(path: Path, rows: int, kind: str = "shared") -> None:
    """Write 13 columns of texts, whole numbers, decimals and dates."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": kind == "inline"}) as book:
        sheet = book.add_worksheet("数据")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [f"列{column}" for column in range(13)])
        for row in range(1, rows + 1):
            odd = row % 30 if kind == "uneven" else -1
            if odd == 10:
                sheet.set_row(row, None, None, {"hidden": True})
            sheet.write_row(row, 0, [f"31010{row:07d}", f"企业{row % 5000}", row])
            sheet.write_number(row, 3, row * 0.37) if odd else sheet.write_formula(row, 3, "=1/0", None, "#DIV/0!")
            sheet.write_datetime(row, 4, datetime(2020, 1, 1) + timedelta(days=row % 2000), day)
            sheet.write_row(row, 5, [f"值{row % 97}{column}" if odd != 20 else None for column in range(4)])
            sheet.write_row(row, 9, [row % 1000 + column for column in range(4)])


def write_full(path: Path, rows: int) -> None:
    """Write a sheet of the same kind with five shared texts a row that occur nowhere else, faster than xlsxwriter would."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        places = {"worksheet": "worksheets/sheet1.xml", "sharedStrings": "sharedStrings.xml", "styles": "styles.xml"}
        listed = "".join(f'<Relationship Id="{kind}" Type="{relation}/{kind}" Target="{target}"/>' for kind, target in places.items())
        book.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{listed}</Relationships>")
        sheets = '<sheets><sheet name="数据" sheetId="1" r:id="worksheet"/></sheets>'
        book.writestr("xl/workbook.xml", f'<workbook xmlns="{space}" xmlns:r="{relation}">{sheets}</workbook>')
        book.writestr("xl/styles.xml", f'<styleSheet xmlns="{space}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>')
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            write_parts(part, f'<sst xmlns="{space}">', (f"<si><t>{shared_text(number)}</t></si>" for number in range(5 * rows)), "</sst>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            write_parts(part, f'<worksheet xmlns="{space}"><sheetData>', map(row_xml, range(1, rows + 1)), "</sheetData></worksheet>")


def write_parts(part: IO[bytes], start: str, texts: Iterator[str], end: str) -> None:
    """Write many texts in few calls."""
    some = [start]
    for number, text in enumerate(texts):
        some.append(text)
        if number % 5000 == 0:
            part.write("".join(some).encode())
            some.clear()
    part.write("".join([*some, end]).encode())


def shared_text(number: int) -> str:
    """A code, a name, a number of a document, a place, a note."""
    return (f"9131010{number:011d}", f"临江市第{number}公司", f"31010119{number:010d}", f"人民路{number}号", f"备注{number}")[number % 5]


def row_xml(row: int) -> str:
    """One row as Excel writes it."""
    texts = "".join(f'<c r="{"ABCDE"[place]}{row}" t="s"><v>{row * 5 - 5 + place}</v></c>' for place in range(5))
    numbers = "".join(f'<c r="{letter}{row}"><v>{row % 1000 / 8 if letter < "I" else row}</v></c>' for letter in "GHIJKLM")
    return f'<row r="{row}" spans="1:13">{texts}<c r="F{row}" s="1"><v>{43000 + row % 2000}</v></c>{numbers}</row>'


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


def compare(path: Path, kind: str, rows: int, rounds: int) -> Sequence[object]:
    """One line of the table: speed and ratio for one kind of sheet."""
    write_workbook(path, rows, kind)
    assert read_ours(path) == read_openpyxl(path) == rows + 1
    ours, theirs, ratio = paired(lambda: read_ours(path), lambda: read_openpyxl(path), rounds)
    return (f"{rows:,} rows × 13, {KINDS[kind]}", f"{rows / ours:,.0f} rows/s", f"{rows / theirs:,.0f} rows/s", f"{ratio:.1f}")


def measure_full(path: Path, rows: int) -> str:
    """Say what a full sheet needs, in a process of its own."""
    write_full(path, rows)
    done = subprocess.run([sys.executable, str(HERE), "--read", str(path)], capture_output=True, text=True, check=True)
    found, time, memory = done.stdout.split()
    assert int(found) == rows
    return f"A sheet of {rows:,} rows × 13 with {5 * rows:,} different texts: {float(time):.0f} s, {memory} MB at most."


def main() -> int:
    """Print one table and one sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--full", type=int, default=1_048_576)
    parser.add_argument("--read", type=Path, help="only read this workbook; print rows, processor seconds and the most memory in MB")
    chosen = parser.parse_args()
    if chosen.read:
        found: list[int] = []
        time = seconds(lambda: found.append(read_ours(chosen.read)))
        print(found[0], f"{time:.2f}", round(peak() or 0))
        return 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "表.xlsx"
        lines = [compare(path, kind, chosen.rows if kind == "shared" else chosen.rows // 5, chosen.rounds) for kind in KINDS]
        print(table(["", "govdata", "openpyxl", "times as fast"], lines))
        if chosen.full:
            print(f"\n{measure_full(path, chosen.full)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
