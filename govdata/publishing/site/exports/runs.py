"""What of an old file of all datasets still holds: runs of datasets that stand in it one after the other as they are to stand now.

Such a file is put together again from the old one's bytes, and only what is between the runs is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from govdata.classes import dataclass
from govdata.publishing.site.records import Summary


@dataclass(frozen=True, eq=False)
class Before:
    """The old site's files of all datasets that it shows."""

    site: Path
    codes: tuple[str, ...]
    """Of its datasets, in the files' order."""
    same: Collection[str]
    """Codes of those of which the same is said now."""

    @cached_property
    def places(self) -> dict[str, int]:
        """Code → place in the order, of those of which the same is said now."""
        return {code: place for place, code in enumerate(self.codes) if code in self.same}


class Run(NamedTuple):
    """Datasets that follow each other."""

    items: Sequence[Summary]
    place: int
    """Where the first of them stands in the old order, and the others behind it; -1: they do not stand there as they are to stand."""


def runs(shown: Sequence[Summary], before: Before | None) -> Iterator[Run]:
    """Datasets in their order, cut into runs."""
    if before is None:
        if shown:
            yield Run(shown, -1)
        return
    places, start, first = before.places, 0, -1
    for number, item in enumerate(shown):
        place = places.get(item.code, -1)
        if number and place != (first + number - start if first >= 0 else -1):
            yield Run(shown[start:number], first)
            start = number
        if number == start:
            first = place
    if shown:
        yield Run(shown[start:], first)
