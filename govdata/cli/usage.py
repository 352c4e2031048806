"""Help pages and usage errors in the run's language: click words them in English only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from govdata.cli.options import LANGUAGE, Option, day
from govdata.messages import has
from govdata.messages import text as word


class Day(click.DateTime):
    """A date. As it is written here it is read at once: what reads other ways to write it has to be loaded first."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = day(value) if isinstance(value, str) else None
        return super().convert(value, param, ctx) if found is None else found


class _Worded(click.Command):
    """What has a help page, which is in one language throughout."""

    language: str

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            # What the parser refuses does not know whose options they are; the hint names that command.
            error.ctx = error.ctx or ctx
            raise

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_usage(self, ctx, formatter, self.language)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter, self.language)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return worded_help(super().get_help_option(ctx), self.language)


class EmptyArgument(click.UsageError):
    """A value that is empty, as of a variable of a shell that is not set: nobody means the current folder by it."""

    def __init__(self, ctx: click.Context, before: str) -> None:
        super().__init__("empty argument", ctx)
        self.before = before if before.startswith("-") else ""


class Command(_Worded):
    """A command."""

    def __init__(self, language: str, name: str, **more: Any) -> None:
        self.language = language
        more.setdefault("help", word(f"cli.{name}", language))
        more["params"] = [*more.get("params", ()), language_option(language)]
        super().__init__(name.rpartition("-")[2], add_help_option=True, **more)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        flags = {name for param in self.params if isinstance(param, click.Option) and param.is_flag for name in param.opts}
        for before, argument in zip(["", *args], args, strict=False):
            name, equals, value = argument.partition("=")
            if not argument or (name.startswith("--") and equals and not value and name not in flags):
                raise EmptyArgument(ctx, name or ("" if before in flags else before))
        return super().parse_args(ctx, args)


class Commands(_Worded, click.Group):
    """A group of commands, of which each has a function that makes it. `keys`: what the keys of their texts begin with."""

    def __init__(self, language: str, name: str, made: Mapping[str, Callable[[], click.Command]], keys: str, **more: Any) -> None:
        self.language, self.made, self.keys = language, made, keys
        super().__init__(name, help=word(f"cli.{name}", language), params=[language_option(language)], **more)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.made)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return self.made[name]() if name in self.made else None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        with _section(formatter, word("cli.heading-commands", self.language)):
            formatter.write_dl([(name, word(f"{self.keys}{name}", self.language)) for name in self.made])


def command(language: str, name: str, options: Sequence[Option], callback: Callable[..., int]) -> Command:
    """A command that takes paths and options."""
    made = [_option(option, word(f"cli.{name}-{option.name.lstrip('-')}", language)) for option in options]
    return Command(language, name, callback=callback, params=[click.Argument(["paths"], nargs=-1), *made])


def _option(option: Option, told: str) -> click.Option:
    """An option as click has it."""
    if option.kind == "flag":
        return click.Option([option.name], is_flag=True, default=option.default, help=told)
    more: dict[str, Any] = {} if option.default is None else {"default": option.default}
    return click.Option([option.name], type=_type(option), multiple=option.multiple, metavar=option.metavar, help=told, **more)


def _type(option: Option) -> click.ParamType[Any] | None:
    if option.kind == "choice":
        return click.Choice(option.choices)
    if option.kind == "number":
        return click.IntRange(1)
    if option.kind == "file":
        return click.Path(path_type=Path)
    return Day(["%Y-%m-%d"]) if option.kind == "day" else None


def language_option(language: str) -> click.Option:
    """`--lang`, which every command takes; it was read before the command line was built."""
    choice = click.Choice(LANGUAGE.choices)
    return click.Option(["--lang"], type=choice, help=word("cli.option-lang", language), expose_value=False)


def write_usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter, language: str) -> None:
    """The usage line with its heading in the language."""
    spelled = {"[OPTIONS]": word("cli.usage-options", language), "COMMAND [ARGS]...": word("cli.usage-command", language)}
    pieces = [spelled.get(piece, piece) for piece in command.collect_usage_pieces(ctx)]
    formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=word("cli.heading-usage", language))


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter, language: str) -> None:
    """The arguments and options with their heading in the language."""
    params = command.get_params(ctx)
    arguments = [(param.make_metavar(ctx), argument_text(param, language)) for param in params if isinstance(param, click.Argument)]
    options = [record for param in params if isinstance(param, click.Option) and (record := param.get_help_record(ctx)) is not None]
    records = [*arguments, *options]
    if records:
        with _section(formatter, word("cli.heading-options", language)):
            formatter.write_dl(records)


@contextlib.contextmanager
def _section(formatter: click.HelpFormatter, heading: str) -> Iterator[None]:
    """A part of a help page under its heading; click's own puts a half-width colon behind it in every language."""
    formatter.write_paragraph()
    formatter.write(f"{heading}\n")
    with formatter.indentation():
        yield


def argument_text(argument: click.Argument, language: str) -> str:
    """What an argument of this name takes, in every command that has one; nothing where it has no text."""
    key = f"cli.argument-{argument.name}"
    return word(key, language) if has(key) else ""


def worded_help(option: click.Option | None, language: str) -> click.Option | None:
    """The help option with its text in the language."""
    if option is not None:
        option.help = word("cli.option-help", language)
    return option


def usage_text(error: click.ClickException, language: str) -> str:
    """What is wrong with the call, in the language."""
    if isinstance(error, click.NoSuchOption):
        close = list(error.possibilities or ())
        key = "cli.no-such-option-close" if close else "cli.no-such-option"
        return word(key, language, {"name": error.option_name, "close": close})
    if isinstance(error, EmptyArgument):
        return word("cli.empty-option" if error.before else "cli.empty-argument", language, {"name": error.before})
    if isinstance(error, click.MissingParameter):
        return word("cli.missing-parameter", language, {"name": _name(error)})
    if isinstance(error, click.BadParameter):
        return _bad_value(error, language)
    if isinstance(error, click.BadOptionUsage):
        key = "cli.option-value" if "requires" in error.message else "cli.option-flag"
        return word(key, language, {"name": error.option_name})
    if isinstance(error, click.UsageError) and "No such command" in error.message:
        return _no_command(error, error.message.partition("'")[2].partition("'")[0], language)
    if isinstance(error, click.UsageError) and "Missing command" in error.message:
        return word("cli.missing-command", language, {"known": _commands(error)})
    if isinstance(error, click.UsageError) and "unexpected extra" in error.message:
        return word("cli.extra-argument", language, {"what": error.message.partition("(")[2].removesuffix(")")})
    return error.format_message()


def _no_command(error: click.UsageError, name: str, language: str) -> str:
    import difflib

    if os.path.exists(name):
        return word("cli.no-such-command-path", language, {"name": name})
    close = difflib.get_close_matches(name, _commands(error), n=2)
    return word("cli.no-such-command-close" if close else "cli.no-such-command", language, {"name": name, "close": close})


def _commands(error: click.UsageError) -> list[str]:
    """The commands of the group that was called."""
    group = error.ctx.command if error.ctx is not None else None
    return group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx is not None else []


def _bad_value(error: click.BadParameter, language: str) -> str:
    """What may stand where something else does."""
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return word("cli.bad-choice", language, {"name": _name(error), "choices": list(kind.choices)})
    if isinstance(kind, click.IntRange):
        fits = f"{kind.min}–{kind.max}" if kind.max is not None else f"≥ {kind.min}"
        return word("cli.bad-number", language, {"name": _name(error), "fits": fits})
    if isinstance(kind, Day):
        return word("cli.bad-day", language, {"name": _name(error)})
    if isinstance(kind, click.Path) and not kind.dir_okay and "is a directory" in error.message:
        return word("cli.bad-file", language, {"name": _name(error)})
    return word("cli.bad-parameter", language, {"name": _name(error), "what": error.message})


def _name(error: click.BadParameter) -> str:
    if isinstance(error.param, click.Option):
        return error.param.opts[0]
    return error.param.human_readable_name.upper() if error.param is not None else str(error.param_hint or "")
