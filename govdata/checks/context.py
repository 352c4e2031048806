"""What a check may know beside the dataset: settings, the standard in force, the rest of the directory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from govdata.classes import dataclass, field
from govdata.codes import CodeList
from govdata.engines.beside import Copies
from govdata.predicates.conditions import Condition
from govdata.predicates.identifiers import SemanticTypes
from govdata.rules import severity_of
from govdata.settings import Settings
from govdata.standards import Standard, read_library
from govdata.values import Dataset, Finding


@dataclass(frozen=True, slots=True)
class Common:
    """What the datasets of a run share that one process checks."""

    keys: dict[object, object] = field(default_factory=dict)
    """Keys of tables that foreign keys refer to, read once."""
    copies: Copies = field(default_factory=Copies)
    """Processes that look at blocks of large tables beside this one; runs over several directories share them."""


@dataclass(frozen=True)
class CheckContext:
    """The surroundings of a dataset that is checked."""

    settings: Settings
    standard: Standard
    find_dataset: Callable[[str], Dataset | None] = lambda identifier: None
    """Another dataset of the directory, by its code."""
    common: Common = field(default_factory=Common)
    tick: Callable[[int], None] = lambda rows: None
    """Told now and then how many rows of a resource were read."""

    @property
    def semantic_types(self) -> SemanticTypes:
        """Semantic types by id, from the rules in force."""
        return semantic_types(self.standard, self.settings.today)

    @property
    def semantic_names(self) -> Mapping[str, str]:
        """Id or label of a semantic type → id."""
        return self.semantic_types.names

    def recognised(self, kind: str) -> Condition | None:
        """Where it holds, a text is surely a number of a kind."""
        found = self.semantic_types.get(kind)
        return found.recognised if found else None

    def kind_of(self, field: Mapping[str, Any]) -> str:
        """The semantic type of a field, where every text that is right surely is recognised as one; else nothing."""
        found = self.semantic_types.get(self.semantic_names.get(str(field.get("semantic", "")), ""))
        return found.id if found is not None and found.condition is not None and found.recognised == found.condition else ""

    def severity(self, finding: Finding) -> str:
        """The severity in force of a finding; empty where its rule is not in force."""
        rule = self.standard.rules.get(finding.rule)
        return severity_of(finding, rule) if rule is not None else ""

    def passes(self, kind: str) -> Callable[[str], bool]:
        """Whether a text is surely a number of a kind (`citizen-number`, …); nothing is where the type is not in force."""
        types = self.semantic_types
        return lambda text: kind in types and types[kind].recognise(text)

    def recognised_kinds(self, kinds: Iterable[str]) -> Iterator[tuple[str, Condition]]:
        """Kinds of numbers with a condition: where it holds, a text is surely of the kind."""
        found = ((kind, self.recognised(kind)) for kind in kinds)
        return ((kind, condition) for kind, condition in found if condition is not None)


@functools.lru_cache(maxsize=16)
def semantic_types(standard: Standard, today: date) -> SemanticTypes:
    """The semantic types of a standard by id. Those of the user's are compiled at once, so that a wrong rule is always refused."""
    declared = {rule.id: {**rule.more, "check": rule.check} for rule in standard.rules.values() if "predicate" in rule.check}
    types, shipped = SemanticTypes(declared, _CodeNames(standard.codes), today), read_library().rules
    for name, rule in types.rules.items():
        if rule not in shipped:
            types[name]
    return types


class _CodeNames(Mapping[str, Collection[str]]):
    """List id → its codes; a large list is read when a semantic type first asks for it."""

    def __init__(self, lists: Mapping[str, CodeList]) -> None:
        self._lists = lists

    def __getitem__(self, name: str) -> Collection[str]:
        return self._lists[name].codes

    def __iter__(self) -> Iterator[str]:
        return iter(self._lists)

    def __len__(self) -> int:
        return len(self._lists)
