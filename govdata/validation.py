"""The main job: what the user named is found, read and checked; the outcome is a report."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from govdata.checks.context import Common
from govdata.classes import replace
from govdata.engines.beside import Copies
from govdata.errors import ReadError
from govdata.pieces import Taker
from govdata.reading.datasets import find_directories, is_table, outside
from govdata.reading.paths import visible
from govdata.reporting import say
from govdata.runs import Progress, Run
from govdata.settings import Settings, find_root, read_settings
from govdata.standards import read_library
from govdata.values import Dataset, DatasetReport, Report, Skipped


def validate(*paths: str | Path, progress: Progress | None = None, **options: Any) -> Report:
    """Check datasets and give the report; without a path, the current folder.

    `options` are the fields of `Settings` (language, standard, fail_on, limit, strict, today, schema …); what is not given
    comes from the nearest `govdata.toml`. What is wrong with the data is in the report. Raises `GovdataError`: `ReadError`
    where a named path cannot be opened, `SettingsError` where options, `govdata.toml` or the user's own rules are refused.
    """
    named = [Path(path) for path in paths] or [Path()]
    shown = ", ".join(str(path) for path in named)
    runs: dict[Path | None, Run] = {}
    reports = []
    skipped: list[Skipped] = []
    with closing(Copies()) as copies:
        for path in named:
            aside: list[Path] = []
            for part in find_directories(path, aside):
                root = find_root(part)
                if root not in runs:
                    settings = read_settings(root, options)
                    runs[root] = _begun(
                        settings, progress, named[0], next(iter(runs.values()), None), named=shown, common=Common(copies=copies)
                    )
                found = runs[root].check(part)
                prefix = "" if part == path else part.relative_to(path).as_posix() + "/"
                reports += [replace(report, path=prefix + report.path) for report in found]
            contents = [run.settings.content for run in runs.values() if run.settings.content is not None]
            skipped += [Skipped(visible(folder.relative_to(path).as_posix()) + "/", "no-entry") for folder in outside(aside, contents)]
    first, *others = runs.values()
    if first.settings.schema is not None and not any(map(is_table, named)):
        skipped.append(Skipped(str(first.settings.schema), "schema-unused"))
    said = [finding for run in runs.values() for finding in run.accepting.findings(run.whole)]
    for run in others:
        first.used.update((name, standard) for name, standard in run.used.items() if name not in first.used)
        first.partial = first.partial or run.partial
        first.since.update(run.since)
        first.base = first.base or run.base
    report = first.report(reports, named, said)
    # Where no dataset was found at all, the report says so.
    told = [say(item, first.settings.language) for item in skipped] if reports or report.valid else []
    return replace(report, skipped=(*report.skipped, *told))


def examine(path: Path, settings: Settings, progress: Progress | None = None) -> tuple[Report, tuple[tuple[Dataset, DatasetReport], ...]]:
    """The report on one directory, folder, entry or file of entries, and every dataset of it with its own part of the report.

    The datasets come in the order of the directory; those of directories inside it (with a `govdata.toml` of their own) do not.
    Of a file of entries each record has a part of its own. Raises as `validate` does.
    """
    with closing(Copies()) as copies:
        run = _begun(settings, progress, path, named=str(path), each=True, common=Common(copies=copies))
        report = run.report(run.check(path), [path], run.accepting.findings(run.whole))
    return report, tuple(zip(run.checked, report.datasets, strict=True))


def examine_each(path: Path, settings: Settings, progress: Progress | None, taker: Taker) -> list[Any]:
    """What a taker gives for each dataset that `examine` would give, in that order. Raises as it does."""
    with closing(Copies()) as copies:
        run = _begun(settings, progress, path, named=str(path), each=True, taker=taker, common=Common(copies=copies))
        run.check(path)
    # What it knows of neighbours leads back to it: else all that it holds would stay until Python looks for circles.
    run.near = None
    return run.taken


def _begun(settings: Settings, progress: Progress | None, path: Path, first: Run | None = None, **more: Any) -> Run:
    """A run over a directory, ready to check. `first`: the run that it shares its baseline with."""
    if settings.schema is not None and not settings.schema.is_file():
        missing = not settings.schema.exists()
        raise ReadError("no-such-path" if missing else "not-a-table-schema", path=str(settings.schema))
    run = Run(settings, read_library(settings.content), progress or (lambda number, name, rows: None), **more)
    return run.begin(first or run, path)
