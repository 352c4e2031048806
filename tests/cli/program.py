"""The program as a user runs it: in a process of its own, with what it printed and what it left behind."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TODAY = "2026-01-31"
SCHEMA = '{"fields": [{"name": "编号"}, {"name": "数", "type": "integer"}]}'
TABLE = "编号,数\nP001,1\nP002,2\n"


def command(*arguments: str | Path) -> list[str]:
    """The command line of `govdata …` under this Python."""
    return [sys.executable, "-m", "govdata", *(str(argument) for argument in arguments)]


def environment(**more: str) -> dict[str, str]:
    """The environment of the program: this tree, no settings of the developer's own, nothing written into the tree."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR", "SYSTEMROOT"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", **more}


def run(*arguments: str | Path, env: Mapping[str, str] | None = None, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """`govdata …` to its end; a trace on either stream fails the test."""
    done = subprocess.run(
        command(*arguments), env=environment(**(env or {})), stdout=more.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE, timeout=more.pop("timeout", 120), check=False, **more,
    )  # fmt: skip
    assert b"Traceback" not in (done.stdout or b"") + done.stderr, done.stderr.decode(errors="replace")
    assert done.returncode != 70, done.stderr.decode(errors="replace")
    return done


def check(path: Path | str, *arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[bytes]:
    """`govdata validate` of a path on the day of the tests."""
    return run("validate", path, "--today", TODAY, *arguments, **more)


def without_override() -> None:
    """Let a process that root starts obey file permissions: drops CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH for what is executed next."""
    drop, override, read_search = 24, 1, 2
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (override, read_search):
            if libc.prctl(drop, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


def limited(kind: int, size: int) -> Callable[[], None]:
    """For `preexec_fn`: a resource limit of the process, in bytes."""
    import resource

    return lambda: resource.setrlimit(kind, (size, size))


def listing(folder: Path) -> list[str]:
    """Everything below a folder, to see that nothing was left behind."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
