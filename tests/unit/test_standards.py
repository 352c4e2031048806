"""Layers: a lower one tightens, and what would loosen or redefine is refused with the file and line at fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from govdata.classes import replace
from govdata.errors import SettingsError
from govdata.messages import error_text
from govdata.standards import LOCAL, read_library

LAYER = """id: {id}
version: "1"
title: {{zh: 甲, en: A}}
extends: {extends}
source: {{document: govdata, state: own, note: 测试用。}}
{more}
"""
RULE = """id: {id}
title: {{zh: 甲, en: A}}
source: {{document: govdata, state: own, note: 测试用。}}
severity: warning
applies_to: entry
check:
  schema: {{required: [title]}}
message: {{zh: 甲, en: A}}
help: {{zh: 甲, en: A}}
{more}
"""
EXAMPLES = "examples: {pass: [{title: 甲}], fail: [{}]}"
LIST = """id: {id}
title: {{zh: 甲, en: A}}
source: {{document: govdata, state: own, note: 测试用。}}
licence: Apache-2.0
status: closed
load: start
codes: [{{code: "1", zh: 甲, en: A}}]
"""


def layer(more: str = "", name: str = "own", extends: str = "national") -> str:
    return LAYER.format(id=name, extends=extends, more=more or "rules: []")


def rule(name: str = "own/one", more: str = EXAMPLES) -> str:
    return RULE.format(id=name, more=more)


STANDARD = "standards/own/standard.yaml"
REFUSED: dict[str, tuple[dict[str, str], str, str, int]] = {
    "a severity lowered": ({STANDARD: layer("severities:\n  entry/title-required: warning")}, "severity-lowered", STANDARD, 7),
    "a rule switched off": ({STANDARD: layer("severities:\n  entry/title-required: off")}, "rule-dropped", STANDARD, 7),
    "a rule dropped": ({STANDARD: layer("drop: [entry/title-required]")}, "rule-dropped", STANDARD, 6),
    "a severity of no rule": ({STANDARD: layer("severities: {entry/nothing: error}")}, "unknown-rule", STANDARD, 6),
    "a rule that is not there": ({STANDARD: layer("rules:\n  - own/*\n  - entry/nothing")}, "unknown-rule", STANDARD, 8),
    "a rule of ours redefined": ({"rules/title.yaml": rule("entry/title-required")}, "id-redefined", "rules/title.yaml", 1),
    "a list of ours redefined": ({"codes/sex/list.yaml": LIST.format(id="sex")}, "id-redefined", "codes/sex/list.yaml", 1),
    "a layer of ours redefined": ({STANDARD: layer(name="shanghai")}, "id-redefined", STANDARD, 1),
    "a code that is not mapped": (
        {STANDARD: layer("codes:\n  update-cycle:\n    - {code: shift, zh: 每班, en: Shift}")}, "code-unmapped", STANDARD, 8,
    ),
    "a code that is mapped to none": (
        {STANDARD: layer("codes:\n  update-cycle:\n    - {code: shift, zh: 班, en: Shift, broader: hour}")}, "code-unmapped", STANDARD, 8,
    ),
    "a code in a closed list": (
        {STANDARD: layer("codes:\n  sharing-type:\n    - {code: secret, zh: 密, en: Secret, broader: none}")}, "list-closed", STANDARD, 8,
    ),
    "a list that is not there": ({STANDARD: layer("codes: {moods: [{code: a, zh: 甲, en: A, broader: b}]}")}, "unknown-list", STANDARD, 6),
    "a circle": (
        {STANDARD: layer(extends="other"), "standards/other/standard.yaml": layer(name="other", extends="own")},
        "layer-circle", "standards/other/standard.yaml", 4,
    ),
    "itself": ({STANDARD: layer(extends="own")}, "layer-circle", STANDARD, 4),
}  # fmt: skip


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", REFUSED)
def test_what_loosens_is_refused_at_its_place(name: str, tmp_path: Path) -> None:
    files, key, file, line = REFUSED[name]
    error = refused(write(tmp_path, {"rules/one.yaml": rule(), **files}))
    assert error.exit_code == 2
    assert (error.key, error.arguments["file"], error.arguments["line"]) == (key, str(tmp_path / file), line)
    for language, sign in (("zh-CN", f"第 {line} 行"), ("en", f"line {line}")):
        assert sign in error_text(error, language)


def refused(folder: Path, standard: str = "own") -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read_library(folder).standard(standard)
    return caught.value


BROKEN: dict[str, tuple[dict[str, str], str]] = {
    "a rule without examples": ({"rules/one.yaml": rule(more="")}, "rule-examples"),
    "a rule with examples of one kind": ({"rules/one.yaml": rule(more="examples: {pass: [{title: 甲}], fail: []}")}, "rule-examples"),
    "a rule without a text": ({"rules/one.yaml": rule().replace("message:", "massage:")}, "rule-incomplete"),
    "a rule without a source": ({"rules/one.yaml": rule().replace("document: govdata", "document: ''")}, "rule-source"),
    "a rule of our own without a reason": ({"rules/one.yaml": rule().replace(", note: 测试用。", "")}, "rule-source"),
    "a severity that is none": ({"rules/one.yaml": rule().replace("severity: warning", "severity: fatal")}, "rule-severity"),
    "a rule with two checks": ({"rules/one.yaml": rule().replace("check:\n", "check:\n  named: other\n")}, "rule-check"),
    "an id without a group": ({"rules/one.yaml": rule("one")}, "rule-id"),
    "YAML that is none": ({"rules/one.yaml": "id: [\n"}, "content-syntax"),
    "a key twice": ({"rules/one.yaml": rule() + "id: own/two\n"}, "content-syntax"),
    "a text where a mapping is due": ({"rules/one.yaml": "甲\n"}, "content-syntax"),
    "a list without codes": ({"codes/moods/list.yaml": LIST.format(id="moods").replace("codes:", "kodes:")}, "list-incomplete"),
    "a layer without a version": ({STANDARD: layer().replace('version: "1"', "")}, "layer-incomplete"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_content_that_is_not_whole_is_refused_with_its_file(name: str, tmp_path: Path) -> None:
    files, key = BROKEN[name]
    error = refused(write(tmp_path, files), "national")
    assert error.key == key
    assert str(tmp_path) in str(error.arguments["file"])
    assert error_text(error, "zh-CN") != error_text(error, "en")


def test_a_layer_of_a_name_that_nobody_has(tmp_path: Path) -> None:
    assert refused(tmp_path, "shanghia").key == "unknown-standard"
    assert refused(write(tmp_path, {STANDARD: layer(extends="shanghia")})).key == "unknown-standard"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").key == "no-content-folder"


def test_a_layer_raises_adds_and_names_itself(tmp_path: Path) -> None:
    more = """rules: [own/*]
severities: {entry/keywords: error}
codes:
  update-cycle: [{code: shift, zh: 每班, en: Every shift, broader: daily}, {code: daily, zh: 每日, en: Daily, also: [天天]}]"""
    library = read_library(
        write(tmp_path, {STANDARD: layer(more), "rules/one.yaml": rule(), "codes/moods/list.yaml": LIST.format(id="moods")})
    )
    standard, national = library.standard("own"), library.standard("national")
    assert [item.id for item in standard.layers] == [*(item.id for item in national.layers), "own"]
    raised = standard.rules["entry/keywords"]
    assert (raised.severity, raised.layer, national.rules["entry/keywords"].layer) == ("error", "own", "national")
    assert standard.rules["own/one"].layer == "own"
    assert "own/one" not in national.rules
    cycles = standard.codes["update-cycle"]
    assert (cycles.resolve("每班"), cycles.resolve("天天"), cycles.codes["shift"].broader) == ("shift", "daily", "daily")
    assert national.codes["update-cycle"].resolve("每班") is None
    assert standard.codes["moods"].resolve("甲") == "1"
    assert len({standard.digest, national.digest}) == 2


def test_rules_without_a_layer_hold_everywhere(tmp_path: Path) -> None:
    library = read_library(write(tmp_path, {"rules/one.yaml": rule()}))
    assert library.standard("shanghai").rules["own/one"].layer == LOCAL


def test_an_overlay_is_read(tmp_path: Path) -> None:
    overlay = '{"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["theme"]}'
    files = {STANDARD: layer("overlay: overlay.schema.json\nrules: []"), "standards/own/overlay.schema.json": overlay}
    overlays: Any = read_library(write(tmp_path, files)).standard("own").overlays
    assert overlays[-1][0] == "own"
    assert overlays[-1][1]["required"] == ["theme"]


@pytest.mark.parametrize("name", sorted(read_library().layers))
def test_ours_resolve(name: str) -> None:
    standard = read_library().standard(name)
    assert standard.layers[-1].id == name
    assert all(item.layer in {part.id for part in standard.layers} for item in standard.rules.values())


@pytest.mark.parametrize("name", read_library().layers)
def test_a_digest_that_is_kept_is_what_would_be_made(name: str) -> None:
    standard = read_library().standard(name)
    assert standard.is_shipped
    assert standard.digest == replace(standard, is_shipped=False).digest
