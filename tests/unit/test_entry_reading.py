"""From what was written, in either language, to the canonical entry, and what is found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata import content
from govdata.codes import CodeList, read_list
from govdata.reading.documents.yaml import Document, parse
from govdata.reading.entries.canonical import canonical_schema
from govdata.reading.entries.keys import entry_scope
from govdata.reading.entries.scalars import explain_date, is_date, to_boolean, to_integer, to_number
from govdata.reading.entries.translation import read_entry
from govdata.values import Entry, Finding

CODES: Mapping[str, CodeList] = {
    "update-cycle": read_list(
        {
            "id": "update-cycle",
            "title": {"zh": "更新周期", "en": "Update cycle"},
            "codes": [
                {"code": "weekly", "zh": "每周", "en": "Weekly", "notations": {"gxzq": "4"}},
                {"code": "monthly", "zh": "每月", "en": "Monthly", "also": ["按月"], "notations": {"guangdong": "4"}},
            ],
        },
        None,
    ),
    "sharing-type": read_list(
        {"id": "sharing-type", "title": {}, "codes": [{"code": "unconditional", "zh": "无条件共享", "en": "Unconditional sharing"}]}, None
    ),
    "data-type": read_list({"id": "data-type", "title": {}, "codes": [{"code": "C", "zh": "字符型", "en": "Character"}]}, None),
}

PROVEN = jsonschema.Draft202012Validator(canonical_schema(content.load("schemas/entry.schema.json"), CODES))


def read(text: str) -> tuple[Entry, tuple[Finding, ...]]:
    document = parse(text, "entry.yaml")
    assert document.readable
    return read_entry(document, "entry.yaml", CODES)


def canonical(text: str) -> Any:
    entry, findings = read(text)
    assert not findings, findings
    return entry.canonical


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("信息资源名称: 公共停车场", {"title": "公共停车场"}),
        ("title: Car parks", {"title": "Car parks"}),
        ("标签: 停车、交通；泊位", {"keywords": ["停车", "交通", "泊位"]}),
        ("keywords: [a、b, c]", {"keywords": ["a、b", "c"]}),
        ("信息资源分类: 部门、上海", {"category": ["部门、上海"]}),
        ("关联资源代码: '307001/1'", {"related": ["307001/1"]}),
        ("信息资源格式: csv", {"formats": [{"type": "csv"}]}),
        ("信息资源格式: [csv, {格式类型: xlsx}]", {"formats": [{"type": "csv"}, {"type": "xlsx"}]}),
        ("信息资源格式: {格式类型: xlsx}", {"formats": [{"type": "xlsx"}]}),
        ("更新周期: 每月", {"updateCycle": "monthly"}),
        ("更新周期: 按月", {"updateCycle": "monthly"}),
        ("updateCycle: Monthly", {"updateCycle": "monthly"}),
        ("updateCycle: monthly", {"updateCycle": "monthly"}),
        ("更新周期: guangdong:4", {"updateCycle": "monthly"}),
        ("更新周期: gxzq：4", {"updateCycle": "weekly"}),
        ("网域: 随便写", {"zone": "随便写"}),
        ("开放属性: {是否向社会开放: 是}", {"opening": {"open": True}}),
        ("opening: {open: no}", {"opening": {"open": False}}),
        ("opening: {open: 1}", {"opening": {"open": "1"}}),
        ("调查数: {数据存储总量: 1.5, 结构化信息记录总数: 0}", {"survey": {"storage": 1.5, "records": 0}}),
        ('调查数: {数据存储总量: "1,000"}', {"survey": {"storage": "1,000"}}),
        ("资源: {文件: a.csv, 记录数: 12}", {"resources": [{"file": "a.csv", "rows": 12}]}),
        ("资源: [{文件: a.csv, 方言: {表头行: 3}}]", {"resources": [{"file": "a.csv", "dialect": {"headerRows": [3]}}]}),
        ("资源: [{唯一键: [[甲, 乙], 丙]}]", {"resources": [{"uniqueKeys": [["甲", "乙"], ["丙"]]}]}),
        ("资源: [{主键: 编号}]", {"resources": [{"primaryKey": ["编号"]}]}),
        (
            "资源: [{表结构: a.json}, {schema: {fields: [{name: x}]}}]",
            {"resources": [{"schema": "a.json"}, {"schema": {"fields": [{"name": "x"}]}}]},
        ),
        (
            "信息项: [{名称: 甲, 类型: 字符型, 长度: 3, 主键: 是}]",
            {"fields": [{"name": "甲", "type": "C", "length": 3, "primaryKey": True}]},
        ),
        ("信息项: [{名称: 甲, 类型: integer, 最小值: 0}]", {"fields": [{"name": "甲", "type": "integer", "minimum": "0"}]}),
        ("信息资源名称:\n信息资源摘要: x", {"description": "x"}),
        ("信息资源名称: ''", {"title": ""}),
        ("主题分类: [a, ~, b]", {"theme": ["a", "b"]}),
        ("'@context': govdata:zh-CN\n'@id': urn:x\n信息资源名称: x", {"title": "x"}),
    ],
)
def test_canonical(text: str, expected: object) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "信息资源提供方: 建管委\n信息资源提供方代码: a1\n信息资源提供方地址: 路\n提供方内部部门: 科",
        "信息资源提供方代码: a1\n信息资源提供方: 建管委\n提供方内部部门: 科\npublisherAddress: 路",
        "信息资源提供方: {名称: 建管委, 代码: a1, 地址: 路, 内部部门: 科}",
        "信息资源提供方: {信息资源提供方: 建管委, 信息资源提供方代码: a1, 地址: 路}\npublisherDepartment: 科",
        "publisher: {name: 建管委, code: a1, address: 路, department: 科}",
        "publisher: 建管委\npublisherCode: a1\npublisherAddress: 路\npublisherDepartment: 科",
    ],
)
def test_the_provider_flat_or_nested(text: str) -> None:
    assert canonical(text) == {"publisher": {"name": "建管委", "code": "a1", "address": "路", "department": "科"}}


@pytest.mark.parametrize(
    ("text", "rule", "line", "args"),
    [
        (
            "标准: x\n信息资源名字: a",
            "entry/unknown-key",
            2,
            {"key": "信息资源名字", "close": ("信息资源名称", "信息资源格式", "信息资源摘要")},
        ),
        ("titel: a", "entry/unknown-key", 1, {"key": "titel", "close": ("title",)}),
        ("UPDATE_CYCLE: monthly", "entry/unknown-key", 1, {"key": "UPDATE_CYCLE", "close": ("updateCycle",)}),
        ("ＴＩＴＬＥ: a", "entry/unknown-key", 1, {"close": ("title",)}),
        ("信息资源 名称: a", "entry/unknown-key", 1, {"close": ("信息资源名称", "信息资源格式", "信息资源摘要")}),
        ("updatecycle: monthly", "entry/unknown-key", 1, {"close": ("updateCycle",)}),
        ("共享条件: x", "entry/unknown-key", 1, {"close": ("共享属性/共享条件",)}),
        ("时间范围: {起点: 2020-01-01}", "entry/unknown-key", 1, {"close": ("开始", "结束"), "reason": "none"}),
        ("titel: a", "entry/unknown-key", 1, {"reason": "near"}),
        ("时间范围:\n\u3000开始: 2020-01-01", "entry/unknown-key", 2, {"reason": "wide-space"}),
        ("备注: a", "entry/unknown-key", 1, {"reason": "many"}),
        ("资源:\n  - 文件: a\n    信息项:\n      - 名称: a\n        长短: 3", "entry/unknown-key", 5, {"key": "长短"}),
        ("信息资源提供方: {名字: 建管委}", "entry/unknown-key", 1, {"key": "名字", "close": ("名称", "代码", "地址", "内部部门")}),
        ("更新周期: 每用", "entry/unknown-code", 1, {"list": "update-cycle", "close": ("每月", "每周")}),
        ("更新周期: zzzzz", "entry/unknown-code", 1, {"list": "update-cycle"}),
        ("信息项: [{类型: 文字}]", "entry/unknown-code", 1, {"list": "data-type"}),
        ("发布日期: 2026-1-5", "entry/date-form", 1, {"key": "发布日期", "proposal": "2026-01-05"}),
        ("发布日期: 20260105", "entry/date-form", 1, {"proposal": "2026-01-05"}),
        ("发布日期: 2026年1月5日", "entry/date-form", 1, {"proposal": "2026-01-05"}),
        ("发布日期: 2026/01/05 12:00", "entry/date-form", 1, {"proposal": "2026-01-05"}),
        ("发布日期: ２０２６-01-05", "entry/date-form", 1, {"proposal": "2026-01-05"}),
        ("发布日期: 2026-02-30", "entry/date-form", 1, {"proposal": "YYYY-MM-DD"}),
        ("发布日期: 明天", "entry/date-form", 1, {"proposal": "YYYY-MM-DD"}),
        ("信息资源名称: a\ntitle: b", "entry/duplicate-key-language", 2, {"first": "信息资源名称", "second": "title"}),
        ("标签: [a]\nkeywords: [a, b]", "entry/duplicate-key-language", 2, {"first": "标签", "second": "keywords"}),
        ("信息资源提供方: 甲\npublisher: {name: 乙}", "entry/duplicate-key-language", 2, {"first": "信息资源提供方", "second": "name"}),
        ("信息资源名称: a\n'@context': https://schema.org/", "entry/remote-context", 2, {"bundled": ("govdata:zh-CN", "govdata:en")}),
        ("'@context': {x: y}\n信息资源名称: a", "entry/remote-context", 1, {}),
        ("资源版本: 1.0", "entry/number-like", 1, {"key": "资源版本"}),
        ("信息资源名称: yes", "entry/number-like", 1, {}),
        ("信息项: [{取值: [01]}]", "entry/number-like", 1, {"key": "取值"}),
    ],
)
def test_findings(text: str, rule: str, line: int, args: dict[str, object]) -> None:
    _, findings = read(text)
    assert [(f.rule, f.line, f.file) for f in findings] == [(rule, line, "entry.yaml")]
    assert {name: findings[0].args[name] for name in args} == args


def test_a_hostile_entry_costs_little() -> None:
    """Beyond a hundred mistakes nothing is guessed, and what is very long is neither looked up nor shown whole."""
    keys = {f"titl{number}": None for number in range(300)}
    _, findings = read_entry(Document({**keys, "x" * 10**6: 1, "updateCycle": "每" * 10**6}), "entry.json", CODES)
    assert findings[0].args["close"] == ("title",)
    assert len(findings[200].args["close"]) == 12  # type: ignore[arg-type]
    assert findings[-1].rule == "entry/unknown-code"
    assert findings[-1].value == "每" * 200 + "…"
    assert all(len(str(finding.args["key"])) <= 200 for finding in findings)


def test_a_bare_digit_names_its_meanings_and_stays() -> None:
    entry, (finding,) = read("更新周期: 4")
    assert finding.rule == "entry/bare-code"
    assert finding.value == "4"
    assert [text["zh"] for text in finding.args["meanings"]] == ["gxzq:4（每周）", "guangdong:4（每月）"]  # type: ignore[attr-defined]
    assert entry.canonical == {"updateCycle": "4"}


def test_a_digit_in_json_is_no_code_either() -> None:
    _, (finding,) = read_entry(Document({"updateCycle": 4}), "entry.json", CODES)
    assert (finding.rule, finding.value) == ("entry/bare-code", "4")


def test_json_types_stay() -> None:
    entry, findings = read_entry(Document({"opening": {"open": True}, "survey": {"storage": 1.5}, "title": 12}), "entry.json", CODES)
    assert not findings
    assert entry.canonical == {"opening": {"open": True}, "survey": {"storage": 1.5}, "title": 12}


def test_the_same_given_twice_is_no_finding() -> None:
    assert canonical("更新周期: 每月\nupdateCycle: monthly\n信息资源名称: a\ntitle:") == {"updateCycle": "monthly", "title": "a"}


@pytest.mark.parametrize(("value", "count"), [([], 1), ("text", 1), (None, 1), ({}, 0)])
def test_what_is_no_mapping(value: object, count: int) -> None:
    entry, findings = read_entry(Document(value), "entry.yaml", CODES)
    assert entry.canonical == {}
    assert [f.rule for f in findings] == ["entry/not-mapping"] * count


@pytest.mark.parametrize(
    ("pointer", "written"),
    [
        ("", ""),
        ("/title", "/信息资源名称"),
        ("/publisher", "/信息资源提供方"),
        ("/publisher/name", "/信息资源提供方"),
        ("/publisher/code", "/信息资源提供方代码"),
        ("/sharing/type", "/共享属性/type"),
        ("/formats/1/type", "/信息资源格式/1"),
        ("/keywords/1", "/标签"),
        ("/resources/0/fields/1/length", "/资源/0/信息项/1/长度"),
        ("/description", "/信息资源摘要"),
    ],
)
def test_pointers_lead_to_what_was_written(pointer: str, written: str) -> None:
    entry, _ = read(
        "信息资源名称: a\n信息资源提供方: b\n信息资源提供方代码: c\n共享属性: {type: 无条件共享}\n"
        "信息资源格式: [csv, xlsx]\n标签: a、b\n信息资源摘要:\n"
        "资源: [{文件: a, 信息项: [{名称: a}, {长度: 3}]}]"
    )
    assert entry.pointers[pointer] == written
    assert written in entry.positions.places or written == "/"


@pytest.mark.parametrize(
    ("text", "expected"), [("是", True), ("否", False), ("YES", True), ("False", False), ("1", "1"), ("对", "对"), ("", "")]
)
def test_to_boolean(text: str, expected: object) -> None:
    assert to_boolean(text) is expected or to_boolean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("12", 12), ("-3", -3), ("012", "012"), ("1.0", "1.0"), ("１", "１"), ("9" * 19, "9" * 19)]
)
def test_to_integer(text: str, expected: object) -> None:
    assert to_integer(text) == expected
    assert type(to_integer(text)) is type(expected)


@pytest.mark.parametrize(("text", "expected"), [("1.50", 1.5), ("7", 7), ("1e5", "1e5"), (".5", ".5"), ("01.5", "01.5"), ("1,5", "1,5")])
def test_to_number(text: str, expected: object) -> None:
    assert to_number(text) == expected


@given(st.dates())
def test_every_date_is_read_in_its_usual_forms(day: Any) -> None:
    year = f"{day.year:04}"
    assert is_date(day.isoformat())
    month, number = f"{day.month:02}", f"{day.day:02}"
    for form in (
        f"{year}-{day.month}-{day.day}",
        f"{year}/{month}/{number}",
        f"{year}{month}{number}",
        f"{year}年{day.month}月{day.day}日",
    ):
        assert explain_date(form)["proposal"] == day.isoformat()


KEYS = st.sampled_from([*entry_scope().keys, "@context", "别的", "名称", "文件", "fields", "共享类型"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["每月", "是", "2026-1-5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_document_is_read_and_every_pointer_leads_somewhere(value: dict[str, Any]) -> None:
    entry, _ = read_entry(Document(value), "entry.json", CODES)
    assert set(entry.canonical) <= set(entry_scope().terms)
    for pointer in entry.pointers.values():
        at: Any = value
        for step in pointer.split("/")[1:]:
            at = at[int(step)] if isinstance(at, list) else at[step.replace("~1", "/").replace("~0", "~")]


def test_the_shipped_lists_read_their_own_labels() -> None:
    scope = entry_scope()
    for term in scope.terms.values():
        if term.codes:
            codes = read_list(content.load(f"schemas/codes/{term.codes}/list.yaml"), content.root() / "schemas" / "codes" / term.codes)
            for label, iri in term.labels.items():
                assert iri.endswith(f":{codes.resolve(label)}")


def _generated() -> st.SearchStrategy[Any]:
    texts = st.sampled_from(
        ["monthly", "每月", "4", "unconditional", "2026-01-05", "2026-02-30", "2026-1-5", "2026-01-05\n", "C", "integer", "x", ""]
    )
    leaves = texts | st.booleans() | st.integers(0, 5) | st.none()
    keys = st.sampled_from(
        ["title", "updateCycle", "issued", "opening", "open", "sharing", "type", "fields", "name", "length", "keywords", "theme"]
    )
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=3), max_leaves=8)


@given(st.dictionaries(st.sampled_from([*entry_scope().terms, "标签", "@context"]), _generated(), max_size=4))
def test_what_is_proven_canonical_reads_as_itself(value: dict[str, Any]) -> None:
    if PROVEN.is_valid(value):
        entry, findings = read_entry(Document(value), "entry.json", CODES)
        assert not findings
        assert entry.canonical == value


@pytest.mark.parametrize(
    ("value", "proven"),
    [
        ({"title": "x", "updateCycle": "monthly", "issued": "2026-01-31", "opening": {"open": True}}, True),
        (
            {
                "fields": [{"name": "x", "type": "C"}, {"name": "y", "type": "integer"}],
                "resources": [{"file": "a", "modified": "2024-12-31"}],
            },
            True,
        ),
        ({"updateCycle": "每月"}, False),
        ({"标签": ["x"]}, False),
        ({"keywords": "x"}, False),
        ({"issued": "2026-02-29"}, False),
        ({"issued": "2026-01-05\n"}, False),
        ({"@context": "govdata:en"}, False),
        ({"publisherCode": "x"}, False),
    ],
)
def test_what_is_proven_canonical(value: dict[str, Any], proven: bool) -> None:
    assert PROVEN.is_valid(value) is proven


@pytest.mark.parametrize(
    ("text", "reason"),
    [("2026/1/5", "form"), ("2026-02-30", "no-such-day"), ("2026/13/5", "no-such-day"), ("46027", "other"), ("民国115年1月5日", "other")],
)
def test_why_a_text_is_no_date(text: str, reason: str) -> None:
    assert explain_date(text)["reason"] == reason
