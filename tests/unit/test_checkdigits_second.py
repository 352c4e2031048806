"""Check digits against a second implementation: python-stdnum where it has one, else the clause's arithmetic written out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean, isbn, issn, luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2, mod_11_10, mod_37_36

from govdata import content
from govdata.predicates import checkdigits
from govdata.predicates.identifiers import SemanticType, compile_types

RULES: Mapping[str, Any] = {
    rule["id"]: rule for rule in content.load_folder(content.root() / "validators/identifiers").values() if "predicate" in rule["check"]
}
PROVINCES = tuple(code["code"] for code in content.load("schemas/codes/province/list.yaml")["codes"])
TYPES: Mapping[str, SemanticType] = compile_types(RULES, {"province": PROVINCES})

DIGITS = "0123456789"
LETTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=DIGITS, min_size=length, max_size=length)


def organisation_digit(body: str) -> str:
    """GB 11714 by its own words: C9 = 11 - (sum of W x C) mod 11; 10 is X, 11 is 0."""
    rest = 11 - sum(weight * LETTERS.index(found) for weight, found in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def credit_digit(body: str) -> str:
    """GB 32100 by its own words: weights are powers of 3 modulo 31; C18 = 31 - sum mod 31; 31 is 0."""
    return CREDIT[(31 - sum(3**place % 31 * CREDIT.index(found) for place, found in enumerate(body)) % 31) % 31]


def says_check(type_id: str, text: str) -> bool:
    """Whether the type's complaint, if any, is of a check digit of the whole number."""
    failure = TYPES[type_id].check(text)
    return failure is not None and failure.reason == "check"


ALGORITHMS: list[tuple[Callable[[str], str], Callable[[str], str], st.SearchStrategy[str]]] = [
    (checkdigits.mod_11_2, mod_11_2.calc_check_digit, st.text(alphabet=DIGITS, min_size=1, max_size=30)),
    (checkdigits.mod_11_10, mod_11_10.calc_check_digit, st.text(alphabet=DIGITS, min_size=1, max_size=30)),
    (checkdigits.mod_37_36, mod_37_36.calc_check_digit, st.text(alphabet=LETTERS, min_size=1, max_size=30)),
    (checkdigits.luhn, luhn.calc_check_digit, st.text(alphabet=DIGITS, min_size=1, max_size=30)),
]


@pytest.mark.parametrize("place", range(len(ALGORITHMS)), ids=["mod-11-2", "mod-11-10", "mod-37-36", "luhn"])
@settings(deadline=None)
@given(data=st.data())
def test_named_algorithms(place: int, data: st.DataObject) -> None:
    ours, theirs, bodies = ALGORITHMS[place]
    body = data.draw(bodies)
    assert ours(body) == theirs(body)


@settings(deadline=None)
@given(digits(17))
def test_the_two_forms_of_mod_11_2_agree(body: str) -> None:
    by_weights = checkdigits.named("iso7064-mod-11-2", {}, 18)
    assert by_weights is not None
    assert by_weights(body) == checkdigits.mod_11_2(body)


@settings(deadline=None)
@given(digits(17), st.sampled_from("0123456789X"))
def test_citizen_number(body: str, last: str) -> None:
    text = "110101188501010018"[:14] + body[14:] + last
    right = ric.calc_check_digit(text)
    assert says_check("citizen-number", text) == (last != right)
    assert TYPES["citizen-number"].check(text[:17] + right) is None


@settings(deadline=None)
@given(digits(17), st.sampled_from("0123456789X"))
def test_what_stdnum_takes_for_a_citizen_number_we_take_too(body: str, last: str) -> None:
    if ric.is_valid(body + last):
        assert TYPES["citizen-number"].check(body + last) is None


@settings(deadline=None)
@given(st.sampled_from(["91", "52", "11", "12"]), digits(4), st.text(alphabet=CREDIT, min_size=9, max_size=9), st.sampled_from(CREDIT))
def test_credit_code(kind: str, place: str, organisation: str, last: str) -> None:
    body = f"{kind}11{place}{organisation}"
    right = uscc.calc_check_digit(body)
    assert right == credit_digit(body)
    assert says_check("uscc", body + last) == (last != right)
    assert (TYPES["uscc"].check(body + right) is None) == (organisation_digit(organisation[:8]) == organisation[8])


@settings(deadline=None)
@given(st.text(alphabet=CREDIT, min_size=8, max_size=8), st.sampled_from(["9111", "5244", "1131", "1250"]))
def test_what_stdnum_takes_for_a_credit_code_we_take_too(organisation: str, start: str) -> None:
    body = f"{start}0000{organisation}{organisation_digit(organisation)}"
    text = body + credit_digit(body)
    assert uscc.is_valid(text)
    assert TYPES["uscc"].check(text) is None


@settings(deadline=None)
@given(st.text(alphabet=LETTERS, min_size=8, max_size=8), st.sampled_from("0123456789X"))
def test_organisation_code(body: str, last: str) -> None:
    right = organisation_digit(body)
    assert says_check("organization-code", body + last) == (last != right)
    assert TYPES["organization-code"].check(f"{body}-{right}") is None


@settings(deadline=None)
@given(digits(14), st.sampled_from(DIGITS))
def test_business_licence(body: str, last: str) -> None:
    assert (TYPES["business-licence"].check(body + last) is None) == mod_11_10.is_valid(body + last)


@settings(deadline=None)
@given(st.integers(15, 18).flatmap(digits), st.sampled_from(DIGITS))
def test_bank_card(body: str, last: str) -> None:
    assert (TYPES["bank-card"].check(body + last) is None) == luhn.is_valid(body + last)


@settings(deadline=None)
@given(st.sampled_from(["978", "979"]), digits(9), st.sampled_from(DIGITS))
def test_isbn_of_13_digits(prefix: str, body: str, last: str) -> None:
    text = prefix + body + last
    assert (TYPES["isbn"].check(text) is None) == ean.is_valid(text) == isbn.is_valid(text)


@settings(deadline=None)
@given(digits(9), st.sampled_from("0123456789X"))
def test_isbn_of_10_digits(body: str, last: str) -> None:
    assert (TYPES["isbn"].check(body + last) is None) == isbn.is_valid(body + last)


@settings(deadline=None)
@given(digits(7), st.sampled_from("0123456789X"))
def test_issn(body: str, last: str) -> None:
    assert (TYPES["issn"].check(body + last) is None) == issn.is_valid(body + last)


SECOND: Mapping[str, Callable[[str], bool]] = {
    "business-licence": mod_11_10.is_valid,
    "bank-card": luhn.is_valid,
    "isbn": isbn.is_valid,
    "issn": issn.is_valid,
}
PASSING = [(type_id, text) for type_id in SECOND for text in RULES[f"id/{type_id}"]["examples"]["pass"]]


@pytest.mark.parametrize(("type_id", "text"), PASSING)
def test_examples_that_pass_pass_there_too(type_id: str, text: str) -> None:
    assert SECOND[type_id](text)


def test_where_stdnum_is_narrower() -> None:
    """Its list of registrars lacks N and Y, and it asks that the county existed at birth: known differences, kept in view."""
    for text in ("N2330100000000772X", "Y1500000A1B2C3D48M"):
        assert TYPES["uscc"].check(text) is None
        assert credit_digit(text[:17]) == text[17]
        assert organisation_digit(text[8:16]) == text[16]
        with pytest.raises(ValidationError):
            uscc.validate(text)
    assert TYPES["citizen-number"].check("440106189907151235") is None
    assert mod_11_2.is_valid("440106189907151235")
    with pytest.raises(ValidationError):
        ric.validate("440106189907151235")
