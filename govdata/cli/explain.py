"""`govdata explain ID`: what a rule, code list or standard says and where it comes from."""

from __future__ import annotations

import click

from govdata.cli.main import language_option
from govdata.messages import text as word


def command(language: str) -> click.Command:
    """The command in a language."""
    return click.Command(
        "explain",
        callback=lambda id: _run(id, language),
        help=word("cli.explain", language),
        params=[click.Argument(["id"]), language_option(language)],
    )


def _run(identifier: str, language: str) -> int:
    from govdata.explaining import explain

    click.echo(explain(identifier, language), nl=False)
    return 0
