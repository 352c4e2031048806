"""What is being checked now, on standard error while that is a terminal; nothing for short runs."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from govdata.cli.streams import harmless
from govdata.messages import text

AFTER = 0.8
"""Seconds before anything is shown, and between two looks at the clock on the screen."""


class Progress:
    """Shows one line that is rewritten; used as a context so that the line is cleared whatever happens."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.on = sys.stderr.isatty()
        self.shown = False
        self.last = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def show(self, number: int, name: str, rows: int) -> None:
        """Told of each dataset (its number from 1, its name) and now and then of the rows of a long one."""
        now = time.monotonic()
        if not self.on or now - self.last < AFTER:
            return
        self.last = now
        key = "cli.progress-rows" if rows else "cli.progress"
        line = text(key, self.language, {"number": number, "name": name[-50:], "rows": f"{rows:,}"})
        sys.stderr.write(f"\r\x1b[K{harmless(line)}")
        sys.stderr.flush()
        self.shown = True

    def clear(self) -> None:
        """Take the line away before something else is shown."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.shown = False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()
