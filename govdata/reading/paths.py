"""File names that an entry or package gives: found inside the dataset's folder, or refused. Nothing outside it is ever opened."""

from __future__ import annotations

import os
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from govdata.classes import dataclass, replace
from govdata.expressions import expression
from govdata.values import Finding

_ABSOLUTE = expression(r"[/\\]|[A-Za-z]:|~[/\\]")
_RAW = expression("[\ud800-\udfff]")
_TELLS_CASE = sys.platform not in ("win32", "darwin")
"""Elsewhere a name may be found although its case is wrong, so the folder is asked what it has."""
_SIGNS = expression(r'[<>:"|?*\\\x00-\x1f]')
DEVICE = expression(r"(?i:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|\Z)")
"""The beginning of a name that Windows keeps for a device, whatever ends it."""
_LONG = 200
"""Characters of a name with its folders: 59 are left for where the dataset stands."""
_REMOTE = expression(r"[A-Za-z][A-Za-z0-9+.-]+://|data:|mailto:")


@dataclass(frozen=True, slots=True)
class Reference:
    """A file name with the place where it is written."""

    name: str
    file: str
    """The entry or package that names it."""
    pointer: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a named file is: `path` is `None` where it may not or cannot be read, and the findings say why."""

    path: Path | None
    file: str
    """Relative to the dataset's folder, with `/`, as it is really called."""
    findings: tuple[Finding, ...] = ()


def is_remote(name: str) -> bool:
    """Whether a file name is an address on a network: such are never fetched."""
    return _REMOTE.match(name.strip()) is not None


def locate(folder: Path, reference: Reference) -> Located:
    """The file of that name below `folder`; backslashes count as separators, unless a file is called so; case is told apart."""
    name = reference.name
    findings: list[Finding] = []
    if "\0" in name:
        told = replace(reference, name=name.replace("\0", "␀"))
        return Located(None, told.name, (_found("folder/unreadable", told, what="U+0000"),))
    literal = _literal(folder, name)
    parts = literal or (None if _ABSOLUTE.match(name) else _steps(name.replace("\\", "/")))
    if parts is None:
        return Located(None, name, (_found("folder/path-outside", reference, why="outside-name"),))
    if literal is None and "\\" in name:
        findings.append(_found("folder/backslash", reference, proposal=name.replace("\\", "/")))
    path = folder
    real: list[str] = []
    for part in parts:
        found, close = _entry_of(path, part)
        if found is None:
            shown = "/".join([*real, part])
            near = tuple("/".join([*real, other]) for other in close)
            return Located(None, shown, (*findings, _found("file/missing", reference, close=near)))
        real.append(visible(found))
        path = path / found
    file = "/".join(real)
    if real != parts:
        findings.append(_found("folder/file-case", reference, real=file))
    wrong = _refused(folder, path, reference)
    return Located(None if wrong else path, file, (*findings, *wrong))


def _literal(folder: Path, name: str) -> list[str] | None:
    """The steps of a name that looks like one of Windows (`a: b.csv`, `back\\slash.csv`) where a file is really called so."""
    if os.name == "nt" or name.startswith(("/", "~/")) or "\0" in name or not ("\\" in name or _ABSOLUTE.match(name)):
        return None
    steps = _steps(name)
    return steps if steps and os.path.lexists(folder.joinpath(*steps)) else None


def visible(name: str) -> str:
    """A file's name as text: bytes that are not UTF-8 (archives made on Windows) are read as GB18030."""
    if name.isascii() or _RAW.search(name) is None:
        return name
    return os.fsencode(name).decode("gb18030", "replace")


def unportable(files: Iterable[str]) -> Iterator[Finding]:
    """What keeps the files of a dataset (relative, with `/`) from being the same files on Windows: one finding for each file."""
    known: dict[str, str] = {}
    for file in files:
        reason, other = _reason(file)
        twin = known.setdefault(_fold(file), file)
        if twin != file and not reason:
            reason, other = "collision", twin
        if reason:
            yield Finding("folder/portable-name", file=file, args={"name": file, "reason": reason, "other": other})


def _reason(file: str) -> tuple[str, str]:
    for step in file.split("/"):
        if (sign := _SIGNS.search(step)) is not None:
            return "sign", sign[0] if sign[0].isprintable() else f"U+{ord(sign[0]):04X}"
        if (device := DEVICE.match(step)) is not None:
            return "device", device[0]
        if step.endswith((".", " ")):
            return "ending", ""
    return ("long", str(len(file))) if len(file) > _LONG else ("", "")


def _steps(name: str) -> list[str] | None:
    """The steps of a relative path without `.` and `..`; `None` where it leaves the folder."""
    steps: list[str] = []
    for step in name.split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return steps


def _entry_of(folder: Path, name: str) -> tuple[str | None, tuple[str, ...]]:
    """The name as the folder has it, else names that look like it."""
    if _TELLS_CASE and os.path.lexists(folder / name):
        return name, ()
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return None, ()
    same = next((other for other in names if visible(other) == name), None)
    if same is not None:
        return same, ()
    folded = {_fold(visible(other)): other for other in reversed(names)}
    same = folded.get(_fold(name))
    if same is not None:
        return same, ()
    import difflib

    loose = {unicodedata.normalize("NFKC", fold).replace(" ", ""): other for fold, other in folded.items() if not other.startswith(".")}
    wanted = unicodedata.normalize("NFKC", _fold(name)).replace(" ", "")
    return None, tuple(visible(loose[near]) for near in difflib.get_close_matches(wanted, loose, n=3))


def _fold(name: str) -> str:
    # Only case and composition: some file systems do not tell these apart, all tell the rest.
    return unicodedata.normalize("NFC", name).casefold()


def _refused(folder: Path, path: Path, reference: Reference) -> tuple[Finding, ...]:
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            return (_found("folder/path-outside", reference, why="outside-link"),)
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, RuntimeError) as error:
        return (_found("folder/unreadable", reference, what=getattr(error, "strerror", None) or "symbolic link loop"),)
    return () if regular else (_found("folder/not-a-file", reference),)


def _found(rule: str, reference: Reference, **args: object) -> Finding:
    names = {"name": reference.name, **args}
    return Finding(rule, file=reference.file, pointer=reference.pointer, line=reference.line, value=reference.name, args=names)
