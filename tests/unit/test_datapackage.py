"""Data packages of both versions become resources; what is remote, circular or outside is told and never read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from govdata.content import load
from govdata.reading.resources.datapackage import check_changed, read_package
from govdata.reading.resources.declarations import Found
from govdata.reading.sources import SourceInfo
from govdata.values import Dialect, Finding, Skipped

V2 = "https://datapackage.org/profiles/2.0/datapackage.json"


def _read(folder: Path, package: Any, **files: str) -> Found:
    text = package if isinstance(package, str) else json.dumps(package, ensure_ascii=False)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("id\n1\n", encoding="utf-8")
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content, encoding="utf-8")
    return read_package(folder)[1]


def _resource(**declared: Any) -> dict[str, Any]:
    return {"name": "p", "resources": [{"name": "r", "path": "a.csv", **declared}]}


def test_metadata_of_a_package_is_an_entry(tmp_path: Path) -> None:
    package = {"name": "parking", "title": "停车场", "keywords": ["a"], "resources": [{"name": "r", "path": "a.csv"}]}
    _read(tmp_path, package)
    entry, found = read_package(tmp_path)
    assert entry is not None
    assert entry.canonical == {"title": "停车场", "identifier": "parking", "keywords": ["a"]}
    assert entry.pointers["/identifier"] == "/name"
    assert entry.sha256
    (resource,) = found.resources
    assert (resource.id, resource.file, resource.format, resource.encoding, resource.schema) == ("r", "a.csv", "csv", None, None)
    assert found.findings == ()


@pytest.mark.parametrize(
    ("told", "publisher"),
    [
        ({"contributors": [{"title": "甲", "role": "author"}, {"title": "乙", "role": "publisher"}]}, {"name": "乙"}),
        ({"contributors": [{"title": "甲", "roles": ["creator", "publisher"]}]}, {"name": "甲"}),
        (
            {"contributors": [{"title": "甲", "roles": ["publisher"]}], "publisher": {"name": "丙", "code": "1"}},
            {"name": "丙", "code": "1"},
        ),
        ({"contributors": [{"title": 3, "roles": ["publisher"]}, "x", {"roles": "publisher", "title": "甲"}]}, None),
        ({"contributors": {"title": "甲"}}, None),
    ],
)
def test_who_provides_a_package(told: dict[str, Any], publisher: Any, tmp_path: Path) -> None:
    _read(tmp_path, {"name": "parking", "resources": [{"name": "r", "path": "a.csv"}], **told})
    entry, _ = read_package(tmp_path)
    assert entry is not None
    assert entry.canonical.get("publisher") == publisher


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"delimiter": ";", "quoteChar": "'", "doubleQuote": False, "escapeChar": "\\"}, Dialect(";", "'", False, "\\", declared=True)),
        ({"header": False}, Dialect(header_rows=(), declared=True)),
        (
            {"headerRows": [2, 3], "headerJoin": "-", "commentChar": "#"},
            Dialect(header_rows=(2, 3), header_join="-", comment="#", declared=True),
        ),
        ({"skipInitialSpace": True, "quoteChar": ""}, Dialect(skip_initial_space=True, quote=None, declared=True)),
        ({"csv": {"delimiter": "|"}}, Dialect("|", declared=True)),
        ({}, Dialect()),
        ("dialect.json", Dialect("\t", declared=True)),
    ],
)
def test_dialects_of_both_versions(tmp_path: Path, declared: Any, expected: Dialect) -> None:
    found = _read(tmp_path, _resource(dialect=declared), dialect__json='{"delimiter": "\\t"}')
    assert found.resources[0].dialect == expected
    assert found.findings == ()


@pytest.mark.parametrize(("dialect", "sheet"), [({"sheetName": "一"}, "一"), ({"sheetNumber": 2}, 2), ({"excel": {"sheet": "二"}}, "二")])
def test_sheets(tmp_path: Path, dialect: dict[str, Any], sheet: object) -> None:
    assert _read(tmp_path, _resource(dialect=dialect)).resources[0].sheet == sheet


def test_dialect_keys_that_are_not_read_are_told(tmp_path: Path) -> None:
    found = _read(tmp_path, _resource(dialect={"nullSequence": "-"}))
    assert found.skipped == (Skipped("a.csv", "dialect-key", {"key": "nullSequence"}),)


@pytest.mark.parametrize("where", ["package", "resource", "schema"])
def test_version_two_is_handed_to_the_schema(tmp_path: Path, where: str) -> None:
    package = _resource(schema={"fields": [{"name": "id"}]})
    target = {"package": package, "resource": package["resources"][0], "schema": package["resources"][0]["schema"]}[where]
    target["$schema"] = V2.replace("datapackage.json", "tableschema.json")
    schema = _read(tmp_path, package).resources[0].schema
    assert schema is not None
    assert "profiles/2.0" in schema["$schema"]


def test_schema_in_a_file(tmp_path: Path) -> None:
    found = _read(tmp_path, _resource(schema="s.json"), s__json='{"fields": [{"name": "id", "semantic": "uscc"}]}')
    assert found.resources[0].schema == {"fields": [{"name": "id", "semantic": "uscc"}]}
    assert found.files == {"a.csv", "s.json"}


@pytest.mark.parametrize(
    ("package", "rule", "why", "line"),
    [
        ('{"name": "p",\n}', "package/syntax", "json-trailing-comma", 2),
        ("", "yaml/empty", None, 1),
        ("[1]", "package/shape", "package-object", 1),
        ({"name": "p"}, "package/shape", "package-resources", 1),
        ({"resources": []}, "package/shape", "package-resources", 1),
        ({"resources": "a.csv"}, "package/shape", "package-resources", 1),
        ({"resources": ["a.csv"]}, "package/shape", "package-resource", 1),
        ({"name": 1, "resources": [{"name": "r", "path": "a.csv"}]}, "package/shape", "package-text", 1),
        ({"resources": [{"path": "a.csv"}]}, "package/shape", "package-name", 1),
        ({"resources": [{"name": "r", "path": "a.csv"}, {"name": "r", "path": "b.csv"}]}, "package/shape", "package-name-twice", 1),
        ({"resources": [{"name": "r"}]}, "package/shape", "package-path", 1),
        ({"resources": [{"name": "r", "$ref": "#/resources/0"}]}, "package/reference", "schema-ref", 1),
        (_resource(schema={"$ref": "#/resources/0/schema"}), "package/reference", "schema-ref", 1),
        (_resource(schema="https://example.org/s.json"), "package/reference", "schema-remote", 1),
        (_resource(dialect="https://example.org/d.json"), "package/reference", "schema-remote", 1),
        (_resource(schema=[1]), "package/reference", "schema-kind", 1),
        (_resource(path="../a.csv"), "folder/path-outside", "outside-name", 1),
        (_resource(path="none.csv"), "file/missing", None, 1),
        (_resource(schema="../s.json"), "folder/path-outside", "outside-name", 1),
    ],
)
def test_what_is_wrong_with_a_package(tmp_path: Path, package: Any, rule: str, why: str | None, line: int) -> None:
    (finding,) = _read(tmp_path, package).findings
    assert (finding.rule, finding.args.get("why", finding.args.get("what")), finding.line) == (rule, why, line)
    assert why is None or why in load("catalog/messages/terms.yaml")


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"path": ["a.csv", "b.csv"]}, "multipart"),
        ({"path": "https://example.org/a.csv"}, "remote"),
        ({"path": None, "data": [[1]]}, "inline-data"),
    ],
)
def test_what_cannot_be_checked_is_skipped(tmp_path: Path, declared: dict[str, Any], why: str) -> None:
    found = _read(tmp_path, _resource(**declared))
    assert [s.why for s in found.skipped] == [why]
    assert (found.resources, found.findings) == ((), ())
    assert why in load("catalog/messages/skipped.yaml")


def test_a_list_of_one_path_is_one_file_and_parts_must_be_there(tmp_path: Path) -> None:
    assert [r.file for r in _read(tmp_path, _resource(path=["b.csv"])).resources] == ["b.csv"]
    found = _read(tmp_path, _resource(path=["a.csv", "c.csv"]))
    assert [(f.rule, f.pointer) for f in found.findings] == [("file/missing", "/resources/0/path/1")]


@pytest.mark.parametrize(
    ("declared", "rules"),
    [
        ({"bytes": 5, "hash": "b0b8fa5a8c2ea5ba7e8aec7bfd9ff7c4"}, ["package/changed"]),
        ({"bytes": 6}, ["package/changed"]),
        ({"hash": "sha1:00"}, ["package/changed"]),
        ({"hash": "crc32:00"}, ["hash-unknown"]),
        ({"bytes": 5}, []),
        ({"hash": "md5:41e31bbf7b1ff5d1ba5dd9ce3ef1eb5d"}, ["package/changed"]),
    ],
)
def test_size_and_digest_are_compared(tmp_path: Path, declared: dict[str, Any], rules: list[str]) -> None:
    (resource,) = _read(tmp_path, _resource(**declared)).resources
    found = list(check_changed(resource, SourceInfo(size=5)))
    assert [item.rule if isinstance(item, Finding) else item.why for item in found] == rules


@pytest.mark.parametrize("algorithm", ["", "md5:", "sha1:", "SHA256:", "sha512:"])
def test_right_digests_pass(tmp_path: Path, algorithm: str) -> None:
    name = algorithm.strip(":").lower() or "md5"
    digest = hashlib.new(name, b"id\n1\n", usedforsecurity=False).hexdigest()
    (resource,) = _read(tmp_path, _resource(hash=algorithm + digest.upper())).resources
    assert list(check_changed(resource, SourceInfo(5, hashlib.sha256(b"id\n1\n").hexdigest()))) == []
