"""`govdata demo`: the shipped example directory, right and with mistakes, as a folder to try things on."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from govdata import content
from govdata.cli.usage import Command
from govdata.errors import ReadError
from govdata.messages import text as word

SHIPPED = "catalog/demo"
DEFAULT = "govdata-demo"


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(
        language,
        "demo",
        callback=lambda folder: _run(Path(folder), language),
        params=[click.Argument(["folder"], default=DEFAULT)],
    )


def _run(folder: Path, language: str) -> int:
    write_demo(folder)
    click.echo(word("cli.demo-written", language, {"path": str(folder)}))
    return 0


def write_demo(folder: Path) -> None:
    """Copy the example directory to a folder that does not exist yet: beside it first, then renamed, so that it is whole or absent."""
    if folder.exists():
        raise ReadError("exists", path=str(folder))
    beside = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(content.root() / SHIPPED, beside)
        beside.rename(folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise ReadError("cannot-write", path=str(folder), what=error.strerror or str(error)) from error
