"""Every keyword of Table Schema: what we make of it, what frictionless makes of it, and the page that says so.

`pytest tests/test_table_schema.py --update` rewrites `docs/table-schema.md`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.validation import validate
from govdata.values import Finding

ROOT = Path(__file__).parent.parent
CASES: list[dict[str, Any]] = content.load_file(ROOT / "tests/table-schema/keywords.yaml")
VERSION_2 = "https://datapackage.org/profiles/2.0/tableschema.json"
REFUSED = "schema-error"
PAGE = ROOT / "docs/table-schema.md"

SPECIFIED = {
    "schema": {"fields", "$schema", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys", "fieldsMatch"},
    "field": {
        "name", "type", "format", "title", "description", "example", "rdfType", "constraints", "missingValues",
        "categories", "categoriesOrdered", "decimalChar", "groupChar", "bareNumber", "trueValues", "falseValues", "delimiter", "itemType",
    },
    "type": {
        "string", "number", "integer", "boolean", "object", "array", "list", "date", "time", "datetime", "year", "yearmonth", "duration",
        "geopoint", "geojson", "any",
    },
    "format": {
        "string: default", "string: email", "string: uri", "string: binary", "string: uuid", "date: any", "date: pattern", "time: any",
        "time: pattern", "datetime: any", "datetime: pattern", "geopoint: array", "geopoint: object", "geojson: topojson",
    },
    "constraint": {
        "required", "unique", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "pattern", "enum", "jsonSchema",
    },
}  # fmt: skip
"""The keywords of https://specs.frictionlessdata.io/table-schema/ (v1) and https://datapackage.org/standard/table-schema/ (v2)."""


def named(case: Mapping[str, Any]) -> str:
    return f"{case['level']}-{case['keyword']}"


@pytest.mark.parametrize("level", SPECIFIED)
def test_every_keyword_of_the_specification_has_a_case(level: str) -> None:
    there = {case["keyword"] for case in CASES if case["level"] == level}
    listed = there | {word for keyword in there for word in (keyword.split(":")[0], keyword.split(" with ")[0], keyword.split(" of ")[0])}
    assert SPECIFIED[level] <= listed


@pytest.mark.parametrize("case", CASES, ids=named)
def test_what_we_make_of_it(case: dict[str, Any], tmp_path: Path) -> None:
    schema, text, expected = table(case)
    path = write(tmp_path, schema, text)
    report = validate(path, schema=tmp_path / "schema.json", limit="all").datasets[0]
    assert sorted(place(item) for item in report.findings if item.rule != "table/lexical-form") == sorted(expected)
    assert not report.skipped


@pytest.mark.parametrize("case", CASES, ids=named)
def test_what_the_reference_makes_of_it(case: dict[str, Any], tmp_path: Path) -> None:
    from frictionless import FrictionlessException

    schema, text, expected = table(case)
    path = write(tmp_path, schema, text)
    try:
        found = sorted(by_frictionless(schema, path))
    except FrictionlessException:
        found = [REFUSED]
    if any(REFUSED in item or "field-error" in item for item in found):
        assert case["reference"] == "refuses"
        return
    wanted = {"same": expected, "silent": [], "differs": reference_finds(case), "refuses": [REFUSED]}[case["reference"]]
    assert found == sorted(wanted)
    assert (found == sorted(expected)) is (case["reference"] == "same")


def table(case: Mapping[str, Any]) -> tuple[dict[str, Any], str, list[str]]:
    """The schema, the table and what is to be found in it."""
    version = {"$schema": VERSION_2} if case["version"] == 2 else {}
    if "schema" in case:
        return {**version, **case["schema"]}, case["text"], list(case["finds"])
    schema = {**version, "fields": [{"name": "n", "type": "integer"}, {"name": "v", **case["field"]}]}
    cells = [*case["pass"], *case["fail"]]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["n", "v"], *([str(number), cell] for number, cell in enumerate(cells, 1))])
    return schema, text.getvalue(), [f"{_rule(case)}@B{cells.index(cell) + 2}" for cell in case["fail"]]


def reference_finds(case: Mapping[str, Any]) -> list[str]:
    cells = [*case.get("pass", ()), *case.get("fail", ())]
    return case.get("reference_finds") or [f"{_rule(case)}@B{cells.index(cell) + 2}" for cell in case.get("reference_fails", ())]


def _rule(case: Mapping[str, Any]) -> str:
    return str(case.get("rule", "table/type-error"))


def write(folder: Path, schema: Mapping[str, Any], text: str) -> Path:
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return folder / "t.csv"


def place(finding: Finding) -> str:
    """A cell where one field is meant, else the row."""
    rows = finding.rule.endswith(("-label", "-order", "-key")) or not finding.field
    return f"{finding.rule}@{finding.row if rows else finding.cell}"


def by_frictionless(schema: Mapping[str, Any], path: Path) -> Iterable[str]:
    from frictionless import Dialect, Schema, system
    from frictionless.formats import CsvControl
    from frictionless.resources import TableResource

    with system.use_context(trusted=True):
        described = Schema.from_descriptor(json.loads(json.dumps(schema)))
        resource = TableResource(
            path=str(path), format="csv", encoding="utf-8", dialect=Dialect(controls=[CsvControl(delimiter=",")]), schema=described
        )
        report = resource.validate()
    names = [field["name"] for field in schema["fields"]]
    for error in report.tasks[0].errors if report.tasks else report.errors:
        row, name = getattr(error, "row_number", None), getattr(error, "field_name", "")
        cell = f"{chr(65 + names.index(name))}{row}" if row and name in names else (row or 1)
        yield f"table/{error.type}@{cell}"


TOLD = {
    "same": "一样 · the same",
    "silent": "不检查 · not enforced",
    "refuses": "拒绝读取 · refuses the schema",
    "differs": "不同 · otherwise",
}
LEVELS = {
    "schema": "表结构 · Schema",
    "field": "信息项 · Field",
    "type": "类型 · Type",
    "format": "格式 · Format",
    "constraint": "约束 · Constraint",
}
HEAD = """# Table Schema 关键字 · Keywords of Table Schema

表结构按 Table Schema 第 1 版和第 2 版检查，单元格由 frictionless 5.21 判定；它不检查的，由 govdata 检查。下表每一行都有一个测试，
在 `tests/table-schema/keywords.yaml` 里，对 govdata 和 frictionless 各运行一次：没有一个关键字是只写不查的。
Tables are held against Table Schema, versions 1 and 2. frictionless 5.21 decides cells; what it does not enforce is enforced by govdata.
Each line has a case in `tests/table-schema/keywords.yaml`, run through govdata and through frictionless.

`title`、`description`、`example`、`rdfType`、`categoriesOrdered` 不影响对错。`fieldsMatch` 不写时为 `exact`，
顺序不同是 `table/label-order`；无论哪种，单元格都按表头的名称对应信息项。
写法虽能读、却不合常规的（`１２`、`1_000`）另由 `table/lexical-form` 提醒。
These five have no say in what is right. Without `fieldsMatch` the order counts (`exact`); columns are matched by name in any case.
What can be read but is written oddly is a warning of its own, `table/lexical-form`.

不同于 frictionless 的还有 · Other differences:

- 主键缺一部分算错；类型不对的单元格不再另报主键。
  A primary key with a missing part is wrong; a cell of a wrong type is not reported as a key again.
- 缺少的单元格只报一次，不再另报“必填”。 A missing cell is told once and not again as required.
- `pattern` 和 `jsonSchema` 里的模式限时运行，超时报 `table/pattern-slow`。 Patterns run under a time limit.

| 关键字 · Keyword | 版本 · Version | frictionless 5.21 | 查出 · Found as |
|---|---|---|---|
"""


def page() -> str:
    """The page as the cases make it."""
    lines = []
    for level, title in LEVELS.items():
        lines.append(f"| **{title}** | | | |")
        for case in CASES:
            if case["level"] == level:
                rules = sorted({item.split("@")[0] for item in table(case)[2]}) or ["—"]
                lines.append(f"| `{case['keyword']}` | {case['version']} | {TOLD[case['reference']]} | {', '.join(rules)} |")
    return HEAD + "\n".join(lines) + "\n"


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
