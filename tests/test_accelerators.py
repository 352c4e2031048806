"""Without the compiled packages the answers are the same: every example of the rules and every golden case is checked twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from tests.test_rules import file_bytes

ROOT = Path(__file__).parent.parent

WITHOUT = """
import sys
for name in {hidden!r}:
    sys.modules[name] = None
from govdata.cli.main import run
code = run(sys.argv[1:])
for name in {hidden!r}:
    assert sys.modules[name] is None, name
sys.exit(code)
"""

HIDDEN = ["jsonschema_rs", "numpy", "orjson", "polars", "yaml._yaml"]
"""jsonschema's compiled twin, arrays, a faster JSON, data frames, libyaml."""


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder with all examples: entries as YAML written in JSON's way, and examples that are folders as they are."""
    folder = tmp_path_factory.mktemp("examples")
    for rule in content.load_folder(content.root() / "validators").values():
        for kind in ("pass", "fail"):
            for number, example in enumerate(rule["examples"][kind]):
                lay_out(folder / rule["id"].replace("/", "-") / f"{kind}-{number}", rule["applies_to"], example)
    return folder


def lay_out(folder: Path, applies_to: str, example: Any) -> None:
    """The files of an example; one that cannot stand in a folder (a cell, one with conditions of its own) is left out."""
    if isinstance(example, Mapping) and set(example) == {"files"}:
        for name, body in example["files"].items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file_bytes(body))
    elif isinstance(example, Mapping) and applies_to == "entry" and "not_run" not in example:
        folder.mkdir(parents=True)
        (folder / "entry.yaml").write_text(json.dumps(example, ensure_ascii=False), encoding="utf-8")


def report(folder: Path, hidden: list[str], path: str = ".") -> dict[str, Any]:
    """The JSON report of a folder, made by a program from which modules are hidden."""
    options = ["validate", path, "--format", "json", "--limit", "all", "--today", "2026-01-31", "--lang", "zh-CN"]
    command = [sys.executable, "-c", WITHOUT.format(hidden=hidden), *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "GOVDATA_NO_CACHE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_answers_are_the_same(examples: Path) -> None:
    whole, slower = report(examples, []), report(examples, HIDDEN)
    assert len(whole["datasets"]) > 100
    for one, other in zip(whole["datasets"], slower["datasets"], strict=True):
        assert one == other
    assert whole == slower


LINES = (
    *(
        '{"title": "甲"}',
        '{"title": "乙", "title": "丙"}',
        '{"survey": {"records": 123456789012345678901234567890}}',
        '{"survey": {"storage": 1e400}}',
    ),
    *(
        '{"survey": {"storage": NaN}}',
        '{"survey": {"storage": -0.0, "records": 1.0, "sharedRecords": 18446744073709551616}}',
        '{"title": "\\ud800"}',
    ),
    *(
        '{"title": "\\u0000"}',
        '{"title": "a\tb"}',
        '{"title": "x",}',
        "[]",
        "null",
        '"x"',
        "{}",
        "",
        "  ",
        "{",
        '{"title": "\\uD83D\\uDE00"}',
    ),
    *(
        "[" * 300 + "]" * 300,
        '{"a": ' * 40 + "1" + "}" * 40,
        '{"title": 01}',
        '{"title": 1.}',
        "{'title': 1}",
        '{"title": true}',
        "\ufeff{}",
        '{"": 1}',
    ),
    *(
        '{"标准": "national", "信息资源名称": "丁"}',
        '{"title": "\u2028"}',
        '{"keywords": ["a", "a"]}',
        '{"issued": "2026-02-30"}',
        "{} {}",
        "\x0b{}",
    ),
)


def test_lines_of_entries_are_the_same(tmp_path: Path) -> None:
    written = "\n".join(LINES).encode() + b'\n{"title": "\xff"}\n{"title": "\xed\xa0\x80"}\n'
    (tmp_path / "entries.jsonl").write_bytes(written)
    assert report(tmp_path, [], "entries.jsonl") == report(tmp_path, HIDDEN, "entries.jsonl")
