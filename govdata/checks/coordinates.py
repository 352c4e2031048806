"""Pairs of longitude and latitude: swapped columns, and columns whose name tells of a shifted system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.schema import fields_of
from govdata.classes import dataclass, field
from govdata.predicates.coordinates import Box, Point, read_box, shifted, swapped, system_in_name
from govdata.values import Finding, Resource

POINTS = 5000
"""Points of a pair that are held against the stated area."""

SWAPPED, SHIFTED = "id/coordinates-swapped", "id/coordinates-gcj02"


@dataclass(slots=True)
class Pair:
    """Two columns of one resource, and how many of their rows lie in China only when exchanged."""

    longitude: str
    latitude: str
    box: Box | None = None
    """The area that the entry states, where it is one of coordinates."""
    count: int = 0
    first: int = 0
    points: list[Point] = field(default_factory=list)

    @property
    def fields(self) -> tuple[str, str]:
        """Longitude and latitude."""
        return self.longitude, self.latitude

    @property
    def wanted(self) -> int:
        """How many more points are held against the stated area."""
        return 0 if self.box is None else POINTS - len(self.points)

    @property
    def rules(self) -> Sequence[str]:
        """What pairs that were not looked at may break."""
        return (SWAPPED, SHIFTED) if self.wanted else (SWAPPED,)

    def add(self, swapped: int, first: int, points: Sequence[Point]) -> None:
        """Look at many rows: how many are swapped, the first of them, and points that are not."""
        self.count += swapped
        self.first = min(self.first or first, first or self.first)
        self.points += points[: self.wanted]

    def observe(self, row: int, values: Mapping[str, Any]) -> None:
        """Look at one row."""
        try:
            point = float(values[self.longitude]), float(values[self.latitude])
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        if swapped(*point):
            self.add(1, row, ())
        elif self.wanted:
            self.points.append(point)


def pair_of(resource: Resource, context: CheckContext, extent: str = "") -> Pair | None:
    """The columns that the schema declares to be longitude and latitude, if there is exactly one of each."""
    kinds: dict[str | None, list[str]] = {"longitude": [], "latitude": []}
    for item in fields_of(resource.schema or {}):
        kind = context.semantic_names.get(str(item.get("semantic", "")))
        if kind in kinds:
            kinds[kind].append(str(item["name"]))
    if [len(names) for names in kinds.values()] != [1, 1]:
        return None
    return Pair(kinds["longitude"][0], kinds["latitude"][0], read_box(extent))


def check_pair(resource: Resource, pair: Pair, context: CheckContext) -> Iterator[Finding]:
    """What the rows of a pair, and the names of its columns, tell."""
    names = {"longitude": pair.longitude, "latitude": pair.latitude}
    where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "field": pair.longitude}
    if pair.count:
        yield Finding(SWAPPED, **where, row=pair.first, args={**names, "count": pair.count})
    rule = context.standard.rules.get(SHIFTED)
    words = rule.more.get("semantic", {}).get("systems", {}) if rule is not None else {}
    for name in names.values():
        system = system_in_name(name, words)
        if system is not None:
            yield Finding(SHIFTED, **where, args={**names, "reason": "name", "found": name, "system": system})
            return
    if pair.box is not None and shifted(pair.points, pair.box):
        yield Finding(SHIFTED, **where, args={**names, "reason": "extent", "system": "gcj-02"})
