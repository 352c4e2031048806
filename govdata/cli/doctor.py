"""`govdata doctor`: what a target can do, what it lacks, what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govdata.cli.streams import show, tell
from govdata.cli.usage import Command
from govdata.messages import text as word

if TYPE_CHECKING:
    from govdata.diagnosis.answers import Diagnosis

FOUND, TARGET_FAILED = 1, 4


def command(language: str) -> click.Command:
    """The command in a language."""
    return Command(
        language,
        "doctor",
        callback=lambda target, path, format: _run(language, target, path or Path(), format),
        params=[
            click.Argument(["target"]),
            click.Argument(["path"], required=False, type=click.Path(path_type=Path)),
            click.Option(["--format"], type=click.Choice(("text", "json")), default="text", help=word("cli.doctor-format", language)),
        ],
    )


def _run(language: str, target: str, path: Path, form: str) -> int:
    from govdata.diagnosis.answers import to_json
    from govdata.diagnosis.examination import diagnose
    from govdata.diagnosis.views import diagnosis_text, painted

    found = diagnose(target, path, language)
    if form == "json":
        show(json.dumps(to_json(found), ensure_ascii=False, indent=1) + "\n")
    else:
        tell(diagnosis_text(found, language), lambda line: painted(line, language))
    return exit_code(found)


def exit_code(diagnosis: Diagnosis) -> int:
    """0: nothing wrong (what is lost or unknown aside); 1: something is; 4: the target failed."""
    if diagnosis.failed:
        return TARGET_FAILED
    return FOUND if diagnosis.counts["wrong"] else 0
