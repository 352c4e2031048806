"""`govdata init`: a draft of an entry from data files, and what is to be filled in by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from govdata.cli.progress import Progress
from govdata.cli.streams import tell
from govdata.cli.usage import Command
from govdata.messages import text as word

FOUND = 1
ENGINES = ("auto", "plain", "columns")


def command(language: str) -> click.Command:
    """The command in a language."""

    def option(*names: str, **more: Any) -> click.Option:
        return click.Option(list(names), help=word(f"cli.init-{names[0].lstrip('-')}", language), **more)

    return Command(
        language,
        "init",
        callback=lambda **options: _run(language, options),
        params=[
            click.Argument(["files"], nargs=-1, required=True),
            option("--output", "--to", "output", metavar="FILE|-"),
            option("--standard", metavar="ID"),
            option("--engine", type=click.Choice(ENGINES)),
        ],
    )


def _run(language: str, options: dict[str, Any]) -> int:
    from govdata.drafting.drafting import default_output, draft
    from govdata.drafting.views import draft_text

    files = [Path(name) for name in options["files"]]
    beside = options["output"] == "-"
    output = None if beside else Path(options["output"]) if options["output"] else default_output(files)
    given = {name: options[name] for name in ("standard", "engine") if options[name] is not None}
    with Progress(language) as progress:
        done = draft(*files, output=output, progress=lambda number, name: progress.show(number, name, 0), language=language, **given)
    if beside and done.text:
        # The draft goes alone to standard output, so that it can be piped.
        click.echo(done.text.encode("utf-8"), nl=False)
    tell(draft_text(done, language), err=True)
    return FOUND if done.unread else 0
