"""The report as plain text for a terminal or a log: causes first, then what is wrong where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass
from govdata.formats import groups, tallies, wording
from govdata.formats.characters import GLUE, HARD_SPACE, shortened, unbroken, visible, wrapped
from govdata.formats.groups import Group, Item
from govdata.messages import text
from govdata.values import Cause, DatasetReport, Finding, Report

ITEMS = 10
"""Different messages shown of one group; the places of the rest are named."""
PLACES = 30
"""Places named of one message."""
VALUES = 5
CLEAN = 10
"""So many datasets without problems are named one by one."""
VALUE_LENGTH = 60
MESSAGE_LENGTH = 300

_STYLES = {"bold": "1", "dim": "2", "error": "1;31", "warning": "33", "note": "36", "pass": "32", "fail": "1;31", "unchecked": "33"}


@dataclass(frozen=True, slots=True)
class _Page:
    """How lines are made: language, width in columns, colour or not; and the run, for the titles of its standards."""

    language: str
    width: int
    colour: bool
    run: Mapping[str, Any]

    def say(self, key: str, **args: object) -> str:
        """A text of the report."""
        return text(f"report.{key}", self.language, args)

    def join(self, parts: Iterable[str]) -> str:
        """A list as the language writes it."""
        return self.say("separator").join(parts)

    def line(self, words: str = "", style: str = "") -> str:
        """One line, ended."""
        return (f"\x1b[{_STYLES[style]}m{words}\x1b[0m" if style and self.colour and words else words) + "\n"

    def block(self, words: str, indent: int, style: str = "", hang: int = 0) -> Iterator[str]:
        """A paragraph wrapped at the width; lines after the first are indented by `hang` more."""
        room = self.width - indent - hang
        for number, part in enumerate(wrapped(words, room if hang == 0 else max(room, 8))):
            yield " " * (indent + (hang if number else 0)) + self.line(part, style)

    def labelled(self, label: str, words: str, indent: int) -> Iterator[str]:
        """`label：words`, a paragraph for each line of the words."""
        head = f"{label}{self.say('colon')}"
        for number, paragraph in enumerate(words.splitlines() or [""]):
            yield from self.block((head if number == 0 else "") + paragraph, indent, hang=2)


def write(report: Report, language: str, width: int = 80, colour: bool = False) -> Iterator[str]:
    """The lines of the report, each with its line end, none wider than `width` columns (80, at least 40).

    Nothing in the data reaches the terminal as a command: control and direction characters are written out.
    """
    page = _Page(language, max(width, 40), colour, report.run)
    if tallies.is_unchanged(report):
        yield page.line(wording.changed(report.run, language))
        yield from _skipped(report, page)
        return
    yield from _head(report, page)
    if report.findings:
        yield from page.block(page.say("whole-directory"), 0, "bold")
        yield from _findings(report.findings, page)
        yield page.line()
    for dataset in report.datasets:
        if not tallies.is_clean(dataset):
            yield from _dataset(dataset, page)
            yield page.line()
    yield from _clean(report, page)
    yield from _skipped(report, page)
    yield from _summary(report, page)


def _head(report: Report, page: _Page) -> Iterator[str]:
    yield from page.block(f"{page.say('title')} · govdata {visible(report.govdata)}", 0, "bold")
    standards = page.join(wording.standard_names(report.run, page.language))
    key = "run-line" if standards else "run-line-bare"
    yield from page.block(page.say(key, date=visible(str(report.run.get("today", ""))), standards=standards), 0)
    since = wording.changed(report.run, page.language)
    if since:
        yield from page.block(since, 0)
    yield page.line()


def _dataset(dataset: DatasetReport, page: _Page) -> Iterator[str]:
    verdict = tallies.dataset_verdict(dataset)
    yield from page.block(_title(dataset, page), 0, "bold")
    standard = wording.layer_name(dataset.standard, page.run, page.language) if dataset.standard else ""
    yield from page.block(_dotted(_path(dataset), standard), 0, "dim")
    yield from page.block(
        _dotted(page.say(verdict), *wording.counts(tallies.severities(dataset), tallies.at_least(dataset), page.language)), 0, verdict
    )
    for number, (cause, made) in enumerate(groups.caused(dataset), 1):
        yield page.line()
        yield from _cause(cause, made, number, page)
    yield from _findings(groups.uncaused(dataset), page)
    yield from _left_out(dataset, page)


def _title(dataset: DatasetReport, page: _Page) -> str:
    title, code = shortened(dataset.title, 120), shortened(dataset.id, 60)
    if title and code and title != code:
        return page.say("title-code", title=title, code=code)
    return wording.with_entries(title or code or visible(dataset.path), dataset, page.language)


def _path(dataset: DatasetReport) -> str:
    """The folder, where the title does not say it already."""
    return "" if dataset.path in (".", dataset.title or dataset.id or dataset.path) else visible(dataset.path)


def _dotted(*parts: str) -> str:
    """Parts between which alone a line may break, the dot staying at its end."""
    return f"{HARD_SPACE}· ".join(part for part in parts if part)


def _cause(cause: Cause, made: Sequence[Finding], number: int, page: _Page) -> Iterator[str]:
    head = f"{page.say('cause')} {number}{page.say('colon')}{shortened(cause.message or cause.kind, MESSAGE_LENGTH)}"
    yield from page.block(head, 2, groups.worst(made), hang=2)
    key = "cause-count" if cause.first else "cause-count-bare"
    yield from page.block(page.say(key, count=f"{cause.count:,}", first=shortened(cause.first, 120)), 4)
    if cause.help:
        yield from page.labelled(page.say("what-to-do"), _lines(cause.help), 4)
    for (file, sheet), members in groups.by_file(groups.grouped(made)):
        listed = [finding for group in members for item in group.items for finding in item.findings]
        where = _places(sorted(listed, key=_order), page)
        if where:
            yield from page.labelled(page.say("cause-places"), f"{wording.file_name(file, sheet, page.language)} {where}", 4)


def _order(finding: Finding) -> tuple[int, int, int]:
    return finding.column or 0, finding.row or 0, finding.line or 0


def _findings(findings: Sequence[Finding], page: _Page) -> Iterator[str]:
    for (file, sheet), members in groups.by_file(groups.grouped(findings)):
        yield page.line()
        yield from page.block(wording.file_name(file, sheet, page.language), 2, "bold")
        for group in members:
            yield from _group(group, page)


def _group(group: Group, page: _Page) -> Iterator[str]:
    head = [page.say(group.severity), shortened(group.field, VALUE_LENGTH), visible(group.rule)]
    yield from page.block(" · ".join(part for part in head if part), 2, group.severity, hang=2)
    for item in group.items[:ITEMS]:
        yield from _item(item, page)
    rest = [finding for item in group.items[ITEMS:] for finding in item.findings]
    if rest:
        yield from page.block(page.say("more-items", count=f"{len(rest):,}", places=_places(rest, page)), 4, hang=2)
    if group.help:
        yield from page.labelled(page.say("what-to-do"), _lines(group.help), 4)
    basis = wording.basis_of(group.source, page.language)
    asked = page.say("layer", layer=wording.layer_name(group.layer, page.run, page.language)) if group.layer else ""
    if basis:
        yield from page.labelled(page.say("clause"), page.say("semicolon").join(part for part in (basis, asked) if part), 4)
    elif asked:
        yield from page.block(asked, 4, hang=2)


def _item(item: Item, page: _Page) -> Iterator[str]:
    where = _places(item.findings, page)
    message = shortened(item.message, MESSAGE_LENGTH)
    shown = _values(item, page)
    if shown:
        message += shown
    if len(item.findings) > 1 and len(where) > page.width // 3:
        yield from page.block(message, 4, hang=2)
        yield from page.block(where, 6)
    else:
        yield from page.block(f"{where}  {message}" if where else message, 4, hang=2)
    if item.help:
        yield from page.labelled(page.say("what-to-do"), _lines(item.help), 6)


def _lines(words: str) -> str:
    """Advice may have paragraphs of its own."""
    return "\n".join(visible(line) for line in words.splitlines())


def _places(findings: Sequence[Finding], page: _Page) -> str:
    named = wording.places(findings, page.language)
    more = page.say("more-places", count=f"{len(findings):,}") if len(named) > PLACES else ""
    return page.join(named[:PLACES]) + more


def _values(item: Item, page: _Page) -> str:
    """The values that the message does not show itself."""
    found = dict.fromkeys(finding.value for finding in item.findings if finding.value is not None)
    hidden = [f"“{shortened(value, VALUE_LENGTH)}”" for value in found if (value or "“”") not in item.message]
    if not hidden:
        return ""
    more = page.say("value-more", count=f"{len(hidden) - VALUES:,}", total=f"{len(hidden):,}") if len(hidden) > VALUES else ""
    return page.say("values", values=page.join(hidden[:VALUES]) + more)


def _left_out(dataset: DatasetReport, page: _Page) -> Iterator[str]:
    missing = wording.left_out(dataset, page.language)
    accepted = wording.accepted(dataset, page.language)
    if missing or accepted:
        yield page.line()
    for sentence in missing:
        yield from page.block(sentence, 2)
    if missing:
        yield from page.block(page.say("unlisted-hint"), 2)
    for number, sentence in enumerate(accepted):
        yield from page.block(sentence, 4 if number else 2, "" if number else "dim", hang=2)


def _clean(report: Report, page: _Page) -> Iterator[str]:
    datasets = tallies.clean(report)
    if len(datasets) > CLEAN:
        key = "clean" if len(datasets) < len(report.datasets) else "clean-all"
        count = sum(tallies.entries_apart(dataset) or 1 for dataset in datasets)
        yield from page.block(page.say(key, count=f"{count:,}"), 0, "pass")
    else:
        for dataset in datasets:
            known = tallies.accepted_count(dataset)
            said = text("adopt.nothing-new", page.language, {"count": f"{known:,}"}) if known else page.say("no-problems")
            yield from page.block(_dotted(_title(dataset, page), _path(dataset), said), 0)
    if datasets:
        yield page.line()


def _skipped(report: Report, page: _Page) -> Iterator[str]:
    everything = [(dataset.path, item) for dataset in report.datasets for item in dataset.skipped]
    found = tallies.skipped_by_reason([*(("", item) for item in report.skipped), *everything])
    if not found:
        return
    yield from page.block(page.say("skipped"), 0, "unchecked")
    for reason, names in found:
        shown = page.join(f"{GLUE}{shortened(name, 80)}" for name in names[:ITEMS])
        more = page.say("more-names", count=f"{len(names):,}") if len(names) > ITEMS else ""
        yield from page.block(f"{shown}{more}{page.say('colon')}{visible(reason)}", 2, hang=2)
    yield page.line()


def _summary(report: Report, page: _Page) -> Iterator[str]:
    if not report.datasets:
        yield from page.block(page.say("no-datasets"), 0)
    parts = wording.checked(report, page.language)
    accepted = tallies.accepted_total(report)
    if accepted:
        parts.append(text("adopt.accepted-count", page.language, {"count": f"{accepted:,}"}))
    skipped = tallies.skipped_count(report)
    if skipped:
        parts.append(page.say("skipped-count", count=f"{skipped:,}"))
    joined = _dotted(*(unbroken(part) for part in parts))
    yield from page.block(f"{page.say('summary')}{page.say('colon')}{joined}", 0, "bold")
    verdict = tallies.verdict(report)
    partly = verdict == "pass" and skipped
    stricter = tallies.stricter(report)
    if stricter:
        yield from page.block(page.say(f"verdict-{stricter}"), 0, "fail")
    else:
        yield from page.block(page.say("verdict-pass-partly" if partly else f"verdict-{verdict}"), 0, verdict)
