"""Check digits as SQL expressions over a text of ASCII, for DuckDB. Each is safe for every text, and true only where the digit is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from govdata.predicates.checkdigits import ALPHANUMERIC, DIGITS
from govdata.predicates.conditions import Bounds, CheckDigit
from govdata.predicates.sqlterms import called, part_of, sayable, string, total, whole, within

if TYPE_CHECKING:
    from sqlglot.expressions import Expr as Expression

_LONGEST = 40
"""Digits of the longest number of which a check digit is worked out; more are left undecided."""
_DOUBLED = "0516273849"
"""Digits in the order of what the sum of the digits of their double is (ISO/IEC 7812-1)."""


def check_digit(condition: CheckDigit, text: Expression) -> Expression | None:
    """Whether the last character of a part is the check character of those before it; `None` where that cannot be said."""
    made = _ALGORITHMS.get(condition.algorithm)
    return made(condition, text) if made is not None else None


def _weighted(condition: CheckDigit, text: Expression) -> Expression | None:
    from sqlglot import exp

    weights, size = condition.weights, condition.length or len(condition.weights) + 1
    if size != len(weights) + 1 or not condition.digits.isascii() or not sayable([condition.digits]):
        return None
    body = part_of(text, condition.at, size - 1)
    summed = _telescoped(weights, condition, body) if _is_short_number(condition) else _looked_up(condition, text, body)
    if summed is None:
        return None
    place = exp.Add(this=_modulo(summed[0], len(condition.digits)), expression=whole(1))
    expected = called("substr", string(condition.digits), place, whole(1))
    last = exp.EQ(this=expected, expression=part_of(text, condition.at + size - 1, 1))
    ends = Bounds(size + condition.at, None if condition.length else size + condition.at)
    return exp.and_(within(called("length", text), ends, whole), summed[1], last)


def _is_short_number(condition: CheckDigit) -> bool:
    return (condition.alphabet or DIGITS) == DIGITS and len(condition.weights) <= 17 and len(condition.digits) <= 40


def _telescoped(weights: Sequence[int], condition: CheckDigit, body: Expression) -> tuple[Expression, Expression]:
    """The weighted sum of the digits of one whole number, without taking it apart: the digits are differences of its tenth parts."""
    from sqlglot import exp

    modulus, size = len(condition.digits), len(weights)
    number = exp.TryCast(this=body.copy(), to=exp.DataType.build("bigint"))
    terms: list[Expression] = []
    for shift in range(size):
        factor = (weights[size - 1 - shift] - (10 * weights[size - shift] if shift else 0)) % modulus
        if factor:
            part = exp.Paren(this=exp.IntDiv(this=number.copy(), expression=whole(10**shift))) if shift else number.copy()
            terms.append(exp.Mul(this=whole(factor), expression=part))
    return total(terms), _made_of(body, DIGITS, size, size)


def _looked_up(condition: CheckDigit, text: Expression, body: Expression) -> tuple[Expression, Expression] | None:
    """The weighted sum by each character's place in the alphabet."""
    from sqlglot import exp

    alphabet, size = condition.alphabet, len(condition.weights)
    if not alphabet.isascii() or not alphabet.isalnum():
        return None
    values = [_value(text, condition.at + place, alphabet) for place in range(size)]
    terms = [exp.Mul(this=whole(weight), expression=value) for weight, value in zip(condition.weights, values, strict=True)]
    return total(terms), _made_of(body, alphabet, size, size)


def _luhn(condition: CheckDigit, text: Expression) -> Expression:
    """From the right, so that the number may be of any length; before its first digit there is nothing to add."""
    from sqlglot import exp

    body = part_of(text, condition.at, condition.length)
    size = condition.length or _LONGEST
    turned = called("concat", called("reverse", body), string("0" * size))
    summed = total([_value(turned, place, _DOUBLED if place % 2 else DIGITS) for place in range(size)])
    right = exp.EQ(this=_modulo(summed, 10), expression=whole(0))
    return exp.and_(_made_of(body, DIGITS, condition.length or 2, size), right)


def _hybrid(alphabet: str) -> Callable[[CheckDigit, Expression], Expression | None]:
    """ISO 7064 hybrid systems MOD n+1,n, with an alphabet of n characters."""
    modulus = len(alphabet)

    def made(condition: CheckDigit, text: Expression) -> Expression | None:
        from sqlglot import exp

        size = condition.length
        if not 1 < size <= _LONGEST:
            return None
        product: Expression = whole(modulus)
        for place in range(size - 1):
            value = _value(text, condition.at + place, alphabet)
            # The remainder, or n instead of 0: one less before, one more after it.
            before = total([product, value, whole(modulus - 1)])
            kept = exp.Paren(this=exp.Add(this=_modulo(before, modulus), expression=whole(1)))
            product = _modulo(exp.Mul(this=kept, expression=whole(2)), modulus + 1)
        # The check character brings the last remainder to 1.
        last = total([product, _value(text, condition.at + size - 1, alphabet)])
        right = exp.EQ(this=_modulo(last, modulus), expression=whole(1))
        return exp.and_(_made_of(part_of(text, condition.at, size), alphabet, size, size), right)

    return made


def _value(text: Expression, at: int, alphabet: str) -> Expression:
    """The place in an alphabet of the character at a place of a text."""
    from sqlglot import exp

    return exp.Paren(this=exp.Sub(this=called("strpos", string(alphabet), part_of(text, at, 1)), expression=whole(1)))


def _modulo(value: Expression, modulus: int) -> Expression:
    from sqlglot import exp

    return exp.Mod(this=exp.Paren(this=value), expression=whole(modulus))


def _made_of(text: Expression, alphabet: str, least: int, most: int) -> Expression:
    """Whether a text consists of so many characters of an alphabet."""
    return called("regexp_full_match", text, string(f"[{alphabet}]{{{least},{most}}}"))


_ALGORITHMS: Mapping[str, Callable[[CheckDigit, Expression], Expression | None]] = {
    "weighted": _weighted,
    "luhn": _luhn,
    "iso7064-mod-11-10": _hybrid(DIGITS),
    "iso7064-mod-37-36": _hybrid(ALPHANUMERIC),
}
