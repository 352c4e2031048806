"""The files of the index and what they hold.

Every file is a script that calls `__b("key","base64 of zlib")`, so that one set of files serves over HTTP, from a disk and under a policy
that allows scripts of the site alone. Keys are the files' places below `index/` without `.js`:

    meta                what the browser knows before the first query (`building.meta_of`)
    grams/0/7           the grams with hash 7: count of grams, for each its bytes, its documents and the length of its list; then the lists
    lists/3/e8bda6      a list that is too long for a shard, by the gram's bytes
    records/0/12        four stored documents (`documents.row_of`); null for a hole
    columns/theme       what all documents are counted under or sorted by (`columns`)
    pinyin/tc           parts of words by the first letters of their first two readings (`words`)
    pinyin/syllables    all readings; traditional  simplified and traditional characters in turn
    numbers.txt         the numbering, for the next build alone
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata.fastjson import compact
from govdata.publishing.site.search.postings import varint

FOLDER = "index"
SHARD = 4000
"""Bytes that a shard should have before it is packed. Half as many make twice as many files; a query fetches a shard for each gram."""
LONG = 4000
"""Bytes above which a list has a file of its own."""
CHUNK = 4
"""Documents stored in one file."""

Lists = Mapping[str, tuple[int, bytes]]
"""Gram → how many documents have it, and its posting list."""


def path_of(key: str) -> str:
    """The file of a key, from the site's root."""
    return f"{FOLDER}/{key}.js"


def pack(key: str, data: bytes) -> tuple[str, bytes]:
    """A file of the index: its path and its bytes."""
    packed = base64.b64encode(zlib.compress(data, 9))
    return path_of(key), b'__b("%s","%s")\n' % (key.encode(), packed)


def read(site: Path, key: str) -> bytes | None:
    """What a file of the index of a site holds; `None` where there is none. ValueError where it is damaged."""
    try:
        script = (site / path_of(key)).read_bytes()
    except FileNotFoundError:
        return None
    try:
        return zlib.decompress(base64.b64decode(script.split(b'"')[3], validate=True))
    except (IndexError, ValueError, zlib.error) as error:
        raise ValueError(f"{path_of(key)}: {error}") from error


def dump(value: Any) -> bytes:
    """A value as compact JSON."""
    return compact(value, "replace")


def gram_hash(gram: str) -> int:
    """FNV-1a of its UTF-8, 32 bits."""
    value = 0x811C9DC5
    for byte in gram.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def shard_key(number: int) -> str:
    """The key of a shard of grams."""
    return f"grams/{number >> 8}/{number}"


def list_key(gram: str) -> str:
    """The key of a long list."""
    return f"lists/{gram_hash(gram) & 15}/{gram.encode('utf-8', 'surrogatepass').hex()}"


def chunk_key(chunk: int) -> str:
    """The key of stored documents."""
    return f"records/{chunk >> 8}/{chunk}"


def size_of(gram: str, data: bytes) -> int:
    """The bytes that a list takes of a shard: none where it has a file of its own."""
    return len(gram) * 3 + 4 + len(data) if len(data) <= LONG else 0


def suitable_count(size: int, before: int) -> int:
    """How many shards for so many bytes: as many as last time while they are of a tolerable size, so that their files stay."""
    ideal = max(1, size // SHARD)
    return before if before and before <= 2 * ideal and ideal <= 2 * before else ideal


def encode_shard(lists: Lists) -> bytes:
    """A shard of grams, in order."""
    head, body = bytearray(varint(len(lists))), bytearray()
    for gram in sorted(lists):
        count, data = lists[gram]
        name = gram.encode("utf-8", "surrogatepass")
        head += varint(len(name)) + name + varint(count) + varint(len(data))
        body += data
    return bytes(head + body)


def decode_shard(data: bytes) -> dict[str, tuple[int, bytes]]:
    """The grams of a shard."""
    place = 0

    def number() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    heads = []
    for _ in range(number()):
        size = number()
        gram = data[place : place + size].decode("utf-8", "surrogatepass")
        place += size
        heads.append((gram, number(), number()))
    found = {}
    for gram, count, length in heads:
        found[gram] = (count, data[place : place + length])
        place += length
    return found


def spread(lists: Lists, shards: int) -> Iterator[tuple[int, dict[str, tuple[int, bytes]]]]:
    """The lists that belong to shards, shard by shard; all of them, empty ones too."""
    members: list[list[str]] = [[] for _ in range(shards)]
    for gram, (_, data) in lists.items():
        if len(data) <= LONG:
            members[gram_hash(gram) % shards].append(gram)
    for number, grams in enumerate(members):
        yield number, {gram: lists[gram] for gram in grams}
