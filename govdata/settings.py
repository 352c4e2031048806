"""The options of a run: one frozen value, from `govdata.toml` and the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from govdata.acceptance import AcceptRecord, read_accepted
from govdata.classes import dataclass, field, replace
from govdata.encodingnames import label
from govdata.errors import SettingsError
from govdata.expressions import expression
from govdata.targets import SignedException, Target, find_target, read_exceptions, read_targets, written_path
from govdata.tomltables import WHOLE, Place, Reader, read_count, read_table, read_text, read_truth
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
    def threads(self) -> int:
        """How many threads look at one large file."""
        return self.jobs or 2

    @property
    def limit_each(self) -> int | None:
        """Findings kept per rule, field and file: so many as are shown, for a baseline always as many as one compares."""
        return None if self.limit is None else LISTED if self.compares else min(LISTED, self.limit)

    @property
    def compares(self) -> bool:
        """Whether a baseline is in use: what it holds makes no dataset invalid."""
        return self.baseline is not None or self.write_baseline is not None


LANGUAGES = ("zh-CN", "zh", "en")
_LIMITS = ("max_cell", "max_line", "max_entry", "max_archive", "max_query")
_UUID = expression(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def _directory_id(place: Place, value: Any) -> str:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        import uuid

        raise place.wrong(value, str(uuid.uuid4()))
    return value


def _one_of(*known: str) -> Reader:
    def read(place: Place, value: Any) -> Any:
        if value not in known:
            raise place.wrong(value, *known)
        return value

    return read


def _limit(place: Place, value: Any) -> int | None:
    if value == "all":
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise place.wrong(value, WHOLE, '"all"')
    return value


def _encodings(place: Place, value: Any) -> tuple[str, ...]:
    """Encodings, each one that there is: a name with a slip in it would only show when its files are refused."""
    if not isinstance(value, list):
        raise place.wrong(value, '["gb18030"]')
    for name in value:
        if not isinstance(name, str) or label(name) is None:
            raise place.wrong(name, *Settings().encodings)
    return tuple(value)


def _limits(place: Place, value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise place.wrong(value, "[limits]")
    return read_table(place, value, dict.fromkeys(_LIMITS, read_count), ())


def _kept(kind: type, form: str) -> Reader:
    """What has readers of its own, which look at what is in it."""

    def read(place: Place, value: Any) -> Any:
        if not isinstance(value, kind):
            raise place.wrong(value, form)
        return value

    return read


_READERS: Mapping[str, Reader] = {
    "directory": _directory_id,
    "standard": read_text,
    "language": _one_of(*LANGUAGES),
    "content": read_text,
    "fail_on": _one_of(*SEVERITIES),
    "limit": _limit,
    "strict": read_truth,
    "encodings": _encodings,
    "limits": _limits,
    "targets": _kept(dict, "[targets.ckan.NAME]"),
    "exceptions": _kept(list, "[[exceptions]]"),
    "accept": _kept(list, "[[accept]]"),
}


def read_settings(root: Path | None, options: Mapping[str, Any]) -> Settings:
    """Settings of a run: defaults, then `govdata.toml` in `root`, then the options that are not `None`."""
    found: dict[str, Any] = {}
    if root is not None and os.path.lexists(root / FILE):
        found = _read_toml(root / FILE)
        found["root"] = root
        if "content" in found:
            found["content"] = written_path(root, str(found["content"]))
    found.update({k: v for k, v in options.items() if v is not None})
    limit = found.get("limit")
    if limit == "all":
        found["limit"] = None
    elif isinstance(limit, int) and limit < 1:
        raise SettingsError("bad-limit", value=limit)
    return replace(Settings(), **found)


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    if not path.is_file():
        # A pipe, a folder, a link to nothing: settings are meant, and a run without them would hold data against others.
        raise SettingsError("settings-no-file", file=str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig")
        declared = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SettingsError("settings-encoding", file=str(path)) from error
    except (ValueError, OSError) as error:
        raise SettingsError("settings-syntax", file=str(path), what=str(error)) from error
    given = read_table(Place(str(path), ""), declared, _READERS, ())
    given |= given.pop("limits", {})
    given["targets"] = read_targets(given.get("targets", {}), path)
    given["exceptions"] = read_exceptions(given.get("exceptions", []), path)
    given["accept"] = read_accepted(given.get("accept", []), path, text)
    return given


ALONE: set[Path] = set()
"""Temporary folders of this process: what is put into them belongs to no directory above them, whoever has put a `govdata.toml` there."""


def find_root(path: Path) -> Path | None:
    """The nearest folder at or above a path that holds a `govdata.toml`, one that cannot be read included."""
    start = path.absolute()
    for folder in (start, *start.parents):
        if folder in ALONE:
            return None
        # `os.path` says no where `pathlib` raises: for a name that is too long, and whatever else cannot be one.
        if os.path.lexists(folder / FILE):
            return folder
    return None
