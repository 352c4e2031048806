"""The C library keeps memory where it is one that can be told to; all others are left as they are."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("polars")

from govdata.engines.columns.memory import keep_memory
from govdata.glibc import glibc


class Library:
    """A C library that says it is glibc, and notes what it is told."""

    gnu_get_libc_version = True

    def __init__(self) -> None:
        self.told: dict[int, int] = {}

    def mallopt(self, parameter: int, value: int) -> int:
        self.told[parameter] = value
        return 1


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """Nothing is remembered of another library."""
    for remembered in (glibc, keep_memory):
        remembered.cache_clear()
    yield
    for remembered in (glibc, keep_memory):
        remembered.cache_clear()


def test_it_is_told_once_what_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    made: list[Any] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name, **options: made.append(name) or library)
    keep_memory()
    keep_memory()
    assert made == [None]
    # What is larger than M_MMAP_THRESHOLD (-3) is given back by itself; M_TRIM_THRESHOLD (-1) must hold some blocks of 8 MiB.
    assert library.told[-3] >= 16 << 20
    assert library.told[-1] >= 32 << 20


@pytest.mark.parametrize(
    "library", [object(), OSError("no such library"), TypeError("None is no name here")], ids=["musl", "none", "Windows"]
)
def test_other_libraries_are_left_alone(library: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: object, **options: object) -> object:
        if isinstance(library, Exception):
            raise library
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    keep_memory()
