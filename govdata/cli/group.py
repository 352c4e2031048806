"""The group of commands as click has it, with help and usage errors in the run's language."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence

import click

from govdata import __version__
from govdata.cli import usage
from govdata.cli.streams import say
from govdata.messages import text as word

COMMANDS = ("validate", "init", "ui", "publish", "site", "doctor", "convert", "explain", "standards", "schema", "demo", "completion")
"""Each is a module of this folder with a function `command(language) -> click.Command`."""

USAGE = 2


def build(language: str) -> click.Group:
    """The command line in a language."""
    made = {name: functools.partial(_load, name, language) for name in COMMANDS}
    group = usage.Commands(language, "govdata", made, "cli.", context_settings={"help_option_names": ["-h", "--help"]})
    told = word("cli.option-version", language)
    return click.version_option(__version__, prog_name="govdata", message="%(prog)s %(version)s", help=told)(group)


def _load(name: str, language: str) -> click.Command:
    """A command, whose module is loaded when it is asked for."""
    command: click.Command = importlib.import_module(f"govdata.cli.{name}").command(language)
    return command


def call(arguments: Sequence[str], language: str) -> int:
    """Run a command; returns its exit code. A wrong call is told here."""
    try:
        result = build(language).main(args=list(arguments), prog_name="govdata", standalone_mode=False)
    except click.exceptions.Abort as interrupted:
        raise KeyboardInterrupt from interrupted
    except click.ClickException as error:
        return _usage(error, language)
    return int(result) if isinstance(result, int) else 0


def _usage(error: click.ClickException, language: str) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        say(error.format_message(), err=True)
        return USAGE
    say(word("cli.usage-error", language, {"message": usage.usage_text(error, language)}), err=True)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "govdata"
    say(word("cli.usage-hint", language, {"command": f"{path} --help"}), err=True)
    return USAGE
