"""The graph of an entry: the fast way gives what pyld gives, in both languages, and nothing is fetched."""

from __future__ import annotations

import functools
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdata import content
from govdata.codes import CodeList, read_list
from govdata.errors import GovdataError
from govdata.graph.document import document, document_as_written
from govdata.graph.expand import expand
from govdata.graph.iris import to_iri
from govdata.graph.reference import canonical_nquads, context_for, expand_by_pyld, expand_written
from govdata.reading.documents.yaml import Document, parse
from govdata.reading.entries.keys import ANY, BOOLEAN, INTEGER, LANGUAGES, NAMES, NUMBER, OBJECT, Scope, Term, entry_scope
from govdata.reading.entries.translation import read_entry
from govdata.values import Entry

CHINESE = """
标准: shanghai
信息资源名称: 徐汇区公共停车场
信息资源代码: "307001/000012"
信息资源提供方: 徐汇区建设和管理委员会
信息资源提供方代码: "113101040000000190"
信息资源摘要: 经营性公共停车场的名称、地址、泊位数和收费
信息资源格式: [{格式分类: 电子表格, 格式类型: csv}]
共享属性: {共享类型: 无条件共享, 共享方式: 文件下载}
开放属性: {是否向社会开放: 是, 开放条件: 无条件, 开放类型: 无条件开放}
更新周期: 每月
发布日期: 2026-01-05
关联资源代码: ["307001/000013"]
标签: 停车、交通
主题分类: [综合政务]
在线资源链接地址: https://example.org/停车场
许可: https://creativecommons.org/licenses/by/4.0/
使用条款: 注明来源
联系方式: {单位: 建管委信息科, 电话: 021-0000 0000, 邮箱: a@example.org}
校核纠错: {网址: www.example.org, 说明: 工作日答复}
数据级别: 一般
涉密: 否
时间范围: {开始: 2025-01-01, 结束: 2025-12-31}
空间范围: 徐汇区
调查数: {数据存储总量: 0.25, 结构化信息记录总数: 12}
资源:
  - 文件: 数据/停车场 (1).csv
    方言: {分隔符: ";", 表头行: [1, 2]}
    记录数: 12
    唯一键: [[编号], [名称, 地址]]
    主键: 编号
    外键: [{信息项: [行政区划], 引用: {代码表: codes/division, 信息项: [代码]}}]
    信息项:
      - {名称: 编号, 英文名: id, 类型: 字符型, 长度: 12, 主键: 是}
      - {名称: 收费, 英文名: fee, 类型: number, 最小值: 0, 取值: ["0", "5"]}
"""
ENGLISH = """
standard: shanghai
title: 徐汇区公共停车场
identifier: "307001/000012"
publisher: {name: 徐汇区建设和管理委员会, code: "113101040000000190"}
description: 经营性公共停车场的名称、地址、泊位数和收费
formats: [{class: spreadsheet, type: csv}]
sharing: {type: unconditional, method: [file]}
opening: {open: yes, condition: 无条件, type: open}
updateCycle: Monthly
issued: 2026-01-05
related: "307001/000013"
keywords: [停车, 交通]
theme: 综合政务
landingPage: [https://example.org/停车场]
licence: https://creativecommons.org/licenses/by/4.0/
terms: 注明来源
contact: {organisation: 建管委信息科, phone: 021-0000 0000, email: a@example.org}
correction: {url: www.example.org, note: 工作日答复}
securityLevel: general
secret: false
temporal: {start: 2025-01-01, end: 2025-12-31}
spatial: 徐汇区
survey: {storage: 0.25, records: 12}
resources:
  - file: ./数据\\停车场 (1).csv
    dialect: {delimiter: ";", headerRows: [1, 2]}
    rows: 12
    uniqueKeys: [[编号], [名称, 地址]]
    primaryKey: [编号]
    foreignKeys: [{fields: [行政区划], reference: {codes: codes/division, fields: [代码]}}]
    fields:
      - {name: 编号, englishName: id, type: C, length: 12, primaryKey: true}
      - {name: 收费, englishName: fee, type: number, minimum: 0, values: ["0", "5"]}
"""
MIXED = (
    CHINESE.replace("信息资源名称", "title")
    .replace("文件:", "file:")
    .replace("开放条件", "condition")
    .replace("类型: 字符型", "type: 字符型")
)
CASES = Path(__file__).parent.parent / "data"
TEXTS = {"zh": CHINESE, "en": ENGLISH, "mixed": MIXED}
DATA = {str(path.relative_to(CASES)): path for path in sorted(CASES.glob("**/entry.y*ml"))}


@functools.cache
def lists() -> Mapping[str, CodeList]:
    folder = content.root() / "schemas" / "codes"
    names = [path.parent.name for path in folder.glob("*/list.yaml")]
    return {name: read_list(content.load(f"schemas/codes/{name}/list.yaml"), folder / name) for name in names}


def entry_of(text: str) -> Entry:
    found = parse(text, "entry.yaml")
    assert found.readable, found.findings
    return read_entry(found, "entry.yaml", lists())[0]


def agree(entry: Entry) -> list[dict[str, Any]]:
    fast = expand(entry.canonical)
    for language in LANGUAGES:
        assert expand_by_pyld(document(entry.canonical, language)) == fast
    assert expand_written(entry) == fast
    return fast


@pytest.mark.parametrize("name", [*TEXTS, *DATA])
def test_the_fast_way_agrees_with_pyld(name: str) -> None:
    """Our three entries, and that of every dataset case that can be read."""
    found = parse(TEXTS.get(name) or DATA[name].read_bytes(), "entry.yaml")
    if found.readable and isinstance(found.value, Mapping):
        agree(read_entry(found, "entry.yaml", lists())[0])


def test_one_entry_in_two_languages_is_one_graph() -> None:
    graphs = {name: canonical_nquads(expand_written(entry_of(text))) for name, text in TEXTS.items()}
    assert graphs["zh"].count("\n") > 80
    assert graphs["zh"] == graphs["en"] == graphs["mixed"]


def test_the_graph_is_dcat() -> None:
    quads = canonical_nquads(expand(entry_of(CHINESE).canonical))
    subject = "<urn:govdata:dataset:307001%2F000012>"
    dct, dcat = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
    for line in (
        f"{subject} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{dcat}Dataset> .",
        f'{subject} <{dct}title> "徐汇区公共停车场" .',
        f'{subject} <{dct}issued> "2026-01-05"^^<http://www.w3.org/2001/XMLSchema#date> .',
        f"{subject} <{dct}accrualPeriodicity> <urn:govdata:codes:update-cycle:monthly> .",
        f"{subject} <{dct}relation> <urn:govdata:dataset:307001%2F000013> .",
        f"{subject} <{dct}license> <https://creativecommons.org/licenses/by/4.0/> .",
        f"{subject} <{dcat}landingPage> <https://example.org/%E5%81%9C%E8%BD%A6%E5%9C%BA> .",
    ):
        assert line in quads
    assert "<urn:govdata:dataset:307001%2F000012/%E6%95%B0%E6%8D%AE/%E5%81%9C%E8%BD%A6%E5%9C%BA%20%281%29.csv>" in quads
    assert '"0.25"^^<http://www.w3.org/2001/XMLSchema#decimal>' in quads
    assert '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>' in quads


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("file", "停车场.csv", "urn:x/%E5%81%9C%E8%BD%A6%E5%9C%BA.csv"),
        ("file", "a\\b c.csv", "urn:x/a/b%20c.csv"),
        ("file", "./a//b.csv", "urn:x/a/b.csv"),
        ("file", "../../etc/passwd", "urn:x/%2E%2E/%2E%2E/etc/passwd"),
        ("file", "C:\\a.csv", "urn:x/C%3A/a.csv"),
        ("file", "a?b#c%20.csv", "urn:x/a%3Fb%23c%2520.csv"),
        ("file", "https://example.org/a b.csv", "https://example.org/a%20b.csv"),
        ("url", "http://例子.cn/<x>", "http://%E4%BE%8B%E5%AD%90.cn/%3Cx%3E"),
        ("url", "www.example.org", None),
        ("tel", "021-0000 转 3", "tel:021-0000%20%E8%BD%AC%203"),
        ("mailto", "a@example.org", "mailto:a@example.org"),
        ("dataset", "307001/1", "urn:govdata:dataset:307001%2F1"),
        ("standard", "shanghai", "urn:govdata:standards:shanghai"),
    ],
)
def test_texts_become_iris(form: str, text: str, expected: str | None) -> None:
    assert to_iri(form, text, "urn:x") == expected


def test_a_code_that_a_layer_added_is_a_code_and_others_stay_text() -> None:
    canonical = {"updateCycle": "fortnightly", "zone": "哪里"}
    known = {"update-cycle": ("fortnightly",)}
    (node,) = expand(canonical, known)
    assert node["http://purl.org/dc/terms/accrualPeriodicity"] == [{"@id": "urn:govdata:codes:update-cycle:fortnightly"}]
    assert node["urn:govdata:terms#zone"] == [{"@value": "哪里"}]
    assert expand_by_pyld(document(canonical, "en", known)) == [node]


def test_written_keys_and_labels_are_what_pyld_sees() -> None:
    written = document_as_written(entry_of("标签: [停车]\n更新周期: 按月\nsharing: {共享类型: 无条件}"))
    assert written["标签"] == ["停车"]
    assert written["更新周期"] == "按月"
    assert written["sharing"]["共享类型"] == "无条件"


def test_one_language_takes_a_bundled_context_by_name() -> None:
    assert context_for({"标签": ["x"]}) == "govdata:zh-CN"
    assert context_for({"keywords": ["x"], "@type": "urn:x"}) == "govdata:en"
    assert "标签" in context_for({"keywords": [], "资源": [{"文件": "x"}]})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEXTS)
def test_our_own_json_ld_is_read_back(name: str, language: str) -> None:
    canonical = entry_of(TEXTS[name]).canonical
    entry, findings = read_entry(Document(document(canonical, language)), "entry.jsonld", lists())
    assert not findings
    # A web address comes back percent-encoded, everything else as it was.
    assert {**entry.canonical, "landingPage": canonical["landingPage"]} == without_steps(canonical)
    assert expand(entry.canonical) == expand(canonical)


def without_steps(canonical: Mapping[str, Any]) -> dict[str, Any]:
    (resource,) = canonical["resources"]
    return {**canonical, "resources": [{**resource, "file": resource["file"].replace("\\", "/").removeprefix("./")}]}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ({"发布日期": {"@value": "2026-01-05", "@type": "http://www.w3.org/2001/XMLSchema#date"}}, {"issued": "2026-01-05"}),
        ({"updateCycle": {"@id": "urn:govdata:codes:update-cycle:monthly"}}, {"updateCycle": "monthly"}),
        ({"updateCycle": "urn:govdata:codes:update-cycle:monthly"}, {"updateCycle": "monthly"}),
        ({"resources": [{"schema": {"@type": "@json", "@value": {"fields": []}}}]}, {"resources": [{"schema": {"fields": []}}]}),
        ({"resources": [{"schema": {"@id": "urn:govdata:dataset:1%2F2/a%20b.json"}}]}, {"resources": [{"schema": "a b.json"}]}),
        ({"contact": {"phone": "tel:021-0000%20000"}}, {"contact": {"phone": "021-0000 000"}}),
        ({"spatial": {"@type": "http://purl.org/dc/terms/Location", "http://www.w3.org/2000/01/rdf-schema#label": "x"}}, {"spatial": "x"}),
        ({"licence": {"@id": "https://example.org/l"}}, {"licence": "https://example.org/l"}),
        ({"title": {"x": "y"}}, {"title": {"x": "y"}}),
    ],
)
def test_values_written_as_json_ld(written: dict[str, Any], canonical: dict[str, Any]) -> None:
    entry, findings = read_entry(Document(written), "entry.jsonld", lists())
    assert not findings
    assert entry.canonical == canonical


REMOTE = [
    "https://www.w3.org/ns/dcat.jsonld",
    "http://127.0.0.1:1/x",
    "file:///etc/passwd",
    "govdata:fr",
    "context.jsonld",
    ["govdata:zh-CN", "https://x.org/"],
]


@pytest.mark.parametrize("context", [*REMOTE, {"@import": "https://x.org/"}, {"x": {"@id": "urn:x", "@context": "https://x.org/"}}])
def test_no_other_context_is_used_and_no_socket_is_opened(context: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(GovdataError, match="context-refused"):
        expand_by_pyld({"@context": context, "x": {"信息资源名称": "x"}})


@pytest.mark.parametrize("context", [*REMOTE, {"x": "urn:x"}, 5])
def test_no_other_context_is_read(context: object) -> None:
    entry, findings = read_entry(Document({"@context": context, "title": "x"}), "entry.jsonld", lists())
    assert [finding.rule for finding in findings] == ["entry/remote-context"]
    assert entry.canonical == {"title": "x"}


ODD = st.sampled_from(
    ["", " ", "x", "_:b", "@id", "@type", "a:b", "dct:title", "http://x/ä b", "urn:x", "title", "标签", "\n", '"', "\\", "//x", "#", "?"]
)
SCALARS: Mapping[str, st.SearchStrategy[Any]] = {
    BOOLEAN: st.booleans(),
    INTEGER: st.integers(-(10**15), 10**15),
    NUMBER: st.integers(0, 10**9) | st.floats(0, 10**12, allow_nan=False),
    ANY: st.text(max_size=5) | st.integers(0, 100),
    NAMES: st.lists(st.text(max_size=4), min_size=1, max_size=3),
}


def one(term: Term) -> st.SearchStrategy[Any]:
    if term.kind == OBJECT and term.scope is not None:
        return st.deferred(lambda: object_of(term.scope))  # type: ignore[arg-type]
    if term.codes:
        return st.sampled_from(sorted(set(term.labels.values()) and term.labels)) | ODD
    return SCALARS.get(term.kind, st.text(max_size=8) | ODD)


def object_of(scope: Scope) -> st.SearchStrategy[dict[str, Any]]:
    """Any object of the scope's keys, with now and then a value of a wrong shape."""
    wrong: st.SearchStrategy[Any] = st.sampled_from([None, [], {}, ["x"], {"x": 1}, True, 3, 0.5])

    def value(term: Term) -> st.SearchStrategy[Any]:
        right = st.lists(one(term), max_size=2) if term.many else one(term)
        return st.integers(0, 11).flatmap(lambda n: wrong if n == 0 else right)

    def chosen(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({key: value(scope.terms[key]) for key in keys})

    return st.lists(st.sampled_from(list(scope.terms)), max_size=5, unique=True).flatmap(chosen)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(object_of(entry_scope()), st.sampled_from(LANGUAGES))
def test_the_fast_way_agrees_on_any_entry(canonical: dict[str, Any], language: str) -> None:
    assert expand_by_pyld(document(canonical, language)) == expand(canonical)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(object_of(entry_scope()))
def test_the_fast_way_agrees_on_any_entry_as_it_was_read(written: dict[str, Any]) -> None:
    agree(read_entry(Document(written), "entry.json", lists())[0])
