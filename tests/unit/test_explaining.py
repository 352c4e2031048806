"""`govdata explain`: what is meant where an id is not known."""

from __future__ import annotations

import pytest

from govdata.errors import ContentError
from govdata.explaining import explain


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("更新周期", "codes/update-cycle"),
        ("统一社会信用代码", "id/uscc"),
        ("Mobile number", "id/mobile"),
        ("合并单元格", "workbook/merged-cells"),
        ("primary-key", "table/primary-key"),
        ("table/type-eror", "table/type-error"),
        ("nationl", "national"),
    ],
)
def test_what_is_called_by_its_name_is_named_by_its_id(asked: str, meant: str) -> None:
    with pytest.raises(ContentError) as caught:
        explain(asked)
    assert caught.value.arguments["close"][0] == meant


def test_nothing_is_proposed_for_what_is_like_nothing() -> None:
    with pytest.raises(ContentError) as caught:
        explain("zzzz")
    assert caught.value.key == "unknown-id-at-all"
