"""The directory as a whole: codes and names once, relations that lead somewhere and back, one source for one item."""

from __future__ import annotations

import itertools
import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from govdata.checks.named import field_lists
from govdata.classes import dataclass
from govdata.codes import fold
from govdata.values import MAPPING, Dataset, Entry, Finding


class Places(Protocol):
    """What is asked of the places of an entry."""

    def get(self, pointer: str, /) -> tuple[str, int] | None: ...


@dataclass(frozen=True, slots=True)
class OnLine:
    """The places of an entry that stands on one line as it is in canonical form."""

    line: int

    def get(self, pointer: str, /) -> tuple[str, int]:
        return pointer, self.line


class Card(NamedTuple):
    """What the directory needs to remember of one dataset."""

    number: int
    named: str
    """Its location; empty for a record on one line, whose file and line say it."""
    file: str
    places: Places
    """Canonical pointer → pointer as written and line, for what may be reported."""
    identifier: str
    title: str
    publisher: str
    """Its code, else its name."""
    publisher_name: str
    related: tuple[str, ...]
    items: tuple[str, ...]
    sourced: bool
    """The entry names where its data comes from."""

    @property
    def location(self) -> str:
        """How the report names the dataset."""
        place = self.places.get("")
        return self.named or (f"{self.file}:{place[1]}" if place else self.file)


def card_of(number: int, dataset: Dataset) -> Card | None:
    """The card of a dataset with an entry; `number` is its place in the run. It is small: a directory may have a hundred thousand."""
    if dataset.entry is None:
        return None
    entry = dataset.entry.canonical
    publisher = entry.get("publisher")
    name, code = (str(publisher.get(key) or "") for key in ("name", "code")) if isinstance(publisher, MAPPING) else ("", "")
    related = entry.get("related")
    return Card(
        number=number,
        named="" if dataset.line else dataset.location,
        file=dataset.entry.file,
        places=_places(dataset.entry) if not dataset.line else OnLine(dataset.line),
        identifier=str(entry.get("identifier") or ""),
        title=str(entry.get("title") or ""),
        publisher=sys.intern(code or name),
        publisher_name=sys.intern(name or code),
        related=tuple(str(code) for code in related) if isinstance(related, Sequence) and not isinstance(related, str) else (),
        items=tuple(_items(entry)),
        sourced=bool(entry.get("source")),
    )


def _places(entry: Entry) -> dict[str, tuple[str, int]]:
    wanted = [pointer for pointer in entry.pointers if pointer in {"", "/identifier", "/title"} or pointer.startswith("/related")]
    written = {pointer: entry.pointers[pointer] for pointer in wanted}
    return {pointer: (name, entry.positions.places.get(name, (1, 1))[0]) for pointer, name in written.items()}


def _items(entry: Mapping[str, Any]) -> Iterator[str]:
    """The items that can be told to be the same elsewhere: those with a standard data element, unless they name a source system."""
    for _, fields in field_lists(entry):
        for field in fields:
            if isinstance(field, MAPPING) and field.get("standardElement") and not field.get("sourceSystem"):
                yield str(field["standardElement"])


def check_directory(cards: Sequence[Card]) -> Iterator[tuple[int, Finding]]:
    """(number of the dataset, finding) for everything that only shows when entries are held against each other."""
    yield from _check_twice(cards, "directory/duplicate-code", "identifier", lambda card: card.identifier)
    yield from _check_twice(cards, "directory/duplicate-title", "title", lambda card: fold(card.title), _are_related)
    yield from _check_related(cards)
    yield from _check_items(cards)


def _are_related(card: Card, other: Card) -> bool:
    """Whether each names the other: one resource in several classes has a code in each, and these are related."""
    return other.identifier in card.related and card.identifier in other.related


def _check_twice(
    cards: Sequence[Card], rule: str, name: str, key: Callable[[Card], str], excuse: Callable[[Card, Card], bool] | None = None
) -> Iterator[tuple[int, Finding]]:
    groups: defaultdict[str, list[Card]] = defaultdict(list)
    for card in _repeated(cards, key):
        groups[key(card)].append(card)
    for group in groups.values():
        for card in group if len(group) > 1 else ():
            others = [other.location for other in group if other is not card and not (excuse and excuse(card, other))]
            if not others:
                continue
            yield card.number, _placed(card, rule, f"/{name}", getattr(card, name), {"others": others[:5]})


def _repeated(cards: Sequence[Card], key: Callable[[Card], str]) -> Iterator[Card]:
    """The cards whose key may not be theirs alone. Only numbers are remembered of all: a directory may be large."""
    numbers = array("q", (hash(key(card)) for card in cards))
    twice = {first for first, second in itertools.pairwise(sorted(numbers)) if first == second}
    for card, number in zip(cards, numbers, strict=True):
        if number in twice and key(card):
            yield card


def _check_related(cards: Sequence[Card]) -> Iterator[tuple[int, Finding]]:
    wanted = {code for card in cards for code in card.related}
    by_code = {card.identifier: card for card in cards if card.identifier and card.identifier in wanted}
    for card in cards:
        for number, code in enumerate(card.related):
            other = by_code.get(code)
            pointer = f"/related/{number}"
            if other is None:
                yield card.number, _placed(card, "directory/related-missing", pointer, code, {})
            elif other is not card and card.identifier not in other.related:
                yield card.number, _placed(card, "directory/related-one-way", pointer, code, {"other": other.location})


def _check_items(cards: Sequence[Card]) -> Iterator[tuple[int, Finding]]:
    """One item that several providers give without naming a source (政务数据共享条例: 一数一源)."""
    holders: defaultdict[str, list[Card]] = defaultdict(list)
    for card in cards:
        for item in dict.fromkeys(card.items):
            holders[item].append(card)
    for item, group in holders.items():
        publishers = sorted({card.publisher for card in group if card.publisher})
        unsourced = [card for card in group if not card.sourced]
        if len(publishers) < 2 or len(unsourced) < 2 or len({card.publisher for card in unsourced}) < 2:
            continue
        names = sorted({card.publisher_name for card in group})
        for card in unsourced:
            yield card.number, _placed(card, "directory/same-item", "", item, {"publishers": names})


def _placed(card: Card, rule: str, pointer: str, value: str, args: Mapping[str, object]) -> Finding:
    written, line = card.places.get(pointer) or card.places.get("") or ("", 1)
    return Finding(rule, file=card.file, pointer=written, line=line, value=value, args=args)
