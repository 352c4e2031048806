"""Python's search for circles of objects: it goes through what is held again and again, a fifth of the time where that is very much."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def unsought() -> Iterator[None]:
    """Look for no circles meanwhile, nor later among what was made: for very many objects that form none. `seek` ends it sooner."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.enable()


def seek() -> None:
    """Look for circles again."""
    gc.enable()
