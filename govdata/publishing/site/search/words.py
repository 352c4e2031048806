"""Which words a reading may stand for: parts of titles, keywords, departments and themes, by the first letters of their readings.

Every place of such a text begins a part of up to six characters; the browser cuts it to as many characters as were typed, and adds up. So
`tingche`, `tcc` and `tingchech` all lead to 停车场, wherever in a title it stands, without a dictionary of words.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from govdata.publishing.site.search.documents import Row
from govdata.publishing.site.search.folding import fold, readings
from govdata.publishing.site.search.grams import runs
from govdata.publishing.site.search.shards import dump

LONGEST = 6
"""Characters of a part; `search-engine.js` knows it from the meta file."""


def parts_of(row: Row) -> set[str]:
    """The parts of words of a stored document."""
    _, title, publisher, _, _, keywords, _, more, *_ = row
    return set(_parts(title)).union(_common_parts(publisher), *map(_common_parts, (*keywords, *more[1:])))


def _parts(text: str) -> list[str]:
    known = readings()
    found = []
    for run in runs(fold(text)):
        end = len(run)
        for start in range(len(run) - 1, -1, -1):
            if run[start] not in known:
                end = start
            elif end - start > 1:
                found.append(run[start : min(end, start + LONGEST)])
    return found


@functools.lru_cache(maxsize=1 << 15)
def _common_parts(text: str) -> tuple[str, ...]:
    return tuple(_parts(text))


@functools.lru_cache(maxsize=1 << 16)
def keys_of(pair: str) -> tuple[str, ...]:
    """In which files a part is, by its first two characters: one for each pair of first letters of their readings."""
    known = readings()
    return tuple(sorted({one[0] + two[0] for one in known[pair[0]] for two in known[pair[1]]}))


def spread(counts: Mapping[str, int]) -> Iterator[tuple[str, dict[str, int]]]:
    """The parts file by file: two letters, and part → how many documents have it."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for part in sorted(counts):
        for key in keys_of(part[:2]):
            members[key].append(part)
    for key in sorted(members):
        yield key, {part: counts[part] for part in members.pop(key)}


def encode(counts: Mapping[str, int]) -> bytes:
    """A file of parts: the readings of its characters, and a line a part."""
    known, told = readings(), defaultdict(list)
    for character in sorted({character for part in counts for character in part}):
        for reading in known[character]:
            told[reading].append(character)
    spoken = {reading: "".join(characters) for reading, characters in sorted(told.items())}
    return dump({"readings": spoken, "parts": "\n".join(f"{part} {counts[part]}" for part in sorted(counts))})


def decode(parts: str) -> Counter[str]:
    """The parts of a file."""
    return Counter({part: int(count) for part, _, count in (line.partition(" ") for line in parts.split("\n"))})
