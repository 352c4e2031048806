"""A prepared plan carried out: the new site is put together by several processes and takes the place of the old one."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from govdata import __version__
from govdata.circles import unsought
from govdata.classes import dataclass, replace
from govdata.errors import SettingsError
from govdata.publishing.outcome import Outcome, Result
from govdata.publishing.site import history as histories
from govdata.publishing.site import spare
from govdata.publishing.site import state as states
from govdata.publishing.site.addresses import slug
from govdata.publishing.site.assembly import PARTS
from govdata.publishing.site.clearing import dataset_folders, foreign, remove
from govdata.publishing.site.hands import Job, Means
from govdata.publishing.site.history import Event, History
from govdata.publishing.site.output import Folders, failure, write
from govdata.publishing.site.pair import Pair
from govdata.publishing.site.parts import Whole
from govdata.publishing.site.preparing import Prepared, Work
from govdata.publishing.site.records import Record
from govdata.publishing.site.state import Known, Mark, known_line, line
from govdata.publishing.site.switching import exchange, move_in, refuse_clash
from govdata.publishing.site.team import Team, open_team
from govdata.settings import Settings

T = TypeVar("T")

BATCH, LINKS = 100, 1000
"""Datasets whose files are made, or taken over, by one process at once."""

AT_ONCE = 1 << 20
"""So many bytes of lines, or a little more, are copied together."""

Told = Callable[[int, str], None]
"""Told the number of datasets done, and the code of the last."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a build needs besides what was prepared."""

    settings: Settings
    folders: Folders
    spool: Path
    """The folder where new records wait."""
    jobs: int
    pair: Pair | None = None
    """A second process that has got ready."""


def build(prepared: Prepared, ground: Ground, told: Told) -> Outcome:
    """Build the site and put it into its place. `PublishError` where that fails: then the old one is as it was."""
    began = time.monotonic()
    folders = ground.folders
    try:
        try:
            stay = [item.known for item in prepared.works if item.kind == "same" and item.known is not None]
            has_spare = _has_spare(prepared, len(stay))
            look = ground.pair.looked if ground.pair is not None else None
            taken = spare.take(folders, prepared.actual, stay, look) if folders.way == "rename" else None
            # What two processes are enough for leaves little behind.
            with unsought() if ground.pair is not None else contextlib.nullcontext():
                kept, mark, obsolete, moved = _put_together(prepared, ground, told, taken)
            if folders.way == "rename":
                spared = _spared(prepared, stay, taken, moved) if has_spare and spare.is_linked(folders, stay) else None
                left = exchange(folders, mark.build, kept, spared)
            else:
                left = move_in(folders, obsolete)
        finally:
            if ground.pair is not None:
                # It may be at work where all is to be cleared.
                ground.pair.stop()
            if not folders.intent.exists():
                shutil.rmtree(folders.stage, ignore_errors=True)
    except OSError as error:
        raise failure(error, folders.site, folders.intent.exists()) from error
    results = tuple(Result(change, "done") for change in prepared.plan.writes)
    return Outcome(prepared.plan, results, seconds=time.monotonic() - began, kept=tuple(sorted({*kept, *(left or ())})))


def _put_together(
    prepared: Prepared, ground: Ground, told: Told, taken: spare.Taken | None
) -> tuple[list[str], Mark, list[str], Collection[str] | None]:
    """Everything of the new site in its stage; gives what of the old one is not ours, the mark, the paths that are no more, and the
    codes of datasets in whose folders somebody has been since they were looked at (`None`: not known)."""
    folders, actual = ground.folders, prepared.actual
    there, files_there, others_there = (taken.datasets.keys(), taken.files, taken.others) if taken is not None else _NOTHING
    (folders.stage / states.FOLDER).mkdir(parents=True, exist_ok=taken is not None)
    history = History(_own_history(folders, actual), *prepared.external)
    today = prepared.portal.today or _moment(prepared, history).date()
    _note_events(prepared, history, today.isoformat())
    # What happens today is of the site that tells of it, as it will be of one that is built from nothing with its history.
    moment = _moment(prepared, history)
    old = folders.site if actual.mark is not None else None
    portal = replace(prepared.portal, moment=moment)
    whole = Whole(portal, folders.stage, old, folders.stage / states.DATASETS, _keys(actual))
    # What is keyed follows from the site's look too.
    keys = actual.files if actual.mark is not None and actual.mark.look == prepared.look else {}
    means = Means(ground.settings, portal, folders, ground.spool, whole, files_there, keys)
    datasets, stay = len(prepared.works), sum(item.kind == "same" for item in prepared.works)
    with open_team(means, ground.jobs, (datasets, stay - len(there), datasets - stay), ground.pair) as team:
        waiting = ground.spool / "summaries"
        made = _make_datasets(prepared, (history, there), team, told, waiting)
        early = team.begun(_tasks(team, early=True))
        total = hashlib.sha256(prepared.look.encode())
        _write_datasets(folders, made, waiting, total, actual.known)
        files = _make_whole(early)
        tasks = _tasks(team, early=False)
        others = team.begun(tasks)
        if team.is_pair:
            whole.told.extend(item for _, item in made)
        write(folders, histories.FILE, history.lines())
        known = [item for _, item in made] if folders.way == "files" else []
        # The processes need their memory for the site as a whole.
        del made, history
        found = dict(zip(tasks, others, strict=True))
        moved = [found.pop(task) for task in _MOVED if task in found]
        files |= _make_whole(found.values())
    files[histories.FILE] = ""
    remove(folders.stage, (path for path in (*files_there, *others_there) if path not in files))
    mark = _write_state(prepared, ground, files, total)
    kept = foreign(folders.site, actual.files, dataset_folders(actual)) if actual.mark is not None or folders.site.exists() else []
    refuse_clash(folders, kept)
    obsolete = list(_obsolete(actual, known, files)) if folders.way == "files" else []
    is_known = moved and all(part is not None for part in moved)
    return kept, mark, obsolete, frozenset(itertools.chain(*moved)) if is_known else None


_NOTHING: tuple[frozenset[str], frozenset[str], tuple[str, ...]] = frozenset(), frozenset(), ()
"""Of the datasets and files that are there already, where no spare is."""


def _has_spare(prepared: Prepared, stay: int) -> bool:
    """Whether the old site may be a spare. Where a dataset is withdrawn nothing of it is kept: lists and catalogs tell of it."""
    is_withdrawn = any(item.kind == "tombstone" for item in prepared.works)
    return not is_withdrawn and not prepared.actual.unsettled and spare.pays(stay, len(prepared.works))


def _spared(prepared: Prepared, stay: Sequence[Known], taken: spare.Taken | None, moved: Collection[str] | None) -> spare.Spared:
    """What is kept of the old site, where it is to be a spare."""
    pairs = taken.datasets if taken is not None else {}
    return spare.Spared(prepared.actual, prepared.actual.known.keys() - {known.code for known in stay}, pairs, moved)


def _keys(actual: states.Actual) -> dict[str, str] | None:
    """Code → key of what the old site shows; `None` where there is none, or a run was killed over files that may be of either site."""
    if actual.mark is None or actual.unsettled:
        return None
    return {code: known.key for code, known in actual.known.items() if known.state != "withdrawn"}


def _own_history(folders: Folders, actual: states.Actual) -> Sequence[Event]:
    return histories.read_history(folders.site / histories.FILE, needed=False) if actual.mark is not None else ()


def _moment(prepared: Prepared, history: History) -> datetime:
    """`SOURCE_DATE_EPOCH`, else the newest date in the data."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if given:
        try:
            return datetime.fromtimestamp(int(given), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise SettingsError("source-date-epoch", value=given) from error
    days = [_modified(work) for work in prepared.works]
    return datetime.fromisoformat(max((*days, history.newest_day()), default="") or "1970-01-01").replace(tzinfo=UTC)


def _modified(work: Work) -> str:
    return work.card.modified if work.card is not None else work.known.modified if work.known is not None else ""


def _note_events(prepared: Prepared, history: History, day: str) -> None:
    """Add to the history what this build publishes, changes, withdraws and deletes."""
    for item in prepared.works:
        last = history.last(item.code)
        if item.kind == "tombstone":
            if last is None or last.event != "withdrawn":
                history.add(_withdrawal(item, day))
        elif item.state == "published" and item.card is not None:
            kind = _kind(item, last)
            if kind:
                card = item.card
                history.add(Event(day, kind, item.code, card.offer.title, *card.publisher, card.digest, card.data))
    for change in prepared.plan.changes:
        last = history.last(change.code) if change.action == "delete" else None
        if last is not None:
            history.add(last._replace(date=day, event="deleted"))


def _kind(item: Work, last: Event | None) -> str:
    """What happens to a dataset that is to be shown; empty: nothing."""
    assert item.card is not None
    if last is None:
        return "published"
    if last.event == "withdrawn":
        return "restored"
    if last.digest == item.card.digest:
        return ""
    return "data" if last.data != item.card.data else "changed"


def _withdrawal(item: Work, day: str) -> Event:
    if item.known is not None:
        return Event(day, "withdrawn", item.code, item.known.title, *item.known.publisher, "")
    assert item.event is not None
    return item.event._replace(date=day, event="withdrawn", digest="", data="")


def _make_datasets(
    prepared: Prepared, before: tuple[History, Collection[str]], team: Team, told: Told, spool: Path
) -> list[tuple[bool, Known]]:
    """Make the files of datasets that change and take over those of the others; gives what is known of each.

    `before`: the history, and the codes of datasets whose files are there already. Summaries of those that changed go to the file
    `spool`: with `True` the place of the summary is there, else in the old site's file.
    """
    history, there = before
    known: list[tuple[bool, Known]] = []
    same = [item for item in prepared.works if item.kind == "same"]
    others = deque([item for item in prepared.works if item.kind != "same"])
    prepared.works.clear()
    for item in same:
        assert item.known is not None
        card, was = item.card, item.known
        if card is not None and (card.source, card.offer.path) != (was.source, was.path):
            was = was._replace(source=card.source, path=card.offer.path)
        known.append((False, was))
    missing = [(item.code, item.known.files) for item in same if item.known and item.code not in there]
    links = (("links", part) for part in _batches(missing, LINKS))
    at, waiting, shared = 0, deque[Work](), states.Same()

    def jobs() -> Iterator[tuple[str, list[Job]]]:
        while others:
            part = [others.popleft() for _ in range(min(BATCH, len(others)))]
            waiting.extend(part)
            yield "datasets", [_job(item, history) for item in part]

    with spool.open("wb") as file:
        for result in team.results(itertools.chain(links, jobs())):
            for done in result or ():
                file.write(done.summary)
                known.append((True, _held(done.known, waiting.popleft(), shared)._replace(at=at, size=len(done.summary))))
                at += len(done.summary)
            if result:
                told(len(known), result[-1].known.code)
    return known


_TOLD = ("code", "path", "title", "source", "digest", "key")
"""What another process says of a dataset after it was told by this one, which still holds it."""


def _held(known: Known, item: Work, same: states.Same) -> Known:
    """What another process gave, with the texts that are held here already: it may be of a hundred thousand datasets."""
    card = item.card
    texts = (item.code, item.key, *((card.offer.path, card.offer.title, card.source, card.digest) if card is not None else ()))
    here = {text: text for text in texts}
    return states.condensed(known, same)._replace(**{name: here.get(getattr(known, name), getattr(known, name)) for name in _TOLD})


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _job(item: Work, history: History) -> Job:
    card, known = item.card, item.known
    record = None
    if known is None and item.event is not None:
        record = Record(item.code, slug(item.code), item.event.title, item.event.party, "withdrawn")
    kept = known if item.state != "withdrawn" else None
    return Job(
        code=item.code,
        kind=item.kind,
        state=item.state,
        key=item.key,
        titles=item.titles,
        versions=history.versions(item.code),
        path=card.offer.path if card is not None else known.path if known is not None else "",
        source=card.source if card is not None else kept.source if kept is not None else "",
        remarks=card.remarks if card is not None else kept.remarks if kept is not None else "",
        data=card.data if card is not None else kept.data if kept is not None else "",
        place=card.place if card is not None else None,
        known=known,
        record=record,
        rule=item.rule,
    )


def _write_datasets(folders: Folders, known: list[tuple[bool, Known]], spool: Path, total: Any, before: Mapping[str, Known]) -> None:
    """The state's file of all datasets, newest first, those that were withdrawn last. What is in it is added to the digest `total`.

    `before`: what was known of the old site's; what is the same stands there as it is to stand.
    """
    known.sort(key=lambda item: item[1].code)
    known.sort(key=lambda item: item[1].modified, reverse=True)
    known.sort(key=lambda item: item[1].state == "withdrawn")
    path = folders.site / states.DATASETS
    with spool.open("rb") as new, path.open("rb") if path.exists() else contextlib.nullcontext() as old:
        write(folders, states.DATASETS, _hashed(_lines(known, before, new, old), total))


def _lines(known: Iterable[tuple[bool, Known]], before: Mapping[str, Known], new: BinaryIO, old: BinaryIO | None) -> Iterator[bytes]:
    """The lines of datasets; those that follow each other as they did are copied together."""
    begin = end = 0
    for is_new, item in known:
        stays = item is before.get(item.code)
        if stays and item.line == end and end - begin < AT_ONCE:
            end = item.at + item.size
            continue
        yield _part(old, begin, end)
        begin, end = (item.line, item.at + item.size) if stays else (0, 0)
        if not stays:
            yield known_line(item, _part(new if is_new else old, item.at, item.at + item.size))
    yield _part(old, begin, end)


def _part(file: BinaryIO | None, begin: int, end: int) -> bytes:
    if begin == end:
        return b""
    assert file is not None
    file.seek(begin)
    return file.read(end - begin)


_MOVED = [("moved", part, 8) for part in range(8)]
"""The tasks of `Hands` to look once more at the folders of datasets that stay."""


def _tasks(team: Team, early: bool) -> list[tuple[Any, ...]]:
    """The tasks of the site as a whole, the longest first. `early`: those that need no datasets, else the others."""
    found = [(task, part, place) for part, item in enumerate(PARTS) for place, task in enumerate(item.site) if task.early is early]
    # Of two processes the other begins at the one end, with what it got ready for, and this one, which has read no summaries, at the other.
    found.sort(key=lambda each: (team.is_pair and (each[0].is_light, each[0].ready is None), -each[0].effort))
    tasks: list[tuple[Any, ...]] = [("whole", part, place) for _, part, place in found]
    if team.is_pair and not early:
        begin = sum(not task.is_light for task, _, _ in found)
        tasks[begin:begin] = _MOVED
    return tasks


def _make_whole(results: Iterable[list[tuple[str, str]]]) -> dict[str, str]:
    """The files of the site as a whole: path → key."""
    return {path: key for result in results for path, key in result}


def _write_state(prepared: Prepared, ground: Ground, files: dict[str, str], total: Any) -> Mark:
    folders, target = ground.folders, prepared.plan.target
    write(folders, states.FILES, _hashed(map(line, sorted(files.items())), total))
    mark = Mark(prepared.plan.directory, prepared.portal.name, target.zone, prepared.look, total.hexdigest()[:32], __version__)
    write(folders, states.MARK, states.mark_bytes(mark))
    return mark


def _hashed(lines: Iterable[bytes], total: Any) -> Iterator[bytes]:
    for text in lines:
        total.update(text)
        yield text


def _obsolete(actual: states.Actual, known: Sequence[Known], files: dict[str, str]) -> Iterator[str]:
    """The paths of the old site that the new one does not have."""
    new = {item.code: item for item in known}
    # What a run that was killed was about to change may be anything.
    others = {path for item in known for path in item.paths()} if actual.unsettled else set[str]()
    yield from (path for path in actual.files if path not in files and path not in others)
    for code, item in actual.known.items():
        stays = new.get(code)
        if stays is None or stays.files != item.files:
            there = set(stays.paths()) if stays is not None else set()
            yield from (path for path in item.paths() if path not in there)
