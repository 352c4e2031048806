"""Which directory a dataset belongs to: its own settings count, and only a whole directory is judged as one."""

from __future__ import annotations

from pathlib import Path

from govdata.validation import validate
from govdata.values import Report

ENTRY = '信息资源名称: 甲\n信息资源代码: "307001/000001"\n关联资源代码: ["307001/000002"]\n'
OTHER = '信息资源名称: 乙\n信息资源代码: "307001/000002"\n关联资源代码: ["307001/000001"]\n'


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def rules(report: Report) -> set[str]:
    return {rule for dataset in report.datasets for rule in dataset.counts if rule.startswith("directory/")}


def test_a_part_of_a_directory_is_not_held_against_the_rest(tmp_path: Path) -> None:
    write(tmp_path, {"govdata.toml": "", "a/entry.yaml": ENTRY, "b/entry.yaml": OTHER})
    part = validate(tmp_path / "a")
    assert rules(part) == set()
    assert [item.why for item in part.skipped] == ["directory-partial"]
    whole = validate(tmp_path)
    assert (rules(whole), whole.skipped) == (set(), ())


def test_a_relation_that_leads_nowhere_is_found_in_the_whole(tmp_path: Path) -> None:
    write(tmp_path, {"govdata.toml": "", "a/entry.yaml": ENTRY})
    assert rules(validate(tmp_path)) == {"directory/related-missing"}


def test_directories_below_a_folder_keep_their_own_settings(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}/{file}": text for name in ("x", "y") for file, text in (("a/entry.yaml", ENTRY), ("b/entry.yaml", OTHER))})
    write(tmp_path, {"x/govdata.toml": 'standard = "shanghai"\n', "y/govdata.toml": ""})
    report = validate(tmp_path)
    assert [(dataset.path, dataset.standard) for dataset in report.datasets] == [
        ("x/a", "shanghai"),
        ("x/b", "shanghai"),
        ("y/a", "national"),
        ("y/b", "national"),
    ]
    assert rules(report) == set()
    assert {standard["id"] for standard in report.run["standards"]} == {"shanghai", "national"}


def test_a_dataset_without_a_directory_is_not_judged_as_one(tmp_path: Path) -> None:
    write(tmp_path, {"a/entry.yaml": ENTRY})
    report = validate(tmp_path / "a")
    assert (rules(report), report.skipped) == (set(), ())


def test_tables_in_no_dataset_are_told(tmp_path: Path) -> None:
    tables = ("b/x.csv", "c/Entry.yaml", "d/e/entry.yaml.txt", "f.jsonl", "a/deep/x.csv", "许可证/许可证.XLSX")
    others = ("docs/a.md", "docs/requirements.txt", ".git/x.csv", "own/codes/x/codes.csv", "site/.govdata-site.json", "site/x.csv")
    write(tmp_path, {"govdata.toml": 'content = "own"\n', "a/entry.yaml": ENTRY, **dict.fromkeys((*tables, *others), OTHER)})
    told = [item.what for item in validate(tmp_path).skipped if item.why == "no-entry"]
    assert told == ["./", "b/", "c/", "d/e/", "许可证/"]
    assert [item.why for item in validate(tmp_path / "b", tmp_path / "a").skipped] == ["directory-partial", "no-entry"]


def test_a_schema_that_no_table_is_held_against_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a/entry.yaml": ENTRY, "x.csv": "a\n1\n", "s.json": '{"fields": [{"name": "a"}]}'})
    schema = tmp_path / "s.json"
    assert "schema-unused" in [item.why for item in validate(tmp_path / "a", schema=schema).skipped]
    assert validate(tmp_path / "a", tmp_path / "x.csv", schema=schema).skipped == ()
