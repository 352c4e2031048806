"""What is marked where: the findings of one file as coloured cells and comments, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from govdata.classes import dataclass, replace
from govdata.formats.characters import shortened, written
from govdata.formats.wording import basis_of
from govdata.messages import text
from govdata.reading.workbooks.sheets import MOST_COLUMNS, MOST_ROWS, place
from govdata.values import SEVERITIES, DatasetReport, Finding, Severity

MOST_NOTES = 1000
"""Comments on a sheet; more make it slow to open and hard to read."""
MOST_TEXT = 1500
"""Characters of a comment that say one thing; several findings of a cell stand below each other."""
MOST_OF_A_CELL = 8


@dataclass(frozen=True, slots=True)
class Marks:
    """The cells of one sheet of which something is to be said."""

    colours: Mapping[int, Mapping[int, Severity]]
    """Row → column → the gravest thing that is wrong there."""
    notes: Mapping[tuple[int, int], str]
    """Row and column → the comment. At most `MOST_NOTES`, the gravest first."""

    @property
    def count(self) -> int:
        """Coloured cells."""
        return sum(map(len, self.colours.values()))


@dataclass(frozen=True, slots=True)
class FileReport:
    """What the report of a dataset says of one of its files."""

    dataset: DatasetReport
    file: str
    findings: tuple[Finding, ...]
    language: str


def report_of_file(dataset: DatasetReport, file: str, language: str) -> FileReport:
    """Give the part of a dataset's report that is about a file; where a cause is known, its way out stands at each of its findings."""
    ways = {cause.id: cause.help for cause in dataset.causes if cause.help}
    found = (replace(item, help=ways.get(item.cause, item.help)) for item in dataset.findings if item.file == file)
    return FileReport(dataset, file, tuple(found), language)


def spot_of(finding: Finding) -> tuple[int, int] | None:
    """Give the cell in which a finding is shown: its own, else the first one of its row; `None` where it has no row."""
    row, column = place(finding.cell) if finding.cell else (finding.row or 0, finding.column or 1)
    return (row, column) if row > 0 and 0 < column <= MOST_COLUMNS else None


def marks_of(findings: Iterable[Finding], language: str, before: int = 0) -> Marks:
    """Give what is marked in a sheet. `before`: rows that stand on sheets before it, where the rows of a table need several."""
    found: dict[tuple[int, int], list[Finding]] = {}
    for finding in findings:
        row, column = spot_of(finding) or (0, 0)
        if 0 < row - before <= MOST_ROWS:
            found.setdefault((row - before, column), []).append(finding)
    colours: dict[int, dict[int, Severity]] = {}
    for (row, column), some in found.items():
        colours.setdefault(row, {})[column] = _gravest(some)
    order = sorted(found, key=lambda spot: -SEVERITIES.index(colours[spot[0]][spot[1]]))
    return Marks(colours, {spot: note_text(found[spot], language) for spot in sorted(order[:MOST_NOTES])})


def note_text(findings: Sequence[Finding], language: str) -> str:
    """Give what a comment says: how grave, what is wrong, how to mend it, and the clause."""
    ordered = sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))
    parts = [_one(finding, language) for finding in ordered[:MOST_OF_A_CELL]]
    if len(ordered) > MOST_OF_A_CELL:
        parts.append(text("workbook.note-more", language, {"count": len(ordered) - MOST_OF_A_CELL}))
    return "\n\n".join(dict.fromkeys(parts))


def _one(finding: Finding, language: str) -> str:
    level = text(f"report.{finding.severity}", language)
    lines = [text("workbook.note-level", language, {"level": level, "message": shortened(finding.message, MOST_TEXT)})]
    if finding.help:
        lines.append(text("workbook.note-help", language, {"help": shortened(finding.help, MOST_TEXT)}))
    if basis := written(basis_of(finding.source, language)):
        lines.append(text("workbook.note-basis", language, {"basis": shortened(basis, MOST_TEXT)}))
    return "\n".join(lines)


def _gravest(findings: Sequence[Finding]) -> Severity:
    return max((finding.severity for finding in findings), key=SEVERITIES.index)
