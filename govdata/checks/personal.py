"""Personal numbers in data: found by form and check digit, counted per column, and masked wherever a value is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass, field
from govdata.expressions import expression
from govdata.predicates.checkdigits import luhn, mod_11_2, weighted
from govdata.predicates.written import ALONE, AROUND, NUMBERS, bare, half, may_hold
from govdata.values import Finding, Resource

KINDS = ("citizen-number", "bank-card", "mobile")
LEAST = 5
"""Numbers of one kind from which a column can be found personal."""
SHARE = 0.5
"""Part of its non-empty values that must be such numbers. Fewer may be chance: of running numbers made of a division, a date and a count
one in eleven has the check digit of a citizen, and one in ten that of a card; of 16 to 20 such numbers a third do in one table of fifty,
half in one of ten thousand."""
IN_TEXT = 5
"""Numbers inside free text from which the column is reported."""

LENGTHS: Mapping[str, tuple[int, ...]] = {"citizen-number": (18,), "bank-card": (16, 17, 18, 19), "mobile": (11,)}
"""Asked first: most texts have none of these lengths."""
SHORTEST = 11
"""Characters below which there is no number in a text."""

_DECIMAL = expression(r"[+-]?[0-9]+\.[0-9]+")
"""A quotient, whose places are often as many as the digits of a card; one in ten has its check digit."""
_CREDIT = weighted(
    (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28), "0YXWUTRQPNMLKJHGFEDCBA987654321", "0123456789ABCDEFGHJKLMNPQRTUWXY"
)
_ORGANISATION = weighted((3, 7, 9, 10, 5, 8, 4, 2), "0X987654321")
"""GB 32100 and, inside it, GB 11714: of a code that is all digits, to tell it from a citizen number."""

Passes = Mapping[str, Callable[[str], bool]]


@dataclass(slots=True)
class Counter:
    """What one column holds of personal numbers."""

    passes: Passes
    values: int = 0
    alone: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)

    def observe(self, text: str) -> None:
        """Count one non-empty value."""
        self.values += 1
        if len(text) >= SHORTEST:
            self._look(text)

    def observe_all(self, texts: Sequence[str]) -> None:
        """Count many non-empty values."""
        self.values += len(texts)
        long = [text for text in texts if len(text) >= SHORTEST]
        # Where no number stands in any of them, none is one: most columns are done with this.
        if long and may_hold("\n".join(long)):
            for text in filter(may_hold, long):
                self._look(text)

    def _look(self, text: str) -> None:
        text = half(text)
        plain = text.strip(AROUND).removesuffix(".0")
        if ALONE.fullmatch(plain):
            kind = kind_of(bare(plain), self.passes)
            if kind:
                self.alone[kind] = self.alone.get(kind, 0) + 1
            return
        decimal = _DECIMAL.fullmatch(plain) is not None
        for match in NUMBERS.finditer(text):
            kind = kind_of(bare(match[0]), self.passes)
            if kind and not (decimal and kind == "bank-card"):
                self.inside[kind] = self.inside.get(kind, 0) + 1

    def add(self, values: int, alone: Mapping[str, int]) -> None:
        """Count many non-empty values at once, and the numbers of each kind among them."""
        self.values += values
        for kind, count in alone.items():
            if count:
                self.alone[kind] = self.alone.get(kind, 0) + count

    @property
    def held(self) -> Mapping[str, int]:
        """Kind → numbers that stand alone, of the kinds that the column holds by the thresholds of the design."""
        counts = {kind: self.alone.get(kind, 0) for kind in KINDS}
        return {kind: count for kind, count in counts.items() if count >= LEAST and count >= SHARE * self.values}

    @property
    def found(self) -> str:
        """That of them of which it holds most; or nothing."""
        held = self.held
        return max(held, key=lambda kind: held[kind], default="")

    @property
    def strewn(self) -> dict[str, int]:
        """Kind → numbers inside text, and alone where the column is not one of that kind; nothing where they are few in all."""
        kinds = {kind: self.inside.get(kind, 0) + (0 if kind == self.found else self.alone.get(kind, 0)) for kind in KINDS}
        return {kind: count for kind, count in kinds.items() if count} if sum(kinds.values()) >= IN_TEXT else {}


def kind_of(text: str, passes: Passes) -> str:
    """The kind of personal number that a text is, by form and check digit."""
    for kind in KINDS:
        if len(text) in LENGTHS[kind] and passes[kind](text):
            return kind
    return ""


def kinds_within(text: str, passes: Passes, alone: bool = False) -> set[str]:
    """The kinds of personal numbers that a text is or holds, however they are written.

    `alone`: one number decides. Of any digits one in ten has the check digit of a card, so that one must begin as cards of this country
    do (62, China UnionPay), or be written in groups.
    """
    found = {(match[0], kind_of(bare(match[0]), passes)) for match in NUMBERS.finditer(half(text))}
    return {kind for number, kind in found if kind and not (alone and kind == "bank-card" and number.isdigit() and number[:2] != "62")}


def mask(text: str) -> str:
    """A value with only its length and last two characters left."""
    return "*" * (len(text) - 2) + text[-2:] if len(text) > 2 else "*" * len(text)


def scrub(text: str, sure: bool = False) -> str:
    """Text in which everything that looks like a personal number is masked; with `sure`, only what is one by form and check digit.

    What both check digits prove to be the credit code of an organisation is shown, unless a citizen's proves it too.
    """
    if len(text) < SHORTEST:
        return text
    pieces: list[str] = []
    done = 0
    for match in NUMBERS.finditer(half(text)):
        if not _may_be_shown(match[0], sure):
            pieces += text[done : match.start()], mask(match[0])
            done = match.end()
    return "".join((*pieces, text[done:]))


def _may_be_shown(text: str, sure: bool) -> bool:
    plain = bare(text)
    if _is_citizen_number(plain):
        return False
    if _is_credit_code(plain):
        return True
    if sure:
        return not _is_mobile_number(plain) and not _is_bank_card(plain)
    # Four groups of digits may be anything: years, sizes.
    return plain != text and not _is_mobile_number(plain) and luhn(plain[:-1]) != plain[-1]


def _is_credit_code(text: str) -> bool:
    return len(text) == 18 and _CREDIT(text[:17]) == text[17].upper() and _ORGANISATION(text[8:16]) == text[16]


def _is_mobile_number(text: str) -> bool:
    return len(text) == 11


def _is_bank_card(text: str) -> bool:
    """By Luhn; of 18 digits only those in 62: a credit code with a slip may pass too, and has to be read to be mended."""
    return luhn(text[:-1]) == text[-1] and (len(text) != 18 or text.startswith("62"))


def _is_citizen_number(text: str) -> bool:
    return len(text) == 18 and text[:17].isdigit() and mod_11_2(text[:17]) == text[17].upper()


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the entry says of its data: opening, personal fields, area."""

    open: bool
    declared: frozenset[str]
    """Fields that the entry declares personal."""
    explained: frozenset[str] = frozenset()
    """Fields that the entry says are not personal, with a reason."""
    denied: frozenset[str] = frozenset()
    """Fields that it says are not personal, with or without one."""
    extent: str = ""
    """The area that the entry states, as text."""


def check_columns(resource: Resource, counters: Mapping[str, Counter], exposure: Exposure) -> Iterator[Finding]:
    """Findings for the columns of one resource that hold personal numbers."""
    for name, counter in counters.items():
        where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "field": name}
        for kind, count in counter.held.items():
            args = {"kind": kind, "count": count, "total": counter.values}
            if exposure.open:
                yield Finding("personal/open-mobile" if kind == "mobile" else "personal/open", **where, args=args)
            elif name in exposure.denied - exposure.explained:
                yield Finding("personal/declared-none", **where, args=args)
            elif name not in exposure.declared | exposure.explained:
                yield Finding("personal/found", **where, args=args)
        inside = sum(counter.inside.values())
        if inside >= IN_TEXT and name not in exposure.declared | exposure.explained:
            kinds = sorted(counter.inside)
            yield Finding("personal/free-text", **where, args={"kind": kinds, "count": inside, "total": counter.values})
