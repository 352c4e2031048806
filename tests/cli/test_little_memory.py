"""Where there is too little memory, that is said, and the exit code is none that tells of the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdata.cli import main
from tests.cli.program import SCHEMA, TABLE, check, limited

resource = pytest.importorskip("resource")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "schema.json").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "a.csv").write_text(TABLE, encoding="utf-8")
    assert check(tmp_path / "a.csv", "--schema", tmp_path / "schema.json").returncode == 0, "what is shipped is in the cache now"
    return tmp_path / "a.csv"


@pytest.mark.parametrize("size", [30, 40, 50, 60, 80, 120, 200, 300, 400])
@pytest.mark.parametrize("engine", ["auto", "columns"])
def test_a_limit_of_addresses(table: Path, engine: str, size: int) -> None:
    """So many megabytes. What is loaded at each differs from system to system; there is never a trace."""
    arguments = (table, "--schema", table.with_name("schema.json"), "--engine", engine)
    done = check(*arguments, preexec_fn=limited(resource.RLIMIT_AS, size << 20))
    told = done.stderr.decode()
    assert (done.returncode, told) == (0, "") or (done.returncode == 3 and ("内存不足" in told or "ulimit -v" in told)), told
    assert done.returncode == 3 or engine == "auto"


@pytest.mark.parametrize("error", [MemoryError(), ImportError("libx.so: failed to map segment from shared object")])
def test_no_memory_is_no_bug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    monkeypatch.setattr(main, "_code", _raises(error))
    assert (main.run(["validate"]), "内存不足" in capsys.readouterr().err) == (3, True)


def test_a_panic_is_a_bug(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    panic = type("PanicException", (BaseException,), {})
    monkeypatch.setattr(main, "_code", _raises(panic("index out of bounds")))
    assert (main.run(["validate"]), "index out of bounds" in capsys.readouterr().err) == (70, True)


def _raises(error: BaseException) -> object:
    def code(arguments: object, language: str) -> int:
        raise error

    return code
