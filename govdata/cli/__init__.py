"""The command line: one module a command, each a function that returns an exit code.

click is imported here for all of them, and without `inspect`: that loads a dozen modules of the standard library, a fifth of what
a small run imports, and click only asks it for help pages, after whose first question it is loaded as ever.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

DELAYED = "inspect"


class _Delayed(ModuleType):
    """Stands for a module until something of it is used."""

    def __getattr__(self, name: str) -> Any:
        step_aside(self)
        return getattr(importlib.import_module(self.__name__), name)


def step_aside(module: ModuleType) -> None:
    """Whoever imports the module from now on gets the real one."""
    if sys.modules.get(module.__name__) is module:
        del sys.modules[module.__name__]


if DELAYED not in sys.modules:
    sys.modules[DELAYED] = _delayed = _Delayed(DELAYED)
    try:
        import click  # noqa: F401 - see above
    finally:
        step_aside(_delayed)
