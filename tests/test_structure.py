"""The structure of text tables against `csv.reader`: a small part of the fuzz; `tests/fuzz/structure.py` runs all of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

pytest.importorskip("polars")

from govdata.engines.columns.structure import Form, is_plain, parse
from govdata.reading.texts.blocks import read_blocks
from tests.fuzz.structure import failures


def test_nothing_is_cleared_wrongly() -> None:
    assert list(failures(1500, 7)) == []


@pytest.mark.parametrize("start", [b"x^", b"x\x01", b"\x1f\x8b", "xڀ".encode()])
def test_a_text_that_begins_like_packed_data_is_not_unpacked(start: bytes) -> None:
    assert not is_plain(start + b",1\n", Form(",", '"'))


def test_a_row_too_long_at_the_very_end_is_seen() -> None:
    assert parse(b"a,b\nc,d,", Form(",", '"'), 2) is None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("row", ['a,"b\nc"\n', '"号\n","a"""\n', 'a,"b\r\nc"\r\n', '"\n",a\n', '"a""\n""","号""\n"\n'])
def test_blocks_end_where_records_end(row: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((row * 40).encode(encoding))
    rows = list(csv.reader(io.StringIO(row * 40, newline="")))
    for size in range(4, 60):
        texts = [block.text() for block in read_blocks(path, encoding, 0, '"', 1 << 20, size=size)]
        assert [cells for text in texts for cells in csv.reader(io.StringIO(text.decode(), newline=""))] == rows
        assert all(is_plain(text, Form(",", '"')) for text in texts)
