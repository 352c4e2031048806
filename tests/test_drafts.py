"""Golden drafts: `tests/drafts/<case>/case.yaml` holds data files, `expected.yaml` the draft of them and what is told beside it.

Every draft is checked as an officer would: only what is marked, and what was said of the data itself, may be found.
`expected.yaml` is rewritten by `pytest tests/test_drafts.py --update`; review the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.drafting.drafting import Draft, draft
from govdata.drafting.views import draft_text
from govdata.validation import validate
from govdata.values import Finding
from tests.test_rules import file_bytes

DATA = Path(__file__).parent / "drafts"
TODAY = date(2026, 1, 31)


@pytest.mark.parametrize("case", sorted(path.name for path in DATA.iterdir() if path.is_dir()))
def test_draft(case: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    declared = content.load_file(DATA / case / "case.yaml")
    folder = tmp_path / "数据"
    for name, body in declared["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file_bytes(body))
    language = str(declared.get("language", "zh-CN"))
    path = DATA / case / "expected.yaml"
    at = folder / declared.get("path", ".")
    done = make(at, language, declared)
    told = "".join(f"#> {line}\n" for line in draft_text(done, language))
    if request.config.getoption("--update"):
        path.write_text(done.text + told, encoding="utf-8")
    assert (done.text + told) == path.read_text(encoding="utf-8")
    for engine in ("plain", "columns"):
        assert make(at, language, {**declared, "engine": engine}).text == done.text, engine
    if done.text:
        (done.folder / "entry.yaml").write_text(done.text, encoding="utf-8")
        assert list(surprises(done, declared)) == []


def make(path: Path, language: str, declared: Mapping[str, Any]) -> Draft:
    """The draft of a case."""
    options = {name: declared[name] for name in ("standard", "engine") if name in declared}
    return draft(path, language=language, today=TODAY, **options)


def surprises(done: Draft, declared: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None]]:
    """What checking a draft finds that was neither marked nor told of the data nor is declared in the case."""
    marked = {mark.line for mark in done.marks}
    told = {note.rule for note in done.notes} | set(declared.get("found", ()))
    report = validate(done.folder, today=TODAY, **({"standard": declared["standard"]} if "standard" in declared else {}))
    for finding in findings(report.datasets):
        if not (finding.file == "entry.yaml" and finding.line in marked) and finding.rule not in told:
            yield finding.rule, finding.message, finding.line
    assert {finding.line for finding in findings(report.datasets) if finding.rule == "entry/placeholder"} == marked


def findings(datasets: Any) -> Iterator[Finding]:
    """All findings of a report's datasets."""
    for dataset in datasets:
        yield from dataset.findings


def test_expected_findings_are_found() -> None:
    """A case that allows findings about its data must not allow more than it names."""
    for path in DATA.glob("*/case.yaml"):
        assert len(content.load_file(path).get("found", ())) <= 4, path
