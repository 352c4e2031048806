"""Ids that we choose on a target: the same for the same dataset, wherever and whenever it is published from."""

from __future__ import annotations

import uuid
from functools import lru_cache

from govdata.values import Dataset, Resource


def dataset_id(directory: str, code: str) -> str:
    """The id that a dataset is to have."""
    return str(uuid.uuid5(_space(directory), f"dataset:{code}"))


def resource_id(dataset: str, key: str) -> str:
    """The id that a resource of a dataset is to have."""
    return str(uuid.uuid5(_space(dataset), f"resource:{key}"))


@lru_cache(maxsize=8)
def _space(identifier: str) -> uuid.UUID:
    """An id as what names are told apart in: that of a directory is asked for with each of its datasets."""
    return uuid.UUID(identifier)


def code_of(dataset: Dataset) -> str:
    """What a dataset is called everywhere: its identifier; where it has none, its folder."""
    return str((dataset.entry.canonical.get("identifier") if dataset.entry else "") or dataset.location)


def title_of(dataset: Dataset) -> str:
    """The title; where there is none, the code."""
    return str((dataset.entry.canonical.get("title") if dataset.entry else "") or code_of(dataset))


def key_of(resource: Resource) -> str:
    """What a resource is known by in its dataset: the file, with `#` and the sheet or table."""
    return resource.file + (f"#{resource.sheet}" if resource.sheet not in (None, "") else "")
