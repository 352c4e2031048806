"""What came of a plan: change by change, as a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from govdata.classes import asdict, dataclass
from govdata.publishing.plan import Change, Plan, Reason, Target

VERSION = 1

Status = Literal["done", "failed", "moved", "left"]
"""`moved`: somebody else has changed it, nothing was overwritten. `left`: the run ended before it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one change that was to be carried out."""

    change: Change
    status: Status
    why: Reason | None = None
    remains: tuple[Reason, ...] = ()
    """What is still on the site of data that were taken away, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a plan."""

    plan: Plan
    results: tuple[Result, ...]
    organisations: tuple[tuple[str, Status, Reason | None], ...] = ()
    """Name, what came of it, and why."""
    run: str = ""
    """The run, as the journal calls it."""
    seconds: float = 0.0
    kept: tuple[str, ...] = ()
    """Of a static site: what was in its folder and is not ours; it is there as it was."""

    def counts(self) -> Mapping[str, int]:
        """Status → how many changes."""
        return Counter(result.status for result in self.results)

    @property
    def target(self) -> Target:
        """Where it was published to."""
        return self.plan.target


def to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON: every carried out change with its status."""
    results = [
        {"action": item.change.action, "code": item.change.code, "title": item.change.title, "id": item.change.id, "name": item.change.name}
        | {"status": item.status}
        | ({"why": asdict(item.why)} if item.why else {})
        | ({"remains": [asdict(reason) for reason in item.remains]} if item.remains else {})
        for item in outcome.results
    ]
    organisations = [
        {"name": name, "status": status} | ({"why": asdict(why)} if why else {}) for name, status, why in outcome.organisations
    ]
    head = {"outcome": VERSION, "run": outcome.run, "seconds": round(outcome.seconds, 3), "target": asdict(outcome.target)}
    return {**head, "counts": dict(outcome.counts()), "organisations": organisations, "results": results} | (
        {"kept": list(outcome.kept)} if outcome.kept else {}
    )
