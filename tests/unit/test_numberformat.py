"""Number formats and cell addresses, as Excel and WPS mean them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.reading.sources import letters
from govdata.reading.workbooks.numberformat import read_format, read_number, shown_digits, to_time
from govdata.reading.workbooks.sheets import column_number, place


def test_addresses() -> None:
    assert [letters(column) for column in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_number(letters(column)) == column for column in range(1, 16385))
    assert (place("C17"), place("$C$17"), place("XFE1"), place("")) == ((17, 3), (17, 3), (1, 0), (0, 0))


FORMATS = {
    "number": ["", "General", "@", "0.00", '"d"0', "\\d0", ";;;", "# ?/?", "_-* #,##0_-", "0.0E+0", "G/通用格式", "[Red]0", '0"月"'],
    "date": ["yyyy-mm-dd", "mmm-yy", "aaaa", "m月d日", "[$-804]e年m月"],
    "time": ["h:mm AM/PM", "mm:ss.0", "上午/下午h时mm分"],
    "datetime": ["yyyy/m/d h:mm"],
    "elapsed": ["[mm]:ss", "[h]:mm"],
}


@pytest.mark.parametrize(("code", "kind"), [(code, kind) for kind, codes in FORMATS.items() for code in codes])
def test_a_number_format_shows_dates_or_numbers(code: str, kind: str) -> None:
    assert read_format(code).kind == kind


@given(st.text(max_size=40))
def test_any_format_and_number_is_read(code: str) -> None:
    meaning = read_format(code)
    assert isinstance(shown_digits(12, meaning.digits) if meaning.digits else "", str)
    assert read_number(code) is None or isinstance(read_number(code), (int, float))


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["date", "time", "datetime", "elapsed"]), st.booleans())
def test_any_number_becomes_a_time_or_stays(value: float, kind: Any, epoch_1904: bool) -> None:
    assert to_time(value, kind, epoch_1904) is not None
