"""The written forms of values that a draft tells apart, as conditions, so that every engine asks the same of a text."""

from __future__ import annotations

from collections.abc import Mapping

from govdata.classes import dataclass
from govdata.predicates.conditions import Condition, Form
from govdata.predicates.portable import escape

DIGITS = 15
"""More digits than a spreadsheet or a double keeps: such a column stays text."""

WHOLE = f"-?(?:0|[1-9][0-9]{{0,{DIGITS - 1}}})"
DECIMAL = f"-?(?:0|[1-9][0-9]{{0,{DIGITS - 1}}})(?:\\.[0-9]{{1,{DIGITS}}})?"

_YEAR = "[12][0-9]{3}"
"""What a day may be of: other years are left to be text, for a number that merely looks like a day is told from one so."""
_LEAP = "(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:12|16|20|24|28)00)"
_LONG, _SHORT, _DAYS_31, _DAYS_30, _DAYS_28 = (
    "0[13578]|1[02]",
    "0[469]|11",
    "0[1-9]|[12][0-9]|3[01]",
    "0[1-9]|[12][0-9]|30",
    "0[1-9]|1[0-9]|2[0-8]",
)
_CLOCK = {"%H": "(?:[01][0-9]|2[0-3])", "%M": "[0-5][0-9]", "%S": "[0-5][0-9]"}


@dataclass(frozen=True, slots=True)
class DateForm:
    """A way to write days, or days with a time."""

    id: str
    type: str
    """The data type of a column of such values: `D` or `T`."""
    format: str
    """As a Table Schema says it; empty where it is the usual one."""
    example: str
    condition: Condition


def _date_form(name: str, format: str, example: str, usual: bool = False, padded: bool = True) -> DateForm:
    kind = "T" if "%H" in format else "D"
    return DateForm(name, kind, "" if usual else format, example, Form(_pattern(format, padded)))


def _pattern(format: str, padded: bool) -> str:
    """The texts of a format: days of the calendar; without `padded` also those without leading zeros."""
    day, _, clock = format.partition("%d")
    year, month = day.split("%Y")[1].split("%m")
    separators = escape(year), escape(month)
    found = []
    for years, months, days in ((_YEAR, _LONG, _DAYS_31), (_YEAR, _SHORT, _DAYS_30), (_YEAR, "02", _DAYS_28), (_LEAP, "02", "29")):
        parts = [years, f"(?:{months})", f"(?:{days})"]
        if not padded:
            parts[1:] = [part.replace("0", "0?", 1) if part.startswith("(?:0") else part for part in parts[1:]]
        found.append(f"{parts[0]}{separators[0]}{parts[1]}{separators[1]}{parts[2]}")
    rest = "".join(_CLOCK.get(piece, escape(piece)) for piece in _pieces(clock))
    if not padded:
        rest = rest.replace("(?:[01][0-9]|2[0-3])", "(?:[01]?[0-9]|2[0-3])")
    return f"(?:{'|'.join(found)}){rest}"


def _pieces(clock: str) -> list[str]:
    """A format cut into its parts and what stands between them: ` %H:%M` → ` `, `%H`, `:`, `%M`."""
    found, place = [], 0
    while place < len(clock):
        size = 2 if clock[place] == "%" else 1
        found.append(clock[place : place + size])
        place += size
    return found


DATES: tuple[DateForm, ...] = (
    _date_form("date-iso", "%Y-%m-%d", "2026-01-05", usual=True),
    _date_form("date-slash", "%Y/%m/%d", "2026/1/5", padded=False),
    _date_form("date-dash", "%Y-%m-%d", "2026-1-5", padded=False),
    _date_form("date-point", "%Y.%m.%d", "2026.01.05", padded=False),
    _date_form("date-hanzi", "%Y年%m月%d日", "2026年1月5日", padded=False),
    _date_form("date-digits", "%Y%m%d", "20260105"),
    _date_form("time-iso", "%Y-%m-%d %H:%M:%S", "2026-01-05 09:30:00", usual=True),
    _date_form("time-t", "%Y-%m-%dT%H:%M:%S", "2026-01-05T09:30:00", usual=True),
    _date_form("time-minutes", "%Y-%m-%d %H:%M", "2026-01-05 09:30"),
    _date_form("time-slash", "%Y/%m/%d %H:%M:%S", "2026/1/5 9:30:00", padded=False),
    _date_form("time-slash-minutes", "%Y/%m/%d %H:%M", "2026/1/5 9:30", padded=False),
)
"""Ways to write days. One that holds all that another holds stands behind it."""

PATTERNS: Mapping[str, str] = {
    "whole": WHOLE,
    "decimal": DECIMAL,
    "digits": "[0-9]+",
    "zeros": "0[0-9]+",
    "grouped": "-?[0-9]{1,3}(?:,[0-9]{3})+(?:\\.[0-9]+)?",
    "power": "-?[0-9](?:\\.[0-9]+)?[Ee][+-]?[0-9]{1,3}",
    "month": "[12][0-9]{3}-(?:0[1-9]|1[0-2])",
    "clock": "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
}

QUESTIONS: Mapping[str, Condition] = {name: Form(pattern) for name, pattern in PATTERNS.items()} | {
    form.id: form.condition for form in DATES
}
"""What is asked of every value of a column: name → condition."""

SIGNS: Mapping[str, str] = {"grouped": ",", "month": "-", "clock": ":"} | {
    form.id: ":" if form.type == "T" else form.format[2:3] or "-" for form in DATES if form.id != "date-digits"
}
"""Question → a sign that every text holds of which it holds."""

STARTS = frozenset("0123456789-")
"""Every text of which one of these holds begins with one of these signs."""
