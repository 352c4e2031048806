"""`govdata standards`: the standards at hand."""

from __future__ import annotations

import click

from govdata.cli.usage import Command


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(language, "standards", callback=lambda: _run(language))


def _run(language: str) -> int:
    from govdata.explaining import standards

    click.echo(standards(language), nl=False)
    return 0
