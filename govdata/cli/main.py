"""The group of commands, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from govdata import __version__
from govdata.cli import usage
from govdata.errors import GovdataError
from govdata.messages import choose_language, error_text
from govdata.messages import text as word

COMMANDS = ("validate", "init", "ui", "publish", "site", "doctor", "convert", "explain", "standards", "schema", "demo", "completion")
"""Each is a module of this folder with a function `command(language) -> click.Command`."""

USAGE, IO_FAILED, BUG, INTERRUPTED = 2, 3, 70, 130


class Group(click.Group):
    """Loads a command's module when the command is asked for."""

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__(
            "govdata",
            help=word("cli.govdata", language),
            params=[usage.language_option(language)],
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"govdata.cli.{name}")
        command: click.Command = module.command(self.language)
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        usage.write_usage(self, ctx, formatter, self.language)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        usage.write_options(self, ctx, formatter, self.language)
        with formatter.section(word("cli.heading-commands", self.language)):
            formatter.write_dl([(name, word(f"cli.{name}", self.language)) for name in COMMANDS])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return usage.worded_help(super().get_help_option(ctx), self.language)


def build(language: str) -> click.Group:
    """The command line in a language."""
    told = word("cli.option-version", language)
    return click.version_option(__version__, prog_name="govdata", message="%(prog)s %(version)s", help=told)(Group(language))


def run(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit code and never raises."""
    language = choose_language(_asked_language(arguments))
    _prepare_streams()
    try:
        group = build(language)
        result = group.main(args=list(arguments), prog_name="govdata", standalone_mode=False)
        sys.stdout.flush()
        return int(result) if isinstance(result, int) else 0
    except click.exceptions.Abort:
        return _interrupted(language)
    except click.ClickException as error:
        return _usage(error, language)
    except GovdataError as error:
        click.echo(word("cli.error", language, {"message": error_text(error, language)}), err=True)
        return error.exit_code
    except BrokenPipeError:
        _drop_unwritten()
        return 0
    except KeyboardInterrupt:
        return _interrupted(language)
    except OSError as error:
        _drop_unwritten()
        args = {"what": error.strerror or str(error), "path": error.filename or ""}
        click.echo(word("cli.error", language, {"message": word("error.io", language, args)}), err=True)
        return IO_FAILED
    except MemoryError:
        click.echo(word("cli.error", language, {"message": word("error.memory", language)}), err=True)
        return IO_FAILED
    except Exception:  # noqa: BLE001 - the one handler of the program: a bug of ours is named as such, with what we need to mend it
        return _bug(language)


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
    """A console that cannot show a character shows a `?`; a signal to end is an interruption."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _terminated)


def _terminated(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _interrupted(language: str) -> int:
    click.echo(word("cli.interrupted", language), err=True)
    return INTERRUPTED


def _usage(error: click.ClickException, language: str) -> int:
    click.echo(word("cli.usage-error", language, {"message": usage.usage_text(error, language)}), err=True)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "govdata"
    click.echo(word("cli.usage-hint", language, {"command": f"{path} --help"}), err=True)
    return USAGE


def _bug(language: str) -> int:
    """Keeps the trace in a file, so that the officer sees a sentence and we get what we need."""
    import tempfile
    import traceback

    trace = traceback.format_exc()
    args = {"message": trace.strip().splitlines()[-1], "version": __version__}
    try:
        with tempfile.NamedTemporaryFile("w", prefix="govdata-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(f"govdata {__version__}\nPython {sys.version}\n{trace}")
        args["path"] = str(Path(file.name))
        click.echo(word("cli.bug", language, args), err=True)
    except OSError:
        click.echo(word("cli.bug-unsaved", language, args), err=True)
    return BUG
