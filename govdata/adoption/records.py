"""The records of accepted findings during a run: which hold for a dataset, which were used, and which are of no use any more."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govdata.acceptance import AcceptRecord
from govdata.adoption.adopting import folder_of, place_of
from govdata.adoption.judging import is_acceptable
from govdata.classes import dataclass, field
from govdata.rules import Rule
from govdata.settings import FILE, Settings
from govdata.tomltables import Place
from govdata.values import Dataset, Finding

if TYPE_CHECKING:
    from govdata.collecting import Collected

_A_RULE = {"zh": "一条规则的编号，例如 table/type-error", "en": "the id of a rule, such as table/type-error"}


@dataclass(slots=True)
class Accepting:
    """The records of one directory in use."""

    records: tuple[AcceptRecord, ...] = ()
    today: date = date.min
    reference: Path = Path()
    """The folder from which records tell places."""
    file: str = FILE
    """How the report names `govdata.toml`."""
    uses: Counter[AcceptRecord] = field(default_factory=Counter)
    """How many findings each accepted."""
    doubted: set[AcceptRecord] = field(default_factory=set)
    """Those that may accept more: not all was decided."""
    outdone: dict[AcceptRecord, AcceptRecord] = field(default_factory=dict)
    """Record that would accept a finding → another that accepted it first."""

    def of(self, dataset: Dataset, code: str) -> tuple[AcceptRecord, ...]:
        """The records that hold today for a dataset."""
        if not self.records:
            return ()
        place = place_of(dataset, self.reference)
        return tuple(record for record in self.records if record.holds(self.today) and record.names(code, place))

    def use(self, collected: Collected) -> None:
        """Remember what was accepted in a dataset."""
        self.doubted |= collected.doubted
        self.outdone |= collected.outdone
        for record, rules in collected.taken.items():
            self.uses[record] += sum(rules.values())

    def findings(self, whole: bool) -> Iterator[Finding]:
        """A finding for each record whose time is over, and, where the whole directory was checked, for each that accepts nothing."""
        for record in self.records:
            if not record.holds(self.today):
                yield self._finding("accept/expired", record)
            elif whole and not self.uses[record] and record not in self.doubted:
                yield self._finding("accept/unused", record)

    def _finding(self, rule: str, record: AcceptRecord) -> Finding:
        told: dict[str, object] = {"accepted": record.rule, "dataset": record.dataset, "by": record.by, "until": str(record.until)}
        if rule == "accept/expired":
            told["reason"] = record.reason
        else:
            told |= self._why_unused(record)
        return Finding(rule, file=self.file, line=record.line, field=record.field, value=record.rule, args=told)

    def _why_unused(self, record: AcceptRecord) -> dict[str, object]:
        """Why a record accepts nothing, for the texts of the rule: nothing is there, or another record comes first."""
        first = self.outdone.get(record)
        if first is None:
            return {"reason": "nothing"}
        if first.line is not None:
            return {"reason": "outdone", "first": first.line}
        return {"reason": "outdone-number", "first": self.records.index(first) + 1}


def accepting(settings: Settings, rules: Mapping[str, Rule], reference: Path, named: Path) -> Accepting:
    """The records of the settings, ready for a run; `SettingsError` for one of what can never be accepted, or of a rule that nobody has."""
    file = str((settings.root or Path()) / FILE)
    for number, record in enumerate(settings.accept, 1):
        rule, key = rules.get(record.rule), f"accept[{number}].rule"
        if rule is None:
            import difflib

            close: list[Any] = difflib.get_close_matches(record.rule, rules, n=3) or [_A_RULE]
            raise Place(file, key).wrong(record.rule, *close)
        if not is_acceptable(rule):
            raise Place(file, key).error("accept-never", rule=record.rule)
    shown = os.path.relpath(file, folder_of(named)).replace(os.sep, "/") if settings.accept else FILE
    return Accepting(settings.accept, settings.today, reference, shown)
