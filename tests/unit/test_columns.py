"""What the columns engine proves in a faster way is what the slower way proves."""

from __future__ import annotations

import itertools
import random
import re

import pytest

from govdata.predicates import checkdigits
from govdata.predicates.conditions import CheckDigit, Form

pl = pytest.importorskip("polars")
pytest.importorskip("numpy")

INTEGER = "[+-]?[0-9]{1,18}"
NUMBER = "[+-]?[0-9]+(?:\\.[0-9]*)?"


def test_integers_have_the_form_of_integers() -> None:
    from govdata.predicates.columns import emit

    odd = [
        "",
        "+",
        "-",
        "+-5",
        "--5",
        "5-",
        " 5",
        "5 ",
        "\t5",
        "5\n",
        "5\0",
        "1_000",
        "1,000",
        "5.",
        "5.0",
        "1e3",
        "0x10",
        "\uff15",
        "\u0663",
        "5\u00a0",
    ]
    whole = ("0", "-0", "+0", "007", "1" * 17, "9" * 18, "9" * 19, "0" * 19, "0" * 25 + "5")
    texts = [*odd, *(sign + text for sign in ("", "+", "-") for text in whole)]
    asked = emit(Form(INTEGER), pl.col("x"))
    assert asked is not None
    told = pl.DataFrame({"x": texts}).select(asked).to_series().to_list()
    assert told == [re.fullmatch(INTEGER, text) is not None for text in texts]


def test_numbers_of_a_plain_column_have_the_form_of_numbers() -> None:
    from govdata.predicates.columns import among_plain, emit, is_plain

    asked = among_plain(Form(NUMBER))
    told = emit(asked, pl.col("x")) if asked is not None else None
    assert told is not None
    short = ["".join(signs) for length in range(5) for signs in itertools.product("+-.09", repeat=length)]
    low = [before + "1" + behind for before in map(chr, range(0x3A)) for behind in map(chr, range(0x3A))]
    texts = [*short, *low, "inf", "NaN", "1e5", "1E5", "1_0", "９", "9" * 400, "9" * 400 + ".5", "0" * 400 + "1", "1." + "3" * 400]
    plain = [text for text in texts if is_plain(pl.Series([text]))]
    assert {"", "+9", "9.", "-0.9", "+-", "00"} < set(plain)
    assert not {".9", "-.9", "inf", "1e5", "９"} & set(plain)
    found = pl.DataFrame({"x": plain}).select(told).to_series().to_list()
    assert found == [re.fullmatch(NUMBER, text) is not None for text in plain]
    assert is_plain(pl.Series(["1.5", "-2"]))
    assert not is_plain(pl.Series(["1.5", ".5"]))
    assert is_plain(pl.Series([], dtype=pl.String))


@pytest.mark.parametrize("length", [2, 5, 16, 17, 18, 19])
def test_luhn_of_any_length(length: int) -> None:
    from govdata.predicates.matrices import Alike, check_digit

    chosen = random.Random(length)
    texts = ["".join(chosen.choices("0123456789", k=length)) for _ in range(500)] + ["x" * length]
    told = check_digit(Alike(pl.Series(texts), length).matrix, CheckDigit("luhn")).tolist()
    assert told == [text[:1].isdigit() and checkdigits.luhn(text[:-1]) == text[-1] for text in texts]
    assert any(told)


def test_check_digits_of_the_few_that_are_left() -> None:
    from govdata.predicates.columns import test_of
    from govdata.predicates.conditions import All
    from govdata.predicates.matrices import Alike

    chosen = random.Random(1)
    texts = ["".join(chosen.choices("0123456789", k=16)) for _ in range(4000)]
    test = test_of(All((Form("6[0-9]{15}"), CheckDigit("luhn"))), 16)
    assert test is not None
    alike = Alike(pl.Series(texts), 16)
    right = [text for text in texts if text[0] == "6" and checkdigits.luhn(text[:-1]) == text[-1]]
    assert right
    assert alike.those(test(alike)).texts.to_list() == right
    assert len(alike.those(~test(alike))) == len(texts) - len(right)


def test_numbers_of_persons_are_seen_in_long_texts_and_short_ones() -> None:
    from govdata.engines.columns.watching import holding

    columns = {
        "0": ["", "call 13812345678 now", "1381234567", "13812345678"],
        "1": ["12345", "67890", "1234567890", "1234567890"],  # as many digits in a row only if the rows are one text
        "2": ["a", "b", "c", "d"],
        "3": ["x13812345678", "（6222021234567890123）", "1" * 20, "no"],
    }
    found = holding(pl.DataFrame(columns), [1, 2, 3, 4])
    assert {number: rows.tolist() for number, rows in found.items()} == {
        1: [False, True, False, True],
        2: [False] * 4,
        3: [False] * 4,
        4: [False, True, False, False],
    }
