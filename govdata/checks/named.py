"""Checks over one canonical entry that JSON Schema cannot say; a rule names its function, `with` gives the arguments.

Every function takes the entry and a `Context` and yields findings with a canonical pointer and `args`; the caller
fills in the rule. A value of an unexpected kind is the entry schema's business and is passed over here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from govdata.classes import dataclass, field
from govdata.codes import Vocabulary, fold
from govdata.expressions import expression
from govdata.predicates.steps import Failure
from govdata.values import MAPPING, Finding

_DAY = expression("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _no_semantic(_kind: str, _text: str) -> Failure | None:
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """What a named check may ask besides the entry."""

    today: date
    semantic: Callable[[str, str], Failure | None] = _no_semantic
    """(semantic type, text) → what is wrong with the text, or `None`."""
    codes: Mapping[str, Vocabulary] = field(default_factory=dict)
    """Code list id → list."""


@functools.cache
def _steps(pointer: str) -> tuple[str, ...]:
    return tuple(pointer.split("/")[1:])


def at(entry: Mapping[str, Any], pointer: str) -> Any:
    """The value at a canonical JSON pointer; `None` where there is none."""
    value: Any = entry
    for step in _steps(pointer):
        if isinstance(value, MAPPING):
            value = value.get(step)
        elif isinstance(value, list | tuple) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _items(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def field_lists(entry: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """The lists of fields of an entry with their pointers: its own, then those of each resource."""
    yield "/fields", _items(entry.get("fields"))
    for index, resource in enumerate(_items(entry.get("resources"))):
        if isinstance(resource, MAPPING):
            yield f"/resources/{index}/fields", _items(resource.get("fields"))


def as_day(value: object) -> date | None:
    """The day of a date, or of a text that starts with one as `YYYY-MM-DD`; `None` for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _as_number(value: object) -> int | float | Decimal | None:
    return value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _found(pointer: str, value: object, **args: object) -> Finding:
    return Finding(rule="", pointer=pointer, value=str(value), args={"value": str(value), **args})


def semantic_at(entry: Mapping[str, Any], context: Context, pointer: str, kind: str) -> Iterator[Finding]:
    """The text at `pointer` is a valid value of the semantic type `kind`; a milder failure brings its own `severity`."""
    text = at(entry, pointer)
    failure = context.semantic(kind, text) if isinstance(text, str) and text.strip() else None
    if failure is not None:
        severity = {"severity": failure.severity} if failure.severity else {}
        yield _found(pointer, text, **{**failure.args, "reason": failure.reason, **severity})


def category_agrees(entry: Mapping[str, Any], context: Context, codes: str, code: str) -> Iterator[Finding]:
    """A stated category that is a class of code list `codes` agrees with the class code in the identifier (pattern `code`).

    A category may be a path (`主题信息资源/公共服务`): its first part counts. One that is no class says nothing; one that agrees
    is enough, for an entry may name several classes.
    """
    identifier = entry.get("identifier")
    match = re.match(code, identifier) if isinstance(identifier, str) else None
    classes = context.codes.get(codes)
    texts = [(i, text) for i, text in enumerate(_items(entry.get("category"))) if isinstance(text, str)]
    stated = [(i, text, _class_code(text, classes)) for i, text in texts]
    known = [item for item in stated if item[2]]
    if match is None or any(match[0].startswith(c) or c.startswith(match[0]) for _, _, c in known):
        return
    for index, text, _ in known:
        yield _found(f"/category/{index}", text, identifier=identifier)


def _class_code(text: str, known: Vocabulary | None) -> str:
    first = text.partition("/")[0].strip()
    found = known.resolve(first) if known else None
    return found or (first if re.fullmatch("[0-9]+", first) else "")


def dates_not_future(entry: Mapping[str, Any], context: Context, pointers: Sequence[str]) -> Iterator[Finding]:
    """The dates at `pointers`, and the update of each resource, are not after today."""
    today = context.today.isoformat()
    dated = [(pointer, at(entry, pointer)) for pointer in pointers]
    for index, resource in enumerate(_items(entry.get("resources"))):
        if isinstance(resource, MAPPING) and "modified" in resource:
            dated.append((f"/resources/{index}/modified", resource["modified"]))
    for pointer, value in dated:
        # Most dates are past, which comparing the texts shows without reading them.
        day = as_day(value) if value is not None and str(value) > today else None
        if day and day > context.today:
            yield _found(pointer, day, today=today)


def date_order(entry: Mapping[str, Any], context: Context, first: str, second: str) -> Iterator[Finding]:
    """The date at `second` is not before the date at `first`."""
    end = at(entry, second)
    start = at(entry, first) if end is not None else None
    if start is None or str(end) >= str(start):
        return
    early, late = as_day(start), as_day(end)
    if early and late and late < early:
        yield _found(second, late, first=str(early))


def same_text(entry: Mapping[str, Any], context: Context, pointer: str, other: str) -> Iterator[Finding]:
    """The text at `pointer` does not merely repeat the one at `other` (folded for spaces, punctuation, width, case).

    A text of more than twice the length is no mere repetition and is not folded.
    """
    text, repeated = at(entry, pointer), at(entry, other)
    if not isinstance(text, str) or not isinstance(repeated, str) or len(text) > 2 * len(repeated):
        return
    if fold(text) and fold(text) == fold(repeated):
        yield _found(pointer, text)


def not_itself(entry: Mapping[str, Any], context: Context, pointer: str, own: str) -> Iterator[Finding]:
    """The list at `pointer` does not hold the entry's own value at `own`."""
    value = at(entry, own)
    for index, item in enumerate(_items(at(entry, pointer))):
        if item is not None and item == value:
            yield _found(f"{pointer}/{index}", item)


def not_greater(entry: Mapping[str, Any], context: Context, pointer: str, pairs: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """In the object at `pointer`, of each pair of keys (part, whole) the part's number is not larger than the whole's."""
    numbers = at(entry, pointer)
    for part, whole in pairs if isinstance(numbers, MAPPING) else ():
        amount, total = _as_number(numbers.get(part)), _as_number(numbers.get(whole))
        if amount is not None and total is not None and amount > total:
            yield _found(f"{pointer}/{part}", amount, total=str(total))


def unique_names(entry: Mapping[str, Any], context: Context, pointer: str) -> Iterator[Finding]:
    """No two members of the list at `pointer` have the same `name`, spaces around it aside."""
    seen: set[str] = set()
    for index, item in enumerate(_items(at(entry, pointer))):
        name = item.get("name") if isinstance(item, MAPPING) else None
        if isinstance(name, str) and name.strip() in seen:
            yield _found(f"{pointer}/{index}/name", name.strip(), field=name.strip())
        elif isinstance(name, str):
            seen.add(name.strip())


def marked_fields(
    entry: Mapping[str, Any],
    context: Context,
    flags: Sequence[str],
    when: Iterable[Mapping[str, Any]] = (),
    unless: Iterable[Mapping[str, Any]] = (),
) -> Iterator[Finding]:
    """No field carries one of `flags`, where all of `when` and none of `unless` hold of the entry.

    A condition is `{pointer, value}` (equal) or `{pointer}` (something stands there).
    """
    for condition in when:
        if not _holds(entry, condition):
            return
    for condition in unless:
        if _holds(entry, condition):
            return
    for pointer, fields in field_lists(entry):
        for index, item in enumerate(fields):
            for flag in flags if isinstance(item, MAPPING) else ():
                if item.get(flag) is True:
                    name = str(item.get("name") or index + 1)
                    yield _found(f"{pointer}/{index}", name, field=name, flag=flag)
                    break


def stricter_fields(
    entry: Mapping[str, Any], context: Context, key: str, own: str, order: Sequence[str], unstated: Mapping[str, str] | None = None
) -> Iterator[Finding]:
    """No field's code under `key` stands later in `order` (mild to strict) than the entry's own at the pointer `own`.

    `unstated`: where the entry has none, the strictest that it can be if what `pointer` names is true (`code`).
    """
    general = at(entry, own)
    if general is None and unstated is not None and at(entry, unstated["pointer"]) is True:
        general = unstated["code"]
    if general not in order[:-1]:
        return
    strict = order[order.index(general) + 1 :]
    for pointer, fields in field_lists(entry):
        for index, item in enumerate(fields):
            if isinstance(item, MAPPING) and item.get(key) in strict:
                yield _found(f"{pointer}/{index}/{key}", item[key], field=str(item.get("name") or index + 1), general=general)


def placeholders(entry: Mapping[str, Any], context: Context, texts: Sequence[str]) -> Iterator[Finding]:
    """No text of the entry is one of `texts`; what describes tables is left out, where such a text may be data."""
    for pointer, text in texts_of(entry):
        if text in texts or text.strip() in texts:
            yield _found(pointer, text)


OF_TABLES = frozenset(("resources", "fields"))
"""Keys of an entry that describe tables."""


def texts_of(value: object, pointer: str = "", without: Collection[str] = OF_TABLES) -> Iterator[tuple[str, str]]:
    """The texts of an entry with their pointers, but for those under some keys: its resources and fields where nothing else is said."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, MAPPING):
        for key, item in value.items():
            if key not in without:
                yield from texts_of(item, f"{pointer}/{key}", without)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from texts_of(item, f"{pointer}/{index}", without)


def _holds(entry: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    value = at(entry, str(condition["pointer"]))
    return bool(value == condition["value"]) if "value" in condition else bool(value)


FUNCTIONS: Mapping[str, Callable[..., Iterator[Finding]]] = {
    function.__name__: function
    for function in (
        semantic_at, category_agrees, dates_not_future, date_order, same_text,
        not_itself, not_greater, unique_names, marked_fields, stricter_fields, placeholders,
    )
}  # fmt: skip
"""What a rule may name under `check: {named: …}`."""
