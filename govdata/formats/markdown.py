"""The report as Markdown for a pull request's comment and a job's summary: short, causes first, the same as long as nothing changed.

No time, date, version or path of a machine goes in, so that a comment can be edited in place and left alone where it is the same. It
begins with a mark by which such a comment is found again. A comment may have 65,536 characters and a summary 1 MiB: both hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from govdata.classes import dataclass
from govdata.expressions import expression
from govdata.formats import listing, groups, tallies, wording
from govdata.formats.characters import shortened, visible
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
_NAMED = expression(r"([@#!]|&amp;|&#36;)(?=[0-9A-Za-z_])")
"""What services make a mention or a reference of, even where it is escaped: `@name`, `#1`, `!1`, `&1`, `$1`."""
_EMOJI = expression(r":(?=[+-]?[a-z_][a-z0-9_+-]*:|100:|1234:)")
_APART = "&#8203;"


class _Row(NamedTuple):
    """A line of a table, and how grave it is."""

    severity: Severity
    cells: Sequence[str]

    def line(self) -> str:
        """As Markdown."""
        return f"| {' | '.join(self.cells)} |\n"


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
    verdict = tallies.verdict(report)
    yield f"{MARK}\n## {_SIGNS[verdict]} {text(f'formats.markdown-title-{verdict}', language)}\n\n"
    yield f"{escaped(listing.summary(report, language))}\n"
    tail = "".join(_tail(report, language))
    room = _Room(LIMIT - len(tail) - 2000)
    causes = _causes(report, language)
    if causes:
        yield f"\n### {text('formats.markdown-causes', language)}\n\n{text('formats.markdown-causes-lead', language)}\n\n"
        yield from _table(causes, text("formats.markdown-cause", language), room, language)
    found = _findings(report, language)
    if found:
        yield f"\n### {text('formats.markdown-other-findings' if causes else 'formats.markdown-findings', language)}\n\n"
        yield from _table(found, text("formats.markdown-what", language), room, language)
    yield tail


def escaped(words: str) -> str:
    """Text as Markdown in which nothing is markup, a tag, a mention, a reference, a formula or an emoji by name."""
    out = visible(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")
    out = _MARKUP.sub(r"\\\g<0>", out)
    return _EMOJI.sub(f":{_APART}", _NAMED.sub(rf"\g<1>{_APART}", out))


def code(words: str) -> str:
    """Text as code in a cell of a table: a fence longer than any inside, a bar escaped."""
    shown = visible(words).replace("|", "\\|")
    longest = max((len(found) for found in _TICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown.strip() else ""


_TICKS = expression("`+")


def _table(rows: Sequence[_Row], what: str, room: _Room, language: str) -> Iterator[str]:
    """The rows that there is room for, the gravest first."""
    heads = [text("formats.markdown-where", language), what, text("report.what-to-do", language)]
    yield f"| {' | '.join(['', *heads])} |\n|{' --- |' * 4}\n"
    ordered = sorted(rows, key=lambda row: -SEVERITIES.index(row.severity))
    written = 0
    for row in ordered[:ROWS]:
        line = row.line()
        if not room.takes(line):
            break
        written += 1
        yield line
    if written < len(rows):
        yield "\n" + text("formats.markdown-rows-rest", language, {"count": f"{len(rows) - written:,}"}) + "\n"


def _causes(report: Report, language: str) -> list[_Row]:
    out = []
    for dataset in report.datasets:
        for cause, made in groups.caused(dataset):
            least = any(not dataset.counts[finding.rule].exact for finding in made if finding.rule in dataset.counts)
            out.append(_cause(dataset, cause, made, least, language))
    return out


def _cause(dataset: DatasetReport, cause: Cause, made: Sequence[Finding], least: bool, language: str) -> _Row:
    severity = groups.worst(made)
    key = "formats.markdown-least" if least else "formats.markdown-places"
    count = text(key, language, {"count": f"{cause.count:,}"})
    first = made[0] if made else None
    places = _places(made, language) if first else code(shortened(cause.first, 60))
    where = [_name(dataset), code(wording.file_name(first.file, first.sheet, language)) if first and first.file else "", places]
    return _Row(
        severity,
        (
            _sign(severity, language),
            "<br>".join(part for part in where if part),
            f"{escaped(shortened(cause.message or cause.kind, listing.MESSAGE_LENGTH))}<br>{escaped(count)}",
            _help(cause.help),
        ),
    )


def _findings(report: Report, language: str) -> list[_Row]:
    out = [_group(None, group, language) for group in groups.grouped(report.findings)]
    for dataset in report.datasets:
        out += [_group(dataset, group, language) for group in groups.grouped(groups.uncaused(dataset))]
    return out


def _group(dataset: DatasetReport | None, group: Group, language: str) -> _Row:
    found = [finding for item in group.items for finding in item.findings]
    name = _name(dataset) if dataset else escaped(text("report.whole-directory", language))
    file = code(wording.file_name(group.file, group.sheet, language)) if group.file else ""
    field = escaped(shortened(group.field, listing.VALUE_LENGTH))
    said = [escaped(listing.said(item.findings[0], language)) for item in group.items[:ITEMS]]
    rest = sum(len(item.findings) for item in group.items[ITEMS:])
    if rest:
        said.append(text("formats.markdown-items-rest", language, {"count": f"{rest:,}"}))
    said.append(f"<sub>{code(group.rule)}</sub>")
    where = [name, " · ".join(part for part in (file, field) if part), _places(found, language)]
    helps = dict.fromkeys([group.help] if group.help else [item.help for item in group.items[:ITEMS]])
    return _Row(
        group.severity,
        (
            _sign(group.severity, language),
            "<br>".join(part for part in where if part),
            "<br>".join(said),
            "<br>".join(_help(words) for words in helps if words),
        ),
    )


def _sign(severity: Severity, language: str) -> str:
    return f"{_SIGNS[severity]} {text(f'report.{severity}', language)}"


def _name(dataset: DatasetReport) -> str:
    return f"**{escaped(shortened(dataset.title or dataset.id or dataset.path, 80))}**"


def _places(findings: Sequence[Finding], language: str) -> str:
    named = [code(listing.plain(place)) for place in wording.places(findings, language)]
    more = text("report.more-places", language, {"count": f"{len(findings):,}"}) if len(named) > PLACES else ""
    return text("report.separator", language).join(named[:PLACES]) + more


def _help(words: str) -> str:
    return "<br>".join(escaped(line) for line in listing.shortened_lines(words))


def _tail(report: Report, language: str) -> Iterator[str]:
    """What is not in the tables: findings only counted, accepted ones, parts not checked."""
    lines = []
    if any(tallies.unlisted(dataset) for dataset in report.datasets):
        lines.append(text("formats.markdown-unlisted", language))
    accepted = listing.accepted(report)
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
        yield f"\n<sub>{escaped(text('formats.markdown-explain', language))}</sub>\n"
