"""Foreign keys over columns: rows that refer to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from govdata.engines.columns.hashing import Sides, columns_of, part_of
from govdata.engines.plan import ColumnPlan, ForeignKeyPlan, TablePlan

_SEPARATOR = "\x1f"
_AT_ONCE = 100_000
"""Known keys that are taken over at once."""
_MOST = 2**63
"""Integers of a column are below it."""
MANY = 100_000
"""Known keys beyond which they are found by their hashes, sorted once: Polars would go through all of them again for each block."""


class Known:
    """Known keys as texts."""

    def __init__(self, texts: pl.Series) -> None:
        self._texts, self._hashes = texts.implode(), None
        if len(texts) > MANY:
            hashes = texts.hash().to_numpy()
            order = np.argsort(hashes)
            self._texts, self._hashes = texts.gather(order), hashes[order]

    def find(self, texts: pl.Series) -> tuple[Any, Any]:
        """The rows whose text is known, and those of which it is not sure: another text has their hash."""
        if self._hashes is None:
            found = texts.is_in(self._texts).fill_null(False).to_numpy()
            return found, np.zeros(len(texts), dtype=bool)
        hashes = texts.hash().to_numpy()
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        alike = self._hashes[places] == hashes
        same = (self._texts.gather(places) == texts).fill_null(False).to_numpy()
        return alike & same, alike & ~same


class Membership:
    """One foreign key: its known keys as texts, so that one look-up tells of a whole row."""

    def __init__(self, key: ForeignKeyPlan, columns: Sequence[ColumnPlan], known: Known | None) -> None:
        self._key, self._columns, self._known = key, columns, known

    def look(self, sides: Sides) -> tuple[Any, Any]:
        """The rows that surely refer to nothing, and those that must be asked one by one."""
        fields = self._key.fields
        all_gaps = sides.all_gaps(fields)
        if self._known is None:
            return np.empty(0, np.int64), np.flatnonzero(~all_gaps & sides.plainly)
        certain = sides.certain(fields) & ~sides.any_gap(fields)
        parts = [_as_text(column) for column in self._columns]
        texts = sides.frame.select(pl.concat_str(parts, separator=_SEPARATOR) if len(parts) > 1 else parts[0]).to_series()
        found, unsure = self._known.find(texts)
        certain = certain & ~unsure
        if len(self._columns) > 1:
            certain &= (texts.str.count_matches(_SEPARATOR, literal=True) < len(self._columns)).fill_null(False).to_numpy()
        return np.flatnonzero(certain & ~found & sides.plainly), np.flatnonzero(~certain & ~all_gaps & sides.plainly)


def membership(key: ForeignKeyPlan, plan: TablePlan) -> Membership:
    """A foreign key made ready. Keys with numbers in them are asked one by one: a number is written in many ways."""
    columns = columns_of(plan, key.fields)
    kinds = [column.decision.value for column in columns]
    if not all(kind in {"text", "integer"} for kind in kinds):
        return Membership(key, columns, None)
    texts = _texts(key, [_text if kind == "text" else _whole for kind in kinds])
    # A part at a time: as texts of Python they take several times the memory.
    found = [pl.Series(dtype=pl.String)]
    while some := list(islice(texts, _AT_ONCE)):
        found.append(pl.Series(some, dtype=pl.String))
    return Membership(key, columns, Known(pl.concat(found, rechunk=True)))  # else each look-up would put the parts together


def _texts(key: ForeignKeyPlan, reads: Sequence[Callable[[Any], str | None]]) -> Iterator[str]:
    """The known keys of which each part can stand in its column, as texts."""
    if len(reads) == 1:
        (read,) = reads
        return (text for (part,) in key.known if (text := read(part)) is not None)
    found = ([text for read, part in zip(reads, parts, strict=True) if (text := read(part)) is not None] for parts in key.known)
    return (_SEPARATOR.join(texts) for texts in found if len(texts) == len(reads) and not any(_SEPARATOR in text for text in texts))


def _text(part: Any) -> str | None:
    return part if isinstance(part, str) else None


def _whole(part: Any) -> str | None:
    """Any value that is equal to an integer of a column (`part_of`): in Python 1, 1.0 and true are one key."""
    if isinstance(part, int):
        return str(int(part)) if -_MOST < part < _MOST else None
    if not isinstance(part, float | Decimal) or part != part or not -_MOST < part < _MOST:
        return None
    return str(int(part)) if part == int(part) else None


def _as_text(column: ColumnPlan) -> pl.Expr:
    part = part_of(column)
    assert part is not None
    return part.cast(pl.String) if column.decision.value == "integer" else part
