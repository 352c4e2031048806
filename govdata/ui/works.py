"""One piece of work in the page: files that were dropped or a folder that was named, checked as often as the officer wants."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from govdata.classes import dataclass, field
from govdata.errors import GovdataError, ReadError
from govdata.formats import tallies, write
from govdata.messages import error_text, io_text
from govdata.messages import text as word
from govdata.reading.datasets import ENTRIES
from govdata.validation import validate
from govdata.values import DatasetReport, Report

LOOSE = "files"
"""The folder of files that came without one."""
EDITABLE = (".yaml", ".yml")
_TICK = 0.1
"""Seconds between two reports of progress."""


class Stopped(Exception):
    """The officer stopped a check."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check gave."""

    report: Report
    page: str
    """The report as HTML."""
    language: str
    key: str
    """What its address holds: nobody can guess it, so no other page can ask for it."""
    ended: float
    """When the check ended, in seconds since 1970; the page was written afterwards."""


@dataclass(eq=False, slots=True)
class Work:
    """Files and what is known of them. `changed` guards and tells every change."""

    id: str
    folder: Path
    """Where files that are sent are put; of a path on this machine, the place of made files."""
    path: Path | None = None
    """What is checked: a path on this machine, which is read where it is. `None`: the files that were sent."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    marking: threading.Lock = field(default_factory=threading.Lock)
    """Held by whoever makes marked workbooks, or packs them."""
    marked: int = 0
    """How often they were made."""
    state: str = "empty"
    """empty · ready · waiting · checking · done · failed · stopped"""
    version: int = 0
    progress: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    outcome: Outcome | None = None
    stopping: bool = False
    size: int = 0
    count: int = 0
    left: int = 0
    """Files that were sent and are not kept."""
    renamed: list[str] = field(default_factory=list)

    @property
    def sent(self) -> Path:
        """Where files go that are sent."""
        return self.folder / LOOSE

    @property
    def target(self) -> Path:
        """What is checked: the path, the one folder or file that was sent, else all of them."""
        if self.path is not None:
            return self.path
        inside = sorted(self.sent.iterdir()) if self.sent.is_dir() else []
        return inside[0] if len(inside) == 1 and (inside[0].is_dir() or inside[0].name not in ENTRIES) else self.sent

    def tell(self, **news: Any) -> None:
        """Change what is known, and wake those who wait for it."""
        with self.changed:
            for name, value in news.items():
                setattr(self, name, value)
            self.version += 1
            self.changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Until something is new, or so long."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > seen, seconds)


def check(work: Work, language: str, turn: threading.Lock) -> None:
    """Check the files of a work; runs in a thread of its own. One at a time: `turn` is taken by whoever checks."""
    told = False
    try:
        with _taken(turn, work):
            work.tell(state="checking")
            report = validate(work.target, language=language, jobs=1, progress=_teller(work))
            if work.path is None and not report.datasets:
                # The report would name our own temporary folder, and advise commands on it.
                raise ReadError("ui-no-dataset")
            ended = time.time()
            page = "".join(write(report, "html", language))
            outcome = Outcome(report, page, language, secrets.token_urlsafe(24), ended)
        work.tell(state="done", outcome=outcome, progress={}, stopping=False)
        told = True
    except Stopped:
        work.tell(state="stopped", progress={}, stopping=False)
        told = True
    except GovdataError as error:
        work.tell(state="failed", error=error_text(error, language), stopping=False)
        told = True
    except OSError as error:
        work.tell(state="failed", error=io_text(error, Path(error.filename or "").name, language), stopping=False)
        told = True
    except MemoryError:
        work.tell(state="failed", error=word("error.memory", language), stopping=False)
        told = True
    finally:
        if not told:
            # A bug of ours: the trace goes where the program was started, the page gets a sentence.
            work.tell(state="failed", error=word("ui.bug", language), stopping=False)


@contextlib.contextmanager
def _taken(turn: threading.Lock, work: Work) -> Iterator[None]:
    """It is this work's turn; who stops does not wait for it."""
    while not turn.acquire(timeout=_TICK):
        if work.stopping:
            raise Stopped
    try:
        if work.stopping:
            raise Stopped
        yield
    finally:
        turn.release()


def _teller(work: Work) -> Any:
    last = [0.0]

    def tell(number: int, name: str, rows: int) -> None:
        if work.stopping:
            raise Stopped
        now = time.monotonic()
        if now - last[0] >= _TICK:
            last[0] = now
            work.tell(progress={"number": number, "name": name, "rows": rows})

    return tell


def entry_of(work: Work, number: int) -> Path | None:
    """The entry of a dataset of the report, if it is a file that a form can edit inside what was named."""
    assert work.outcome is not None
    dataset = work.outcome.report.datasets[number]
    if dataset.entry is None or not str(dataset.entry["file"]).lower().endswith(EDITABLE):
        return None
    root = work.target if work.target.is_dir() else work.target.parent
    found = Path(dataset.folder, str(dataset.entry["file"]))
    inside = os.path.isfile(found) and not found.is_symlink() and found.resolve().is_relative_to(root.resolve())
    return found if inside else None


def summary(work: Work) -> dict[str, Any]:
    """What the page shows of a work."""
    with work.changed:
        told: dict[str, Any] = {"id": work.id, "state": work.state, "version": work.version, "progress": work.progress}
        outcome = work.outcome
        told |= {"error": work.error, "renamed": work.renamed, "count": work.count, "left": work.left, "place": str(work.path or "")}
    if outcome is not None:
        told["outcome"] = {
            "key": outcome.key,
            "language": outcome.language,
            "ended": outcome.ended,
            "verdict": tallies.verdict(outcome.report),
            "totals": dict(tallies.totals(outcome.report)),
            "unchecked": tallies.skipped_count(outcome.report),
            "datasets": [_dataset(work, number, dataset) for number, dataset in enumerate(outcome.report.datasets)],
        }
    return told


def _dataset(work: Work, number: int, dataset: DatasetReport) -> dict[str, Any]:
    return {
        "number": number,
        "name": dataset.title or dataset.id or dataset.path,
        "path": dataset.path,
        "verdict": tallies.dataset_verdict(dataset),
        "editable": entry_of(work, number) is not None,
    }
