"""Findings on their way out: explained up to the limit of their rule and field, counted beyond it, given in the order of the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from govdata.engines.plan import TablePlan, Tally
from govdata.values import Finding, Skipped

FOREIGN = "table/foreign-key"
"""The rule of every foreign key."""
CELL_RULES = frozenset(("table/type-error", "table/constraint-error", "table/lexical-form", "table/pattern-slow"))
"""The rules of every cell; those of what it means are the plan's (`cell_rules`)."""
_WIDTH = frozenset(("table/blank-row", "table/extra-cell", "table/missing-cell"))

Place = tuple[str, str, int, object]
"""What is explained up to a limit: rule, field, rank, and of keys the reason."""


class Keeping:
    """The findings of one table."""

    def __init__(self, plan: TablePlan) -> None:
        self._plan = plan
        self._kept: list[tuple[int, int, int, Finding | Skipped]] = []
        self._places: Counter[Place] = Counter()
        self._more: Counter[tuple[str, str, str, str]] = Counter()
        self._seen: set[str] = set()
        self._causes: set[tuple[str, str, str]] = set()
        """Cause, rule and field of which a finding was kept: a record may accept it in one field and not in another."""
        self._undecided: set[str] = set()
        """Rules of which there may be more."""
        self._cells_left = self._rows_left = False
        self._across = {key.rule for key in plan.keys} | ({FOREIGN} if plan.foreign_keys else set())

    def keep(self, row: int, rank: int, finding: Finding) -> None:
        """Keep a finding of a row, or count it. Of one row, findings with a lower rank come first."""
        severity = self._plan.severity(finding)
        if not severity:
            return
        self._seen.add(finding.rule)
        # Keys that stand twice are found when all rows are settled, and one may come before what a later row lacks: who gathers chooses.
        place = (finding.rule, finding.field, rank, finding.args.get("reason") if rank else "")
        self._places[place] += 1
        limit = self._plan.limit_each
        cause = (finding.cause, finding.rule, finding.field)
        news = finding.cause and cause not in self._causes
        if limit is None or self._places[place] <= limit or news:
            self._causes.add(cause)
            self._kept.append((row, rank, len(self._kept), finding))
        else:
            self._more[finding.rule, severity, finding.cause, finding.field] += 1

    def is_full(self, place: Place) -> bool:
        """Whether further findings of a place are only counted."""
        limit = self._plan.limit_each
        return limit is not None and (self._places[place] >= limit or not self._plan.severity(Finding(place[0])))

    def add(self, row: int, item: Finding | Skipped) -> None:
        """Keep what is said of the file as such, before the findings of the row after a row."""
        self._kept.append((row + 1, -1, len(self._kept), item))

    def count(self, rule: str, number: int, field: str = "") -> None:
        """Count findings that are not explained, of a field where it is known."""
        severity = self._plan.severity(Finding(rule))
        if number and severity:
            self._seen.add(rule)
            self._more[rule, severity, "", field] += number

    def doubt(self, rule: str) -> None:
        """There may be more findings of a rule than are counted."""
        self._undecided.add(rule)

    def doubt_cells(self) -> None:
        """Cells of rows that are as wide as they should be were left undecided: any rule about cells may be broken more often."""
        self._cells_left = True

    def doubt_rows(self) -> None:
        """Rows were left undecided: any rule may be broken more often."""
        self._rows_left = True

    def _doubted(self) -> set[str]:
        """Rules that may be broken more often, those of which nothing was found among them."""
        if self._rows_left:
            pair = set(self._plan.pair.rules) if self._plan.pair is not None else set()
            return self._seen | self._across | _WIDTH | CELL_RULES | self._plan.cell_rules | pair
        of_cells = (self._seen - self._across - _WIDTH) | CELL_RULES | self._plan.cell_rules if self._cells_left else set()
        return self._undecided | of_cells

    def all(self) -> Iterator[Finding | Skipped]:
        """What was kept, in order."""
        self._kept.sort(key=lambda item: item[:3])
        for *_, item in self._kept:
            yield item

    def tallies(self) -> Iterator[Tally]:
        """What was only counted."""
        plan = self._plan
        for (rule, severity, cause, field), count in self._more.items():
            yield Tally(rule, severity, count, cause=cause, file=plan.file, sheet=plan.sheet, field=field)
        for rule in sorted(self._doubted()):
            if severity := plan.severity(Finding(rule)):
                yield Tally(rule, severity, 0, exact=False, file=plan.file, sheet=plan.sheet)
