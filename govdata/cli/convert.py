"""`govdata convert`: entries, directories and data packages to RDF, DCAT and back; catalogs made elsewhere to entries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from govdata.cli.streams import tell
from govdata.cli.usage import Command
from govdata.messages import text as word

FOUND = 1
FORMS = ("yaml", "json", "jsonl", "jsonld", "turtle", "ntriples", "rdfxml", "dcat", "dcat-turtle", "dcat-rdfxml", "datapackage")
"""As in `conversion.forms`, whose import would take longer than a help page."""


def command(language: str) -> click.Command:
    """The command in a language."""

    def option(name: str, **more: Any) -> click.Option:
        return click.Option([name], help=word(f"cli.convert-{name.lstrip('-')}", language), **more)

    return Command(
        language,
        "convert",
        callback=lambda **options: _run(language, options),
        params=[
            click.Argument(["source"], type=click.Path(path_type=Path)),
            option("--to", type=click.Choice(FORMS)),
            option("--output", metavar="FILE|FOLDER|-"),
            option("--keys", type=click.Choice(["zh-CN", "en"])),
            option("--standard", metavar="ID"),
            option("--force", is_flag=True),
        ],
    )


def _run(language: str, options: dict[str, Any]) -> int:
    from govdata.cli.validate import exit_code
    from govdata.conversion.converting import convert
    from govdata.conversion.views import conversion_text
    from govdata.formats import write

    output = None if options["output"] == "-" else options["output"]
    done = convert(
        options["source"], options["to"], output, keys=options["keys"], force=options["force"],
        language=language, standard=options["standard"],
    )  # fmt: skip
    # What was made goes alone to standard output, so that it can be piped.
    beside = done.output is None
    if beside:
        click.echo(done.text.encode(), nl=False)
    tell(conversion_text(done, language), err=beside)
    if done.report is None:
        return FOUND if done.unread else 0
    for part in write(done.report, "text", language, 100):
        click.echo(part, nl=False, err=beside)
    return FOUND if done.unread else exit_code(done.report)
