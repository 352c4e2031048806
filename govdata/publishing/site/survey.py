"""The datasets of a directory looked at for a site: a card of each, and what waits in the spool of those that are new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from govdata.circles import seek
from govdata.classes import dataclass
from govdata.pieces import Seen
from govdata.publishing.identity import code_of
from govdata.publishing.offering import is_asked
from govdata.publishing.selection import Candidate, Choice, Taken, Taking, take_each
from govdata.publishing.site.cards import Card, Spool, amended, card_of, completed, condensed
from govdata.publishing.site.describing import Ground, clean
from govdata.publishing.site.memory import Forgetful, Memory
from govdata.publishing.site.state import Actual, Same
from govdata.runs import Progress
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import DatasetReport

FEW = 1000
"""Lines that may be looked at anew before it counts that what is held may form circles."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is asked, and what each process needs to know for it."""

    settings: Settings
    zone: str
    only: tuple[str, ...]
    """Codes or folders, with `*`; empty: all."""
    sources: Mapping[str, str]
    """Code → digest of what the record on the site was made from."""
    spool: Spool
    ways: tuple[str, ...]
    """As of `Ground`."""


def survey(
    path: Path, asked: Survey, jobs: int, actual: Actual, progress: Progress | None, changed: Callable[[], None]
) -> tuple[Taken, set[str]]:
    """The cards of all datasets that are asked for (`None` for others), and the standards that any is held against.

    `changed` is called, once or several times, where lines of a file of entries are not as they were in the last run.
    """
    settings = asked.settings
    used: set[str] = set()
    unknown = 0
    same: Same = {}
    ground = _ground(asked)
    memory = Memory(path, settings, ground, actual) if settings.cache and not asked.only else Forgetful()

    def keep(seen: Seen, choice: Choice) -> Card | None:
        if choice.verdict != "refused":
            used.add(seen.standard)
        card: Card | None = choice.item
        if card is None:
            return None
        # What is taken from `actual` is held once already.
        card = completed(card, actual.known.get(card.offer.code)) if card.place is None else condensed(card, same)
        memory.note(seen, card)
        return card

    def recall(number: int, line: bytes) -> Seen | None:
        nonlocal unknown
        seen = memory.recall(number, line)
        if seen is None:
            changed()
            unknown += 1
            if unknown == FEW:
                seek()
        return seen

    def amend(card: Card | None, said: DatasetReport) -> Card | None:
        return amended(card, said, settings.language) if card is not None else None

    taking = Taking(partial(_open, asked), keep, amend, recall)
    if not memory.is_file:
        seek()
    selection = take_each(path, settings.with_jobs(jobs), asked.zone, taking, progress)
    memory.keep()
    return selection, used


def sources_of(actual: Actual) -> dict[str, str]:
    """Code → source of what the site shows."""
    return {code: known.source for code, known in actual.known.items() if known.state != "withdrawn"}


def _ground(asked: Survey) -> Ground:
    settings = asked.settings
    return Ground(asked.zone, read_library(settings.content), settings.today, asked.ways)


def _open(asked: Survey) -> Callable[[Candidate], Card | None]:
    """What makes cards, in this process or another."""
    ground = _ground(asked)

    def take(candidate: Candidate) -> Card | None:
        if not is_asked(candidate, asked.only):
            return None
        before = asked.sources.get(clean(code_of(candidate.dataset)))
        return card_of(candidate, before, ground, asked.settings.language, asked.spool)

    return take
