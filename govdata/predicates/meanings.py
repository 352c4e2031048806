"""Conditions of semantic types: the texts of which the declared check of an identifier surely finds nothing to say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from govdata.predicates import steps
from govdata.predicates.conditions import (
    Begins,
    Bounds,
    CheckDigit,
    Condition,
    Either,
    Form,
    Length,
    Not,
    Number,
    Part,
    PartBetween,
    every,
)
from govdata.predicates.portable import escape, members, portable, width

_DAY = "(?:(?:0[13578]|1[02])(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)(?:0[1-9]|[12][0-9]|30)|02(?:0[1-9]|1[0-9]|2[0-8]))"
_LEAP_DAY = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)0229"


def condition_of(predicate: Mapping[str, Any], codes: Mapping[str, Collection[str]], today: date | None) -> Condition | None:
    """Where it holds, the check of a declared identifier gives no failure, not even a mild one. `None` where no condition is known."""
    lengths = steps.lengths(predicate)
    digits = tuple(_check_digits(predicate, lengths))
    made = [*_form(predicate), *_parts(predicate, codes), *_dates(predicate, lengths, today), *digits, *_ranges(predicate)]
    return every(made)


def recognised_condition(condition: Condition | None, predicate: Mapping[str, Any]) -> Condition | None:
    """Where it holds, a text is surely of the type although no field says so: right, and with one of the known beginnings."""
    prefixes = steps.items(predicate.get("recognise", {}).get("prefixes", ()))
    return every([condition, Begins(prefixes)]) if prefixes else condition


def _form(predicate: Mapping[str, Any]) -> Iterator[Condition | None]:
    """The written form, for texts that need nothing dropped and no letter made upper case."""
    written = steps.expression(predicate)
    patterns = [str(predicate["pattern"])] if "pattern" in predicate else []
    shapes = [written] if written and not any(_says_as_much(pattern, written) for pattern in patterns) else []
    forms = [portable(f"(?:{text})") for text in (*patterns, *shapes)]
    if not forms:
        yield None
    yield from (Form(form) if form is not None else None for form in forms)
    yield from _nothing_dropped(predicate, bool(written))
    source = "".join((*patterns, written))
    if predicate.get("upper") and ("~" in source or any(character.islower() and character.isascii() for character in source)):
        yield _without("a-z")


def _nothing_dropped(predicate: Mapping[str, Any], shaped: bool) -> Iterator[Condition]:
    """Nothing stands in the text that is dropped before its length and content are looked at, where they are."""
    if not shaped and not any(name in predicate for name in ("parts", "date", "check-digit", "range", "recognise")):
        return
    if predicate.get("remove"):
        yield _without(escape(str(predicate["remove"])))
    prefixes = steps.items(predicate.get("prefixes", ()))
    if prefixes:
        yield Not(Begins(prefixes))


def _says_as_much(pattern: str, shape: str) -> bool:
    """Whether every text of a pattern has a shape (one class of characters, a length)."""
    inner, outer = members(pattern), members(shape)
    if inner is None or outer is None or not inner <= outer:
        return False
    (low, high), (least, most) = width(pattern), width(shape)
    return least <= low and high <= most and "|" not in shape


def _without(class_: str) -> Condition:
    """No character of a class stands in the text."""
    return Not(Form(f"(?s:.*)[{class_}](?s:.*)"))


def _limited(declared: Mapping[str, Any], condition: Condition | None) -> Condition | None:
    """A condition that is asked of texts of one length only, where that is declared."""
    only = int(declared.get("for-length", 0))
    return condition if not only or condition is None else Either((Not(Length(only, only)), condition))


def _parts(predicate: Mapping[str, Any], codes: Mapping[str, Collection[str]]) -> Iterator[Condition | None]:
    for declared in steps.several(predicate.get("parts")):
        length = int(declared["length"])
        yield _limited(declared, Part(int(declared.get("at", 0)), length, steps.known_parts(declared, codes)))


def _dates(predicate: Mapping[str, Any], lengths: Sequence[int], today: date | None) -> Iterator[Condition | None]:
    for declared in steps.several(predicate.get("date")):
        at, sizes = int(declared.get("at", 0)), [int(declared["for-length"])] if "for-length" in declared else list(lengths)
        if len(sizes) != 1:
            yield None
            return
        before, after = f"[ -~]{{{at}}}", f"[ -~]{{{sizes[0] - at - 8}}}"
        yield _limited(declared, Form(f"{before}(?:[0-9]{{4}}{_DAY}|{_LEAP_DAY}){after}"))
        yield _limited(declared, PartBetween(at, 8, Bounds(*steps.first_and_last(declared, today))))


def _check_digits(predicate: Mapping[str, Any], lengths: Sequence[int]) -> Iterator[Condition | None]:
    for declared in steps.several(predicate.get("check-digit")):
        digit = {"algorithm": declared} if isinstance(declared, str) else declared
        yield _limited(digit, _check_digit(digit, lengths))


def _check_digit(declared: Mapping[str, Any], lengths: Sequence[int]) -> Condition:
    name, at, length = str(declared["algorithm"]), int(declared.get("at", 0)), int(declared.get("length", 0))
    if name == "weighted":
        weights = tuple(int(weight) for weight in steps.items(declared.get("weights", ())))
        return CheckDigit(name, at, length, weights, str(declared["digits"]), str(declared.get("alphabet", "0123456789")))
    size = length or int(declared.get("for-length", 0)) or (lengths[0] if len(lengths) == 1 else 0)
    if name == "iso7064-mod-11-2" and size:
        return CheckDigit(
            "weighted", at, length, tuple(2 ** (size - 1 - place) % 11 for place in range(size - 1)), "10X98765432", "0123456789"
        )
    # Where the whole text has one length, so has the part: said so, it can be worked out from the left.
    return CheckDigit(name, at, length or (0 if at else size))


def _ranges(predicate: Mapping[str, Any]) -> Iterator[Condition | None]:
    for declared in steps.several(predicate.get("range")):
        yield _limited(declared, Number(Bounds(float(declared["minimum"]), float(declared["maximum"]))))
