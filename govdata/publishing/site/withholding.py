"""What is not said of a dataset of which only the entry may be published: the names of its files, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govdata.values import MAPPING


def without_files(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry without the names of files that cannot be fetched, of those that foreign keys lead to too."""
    found = without_targets(entry)
    if "resources" in found:
        found["resources"] = [without_targets({key: item[key] for key in item if key != "file"}) for item in found["resources"]]
    return found


def without_targets(declared: Mapping[str, Any]) -> dict[str, Any]:
    """An entry, a resource or a schema in which no foreign key names a file: those that lead nowhere else are left out."""
    found = dict(declared)
    if isinstance(found.get("foreignKeys"), list | tuple):
        keys = [_pruned(key, "reference") for key in found["foreignKeys"]]
        found["foreignKeys"] = [key for key in keys if not isinstance(key, MAPPING) or "reference" in key]
    if isinstance(found.get("fields"), list | tuple):
        found["fields"] = [_pruned(field, "foreignKey") for field in found["fields"]]
    return found


def _pruned(declared: Any, name: str) -> Any:
    """What has a reference under a name: without the reference's resource, and without all of it where it leads there alone."""
    reference = declared.get(name) if isinstance(declared, MAPPING) else None
    if not isinstance(reference, MAPPING) or not reference.get("resource"):
        return declared
    left = {key: value for key, value in reference.items() if key != "resource"}
    kept = {key: value for key, value in declared.items() if key != name}
    return {**kept, name: left} if left.get("dataset") or left.get("codes") else kept
