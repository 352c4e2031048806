"""What the check of one resource gave, as a value that can be handed on from another process or kept for the next run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping
from typing import Any

from govdata import cache, content
from govdata.checks.context import CheckContext
from govdata.checks.exposure import exposure_of
from govdata.checks.keys import targets_of
from govdata.checks.personal import scrub
from govdata.checks.table import check_resource
from govdata.classes import asdict, dataclass, fields, replace
from govdata.engines.plan import Tally
from govdata.finishing import conceal
from govdata.reading.changes import BESIDE
from govdata.values import Dataset, Finding, Resource, ResourceReport, Skipped

Item = Finding | Skipped | Tally
_KINDS: Mapping[str, type[Any]] = {"finding": Finding, "skipped": Skipped, "tally": Tally}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Findings within the limits, counts of the others, skips; and what was read."""

    items: tuple[Item, ...]
    report: ResourceReport


_BESIDE_THE_POINT: Mapping[str, Any] = {"accept": (), "baseline": None, "write_baseline": None, "changed": ""}
"""Settings that decide which datasets are checked, or what becomes of findings, and not what is found."""
_PASSING = frozenset(("engine-missing", "foreign-key-unread", "database/locked", "database/view", "file/changed"))
"""Skips and rules that tell of what is installed, in use or too busy just now: it must not be told again when that has passed."""
WORTH = 256 << 10
"""Bytes of a file from which its outcome is kept: what is smaller is sooner checked than looked up."""


def check_all(dataset: Dataset, context: CheckContext) -> list[Outcome]:
    """The outcome of every resource of a dataset; of one that has not changed, what was kept of it."""
    return [_check(resource, dataset, context) for resource in dataset.resources]


def _check(resource: Resource, dataset: Dataset, context: CheckContext) -> Outcome:
    key = _key(resource, dataset, context) if context.settings.cache and size_of(resource) >= WORTH else None
    kept = _restored(cache.read("outcomes", key)) if key else None
    if kept is not None:
        return kept
    exposure = exposure_of(dataset, resource, context)
    outcome = gather(check_resource(resource, context, exposure), context)
    # Between the digest and the reading the file may have changed: then the outcome belongs to another key.
    if key and not any(map(_is_passing, outcome.items)) and not _names_a_person(outcome) and _key(resource, dataset, context) == key:
        hidden = {*exposure.declared, *outcome.report.personal}
        hides_key = not hidden.isdisjoint(outcome.report.key)
        # What a rule that is not in force would say is never told.
        told = [item for item in outcome.items if not isinstance(item, Finding) or item.rule in context.standard.rules]
        masked = tuple(conceal(item, context.standard, hidden, hides_key) if isinstance(item, Finding) else item for item in told)
        cache.write("outcomes", key, _kept(Outcome(masked, outcome.report)))
    return outcome


def _names_a_person(outcome: Outcome) -> bool:
    """Whether a number of a person stands where the name of a field should, as in a table without a header: that is kept nowhere."""
    report = outcome.report
    names = {getattr(item, "field", "") for item in outcome.items}.union(report.personal, report.strewn, report.reference, report.key)
    return any(scrub(name) != name for name in names)


def _is_passing(item: Item) -> bool:
    """Whether something is told that does not follow from the files alone."""
    return (item.why if isinstance(item, Skipped) else item.rule) in _PASSING


def size_of(resource: Resource) -> int:
    """Bytes of a resource's file; 0 where it cannot be told."""
    try:
        return resource.path.stat().st_size
    except (OSError, ValueError):
        return 0


def gather(results: Generator[Item, None, ResourceReport], context: CheckContext) -> Outcome:
    """Take in everything that a check yields: per rule, field and file so many findings as are shown, the others counted."""
    limit = context.settings.limit_each
    kept: list[Item] = []
    more: Counter[tuple[str, str, str, str, str, str]] = Counter()
    places: Counter[tuple[str, str, str]] = Counter()
    causes: set[tuple[str, ...]] = set()  # with rule and field: a record may accept one and not the other
    while True:
        try:
            item = next(results)
        except StopIteration as stop:
            tallies = [Tally(rule, severity, count, True, *where) for (rule, severity, *where), count in more.items()]
            return Outcome((*kept, *tallies), stop.value)
        if not isinstance(item, Finding):
            kept.append(item)
            continue
        place, cause = (item.rule, item.field, item.file), (item.file, item.cause, item.rule, item.field)
        places[place] += 1
        if limit is None or places[place] <= limit or (item.cause and cause not in causes):
            causes.add(cause)
            kept.append(item)
        elif severity := context.severity(item):
            more[item.rule, severity, item.cause, item.file, item.sheet, item.field] += 1


def _key(resource: Resource, dataset: Dataset, context: CheckContext) -> str | None:
    """A digest of all that an outcome follows from; `None` where a file cannot be read."""
    # A target that is not there has a word instead: which key finds which, and what is missing, is part of what is found.
    targets = targets_of(resource, context)
    read = [resource, *(target for target in targets if isinstance(target, Resource))]
    digests = [cache.content_digest(item.path) for item in read]
    # What a database has not yet written into its file stands beside it.
    if None in digests or any(item.path.with_name(item.path.name + end).exists() for item in read for end in BESIDE):
        return None
    settings = replace(context.settings, root=None, content=None, schema=None, jobs=0, targets=(), exceptions=(), **_BESIDE_THE_POINT)
    exposure = asdict(exposure_of(dataset, resource, context)).values()
    told = [sorted(part) if isinstance(part, frozenset) else part for part in exposure]
    described = [asdict(item) if isinstance(item, Resource) else item for item in (resource, *targets)]
    accepted = sorted({(record.rule, record.field) for record in context.settings.accept})
    asked = [context.settings.limit_each, context.settings.compares, accepted]  # how much is asked of a table depends on them
    return cache.digest_of([content.program(), context.standard.digest, digests, described, asdict(settings), asked, told])


def _kept(outcome: Outcome) -> dict[str, Any]:
    names = {kind: name for name, kind in _KINDS.items()}
    items = [[names[type(item)], _plain(item)] for item in outcome.items]
    return {"items": items, "report": asdict(outcome.report)}


def _plain(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in fields(item) if name != "source"}


def _restored(kept: Any) -> Outcome | None:
    """An outcome as it was kept; `None` where it is not of the form."""
    try:
        # What an older version did not know must not be taken for nothing: then the file is read again.
        items = tuple(_item(_KINDS[name], told) for name, told in kept["items"])
        told = {name: _frozen(kept["report"][name]) for name in fields(ResourceReport)}
        return Outcome(items, ResourceReport(**told))
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _item(kind: type[Any], told: Mapping[str, Any]) -> Item:
    made: Item = kind(**{name: _frozen(told[name]) for name in fields(kind) if name != "source"})
    return made


def _frozen(value: Any) -> Any:
    """Lists as the tuples that they were."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
