"""Texts as the search sees them: folding, grams, readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.publishing.site.records import Label, Party
from govdata.publishing.site.search import documents, folding, grams, words
from govdata.publishing.site.search.documents import Document


@pytest.mark.parametrize(
    ("told", "folded"),
    [
        ("停車場", "停车场"),
        ("ＧＤＰ　２０２１", "gdp 2021"),
        ("不動產登記", "不动产登记"),
        ("GB／T 2260", "gb/t 2260"),
        ("㎡", "m2"),
        ("后", "后"),
        ("後", "后"),
        ("停\u200b車\xad場\ufeff\u2066\ufe0f", "停车场"),
        ("", ""),
    ],
)
def test_fold(told: str, folded: str) -> None:
    assert folding.fold(told) == folded


@given(st.text())
def test_folding_twice_is_folding_once(told: str) -> None:
    once = folding.fold(told)
    # Lower case of a few letters (İ, ẞ and the like) is not a normal form: only what the table does is held to this.
    assert once.translate(folding.traditional()) == once


def test_no_simplified_character_is_folded_on() -> None:
    table = folding.traditional()
    assert len(table) > 3500
    assert [new for new in table.values() if ord(new) in table] == []


@pytest.mark.parametrize(
    ("folded", "found"),
    [
        ("停车场", {"停", "车", "场", "停车", "车场"}),
        ("库", {"库"}),
        ("pm2.5", {"p", "pm", "pm2", "2", "5"}),
        ("wgs84", {"w", "wg", "wgs", "wgs8", "wgs84", "8", "84"}),
        ("310104/001", {"3", "31", "310", "3101", "31010", "310104", "0", "00", "001"}),
        ("2021年", {"2", "20", "202", "2021", "1年", "年"}),
        ("统一social", {"统", "一", "统一", "一s", "s", "so", "soc", "soci", "socia", "social"}),
        ("停 车（库）", {"停", "车", "库"}),
        ("🚗—…", set()),
        ("ئۇيغۇر", {"ئ", "ۇ", "ي", "غ", "ر", "ئۇ", "ۇي", "يغ", "غۇ", "ۇر"}),
    ],
)
def test_grams(folded: str, found: set[str]) -> None:
    assert grams.grams(folded) == found


@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_grams_of_a_part_are_grams_of_the_whole(part: str, rest: str) -> None:
    wide = "".join(character for character in folding.fold(part) if grams.runs(character))
    if wide:
        assert grams.grams(wide) <= grams.grams(wide + folding.fold(rest) if not rest else wide + "\n" + folding.fold(rest))


def test_readings_and_their_order() -> None:
    assert folding.readings()["停"][0] == "ting"
    assert {"hang", "xing"} <= set(folding.readings()["行"])
    titles = ["珠海公园", "安平停车场", "北辰医院", "GDP", "重点项目"]
    assert sorted(titles, key=folding.name_key) == ["安平停车场", "北辰医院", "GDP", "重点项目", "珠海公园"]


def test_a_part_of_a_word_is_in_the_file_of_each_reading() -> None:
    assert words.keys_of("行政") == ("hz", "xz")
    assert words.keys_of("停车") == ("tc", "tj")


def row(**told: object) -> documents.Row:
    found = {"code": "307001/000012", "title": "徐汇区公共停车场", "publisher": Party("x", "徐汇区建设局"), **told}
    return documents.row_of(Document(**found))  # type: ignore[arg-type]


def test_impacts_tell_fields_apart() -> None:
    made = row(
        description="停车场的收费标准与泊位",
        fields=("泊位数", "free_spaces"),
        themes=(Label("traffic", "交通", "Traffic"),),
        keywords=("停车",),
    )
    found = documents.impacts(made)
    columns, told, listed, title = ({gram for gram, impact in found.items() if impact == each} for each in range(4))
    assert "停车" in title
    assert {"交通", "traffic", "307001", "000012", "建设"} <= listed
    assert "收费" in told
    assert {"位数", "spaces"} <= columns
    assert "泊位" in told - columns


def test_long_texts_are_cut() -> None:
    made = row(description="长" * 10_000, fields=tuple(f"列{number}" for number in range(5000)))
    assert len(made[6]) == documents.LONGEST_DESCRIPTION
    assert sum(map(len, made[8])) < documents.LONGEST_FIELDS


def test_only_a_text_with_traditional_characters_is_stored_folded() -> None:
    assert len(row()) == 9
    assert row(title="停車場")[9].startswith("停车场\n")


def test_half_a_character_does_no_harm() -> None:
    assert b"?" in documents.dump(row(title="停\ud800车"))
