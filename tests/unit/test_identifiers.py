"""Semantic types: the rule files' own examples, why each wrong value is wrong, and what no valid number may survive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import content
from govdata.errors import ContentError
from govdata.messages import has, render
from govdata.predicates.identifiers import KEYS, SemanticType, compile_type, compile_types, name_index, reason_text

RULES: Mapping[str, Any] = {
    rule["id"]: rule for rule in content.load_folder(content.root() / "validators/identifiers").values() if "predicate" in rule["check"]
}
PROVINCES = tuple(code["code"] for code in content.load("schemas/codes/province/list.yaml")["codes"])
TODAY = date(2026, 1, 5)
TYPES = compile_types(RULES, {"province": PROVINCES}, TODAY)

EXAMPLES = [
    (rule.partition("/")[2], kind, text)
    for rule, declared in RULES.items()
    for kind in ("pass", "fail")
    for text in declared["examples"][kind]
]

WHY = [
    ("citizen-number", "110101188501010010", "check", None),
    ("citizen-number", "440106189907151325", "check", None),
    ("citizen-number", "110101188502300017", "date", None),
    ("citizen-number", "990101188501010011", "division", None),
    ("citizen-number", "11010118850101001", "length", None),
    ("citizen-number", "110101850101001", "old-form", None),
    ("citizen-number", "１１０１０１１８８５０１０１００１８", "width", None),
    ("citizen-number", "110101********0018", "masked", "note"),
    ("citizen-number", "11010118850101X018", "form", None),
    ("citizen-number", "110101188501010018 ", "space", None),
    ("citizen-number", "110101188501010018\u200b", "space", None),
    ("citizen-number", "٣10101188501010018", "characters", None),
    ("citizen-number", "110101209901010010", "future", None),
    ("uscc", "911100009999999040", "check", None),
    ("uscc", "91110000I99999904C", "characters", None),
    ("uscc", "9111000099999990", "length", None),
    ("uscc", "110108000000016", "business-licence", None),
    ("uscc", "D2143569-X", "organization-code", None),
    ("organization-code", "123456780", "check", None),
    ("organization-code", "AB00CD12X", "check", None),
    ("business-licence", "110108000000010", "check", None),
    ("business-licence", "11010800000001", "length", None),
    ("bank-card", "9999990000000000", "check", None),
    ("mobile", "138-0013-8000", "separators", None),
    ("organization-code", "1234-56788", "separators", None),
    ("uscc", "91110000999999904C；", "separators", None),
    ("uscc", "9111 0000 9999 9990 4C", "space", None),
    ("uscc", "/", "words", None),
    ("citizen-number", "无", "words", None),
    ("citizen-number", "'110101188501010018", "separators", None),
    ("division", "上海市", "words", None),
    ("url", "https://example.cn/停车场", "chinese", None),
    ("url", "data.example.gov.cn/a", "scheme", None),
    ("longitude", "E121.4737", "letters", None),
    ("longitude", "121.4737°", "letters", None),
    ("longitude", "121.4737 ", "space", None),
    ("latitude", " 31.23", "space", None),
    ("latitude", "北纬31.23度", "letters", None),
    ("bank-card", "9999 9900 0000 0006", "space", None),
    ("bank-card", "9999********0006", "masked", "note"),
    ("mobile", "12800138000", "form", None),
    ("mobile", "1380013800", "length", None),
    ("mobile", "138****8000", "masked", "note"),
    ("mobile", "021-12345678", "landline", None),
    ("landline", "13800138000", "mobile", None),
    ("division", "000000", "division", None),
    ("division", "1101", "short", None),
    ("division", "11A101", "characters", None),
    ("plate", "京O0001", "form", None),
    ("plate", "粤I12345", "letters", None),
    ("isbn", "9777000000004", "prefix", None),
    ("postcode", "10000", "lost-zero", None),
    ("longitude", "200", "range", None),
    ("longitude", "31.2304", "swapped", "warning"),
    ("longitude", "2.35", "outside", "warning"),
    ("longitude", "121°28′25″E", "dms", None),
    ("latitude", "121.4737", "swapped", None),
    ("latitude", "87.6", "swapped", "warning"),
    ("latitude", "200", "range", None),
    ("latitude", "-33.86", "outside", "warning"),
]


@pytest.mark.parametrize(("type_id", "kind", "text"), EXAMPLES)
def test_examples_of_the_rule_files(type_id: str, kind: str, text: str) -> None:
    assert (TYPES[type_id].check(text) is None) == (kind == "pass")


@pytest.mark.parametrize(("type_id", "text", "reason", "severity"), WHY)
def test_the_reason_is_precise(type_id: str, text: str, reason: str, severity: str | None) -> None:
    failure = TYPES[type_id].check(text)
    assert failure is not None
    assert (failure.reason, failure.severity) == (reason, severity)


def test_all_types_of_the_design_are_there() -> None:
    named = (
        "bank-card business-licence citizen-number division email isbn issn landline latitude longitude mobile organization-code "
        "plate postcode url uscc"
    )
    assert " ".join(sorted(TYPES)) == named


@pytest.mark.parametrize("item", TYPES.values(), ids=list(TYPES))
def test_every_reason_has_a_text_in_both_languages(item: SemanticType) -> None:
    for reason in item.reasons:
        texts = RULES[item.rule].get("reasons", {}).get(reason)
        assert has(f"reason.{reason}") or (texts and texts["zh"] and texts["en"]), reason


@pytest.mark.parametrize("item", TYPES.values(), ids=list(TYPES))
def test_no_reason_is_explained_that_cannot_come(item: SemanticType) -> None:
    assert set(RULES[item.rule].get("reasons", {})) <= item.reasons


@pytest.mark.parametrize("item", [item for item in TYPES.values() if item.personal], ids=lambda item: item.id)
def test_a_personal_number_is_never_put_right(item: SemanticType) -> None:
    """No argument and no text of a personal type may hold a character of the value or the digit that would be right."""
    for text in RULES[item.rule]["examples"]["fail"]:
        failure = item.check(text)
        assert failure is not None
        assert set(failure.args) <= {"position", "end", "length", "lengths"}
    for texts in RULES[item.rule].get("reasons", {}).values():
        assert not any(f"{{{name}}}" in text for name in ("expected", "found", "value") for text in texts.values())


def test_the_right_digit_of_an_organisation_is_told() -> None:
    failure = TYPES["uscc"].check("911100009999999040")
    assert failure is not None
    reasons = RULES["id/uscc"]["reasons"]
    assert reason_text(failure, reasons, "zh-CN") == "按前 17 位计算，第 18 位（校验码）应为 C，实为 0；也可能是前面有一位写错"
    assert reason_text(failure, {}, "en").startswith("the check digit (position 18)")
    message = render(
        RULES["id/uscc"]["message"], "zh-CN", {"field": "代码", "value": "x", "reason": reason_text(failure, reasons, "zh-CN")}
    )
    assert message.startswith("“代码”的值“x”不是有效的统一社会信用代码：按前 17 位计算")


def test_names_are_unique_and_lead_to_the_type() -> None:
    names = name_index(TYPES)
    for name in ("公民身份号码", "居民身份证号", "citizen-number", "id/citizen-number", "Citizen number"):
        assert names[name] == "citizen-number"
    for item in TYPES.values():
        for labels in item.labels.values():
            assert all(names[label] == item.id for label in labels)


@pytest.mark.parametrize(
    ("type_id", "written", "plain"),
    [
        ("citizen-number", "11010118860303001x", "11010118860303001X"),
        ("mobile", "+86 13800138000", "13800138000"),
        ("mobile", "008613800138000", "13800138000"),
        ("organization-code", "d2143569-x", "D2143569X"),
        ("isbn", "978-7-111-00001-3", "9787111000013"),
        ("plate", "京a·00001", "京A00001"),
        ("uscc", "91110000999999904c", "91110000999999904C"),
    ],
)
def test_normalised_form(type_id: str, written: str, plain: str) -> None:
    assert TYPES[type_id].normalise(written) == plain
    assert TYPES[type_id].check(written) is None


def test_the_embedded_check_digit_is_a_warning_of_its_own() -> None:
    body = "9111000099999990" + "1"
    whole = next(body + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if _reason("uscc", body + last) != "check")
    failure = TYPES["uscc"].check(whole)
    assert failure is not None
    assert (failure.reason, failure.severity) == ("embedded-check", "warning")
    assert (failure.args["position"], failure.args["found"]) == (17, "1")


def test_an_error_comes_before_a_warning() -> None:
    assert _reason("uscc", "Z" + "1" * 17) == "characters"
    assert _reason("uscc", "X01100009999999041") == "check"


def test_a_number_is_recognised_only_by_its_known_prefix() -> None:
    card = TYPES["bank-card"]
    assert card.recognise("9999990000000006")
    assert card.check("1000000000000008") is None
    assert not card.recognise("1000000000000008")
    assert TYPES["citizen-number"].recognise("11010118860303001x")
    assert not TYPES["citizen-number"].recognise("110101********0018")


def test_without_a_day_no_date_is_in_the_future() -> None:
    later = compile_type("id/citizen-number", RULES["id/citizen-number"], {"province": PROVINCES})
    assert _reason("citizen-number", "110101209901010010") == "future"
    failure = later.check("110101209901010010")
    assert failure is None or failure.reason == "check"


def test_a_department_declares_its_own_identifier() -> None:
    """The example of docs/identifiers.md, as it stands there."""
    page = (Path(__file__).parents[2] / "docs/identifiers.md").read_text(encoding="utf-8")
    declared = content.parse(page.split("```yaml\n")[1].split("```")[0], "rule.yaml")
    own = compile_type(declared["id"], declared)
    assert (own.id, own.rule, own.personal, own.table_schema) == ("car-park", "local/car-park", False, "string")
    assert [own.check(text) for text in declared["examples"]["pass"]] == [None, None]
    assert [getattr(own.check(text), "reason", "") for text in declared["examples"]["fail"]] == ["check", "date", "old"]
    assert all(key in page for key in KEYS)


@pytest.mark.parametrize("rule", RULES)
def test_every_type_is_in_the_page(rule: str) -> None:
    page = (Path(__file__).parents[2] / "docs/identifiers.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if f"`{rule.partition('/')[2]}`" in line and line.startswith("|"))
    assert RULES[rule]["semantic"]["zh"][0] in row
    assert row.endswith(f"| {RULES[rule]['severity']} |")


BAD = [
    {"colour": "red"},
    {"pattern": "[0-9]+"},
    {"pattern": "(a|b"},
    {"pattern": "[9-0]"},
    {"pattern": ".{3}"},
    {"pattern": "([0-9]{1,9}){1,9}"},
    {"pattern": "([a-z]{0,99}){0,99}!"},
    {"pattern": "\\d{3}"},
    {"pattern": "a{2}{3}"},
    {"pattern": "(ab?c)?+"},
    {"pattern": "(?=a)b"},
    {"length": 9, "check-digit": "no-such"},
    {"length": 9, "check-digit": {"algorithm": "weighted", "weights": "1 2 3", "digits": "0123456789"}},
    {"length": 9, "check-digit": {"algorithm": "weighted", "weights": "1 2 3 4 5 6 7 8"}},
    {"length": 9, "check-digit": {}},
    {"length": "nine"},
    {"parts": {"at": 0, "length": 2, "codes": "no-such"}},
    {"parts": {"at": 0, "length": 2}},
    {"parts": {"at": 0, "in": "11 12"}},
    {"date": {"at": 0, "form": "DDMMYY"}},
    {"range": {"minimum": "low", "maximum": 3}},
    {"lengths": {"minimum": 3}},
    {"hints": [{"pattern": "x"}]},
]


@pytest.mark.parametrize("predicate", BAD, ids=str)
def test_a_declaration_that_is_not_understood_is_refused(predicate: dict[str, Any]) -> None:
    with pytest.raises(ContentError) as caught:
        compile_type("own/thing", {"check": {"predicate": {"type": "thing", **predicate}}})
    assert has(f"error.{caught.value.key}")


VALID = {
    type_id: [item.normalise(text) for text in RULES[item.rule]["examples"]["pass"]]
    for type_id, item in TYPES.items()
    if type_id in ("citizen-number", "uscc", "organization-code", "business-licence", "bank-card", "isbn", "issn")
}
ALPHABETS = {"uscc": "0123456789ABCDEFGHJKLMNPQRTUWXY"}


@settings(deadline=None)
@given(st.data())
def test_one_wrong_character_is_always_refused(data: st.DataObject) -> None:
    """Every algorithm here finds each single wrong digit. (A letter of an organisation code, read modulo 11, can hide: C for 1.)"""
    type_id = data.draw(st.sampled_from(sorted(VALID)))
    number = data.draw(st.sampled_from(VALID[type_id]))
    places = [place for place, found in enumerate(number) if found.isdigit() or type_id != "organization-code"]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([c for c in ALPHABETS.get(type_id, "0123456789") if c != number[place]]))
    assert TYPES[type_id].check(number[:place] + other + number[place + 1 :]) is not None


@settings(deadline=None)
@given(st.data())
def test_two_swapped_neighbours_are_always_refused(data: st.DataObject) -> None:
    """Modulus a prime and neighbouring weights different: mod 11 and mod 31 find each swap (Luhn misses 09, ISBN-13 a difference of 5)."""
    type_id = data.draw(st.sampled_from(["citizen-number", "uscc", "issn", "business-licence"]))
    number = data.draw(st.sampled_from(VALID[type_id]))
    place = data.draw(st.integers(0, len(number) - 2))
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or TYPES[type_id].check(swapped) is not None


@settings(deadline=None)
@given(st.text(), st.sampled_from(sorted(TYPES)))
def test_any_text_is_answered(text: str, type_id: str) -> None:
    item = TYPES[type_id]
    failure = item.check(text)
    assert item.recognise(text) <= (failure is None)
    assert failure is None or failure.reason in item.reasons
    if failure is None and type_id != "plate":
        assert item.normalise(text).isascii() or type_id == "landline"


@settings(deadline=None)
@given(st.text(alphabet="0123456789X*+-.@:/ １９x京A", max_size=24), st.sampled_from(sorted(TYPES)))
def test_any_likely_text_is_answered_and_stable(text: str, type_id: str) -> None:
    item = TYPES[type_id]
    if item.check(text) is None:
        assert item.normalise(item.normalise(text)) == item.normalise(text)
        assert item.check(item.normalise(text)) is None


HOSTILE = [
    "1" * 20_000,
    "a@" * 9_000,
    "a." * 9_000,
    "http://" + "a." * 9_000,
    "0-" * 9_000,
    "*" * 20_000,
    " " * 20_000,
    "１" * 20_000,
    "a" * 4_000 + "!",
]


@pytest.mark.parametrize("item", TYPES.values(), ids=list(TYPES))
def test_long_texts_are_refused_without_a_long_look(item: SemanticType) -> None:
    for text in HOSTILE:
        failure = item.check(text)
        assert failure is not None
        assert failure.reason in item.reasons


def _reason(type_id: str, text: str) -> str:
    failure = TYPES[type_id].check(text)
    return failure.reason if failure else ""
