"""The parts of the stack, ended as a crash would end them, held up, and started again."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.targets.conftest import stack

ROOT = Path(__file__).parents[3]
PARTS = ("ckan", "solr", "postgresql", "redis")
"""What a fault may stop; `ckan` is the site that is published to."""


def folder() -> Path:
    """Where the stack is."""
    return Path(os.environ.get("GOVDATA_CKAN_DIR") or ROOT / ".ckan").resolve()


def kill(part: str, site: str) -> None:
    """End all processes of a part, at once."""
    for number in _processes(part, site):
        _send(number, signal.SIGKILL)


@contextmanager
def held_up(part: str, site: str) -> Iterator[None]:
    """A part that is there and does not answer."""
    numbers = _processes(part, site)
    for number in numbers:
        _send(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in numbers:
            _send(number, signal.SIGCONT)


def start() -> None:
    """Start what does not run."""
    stack("start")


def _send(number: int, what: signal.Signals) -> None:
    try:
        os.kill(number, what)
    except ProcessLookupError:
        return


def _processes(part: str, site: str) -> list[int]:
    """The processes of a part of this stack, and of no other."""
    if str(ROOT / "scripts") not in sys.path:
        sys.path.insert(0, str(ROOT / "scripts"))
    command: Any = __import__("stack.command", fromlist=["_parts"])
    processes: Any = __import__("stack.processes", fromlist=["processes"])
    layout: Any = __import__("stack.layout", fromlist=["open_stack"])
    wanted = site if part == "ckan" else part
    (found,) = [item for item in command._parts(layout.open_stack(folder(), {})) if item.name == wanted]
    return list(processes.processes(found))
