"""Standard input and output beyond the console's own encoding: what programs read is UTF-8, a list of files may come from anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""How a list begins that was written by Windows PowerShell or an editor → its encoding."""


def show(part: str) -> None:
    """Print text that is meant for programs (JSON and the like): UTF-8, unless it goes to a terminal, which has its own encoding."""
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):  # a program that calls us in its own process may have put a text there
        click.echo(part, nl=False)
    else:
        click.echo(part.encode("utf-8", "replace"), nl=False)


def listed() -> list[Path]:
    """The files named on standard input, one a line.

    The list may be in UTF-8, UTF-16 with its mark, or the encoding of a Chinese console. A name that is raw bytes here
    (POSIX) means the file of these bytes, where there is one.
    """
    written = sys.stdin.buffer.read() if hasattr(sys.stdin, "buffer") else sys.stdin.read().encode("utf-8", "surrogateescape")
    encoding = next((name for mark, name in _MARKS if written.startswith(mark)), None)
    lines = _names(written) if encoding is None else iter(written.decode(encoding, "replace").splitlines())
    return [Path(line) for line in lines if line.strip()]


def _names(written: bytes) -> Iterator[str]:
    for line in written.split(b"\n"):
        raw = line.rstrip(b"\r")
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            here = os.fsdecode(raw)
            yield here if os.path.lexists(here) else raw.decode("gb18030", "replace")
