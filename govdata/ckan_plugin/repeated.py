"""Repeating fields as a browser sends them (`formats-0-class`), put together before ckanext-scheming does it."""

from __future__ import annotations

import functools
from typing import Any

from govdata.ckan_plugin.form import form


def gather(data: dict[str, Any]) -> None:
    """Put the parts of repeating fields into lists, in place, by the numbers of their rows.

    scheming counts the rows of all fields together and in the order of texts (1, 10, 2), so that parts are lost and rows
    move; and it takes the pattern for new rows, which a browser without JavaScript sends along, for a row.
    """
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for key in [key for key in data if isinstance(key, str) and "-" in key]:
        name, number, *part = key.split("-", 2)
        if name not in _names() or name in data or not part:
            continue
        value = data.pop(key)
        if number.isascii() and number.isdigit():
            rows.setdefault(name, {}).setdefault(int(number[:9]), {})[part[0]] = value
    data.update({name: [found[number] for number in sorted(found)] for name, found in rows.items()})


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(field["field_name"] for field in form()["dataset_fields"] if "repeating_subfields" in field)
