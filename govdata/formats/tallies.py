"""Verdicts and numbers of a report: what passed, how many findings, what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from govdata.values import SEVERITIES, DatasetReport, Finding, Report, Skipped

Verdict = Literal["pass", "fail", "unchecked"]


def verdict(report: Report) -> Verdict:
    """Of a run: a run that checked nothing is not a pass."""
    if not report.valid:
        return "fail"
    return "pass" if any(dataset_verdict(dataset) == "pass" for dataset in report.datasets) else "unchecked"


def stricter(report: Report) -> str:
    """Why a run fails that found no error: `strict` where something was not checked, `fail-on` where lesser findings count; else empty."""
    settings = report.run.get("settings")
    if verdict(report) != "pass" or not isinstance(settings, Mapping):
        return ""
    if settings.get("strict") and skipped_count(report):
        return "strict"
    least = settings.get("fail_on")
    failing = SEVERITIES[SEVERITIES.index(least) :] if least in SEVERITIES else ()
    found = totals(report)
    return "fail-on" if any(found[severity] for severity in failing) else ""


def dataset_verdict(dataset: DatasetReport) -> Verdict:
    """Of a dataset."""
    if not dataset.valid:
        return "fail"
    return "pass" if any(dataset.checked.values()) else "unchecked"


def verdicts(report: Report) -> Mapping[Verdict, int]:
    """Datasets by verdict. A file of entries stands for those of its entries that are not listed by themselves."""
    counted: dict[Verdict, int] = {"pass": 0, "fail": 0, "unchecked": 0}
    for dataset in report.datasets:
        if "entries" in dataset.checked:
            failed = dataset.checked.get("failed", 0)
            counted["pass"] += entries_apart(dataset) - failed
            counted["fail"] += failed
        else:
            counted[dataset_verdict(dataset)] += 1
    return counted


def entries_apart(dataset: DatasetReport) -> int:
    """How many entries of a file are not listed by themselves; 0 of what is no file of entries."""
    return dataset.checked.get("entries", 0) - dataset.checked.get("listed", 0)


def severities(dataset: DatasetReport) -> Mapping[str, int]:
    """Findings by severity, gravest first, those not shown included."""
    counted = dataset.severities or _counted(dataset.findings)
    return {name: counted.get(name, 0) for name in reversed(SEVERITIES)}


def totals(report: Report) -> Mapping[str, int]:
    """Findings of the whole run by severity, gravest first."""
    parts = [severities(dataset) for dataset in report.datasets] + [_counted(report.findings)]
    return {name: sum(part.get(name, 0) for part in parts) for name in reversed(SEVERITIES)}


def _counted(findings: Iterable[Finding]) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for finding in findings:
        counted[finding.severity] = counted.get(finding.severity, 0) + 1
    return counted


def at_least(dataset: DatasetReport) -> bool:
    """Whether some count of the dataset is a lower bound."""
    return any(not count.exact for count in dataset.counts.values())


def unlisted(dataset: DatasetReport) -> tuple[tuple[str, int, int, bool], ...]:
    """Rules with more findings than the report lists: rule, all, listed, whether the count is exact."""
    listed: dict[str, int] = {}
    for finding in dataset.findings:
        listed[finding.rule] = listed.get(finding.rule, 0) + 1
    return tuple(
        (rule, count.count, listed.get(rule, 0), count.exact)
        for rule, count in dataset.counts.items()
        if count.count > listed.get(rule, 0) or (count.count and not count.exact)
    )


def undecided(dataset: DatasetReport) -> tuple[str, ...]:
    """Rules of which nothing was found, but which not all cells were held against."""
    return tuple(rule for rule, count in dataset.counts.items() if not count.count and not count.exact)


def is_clean(dataset: DatasetReport) -> bool:
    """Nothing to tell but that it is right: it has no finding, no cause, nothing left out, and accepted is only what a baseline holds."""
    by_people = any(item.kind == "record" for item in dataset.acceptances) or (dataset.accepted and not dataset.acceptances)
    told = dataset.findings or dataset.causes or dataset.skipped or unlisted(dataset) or undecided(dataset) or by_people
    return dataset_verdict(dataset) == "pass" and not told


def clean(report: Report) -> tuple[DatasetReport, ...]:
    """Datasets without problems; not a file of entries all of which are listed by themselves."""
    return tuple(item for item in report.datasets if is_clean(item) and ("entries" not in item.checked or entries_apart(item)))


def accepted_count(dataset: DatasetReport) -> int:
    """How many findings are accepted, those not listed included."""
    counted = sum(count.count for count in dataset.accepted_counts.values())
    return max(counted, len(dataset.accepted))


def accepted_total(report: Report) -> int:
    """How many findings of a run are accepted, those not listed included."""
    return sum(map(accepted_count, report.datasets))


def is_unchanged(report: Report) -> bool:
    """Whether nothing was checked because nothing has changed."""
    changed = report.run.get("changed")
    return not report.datasets and isinstance(changed, Mapping) and bool(changed.get("total"))


def skipped_count(report: Report) -> int:
    """How many parts were not checked."""
    return len(report.skipped) + sum(len(dataset.skipped) for dataset in report.datasets)


def skipped_by_reason(skipped: Iterable[tuple[str, Skipped]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was not checked, by reason: the reason, and what it holds for. Input: (dataset, skipped)."""
    found: dict[str, list[str]] = {}
    for owner, item in skipped:
        name = owner if owner.endswith(item.what) else " · ".join(part for part in (owner, item.what) if part and part != ".")
        found.setdefault(item.message or item.why, []).append(name or item.what)
    return tuple((reason, tuple(dict.fromkeys(names))) for reason, names in found.items())
