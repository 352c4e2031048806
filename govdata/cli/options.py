"""The options of a command, told apart from who reads them: click, or for a call in its plain form this module."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from govdata.classes import dataclass

COMPLETION = "_GOVDATA_COMPLETE"
"""Set in the environment where a shell asks click what may stand here."""
LANGUAGES = ("zh-CN", "zh", "en")
"""What `--lang` takes."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option with what it takes: a number is whole and at least 1, a day is `YYYY-MM-DD`, a flag takes nothing."""

    name: str
    """With its hyphens."""
    kind: Literal["text", "choice", "flag", "number", "file", "day"] = "text"
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    default: Any = None
    multiple: bool = False
    """It may be repeated: the values are a tuple."""

    @property
    def key(self) -> str:
        """Under which its value is given."""
        return self.name.lstrip("-").replace("-", "_")

    @property
    def absent(self) -> Any:
        """Its value where it is not given."""
        return () if self.multiple else self.default


LANGUAGE = Option("--lang", "choice", choices=LANGUAGES)


def read_options(arguments: Sequence[str], options: Sequence[Option]) -> dict[str, Any] | None:
    """The values of all options and of `paths`, as click would give them; `None` where click has to look.

    Understood are whole names of options, with their value behind `=` or in the next argument. All that is rare, asks for
    help or is wrong is left to click: it decides and says why.
    """
    if COMPLETION in os.environ:
        return None
    known = {option.name: option for option in (*options, LANGUAGE)}
    given: dict[str, Any] = {}
    paths: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if not argument.startswith("-"):
            if not argument:
                return None
            paths.append(argument)
            continue
        name, has_value, text = argument.partition("=")
        option = known.get(name)
        if option is None or (option.kind == "flag" and has_value) or (option.key in given and not option.multiple):
            return None
        value = True if option.kind == "flag" else _value(option, text if has_value else next(waiting, ""))
        if value is None:
            return None
        given[option.key] = (*given.get(option.key, ()), value) if option.multiple else value
    return {option.key: given.get(option.key, option.absent) for option in options} | {"paths": tuple(paths)}


def _value(option: Option, text: str) -> Any:
    """The value that a text stands for; `None` where that is not plain to see."""
    if not text or text.startswith("-"):
        return None
    if option.kind == "choice":
        return text if text in option.choices else None
    if option.kind == "number":
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) else None
    if option.kind == "day":
        return day(text)
    if option.kind == "file":
        return None if os.path.exists(text) and not os.access(text, os.R_OK) else Path(text)
    return text


def day(text: str) -> datetime | None:
    """A date as it is written here: `YYYY-MM-DD`."""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    return None
