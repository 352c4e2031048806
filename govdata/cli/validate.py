"""`govdata validate`: check, report, and leave with the exit code that the design promises."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from govdata.cli.progress import Progress
from govdata.cli.streams import listed, show
from govdata.cli.usage import Command, Day
from govdata.engines.choice import ENGINES
from govdata.errors import ReadError, SettingsError
from govdata.formats import FORMATS, write
from govdata.formats.files import format_of, write_file
from govdata.messages import text as word
from govdata.values import SEVERITIES, Report

FOUND, NOT_CHECKED = 1, 3


def command(language: str) -> click.Command:
    """The command in a language."""

    def option(name: str, **more: Any) -> click.Option:
        return click.Option([name], help=word(f"cli.validate-{name.lstrip('-')}", language), **more)

    return Command(
        language,
        "validate",
        callback=lambda **options: _run(language, options),
        params=[
            click.Argument(["paths"], nargs=-1),
            option("--format", type=click.Choice(FORMATS), default="text"),
            option("--output", multiple=True, metavar="FILE"),
            option("--schema", type=click.Path(path_type=Path), metavar="FILE"),
            option("--standard", metavar="ID"),
            option("--fail-on", type=click.Choice(list(reversed(SEVERITIES)))),
            option("--limit", metavar="N|all"),
            option("--strict", is_flag=True, default=None),
            option("--jobs", type=click.IntRange(1), metavar="N"),
            option("--no-cache", is_flag=True),
            option("--engine", type=click.Choice(ENGINES)),
            option("--today", type=Day(["%Y-%m-%d"]), metavar="YYYY-MM-DD"),
        ],
    )


def _run(language: str, options: dict[str, Any]) -> int:
    from govdata.validation import validate

    outputs = [(Path(name), format_of(name)) for name in options["output"]]
    settings = {name: options[name] for name in ("schema", "standard", "fail_on", "strict", "engine")}
    settings["jobs"] = options["jobs"]
    settings["cache"] = False if options["no_cache"] else None
    settings["limit"] = _limit(options["limit"])
    settings["today"] = _date(options["today"])
    with Progress(language) as progress:
        report = validate(*_paths(options["paths"]), language=language, progress=progress.show, **settings)
    _print(report, options["format"], language)
    sys.stdout.flush()
    for path, kind in outputs:
        write_file(report, path, language, kind)
    for path, _ in outputs:
        click.echo(word("cli.written", language, {"path": str(path)}), err=True)
    return exit_code(report)


def _paths(named: tuple[str, ...]) -> list[Path]:
    """The named paths; the current folder where there are none; `-` is a list of files on standard input, one a line."""
    if not named:
        return [Path()]
    paths = [path for name in named for path in ([Path(name)] if name != "-" else listed())]
    if not paths:
        raise ReadError("nothing-listed")
    return paths


def _limit(value: str | None) -> int | str | None:
    if value is None or value == "all":
        return value
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise SettingsError("bad-limit", value=value)
    return int(value)


def _date(value: Any) -> date | None:
    return None if value is None else value.date()


def _print(report: Report, kind: str, language: str) -> None:
    terminal = sys.stdout.isatty()
    width = _terminal_width() if terminal else 100
    for part in write(report, kind, language, width, terminal and _wants_colour()):
        if kind == "text":
            click.echo(part, nl=False)
        else:
            show(part)


def _terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def _wants_colour() -> bool:
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def exit_code(report: Report) -> int:
    """0 checked and clean, 1 findings at or above `fail_on`, 3 nothing checked or a skip under `strict`."""
    settings = report.run["settings"]
    if not report.datasets:
        return NOT_CHECKED
    skipped = report.skipped or any(dataset.skipped for dataset in report.datasets)
    if settings.get("strict") and skipped:
        return NOT_CHECKED
    failing = SEVERITIES[SEVERITIES.index(settings["fail_on"]) :]
    found = [dataset.severities for dataset in report.datasets]
    if any(counts.get(severity) for counts in found for severity in failing):
        return FOUND
    return FOUND if any(finding.severity in failing for finding in report.findings) else 0
