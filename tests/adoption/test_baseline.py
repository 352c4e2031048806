"""Baselines: old findings do not fail, new ones do; the file only shrinks; what cannot be compared or accepted is told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from govdata import content
from govdata.errors import ReadError, SettingsError
from govdata.validation import validate
from govdata.values import DatasetReport, Report

TODAY = date(2026, 1, 31)
ENTRY = """信息资源名称: 公共停车场{name}
信息资源代码: 307001/0000{name}
资源:
  - 文件: a.csv
    信息项:
      - {{名称: 泊位数, 类型: I, 最小值: 1}}
      - {{名称: 启用, 类型: D}}
"""


def lay(root: Path, name: str, rows: str, entry: str = ENTRY) -> Path:
    folder = root / f"停车场{name}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "entry.yaml").write_text(entry.format(name=name), encoding="utf-8")
    (folder / "a.csv").write_text("泊位数,启用\n" + rows, encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "目录"
    root.mkdir()
    (root / "govdata.toml").write_text('standard = "core"\n', encoding="utf-8")
    lay(root, "12", "三十,2020-01-01\n5,2020-1-1\n七,2020-01-01\n")
    lay(root, "13", "0,2020-01-01\n")
    return root


@pytest.fixture
def file(root: Path) -> Path:
    path = root.parent / "baseline.json"
    run(root, write_baseline=path)
    return path


def run(path: Path, **options: Any) -> Report:
    return validate(path, today=TODAY, **options)


def known(file: Path) -> dict[str, dict[tuple[str, str], int]]:
    declared = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(content.load("schemas/baseline.schema.json")).validate(declared)
    groups = {
        item["path"]: {(group["rule"], group.get("field", "")): group["count"] for group in item["groups"]} for item in declared["datasets"]
    }
    for item in declared["datasets"]:
        assert all(len(group["fingerprints"]) <= group["count"] for group in item["groups"])
    return groups


def of(report: Report, name: str) -> DatasetReport:
    return next(dataset for dataset in report.datasets if dataset.id.endswith(name))


def test_everything_is_taken_in_once_and_does_not_fail(root: Path, file: Path) -> None:
    assert known(file) == {
        "停车场12": {("table/type-error", "泊位数"): 2, ("table/lexical-form", "启用"): 1},
        "停车场13": {("table/constraint-error", "泊位数"): 1},
    }
    report = run(root, baseline=file)
    assert report.valid
    assert not [finding for dataset in report.datasets for finding in dataset.findings]
    assert of(report, "12").accepted_counts["table/type-error"].count == 2
    assert [(item.kind, item.count, item.file) for item in of(report, "12").acceptances] == [("baseline", 3, "baseline.json")]
    assert report.run["baseline"] == {"file": file.as_posix(), "count": 4, "datasets": 2, "resolved": 0}


def test_only_what_is_new_fails(root: Path, file: Path) -> None:
    lay(root, "12", "9,2020-01-01\n新,2020-01-01\n三十,2020-01-01\n5,2020-1-1\n七,2020-01-01\n")
    report = run(root, baseline=file)
    assert not report.valid
    assert [(item.rule, item.value) for item in of(report, "12").findings] == [("table/type-error", "新")]
    assert {rule: count.count for rule, count in of(report, "12").counts.items()} == {"table/type-error": 1}
    assert of(report, "13").valid


def test_the_same_mistake_once_more_is_new(root: Path, file: Path) -> None:
    lay(root, "12", "三十,2020-01-01\n三十,2020-01-01\n5,2020-1-1\n七,2020-01-01\n")
    assert [item.value for item in of(run(root, baseline=file), "12").findings] == ["三十"]


def test_the_baseline_only_shrinks(root: Path, file: Path) -> None:
    lay(root, "12", "31,2020-01-01\n5,2020-1-1\n七,2020-01-01\n八,2020-01-01\n")
    report = run(root, write_baseline=file)
    assert not report.valid
    assert report.run["baseline"]["resolved"] == 1
    assert known(file)["停车场12"] == {("table/type-error", "泊位数"): 1, ("table/lexical-form", "启用"): 1}
    before = file.read_bytes()
    run(root, write_baseline=file)
    assert file.read_bytes() == before
    lay(root, "12", "三十,2020-01-01\n5,2020-1-1\n七,2020-01-01\n")
    assert [item.value for item in of(run(root, baseline=file), "12").findings] == ["三十"]


def test_a_dataset_is_found_again_by_its_code_and_by_its_place(root: Path, file: Path) -> None:
    (root / "停车场12").rename(root / "搬走了")
    lay(root, "13", "0,2020-01-01\n", ENTRY.replace("307001/0000{name}", "307001/999999"))
    report = run(root, baseline=file)
    assert report.valid
    run(root, write_baseline=file)
    assert sorted(known(file)) == ["停车场13", "搬走了"]
    assert run(root, baseline=file).valid


def test_a_dataset_that_took_the_place_of_another_is_new(root: Path, file: Path) -> None:
    (root / "停车场12").rename(root / "搬走了")
    lay(root, "12", "三十,2020-01-01\n", ENTRY.replace("307001/0000{name}", "307001/999999"))
    report = run(root, baseline=file)
    assert [dataset.id for dataset in report.datasets if not dataset.valid] == ["307001/999999"]


def test_a_dataset_without_a_code_is_found_from_wherever_it_is_named(root: Path) -> None:
    lay(root, "12", "三十,2020-01-01\n", ENTRY.replace("信息资源代码: 307001/0000{name}\n", ""))
    file = root.parent / "b.json"
    run(root, write_baseline=file)
    for path in (root, root / "停车场12", root / "停车场12" / "entry.yaml"):
        assert run(path, baseline=file).valid, path


def test_a_part_leaves_the_rest_as_it_was(root: Path, file: Path) -> None:
    lay(root, "12", "31,2020-01-01\n")
    run(root / "停车场12", write_baseline=file)
    assert known(file) == {"停车场13": {("table/constraint-error", "泊位数"): 1}}


def test_what_the_directory_says_is_not_forgotten_by_a_part(root: Path) -> None:
    lay(root, "13", "5,2020-01-01\n", ENTRY.replace("307001/0000{name}", "307001/000012"))
    (root / "govdata.toml").write_text("", encoding="utf-8")
    file = root.parent / "b.json"
    run(root, write_baseline=file)
    assert ("directory/duplicate-code", "") in known(file)["停车场12"]
    run(root / "停车场12", write_baseline=file)
    assert ("directory/duplicate-code", "") in known(file)["停车场12"]
    assert "directory/duplicate-code" not in of(run(root, baseline=file), "12").counts


def test_a_dataset_that_is_gone_leaves_the_baseline(root: Path, file: Path) -> None:
    for path in (root / "停车场13").iterdir():
        path.unlink()
    (root / "停车场13").rmdir()
    assert run(root, write_baseline=file).run["baseline"]["resolved"] == 1
    assert sorted(known(file)) == ["停车场12"]


def test_what_could_not_be_read_is_not_taken_for_mended(root: Path, file: Path) -> None:
    before = known(file)
    (root / "停车场12" / "entry.yaml").write_text("信息资源名称: [", encoding="utf-8")
    (root / "停车场13" / "a.csv").unlink()
    report = run(root, write_baseline=file)
    assert not report.valid
    assert known(file) == before


def test_beyond_what_is_listed_the_number_counts(root: Path) -> None:
    lay(root, "12", "".join(f"错{number},2020-01-01\n" for number in range(250)))
    file = root.parent / "b.json"
    run(root, write_baseline=file)
    assert known(file)["停车场12"] == {("table/type-error", "泊位数"): 250}
    # The first are mended: others are listed instead, and are no news.
    lay(root, "12", "".join(f"错{number},2020-01-01\n" for number in range(50, 250)))
    report = run(root, baseline=file)
    assert report.valid
    assert report.run["baseline"]["resolved"] == 50
    lay(root, "12", "".join(f"错{number},2020-01-01\n" for number in range(253)))
    report = run(root, baseline=file)
    assert not report.valid
    assert of(report, "12").counts["table/type-error"].count == 3
    assert of(report, "12").severities["error"] == 3


@pytest.mark.parametrize("limit", [1, 20, "all"])
def test_how_many_are_shown_does_not_matter(root: Path, limit: int | str) -> None:
    rows = "".join(f"错{number},2020-01-01\n" for number in range(90))
    lay(root, "12", rows)
    file = root.parent / "b.json"
    run(root, write_baseline=file)
    assert run(root, baseline=file, limit=limit).valid
    lay(root, "12", rows + "新,2020-01-01\n")
    report = run(root, baseline=file, limit=limit)
    assert [item.value for item in of(report, "12").findings] == ["新"]
    assert len(of(report, "12").accepted) == (90 if limit == "all" else limit)
    assert of(report, "12").accepted_counts["table/type-error"].count == 90


def test_with_every_finding_listed_each_is_told_apart(root: Path) -> None:
    rows = [f"错{number},2020-01-01\n" for number in range(250)]
    lay(root, "12", "".join(rows))
    file = root.parent / "b.json"
    run(root, write_baseline=file, limit="all")
    lay(root, "12", "".join([*rows[:-1], "新,2020-01-01\n"]))
    assert [item.value for item in of(run(root, baseline=file, limit="all"), "12").findings] == ["新"]


def test_personal_data_is_never_taken_in(root: Path) -> None:
    numbers = content.load_file(content.root() / "validators/personal/open.yaml")["examples"]["fail"][0]["files"]
    folder = root / "低保"
    folder.mkdir()
    for name, text in numbers.items():
        (folder / name).write_text(text, encoding="utf-8")
    (root / "govdata.toml").write_text("", encoding="utf-8")
    file = root.parent / "b.json"
    report = run(root, write_baseline=file)
    assert not report.valid
    assert "personal/open" in {finding.rule for dataset in report.datasets for finding in dataset.findings}
    assert not [rule for groups in known(file).values() for rule, _ in groups if rule.startswith("personal/")]


@pytest.mark.parametrize("rule", ["personal/open", "gate/level", "accept/expired", "entry/secret-open"])
def test_a_baseline_that_somebody_put_it_into_is_refused(root: Path, file: Path, rule: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("table/type-error", rule), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        run(root, baseline=file)
    assert (caught.value.key, caught.value.arguments["rule"]) == ("baseline-never", rule)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "baseline-form"),
        ("{}", "baseline-form"),
        ("[" * 100_000, "baseline-form"),
        ('{"baseline": 2}', "baseline-version"),
        (
            '{"baseline": 1, "standards": [], "datasets": [{"path": "a", "groups": [{"rule": "a/b", "count": -1, "fingerprints": []}]}]}',
            "baseline-form",
        ),
        ('{"baseline": 1, "standards": 3, "datasets": []}', "baseline-form"),
    ],
)
def test_a_damaged_baseline_is_refused_and_left_alone(root: Path, file: Path, text: str, key: str) -> None:
    file.write_text(text, encoding="utf-8")
    for option in ("baseline", "write_baseline"):
        with pytest.raises(SettingsError) as caught:
            run(root, **{option: file})
        assert caught.value.key == key
    assert file.read_text(encoding="utf-8") == text


def test_a_baseline_that_is_not_there(root: Path) -> None:
    with pytest.raises(ReadError) as caught:
        run(root, baseline=root / "none.json")
    assert caught.value.key == "baseline-missing"


def test_one_baseline_may_be_begun_from_another(root: Path, file: Path) -> None:
    lay(root, "13", "5,2020-01-01\n")
    other = root.parent / "other.json"
    run(root, baseline=file, write_baseline=other)
    assert sorted(known(other)) == ["停车场12"]
    with pytest.raises(SettingsError):
        run(root, baseline=file, write_baseline=other)


def test_nothing_checked_writes_nothing(root: Path, file: Path) -> None:
    before = file.read_bytes()
    (root / "leer").mkdir()
    run(root / "leer", write_baseline=file)
    assert file.read_bytes() == before


def test_a_baseline_of_another_directory_is_not_emptied(root: Path, file: Path, tmp_path: Path) -> None:
    before, other = file.read_bytes(), tmp_path / "别处"
    lay(other, "77", "5,2020-01-01\n")
    with pytest.raises(SettingsError) as refused:
        run(other, write_baseline=file)
    assert (refused.value.key, refused.value.arguments["known"]) == ("baseline-elsewhere", ["停车场12", "停车场13"])
    assert file.read_bytes() == before
    # Read only, it says that everything is new, and not that what it holds has been corrected.
    report = run(other, baseline=file)
    assert report.run["baseline"] | {"file": ""} == {"file": "", "count": 0, "datasets": 0, "resolved": 0}
    # A dataset of it whose findings are all mended is met.
    lay(root, "12", "30,2020-01-01\n")
    lay(root, "13", "5,2020-01-01\n")
    assert run(root, write_baseline=file).run["baseline"]["resolved"] == 4
    assert known(file) == {}


def test_one_of_two_directories_leaves_the_other_as_it_was(root: Path, tmp_path: Path) -> None:
    other, file = tmp_path / "目录2", tmp_path / "b.json"
    lay(other, "77", "三十,2020-01-01\n")
    (other / "govdata.toml").write_text('standard = "core"\n', encoding="utf-8")
    validate(root, other, today=TODAY, write_baseline=file)
    before = file.read_bytes()
    assert sorted(known(file)) == ["../目录2/停车场77", "停车场12", "停车场13"]
    run(root, write_baseline=file)
    assert file.read_bytes() == before


def test_records_of_one_file_are_compared_too(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    line = '{{"信息资源名称": "停车场{0}", "信息资源代码": "307001/{0:06}", "更新周期": "每个月"}}\n'
    path.write_text("".join(line.format(number) for number in range(1050)), encoding="utf-8")
    file = tmp_path / "b.json"
    run(path, write_baseline=file)
    report = run(path, baseline=file)
    assert report.valid
    assert not any(sum(dataset.severities.values()) for dataset in report.datasets)
    path.write_text("".join(line.format(number) for number in range(1, 1051)), encoding="utf-8")
    report = run(path, baseline=file)
    assert not report.valid
    assert sum(dataset.severities["error"] > 0 for dataset in report.datasets) == 1
