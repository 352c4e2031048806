"""From a directory to the plan for a site: what is wanted held against what the folder and the history say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from govdata import __version__
from govdata.cache import content_digest, digest_of
from govdata.classes import asdict, dataclass, replace
from govdata.errors import SettingsError
from govdata.messages import template, text
from govdata.publishing.identity import dataset_id, resource_id
from govdata.publishing.offering import apart_told, reason, refuse_none
from govdata.publishing.plan import WRITES, Change, Plan, Reason, Target
from govdata.publishing.planning import Actual, ActualResource, Offer, Options, State, Wanted, WantedResource, plan_changes
from govdata.publishing.selection import Taken
from govdata.publishing.site import history as histories
from govdata.publishing.site import state as states
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.assembly import PARTS
from govdata.publishing.site.cards import Card, Spool, flat, flat_resources
from govdata.publishing.site.documents import load
from govdata.publishing.site.exports.listings import has_parquet
from govdata.publishing.site.history import Event, History
from govdata.publishing.site.output import Folders, current
from govdata.publishing.site.portal import LARGEST_LOGO, Portal
from govdata.publishing.site.records import Label
from govdata.publishing.site.state import Known
from govdata.publishing.site.survey import Survey, sources_of, survey
from govdata.runs import Progress
from govdata.settings import Settings
from govdata.standards import Library, read_library
from govdata.targets import SiteTarget, Worded

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for."""

    only: tuple[str, ...] = ()
    """Codes or folders, with `*`; empty: all."""
    max_delete: int = 0
    saved: Plan | None = None
    """A plan that was saved and is now to be carried out."""
    jobs: int = 2
    previous: tuple[str, ...] = ()
    """Where histories are: files, folders, addresses."""
    today: date | None = None


Histories = Sequence[Sequence[Event]]
"""The events of several sources."""

Place = tuple[Folders, Spool, Callable[[states.Actual], None]]
"""Where a plan is made; and what is called, once or several times, as soon as lines of a file of entries turn out to have changed. It is
told what the site says of itself."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to become of one dataset of the site."""

    code: str
    kind: str
    """`new`: from a record that waits. `again`: from the record that the site has. `same`: taken over. `tombstone`."""
    state: str
    key: str
    titles: Mapping[str, str]
    """Code → title of the related datasets that are on the site."""
    card: Card | None = None
    known: Known | None = None
    event: Event | None = None
    """Of a tombstone of which only the history knows: its last event."""
    rule: str = ""
    """Of a new tombstone: `gate` or `gone`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what it takes to carry it out."""

    plan: Plan
    works: list[Work]
    """Carrying them out takes them away one by one, so that what is known of each in the end takes their place in memory."""
    portal: Portal
    """Its moment is not known yet."""
    actual: states.Actual
    look: str
    external: Histories
    """What histories say that are not the old site's."""


def prepare(path: Path, settings: Settings, target: SiteTarget, asked: Asked, place: Place, progress: Progress | None = None) -> Prepared:
    """Check the directory and make the plan."""
    folders, spool, changed = place
    folder = current(folders)
    mark = states.read_mark(folder, settings.directory)
    actual = states.read_actual(folder, mark) if mark is not None else states.Actual(None, {}, {})
    external = tuple(_external(settings, asked))
    library = read_library(settings.content)
    asking = Survey(settings, target.zone, asked.only, sources_of(actual), spool, _ways(target))
    selection, used = survey(path, asking, asked.jobs, actual, progress, partial(changed, actual))
    cards = _distinct([card for card in selection.items if card is not None], settings.language)
    refuse_none(cards, asked.only)
    # One that is named by its folder is the same wherever that is.
    portal = portal_of(target if target in settings.targets else replace(target, name=""), library, used, asked.today)
    options = Options(selection.whole and not asked.only, asked.max_delete, language=settings.language, saved=asked.saved)
    history = _remembered(external, actual, folder)
    changes, over = _changes(cards, actual, history, (settings.directory, folder), options)
    look = look_of(portal)
    if target.templates is not None and (mark is None or mark.look != look):
        from govdata.publishing.site.pages.own import refuse_unfit

        refuse_unfit(portal)
    works = list(_works(changes, cards, actual, history, look))
    plan = Plan(
        target=Target(target.label, target.url or str(folders.site), target.zone, folders.way, False),
        directory=settings.directory,
        whole=options.whole,
        changes=changes,
        notes=tuple(_notes(selection, settings.language, folders, asked)),
        max_delete=asked.max_delete,
        over=over,
        only=asked.only,
        pages=_pages(works, changes),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return Prepared(plan, works, portal, actual, look, external)


def _ways(target: SiteTarget) -> tuple[str, ...]:
    """What the downloads of tables hang on besides the tables; with neither, as most often, nothing is told."""
    return (*(("safe_csv",) if target.safe_csv else ()), *(() if has_parquet() else ("no parquet",)))


def _external(settings: Settings, asked: Asked) -> Iterator[Sequence[Event]]:
    for source in asked.previous:
        yield histories.read_history(source)
    if settings.root is not None:
        yield histories.read_history(settings.root / histories.FILE, needed=False)


def _remembered(external: Histories, actual: states.Actual, folder: Path) -> History:
    """What histories tell. Where the site's own tells that a tombstone was deleted, an older copy of it does not bring it back."""
    history = History(*external)
    if actual.mark is None or all(code in actual.known for code in history):
        return history
    every = History(histories.read_history(folder / histories.FILE, needed=False), *external)
    return History(*[[event for event in source if every.last(event.code) is not None] for source in external])


def _distinct(cards: list[Card], language: str) -> list[Card]:
    """Each code and each folder of the site once: of several none is published, since it is not known which is right."""
    codes = Counter(card.offer.code for card in cards)
    places = Counter(dataset_folder(code) for code in codes)
    doubtful = {code for code, count in codes.items() if count > 1 or places[dataset_folder(code)] > 1}
    if not doubtful:
        return cards
    return [_doubted(card, language) if card.offer.code in doubtful else card for card in cards]


def _doubted(card: Card, language: str) -> Card:
    why = reason("code-twice", language, code=card.offer.code)
    return Card(replace(card.offer, valid=False, reasons=(why, *card.offer.reasons)), "")


def _changes(
    cards: Sequence[Card], actual: states.Actual, history: History, place: tuple[str, Path], options: Options
) -> tuple[tuple[Change, ...], int]:
    """The changes of a plan, as of `plan_changes`. `place`: the directory's id, and the folder of the site."""
    directory = place[0]
    # Of a dataset that the site has as it is wanted, which most are, nothing can differ: it is not held against the site once more.
    kept = {card.offer.code: _kept(card, actual.known[card.offer.code], directory) for card in cards if _is_kept(card, actual)}
    others = [card for card in cards if card.offer.code not in kept]
    state = _state({card.offer.code: card for card in cards}, actual, kept, history, place)
    found, over = plan_changes([_offer(card, directory) for card in others], state, options)
    withdrawn = {change.code for change in found if change.action == "withdraw"}
    # What is withdrawn for one of several datasets of a code does not stay for the others.
    waiting = (replace(each, action="refused") if each.action == "held" and each.code in withdrawn else each for each in found)
    return (*[kept.get(card.offer.code) or next(waiting) for card in cards], *waiting), over


def _is_kept(card: Card, actual: states.Actual) -> bool:
    known = actual.known.get(card.offer.code) if card.source and card.place is None else None
    return known is not None and known.state != "withdrawn"


def _kept(card: Card, known: Known, directory: str) -> Change:
    offer = card.offer
    number, name, seen = dataset_id(directory, offer.code), dataset_folder(offer.code), known.digest or known.key
    told = Change("keep", offer.code, offer.title, offer.path, number, name, "", card.digest, seen)
    return replace(told, reasons=offer.reasons, notes=offer.notes) if offer.reasons or offer.notes else told


def _offer(card: Card, directory: str) -> Offer:
    if not card.source:
        return card.offer
    number = dataset_id(directory, card.offer.code)
    resources = tuple(
        WantedResource(key, fields, sha256, size or 0, rows=rows) for key, fields, sha256, size, rows in card.resources
    )  # fmt: skip
    return replace(card.offer, wanted=Wanted(number, dataset_folder(card.offer.code), "", card.fields, resources, card.digest))


def _state(offered: Mapping[str, Card], actual: states.Actual, kept: Collection[str], history: History, place: tuple[str, Path]) -> State:
    """What is there as the planning wants it, without those that are kept: fields only of what may have changed."""
    directory = place[0]
    ours = {code: _actual(known, offered.get(code), place) for code, known in actual.known.items() if code not in kept}
    for code in history:
        last = history.last(code)
        card = offered.get(code)
        # One that can be published anew, or of which only this is known and that is held back, is as if it had not been there.
        if code in actual.known or last is None:
            continue
        if card is None or card.offer.verdict == "refused" or last.event == "withdrawn":
            number, state = dataset_id(directory, code), "withdrawn" if last.event == "withdrawn" else "published"
            ours[code] = Actual(number, code, dataset_folder(code), "", last.title, "", state, last.digest, "", {}, ())  # type: ignore[arg-type]
    return State(ours)


def _actual(known: Known, card: Card | None, place: tuple[str, Path]) -> Actual:
    directory, folder = place
    number = dataset_id(directory, known.code)
    state = "withdrawn" if known.state == "withdrawn" else "published"
    fields: Mapping[str, Any] = {}
    resources: tuple[ActualResource, ...] = ()
    if card is None or not card.source:
        resources = tuple([ActualResource(resource_id(number, key), key, {}, sha256) for _, key, sha256, _ in known.resources])
    elif card.place is not None and state == "published":
        record = load(folder / dataset_folder(known.code) / "index.json")
        fields = flat(record)
        resources = tuple(
            ActualResource(resource_id(number, key), key, told, sha256, position=position)
            for position, (key, told, sha256, _, _) in enumerate(flat_resources(record))
        )
    seen = known.digest or known.key
    return Actual(number, known.code, dataset_folder(known.code), "", known.title, "", state, seen, "", fields, resources, known.digest)  # type: ignore[arg-type]


def _works(changes: Sequence[Change], cards: Sequence[Card], actual: states.Actual, history: History, look: str) -> Iterator[Work]:
    """What is to become of each dataset that will be on the site, tombstones included."""
    offered = {card.offer.code: card for card in cards}
    states_of: dict[str, tuple[str, str]] = {}
    for change in changes:
        # Of several datasets of one code none is published, and what the gate refuses of one is withdrawn whatever the others are.
        if change.code not in states_of or change.action == "withdraw":
            states_of[change.code] = _outcome(change, offered, actual, history)
    states_of |= {code: (known.state, "") for code, known in actual.known.items() if code not in states_of}
    states_of = {code: found for code, found in states_of.items() if found[0]}
    titles = {code: _title(code, offered, actual) for code, (state, _) in states_of.items() if state != "withdrawn"}
    for code, (state, rule) in states_of.items():
        yield _work(code, state, rule, (offered.get(code), actual.known.get(code), history.last(code)), (titles, look, history))


def _outcome(change: Change, offered: Mapping[str, Card], actual: states.Actual, history: History) -> tuple[str, str]:
    """The state that a dataset will have (empty: none), and why it is withdrawn."""
    known = actual.known.get(change.code)
    if change.action in ("create", "update", "restore"):
        return "published", ""
    if change.action == "withdraw":
        return "withdrawn", "gate" if change.path else "gone"
    if change.action == "delete":
        return "", ""
    card = offered.get(change.code)
    if change.action == "keep" and card is not None and card.source:
        return "published", ""
    if change.action == "held" and known is not None and known.state != "withdrawn":
        return "held", ""
    if known is not None:
        return known.state, ""
    last = history.last(change.code)
    if last is None or last.event != "withdrawn":
        return "", ""
    return "withdrawn", "gate" if change.action == "refused" else "gone"


def _title(code: str, offered: Mapping[str, Card], actual: states.Actual) -> str:
    card = offered.get(code)
    return card.offer.title if card is not None and card.source else actual.known[code].title


Sources = tuple[Card | None, Known | None, Event | None]
Surroundings = tuple[Mapping[str, str], str, History]


_NONE: Mapping[str, str] = {}
"""The titles of no related datasets, once for all that have none."""


def _work(code: str, state: str, rule: str, sources: Sources, surroundings: Surroundings) -> Work:
    card, known, event = sources
    titles, look, history = surroundings
    fresh = state == "published" and card is not None and bool(card.source)
    told: Card | Known | None = card if fresh else known
    digest, remarks, related = (told.digest, told.remarks, told.related) if told is not None else ("", "", ())
    if state == "withdrawn":
        digest, remarks, related = "", "", ()
    near = {other: titles[other] for other in related if other in titles and other != code} if related else _NONE
    events = [[version.date, version.event, version.digest] for version in history.versions(code)]
    key = digest_of([look, digest, remarks, state, near, events])[:32]
    if state == "withdrawn" and (known is None or known.state != "withdrawn"):
        return Work(code, "tombstone", state, key, near, None, known, event, rule or "gone")
    if known is not None and known.key == key:
        return Work(code, "same", state, key, near, card if fresh else None, known)
    kind = "new" if fresh and card is not None and card.place is not None else "again"
    return Work(code, kind, state, key, near, card if fresh else None, known)


def _pages(works: Iterable[Work], changes: Sequence[Change]) -> int:
    """How many datasets are written anew though the plan lets them stay."""
    written = {change.code for change in changes if change.action in WRITES}
    return sum(work.kind != "same" and work.code not in written for work in works)


def _notes(selection: Taken, language: str, folders: Folders, asked: Asked) -> Iterator[Reason]:
    yield from (Reason("publish/exception-idle", item.message) for item in selection.idle)
    if not asked.only:
        yield from (Reason("publish/gap", text("publish.gap", language, {"path": path})) for path in selection.gaps)
    yield from apart_told(selection.apart, language)
    if folders.way == "files":
        yield reason("site-not-atomic", language, path=str(folders.site))


def portal_of(target: SiteTarget, library: Library, used: Iterable[str], today: date | None) -> Portal:
    """The site as its table describes it; its moment is set when it is built. `used`: the standards that datasets are held against."""
    for key, path in (("logo", target.logo), ("templates", target.templates)):
        if path is not None and not path.exists():
            raise SettingsError("site-setting-missing", path=str(path), setting=f"targets.site.{target.name}.{key}")
    if target.templates is not None and not target.templates.is_dir():
        raise SettingsError("site-setting-folder", path=str(target.templates), setting=f"targets.site.{target.name}.templates")
    standards = {layer.id: library.standard(layer.id) for name in used if name for layer in library.standard(name).layers}
    # A list to which a lower layer has added codes is shown with them.
    deepest = sorted(standards, key=lambda name: (len(standards[name].layers), name))
    lists = {name: codes for standard in deepest for name, codes in standards[standard].codes.items()}
    return Portal(
        name=target.name,
        title=_label(target.title or template("publish.site-title")),
        moment=EPOCH,
        zone=target.zone,
        url=target.url,
        languages=target.languages,
        description=_label(target.description),
        owner=target.owner,
        contact=target.contact,
        correction=target.correction,
        licence=target.licence,
        logo=target.logo,
        colours=target.colours,
        texts={key: _label(text) for key, text in target.texts.items()},
        templates=target.templates,
        safe_csv=target.safe_csv,
        today=today,
        code_lists=dict(sorted(lists.items())),
        standards=dict(sorted(standards.items())),
    )


def _label(text: Worded) -> Label:
    return Label("", text.get("zh", ""), text.get("en", ""))


def bare(portal: Portal) -> Portal:
    """The portal as a dataset's pages may know it: what depends on other datasets, and on the time, is left out. Lists stay: their
    labels stand on the pages."""
    return replace(portal, moment=EPOCH, standards={})


def look_of(portal: Portal) -> str:
    """A digest of all that holds for every page."""
    told = asdict(replace(bare(portal), logo=None, templates=None, code_lists={}))
    # Its ending is part of its address, which stands on every page.
    logo = [portal.logo.suffix.lower(), _digest(portal.logo)] if portal.logo is not None else ""
    shipped = read_library().lists
    # The program's version tells of the lists that it brings.
    lists = [[name, codes.declared, codes.data_digest] for name, codes in portal.code_lists.items() if shipped.get(name) is not codes]
    return digest_of([__version__, told, logo, lists, [[part.name, part.key(portal)] for part in PARTS]])[:32]


def _digest(logo: Path) -> str | None:
    """Of one that pages can show. What is too large is not read for this; the build will refuse it."""
    try:
        return content_digest(logo) if logo.stat().st_size <= LARGEST_LOGO else None
    except OSError:
        return None
