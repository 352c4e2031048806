"""One block looked at: which rows are surely right, which cells must be asked, the keys, and what the columns hold.

A scan knows no row numbers and asks the reference nothing, so blocks can be scanned in any order and beside each other.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass, replace
from govdata.engines.columns.foreign import Membership, membership
from govdata.engines.columns.hashing import hash_rows, part_of
from govdata.engines.columns.judging import Judging
from govdata.engines.columns.natives import Natives
from govdata.engines.columns.natives import accepting as native_accepting
from govdata.engines.columns.scanned import NONE, Hashes, Rows, Scanned, Watched
from govdata.engines.columns.structure import LF, Form, Index, has_all_cells, index, lengths_of, parse, plain_quotes
from govdata.engines.columns.watching import Told, holding, lone_length, pair_values, watch_columns, watch_pair
from govdata.engines.plan import TablePlan
from govdata.predicates.matrices import Alike
from govdata.reading.encodings.sifting import count_byte
from govdata.reading.encodings.speed import beside


class Scan:
    """The scan of one table: its expressions are made once."""

    def __init__(self, plan: TablePlan, form: Form, comment: str) -> None:
        self._plan, self._form, self._comment = plan, form, comment
        lengths = {column.column: lone_length(column) for column in plan.columns}
        self._ragged = False
        """A block had a row with cells too many or too few: the next is not hoped to be whole."""
        self._lone = {number: length for number, length in lengths.items() if length is not None}
        # Nothing of it is needed to cut the first blocks into cells, which takes as long.
        self._means = beside(
            lambda: (Judging(plan.columns, pair_values(plan)), [membership(key, plan) for key in plan.foreign_keys]), "govdata-expressions"
        )
        self._natives: dict[str, pl.Expr] = {}

    def __call__(self, block: bytes, skip: int) -> Scanned | None:
        """Look at a block, of which `skip` records are header; `None` where `csv.reader` must read it."""
        quotes = plain_quotes(block, self._form)
        if quotes is None:
            return None
        read = self._read(block, quotes)
        if read is None:
            return None
        (frame, lengths), places = read
        filled = _filled(frame, skip)
        if not filled[1] and places is not None and (places.cells > self._plan.width).any():
            return None  # if these rows hold anything, it stands where the header has no cell
        kept = np.arange(skip, frame.height, dtype=np.int64)
        if self._comment:
            marked = frame["0"].str.starts_with(self._comment).to_numpy()
            kept = kept[~marked[skip:]]
        cells = int(places.cells[kept].sum()) if places is not None and places.cells is not None else len(kept) * self._plan.width
        lines = count_byte(block, LF) + (not block.endswith(b"\n"))
        found = Scanned(
            block, frame, frame.height, lines, cells, kept, record_ends(block, quotes, self._form),
            filled, self._form, quotes, places,
        )  # fmt: skip
        found.frame = self._checked(frame, kept)
        self._look(found, self._checked(lengths, kept))
        if found.is_spent:  # and it may have to wait for its turn
            found.frame, found.block = frame.clear(), b""
        return found

    def dressed(self, bare: Scanned, block: bytes, skip: int) -> Scanned | None:
        """What another process found, which looked at the same block, with what was not handed over."""
        quotes = plain_quotes(block, self._form)
        frame = parse(block, self._form, self._plan.width, ragged=bare.index is not None) if quotes is not None else None
        if frame is None or frame.height != bare.rows:
            return self(block, skip)  # the file has changed since, as will be told
        return replace(bare, block=block, quotes=quotes, frame=self._checked(frame, bare.at))

    def _checked(self, frame: pl.DataFrame, at: Any) -> pl.DataFrame:
        """The rows that are neither header nor comment: all, mostly, or all from one on."""
        if len(at) == frame.height:
            return frame
        return frame[at] if self._comment else frame.slice(frame.height - len(at))

    def _read(self, block: bytes, quotes: Any) -> tuple[tuple[pl.DataFrame, pl.DataFrame], Index | None] | None:
        """The cells and how long they are, and the index of the rows where not all have as many cells as they should."""
        width, form = self._plan.width, self._form
        frame = parse(block, form, width) if not self._ragged else None
        if frame is not None and has_all_cells(block, quotes, lengths := lengths_of(frame), form):
            return (frame, lengths), None
        self._ragged = True
        frame = frame if frame is not None else parse(block, form, width, ragged=True)
        places = index(block, quotes, form)
        return ((frame, lengths_of(frame)), places) if frame is not None and frame.height == len(places.cells) else None

    def natives(self, cells: Natives) -> Scanned:
        """Look at rows of a database."""
        frame, height = cells.frame, cells.frame.height
        places, nothing = np.arange(height, dtype=np.int64), Index(NONE, 0, None, NONE)
        found = Scanned(
            b"", frame, height, 0, height * frame.width, places, (-1, -1), (True, True), self._form, NONE, nothing, native=cells.rows
        )  # fmt: skip
        found.typed = {place: typed for place, column in enumerate(self._plan.columns) if (typed := cells.typed(column.column)) is not None}
        self._look(found, lengths_of(frame), cells)
        return found

    def _native(self, cells: Natives, found: Scanned, sides: tuple[list[Any], list[Any]]) -> Any:
        """Correct what was said of texts where a cell is none; the rows that only the reference can judge."""
        strange = cells.strange.copy()
        accepted, gaps = sides
        for place, column in enumerate(self._plan.columns):
            typed, empty = found.typed.get(place), cells.empty[column.column]
            if typed is not None:
                strange |= typed & gaps[place]
                for family, where in cells.families[column.column].items():
                    name = f"{place} {family}"
                    if name not in self._natives:
                        self._natives[name] = native_accepting(column, family)
                    right = cells.frame.select(self._natives[name].alias("a")).to_series().fill_null(False).to_numpy()
                    accepted[place] = np.where(where, right, accepted[place])
                gaps[place] = gaps[place] & ~typed
            if empty is not None:
                gaps[place] = gaps[place] | empty
        return strange

    def _look(self, found: Scanned, lengths: pl.DataFrame, cells: Natives | None = None) -> None:
        plan, (judging, members) = self._plan, self._means()
        judged = judging(found.frame, lengths)
        accepted, gaps = judged.accepted, judged.gaps
        strange = self._native(cells, found, (accepted, gaps)) if cells is not None else None
        odd = self._odd(found, gaps)
        if strange is not None:
            found.strange = np.flatnonzero(strange)
            odd |= strange
        found.odd = np.flatnonzero(odd)
        plainly = ~odd
        for place, (accept, missing) in enumerate(zip(accepted, gaps, strict=True)):
            rows = np.flatnonzero(~(accept | missing) & plainly)
            if len(rows):
                found.doubtful[place] = rows
            if plan.columns[place].decision.required and len(rows := np.flatnonzero(missing & plainly)):
                found.gaps[place] = rows
        self._look_across(found, members, _Sides(plan, found.frame, accepted, gaps, plainly, _compared(plan, found.typed)))
        given = [plainly & ~missing for missing in gaps]
        found.watched = self._watched(found, given, judged.matrices, lengths)
        watch_pair(plan, judged, given, found.watched)

    def _watched(self, found: Scanned, given: Sequence[Any], matrices: Mapping[int, Alike], lengths: pl.DataFrame) -> Watched:
        """What columns hold: of columns whose texts are all right, their type may already tell."""
        plan, frame = self._plan, found.frame
        counted, sure = {}, {}
        unsaid = found.doubtful.keys() | found.typed.keys()  # of their texts the type of the column says nothing
        for place, column in enumerate(plan.columns):
            counted[column.column] = given[place]
            if "" not in column.decision.missing:
                counted[column.column] = given[place] & (frame[str(column.column - 1)] != "").to_numpy()
            if column.kind in plan.kinds and place not in unsaid and "" in column.decision.missing:
                sure[column.column] = column.kind
        for number in plan.other_columns:
            counted[number] = ~_marked(found.odd, frame.height) & (frame[str(number - 1)] != "").to_numpy()
        apart = {plan.columns[place].column for place in unsaid}
        lone = {number: length for number, length in self._lone.items() if number not in sure and number not in apart}
        held = holding(frame, [number for number in plan.watches if number not in sure and number not in lone], lengths)
        return watch_columns(plan, frame, counted, held, Told(sure, lone, matrices))

    def _odd(self, found: Scanned, gaps: Sequence[Any]) -> Any:
        frame, plan = found.frame, self._plan
        odd = np.zeros(frame.height, dtype=bool)
        if found.index is not None and found.index.cells is not None:
            odd |= found.index.cells[found.at] != plan.width
        if len(gaps) == plan.width:
            odd |= functools.reduce(np.logical_and, gaps) if gaps else True
        if frame.height and (frame["0"] == "").any():
            odd |= frame.select(pl.all_horizontal(pl.all() == ""))[frame.columns[0]].to_numpy() if frame.width else False
        return odd

    def _look_across(self, found: Scanned, members: Sequence[Membership], sides: _Sides) -> None:
        found.key_gaps = [
            np.flatnonzero(sides.any_gap(key.fields) & sides.plainly & sides.certain(key.fields)) if key.required else NONE
            for key in self._plan.keys
        ]
        hashed = [hash_rows(self._plan, key.fields, sides) for key in self._plan.keys]
        found.hashes = [_without(keys, lacking) for keys, lacking in zip(hashed, found.key_gaps, strict=True)]
        foreign = [member.look(sides) for member in members]
        found.foreign = [missing for missing, _ in foreign]
        found.foreign_open = [open_rows for _, open_rows in foreign]


@dataclass(slots=True)
class _Sides:
    """What is known of the cells of a frame, column by column."""

    plan: TablePlan
    frame: pl.DataFrame
    accepted: Sequence[Any]
    gaps: Sequence[Any]
    plainly: Any
    """Rows that are not odd."""
    compared: dict[int, Any]
    """Place of a column → rows whose cell is compared as the value that it is, not as its text."""

    def place(self, name: str) -> int:
        """The place of a field in the plan."""
        return next(place for place, column in enumerate(self.plan.columns) if column.name == name)

    def certain(self, fields: Sequence[str]) -> Any:
        """Rows in which the value of every field is known without the reference."""
        rows = np.ones(self.frame.height, dtype=bool)
        for name in fields:
            place = self.place(name)
            has_part = part_of(self.plan.columns[place]) is not None
            rows &= (self.accepted[place] & ~self.gaps[place] if has_part else False) | self.gaps[place]
            if place in self.compared:
                rows &= ~self.compared[place]
        return rows

    def any_gap(self, fields: Sequence[str]) -> Any:
        """Rows in which a field is missing."""
        return functools.reduce(np.logical_or, [self.gaps[self.place(name)] for name in fields])

    def all_gaps(self, fields: Sequence[str]) -> Any:
        """Rows in which all fields are missing."""
        return functools.reduce(np.logical_and, [self.gaps[self.place(name)] for name in fields])


def _without(keys: Hashes, lacking: Rows) -> Hashes:
    """The same with no row left to be read that surely lacks a required part."""
    return replace(keys, open=np.setdiff1d(keys.open, lacking)) if len(keys.open) and len(lacking) else keys


def _compared(plan: TablePlan, typed: dict[int, Any]) -> dict[int, Any]:
    """Numbers, days and truth values in fields of any type."""
    return {place: rows for place, rows in typed.items() if plan.columns[place].descriptor.get("type") == "any"}


def _marked(rows: Rows, height: int) -> Any:
    marks = np.zeros(height, dtype=bool)
    marks[rows] = True
    return marks


def _filled(frame: pl.DataFrame, skip: int) -> tuple[bool, bool]:
    below = _holds_anything(frame.slice(skip))
    return below or _holds_anything(frame), below


def _holds_anything(frame: pl.DataFrame) -> bool:
    """Whether a cell is filled. Mostly the first row tells."""
    if not frame.height:
        return False
    return any(frame.row(0)) or any((frame[name] != "").any() for name in frame.columns)


def record_ends(block: bytes, quotes: Any, form: Form) -> tuple[int, int]:
    """The first record that ends with LF alone, and the first that ends with CRLF; -1 where there is none."""
    if b"\r" not in block and block.endswith(b"\n"):
        return 0, -1
    places = index(block, quotes, form, counts=False)
    data = np.frombuffer(block, np.uint8)
    ends = np.append(places.starts[1:], len(data)) - 1
    lf = data[ends] == 10
    crlf = lf & (data[np.maximum(ends - 1, 0)] == 13)
    return _first(lf & ~crlf), _first(crlf)


def _first(mask: Any) -> int:
    found = np.flatnonzero(mask)
    return int(found[0]) if len(found) else -1
