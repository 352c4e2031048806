"""Check digits: named algorithms that give the check character which a body of characters asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import mul
from typing import Any

CheckDigit = Callable[[str], str]
"""Body (all characters before the check character) → check character; `""` where the body holds a foreign character."""

DIGITS = "0123456789"
ALPHANUMERIC = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FOREIGN = 255


def weighted(weights: Sequence[int], digits: str, alphabet: str = DIGITS) -> CheckDigit:
    """Sum of weight × value, modulo the number of `digits`, as an index into them. A character's value is its place in the alphabet."""
    modulus = len(digits)
    table = _values(alphabet)

    def expected(body: str) -> str:
        values = body.encode("ascii", "replace").translate(table)
        return "" if _FOREIGN in values else digits[sum(map(mul, weights, values)) % modulus]

    return expected


def luhn(body: str) -> str:
    """ISO/IEC 7812-1: every second digit from the right is doubled, its own digits summed."""
    values = body.encode("ascii", "replace").translate(_DECIMAL)
    if _FOREIGN in values:
        return ""
    doubled = values[::-2].translate(_DOUBLED)
    return DIGITS[-(sum(doubled) + sum(values[-2::-2])) % 10]


def mod_11_2(body: str) -> str:
    """ISO 7064 MOD 11-2: 0-9 or X."""
    total = 0
    for value in body.encode("ascii", "replace").translate(_DECIMAL):
        if value == _FOREIGN:
            return ""
        total = (total + value) * 2 % 11
    return "0123456789X"[(12 - total) % 11]


def mod_11_10(body: str) -> str:
    """ISO 7064 MOD 11,10 (hybrid): 0-9."""
    product = 10
    for value in body.encode("ascii", "replace").translate(_DECIMAL):
        if value == _FOREIGN:
            return ""
        product = ((product + value) % 10 or 10) * 2 % 11
    return DIGITS[(11 - product) % 10]


def mod_37_36(body: str) -> str:
    """ISO 7064 MOD 37,36 (hybrid): 0-9, A-Z."""
    product = 36
    for value in body.encode("ascii", "replace").translate(_ALPHANUMERIC):
        if value == _FOREIGN:
            return ""
        product = ((product + value) % 36 or 36) * 2 % 37
    return ALPHANUMERIC[(37 - product) % 36]


def named(name: str, declared: Mapping[str, Any], length: int) -> CheckDigit | None:
    """The algorithm of a declaration for numbers of a length (check character included); `None` where no algorithm has this name.

    `weighted` reads `weights`, `digits` and `alphabet`; ValueError where the weights do not fit the length.
    """
    if name == "iso7064-mod-11-2":
        return weighted([2 ** (length - 1 - place) % 11 for place in range(length - 1)], "10X98765432")
    if name != "weighted":
        return ALGORITHMS.get(name)
    weights = [int(weight) for weight in _items(declared.get("weights", ()))]
    if len(weights) != length - 1 or not declared.get("digits"):
        raise ValueError(name)
    return weighted(weights, str(declared["digits"]), str(declared.get("alphabet", DIGITS)))


def _items(declared: object) -> Sequence[Any]:
    return declared.split() if isinstance(declared, str) else tuple(declared)  # type: ignore[arg-type]


def _values(alphabet: str) -> bytes:
    return bytes(alphabet.find(chr(code)) if chr(code) in alphabet else _FOREIGN for code in range(256))


_DECIMAL = _values(DIGITS)
_ALPHANUMERIC = _values(ALPHANUMERIC)
_DOUBLED = bytes(sum(divmod(2 * value, 10)) if value < 10 else value for value in range(256))

ALGORITHMS: Mapping[str, CheckDigit] = {
    "luhn": luhn,
    "iso7064-mod-11-2": mod_11_2,
    "iso7064-mod-11-10": mod_11_10,
    "iso7064-mod-37-36": mod_37_36,
}
"""Algorithms that need no declaration of their own; `weighted` is the general form of the others."""
