"""Scalars of an entry: what a written text is as truth value, number or date. What cannot be converted stays as written."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from govdata.expressions import expression

_TRUTH = {"是": True, "否": False, "true": True, "false": False, "yes": True, "no": False}
_INTEGER = expression("-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = expression(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?")
_DATE = expression("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOOSE_DATE = expression(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?(?:[T ].*)?", re.DOTALL)
_LONGEST = 60
_BASIC_DATE = expression("([0-9]{4})([0-9]{2})([0-9]{2})")


def to_boolean(text: str) -> bool | str:
    """A truth value of 是 否 true false yes no; else the text. 1 and 0 mean different things in different systems, so they stay."""
    return _TRUTH.get(text.strip().lower(), text)


def to_integer(text: str) -> int | str:
    """A whole number of up to 18 digits without separators; else the text."""
    return int(text) if _INTEGER.fullmatch(text.strip()) else text


def to_number(text: str) -> int | float | str:
    """A decimal number without separators or exponent; else the text."""
    plain = text.strip()
    if _INTEGER.fullmatch(plain):
        return int(plain)
    return float(plain) if _NUMBER.fullmatch(plain) else text


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar written CCYY-MM-DD (GB/T 7408 extended form)."""
    return _DATE.fullmatch(text) is not None and _day(*text.split("-")) is not None


def explain_date(text: str) -> dict[str, str]:
    """Why a text is no date: it stands in another usual form (2026/1/5, 20260105, 2026年1月5日, with a time behind), and how to write it;
    there is no such day; or it is none of these."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    match = _LOOSE_DATE.fullmatch(plain) or _BASIC_DATE.fullmatch(plain)
    if match is None:
        return {"reason": "other", "proposal": "YYYY-MM-DD"}
    proposal = _day(*match.groups())
    return {"reason": "form", "proposal": proposal} if proposal else {"reason": "no-such-day", "proposal": "YYYY-MM-DD"}


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
