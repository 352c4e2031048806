"""Fuzz of the structure of text tables: whatever is cleared as plain must be what `csv.reader` reads, cell by cell.

    python tests/fuzz/structure.py [FILES] [SEED]        30,000 files by default; exit code 1 where one was cleared wrongly

Files are made of pieces that hurt: quotes, doubled and stray ones, delimiters, line ends of all kinds, hanzi whose GB 18030 codes end in
`|`, `^` or a digit. Each is read whole, in small blocks, in UTF-8 and through GB 18030.
"""

from __future__ import annotations

import csv
import io
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from govdata.engines.columns.structure import Form, has_all_cells, index, is_plain, lengths_of, parse, plain_quotes
from govdata.reading.texts.blocks import read_blocks

TRAILS = "颪侴俓€丄呑"
"""Hanzi and signs whose GB 18030 codes hold bytes of ASCII: `|`, `^`, digits."""
PIECES = (
    "a",
    "b",
    "D",
    "Q",
    "\n",
    "QQ",
    "QaQ",
    "QaDbQ",
    "Qa\nbQ",
    "D",
    "\r\n",
    "中",
    "D\n",
    "xDyDz\n",
    "1D2D3\n",
    "DDD",
    "QQD",
    "\n\n",
    "QaQ\n",
)
RARE = ("\r", "Q", "aQb", " Q", "Q ", "\0", "\x1a", "\ufeff", *TRAILS)
FORMS = (Form(",", '"'), Form("|", '"'), Form("^", '"'), Form("\t", "'"), Form(";", None))


def text_of(chosen: random.Random, form: Form) -> str:
    """One file."""
    pieces = (*PIECES, *(RARE if chosen.random() < 0.5 else TRAILS))
    written = "".join(chosen.choice(pieces) for _ in range(chosen.randint(1, 24)))
    return written.replace("D", form.delimiter).replace("Q", form.quote or "q")


def rows_of(text: str, form: Form) -> list[list[str]]:
    """The rows of the reference reader."""
    quoting = csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter, quotechar=form.quote, quoting=quoting))  # type: ignore[arg-type]


def wrong(text: str, form: Form) -> str:
    """What is wrong about a block that was cleared; empty where nothing is, `-` where it was not cleared."""
    block = text.encode()
    quotes = plain_quotes(block, form)
    if quotes is None:
        return "-"
    expected = rows_of(text, form)
    if list(index(block, quotes, form).cells) != [len(row) for row in expected]:
        return "cells are counted otherwise"
    for width in (1, 2, 3, 4):
        frame = parse(block, form, width)
        if frame is not None and any(len(row) > width for row in expected):
            return f"a row with more than {width} cells passed"
        if frame is not None and has_all_cells(block, quotes, lengths_of(frame), form) and any(len(row) != width for row in expected):
            return f"rows without {width} cells passed as whole"
        frame = frame if frame is not None else parse(block, form, width, ragged=True)
        if frame is not None and [list(row) for row in frame.rows()] != [(row + [""] * width)[:width] for row in expected]:
            return f"other cells, {width} of them"
    return ""


def cut_wrong(text: str, form: Form, folder: Path, encoding: str) -> str:
    """What is wrong about a file that is read in small blocks, up to the first that is not plain."""
    path = folder / "a.csv"
    try:
        path.write_bytes(text.encode(encoding))
    except UnicodeEncodeError:
        return ""
    found: list[list[str]] = []
    for block in read_blocks(path, encoding, 0, form.quote, 1 << 20, size=7):
        piece = block.text()
        if not block.whole or not is_plain(piece, form):
            break
        found += rows_of(piece.decode(), form)
    else:
        return "" if found == rows_of(text, form) else f"other rows in blocks of {encoding}"
    return "" if found == rows_of(text, form)[: len(found)] else f"other rows before the first odd block of {encoding}"


def failures(files: int, seed: int) -> Iterator[str]:
    """A line for every file that went wrong; at last the count of those that were cleared."""
    chosen, cleared = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        for number in range(files):
            form = FORMS[number % len(FORMS)]
            text = text_of(chosen, form)
            told = wrong(text, form)
            cleared += told != "-"
            told = told.strip("-") or cut_wrong(text, form, Path(name), ("utf-8", "gb18030")[number % 2])
            if told:
                yield f"{form} {text!r}: {told}"
    print(f"{files} files, {cleared} cleared as plain", file=sys.stderr)


def main(arguments: list[str]) -> int:
    """Print what went wrong."""
    files, seed = (int(given) for given in (*arguments, *("30000", "1")[len(arguments) :]))
    found = list(failures(files, seed))
    print("\n".join(found[:20]) if found else "0 cleared wrongly")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
