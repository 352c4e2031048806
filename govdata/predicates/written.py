"""How numbers of persons are written: plain, with blanks or hyphens inside, after the country's number, in full-width digits."""

from __future__ import annotations

from govdata.expressions import expression

PLAIN = "[0-9]{17}[0-9Xx]|[0-9]{16,19}|1[3-9][0-9]{9}"
_CALLED = "(?:(?:[+]|00)?86[ -]?)"
"""The country's number before a mobile number."""
BETWEEN = "－\u3000\xa0‐‑–"
"""What input methods and word processors write for the hyphens and blanks between groups."""
_DIGITS = "０１２３４５６７８９"
_HALF = str.maketrans(f"{BETWEEN}＋Ｘｘ{_DIGITS}", "-  ---+Xx0123456789")


def _apart(by: str) -> str:
    """Numbers in groups, beside which no other group stands: a date, a number in other groups or one that is whole may."""
    mobile = f"{_CALLED}?1[3-9][0-9]{by}[0-9]{{4}}{by}[0-9]{{4}}"
    citizen = f"[0-9]{{6}}{by}[0-9]{{8}}{by}[0-9]{{3}}[0-9Xx]"
    card = f"[0-9]{{4}}{by}[0-9]{{4}}{by}[0-9]{{4}}{by}[0-9]{{4}}(?:{by}[0-9]{{1,3}})?"
    return f"(?:(?<![0-9]{by})|(?<=[0-9]{{11}}{by}))(?:{mobile}|{citizen}|{card})(?!{by}[0-9]{{1,10}}(?![0-9]))"


_WRITTEN = f"{_CALLED}1[3-9][0-9]{{9}}|{_apart(' ')}|{_apart('-')}"
"""The same as people write them: 138-0013-8000, +86 138…, 6 + 8 + 4 digits of a citizen number, fours of a card."""

NUMBERS = expression(f"(?<![0-9A-Za-z])(?:{PLAIN}|{_WRITTEN})(?![0-9A-Za-z])")
"""Such numbers inside a text, of which full-width digits were made half-width."""
ALONE = expression(f"{PLAIN}|{_WRITTEN}")
"""A text that is one, without what stands around it."""
AROUND = " \t\r\n\u00a0\u200b\u3000\ufeff'`’"
"""What stands around a number without being of it."""
_COUNTRY = expression(r"\A(?:[+]|00)?86")

_APART = f"[0-9]{{3}}[ -][0-9]{{4}}[ -][0-9]{{4}}|[0-9]{{6}}[ -][0-9]{{8}}[ -][0-9]{{3}}|[０-９]|[0-9][{BETWEEN}][0-9]"
SOMEWHERE = f"(?:^|[^0-9A-Za-z])(?:00)?(?:86)?(?:{PLAIN})(?:[^0-9A-Za-z]|$)|{_APART}"
"""Where a number may stand in a text, for every engine that knows expressions: elsewhere it need not be looked for."""
WORTH = f"[0-9]{{11}}|{_APART}"
"""The same with less to it; it lets more through."""
_ELEVEN = expression("[0-9]{11}")
_RUN = expression(f"(?<![0-9A-Za-z])(?:00)?(?:86)?(?:{PLAIN})(?![0-9A-Za-z])")
_BETWEEN = expression(f"[0-9][{BETWEEN}][0-9]")
_GROUP = expression("[ -][0-9]{4}(?:[ -]|[0-9]{4}[ -])")


def may_hold(text: str) -> bool:
    """Whether such a number may stand in a text, or in many at once: several quick searches take less time than one for everything."""
    if (_ELEVEN.search(text) and _RUN.search(text)) or _GROUP.search(text):
        return True
    if text.isascii():
        return False
    return any(digit in text for digit in _DIGITS) or (any(mark in text for mark in BETWEEN) and _BETWEEN.search(text) is not None)


def half(text: str) -> str:
    """A text with full-width digits made half-width."""
    return text if text.isascii() else text.translate(_HALF)


def bare(text: str) -> str:
    """A number without what people write into it and before it."""
    plain = text.replace(" ", "").replace("-", "")
    return _COUNTRY.sub("", plain) if len(plain) in (13, 14, 15) else plain
