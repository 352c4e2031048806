"""How much the reference may still be asked: of each kind of mistake so much, then such cells are counted or stay undecided.

Kinds are the cells of one column, rows of another width, each foreign key, each key: a mistake in every row of one column does not
hide one that another column has further down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

import numpy as np

from govdata.classes import replace
from govdata.engines.columns.scanned import NONE, Scanned
from govdata.engines.plan import TablePlan

EACH = 1000
"""Mistakes of one kind that are refused by the reference before further ones are left to be counted."""
TOGETHER = 20_000
"""The same of all kinds together."""

Kind = tuple[str, int]
ODD: Kind = ("odd", 0)
"""Rows of another width, and blank ones."""


def cell(place: int) -> Kind:
    """The cells of the column at a place of the plan."""
    return "cell", place


def foreign(position: int) -> Kind:
    """A foreign key."""
    return "foreign", position


def gap(position: int) -> Kind:
    """What a key lacks."""
    return "gap", position


PAIR: Kind = ("pair", 0)
"""Coordinates that only the reference can read."""


def unread_key(position: int) -> Kind:
    """Keys of which a part must be read by the reference."""
    return "key", position


def unread(position: int) -> Kind:
    """Foreign keys of which a part must be read by the reference."""
    return "unread", position


class Budget:
    """The budget of one table. There is none where every finding is to be explained.

    What a record or a baseline may accept makes no file invalid: it spends nothing, for what is new must be found. What is proven is
    then counted in bulk, and the rest is asked.
    """

    def __init__(self, plan: TablePlan) -> None:
        self._limited, self._asks_all = plan.limit_each is not None, plan.asks_all
        self._refused: Counter[Kind] = Counter()
        self._spent: Counter[Kind] = Counter()
        places = {column.name: cell(place) for place, column in enumerate(plan.columns)}
        self._readings = {unread_key(position): [places[name] for name in part.fields] for position, part in enumerate(plan.keys)}
        self._readings |= {unread(position): [places[name] for name in part.fields] for position, part in enumerate(plan.foreign_keys)}
        if plan.pair is not None:
            self._readings[PAIR] = [places[name] for name in plan.pair.fields if name in places]

    def charge(self, kind: Kind, is_new: bool) -> None:
        """One mistake was refused. `is_new`: no record accepts it, and it is an error."""
        self._refused[kind] += 1
        self._spent[kind] += is_new and not self._asks_all

    @property
    def all_spent(self) -> bool:
        """Whether nothing may be asked any more."""
        return self._limited and self._spent.total() > TOGETHER

    def spent(self) -> Set[Kind]:
        """The kinds of which enough were refused, and the readings of columns whose cells are among them."""
        if not self._limited:
            return frozenset()
        enough = {kind for kind, count in self._spent.items() if count > EACH}
        return enough | {reading for reading, cells in self._readings.items() if enough.intersection(cells)}

    def often(self) -> Set[Kind]:
        """The kinds of which enough were refused, whether or not these make the file invalid."""
        return {kind for kind, count in self._refused.items() if count > EACH} if self._limited else frozenset()


def only(found: Scanned, spent: Set[Kind]) -> Scanned:
    """The rows of the kinds that may still be asked."""
    return each(found, lambda kind, rows: NONE if kind in spent else rows)


def spent_since(found: Scanned, since: Mapping[Kind, int], everything: int) -> Scanned:
    """The rows that are only counted: of each kind from a row on, and from another on of all kinds."""

    def keep(kind: Kind, rows: Any) -> Any:
        return rows[np.searchsorted(rows, min(since.get(kind, everything), everything)) :]

    return each(found, keep)


def before_stops(found: Scanned, plan: TablePlan, stops: Mapping[str, int]) -> Scanned:
    """The rows that read no field from where it is no longer read: `stops` are places in the frame, by field."""

    def stop(fields: Iterable[str]) -> int:
        return min((stops[name] for name in fields if name in stops), default=found.frame.height)

    ends = {cell(place): stop([column.name]) for place, column in enumerate(plan.columns)}
    ends |= {kind(at): stop(key.fields) for at, key in enumerate(plan.keys) for kind in (gap, unread_key)}
    ends |= {kind(at): stop(key.fields) for at, key in enumerate(plan.foreign_keys) for kind in (foreign, unread)}
    return each(found, lambda kind, rows: rows[: np.searchsorted(rows, ends[kind])] if kind in ends else rows)


def each(found: Scanned, keep: Callable[[Kind, Any], Any]) -> Scanned:
    """The same with some rows of each kind."""
    return replace(
        found,
        odd=keep(ODD, found.odd),
        gaps={place: keep(cell(place), rows) for place, rows in found.gaps.items()},
        doubtful={place: keep(cell(place), rows) for place, rows in found.doubtful.items()},
        foreign=[keep(foreign(position), rows) for position, rows in enumerate(found.foreign)],
        foreign_open=[keep(unread(position), rows) for position, rows in enumerate(found.foreign_open)],
        key_gaps=[keep(gap(position), rows) for position, rows in enumerate(found.key_gaps)],
        hashes=[replace(hashed, open=keep(unread_key(position), hashed.open)) for position, hashed in enumerate(found.hashes)],
        watched=replace(found.watched, unpaired=keep(PAIR, found.watched.unpaired)),
    )
