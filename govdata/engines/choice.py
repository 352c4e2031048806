"""Which engine checks a table: by its size, by what is installed and by the room there is, unless the user names one.

All give the same findings.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from govdata.engines import plain
from govdata.engines.plan import TablePlan
from govdata.errors import EngineError, SettingsError
from govdata.reading.encodings.speed import ROOM, has_room
from govdata.values import Finding, Row

ENGINES = ("auto", "reference", "plain", "columns", "sql")
"""What `--engine` takes. `reference`: frictionless decides every cell."""

LARGE = 6 << 20
"""Bytes of a text table from which loading Polars pays."""
LARGE_DATABASE = 1 << 20
"""The same of a database or a Parquet file."""

_NEEDED = ("polars", "numpy")
"""What the columns engine is made of (the extra `fast`)."""


def uses_columns(engine: str, size: int | None) -> bool:
    """Whether a text table of a size, which can be read in blocks (else `None`), is checked column by column.

    `EngineError` where the user asks for columns and what they need is not there; `SettingsError` for an engine of databases.
    """
    if engine == "sql":
        raise SettingsError("engine-does-not-fit", engine=engine)
    if engine == "columns":
        _need_columns()
    return size is not None and (engine == "columns" or (engine == "auto" and size >= LARGE and has_columns() and has_room()))


def engine_of_database(engine: str, size: int) -> str:
    """The engine for a table of a database or a Parquet file of a size in bytes: `columns`, `sql`, or one that goes row by row.

    `EngineError` where the user asks for one and what it needs is not installed.
    """
    if engine == "columns":
        _need_columns()
    if engine == "sql" and not _writes_statements():
        raise EngineError("engine-not-there", engine=engine, packages=("sqlglot",), extra="sql")
    if engine != "auto":
        return engine
    if size >= LARGE_DATABASE and has_columns() and has_room():
        return "columns"
    return "sql" if _writes_statements() else "plain"


def row_engine(engine: str) -> Callable[[TablePlan, Iterable[Sequence[Row]]], Iterator[Finding]]:
    """The engine that goes through rows, which it is given in blocks."""
    if engine == "reference":
        from govdata.engines import reference

        return lambda plan, blocks: reference.check_rows(plan, itertools.chain.from_iterable(blocks))
    return plain.check_rows


def _writes_statements() -> bool:
    return importlib.util.find_spec("sqlglot") is not None


def _need_columns() -> None:
    if not has_columns():
        raise EngineError("engine-not-there", engine="columns", packages=_NEEDED, extra="fast")
    if not has_room():
        raise EngineError("engine-no-room", engine="columns", size=ROOM >> 30)


def has_columns() -> bool:
    """Whether whole columns can be looked at here: Polars and numpy are installed."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)
