"""Regular expressions that are compiled when they are first used: the modules hold many, and a small run uses few."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def expression(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, later."""
    return cast("re.Pattern[AnyStr]", _Waiting(pattern, flags))


class _Waiting:
    """An expression that was not used yet."""

    def __init__(self, pattern: Any, flags: int) -> None:
        self._uncompiled = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Asked for what the expression has and this does not have yet: from then on it has it."""
        found = getattr(re.compile(*self._uncompiled), name)
        setattr(self, name, found)
        return found
