"""Discovery: every dataset below a folder, in order, nothing outside it, and a finding for what is not as it should be."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import ReadError
from govdata.reading.datasets import find_datasets, outside
from govdata.reading.documents.opening import parse_json, require_object
from govdata.reading.documents.records import read_lines
from govdata.reading.documents.yaml import Document
from govdata.reading.entries.translation import read_entry
from govdata.settings import Settings, find_root
from govdata.standards import read_library
from govdata.values import Dataset, Dialect, Entry, Finding

ENTRY = "信息资源名称: 停车场\n"


def _reader(document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
    return read_entry(document, file, {})


def _write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def _find(path: Path, **options: Any) -> list[Dataset]:
    return list(find_datasets(path, Settings(**options), _reader))


def _rules(dataset: Dataset) -> list[tuple[str, str]]:
    return [(f.rule, str(f.args.get("name", ""))) for f in dataset.findings]


def _one(tmp_path: Path, entry: str, **files: str | bytes) -> Dataset:
    """The dataset of a folder with an entry and files; `__` in a name stands for `.`, `___` for `/`."""
    named = {name.replace("___", "/").replace("__", "."): content for name, content in files.items()}
    return _find(_write(tmp_path, {"entry.yaml": entry, **named}))[0]


def test_a_directory_gives_its_datasets_in_order(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "b/entry.yaml": ENTRY,
            "a/deep/er/entry.json": '{"信息资源名称": "停车场"}',
            "a/datapackage.json": '{"name": "p", "resources": [{"name": "r", "path": "r.csv"}]}',
            "a/r.csv": "id\n1\n",
            "c/entry.yml": ENTRY,
            "d/entry.jsonld": '{"@context": "govdata:en", "title": "x"}',
            "e/just.csv": "id\n",
            ".git/entry.yaml": ENTRY,
            ".govdata/entry.yaml": ENTRY,
            "node_modules/entry.yaml": ENTRY,
            "rules/entry.yaml": ENTRY,
        },
    )
    found = _find(tmp_path, content=tmp_path / "rules")
    assert [(d.location, d.kind) for d in found] == [
        ("a", "package"),
        ("a/deep/er", "entry"),
        ("b", "entry"),
        ("c", "entry"),
        ("d", "entry"),
    ]
    assert [d.entry.canonical.get("title") for d in found if d.entry] == [None, "停车场", "停车场", "停车场", "x"]


def test_a_folder_without_datasets_gives_nothing(tmp_path: Path) -> None:
    assert _find(_write(tmp_path, {"a/b.csv": "id\n"})) == []


def test_the_named_folder_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, {"数据 集/entry.yaml": ENTRY})
    monkeypatch.chdir(tmp_path / "数据 集")
    for path in (tmp_path / "数据 集", Path()):
        assert [d.location for d in _find(path)] == ["数据 集"]


def test_a_file_is_read_as_what_it_is(tmp_path: Path) -> None:
    _write(tmp_path, {"entry.yaml": ENTRY, "停车场.yaml": ENTRY, "datapackage.json": '{"resources": []}', "a.TSV": "id\n", "b.xlsx": b"x"})
    for name, kind in (
        ("entry.yaml", "entry"),
        ("停车场.yaml", "entry"),
        ("datapackage.json", "package"),
        ("a.TSV", "table"),
        ("b.xlsx", "table"),
    ):
        (dataset,) = _find(tmp_path / name)
        assert (dataset.kind, dataset.path) == (kind, tmp_path)
    (table,) = _find(tmp_path / "a.TSV")
    assert [(r.id, r.format, r.dialect, r.schema) for r in table.resources] == [("a.TSV", "tsv", Dialect(delimiter="\t"), None)]


def test_a_lone_table_takes_the_schema_of_the_options(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {"a.csv": "id\n", "s.json": '{"fields": [{"name": "id"}]}', "s.yaml": "fields:\n  - {name: id, constraints: {maxLength: 3}}\n"},
    )
    assert _find(tmp_path / "a.csv", schema=tmp_path / "s.json")[0].resources[0].schema == {"fields": [{"name": "id"}]}
    typed = _find(tmp_path / "a.csv", schema=tmp_path / "s.yaml")[0].resources[0].schema
    assert typed == {"fields": [{"name": "id", "constraints": {"maxLength": 3}}]}
    with pytest.raises(ReadError):
        _find(tmp_path / "a.csv", schema=tmp_path / "none.json")


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    _write(tmp_path, {"a.csv": "id\n"})
    for path in (tmp_path / "none", tmp_path / "a.csv" / "b", Path("a\0b")):
        with pytest.raises(ReadError) as caught:
            _find(path)
        assert caught.value.key == "no-such-path"
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReadError) as caught:
        _find(tmp_path / "pipe")
    assert caught.value.key == "not-a-file"


def test_links_are_not_followed_out_of_the_folder_or_in_circles(tmp_path: Path) -> None:
    root = _write(tmp_path / "root", {"a/entry.yaml": ENTRY, "a/x.csv": "id\n", "b/c.txt": "x"})
    outside = _write(tmp_path / "outside", {"entry.yaml": ENTRY, "secret.csv": "id\n"})
    os.symlink(root, root / "a" / "loop")
    os.symlink(root / "a" / "self", root / "a" / "self")
    os.symlink(outside, root / "b" / "out")
    found = _find(root)
    assert [d.location for d in found] == ["a", "b"]
    assert _rules(found[1]) == [("folder/path-outside", "out")]
    os.symlink(outside / "entry.yaml", root / "b" / "entry.yaml")
    again = _find(root)
    assert again[1].entry is None
    assert ("folder/path-outside", "entry.yaml") in _rules(again[1])


def test_one_entry_in_a_folder(tmp_path: Path) -> None:
    dataset = _one(tmp_path, ENTRY, entry__json="{}", datapackage__json="{}")
    assert [f.rule for f in dataset.findings] == ["folder/several-entries", "folder/package-beside-entry"]


def test_files_that_the_entry_does_not_name(tmp_path: Path) -> None:
    files = {
        "a.csv": "id\n",
        "B.CSV": "id\n",
        "README.md": "",
        "LICENSE": "",
        "~$a.xlsx": "",
        ".hidden": "",
        "Thumbs.db": "",
        "sub/c.csv": "",
        "nested/entry.yaml": ENTRY,
    }
    files |= {"nested/d.csv": "", "schema.json": '{"fields": []}', ".cache/x": "", "说明.txt": ""}
    _write(tmp_path, files)
    dataset = _one(tmp_path, ENTRY + "资源:\n  - {文件: a.csv, 表结构: schema.json}\n")
    assert _rules(dataset) == [("folder/unlisted-file", "B.CSV"), ("folder/unlisted-file", "sub/c.csv")]


@pytest.mark.parametrize(
    "name",
    ["../a.csv", "a/../../a.csv", "/etc/hosts", "C:\\a.csv", "c:a.csv", "\\\\server\\a\\b.csv", "//server/a.csv", "~/a.csv", "..\\a.csv"],
)
def test_names_that_leave_the_folder_are_not_read(tmp_path: Path, name: str) -> None:
    _write(tmp_path, {"a.csv": "id\n"})
    dataset = _one(tmp_path / "d", ENTRY + f"资源:\n  - 文件: '{name}'\n")
    assert dataset.resources == ()
    assert ("folder/path-outside", name) in _rules(dataset)


def test_a_linked_file_outside_is_not_read(tmp_path: Path) -> None:
    _write(tmp_path, {"a.csv": "id\n", "d/b.csv": "id\n"})
    os.symlink(tmp_path / "a.csv", tmp_path / "d" / "a.csv")
    os.symlink("b.csv", tmp_path / "d" / "c.csv")
    dataset = _one(tmp_path / "d", ENTRY + "资源:\n  - 文件: a.csv\n  - 文件: c.csv\n  - 文件: b.csv\n")
    assert [r.file for r in dataset.resources] == ["c.csv", "b.csv"]
    assert _rules(dataset) == [("folder/path-outside", "a.csv")]
    assert dataset.findings[0].args["why"] == "outside-link"


@pytest.mark.parametrize(
    ("written", "real", "rules"),
    [
        ("data/a.csv", "data/a.csv", []),
        ("./data//a.csv", "data/a.csv", []),
        ("data\\a.csv", "data/a.csv", ["folder/backslash"]),
        ("data/x/../a.csv", "data/a.csv", []),
        ("Data/A.CSV", "data/a.csv", ["folder/file-case"]),
        ("caf\u00e9.csv", "cafe\u0301.csv", ["folder/file-case"]),
    ],
)
def test_names_are_found_as_they_are_written(tmp_path: Path, written: str, real: str, rules: list[str]) -> None:
    _write(tmp_path, {"data/a.csv": "id\n", "cafe\u0301.csv": "id\n"})
    dataset = _one(tmp_path, ENTRY + f"资源:\n  - 文件: {written}\n")
    assert [r.file for r in dataset.resources] == [real]
    assert [f.rule for f in dataset.findings if f.rule != "folder/unlisted-file"] == rules


@pytest.mark.skipif(os.name == "nt", reason="no file can be called so there")
@pytest.mark.parametrize("name", ["a: b.csv", "back\\slash.csv", "x..\\up.csv", "sub/x\\y.csv"])
def test_files_that_windows_would_read_as_paths_are_found_by_their_names(name: str, tmp_path: Path) -> None:
    _write(tmp_path, {name: "id\n", "slash.csv": "id\n"})
    dataset = _one(tmp_path, ENTRY + f"资源:\n  - 文件: '{name}'\n")
    assert [r.file for r in dataset.resources] == [name]
    assert [f.rule for f in dataset.findings if f.file != "slash.csv"] == ["folder/portable-name"]


@pytest.mark.parametrize("name", ["..\\a.csv", "C:\\a.csv", "C:a.csv"])
def test_no_way_out_is_proposed_with_other_slashes(name: str, tmp_path: Path) -> None:
    dataset = _one(tmp_path, ENTRY + f"资源:\n  - 文件: '{name}'\n")
    assert [f.rule for f in dataset.findings] == ["folder/path-outside"]


def test_names_that_are_not_utf8_are_read_as_gb18030(tmp_path: Path) -> None:
    folder = tmp_path / "甲"
    _write(folder, {"entry.yaml": ENTRY + "资源:\n  - 文件: 停车场.csv\n"})
    for name in ("停车场.csv", "其他.csv"):
        try:
            (folder / os.fsdecode(name.encode("gb18030"))).write_text("id\n")
        except OSError:  # a file system that takes only Unicode has no such names
            return
    os.rename(folder, tmp_path / os.fsdecode("甲".encode("gb18030")))
    (dataset,) = _find(tmp_path)
    assert dataset.location == "甲"
    assert [r.file for r in dataset.resources] == ["停车场.csv"]
    assert dataset.resources[0].path.read_text() == "id\n"
    assert _rules(dataset) == [("folder/unlisted-file", "其他.csv")]


def test_missing_files_have_near_names(tmp_path: Path) -> None:
    _write(tmp_path, {"停车场（2025）.csv": "id\n", "data/x.csv": "id\n"})
    dataset = _one(tmp_path, ENTRY + "资源:\n  - 文件: 停车场(2025).csv\n  - 文件: data/y.csv\n  - 文件: data\n")
    found = {f.args["name"]: f for f in dataset.findings if f.rule != "folder/unlisted-file"}
    assert found["停车场(2025).csv"].rule == found["data/y.csv"].rule == "file/missing"
    assert found["停车场(2025).csv"].args["close"] == ("停车场（2025）.csv",)
    assert found["data/y.csv"].args["close"] == ("data/x.csv",)
    assert (found["data"].rule, found["data"].line, found["data"].pointer) == ("folder/not-a-file", 5, "/资源/2/文件")


def test_an_entry_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    broken = {
        "a/entry.yaml": "a: [",
        "b/entry.yaml": b"\xff\xff",
        "c/entry.yaml": "",
        "d/entry.yaml": "- a\n",
        "e/entry.json": "{",
        "f/entry.yaml": b"a: " + b"x" * 300,
    }
    found = _find(_write(tmp_path, broken), max_entry=200)
    assert [[f.rule for f in d.findings] for d in found] == [
        ["yaml/syntax"],
        ["yaml/encoding"],
        ["yaml/empty"],
        ["entry/not-mapping"],
        ["json/syntax"],
        ["yaml/too-large"],
    ]
    assert all(d.entry is None for d in found)
    os.mkfifo(tmp_path / "a" / "x.csv")
    _write(tmp_path, {"a/entry.yaml": ENTRY + "资源:\n  - 文件: x.csv\n"})
    assert [f.rule for f in _find(tmp_path / "a")[0].findings] == ["folder/not-a-file"]


def test_a_set_of_entries_is_not_read_as_one(tmp_path: Path) -> None:
    path = _write(tmp_path, {"many.jsonld": '{"@context": "govdata:en", "@graph": [\n{"title": "a"},\n{"title": "b"}]}'}) / "many.jsonld"
    (found,) = _find(path)
    assert found.entry is None
    assert [(f.rule, f.line, f.args["name"]) for f in found.findings] == [("entry/graph", 1, "many.jsonld")]


def test_json_lines_are_streamed_and_broken_lines_are_told(tmp_path: Path) -> None:
    lines = ['{"信息资源名称": "甲"}', "", "{broken", "x" * 500, "[1]", '{"信息资源名称": "乙",\t"信息资源名称": "丙"}']
    path = _write(tmp_path, {"all.jsonl": "\r\n".join(lines)}) / "all.jsonl"
    found = find_datasets(path, Settings(max_entry=200), _reader)
    first = next(found)
    assert (first.kind, first.location) == ("record", "all.jsonl:1")
    assert [(d.location, [(f.rule, f.line) for f in d.findings]) for d in found] == [
        ("all.jsonl:3", [("json/syntax", 3)]),
        ("all.jsonl:4", [("yaml/too-large", 4)]),
        ("all.jsonl:5", [("entry/not-mapping", 5)]),
        ("all.jsonl:6", [("yaml/duplicate-key", 6)]),
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"标题":"甲","b":[1,{"c":null}]}',
        '{"标题": "甲", "b": [1, {"c": 1.5}]}',
        '{"\\u6807\\u9898": "\\ud83d\\ude00"}',
        '{ "标题" : 1e2 }',
        '{"a": 1, "a": 1}',
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        *('{"a": ' + "[" * n + "]" * n + "}" for n in (48, 49, 50, 60)),
        '{"a": 123456789012345678901234567890, "b": 0.1}',
        "{}",
        "nul",
    ],
)
def test_lines_are_read_as_documents_are(tmp_path: Path, line: str) -> None:
    path = _write(tmp_path, {"a.jsonl": line}) / "a.jsonl"
    seen: list[Document] = []

    def read(document: Document, file: str) -> tuple[Entry, tuple[Finding, ...]]:
        seen.append(document)
        return _reader(document, file)

    (dataset,) = find_datasets(path, Settings(), read)
    whole = require_object(parse_json(line.encode(), "a.jsonl"), "a.jsonl")
    assert [(d.value, dict(d.positions.places), dict(d.positions.keys), d.sha256) for d in seen] == [
        (d.value, dict(d.positions.places), dict(d.positions.keys), d.sha256) for d in [whole] if d.readable
    ]
    assert dataset.findings[: len(whole.findings)] == whole.findings


def test_a_line_without_end_is_passed_over_in_pieces(tmp_path: Path) -> None:
    path = _write(tmp_path, {"a.ndjson": b"x" * 1000 + b"\n" + b"y" * 100 + b"\n" + b"z" * 101}) / "a.ndjson"
    assert [(n, line if line is None else len(line)) for n, line in read_lines(path, 100)] == [(1, None), (2, 101), (3, None)]


def test_the_root_is_found_upwards(tmp_path: Path) -> None:
    _write(tmp_path, {"govdata.toml": "", "a/b/entry.yaml": ENTRY})
    assert find_root(tmp_path / "a" / "b" / "entry.yaml") == tmp_path
    assert find_root(tmp_path) == tmp_path


RESOURCES = """信息资源名称: 停车场
资源:
  - 文件: a.csv
    编码: GB18030
    方言: {分隔符: 制表符, 引号: "", 表头行: [2, 3], 注释符: "#"}
    记录数: 12
    唯一键: [[名称, 区划]]
    缺失值: ["", "-"]
    信息项:
      - {名称: 编号, 英文名: id, 类型: C, 长度: 12, 主键: 是}
      - {名称: 名称, 类型: C, 必填: 是, 唯一: 是, 模式: "[A-Z]+"}
      - {名称: 区划, 类型: C, 语义: 行政区划代码, 代码表: division, 外键: {数据集: "1/2", 资源: 区划, 信息项: 代码}}
      - {名称: 泊位数, 类型: I, 最小值: 0, 最大值: "100"}
      - {名称: 收费, 类型: Y, 长度: 10, 精度: 2, 单位: 元}
      - {名称: 开放, 类型: L}
      - {名称: 日期, 类型: D}
      - {名称: 时间, 类型: T}
      - {名称: 类别, 类型: C, 取值: [甲, 乙], 个人信息: 否}
    外键:
      - {信息项: [名称], 引用: {代码表: sex}}
  - {文件: b.xlsx, 工作表: "一", 名称: 表}
  - {文件: b.xlsx, 工作表: "二", 名称: 表}
  - {文件: https://example.org/x.csv}
  - {名称: 没有文件}
"""


def test_resources_of_an_entry(tmp_path: Path) -> None:
    codes = read_library(None).standard("national").codes
    _write(tmp_path, {"entry.yaml": RESOURCES, "a.csv": "", "b.xlsx": ""})
    (dataset,) = find_datasets(tmp_path, Settings(), lambda document, file: read_entry(document, file, codes))
    first, *rest = dataset.resources
    assert (first.id, first.encoding, first.rows, first.pointer) == ("a.csv", "GB18030", 12, "/资源/0")
    assert first.dialect == Dialect(delimiter="\t", quote=None, header_rows=(2, 3), comment="#", declared=True)
    assert first.schema is not None
    fields = {field["name"]: field for field in first.schema["fields"]}
    assert fields["编号"] == {"name": "编号", "type": "string", "x-english": "id", "constraints": {"maxLength": 12}}
    assert fields["名称"]["constraints"] == {"required": True, "unique": True, "pattern": "[A-Z]+"}
    assert (fields["区划"]["semantic"], fields["区划"]["codes"]) == ("行政区划代码", "division")
    assert (fields["泊位数"]["type"], set(fields["泊位数"]["constraints"])) == ("integer", {"minimum", "maximum"})
    assert fields["收费"] == {"name": "收费", "type": "number", "x-unit": "元", "x-length": 10, "x-precision": 2, "x-decimal": True}
    assert fields["开放"]["trueValues"][-1] == "是"
    assert (fields["日期"]["type"], fields["时间"]["type"]) == ("date", "datetime")
    assert (fields["类别"]["constraints"], fields["类别"]["personal"]) == ({"enum": ["甲", "乙"]}, False)
    assert first.schema["primaryKey"] == ["编号"]
    assert first.schema["uniqueKeys"] == [["名称", "区划"]]
    assert first.schema["missingValues"] == ["", "-"]
    assert first.schema["foreignKeys"] == [
        {"fields": ["名称"], "reference": {"resource": "", "codes": "sex", "fields": ["名称"]}},
        {"fields": ["区划"], "reference": {"resource": "区划", "dataset": "1/2", "fields": ["代码"]}},
    ]
    assert [(r.id, r.sheet, r.schema) for r in rest] == [("表", "一", None), ("表#2", "二", None)]
    assert [(s.what, s.why) for s in dataset.skipped] == [("https://example.org/x.csv", "remote"), ("没有文件", "no-file")]
    assert [f.rule for f in dataset.findings] == []


def test_an_inline_schema_of_a_yaml_entry_has_types(tmp_path: Path) -> None:
    schema = "{fields: [{name: id, type: string, constraints: {minLength: 3, required: true, enum: ['012', x]}}]}"
    dataset = _one(tmp_path, ENTRY + f"资源:\n  - 文件: a.csv\n    表结构: {schema}\n", a__csv="id\n")
    assert dataset.resources[0].schema == {
        "fields": [{"name": "id", "type": "string", "constraints": {"minLength": 3, "required": True, "enum": ["012", "x"]}}]
    }


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        ("schema.json", "package/syntax"),
        ("none.json", "file/missing"),
        ("../s.json", "folder/path-outside"),
        ("http://x/s.json", "package/reference"),
        ("ref.json", "package/reference"),
        ("list.json", "package/shape"),
    ],
)
def test_schemas_that_cannot_be_had(tmp_path: Path, declared: str, rule: str) -> None:
    _write(tmp_path, {"schema.json": "{,}", "ref.json": '{"$ref": "schema.json"}', "list.json": "[1]", "a.csv": "id\n"})
    dataset = _one(tmp_path, ENTRY + f"资源:\n  - {{文件: a.csv, 表结构: '{declared}'}}\n")
    assert dataset.resources[0].schema is None
    assert rule in [f.rule for f in dataset.findings]


def test_folders_inside_others_are_left_out_and_each_is_resolved_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the folders was resolved for each of the others: half a minute for 900 and 300."""
    folders = [tmp_path / name for name in ("a", "part", "part/b", "link/c", "partly")]
    (tmp_path / "part" / "c").mkdir(parents=True)
    (tmp_path / "link").symlink_to("part")
    calls: list[Path] = []
    resolve = Path.resolve
    monkeypatch.setattr(Path, "resolve", lambda path: calls.append(path) or resolve(path))
    others = [tmp_path / "part", tmp_path / "rules"]
    assert list(outside(folders, others)) == [tmp_path / "a", tmp_path / "partly"]
    assert len(calls) == len(folders) + len(others)
