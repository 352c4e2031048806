"""Names that every system takes: of files on Windows too, and of sheets."""

from __future__ import annotations

from collections.abc import Collection

from govdata.expressions import expression
from govdata.formats.characters import visible
from govdata.reading.paths import DEVICE

MOST_TAB = 31
"""Characters of a sheet's name."""
MOST_NAME = 80
"""Characters of a file's name that are kept: paths on Windows may have 260 in all."""
UNSAFE = expression(r'[<>:"/\\|?*\x00-\x1f\x7f]')
UNSAFE_TAB = expression(r"[\[\]:*?/\\\x00-\x1f]")


def safe_name(name: str, limit: int = MOST_NAME) -> str:
    """Give a name for a file or folder that Windows takes: no reserved one, no sign of another meaning, no dot or space at its end."""
    plain = UNSAFE.sub("_", visible(name.encode("utf-8", "replace").decode()))
    if len(plain) > limit:
        stem, dot, suffix = plain.rpartition(".")
        plain = stem[: limit - len(suffix) - 1] + dot + suffix if dot and len(suffix) < 8 else plain[:limit]
    plain = plain.strip(" ").rstrip(". ")
    return f"_{plain}" if DEVICE.match(plain) or not plain else plain


def free_tab(wanted: str, taken: Collection[str]) -> str:
    """Give a name for a sheet that no other has; they differ by more than case."""
    plain = UNSAFE_TAB.sub("_", visible(wanted)).strip("' ")[:MOST_TAB].strip("' ") or "_"
    folded = {name.casefold() for name in taken}
    name, number = plain, 1
    while name.casefold() in folded:
        number += 1
        mark = f" ({number})"
        name = plain[: MOST_TAB - len(mark)] + mark
    return name
