"""The shipped code lists: form, counts, and that every reference between codes resolves."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from govdata import standards
from govdata.checks.schema import code_list_check
from govdata.codes import Code, CodeList, add_codes, fold, read_list
from govdata.errors import ContentError
from govdata.standards import read_library

SCHEMAS = Path(__file__).parents[2] / "schemas"
DOCS = Path(__file__).parents[2] / "docs" / "codes.md"
SCHEMA = json.loads((SCHEMAS / "code-list.schema.json").read_text(encoding="utf-8"))
DECLARED: dict[str, Mapping[str, Any]] = {
    path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((SCHEMAS / "codes").glob("*/list.yaml"))
}
LISTS: dict[str, CodeList] = {name: read_list(declared, SCHEMAS / "codes" / name) for name, declared in DECLARED.items()}
WITH_DATA = [name for name, declared in DECLARED.items() if "data" in declared]
COLUMNS = ["code", "zh", "en", "parent", "from", "until", "replaced_by"]

COUNTS = {
    "sharing-type": 3,
    "sharing-method": 6,
    "opening-type": 3,
    "data-type": 11,
    "update-cycle": 10,
    "zone": 4,
    "theme": 20,
    "resource-class": 3 + 5 + 12 + 8,
    "secrecy": 2,
    "security-level": 3,
    "domain": 27,
    "admin-level": 4,
    "region": 7,
    "scenario": 4,
    "channel": 3,
    "processing": 6,
    "sensitivity": 4,
    "system-level": 5,
    "catalog-status": 7,
    "mount-status": 5,
    "sex": 4,
    "marital-status": 8,
    "ethnic-group": 56,
    "education": 40,
    "industry-section": 20,
    "province": 34,
}

UPDATE_CYCLES = {
    "guide-system": {"1": "实时", "2": "每日", "3": "每周", "4": "每月", "5": "每季度", "6": "每年"},
    "reporting-profile": {"1": "实时", "2": "每日", "3": "每周", "4": "每月", "5": "每季度", "6": "每半年", "7": "每年", "8": "其他"},
    "gxzq": {"1": "不定时", "2": "实时", "3": "每日", "4": "每周", "5": "每月", "6": "每季度", "7": "每半年", "8": "每年", "9": "其他"},
    "bm-mlxx": {"01": "每日", "02": "每周", "03": "每月", "04": "每季度", "05": "每年", "06": "半年", "07": "实时"},
    "guangdong": {"1": "实时", "2": "按日", "3": "按周", "4": "按月", "5": "每季度", "6": "每半年", "7": "按年", "99": "其他"},
    "guizhou": {"0": "每年", "1": "每季度", "2": "每月", "3": "每周", "4": "每天", "5": "实时", "6": "每半年"},
    "water": {word: word for word in ("实时", "每日", "每周", "每旬", "每月", "每季度", "每年")},
}
"""The variants as each system writes them: notation → its own label."""

WRITTEN = [
    ("sharing-type", "无条件", "unconditional"),
    ("sharing-type", "bm-mlxx:01", "conditional"),
    ("sharing-type", "reporting-profile:1", "unconditional"),
    ("sharing-type", "1", None),
    ("sharing-method", "文件下载", "file"),
    ("opening-type", "普遍开放", "open"),
    ("opening-type", "依申请开放", "conditional"),
    ("opening-type", "非开放", "closed"),
    ("opening-type", "fujian:0", "conditional"),
    ("data-type", "c", "C"),
    ("data-type", "字符型", "C"),
    ("format-class", "JPEG", "jpg"),
    ("format-class", "GeoJSON", "geojson"),
    ("update-cycle", "每天", "daily"),
    ("update-cycle", "半年", "half-yearly"),
    ("update-cycle", "guangdong:4", "monthly"),
    ("update-cycle", "guizhou:4", "daily"),
    ("update-cycle", "4", None),
    ("zone", "互联网", "internet"),
    ("resource-class", "应急保障", "212"),
    ("security-level", "重要", "important"),
    ("ethnic-group", "汉", "01"),
    ("ethnic-group", "Tibetan", "04"),
    ("sex", "男", "1"),
    ("province", "上海", "310000"),
]


def check_columns(path: Path) -> Iterator[tuple[int, str]]:
    """Rows of a data file that break its form: (line, what)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        assert next(rows) == COLUMNS
        for line, row in enumerate(rows, 2):
            if len(row) != len(COLUMNS):
                yield line, "cells"
            elif any(cell != cell.strip() for cell in row):
                yield line, "space"
            elif not row[1]:
                yield line, "no label"
            elif any(day and not re.fullmatch(r"[0-9]{4}(-[0-9]{2}-[0-9]{2})?", day) for day in row[4:6]):
                yield line, "date"


def test_the_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_folder_holds_a_list() -> None:
    assert {path.name for path in (SCHEMAS / "codes").iterdir() if path.is_dir()} == set(DECLARED)
    assert set(COUNTS) <= set(DECLARED)


@pytest.mark.parametrize("name", DECLARED)
def test_list_follows_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(DECLARED[name])
    assert DECLARED[name]["id"] == name


@pytest.mark.parametrize("name", DECLARED)
def test_codes_are_unique(name: str) -> None:
    folder = SCHEMAS / "codes" / name
    codes = [item["code"] for item in DECLARED[name].get("codes", ())]
    if name in WITH_DATA:
        codes = [row["code"] for row in csv.DictReader((folder / "codes.csv").read_text(encoding="utf-8").splitlines())]
    assert [code for code, count in Counter(codes).items() if count > 1] == []
    assert len(codes) == len(LISTS[name].codes)


@pytest.mark.parametrize("name", DECLARED)
def test_references_resolve(name: str) -> None:
    codes = LISTS[name].codes
    above = LISTS[DECLARED[name].get("parents", {}).get("list", name)].codes
    for item in codes.values():
        for target in (item.broader, *item.replaced_by.split()):
            assert not target or target in codes, (item.code, target)
            assert target != item.code
        assert not item.parent or item.parent in above, item.code
        assert item.parent != item.code


@pytest.mark.parametrize("name", DECLARED)
def test_a_notation_means_one_code_in_its_system(name: str) -> None:
    found = Counter((system, n) for item in LISTS[name].codes.values() for system, n in item.notations.items())
    assert [key for key, count in found.items() if count > 1] == []
    assert {system for system, _ in found} == set(DECLARED[name].get("systems", {}))


@pytest.mark.parametrize("name", [name for name in DECLARED if name not in WITH_DATA])
def test_one_way_to_write_means_one_code(name: str) -> None:
    names = {(fold(text), item.code) for item in LISTS[name].codes.values() for text in (item.code, item.zh, item.en, *item.also)}
    assert [text for text, count in Counter(text for text, _ in names).items() if count > 1] == []


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_counts(name: str, count: int) -> None:
    assert len(LISTS[name].codes) == count


@pytest.mark.parametrize("name", DECLARED)
def test_doubt_is_said(name: str) -> None:
    """Nothing here was read in the full official text, so every list says what was not."""
    assert DECLARED[name]["unverified"]
    assert LISTS[name].source.state in ("sourced", "secondary", "unverified", "own")


@pytest.mark.parametrize("name", DECLARED)
def test_licence_is_beside_the_list(name: str) -> None:
    licence = DECLARED[name]["licence"]
    # Why none is needed is told in words, in both languages; else it is an identifier.
    assert set(licence) == {"zh", "en"} or (SCHEMAS / "codes" / name / "LICENSE").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("name", WITH_DATA)
def test_data_is_well_formed(name: str) -> None:
    assert DECLARED[name]["load"] == "demand"
    assert list(check_columns(SCHEMAS / "codes" / name / "codes.csv")) == []


@pytest.mark.parametrize(("system", "notation", "label"), [(s, n, t) for s, codes in UPDATE_CYCLES.items() for n, t in codes.items()])
def test_update_cycles_of_each_system(system: str, notation: str, label: str) -> None:
    cycles = LISTS["update-cycle"]
    assert cycles.resolve(f"{system}:{notation}") == cycles.resolve(label) is not None


@pytest.mark.parametrize("system", UPDATE_CYCLES)
def test_no_system_has_a_cycle_too_many(system: str) -> None:
    assert {n for s, n in LISTS["update-cycle"].notations if s == system} == set(UPDATE_CYCLES[system])


@pytest.mark.parametrize(("name", "written", "code"), WRITTEN)
def test_written_forms(name: str, written: str, code: str | None) -> None:
    assert LISTS[name].resolve(written) == code


def test_the_same_digit_means_different_things() -> None:
    assert LISTS["sharing-type"].meanings("01") == {"bm-mlxx": "conditional"}
    assert LISTS["update-cycle"].meanings("4") == {
        "guide-system": "monthly",
        "reporting-profile": "monthly",
        "gxzq": "weekly",
        "guangdong": "monthly",
        "guizhou": "daily",
    }


def test_themes_keep_their_order() -> None:
    assert [item.more["ordinal"] for item in LISTS["theme"].codes.values()] == list(range(1, 21))


def test_industry_divisions_follow_each_other() -> None:
    ends = [tuple(map(int, item.more["divisions"].split("-"))) for item in LISTS["industry-section"].codes.values()]
    assert [first for first, _ in ends[1:]] == [last + 1 for _, last in itertools.islice(ends, 19)]
    assert (ends[0][0], ends[-1][1]) == (1, 97)


def test_every_data_type_has_a_table_schema_type() -> None:
    assert {item.code: item.more["table_schema"] for item in LISTS["data-type"].codes.values()} == {
        "C": "string",
        "N": "number",
        "Y": "number",
        "D": "date",
        "T": "datetime",
        "L": "boolean",
        "M": "string",
        "G": "string",
        "B": "number",
        "I": "integer",
        "F": "number",
    }


def _divisions(ending: str) -> list[Code]:
    return [item for item in LISTS["division"].codes.values() if not item.valid_until and item.code.endswith(ending)]


def test_divisions_are_six_digits_below_their_province() -> None:
    provinces = LISTS["province"].codes
    for item in LISTS["division"].codes.values():
        assert re.fullmatch("[0-9]{6}", item.code)
        assert f"{item.code[:2]}0000" in provinces
        assert item.parent[:2] == (item.code[:2] if not item.code.endswith("0000") else "")
    assert {item.code: item.zh for item in _divisions("0000")} == {item.code: item.zh for item in provinces.values()}


def test_division_counts() -> None:
    """333 prefectures and the counties below them (two of 三沙市 are left out), beside nine headings without a government."""
    second = [item for item in _divisions("00") if not item.code.endswith("0000")]
    headings = [item for item in second if item.zh in ("市辖区", "县") or "直辖" in item.zh]
    counties = [item for item in _divisions("") if not item.code.endswith("00")]
    assert (len(second) - len(headings), len(headings)) == (333, 9)
    assert len(counties) == 2842


def test_an_active_division_lies_in_an_active_one() -> None:
    codes = LISTS["division"].codes
    assert [item.code for item in _divisions("") if item.parent and codes[item.parent].valid_until] == []


@pytest.mark.parametrize(
    ("code", "year", "now"),
    [
        ("310103", "2011", "310101"),
        ("310108", "2015", "310106"),
        ("310119", "2009", "310115"),
        ("110103", "2010", "110101"),
        ("110104", "2010", "110102"),
        ("120107", "2009", "120116"),
        ("371200", "2019", "370116 370117"),
    ],
)
def test_an_abolished_division_says_since_when_and_what_holds(code: str, year: str, now: str) -> None:
    item = LISTS["division"].codes[code]
    assert (item.valid_until, item.replaced_by) == (year, now)


def test_a_division_ends_after_it_began() -> None:
    items = [item for item in LISTS["division"].codes.values() if item.valid_from and item.valid_until]
    assert items
    assert [item.code for item in items if item.valid_from >= item.valid_until] == []


@pytest.mark.parametrize("code", ["310104", "440305", "441900", "710000", "330113"])
def test_divisions_in_force(code: str) -> None:
    assert LISTS["division"].codes[code].valid_until == ""


@pytest.mark.parametrize("code", ["000000", "310199", "990101"])
def test_divisions_that_never_were(code: str) -> None:
    assert code not in LISTS["division"].codes


def test_townships_are_nine_digits_below_a_division() -> None:
    divisions = LISTS["division"].codes
    for item in LISTS["township"].codes.values():
        assert re.fullmatch("[0-9]{9}", item.code)
        assert item.parent == item.code[:6] or (item.code[:6] not in divisions and item.parent == f"{item.code[:4]}00")
        assert item.valid_until or not divisions[item.parent].valid_until, item.code


def test_township_counts() -> None:
    """As `list.yaml` and the data's LICENSE tell them."""
    items = list(LISTS["township"].codes.values())
    active = [item for item in items if not item.valid_until]
    replaced = [item for item in items if item.replaced_by]
    elsewhere = [item for item in active if item.parent != item.code[:6]]
    assert (len(items), len(active), len(replaced), len(elsewhere)) == (47629, 41352, 3531, 468)
    assert len({item.code[:6] for item in elsewhere}) == 133
    assert sum(item.code[6] in "45" for item in active) == 2710
    assert all(item.valid_until for item in replaced)


@pytest.mark.parametrize("name", ["division", "township"])
def test_a_replacement_is_in_force(name: str) -> None:
    codes = LISTS[name].codes
    found = [(item.code, code) for item in codes.values() for code in item.replaced_by.split() if codes[code].valid_until]
    assert found == []


@pytest.mark.parametrize(
    ("code", "parent", "zh"),
    [
        ("110101001", "110101", "东华门街道"),
        ("441900003", "441900", "东城街道"),
        ("620201001", "620200", ""),
        ("410171111", "410100", ""),
    ],
)
def test_townships_in_force(code: str, parent: str, zh: str) -> None:
    found = LISTS["township"].codes.get(code)
    assert found is not None
    assert (found.parent, found.valid_until) == (parent, "")
    assert found.zh == (zh or found.zh)


def test_an_abolished_township_says_what_holds() -> None:
    found = LISTS["township"].codes["510184102"]
    assert (found.zh, found.valid_until, found.replaced_by) == ("江源镇", "2020", "510184004")


def test_a_name_of_several_codes_means_none() -> None:
    assert LISTS["township"].resolve("东华门街道") == "110101001"
    assert LISTS["township"].resolve("城关镇") is None
    assert len(LISTS["township"].names["城关镇"]) > 50
    assert LISTS["division"].resolve("朝阳区") is None


def test_a_name_means_the_code_in_force() -> None:
    """崇川区 had another code until 2020."""
    assert LISTS["division"].codes["320602"].zh == LISTS["division"].codes["320613"].zh
    assert LISTS["division"].resolve("崇川区") == "320613"


def test_the_codes_of_a_large_list_are_read_when_asked_for() -> None:
    standards._shipped.cache_clear()  # another test may have asked for them
    found = read_library(None).lists["township"]
    assert "codes" not in vars(found)
    assert "110101001" in found.codes
    assert "codes" in vars(found)


def test_the_page_lists_every_list() -> None:
    """The table of docs/codes.md says what the lists say."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    told = {cells[0].strip("`"): cells[1:] for cells in (re.split(r" *[|] *", line)[1:-1] for line in lines if line.startswith("| `"))}
    assert told == {
        name: [item.title["zh"], item.title["en"], str(len(item.codes)), item.source.document, item.source.state, item.status]
        for name, item in LISTS.items()
    }


def test_the_example_of_the_page_is_a_list() -> None:
    example = yaml.safe_load(DOCS.read_text(encoding="utf-8").split("```yaml")[1].split("```")[0])
    jsonschema.Draft202012Validator(SCHEMA).validate(example)
    assert read_list(example, None).resolve("old-system:A") == "1"


def test_the_lists_stay_small() -> None:
    assert sum(path.stat().st_size for path in (SCHEMAS / "codes").rglob("*") if path.is_file()) < 2_500_000


ODD = {
    "code-twice": "code,zh\nA,甲\nB,乙\nA,丙\n".encode(),
    "code-blank": "code,zh\n A ,甲\n".encode(),
    "code-unknown": "code,zh,until,replaced_by\nA,甲,2019,Q\nB,乙,,\n".encode(),
    "code-circle": "code,zh,until,replaced_by\nA,甲,2019,B\nB,乙,2020,A\n".encode(),
    "code-day": "code,zh,from\nA,甲,2026/1/5\n".encode(),
    "list-encoding": "code,zh\nA,甲\n".encode("gb18030"),
    "list-columns": "代码,名称\nA,甲\n".encode(),
}


@pytest.mark.parametrize("key", ODD)
def test_what_is_odd_in_a_list_of_the_users_is_refused(key: str, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_bytes(ODD[key])
    made = read_list({"id": "kind", "title": {"zh": "种类", "en": "Kind"}, "data": "codes.csv"}, tmp_path)
    with pytest.raises(ContentError) as caught:
        _ = made.codes
    assert caught.value.key == key


def test_a_parent_may_be_in_another_list(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,zh\n310104001,天平路街道\n", encoding="utf-8")
    declared = {"id": "t", "title": {"zh": "乡", "en": "Town"}, "data": "codes.csv", "parents": {"list": "division", "digits": 6}}
    assert read_list(declared, tmp_path).codes["310104001"].parent == "310104"


@pytest.mark.parametrize(
    ("text", "reason", "code"),
    [
        ("c", "written", "C"),
        ("Ｃ", "written", "C"),
        (" C", "written", "C"),
        ("采矿业", "label", "B"),
        ("C.", "unknown", None),
        ("(C)", "unknown", None),
    ],
)
def test_what_is_to_be_written_is_told(text: str, reason: str, code: str | None) -> None:
    found = code_list_check(LISTS["industry-section"], "2026-01-01")(text)
    assert found is not None
    assert (found[1]["reason"], found[1].get("code")) == (reason, code)


@pytest.mark.parametrize("text", ["1.0", "0.1", "1,2", "1-2"])
def test_a_number_with_a_sign_in_it_is_no_other_code(text: str) -> None:
    """`1.0`, which a spreadsheet makes of 1, was told to be written “10”: another people."""
    found = code_list_check(LISTS["ethnic-group"], "2026-01-01")(text)
    assert found is not None
    assert found[1]["reason"] == "unknown"


def test_a_code_cannot_be_above_itself(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,zh,parent\nA,甲,C\nB,乙,A\nC,丙,B\nD,丁,A\n", encoding="utf-8")
    made = read_list({"id": "kind", "title": {"zh": "种类", "en": "Kind"}, "data": "codes.csv"}, tmp_path)
    with pytest.raises(ContentError) as caught:
        _ = made.codes
    assert caught.value.key == "code-circle"
    assert str(caught.value.arguments["codes"]).count("→") == 3


@pytest.mark.parametrize("day", ["26", "2026-02-30", "2026-1-5", "20260105", "２０２６", "2026-W01-1", "+026", "2026年"])
def test_a_day_is_written_as_days_are(day: str, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text(f"code,zh,until\nA,甲,{day}\n", encoding="utf-8")
    made = read_list({"id": "kind", "title": {"zh": "种类", "en": "Kind"}, "data": "codes.csv"}, tmp_path)
    with pytest.raises(ContentError) as caught:
        _ = made.codes
    assert caught.value.key == "code-day"


def test_replacements_are_followed_to_those_in_force() -> None:
    rows = [("A", "2019", "B C"), ("B", "2020", "D"), ("C", "", ""), ("D", "2027", "E"), ("E", "", ""), ("F", "2019", "B")]
    codes = [{"code": code, "zh": code, "until": until, "replaced_by": now} for code, until, now in rows]
    made = read_list({"id": "kind", "title": {"zh": "种类", "en": "Kind"}, "codes": codes}, None)
    assert made.followers(made.codes["A"], "2026-01-01") == ("D", "C")
    assert made.followers(made.codes["F"], "2028-01-01") == ("E",)


@pytest.mark.parametrize(
    ("key", "more"), [("code-day", {"from": "2026/1/5"}), ("code-circle", {"replaced_by": "N"}), ("code-unknown", {"replaced_by": "Q"})]
)
def test_a_code_that_a_layer_adds_is_held_to_the_same(key: str, more: dict[str, str]) -> None:
    codes = [{"code": "A", "zh": "甲"}]
    made = read_list({"id": "kind", "title": {"zh": "种类", "en": "Kind"}, "status": "extensible", "codes": codes}, None)
    with pytest.raises(ContentError) as caught:
        add_codes(made, [{"code": "N", "zh": "新", "broader": "A", **more}], "ours")
    assert caught.value.key == key


def test_a_code_with_a_name_in_one_language_is_called_so_in_both(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,zh,en\nA,,Street\nB,地下,\nC,,\n", encoding="utf-8")
    made = read_list({"id": "kind", "title": {"zh": "种类", "en": "Kind"}, "data": "codes.csv"}, tmp_path)
    told = [[made.label(code, language) for code in "ABC"] for language in ("zh-CN", "en")]
    assert told == [["Street", "地下", "C"]] * 2
