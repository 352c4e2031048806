"""`govdata doctor` against the real CKAN: what it says of both sites is what they are, and it leaves them as they were."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import run
from tests.targets.conftest import Site, stack

pytest.importorskip("httpx")
pytestmark = pytest.mark.service

ENTRY = '信息资源名称: 停车场\n信息资源代码: "307001/000005"\n信息资源提供方代码: "{provider}"\n'


def looked(folder: Path, site: Site, token: str, more: str = "", **environment: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code, and check → its answer, for a directory of one dataset; `more` stands in the target's table."""
    target = f'[targets.ckan.test]\nurl = "{site.url}"\nzone = "internet"\n{more}'
    folder.mkdir(exist_ok=True)
    (folder / "govdata.toml").write_text(f'directory = "{uuid.uuid4()}"\n{target}', encoding="utf-8")
    (folder / "parking").mkdir(exist_ok=True)
    (folder / "parking" / "entry.yaml").write_text(ENTRY.format(provider="113101990000000999"), encoding="utf-8")
    given = {"GOVDATA_TOKEN_TEST": token, **environment}
    done = run("doctor", "ckan:test", folder, "--format", "json", "--lang", "en", env={key: value for key, value in given.items() if value})
    assert not token or token.encode() not in done.stdout + done.stderr
    return done.returncode, {answer["check"]: answer for answer in json.loads(done.stdout)["answers"]}


@pytest.fixture
def organisation(site: Site) -> Iterator[str]:
    """An organisation with one dataset of a Chinese title."""
    name = f"doctor-{uuid.uuid4().hex[:8]}"
    site.call("organization_create", {"name": name, "title": "体检"})
    # Of a type without a form, so that nothing more is asked for.
    kind = "dataset" if site.name == "stock" else "other"
    site.call("package_create", {"name": f"{name}-d", "owner_org": name, "title": "公共停车场名录信息表", "type": kind})
    yield name
    site.call("dataset_purge", {"id": f"{name}-d"})
    site.call("organization_purge", {"id": name})


@pytest.fixture
def editor(site: Site) -> Iterator[tuple[str, str]]:
    """A user without rights, and its token."""
    name = f"doctor-{uuid.uuid4().hex[:8]}"
    site.call("user_create", {"name": name, "email": f"{name}@localhost.invalid", "password": uuid.uuid4().hex})
    token = site.call("api_token_create", {"user": name, "name": "test"})["token"]
    yield name, token
    site.call("user_delete", {"id": name})


def test_an_administrator(site: Site, organisation: str, tmp_path: Path) -> None:
    before = site.call("package_search", {"include_private": True})["count"], site.call("organization_list")
    code, answers = looked(tmp_path, site, site.token)
    states = {check: answer["state"] for check, answer in answers.items()}
    assert (site.call("package_search", {"include_private": True})["count"], site.call("organization_list")) == before
    always = ("site", "version", "directory", "token", "expiry", "rights", "organisations", "datastore", "shadows", "clock")
    assert {check: states[check] for check in always} == dict.fromkeys(always, "good"), answers
    assert answers["token"]["facts"]["user"] == "admin"
    assert answers["datastore"]["facts"]["rows"] == 32000
    assert code == ("wrong" in states.values())
    if site.name == "stock":
        lost = ("plugin", "form", "way", "search", "dcat")
        assert {check: states[check] for check in lost} == dict.fromkeys(lost, "lost"), answers
        assert states["upload"] == "unknown"
    elif states["plugin"] == "good":
        assert states["search"] == "good", answers["search"]


def test_our_plugin_on_the_site(sites: Any, tmp_path: Path) -> None:
    site = sites["govdata"]
    if "govdata" not in site.call("status_show")["extensions"]:
        pytest.skip("the stack runs without our plugin")
    _, answers = looked(tmp_path, site, site.token)
    states = {check: answers[check]["state"] for check in ("plugin", "form", "way", "upload", "dcat")}
    assert set(states.values()) == {"good"}, answers
    assert answers["way"]["facts"]["way"] == "plugin"
    assert answers["upload"]["facts"]["most"] == 10


def test_rights_of_a_token(site: Site, organisation: str, editor: tuple[str, str], tmp_path: Path) -> None:
    name, token = editor
    named = f'organisations = {{"113101990000000999" = "{organisation}"}}\n'
    code, answers = looked(tmp_path, site, token, named)
    assert (answers["rights"]["state"], answers["organisations"]["state"], code) == ("wrong", "wrong", 1)
    assert "can only read" in answers["rights"]["message"]
    site.call("organization_member_create", {"id": organisation, "username": name, "role": "editor"})
    _, answers = looked(tmp_path, site, token, named)
    assert (answers["rights"]["state"], answers["rights"]["facts"]["organisations"]) == ("good", [organisation])
    assert answers["organisations"]["state"] == "good"
    _, answers = looked(tmp_path, site, token, 'organisations = {"113101990000000999" = "not-there"}\n')
    assert (answers["organisations"]["state"], answers["organisations"]["facts"]["organisations"]) == ("wrong", ["not-there"])
    _, answers = looked(tmp_path, site, token)
    assert answers["organisations"]["state"] == "unknown"


def test_tokens_that_the_site_does_not_take(site: Site, tmp_path: Path) -> None:
    for token, said in (("", "there is none"), ("no-token-of-this-site", "does not know it")):
        code, answers = looked(tmp_path, site, token)
        assert (answers["token"]["state"], code) == ("wrong", 1)
        assert said in answers["token"]["message"]


def test_the_write_url(sites: Any, tmp_path: Path) -> None:
    site = sites["stock"]
    wanted = {
        site.write_url: "good",
        site.write_url.replace("stock_datastore", "stock"): "wrong",
        "postgresql://ckan@127.0.0.1:9/x": "wrong",
    }
    for url, state in (wanted | {"": "wrong", "no url": "wrong"}).items():
        _, answers = looked(tmp_path, site, site.token, 'datastore_url = "WRITE_URL"\n', WRITE_URL=url)
        assert answers["way"]["state"] == state, (url, answers["way"])
        assert not url or url not in json.dumps(answers)


def test_a_ghost(sites: Any, tmp_path: Path) -> None:
    """Solr is told of a dataset that the database does not have: what a CKAN that dies while saving leaves behind."""
    site = sites["stock"]
    name = f"ghost-{uuid.uuid4().hex[:8]}"
    solr(site.name, [{"index_id": name, "id": name, "name": name, "title": "虚影", "site_id": site.name, "entity_type": "package"} | GHOST])
    try:
        code, answers = looked(tmp_path, site, site.token)
        assert (answers["ghosts"]["state"], code) == ("wrong", 1)
        assert name in answers["ghosts"]["facts"]["datasets"]
    finally:
        solr(site.name, {"delete": {"query": f"name:{name}"}})
    _, answers = looked(tmp_path, site, site.token)
    assert name not in answers["ghosts"]["facts"].get("datasets", [])


GHOST = {"state": "active", "capacity": "public", "dataset_type": "dataset", "permission_labels": ["public"]}


def solr(core: str, command: Any) -> None:
    """Tell a core of the stack's Solr something."""
    import urllib.request

    port = next(line.split()[2].rpartition(":")[2] for line in stack("status").splitlines() if line.startswith("solr"))
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/solr/{core}/update?commit=true", json.dumps(command).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        assert answer.status == 200
