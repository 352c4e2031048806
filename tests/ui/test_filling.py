"""From an entry into the form and back: what was not touched stays in the officer's words."""

from __future__ import annotations

from typing import Any

import pytest

from govdata.standards import DEFAULT, read_library
from govdata.ui.filling import ORIGIN, filled, values_of
from govdata.ui.forms import form_of, place_of
from govdata.ui.rewriting import Row, bare

CODES = read_library().standard(DEFAULT).codes
ENTRY: dict[str, Any] = {
    "信息资源名称": "停车场",
    "信息资源提供方": "建管委",
    "信息资源提供方代码": "113101040000000190",
    "更新周期": "每个月",
    "发布日期": "2026年1月5日",
    "关键字": "停车、车位",
    "开放属性": {"是否向社会开放": "是"},
    "不认识的": {"甲": "乙"},
    "资源": [
        {"文件": "a.csv", "方言": {"分隔符": "|"}, "信息项": [{"名称": "编号", "类型": "C", "主键": "是"}, {"名称": "数", "最小值": "0"}]}
    ],
}


def form(**changes: Any) -> dict[str, Any]:
    return {**values_of(ENTRY, CODES), **changes}


def test_what_is_shown() -> None:
    found = values_of(ENTRY, CODES)
    assert found["publisher"] == {"name": "建管委", "code": "113101040000000190"}
    assert (found["updateCycle"], found["issued"], found["keywords"]) == ("每个月", "2026年1月5日", ["停车", "车位"])
    assert values_of({"更新周期": "每月"}, CODES) == {"updateCycle": "monthly"}
    assert found["opening"] == {"open": "true"}
    assert found["resources"][0]["fields"][1] == {ORIGIN: 1, "name": "数", "minimum": "0"}


def test_nothing_changed_changes_nothing() -> None:
    assert bare(filled(ENTRY, form(), CODES)) == ENTRY
    assert filled(ENTRY, {}, CODES) == ENTRY


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ({"updateCycle": "monthly"}, "更新周期", "每月"),
        ({"title": "甲\n乙"}, "信息资源名称", "甲\n乙"),
        ({"publisher": {"name": "水务局", "code": "113101040000000190"}}, "信息资源提供方", "水务局"),
        ({"publisher": {"name": "建管委", "code": "1", "address": "路"}}, "信息资源提供方地址", "路"),
        ({"opening": {"open": "false", "condition": "无"}}, "开放属性", {"是否向社会开放": "否", "开放条件": "无"}),
        ({"keywords": ["停车"]}, "关键字", ["停车"]),
        ({"secret": "false"}, "涉密", "否"),
        ({"theme": ["transport"]}, "主题分类", None),
    ],
)
def test_changes_are_worded_in_the_entrys_language(change: dict[str, Any], key: str, expected: Any) -> None:
    made = bare(filled(ENTRY, form(**change), CODES))
    if expected is None:
        (code,) = change["theme"]
        assert made[key] == [CODES["theme"].label(code, "zh-CN")]
    else:
        assert made[key] == expected
    assert made["不认识的"] == {"甲": "乙"}
    assert bare(made)["资源"] == ENTRY["资源"]


def test_what_a_form_cannot_show_is_not_lost() -> None:
    entry = {"联系方式": "021-1", "信息资源名称": ["甲"], "资源": "a.csv", "关键字": {"甲": "乙"}, "信息资源格式": "csv"}
    shown = {**values_of(entry, CODES), "contact": {}, "identifier": "1"}
    assert bare(filled(entry, shown, CODES)) == {**entry, "信息资源代码": "1"}


def test_english_stays_english() -> None:
    made = filled({"title": "Car parks", "identifier": "X"}, {"title": "Car parks", "updateCycle": "monthly", "secret": "true"}, CODES)
    assert bare(made) == {"title": "Car parks", "identifier": "X", "updateCycle": "monthly", "secret": "true"}


def test_emptied_is_taken_away() -> None:
    made = filled(ENTRY, form(updateCycle="", opening={"open": ""}, keywords=[" "]), CODES)
    assert not {"更新周期", "开放属性", "关键字"} & set(made)


def test_new_keys_stand_where_the_standard_has_them() -> None:
    assert list(filled(ENTRY, form(identifier="1"), CODES))[:2] == ["信息资源名称", "信息资源代码"]


def test_rows_know_where_they_came_from_and_keep_what_the_form_does_not_show() -> None:
    shown = form()
    fields = shown["resources"][0]["fields"]
    shown["resources"] = [{**shown["resources"][0], "fields": [fields[1], {**fields[0], "type": "N", "length": "12"}, {"name": "新"}, {}]}]
    (resource,) = filled(ENTRY, shown, CODES)["资源"]
    assert resource.origin == 0
    assert resource.value["方言"] == {"分隔符": "|"}
    assert resource.value["信息项"] == [
        Row(1, {"名称": "数", "最小值": "0"}),
        Row(0, {"名称": "编号", "类型": "数值型", "长度": "12", "主键": "是"}),
        Row(None, {"名称": "新"}),
    ]


@pytest.mark.parametrize("number", ["0", -1, 99, True, None, 1.5])
def test_rows_of_nowhere_are_new(number: Any) -> None:
    (made,) = filled({"资源": [{"文件": "a.csv"}]}, {"resources": [{ORIGIN: number, "file": "b.csv"}]}, CODES)["资源"]
    assert (made.origin, made.value) == (None, {"文件": "b.csv"})


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/信息资源名称", ["title"]),
        ("/description", ["description"]),
        ("/信息资源提供方代码", ["publisher", "code"]),
        ("/信息资源提供方", ["publisher", "name"]),
        ("/资源/0/信息项/3/类型", ["resources", "0", "fields", "3", "type"]),
        ("/不认识的/甲", []),
        ("", []),
    ],
)
def test_findings_lead_to_their_place(pointer: str, place: list[str]) -> None:
    assert place_of(pointer) == place


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_form_has_words_for_everything(language: str) -> None:
    library = read_library()
    sections = form_of(library.standard(DEFAULT), library, ENTRY, language)
    controls = [control for section in sections for control in section["controls"]]
    assert len(controls) > 50
    assert all(section["title"] for section in sections)
    assert [control["path"] for control in controls if not control["label"]] == []
    assert {tuple(control["path"]) for control in controls if control.get("required")} >= {
        ("title",),
        ("description",),
        ("publisher", "name"),
    }
    (cycle,) = [control for control in controls if control["path"] == ["updateCycle"]]
    assert ["monthly", {"zh-CN": "每月", "en": "Monthly"}[language]] in cycle["choices"]
    (resources,) = [control for control in controls if control["path"] == ["resources"]]
    (fields,) = [part for part in resources["parts"] if part["kind"] == "rows"]
    assert {part["path"][0] for part in fields["parts"]} >= {"name", "type", "length", "minimum", "values"}
