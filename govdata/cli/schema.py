"""`govdata schema`: the entry's JSON Schema for editors, with the code lists of the standard in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from govdata.cli.usage import Command
from govdata.messages import text as word


def command(language: str) -> click.Command:
    """The command in a language."""

    def option(name: str, **more: Any) -> click.Option:
        return click.Option([name], help=word(f"cli.schema-{name.lstrip('-')}", language), **more)

    return Command(
        language,
        "schema",
        callback=lambda **options: _run(language, options),
        params=[
            option("--output", type=click.Path(path_type=Path), metavar="FILE"),
            option("--standard", metavar="ID"),
        ],
    )


def _run(language: str, options: dict[str, Any]) -> int:
    from govdata.editors import editor_schema, written
    from govdata.writing import writing_file

    body = written(editor_schema(options["standard"])).encode()
    if options["output"] is None:
        # Bytes, not text: a console's own encoding would lose the Chinese of it.
        sys.stdout.buffer.write(body)
        return 0
    with writing_file(options["output"], force=True) as file:
        file.write(body)
    click.echo(word("cli.schema-written", language, {"path": str(options["output"])}), err=True)
    return 0
