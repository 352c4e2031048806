"""The whole index, from all documents."""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.fastjson import parsed
from govdata.publishing.site.search import columns, numbering, shards, words
from govdata.publishing.site.search.documents import Document, Row, dump, impacts, row_of
from govdata.publishing.site.search.folding import name_key, syllables, traditional
from govdata.publishing.site.search.numbering import Numbering
from govdata.publishing.site.search.postings import Inversion

NUMBERS = f"{shards.FOLDER}/numbers.txt"

HOLE = -1
"""The place of no document."""

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is kept of every document until all are read."""

    place: int
    """Where it stands in the file of stored documents."""
    facets: tuple[columns.Values, ...]
    day: int
    name: str


def build(documents: Iterable[Document], previous: Path | None = None) -> Files:
    """Every file of the index, as path from the site's root and bytes. Documents may come in any order, each code once.

    `previous` is the root of the site as it was: its documents keep their numbers, so that most files come out as they were. Where it has
    no index, or one of another version, all are numbered anew.
    """
    before = known_numbering(previous) or Numbering()
    with tempfile.TemporaryFile(prefix="govdata-index-") as spool:
        facts, new = _store(documents, spool, frozenset(before.codes))
        after = numbering.renumbered(before, facts, new)
        sizes = {}
        for name, data in _columns(facts, after.codes):
            path, packed = shards.pack(f"columns/{name}", data)
            sizes[name] = kilobytes(packed)
            yield path, packed
        places = array("q", [facts[code].place if code else HOLE for code in after.codes])
        # Of a hundred thousand documents they take as much as the grams, which come next.
        del facts, new
        inversion, counts = Inversion(), Counter[str]()
        rows: list[Row | None] = []
        for number, place in enumerate(places):
            row = _fetch(spool, place) if place != HOLE else None
            if row is not None:
                inversion.add(number, impacts(row))
                counts.update(words.parts_of(row))
            rows.append(row)
            if len(rows) == shards.CHUNK or number == len(places) - 1:
                yield from chunk_file(number // shards.CHUNK, rows)
                rows = []
    lists = inversion.finish()
    size = sum(shards.size_of(gram, data) for gram, (_, data) in lists.items())
    after = Numbering(after.codes, shards.suitable_count(size, after.shards), size)
    long: dict[str, int] = {}
    for gram, (_, data) in lists.items():
        if len(data) > shards.LONG:
            path, packed = shards.pack(shards.list_key(gram), data)
            long[gram] = kilobytes(packed)
            yield path, packed
    for number, members in shards.spread(lists, after.shards):
        yield shards.pack(shards.shard_key(number), shards.encode_shard(members))
    del lists
    keys = []
    for key, parts in words.spread(counts):
        keys.append(key)
        yield shards.pack(f"pinyin/{key}", words.encode(parts))
    yield from fixed_files()
    yield shards.pack("meta", meta_of(after, long, keys, sizes))
    yield NUMBERS, numbering.dump(after)


def known_numbering(previous: Path | None) -> Numbering | None:
    """The numbering of a site as it was, where it can be gone on with."""
    if previous is None:
        return None
    try:
        found = numbering.parse((previous / NUMBERS).read_bytes())
    except FileNotFoundError:
        return None
    return None if found is None or numbering.crowded_by_holes(found) else found


def _store(documents: Iterable[Document], spool: Any, known: Collection[str]) -> tuple[dict[str, _Facts], list[tuple[Any, str]]]:
    """Write every document to a file, from which they are read in order of their numbers; they come in another order.

    Gives the facts by code, and of the documents that are not `known` what they are to be numbered by, with the code.
    """
    facts: dict[str, _Facts] = {}
    new: list[tuple[Any, str]] = []
    shared: dict[Any, Any] = {}
    place = 0
    for document in documents:
        facets = tuple(shared.setdefault(told, told) for told in columns.facets_of(document).values())
        facts[document.code] = _Facts(place, shared.setdefault(facets, facets), columns.day_of(document), name_key(document.title))
        if document.code not in known:
            new.append((numbering.order_key(document), document.code))
        place += spool.write(dump(row_of(document)) + b"\n")
    return facts, new


def _fetch(spool: Any, place: int) -> Row:
    spool.seek(place)
    row: Row = parsed(spool.readline())
    return row


def _columns(facts: Mapping[str, _Facts], codes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    numbers, size = {code: number for number, code in enumerate(codes) if code}, len(codes)
    for place, name in enumerate(columns.FACETS):
        told = columns.with_changes([], {number: facts[code].facets[place] for code, number in numbers.items()}, size, None)
        yield name, columns.encode_facet(told)
    days = {number: facts[code].day for code, number in numbers.items()}
    yield columns.NEWEST, columns.encode_numbers(columns.with_changes([], days, size, 0))
    order = sorted(numbers.items(), key=lambda each: (facts[each[0]].name, each[1]))
    yield columns.NAME, columns.encode_numbers([number for _, number in order])


def chunk_file(chunk: int, rows: Sequence[Row | None]) -> Files:
    """The file of four stored documents; none where all are holes."""
    told = list(rows)
    while told and told[-1] is None:
        told.pop()
    if told:
        yield shards.pack(shards.chunk_key(chunk), shards.dump(told))


def fixed_files() -> Files:
    """What is the same in every index: the readings, and the table of traditional characters."""
    yield shards.pack("pinyin/syllables", shards.dump(" ".join(syllables())))
    pairs = "".join(new + chr(old) for old, new in sorted(traditional().items()))
    yield shards.pack("traditional", shards.dump(pairs))


def kilobytes(packed: bytes) -> int:
    """The size of a file in KiB without base64, rounded up: what the browser weighs."""
    return len(packed) * 3 // 4096 + 1


def meta_of(after: Numbering, long: Mapping[str, int], pinyin: Sequence[str], sizes: Mapping[str, int]) -> bytes:
    """What the browser knows before the first query.

    `size` numbers, `live` documents, `shards`, `chunk`, `part` (longest part of a word), `long`: KiB → the grams with lists of their own,
    `pinyin`: the files of parts, `columns`: KiB of each.
    """
    by_size: dict[int, list[str]] = {}
    for gram in sorted(long):
        by_size.setdefault(long[gram], []).append(gram)
    return shards.dump(
        {
            "version": numbering.VERSION,
            "size": len(after.codes),
            "live": after.live,
            "shards": after.shards,
            "chunk": shards.CHUNK,
            "part": words.LONGEST,
            "long": {str(size): " ".join(by_size[size]) for size in sorted(by_size)},
            "pinyin": " ".join(sorted(pinyin)),
            "columns": {name: sizes[name] for name in sorted(sizes)},
        }
    )
