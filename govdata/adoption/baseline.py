"""A baseline: the findings that were there when a directory began to be checked, as a file (`schemas/baseline.schema.json`)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from govdata import __version__
from govdata.classes import dataclass, field
from govdata.errors import ReadError, SettingsError
from govdata.expressions import expression
from govdata.writing import writing_file

VERSION = 1
MOST = 256 << 20
"""Bytes of a baseline: more is none."""

_LINE = expression(r":[0-9]+\Z")
"""The end of the place of a record."""

Key = tuple[str, str, str, str]
"""What findings are counted by: rule, file, sheet, field."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule on one field of one file: how many, and the fingerprints of those that were listed."""

    count: int
    fingerprints: frozenset[str] = frozenset()
    exact: bool = True
    """Else there were at least so many."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a baseline knows of one dataset."""

    id: str
    """Its code; may be empty."""
    path: str
    """Its folder (of a lone table or a record: its place), with `/`, from the folder of `govdata.toml`."""
    groups: Mapping[Key, Group]

    @property
    def name(self) -> str:
        """What its fingerprints were made with."""
        return self.id or self.path


@dataclass(slots=True)
class Baseline:
    """All that a baseline knows, found by code and by place."""

    standards: tuple[Mapping[str, str], ...]
    datasets: tuple[Known, ...]
    _by_id: dict[str, list[Known]] = field(default_factory=dict)
    _by_path: dict[str, Known] = field(default_factory=dict)

    def find(self, code: str, place: str, present: Set[str] = frozenset()) -> Known | None:
        """A dataset by code and place; by its code where it was moved; by its place where it had no code or another.

        Not by its place where that is a line, which others take, or where the code that stood there is `present` somewhere else.
        """
        if not self._by_path:
            for known in self.datasets:
                self._by_id.setdefault(known.id, []).append(known)
                self._by_path[known.path] = known
        here = self._by_path.get(place)
        if here is not None and here.id == code:
            return here
        moved = self._by_id.get(code, []) if code else []
        if len(moved) == 1 or here is None:
            return moved[0] if moved else None
        other = bool(code and here.id)
        return None if other and (here.id in present or _LINE.search(place)) else here


def read_baseline(path: Path) -> Baseline:
    """The baseline in a file: `ReadError` where it cannot be opened, `SettingsError` where it is none or of another form."""
    try:
        if path.stat().st_size > MOST:
            raise SettingsError("baseline-form", file=str(path), what=f"> {MOST >> 20} MiB")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError("baseline-missing", path=str(path)) from error
    except (OSError, ValueError) as error:
        raise ReadError("cannot-open", path=str(path), what=getattr(error, "strerror", "") or str(error)) from error
    try:
        declared = json.loads(data.decode("utf-8-sig"))
        if not isinstance(declared, dict) or "baseline" not in declared:
            raise SettingsError("baseline-form", file=str(path), what="baseline")
        if declared["baseline"] != VERSION:
            raise SettingsError("baseline-version", file=str(path), version=str(declared["baseline"])[:40], known=VERSION)
        standards = tuple({key: _text(item[key]) for key in ("id", "version", "digest")} for item in declared["standards"])
        return Baseline(standards, tuple(_read_dataset(item) for item in declared["datasets"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SettingsError("baseline-form", file=str(path), what=str(error)[:200]) from error


def _read_dataset(item: Mapping[str, Any]) -> Known:
    groups: dict[Key, Group] = {}
    for found in item["groups"]:
        key = (_text(found["rule"]), _text(found.get("file", "")), _text(found.get("sheet", "")), _text(found.get("field", "")))
        marks = frozenset(_text(mark) for mark in found["fingerprints"])
        count, exact = found["count"], found.get("exact", True)
        if not isinstance(count, int) or isinstance(count, bool) or count < len(marks) or not isinstance(exact, bool) or key in groups:
            raise ValueError(f"{item['path']}: {key[0]}: count")
        groups[key] = Group(count, marks, exact)
    return Known(_text(item.get("id", "")), _text(item["path"]), groups)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80}")
    return value


def written(standards: Iterable[Mapping[str, str]], datasets: Iterable[Known]) -> Iterator[str]:
    """A baseline as text, everything in order and a group a line: what does not change gives the same bytes."""
    listed = [{key: item[key] for key in ("id", "version", "digest")} for item in sorted(standards, key=lambda item: item["id"])]
    yield "{\n" + f'"baseline": {VERSION},\n"govdata": {_json(__version__)},\n"standards": {_json(listed)},\n"datasets": ['
    first = True
    for known in sorted(datasets, key=lambda known: (known.path, known.id)):
        if known.groups:
            yield ("" if first else ",") + f'\n {{"id": {_json(known.id)}, "path": {_json(known.path)}, "groups": ['
            yield ",".join("\n  " + _json(_told(key, group)) for key, group in sorted(known.groups.items())) + "]}"
            first = False
    yield "\n]}\n"


def _told(key: Key, group: Group) -> dict[str, object]:
    named = {name: value for name, value in zip(("rule", "file", "sheet", "field"), key, strict=True) if value}
    sure = {} if group.exact else {"exact": False}
    return {**named, "count": group.count, **sure, "fingerprints": sorted(group.fingerprints)}


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # What hides, turns the direction of reading or has no UTF-8 form is written out.
    return text if text.isprintable() else json.dumps(value)


def write_baseline(path: Path, text: str) -> None:
    """Put a baseline into a file: whole or not at all, and not at all where it says the same already. `ReadError` where it cannot be."""
    with contextlib.suppress(OSError):
        if path.read_bytes() == text.encode():
            return
    with writing_file(path, force=True) as file:
        file.write(text.encode())
