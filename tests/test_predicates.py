"""Conditions against the reference, on the literal corpus (`tests/predicates/`): what is accepted without it, it accepts without a word.

Another emitter is held against the same corpus by a line in `emitters`.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from govdata.engines.across import key_part, key_part_of_text
from govdata.engines.fields import read_field
from govdata.predicates import plain
from govdata.predicates.conditions import (
    All,
    Begins,
    Between,
    CheckDigit,
    Condition,
    Either,
    Form,
    Not,
    Number,
    OneOf,
    Part,
    PartBetween,
)
from govdata.predicates.decisions import CONSTRAINTS, TYPES, decide, refusals
from tests.predicates.corpus import Answer, Case, cases, reference, semantic_types

Emitted = Callable[[list[str]], "list[bool | None]"]
"""What a condition became: for each text whether it holds, `None` where that cannot be said."""


def emitters() -> Mapping[str, Callable[[Condition], Emitted | None]]:
    """Name → emitter; `None` from one: it leaves the condition out."""
    found = {"plain": by_plain}
    if importlib.util.find_spec("polars"):
        found["columns"] = by_columns
    if importlib.util.find_spec("duckdb") and importlib.util.find_spec("sqlglot"):
        found |= {"duckdb": by_duckdb, "sqlite": by_sqlite}
    return found


def by_plain(condition: Condition) -> Emitted | None:
    test = plain.emit(condition)
    return None if test is None else lambda texts: [bool(test(text)) for text in texts]


def by_columns(condition: Condition) -> Emitted | None:
    import polars

    from govdata.predicates import columns

    test = columns.emit(condition, polars.col("text"))

    def answers(texts: list[str]) -> list[bool | None]:
        """Half characters cannot stand in a column of text: nothing is proven of them."""
        whole = [
            text if text.isprintable() or text.encode("utf-8", "replace") == text.encode("utf-8", "surrogatepass") else "" for text in texts
        ]
        told = polars.DataFrame({"text": whole}, schema={"text": polars.String}).select(test).to_series().to_list()
        return [verdict if text == put else None for text, put, verdict in zip(texts, whole, told, strict=True)]

    return None if test is None else answers


def by_duckdb(condition: Condition) -> Emitted | None:
    return _by_sql(condition, "duckdb")


def by_sqlite(condition: Condition) -> Emitted | None:
    return _by_sql(condition, "sqlite")


def _by_sql(condition: Condition, engine: str) -> Emitted:
    from govdata.predicates import sql

    def answers(texts: list[str]) -> list[bool | None]:
        """Half characters cannot stand in a database; nor can a NUL in one of SQLite's texts."""
        whole = ["".join(c for c in text if not "\ud800" <= c <= "\udfff" and c != "\0") for text in texts]
        told = sql.evaluate(condition, whole, engine=engine)
        return [verdict if text == put else None for text, put, verdict in zip(texts, whole, told, strict=True)]

    return answers


@functools.cache
def answered() -> tuple[tuple[Case, tuple[Answer, ...]], ...]:
    """Every column that the reference does not refuse, with what it says of each text."""
    asked = ((case, reference(case)) for case in cases())
    return tuple((case, tuple(map(ask, case.texts))) for case, ask in asked if ask is not None)


@functools.cache
def accepted(emitter: str) -> tuple[tuple[bool | None, ...], ...]:
    """For every column of `answered`, which texts an emitter accepts."""
    emit = emitters()[emitter]
    return tuple(tuple(_accepted(emit, case, case.texts)) for case, _ in answered())


def _accepted(emit: Callable[[Condition], Emitted | None], case: Case, texts: Sequence[str]) -> Sequence[bool | None]:
    condition = case.decision.accept
    emitted = emit(condition) if condition is not None else None
    return [False] * len(texts) if emitted is None else emitted(list(texts))


def each(emitter: str) -> Iterator[tuple[Case, str, Answer, bool]]:
    """Column, text, what the reference says, whether the emitter accepts it; texts that stand for nothing are left out."""
    for (case, answers), verdicts in zip(answered(), accepted(emitter), strict=True):
        missing = case.decision.missing
        for text, answer, verdict in zip(case.texts, answers, verdicts, strict=True):
            if text not in missing:
                yield case, text, answer, verdict is True


def told(found: Sequence[str]) -> str:
    return "\n".join([f"{len(found)} in all", *found[:40]])


def test_the_corpus_is_large() -> None:
    assert sum(len(case.texts) for case, _ in answered()) > 100_000


LEFT_OUT = {"duckdb": {"id/bank-card", "id/business-licence"}}
"""What an emitter cannot say: check digits that are no weighted sum have no form in DuckDB's SQL, such columns go row by row."""


@pytest.mark.parametrize("emitter", emitters())
def test_what_is_accepted_the_reference_accepts(emitter: str) -> None:
    wrong = [
        f"{emitter} accepts {text[:60]!r} in {case.name}"
        for case, text, answer, verdict in each(emitter)
        if verdict and (not answer.silent or answer.value is None)
    ]
    assert not wrong, told(wrong)


@pytest.mark.parametrize("emitter", emitters())
def test_an_ordinary_text_is_not_left_to_the_reference(emitter: str) -> None:
    """So that nobody makes a type slow by accident."""
    slow = [
        f"{emitter} leaves {text!r} in {case.name}"
        for case, text, _, verdict in each(emitter)
        if text in case.ordinary and not verdict and case.group not in LEFT_OUT.get(emitter, ())
    ]
    assert not slow, told(slow)


def test_an_accepted_text_stands_for_its_value() -> None:
    """Keys compare what the text stands for with what the reference has read elsewhere."""
    wrong = []
    for case, text, answer, verdict in each("plain"):
        kind, field = case.decision.value, case.field
        if verdict and kind:
            ours = key_part_of_text(text, kind, str(field.get("groupChar", "")), str(field.get("decimalChar", ".")))
            if (ours, hash(ours)) != (key_part(answer.value), hash(key_part(answer.value))):
                wrong.append(f"{text[:60]!r} is {ours!r}, not {answer.value!r}, in {case.name}")
    assert not wrong, told(wrong)


def test_what_is_refused_breaks_that_rule_once_and_no_other() -> None:
    """Such cells are counted without the reference once a file is known to be wrong."""
    wrong, refused = [], 0
    for case, _ in answered():
        if case.meanings or case.checks:
            continue
        tests = [(refusal, plain.emit(refusal.condition)) for refusal in refusals(case.field)]
        reader = read_field(case.field)
        for text in case.texts:
            for refusal, test in tests:
                if text not in case.decision.missing and test is not None and test(text):
                    refused += 1
                    broken = [rule for rule, _ in reader(text)[1]]
                    if broken != [refusal.rule]:
                        wrong.append(f"{text[:60]!r} breaks {broken}, not {refusal.rule}, in {case.name}: {refusal.condition}"[:400])
    assert refused > 1000
    assert not wrong, told(wrong)


def test_a_missing_value_is_one_of_the_reference() -> None:
    wrong = []
    for case, answers in answered():
        missing, required = case.decision.missing, case.decision.required
        for text, answer in zip(case.texts, answers, strict=True):
            if text in missing and (answer.value is not None or answer.silent is required):
                wrong.append(f"{text[:60]!r} is not missing in {case.name}")
            elif text not in missing and answer.silent and answer.value is None:
                wrong.append(f"{text[:60]!r} is missing in {case.name}")
    assert not wrong, told(wrong)


def test_what_is_recognised_without_the_rule_is_so_by_the_rule() -> None:
    wrong = []
    for kind in semantic_types().values():
        test = None if kind.recognised is None else plain.emit(kind.recognised)
        texts = (text for case in cases() if case.group == kind.rule for text in case.texts)
        wrong += [f"{text!r} is no {kind.id}" for text in texts if test is not None and test(text) and not kind.recognise(text)]
    assert not wrong, told(wrong)


@pytest.mark.parametrize("kind", [*TYPES, "object", "array", "geojson"])
def test_every_type_has_cases(kind: str) -> None:
    verdicts = [verdict for case, _, _, verdict in each("plain") if case.field.get("type", "string") == kind]
    assert set(verdicts) == ({True, False} if kind in TYPES else {False})


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_every_constraint_has_cases(name: str) -> None:
    """A text that is accepted under it, and one that is refused because of it alone."""
    found = set()
    for case, _ in answered():
        constraints = case.field.get("constraints")
        if constraints and name in constraints and case.decision.accept is not None:
            rest = {**case.field, "constraints": {key: value for key, value in constraints.items() if key != name}}
            without = decide(rest, case.meanings).accept
            assert without is not None
            held, free = by_plain(case.decision.accept), by_plain(without)
            if held is not None and free is not None:
                found |= {here for here, there in zip(held(list(case.texts)), free(list(case.texts)), strict=True) if there}
    assert found == ({True} if name in {"required", "unique"} else {True, False})


def test_every_promise_of_a_condition_is_kept() -> None:
    """Some conditions are only asked of plain ASCII texts that are long enough: those before them see to it."""
    broken = []
    for case, _ in answered():
        if case.decision.accept is not None:
            for text in case.texts:
                broken += [f"{found} is asked of {text[:60]!r} in {case.name}" for found in asked_wrongly(case.decision.accept, text)]
    assert not broken, told(broken)


OF_ONE_LENGTH = [
    All((Form("[0-9]{4}年"), Not(Begins(("20",))))),
    All((Form("[0-9]{4}年"), Begins(("20", "19")))),
    All((OneOf(frozenset(("年", "月"))), Begins(("年年",)))),
    All((OneOf(frozenset(("年年", "月日"))), Not(Begins(("年",))))),
    All((Form("[0-9]{4}年|[0-9]{2}月"), Form("[0-9]{4}年"))),
]
"""Conditions that are asked of a matrix of bytes, of texts that are not all ASCII."""


@pytest.mark.skipif(not importlib.util.find_spec("polars"), reason="an accelerator")
@pytest.mark.parametrize("condition", OF_ONE_LENGTH)
def test_bytes_tell_what_characters_tell(condition: Condition) -> None:
    texts = ["2026年", "1999年", "20年", "26月", "年", "月", "年年", "月日", "", "2026", "20261"]
    test, columns = plain.emit(condition), by_columns(condition)
    assert test is not None
    assert columns is not None
    assert columns(texts) == [bool(test(text)) for text in texts]


def asked_wrongly(condition: Condition, text: str) -> Iterator[str]:
    """The conditions that are asked of a text that they may not be asked of."""
    if isinstance(condition, All | Either):
        for part in condition.conditions:
            yield from asked_wrongly(part, text)
            if holds(part, text) is isinstance(condition, Either):
                return
    elif isinstance(condition, Not):
        yield from asked_wrongly(condition.condition, text)
    elif isinstance(condition, Between | Part | PartBetween | CheckDigit):
        end = 1 if isinstance(condition, Between) else condition.at + (condition.length or 1)
        if not text.isascii() or len(text) < end:
            yield type(condition).__name__
    elif isinstance(condition, Number):
        plain_text = text.replace(condition.drop, "").replace(condition.point, ".")
        if not text.isascii() or not plain_text.lstrip("+-").replace(".", "", 0 if condition.whole else 1).isdigit():
            yield "Number"


def holds(condition: Condition, text: str) -> Any:
    test = _plainly(condition)
    return bool(test(text)) if test is not None else False


_plainly = functools.cache(plain.emit)


PATTERNS_THAT_EXPLODE = ["(a+)+", "(a|a)*b?", "(a*)*", "(?:a?){30}a{30}b?", "a*a*a*a*a*b", "([ab]*c?)*"]


@pytest.mark.parametrize("pattern", PATTERNS_THAT_EXPLODE)
def test_a_pattern_that_explodes_is_not_run_without_a_limit(pattern: str) -> None:
    """Python's `re` would be at it for ages; the reference has a limit on time."""
    accept = decide({"name": "v", "constraints": {"pattern": pattern}}).accept
    test = None if accept is None else plain.emit(accept)
    assert test is None or not test("a" * 400 + "!")
