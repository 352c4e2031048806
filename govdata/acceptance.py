"""Findings that somebody has accepted until a day: the `[[accept]]` records of `govdata.toml`."""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.expressions import expression
from govdata.tomltables import Place, read_day, read_maybe, read_table, read_text

_HEADING = expression(r"[ \t]*\[\[[ \t]*(?:accept|\"accept\"|'accept')[ \t]*\]\]")


@dataclass(frozen=True, slots=True)
class AcceptRecord:
    """One record: the findings of one rule on some datasets (and one field) that are accepted, why, by whom, until when."""

    rule: str
    dataset: str
    """Code or folder of the dataset, or a pattern of either with `*`, `?` and `[…]`."""
    reason: str
    by: str
    until: datetime.date
    """The last day on which it holds."""
    field: str = ""
    """Empty: every field, and findings without one."""
    line: int | None = None
    """Where it stands in `govdata.toml`, if that can be told."""

    def holds(self, today: datetime.date) -> bool:
        """Whether the day lies within its time."""
        return today <= self.until

    def names(self, code: str, place: str) -> bool:
        """Whether it means the dataset of a code (may be empty) in a folder (relative to `govdata.toml`, with `/`)."""
        wanted = self.dataset.rstrip("/") or self.dataset
        return any(name and (name == wanted or fnmatch.fnmatchcase(name, wanted)) for name in (code, place))

    def means(self, rule: str, field: str) -> bool:
        """Whether it is about a finding of a rule on a field."""
        return rule == self.rule and self.field in ("", field)


_READERS = {
    "rule": read_text,
    "dataset": read_text,
    "field": read_maybe,
    "reason": read_text,
    "by": read_text,
    "until": read_day,
}
_NEEDED = ("rule", "dataset", "reason", "by", "until")


def read_accepted(declared: Sequence[Any], file: Path, text: str = "") -> tuple[AcceptRecord, ...]:
    """The records of `[[accept]]`; `SettingsError` with file and key where one is not whole or not understood.

    `text` is the file's own, from which the lines are told.
    """
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _HEADING.match(line)]
    if len(lines) != len(declared):
        lines = []
    found = []
    for number, table in enumerate(declared):
        place = Place(str(file), f"accept[{number + 1}]")
        if not isinstance(table, dict):
            raise place.wrong(table, "[[accept]]")
        found.append(AcceptRecord(**read_table(place, table, _READERS, _NEEDED), line=lines[number] if lines else None))
    return tuple(found)
