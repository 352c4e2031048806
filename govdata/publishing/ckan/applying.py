"""Carries out a plan on a CKAN site: exactly its changes, several datasets at once, each step after step."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Protocol

from govdata.classes import dataclass, field, replace
from govdata.errors import PublishError, SiteError
from govdata.messages import error_text, text
from govdata.publishing.ckan.mapping import WHEN, Form, actual_of, flat
from govdata.publishing.ckan.organisations import apply_organisation
from govdata.publishing.ckan.packages import Settled, changed_package, emptied, new_package
from govdata.publishing.ckan.site import Upload
from govdata.publishing.ckan.state import show
from govdata.publishing.ckan.steps import Hand, Package, create, delete, organisation_of, reread, revise
from govdata.publishing.outcome import Outcome, Result, Status
from govdata.publishing.plan import Change, Plan, Reason
from govdata.publishing.planning import Wanted, WantedResource, settled

MOST_FAILURES = 5
"""After so many failures in a row that are the site's the rest is left for the next run; after so many that are the token's, the rest of
the organisation."""

OF_THE_SITE = ("unavailable", "limit", "certificate", "redirect", "not-ckan")

TOO_LARGE = 413
"""HTTP: a file is larger than the site takes, others may be smaller."""

WITHOUT_FILE: Mapping[str, Any] = {"clear_upload": True, "url": "", "govdata_sha256": "", "govdata_table": ""}
"""What a resource becomes whose data leave the site."""

Told = Callable[[int, str], None]
"""Told how many changes are done, and the name of the last."""


class Tables(Protocol):
    """The DataStore, as far as a change of a dataset needs it."""

    def load(self, dataset: Package, resource: str, wanted: WantedResource) -> str:
        """Load a resource's table; gives the resource's id, and readers see it.

        Where CKAN cannot switch tables it gives another id: that of a shadow, which readers see once it was handed over and swapped in.
        """
        ...

    def hand_over(self, dataset: Package, shadow: str) -> None:
        """Let go of a shadow, so that a resource of its id can be in a dataset."""
        ...

    def retire(self, organisation: str, resource: str) -> None:
        """Take away the table of a resource that no dataset shows."""
        ...

    def remove(self, resource: str) -> None:
        """Take a resource's table out of the DataStore; nothing where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a plan is carried out with."""

    hand: Hand
    tables: Tables
    wanted: Mapping[str, Wanted]
    """Code → the dataset as it is to be."""
    today: str
    language: str
    form: Form
    activity: bool = True
    """The site may keep a history of what datasets were."""


def apply(plan: Plan, means: Means, jobs: int, progress: Told) -> Outcome:
    """Carry out a plan. Everything that can go wrong with one dataset is in its result, and the others go on."""
    started = time.monotonic()
    # First the organisations: what is left over goes by way of one.
    organisations = (*(_organisation(means, item) for item in plan.organisations), *retire_left(means))
    failures = _Failures()
    results: list[Result] = []
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = [(change, pool.submit(_apply, means, change, plan.directory, failures)) for change in plan.writes]
        try:
            for change, future in futures:
                results.append(_result(change, future))
                progress(len(results), change.name)
        finally:
            # Interrupted: what has begun is ended, what has not is left.
            if len(results) < len(futures):
                failures.stop = True
                for _, future in futures:
                    future.cancel()
    if all(result.status == "done" for result in results) and all(status == "done" for _, status, _ in organisations):
        means.hand.journal.settled()
    return Outcome(plan, tuple(results), organisations, means.hand.journal.run, time.monotonic() - started)


@dataclass(slots=True)
class _Failures:
    """Failures in a row that are not one dataset's own: of the site, and of what the token may do in each organisation."""

    site: int = 0
    organisations: dict[str, int] = field(default_factory=dict)
    stop: bool = False

    def note(self, organisation: str, error: PublishError | None) -> None:
        kind = error.kind if isinstance(error, SiteError) and error.arguments.get("status") != TOO_LARGE else ""
        self.site = self.site + 1 if kind in OF_THE_SITE else 0
        self.stop = self.stop or self.site >= MOST_FAILURES
        refused = self.organisations.get(organisation, 0)
        if refused < MOST_FAILURES:
            self.organisations[organisation] = refused + 1 if kind == "not-allowed" else 0

    def keeps_out(self, organisation: str) -> bool:
        """Whether datasets of an organisation are left for the next run."""
        return self.stop or self.organisations.get(organisation, 0) >= MOST_FAILURES


def _result(change: Change, future: Future[Result]) -> Result:
    try:
        return future.result()
    except CancelledError:
        return Result(change, "left")


def _organisation(means: Means, item: Any) -> tuple[str, Status, Reason | None]:
    try:
        apply_organisation(means.hand, item)
    except SiteError as error:
        return item.name, "failed", _why(error, means)
    return item.name, "done", None


def _apply(means: Means, change: Change, directory: str, failures: _Failures) -> Result:
    if failures.keeps_out(change.organisation):
        return Result(change, "left")
    work = _Work(means, change, directory)
    acts = {"create": work.create, "update": work.update, "restore": work.update, "withdraw": work.withdraw, "delete": work.delete}
    try:
        acts[change.action]()
    except PublishError as failure:
        failures.note(change.organisation, failure)
        error = PublishError("dataset-moved", name=change.name) if _is_purged(means, change, failure) else failure
        moved = error.key in ("dataset-moved", "name-taken") or (isinstance(error, SiteError) and error.kind == "conflict")
        return Result(change, "moved" if moved else "failed", _why(error, means))
    failures.note(change.organisation, None)
    return Result(change, "done", remains=_remains(change, means))


def _is_purged(means: Means, change: Change, error: PublishError) -> bool:
    """Whether a step failed because somebody has taken the dataset off the site, bin and all."""
    if not (isinstance(error, SiteError) and error.kind == "not-found"):
        return False
    try:
        return show(means.hand.site, change.id) is None
    except SiteError:
        return False


def _why(error: PublishError, means: Means) -> Reason:
    kind = f"site-{error.kind}" if isinstance(error, SiteError) else error.key
    return Reason(f"publish/{kind}", error_text(error, means.language))


def _remains(change: Change, means: Means) -> tuple[Reason, ...]:
    """What publishing cannot take back from a site where data have gone."""
    if not change.removals or not means.activity:
        return ()
    return (Reason("publish/remains-history", text("publish.remains-history", means.language, {"name": change.name})),)


class _Work:
    """One change, from its first step to its last."""

    def __init__(self, means: Means, change: Change, directory: str) -> None:
        self._means, self._hand, self._change, self._directory, self._form = means, means.hand, change, directory, means.form

    def create(self) -> None:
        """The dataset with all resources in one call; private until its data are there."""
        wanted = self._means.wanted[self._change.code]
        resources = settled(wanted, None)
        package = new_package(wanted, resources, self._form, self._means.today, private=bool(self._change.loads))
        made = create(self._hand, package, lambda found: self._is_ours(found, wanted))
        if made.get("state") == "deleted":
            # Deleted on the site, and in no page of what is there.
            self._change = replace(self._change, action="restore", id=str(made["id"]), seen=str(made["metadata_modified"]))
            self.update()
        else:
            self._fill(made, wanted, resources)

    def _is_ours(self, found: Package, wanted: Wanted) -> bool:
        """Whether a dataset that was there already is the one that was to be created."""
        fields = flat(found)
        if fields.get("govdata_directory") != self._directory or fields.get("govdata_code") != self._change.code:
            return False
        return found.get("state") == "deleted" or fields.get("govdata_digest") == wanted.digest

    def update(self) -> None:
        """What leaves is taken away first, then come the fields, then files and tables; what was not public is shown last."""
        wanted = self._means.wanted[self._change.code]
        current = self._take_away(self._still())
        hidden = bool(self._change.loads) and (bool(current.get("private")) or self._change.action == "restore")
        resources = settled(wanted, actual_of(current, self._directory))
        if self._change.differences or self._change.removals or self._change.action == "restore":
            published = str(self._stored(current, WHEN) or self._means.today)
            change = changed_package(current, wanted, resources, self._form, published, hidden)
            current = revise(self._hand, current, "revise", change, lambda found: self._is_as(found, wanted, hidden))
        self._fill(current, wanted, resources)

    def withdraw(self) -> None:
        """Data first, then the dataset itself."""
        current = self._take_away(self._still())
        change = emptied(current, self._form)
        revise(self._hand, current, "withdraw", change, lambda found: bool(found.get("private")) and _is_withdrawn(found))

    def delete(self) -> None:
        """Only one that is withdrawn, and still is."""
        current = self._still()
        if not _is_withdrawn(current) or not current.get("private"):
            raise PublishError("dataset-moved", name=self._change.name)
        delete(self._hand, current)

    def _still(self) -> Package:
        """The dataset as it is, if it is as the plan has seen it."""
        found = show(self._hand.site, self._change.id)
        if found is None or found.get("metadata_modified") != self._change.seen:
            raise PublishError("dataset-moved", name=self._change.name)
        return found

    def _stored(self, package: Package, name: str) -> Any:
        extras = {item.get("key"): item.get("value") for item in package.get("extras") or ()}
        return package.get(name) or extras.get(name)

    def _is_as(self, found: Package, wanted: Wanted, private: bool) -> bool:
        return flat(found).get("govdata_digest") == wanted.digest and bool(found.get("private")) == private

    def _take_away(self, current: Package) -> Package:
        """Tables and files of the resources that leave: a resource that is merely dropped could still be read by its id."""
        gone = {item.resource for item in self._change.removals} & {str(item["id"]) for item in current.get("resources") or ()}
        if not gone:
            return current
        for number in sorted(gone):
            step = self._hand.journal.begin("remove-table", id=current["id"], resource=number)
            try:
                self._means.tables.remove(number)
                current = reread(self._hand, current)
            except SiteError as error:
                self._hand.journal.failed(step, unsure=error.unsure, why=error.kind)
                raise
            # A table that goes changes the dataset: a run that ends here finds it again as it left it.
            self._hand.journal.done(step, id=current["id"], modified=current["metadata_modified"])
        update = {f"update__resources__{number}": WITHOUT_FILE for number in sorted(gone)}
        return revise(self._hand, current, "clear", ((), update), lambda found: not _stored_files(found, gone))

    def _fill(self, current: Package, wanted: Wanted, resources: Settled) -> None:
        """Files and tables, and then everybody may see it."""
        by_key = {item.key: (number, item) for number, item in resources}
        for load in self._change.loads:
            number, item = by_key[load.key]
            if load.file:
                current = self._send(current, number, item)
            elif load.table:
                # What has been sent was under the lock; else the lock is taken here, so that no other run loads the same table.
                mark = {f"update__resources__{number}": {"govdata_run": self._hand.journal.run}}
                current = revise(self._hand, current, "claim", ((), mark), _has(number, "govdata_run", self._hand.journal.run))
            if load.table:
                current = self._load(current, number, item)
        if current.get("private"):
            current = revise(self._hand, current, "show", ((), {"private": False}), lambda found: not found.get("private"))

    def _send(self, current: Package, number: str, item: WantedResource) -> Package:
        mark = {f"update__resources__{number}": {"govdata_sha256": item.sha256}}
        return revise(self._hand, current, "upload", ((), mark), _has(number, "govdata_sha256", item.sha256), (number, _upload(item)))

    def _load(self, current: Package, number: str, item: WantedResource) -> Package:
        step = self._hand.journal.begin("load", id=current["id"], resource=number)
        try:
            shown = self._means.tables.load(current, number, item)
        except PublishError as error:
            self._hand.journal.failed(step, unsure=isinstance(error, SiteError) and error.unsure, why=error.key)
            if isinstance(error, SiteError) and error.kind == "not-found":
                reread(self._hand, current)  # where another run has put its own table in the place, it is that which is to be told
            raise
        try:
            current = reread(self._hand, current)
        except PublishError:
            self._hand.journal.done(step, resource=shown)
            if shown != number:  # somebody has changed the dataset meanwhile: the loaded table will be nobody's
                self._means.tables.retire(organisation_of(current), shown)
            raise
        self._hand.journal.done(step, resource=shown, id=current["id"], modified=current["metadata_modified"])
        marks = {"govdata_table": item.table, "datastore_active": True}
        if shown == number:
            return revise(
                self._hand, current, "mark", ((), {f"update__resources__{number}": marks}), _has(number, "govdata_table", item.table)
            )
        return self._swap(current, (number, shown), item, marks)

    def _swap(self, current: Package, numbers: tuple[str, str], item: WantedResource, marks: Mapping[str, Any]) -> Package:
        """Show a resource of another id, with the file, in the place of the one that it was: one revision, then the old table goes."""
        old, new = numbers
        organisation = organisation_of(current)
        # Known before anything is let go of: the rows of a table that no dataset shows can be read by anyone.
        step = self._hand.journal.begin("retire", id=current["id"], resources=[old, new], organisation=organisation)
        self._means.tables.hand_over(current, new)
        listed = [dict(found) for found in current["resources"]]
        swapped = [{**found, "id": new, **marks} if found["id"] == old else found for found in listed]
        upload = (new, _upload(item)) if item.sha256 else None
        change = (["-resources"], {"resources": swapped})
        try:
            current = revise(self._hand, current, "swap", change, _has(new, "govdata_table", item.table), upload)
        except PublishError:
            self._means.tables.retire(organisation, new)
            self._hand.journal.failed(step, unsure=False, why="swap")
            raise
        self._means.tables.retire(organisation, old)
        self._hand.journal.done(step)
        return current


def retire_left(means: Means) -> Iterator[tuple[str, Status, Reason | None]]:
    """Take away what an interrupted swap left: of the two tables the one that the dataset does not show.

    Gives the organisations by way of which that failed. The journal stays open for them, and everything else goes on.
    """
    for record in means.hand.journal.left_open:
        if record.get("kind") == "retire":
            organisation = str(record["organisation"])
            for number in record["resources"]:
                try:
                    found = show(means.hand.site, str(record["id"]))
                    if found is not None:  # it may belong to another by now, and the one that it had be gone
                        organisation = organisation_of(found)
                    if all(item["id"] != number for item in (found or {}).get("resources") or ()):
                        means.tables.retire(organisation, str(number))
                except SiteError as error:
                    args = {"resource": number, "name": organisation, "what": error.arguments.get("what", error.kind)}
                    why = Reason(f"publish/site-{error.kind}", text("publish.table-remains", means.language, args))
                    yield organisation, "failed", why


def _has(number: str, mark: str, value: str) -> Callable[[Package], bool]:
    return lambda found: any(item["id"] == number and item.get(mark) == value for item in found.get("resources") or ())


def _is_withdrawn(package: Package) -> bool:
    return flat(package).get("govdata_state") == "withdrawn"


def _stored_files(package: Package, numbers: set[str]) -> list[str]:
    return [item["id"] for item in package.get("resources") or () if item["id"] in numbers and item.get("url_type") == "upload"]


def _upload(item: WantedResource) -> Upload:
    """The file, if it still is the one that was checked."""
    assert item.path is not None
    try:
        with item.path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PublishError("file-moved", file=item.key, what=error.strerror or str(error)) from error
    if found != item.sha256:
        raise PublishError("file-moved", file=item.key, what=found[:12])
    return Upload(item.path, item.upload, sha256=item.sha256)  # it is looked at once more while it is sent
