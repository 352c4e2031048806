"""Names of files that a browser sends, made safe: they stay what they are as far as a folder can hold them, and never lead out of it."""

from __future__ import annotations

import os
import unicodedata

from govdata.reading.paths import DEVICE

LONGEST = 200
"""Bytes of one step of a name; file systems take 255."""
DEEPEST = 20
_REFUSED = frozenset('<>:"|?*') if os.name == "nt" else frozenset()


def safe_name(sent: str) -> str:
    """A relative name with `/`, or an empty one where the file is not to be kept: hidden ones, and names of nothing.

    Steps that lead upwards are dropped, control characters become `_`; everything else stays, so that what an entry says of its
    files still fits, and what is wrong with a name is still found.
    """
    steps = [step for step in sent.replace("\\", "/").split("/") if step.strip() not in ("", ".", "..")]
    if not steps or len(steps) > DEEPEST or any(step.startswith(".") for step in steps):
        return ""
    return "/".join(_step(step) for step in steps)


def _step(step: str) -> str:
    kept = "".join("_" if unicodedata.category(sign) in ("Cc", "Cs") or sign in _REFUSED else sign for sign in step)
    kept = kept.rstrip(" .") or "_"
    if DEVICE.match(kept):
        kept = f"_{kept}"
    return _shortened(kept)


def _shortened(step: str) -> str:
    if len(step.encode()) <= LONGEST:
        return step
    stem, suffix = os.path.splitext(step)
    suffix = suffix if len(suffix.encode()) <= LONGEST // 4 else ""
    room = LONGEST - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + suffix
