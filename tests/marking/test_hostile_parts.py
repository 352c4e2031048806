"""Parts that no spreadsheet writes are refused, or passed over; none ends in a trace."""

from __future__ import annotations

import pytest

from govdata.marking.editing import _walk
from govdata.marking.markup import read_elements
from govdata.reading.workbooks.sheets import Refusal


@pytest.mark.parametrize("encoding", ["utf-7", "utf-32", "no-such"])
def test_a_part_in_an_encoding_that_xml_parsers_do_not_know_is_refused(encoding: str) -> None:
    with pytest.raises(Refusal):
        read_elements(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode(), "a.xml")


def test_elements_within_each_other_are_walked_however_deep() -> None:
    found = list(_walk(read_elements(b"<a><b/><c>" + b"<d>" * 5000 + b"</d>" * 5000 + b"</c><e/></a>", "a.xml")))
    assert [item.name for item in (*found[:3], found[-1])] == ["a", "b", "c", "e"]
    assert len(found) == 5004
