"""Findings as they are reported: severity and layer of the standard, personal values masked, marks that survive edits elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdata.finishing import finish
from govdata.standards import read_library
from govdata.validation import validate
from govdata.values import Finding

STANDARD = read_library().standard("national")
NUMBER = "110101180001010012"
"""An artificial person, born in 1800; the check digit does not matter here."""


def told(finding: Finding, personal: tuple[str, ...] = ()) -> Finding:
    return finish(finding, STANDARD, "zh-CN", personal)


def test_severity_source_and_layer_are_those_of_the_standard() -> None:
    found = told(Finding("entry/title-required"))
    assert (found.severity, found.layer) == ("error", "national")
    assert found.source is not None
    assert found.message
    assert found.help


def test_a_check_may_say_less() -> None:
    found = told(
        Finding("table/code-list", args={"severity": "warning", "reason": "unknown", "list": {"zh": "甲", "en": "A"}, "close": ()})
    )
    assert found.severity == "warning"
    assert "severity" not in found.args


@pytest.mark.parametrize("personal", [(), ("号码",)])
def test_a_citizen_number_is_never_shown(personal: tuple[str, ...]) -> None:
    found = told(Finding("table/type-error", field="号码", value=NUMBER, args={"reason": "integer", "type": "integer"}), personal)
    assert found.value == "*" * 16 + "12"
    assert NUMBER not in repr(found)


def test_a_personal_field_shows_length_and_the_last_two() -> None:
    found = told(Finding("table/type-error", field="姓名", value="欧阳修", args={"reason": "integer", "type": "integer"}), ("姓名",))
    assert found.value == "*阳修"
    assert "欧阳修" not in repr(found)


def test_numbers_inside_arguments_are_masked() -> None:
    args = {"reason": "duplicate", "first": 2, "fields": (NUMBER, "甲"), "deep": {"a": [f"证件{NUMBER}号"]}}
    assert NUMBER not in repr(told(Finding("table/primary-key", field="号码", value=f"{NUMBER}, 甲", args=args)))


def marks(folder: Path, text: str) -> list[str]:
    (folder / "a.csv").write_text(text, encoding="utf-8")
    (dataset,) = validate(folder / "a.csv", schema=folder / "s.json").datasets
    return [item.fingerprint for item in dataset.findings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.json").write_text('{"fields": [{"name": "名"}, {"name": "数", "type": "integer"}]}', encoding="utf-8")
    return tmp_path


def test_fingerprints_survive_rows_put_in_before(folder: Path) -> None:
    before = marks(folder, "名,数\n甲,x\n乙,y\n丙,x\n")
    assert len(set(before)) == 3
    assert marks(folder, "名,数\n新,1\n甲,x\n又,2\n乙,y\n丙,x\n") == before


def test_fingerprints_survive_what_is_mended_elsewhere(folder: Path) -> None:
    before = marks(folder, "名,数\n甲,x\n乙,y\n丙,z\n")
    assert marks(folder, "名,数\n甲,1\n乙,y\n丙,z\n") == before[1:]


def test_a_finding_that_is_new_has_a_mark_of_its_own(folder: Path) -> None:
    before = marks(folder, "名,数\n甲,x\n")
    after = marks(folder, "名,数\n甲,x\n乙,x\n丙,w\n")
    assert after[0] == before[0]
    assert len(set(after)) == 3


def test_fingerprints_of_an_entry_survive_lines_put_in_before(tmp_path: Path) -> None:
    path = tmp_path / "entry.yaml"

    def seen(text: str) -> set[str]:
        path.write_text(text, encoding="utf-8")
        return {item.fingerprint for item in validate(tmp_path).datasets[0].findings}

    assert seen("信息资源名称: 例\n更新周期: 每个月\n") == seen("# 甲\n\n信息资源名称: 例\n更新周期: 每个月\n")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_mark_does_not_depend_on_the_language(folder: Path, language: str) -> None:
    (folder / "a.csv").write_text("名,数\n甲,x\n", encoding="utf-8")
    here = validate(folder / "a.csv", schema=folder / "s.json", language=language).datasets[0].findings[0]
    assert here.fingerprint == marks(folder, "名,数\n甲,x\n")[0]
