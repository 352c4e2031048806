"""What all documents are counted under and sorted by, a column a file: the browser loads one when it is asked for.

A column is a line of JSON, a byte that says how many planes follow, and the planes: the low bytes of all numbers, then the next ones.
"""

from __future__ import annotations

import datetime
import json
from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from govdata.publishing.site import facets
from govdata.publishing.site.records import Label
from govdata.publishing.site.search.documents import Document
from govdata.publishing.site.search.shards import dump

FACETS = ("theme", "department", "format", "cycle", "opening", "year")
NEWEST, NAME = "newest", "name"

Value = tuple[str, str, str]
"""Code, Chinese, English (empty: the same)."""
Values = tuple[Value, ...]
"""What one document is counted under in one facet."""

_FIRST_DAY = datetime.date(1999, 12, 31).toordinal()


def facets_of(document: Document) -> dict[str, Values]:
    """What a document is counted under, by facet."""
    year = document.date[:4] if day_of(document) else ""
    return {
        "theme": tuple(map(_value, document.themes)),
        "department": ((document.publisher.id, *_words(facets.provider(document.publisher))),),
        "format": tuple((name, name, "") for name in document.formats),
        "cycle": (_value(document.cycle),) if document.cycle else (),
        "opening": (_value(document.opening),) if document.opening else (),
        "year": ((year, year, ""),) if year else (),
    }


def _value(label: Label) -> Value:
    return label.code, *_words(label)


def _words(label: Label) -> tuple[str, str]:
    return label.zh, label.en


def day_of(document: Document) -> int:
    """Its date as days from 2000-01-01 = 1; 0 where there is none, 1 where it is earlier."""
    try:
        day = datetime.date.fromisoformat(document.date[:10]).toordinal() - _FIRST_DAY
    except ValueError:
        return 0
    return min(max(day, 1), 0xFFFF)


def encode_facet(told: Sequence[Values | None]) -> bytes:
    """A facet's column; `None` is a hole. Documents refer to combinations, since one may be of two themes and have four formats."""
    combinations = sorted({values for values in told if values is not None})
    values = sorted({value for each in combinations for value in each})
    places = {value: place for place, value in enumerate(values)}
    numbers: dict[Values | None, int] = {each: number for number, each in enumerate(combinations, 1)}
    numbers[None] = 0
    head = {"values": values, "combinations": [[places[value] for value in each] for each in combinations]}
    return dump(head) + b"\n" + planes([numbers[each] for each in told])


def decode_facet(data: bytes) -> list[Values | None]:
    """What each document is counted under in a column."""
    head, _, rest = data.partition(b"\n")
    told = json.loads(head)
    values = [tuple(value) for value in told["values"]]
    combinations: list[Any] = [None, *(tuple(values[place] for place in each) for each in told["combinations"])]
    return [combinations[number] for number in numbers_of(rest)]


def planes(numbers: Sequence[int]) -> bytes:
    """Numbers as planes of bytes: like stands beside like, which packs well."""
    width = max(1, (max(numbers, default=0).bit_length() + 7) // 8)
    return bytes([width]) + b"".join(bytes([number >> shift & 255 for number in numbers]) for shift in range(0, 8 * width, 8))


def numbers_of(data: bytes) -> list[int]:
    """The numbers of planes."""
    width = data[0]
    size = (len(data) - 1) // width
    found = list(data[1 : 1 + size])
    for plane in range(1, width):
        above = data[1 + size * plane : 1 + size * (plane + 1)]
        found = [number | byte << 8 * plane for number, byte in zip(found, above, strict=True)]
    return found


def encode_numbers(numbers: Sequence[int]) -> bytes:
    """A column of mere numbers."""
    return b"{}\n" + planes(numbers)


def decode_numbers(data: bytes) -> list[int]:
    """The numbers of a column."""
    return numbers_of(data.partition(b"\n")[2])


def with_changes(told: list[Any], changes: Mapping[int, Any], size: int, hole: Any) -> list[Any]:
    """A column's content with other values for some documents, for so many numbers."""
    found = told + [hole] * (size - len(told))
    for number, value in changes.items():
        found[number] = value
    return found


def reordered(order: Iterable[int], gone: set[int], come: Iterable[int], key: Callable[[int], Any]) -> list[int]:
    """The order by name without some documents, and with others where they belong. The key is asked a few times for each that comes."""
    found = [number for number in order if number not in gone]
    for number in sorted(come):
        insort(found, number, key=key)
    return found
