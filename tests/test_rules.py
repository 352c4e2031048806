"""Every rule's own examples, run through the real path: what should pass passes, what should fail is found."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.checks.context import CheckContext
from govdata.checks.entry import check_entry
from govdata.publishing.selection import select
from govdata.settings import Settings, read_settings
from govdata.standards import Library, Standard, read_library
from govdata.validation import validate
from govdata.values import Entry, Report
from tests.builders import build_database, build_workbook

FOLDER = content.root() / "validators"
TODAY = date(2026, 1, 31)


def examples() -> Iterator[Any]:
    for name, rule in content.load_folder(FOLDER).items():
        for kind in ("pass", "fail"):
            for number, example in enumerate(rule["examples"][kind]):
                if isinstance(example, Mapping) and "not_run" in example:
                    continue
                yield pytest.param(rule, example, kind == "fail", id=f"{name}-{kind}-{number}")


@pytest.mark.parametrize(("rule", "example", "fails"), list(examples()))
def test_example(rule: Mapping[str, Any], example: Any, fails: bool, tmp_path: Path) -> None:
    assert found(rule, example, tmp_path) is fails


def found(rule: Mapping[str, Any], example: Any, folder: Path) -> bool:
    """Whether the rule is broken by the example."""
    if isinstance(example, Mapping) and {"zone", "files"} <= set(example):
        return rule["id"] in told_by_the_gate(folder, example)
    if isinstance(example, Mapping) and "files" in example:
        report = validate_files(folder, example, standard_of(rule["id"]))
        return rule["id"] in {name for dataset in report.datasets for name in dataset.counts} | {item.rule for item in report.findings}
    if rule["applies_to"] == "cell":
        context = CheckContext(Settings(today=TODAY), library().standard("core"))
        kind = next(item for item in context.semantic_types.values() if item.rule == rule["id"])
        return kind.check(str(example)) is not None
    context = CheckContext(Settings(today=TODAY), alone(rule["id"]))
    return any(finding.rule == rule["id"] for finding in check_entry(Entry("entry.yaml", example, example), context))


def validate_files(folder: Path, example: Mapping[str, Any], standard: str) -> Report:
    """The report on a folder with the files of an example."""
    lay_out(folder, example)
    today = date.fromisoformat(example.get("today", TODAY.isoformat()))
    named = example.get("path")
    return validate(folder / named if named else folder, standard=standard, today=today)


def told_by_the_gate(folder: Path, example: Mapping[str, Any]) -> set[str]:
    """The rules that stop the one dataset of an example on its way into a network, or are noted."""
    lay_out(folder, example)
    settings = read_settings(folder, {"today": TODAY, "standard": "core"})
    (candidate,) = select(folder, settings, example["zone"]).candidates
    return {reason.rule for reason in (*candidate.decision.reasons, *candidate.decision.notes)}


def lay_out(folder: Path, example: Mapping[str, Any]) -> None:
    """Write the files of an example."""
    for name, body in example["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file_bytes(body))


def file_bytes(body: Any) -> bytes:
    """The bytes that an example declares: text, text in an encoding, hex, a workbook or a database."""
    if isinstance(body, str):
        return body.encode()
    if "hex" in body:
        return bytes.fromhex(body["hex"])
    if "workbook" in body:
        return build_workbook(body["workbook"])
    if "database" in body:
        return build_database(body["database"])
    return str(body["text"]).encode(body.get("encoding", "utf-8")) * int(body.get("repeat", 1))


@functools.cache
def library() -> Library:
    return read_library()


@functools.cache
def standard_of(rule: str) -> str:
    """The first standard, from the roots down, that has the rule in force."""
    order = sorted(library().layers, key=lambda name: len(library().standard(name).layers))
    return next(name for name in order if rule in library().standard(name).rules)


@functools.cache
def alone(rule: str) -> Standard:
    """A standard of one rule, so that an example need not satisfy all others."""
    whole = library().standard(standard_of(rule))
    kept = {name: found for name, found in whole.rules.items() if name == rule or "predicate" in found.check}
    return Standard(whole.id, whole.layers, kept, whole.codes, ())
