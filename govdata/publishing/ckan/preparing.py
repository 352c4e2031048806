"""From a selection of a directory to the plan for a CKAN site, and what is needed to carry it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from govdata.classes import dataclass, replace
from govdata.gate import Granted
from govdata.messages import text
from govdata.publishing.ckan.mapping import Form, Ground, wanted_of
from govdata.publishing.ckan.naming import names_of
from govdata.publishing.ckan.organisations import Provider, plan_organisations
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.state import Abilities, confirmed, with_others
from govdata.publishing.identity import code_of, keyed
from govdata.publishing.offering import apart_told, is_asked, offer_of, reason, refuse_none
from govdata.publishing.plan import WRITES, Plan, Reason, Target
from govdata.publishing.planning import Offer, Options, State, Wanted, WantedResource, plan_changes, renames
from govdata.publishing.selection import Candidate, Selection
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.targets import CkanTarget
from govdata.values import Dataset, Resource

TableOf = Callable[[Dataset, Resource, WantedResource], tuple[str, tuple[Reason, ...]]]
"""A digest of all that a resource's table follows from, empty where it is to have none, and why."""


More = tuple[Abilities, State, str, TableOf | None]
"""What the site can do, what it holds, the way that tables are loaded (empty: not), and which tables there are to be."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for."""

    only: tuple[str, ...] = ()
    """Codes or folders, with `*`; empty: all."""
    max_delete: int = 0
    saved: Plan | None = None
    """A plan that was saved and is now to be carried out."""
    take_over: bool = False
    jobs: int = 4


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what it takes to carry it out."""

    plan: Plan
    wanted: Mapping[str, Wanted]
    abilities: Abilities
    sources: Mapping[str, Candidate]
    """Code → the dataset of the directory with its report."""


def prepare(site: Site, selection: Selection, settings: Settings, target: CkanTarget, asked: Asked, more: More) -> Prepared:
    """The plan."""
    able, state, way, table_of = more
    chosen = [candidate for candidate in selection.candidates if is_asked(candidate, asked.only)]
    refuse_none(chosen, asked.only)
    options = Options(selection.whole and not asked.only, asked.max_delete, asked.take_over, settings.language, asked.saved)
    offers = _offers(chosen, state, settings, target, (able.form, table_of if able.datastore and way else None))
    providers = _providers(chosen, offers, target)
    titles = _titles(state)
    organisations, missing = plan_organisations(site, providers, titles, asked.jobs)
    offers = [_without_organisation(offer, missing, settings.language) for offer in offers]
    state = _completed(site, state, offers, options, (settings.directory, able, asked.jobs))
    changes, over = plan_changes(offers, state, options)
    used = {change.organisation for change in changes if change.action in WRITES}
    notes = [Reason("publish/exception-idle", item.message) for item in selection.idle]
    notes += [Reason("publish/gap", text("publish.gap", settings.language, {"path": path})) for path in selection.gaps if not asked.only]
    notes += apart_told(selection.apart, settings.language)
    plan = Plan(
        target=Target(target.label, site.url, target.zone, way if able.datastore else "", able.form.ours),
        directory=settings.directory,
        whole=options.whole,
        changes=changes,
        organisations=tuple(item for item in organisations if item.name in used),
        notes=tuple(notes),
        max_delete=asked.max_delete,
        over=over,
        take_over=asked.take_over,
        only=asked.only,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    sources = {code_of(candidate.dataset): candidate for candidate in chosen}
    return Prepared(plan, {offer.code: offer.wanted for offer in offers if offer.wanted}, able, sources)


def _completed(site: Site, state: State, offers: Sequence[Offer], options: Options, ground: tuple[str, Abilities, int]) -> State:
    """The state with all that a plan could stumble over: who has wanted names, and what is to change as the database has it."""
    directory, able, jobs = ground
    renamed = renames(offers, state, options)
    new = [offer.wanted for offer in offers if offer.wanted and renamed.get(offer.code, offer.code) not in state.ours]
    state = with_others(site, state, directory, [(wanted.name, wanted.id) for wanted in new], jobs)
    if able.state:
        return state
    changes, _ = plan_changes(offers, state, options)
    doubtful = {change.id for change in changes if change.action in WRITES and change.seen}
    return confirmed(site, state, directory, [code for code, actual in state.ours.items() if actual.id in doubtful], jobs)


def _offers(
    chosen: Sequence[Candidate], state: State, settings: Settings, target: CkanTarget, site: tuple[Form, TableOf | None]
) -> list[Offer]:
    form, table_of = site
    codes = [code_of(candidate.dataset) for candidate in chosen]
    kept = {code: actual.name for code, actual in state.ours.items()}
    names = names_of(list(dict.fromkeys((*kept, *codes))), kept)
    library = read_library(settings.content)
    used = {candidate.report.standard for candidate in chosen if candidate.report.standard}
    lists = {name: library.standard(name).codes for name in used if not form.ours}
    ground = Ground(settings.directory, form, target.organisations, settings.language, target.language, lists)
    return [_offer(candidate, names[code], ground, table_of) for candidate, code in zip(chosen, codes, strict=True)]


def _offer(candidate: Candidate, name: str, ground: Ground, table_of: TableOf | None) -> Offer:
    dataset, decision = candidate.dataset, candidate.decision
    base = offer_of(candidate, ground.language)
    if decision.verdict == "refused" or not base.valid:
        return base
    wanted, changed = wanted_of(
        dataset, candidate.report, name, ground, [_signed(item) for item in decision.exceptions], _has_data(candidate)
    )
    if table_of is not None:
        wanted, more = _with_tables(wanted, dataset, table_of)
        changed = (*changed, *more)
    if not wanted.organisation:
        return replace(base, valid=False, reasons=(reason("no-organisation", ground.language), *base.reasons))
    lacking = ground.form.lacking(wanted.fields, ground.language)
    if lacking:
        return replace(base, valid=False, reasons=(reason("form-field-missing", ground.language, fields=lacking), *base.reasons))
    return replace(base, notes=(*base.notes, *changed), wanted=wanted)


def _has_data(candidate: Candidate) -> bool:
    return candidate.decision.verdict == "whole"


def _with_tables(wanted: Wanted, dataset: Dataset, table_of: TableOf) -> tuple[Wanted, tuple[Reason, ...]]:
    declared = keyed(dataset)
    notes: list[Reason] = []
    found = []
    for item in wanted.resources:
        table = ""
        if item.sha256 and item.key in declared:
            table, more = table_of(dataset, declared[item.key], item)
            notes += more
        found.append(replace(item, table=table))
    return replace(wanted, resources=tuple(found)), tuple(notes)


def _signed(item: Granted) -> dict[str, str]:
    signed = item.exception
    told = {"rule": signed.rule, "field": signed.field, "reason": signed.reason, "by": signed.by}
    return {key: value for key, value in {**told, "until": signed.until.isoformat()}.items() if value}


def _providers(chosen: Sequence[Candidate], offers: Sequence[Offer], target: CkanTarget) -> dict[str, Provider]:
    """Organisation → its provider. Of several titles for one code the first in the directory's order counts."""
    found: dict[str, Provider] = {}
    for candidate, offer in zip(chosen, offers, strict=True):
        if offer.wanted is None or offer.wanted.organisation in found:
            continue
        publisher: Any = (candidate.dataset.entry.canonical.get("publisher") if candidate.dataset.entry else None) or {}
        code, name = str(publisher.get("code") or ""), offer.wanted.organisation
        found[name] = Provider(name, str(publisher.get("name") or code or name), code, code in target.organisations)
    return found


def _titles(state: State) -> dict[str, str]:
    return {actual.organisation: actual.organisation_title for actual in state.ours.values() if actual.state != "deleted"}


def _without_organisation(offer: Offer, missing: set[str], language: str) -> Offer:
    if offer.wanted is None or offer.wanted.organisation not in missing:
        return offer
    args = {"name": offer.wanted.organisation}
    why = Reason("publish/organisation-missing", text("publish.organisation-missing", language, args))
    return replace(offer, wanted=None, valid=False, reasons=(why, *offer.reasons))
