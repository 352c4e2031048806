"""Is the data as fresh as its update cycle promises?"""

from __future__ import annotations

import calendar
import functools
import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.entry import placed
from govdata.checks.named import as_day
from govdata.codes import Code, CodeList
from govdata.expressions import expression
from govdata.values import Entry, Finding

GRACE = 1.5
"""Times the update cycle after which data counts as stale: our own limit (rule quality/stale)."""

_DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}
"""Unit → days, at its longest."""
_DURATION = expression(r"P([0-9]+)([DWMY])")


def check_freshness(entry: Entry, context: CheckContext) -> Iterator[Finding]:
    """A finding where the newest date of the entry and its resources is older than the cycle allows. Days are counted from `today`."""
    args = staleness(entry.canonical, context.standard.codes, context.settings.today)
    if args:
        pointer = "/modified" if "modified" in entry.canonical else "/updateCycle"
        yield placed(entry, pointer, "quality/stale", Finding("", args=args))


def staleness(canonical: Mapping[str, Any], codes: Mapping[str, CodeList], today: date) -> dict[str, object]:
    """How old the data is, and how old it may be, where it is older; else nothing."""
    code = _cycle(canonical, codes)
    duration = _duration(str(code.more.get("duration", ""))) if code is not None else None
    newest = newest_day(canonical) if duration is not None else None
    if code is None or duration is None or newest is None:
        return {}
    limit = math.ceil(duration[0] * _DAYS[duration[1]] * GRACE)
    age = (today - newest).days
    if age <= limit:
        return {}
    label = {"zh": code.zh, "en": code.en or code.zh}
    return {"date": newest.isoformat(), "cycle": label, "days": age, "limit": limit}


def due_day(canonical: Mapping[str, Any], codes: Mapping[str, CodeList]) -> date | None:
    """The day by which the next update is due: one cycle after the newest date, by the calendar. `None` where there is no fixed cycle."""
    code = _cycle(canonical, codes)
    duration = _duration(str(code.more.get("duration", ""))) if code is not None else None
    newest = newest_day(canonical) if duration is not None else None
    return _later(newest, *duration) if duration is not None and newest is not None else None


def _later(day: date, amount: int, unit: str) -> date | None:
    """A day so many days, weeks, months or years later; of a shorter month its last day."""
    try:
        if unit in "DW":
            return day + timedelta(amount * _DAYS[unit])
        years, month = divmod(day.month - 1 + amount * (12 if unit == "Y" else 1), 12)
        last = calendar.monthrange(day.year + years, month + 1)[1]
        return date(day.year + years, month + 1, min(day.day, last))
    except (ValueError, OverflowError):
        return None


def _cycle(canonical: Mapping[str, Any], codes: Mapping[str, CodeList]) -> Code | None:
    cycle, cycles = canonical.get("updateCycle"), codes.get("update-cycle")
    return cycles.codes.get(cycle) if cycles is not None and isinstance(cycle, str) else None


@functools.lru_cache(maxsize=256)
def _duration(text: str) -> tuple[int, str] | None:
    """An ISO 8601 duration of one unit: how many, of `D`, `W`, `M` or `Y`."""
    match = _DURATION.fullmatch(text)
    return (int(match[1]), match[2]) if match else None


def newest_day(entry: Mapping[str, Any]) -> date | None:
    """The newest of the dates of update; the date of publication where there is none."""
    resources = entry.get("resources") or ()
    modified = [entry.get("modified"), *(item.get("modified") for item in resources if isinstance(item, Mapping))]
    days = [day for value in modified if (day := as_day(value)) is not None]
    return max(days) if days else as_day(entry.get("issued"))
