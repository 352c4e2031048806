"""Standard input and output beyond the console's own encoding: what programs read is UTF-8, a list of files may come from anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
"""How a list begins that was written by Windows PowerShell or an editor → its encoding."""


def say(text: str, err: bool = False, end: str = "\n") -> None:
    """Print a text, on the side without what others wrote into it for a terminal.

    Of UTF-8 that goes into a file or a pipe nothing needs click, which knows terminals and is slow to load.
    """
    stream = sys.stderr if err else sys.stdout
    text = "\n".join(map(harmless, text.split("\n"))) if err else text
    encoding = (getattr(stream, "encoding", "") or "").lower()
    if encoding in ("utf-8", "utf8") and not stream.isatty() and "\x1b" not in text:
        stream.write(text + end)
        stream.flush()
        return
    import click

    click.echo(text + end, nl=False, err=err)


def harmless(line: str) -> str:
    """A line that cannot move the cursor, colour the screen or turn the direction of writing."""
    return line if line.isprintable() else "".join(sign if sign.isprintable() else "�" for sign in line)


def show(part: str) -> None:
    """Print text that is meant for programs (JSON and the like): UTF-8, unless it goes to a terminal, which has its own encoding."""
    if sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):  # a program that calls us in its own process may have put a text there
        say(part, end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(part.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()


Style = Callable[[str], tuple[str, int]]
"""Gives for a line an ANSI style, and how many of its first characters have it."""


def tell(lines: Iterable[str], style: Style = lambda line: ("", 0), err: bool = False) -> None:
    """Print lines for people. On a terminal they are wrapped, the rest of a line below its text, and their beginnings coloured.

    What others wrote cannot move the cursor or colour the screen.
    """
    import click

    stream = sys.stderr if err else sys.stdout
    terminal = stream.isatty()
    width, colour = (terminal_width(), wants_colour()) if terminal else (0, False)
    for line in lines:
        shown = harmless(line)
        code, length = style(shown) if colour else ("", 0)
        for number, part in enumerate(_wrapped(shown, width) if terminal else (shown,)):
            painted = f"\x1b[{code}m{part[:length]}\x1b[0m{part[length:]}" if code and not number else part
            click.echo(painted, err=err, color=terminal or None)
    stream.flush()


def _wrapped(line: str, width: int) -> Iterator[str]:
    """A line as the terminal can hold it: what does not fit stands below its words, behind a sign that it begins with."""
    from govdata.formats.characters import wrapped

    words = line.lstrip(" ")
    indent = len(line) - len(words)
    hang = 2 if not indent or words[1:2] == " " else 0
    for number, part in enumerate(wrapped(words, width - indent - hang) if words else ("",)):
        yield " " * (indent + (hang if number else 0)) + part


def terminal_width() -> int:
    """Columns of the terminal."""
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def wants_colour() -> bool:
    """Whether a terminal is to be coloured (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


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
