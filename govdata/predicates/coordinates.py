"""Pairs of coordinates in degrees: swapped columns, and the shifted systems of Chinese map services (GCJ-02, BD-09).

Whether one pair is shifted cannot be known from the pair: two statements are needed. So there are two hints only: what a column's
name says (`system_in_name`), and points that lie outside a declared box as they stand and inside it once shifted back (`shifted`).
The formulas are those in public use; no official text of GCJ-02 exists to compare with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from govdata.classes import dataclass
from govdata.expressions import expression

Point = tuple[float, float]
"""Longitude, latitude, in degrees."""


@dataclass(frozen=True, slots=True)
class Box:
    """A range of longitudes and latitudes, in degrees, borders included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies inside."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


CHINA = Box(73, 3, 136, 54)
"""China and its seas, roughly. Its longitudes and latitudes share no number, so a swapped pair is never in doubt."""

_SEMI_MAJOR, _ECCENTRICITY = 6378245.0, 0.00669342162296594323
_BD_TURN = math.pi * 3000.0 / 180.0


def swapped(lon: float, lat: float, box: Box = CHINA) -> bool:
    """Whether a pair lies outside the box as it stands and inside with its members exchanged."""
    return not box.holds(lon, lat) and box.holds(lat, lon)


def system_in_name(name: str, words: Mapping[str, Iterable[str]]) -> str | None:
    """The coordinate system that a column's name tells of, by words of each system (from the rule file); None where it tells nothing."""
    plain = "".join(character for character in name.casefold() if character.isalnum())
    for system, spoken in words.items():
        if any(word.casefold() in plain for word in spoken):
            return system
    return None


def shifted(points: Iterable[Point], box: Box, least: int = 20) -> bool:
    """Whether points lie like GCJ-02 points of the declared box.

    At least `least` points; some lie outside as they stand, and all lie inside once shifted back. Points that are inside either way
    say nothing, so the answer is no wherever the box is wider than the shift (50 to 700 m).
    """
    raw = tuple(points)
    if len(raw) < least or all(box.holds(*point) for point in raw):
        return False
    return all(box.holds(*gcj02_to_wgs84(*point)) for point in raw)


def wgs84_to_gcj02(lon: float, lat: float) -> Point:
    """WGS 84 (or CGCS2000, within a metre) to GCJ-02; outside China nothing is shifted."""
    if not CHINA.holds(lon, lat):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    angle = math.radians(lat)
    curve = 1 - _ECCENTRICITY * math.sin(angle) ** 2
    east = math.degrees(_shift_east(x, y) / (_SEMI_MAJOR / math.sqrt(curve) * math.cos(angle)))
    north = math.degrees(_shift_north(x, y) / (_SEMI_MAJOR * (1 - _ECCENTRICITY) / (curve * math.sqrt(curve))))
    return lon + east, lat + north


def gcj02_to_wgs84(lon: float, lat: float) -> Point:
    """GCJ-02 to WGS 84, by repeated correction, to about a millimetre."""
    found = lon, lat
    for _ in range(4):
        there = wgs84_to_gcj02(*found)
        found = found[0] + lon - there[0], found[1] + lat - there[1]
    return found


def gcj02_to_bd09(lon: float, lat: float) -> Point:
    """GCJ-02 to BD-09 (Baidu)."""
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_TURN)
    turn = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_TURN)
    return radius * math.cos(turn) + 0.0065, radius * math.sin(turn) + 0.006


def bd09_to_gcj02(lon: float, lat: float) -> Point:
    """BD-09 (Baidu) to GCJ-02, to about a metre."""
    x, y = lon - 0.0065, lat - 0.006
    radius = math.hypot(x, y) - 0.00002 * math.sin(y * _BD_TURN)
    turn = math.atan2(y, x) - 0.000003 * math.cos(x * _BD_TURN)
    return radius * math.cos(turn), radius * math.sin(turn)


def _shift_east(x: float, y: float) -> float:
    """Metres, for a point x and y degrees from 105 E 35 N."""
    straight = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    return (
        straight + _waves(x, (6.0, 20.0), (2.0, 20.0)) + _waves(x, (1.0, 20.0), (1 / 3, 40.0)) + _waves(x, (1 / 12, 150.0), (1 / 30, 300.0))
    )


def _shift_north(x: float, y: float) -> float:
    """Metres, for a point x and y degrees from 105 E 35 N."""
    straight = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    return (
        straight + _waves(x, (6.0, 20.0), (2.0, 20.0)) + _waves(y, (1.0, 20.0), (1 / 3, 40.0)) + _waves(y, (1 / 12, 160.0), (1 / 30, 320.0))
    )


def _waves(value: float, *waves: tuple[float, float]) -> float:
    return sum(height * math.sin(value * math.pi * often) for often, height in waves) * 2.0 / 3.0


def read_box(text: str) -> Box | None:
    """The box of a text with exactly four numbers, west south east north, however they are separated; None where it is no box."""
    numbers = [float(found) for found in _NUMBER.findall(text)]
    if len(numbers) != 4 or not (numbers[0] < numbers[2] and numbers[1] < numbers[3]):
        return None
    box = Box(*numbers)
    return box if Box(-180, -90, 180, 90).holds(box.west, box.south) and Box(-180, -90, 180, 90).holds(box.east, box.north) else None


_NUMBER = expression(r"(?<![0-9.])-?[0-9]{1,3}(?:\.[0-9]{1,20})?(?![0-9.])")
