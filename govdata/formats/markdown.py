"""The report as Markdown for a pull request's comment and a job's summary: short, causes first, the same as long as nothing changed.

No time, date, version or path of a machine goes in, so that a comment can be edited in place and left alone where it is the same. It
begins with a mark by which such a comment is found again. A comment may have 65,536 characters and a summary 1 MiB: both hold it.
"""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from govdata.classes import dataclass
from govdata.expressions import expression
from govdata.formats import groups, listing, tallies, wording
from govdata.formats.characters import shortened, visible, written
from govdata.formats.groups import Group
from govdata.messages import text
from govdata.values import SEVERITIES, Cause, DatasetReport, Finding, Report, Severity

MARK = "<!-- govdata -->"
LIMIT = 60_000
"""Of UTF-16 units, as GitHub counts characters: below the 65,536 of a comment, with room for what a workflow adds."""
ROWS = 150
ITEMS = 3
PLACES = 6
NAMES = 10
_SIGNS = {"error": "❌", "warning": "⚠️", "note": "ℹ️", "pass": "✅", "fail": "❌", "unchecked": "⚠️"}

_MARKUP = expression(r"[\\`*_\[\]|~]")
_LONG = expression(r"([0-9A-Za-z]{24})(?=[0-9A-Za-z]{8})")
_NAMED = expression(r"([@#!&$])(?=[0-9A-Za-z_])")
"""What services make a mention or a reference of, even where it is escaped: `@name`, `#1`, `!1`, `&1`, `$1`."""
_APART, _BREAK = "\u200b", "\u200c"
"""Between the two halves of a mention; where a very long word may be broken. In text made visible there are none."""
_TICKS = expression("`+")
_CODE = expression("`([^`\n]+)`")
_CLOSING = "\n</details>\n"


class _Row(NamedTuple):
    """A line of a table before it is written: how grave it is, and what it belongs to."""

    severity: Severity
    dataset: DatasetReport | None
    cells: Callable[[], Sequence[str]]
    """Made only where there is room."""


class _Line(NamedTuple):
    """A line of a table as Markdown."""

    dataset: DatasetReport | None
    words: str


@dataclass(slots=True)
class _Room:
    """What may still be written."""

    left: int

    def takes(self, words: str) -> bool:
        """Whether the words still fit; then they are counted."""
        size = len(words.encode("utf-16-le", "surrogatepass")) // 2
        if size > self.left:
            return False
        self.left -= size
        return True


def write(report: Report, language: str) -> Iterator[str]:
    """The report in pieces of text, to be encoded as UTF-8: the same findings give the same text, byte for byte."""
    stricter = tallies.stricter(report)
    verdict = "fail" if stricter else tallies.verdict(report)
    yield f"{MARK}\n## {_SIGNS[verdict]} {text(f'formats.markdown-title-{verdict}', language)}\n\n"
    yield f"{escaped(listing.summary(report, language))}\n"
    if stricter:
        yield f"\n{escaped(text(f'report.advice-{stricter}', language))}\n"
    tail = "".join(_tail(report, language))
    room = _Room(LIMIT - len(tail) - 2000)
    causes = _causes(report, language)
    if causes:
        yield f"\n### {text('formats.markdown-causes', language)}\n\n{text('formats.markdown-causes-lead', language)}\n\n"
        yield _head("formats.markdown-cause", language)
        chosen = _chosen(causes, room, language)
        yield from (line.words for line in chosen)
        yield from _rest(len(causes) - len(chosen), language)
    found = _findings(report, language)
    if found:
        yield f"\n### {text('formats.markdown-other-findings' if causes else 'formats.markdown-findings', language)}\n"
        chosen = _chosen(found, room, language, apart=True)
        for _, lines in itertools.groupby(chosen, key=lambda line: id(line.dataset)):
            yield from _section(list(lines), len(report.datasets) == 1, language)
        yield from _rest(len(found) - len(chosen), language)
    yield tail


def escaped(words: str) -> str:
    """Text as Markdown in which nothing is markup, a tag, a mention, a reference or a formula; very long words may be broken."""
    out = _LONG.sub(rf"\g<1>{_BREAK}", _NAMED.sub(rf"\g<1>{_APART}", visible(words)))
    out = html.escape(out, quote=False).replace("$", "&#36;")
    return _MARKUP.sub(r"\\\g<0>", out).replace(_APART, "&#8203;").replace(_BREAK, "<wbr>")


def code(words: str) -> str:
    """Text as code in a cell of a table: a fence longer than any inside, a bar escaped."""
    shown = visible(words).replace("|", "\\|")
    longest = max((len(found) for found in _TICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown.strip() else ""


def prose(words: str) -> str:
    """Text of ours as Markdown: what stands between single backticks is code, all else is escaped."""
    return "".join(code(part) if number % 2 else escaped(part) for number, part in enumerate(_CODE.split(words)))


def tagged(words: str) -> str:
    """Text inside a tag, where Markdown is not read."""
    return html.escape(_NAMED.sub(rf"\g<1>{_APART}", visible(words))).replace("$", "&#36;").replace(_APART, "&#8203;")


def _head(what: str, language: str) -> str:
    heads = [text("formats.markdown-where", language), text(what, language), text("report.what-to-do", language)]
    return f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n"


def _chosen(rows: Sequence[_Row], room: _Room, language: str, apart: bool = False) -> list[_Line]:
    """The lines that there is room for, the gravest first; `apart`: those of a dataset together, each with a heading of its own."""
    kept: dict[int, str] = {}
    headed: set[int] = set()
    for number in sorted(range(len(rows)), key=lambda number: -SEVERITIES.index(rows[number].severity))[:ROWS]:
        dataset = rows[number].dataset
        words = f"| {' | '.join(rows[number].cells())} |\n"
        new = apart and id(dataset) not in headed
        if not room.takes(words + (_opening(dataset, False, language) + _CLOSING if new else "")):
            break
        headed.add(id(dataset))
        kept[number] = words
    order = sorted(kept, key=lambda number: _first(rows, number)) if apart else list(kept)
    return [_Line(rows[number].dataset, kept[number]) for number in order]


def _first(rows: Sequence[_Row], number: int) -> tuple[int, int, int]:
    """Datasets in the order of the report, in each the gravest first. Rows of a dataset stand together."""
    row = rows[number]
    start = number
    while start and rows[start - 1].dataset is row.dataset:
        start -= 1
    return start, -SEVERITIES.index(row.severity), number


def _section(lines: Sequence[_Line], open: bool, language: str) -> Iterator[str]:
    yield _opening(lines[0].dataset, open, language)
    yield from (line.words for line in lines)
    yield _CLOSING


def _opening(dataset: DatasetReport | None, open: bool, language: str) -> str:
    """What can be unfolded: the dataset with its numbers, and the head of its table."""
    if dataset is None:
        name, numbers = text("report.whole-directory", language), ""
    else:
        name = shortened(dataset.title or dataset.id or dataset.path, 80)
        numbers = written(" · ".join(wording.counts(tallies.severities(dataset), tallies.at_least(dataset), language)))
    title = f"<b>{tagged(name)}</b>" + (f" · {numbers}" if numbers else "")
    return f"\n<details{' open' if open else ''}><summary>{title}</summary>\n\n{_head('formats.markdown-what', language)}"


def _rest(count: int, language: str) -> Iterator[str]:
    if count:
        yield "\n" + text("formats.markdown-rows-rest", language, {"count": f"{count:,}"}) + "\n"


def _causes(report: Report, language: str) -> list[_Row]:
    found = [(dataset, cause, made) for dataset in report.datasets for cause, made in groups.caused(dataset)]
    return [_Row(groups.worst(made), dataset, partial(_cause, dataset, cause, made, language)) for dataset, cause, made in found]


def _cause(dataset: DatasetReport, cause: Cause, made: Sequence[Finding], language: str) -> Sequence[str]:
    least = any(not dataset.counts[finding.rule].exact for finding in made if finding.rule in dataset.counts)
    key = "formats.markdown-least" if least else "formats.markdown-places"
    count = text(key, language, {"count": f"{cause.count:,}"})
    first = made[0] if made else None
    places = _places(made, language) if first else code(shortened(cause.first, 60))
    file = code(wording.file_name(first.file, first.sheet, language)) if first and first.file else ""
    where = [_sign(groups.worst(made), language), _name(dataset), file, places]
    message = prose(shortened(cause.message or cause.kind, listing.MESSAGE_LENGTH))
    return _joined(where), message + (f"<br>{count}" if cause.count > 1 or least else ""), _help(cause.help)


def _findings(report: Report, language: str) -> list[_Row]:
    found: list[tuple[DatasetReport | None, Group]] = [(None, group) for group in groups.grouped(report.findings)]
    for dataset in report.datasets:
        found += [(dataset, group) for group in groups.grouped(groups.uncaused(dataset))]
    return [_Row(group.severity, dataset, partial(_group, group, language)) for dataset, group in found]


def _group(group: Group, language: str) -> Sequence[str]:
    found = [finding for item in group.items for finding in item.findings]
    file = code(wording.file_name(group.file, group.sheet, language)) if group.file else ""
    field = escaped(shortened(group.field, listing.VALUE_LENGTH))
    said = [prose(listing.said(item.findings[0], language)) for item in group.items[:ITEMS]]
    rest = sum(len(item.findings) for item in group.items[ITEMS:])
    if rest:
        said.append(text("formats.markdown-items-rest", language, {"count": f"{rest:,}"}))
    where = [_sign(group.severity, language), " · ".join(part for part in (file, field) if part), _places(found, language)]
    helps = dict.fromkeys([group.help] if group.help else [item.help for item in group.items[:ITEMS]])
    return _joined(where), _joined([*said, code(group.rule)]), _joined(_help(words) for words in helps)


def _joined(parts: Iterable[str]) -> str:
    return "<br>".join(part for part in parts if part)


def _sign(severity: Severity, language: str) -> str:
    return f"{_SIGNS[severity]} {text(f'report.{severity}', language)}"


def _name(dataset: DatasetReport) -> str:
    return f"**{escaped(shortened(dataset.title or dataset.id or dataset.path, 80))}**"


def _places(findings: Sequence[Finding], language: str) -> str:
    named = [code(written(place)) for place in wording.places(findings, language)]
    more = text("report.more-places", language, {"count": f"{len(findings):,}"}) if len(named) > PLACES else ""
    return text("report.separator", language).join(named[:PLACES]) + more


def _help(words: str) -> str:
    return "<br>".join(prose(line) for line in listing.shortened_lines(words))


def _tail(report: Report, language: str) -> Iterator[str]:
    """What is not in the tables: findings only counted, accepted ones, parts not checked."""
    lines = []
    if any(tallies.unlisted(dataset) or tallies.undecided(dataset) for dataset in report.datasets):
        lines.append(text("formats.markdown-unlisted", language))
    accepted = tallies.accepted_total(report)
    if accepted:
        lines.append(text("formats.accepted", language, {"count": f"{accepted:,}"}))
    yield from (f"\n{escaped(line)}\n" for line in lines)
    everything = [*(("", item) for item in report.skipped), *((each.path, item) for each in report.datasets for item in each.skipped)]
    reasons = tallies.skipped_by_reason(everything)
    if reasons:
        yield f"\n<details><summary>{text('report.skipped', language)}</summary>\n\n"
        for reason, names in reasons[:NAMES]:
            shown = text("report.separator", language).join(code(shortened(name, 80)) for name in names[:NAMES])
            more = text("report.more-names", language, {"count": f"{len(names):,}"}) if len(names) > NAMES else ""
            yield f"- {shown}{more}{text('report.colon', language)}{escaped(reason)}\n"
        yield "\n</details>\n"
    if any(dataset.findings for dataset in report.datasets) or report.findings:
        yield f"\n{escaped(text('formats.markdown-explain', language))}\n"
