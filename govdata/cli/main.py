"""The program: the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from govdata import __version__
from govdata.cli.options import read_options
from govdata.cli.streams import say
from govdata.errors import GovdataError
from govdata.messages import choose_language, error_text, io_text
from govdata.messages import text as word

MAIN = "validate"
"""The command that is called most, and for the smallest things."""

UNREAD = 1
"""Whoever reads our output went away: what was found is not known to anybody, so it is not said to be nothing. As click has it."""
IO_FAILED, BUG, INTERRUPTED = 3, 70, 130

PANIC = "PanicException"
"""What packages written in Rust raise in place of an `Exception`, as of a bug."""
NO_MEMORY = ("failed to map segment", "annot allocate memory", "can't start new thread", "failed to spawn", "memory allocation")
"""What the loader and compiled packages say where Python would raise MemoryError."""


def run(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit code and never raises."""
    language = choose_language(_asked_language(arguments))
    _prepare_streams()
    try:
        code = _code(arguments, language)
        sys.stdout.flush()
        return code
    except GovdataError as error:
        _tell(word("cli.error", language, {"message": error_text(error, language)}))
        return error.exit_code
    except BrokenPipeError:
        _drop_unwritten()
        return UNREAD
    except KeyboardInterrupt:
        return _interrupted(language)
    except OSError as error:
        _drop_unwritten()
        _tell(word("cli.error", language, {"message": _io_text(error, language)}))
        return IO_FAILED
    except BaseException as error:  # the one handler of the program: a bug of ours is named as such, with what we need to mend it
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise
        if isinstance(error, MemoryError) or any(sign in str(error) for sign in NO_MEMORY):
            _tell(word("cli.error", language, {"message": word("error.memory", language)}))
            return IO_FAILED
        return _bug(language)


def _code(arguments: Sequence[str], language: str) -> int:
    """What the command returns. Loading click takes longer than checking a small table: a plain call of the main command goes without."""
    if arguments and arguments[0] == MAIN:
        from govdata.cli import validate

        options = read_options(arguments[1:], validate.OPTIONS)
        if options is not None:
            return validate.run(language, options)
    from govdata.cli import group

    return group.call(arguments, language)


def _drop_unwritten() -> None:
    """What standard output cannot take any more is dropped: writing it out at the end would fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _asked_language(arguments: Sequence[str]) -> str | None:
    """`--lang` wherever it stands, before click reads it: help and errors are in that language as well."""
    for number, argument in enumerate(arguments):
        if argument == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None


def _prepare_streams() -> None:
    """A console that cannot show a character shows a `?`; a signal to end is an interruption.

    A stream that was closed before the program began is one that holds nothing, so that no file of the data gets its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  (the lowest number that is free is its own)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _terminated)


def _terminated(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _tell(sentence: str) -> None:
    """Say what went wrong; the exit code stands where nobody can be told."""
    with contextlib.suppress(OSError):
        say(sentence, err=True)


def _io_text(error: OSError, language: str) -> str:
    """What the system refused; where it is the current folder that is gone, no error names it."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return word("error.folder-gone", language)
    return io_text(error, str(error.filename or ""), language)


def _interrupted(language: str) -> int:
    _tell(word("cli.interrupted", language))
    return INTERRUPTED


def _bug(language: str) -> int:
    """Keeps the trace in a file, so that the officer sees a sentence and we get what we need."""
    import tempfile
    import traceback

    trace = traceback.format_exc()
    args = {"message": trace.strip().splitlines()[-1], "version": __version__}
    try:
        with tempfile.NamedTemporaryFile("w", prefix="govdata-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(f"govdata {__version__}\nPython {sys.version}\n{trace}")
        args["path"] = file.name
        _tell(word("cli.bug", language, args))
    except OSError:
        _tell(word("cli.bug-unsaved", language, args))
    return BUG
