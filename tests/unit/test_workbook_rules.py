"""The rules of workbooks: their examples hold, and their texts can be filled from what the reader says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from govdata.reading.sources import Item
from govdata.reading.workbooks.opening import open_workbook
from govdata.values import Finding, Resource
from tests import builders

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "validators" / "workbook").glob("*.yaml"))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_the_examples_of_a_rule_hold_and_its_texts_can_be_filled(path: Path, tmp_path: Path) -> None:
    rule = yaml.safe_load(path.read_text("utf-8"))
    assert rule["id"] == f"workbook/{path.stem}"
    for kind in ("pass", "fail"):
        for number, example in enumerate(rule["examples"][kind]):
            findings = [item for item in example_items(tmp_path / f"{kind}{number}", example["files"]) if isinstance(item, Finding)]
            mine = [item for item in findings if item.rule == rule["id"]]
            assert bool(mine) is (kind == "fail"), findings
            for finding in mine:
                check_texts(rule, finding)


def example_items(folder: Path, files: Mapping[str, Any]) -> list[Item]:
    folder.mkdir()
    entry = yaml.safe_load(files["entry.yaml"])["资源"][0]
    for name, content in files.items():
        if isinstance(content, str) or "text" in content:
            (folder / name).write_text(content if isinstance(content, str) else content["text"], "utf-8")
        else:
            (folder / name).write_bytes(bytes.fromhex(content["hex"]) if "hex" in content else builders.build_workbook(content["workbook"]))
    path = folder / entry["文件"]
    opened = Resource("r", path, path.name, path.suffix[1:], sheet=entry.get("工作表"))
    return list(open_workbook(opened).stream())


def check_texts(rule: Mapping[str, Any], finding: Finding) -> None:
    known = {*finding.args, "file", "sheet", "row", "column", "field", "cell", "value"} - {name for name in ("cell",) if not finding.cell}
    reasons = rule.get("reasons", {})
    assert "reason" not in finding.args or finding.args["reason"] in reasons
    for text in (*rule["message"].values(), *rule["help"].values(), *reasons.get(finding.args.get("reason"), {}).values()):
        assert set(re.findall(r"\{([a-z]+)(?::list)?\}", text)) <= known


def test_every_rule_and_reason_in_the_code_has_its_text() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "govdata" / "reading" / "workbooks").glob("*.py"))
    assert set(re.findall(r'"workbook/([a-z-]+)"', code)) == {path.stem for path in RULES}
    broken = yaml.safe_load((ROOT / "validators" / "workbook" / "broken.yaml").read_text("utf-8"))["reasons"]
    assert set(re.findall(r'"workbook/broken", reason="([a-z-]+)"', code)) == set(broken)
