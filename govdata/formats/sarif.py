"""The report as SARIF 2.1.0 (OASIS standard, `catalog` of results for code scanning): one result a line.

What GitHub's code scanning takes: at most 25,000 results a run of which it shows 5,000, 25,000 rules, a file of 10 MB when compressed
with gzip, and in every result a location with `region.startLine`. Beyond 5,000 results the gravest are kept and the rest counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.formats import listing, tallies
from govdata.formats.characters import shortened, visible
from govdata.formats.json import dumped
from govdata.formats.listing import Placed
from govdata.formats.paths import Repository, repository, uri_of
from govdata.formats.wording import standard_names
from govdata.messages import text
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.documents.yaml import unescape
from govdata.values import Finding, Report

RESULTS = 5000
"""Results written: so many are shown by the service that takes the most."""
NOTIFICATIONS = 200
"""Parts not checked that are told one by one."""
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""The name by which services know the root of the repository."""


def write(report: Report, language: str) -> Iterator[str]:
    """The report in pieces of text, to be encoded as UTF-8: the same findings give the same text."""
    shown = listing.gravest(listing.placed(report), RESULTS)
    rules = {rule: number for number, rule in enumerate(sorted({item.finding.rule for item in shown}))}
    yield f'{{"$schema": {dumped(SCHEMA)}, "version": "2.1.0", "runs": [{{\n'
    for key, value in _run(report, shown, rules, language).items():
        yield f"{dumped(key)}: {dumped(value)},\n"
    yield '"results": ['
    root = repository()
    for number, item in enumerate(shown):
        yield ("," if number else "") + "\n " + dumped(_result(item, rules[item.finding.rule], root, language))
    yield "]}]}\n"


def _run(report: Report, shown: Sequence[Placed], rules: Mapping[str, int], language: str) -> dict[str, Any]:
    driver = {
        "name": "govdata",
        "version": report.govdata,
        "language": language,
        "rules": [_rule(rule, report, language) for rule in rules],
    }
    return {
        "tool": {"driver": driver},
        "language": language,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": text("formats.source-root", language)}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report, shown, language)}],
        "properties": _properties(report, shown, language),
    }


def _rule(rule: str, report: Report, language: str) -> dict[str, Any]:
    """A rule with its title and its help in both languages, that of the run first."""
    known = listing.rule_of(rule, report)
    title = listing.rule_title(rule, language, report)
    out: dict[str, Any] = {"id": rule, "name": "".join(part.capitalize() for part in rule.replace("/", "-").split("-"))}
    out["shortDescription"] = {"text": title}
    out["fullDescription"] = {"text": _sentences(listing.rule_title(rule, name, report) for name in _languages(language))}
    helps = {name: listing.rule_text(rule, "help", name, report) for name in _languages(language)}
    helps = {name: words for name, words in helps.items() if words}
    if helps:
        labels = {name: text(f"formats.language-{name[:2]}", language) for name in helps}
        out["help"] = {
            "text": "\n\n".join(helps.values()),
            "markdown": "\n\n".join(f"**{labels[name]}**\n\n{words}" for name, words in helps.items()),
        }
    address = uri_of_address(str(known.get("url") or ""))
    if address:
        out["helpUri"] = address
    out["defaultConfiguration"] = {"level": known.get("severity") or "warning"}
    out["properties"] = {"tags": [rule.partition("/")[0]]}
    return out


def _languages(language: str) -> tuple[str, str]:
    return language, listing.other_language(language)


def _sentences(titles: Iterator[str]) -> str:
    return " / ".join(dict.fromkeys(titles))


def uri_of_address(address: str) -> str:
    """An address as a URI of ASCII characters; nothing where it is none of the web."""
    import urllib.parse

    if not address.startswith(("https://", "http://")):
        return ""
    return urllib.parse.quote(address, safe="%/:=&?~#+!$,;'@()*[]")


def _result(item: Placed, number: int, root: Repository, language: str) -> dict[str, Any]:
    finding = item.finding
    told = [listing.located(finding, language), listing.advice(finding.help, language)]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": finding.severity,
        "message": {"text": _unlinked("\n".join(part for part in told if part))},
        "locations": [_location(item, root)],
    }
    if finding.fingerprint:
        result["partialFingerprints"] = {"govdata/v1": finding.fingerprint}
    named = {"dataset": item.dataset.id or item.dataset.path if item.dataset else "", "cause": finding.cause, "layer": finding.layer}
    result["properties"] = {key: visible(value) for key, value in named.items() if value}
    return result


def _unlinked(words: str) -> str:
    """A message in which no bracket of the data becomes a link: `[words](address)` is one in the text of a message (§3.11.6)."""
    return words.replace("](", "] (")


def _location(item: Placed, root: Repository) -> dict[str, Any]:
    """File and physical line. What has no line of its own (a whole file, a cell of a workbook) is shown at the first, as services ask."""
    path = root.path_of(item.dataset, listing.file_of(item))
    uri = uri_of(path)
    artifact = {"uri": "./" if uri == "." else uri} | ({} if uri.startswith("file:") else {"uriBaseId": ROOT})
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": item.finding.line or 1}}}
    logical = _logical(item.finding)
    return location | ({"logicalLocations": logical} if logical else {})


def _logical(finding: Finding) -> list[dict[str, str]]:
    """The place inside the file as the officer names it: sheet and cell, key in a table, field, or pointer into the entry."""
    sheet, field = visible(finding.sheet), visible(finding.field)
    within = [*([sheet] if sheet else []), *([field] if field and not finding.cell else [])]
    if finding.cell:
        return [_named(visible(finding.cell), "!".join(part for part in (sheet, visible(finding.cell)) if part), "cell")]
    if finding.key:
        return [_named(shortened(finding.key, listing.VALUE_LENGTH), "!".join((*within[:1], visible(finding.key))), "row")]
    if within:
        kind = "column" if field else "table" if finding.file.rpartition(".")[2].lower() in DATABASES else "sheet"
        return [_named(within[-1], "!".join(within), kind)]
    if finding.pointer:
        pointer = visible(finding.pointer)
        return [_named(unescape(pointer.rpartition("/")[2]), pointer, "value")]
    return []


def _named(name: str, whole: str, kind: str) -> dict[str, str]:
    return {"name": name, "fullyQualifiedName": whole, "kind": kind}


def _notifications(report: Report, shown: Sequence[Placed], language: str) -> list[dict[str, Any]]:
    """What is not among the results: findings beyond the limit, accepted ones, parts that were not checked."""
    said = []
    rest = listing.omitted(report, [item.finding for item in shown])
    if rest:
        args = {"shown": f"{len(shown):,}", "counts": listing.counted(rest, language)}
        said.append(("warning", text("formats.sarif-omitted", language, args)))
    accepted = tallies.accepted_total(report)
    if accepted:
        said.append(("note", text("formats.accepted", language, {"count": f"{accepted:,}"})))
    everything = [*(("", item) for item in report.skipped), *((each.path, item) for each in report.datasets for item in each.skipped)]
    for reason, names in tallies.skipped_by_reason(everything)[:NOTIFICATIONS]:
        what = text("report.separator", language).join(shortened(name, 80) for name in names[:10])
        more = text("report.more-names", language, {"count": f"{len(names):,}"}) if len(names) > 10 else ""
        said.append(("warning", text("formats.sarif-unchecked", language, {"what": what + more, "why": visible(reason)})))
    return [{"level": level, "message": {"text": _unlinked(words)}} for level, words in said]


def _properties(report: Report, shown: Sequence[Placed], language: str) -> dict[str, Any]:
    """The numbers behind the results, for programs."""
    return {
        "valid": report.valid,
        "summary": listing.summary(report, language),
        "findings": dict(tallies.totals(report)),
        "exact": not any(map(tallies.at_least, report.datasets)),
        "omitted": dict(listing.omitted(report, [item.finding for item in shown])),
        "accepted": tallies.accepted_total(report),
        "unchecked": tallies.skipped_count(report),
        "today": str(report.run.get("today", "")),
        "standards": list(standard_names(report.run, language)),
    }
