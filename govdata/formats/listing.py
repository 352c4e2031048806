"""Findings one by one, as programs that show them beside the files want them: with dataset, path, place and one sentence each."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from govdata.content import compiled
from govdata.expressions import expression
from govdata.formats import tallies, wording
from govdata.formats.characters import shortened, visible, written
from govdata.messages import render, short_language, text
from govdata.values import SEVERITIES, DatasetReport, Finding, Report

MESSAGE_LENGTH = 300
HELP_LENGTH = 600
VALUE_LENGTH = 60

_NAMES = expression(r"\{([A-Za-z_][A-Za-z0-9_]*)")


class Placed(NamedTuple):
    """A finding with the dataset that it is of; None where it is of the directory as a whole."""

    dataset: DatasetReport | None
    finding: Finding


def placed(report: Report) -> Iterator[Placed]:
    """Every listed finding in the order of the report; those that were accepted are not among them."""
    yield from (Placed(None, finding) for finding in report.findings)
    for dataset in report.datasets:
        yield from (Placed(dataset, finding) for finding in dataset.findings)


def gravest(items: Iterable[Placed], limit: int) -> list[Placed]:
    """At most so many, the gravest of them, in the order in which they came."""
    found = list(items)
    if len(found) <= limit:
        return found
    ranked = sorted(range(len(found)), key=lambda number: -SEVERITIES.index(found[number].finding.severity))
    return [found[number] for number in sorted(ranked[:limit])]


def file_of(item: Placed) -> str:
    """The file that a finding is shown at: its own; else the entry, where something is wrong with the dataset as a whole."""
    if item.finding.file or item.dataset is None:
        return item.finding.file
    return str((item.dataset.entry or {}).get("file", ""))


def omitted(report: Report, shown: Sequence[Finding]) -> Mapping[str, int]:
    """How many findings of each severity there are beside those shown, the gravest first; only where there are some."""
    counted = dict(tallies.totals(report))
    for finding in shown:
        counted[finding.severity] -= 1
    return {severity: count for severity, count in counted.items() if count > 0}


def place_of(finding: Finding, language: str) -> str:
    """Where a finding is inside its file, with the sheet and the field: `企业 C17（注册资本）`; empty for a whole file."""
    where = written(wording.place(finding, language))
    sheet = visible(finding.sheet)
    named = " ".join(part for part in (sheet, where) if part)
    if not finding.field:
        return named
    field = shortened(finding.field, VALUE_LENGTH)
    return written(text("formats.place-field", language, {"place": named, "field": field})) if named else field


def said(finding: Finding, language: str) -> str:
    """The finding's message in one line, with its value where the message does not show it."""
    message = shortened(" ".join(finding.message.split("\n")), MESSAGE_LENGTH)
    if finding.value and finding.value not in finding.message:
        message += text("report.values", language, {"values": f"“{shortened(finding.value, VALUE_LENGTH)}”"})
    return message


def located(finding: Finding, language: str) -> str:
    """Place and message: `C17（泊位数）：…`."""
    where = place_of(finding, language)
    message = said(finding, language)
    return f"{where}{text('report.colon', language)}{message}" if where else message


def advice(words: str, language: str) -> str:
    """`怎么办：…`, in one line; nothing where there is no advice."""
    told = " ".join(visible(line) for line in shortened_lines(words))
    return f"{text('report.what-to-do', language)}{text('report.colon', language)}{told}" if told else ""


def shortened_lines(words: str) -> list[str]:
    """The lines of an advice, cut where it is very long."""
    cut = words if len(words) <= HELP_LENGTH else words[: HELP_LENGTH - 1] + "…"
    return [line for line in cut.splitlines() if line.strip()]


def summary(report: Report, language: str) -> str:
    """What was checked and found, in one line."""
    parts = wording.checked(report, language)
    skipped = tallies.skipped_count(report)
    if skipped:
        parts.append(text("report.skipped-count", language, {"count": f"{skipped:,}"}))
    return written(" · ".join(parts))


def counted(counts: Mapping[str, int], language: str) -> str:
    """Numbers by severity: `错误 3 处、警告 1 处`."""
    return written(text("report.separator", language).join(wording.counts(counts, False, language)))


def rule_text(rule: str, key: str, language: str, report: Report) -> str:
    """The `title` or `help` of a rule in a language; empty where neither the run nor the content that is shipped knows it.

    What only a finding could fill in is left open with three dots.
    """
    texts = rule_of(rule, report).get(key)
    if not isinstance(texts, Mapping):
        return ""
    open_places = {name: "…" for words in texts.values() for name in _NAMES.findall(str(words))}
    return render(texts, language, open_places).strip()


def rule_title(rule: str, language: str, report: Report) -> str:
    """The title of a rule, else its id."""
    return rule_text(rule, "title", language, report) or visible(rule)


def rule_of(rule: str, report: Report) -> Mapping[str, Any]:
    """What is known of a rule: from the run, else from the content that is shipped (`title`, `help`, `severity`, `url`)."""
    return report.rules.get(rule) or _shipped().get(rule, {})


@functools.cache
def _shipped() -> Mapping[str, Mapping[str, Any]]:
    found = compiled("rules").values()
    return {
        str(rule["id"]): {**{key: rule.get(key) for key in ("title", "help", "severity")}, "url": rule.get("source", {}).get("url", "")}
        for rule in found
    }


def other_language(language: str) -> str:
    """Of the two languages the one that a run does not speak."""
    return "zh-CN" if short_language(language) == "en" else "en"
