"""Check digits as SQL say what the algorithms say."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from govdata.predicates.checkdigits import ALGORITHMS, ALPHANUMERIC, DIGITS
from govdata.predicates.conditions import All, CheckDigit, Form
from govdata.predicates.sql import evaluate

pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")

CASES = [
    ("luhn", DIGITS, "[0-9]{16,19}", 0, 0, (16, 17, 18, 19)),
    ("luhn", DIGITS, "[0-9]{2,80}", 0, 0, (2, 3, 40)),
    ("luhn", DIGITS, "[A-Z]{2}[0-9]{10}", 2, 0, (10,)),
    ("luhn", DIGITS, "[0-9]{12}", 1, 8, (8,)),
    ("iso7064-mod-11-10", DIGITS, "[0-9]{15}", 0, 15, (15,)),
    ("iso7064-mod-11-10", DIGITS, "[A-Z]{1}[0-9]{8}", 1, 8, (8,)),
    ("iso7064-mod-37-36", ALPHANUMERIC, "[0-9A-Z]{11}", 0, 11, (11,)),
    ("iso7064-mod-37-36", ALPHANUMERIC, "[0-9A-Z]{2}", 0, 2, (2,)),
]
"""Algorithm, alphabet, form of the whole text, where the number begins, its length (0: to the end), and lengths to try."""


def texts(algorithm: str, alphabet: str, at: int, length: int, tried: tuple[int, ...], form: str) -> Iterator[tuple[str, bool]]:
    """Texts, and whether the check digit is right."""
    chance, before = random.Random(7), "AB"[:at] if form.startswith("[A-Z]") else "12"[:at]
    for size in tried:
        for _ in range(60):
            body = "".join(chance.choice(alphabet) for _ in range(size - 1))
            right = ALGORITHMS[algorithm](body)
            after = "345"[: 12 - at - length] if form == "[0-9]{12}" else ""
            for last in {right, chance.choice(alphabet)}:
                yield before + body + last + after, last == right


@pytest.mark.parametrize(("algorithm", "alphabet", "form", "at", "length", "tried"), CASES)
def test_the_database_says_what_the_algorithm_says(
    algorithm: str, alphabet: str, form: str, at: int, length: int, tried: tuple[int, ...]
) -> None:
    told = list(texts(algorithm, alphabet, at, length, tried, form))
    assert {right for _, right in told} == {True, False}
    found = evaluate(All((Form(form), CheckDigit(algorithm, at, length))), [text for text, _ in told])
    assert found == [right for _, right in told]


@pytest.mark.parametrize(("algorithm", "length"), [("luhn", 0), ("iso7064-mod-11-10", 15), ("iso7064-mod-37-36", 11)])
def test_no_other_text_is_right(algorithm: str, length: int) -> None:
    others = ["", "0", "9", "-1", "年" * 16, "９" * 16, "x" * 100, "12345x", "a" * 11, "0\u0000" * 8, "9\n" * 8]
    assert not any(evaluate(CheckDigit(algorithm, 0, length), others))


def test_a_number_of_which_no_length_is_known_is_left_undecided() -> None:
    assert evaluate(CheckDigit("iso7064-mod-11-10"), ["110108000000016"]) == [None]
