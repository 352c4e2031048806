"""Ids that we choose on a target: the same for the same dataset, wherever and whenever it is published from."""

from __future__ import annotations

import uuid


def dataset_id(directory: str, code: str) -> str:
    """The id that a dataset is to have."""
    return str(uuid.uuid5(uuid.UUID(directory), f"dataset:{code}"))


def resource_id(dataset: str, key: str) -> str:
    """The id that a resource of a dataset is to have."""
    return str(uuid.uuid5(uuid.UUID(dataset), f"resource:{key}"))
