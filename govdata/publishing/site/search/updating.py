"""An index with some documents changed, added or taken away: only the files that come out other are made."""

from __future__ import annotations

import functools
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.publishing.site.search import building, columns, numbering, shards, words
from govdata.publishing.site.search.documents import Document, Row, dump, impacts, row_of
from govdata.publishing.site.search.folding import name_key
from govdata.publishing.site.search.numbering import Numbering
from govdata.publishing.site.search.postings import patched

Changes = Iterator[tuple[str, bytes | None]]
"""Path from the site's root and bytes; `None` where the file is no longer there."""


@dataclass(frozen=True, slots=True)
class _Edits:
    """What changes, by number. `None`: the document is gone, or was not there."""

    before: Mapping[int, Row | None]
    after: Mapping[int, Row | None]
    documents: Mapping[int, Document]


def update(changed: Iterable[Document], gone: Collection[str], previous: Path) -> Changes | None:
    """The files that differ from those of `previous`, the root of the site as it was: what `building.build` would make of all documents.

    `changed` are the documents that are new or other than they were, `gone` the codes of those that are no longer there. `None` where all
    must be built: there is no index that can be gone on with, or it outgrew the number of its files.
    """
    _stored.cache_clear()
    before = building.known_numbering(previous)
    try:
        packed = shards.read(previous, "meta")
        if before is None or packed is None:
            return None
        meta = json.loads(packed)
        documents = {document.code: document for document in changed}
        known = set(before.codes)
        new = ((numbering.order_key(document), code) for code, document in documents.items() if code not in known)
        after = numbering.renumbered(before, known - set(gone) | set(documents), new)
        edits = _edits(previous, before, after, documents)
        long = {gram: int(size) for size, grams in meta["long"].items() for gram in grams.split(" ")}
        files, size = _lists(previous, before.shards, edits, long)
        if shards.suitable_count(before.size + size, before.shards) != before.shards:
            return None
        after = Numbering(after.codes, before.shards, before.size + size)
        return _changes(previous, after, edits, files, {**meta, "long": long})
    except (ValueError, KeyError, IndexError):  # a damaged file: what cannot be read is made anew
        return None


def _changes(previous: Path, after: Numbering, edits: _Edits, files: dict[str, bytes | None], meta: Mapping[str, Any]) -> Changes:
    """All that differs. `meta` is as it was, but for the long lists: they are as they are now, gram → KiB."""
    keys, parts = _parts(previous, edits, meta["pinyin"].split())
    sizes, made = _columns(previous, after, edits, meta["columns"])
    files |= parts | made | _chunks(previous, after, edits)
    for path, data in [shards.pack("meta", building.meta_of(after, meta["long"], keys, sizes)), (building.NUMBERS, numbering.dump(after))]:
        files[path] = data
    return iter([(path, data) for path, data in sorted(files.items()) if data is None or data != _bytes(previous / path)])


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _edits(previous: Path, before: Numbering, after: Numbering, documents: Mapping[str, Document]) -> _Edits:
    numbers = {code: number for number, code in enumerate(after.codes) if code}
    touched = {numbers[code]: document for code, document in documents.items()}
    lost = [number for number, code in enumerate(before.codes) if code and not after.codes[number]]
    old = {number: _row(previous, number) if number < len(before.codes) else None for number in [*touched, *lost]}
    new: dict[int, Row | None] = {number: json.loads(dump(row_of(document))) for number, document in touched.items()}
    return _Edits(old, {**new, **dict.fromkeys(lost)}, touched)


def _row(previous: Path, number: int) -> Row | None:
    rows = _stored(previous, number // shards.CHUNK)
    place = number % shards.CHUNK
    return rows[place] if place < len(rows) else None


@functools.lru_cache(maxsize=64)
def _stored(previous: Path, chunk: int) -> tuple[Row | None, ...]:
    data = shards.read(previous, shards.chunk_key(chunk))
    return () if data is None else tuple(json.loads(data))


def _lists(previous: Path, count: int, edits: _Edits, long: dict[str, int]) -> tuple[dict[str, bytes | None], int]:
    """The files of lists that differ, and by how much those in shards grew; `long` is brought up to date."""
    by_shard: defaultdict[int, defaultdict[str, dict[int, int | None]]] = defaultdict(lambda: defaultdict(dict))
    for number, row in edits.after.items():
        old, new = (impacts(each) if each is not None else {} for each in (edits.before[number], row))
        for gram in old.keys() | new.keys():
            if old.get(gram) != new.get(gram):
                by_shard[shards.gram_hash(gram) % count][gram][number] = new.get(gram)
    files: dict[str, bytes | None] = {}
    grown = 0
    for shard, grams in sorted(by_shard.items()):
        key = shards.shard_key(shard)
        members = shards.decode_shard(shards.read(previous, key) or b"\0")
        for gram, changes in grams.items():
            was = (shards.read(previous, shards.list_key(gram)) if gram in long else members.get(gram, (0, b""))[1]) or b""
            data, found = patched(was, changes)
            grown += (shards.size_of(gram, data) if found else 0) - (shards.size_of(gram, was) if was else 0)
            members.pop(gram, None)
            if len(data) > shards.LONG:
                path, packed = shards.pack(shards.list_key(gram), data)
                files[path], long[gram] = packed, building.kilobytes(packed)
                continue
            if long.pop(gram, None):
                files[shards.path_of(shards.list_key(gram))] = None
            if found:
                members[gram] = (found, data)
        path, packed = shards.pack(key, shards.encode_shard(members))
        files[path] = packed
    return files, grown


def _parts(previous: Path, edits: _Edits, pinyin: Collection[str]) -> tuple[list[str], dict[str, bytes | None]]:
    """The files of parts of words that differ, and the keys of all."""
    difference: Counter[str] = Counter()
    for number, row in edits.after.items():
        old = edits.before[number]
        difference.update(words.parts_of(row) if row else ())
        difference.subtract(words.parts_of(old) if old else ())
    keys, files = set(pinyin), dict[str, bytes | None]()
    for key, changes in words.spread({part: change for part, change in difference.items() if change}):
        data = shards.read(previous, f"pinyin/{key}") if key in keys else None
        counts = words.decode(json.loads(data)["parts"]) if data else Counter[str]()
        for part, change in changes.items():
            counts[part] += change
        left = {part: count for part, count in counts.items() if count}
        path, packed = shards.pack(f"pinyin/{key}", words.encode(left))
        files[path] = packed if left else None
        (keys.add if left else keys.discard)(key)
    return sorted(keys), files


def _columns(previous: Path, after: Numbering, edits: _Edits, sizes: Mapping[str, int]) -> tuple[dict[str, int], dict[str, bytes | None]]:
    """The columns that differ, and the size of each; `sizes` are those of before."""
    size = len(after.codes)
    told = {number: columns.facets_of(document) for number, document in edits.documents.items()}
    found: dict[str, bytes] = {}
    for name in columns.FACETS:
        old = columns.decode_facet(shards.read(previous, f"columns/{name}") or b"")
        changes = {number: told[number][name] if number in told else None for number in edits.after}
        if _differ(old, changes, size):
            found[name] = columns.encode_facet(columns.with_changes(old, changes, size, None))
    days = {number: columns.day_of(edits.documents[number]) if number in told else 0 for number in edits.after}
    old_days = columns.decode_numbers(shards.read(previous, f"columns/{columns.NEWEST}") or b"")
    if _differ(old_days, days, size):
        found[columns.NEWEST] = columns.encode_numbers(columns.with_changes(old_days, days, size, 0))
    moved = {number for number, row in edits.after.items() if _title(row) != _title(edits.before[number])}
    if moved:
        found[columns.NAME] = columns.encode_numbers(_by_name(previous, edits, moved))
    packed = {name: shards.pack(f"columns/{name}", data) for name, data in found.items()}
    return {**sizes, **{name: building.kilobytes(data) for name, (_, data) in packed.items()}}, dict(packed.values())


def _differ(old: list[Any], changes: Mapping[int, Any], size: int) -> bool:
    return len(old) != size or any(old[number] != value for number, value in changes.items())


def _title(row: Row | None) -> str | None:
    return row[1] if row else None


def _by_name(previous: Path, edits: _Edits, moved: set[int]) -> list[int]:
    """The documents in order of their names."""

    def key(number: int) -> tuple[str, int]:
        row = edits.after[number] if number in edits.after else _row(previous, number)
        return name_key(row[1]) if row else "", number

    order = columns.decode_numbers(shards.read(previous, f"columns/{columns.NAME}") or b"")
    return columns.reordered(order, moved, [number for number in moved if edits.after[number]], key)


def _chunks(previous: Path, after: Numbering, edits: _Edits) -> dict[str, bytes | None]:
    """The files of stored documents that differ."""
    files: dict[str, bytes | None] = {}
    for chunk in sorted({number // shards.CHUNK for number in edits.after}):
        numbers = range(chunk * shards.CHUNK, min((chunk + 1) * shards.CHUNK, len(after.codes)))
        rows = [edits.after[number] if number in edits.after else _row(previous, number) for number in numbers]
        files[shards.path_of(shards.chunk_key(chunk))] = None
        files |= building.chunk_file(chunk, rows)
    return files
