"""`govdata site`: the public catalog without a server, built into a folder and looked at on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from govdata.cli import publish
from govdata.cli.usage import Command, Commands
from govdata.errors import ReadError, SettingsError
from govdata.messages import text as word

FOLDER = "public"
"""Where a site goes that has no table, beside `govdata.toml`."""

FIXED = {"plan": (), "apply": None, "check": False, "yes": True, "take_over": False}
"""What `build` does not ask."""


def command(language: str) -> click.Command:
    """The command in a language."""
    return Commands(language, "site", {"build": lambda: _build(language), "serve": lambda: _serve(language)}, "cli.site-")


def _build(language: str) -> click.Command:
    return Command(
        language,
        "site-build",
        callback=lambda **options: _run_build(language, options),
        params=[
            click.Argument(["path"], required=False, type=click.Path(path_type=Path)),
            click.Option(["--to"], metavar="NAME|DIR", help=word("cli.site-to", language)),
            *publish.parameters(language, without=FIXED),
        ],
    )


def _run_build(language: str, options: dict[str, Any]) -> int:
    path, to = options.pop("path") or Path(), options.pop("to")
    return publish.run(language, {**FIXED, **options, "path": path, "target": f"site:{to}" if to else _target(path, language)})


def _target(path: Path, language: str) -> str:
    """The directory's only site, else the usual folder."""
    from govdata.publishing.selection import directory_at

    root, settings = directory_at(path, language)
    sites = [target.label for target in settings.targets if target.kind == "site"]
    if len(sites) > 1:
        raise SettingsError("several-sites", known=sites)
    return sites[0] if sites else f"site:{(root / FOLDER).as_posix()}"


def _serve(language: str) -> click.Command:
    return Command(
        language,
        "site-serve",
        callback=lambda folder, port: _run_serve(language, folder, port),
        params=[
            click.Argument(["folder"], default=FOLDER, type=click.Path(path_type=Path)),
            click.Option(["--port"], type=click.IntRange(0, 65535), default=8000, metavar="N", help=word("cli.site-port", language)),
        ],
    )


def _run_serve(language: str, folder: Path, port: int) -> int:
    from govdata.publishing.site.serving import Server

    if not os.path.isdir(folder):
        raise ReadError("no-such-path", path=str(folder))
    with Server(folder, port) as server:
        try:
            click.echo(word("cli.site-serving", language, {"folder": str(folder), "address": server.address}))
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo(word("cli.site-ended", language))
    return 0
