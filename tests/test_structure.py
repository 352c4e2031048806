"""The structure of text tables against `csv.reader`: a small part of the fuzz; `tests/fuzz/structure.py` runs all of it."""

from __future__ import annotations

import pytest

pytest.importorskip("polars")

from govdata.engines.columns.structure import Form, is_plain, parse
from tests.fuzz.structure import failures


def test_nothing_is_cleared_wrongly() -> None:
    assert list(failures(1500, 7)) == []


@pytest.mark.parametrize("start", [b"x^", b"x\x01", b"\x1f\x8b", "xڀ".encode()])
def test_a_text_that_begins_like_packed_data_is_not_unpacked(start: bytes) -> None:
    assert not is_plain(start + b",1\n", Form(",", '"'))


def test_a_row_too_long_at_the_very_end_is_seen() -> None:
    assert parse(b"a,b\nc,d,", Form(",", '"'), 2) is None
