"""Drafts of random tables: what is proposed holds, whatever counts the columns, and bad calls are refused with the way out."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import govdata
from govdata.checks.context import CheckContext
from govdata.drafting import profiles
from govdata.drafting.drafting import default_output, draft
from govdata.drafting.forms import DATES, QUESTIONS
from govdata.drafting.names import english_name, english_names, unit_of
from govdata.drafting.profiles import Digests
from govdata.drafting.tables import Table, questions_of, read_table
from govdata.drafting.writing import scalar
from govdata.errors import GovdataError, ReadError
from govdata.predicates.plain import emit
from govdata.reading.documents.opening import read_document
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.validation import validate
from govdata.values import Resource

TODAY = date(2026, 1, 31)

VALUES = st.one_of(
    st.sampled_from(
        ["", "0", "7", "-3", "007", "1.50", "0.5", "1e5", "1,234", "12345678901234567", "310104199001011234", "是", "否", "甲", "乙方"]
    ),
    st.sampled_from(
        ["2026-01-05", "2026-2-5", "2026/1/5", "2026.01.05", "20260105", "2026-02-30", "2026年1月5日", "2026-01-05 09:30:00", "2026-01"]
    ),
    st.sampled_from(
        ["13800000001", "110101188501010018", "11010118850101001X", "021-00001001", "a@b.cn", "缺测", "-", " ", "１２", "TRUE"]
    ),
    st.integers(-(10**16), 10**16).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.dates(min_value=date(1900, 1, 1)).map(str),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\ufeff\x1a"), max_size=6),
)
NAMES = [
    "编号",
    "名称",
    "金额(元)",
    "日期",
    "手机号",
    "身份证号",
    "性别",
    "备注",
    "是否开放",
    "name",
    "a b",
    "经度",
    "区划",
    "yes",
    "=x",
    "#",
]
LABELS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)


@st.composite
def tables(draw: Callable[..., object]) -> tuple[list[str], list[list[str]]]:
    """A header and rows; each column has values of one kind, or of all."""
    labels: list[str] = draw(LABELS)  # type: ignore[assignment]
    height: int = draw(st.integers(1, 12))  # type: ignore[assignment]
    columns = []
    for _ in labels:
        pool: list[str] = draw(st.lists(VALUES, min_size=1, max_size=4))  # type: ignore[assignment]
        columns.append(draw(st.lists(st.sampled_from(pool), min_size=height, max_size=height)))
    return labels, [list(row) for row in zip(*columns, strict=True)]  # type: ignore[call-overload]


def write(path: Path, labels: list[str], rows: list[list[str]]) -> Path:
    """A CSV file of them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([labels, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(tables())
def test_only_marked_places_are_found(tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[str]]]) -> None:
    folder = tmp_path_factory.mktemp("draft")
    path = write(folder / "a.csv", *table)
    done = draft(path, today=TODAY)
    if not done.text:
        assert done.unread
        return
    assert draft(path, today=TODAY, engine="columns").text == done.text
    (folder / "entry.yaml").write_text(done.text, encoding="utf-8")
    alone = {finding.rule for dataset in validate(path, today=TODAY).datasets for finding in dataset.findings}
    marked = {mark.line for mark in done.marks}
    told = {note.rule for note in done.notes} | alone | PASSED
    for finding in validate(folder, today=TODAY).datasets[0].findings:
        assert (finding.file == "entry.yaml" and finding.line in marked) or finding.rule in told, (done.text, finding)


PASSED = {
    *("id/mobile", "id/citizen-number", "id/longitude", "id/division", "table/code-list", "table/blank-row", "entry/fields-required"),
    *("personal/found", "personal/free-text"),
}
"""What is proposed with a share below the whole is found where it does not pass, and told with that share; so are blank rows."""


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(tables(), st.integers(1, 4), st.booleans())
def test_engines_count_the_same(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[str]]], kept: int, crlf: bool
) -> None:
    path = write(tmp_path_factory.mktemp("count") / "a.csv", *table)
    if crlf:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("govdata.drafting.rows.KEPT", kept)
        patch.setattr("govdata.drafting.rows.FEWEST", 1)
        patch.setattr("govdata.drafting.rows.BATCH", 2)
        plain, columns = (read(path, engine) for engine in ("plain", "columns"))
    assert plain == columns


def read(path: Path, engine: str) -> object:
    """What is counted of a table."""
    context = CheckContext(Settings(today=TODAY, engine=engine), read_library().standard("national"))
    found = read_table(Resource(path.name, path, path.name, "csv"), context, questions_of(context))
    return (found.profiles, found.rows, found.blank, found.ragged) if isinstance(found, Table) else found.reasons


def test_engines_count_the_same_of_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        [f"P{number:05}", f"{number * 7 % 1000}", "甲" if number % 3 else "", f"2026-01-{number % 28 + 1:02}", f"1{number:010}"]
        for number in range(5000)
    ]
    rows[17] = ['多行\n"引号"', "1", "", "2026-01-01", "x"]
    path = write(tmp_path / "a.csv", ["编号", "数", "名", "日期", "号"], rows)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n,,,,\nP9,1\nP8,2,3,4,5,6\n")
    monkeypatch.setattr("govdata.drafting.rows.KEPT", 100)
    monkeypatch.setattr("govdata.drafting.rows.FEWEST", 100)
    monkeypatch.setattr("govdata.reading.texts.blocks.read_blocks.__defaults__", (4096,))
    plain, columns = read(path, "plain"), read(path, "columns")
    assert plain == columns
    assert plain[1:] == (5002, 2, 2)  # type: ignore[index]


@pytest.mark.parametrize("form", DATES, ids=lambda form: form.id)
def test_forms_hold_days_of_the_calendar_alone(form: object) -> None:
    test = emit(QUESTIONS[form.id])  # type: ignore[attr-defined]
    assert test is not None
    assert test(form.example)  # type: ignore[attr-defined]
    for wrong in ("2026-02-30", "2026/13/1", "20260230", "2026.02.29", "2023年2月29日", "2026-01-05 24:00:00", "0026-01-05", "2026-01-05x"):
        assert not test(wrong), wrong


def test_two_that_agree_are_never_unique() -> None:
    digests = Digests()
    digests.add([f"值{number}" for number in range(3000)])
    assert digests.are_distinct()
    digests.add(["值5"])
    assert not digests.are_distinct()


def test_too_many_digests_are_given_up_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdata.drafting.rows.KEPT", 10)
    monkeypatch.setattr("govdata.drafting.rows.FEWEST", 10)
    monkeypatch.setattr(profiles, "MOST_KEYS", 150)
    path = write(tmp_path / "a.csv", ["编号", "乙号"], [[f"A{number}", f"B{number}"] for number in range(100)])
    done = draft(path, today=TODAY)
    assert "主键: 是" in done.text
    assert "没有核对是否唯一" in done.text


@pytest.mark.parametrize(
    ("label", "name", "source"),
    [
        ("统一社会信用代码", "uscc", "dictionary"), ("企业名称", "enterprise_name", "dictionary"), ("月饼", "yuebing", "pinyin"),
        ("PM2.5浓度", "pm_2_5_concentration", "dictionary"), ("stopId", "stop_id", "label"), ("2024年", "c_2024_year", "dictionary"),
        ("🚗", "", ""), ("注册资本（万元）", "registered_capital", "dictionary"),
    ],
)  # fmt: skip
def test_english_names(label: str, name: str, source: str) -> None:
    assert english_name(label) == (name, source)


@given(st.lists(st.text(max_size=12), max_size=30))
def test_english_names_differ_and_are_plain(labels: list[str]) -> None:
    names = [name for name, _ in english_names(labels)]
    assert len(set(names)) == len(names)
    assert all(name and name.isascii() and name[0].isalpha() and name == name.lower() for name in names)


def test_units() -> None:
    assert [unit_of(label) for label in ("资本（万元）", "长度(米)", "名称", "(单位:吨)")] == ["万元", "米", "", "吨"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_text_can_be_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("yaml") / "a.yaml"
    path.write_text(f"a: [{scalar(text)}]\n", encoding="utf-8", newline="")
    document = read_document(path, "a.yaml")
    assert (document.value, document.findings) == ({"a": [text]}, ())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_cannot_be_a_draft_is_refused(tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = write(tmp_path / "a.csv", ["a"], [["1"]])
    (tmp_path / "sub").mkdir()
    (tmp_path / "空").mkdir()
    (tmp_path / "空" / ".隐藏.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "datapackage.json").write_text("{}", encoding="utf-8")
    (tmp_path / "x.yaml").write_text("a: 1\n", encoding="utf-8")
    refused: list[tuple[str, Callable[[], object]]] = [
        ("no-such-path", lambda: draft("nothing.csv", language=language)),
        ("no-such-path", lambda: draft("a\0.csv", language=language)),
        ("draft-no-files", lambda: draft("空", language=language)),
        ("draft-no-files", lambda: draft(language=language)),
        ("draft-package", lambda: draft("datapackage.json", language=language)),
        ("draft-not-data", lambda: draft("x.yaml", language=language)),
        ("draft-exists", lambda: draft(data, output="x.yaml", language=language)),
        ("draft-suffix", lambda: draft(data, output="x.json", language=language)),
        ("draft-outside", lambda: draft(data, output="sub/entry.yaml", language=language)),
        ("draft-package", lambda: default_output([data])),
    ]
    for key, call in refused:
        with pytest.raises(ReadError) as raised:
            call()
        assert raised.value.key == key
    assert sorted(path.name for path in tmp_path.rglob("*.yaml")) == ["x.yaml"]


def test_nothing_is_left_of_a_draft_that_cannot_be_written(tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv", ["a"], [["1"]])
    if os.geteuid() == 0:
        with pytest.raises(GovdataError):
            draft(data, output=tmp_path / "a.csv" / "entry.yaml")
    else:
        tmp_path.chmod(0o500)
        with pytest.raises(GovdataError):
            draft(data, output=tmp_path / "entry.yaml")
        tmp_path.chmod(0o700)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_the_twin_writes(tmp_path: Path) -> None:
    data = write(tmp_path / "a.csv", ["编号"], [["P1"], ["P2"]])
    done = govdata.draft(data, output=tmp_path / "entry.draft.yaml", language="en")
    assert done.output == tmp_path / "entry.draft.yaml"
    assert done.output.read_text(encoding="utf-8") == done.text
    assert done.marks[0].source is not None


def test_wide_tables(tmp_path: Path) -> None:
    labels = [f"指标{number}" for number in range(500)]
    path = write(tmp_path / "a.csv", labels, [[str(number) for number in range(500)]] * 3)
    done = draft(path, today=TODAY)
    assert done.fields == 500
    assert done.text.count("类型: I") == 500
