"""The steps of an identifier's check, each made once from its declaration: form, parts, date, check digit, range, and what went wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from govdata.classes import dataclass, field
from govdata.predicates.checkdigits import named
from govdata.predicates.forms import compile_form, read_form
from govdata.values import Severity

LONGEST = 4096
"""Characters from which a text is no identifier of any kind and is not looked at more closely."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a text is not a value of its type: a reason with arguments. `severity` is None where the rule's own counts."""

    reason: str
    args: Mapping[str, object] = field(default_factory=dict)
    severity: Severity | None = None


Step = Callable[[str], Failure | None]
Content = tuple[Step, frozenset[str], Severity | None]
"""A step, the reasons that it can give, and its severity."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a step must know besides its own declaration."""

    personal: bool
    lengths: Sequence[int]
    codes: Mapping[str, Collection[str]]
    today: date | None


def upper_case(text: str) -> str:
    """ASCII letters in upper case, everything else as it was."""
    return text.upper() if text.isascii() else text.translate(_UPPER)


def stripper(prefixes: Sequence[str], removed: str) -> Callable[[str], str] | None:
    """A function that drops one of the prefixes and all removed characters; None where there is nothing to drop."""
    longest_first = tuple(sorted(prefixes, key=len, reverse=True))
    table = str.maketrans("", "", removed)

    def strip(text: str) -> str:
        if longest_first and text.startswith(longest_first):
            text = text[len(next(prefix for prefix in longest_first if text.startswith(prefix))) :]
        return text.translate(table) if removed else text

    return strip if prefixes or removed else None


def items(declared: object) -> tuple[str, ...]:
    """A declared list: a YAML list, or words in one string."""
    return tuple(declared.split()) if isinstance(declared, str) else tuple(str(item) for item in declared)  # type: ignore[attr-defined]


def lengths(predicate: Mapping[str, Any]) -> tuple[int, ...]:
    """The lengths that a value may have; empty where none is declared."""
    declared = predicate.get("length", predicate.get("lengths", ()))
    if isinstance(declared, Mapping):
        return tuple(range(int(declared["minimum"]), int(declared["maximum"]) + 1))
    return tuple(int(item) for item in items(str(declared) if isinstance(declared, int) else declared))


def expression(predicate: Mapping[str, Any]) -> str:
    """The form by length and alphabet as a pattern; empty where there is neither."""
    allowed, alphabet = lengths(predicate), predicate.get("alphabet")
    if not allowed and not alphabet:
        return ""
    one = f"[{alphabet}]" if alphabet else "[ -~]"
    if not allowed:
        return one + "{1,4096}"
    if len(allowed) == allowed[-1] - allowed[0] + 1:
        return f"{one}{{{allowed[0]},{allowed[-1]}}}"
    return "|".join(f"{one}{{{length}}}" for length in allowed)


Test = Callable[[str], object]
"""Holds where the result is not None."""


def tests(predicate: Mapping[str, Any]) -> tuple[Test | None, Test | None]:
    """The test of the written text, and that of the text without prefixes and removed characters; one where one will do."""
    shape = expression(predicate)
    if "pattern" not in predicate:
        return None, compile_form(shape) if shape else None
    pattern = str(predicate["pattern"])
    if not shape:
        return compile_form(pattern), None
    if predicate.get("prefixes") or predicate.get("remove"):
        return compile_form(pattern), compile_form(shape)
    return compile_form(pattern, shape), None


def content(predicate: Mapping[str, Any], scope: Scope) -> Iterator[Content]:
    """The steps after the form, in their order: parts, date, check digits, ranges."""
    for part in several(predicate.get("parts")):
        yield _limited(part, _part(part, scope), "part")
    for declared in several(predicate.get("date")):
        yield _limited(declared, _date(declared, scope), "date", "future")
    for declared in several(predicate.get("check-digit")):
        digit = {"algorithm": declared} if isinstance(declared, str) else declared
        yield _limited(digit, _check_digit(digit, scope), "check")
    for declared in several(predicate.get("range")):
        yield _limited(declared, _range(declared), "range", *_instead(declared))


def several(declared: Any) -> Sequence[Any]:
    """A declaration that may be one or a list of them, as a list."""
    if declared is None:
        return ()
    return declared if isinstance(declared, list | tuple) else (declared,)


def _limited(declared: Mapping[str, Any], step: Step, reason: str, *more: str) -> Content:
    """A step that is only for values of one length (`for-length`), where that is declared."""
    only = int(declared.get("for-length", 0))

    def limited(text: str) -> Failure | None:
        return step(text) if len(text) == only else None

    return limited if only else step, frozenset((str(declared.get("reason", reason)), *more)), declared.get("severity")


def _instead(declared: Mapping[str, Any]) -> Iterator[str]:
    if "instead" in declared:
        yield str(declared["instead"].get("reason", "swapped"))


def known_parts(declared: Mapping[str, Any], codes: Mapping[str, Collection[str]]) -> frozenset[str]:
    """What a part may be: the listed texts, and the beginnings of the codes of a list."""
    allowed = {*items(declared.get("in", ())), *items(declared.get("also", ()))}
    if "codes" in declared:
        length = int(declared["length"])
        allowed |= {code[:length] for code in codes[str(declared["codes"])]}
    return frozenset(allowed)


def _part(declared: Mapping[str, Any], scope: Scope) -> Step:
    at, length = int(declared.get("at", 0)), int(declared["length"])
    known, reason, severity = known_parts(declared, scope.codes), str(declared.get("reason", "part")), declared.get("severity")
    if not known:
        raise ValueError("parts")

    def step(text: str) -> Failure | None:
        found = text[at : at + length]
        if found in known:
            return None
        place = {"position": at + 1, "end": at + length}
        return Failure(reason, place if scope.personal else {**place, "found": found}, severity)

    return step


def first_and_last(declared: Mapping[str, Any], today: date | None) -> tuple[str, str]:
    """The first and the last day that a date may be, as eight digits."""
    return str(declared.get("from", "00010101")).replace("-", ""), today.strftime("%Y%m%d") if today else "99991231"


def _date(declared: Mapping[str, Any], scope: Scope) -> Step:
    at, severity = int(declared.get("at", 0)), declared.get("severity")
    if declared.get("form", "YYYYMMDD") != "YYYYMMDD":
        raise ValueError("date: form")
    first, last = first_and_last(declared, scope.today)
    place = {"position": at + 1, "end": at + 8}
    wrong, future = Failure(str(declared.get("reason", "date")), place, severity), Failure("future", place, severity)

    def step(text: str) -> Failure | None:
        day = text[at : at + 8]
        if day[4:] not in _DAYS or day < first or (day[4:] == "0229" and not _leap(day[:4])):
            return wrong
        return future if day > last else None

    return step


def _leap(year: str) -> bool:
    number = int(year)
    return number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)


def _check_digit(declared: Mapping[str, Any], scope: Scope) -> Step:
    at, length = int(declared.get("at", 0)), int(declared.get("length", 0))
    size = length or int(declared.get("for-length", 0)) or (scope.lengths[0] if len(scope.lengths) == 1 else 0)
    algorithm = named(str(declared["algorithm"]), declared, size)
    if algorithm is None:
        raise ValueError(f"check-digit: {declared['algorithm']}")
    expected, reason, severity = algorithm, str(declared.get("reason", "check")), declared.get("severity")

    def step(text: str) -> Failure | None:
        last = at + length - 1 if length else len(text) - 1
        right = expected(text[at:last])
        if right == text[last]:
            return None
        place = {"position": last + 1}
        return Failure(reason, place if scope.personal else {**place, "expected": right, "found": text[last]}, severity)

    return step


def _range(declared: Mapping[str, Any]) -> Step:
    low, high = float(declared["minimum"]), float(declared["maximum"])
    bounds = {"minimum": declared["minimum"], "maximum": declared["maximum"]}
    failure = Failure(str(declared.get("reason", "range")), bounds, declared.get("severity"))
    other = declared.get("instead", {"minimum": 1, "maximum": 0})
    instead = Failure(str(other.get("reason", "swapped")), bounds, other.get("severity", declared.get("severity")))
    other_low, other_high = float(other["minimum"]), float(other["maximum"])

    def step(text: str) -> Failure | None:
        value = float(text)
        if low <= value <= high:
            return None
        return instead if other_low <= value <= other_high else failure

    return step


Explainer = Callable[[str, str], Failure]
"""Written text, text without prefixes and removed characters → why they do not have the form."""


def explainer(predicate: Mapping[str, Any], personal: bool) -> tuple[Explainer, frozenset[str]]:
    """What says why a text does not have the form, and all reasons that it can give.

    In this order: a known wrong form (`hints`), spaces, other signs too many, full-width characters, words instead of a value, length,
    a foreign character. Declared patterns are
    read now, so that a wrong one is refused, and compiled at the first failure.
    """
    hints = [(str(hint["pattern"]), Failure(str(hint["reason"]), {}, hint.get("severity"))) for hint in predicate.get("hints", ())]
    for pattern, _ in hints:
        read_form(pattern)
    reasons = frozenset(
        ("space", "separators", "width", "words", "length", "characters", "form", *(failure.reason for _, failure in hints))
    )

    @functools.cache
    def known() -> tuple[tuple[Test, Failure], ...]:
        return tuple((compile_form(pattern), failure) for pattern, failure in hints)

    strip = stripper(items(predicate.get("prefixes", ())), str(predicate.get("remove", "")))
    whole, plain = tests(predicate)
    allowed, alphabet = lengths(predicate), str(predicate.get("alphabet", ""))

    def fits(text: str) -> bool:
        return (whole is None or whole(text) is not None) and (plain is None or plain(strip(text) if strip else text) is not None)

    def explain(written: str, text: str) -> Failure:
        if len(written) > LONGEST:
            return Failure("length", _length(text, allowed)) if allowed else Failure("form")
        for test, failure in known():
            if test(written):
                return failure
        for reason, extra in (("space", _is_space), ("separators", _is_extra)):
            narrow = "".join(character for character in written if not extra(character))
            if narrow != written and fits(narrow):
                return Failure(reason)
        if any(character in _WIDE for character in written):
            return Failure("width")
        if not any(character.isascii() and character.isalnum() for character in written):
            return Failure("words")
        return _explain_form(text, allowed, alphabet, personal)

    return explain, reasons


def _explain_form(text: str, allowed: Sequence[int], alphabet: str, personal: bool) -> Failure:
    if allowed and len(text) not in allowed:
        return Failure("length", _length(text, allowed))
    one = compile_form(f"[{alphabet}]") if alphabet else None
    foreign = next((place for place, found in enumerate(text) if not one(found)), None) if one else None
    if foreign is None:
        return Failure("form")
    place = {"position": foreign + 1}
    return Failure("characters", place if personal else {**place, "found": text[foreign]})


def _length(text: str, allowed: Sequence[int]) -> Mapping[str, object]:
    return {"length": len(text), "lengths": _shown(allowed)}


def _shown(allowed: Sequence[int]) -> tuple[str, ...]:
    if len(allowed) > 2 and len(allowed) == allowed[-1] - allowed[0] + 1:
        return (f"{allowed[0]}–{allowed[-1]}",)
    return tuple(str(length) for length in allowed)


def _is_extra(character: str) -> bool:
    return _is_space(character) or character in _SIGNS


def _is_space(character: str) -> bool:
    return character.isspace() or character in _INVISIBLE


_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_WIDE = frozenset(chr(code) for code in range(0xFF01, 0xFF5F))
_SIGNS = frozenset("-‐‑–—－_·•'’‘`\"“”,，、;；:：/／|。°º()（）[]【】<>《》")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff")
_DAYS = frozenset(
    f"{month:02}{day:02}" for month, last in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1) for day in range(1, last + 1)
)
