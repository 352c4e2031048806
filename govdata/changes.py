"""What git says has changed: the files that a commit does not have as they are now. Git is run as a program, and only asked."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from govdata.classes import dataclass
from govdata.errors import ReadError, SettingsError

PATIENCE = 300
"""Seconds after which git is taken to hang."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The files that differ from the last commit that both sides share."""

    top: Path
    """The folder of the work tree, without symbolic links."""
    ref: str
    base: str
    """The commit that everything is compared with."""
    paths: frozenset[str]
    """Files and folders from `top`, with `/`: changed, removed, not known to git, or a repository inside that has moved."""


def read_changes(folder: Path, ref: str) -> Changes:
    """What has changed below a folder's repository since it parted from `ref`: committed, staged, or lying about unknown to git.

    What git ignores counts as changed, since nobody can tell. `SettingsError` for what cannot be a name; `ReadError` with the way
    out: no git, no repository, no such name, or a history that is cut off before the commit that both share.
    """
    if ref.startswith("-") or not ref.strip() or "\0" in ref:
        raise SettingsError("git-name", ref=ref)
    top = Path(os.path.realpath(_ask(folder, "rev-parse", "--show-toplevel", key="git-none").removesuffix("\n")))
    commit = _commit(top, ref)
    base = _base(top, ref, commit)
    # At the top and without renames, so that no setting of the user's makes names relative or leaves the old ones out.
    changed = _names(_ask(top, "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", base, "--"))
    unknown = _names(_ask(top, "ls-files", "-z", "--others", "--directory", "--no-empty-directory"))
    return Changes(top, ref, base, frozenset((*changed, *unknown)))


def _commit(top: Path, ref: str) -> str:
    done = _run(top, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if done.returncode:
        known = _names(_ask(top, "for-each-ref", "--format=%(refname:short)").replace("\n", "\0"))
        close = difflib.get_close_matches(ref, known, n=3) or sorted(known)[:3]
        raise ReadError("git-ref-near" if close else "git-ref", ref=ref, close=close)
    return done.stdout.decode().strip()


def _base(top: Path, ref: str, commit: str) -> str:
    done = _run(top, "merge-base", commit, "HEAD")
    if done.returncode == 0 and done.stdout.strip():
        return done.stdout.decode().split()[0]
    shallow = _run(top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    if _run(top, "rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode:
        raise ReadError("git-no-commit", path=str(top))
    raise ReadError("git-shallow" if shallow else "git-unrelated", ref=ref)


def read_old(changes: Changes, paths: Iterable[str]) -> Mapping[str, bytes]:
    """What files held in the commit that everything is compared with; those that it does not have are left out."""
    wanted = set(paths)
    listed = _names(_ask(changes.top, "ls-tree", "-r", "-z", changes.base)) if wanted else []
    found = {}
    for line in listed:
        head, _, name = line.partition("\t")
        _, kind, digest = head.split(" ")
        if name in wanted and kind == "blob":
            found[name] = digest
    given = "".join(f"{digest}\n" for digest in found.values()).encode()
    data = _run(changes.top, "cat-file", "--batch", given=given).stdout if found else b""
    out, at = {}, 0
    for name in found:
        end = data.find(b"\n", at)
        size = data[at:end].split(b" ")[-1]
        if end < 0 or not size.isdigit():
            break
        out[name] = data[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
    return out


def _names(told: str) -> list[str]:
    return [name for name in told.split("\0") if name]


def _ask(folder: Path, *arguments: str, key: str = "git-failed") -> str:
    done = _run(folder, *arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ReadError(key, path=str(folder), what=said[0] if said else str(done.returncode))
    return os.fsdecode(done.stdout)


def _run(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Git's answer. It neither asks anybody nor waits for a lock, and starts nothing that a repository names."""
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat"}
    command = [_program(), "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(command, cwd=folder, env=environment, input=given, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise ReadError("git-failed", path=str(folder), what=f"> {PATIENCE} s") from error
    except OSError as error:
        raise ReadError("git-failed", path=str(folder), what=error.strerror or str(error)) from error


def _program() -> str:
    """Where git is. One that lies in the current folder, among somebody's data, is not taken for it (Windows would look there first)."""
    found = shutil.which("git")
    if found is None or Path(found).resolve().parent == Path.cwd():
        raise ReadError("git-missing")
    return found
