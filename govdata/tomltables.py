"""Tables of `govdata.toml` read key by key: what is missing, not known or not understood is refused with its place."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from govdata.errors import SettingsError
from govdata.tomllines import line_of

WHOLE = {"zh": "从 1 起的整数", "en": "a whole number from 1 on"}
_DAY = "2027-12-31"


class Place(NamedTuple):
    """Where in `govdata.toml` something stands."""

    file: str
    key: str

    def at(self, name: str) -> Place:
        """A key below it."""
        return Place(self.file, f"{self.key}.{name}" if self.key else name)

    def wrong(self, value: object, *allowed: str | Mapping[str, str]) -> SettingsError:
        """The refusal of a value, with what would fit."""
        return self.error("settings-value", value=_written(value), allowed=allowed)

    def error(self, kind: str, **args: object) -> SettingsError:
        """A refusal of what stands here, with its line."""
        return SettingsError(kind, file=self.file, line=line_of(self.file, self.key), key=self.key, **args)


def _written(value: object) -> str:
    """A value about as the file has it."""
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


Reader = Callable[[Place, Any], Any]
"""Gives a value of a key as it is used, or refuses it."""


def read_table(place: Place, table: Mapping[str, Any], readers: Mapping[str, Reader], needed: Sequence[str]) -> dict[str, Any]:
    """The keys of a table as their readers give them; what is not known, and what is missing, is refused."""
    import difflib

    for key in table:
        if key not in readers:
            close = difflib.get_close_matches(key, readers, n=2) or list(readers)
            raise place.at(key).error("settings-key", close=close)
    for key in needed:
        if key not in table:
            raise place.at(key).error("settings-missing")
    return {key: readers[key](place.at(key), value) for key, value in table.items()}


def read_text(place: Place, value: Any) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise place.wrong(value, '"…"')
    return value.strip()


def read_maybe(place: Place, value: Any) -> str:
    """A text that may be empty."""
    return "" if value == "" else read_text(place, value)


def read_truth(place: Place, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise place.wrong(value, "true", "false")
    return value


def read_count(place: Place, value: Any) -> int:
    """A number from 1 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise place.wrong(value, WHOLE)
    return value


def read_day(place: Place, value: Any) -> datetime.date:
    """A TOML date, or a text of that form."""
    if isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value.strip())
        except ValueError:
            raise place.wrong(value, _DAY) from None
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise place.wrong(value, _DAY)
    return value
