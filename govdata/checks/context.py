"""What a check may know beside the dataset: settings, the standard in force, the rest of the directory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from govdata.codes import CodeList
from govdata.predicates.conditions import Condition
from govdata.predicates.identifiers import SemanticType, compile_types, name_index
from govdata.settings import Settings
from govdata.standards import Standard
from govdata.values import Dataset


@dataclass(frozen=True)
class CheckContext:
    """The surroundings of a dataset that is checked."""

    settings: Settings
    standard: Standard
    find_dataset: Callable[[str], Dataset | None] = lambda identifier: None
    """Another dataset of the directory, by its code."""
    key_cache: dict[object, object] = field(default_factory=dict)
    """Keys of tables that foreign keys refer to, read once."""
    tick: Callable[[int], None] = lambda rows: None
    """Told now and then how many rows of a resource were read."""

    @property
    def semantic_types(self) -> Mapping[str, SemanticType]:
        """Semantic types by id, from the rules in force."""
        return semantic_types(self.standard, self.settings.today)

    @property
    def semantic_names(self) -> Mapping[str, str]:
        """Id or label of a semantic type → id."""
        return _meanings(self.standard, self.settings.today)[1]

    def passes(self, kind: str) -> Callable[[str], bool]:
        """Whether a text is surely a number of a kind (`citizen-number`, …); nothing is where the type is not in force."""
        found = self.semantic_types.get(kind)
        return found.recognise if found else (lambda text: False)

    def recognised(self, kinds: Iterable[str]) -> Iterator[tuple[str, Condition]]:
        """Kinds of numbers with a condition: where it holds, a text is surely of the kind."""
        for kind in kinds:
            found = self.semantic_types.get(kind)
            if found is not None and found.recognised is not None:
                yield kind, found.recognised


def semantic_types(standard: Standard, today: date) -> Mapping[str, SemanticType]:
    """The semantic types of a standard by id."""
    return _meanings(standard, today)[0]


@functools.lru_cache(maxsize=16)
def _meanings(standard: Standard, today: date) -> tuple[Mapping[str, SemanticType], Mapping[str, str]]:
    """The semantic types of a standard and the names for them, compiled once."""
    declared = {rule.id: {**rule.more, "check": rule.check} for rule in standard.rules.values() if "predicate" in rule.check}
    types = compile_types(declared, _CodeNames(standard.codes), today)
    return types, name_index(types.values())


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
