"""Golden cases: `tests/data/<case>/` holds a small directory and the report that is expected of it.

`input/` is what is checked, or `case.yaml` makes it (`files:` as in the examples of rules). `case.yaml` may also hold
options (`standard`, `limit`, `today`, `path`, `schema`, `baseline`); its `about` says what the case shows.
`expected.json` is rewritten by `pytest tests/test_data.py --update`; review the difference.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.formats import FORMATS, write
from govdata.formats.json import to_mapping
from govdata.validation import validate
from govdata.values import DatasetReport, Finding, Report
from tests.test_rules import file_bytes

DATA = Path(__file__).parent / "data"
TODAY = "2026-01-31"
PLACE = ("file", "sheet", "row", "field", "cell", "key", "pointer", "line", "value", "cause")


@pytest.mark.parametrize("case", sorted(path.name for path in DATA.iterdir() if path.is_dir()))
def test_case(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    declared = content.load_file(DATA / case / "case.yaml") if (DATA / case / "case.yaml").is_file() else {}
    folder = tmp_path / "input"
    _lay_out(DATA / case, declared, folder)
    options = {name: declared[name] for name in ("standard", "limit") if name in declared}
    if "baseline" in declared:
        options["baseline"] = folder / declared["baseline"]
    if "schema" in declared:
        options["schema"] = folder / declared["schema"]
    today = date.fromisoformat(str(declared.get("today", TODAY)))
    report = validate(folder / declared.get("path", "."), today=today, language="zh-CN", **options)
    told = summary(report)
    path = DATA / case / "expected.json"
    if request.config.getoption("--update"):
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert told == json.loads(path.read_text(encoding="utf-8"))
    _shows_no_number(report, folder)
    _is_whole(report, folder)
    for engine in ("reference", "plain", "columns"):
        other = validate(folder / declared.get("path", "."), today=today, language="zh-CN", engine=engine, **options)
        assert summary(other) == told, engine


HOLE = re.compile(r"\{[a-z_]+(?::[a-z]+)?\}")


def _is_whole(report: Report, folder: Path) -> None:
    """The report fits its published schema, every text is filled in, and no path of this machine is in it."""
    import jsonschema

    whole = to_mapping(report)
    jsonschema.Draft202012Validator(content.load("schemas/report.schema.json")).validate(json.loads(json.dumps(whole)))
    assert str(folder.parent) not in json.dumps(whole["datasets"])
    for dataset in report.datasets:
        for item in (*dataset.findings, *dataset.causes, *dataset.skipped):
            assert item.message, item
            assert not HOLE.search(item.message + getattr(item, "help", "")), item


PERSONAL = re.compile(rb"(?<![0-9A-Za-z])(?:[1-6][0-9]{5}1[89][0-9]{9}[0-9X]|1[3-9][0-9]{9})(?![0-9A-Za-z])")
"""Citizen and mobile numbers as they stand in the files of the cases, in any encoding that keeps ASCII."""


def _shows_no_number(report: Report, folder: Path) -> None:
    """No personal number of the input stands anywhere in what is told of it, in any form or language."""
    numbers = {found.decode() for path in folder.rglob("*") if path.is_file() for found in PERSONAL.findall(path.read_bytes())}
    if not numbers:
        return
    for kind in FORMATS:
        for language in ("zh-CN", "en"):
            told = "".join(write(report, kind, language))
            assert not [number for number in numbers if number in told], (kind, language)


def test_there_are_enough_cases() -> None:
    """The promise of the first release, and each says in one sentence what it is about."""
    cases = [path / "case.yaml" for path in DATA.iterdir()]
    assert len(cases) >= 60
    assert all(str(content.load_file(path).get("about", "")).endswith(".") for path in cases)


def _lay_out(case: Path, declared: Mapping[str, Any], folder: Path) -> None:
    if (case / "input").is_dir():
        shutil.copytree(case / "input", folder, symlinks=True)
    folder.mkdir(exist_ok=True)
    for name, body in declared.get("files", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file_bytes(body))


def every_case(folder: Path) -> list[dict[str, Any]]:
    """Every golden case laid out in a folder: its name, the path to be checked, the options and the day."""
    found = []
    for case in sorted(path for path in DATA.iterdir() if path.is_dir()):
        declared = content.load_file(case / "case.yaml") if (case / "case.yaml").is_file() else {}
        place = folder / case.name
        _lay_out(case, declared, place)
        options = {name: declared[name] for name in ("standard", "limit") if name in declared}
        options |= {"schema": str(place / declared["schema"])} if "schema" in declared else {}
        path = str(place / declared.get("path", "."))
        found.append({"name": case.name, "path": path, "options": options, "today": str(declared.get("today", TODAY))})
    return found


def summary(report: Report) -> dict[str, Any]:
    """What a golden case pins: places, rules, severities, causes, skips and counts; not the texts."""
    return {
        "valid": report.valid,
        "findings": [_told(finding) for finding in report.findings],
        "datasets": [
            {
                "path": dataset.path,
                "valid": dataset.valid,
                "counts": {rule: count.count for rule, count in dataset.counts.items()},
                "causes": [f"{cause.id} ×{cause.count}" for cause in dataset.causes],
                "skipped": [f"{item.what}: {item.why}" for item in dataset.skipped],
                "resources": [
                    {"file": item.file, "encoding": item.encoding, "rows": item.rows, "personal": list(item.personal)}
                    for item in dataset.resources
                ],
                "findings": [_told(finding) for finding in dataset.findings],
                **_accepted(dataset),
            }
            for dataset in report.datasets
        ],
    }


def _accepted(dataset: DatasetReport) -> dict[str, Any]:
    """What is accepted, where something is."""
    if not dataset.accepted_counts:
        return {}
    return {
        "accepted_counts": {rule: count.count for rule, count in dataset.accepted_counts.items()},
        "acceptances": [[item.kind, item.rule, item.field, item.count] for item in dataset.acceptances],
        "accepted": [_told(finding) for finding in dataset.accepted],
    }


def _told(finding: Finding) -> dict[str, Any]:
    place = {name: found for name in PLACE if (found := getattr(finding, name)) not in (None, "")}
    return {"rule": finding.rule, "severity": finding.severity, "layer": finding.layer, **place}
