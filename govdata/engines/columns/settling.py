"""What scans leave open, settled in the order of the rows: doubtful cells, odd rows and odd blocks go to the reference.

Findings are explained up to the limit per rule and field and counted beyond it. Once the reference has refused enough mistakes of a kind
(`spending`) the file is known to be wrong, and what is not proven stays undecided: then counts are "at least". Without a limit all is
asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

import numpy as np
import polars as pl

from govdata.engines.across import Across, fields_across, lacks_part
from govdata.engines.columns.blocks import Blocks
from govdata.engines.columns.duplicates import Span, find_duplicates
from govdata.engines.columns.keeping import Keeping
from govdata.engines.columns.keys import HashStore, as_part, columns_of, hash_parts, kind_of_part
from govdata.engines.columns.refusing import count_refused, count_width
from govdata.engines.columns.scanning import NONE, Scanned
from govdata.engines.columns.spending import ODD, Budget, Kind, cell, foreign, gap, only, spent_since
from govdata.engines.columns.structure import read_cells
from govdata.engines.plain import Judge
from govdata.engines.plan import KeyPlan, TablePlan, Tally
from govdata.values import Finding, Row, Skipped

STEP = 500
"""Rows of a block that are settled before it is asked again whether the budget is used up."""
KNOWN = 200_000
"""Texts of one column of which is remembered what the reference said."""


class Settling:
    """One table while its blocks are settled."""

    def __init__(self, plan: TablePlan, blocks: Blocks) -> None:
        self._plan, self._blocks = plan, blocks
        self._judge, self._across = Judge(plan), Across(plan)
        self._keeping, self._budget = Keeping(plan), Budget(plan)
        self._places = {column.column: place for place, column in enumerate(plan.columns)}
        self._wanted = fields_across(plan) | set(plan.pair.fields if plan.pair is not None else ())
        self._stores = [HashStore() for _ in plan.keys]
        self._known: list[dict[str, bool]] = [{} for _ in plan.columns]
        self._spans: list[Span] = []
        self._records = self._lines = self._rows = self._cells = 0
        self._filled = self._data = False
        self.ended = False
        """Nothing more is to be read."""

    # Blocks that were scanned

    def take(self, found: Scanned) -> None:
        """Settle a block that was scanned."""
        self._blocks.source.note_ends(*(self._line_of(found, record) for record in found.ends))
        self._watch(found)
        self._settle(found)
        for store, hashed in zip(self._stores, found.hashes, strict=True):
            store.add(self._records + found.at[hashed.rows] + 1, hashed.hashes)
        self._spans.append(Span(self._records, found.rows))
        self._advance(found.rows, found.lines, len(found.at), found.cells)
        filled, data = found.filled
        self._filled, self._data = self._filled or filled, self._data or data

    def _settle(self, found: Scanned) -> None:
        """What may still be asked row by row, some rows at a time; the rest is counted at once."""
        first, last = 0, found.frame.height
        since: dict[Kind, int] = {}
        while first < last:
            spent = self._budget.spent()
            since |= {kind: first for kind in spent if kind not in since}
            left = only(found.between(first, last), spent) if not found.is_quiet else found
            if self._budget.all_spent or left.is_quiet:
                break
            end = left.nth(STEP) + 1
            asked = left.between(first, end)
            self._settle_rows(asked, self._decide(asked), spent)
            first = end
        if since or (first < last and self._budget.all_spent):
            count_refused(spent_since(found, since, first if self._budget.all_spent else last), self._plan, self._keeping)

    def _advance(self, records: int, lines: int, rows: int, cells: int) -> None:
        self._records += records
        self._lines += lines
        self._rows += rows
        self._cells += cells
        self._blocks.tick(self._rows)

    def _line_of(self, found: Scanned, record: int) -> int:
        if record < 0:
            return -1
        return self._lines + 1 + (int(found.located().lines_before(found.located().starts[record])) if record else 0)

    def _watch(self, found: Scanned) -> None:
        plan, watched = self._plan, found.watched
        for number, watch in plan.watches.items():
            watch.add(watched.values.get(number, 0), watched.alone.get(number, {}))
            for text in watched.ask.get(number, ()):
                watch.observe(text)
        if plan.pair is not None:
            count, first = watched.swapped
            plan.pair.add(count, self._records + int(found.at[first]) + 1 if count else 0, watched.points)

    def _decide(self, found: Scanned) -> dict[int, Any]:
        """Place of a column → the rows whose doubtful cell the reference refuses."""
        wrong = {}
        for place, rows in found.doubtful.items():
            texts = found.frame[str(self._plan.columns[place].column - 1)].gather(rows)
            refused = np.fromiter((not self._accepts(place, text) for text in texts), bool, len(rows))
            if refused.any():
                wrong[place] = rows[refused]
        return wrong

    def _accepts(self, place: int, text: str) -> bool:
        known = self._known[place]
        answer = known.get(text)
        if answer is None:
            answer = self._judge.reference.accepts(place, text) is True
            if len(known) < KNOWN:
                known[text] = answer
        return answer

    def _settle_rows(self, found: Scanned, wrong: dict[int, Any], spent: Set[Kind]) -> None:
        """Rows that have a finding, in order, and those of which a value must be read for what holds across rows.

        Of the kinds of mistakes that are `spent` nothing is said: they are counted elsewhere.
        """
        loud = _union([*found.gaps.values(), *wrong.values()])
        across = [*found.foreign, *found.key_gaps, *(hashed.open for hashed in found.hashes), *found.foreign_open, found.watched.unpaired]
        odd, speaking = frozenset(found.odd.tolist()), frozenset(loud.tolist())
        open_keys = [frozenset(hashed.open.tolist()) for hashed in found.hashes]
        unpaired = frozenset(found.watched.unpaired.tolist())
        for place, row in self._rows_of(found, _union([found.odd, loud, *across])):
            if place in odd:
                self._settle_whole(row)
                continue
            values = self._judge.parts(row, self._wanted)
            if place in speaking:
                for finding in self._judge.reference.check(row, observed=True)[0]:
                    kind = cell(self._places.get(finding.column or 0, -1))
                    if kind not in spent:
                        self._keep_all(row, 0, [finding], kind)
            for position, key in enumerate(self._plan.keys):
                if lacks_part(key, values):
                    if gap(position) not in spent:
                        self._keep_all(row, position + 1, self._across.check_gap(key, row, values), gap(position))
                elif place in open_keys[position]:
                    self._store(position, key, row.number, values)
            self._check_foreign(row, values, spent)
            if self._plan.pair is not None and place in unpaired:
                self._plan.pair.observe(row.number, values)

    def _settle_whole(self, row: Row) -> None:
        """A row of which nothing is known yet."""
        found, values = self._judge.judge(row)
        self._keep_all(row, 0, found, ODD)
        if not values:
            return
        for position, key in enumerate(self._plan.keys):
            if lacks_part(key, values):
                self._keep_all(row, position + 1, self._across.check_gap(key, row, values), ODD)
            else:
                self._store(position, key, row.number, values)
        self._check_foreign(row, values, frozenset())

    def _check_foreign(self, row: Row, values: dict[str, Any], spent: Set[Kind]) -> None:
        for position, key in enumerate(self._plan.foreign_keys):
            if foreign(position) not in spent:
                self._keep_all(row, len(self._plan.keys) + 1, self._across.check_foreign(key, row, values), foreign(position))

    def _keep_all(self, row: Row, rank: int, found: Iterable[Finding], kind: Kind) -> None:
        for finding in found:
            self._keeping.keep(row.number, rank, finding)
            if self._plan.severity(finding) == "error":
                self._budget.charge(kind)

    def _store(self, position: int, key: KeyPlan, number: int, values: dict[str, Any]) -> None:
        """The key of one row that the reference read, hashed as the columns' keys are."""
        if any(name not in values for name in key.fields) or all(values[name] is None for name in key.fields):
            return
        kinds = {column.name: kind_of_part(column) for column in columns_of(self._plan, key.fields)}
        parts = {name: pl.Series([as_part(values[name], kind)], dtype=kind) for name, kind in kinds.items()}
        self._stores[position].add(np.array([number], np.int64), hash_parts(pl.DataFrame(parts)))

    def _rows_of(self, found: Scanned, places: Any) -> Iterator[tuple[int, Row]]:
        """Rows by their places in the frame, as `csv.reader` gives them."""
        if not len(places):
            return
        located = found.located()
        lines = located.lines_before(located.starts[found.at[places]])
        odd = frozenset(found.odd.tolist())
        for place, line in zip(places.tolist(), lines.tolist(), strict=True):
            record = int(found.at[place])
            cells = _read_record(found, record) if place in odd else list(found.frame.row(place))
            yield place, Row(self._records + record + 1, self._lines + line + 1, cells)

    # Blocks that `csv.reader` reads

    def read(self, pieces: Iterable[bytes]) -> None:
        """Settle what the reader gives, row by row."""
        records = self._blocks.source.records(pieces, self._records, self._lines)
        header, comment = self._blocks.header, self._blocks.comment
        rows = cells = 0
        for item in records:
            if not isinstance(item, Row):
                if isinstance(item, Skipped):
                    self._keeping.add(self._records + records.count, item)
                elif (item.rule, item.line) not in self._blocks.said:
                    self._keeping.add(self._records + records.count, self._blocks.source.place(item))
                continue
            if any(item.cells):
                self._filled = True
                self._data = self._data or item.number > header
            if item.number <= header or (comment and item.cells and str(item.cells[0]).startswith(comment)):
                continue
            rows, cells = rows + 1, cells + len(item.cells)
            if self._budget.all_spent:
                count_width(item, self._plan, self._keeping)
            else:
                self._settle_whole(item)
        self._spans.append(Span(self._records, records.count, rest=True))
        self._advance(records.count, records.lines, rows, cells)
        self.ended = records.ended

    # The end

    def conclude(self) -> Iterator[Finding | Skipped | Tally]:
        """All that was found, in order; then counts of what was not explained."""
        self._blocks.counted(self._rows, self._cells)
        for position, store in enumerate(self._stores):
            find_duplicates(position, store, self._spans, (self._plan, self._blocks, self._judge, self._across, self._keeping))
            store.close()
        for finding in self._judge.conclude():
            self._keeping.add(self._records + 1, finding)
        yield from self._keeping.all()
        if not self.ended:
            yield from self._blocks.source.conclude(self._filled, self._data)
        yield from self._keeping.tallies()


def _union(arrays: Sequence[Any]) -> Any:
    filled = [rows for rows in arrays if len(rows)]
    return np.unique(np.concatenate(filled)) if filled else NONE


def _read_record(found: Scanned, record: int) -> list[str]:
    starts = found.located().starts
    end = starts[record + 1] if record + 1 < len(starts) else len(found.block)
    return read_cells(found.block[starts[record] : end], found.form)
