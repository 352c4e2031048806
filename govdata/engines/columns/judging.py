"""The cells of a block, column by column: which are surely right, which are missing."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from govdata.classes import dataclass
from govdata.engines.plan import ColumnPlan
from govdata.predicates.columns import among_plain, divide, emit, is_plain
from govdata.predicates.conditions import Condition
from govdata.predicates.decisions import Decision
from govdata.predicates.matrices import Alike, Fixed, matrices_of
from govdata.predicates.plain import emit as emit_plain

Rows = Any
"""One truth value a row."""


@dataclass(slots=True)
class Judged:
    """What was found of the cells of a block."""

    accepted: list[Rows]
    """Of each column the rows whose cell is surely right, whether or not it is missing."""
    gaps: list[Rows]
    """Of each column the rows whose cell is missing."""
    matrices: dict[int, Alike]
    """Number of a column (from 1) → its texts, where all are of one length and their matrix was needed."""
    values: dict[int, pl.Series]
    """Place of a column → its texts as numbers, null where one is none; of those that were asked for."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of one column."""

    matrix: Fixed | None
    rest: pl.Expr | None
    plain: pl.Expr | None
    """The same, where the column `is_plain`."""
    gap: pl.Expr
    apart: bool
    """What is missing is never accepted."""


class Judging:
    """The questions to the columns of a table, which are made once."""

    def __init__(self, columns: Sequence[ColumnPlan], values: Mapping[int, pl.Expr] | None = None) -> None:
        self._names = [str(column.column - 1) for column in columns]
        self._asked = [_ask(column) for column in columns]
        self._values = values or {}

    def __call__(self, frame: pl.DataFrame, lengths: pl.DataFrame) -> Judged:
        """Look at the cells of a frame; `lengths` are theirs in bytes."""
        told = _select(frame, dict(self._first(frame)))
        found = Judged([], [], self._spread(frame, lengths), {place: told[f"v{place}"] for place in self._values})
        for place in range(len(self._asked)):
            found.accepted.append(self._accepted(place, frame, (told.get(f"a{place}"), lengths), found.matrices))
        left = [place for place, asked in enumerate(self._asked) if asked.apart and not found.accepted[place].all()]
        told |= _select(frame, {f"g{place}": self._asked[place].gap for place in left})
        for place in range(len(self._asked)):
            gaps = told.get(f"g{place}")
            found.gaps.append(_rows(gaps) if gaps is not None else np.zeros(frame.height, dtype=bool))
        return found

    def _first(self, frame: pl.DataFrame) -> Iterator[tuple[str, pl.Expr]]:
        """What is asked of every block: conditions (`a`), values (`v`), gaps (`g`) where it does not tell that a cell is accepted."""
        for place, (name, asked) in enumerate(zip(self._names, self._asked, strict=True)):
            if asked.plain is not None and is_plain(frame[name]):
                yield f"a{place}", asked.plain
            elif asked.rest is not None:
                yield f"a{place}", asked.rest
            if place in self._values:
                yield f"v{place}", self._values[place]
            if not asked.apart:
                yield f"g{place}", asked.gap

    def _spread(self, frame: pl.DataFrame, lengths: pl.DataFrame) -> dict[int, Alike]:
        """Make the matrices of the columns whose texts are all as long as they must be."""
        alike = {
            name: asked.matrix.length
            for name, asked in zip(self._names, self._asked, strict=True)
            if asked.matrix is not None and frame.height and (lengths[name] == asked.matrix.length).all()
        }
        made = zip(alike.items(), matrices_of(frame, alike), strict=True)
        return {int(name) + 1: Alike(frame[name], length, matrix) for (name, length), matrix in made}

    def _accepted(self, place: int, frame: pl.DataFrame, told: tuple[pl.Series | None, pl.DataFrame], matrices: dict[int, Alike]) -> Rows:
        name, asked, (rest, lengths) = self._names[place], self._asked[place], told
        if asked.matrix is None:
            return _rows(rest) if rest is not None else np.zeros(frame.height, dtype=bool)
        alike = matrices.get(int(name) + 1)
        fits = asked.matrix.of_matrix(alike.matrix) if alike is not None else asked.matrix.truths(frame[name], lengths[name])
        return fits if rest is None or rest.all() else fits & _rows(rest)


def _select(frame: pl.DataFrame, asked: dict[str, pl.Expr]) -> dict[str, pl.Series]:
    """The answers; lazily, so that what several ask is worked out once."""
    if not asked:
        return {}
    return {found.name: found for found in frame.lazy().select(**asked).collect().get_columns()}


def _rows(found: pl.Series) -> Rows:
    """As an array; mostly all are true, or none is, which is faster to make than to convert."""
    if found.all():
        return np.ones(len(found), dtype=bool)
    return found.to_numpy() if found.any() else np.zeros(len(found), dtype=bool)


def _ask(column: ColumnPlan) -> _Asked:
    decision, text = column.decision, pl.col(str(column.column - 1))
    divided = divide(decision.accept, text) if decision.accept is not None else None
    matrix, rest = divided if divided is not None else (None, None)
    plain = among_plain(decision.accept) if decision.accept is not None and matrix is None and rest is not None else None
    return _Asked(matrix, rest, emit(plain, text) if plain is not None else None, gap(column), _are_apart(decision, matrix))


def _are_apart(decision: Decision, matrix: Fixed | None) -> bool:
    """Whether no word that stands for a missing value is accepted."""
    if matrix is not None and all(len(word.encode("utf-8", "surrogatepass")) != matrix.length for word in decision.missing):
        return True
    return decision.accept is None or not _accepts_any(decision.accept, decision.missing)


@functools.lru_cache(maxsize=64)
def _accepts_any(condition: Condition, words: frozenset[str]) -> bool:
    """Whether a condition may hold for one of some words; tables of many columns ask the same again and again.

    Asked in Python, for what Polars is asked first takes it long.
    """
    accepts = emit_plain(condition)
    return accepts is None or any(map(accepts, words))


def accepting(column: ColumnPlan) -> pl.Expr:
    """The rows whose cell is surely right, whether or not it is missing."""
    condition, text = column.decision.accept, pl.col(str(column.column - 1))
    found = emit(condition, text) if condition is not None else None
    return found if found is not None else text.is_null()


def gap(column: ColumnPlan) -> pl.Expr:
    """The rows whose cell is missing."""
    words, text = sorted(column.decision.missing), pl.col(str(column.column - 1))
    if len(words) == 1:
        return text == words[0]
    return text.is_in(pl.Series(words, dtype=pl.String).implode()) if words else text.is_null()
