"""Columns of a DataStore table from a schema: what can be decided before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from govdata.errors import PublishError
from govdata.messages import error_text
from govdata.publishing.ckan.columns import columns_of, dictionary, digest_of, primary_key, refusals_of

REQUIRED = {"constraints": {"required": True}}
MOMENT = {"type": "datetime", **REQUIRED}


def schema(*fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A schema of these fields."""
    return {"fields": list(fields), **more}


def test_columns_follow_the_schema() -> None:
    columns = columns_of(
        schema(
            {"name": "编号", "type": "string", "x-english": "id", "constraints": {"required": True}},
            {"name": "收费", "type": "number", "x-unit": "元/小时", "description": "不含夜间"},
            {"name": "启用日期", "type": "date", "title": "启用"},
            primaryKey="编号",
        )
    )
    assert [(column.name, column.field, column.type) for column in columns] == [
        ("id", "编号", "text"),
        ("收费", "收费", "numeric"),
        ("启用日期", "启用日期", "date"),
    ]
    assert primary_key(columns) == ["id"]
    assert [item["info"] for item in dictionary(columns)] == [
        {"label": "编号", "required": True, "field": "编号"},
        {"label": "收费", "notes": "不含夜间", "unit": "元/小时", "field": "收费"},
        {"label": "启用", "field": "启用日期"},
    ]


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ({"type": "integer"}, "numeric"),
        ({"type": "integer", "constraints": {"minimum": 0}}, "numeric"),
        ({"type": "integer", "constraints": {"minimum": 0, "maximum": "9223372036854775807"}}, "int8"),
        ({"type": "integer", "constraints": {"minimum": 0, "maximum": 2**63}}, "numeric"),
        ({"type": "integer", "constraints": {"exclusiveMinimum": -5, "exclusiveMaximum": 5}}, "int8"),
        ({"type": "integer", "constraints": {"enum": [1, 2]}}, "int8"),
        ({"type": "integer", "constraints": {"enum": [1, 2**70]}}, "numeric"),
        ({"type": "integer", "x-length": 18}, "int8"),
        ({"type": "integer", "x-length": 19}, "numeric"),
        ({"type": "year"}, "int4"),
        ({"type": "boolean"}, "bool"),
        ({"type": "datetime"}, "timestamp"),
        ({"type": "time"}, "time"),
        ({"type": "yearmonth"}, "text"),
        ({"type": "object"}, "text"),
        ({}, "text"),
    ],
)
def test_types_hold_all_that_the_schema_allows(field: Mapping[str, Any], wanted: str) -> None:
    assert columns_of(schema({"name": "x", **field}))[0].type == wanted


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([], "datastore-no-schema"),
        ([{"name": "徐" * 22}], "datastore-long-name"),
        ([{"name": "_id"}], "datastore-bad-name"),
        ([{"name": "ctid"}], "datastore-bad-name"),
        ([{"name": 'a"b'}], "datastore-bad-name"),
        ([{"name": "a\0b"}], "datastore-bad-name"),
        ([{"name": "时间 :时"}], "datastore-bad-name"),
        ([{"name": "a", "x-english": "same"}, {"name": "b", "x-english": "same"}], "datastore-same-name"),
        ([{"name": f"c{number}"} for number in range(1599)], "datastore-many-columns"),
        ([{"name": f"c{number}", **MOMENT} for number in range(1016)], "datastore-required-size"),
    ],
)
def test_what_no_table_can_be_is_refused(fields: list[Mapping[str, Any]], reason: str) -> None:
    with pytest.raises(PublishError) as caught:
        columns_of(schema(*fields))
    assert caught.value.key == reason
    assert "{" not in error_text(caught.value, "zh-CN")
    assert "{" not in error_text(caught.value, "en")


def test_names_that_fit_are_taken() -> None:
    names = ["徐" * 21, "x" * 63, "a%", "a:b", "a: b", "rank", "select", "a'b", "a(b)"]
    assert [column.name for column in columns_of(schema(*({"name": name} for name in names)))] == names
    assert len(columns_of(schema(*({"name": f"c{number}"} for number in range(1598))))) == 1598


@pytest.mark.parametrize(
    ("count", "field"),
    [(1015, MOMENT), (1598, {"type": "datetime"}), (1598, {"type": "date", **REQUIRED}), (1598, REQUIRED)],
    ids=["longest", "may-be-empty", "dates", "texts"],
)
def test_rows_that_may_fit_are_tried(count: int, field: Mapping[str, Any]) -> None:
    """What a row really takes only its values tell: texts of up to 23 bytes stand in it, longer ones take 18, empty cells none."""
    assert len(columns_of(schema(*({"name": f"c{number}", **field} for number in range(count))))) == count


def test_names_that_are_alike_once_they_are_cut() -> None:
    found = list(refusals_of(schema({"name": "徐" * 21 + "甲"}, {"name": "徐" * 21 + "乙"})))
    assert [refusal.reason for refusal in found] == ["datastore-long-name", "datastore-long-name", "datastore-same-name"]


def test_an_english_name_that_is_none_is_not_taken() -> None:
    assert columns_of(schema({"name": "编号", "x-english": " 编号 "}))[0].name == "编号"


def test_digest_follows_columns_and_rows() -> None:
    one, other = columns_of(schema({"name": "a"})), columns_of(schema({"name": "a", "type": "date"}))
    assert digest_of(one, "1") == digest_of(one, "1")
    assert len({digest_of(one, "1"), digest_of(one, "2"), digest_of(other, "1")}) == 3
