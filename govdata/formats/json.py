"""The report as JSON, version 1 (`schemas/report.schema.json`): keys in a fixed order, empty optional ones of a finding left out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from govdata.checks.personal import scrub
from govdata.classes import fields
from govdata.errors import ReadError
from govdata.expressions import expression
from govdata.values import Acceptance, Cause, Count, DatasetReport, Finding, Report, ResourceReport, Skipped, Source

VERSION = 1
_RISKY = expression("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Characters that JSON allows but that move a terminal, turn the direction of reading, hide, or have no UTF-8 form."""


def write(report: Report) -> Iterator[str]:
    """The report in pieces of text, one finding a line: the same report gives the same text. Encode it as UTF-8."""
    mapping = _head(report)
    yield "{\n"
    for key, value in mapping.items():
        yield f'"{key}": {_listed(value, " ")},\n' if key in ("findings", "skipped") else f'"{key}": {dumped(value)},\n'
    yield '"datasets": ['
    for number, dataset in enumerate(report.datasets):
        yield ("," if number else "") + "\n " + _dataset_text(dataset)
    yield "\n]}\n" if report.datasets else "]}\n"


def _dataset_text(dataset: DatasetReport) -> str:
    lines = []
    for key, value in _dataset(dataset).items():
        long = key in ("findings", "accepted", "acceptances", "causes", "resources", "skipped")
        lines.append(f'"{key}": {_listed(value, "   ") if long else dumped(value)}')
    return "{" + ",\n  ".join(lines) + "}"


def _listed(values: list[Any], indent: str) -> str:
    return "[" + ",".join(f"\n{indent}{dumped(value)}" for value in values) + "]"


def dumped(value: object) -> str:
    """A JSON value in one line, in which no character moves a terminal or hides."""
    return _RISKY.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False, allow_nan=False))


def to_mapping(report: Report) -> dict[str, Any]:
    """The report as plain JSON values, keys in the order in which they are written."""
    return _head(report) | {"datasets": [_dataset(dataset) for dataset in report.datasets]}


def _head(report: Report) -> dict[str, Any]:
    return {
        "report": report.report,
        "govdata": report.govdata,
        "run": _plain(report.run),
        "valid": report.valid,
        "findings": [_slim(finding) for finding in report.findings],
        "skipped": [_slim(item) for item in report.skipped],
    }


def _dataset(dataset: DatasetReport) -> dict[str, Any]:
    return {
        "path": dataset.path,
        "id": dataset.id,
        "title": dataset.title,
        "standard": dataset.standard,
        "valid": dataset.valid,
        "entry": _plain(dataset.entry),
        "resources": [_resource(resource) for resource in dataset.resources],
        "checked": dict(dataset.checked),
        "skipped": [_slim(item) for item in dataset.skipped],
        "causes": [_slim(cause) for cause in dataset.causes],
        "counts": {rule: {"count": count.count, "exact": count.exact} for rule, count in dataset.counts.items()},
        "severities": dict(dataset.severities),
        "shown": dataset.shown,
        "accepted": [_slim(finding) for finding in dataset.accepted],
        **_accepted(dataset),
        "findings": [_slim(finding) for finding in dataset.findings],
    }


def _accepted(dataset: DatasetReport) -> dict[str, Any]:
    """How many findings are accepted and why, where some are."""
    if not dataset.accepted_counts:
        return {}
    counts = {rule: {"count": count.count, "exact": count.exact} for rule, count in dataset.accepted_counts.items()}
    return {"accepted_counts": counts, "acceptances": [_slim(item) for item in dataset.acceptances]}


def _resource(resource: ResourceReport) -> dict[str, Any]:
    """Every key, so that a consumer need not guess: what was not learnt is null or empty."""
    told = {name: _plain(getattr(resource, name)) for name in fields(resource)}
    return {name: _masked(item) if name in _NAMED else item for name, item in told.items()}


_NAMED = frozenset({"id", "personal", "reference", "key", "kinds", "strewn"})
"""Names of a resource and of its columns: a table without a header has a row of data for them."""


def _masked(item: Any) -> Any:
    """Names with the numbers of persons in them masked."""
    if isinstance(item, dict):
        return {scrub(key): part for key, part in item.items()}
    return [scrub(part) for part in item] if isinstance(item, list) else scrub(item)


def _slim(value: Any) -> dict[str, Any]:
    """A value as an object without keys that still have their default (an empty text, null, an empty mapping)."""
    out: dict[str, Any] = {}
    for name in fields(value):
        found = getattr(value, name)
        empty = found is None or found == {} or (found == "" and name != "value")
        if name in _KEPT or not empty:
            out[name] = _slim(found) if isinstance(found, Source) else _plain(found)
    return out


_KEPT = frozenset({"rule", "severity", "what", "why", "id", "kind", "count", "first", "document", "state"})
"""Written even when empty: the schema requires them."""


def _plain(value: object) -> Any:
    """A value as JSON has it. Decimals, dates and numbers that JSON cannot say become text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted(str(item) for item in value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case list() | tuple():
            return [_plain(item) for item in value]
    return str(value)


def read(mapping: Mapping[str, Any]) -> Report:
    """The report that `to_mapping` gave. Keys that a later version added are passed over; another version is refused."""
    if mapping.get("report") != VERSION:
        raise ReadError("report-version", version=mapping.get("report"), known=VERSION)
    return Report(
        report=VERSION,
        govdata=mapping["govdata"],
        run=mapping["run"],
        valid=mapping["valid"],
        findings=_findings(mapping["findings"]),
        skipped=tuple(_read(Skipped, item) for item in mapping["skipped"]),
        datasets=tuple(_read_dataset(item) for item in mapping["datasets"]),
    )


def _read_dataset(mapping: Mapping[str, Any]) -> DatasetReport:
    lists = {
        "resources": tuple(_read(ResourceReport, item) for item in mapping["resources"]),
        "skipped": tuple(_read(Skipped, item) for item in mapping["skipped"]),
        "causes": tuple(_read(Cause, item) for item in mapping["causes"]),
        "counts": {rule: _read(Count, count) for rule, count in mapping["counts"].items()},
        "accepted": _findings(mapping["accepted"]),
        "accepted_counts": {rule: _read(Count, count) for rule, count in mapping.get("accepted_counts", {}).items()},
        "acceptances": tuple(_read(Acceptance, item) for item in mapping.get("acceptances", ())),
        "findings": _findings(mapping["findings"]),
    }
    dataset: DatasetReport = _read(DatasetReport, {**mapping, **lists})
    return dataset


def _findings(mappings: list[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(_read(Finding, {**item, "source": _read(Source, item["source"])} if item.get("source") else item) for item in mappings)


def _read(kind: Any, mapping: Mapping[str, Any]) -> Any:
    known = set(fields(kind))
    listed = {"personal", "reference", "key"} if kind is ResourceReport else set()
    return kind(**{key: tuple(value) if key in listed else value for key, value in mapping.items() if key in known})
