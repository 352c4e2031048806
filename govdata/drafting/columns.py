"""Columns counted with Polars, a block of a large text table at a time: the same numbers as row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from govdata.checks.personal import KINDS, LENGTHS
from govdata.drafting.forms import QUESTIONS, SIGNS, STARTS
from govdata.drafting.profiles import ABSENT, Count, Questions, any_form, ask, digests_of, spare, take
from govdata.drafting.rows import RowCounter
from govdata.engines.columns.structure import Form, index, parse, plain_quotes
from govdata.predicates.columns import emit
from govdata.predicates.conditions import Condition
from govdata.predicates.written import SOMEWHERE
from govdata.reading.sources import Block, BlockSource, Item
from govdata.values import Row

_TEXT, _COUNT = pl.col("text"), pl.col("count")
_ALONE = r"\A(?:[0-9]{17}[0-9Xx]|[0-9]{16,19}|1[3-9][0-9]{9})\z"
"""A number that stands alone, as `checks.personal` sees it."""


class _Digests:
    """Digests in arrays."""

    def __init__(self) -> None:
        self._held: list[Any] = []

    def add(self, texts: Sequence[str] | pl.Series) -> None:
        """Hold the digests of texts."""
        series = texts if isinstance(texts, pl.Series) else pl.Series(texts, dtype=pl.String)
        self._held.append(series.hash(seed=1).to_numpy())

    def holds(self) -> int:
        """How many are held."""
        return sum(map(len, self._held))

    def are_distinct(self) -> bool:
        """Whether no two agree."""
        digests = np.sort(np.concatenate(self._held)) if self._held else np.empty(0, np.uint64)
        return not bool((digests[1:] == digests[:-1]).any())


class BlockCounter(RowCounter):
    """The columns of one text table that can be cut into blocks."""

    def __init__(self, labels: Sequence[str], questions: Questions) -> None:
        super().__init__(labels, questions, typed=False)
        self._starts = _TEXT.str.contains(f"^[{''.join(sorted(STARTS, reverse=True))}]")
        asked = {name: condition for name, condition in QUESTIONS.items() if name not in SIGNS}
        signed = {name: condition for name, condition in QUESTIONS.items() if name in SIGNS}
        self._groups = [_group(asked, self._starts), _group(signed, self._starts), _group(questions.meanings, None)]
        self._decimal = emit(QUESTIONS["decimal"], _TEXT)
        self._kinds = _kinds(questions)
        self._absent = sorted(questions.absent)

    def read_blocks(self, source: BlockSource, header: int, header_lines: int = 0) -> Iterator[Item]:
        """Count the rows below the header; yields what the reader has to say of those that it was given."""
        form = Form(source.dialect.delimiter, source.dialect.quote)
        records, lines = 0, 0
        blocks = source.read()
        for block in blocks:
            frame = self._frame(block, form, max(header - records, 0))
            if frame is not None:
                data = block.text()
                records, lines = records + frame[1], lines + data.count(b"\n")
                self._take(frame[0])
                continue
            single = block.whole and source.ends_clean(block.text())
            pieces = iter((block.text(),)) if single else chain((block.text(),), (later.text() for later in blocks))
            reader = source.records(pieces, records, lines)
            aside: list[Item] = []
            self.read(_below(reader, header, aside))
            yield from aside
            if reader.ended:
                return
            records, lines = records + reader.count, lines + reader.lines

    def _frame(self, block: Block, form: Form, skip: int) -> tuple[pl.DataFrame, int] | None:
        """The rows of a block below the header that are not blank, and its records; `None` where `csv.reader` must read it."""
        if not block.whole:
            return None
        data, width = block.text(), len(self.counts)
        quotes = plain_quotes(data, form)
        if quotes is None:
            return None
        frame = parse(data, form, width, ragged=True)
        found = index(data, quotes, form)
        if frame is None or frame.height != len(found.cells):
            return None
        cells = found.cells[skip:]
        body = frame.slice(skip)
        filled = body.select(pl.any_horizontal([(pl.col(name).fill_null("") != "") for name in body.columns])).to_series()
        wide = cells > width
        if wide.any():
            # Cells beyond the last label may be all that a row holds: the reader tells.
            return None
        self.rows += int(filled.sum())
        self.blank += len(filled) - int(filled.sum())
        self.ragged += int(((cells != width) & filled.to_numpy()).sum())
        return body.filter(filled), frame.height

    def _take(self, frame: pl.DataFrame) -> None:
        for count, name in zip(self.counts, frame.columns, strict=True):
            texts = frame[name].fill_null("")
            missing = int((texts == "").sum())
            texts = texts.filter(texts != "") if missing else texts
            longest = texts.str.len_chars().max()
            count.note(len(texts), missing, longest if isinstance(longest, int) else 0)
            if len(texts):
                self._add(count, texts)
        spare(self.counts)

    def _add(self, count: Count, texts: pl.Series) -> None:
        counted = pl.DataFrame({"text": texts}).group_by("text").agg(pl.len().alias("count"))
        if count.texts is not None and count.may_be_kept and counted.height <= count.kept:
            take(count, dict(zip(counted["text"].to_list(), counted["count"].to_list(), strict=True)), self.judge, _Digests)
            return
        if count.texts is not None:
            kept, count.texts = count.texts, None
            if kept:
                ask(count, kept, self.judge, _Digests)
        self._ask(count, counted)

    def _ask(self, count: Count, counted: pl.DataFrame) -> None:
        """As `profiles.ask`, of many texts at once."""
        self._judge(count, counted)
        if bool((counted["count"] > 1).any()):
            count.may_be_unique = False
        held = digests_of(count, _Digests)
        if held is not None:
            held.add(counted["text"])

    def _judge(self, count: Count, counted: pl.DataFrame) -> None:
        for may_hold, sums in self._groups:
            near = counted.filter(may_hold) if may_hold is not None else counted
            if near.height and sums:
                for name, number in near.select(sums).row(0, named=True).items():
                    count.add(name, int(number or 0))
        for text, number in counted.filter(_TEXT.is_in(self._absent)).select("text", "count").iter_rows():
            count.add(f"{ABSENT}{text}", number)
        if count.passing.get("decimal") and self._decimal is not None:
            self._measure(count, counted.filter(self._starts).filter(self._decimal))
        self._look(count, counted.filter(_TEXT.str.contains(SOMEWHERE)))

    def _look(self, count: Count, counted: pl.DataFrame) -> None:
        """Personal numbers: those that stand alone all at once, those inside texts one by one."""
        if self._kinds is not None and counted.height:
            asked = counted.select("count", _TEXT.str.contains(_ALONE).alias("alone"), *self._kinds)
            left = asked["alone"]
            for kind in KINDS:
                hit = left & asked[kind]
                if hit.any():
                    count.alone[kind] = count.alone.get(kind, 0) + int(asked["count"].filter(hit).sum())
                left = left & ~hit
            counted = counted.filter(~asked["alone"])
        for text, number in counted.select("text", "count").iter_rows():
            self.judge.look(count, text, number)

    @staticmethod
    def _measure(count: Count, numbers: Any) -> None:
        parts = numbers.select(
            _TEXT.str.extract("^-?([0-9]+)").str.len_chars().max().alias("whole"),
            _TEXT.str.extract(r"\.([0-9]+)$").str.len_chars().max().alias("fraction"),
        ).row(0)
        count.whole, count.fraction = max(count.whole, parts[0] or 0), max(count.fraction, parts[1] or 0)


def _group(conditions: Mapping[str, Condition], before: pl.Expr | None) -> tuple[pl.Expr | None, list[pl.Expr]]:
    """What a text must have for one of some conditions to hold (`None`: nothing), and for each, of how many values it holds."""
    found = {name: emit(condition, _TEXT) for name, condition in conditions.items()}
    sums = [
        pl.when(holds.fill_null(False)).then(_COUNT).otherwise(0).sum().alias(name) for name, holds in found.items() if holds is not None
    ]
    form = any_form(conditions.values())
    may_hold = emit(form, _TEXT) if form is not None else None
    if before is None or may_hold is None:
        return may_hold if before is None else before, sums
    return before & may_hold, sums


def _kinds(questions: Questions) -> list[pl.Expr] | None:
    """For each kind of personal number, whether a text is one; `None` where a kind has no condition."""
    found = []
    for name in KINDS:
        condition = questions.kinds.get(name)
        holds = emit(condition, _TEXT) if condition is not None else None
        if holds is None:
            return None
        found.append((_TEXT.str.len_chars().is_in(list(LENGTHS[name])) & holds.fill_null(False)).alias(name))
    return found


def _below(reader: Any, header: int, aside: list[Item]) -> Iterator[Row]:
    for item in reader:
        if not isinstance(item, Row):
            aside.append(item)
        elif item.number > header:
            yield item
