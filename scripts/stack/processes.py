"""Starts the parts of a stack, finds their processes again, ends them.

No file remembers process numbers, which lie after a crash. A process belongs to a part if it works in the part's folder and
bears the part's program name: that finds orphans of a killed server too, and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environment import clean, say

from stack.layout import Stack, StackError, replace


@dataclass(frozen=True)
class Part:
    """One server of a stack. `depends` is a text that changes when the server must be started afresh."""

    name: str
    folder: Path
    program: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    depends: str = ""
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    leftovers: tuple[Path, ...] = ()


def processes(part: Part) -> dict[int, int]:
    """The living processes of a part: number → number of the parent."""
    found = {}
    folder = str(part.folder)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # a zombie has no working directory; one whose folder was deleted still says which it was
            if os.readlink(entry / "cwd").removesuffix(" (deleted)") != folder:
                continue
            name, _, rest = (entry / "stat").read_text(encoding="utf-8", errors="replace").partition("(")[2].rpartition(")")
            if name == part.program:
                found[int(entry.name)] = int(rest.split()[1])
        except OSError:
            continue  # it ended meanwhile
    return found


def launch(stack: Stack, part: Part) -> bool:
    """Start a part unless it runs as it should; whether it was started. What runs otherwise, or no longer answers, is ended first."""
    mark = stack.folder / "run" / f"{part.name}.launch"
    wanted = hashlib.sha256("\0".join([*part.command, *part.environment.values(), part.depends]).encode()).hexdigest()
    same = mark.exists() and mark.read_text(encoding="utf-8") == wanted
    if same and processes(part) and part.ready():
        return False
    end(part)
    for leftover in part.leftovers:
        leftover.unlink(missing_ok=True)
    port = stack.port(part.name)
    if not _free(port):
        raise StackError(
            f"端口 {port}（{part.name}）已被别的程序占用；请用 --port 另选。",
            f"Port {port} ({part.name}) is in use by something else: choose another --port.",
        )
    log = stack.log(part.name)
    log.parent.mkdir(exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        subprocess.Popen(
            part.command,
            cwd=part.folder,
            env={**surroundings(), **part.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **as_user(part.user),
        )
    replace(mark, wanted)
    return True


def surroundings() -> dict[str, str]:
    """The process environment without what would change a CKAN from outside: it reads settings from variables named CKAN_…"""
    return {name: value for name, value in clean().items() if not name.startswith("CKAN_")}


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments for `subprocess` to run as another user."""
    return {"user": name, "group": name, "extra_groups": []} if name else {}


def run_logged(stack: Stack, name: str, command: Sequence[str], *, user: str | None = None, text: str = "", attempts: int = 1) -> str:
    """Run a step to its end and give what it wrote on standard output; the rest goes to its log, which is shown where it fails."""
    log = stack.log(name)
    log.parent.mkdir(exist_ok=True)
    for attempt in range(attempts):
        time.sleep(3 * attempt)  # a registry that did not answer may do so a little later
        with log.open("wb") as output:
            done = subprocess.run(
                command,
                cwd="/",
                env=surroundings(),
                input=text.encode(),
                stdout=subprocess.PIPE,
                stderr=output,
                check=False,
                **as_user(user),
            )
            output.write(done.stdout if done.returncode else b"")
        if done.returncode == 0:
            return str(done.stdout, "utf-8")
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:]
    raise StackError("\n".join([*last, f"{name} 失败。"]), f"{name} failed: {' '.join(command)}; {log}")


def wait(stack: Stack, parts: Sequence[Part]) -> None:
    """Return when all parts answer; say why where one ended instead or takes too long."""
    deadline = time.monotonic() + stack.settings.patience
    waiting = list(parts)
    while waiting:
        waiting = [part for part in waiting if not part.ready()]
        for part in waiting:
            if not processes(part):
                raise _failure(stack, part, "启动时退出", "ended while starting")
            if time.monotonic() > deadline:
                seconds = stack.settings.patience
                raise _failure(stack, part, f"{seconds} 秒内没有应答", f"did not answer within {seconds} s (--patience)")
        if waiting:
            time.sleep(0.1)


def _failure(stack: Stack, part: Part, chinese: str, english: str) -> StackError:
    log = stack.log(part.name)
    last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:] if log.exists() else []
    return StackError("\n".join([*last, f"{part.name} {chinese}。"]), f"{part.name} {english}: {log}")


def end(part: Part, patience: float = 20) -> None:
    """End all processes of a part: the masters first, so that they end their own; who does not listen is killed."""
    found = processes(part)
    _send([number for number, parent in found.items() if parent not in found], part.stop_signal)
    if _gone(part, patience):
        return
    say(f"{part.name} 没有按时结束，强制终止。 / {part.name} did not end in {patience:.0f} s: killed.")
    _send(list(processes(part)), signal.SIGKILL)
    if not _gone(part, patience):
        raise StackError(f"{part.name} 无法终止。", f"{part.name} cannot be ended: {list(processes(part))}")


def _gone(part: Part, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while processes(part):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _send(numbers: Sequence[int], what: signal.Signals) -> None:
    for number in numbers:
        try:
            os.kill(number, what)
        except ProcessLookupError:
            continue


def _free(port: int) -> bool:
    """Whether nothing listens on a local port. A port whose old connections still linger is free: servers may take it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
