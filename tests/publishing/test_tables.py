"""Tables of a publication, on a site that is played: only what was checked is loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

httpx = pytest.importorskip("httpx")

from govdata.errors import PublishError  # noqa: E402
from govdata.publishing import frames  # noqa: E402
from govdata.publishing.ckan.site import Site  # noqa: E402
from govdata.publishing.ckan.tables import DataStore  # noqa: E402
from govdata.publishing.planning import WantedResource  # noqa: E402
from govdata.settings import Settings  # noqa: E402
from govdata.values import Resource  # noqa: E402

DATASET = {"id": "d", "private": True, "govdata_code": "1/1", "organization": {"name": "org"}}


@pytest.mark.parametrize("large", [False, True])
def test_a_file_that_changed_after_the_check_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    """The gate has not seen it; a table alone is loaded where only the site has lost it."""
    if large:
        pytest.importorskip("polars")
        monkeypatch.setattr(frames, "WORTH", 0)
    file = tmp_path / "a.csv"
    file.write_text("名称\n甲\n", encoding="utf-8")
    checked = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text("名称\n310101199003070011\n", encoding="utf-8")
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
        with pytest.raises(PublishError, match="datastore-unreadable"):
            tables.load(DATASET, "r", WantedResource("a.csv", {}, checked, table="t"))
    assert "datastore_upsert" not in actions
    assert actions[-1] == "datastore_delete", "what was begun is taken away"
