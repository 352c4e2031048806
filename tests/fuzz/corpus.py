"""Where the attack starts from: the example directory, the rules' own examples, the cases of `tests/data`, each as files in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata import content
from tests.builders import build_workbook

ROOT = Path(__file__).parents[2]
Files = dict[str, bytes]


def read_corpus() -> list[tuple[Files, dict[str, Any]]]:
    """Datasets (name → bytes) with the options to check them under."""
    found: list[tuple[Files, dict[str, Any]]] = []
    for kind in ("right", "mistakes"):
        base = ROOT / "catalog/demo" / kind
        own = {name: body for name, body in _folder(base).items() if name.startswith(("standards/", "govdata.toml"))}
        for dataset in sorted(base.iterdir()):
            if dataset.is_dir() and dataset.name != "standards":
                found.append(({**own, **{f"d/{name}": body for name, body in _folder(dataset).items()}}, {}))
    for rule in content.load_folder(ROOT / "validators").values():
        for examples in (rule.get("examples") or {}).values():
            found += [(_files(item["files"]), {}) for item in examples if isinstance(item, Mapping) and "files" in item]
    for path in sorted((ROOT / "tests/data").glob("*/case.yaml")):
        case = content.load_file(path)
        if isinstance(case.get("files"), Mapping):
            schema = case.get("schema")
            found.append((_files(case["files"]), {"schema": schema} if isinstance(schema, str) else {}))
    found += [(files, {}) for files in _workbooks()] * 8
    return [(files, options) for files, options in found if sum(map(len, files.values())) < 400_000]


_ENTRY = """信息资源名称: 工作簿
资源:
  - 文件: a.{kind}
    信息项: [{{名称: 编号, 类型: C}}, {{名称: 数量, 类型: I}}, {{名称: 金额, 类型: N}}, {{名称: 日期, 类型: D}}, {{名称: 是否, 类型: B}}]
"""


def _workbooks() -> Iterator[Files]:
    """The same table in each form of workbook, with dates, truth values, formulas, merged and hidden cells."""
    rows: list[list[Any]] = [["编号", "数量", "金额", "日期", "是否"], *([f"A{n}", n, n / 7, 45000 + n, n % 2 == 0] for n in range(12))]
    cells: dict[str, Any] = {f"{'ABCDE'[c]}{r}": value for r, row in enumerate(rows, 1) for c, value in enumerate(row)}
    cells |= {f"D{r}": {"v": 45000 + r, "format": "yyyy-mm-dd"} for r in range(2, 14)}
    cells |= {"C3": {"formula": "1/0", "error": "#DIV/0!"}, "C4": {"formula": "1+1", "v": 2}}
    sheet = {"cells": cells, "merged": ["A15:B16"], "hidden_rows": [5], "hidden_columns": ["C"]}
    hidden = {"cells": {"A1": "x"}, "state": "hidden"}
    for kind in ("xlsx", "ods"):
        spec = {"kind": kind, "sheets": {"Sheet1": sheet, "藏": hidden}}
        yield {"entry.yaml": _ENTRY.format(kind=kind).encode(), f"a.{kind}": build_workbook(spec)}
    yield {"entry.yaml": _ENTRY.format(kind="xls").encode(), "a.xls": _old_workbook(rows)}


def _old_workbook(rows: list[list[Any]]) -> bytes:
    import xlwt

    book, target = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Sheet1")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, value, *([day] if c == 3 and r else []))
    sheet.write(14, 0, xlwt.Formula("1/0"))
    sheet.write_merge(15, 16, 0, 1, "x")
    sheet.row(4).hidden = True
    book.save(target)
    return target.getvalue()


def _folder(base: Path) -> Files:
    return {path.relative_to(base).as_posix(): path.read_bytes() for path in sorted(base.rglob("*")) if path.is_file()}


def _files(declared: Mapping[str, Any]) -> Files:
    return {name: _bytes(body) for name, body in declared.items()}


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if "hex" in body:
        return bytes.fromhex(body["hex"])
    if "workbook" in body:
        return build_workbook(body["workbook"])
    return str(body.get("text", "")).encode(body.get("encoding", "utf-8")) * min(int(body.get("repeat", 1)), 1000)
