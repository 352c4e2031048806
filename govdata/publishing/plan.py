"""The plan of a publication: what would be done to a target and why, as a value that can be printed, saved and held against a later one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from govdata import __version__
from govdata.cache import digest_of
from govdata.classes import asdict, dataclass, fields, replace
from govdata.errors import PublishError

VERSION = 1

Action = Literal["create", "update", "restore", "keep", "withdraw", "delete", "held", "refused", "conflict"]
SIGNS: Mapping[str, str] = {
    "create": "+",
    "update": "~",
    "restore": "^",
    "keep": "=",
    "withdraw": "-",
    "delete": "x",
    "held": "!",
    "refused": "!",
    "conflict": "?",
}
"""Every action with its sign. The last three are never carried out: they say what stays as it is, and why."""

WRITES = ("create", "update", "restore", "withdraw", "delete")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is done, left out or to be looked at, in the language of the run. `rule` is a rule's id, or a word of our own."""

    rule: str
    message: str
    help: str = ""
    field: str = ""
    source: str = ""
    """Document and clause, where a rule says so."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a dataset that is to change. `None`: not there. Fields of resources are named `resources/KEY/field`."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Load:
    """A file to send, a table to load, or both."""

    resource: str
    """The resource's id on the site."""
    key: str
    """The file in the dataset's folder, with `#` and the sheet or table of one that has several."""
    file: bool
    table: bool
    size: int
    """Bytes of the file."""
    rows: int | None = None
    """Rows of the table, where they were counted."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A resource whose data leave the site."""

    resource: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with one dataset."""

    action: Action
    code: str
    """The dataset's identifier; its folder where it has none."""
    title: str
    path: str = ""
    """Its folder in the directory; empty for one that is gone from it."""
    id: str = ""
    """Its id on the site; that of a new one is what we ask for."""
    name: str = ""
    """Its name on the site, the last part of its address."""
    organisation: str = ""
    digest: str = ""
    """Of all that is wanted, data included."""
    seen: str = ""
    """When it was last modified on the site, as the site says it; empty where it is not there."""
    holder: str = ""
    """Who has the name, in a conflict."""
    differences: tuple[Difference, ...] = ()
    loads: tuple[Load, ...] = ()
    removals: tuple[Removal, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of the site that is to be created or corrected."""

    action: Literal["create", "update"]
    name: str
    title: str
    code: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a plan leads to."""

    name: str
    url: str
    zone: str
    way: str
    """How tables are loaded: `plugin`, `sql`, `api` (links change), or empty where there is no DataStore. Of a static site: `rename`
    or `files`, how the new one takes the place of the old."""
    form: bool
    """The site has our form, so that fields stand by themselves instead of among the extras."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run would do. `plan` is the version of this form; fields are added to it, never changed."""

    target: Target
    directory: str
    """The directory's id."""
    whole: bool
    """The whole directory was read, so that what is gone from it can be told."""
    changes: tuple[Change, ...]
    organisations: tuple[Organisation, ...] = ()
    notes: tuple[Reason, ...] = ()
    """Of the run as a whole: exceptions without effect, deletes over the limit."""
    max_delete: int = 0
    over: int = 0
    """So many deletes are due beyond `max_delete`; then none is done."""
    take_over: bool = False
    only: tuple[str, ...] = ()
    """Codes or folders that were asked for, with `*`; empty: all."""
    pages: int = 0
    """Of a site: so many datasets are as they were, but their pages are written anew (held back from now on, other looks)."""
    made: str = ""
    """Moment, in UTC."""
    govdata: str = __version__
    plan: int = VERSION

    def counts(self) -> dict[str, int]:
        """Action → how many datasets, in the order of the actions."""
        counted = Counter(change.action for change in self.changes)
        return {action: counted[action] for action in SIGNS if counted[action]}  # type: ignore[index]

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that are carried out."""
        return tuple(change for change in self.changes if change.action in WRITES)

    @property
    def ends_links(self) -> bool:
        """With new data a resource gets a new id: old links to it end."""
        return self.target.way == "api" and any(load.table for change in self.writes for load in change.loads)

    @property
    def is_empty(self) -> bool:
        """Nothing would be written."""
        return not self.writes and not self.organisations and not self.pages


def to_json(plan: Plan) -> dict[str, Any]:
    """A plan as `schemas/plan.schema.json` has it; what is empty is left out of changes."""
    found = asdict(plan)
    found["changes"] = [
        {key: value for key, value in change.items() if key in ("code", "title") or value not in ("", (), [])}
        for change in found["changes"]
    ]
    found["counts"] = plan.counts()
    return {"plan": found.pop("plan"), "govdata": found.pop("govdata"), "made": found.pop("made"), **found, "digest": digest(plan)}


def digest(plan: Plan) -> str:
    """Of everything that a plan says, its moment aside."""
    told = asdict(replace(plan, made=""))
    if not plan.only:
        # Plans of before had no such field.
        del told["only"]
    return digest_of(told)


def dumps(plan: Plan) -> str:
    """A plan as text of its JSON form."""
    return json.dumps(to_json(plan), ensure_ascii=False, indent=1) + "\n"


def loads(text: str, file: str) -> Plan:
    """A plan from its JSON form; `PublishError` where it is none, is of a later version, or was changed by hand."""
    try:
        declared = json.loads(text)
        if isinstance(declared, dict) and isinstance(declared.get("plan"), int) and declared["plan"] > VERSION:
            raise PublishError("plan-version", file=file, version=declared["plan"], known=VERSION)
        plan = _read(declared)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PublishError("plan-form", file=file, what=str(error)) from error
    if digest(plan) != declared.get("digest"):
        raise PublishError("plan-changed", file=file)
    return plan


def _read(declared: Mapping[str, Any]) -> Plan:
    known = set(fields(Plan))
    given = {key: value for key, value in declared.items() if key in known}
    given["target"] = Target(**given["target"])
    given["changes"] = tuple(_change(item) for item in given["changes"])
    given["organisations"] = tuple(
        Organisation(**{**item, "differences": _several(Difference, item.get("differences"))}) for item in given["organisations"]
    )
    given["notes"] = _several(Reason, given["notes"])
    given["only"] = tuple(given.get("only", ()))
    return Plan(**given)


def _change(item: Mapping[str, Any]) -> Change:
    kinds: dict[str, type[Any]] = {"differences": Difference, "loads": Load, "removals": Removal, "reasons": Reason, "notes": Reason}
    told: dict[str, Any] = {key: _several(kinds[key], value) if key in kinds else value for key, value in item.items()}
    if told["action"] not in SIGNS:
        raise ValueError(f"action {told['action']}")
    return Change(**told)


def _several(kind: type[Any], items: Sequence[Mapping[str, Any]] | None) -> tuple[Any, ...]:
    return tuple(kind(**item) for item in items or ())
