"""Is the data as fresh as its update cycle promises?"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.entry import placed
from govdata.checks.named import as_day
from govdata.codes import CodeList
from govdata.expressions import expression
from govdata.values import Entry, Finding

GRACE = 1.5
"""Times the update cycle after which data counts as stale: our own limit (rule quality/stale)."""

_DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}
_DURATION = expression(r"P([0-9]+)([DWMY])")


def check_freshness(entry: Entry, context: CheckContext) -> Iterator[Finding]:
    """A finding where the newest date of the entry and its resources is older than the cycle allows. Days are counted from `today`."""
    args = staleness(entry.canonical, context.standard.codes, context.settings.today)
    if args:
        pointer = "/modified" if "modified" in entry.canonical else "/updateCycle"
        yield placed(entry, pointer, "quality/stale", Finding("", args=args))


def staleness(canonical: Mapping[str, Any], codes: Mapping[str, CodeList], today: date) -> dict[str, object]:
    """How old the data is, and how old it may be, where it is older; else nothing."""
    cycle = canonical.get("updateCycle")
    cycles = codes.get("update-cycle")
    code = cycles.codes.get(cycle) if cycles is not None and isinstance(cycle, str) else None
    days = _days(str(code.more.get("duration", ""))) if code is not None else None
    newest = _newest(canonical) if days is not None else None
    if code is None or days is None or newest is None:
        return {}
    limit = math.ceil(days * GRACE)
    age = (today - newest).days
    if age <= limit:
        return {}
    label = {"zh": code.zh, "en": code.en or code.zh}
    return {"date": newest.isoformat(), "cycle": label, "days": age, "limit": limit}


@functools.lru_cache(maxsize=256)
def _days(duration: str) -> int | None:
    """An ISO 8601 duration of one unit in days, months and years at their longest."""
    match = _DURATION.fullmatch(duration)
    return int(match[1]) * _DAYS[match[2]] if match else None


def _newest(entry: Mapping[str, Any]) -> date | None:
    """The newest of the dates of update; the date of publication where there is none."""
    resources = entry.get("resources") or ()
    modified = [entry.get("modified"), *(item.get("modified") for item in resources if isinstance(item, Mapping))]
    days = [day for value in modified if (day := as_day(value)) is not None]
    return max(days) if days else as_day(entry.get("issued"))
