"""`govdata completion`: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from govdata.cli.group import build
from govdata.cli.usage import Command


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(
        language,
        "completion",
        callback=lambda shell: _run(shell, language),
        params=[click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]))],
    )


def _run(shell: str, language: str) -> int:
    found = get_completion_class(shell)
    if found is not None:
        click.echo(found(build(language), {}, "govdata", "_GOVDATA_COMPLETE").source())
    return 0
