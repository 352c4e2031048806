"""The report as workflow commands of GitHub Actions: annotations on the lines of the data files.

GitHub shows 10 errors, 10 warnings and 10 notices of a step and drops the rest unseen: each cause is shown once, then one place of each
other problem, the gravest first; what is left is counted in the last notice. Escaped as the runner undoes it (`%`, line ends; in
properties `:` and `,` too).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from govdata.expressions import expression
from govdata.formats import groups, listing, tallies
from govdata.formats.characters import shortened, visible
from govdata.formats.listing import Placed
from govdata.formats.paths import Repository, repository
from govdata.messages import text
from govdata.values import SEVERITIES, Cause, DatasetReport, Finding, Report, Severity

SHOWN = 10
"""Annotations of one kind that GitHub shows of a step (50 of a job, 50 of a run)."""
_ODD = expression("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


class _Note(NamedTuple):
    """One annotation before it is written."""

    severity: Severity
    path: str
    line: int | None
    rule: str
    """Empty for a cause."""
    words: Sequence[str]
    finding: Finding | None


def write(report: Report, language: str) -> Iterator[str]:
    """The commands, each on a line of its own, and a line for people that is none."""
    chosen = _chosen(report, language)
    for note in chosen:
        title = listing.rule_title(note.rule, language, report) if note.rule else text("report.cause", language)
        yield command(COMMANDS[note.severity], "\n".join(note.words), _properties(note, title))
    rest = listing.omitted(report, [note.finding for note in chosen if note.finding is not None])
    if rest:
        total = sum(listing.omitted(report, ()).values())
        args = {"total": f"{total:,}", "shown": f"{len(chosen):,}", "counts": listing.counted(rest, language)}
        yield command("notice", text("formats.github-rest", language, args), {"title": text("formats.github-rest-title", language)})
    yield listing.summary(report, language) + "\n"
    accepted = tallies.accepted_total(report)
    if accepted:
        yield text("formats.accepted", language, {"count": f"{accepted:,}"}) + "\n"


def command(name: str, data: str, properties: dict[str, str]) -> str:
    """One workflow command with its line end."""
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name}{' ' if told else ''}{told}::{_data(data)}\n"


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def _properties(note: _Note, title: str) -> dict[str, str]:
    """The line is the physical one; there is no column, since a cell's number is not a character's."""
    path = "" if note.path == "." else _written(note.path)
    return {"file": path, "line": str(note.line) if note.line else "", "title": shortened(title, 100)}


def _written(path: str) -> str:
    """A path as it is, so that the service finds the file; where it would move a terminal or has no UTF-8 form, made visible."""
    return visible(path) if _ODD.search(path) else path


def _chosen(report: Report, language: str) -> list[_Note]:
    """What is shown: of each severity at most ten, one notice less where the rest must be told."""
    kept: dict[Severity, list[Callable[[], _Note]]] = {severity: [] for severity in reversed(SEVERITIES)}
    for severity, note in _candidates(report, repository(), language):
        if len(kept[severity]) < SHOWN:
            kept[severity].append(note)
        elif all(len(found) == SHOWN for found in kept.values()):
            break
    if sum(map(len, kept.values())) < sum(listing.omitted(report, ()).values()):
        kept["note"] = kept["note"][: SHOWN - 1]
    return [note() for found in kept.values() for note in found]


def _candidates(report: Report, root: Repository, language: str) -> Iterator[tuple[Severity, Callable[[], _Note]]]:
    """Causes, then one of each kind, then the others; an annotation for each finding at most, made when it is wanted."""
    used: set[int] = set()
    for dataset, cause, made in _causes(report):
        first = next((finding for finding in made if finding.severity == groups.worst(made)), None)
        used.add(id(first))
        yield groups.worst(made), partial(_of_cause, dataset, cause, first, root, language)
    for item, count in _kinds(report):
        if id(item.finding) not in used:
            used.add(id(item.finding))
            yield item.finding.severity, partial(_of_finding, item, count, root, language)
    for item in listing.placed(report):
        if id(item.finding) not in used:
            yield item.finding.severity, partial(_of_finding, item, 1, root, language)


def _causes(report: Report) -> list[tuple[DatasetReport, Cause, tuple[Finding, ...]]]:
    found = [(dataset, cause, made) for dataset in report.datasets for cause, made in groups.caused(dataset)]
    return sorted(found, key=lambda item: (-SEVERITIES.index(groups.worst(item[2])), -item[1].count))


def _kinds(report: Report) -> list[tuple[Placed, int]]:
    """One finding of each kind (rule, field, file) that no cause explains, the gravest first, with how many there are."""
    found = [(Placed(None, group.items[0].findings[0]), group.count) for group in groups.grouped(report.findings)]
    for dataset in report.datasets:
        found += [(Placed(dataset, group.items[0].findings[0]), group.count) for group in groups.grouped(groups.uncaused(dataset))]
    return sorted(found, key=lambda item: -SEVERITIES.index(item[0].finding.severity))


def _of_cause(dataset: DatasetReport, cause: Cause, first: Finding | None, root: Repository, language: str) -> _Note:
    message = " ".join(visible(line) for line in cause.message.splitlines()) or visible(cause.kind)
    words = [shortened(message, listing.MESSAGE_LENGTH)]
    if first is None:
        file = cause.id.partition(f"#{cause.kind}")[0] if f"#{cause.kind}" in cause.id else ""
        words.append(_places(shortened(cause.first, 120), cause.count, language))
        item = Placed(dataset, Finding("", file=file))
    else:
        words.append(_places(listing.place_of(first, language), cause.count, language))
        item = Placed(dataset, first)
    words += [listing.advice(cause.help, language), _dataset(dataset, language)]
    path = root.path_of(dataset, listing.file_of(item))
    severity = first.severity if first else "error"
    return _Note(severity, path, item.finding.line, "", [part for part in words if part], first)


def _places(first: str, count: int, language: str) -> str:
    told = text("formats.cause-count", language, {"count": f"{count:,}"})
    return f"{told}{text('formats.markdown-first', language, {'place': first})}" if first and count > 1 else first or told


def _of_finding(item: Placed, count: int, root: Repository, language: str) -> _Note:
    finding = item.finding
    words = [listing.located(finding, language), listing.advice(finding.help, language)]
    words.append(text("formats.same-count", language, {"count": f"{count:,}"}) if count > 1 else "")
    named = (text("formats.rule", language, {"rule": visible(finding.rule)}), _dataset(item.dataset, language))
    words.append(" · ".join(part for part in named if part))
    path = root.path_of(item.dataset, listing.file_of(item))
    return _Note(finding.severity, path, finding.line, finding.rule, [part for part in words if part], finding)


def _dataset(dataset: DatasetReport | None, language: str) -> str:
    if dataset is None:
        return ""
    name = shortened(dataset.title or dataset.id or dataset.path, 80)
    return text("formats.dataset", language, {"dataset": name})
