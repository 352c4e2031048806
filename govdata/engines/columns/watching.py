"""What columns hold of personal numbers and coordinates, counted a column at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.engines.columns.judging import Judged
from govdata.engines.columns.scanned import Watched
from govdata.engines.columns.structure import lengths_of
from govdata.engines.plan import ColumnPlan, TablePlan
from govdata.predicates.columns import number_of, test_of
from govdata.predicates.conditions import Form, every, parts_of
from govdata.predicates.coordinates import CHINA, Box
from govdata.predicates.matrices import Alike, joined
from govdata.predicates.sequences import sequences_of_form
from govdata.predicates.written import BETWEEN, PLAIN, SOMEWHERE

_ALONE = f"\\A(?:{PLAIN})\\z"
SHORTEST = 11
"""Bytes of the shortest of them, all of them digits; longer ones begin with as many."""
_TIMES = frozenset(("date", "datetime", "time", "year", "yearmonth", "boolean"))
"""Types whose accepted texts hold no such number."""

_FORMS = {11: Form("1[3-9][0-9]{9}"), 18: Form("[0-9]{17}[0-9X]")} | {length: Form(f"[0-9]{{{length}}}") for length in (16, 17, 19)}
"""The numbers by their length."""
_BETWEEN = tuple(character.encode() for character in BETWEEN)
_CALLED = (13, 15)
"""Lengths of a mobile number after the country's number."""
_CHARACTERS = sum(1 << ord(character) for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwyz")
"""Letters and digits without the small `x`, which stands in numbers that are looked at one by one."""

Rows = Any
"""One truth value a row."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of columns, by number (from 1), before their texts are looked at."""

    sure: Mapping[int, str]
    """The kind that all texts of the column are."""
    lone: Mapping[int, int]
    """The length of all its texts (`lone_length`)."""
    matrices: Mapping[int, Alike]
    """Texts of one length of which the matrix was made already."""


def holding(frame: pl.DataFrame, numbers: Sequence[int], lengths: pl.DataFrame | None = None) -> Mapping[int, Rows]:
    """Of some columns, by number, the rows in whose text something like a number of a person stands; `lengths`: of texts, where known."""
    if not numbers:
        return {}
    names = [str(number - 1) for number in numbers]
    lengths = lengths if lengths is not None else lengths_of(frame.select(names))
    longest = lengths.select(pl.col(names).max()).row(0)  # in most columns no text is as long as one
    return {
        number: _holding(frame[name], lengths[name]) if (length or 0) >= SHORTEST else np.zeros(frame.height, dtype=bool)
        for number, name, length in zip(numbers, names, longest, strict=True)
    }


def _holding(texts: pl.Series, lengths: pl.Series) -> Rows:
    if not _may_hold(joined(texts)):
        return np.zeros(len(texts), dtype=bool)
    long = np.flatnonzero((lengths >= SHORTEST).to_numpy())
    if len(long) * 2 > len(texts):
        return texts.str.contains(SOMEWHERE).to_numpy()
    held = np.zeros(len(texts), dtype=bool)
    held[long] = texts.gather(long).str.contains(SOMEWHERE).to_numpy()
    return held


def _may_hold(octets: Any) -> bool:
    """Whether a number may stand there: in few columns of free text, so that most are not searched text by text.

    Eleven digits in a row, four or eight between blanks or hyphens, a full-width digit, or another character for a blank or a hyphen
    between two digits. Looked at is only where digits begin and end.
    """
    digits = (octets - np.uint8(ord("0"))) < 10
    edges = np.flatnonzero(digits[1:] != digits[:-1]) + 1
    if digits[0]:
        edges = np.insert(edges, 0, 0)
    if digits[-1]:
        edges = np.append(edges, len(octets))
    begins, ends = edges[::2], edges[1::2]
    lengths = ends - begins
    if (lengths >= SHORTEST).any():
        return True
    inner = ((lengths == 4) | (lengths == 8)) & (begins > 0) & (ends < len(octets))
    if (_are_between(octets[begins[inner] - 1]) & _are_between(octets[ends[inner]])).any():
        return True
    full = np.flatnonzero(octets[:-2] == 0xEF)
    if ((octets[full + 1] == 0xBC) & ((octets[full + 2] - np.uint8(0x90)) < 10)).any():
        return True
    after = ends[ends < len(octets) - 3]
    after = after[octets[after] >= 0xC2]
    return any(
        digits[after + len(mark)][np.logical_and.reduce([octets[after + place] == octet for place, octet in enumerate(mark)])].any()
        for mark in _BETWEEN
    )


def _are_between(octets: Any) -> Any:
    return (octets == ord(" ")) | (octets == ord("-"))


def watch_columns(plan: TablePlan, frame: pl.DataFrame, given: Mapping[int, Rows], held: Mapping[int, Rows], told: Told) -> Watched:
    """Count every column that is watched; by column: `given` are the rows whose text counts, `held` those of `holding`."""
    found = Watched()
    for number in plan.watches:
        rows = given[number]
        count = int(np.count_nonzero(rows))
        texts, asked = frame[str(number - 1)], []
        if number in told.sure:
            found.alone[number] = {told.sure[number]: count}
        elif number in told.lone:
            asked = _look_alone(found, number, texts, rows, plan, told)
        elif len(places := np.flatnonzero(held[number] & rows)):
            asked = _look(found, number, texts.gather(places), plan)
        found.values[number] = count - len(asked)
        if asked:
            found.ask[number] = asked
    return found


def tell_watches(plan: TablePlan, found: Watched) -> None:
    """Tell those who watch columns what was counted."""
    for number, watch in plan.watches.items():
        watch.add(found.values.get(number, 0), found.alone.get(number, {}))
        for text in found.ask.get(number, ()):
            watch.observe(text)


def lone_length(column: ColumnPlan) -> int | None:
    """The length of the accepted texts of a column, where it is one and they are letters and digits.

    Then a number stands alone in them or not at all. 0 where they surely hold none; `None` where anything may stand in them.
    """
    if column.descriptor.get("type") in _TIMES:
        return 0
    for condition in parts_of(column.decision.accept):
        sequences = sequences_of_form(condition.pattern) if isinstance(condition, Form) else None
        if sequences and len(sequences) == 1:
            ((length, listed),) = sequences.items()
            if all(not mask & ~_CHARACTERS for sequence in listed for mask in sequence):
                return length if length in _FORMS else None if length in _CALLED else 0
    return None


def _look_alone(found: Watched, number: int, texts: pl.Series, rows: Rows, plan: TablePlan, told: Told) -> list[str]:
    """Count some of the texts of a column of which `lone_length` is known; give those that must be looked at one by one."""
    length = told.lone[number]
    if not length or not rows.any():
        return []
    made = told.matrices.get(number)
    alike = made.those(rows) if made is not None else Alike(texts if rows.all() else texts.filter(pl.Series(rows)), length)
    test = test_of(_FORMS[length], length)
    assert test is not None
    return _count(found, number, alike.those(test(alike)), plan)


def _look(found: Watched, number: int, texts: pl.Series, plan: TablePlan) -> list[str]:
    """Count the texts that are a number and nothing else; give those that must be looked at one by one.

    On digits alone, with at most an `X` at the end, a condition says the same as the rule: nothing is dropped and no letter changes.
    """
    alone = (texts.str.contains(_ALONE) & ~texts.str.ends_with("x")).to_numpy()
    numbers = _those(texts, alone)
    lengths = numbers.str.len_bytes()
    asked = [] if alone.all() else texts.filter(pl.Series(~alone)).to_list()
    for length in lengths.unique().to_list():
        asked += _count(found, number, Alike(_those(numbers, (lengths == length).to_numpy()), length), plan)
    return asked


def _count(found: Watched, number: int, numbers: Alike, plan: TablePlan) -> list[str]:
    """Count numbers of one length by the first kind that fits; all of them are given back where a kind has no condition over columns."""
    counts: dict[str, int] = {}
    left, length = numbers, numbers.length
    for kind, (known, recognised) in plan.kinds.items():
        if length not in known or not len(left):
            continue
        # That they have the form is known; said here, it tells how long they are.
        condition = every([_FORMS[length], recognised()])
        test = test_of(condition, length) if condition is not None else None
        if test is None:
            return numbers.texts.to_list()
        fits = test(left)
        if fits.any():
            counts[kind] = int(np.count_nonzero(fits))
            left = left.those(~fits)
    alone = found.alone.setdefault(number, {})
    for kind, count in counts.items():
        alone[kind] = alone.get(kind, 0) + count
    return []


def _those(texts: pl.Series, rows: Rows) -> pl.Series:
    return texts if rows.all() else texts.filter(pl.Series(rows))


def pair_values(plan: TablePlan) -> dict[int, pl.Expr]:
    """The columns of a pair of coordinates, by their places, as numbers; none where there is no such pair."""
    places = {column.name: place for place, column in enumerate(plan.columns)}
    if plan.pair is None or not all(name in places for name in plan.pair.fields):
        return {}
    return {places[name]: _number(plan.columns[places[name]]) for name in plan.pair.fields}


def watch_pair(plan: TablePlan, judged: Judged, given: Sequence[Any], found: Watched) -> None:
    """Look at the pairs of coordinates of one block; `given` are the rows, by column, that are not odd and whose cell is not missing."""
    if plan.pair is None or len(judged.values) < 2:
        return
    first, second = judged.values
    there = given[first] & given[second]
    sure = judged.accepted[first] & judged.accepted[second]
    both = there & sure & _are_numbers(plan.columns[first]) & _are_numbers(plan.columns[second])
    found.unpaired = np.flatnonzero(there & ~both)
    lon, lat = (values.fill_null(float("nan")).to_numpy() for values in judged.values.values())
    both &= ~np.isnan(lon) & ~np.isnan(lat)
    crossed = both & ~_holds(CHINA, lon, lat) & _holds(CHINA, lat, lon)
    rows = np.flatnonzero(crossed)
    found.swapped = len(rows), int(rows[0]) if len(rows) else -1
    if plan.pair.wanted:
        kept = np.flatnonzero(both & ~crossed)[: plan.pair.wanted]
        found.points = list(zip(lon[kept].tolist(), lat[kept].tolist(), strict=True))


def _are_numbers(column: ColumnPlan) -> bool:
    return column.descriptor.get("type", "string") in {"number", "integer", "string"} and "bareNumber" not in column.descriptor


def _number(column: ColumnPlan) -> pl.Expr:
    field, text = column.descriptor, pl.col(str(column.column - 1))
    return number_of(text, False, str(field.get("groupChar", "")), str(field.get("decimalChar", ".")))


def _holds(box: Box, lon: Any, lat: Any) -> Any:
    return (box.west <= lon) & (lon <= box.east) & (box.south <= lat) & (lat <= box.north)
