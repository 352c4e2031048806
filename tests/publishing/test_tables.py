"""Tables of a publication, on a site that is played: only what was checked is loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

httpx = pytest.importorskip("httpx")

from govdata.errors import PublishError, SiteError  # noqa: E402
from govdata.messages import error_text  # noqa: E402
from govdata.publishing import frames  # noqa: E402
from govdata.publishing.ckan.database import refusal, refused_rows  # noqa: E402
from govdata.publishing.ckan.site import Site  # noqa: E402
from govdata.publishing.ckan.tables import DataStore  # noqa: E402
from govdata.publishing.planning import WantedResource  # noqa: E402
from govdata.settings import Settings  # noqa: E402
from govdata.values import Resource  # noqa: E402

DATASET = {"id": "d", "private": True, "govdata_code": "1/1", "organization": {"name": "org"}}


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("large", [False, True])
def test_a_file_that_changed_after_the_check_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool, gone: bool
) -> None:
    """The gate has not seen it; a table alone is loaded where only the site has lost it."""
    if large:
        pytest.importorskip("polars")
        monkeypatch.setattr(frames, "WORTH", 0)
    file = tmp_path / "a.csv"
    file.write_text("名称\n甲\n", encoding="utf-8")
    checked = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text("名称\n310101199003070011\n", encoding="utf-8")
    if gone:
        file.unlink()
    actions: list[str] = []

    def play(request: Any) -> Any:
        actions.append(str(request.url).rpartition("/")[2])
        if actions[-1] == "datastore_search":
            return httpx.Response(404, json={"success": False, "error": {"__type": "Not Found Error", "message": "?"}})
        return httpx.Response(200, json={"success": True, "result": {}})

    declared = Resource("a", file, "a.csv", "csv", schema={"fields": [{"name": "名称", "type": "string"}]})
    source = SimpleNamespace(dataset=SimpleNamespace(resources=(declared,)), report=SimpleNamespace(standard="national"))
    prepared: Any = SimpleNamespace(sources={"1/1": source}, plan=SimpleNamespace(target=SimpleNamespace(way="api")))
    with Site("https://data.example.org", "t", transport=httpx.MockTransport(play)) as site:
        tables = DataStore(site, prepared, Settings(), "", "run")
        with pytest.raises(PublishError, match="file-moved" if gone else "datastore-unreadable"):
            tables.load(DATASET, "r", WantedResource("a.csv", {}, checked, table="t"))
    assert "datastore_upsert" not in actions
    assert actions[-1] == "datastore_delete", "what was begun is taken away"


@pytest.mark.parametrize(
    ("said", "code", "key"),
    [
        ("row is too big: size 8168, maximum size 8160", "54000", "datastore-row-size"),
        ("行太大: 大小为8168, 最大大小为8160", "54000", "datastore-row-size"),
        ("(psycopg2.errors.ProgramLimitExceeded) row is too big: size 8168, maximum size 8160", "", "datastore-row-size"),
        ("string is too long for tsvector (2175674 bytes, max 1048575 bytes)", "54000", "datastore-text-size"),
        ("对于tsvector来说字符串太长 (2175674字节, 最大为1048575字节)", "54000", "datastore-text-size"),
        ('index row size 6416 exceeds btree version 4 maximum 2704 for index "x_pkey"', "54000", "datastore-key-size"),
        ('null value in column "btree" violates not-null constraint', "23502", "datastore-database"),
    ],
)
def test_which_limit_of_the_database_a_row_meets(said: str, code: str, key: str) -> None:
    error = refused_rows(said, code, "a.csv")
    assert error.key == key
    assert all("a.csv" in error_text(error, language) for language in ("zh-CN", "en"))


def test_a_database_that_is_gone_is_safe_to_ask_again() -> None:
    psycopg = pytest.importorskip("psycopg")
    for error in (psycopg.OperationalError("connection refused: secret"), psycopg.errors.AdminShutdown(), psycopg.errors.DiskFull()):
        found = refusal(error, "r")
        assert isinstance(found, SiteError)
        assert (found.kind, found.exit_code, found.unsure) == ("unavailable", 4, True)
        assert "secret" not in error_text(found, "en")
    for error in (psycopg.errors.ProgramLimitExceeded(), psycopg.errors.NotNullViolation(), psycopg.ProgrammingError("bad dsn: secret")):
        assert refusal(error, "r").exit_code == 3
