"""The directory as a whole: codes and names once, relations that lead somewhere and back, one source for one item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govdata.checks.named import field_lists
from govdata.codes import fold
from govdata.values import Dataset, Entry, Finding


@dataclass(frozen=True, slots=True)
class Card:
    """What the directory needs to remember of one dataset."""

    number: int
    location: str
    file: str
    places: Mapping[str, tuple[str, int]]
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


def card_of(number: int, dataset: Dataset) -> Card | None:
    """The card of a dataset with an entry; `number` is its place in the run. It is small: a directory may have a hundred thousand."""
    if dataset.entry is None:
        return None
    entry = dataset.entry.canonical
    publisher = entry.get("publisher")
    name, code = (str(publisher.get(key) or "") for key in ("name", "code")) if isinstance(publisher, Mapping) else ("", "")
    related = entry.get("related")
    return Card(
        number=number,
        location=dataset.location,
        file=dataset.entry.file,
        places=_places(dataset.entry),
        identifier=str(entry.get("identifier") or ""),
        title=str(entry.get("title") or ""),
        publisher=code or name,
        publisher_name=name or code,
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
            if isinstance(field, Mapping) and field.get("standardElement") and not field.get("sourceSystem"):
                yield str(field["standardElement"])


def check_directory(cards: Sequence[Card]) -> Iterator[tuple[int, Finding]]:
    """(number of the dataset, finding) for everything that only shows when entries are held against each other."""
    yield from _check_twice(cards, "directory/duplicate-code", "identifier", lambda card: card.identifier)
    yield from _check_twice(cards, "directory/duplicate-title", "title", lambda card: fold(card.title))
    yield from _check_related(cards)
    yield from _check_items(cards)


def _check_twice(cards: Iterable[Card], rule: str, name: str, key: Any) -> Iterator[tuple[int, Finding]]:
    groups: defaultdict[str, list[Card]] = defaultdict(list)
    for card in cards:
        if key(card):
            groups[key(card)].append(card)
    for group in groups.values():
        for card in group if len(group) > 1 else ():
            others = [other.location for other in group if other is not card]
            yield card.number, _placed(card, rule, f"/{name}", getattr(card, name), {"others": others[:5]})


def _check_related(cards: Sequence[Card]) -> Iterator[tuple[int, Finding]]:
    by_code = {card.identifier: card for card in cards if card.identifier}
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
