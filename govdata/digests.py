"""SHA-256 by whichever code of Python's comes to it first: `hashlib` loads OpenSSL, which takes longer than all digests of a small run.

OpenSSL is seven times as fast as the code that every Python has besides (`random` chooses so too): it is used for what is large, and
where it is loaded already.
"""

from __future__ import annotations

import sys
from typing import Any

try:
    from _sha2 import sha256 as _short  # type: ignore[import-not-found]
except ImportError:
    try:
        from _sha256 import sha256 as _short  # type: ignore[import-not-found]  # before Python 3.12
    except ImportError:
        from hashlib import sha256 as _short

LARGE = 1 << 19
"""Bytes from which loading OpenSSL pays."""


def begin(size: int = 0) -> Any:
    """A digest to be given data, as of `hashlib`; `size`: how many bytes are known to come at least."""
    if size < LARGE and "_hashlib" not in sys.modules:
        return _short()
    import hashlib

    return hashlib.sha256()


def sha256(data: bytes) -> str:
    """The digest of data, in hexadecimal."""
    digest = begin(len(data))
    digest.update(data)
    return str(digest.hexdigest())
