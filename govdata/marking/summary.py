"""The first sheet of a marked workbook: what it is, what is wrong in it with the causes first, and links to the cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from unicodedata import east_asian_width

from govdata.classes import dataclass
from govdata.formats.characters import shortened, visible, written
from govdata.formats.groups import caused
from govdata.formats.wording import basis_of, counts, left_out, place
from govdata.marking.marks import FileReport, spot_of
from govdata.marking.sheetxml import Item, Line, Page, link_to
from govdata.marking.styles import Look
from govdata.messages import text
from govdata.values import SEVERITIES, Cause, Finding

WIDTHS = (9.0, 17.0, 18.0, 52.0, 52.0, 34.0)
"""Of the columns, in characters."""
MOST_LISTED = 20_000
"""Findings on the sheet; each has a link, of which a sheet may have three times as many."""
PER_LINE = 15.5
"""Points of a line of text."""
HEAD = ("level", "report.place", "report.field", "report.problem", "report.what-to-do", "report.clause")


@dataclass(frozen=True, slots=True)
class Run:
    """What the first sheet says of the run."""

    run: Mapping[str, object]
    version: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What marking a file came to."""

    cells: int
    """Coloured."""
    notes: int
    """Comments."""
    said: tuple[str, ...] = ()
    """What could not be kept, written or shown: sentences."""
    sheets: Mapping[str, str] | None = None
    """Name of a sheet as the report has it → name in this workbook. None of its cells can be linked to where it is not here."""
    hidden: frozenset[str] = frozenset()
    """Sheets that are not shown, to which no link leads."""
    rows_each: int = 0
    """Rows after which the values go on upon the next sheet, whose names then are `pages`."""
    pages: tuple[str, ...] = ()
    is_source: bool = True
    """It is the officer's own workbook, in which the data can be mended."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the first sheet tells, and in which look each of its cells is shown."""

    report: FileReport
    outcome: Outcome
    styles: Mapping[Look, int]
    run: Run

    def say(self, key: str, **args: object) -> str:
        """A text in the run's language; without an area it is one of the workbook's."""
        return text(key if "." in key else f"workbook.{key}", self.report.language, args)

    def item(self, shown: str, look: Look, target: str = "") -> Item:
        """A cell of the sheet."""
        return Item(written(shown), self.styles[look], target)


def summary_page(told: Told) -> Page:
    """Give the first sheet."""
    lines = [*_top(told), *_causes(told), *_findings(told)]
    return Page(WIDTHS, lines, selected=True)


def _top(told: Told) -> Iterator[Line]:
    report, outcome = told.report, told.outcome
    yield _sentence(told, told.say("title", file=visible(report.file)), "title", 24)
    yield _sentence(told, told.say("caution"), "caution")
    name = report.dataset.title or report.dataset.id or report.dataset.path
    date = str(told.run.run.get("today", ""))
    yield _sentence(told, told.say("run", dataset=shortened(name, 120), date=date, version=told.run.version), "line")
    found: dict[str, int] = {name: sum(finding.severity == name for finding in report.findings) for name in reversed(SEVERITIES)}
    yield _sentence(told, " · ".join(counts(found, False, report.language)), "heading")
    marked = told.say("marked", cells=f"{outcome.cells:,}", notes=f"{outcome.notes:,}") if outcome.cells else told.say("marked-none")
    yield _sentence(told, marked, "line")
    yield _sentence(told, told.say("mend-here") if outcome.is_source else told.say("mend-source", file=visible(report.file)), "line")
    files = {report.file, *(resource.file for resource in report.dataset.resources)}
    others = sum(finding.file not in files for finding in report.dataset.findings)
    if others:
        yield _sentence(told, told.say("entry-too", count=others), "line")
    yield Line([told.item(told.say("legend"), "heading"), *(told.item(told.say(f"report.{name}"), name) for name in reversed(SEVERITIES))])
    said = [*outcome.said, *_unlisted(told)]
    if said:
        yield Line(())
        yield _sentence(told, told.say("losses"), "heading")
        for sentence in said:
            yield _sentence(told, sentence, "line")


def _unlisted(told: Told) -> Iterator[str]:
    """What the report knows of and does not list, and so cannot be marked."""
    here = {finding.rule for finding in told.report.findings}
    short = left_out(told.report.dataset, told.report.language, here)
    yield from short
    if short:
        yield told.say("report.unlisted-hint")
    if told.report.dataset.accepted:
        yield told.say("report.accepted", count=len(told.report.dataset.accepted))


def _causes(told: Told) -> Iterator[Line]:
    found = [(cause, made) for cause, made in caused(told.report.dataset) if cause.id.startswith(f"{told.report.file}#")]
    if not found:
        return
    yield Line(())
    yield _sentence(told, told.say("report.causes"), "heading")
    head = ("report.cause", "report.place", "count", "report.problem", "report.what-to-do")
    yield Line([told.item(told.say(key), "head") for key in head])
    for number, (cause, made) in enumerate(found, 1):
        yield _cause(told, cause, made, number)


def _cause(told: Told, cause: Cause, made: Sequence[Finding], number: int) -> Line:
    first, target = _place(told, made[0]) if made else (cause.first, "")
    items = [
        told.item(str(number), "text"),
        told.item(first, "link" if target else "text", target),
        told.item(f"{cause.count:,}", "text"),
        told.item(shortened(cause.message, 2000), "text"),
        told.item(shortened(cause.help, 2000), "text"),
    ]
    return _row(items)


def _findings(told: Told) -> Iterator[Line]:
    ordered = sorted(told.report.findings, key=lambda finding: -SEVERITIES.index(finding.severity))
    yield Line(())
    yield _sentence(told, told.say("report.problem"), "heading")
    yield Line([told.item(told.say(key), "head") for key in HEAD])
    for finding in ordered[:MOST_LISTED]:
        yield _finding(told, finding)
    if len(ordered) > MOST_LISTED:
        yield _sentence(told, told.say("rest", count=f"{MOST_LISTED:,}"), "line")


def _finding(told: Told, finding: Finding) -> Line:
    where, target = _place(told, finding)
    items = [
        told.item(told.say(f"report.{finding.severity}"), finding.severity),
        told.item(where, "link" if target else "text", target),
        told.item(shortened(finding.field, 200), "text"),
        told.item(shortened(finding.message, 2000), "text"),
        told.item(shortened(finding.help, 2000), "text"),
        told.item(shortened(basis_of(finding.source, told.report.language), 500), "text"),
    ]
    return _row(items)


def _place(told: Told, finding: Finding) -> tuple[str, str]:
    """How a place is called, and the target of a link to it; no target where there is no such cell."""
    outcome = told.outcome
    shown = place(finding, told.report.language) or told.say("report.whole")
    several = len(outcome.sheets or ()) > 1
    if finding.sheet and several:
        shown = f"{visible(finding.sheet)} {shown}"
    spot, sheet = spot_of(finding), (outcome.sheets or {}).get(finding.sheet, "")
    if not spot or not sheet:
        return shown, ""
    row, column = spot
    if outcome.rows_each:
        page, row = divmod(row - 1, outcome.rows_each)
        sheet, row = (outcome.pages[page] if page < len(outcome.pages) else ""), row + 1
    if finding.sheet in outcome.hidden:
        return told.say("hidden-sheet", place=shown), ""
    return shown, link_to(sheet, row, column) if sheet else ""


def _sentence(told: Told, shown: str, look: Look, height: float = 0) -> Line:
    """A text over the whole width. Spreadsheets fit no height to merged cells, so it is reckoned here."""
    wide = sum(WIDTHS) * 0.95
    lines = max(1, -(-_width(shown) // int(wide)))
    return Line([told.item(shown, look)], merged=len(WIDTHS), height=height or lines * PER_LINE + 2)


def _row(items: Sequence[Item]) -> Line:
    """A row of a table, as high as its longest text needs."""
    needed = max(-(-_width(item.text) // max(int(wide * 0.92), 1)) for item, wide in zip(items, WIDTHS, strict=False))
    return Line(items, height=min(max(needed, 1) * PER_LINE + 3, 409))


def _width(shown: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in shown)
