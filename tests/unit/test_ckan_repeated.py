"""Repeating fields as browsers send them become the lists that they show."""

from __future__ import annotations

from typing import Any

import pytest

from govdata.ckan_plugin.repeated import gather

MANY = {f"data_items-{number}-name": f"第{number}项" for number in range(12)}


@pytest.mark.parametrize(
    ("sent", "gathered"),
    [
        ({"title": "停车场"}, {"title": "停车场"}),
        ({"formats-0-class": "text", "formats-0-type": "TXT"}, {"formats": [{"class": "text", "type": "TXT"}]}),
        # The first of three rows was removed: the rows of another field keep all their parts.
        (
            {"data_items-1-name": "甲", "data_items-2-name": "乙", "formats-0-class": "text", "formats-0-type": "TXT"},
            {"data_items": [{"name": "甲"}, {"name": "乙"}], "formats": [{"class": "text", "type": "TXT"}]},
        ),
        (dict(sorted(MANY.items())), {"data_items": [{"name": f"第{number}项"} for number in range(12)]}),
        ({"formats-REPEATING-INDEX0-class": "", "formats-0-class": "text"}, {"formats": [{"class": "text"}]}),
        ({"formats-REPEATING-INDEX0-class": ""}, {}),
        ({"formats": [{"class": "text"}], "formats-0-class": "graphic"}, {"formats": [{"class": "text"}], "formats-0-class": "graphic"}),
        ({"other-0-class": "x", "formats-x": "y"}, {"other-0-class": "x", "formats-x": "y"}),
    ],
)
def test_rows(sent: dict[str, Any], gathered: dict[str, Any]) -> None:
    gather(sent)
    assert sent == gathered
