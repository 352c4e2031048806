"""What columns hold of personal numbers and coordinates, counted a column at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.columns import emit, number_of
from govdata.predicates.coordinates import CHINA, Box

_SHORTEST = 11
"""Characters of the shortest number that is watched for."""
_NUMBER = "(?:[0-9]{17}[0-9Xx]|[0-9]{16,19}|1[3-9][0-9]{9})"
_SOMEWHERE = f"(?:\\A|[^0-9A-Za-z]){_NUMBER}(?:\\z|[^0-9A-Za-z])"
_ALONE = f"\\A{_NUMBER}\\z"
_TIMES = frozenset(("date", "datetime", "time", "year", "yearmonth", "boolean"))
"""Types whose accepted texts hold no such number."""


@dataclass(slots=True)
class Watched:
    """What one block adds to the watches of a table, by column (from 1)."""

    values: dict[int, int] = field(default_factory=dict)
    alone: dict[int, dict[str, int]] = field(default_factory=dict)
    ask: dict[int, list[str]] = field(default_factory=dict)
    """Texts that hold a number and must be looked at one by one."""
    swapped: tuple[int, int] = (0, -1)
    """Swapped pairs of coordinates: how many, and the first row (place in the frame)."""
    points: Sequence[tuple[float, float]] = ()
    unpaired: Any = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows whose coordinates only the reference can read."""


def watch_columns(plan: TablePlan, frame: pl.DataFrame, known: Sequence[bool], plainly: Any) -> Watched:
    """Count every column that is watched; rows that are odd are left out."""
    found = Watched()
    everything = bool(plainly.all())
    rows = frame if everything else frame.filter(pl.Series(plainly))
    for column, certain in zip(plan.columns, known, strict=True):
        if column.watch is not None:
            quiet = certain and column.descriptor.get("type") in _TIMES
            _watch(found, column.column, _texts(rows, column), plan.kinds, quiet)
    for number in plan.other_columns:
        texts = rows[str(number - 1)]
        _watch(found, number, texts.filter(texts != ""), plan.kinds, False)
    return found


def _texts(rows: pl.DataFrame, column: ColumnPlan) -> pl.Series:
    texts = rows[str(column.column - 1)]
    words = {"", *column.decision.missing}
    gaps = texts == "" if len(words) == 1 else texts.is_in(pl.Series(sorted(words)).implode())
    return texts.filter(~gaps) if gaps.any() else texts


def _watch(found: Watched, column: int, texts: pl.Series, kinds: Mapping[str, Any], quiet: bool) -> None:
    longest = texts.str.len_bytes().max() if not quiet else 0
    if not isinstance(longest, int) or longest < _SHORTEST:
        found.values[column] = len(texts)
        return
    holding = texts.filter(texts.str.contains(_SOMEWHERE))
    alone = holding.filter(holding.str.contains(_ALONE) & ~holding.str.ends_with("x"))
    counts = _kinds(alone, kinds)
    asked = holding.filter(~(holding.str.contains(_ALONE) & ~holding.str.ends_with("x"))) if counts is not None else holding
    found.values[column] = len(texts) - len(asked)
    if counts:
        found.alone[column] = counts
    if len(asked):
        found.ask[column] = asked.to_list()


def _kinds(texts: pl.Series, kinds: Mapping[str, Any]) -> dict[str, int] | None:
    """How many texts are of each kind, the first that fits; `None` where a kind has no condition over columns.

    On digits alone, with at most an `X` at the end, a condition says the same as the rule: nothing is dropped and no letter changes.
    """
    counts, left = {}, pl.DataFrame({"x": texts})
    for kind, condition in kinds.items():
        test = emit(condition, pl.col("x")) if condition is not None else None
        if test is None:
            return None
        fits = left.select(test)["x"]
        counts[kind] = int(fits.sum())
        left = left.filter(~fits)
    return counts


def watch_pair(plan: TablePlan, frame: pl.DataFrame, accepted: Sequence[Any], given: Sequence[Any], found: Watched) -> None:
    """Look at the pairs of coordinates of one block; `given` are the rows, by column, that are not odd and whose cell is not missing."""
    if plan.pair is None:
        return
    places = {column.name: place for place, column in enumerate(plan.columns)}
    if not all(name in places for name in plan.pair.fields):
        return
    first, second = (places[name] for name in plan.pair.fields)
    there = given[first] & given[second]
    both = there & accepted[first] & accepted[second] & _are_numbers(plan.columns[first]) & _are_numbers(plan.columns[second])
    found.unpaired = np.flatnonzero(there & ~both)
    lon, lat = (_numbers(plan.columns[place], frame) for place in (first, second))
    both &= ~np.isnan(lon) & ~np.isnan(lat)
    crossed = both & ~_holds(CHINA, lon, lat) & _holds(CHINA, lat, lon)
    rows = np.flatnonzero(crossed)
    found.swapped = len(rows), int(rows[0]) if len(rows) else -1
    if plan.pair.wanted:
        kept = np.flatnonzero(both & ~crossed)[: plan.pair.wanted]
        found.points = list(zip(lon[kept].tolist(), lat[kept].tolist(), strict=True))


def _are_numbers(column: ColumnPlan) -> bool:
    return column.descriptor.get("type", "string") in {"number", "integer", "string"} and "bareNumber" not in column.descriptor


def _numbers(column: ColumnPlan, frame: pl.DataFrame) -> Any:
    field = column.descriptor
    text = pl.col(str(column.column - 1))
    value = number_of(text, False, str(field.get("groupChar", "")), str(field.get("decimalChar", ".")))
    return frame.select(value.fill_null(float("nan"))).to_series().to_numpy()


def _holds(box: Box, lon: Any, lat: Any) -> Any:
    return (box.west <= lon) & (lon <= box.east) & (box.south <= lat) & (lat <= box.north)
