"""Keys that others refer to, in a file: the same answers as from memory."""

from __future__ import annotations

import datetime
import gc
import os
import random
import sqlite3
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from govdata.engines import keyfile, known
from govdata.engines.keyfile import KeyFile
from govdata.engines.known import known_keys
from tests import test_data, test_engines

VALUES = (None, "", "a", "甲", "1", 1, 1.0, 1.5, Decimal("1.5"), Decimal(2), True, "\0", "\udc80", 2**70, datetime.date(2026, 1, 5))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are, and few keys are held in memory."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(known, "HELD", 1)
    return tmp_path


@pytest.mark.parametrize("width", [1, 2])
def test_what_is_known_is_what_was_given(folder: Path, width: int) -> None:
    chosen = random.Random(width)
    keys = [tuple(chosen.choice(VALUES) for _ in range(width)) for _ in range(9)] + [("x",) * width]
    found, asked = known_keys(iter(keys)), [(one, other)[:width] for one in VALUES for other in VALUES]
    assert isinstance(found, KeyFile)
    assert [key in found for key in asked] == [key in frozenset(keys) for key in asked]
    assert set(found) == set(keys)
    assert len(found) >= len(set(keys))


def test_few_are_held_in_memory() -> None:
    keys: list[tuple[Any, ...]] = [("a",), ("b",), ("a",)]
    assert known_keys(iter(keys)) == frozenset(keys)


def test_the_file_goes_with_its_keys(folder: Path) -> None:
    found = known_keys((number,) for number in range(30_000))
    assert len(found) == 30_000
    assert bool(list(folder.iterdir())) is (os.name == "nt")  # elsewhere nothing is left even if the process is killed
    assert all((number,) in found for number in range(0, 30_000, 999))
    assert (30_000,) not in found
    del found
    gc.collect()
    assert not list(folder.iterdir())


def test_a_folder_that_takes_no_file_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "missing"))
    with pytest.raises(OSError, match="missing"):
        known_keys((number,) for number in range(3))


def test_a_full_disk_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = keyfile.sqlite3.connect

    def connect(*given: Any, **more: Any) -> Any:
        connection = real(*given, **more)
        connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr(keyfile.sqlite3, "connect", connect)
    with pytest.raises(OSError, match="No space left"):
        known_keys((number,) for number in range(30_000))
    assert not list(folder.iterdir())


def test_a_disk_that_fails_later_is_told(folder: Path) -> None:
    found = known_keys((number,) for number in range(3))
    assert isinstance(found, KeyFile)
    found._database.set_progress_handler(lambda: 1, 1)  # every statement fails
    with pytest.raises(OSError, match=str(folder)):
        _ = (1,) in found
    with pytest.raises(OSError, match=str(folder)):
        list(found)


def test_a_file_that_cannot_be_opened_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*given: Any, **more: Any) -> Any:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(keyfile.sqlite3, "connect", connect)
    with pytest.raises(OSError, match="unable to open"):
        known_keys((number,) for number in range(3))
    assert not list(folder.iterdir())


CASES = sorted(path.name for path in test_data.DATA.glob("foreign-*"))


@pytest.mark.parametrize("case", CASES)
def test_reports_are_the_same(case: str, folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / "of the case").mkdir()
    test_data.test_case(case, tmp_path / "of the case", request)


@pytest.mark.parametrize("engine", ["plain", "columns"])
def test_engines_report_the_same(engine: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "columns":
        pytest.importorskip("polars")
        from govdata.engines.columns import foreign

        monkeypatch.setattr(foreign, "_AT_ONCE", 2)
        monkeypatch.setattr(foreign, "MANY", 2)
    package = test_engines.lay_out(tmp_path / "p", test_engines.rows(random.Random(5), 200, 0.3))
    held = test_engines.report(package, engine)
    monkeypatch.setattr(known, "HELD", 1000)
    assert held == test_engines.report(package, engine)
    assert any(finding["rule"] == "table/foreign-key" for finding in held["datasets"][0]["findings"])


def test_texts_are_found_by_their_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    pl = pytest.importorskip("polars")
    from govdata.engines.columns import foreign

    texts = pl.Series([f"{number}" for number in range(500)])
    asked = pl.Series(["7", "", None, "500", "499", "007"])
    told = [[held.tolist() for held in foreign.Known(texts).find(asked)]]
    monkeypatch.setattr(foreign, "MANY", 0)
    by_hash = foreign.Known(texts)
    told.append([held.tolist() for held in by_hash.find(asked)])
    assert told[0] == told[1] == [[True, False, False, False, True, False], [False] * 6]
    by_hash._texts = by_hash._texts + "?"  # as if texts of the same hashes were known, but not these
    assert [held.tolist() for held in by_hash.find(asked)] == [[False] * 6, [True, False, False, False, True, False]]
