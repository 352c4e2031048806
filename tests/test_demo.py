"""The shipped example directory: right is right, and of the one with mistakes exactly what was planted is reported."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.cli.demo import write_demo
from govdata.rules import read_rule
from govdata.validation import validate
from govdata.values import Report

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "catalog" / "demo"
TODAY = date(2026, 11, 1)
PARTS = ("dataset", "file", "rule", "severity", "sheet", "cell", "row", "field", "pointer", "cause")
Place = tuple[str, ...]


@functools.cache
def mistakes() -> list[Mapping[str, Any]]:
    return content.load_file(DEMO / "mistakes.yaml")["mistakes"]


@functools.cache
def checked(name: str, language: str = "zh-CN") -> Report:
    return validate(DEMO / name, today=TODAY, limit=None, language=language)


def planted(mistake: Mapping[str, Any]) -> Iterator[Place]:
    """The places of a mistake's findings; one with several cells is several."""
    for finding in mistake["findings"]:
        key = "cell" if "cell" in finding else "row"
        several = finding.get(key, "")
        for one in several if isinstance(several, list) else [several]:
            told = {**finding, key: one}
            yield tuple(str(told.get(part, "")) for part in PARTS)


def found(report: Report) -> Iterator[Place]:
    """The places of all findings of a report, told as `mistakes.yaml` tells them."""
    for dataset in report.datasets:
        for item in dataset.findings:
            row = "" if item.cell else item.row or ""
            cause = item.cause.rpartition("#")[2].partition(":")[0]
            values = (dataset.path, item.file, item.rule, item.severity, item.sheet, item.cell, row, item.field, item.pointer, cause)
            yield tuple(map(str, values))


def test_right_is_right() -> None:
    report = checked("right")
    assert len(report.datasets) >= 8
    assert [item for dataset in report.datasets for item in dataset.findings] == []
    assert [item for dataset in report.datasets for item in dataset.skipped] == []


def test_entries_without_data_are_right() -> None:
    report = validate(DEMO / "directory.jsonl", today=TODAY, standard="shanghai")
    assert report.valid
    assert report.datasets[0].checked["entries"] == 24
    assert [item.rule for dataset in report.datasets for item in dataset.findings] == []


def test_right_stays_right_for_a_year() -> None:
    later = validate(DEMO / "right", today=date(2027, 10, 1))
    assert [item.rule for dataset in later.datasets for item in dataset.findings] == []


def test_right_is_held_against_the_departments_own_standard() -> None:
    layers = [layer["id"] for layer in checked("right").run["standards"][0]["layers"]]
    assert layers == ["core", "national", "shanghai", "yunjian"]


@pytest.mark.parametrize("mistake", mistakes(), ids=lambda mistake: mistake["id"])
def test_mistake_is_found(mistake: Mapping[str, Any]) -> None:
    wanted = Counter(planted(mistake))
    assert wanted
    assert not wanted - Counter(found(checked("mistakes")))


def test_nothing_else_is_found() -> None:
    wanted = Counter(place for mistake in mistakes() for place in planted(mistake))
    assert Counter(found(checked("mistakes"))) - wanted == Counter()


def test_kinds_of_mistakes() -> None:
    rules = {place[2] for mistake in mistakes() for place in planted(mistake)}
    causes = {place[-1] for mistake in mistakes() for place in planted(mistake)}
    assert len(mistakes()) >= 80
    assert len(rules) >= 70
    assert causes - {""} == {
        "date-form", "excel-date", "excel-scientific", "full-width", "header-row", "lost-zeros", "shifted-columns", "spaces",
        "thousands", "wrong-delimiter", "wrong-encoding",
    }  # fmt: skip
    assert all(set(mistake["what"]) == {"zh", "en"} for mistake in mistakes())


def test_layers_are_named() -> None:
    asked = {item.rule: item.layer for dataset in checked("mistakes").datasets for item in dataset.findings}
    assert asked["yunjian/parking-hotline"] == "yunjian"
    assert asked["shanghai/opening-type-required"] == "shanghai"
    assert asked["entry/title-only-system"] == "national"


def test_both_languages_say_something() -> None:
    for language in ("zh-CN", "en"):
        for dataset in checked("mistakes", language).datasets:
            for item in dataset.findings:
                assert item.message, item.rule
                assert not re.search(r"\{[a-z_]+(:[a-z]+)?\}", item.message + item.help), item.rule


def test_persons_are_artificial() -> None:
    """Nobody who lives was born in the 1800s."""
    text = (DEMO / "right" / "低保家庭" / "低保家庭.csv").read_text(encoding="gb18030")
    assert {line.split(",")[2][6:8] for line in text.splitlines()[1:]} == {"18"}


def test_own_rules_have_examples_that_hold() -> None:
    from govdata.checks.context import CheckContext
    from govdata.checks.entry import check_entry
    from govdata.settings import Settings
    from govdata.standards import read_library
    from govdata.values import Entry

    folder = DEMO / "right" / "standards"
    context = CheckContext(Settings(today=TODAY), read_library(folder).standard("yunjian"))
    for name, declared in content.load_folder(folder / "rules").items():
        rule = read_rule(declared, name)
        for kind in ("pass", "fail"):
            for example in declared["examples"][kind]:
                broken = {finding.rule for finding in check_entry(Entry("entry.yaml", example, example), context)}
                assert (rule.id in broken) is (kind == "fail"), (name, example)


def test_what_is_committed_is_what_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make-demo"), str(tmp_path)], check=True)
    for path in sorted(path for path in tmp_path.rglob("*") if path.is_file()):
        shipped = DEMO / path.relative_to(tmp_path)
        assert contents(path) == contents(shipped), shipped
    made = {path.relative_to(tmp_path / "mistakes") for path in (tmp_path / "mistakes").rglob("*")}
    assert made == {path.relative_to(DEMO / "mistakes") for path in (DEMO / "mistakes").rglob("*")}


def contents(path: Path) -> object:
    """A file's bytes; of a workbook its parts, for another zlib may pack them otherwise."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_workbooks_open_elsewhere() -> None:
    import openpyxl

    for path in (DEMO / "right").rglob("*.xlsx"):
        sheet = openpyxl.load_workbook(path).active
        assert sheet.max_row > 10


def test_size() -> None:
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 1_500_000


def test_demo_writes_it(tmp_path: Path) -> None:
    write_demo(tmp_path / "示例 目录")
    assert (tmp_path / "示例 目录" / "right" / "govdata.toml").is_file()
    assert validate(tmp_path / "示例 目录" / "right", today=TODAY).valid
