"""Days and times as forms: a regular expression that only days of the calendar have, so that every engine can ask it."""

from __future__ import annotations

from collections.abc import Sequence

from govdata.predicates.portable import escape

_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
"""Python knows no year 0."""
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_MONTHS = (
    (_YEAR, "(?:0[13578]|1[02])", "(?:0[1-9]|[12][0-9]|3[01])"),
    (_YEAR, "(?:0[469]|11)", "(?:0[1-9]|[12][0-9]|30)"),
    (_YEAR, "02", "(?:0[1-9]|1[0-9]|2[0-8])"),
    (_LEAP, "02", "29"),
)
"""Year, month and day of all days: the long months, the short ones, February, and the 29th of it."""
_CLOCK = {"H": "(?:[01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]"}
_PLAIN = frozenset("-/.:, _年月日时分秒")
"""Characters that a format may hold between its parts."""


def _days(template: str) -> str:
    """All days in a template that holds `{Y}`, `{m}` and `{d}` each once."""
    return f"(?:{'|'.join(template.replace('{Y}', y).replace('{m}', m).replace('{d}', d) for y, m, d in _MONTHS)})"


_ANY_YEAR = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
DATE = f"(?:{_YEAR}-{_ANY_YEAR}|{_LEAP}-02-29)"
"""`2026-02-28`, ISO 8601 extended."""
TIME = f"{_CLOCK['H']}:{_CLOCK['M']}:{_CLOCK['S']}"
ZONE = "Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]"


def strptime_form(format: str, needed: Sequence[str]) -> str | None:
    """The texts that `strptime` reads with a format, written with leading zeros; `None` where the format says anything else.

    `needed` are the parts that must stand in it, each part at most once.
    """
    template, parts, place = "", [], 0
    while place < len(format):
        if format[place] == "%" and format[place + 1 : place + 2] in ("Y", "m", "d", "H", "M", "S"):
            parts.append(format[place + 1])
            template += f"{{{format[place + 1]}}}"
            place += 2
        elif format[place] in _PLAIN or (format[place] == "T" and parts):
            template += escape(format[place])
            place += 1
        else:
            return None
    if len(set(parts)) != len(parts) or not set(needed) <= set(parts):
        return None
    days = {"Y", "m", "d"} & set(parts)
    if days and len(days) != 3:
        return None
    for part, form in _CLOCK.items():
        template = template.replace(f"{{{part}}}", form)
    return _days(template) if days else template
