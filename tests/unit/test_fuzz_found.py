"""What the attacks of `tests/fuzz` found: each case ends in a finding or a refusal that says what is wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import ContentError, ReadError
from govdata.formats import write
from govdata.formats.files import write_file
from govdata.validation import validate
from govdata.values import Report


def _field(kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"fields": [{"name": "v", "type": kind, **more}]}


def _check(folder: Path, schema: Any, cells: str = "", dialect: Any = None) -> Report:
    resource = {"name": "r", "path": "a.csv", "schema": schema, **({"dialect": dialect} if dialect is not None else {})}
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [resource]}), encoding="utf-8")
    (folder / "a.csv").write_text(f"v\n{cells}\n", encoding="utf-8", newline="")
    return validate(folder)


def _rules(report: Report) -> set[str]:
    return {rule for dataset in report.datasets for rule in dataset.counts}


@pytest.mark.parametrize(
    "schema",
    [
        _field(constraints="required"),
        _field(constraints=[1]),
        _field(constraints={"pattern": "(?<=x+)y"}),
        _field("yearmonth", constraints={"minimum": "x"}),
        _field("number", constraints={"maximum": "NaN"}),
        {**_field(), "uniqueKeys": True},
        {**_field(), "uniqueKeys": [5]},
        {**_field(), "primaryKey": {"a": 1}},
        {**_field(), "foreignKeys": True},
        {**_field(), "foreignKeys": [{"fields": [], "reference": {"resource": "", "fields": []}}]},
        {**_field(), "foreignKeys": [{"fields": ["v"], "reference": {"resource": "", "fields": ["v", "v"]}}]},
        {"fields": True},
        {"fields": 5},
    ],
    ids=json.dumps,
)
def test_schema_is_refused(schema: Any, tmp_path: Path) -> None:
    assert _rules(_check(tmp_path, schema, "1")) == {"table/schema-error"}


@pytest.mark.parametrize(
    ("schema", "cell", "rules"),
    [
        (_field("datetime", constraints={"minimum": "2024-01-01T00:00:00"}), "2024-01-02T00:00:00Z", {"table/type-error"}),
        (_field("integer"), "9" * 5000, {"table/type-error"}),
        (_field("geojson"), '"' + '{""type"":' * 3000 + '"', {"table/type-error"}),
        (_field("number", **{"x-length": "long", "x-precision": None}), "1.5", set()),
    ],
)
def test_cell_is_answered(schema: Any, cell: str, rules: set[str], tmp_path: Path) -> None:
    assert _rules(_check(tmp_path, schema, cell)) == rules


@pytest.mark.parametrize("rows", [[0], [-3], [True], ["1"], [10**9], [1e300], 10**30])
def test_header_rows_that_no_table_has(rows: Any, tmp_path: Path) -> None:
    report = _check(tmp_path, _field(), "1", {"headerRows": rows})
    assert _rules(report) == {"file/dialect"}
    assert str(rows[0] if isinstance(rows, list) and type(rows[0]) is int else 0) in "".join(write(report, "text", "en"))


@pytest.mark.parametrize(("rows", "told"), [([1, 2], "in row 2; it should be in row 1, 2."), ([1, 1], "in row 2; it should be in row 1.")])
def test_header_in_one_of_the_rows_that_are_declared(rows: Any, told: str, tmp_path: Path) -> None:
    schema = {"fields": [{"name": name, "type": "string"} for name in "abc"]}
    resource = {"name": "r", "path": "a.csv", "schema": schema, "dialect": {"headerRows": rows}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [resource]}), encoding="utf-8")
    (tmp_path / "a.csv").write_text("t,,\na,b,x\n1,2,3\n", encoding="utf-8", newline="")
    (found,) = (item for item in validate(tmp_path, language="en").datasets[0].findings if item.rule == "table/header-row")
    assert found.message == f"The header is {told}"


@pytest.mark.parametrize("rows", [[1], [1, 1], 1])
def test_header_rows_that_it_has(rows: Any, tmp_path: Path) -> None:
    assert _check(tmp_path, _field(), "1", {"headerRows": rows}).valid


RULE = {
    "id": "x/y",
    "title": {"zh": "a", "en": "a"},
    "source": {"document": "d", "state": "sourced"},
    "severity": "error",
    "applies_to": "entry",
    "check": {"schema": {"required": ["title"]}},
    "message": {"zh": "a", "en": "a"},
    "help": {"zh": "a", "en": "a"},
    "examples": {"pass": [{"title": "a"}], "fail": [{}]},
}
LAYER = {"id": "x", "version": "1", "title": {"zh": "a", "en": "a"}, "extends": "national", "source": {"document": "d", "state": "sourced"}}
LIST = {
    "id": "z",
    "title": {"zh": "a", "en": "a"},
    "source": {"document": "d", "state": "sourced"},
    "codes": [{"code": "1", "zh": "a", "en": "a"}],
}


def _content(folder: Path, name: str, body: Any) -> Report:
    path = folder / "own" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    standard = 'standard = "x"\n' if name.startswith("standards") else ""
    (folder / "govdata.toml").write_text(f'content = "own"\n{standard}', encoding="utf-8")
    (folder / "entry.yaml").write_text("信息资源名称: 例\n", encoding="utf-8")
    return validate(folder)


@pytest.mark.parametrize(("name", "body"), [("rules/a.yaml", RULE), ("standards/x/standard.yaml", LAYER), ("codes/z/list.yaml", LIST)])
def test_own_content_is_read(name: str, body: Any, tmp_path: Path) -> None:
    assert _content(tmp_path, name, body).datasets


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("rules/a.yaml", b"\xff\xfe"),
        ("rules/a.yaml", b"[" * 50_000),
        ("rules/a.yaml", b"- " * 50_000),
        ("rules/a.yaml", b"id: " + b"9" * 5000),
        ("rules/a.yaml", b'id: "\\ud800"'),
        ("standards/x/standard.yaml", {**LAYER, "version": "\ud800"}),
        ("rules/a.yaml", {**RULE, "title": "a"}),
        ("rules/a.yaml", {**RULE, "source": "a"}),
        ("rules/a.yaml", {**RULE, "check": 5}),
        ("rules/a.yaml", {**RULE, "check": {"schema": "x"}}),
        ("rules/a.yaml", {**RULE, "reasons": []}),
        ("standards/x/standard.yaml", {**LAYER, "rules": [5]}),
        ("standards/x/standard.yaml", {**LAYER, "severities": "error"}),
        ("standards/x/standard.yaml", {**LAYER, "codes": []}),
        ("standards/x/standard.yaml", {**LAYER, "codes": {"update-cycle": ["a"]}}),
        ("standards/x/standard.yaml", {**LAYER, "codes": {"update-cycle": [{"zh": "a"}]}}),
        ("standards/x/standard.yaml", {**LAYER, "source": {"document": "d", "state": "sourced", "year": "2026"}}),
        ("standards/x/standard.yaml", {**LAYER, "overlay": "gone.json"}),
        ("codes/z/list.yaml", {**LIST, "codes": ["1"]}),
        ("codes/z/list.yaml", {**LIST, "source": ["d"]}),
    ],
)
def test_own_content_is_refused(name: str, body: Any, tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        _content(tmp_path, name, body)


@pytest.mark.parametrize("name", ["rules/a.yaml", "codes/z/codes.csv", "standards/x/overlay.json"])
@pytest.mark.parametrize("kind", ["pipe", "loop", "gone", "folder"])
def test_own_content_that_is_no_file(name: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "own" / name
    path.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path.name if kind == "loop" else "gone")
    if "codes" in name:
        (path.parent / "list.yaml").write_text(json.dumps({**LIST, "codes": None, "data": "codes.csv"}).replace('"codes": null, ', ""))
    if "overlay" in name:
        (path.parent / "standard.yaml").write_text(json.dumps({**LAYER, "overlay": "overlay.json"}))
    schema = _field(codes="z")
    (tmp_path / "govdata.toml").write_text('content = "own"\n' + ('standard = "x"\n' if "overlay" in name else ""))
    if kind == "folder" and name.startswith("rules"):
        assert _check(tmp_path, schema, "1").datasets
        return
    with pytest.raises(ContentError):
        _check(tmp_path, schema, "1")


def test_link_in_a_circle_in_own_content(tmp_path: Path) -> None:
    (tmp_path / "own/rules").mkdir(parents=True)
    (tmp_path / "own/rules/round").symlink_to("..")
    (tmp_path / "govdata.toml").write_text('content = "own"\n')
    assert _check(tmp_path, _field(), "1").valid


@pytest.mark.parametrize("name", ["x" * 5000, "a\x00b", "\ud800", "x/" * 3000])
def test_path_that_cannot_be_one(name: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        validate(tmp_path / name)


def test_what_a_killed_run_left_is_swept(tmp_path: Path) -> None:
    left, other = tmp_path / ".report[1].json.7.part", tmp_path / ".report[1].json.8.part"
    for path in (left, other):
        path.write_text("{")
    os.utime(left, (0, 0))
    write_file(_check(tmp_path, _field(), "1"), tmp_path / "report[1].json")
    assert not left.exists()
    assert other.exists()
