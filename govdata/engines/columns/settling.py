"""What scans leave open, settled in the order of the rows: doubtful cells, odd rows and odd blocks go to the reference.

Findings are explained up to the limit per rule and field and counted beyond it. Once the reference has refused enough mistakes of a kind
(`spending`), what is proven is counted in bulk. Where they make the file invalid, what is not proven stays undecided besides: then counts
are "at least". Without a limit all is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, Protocol

import numpy as np

from govdata.engines.across import Across, field_of, fields_across, lacks_part
from govdata.engines.cells import TextNumbers
from govdata.engines.columns.duplicates import Again, find_duplicates
from govdata.engines.columns.hashing import ReadKeys
from govdata.engines.columns.keeping import FOREIGN, Keeping, Place
from govdata.engines.columns.keys import HashStore
from govdata.engines.columns.refusing import count_refused, find_proven
from govdata.engines.columns.scanned import NONE, Scanned
from govdata.engines.columns.spending import (
    ODD,
    Budget,
    Kind,
    before_stops,
    cell,
    each,
    foreign,
    gap,
    only,
    spent_since,
    unread,
    unread_key,
)
from govdata.engines.columns.watching import tell_watches
from govdata.engines.plain import Judge
from govdata.engines.plan import KeyPlan, TablePlan
from govdata.values import Finding, Row

STEP = 500
"""Rows of a block that are settled before it is asked again whether the budget is used up."""
TRIED = 20
"""Doubtful cells of one column that are asked ahead of their rows: if all are refused, the others go to the reference with their row."""
KNOWN = 200_000
"""Texts of one column of which is remembered what the reference said."""

TOGETHER = 10_000
"""Keys that the reference read which are hashed together."""


class Source(Protocol):
    """Where the rows of scans come from."""

    def rows(self, found: Scanned, places: Any) -> Iterator[tuple[int, Row]]:
        """Rows by their places in the frame, as the reference is to read them."""


class Settling:
    """One table while its blocks are settled. `before`: records before the first block."""

    def __init__(self, plan: TablePlan, source: Source, before: int = 0, numbers: TextNumbers | None = None) -> None:
        self._plan, self._source = plan, source
        self.judge, self._across = Judge(plan, numbers), Across(plan)
        self.keeping, self.budget = Keeping(plan), Budget(plan)
        self._places = {column.column: place for place, column in enumerate(plan.columns)}
        self._wanted = fields_across(plan) | set(plan.pair.fields if plan.pair is not None else ())
        self._stores = [HashStore() for _ in plan.keys]
        self._read = [ReadKeys(plan, key.fields) for key in plan.keys]
        self._known: list[dict[str, bool]] = [{} for _ in plan.columns]
        self._limited = _places_of(plan)
        self.records = before
        self.lines = self.rows = self.cells = 0

    def take(self, found: Scanned) -> None:
        """Settle a block that was scanned."""
        self._watch(found)
        self._settle(found)
        stops = self.judge.stops
        for key, store, hashed in zip(self._plan.keys, self._stores, found.hashes, strict=True):
            numbers = self.records + found.at[hashed.rows] + 1
            end = min((stops[name] for name in key.fields if name in stops), default=None)
            read = len(numbers) if end is None else int(np.searchsorted(numbers, end))
            store.add(numbers[:read], hashed.hashes[:read])
        self.advance(found.rows, found.lines, len(found.at), found.cells)

    def _settle(self, found: Scanned) -> None:
        """What may still be asked row by row, some rows at a time; the rest is counted at once."""
        if found.is_quiet:
            return
        whole, first, last = found, 0, found.frame.height
        since: dict[Kind, int] = {}
        counted: dict[tuple[Kind, str], Scanned] = {}
        while first < last:
            found = self._still_read(found)
            spent = self.budget.spent()
            since |= {kind: first for kind in spent if kind not in since}
            for kind, rule in sorted(self._full(spent) - counted.keys()):
                counted[kind, rule], found = _set_apart(found, kind, find_proven(found.between(first, last), self._plan, kind, rule))
            left = only(found.between(first, last), spent)
            if self.budget.all_spent or left.is_quiet:
                break
            end = left.nth(STEP) + 1
            asked = left.between(first, end)
            self._settle_rows(asked, self._decide(asked), _cells(whole.between(first, end)))
            first = end
        found = self._still_read(found)
        if since or (first < last and self.budget.all_spent):
            count_refused(spent_since(found, since, first if self.budget.all_spent else last), self._plan, self.keeping)
        for proven in counted.values():
            count_refused(self._still_read(proven), self._plan, self.keeping)

    def _full(self, spent: Set[Kind]) -> Set[tuple[Kind, str]]:
        """Kinds of mistakes with a rule of which enough are explained, while what else they may break is still asked."""
        often = self.budget.often() - spent
        return {(kind, place[0]) for kind in often for place in self._limited.get(kind, ()) if self.keeping.is_full(place)}

    def _still_read(self, found: Scanned) -> Scanned:
        """What is left of a block once patterns took too long: those fields are no longer read."""
        stops = self.judge.stops
        if not stops:
            return found
        places = {name: int(np.searchsorted(found.at, number - self.records - 1)) for name, number in stops.items()}
        return before_stops(found, self._plan, places)

    def advance(self, records: int, lines: int, rows: int, cells: int) -> None:
        """Count what was settled."""
        self.records += records
        self.lines += lines
        self.rows += rows
        self.cells += cells

    def _watch(self, found: Scanned) -> None:
        plan, watched = self._plan, found.watched
        tell_watches(plan, watched)
        if plan.pair is not None:
            count, first = watched.swapped
            plan.pair.add(count, self.records + int(found.at[first]) + 1 if count else 0, watched.points)

    def _decide(self, found: Scanned) -> dict[int, Any]:
        """Place of a column → the rows whose doubtful cell the reference refuses, or is not asked of ahead."""
        wrong = {}
        for place, rows in found.doubtful.items():
            refused = self._refuses(found, place, rows[:TRIED])
            if refused.all():
                wrong[place] = rows
                continue
            refused = np.concatenate([refused, self._refuses(found, place, rows[TRIED:])])
            if refused.any():
                wrong[place] = rows[refused]
        return wrong

    def _refuses(self, found: Scanned, place: int, rows: Any) -> Any:
        """Which of some doubtful cells the reference refuses. Of a cell that is no text it is asked with its row."""
        texts = found.frame[str(self._plan.columns[place].column - 1)].gather(rows)
        typed = found.typed[place][rows].tolist() if place in found.typed else [False] * len(rows)
        pairs = zip(typed, texts, strict=True)
        return np.fromiter((is_typed or not self._accepts(place, text) for is_typed, text in pairs), bool, len(rows))

    def _accepts(self, place: int, text: str) -> bool:
        known = self._known[place]
        answer = known.get(text)
        if answer is None:
            answer = self.judge.reference.accepts(place, text) is True
            if len(known) < KNOWN:
                known[text] = answer
        return answer

    def _settle_rows(self, found: Scanned, wrong: dict[int, Any], cells: dict[int, list[int]]) -> None:
        """Rows that have a finding, in order, and those of which a value must be read for what holds across rows.

        `cells`: of each row the columns (places in the plan) whose cell is not surely right, those that are counted elsewhere among them.
        """
        loud = _union([*found.gaps.values(), *wrong.values()])
        asked = {(at, place) for sides in (found.gaps, wrong) for place, rows in sides.items() for at in rows.tolist()}
        across = [*found.foreign, *found.key_gaps, *(hashed.open for hashed in found.hashes), *found.foreign_open, found.watched.unpaired]
        odd, speaking = frozenset(found.odd.tolist()), frozenset(loud.tolist())
        keys = [
            _kinds([(gap(at), rows), (unread_key(at), hashed.open)])
            for at, (rows, hashed) in enumerate(zip(found.key_gaps, found.hashes, strict=True))
        ]
        foreigns = [
            _kinds([(foreign(at), rows), (unread(at), unsure)])
            for at, (rows, unsure) in enumerate(zip(found.foreign, found.foreign_open, strict=True))
        ]
        unpaired = frozenset(found.watched.unpaired.tolist())
        for place, row in self._source.rows(found, _union([found.odd, loud, *across])):
            if place in odd:
                self.settle_whole(row)
                continue
            values = self.judge.parts(row, self._wanted)
            if place in speaking:
                for finding in self.judge.reference.check(row, observed=cells[place])[0]:
                    column = self._places.get(finding.column or 0, -1)
                    if (place, column) in asked:
                        self._keep_all(row, 0, [finding], cell(column))
            self._settle_across(row, values, [kinds.get(place) for kinds in keys], [kinds.get(place) for kinds in foreigns])
            if self._plan.pair is not None and place in unpaired:
                self._plan.pair.observe(row.number, values)

    def settle_whole(self, row: Row) -> None:
        """A row of which nothing is known yet."""
        found, values = self.judge.judge(row)
        self._keep_all(row, 0, found, ODD)
        if not values:
            return
        self._settle_across(row, values, [ODD] * len(self._plan.keys), [foreign(at) for at in range(len(self._plan.foreign_keys))])

    def _settle_across(self, row: Row, values: dict[str, Any], keys: Sequence[Kind | None], foreigns: Sequence[Kind | None]) -> None:
        """What a row's values say across rows. Of each key the kind of mistake that it may be; `None` where nothing is open."""
        for position, (key, kind) in enumerate(zip(self._plan.keys, keys, strict=True)):
            if kind is None:
                continue
            if lacks_part(key, values):
                self._keep_all(row, position + 1, self._across.check_gap(key, row, values), kind)
            else:
                self._store(position, key, row.number, values)
        for target, kind in zip(self._plan.foreign_keys, foreigns, strict=True):
            if kind is not None:
                self._keep_all(row, len(self._plan.keys) + 1, self._across.check_foreign(target, row, values), kind)

    def _keep_all(self, row: Row, rank: int, found: Iterable[Finding], kind: Kind) -> None:
        for finding in found:
            self.keeping.keep(row.number, rank, finding)
            may_pass = not self._plan.accepted.isdisjoint([(finding.rule, ""), (finding.rule, finding.field)])
            self.budget.charge(kind, not may_pass and self._plan.severity(finding) == "error")

    def _store(self, position: int, key: KeyPlan, number: int, values: dict[str, Any]) -> None:
        """The key of one row that the reference read."""
        if any(name not in values for name in key.fields) or all(values[name] is None for name in key.fields):
            return
        read = self._read[position]
        read.add(number, values)
        if len(read) >= TOGETHER:
            self._stores[position].add(*read.take())

    # The end

    def conclude(self, again: Again) -> None:
        """Find keys that stand twice, reading rows once more; say what the rows together show."""
        for position, (store, read) in enumerate(zip(self._stores, self._read, strict=True)):
            if len(read):
                store.add(*read.take())
            numbers = store.alike()
            store.close()
            if len(numbers):
                find_duplicates(position, numbers, again, (self._plan, self.judge, self._across, self.keeping))
        for finding in self.judge.conclude():
            self.keeping.add(self.records + 1, finding)


def _places_of(plan: TablePlan) -> dict[Kind, list[Place]]:
    """Of each kind of mistakes that can be proven what they are limited by."""
    rank, rules = len(plan.keys) + 1, ("table/type-error", "table/constraint-error")
    limited: dict[Kind, list[Place]] = {
        foreign(at): [(FOREIGN, field_of(key.fields), rank, None)] for at, key in enumerate(plan.foreign_keys)
    }
    limited |= {gap(at): [(key.rule, field_of(key.fields), at + 1, "missing")] for at, key in enumerate(plan.keys)}
    return limited | {cell(at): [(rule, column.name, 0, "") for rule in rules] for at, column in enumerate(plan.columns)}


def _set_apart(found: Scanned, kind: Kind, rows: Any) -> tuple[Scanned, Scanned]:
    """Some rows of a kind, and all that is left of a block."""
    chosen = each(found, lambda other, places: np.intersect1d(places, rows) if other == kind else NONE)
    return chosen, each(found, lambda other, places: np.setdiff1d(places, rows) if other == kind else places)


def _cells(found: Scanned) -> dict[int, list[int]]:
    """Row → the columns whose cell is not surely right."""
    cells: dict[int, list[int]] = {}
    for place, rows in [*found.doubtful.items(), *found.gaps.items()]:
        for at in rows.tolist():
            cells.setdefault(at, []).append(place)
    return cells


def _kinds(found: Sequence[tuple[Kind, Any]]) -> dict[int, Kind]:
    """Row → the kind of mistake that it may be."""
    return {place: kind for kind, rows in found for place in rows.tolist()}


def _union(arrays: Sequence[Any]) -> Any:
    filled = [rows for rows in arrays if len(rows)]
    return np.unique(np.concatenate(filled)) if filled else NONE
