"""`govdata explain ID`: what a rule, code list or standard says and where it comes from."""

from __future__ import annotations

import click

from govdata.cli.usage import Command


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(
        language,
        "explain",
        callback=lambda id: _run(id, language),
        params=[click.Argument(["id"])],
    )


def _run(identifier: str, language: str) -> int:
    from govdata.explaining import explain

    click.echo(explain(identifier, language), nl=False)
    return 0
