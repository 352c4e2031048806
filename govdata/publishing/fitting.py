"""Whether a plan that was saved still fits: files, gate and target are as they were, or as the plan's own steps have made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from govdata.classes import replace
from govdata.errors import PublishError
from govdata.publishing.plan import WRITES, Change, Plan, Reason


def refuse_unfit(saved: Plan, fresh: Plan, own: Mapping[str, str], file: str) -> None:
    """Raise `PublishError` where `fresh`, made now, is not what is left of `saved`. `own`: id → when a step of ours modified it last."""
    if _aim(saved) != _aim(fresh):
        raise PublishError("plan-elsewhere", file=file, target=saved.target.name, url=saved.target.url)
    if fresh.ends_links and not saved.ends_links:
        raise PublishError("plan-links", file=file)
    moved = sorted(set(_moved(saved, fresh, own)))
    if moved:
        raise PublishError("plan-moved", file=file, datasets=moved[:10], count=len(moved))


def _aim(plan: Plan) -> tuple[str, str, str, str]:
    return plan.target.name, plan.target.url, plan.target.zone, plan.directory


def _moved(saved: Plan, fresh: Plan, own: Mapping[str, str]) -> Iterator[str]:
    """The codes of datasets that are no longer as the plan has them."""
    before = {change.code: change for change in saved.changes}
    after = {change.code: change for change in fresh.changes}
    yield from (code for code in after if code not in before)
    for code, change in before.items():
        now = after.get(code)
        if now is None:
            if change.action != "delete" and change.action != "keep":
                yield code
        elif _essence(now) != _essence(change) and not _is_done(change, now) and not _is_begun(change, now, own):
            yield code
    known = {item.name: item for item in saved.organisations}
    yield from (item.name for item in fresh.organisations if known.get(item.name) != item)


def _essence(change: Change) -> Change:
    """What of a change has to stay; the words of its reasons depend on the language of the run."""
    return replace(change, notes=(), holder="", reasons=tuple(Reason(reason.rule, "", field=reason.field) for reason in change.reasons))


def _is_done(planned: Change, now: Change) -> bool:
    """What was planned is how it is."""
    if planned.action in ("create", "update", "restore", "keep"):
        return now.action == "keep" and bool(planned.digest) and now.digest == planned.digest
    if planned.action == "withdraw":
        # One that is gone from the directory and is kept on the target is withdrawn there.
        return now.action in ("keep", "refused") and not now.removals and (now.path == "" or now.reasons != ())
    return False


def _is_begun(planned: Change, now: Change, own: Mapping[str, str]) -> bool:
    """Steps of ours have been done and nobody else's since: the rest is what is left of the plan."""
    if planned.action not in WRITES or now.seen == "" or own.get(now.id) != now.seen:
        return False
    if planned.action == "withdraw" or planned.action == "delete":
        return now.action == planned.action
    return now.action in ("update", "restore") and now.digest == planned.digest
