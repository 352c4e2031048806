"""Where the attack starts from: the example directory, the rules' own examples, the cases of `tests/data`, each as files in memory."""

from __future__ import annotations

from collections.abc import Mapping
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
    return [(files, options) for files, options in found if sum(map(len, files.values())) < 400_000]


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
