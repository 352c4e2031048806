"""JSON in one line, written and read fast where orjson surely gives the same as the standard library, which does the rest."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

_DOUBTFUL = (b"null", b"0.0000", b"e-")
"""What stands in JSON where orjson and the standard library may differ: both write small fractions in their own way, and orjson `null` for
what is no number.
"""

_NUMBER = re.compile(rb"(?:^|[\[:,])(?:null|-?[0-9]*0\.0000|-?[0-9.]+e-)")
"""The same where it is no part of a text: there may still be a text that looks like it, so then there is a closer look."""

_LARGE = [1e15, 1e16, 1.5e17, 1e22, 1.7976931348623157e308]
"""Numbers that older releases of orjson write in another way: those are not used."""


def quick(value: Any, ordered: bool = False, default: Callable[[Any], Any] | None = None) -> bytes | None:
    """What `json` would write in UTF-8 without spaces and with all signs as they are; `None` where that is not certain.

    So it is with halves of characters, keys that are no texts, and what JSON has no word for. `ordered`: by keys, as with `sort_keys`.
    `default`: what stands for a value that JSON has no word for, as there.
    """
    write = _writer()
    if write is None:
        return None
    try:
        found = write(value, ordered, default)
    except (TypeError, ValueError, RecursionError):
        return None
    return None if any(map(found.__contains__, _DOUBTFUL)) and _NUMBER.search(found) and _has_fraction(value) else found


def compact(value: Any, errors: str = "strict", ordered: bool = False, default: Callable[[Any], Any] | None = None) -> bytes:
    """A value as JSON in UTF-8 without spaces, with all signs as they are. `errors`: what becomes of halves of characters."""
    found = quick(value, ordered, default)
    if found is not None:
        return found
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=ordered, default=default).encode("utf-8", errors)


def parsed(line: bytes) -> Any:
    """What `compact` wrote of texts, lists and numbers of at most 64 bits. ValueError where it is no JSON."""
    try:
        import orjson
    except ImportError:
        return json.loads(line)
    return orjson.loads(line)


def _has_fraction(value: Any) -> bool:
    """Whether there is a number with a binary fraction anywhere in a value: only those can be written in two ways."""
    if isinstance(value, dict):
        return any(map(_has_fraction, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_fraction, value))
    return isinstance(value, float)


@functools.cache
def _writer() -> Callable[[Any, bool, Callable[[Any], Any] | None], bytes] | None:
    try:
        import orjson
    except ImportError:
        return None
    if orjson.dumps(_LARGE) != json.dumps(_LARGE, separators=(",", ":")).encode():
        return None
    # The standard library refuses these, and orjson would write them in its own way.
    as_they_come = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    by_keys = as_they_come | orjson.OPT_SORT_KEYS

    def write(value: Any, ordered: bool, default: Callable[[Any], Any] | None) -> bytes:
        given = _listed if default is None else functools.partial(_listed, default=default)
        return orjson.dumps(value, given, by_keys if ordered else as_they_come)

    return write


def _listed(value: Any, default: Callable[[Any], Any] | None = None) -> Any:
    """A tuple with names is a list to the standard library; to orjson it is nothing."""
    if isinstance(value, tuple):
        return list(value)
    if default is None:
        raise TypeError
    return default(value)
