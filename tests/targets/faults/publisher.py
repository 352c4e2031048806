"""The publisher in processes of its own, which can be killed anywhere; they are forked, so that starting one costs nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

PRELOADED = (
    "httpx", "polars", "jsonschema", "govdata.cli.main", "govdata.cli.publish", "govdata.publishing.ckan.publication",
    "govdata.publishing.views", "govdata.publishing.outcome", "govdata.validation", "tests.targets.faults.publisher",
)  # fmt: skip

PATIENCE = 300.0
"""Seconds after which a run that has not ended counts as hanging."""


@dataclass(frozen=True)
class Done:
    """A run that has ended."""

    code: int | None
    """The exit code; negative: the signal that ended it."""
    text: str
    """All that it printed."""


@dataclass
class Running:
    """A run under way."""

    process: ForkServerProcess
    printed: Path

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()

    def wait(self, patience: float = PATIENCE) -> Done:
        """Wait for its end. A run that hangs is killed and told as `None`."""
        self.process.join(patience)
        code = self.process.exitcode
        if code is None:
            self.process.kill()
            self.process.join()
        text = self.printed.read_text(encoding="utf-8", errors="replace") if self.printed.exists() else ""
        return Done(code, text)


def start(arguments: Sequence[str], environ: Mapping[str, str], printed: Path, limits: Mapping[str, Any], kill_after: int = 0) -> Running:
    """Start a run. `limits`: of the site's client; `kill_after`: it kills itself when it has written so many records of its journal."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    process = context.Process(target=_run, args=(list(arguments), dict(environ), str(printed), dict(limits), kill_after))
    process.start()
    return Running(process, printed)


def _run(arguments: list[str], environ: dict[str, str], printed: str, limits: dict[str, Any], kill_after: int) -> None:
    from govdata.cli.main import run
    from govdata.publishing.ckan.site import Limits, Site

    os.environ.update(environ)
    Site.__init__.__kwdefaults__["limits"] = Limits(**limits)
    if kill_after:
        _killed_after(kill_after)
    with open(printed, "w", encoding="utf-8") as file:
        sys.stdout = sys.stderr = file
        code = run(arguments)
    sys.exit(code)


def _killed_after(records: int) -> None:
    from govdata.publishing.journal import Journal

    written: list[object] = []
    write = Journal._write

    def counted(self: Journal, record: Mapping[str, Any]) -> None:
        write(self, record)
        written.append(record)
        if len(written) == records:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal._write = counted  # type: ignore[method-assign]
