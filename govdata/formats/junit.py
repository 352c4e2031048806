"""The report as JUnit XML, which nearly every build server reads: a suite for each dataset, in it a case for each rule.

There is no standard; the form is that of Jenkins' xUnit plugin (`junit-10.xsd`), which Maven, pytest and GitLab write and read too.
A rule fails where it has a finding at or above the severity at which the run fails; other findings are told in a case that passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from govdata.formats import listing, tallies
from govdata.formats.characters import shortened, visible
from govdata.formats.listing import Placed
from govdata.messages import text
from govdata.values import SEVERITIES, Count, DatasetReport, Finding, Report, Skipped

LISTED = 100
"""Findings of one rule and dataset that are written one by one."""
NAME_LENGTH = 200


class _Case(NamedTuple):
    name: str
    tag: str
    """The element inside: `failure`, `skipped`, `error`, `system-out`; empty for a case that passes without a word."""
    kind: str = ""
    message: str = ""
    body: str = ""


class _Suite(NamedTuple):
    name: str
    place: str
    cases: Sequence[_Case]
    accepted: int = 0


def write(report: Report, language: str) -> Iterator[str]:
    """The report in pieces of text, to be encoded as UTF-8: the same findings give the same text."""
    suites = list(_suites(report, language))
    cases = [case for suite in suites for case in suite.cases]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites name={quoteattr('govdata')} {_numbers(cases)}>\n"
    for suite in suites:
        yield from _suite(suite)
    yield "</testsuites>\n"


def _suites(report: Report, language: str) -> Iterator[_Suite]:
    if report.findings or report.skipped:
        name = text("report.whole-directory", language)
        yield _Suite(name, name, (*_cases([*map(_whole, report.findings)], {}, report, language), *_unchecked(report.skipped, language)))
    if not report.datasets:
        nothing = text("formats.junit-nothing", language)
        yield _Suite("govdata", "govdata", [_Case("govdata", "error", "unchecked", nothing, nothing)])
    for dataset in report.datasets:
        yield _of_dataset(dataset, report, language)


def _whole(finding: Finding) -> Placed:
    return Placed(None, finding)


def _of_dataset(dataset: DatasetReport, report: Report, language: str) -> _Suite:
    cases = list(_cases([Placed(dataset, finding) for finding in dataset.findings], dict(dataset.counts), report, language))
    if tallies.dataset_verdict(dataset) == "unchecked":
        nothing = text("formats.junit-nothing", language)
        cases.append(_Case("govdata", "skipped", "unchecked", nothing, nothing))
    elif not cases:
        cases.append(_Case(text("formats.junit-clean", language), ""))
    cases += _unchecked(dataset.skipped, language)
    names = dict.fromkeys(visible(part) for part in (dataset.title, dataset.id, dataset.path) if part)
    return _Suite(shortened(" · ".join(names), NAME_LENGTH), visible(dataset.path) or "govdata", cases, tallies.accepted_count(dataset))


def _cases(found: Sequence[Placed], counts: dict[str, Count], report: Report, language: str) -> Iterator[_Case]:
    """A case for each rule that has findings, those that were only counted included."""
    by_rule: dict[str, list[Finding]] = {}
    for item in found:
        by_rule.setdefault(item.finding.rule, []).append(item.finding)
    failing = SEVERITIES[SEVERITIES.index(_fail_on(report)) :]
    for rule in dict.fromkeys((*by_rule, *counts)):
        findings = by_rule.get(rule, [])
        count = counts.get(rule, Count(len(findings)))
        severity = max((finding.severity for finding in findings), key=SEVERITIES.index, default=_severity(rule, report))
        tag = "failure" if severity in failing else "system-out"
        name = shortened(" ".join(dict.fromkeys((rule, listing.rule_title(rule, language, report)))), NAME_LENGTH)
        if not findings and not count.count:
            words = text("report.undecided", language, {"rules": rule})
            yield _Case(name, "skipped", "undecided", words, words)
            continue
        first = listing.said(findings[0], language) if findings else text("formats.junit-counted", language)
        key = "formats.junit-failed" if count.exact else "formats.junit-failed-least"
        message = f"{text(f'report.{severity}', language)} {text(key, language, {'count': f'{count.count:,}', 'message': first})}"
        yield _Case(name, tag, rule, message, "\n".join(_lines(findings, count.count, language)))


def _fail_on(report: Report) -> Any:
    settings = report.run.get("settings")
    named = settings.get("fail_on") if isinstance(settings, dict) else None
    return named if named in SEVERITIES else "error"


def _severity(rule: str, report: Report) -> Any:
    named = listing.rule_of(rule, report).get("severity")
    return named if named in SEVERITIES else "error"


def _lines(findings: Sequence[Finding], total: int, language: str) -> Iterator[str]:
    for finding in findings[:LISTED]:
        line = text("report.place-line", language, {"line": str(finding.line)}) if finding.line and finding.cell else ""
        where = " ".join(part for part in (visible(finding.file), line) if part)
        yield f"{where}  {listing.located(finding, language)}".strip()
    helps = dict.fromkeys(listing.advice(finding.help, language) for finding in findings[:LISTED])
    yield from (words for words in list(helps)[:10] if words)
    if total > min(len(findings), LISTED):
        yield text("formats.junit-rest", language, {"count": f"{total - min(len(findings), LISTED):,}"})


def _unchecked(skipped: Sequence[Skipped], language: str) -> Iterator[_Case]:
    for item in skipped:
        name = text("formats.junit-unchecked", language, {"what": shortened(item.what, NAME_LENGTH)})
        yield _Case(name, "skipped", item.why, visible(item.message or item.why))


def _suite(suite: _Suite) -> Iterator[str]:
    skipped = sum(case.tag == "skipped" for case in suite.cases)
    yield f' <testsuite name={quoteattr(suite.name)} {_numbers(suite.cases)} skipped="{skipped}">\n'
    if suite.accepted:
        yield f'  <properties><property name="accepted" value="{suite.accepted}"/></properties>\n'
    for case in suite.cases:
        yield from _case(case, suite.place)
    yield " </testsuite>\n"


def _case(case: _Case, place: str) -> Iterator[str]:
    head = f"  <testcase classname={quoteattr(place)} name={quoteattr(case.name)}"
    if not case.tag:
        yield head + "/>\n"
    elif case.tag == "system-out":
        yield f"{head}><system-out>{escape(case.message)}\n{escape(case.body)}</system-out></testcase>\n"
    else:
        told = f"type={quoteattr(visible(case.kind))} message={quoteattr(case.message)}"
        yield f"{head}><{case.tag} {told}>{escape(case.body)}</{case.tag}></testcase>\n"


def _numbers(cases: Sequence[_Case]) -> str:
    tags = [case.tag for case in cases]
    return f'tests="{len(tags)}" failures="{tags.count("failure")}" errors="{tags.count("error")}"'
