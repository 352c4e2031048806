"""In which line of `govdata.toml` a key stands: `tomllib`, which decides what is in the file, is asked of its beginnings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"\[([0-9]+)\]\.?")


def line_of(file: str, key: str) -> int:
    """The line in which `targets.ckan.open.url` or `accept[2].until` begins; of a key that is not there that of its table, or 1."""
    try:
        lines = Path(file).read_bytes().decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except (OSError, ValueError):
        return 1
    whole = _parsed(lines)
    while key and not _has(whole, key):
        key = key.rpartition(".")[0]
    if not key:
        return 1
    low, high = 0, len(lines)  # the key is not in the first `low` lines, and is in the first `high`
    while high - low > 1:
        middle = end = (low + high) // 2
        while (found := _parsed(lines[:end])) is None:  # it ends inside a value of several lines
            end -= 1
        low, high = (low, end) if _has(found, key) else (middle, high)
    while _parsed(lines[:low]) is None:
        low -= 1
    return low + 1


def _parsed(lines: list[str]) -> Mapping[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads("\n".join(lines))
    except ValueError:
        return None


def _has(node: Any, key: str) -> bool:
    """Whether a key is there. A name may itself hold dots."""
    if not key:
        return True
    if isinstance(node, list):
        number = _NUMBER.match(key)
        return number is not None and int(number[1]) <= len(node) and _has(node[int(number[1]) - 1], key[number.end() :])
    if not isinstance(node, Mapping):
        return False
    return any(
        _has(node[name], key[len(name) :].removeprefix(".")) for name in node if key == name or key.startswith((f"{name}.", f"{name}["))
    )
