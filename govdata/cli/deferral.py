"""Modules of the standard library that a package loads when it is imported and then hardly ever uses: loaded when they are used."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any


class _Deferred(ModuleType):
    """Stands for a module of functions: each loads the module when it is called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def function(*args: Any, **named: Any) -> Any:
            self.step_aside()
            return getattr(importlib.import_module(self.__name__), name)(*args, **named)

        return function

    def step_aside(self) -> None:
        """Whoever imports the module from now on gets the real one."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]


@contextlib.contextmanager
def deferred(name: str) -> Iterator[None]:
    """What is imported here gets, in place of a module, one whose functions load it when they are called; nothing if it is loaded."""
    if name in sys.modules:
        yield
        return
    module = sys.modules[name] = _Deferred(name)
    try:
        yield
    finally:
        module.step_aside()
