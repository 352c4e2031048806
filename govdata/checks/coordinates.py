"""Columns of coordinates as a whole: longitude and latitude exchanged, and the shifted systems of map services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from govdata.predicates.coordinates import CHINA, Box, shifted, system_in_name
from govdata.values import Finding

SAMPLE = 2000
"""Values of each column that are kept for the declared extent; the counts are of all."""

_DECIMAL = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?")


@dataclass(slots=True)
class Column:
    """What one column of coordinates holds."""

    name: str
    values: int = 0
    exchanged: int = 0
    """Values that only the other column can hold in China."""
    sample: list[float | None] = field(default_factory=list)
    low: float = 0.0
    high: float = 0.0

    def observe(self, text: str) -> None:
        """Count one non-empty value."""
        self.values += 1
        value = float(text) if _DECIMAL.fullmatch(text) else None
        if value is not None and self.low <= value <= self.high:
            self.exchanged += 1
        if len(self.sample) < SAMPLE:
            self.sample.append(value)


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of longitudes and the column of latitudes that belongs to it."""

    longitude: Column
    latitude: Column


def find_pairs(fields: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> tuple[Pair, ...]:
    """The pairs among fields that name a semantic type (`names`: label or id → id): the first longitude with the first latitude, and so on.

    None at all where there are more of one than of the other: which belong together would be a guess.
    """
    found: dict[str, list[str]] = {"longitude": [], "latitude": []}
    for item in fields:
        kind = names.get(str(item.get("semantic", "")))
        if kind in found:
            found[kind].append(str(item["name"]))
    if len(found["longitude"]) != len(found["latitude"]):
        return ()
    pairs = zip(found["longitude"], found["latitude"], strict=True)
    return tuple(Pair(Column(lon, low=CHINA.south, high=CHINA.north), Column(lat, low=CHINA.west, high=CHINA.east)) for lon, lat in pairs)


def check_pairs(pairs: Iterable[Pair], words: Mapping[str, Sequence[str]], box: Box | None, where: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings once all rows were seen. `words`: those of `id/coordinates-gcj02` (`semantic: {systems}`); `box`: the declared extent."""
    for pair in pairs:
        names = {"longitude": pair.longitude.name, "latitude": pair.latitude.name}
        count = min(pair.longitude.exchanged, pair.latitude.exchanged)
        if count and count * 2 > max(pair.longitude.values, pair.latitude.values):
            yield Finding("id/coordinates-swapped", **where, field=pair.longitude.name, args={**names, "count": count})
            continue
        named = next(((name, system) for name in names.values() if (system := system_in_name(name, words))), None)
        if named:
            args = {**names, "reason": "name", "found": named[0], "system": named[1].upper()}
            yield Finding("id/coordinates-gcj02", **where, field=named[0], args=args)
        elif box and shifted(_points(pair), box):
            yield Finding(
                "id/coordinates-gcj02", **where, field=pair.longitude.name, args={**names, "reason": "extent", "system": "GCJ-02"}
            )


def _points(pair: Pair) -> Iterator[tuple[float, float]]:
    """The sample as points, where both columns have a value in every row; a column with gaps cannot be paired and gives none."""
    if pair.longitude.values != pair.latitude.values:
        return
    for lon, lat in zip(pair.longitude.sample, pair.latitude.sample, strict=True):
        if lon is not None and lat is not None:
            yield lon, lat
