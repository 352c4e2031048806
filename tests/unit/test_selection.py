"""The selection of a directory for a network: every dataset with its report and decision, and whether it was all of it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from govdata.errors import SettingsError
from govdata.publishing.identity import code_of
from govdata.publishing.selection import Selection, select
from govdata.settings import read_settings
from govdata.validation import validate

DEMO = Path(__file__).parents[2] / "catalog/demo/right"
TODAY = date(2026, 11, 1)
OPEN = "共享属性: {共享类型: 无条件共享}\n开放属性: {是否向社会开放: 是, 开放类型: 无条件开放}\n"


def chosen(path: Path, zone: str = "internet", root: Path | None = None) -> Selection:
    return select(path, read_settings(root or path, {"today": TODAY}), zone)


def directory(folder: Path, settings: str = "", **entries: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "govdata.toml").write_text('standard = "core"\n' + settings, encoding="utf-8")
    for name, entry in entries.items():
        (folder / name).mkdir()
        (folder / name / "entry.yaml").write_text(f"信息资源名称: {name}\n{entry}", encoding="utf-8")
    return folder


VERDICTS = {
    "internet": {"低保家庭": "refused", "停车缴费": "entry"},
    "extranet": {"低保家庭": "refused", "停车缴费": "entry"},
}


@pytest.mark.parametrize("zone", VERDICTS)
def test_the_demo(zone: str) -> None:
    found = chosen(DEMO, zone)
    assert found.whole
    assert (found.gaps, found.nested, found.idle) == ((), (), ())
    assert all(candidate.valid for candidate in found.candidates)
    assert len(found.candidates) >= 10
    assert {c.dataset.location: c.decision.verdict for c in found.candidates if c.decision.verdict != "whole"} == VERDICTS[zone]


def test_reports_are_those_of_the_check() -> None:
    plain = validate(DEMO, today=TODAY)
    found = chosen(DEMO)
    assert tuple(candidate.report for candidate in found.candidates) == plain.datasets == found.report.datasets
    assert [c.dataset.location for c in found.candidates] == [report.path for report in plain.datasets]
    assert all(c.dataset.entry and c.dataset.entry.sha256 == (c.report.entry or {})["sha256"] for c in found.candidates)


def test_with_several_processes_it_is_the_same() -> None:
    settings = read_settings(DEMO, {"today": TODAY})
    assert select(DEMO, settings.with_jobs(2), "internet") == select(DEMO, settings.with_jobs(1), "internet")


def test_a_dataset_with_errors_is_not_valid(tmp_path: Path) -> None:
    root = directory(tmp_path, a=OPEN + "信息资源代码: a/1\n资源: [{文件: 没有.csv}]\n", b=OPEN + "信息资源代码: a/2\n")
    assert [(c.report.id, c.valid, c.decision.verdict) for c in chosen(root).candidates] == [
        ("a/1", False, "whole"),
        ("a/2", True, "whole"),
    ]


def test_a_part_is_not_the_whole(tmp_path: Path) -> None:
    root = directory(tmp_path, a=OPEN + "信息资源代码: a/1\n", b=OPEN + "信息资源代码: a/2\n")
    assert chosen(root).whole
    part = chosen(root / "a", root=root)
    assert ([c.report.id for c in part.candidates], part.whole) == (["a/1"], False)


def test_a_dataset_is_in_one_place_whatever_part_of_the_directory_was_asked_for(tmp_path: Path) -> None:
    """Without a code it was published a second time when only its folder was asked for, or from another checkout."""
    root = directory(tmp_path)
    (root / "sub" / "a").mkdir(parents=True)
    for folder in (root, root / "sub" / "a"):
        (folder / "entry.yaml").write_text(OPEN, encoding="utf-8")
    for path, places in ((root, [".", "sub/a"]), (root / "sub", ["sub/a"]), (root / "sub" / "a", ["sub/a"])):
        found = chosen(path, root=root)
        assert [code_of(candidate.dataset) for candidate in found.candidates] == places
        assert list(found.gaps) == places


@pytest.mark.parametrize("broken", ["信息资源代码: [\n", OPEN])
def test_what_cannot_be_told_from_what_is_gone_keeps_it_from_being_whole(broken: str, tmp_path: Path) -> None:
    found = chosen(directory(tmp_path, a=OPEN + "信息资源代码: a/1\n", b=broken))
    assert (found.whole, found.gaps) == (False, ("b",))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_folder_that_cannot_be_opened_keeps_it_from_being_whole(tmp_path: Path) -> None:
    root = directory(tmp_path, a=OPEN + "信息资源代码: a/1\n", b=OPEN + "信息资源代码: a/2\n")
    (root / "b").chmod(0)
    try:
        assert not chosen(root).whole
    finally:
        (root / "b").chmod(0o700)


def test_a_directory_inside_is_told_and_left_out(tmp_path: Path) -> None:
    root = directory(tmp_path, a=OPEN + "信息资源代码: a/1\n")
    directory(root / "inside", b=OPEN + "信息资源代码: a/2\n")
    found = chosen(root)
    assert ([c.report.id for c in found.candidates], found.nested, found.whole) == (["a/1"], ("inside",), True)


RECORD = '{"title": "%s", "identifier": "a/%d", "sharing": {"type": "%s"}, "opening": {"open": true, "type": "open"}}\n'


def test_each_record_of_a_file_of_entries_is_one(tmp_path: Path) -> None:
    root = directory(tmp_path)
    kinds = ["unconditional", "conditional", "not-shared", "nonsense"]
    (root / "all.jsonl").write_text("".join(RECORD % (kind, number, kind) for number, kind in enumerate(kinds)), encoding="utf-8")
    found = chosen(root / "all.jsonl", root=root)
    assert [(c.report.id, c.decision.verdict) for c in found.candidates] == [
        ("a/0", "whole"), ("a/1", "entry"), ("a/2", "refused"), ("a/3", "refused"),
    ]  # fmt: skip
    assert [c.dataset.entry.canonical["title"] for c in found.candidates if c.dataset.entry] == kinds
    assert found.whole
    directory(root / "more", b=OPEN)
    assert not chosen(root / "all.jsonl", root=root).whole


def test_a_data_package_says_who_may_have_it(tmp_path: Path) -> None:
    root = directory(tmp_path)
    (root / "bus").mkdir()
    (root / "bus/a.csv").write_text("x\n1\n", encoding="utf-8")
    package = '{"name": "bus", %s "resources": [{"name": "a", "path": "a.csv", "schema": {"fields": [{"name": "x", "type": "any"%s}]}}]}'
    said = '"sharing": {"type": "unconditional"}, "opening": {"open": true, "type": "open"},'
    for more, field, verdict, rules in [
        ("", "", "refused", ["gate/opening-unstated"]),
        (said, "", "whole", []),
        (said, ', "personal": true', "refused", ["gate/personal-field"]),
        (said, ', "secret": true', "refused", ["gate/secret"]),
        (said.replace("true", "1"), "", "refused", ["gate/unknown-value"]),
        (said.replace("true", '"是"'), "", "refused", ["gate/unknown-value"]),
    ]:
        (root / "bus/datapackage.json").write_text(package % (more, field), encoding="utf-8")
        (found,) = chosen(root).candidates
        assert (found.decision.verdict, [reason.rule for reason in found.decision.reasons]) == (verdict, rules), more


EXCEPTION = """[[exceptions]]
rule = "gate/not-open"
dataset = "a/1"
zone = "internet"
reason = "依法公开"
by = "甲"
date = 2026-11-01
until = %s
"""


@pytest.mark.parametrize(("until", "verdict", "idle"), [("2999-01-01", "whole", []), ("2026-11-02", "refused", ["expired"])])
def test_exceptions_hold_by_the_calendar_of_the_machine(until: str, verdict: str, idle: list[str], tmp_path: Path) -> None:
    closed = OPEN.replace("是, 开放类型: 无条件开放", "否") + "信息资源代码: a/1\n"
    root = directory(tmp_path, EXCEPTION % until, a=closed)
    found = chosen(root)
    assert TODAY <= date(2026, 11, 2) < date.today(), "this test shows that `today` of the settings has no say"
    assert ([c.decision.verdict for c in found.candidates], [item.why for item in found.idle]) == ([verdict], idle)


def test_a_rule_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    root = directory(tmp_path, (EXCEPTION % "2999-01-01").replace("not-open", "not-opn"))
    with pytest.raises(SettingsError) as caught:
        chosen(root)
    assert caught.value.arguments["file"] == str(root / "govdata.toml")


def test_a_code_that_a_layer_added_counts_as_the_one_it_is_mapped_to(tmp_path: Path) -> None:
    entry = "信息资源代码: a/1\n" + OPEN.replace("无条件开放", "校园开放")
    root = directory(tmp_path, 'content = "own"\n', a=entry)
    (root / "govdata.toml").write_text('standard = "own"\ncontent = "own"\n', encoding="utf-8")
    layer = root / "own/standards/own"
    layer.mkdir(parents=True)
    text = {"id": "own", "version": "1", "extends": "core", "title": {"zh": "校", "en": "School"}}
    added = {"code": "school", "zh": "校园开放", "en": "Open to schools", "broader": "conditional"}
    declared = {**text, "source": {"document": "govdata", "state": "own", "note": "a test"}, "codes": {"opening-type": [added]}}
    import yaml

    (layer / "standard.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    (found,) = chosen(root).candidates
    assert (found.decision.verdict, [reason.rule for reason in found.decision.reasons]) == ("entry", ["gate/open-on-conditions"])


def test_a_misspelt_network_of_a_target_is_named_with_its_place(tmp_path: Path) -> None:
    """It was told as a bug in govdata."""
    (tmp_path / "govdata.toml").write_text('[targets.site.open]\npath = "x"\nzone = "moon"\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        chosen(tmp_path, "moon")
    assert (caught.value.arguments["key"], caught.value.arguments["line"]) == ("targets.site.open.zone", 3)


def test_there_is_no_such_network() -> None:
    with pytest.raises(ValueError, match="no network"):
        chosen(DEMO, "moon")
