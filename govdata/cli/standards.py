"""`govdata standards`: the standards at hand."""

from __future__ import annotations

import click

from govdata.cli.main import language_option
from govdata.messages import text as word


def command(language: str) -> click.Command:
    """The command in a language."""
    return click.Command(
        "standards", callback=lambda: _run(language), help=word("cli.standards", language), params=[language_option(language)]
    )


def _run(language: str) -> int:
    from govdata.explaining import standards

    click.echo(standards(language), nl=False)
    return 0
