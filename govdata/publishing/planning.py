"""What is wanted held against what is there: a pure function that gives the changes of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from govdata.classes import dataclass, field, replace
from govdata.messages import text
from govdata.publishing.identity import resource_id
from govdata.publishing.plan import Action, Change, Difference, Load, Plan, Reason, Removal


@dataclass(frozen=True, slots=True)
class WantedResource:
    """A resource as it is to be on the target."""

    key: str
    fields: Mapping[str, Any]
    sha256: str = ""
    """Of its file; empty where it has none (a link)."""
    size: int = 0
    table: str = ""
    """A digest of all that the loaded table follows from; empty where none is to be loaded."""
    rows: int | None = None
    path: Path | None = None
    upload: str = ""
    """The file's name in the target's store."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A dataset as it is to be on the target."""

    id: str
    name: str
    organisation: str
    fields: Mapping[str, Any]
    """Flat: field of the target → value; what is empty is left out."""
    resources: tuple[WantedResource, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A dataset of the directory with what the check and the gate say of it."""

    code: str
    title: str
    path: str
    verdict: Literal["whole", "entry", "refused"]
    valid: bool
    reasons: tuple[Reason, ...] = ()
    """Why it is not, or not wholly, for this target."""
    notes: tuple[Reason, ...] = ()
    wanted: Wanted | None = None
    """Only of a valid one that is not refused; missing too where the target cannot take it (then `reasons` says why)."""


@dataclass(frozen=True, slots=True)
class ActualResource:
    """A resource as it is on the target; one without a key was put there by somebody else."""

    id: str
    key: str
    fields: Mapping[str, Any]
    sha256: str = ""
    table: str = ""
    position: int = 0
    size: int | None = None
    """Bytes of its file, where the target says so."""


@dataclass(frozen=True, slots=True)
class Actual:
    """A dataset as it is on the target."""

    id: str
    code: str
    name: str
    path: str
    title: str
    organisation: str
    state: Literal["published", "withdrawn", "deleted", "foreign"]
    modified: str
    holder: str
    """Who has it, for people: its organisation and, where it has one, its directory."""
    fields: Mapping[str, Any]
    resources: tuple[ActualResource, ...]
    digest: str = ""
    organisation_title: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What is on the target, as far as it matters here."""

    ours: Mapping[str, Actual]
    """Code → dataset that carries the directory's id."""
    others: Mapping[str, Actual] = field(default_factory=dict)
    """Name or id that we want → dataset of somebody else that has it."""


@dataclass(frozen=True, slots=True)
class Options:
    """How far a run may go."""

    whole: bool
    """The whole directory was read; else nothing is withdrawn or deleted."""
    max_delete: int = 0
    take_over: bool = False
    language: str = "zh-CN"
    saved: Plan | None = None
    """A plan that is carried out as it was saved: nothing is deleted that it does not delete, as what it has withdrawn meanwhile."""


def plan_changes(offers: Sequence[Offer], state: State, options: Options) -> tuple[tuple[Change, ...], int]:
    """The changes, datasets in the directory's order, then those that are gone from it; and how many deletes are over the limit."""
    renamed = renames(offers, state, options)
    known = {renamed.get(offer.code, offer.code) for offer in offers}
    found = [_offered(offer, state.ours.get(renamed.get(offer.code, offer.code)), state, options) for offer in offers]
    gone = [actual for code, actual in sorted(state.ours.items()) if code not in known] if options.whole else []
    due = [actual for actual in gone if actual.state == "withdrawn"]
    over = max(0, len(due) - options.max_delete) if options.max_delete else 0
    deletable = {actual.id for actual in due} if options.max_delete and not over else set()
    if options.saved is not None:
        over, deletable = options.saved.over, {change.id for change in options.saved.changes if change.action == "delete"}
    found += [_gone(actual, actual.id in deletable, options) for actual in gone if actual.state != "deleted"]
    return tuple(found), over


def renames(offers: Sequence[Offer], state: State, options: Options) -> dict[str, str]:
    """New code → the code it had before: the same folder, and the old code is in the directory no more."""
    if not options.whole:
        return {}
    codes = {offer.code for offer in offers}
    left = {actual.path: code for code, actual in state.ours.items() if code not in codes and actual.path and actual.state != "deleted"}
    return {offer.code: left[offer.path] for offer in offers if offer.code not in state.ours and offer.path in left}


def settled(wanted: Wanted, actual: Actual | None) -> tuple[tuple[str, WantedResource], ...]:
    """The wanted resources with the ids that they have or get. One whose file was only renamed keeps its id, so that links last."""
    if actual is None:
        return tuple((resource_id(wanted.id, item.key), item) for item in wanted.resources)
    by_key = {item.key: item for item in actual.resources if item.key}
    keys = {item.key for item in wanted.resources}
    left = [item for item in actual.resources if item.key and item.key not in keys and item.sha256]
    found = []
    for item in wanted.resources:
        same = by_key.get(item.key)
        if same is None and item.sha256:
            same = next((old for old in left if (old.sha256, _part(old.key)) == (item.sha256, _part(item.key))), None)
            if same is not None:
                left.remove(same)
        found.append((same.id if same else resource_id(actual.id, item.key), item))
    return tuple(found)


def _part(key: str) -> str:
    return key.partition("#")[2]


def _offered(offer: Offer, actual: Actual | None, state: State, options: Options) -> Change:
    there = actual is not None and actual.state in ("published", "withdrawn")
    public = actual is not None and actual.state == "published"
    if offer.verdict == "refused":
        if public and options.whole:
            assert actual is not None
            return _told(offer, "withdraw", actual, removals=_data_of(actual), reasons=offer.reasons)
        still = (_reason("still-published", options),) if public else ()
        return _told(offer, "refused", actual, reasons=offer.reasons, notes=(*still, *offer.notes))
    if not offer.valid or offer.wanted is None:
        return _told(offer, "held" if there else "refused", actual, reasons=offer.reasons)
    wanted = offer.wanted
    holder = next((state.others[key] for key in (wanted.name, wanted.id) if key in state.others), None) if actual is None else None
    if holder is not None and not (options.take_over and _can_take(holder)):
        rule = "name-private" if _is_private(holder) else "name-taken"
        reason = _reason(rule, options, name=wanted.name, holder=holder.holder)
        return _told(offer, "conflict", holder, holder=holder.holder, reasons=(reason,))
    if holder is not None:
        notes = (_reason("taken-over", options, holder=holder.holder), *offer.notes)
        return _compared(replace(offer, notes=notes), wanted, holder, options)
    return _compared(offer, wanted, actual, options)


def _can_take(holder: Actual) -> bool:
    return holder.state == "foreign" and not _is_private(holder)


def _is_private(holder: Actual) -> bool:
    """Its resources, and what else others put there, would become public. What another directory withdrew was public."""
    return holder.fields.get("private") is True and holder.fields.get("govdata_state") != "withdrawn"


def _compared(offer: Offer, wanted: Wanted, actual: Actual | None, options: Options) -> Change:
    resources = settled(wanted, actual)
    loads = tuple(_loads(resources, actual))
    if actual is None:
        made = Change("create", offer.code, offer.title, offer.path, wanted.id, wanted.name, wanted.organisation, wanted.digest)
        return replace(made, loads=loads, reasons=offer.reasons, notes=offer.notes)
    kept = {number for number, _ in resources}
    removals = tuple(Removal(item.id, item.key) for item in actual.resources if item.id not in kept and item.key)
    foreign = [item for item in actual.resources if not item.key and item.id not in kept]
    notes = (*offer.notes, *(_reason("resource-of-others", options, resource=item.fields.get("name") or item.id) for item in foreign))
    differences = tuple(_differences(wanted, resources, actual))
    action: Action = "update" if differences or loads or removals else "keep"
    if actual.state in ("withdrawn", "deleted"):
        action = "restore"
    told = {"differences": differences, "loads": loads, "removals": removals, "reasons": offer.reasons, "notes": notes}
    return _told(offer, action, actual, name=wanted.name, organisation=wanted.organisation, digest=wanted.digest, **told)


def _differences(wanted: Wanted, resources: Sequence[tuple[str, WantedResource]], actual: Actual) -> Iterator[Difference]:
    new = {**wanted.fields, "name": wanted.name, "organisation": wanted.organisation}
    old = {**actual.fields, "name": actual.name, "organisation": actual.organisation}
    yield from _between("", old, new)
    there = {item.id: item for item in actual.resources}
    for number, item in resources:
        before = there.get(number)
        stated: Mapping[str, Any] = {**before.fields, "key": before.key} if before else {}
        yield from _between(f"resources/{item.key}/", stated, {**item.fields, "key": item.key})
    kept = [there[number].position for number, _ in resources if number in there]
    if kept != sorted(kept):
        order = [item.key for item in sorted(actual.resources, key=lambda item: item.position)]
        yield Difference("resources", order, [item.key for _, item in resources])


def _between(prefix: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in (*new, *(name for name in old if name not in new)):
        if old.get(name) != new.get(name):
            yield Difference(prefix + name, old.get(name), new.get(name))


def _loads(resources: Sequence[tuple[str, WantedResource]], actual: Actual | None) -> Iterator[Load]:
    there = {item.id: item for item in actual.resources} if actual is not None else {}
    for number, item in resources:
        before = there.get(number)
        file = bool(item.sha256) and (before is None or before.sha256 != item.sha256 or _is_replaced(item, before))
        table = bool(item.table) and (before is None or before.table != item.table)
        if file or table:
            yield Load(number, item.key, file, table, item.size, item.rows)


def _is_replaced(item: WantedResource, before: ActualResource) -> bool:
    """Whether somebody put another file in the place of ours and left our mark of it."""
    return bool(item.size) and before.size is not None and before.size != item.size


def _gone(actual: Actual, deletable: bool, options: Options) -> Change:
    base = Change("keep", actual.code, actual.title, "", actual.id, actual.name, actual.organisation, seen=actual.modified)
    if actual.state == "published":
        return replace(base, action="withdraw", removals=_data_of(actual), reasons=(_reason("gone", options),))
    if deletable:
        return replace(base, action="delete", reasons=(_reason("gone-and-withdrawn", options),))
    return replace(base, notes=(_reason("withdrawn-kept", options),))


def _data_of(actual: Actual) -> tuple[Removal, ...]:
    """Only what we put there: the files of others stay with the dataset, which nobody else sees any more."""
    return tuple(Removal(item.id, item.key) for item in actual.resources if item.key)


def _told(offer: Offer, action: Action, actual: Actual | None, **more: Any) -> Change:
    at = {"id": actual.id, "name": actual.name, "organisation": actual.organisation, "seen": actual.modified} if actual else {}
    return Change(action, offer.code, offer.title, offer.path, **{"notes": offer.notes, **at, **more})


def _reason(rule: str, options: Options, **args: object) -> Reason:
    return Reason(f"publish/{rule}", text(f"publish.{rule}", options.language, args), text(f"publish.{rule}-help", options.language, args))
