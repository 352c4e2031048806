"""An entry's YAML changed in places: it reads as wanted, and what was not changed stays byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata.conversion.texts import to_yaml
from govdata.reading.documents.yaml import parse
from govdata.ui.rewriting import Row, bare, comments, rewrite

TEXT = """\
# 停车场的条目
标准: shanghai   # 地方标准
信息资源名称: 停车场
信息资源摘要: |
  第一行
  # 不是注释
联系方式: {单位: 建管委, 电话: 021-1} # 值班室
共享属性:
  共享类型: 无条件共享
  # 方式
  共享方式: 文件下载
关键字: [停车, 车位]
空的:
资源:
  # 只有一个
  - 文件: a.csv   # 主表
    信息项:
      - {名称: 编号, 英文名: id}  # 一
      # 第二列
      - {名称: 泊位数}  # 二
"""


def value() -> dict[str, Any]:
    found: dict[str, Any] = parse(TEXT, "").value
    return found


def row(origin: int | None, **parts: Any) -> Row:
    return Row(origin, parts)


def test_nothing_changed_is_nothing_written() -> None:
    assert rewrite(TEXT, value()).text == TEXT
    assert comments(TEXT) == ["# 停车场的条目", "# 地方标准", "# 值班室", "# 方式", "# 只有一个", "# 主表", "# 一", "# 第二列", "# 二"]


@pytest.mark.parametrize(
    ("key", "new", "line"),
    [
        ("标准", "national", "标准: national   # 地方标准\n"),
        ("信息资源名称", "甲: 乙 # 丙", "信息资源名称: '甲: 乙 # 丙'\n"),
        ("联系方式", {"单位": "建管委", "邮箱": "a@b.cn"}, "联系方式: {单位: 建管委, 邮箱: a@b.cn} # 值班室\n"),
        ("关键字", ["停车"], "关键字:\n- 停车\n"),
        ("空的", "不空", "空的: 不空\n"),
    ],
)
def test_one_value_changes_its_own_line(key: str, new: Any, line: str) -> None:
    made = rewrite(TEXT, {**value(), key: new})
    assert line in made.text
    assert (made.whole, made.lost) == (False, ())
    kept = [each for each in TEXT.splitlines() if not each.startswith(key)]
    assert [each for each in kept if each not in made.text.splitlines()] == []


def test_a_text_in_many_lines_is_replaced_to_its_end() -> None:
    made = rewrite(TEXT, {**value(), "信息资源摘要": "一行"})
    assert "信息资源摘要: 一行\n联系方式" in made.text
    assert (made.whole, made.lost) == (False, ())


def test_keys_come_and_go_where_they_belong() -> None:
    wanted = value()
    wanted["共享属性"] = {"共享类型": "有条件共享", "共享条件": "按需", "共享方式": "文件下载"}
    del wanted["关键字"]
    made = rewrite(TEXT, wanted)
    assert "  共享类型: 有条件共享\n  共享条件: 按需\n  # 方式\n" in made.text
    assert "关键字" not in made.text
    assert (made.whole, made.lost) == (False, ())


def test_rows_move_with_their_comments() -> None:
    fields = [row(1, 名称="泊位数"), row(None, 名称="地址", 类型="C"), row(0, 名称="编号", 英文名="id")]
    made = rewrite(TEXT, {**value(), "资源": [row(0, 文件="a.csv", 信息项=fields)]})
    end = "      # 第二列\n      - {名称: 泊位数}  # 二\n      - {名称: 地址, 类型: C}\n      - {名称: 编号, 英文名: id}  # 一\n"
    assert made.text.endswith(end)
    assert (made.whole, made.lost) == (False, ())


def test_a_row_that_goes_takes_its_comments_and_that_is_told() -> None:
    made = rewrite(TEXT, {**value(), "资源": [row(0, 文件="a.csv", 信息项=[row(0, 名称="编号", 英文名="id")])]})
    assert (made.whole, sorted(made.lost)) == (False, ["# 二", "# 第二列"])


def test_line_ends_stay_what_they_are() -> None:
    text = TEXT.replace("\n", "\r\n")
    made = rewrite(text, {**value(), "共享属性": {"共享类型": "不予共享", "共享条件": "依据", "共享方式": "文件下载"}})
    assert made.text.replace("\r\n", "").count("\n") == 0
    assert not made.whole


@pytest.mark.parametrize("text", ["甲: &x {乙: 1}\n丙: *x\n", "甲: 1\n甲: 2\n", "? [甲]\n: 1\n丙: 2\n", "{}\n", ""])
def test_what_cannot_be_changed_in_place_is_written_anew(text: str) -> None:
    made = rewrite(text, {"甲": {"乙": "2"}, "丙": "三"})
    assert parse(made.text, "").value == {"甲": {"乙": "2"}, "丙": "三"}


KEYS = st.sampled_from(["甲", "b", "丙 丁", "e: f", "#g"])
TRAPS = ["是", "012", "2026-01-05", "- 甲", "# 乙", "a: b", "'", '"', "多\n行", " 空 ", "{", "null", "~"]
SCALARS = st.one_of(st.sampled_from(TRAPS), st.text("甲a:#-'\"\n ", max_size=6))
VALUES = st.recursive(
    SCALARS.filter(bool),
    lambda inner: st.one_of(st.lists(inner, min_size=1, max_size=3), st.dictionaries(KEYS, inner, min_size=1, max_size=4)),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_whatever_is_asked_for_is_what_is_read(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert parse(rewrite(to_yaml(before), after).text, "").value == bare(after)


@settings(max_examples=60)
@given(st.lists(st.dictionaries(KEYS, SCALARS.filter(bool), min_size=1, max_size=3), min_size=1, max_size=5), st.data())
def test_rows_in_any_order_are_what_is_read(before: list[dict[str, str]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(before))))
    rows = [Row(number, before[number]) for number in order[: data.draw(st.integers(1, len(before)))]]
    rows.insert(data.draw(st.integers(0, len(rows))), Row(None, {"新": "行"}))
    assert parse(rewrite(to_yaml({"列": before}), {"列": rows}).text, "").value == {"列": bare(rows)}
