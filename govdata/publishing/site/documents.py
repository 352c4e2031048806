"""A record as JSON and back: `index.json` beside each dataset's page, described by `schemas/site-dataset.schema.json`.

What is empty is left out; what a later version added is passed over, so that an older site can be read as well as a newer one's.
"""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from govdata.classes import fields
from govdata.errors import PublishError
from govdata.fastjson import compact
from govdata.publishing.site.records import (
    VERSION,
    Download,
    Item,
    Label,
    Party,
    Preview,
    Record,
    Remark,
    Resource,
    Summary,
    Version,
)

T = TypeVar("T")

_PARTS: Mapping[type, Mapping[str, type]] = {
    Record: {
        "publisher": Party,
        "themes": Label,
        "cycle": Label,
        "sharing": Label,
        "opening": Label,
        "resources": Resource,
        "remarks": Remark,
        "versions": Version,
    },
    Resource: {"items": Item, "preview": Preview, "downloads": Download},
    Item: {"type": Label, "semantic": Label},
    Summary: {"publisher": Party},
}
"""Class → field → the class of its value, or of the values in it."""


def to_json(record: Record) -> dict[str, Any]:
    """A record as JSON."""
    return {"record": VERSION, **_plain(record)}


def _plain(value: Any) -> dict[str, Any]:
    """A value of one of the classes as a mapping."""
    told: dict[str, Any] = {}
    kind: Any = type(value)
    read, shape = _shape(kind)
    for (name, is_needed), item in zip(shape, read(value), strict=True):
        if not item and not is_needed and item.__class__ is not int:
            continue
        if item.__class__ is tuple:
            told[name] = [_plain(part) if part.__class__ in _KNOWN else part for part in item]
        else:
            told[name] = _plain(item) if item.__class__ in _KNOWN else item
    return told


_KNOWN = frozenset((Record, Resource, Item, Label, Party, Preview, Download, Remark, Version, Summary))


@functools.cache
def _shape(kind: Any) -> tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[str, bool], ...]]:
    """What reads all fields of a class at once; the fields, and whether each has no default: then it is told even where it is empty."""
    import dataclasses

    nothing = dataclasses.MISSING
    needed = {field.name for field in dataclasses.fields(kind) if field.default is nothing and field.default_factory is nothing}
    return operator.attrgetter(*fields(kind)), tuple((name, name in needed) for name in fields(kind))


def from_json(declared: Mapping[str, Any]) -> Record:
    """A record from its JSON; `ValueError` where it is none, or of a later version."""
    if not isinstance(declared, Mapping) or declared.get("record") != VERSION:
        raise ValueError(f"record {declared.get('record') if isinstance(declared, Mapping) else declared!r:.50}")
    return made(Record, declared)


def made(kind: type[T], declared: Mapping[str, Any]) -> T:
    """A value of one of the classes of `records` from its JSON; `ValueError` where something that it needs is not there."""
    known, parts = _fields(cast(Any, kind))
    try:
        if kind is Label and declared.keys() <= known:
            return cast(T, _label(**declared))
        told = dict(declared) if declared.keys() <= known else {name: value for name, value in declared.items() if name in known}
        for name, value in told.items():
            if value.__class__ is list and name not in parts:
                told[name] = _value(None, value)
        for name, part in parts.items():
            if name in told:
                told[name] = _value(part, told[name])
        return kind(**told)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{kind.__name__}: {error}") from error


@functools.lru_cache(maxsize=1024, typed=True)
def _label(**told: Any) -> Label:
    """A label: the same few stand in record after record."""
    return Label(**told)


@functools.cache
def _fields(kind: Any) -> tuple[frozenset[str], Mapping[str, type]]:
    """The fields of a class, and of those that hold values of the classes here, the class."""
    return frozenset(fields(kind)), _PARTS.get(kind, {})


def _value(kind: type | None, value: Any) -> Any:
    if isinstance(value, list):
        return tuple([_value(kind, item) for item in value])
    return value if kind is None or value is None else made(kind, value)


def with_versions(told: dict[str, Any], versions: tuple[Version, ...]) -> Record:
    """A record from its JSON (`to_json`) with other versions. The last one is remembered: its JSON need not be made again."""
    digest = told.pop("digest", "")
    told.pop("versions", None)
    told |= {name: value for name, value in (("versions", [_plain(item) for item in versions]), ("digest", digest)) if value}
    record = from_json(told)
    _last[:] = [(record, told)]
    return record


_last: list[tuple[Record, dict[str, Any]]] = []


def dumps(record: Record) -> bytes:
    """The bytes of `index.json`."""
    return compact(_last[0][1] if _last and _last[0][0] is record else to_json(record)) + b"\n"


def load(path: Path) -> Record:
    """The record of an `index.json`; `PublishError` where it cannot be read."""
    try:
        return from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        what = (error.strerror or "") if isinstance(error, OSError) else str(error)
        raise PublishError("folder-damaged", path=str(path), what=what) from error


def summary_line(summary: Summary) -> bytes:
    """A summary as a line of JSON."""
    return compact(_plain(summary)) + b"\n"
