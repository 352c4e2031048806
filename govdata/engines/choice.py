"""Which engine checks a table: by its size and by what is installed, unless the user names one. All give the same findings."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator

from govdata.engines import plain
from govdata.engines.plan import TablePlan
from govdata.errors import EngineError
from govdata.values import Finding, Row

ENGINES = ("auto", "reference", "plain", "columns")
"""What `--engine` takes. `reference`: frictionless decides every cell."""

LARGE = 6 << 20
"""Bytes of a text table from which loading Polars pays."""

_NEEDED = ("polars", "numpy")
"""What the columns engine is made of (the extra `fast`)."""


def uses_columns(engine: str, size: int | None) -> bool:
    """Whether a text table of a size, which can be read in blocks (else `None`), is checked column by column.

    `EngineError` where the user asks for columns and what they need is not installed.
    """
    if engine == "columns" and not _installed():
        raise EngineError("engine-not-there", engine=engine, packages=_NEEDED, extra="fast")
    return size is not None and (engine == "columns" or (engine == "auto" and size >= LARGE and _installed()))


def row_engine(engine: str) -> Callable[[TablePlan, Iterable[Row]], Iterator[Finding]]:
    """The engine that goes row by row."""
    if engine == "reference":
        from govdata.engines import reference

        return reference.check_rows
    return plain.check_rows


def _installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)
