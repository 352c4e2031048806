"""`portable`: what it makes of a pattern, `^pattern$` accepts too, whoever reads it: Python, Rust (Polars) and RE2 (DuckDB)."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from govdata.predicates.decisions import decide
from govdata.predicates.patterns import compile_pattern
from govdata.predicates.portable import escape, portable
from tests.predicates.corpus import FOLDER, cases, semantic_types

Reader = Callable[[str, list[str]], list[bool]]


def by_python(pattern: str, texts: list[str]) -> list[bool]:
    test = re.compile(pattern).fullmatch
    return [test(text) is not None for text in texts]


def by_rust(pattern: str, texts: list[str]) -> list[bool]:
    polars = pytest.importorskip("polars")
    return list(polars.Series(texts, dtype=polars.String).str.contains(f"^(?:{pattern})$"))


def by_re2(pattern: str, texts: list[str]) -> list[bool]:
    pytest.importorskip("duckdb")
    asked = "select regexp_full_match(t, ?) from unnest(?) with ordinality as u(t, n) order by n"
    return [found for (found,) in _base().execute(asked, [pattern, texts]).fetchall()]


@functools.cache
def _base() -> Any:
    import duckdb

    return duckdb.connect(config={"threads": 1})


READERS: Mapping[str, Reader] = {"python": by_python, "rust": by_rust, "re2": by_re2}

WRITTEN = yaml.safe_load((FOLDER / "patterns.yaml").read_text(encoding="utf-8"))
NASTY: list[str] = [
    *WRITTEN["patterns"],
    "(" * 30 + "a" + ")" * 30,
    "(" * 200 + "a" + ")" * 200,
    "(?:" * 30 + "a" + ")?" * 30,
    "|".join(f"{number:03}" for number in range(600)),
    "|".join(f"{number:04}" for number in range(1000)),
    "\ud800",
]
TEXTS: list[str] = WRITTEN["texts"]


def accepted_by_the_reference(pattern: str, texts: list[str]) -> list[bool] | None:
    try:
        test = compile_pattern(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    return [test(text) for text in texts]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("pattern", NASTY, ids=lambda pattern: ascii(pattern)[:40])
def test_a_nasty_pattern(pattern: str, reader: str) -> None:
    hold(pattern, TEXTS, reader)


def hold(pattern: str, texts: list[str], reader: str) -> None:
    """What is read from the portable form is accepted by the reference, and all of a portable form can be read."""
    form = portable(pattern)
    if form is not None:
        found, right = READERS[reader](form, texts), accepted_by_the_reference(pattern, texts)
        if right is not None:
            wrong = [text for text, ours, theirs in zip(texts, found, right, strict=True) if ours and not theirs]
            assert not wrong, f"{reader} accepts {wrong} by {form!r}, `^{pattern}$` does not"
        assert found == by_python(form, texts)


CHARACTERS = "ab01甲é😀-&~#/[]^$.|\\ \n{}()"
"""Those of the patterns and of the texts."""
MEMBERS = ("a", "b", "0-9", "a-b", "&&", "--", "~~", "||", r"\d", r"\w", r"\]", "[", "-", "甲", "^", r"\-", "#", " ")
"""Of classes."""
ATOMS = st.one_of(
    st.sampled_from([*map(re.escape, CHARACTERS), r"\d", r"\w", r"\s", r"\S", ".", r"\b", "^", "$"]),
    st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=4).map(lambda members: f"[{''.join(members)}]"),
)
REPEATS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{1,3}", "{,2}", "{2,}", "+?", "*+", "?+", "{1,2}+"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.sampled_from(["(%s)", "(?:%s)", "%s", "%s|a", "(?i:%s)"])
    one = st.builds(lambda form, text, times: (form % text) + times, group, inner, REPEATS)
    return st.lists(one, min_size=1, max_size=3).map("".join)


PATTERNS = st.recursive(st.builds(str.__add__, ATOMS, REPEATS), _grown, max_leaves=6)
WORDS = st.lists(st.one_of(st.text(CHARACTERS, max_size=5), st.text("ab0", max_size=5)), min_size=8, max_size=30)


@pytest.mark.parametrize("reader", READERS)
@given(pattern=PATTERNS, texts=WORDS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_pattern(reader: str, pattern: str, texts: list[str]) -> None:
    assume(is_pattern(pattern))
    hold(pattern, [*texts, "", "a", "ab", "a\n"], reader)


def is_pattern(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(f"^{pattern}$")
    except re.error:
        return False
    return True


@pytest.mark.parametrize("reader", READERS)
def test_every_form_of_the_table_can_be_read(reader: str) -> None:
    """The forms of types, semantic types and the corpus, one after the other, on texts of the corpus."""
    forms = {form for case in cases() for form in forms_of(case.decision.accept)}
    forms |= {form for kind in semantic_types().values() for form in forms_of(kind.condition)}
    texts = sorted({text for case in cases() for text in case.ordinary})
    assert len(forms) > 60
    for form in forms:
        assert READERS[reader](form, texts) == by_python(form, texts), form


def forms_of(condition: Any) -> set[str]:
    """The patterns of a condition and its parts."""
    if condition is None:
        return set()
    if hasattr(condition, "pattern"):
        return {condition.pattern}
    inner = [*getattr(condition, "conditions", ()), *([condition.condition] if hasattr(condition, "condition") else [])]
    return {form for part in inner for form in forms_of(part)}


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"]), max_size=8))
def test_an_escaped_text_means_itself(text: str) -> None:
    for reader in READERS.values():
        assert reader(escape(text), [text, f"{text}a"]) == [True, False]


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        ("a{1,3}+b", True), ("a?+[bc]", True), ("(a{1,3}+b){0,2}a?", True), ("a{1,3}+", True), ("a{1,3}+a", False), ("(a{1,3}+){2}", False),
        ("a?+(b|a)", False), ("a?+b?a", False), ("(a?+|b)a", False), ("a?+[^b]", False), ("[a-c]{1,9}+c", False), ("(ab)?+c", False),
    ],
)  # fmt: skip
def test_a_possessive_repeat_is_plain_where_it_takes_nothing_from_what_follows(pattern: str, known: bool) -> None:
    assert (portable(pattern) is not None) is known
    for reader in READERS:
        hold(pattern, ["", "a", "aa", "aaa", "aaaa", "ab", "aab", "aaaab", "ac", "abab", "aba", "c", "abc", "cc", "aaaaa"], reader)


@pytest.mark.parametrize("pattern", ["[0-9]{6}", "^[0-9]{6}$", "a|b", r"\d+", "[A-Z]{2}-[0-9]+", "(甲|乙)(、(甲|乙))*", "[[]", "[ -~]*"])
def test_an_ordinary_pattern_is_portable(pattern: str) -> None:
    assert portable(pattern) is not None
    assert decide({"name": "v", "constraints": {"pattern": pattern}}).accept is not None
