"""The options of a run: one frozen value, from `govdata.toml` and the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from govdata.acceptance import AcceptRecord, read_accepted
from govdata.classes import dataclass, field, replace
from govdata.errors import SettingsError
from govdata.targets import SignedException, Target, find_target, read_exceptions, read_targets, written_path
from govdata.values import SEVERITIES, Severity

FILE = "govdata.toml"
SITE_FILE = ".govdata-site.json"
"""The mark of a folder that holds a static site of ours: nothing in it belongs to a directory."""
MARKED_FILE = ".govdata-marked.json"
"""The mark of a folder that holds marked workbooks of ours: copies, which are no data of a directory either."""
MEBIBYTE = 1 << 20
LISTED = 100
"""Findings of one rule, field and file that are listed at most, unless all are."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of a run. Sizes are in bytes."""

    language: str = "zh-CN"
    standard: str = ""
    """What datasets are held against that name no standard; empty: the national one."""
    fail_on: Severity = "error"
    limit: int | None = 1000
    """Findings shown per dataset; `None` shows all."""
    strict: bool = False
    today: date = field(default_factory=date.today)
    engine: str = "auto"
    """What checks rows: `auto`, `reference`, `plain` or `columns`."""
    jobs: int = 0
    """Processes and threads that check at once; 0: as many as there are processors."""
    cache: bool = True
    """What was found in files that have not changed is taken from the last run."""
    schema: Path | None = None
    """A Table Schema for tables that come without an entry."""
    root: Path | None = None
    """The folder of `govdata.toml`."""
    content: Path | None = None
    """The directory's own rules, lists and standards."""
    directory: str = ""
    """The directory's id, a UUID."""
    encodings: tuple[str, ...] = ("gb18030", "big5", "cp1252")
    """What is tried after UTF-8, most likely first."""
    max_cell: int = 16 * MEBIBYTE
    max_line: int = 64 * MEBIBYTE
    max_entry: int = 8 * MEBIBYTE
    max_archive: int = 2048 * MEBIBYTE
    """Bytes that a workbook may unpack to."""
    max_query: int = 300
    """Seconds that a view of a database may compute."""
    targets: tuple[Target, ...] = ()
    exceptions: tuple[SignedException, ...] = ()
    """From the gate; only `govdata.toml` can give them."""
    accept: tuple[AcceptRecord, ...] = ()
    """Findings that are accepted; only `govdata.toml` can give them."""
    baseline: Path | None = None
    """Findings of before, which do not fail again."""
    write_baseline: Path | None = None
    """Where the findings that do not fail are kept; what is there may only shrink."""
    changed: str = ""
    """Only datasets that a commit does not have as they are now, by its name in git; empty: all."""

    def target(self, named: str) -> Target:
        """The target of a name like `ckan:open`; `SettingsError` with those that there are."""
        return find_target(self.targets, named)

    def with_jobs(self, jobs: int) -> Settings:
        """The same with another number of jobs."""
        return replace(self, jobs=jobs)

    @property
    def limit_each(self) -> int | None:
        """Findings kept per rule, field and file: so many as are shown, for a baseline always as many as one compares."""
        compared = self.baseline is not None or self.write_baseline is not None
        return None if self.limit is None else LISTED if compared else min(LISTED, self.limit)


_TOML_KEYS = {
    "directory": str,
    "standard": str,
    "language": str,
    "content": str,
    "fail_on": str,
    "limit": int,
    "strict": bool,
    "encodings": list,
    "limits": dict,
    "targets": dict,
    "exceptions": list,
    "accept": list,
}
_LIMITS = ("max_cell", "max_line", "max_entry", "max_archive", "max_query")


def read_settings(root: Path | None, options: Mapping[str, Any]) -> Settings:
    """Settings of a run: defaults, then `govdata.toml` in `root`, then the options that are not `None`."""
    found: dict[str, Any] = {}
    if root is not None and (root / FILE).is_file():
        found = _read_toml(root / FILE)
        found["root"] = root
        if "content" in found:
            found["content"] = written_path(root, str(found["content"]))
    found.update({k: v for k, v in options.items() if v is not None})
    if found.get("limit") in ("all", 0):
        found["limit"] = None
    return replace(Settings(), **found)


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        text = path.read_bytes().decode("utf-8-sig")
        declared = tomllib.loads(text)
    except (ValueError, OSError) as error:
        raise SettingsError("settings-syntax", file=str(path), what=str(error)) from error
    for key, value in declared.items():
        _refuse_bad_key(path, key, value)
    limits = declared.pop("limits", {})
    for key, value in limits.items():
        if key not in _LIMITS or not isinstance(value, int) or value < 1:
            raise SettingsError("settings-key", file=str(path), key=f"limits.{key}", close=_close(key, _LIMITS))
        declared[key] = value
    if "encodings" in declared:
        declared["encodings"] = tuple(str(name) for name in declared["encodings"])
    if declared.get("fail_on", "error") not in SEVERITIES:
        raise SettingsError("settings-value", file=str(path), key="fail_on", value=declared["fail_on"], allowed=SEVERITIES)
    declared["targets"] = read_targets(declared.get("targets", {}), path)
    declared["exceptions"] = read_exceptions(declared.get("exceptions", []), path)
    declared["accept"] = read_accepted(declared.get("accept", []), path, text)
    return declared


def _refuse_bad_key(path: Path, key: str, value: object) -> None:
    kind = _TOML_KEYS.get(key)
    if kind is None:
        raise SettingsError("settings-key", file=str(path), key=key, close=_close(key, tuple(_TOML_KEYS)))
    if key == "limit" and value == "all":
        return
    if not isinstance(value, kind):
        raise SettingsError("settings-value", file=str(path), key=key, value=str(value), allowed=[kind.__name__])


def _close(key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    import difflib

    return tuple(difflib.get_close_matches(key, known, n=2)) or known


def find_root(path: Path) -> Path | None:
    """The nearest folder at or above a path that holds a `govdata.toml`."""
    # `os.path` says no where `pathlib` raises: for a name that is too long, and whatever else cannot be one.
    start = path.absolute()
    return next((folder for folder in (start, *start.parents) if os.path.isfile(folder / FILE)), None)
