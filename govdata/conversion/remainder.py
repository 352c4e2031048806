"""What a form of an entry cannot say: pointers into the canonical entry with the values that they must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govdata.reading.documents.yaml import escape, unescape

_WHOLE = "/schema"
"""A Table Schema is anybody's JSON: it is taken whole, `null` and all."""


def difference(made: Any, wanted: Any) -> dict[str, Any]:
    """Pointer (RFC 6901) → value that `made` lacks or has otherwise, `None` for what is not wanted: as few and as deep as possible."""
    return dict(_differences(made, wanted, ""))


def _differences(made: Any, wanted: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(made, Mapping) and isinstance(wanted, Mapping) and not at.endswith(_WHOLE):
        for key, value in wanted.items():
            here = f"{at}/{escape(key)}"
            if key not in made:
                yield here, value
            else:
                yield from _differences(made[key], value, here)
        yield from ((f"{at}/{escape(key)}", None) for key in made if key not in wanted)
    elif isinstance(made, list) and isinstance(wanted, list) and len(made) == len(wanted):
        for number, (one, other) in enumerate(zip(made, wanted, strict=True)):
            yield from _differences(one, other, f"{at}/{number}")
    elif not same(made, wanted):
        yield at, wanted


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same as JSON: 1, 1.0 and true are three."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def restore(made: Mapping[str, Any], patch: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What `difference` was taken of, and the pointers that do not fit what was made (it was changed since)."""
    if not patch:
        return dict(made), []
    found = {key: _copied(value) for key, value in made.items()}
    unfit = [pointer for pointer, value in patch.items() if not _put(found, [unescape(step) for step in pointer.split("/")[1:]], value)]
    return found, unfit


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _put(target: Any, steps: list[str], value: Any) -> bool:
    for step in steps[:-1]:
        if isinstance(target, dict) and step in target:
            target = target[step]
        elif isinstance(target, list) and step.isdigit() and int(step) < len(target):
            target = target[int(step)]
        else:
            return False
    if not steps:
        return False
    last = steps[-1]
    if isinstance(target, list) and last.isdigit() and int(last) < len(target):
        target[int(last)] = value
        return True
    if not isinstance(target, dict):
        return False
    if value is None:
        target.pop(last, None)
    else:
        target[last] = value
    return True
