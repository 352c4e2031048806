"""Ids that we choose on a target: the same for the same dataset, wherever and whenever it is published from."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha1

from govdata.values import Dataset, Resource


def dataset_id(directory: str, code: str) -> str:
    """The id that a dataset is to have."""
    return _named(directory, f"dataset:{code}")


def resource_id(dataset: str, key: str) -> str:
    """The id that a resource of a dataset is to have."""
    return _named(dataset, f"resource:{key}")


def _named(space: str, name: str) -> str:
    """The UUID of a name (RFC 9562, 5.5: version 5), as `uuid.uuid5` gives it, which takes four times as long: each run asks for all."""
    found = bytearray(sha1(_space(space) + name.encode("utf-8"), usedforsecurity=False).digest()[:16])
    found[6], found[8] = found[6] & 0x0F | 0x50, found[8] & 0x3F | 0x80
    told = found.hex()
    return f"{told[:8]}-{told[8:12]}-{told[12:16]}-{told[16:20]}-{told[20:]}"


@lru_cache(maxsize=8)
def _space(identifier: str) -> bytes:
    """An id as what names are told apart in: that of a directory is asked for with each of its datasets."""
    return uuid.UUID(identifier).bytes


def code_of(dataset: Dataset) -> str:
    """What a dataset is called everywhere: its identifier; where it has none, its folder."""
    return str((dataset.entry.canonical.get("identifier") if dataset.entry else "") or dataset.location)


def title_of(dataset: Dataset) -> str:
    """The title; where there is none, the code."""
    return str((dataset.entry.canonical.get("title") if dataset.entry else "") or code_of(dataset))


def key_of(resource: Resource) -> str:
    """What a resource is known by in its dataset: the file, with `#` and the sheet or table."""
    return resource.file + (f"#{resource.sheet}" if resource.sheet not in (None, "") else "")


def keyed(dataset: Dataset) -> dict[str, Resource]:
    """Key → resource, in the dataset's order. Of a file that is declared more than once each declaration is a resource of its own."""
    return dict(zip(told_apart(map(key_of, dataset.resources)), dataset.resources, strict=True))


def told_apart(keys: Iterable[str]) -> list[str]:
    """The same keys, none of them twice: the second `数据.csv` becomes `数据.csv#2`."""
    found: dict[str, None] = {}
    counts: Counter[str] = Counter()
    for key in keys:
        made = key
        while made in found:
            counts[key] += 1
            made = f"{key}#{counts[key] + 1}"
        found[made] = None
    return list(found)
