"""Coordinates: swapped pairs, shifted systems, and what column names tell."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdata import content
from govdata.predicates.coordinates import (
    CHINA,
    Box,
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    read_box,
    shifted,
    swapped,
    system_in_name,
    wgs84_to_gcj02,
)

LON, LAT = st.floats(74, 135), st.floats(4, 53)
WORDS = content.load("validators/identifiers/coordinates-gcj02.yaml")["semantic"]["systems"]


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    east = (one[0] - other[0]) * 111_320 * math.cos(math.radians(one[1]))
    return math.hypot(east, (one[1] - other[1]) * 110_574)


@settings(deadline=None)
@given(LON, LAT)
def test_a_swapped_pair_of_china_is_always_seen(lon: float, lat: float) -> None:
    assert swapped(lat, lon)
    assert not swapped(lon, lat)


def test_a_pair_elsewhere_is_not_swapped() -> None:
    assert not swapped(2.35, 48.85)
    assert not swapped(0.0, 0.0)


@pytest.mark.parametrize(
    ("convert", "expected"),
    [
        (wgs84_to_gcj02, (116.41024449916938, 39.91640428150164)),
        (gcj02_to_bd09, (116.41036949371029, 39.92133699351021)),
        (bd09_to_gcj02, (116.39762729119315, 39.90865673957631)),
    ],
)
def test_values_of_the_formulas_in_public_use(convert: object, expected: tuple[float, float]) -> None:
    assert callable(convert)
    assert convert(116.404, 39.915) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(LON, LAT)
def test_there_and_back(lon: float, lat: float) -> None:
    there = wgs84_to_gcj02(lon, lat)
    assert 0 < _metres((lon, lat), there) < 1500
    assert _metres((lon, lat), gcj02_to_wgs84(*there)) < 0.01


@settings(deadline=None)
@given(LON, LAT)
def test_baidu_there_and_back(lon: float, lat: float) -> None:
    assert _metres((lon, lat), bd09_to_gcj02(*gcj02_to_bd09(lon, lat))) < 2


def test_outside_china_nothing_is_shifted() -> None:
    assert wgs84_to_gcj02(2.35, 48.85) == (2.35, 48.85)
    assert not CHINA.holds(2.35, 48.85)


def test_shifted_points_of_a_small_box() -> None:
    box = Box(121.40, 31.15, 121.46, 31.20)
    true = [(121.40 + 0.06 * step / 20, 31.15 + 0.05 * step / 20) for step in range(21)]
    moved = [wgs84_to_gcj02(*point) for point in true]
    assert shifted(moved, Box(121.3999, 31.1499, 121.4601, 31.2001))
    assert not shifted(true, box)
    assert not shifted(moved[:5], box)
    assert not shifted([(116.4, 39.9)] * 30, box)


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("高德经度", "GCJ-02"),
        ("lng_gcj02", "GCJ-02"),
        ("火星坐标纬度", "GCJ-02"),
        ("百度经度", "BD-09"),
        ("BD09_LAT", "BD-09"),
        ("bd-09 lng", "BD-09"),
        ("经度", None),
        ("longitude", None),
        ("lat_wgs84", None),
    ],
)
def test_the_name_of_a_column_tells_the_system(name: str, system: str | None) -> None:
    assert system_in_name(name, WORDS) == system


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("121.40,31.15,121.46,31.20", Box(121.40, 31.15, 121.46, 31.20)),
        ("[120.85, 30.67, 122.2, 31.87]", Box(120.85, 30.67, 122.2, 31.87)),
        ("-10 -5 10 5", Box(-10, -5, 10, 5)),
        ("上海市徐汇区", None),
        ("310104", None),
        ("121.46,31.15,121.40,31.20", None),
        ("1,2,3", None),
        ("0,0,200,91", None),
    ],
)
def test_a_declared_box(text: str, box: Box | None) -> None:
    assert read_box(text) == box
