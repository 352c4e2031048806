"""How the C library keeps memory while blocks come and go."""

from __future__ import annotations

import functools

from govdata.glibc import glibc

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of `mallopt` (glibc's malloc.h)."""
_KEPT, _APART = 64 << 20, 32 << 20
"""So much that is free is kept by each thread; what is larger than so much is taken from the system and given back by itself (the most
that glibc allows)."""


@functools.cache
def keep_memory() -> None:
    """Let the GNU C library keep what a block has used for the next: given back and asked for anew, every page of it has to be cleared.

    In GB 18030, of which a block is held twice, that is a tenth of the time. Other libraries are left as they are.
    """
    library = glibc()
    if library is not None:
        library.mallopt(_MMAP_THRESHOLD, _APART)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)
