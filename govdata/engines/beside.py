"""Copies of this process that look at blocks of large tables beside it, one table after the other.

They are made before packages are loaded, so that all load them at the same time, and live as long as tables are checked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from govdata.classes import dataclass, replace
from govdata.engines.plan import ForeignKeyPlan, TablePlan
from govdata.predicates.conditions import Condition
from govdata.reading.sources import BlockSource
from govdata.values import Finding

if TYPE_CHECKING:
    from govdata.copies import Copy  # imported where one is made: a small run makes none

LEAST = 32 << 20
"""Bytes of a table from which on it is worth that a second process loads the packages."""
KEYS = 100_000
"""Keys of another table that are handed over: each copy holds them too, and a million take it longer than it saves."""


class Copies:
    """The copies of this process; none where the system makes none, or where it has threads already when one is first wanted."""

    def __init__(self) -> None:
        self._made: list[Copy] | None = None

    def make(self, size: int, workers: int) -> bool:
        """Make them for a table of so many bytes, if there are none yet: with this process as many as workers, or as processors.

        Gives whether there are any.
        """
        if size < LEAST:
            return False
        if self._made is None:
            from govdata.copies import copied, is_alone

            wanted = min(workers, _processors()) - 1 if is_alone() else 0
            self._made = [copy for _ in range(wanted) if (copy := copied(_serve)) is not None]
        return bool(self._made)

    def begin(self, plan: TablePlan, source: BlockSource) -> Sequence[Copy]:
        """Tell them of a table.

        Each is then asked for blocks, with the number of records in it that are header, and answers with a list of what `Scan` gives.
        """
        if not self._made or source.size < LEAST or not all(map(_are_few, plan.foreign_keys)):
            return ()
        for copy in self._made:
            copy.name = plan.file
            copy.ask((handed(plan), source.dialect))
        return self._made

    def close(self) -> None:
        """End them."""
        for copy in self._made or ():
            copy.leave()
        self._made = None


def _are_few(key: ForeignKeyPlan) -> bool:
    """Whether the keys that it refers to can be handed over: not those that are in a file."""
    return isinstance(key.known, frozenset) and len(key.known) <= KEYS


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _serve(asked: BinaryIO, answers: BinaryIO) -> None:
    from govdata.copies import hear, tell
    from govdata.engines.columns.memory import keep_memory
    from govdata.engines.columns.scanning import Scan
    from govdata.engines.columns.structure import Form

    keep_memory()
    while True:
        what, more = hear(asked)
        if isinstance(what, TablePlan):
            scan = Scan(what, Form(more.delimiter, more.quote), more.comment)
        else:
            found = scan(what.text(), more)
            tell([found and found.bare()], answers)


@dataclass(frozen=True, slots=True)
class _Watch:
    """Stands for what is told of a column: that is told where the table is settled."""

    def observe(self, text: str) -> None:
        raise AssertionError(text)

    def observe_all(self, texts: Sequence[str]) -> None:
        raise AssertionError(texts)

    def add(self, values: int, alone: Mapping[str, int]) -> None:
        raise AssertionError(values)


@dataclass(frozen=True, slots=True)
class _PairWatch:
    """Stands for who looks at pairs of coordinates."""

    fields: tuple[str, str]
    wanted: int
    rules: Sequence[str] = ()

    def observe(self, row: int, values: Mapping[str, Any]) -> None:
        raise AssertionError(row)

    def add(self, swapped: int, first: int, points: Sequence[tuple[float, float]]) -> None:
        raise AssertionError(swapped)


def handed(plan: TablePlan) -> TablePlan:
    """What another process needs of a plan to look at blocks: all but what is asked or told of single cells, which is not handed over."""
    return replace(
        plan,
        columns=tuple(replace(column, checks=(), watch=column.watch and _Watch()) for column in plan.columns),
        other_columns={number: _Watch() for number in plan.other_columns},
        kinds={kind: (lengths, partial(_same, recognised())) for kind, (lengths, recognised) in plan.kinds.items()},
        pair=plan.pair and _PairWatch(plan.pair.fields, plan.pair.wanted),
        severity=_severity,
    )


def _same(condition: Condition | None) -> Condition | None:
    return condition


def _severity(finding: Finding) -> str:
    return finding.severity
