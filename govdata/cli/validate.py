"""`govdata validate`: check, report, and leave with the exit code that the design promises."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govdata.cli.options import Option
from govdata.cli.progress import Progress
from govdata.cli.streams import listed, say, show, terminal_width, wants_colour
from govdata.engines.choice import ENGINES
from govdata.errors import ReadError, SettingsError
from govdata.formats import FORMATS, write
from govdata.formats.files import format_of, write_file
from govdata.formats.tallies import is_unchanged
from govdata.messages import text as word
from govdata.values import SEVERITIES, Report

if TYPE_CHECKING:
    import click

FOUND, NOT_CHECKED = 1, 3
SUMMARY = 1 << 20
"""Bytes that the summary of one step of GitHub Actions may have."""


OPTIONS = (
    Option("--format", "choice", choices=FORMATS, default="text"),
    Option("--output", metavar="FILE", multiple=True),
    Option("--schema", "file", "FILE"),
    Option("--standard", metavar="ID"),
    Option("--fail-on", "choice", choices=tuple(reversed(SEVERITIES))),
    Option("--limit", metavar="N|all"),
    Option("--strict", "flag"),
    Option("--changed", metavar="REF"),
    Option("--baseline", "file", "FILE"),
    Option("--write-baseline", "file", "FILE"),
    Option("--jobs", "number", "N"),
    Option("--no-cache", "flag", default=False),
    Option("--engine", "choice", choices=ENGINES),
    Option("--today", "day", "YYYY-MM-DD"),
)
"""What it takes beside paths."""


def command(language: str) -> click.Command:
    """The command in a language."""
    from govdata.cli import usage

    return usage.command(language, "validate", OPTIONS, lambda **options: run(language, options))


def run(language: str, options: Mapping[str, Any]) -> int:
    """Check and report; returns the exit code."""
    from govdata.validation import validate

    folders = [Path(name) for name in options["output"] if _is_folder(name)]
    outputs = [(Path(name), format_of(name)) for name in options["output"] if not _is_folder(name)]
    _check_folders(folders)
    settings = {name: options[name] for name in ("schema", "standard", "fail_on", "strict", "engine")}
    settings |= {name: options[name] for name in ("changed", "baseline", "write_baseline")}
    settings["jobs"] = options["jobs"]
    settings["cache"] = False if options["no_cache"] else None
    settings["limit"] = _limit(options["limit"])
    settings["today"] = _date(options["today"])
    paths = _paths(options["paths"])
    with Progress(language) as progress:
        report = validate(*paths, language=language, progress=progress.show, **settings)
    _print(report, options["format"], language)
    sys.stdout.flush()
    if options["format"] == "github":
        _summarise(report, os.environ.get("GITHUB_STEP_SUMMARY", ""), language)
    for path, kind in outputs:
        write_file(report, path, language, kind)
    for path, _ in outputs:
        say(word("cli.written", language, {"path": str(path)}), err=True)
    for folder in folders:
        _mark(report, paths, folder, language)
    for line in told_of_baseline(report, language):
        say(line, err=True)
    return exit_code(report)


def _check_folders(folders: list[Path]) -> None:
    if folders:
        from govdata.marking.folder import check_folder

        for folder in folders:
            check_folder(folder)


def _is_folder(name: str) -> bool:
    """Whether an output is a folder of marked workbooks."""
    return name.endswith(("/", os.sep)) or os.path.isdir(name)


def _mark(report: Report, paths: list[Path], folder: Path, language: str) -> None:
    """Write marked workbooks, and tell where they are and what is missing in them."""
    from govdata.marking.marking import mark

    def tell(key: str, **args: object) -> None:
        say(word(f"workbook.{key}", language, args), err=True)

    marking = mark(report, *paths, folder=folder, language=language)
    for made in marking.files:
        tell("written", path=str(made.path), cells=f"{made.cells:,}", notes=f"{made.notes:,}")
        if made.kept is not None:
            tell("kept", old=made.kept.name, new=made.path.name)
        for sentence in made.said:
            tell("said", what=sentence)
    for sentence in marking.left:
        say(sentence, err=True)
    for path in marking.gone:
        tell("gone", path=str(path))
    if marking.files:
        tell("caution-terminal")
    elif not marking.left:
        tell("none")


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
    width = terminal_width() if terminal else 100
    for part in write(report, kind, language, width, terminal and wants_colour()):
        if kind == "text":
            say(part, end="")
        else:
            show(part)


def _summarise(report: Report, path: str, language: str) -> None:
    """Append the table to the summary of a job, where there is one; GitHub drops a summary whole that is larger than 1 MiB."""
    if not path:
        return
    words = "".join(write(report, "markdown", language)).encode()
    try:
        size = os.path.getsize(path) if os.path.exists(path) else 0
        if size + len(words) > SUMMARY:
            say(word("formats.summary-full", language, {"path": path}), err=True)
            return
        with open(path, "ab") as file:
            file.write((b"\n" if size else b"") + words)
    except OSError as error:
        raise ReadError("cannot-write", path=path, what=error.strerror or str(error)) from error


def told_of_baseline(report: Report, language: str) -> Iterator[str]:
    """What became of the baseline: written, smaller, or to be made smaller."""
    told = report.run.get("baseline")
    if told is None:
        return
    if "written" in told:
        yield word("adopt.begun" if told["begun"] else "adopt.written", language, {**told, "path": told["written"]})
        counts: Counter[str] = Counter()
        for dataset in report.datasets:
            counts.update({rule: count.count for rule, count in dataset.counts.items()})
        if counts.total():
            rules = [rule for rule, _ in counts.most_common()]
            yield word("adopt.not-taken", language, {"count": f"{counts.total():,}", "rules": rules[:5] + ["…"] * (len(rules) > 5)})
    elif told["resolved"]:
        yield word("adopt.resolved", language, {"count": told["resolved"], "path": told["file"]})


def exit_code(report: Report) -> int:
    """0 checked and clean, or nothing has changed, 1 findings at or above `fail_on`, 3 nothing checked or a skip under `strict`."""
    settings = report.run["settings"]
    if is_unchanged(report):
        return 0
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
