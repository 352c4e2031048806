"""The GNU C library of this process, where it is that one."""

from __future__ import annotations

import ctypes
import functools
from typing import Any


@functools.cache
def glibc() -> Any:
    """Its functions (`Any`: ctypes types none of them); `None` where another C library is used, whose functions of these names differ."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        library.gnu_get_libc_version  # noqa: B018  (no other has it: looking it up tells which library it is)
    except (AttributeError, OSError, TypeError):
        return None
    return library
