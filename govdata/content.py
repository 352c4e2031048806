"""The content that we ship (schemas, rules, code lists, texts) and the same kinds of files in a user's folder.

Shipped content is parsed once and kept as JSON in the user's cache folder, a line for each file, keyed by names, sizes and times of
all its files: hundreds of YAML files then cost a few milliseconds at start. Without a writable cache the same is parsed afresh.
"""

from __future__ import annotations

import binascii
import contextlib
import errno
import functools
import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from govdata import __version__, digests
from govdata.errors import ContentError

SECTIONS = {
    "rules": "validators",
    "checks": "validators",
    "examples": "validators",
    "standards": "schemas/standards",
    "codes": "schemas/codes",
    "messages": "catalog/messages",
    "contexts": "schemas/contexts",
}
"""What is compiled: section → folder. Other files are read one by one with `load`."""

EXAMPLES = "examples"
"""Of rules; compiled apart from them, since only what explains rules asks for them."""

CHECKS = "checks"
"""Rules again, without what they say of themselves: all that has to be read of a rule that nothing breaks."""

TOLD = ("title", "source", "message", "help", "reasons")
"""What a rule says of itself."""

ABANDONED = 600
"""Seconds."""

_SEAL = 8
"""Letters of a checksum in front of what is kept."""

DEEPEST = 100
"""Layers of values that a content file may have."""


@functools.cache
def root() -> Path:
    """The folder that holds `schemas/`, `validators/` and `catalog/`: inside the wheel, else the source tree."""
    package = Path(__file__).parent
    packed = package / "_content"
    return packed if packed.is_dir() else package.parent


def read_bytes(name: str) -> bytes:
    """The bytes of a shipped file, named from the content root with `/`."""
    return (root() / name).read_bytes()


def read_text(name: str) -> str:
    """The text (UTF-8) of a shipped file."""
    return (root() / name).read_text(encoding="utf-8")


def load(name: str) -> Any:
    """A shipped YAML or JSON file, parsed. Treat it as frozen: it is shared."""
    return _load_shipped(name)


@functools.cache
def _load_shipped(name: str) -> Any:
    return load_file(root() / name)


def load_file(path: Path) -> Any:
    """A YAML or JSON file parsed; `ContentError` with file and line where it cannot be."""
    try:
        refuse_special(path)
        text = path.read_text(encoding="utf-8-sig")
    except (UnicodeDecodeError, OSError) as error:
        raise ContentError("content-syntax", file=str(path), what=getattr(error, "strerror", None) or str(error)) from error
    return parse(text, str(path))


def refuse_special(path: Path) -> None:
    """OSError for what would never end, or is not there: a pipe, a device, a folder, a link to nothing."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


def parse(text: str, name: str) -> Any:
    """Content text parsed by its name's ending: JSON for `.json` and `.jsonld`, else YAML without its traps."""
    found = _parse(text, name)
    if "\\u" in text or "\\U" in text:
        _refuse_halves(found, name)
    return found


def _refuse_halves(found: Any, name: str) -> None:
    """Half a character, which an escape can write, has no UTF-8 form and could not be reported."""
    try:
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ContentError("content-syntax", file=name, what="half a character (surrogate)") from error


def _parse(text: str, name: str) -> Any:
    if name.endswith((".json", ".jsonld")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ContentError("content-syntax", file=name, what=str(error)) from error
    return _parse_yaml(text, name)


def _parse_yaml(text: str, name: str) -> Any:
    import yaml

    try:
        if text.count("[") + text.count("{") > DEEPEST or f"{'- ' * 10}" in text or f"{'? ' * 10}" in text:
            _refuse_deep(text, name)
        return yaml.load(text, Loader=_loader())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ContentError("content-syntax", file=name, what=" ".join(str(error).split())) from error


def _refuse_deep(text: str, name: str) -> None:
    """The loader calls itself for each layer, in C, and would bring the whole program down."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ContentError("content-syntax", file=name, what=f"more than {DEEPEST} layers")


@functools.cache
def _loader() -> Any:
    """A safe loader that reads only true/false, null and plain decimal numbers: `01`, `2026-01-05` and `no` stay text."""
    import re

    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library's own form

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), None)
            if twice is not None:
                raise yaml.constructor.ConstructorError(None, None, f"key twice: {twice}", node.start_mark)
            return super().construct_mapping(node, deep)

    number = re.compile(r"-?(?:0|[1-9][0-9]*)$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(?:true|false)$"), "tf")
    Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("(?:~|null|)$"), ["~", "n", ""])
    Loader.add_implicit_resolver("tag:yaml.org,2002:int", number, "-0123456789")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+$"), "-0123456789")
    return Loader


def files(folder: Path, endings: tuple[str, ...] = (".yaml", ".json", ".jsonld")) -> Iterator[tuple[str, os.stat_result]]:
    """All files below a folder whose names end so: name with `/`, and its stat, in order of name."""
    # Names are put together as texts: there are hundreds of files, and every start looks at all of them.
    stack, found = [(str(folder), "")], []
    while stack:
        place, above = stack.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                # A link to a folder is not followed: it may lead round in a circle.
                if entry.is_dir(follow_symlinks=False):
                    stack.append((entry.path, f"{above}{entry.name}/"))
                elif entry.name.endswith(endings):
                    found.append((above + entry.name, entry.stat()))
    yield from sorted(found, key=lambda item: item[0])


def load_folder(folder: Path) -> dict[str, Any]:
    """Every YAML and JSON file below a folder, parsed: name → content."""
    return {name: load_file(folder / name) for name, _ in files(folder)}


@functools.cache
def compiled(section: str) -> Mapping[str, Any]:
    """One section of the shipped content, parsed: file name inside the section → content. What is kept is read file by file, when asked."""
    folder = root() / SECTIONS[section]
    if not folder.is_dir():
        return {}
    kept = _cache_file(section, folder)
    found = _read_cache(section, kept)
    if found is None:
        found = _slim(section, dict(compiled("rules")) if section == CHECKS else load_folder(folder))
        _write_cache(kept, found)
    return found


def digest(section: str) -> str:
    """A digest of a section's parsed content (not of file times), for reports and caches."""
    text = json.dumps(dict(compiled(section)), ensure_ascii=False, sort_keys=True)
    return digests.sha256(text.encode())[:16]


def _slim(section: str, found: dict[str, Any]) -> dict[str, Any]:
    if SECTIONS[section] != SECTIONS["rules"]:
        return found
    rules = {name: rule for name, rule in found.items() if isinstance(rule, dict)}
    if section == EXAMPLES:
        return {name: rule.get(EXAMPLES, {}) for name, rule in rules.items()}
    left = {EXAMPLES, *TOLD} if section == CHECKS else {EXAMPLES}
    return {name: {k: v for k, v in rule.items() if k not in left} for name, rule in rules.items()}


def _cache_file(section: str, folder: Path) -> Path | None:
    base = cache_folder()
    return base / f"{section}-{_state(folder)}.json" if base is not None else None


@functools.cache
def program() -> str:
    """What changes when the program does: its version, Python's, and the state of its modules. Two milliseconds, once in a run."""
    return f"{__version__}|{sys.version}|{_state(Path(__file__).parent, ('.py',))}"


@functools.cache
def _state(folder: Path, *more: tuple[str, ...]) -> str:
    """What changes when a file of a folder does: a digest of names, sizes and times. `more`: as `files` takes it."""
    key = digests.begin()
    key.update(f"4|{folder}".encode())
    for name, status in files(folder, *more):
        key.update(f"{name}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return str(key.hexdigest()[:24])


def remembered(name: str, sections: Sequence[str], make: Callable[[], str]) -> str:
    """A text that follows from sections of the shipped content alone, kept until one of their files changes."""
    base = cache_folder()
    if base is None:
        return make()
    states = "|".join([__version__, *(_state(root() / SECTIONS[section]) for section in sections)])
    path = base / f"{name}-{digests.sha256(states.encode())[:24]}.json"
    with contextlib.suppress(OSError, ValueError):
        head, kept, end = path.read_text(encoding="utf-8").split("\n")
        if end == "" and _unsealed(head) == [name]:
            return str(_unsealed(kept, name))
    made = make()
    _write_cache(path, {name: made})
    return made


def cache_folder() -> Path | None:
    """The user's cache folder of this program; `None` where there is no home or `GOVDATA_NO_CACHE` is set."""
    if os.environ.get("GOVDATA_NO_CACHE"):
        return None
    named = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(named):  # such a one is to be ignored (XDG Base Directory Specification): it would be made beside the data
        named = ""
    named = named or (os.environ.get("LOCALAPPDATA", "") if sys.platform == "win32" else "")
    home = os.environ.get("HOME") or os.environ.get("USERPROFILE")
    if not named and not home:
        return None
    return (Path(named) if named else Path(str(home)) / ".cache") / "govdata"


def _sealed(value: Any, name: str = "") -> str:
    """A line to keep: a checksum, by which damage shows that is JSON still, and the value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _seal(text, name) + text


def _seal(text: str, name: str) -> str:
    # Whoever can write there can do anything: it is for damage, and each start makes hundreds.
    return format(binascii.crc32(f"{name}\n{text}".encode()), f"0{_SEAL}x")


def _unsealed(line: str, name: str = "") -> Any:
    """The value of a line that was kept. ValueError where it is damaged or of another name."""
    seal, text = line[:_SEAL], line[_SEAL:]
    if _seal(text, name) != seal:
        raise ValueError(seal)
    return json.loads(text)


class _Kept(Mapping[str, Any]):
    """A section as it is kept; each file is parsed when it is first asked for."""

    def __init__(self, section: str, lines: dict[str, str]) -> None:
        self._section, self._lines = section, lines
        self._parsed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._parsed:
            try:
                self._parsed[name] = _unsealed(self._lines[name], name)
            except ValueError:  # damaged: as it is shipped
                self._parsed |= _slim(self._section, {name: load_file(root() / SECTIONS[self._section] / name)})
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def _read_cache(section: str, path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    try:
        head, *lines = path.read_bytes().decode().split("\n")
        names = _unsealed(head)
    except (OSError, ValueError):
        return None
    whole = isinstance(names, list) and len(names) + 1 == len(lines) and all(isinstance(name, str) for name in names)
    return _Kept(section, dict(zip(names, lines, strict=False))) if whole else None


def _write_cache(path: Path | None, found: Mapping[str, Any]) -> None:
    """Written beside and renamed, so that two runs at once never read half a file. A cache that cannot be written is none."""
    if path is None:
        return
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{path.name.rpartition('-')[0]}-*.json"):
            old.unlink(missing_ok=True)
        drop_abandoned(path.parent, "*.tmp")
        lines = [_sealed(list(found)), *(_sealed(part, name) for name, part in found.items())]
        beside.write_bytes("".join(f"{line}\n" for line in lines).encode())
        os.replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()


def drop_abandoned(folder: Path, pattern: str) -> None:
    """Remove half-written files of runs that were killed: those to which nothing was written for `ABANDONED` seconds."""
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()
