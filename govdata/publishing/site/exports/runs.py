"""What of an old file of all datasets still holds: runs of datasets that stand in it one after the other as they are to stand now.

Such a file is put together again from the old one's bytes, and only what is between the runs is made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from govdata.classes import dataclass
from govdata.publishing.site.records import Shown

S = TypeVar("S", bound=Shown)


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


class Run(NamedTuple, Generic[S]):
    """Datasets that follow each other."""

    items: Sequence[S]
    place: int
    """Where the first of them stands in the old order, and the others behind it; -1: they do not stand there as they are to stand."""


def runs(shown: Sequence[S], before: Before | None, least: int = 1) -> Iterator[Run[S]]:
    """Datasets in their order, cut into runs. `least`: fewer that follow each other as they did are made anew."""
    places = before.places if before is not None else {}
    made = start = 0
    while start < len(shown):
        place, stop = places.get(shown[start].code, -1), start + 1
        while place >= 0 and stop < len(shown) and places.get(shown[stop].code, -1) == place + stop - start:
            stop += 1
        if place >= 0 and stop - start >= least:
            if made < start:
                yield Run(shown[made:start], -1)
            yield Run(shown[start:stop], place)
            made = stop
        start = stop
    if made < len(shown):
        yield Run(shown[made:], -1)
