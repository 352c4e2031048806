"""YAML keeps what was written, says where it stands, names the usual mistakes and never raises."""

from __future__ import annotations

import json
import time
from typing import Any

import hypothesis.strategies as st
import pytest
import yaml as pyyaml
from hypothesis import given, settings

from govdata.content import load
from govdata.reading.documents import yaml
from govdata.reading.documents.opening import parse_json
from govdata.reading.documents.yaml import Limits, parse

# PyYAML does not write its own other line breaks (NEL, LS, PS) so that it reads them back.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp"], exclude_characters="\x7f\x85"), max_size=12)
VALUES = st.recursive(
    st.one_of(TEXT, st.sampled_from(["012", "yes", "~", "null", "", "2026-01-05", "1e3", "a: b", "：", "<<", "=", "#x", "- a"])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)
FRAGMENTS = [
    *'{}[]@`%~é\u3000\\"\n\t\r:|-?,',
    "  ",
    "a: 1\n",
    "  b: x\n",
    "- c\n",
    "标题: 道路\n",
    "b：y\n",
    "'q'",
    '"d"',
    ", ",
    ": ",
    "# c\n",
]
FRAGMENTS += [
    "&a ",
    "*a",
    "!t ",
    "  text\n",
    "> \n",
    "|\n",
    "? ",
    "- ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "\r\n",
    '"\\U',
    "ffffffff",
    "<<: *a\n",
]
SOUP = st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)


@pytest.mark.parametrize(
    "text",
    [
        "012",
        "310104",
        "2026-01-05",
        "yes",
        "No",
        "on",
        "12E10",
        "1e3",
        "1_000",
        "12:30:45",
        "0x1F",
        "0o14",
        "1.0",
        ".5",
        "-1",
        "+.inf",
        "2026-01-05 08:00:00",
        "2026-01-05T08:00:00Z",
        "y",
        "TRUE",
        "0b11",
        ".NaN",
        "=",
    ],
)
def test_plain_scalars_keep_their_text(text: str) -> None:
    document = parse(f"a: {text}\nb: '{text}'\n", "entry.yaml")
    assert document.value == {"a": text, "b": text}
    assert document.positions.plain == {"/a"}


@pytest.mark.parametrize("text", ["道路", "a b", "1.2.3", "021-00000000", "307001/000012", "2026-1", "12 号", "1a", "v1", "yess"])
def test_plain_texts_are_not_marked(text: str) -> None:
    assert parse(f"a: {text}\n", "entry.yaml").positions.plain == frozenset()


@pytest.mark.parametrize("text", ["", "~", "null", "NULL"])
def test_empty_values_are_none(text: str) -> None:
    assert parse(f"a: {text}\nb: '{text}'\n", "entry.yaml").value == {"a": None, "b": text}


@given(VALUES)
def test_what_was_dumped_comes_back(value: Any) -> None:
    for style in (False, True):
        text = pyyaml.safe_dump(value, allow_unicode=True, default_flow_style=style)
        document = parse(text, "entry.yaml", Limits(depth=100))
        if document.readable:
            assert document.value == value
        else:  # characters that YAML cannot hold raw are escaped by the dumper, except a byte order mark inside a text
            assert "\ufeff" in text


@given(st.one_of(SOUP, st.text(max_size=40)))
@settings(max_examples=400)
def test_no_text_raises_and_both_parsers_agree(text: str) -> None:
    fast = parse(text, "entry.yaml")
    compiled, pyyaml.CSafeLoader = pyyaml.CSafeLoader, None
    try:
        slow = parse(text, "entry.yaml")
    finally:
        pyyaml.CSafeLoader = compiled
    assert fast == slow


@given(st.binary(max_size=40))
def test_no_bytes_raise(data: bytes) -> None:
    parse(data, "entry.yaml")
    parse_json(data, "entry.json")


def test_places_of_keys_and_values() -> None:
    document = parse("标题: 道路\n资源:\n  - {文件: a/b.csv}\n  - x~/y: 1\n    空:\n", "entry.yaml")
    places, keys = document.positions.places, document.positions.keys
    assert places["/标题"] == (1, 5)
    assert keys["/标题"] == (1, 1)
    assert keys["/资源"] == (2, 1)
    assert places["/资源"] == (3, 3)
    assert places["/资源/0/文件"] == (3, 10)
    assert places["/资源/1/x~0~1y"] == (4, 11)
    assert keys["/资源/1/空"] == (5, 5)


MISTAKES = [
    ("a: x\nb：y\nc: z\n", "full-width-colon", 2),
    ("b：y\nc: z\n", "full-width-colon", 1),
    ("a:\n\tb: 1\n", "tab", 2),
    ("a:b\nc: d\n", "no-space", 1),
    ("a: x\nbcd\ne: f\n", "no-colon", 2),
    ("a:\n-b\n-c\n", "dash", 2),
    ('a: "x\nb: y\n', "unclosed-quote", 1),
    ('a: "x\nb: "y"\n', "unclosed-quote", 1),
    ("a: 'x\nb: y\n", "unclosed-quote", 1),
    ('a: "x" y\n', "text-after-quote", 1),
    ("a: b: c\n", "colon-in-value", 1),
    ("a: @x\n", "reserved-character", 1),
    ("a: %x\n", "reserved-character", 1),
    ("a: *重要\n", "reserved-character", 1),
    ("a: *x y\n", "reserved-character", 1),
    ("a: !重要\n", "reserved-character", 1),
    ("a: [1, 2\nb: c\n", "unclosed-bracket", 1),
    ("a: {b: [1, 2\n", "unclosed-bracket", 1),
    ("a: {名称: 编号，类型: C}\n", "full-width-comma", 1),
    ("a: 1\n  b: 2\n", "indentation", 2),
    ("a:\n  b: 1\n c: 2\n", "indentation", 3),
    ("a:\n  b: 1\n\u3000c: 2\n d: 3\n", "wide-space", 3),
    ("a: 1\nb: x\x00y\n", "control-character", 2),
    ('a: 1\nb: "\\UFFFFFFFF"\n', "escape", 2),
    ('a: "C:\\data"\n', "escape", 1),
    ("? [x]\n: y\n", "complex-key", 1),
]


@pytest.mark.parametrize(("text", "what", "line"), MISTAKES)
def test_usual_mistakes_are_named(text: str, what: str, line: int) -> None:
    found = next(f for f in parse(text, "entry.yaml").findings if f.rule == "yaml/syntax")
    assert (found.args["what"], found.line) == (f"yaml-{what}", line)


@pytest.mark.parametrize(("text", "what", "line"), MISTAKES)
def test_mistakes_far_down_a_long_text_are_named_too(text: str, what: str, line: int) -> None:
    above = "# filler\n" * 20_000
    found = next(f for f in parse(above + text, "entry.yaml").findings if f.rule == "yaml/syntax")
    assert found.line == 20_000 + line
    assert found.args["what"] == f"yaml-{what}"


def test_every_mistake_has_words() -> None:
    terms = load("catalog/messages/terms.yaml")
    for _, what, _ in MISTAKES:
        assert {f"yaml-{what}", f"yaml-{what}-advice"} <= terms.keys()


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: 1\na: 2\n", "yaml/duplicate-key", 2),
        ("a: *b\n", "yaml/alias", 1),
        ("a: &a [*a]\n", "yaml/alias", 1),
        ("a: !!python/object:os.system x\n", "yaml/tag", 1),
        ("a: {<<: {b: c}}\n", "yaml/merge-key", 1),
        ("a: 1\n---\nb: 2\n", "yaml/several-documents", 2),
        ("a: " + "[" * 60 + "\n", "yaml/too-deep", 1),
        ("a: " + "{b: " * 60 + "\n", "yaml/too-deep", 1),
        ("a:\n  b：c\n", "yaml/hidden-key", 2),
        ("a: x\n  电话:021\n", "yaml/hidden-key", 2),
        ("a:\n  -停车\n", "yaml/hidden-key", 2),
        ("a: {共享类型：无条件共享，共享方式: 文件下载}\n", "yaml/hidden-key", 1),
        ("a: “307001/000012”\n", "yaml/chinese-quotes", 1),
    ],
)
def test_what_entries_must_not_hold(text: str, rule: str, line: int) -> None:
    assert [(f.rule, f.line) for f in parse(text, "entry.yaml").findings] == [(rule, line)]


def test_a_key_is_told_as_it_is_written() -> None:
    (finding,) = parse("名称/~1: “a”\n", "entry.yaml").findings
    assert (finding.pointer, finding.args["key"]) == ("/名称~1~01", "名称/~1")


def test_addresses_may_stand_in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    text, value = "{url: http://a/b?c=1, d: '?', e: [f?, g]}", {"url": "http://a/b?c=1", "d": "?", "e": ["f?", "g"]}
    assert parse(text, "entry.yaml").value == value
    monkeypatch.setattr(pyyaml, "CSafeLoader", None)
    assert parse(text, "entry.yaml").value == value


def test_first_of_two_equal_keys_is_kept_and_merge_keys_are_left_out() -> None:
    assert parse("a: 1\na: 2\n<<: {b: c}\nd: '<<'\n'<<': e\n", "entry.yaml").value == {"a": "1", "d": "<<", "<<": "e"}


@pytest.mark.parametrize(
    "text",
    [
        "a: http://x/y\n",
        "a: 08:30-17:00\n",
        "a: '说明：每月'\n",
        "a: 说明：每月\n",
        "a: |\n  说明：每月\n",
        "a: “甲”和“乙”\n",
        "a: '“甲”'\n",
    ],
)
def test_colons_in_a_value_are_no_hidden_keys(text: str) -> None:
    assert parse(text, "entry.yaml").findings == ()


def test_aliases_are_copied_with_their_places() -> None:
    document = parse("a: &a {x: 012}\nb: *a\nc: [*a]\n", "entry.yaml")
    assert document.value == {"a": {"x": "012"}, "b": {"x": "012"}, "c": [{"x": "012"}]}
    assert document.value["a"] is not document.value["b"]
    assert document.positions.places["/b"] == (2, 4)
    assert document.positions.places["/b/x"] == document.positions.places["/a/x"] == (1, 11)
    assert document.positions.plain == {"/a/x", "/b/x", "/c/0/x"}


def test_alias_bombs_stop_at_a_bound() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    for text in (f"a0: &a0 x\n{levels}", f"a0: &a0 x\nb: 1\nb:\n  {levels.replace(chr(10), chr(10) + '  ')}"):
        found = parse(text, "entry.yaml")
        assert not found.readable
        assert found.findings[-1].rule == "yaml/alias"
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [[[[[[[[[*a{n - 1}]]]]]]]]]\n" for n in range(1, 40))
    assert parse(chain, "entry.yaml").findings[-1].rule == "yaml/too-deep"


def test_size_and_encoding() -> None:
    assert [f.rule for f in parse(b"a: 12345", "entry.yaml", Limits(size=5)).findings] == ["yaml/too-large"]
    assert parse("a: 道路".encode("utf-8-sig"), "entry.yaml") == yaml.parse("a: 道路".encode("utf-8-sig"), "entry.yaml")
    for codec, name in (("gb18030", "GB18030"), ("utf-16", "UTF-16")):
        document = parse("信息资源名称: 道路".encode(codec), "entry.yaml")
        assert document.value == {"信息资源名称": "道路"}
        assert [(f.rule, f.args["encoding"]) for f in document.findings] == [("yaml/not-utf-8", name)]
    for data in (b"a: \xff\xfe", b"\xff\xfea", b"caf\xe9: 1"):
        assert [f.rule for f in parse(data, "entry.yaml").findings] == ["yaml/encoding"]


def test_pairs_of_surrogates_are_one_character() -> None:
    assert parse('a: "\\ud83d\\ude00"\nb: "\\ud83d"\n', "entry.yaml").value == {"a": "😀", "b": "\ufffd"}
    assert parse_json(b'{"a": "\\ud83d\\ude00", "b": "\\ud83d"}', "entry.json").value == {"a": "😀", "b": "\ufffd"}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 0, 2]), st.booleans())
def test_json_keeps_its_types_and_every_value_has_a_place(value: Any, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    document = parse_json(text.encode(), "entry.json")
    assert document.value == value
    lines = text.split("\n")
    for pointer, found in _values(value, ""):
        line, column = document.positions.places[pointer]
        assert lines[line - 1][column - 1] == json.dumps(found, ensure_ascii=plain)[0]
    assert len(document.positions.places) == sum(1 for _ in _values(value, ""))


def _values(value: Any, pointer: str) -> Any:
    yield pointer, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _values(item, f"{pointer}/{yaml.escape(str(key))}")


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ('{"a": 1,\n}', "trailing-comma", 2),
        ("[1,2,]", "trailing-comma", 1),
        ("{“a”: 1}", "chinese-punctuation", 1),
        ('{"a"：1}', "chinese-punctuation", 1),
        ("{'a': 1}", "single-quote", 1),
        ('{"a": 1 // x\n}', "comment", 1),
        ('{"a": "x\ny"}', "line-in-text", 1),
        ('{"a": "x', "unclosed", 1),
        ('{"a": 1', "unclosed", 1),
        ('{"a": 1\n "b": 2}', "no-comma", 2),
        ('{"a": "C:\\data"}', "backslash", 1),
        ('{"a": 1}}', "extra", 1),
        ('{"a": 1,\n"b": NaN}', "number", 2),
        ('{"a": 1e999}', "number", 1),
        ('{"a": ' + "9" * 5000 + "}", "number", 1),
        ('{"a" 1}', "other", 1),
        ('{"a": 012}', "leading-zero", 1),
        ('{"a": 10 2}', "no-comma", 1),
        ('{"a": True}', "bare-text", 1),
        ("{a: 1}", "bare-text", 1),
    ],
)
def test_json_mistakes_are_named(text: str, what: str, line: int) -> None:
    found = parse_json(text.encode(), "entry.json").findings[0]
    assert (found.rule, found.args["what"], found.line) == ("json/syntax", f"json-{what}", line)
    assert {f"json-{what}", f"json-{what}-advice"} <= load("catalog/messages/terms.yaml").keys()


def test_json_bounds() -> None:
    for text in ("[" * 100_000, "[" * 60 + "]" * 60):
        assert [f.rule for f in parse_json(text.encode(), "entry.json").findings] == ["yaml/too-deep"]
    assert [(f.rule, f.line) for f in parse_json(b'{"a": 1,\n"a": 2}', "entry.json").findings] == [("yaml/duplicate-key", 2)]


def test_a_line_of_very_many_brackets_is_told_at_once() -> None:
    begun = time.process_time()
    assert not parse("a: " + "[" * 100_000 + "]" * 100_000 + "\n", "entry.yaml").readable
    assert time.process_time() - begun < 10  # looked through from each bracket it is more than a minute
