"""The group of commands as click has it, with help and usage errors in the run's language."""

from __future__ import annotations

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
    say(word("cli.usage-error", language, {"message": usage.usage_text(error, language)}), err=True)
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "govdata"
    say(word("cli.usage-hint", language, {"command": f"{path} --help"}), err=True)
    return USAGE
