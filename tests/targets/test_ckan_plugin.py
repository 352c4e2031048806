"""govdata inside a real CKAN: form, rules, facets, pages, search, DCAT, the publisher's actions."""

from __future__ import annotations

import dataclasses
import json
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata import ckanfields

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))

import search as corpus

from tests.targets.samples import DIRECTORY, parking

pytestmark = pytest.mark.service

PLACES = ("徐汇区", "云间区")
"""Of the corpus: the whole of it is measured by benchmarks/search.py."""


@pytest.fixture(scope="module")
def site(sites: Mapping[str, Any]) -> Any:
    """The site with our plugin."""
    found = sites["govdata"]
    assert found.call("govdata_capabilities")["form"], "the site runs without our form: see docs/ckan-plugin.md"
    return found


@pytest.fixture(scope="module")
def organisation(site: Any) -> Iterator[str]:
    """An organisation of these tests alone; it goes with all its datasets."""
    name = f"plugin-{uuid.uuid4().hex[:8]}"
    site.call("organization_create", {"name": name, "title": "云间区建设和管理委员会"})
    yield name
    while found := site.call("package_search", {"fq": f"organization:{name}", "rows": 1000, "include_private": True})["results"]:
        for one in found:
            site.call("dataset_purge", {"id": one["id"]})
    site.call("organization_purge", {"id": name})


@pytest.fixture(scope="module")
def dataset(site: Any, organisation: str) -> dict[str, Any]:
    """One right dataset on the site."""
    return dict(site.call("package_create", parking(organisation)))


def refused(site: Any, action: str, data: Mapping[str, Any], **how: Any) -> Any:
    """What the site says against a call."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the fixture's own class
        site.call(action, data, **how)
    return caught.value.error  # type: ignore[attr-defined]


def test_capabilities(site: Any) -> None:
    found = site.call("govdata_capabilities", anonymous=True)
    assert {key for key, value in found.items() if value is True} >= {"form", "state", "switch", "search", "validate", "dcat"}


def test_fields_come_back_as_they_were_sent(site: Any, dataset: dict[str, Any], organisation: str) -> None:
    sent = parking(organisation)
    shown = site.call("package_show", {"id": dataset["id"]})
    kept = [name for name in sent if name not in ("name", "owner_org", "tags", "resources")]
    assert {name: shown[name] for name in kept} == {name: sent[name] for name in kept}
    assert ckanfields.from_fields(shown)["resources"][0]["fields"] == json.loads(sent["resources"][0]["data_items"])


def test_rules_over_what_is_sent(site: Any, organisation: str) -> None:
    wrong = parking(organisation, issued="2026/1/5", sharing_type="not-shared", publisher_code="113101990000000435", govdata_directory=None)
    error = refused(site, "package_create", wrong)
    assert {"issued", "sharing_condition", "opening_open", "publisher_code"} <= set(error)
    assert "发布日期" in error["issued"][0]
    assert "发改高技〔2017〕1272号" in error["sharing_condition"][0]


def test_organisation_and_code_fill_in(site: Any, organisation: str) -> None:
    made = site.call("package_create", parking(organisation, publisher_name=None, name=None, identifier="307001/999999"))
    assert (made["publisher_name"], made["name"]) == ("云间区建设和管理委员会", "307001-999999")


def test_a_withdrawn_dataset_needs_nothing(site: Any, organisation: str) -> None:
    bare = {"name": f"gone-{uuid.uuid4().hex[:8]}", "title": "x", "owner_org": organisation, "private": True, "govdata_state": "withdrawn"}
    assert site.call("package_create", bare)["govdata_state"] == "withdrawn"


def test_long_texts_can_be_indexed(site: Any, organisation: str) -> None:
    items = [{"name": f"第{number}项", "type": "C", "description": "长" * 50} for number in range(500)]
    made = site.call("package_create", parking(organisation, terms="条款" * 10_000, data_items=items))
    assert len(site.call("package_show", {"id": made["id"]})["data_items"]) == 500
    assert made["id"] in [one["id"] for one in site.call("package_search", {"q": "第499项", "rows": 100})["results"]]


def test_state_is_that_of_the_database(site: Any, dataset: dict[str, Any], organisation: str) -> None:
    private = site.call("package_create", parking(organisation, private=True))
    deleted = site.call("package_create", parking(organisation))
    site.call("package_delete", {"id": deleted["id"]})
    pages = [site.call("govdata_state", {"directory": DIRECTORY, "limit": 2})]
    while pages[-1]["more"]:
        pages.append(site.call("govdata_state", {"directory": DIRECTORY, "after": pages[-1]["results"][-1]["id"], "limit": 2}))
    found = {one["id"]: one for page in pages for one in page["results"]}
    assert [len(page["results"]) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert sum(len(page["results"]) for page in pages) == len(found)
    assert site.call("govdata_state", {"directory": DIRECTORY})["results"] == list(found.values())
    assert (found[private["id"]]["private"], found[deleted["id"]]["state"]) == (True, "deleted")
    shown = site.call("package_show", {"id": dataset["id"]})
    mine = found[dataset["id"]]
    same = [key for key in mine if key not in ("organization", "tags", "resources")]
    assert {key: mine[key] for key in same if mine[key] is not None} == {key: shown[key] for key in same if mine[key] is not None}
    assert [one["name"] for one in mine["tags"]] == [one["name"] for one in shown["tags"]]
    assert mine["organization"]["name"] == organisation
    kept = ("id", "url", "name", "format", "data_items")
    assert [{key: one[key] for key in kept} for one in mine["resources"]] == [{key: one[key] for key in kept} for one in shown["resources"]]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"directory": 1},
        {"directory": DIRECTORY, "limit": 5000},
        {"directory": DIRECTORY, "after": 1},
        {"directory": DIRECTORY, "limit": 0},
    ],
)
def test_state_refuses_bad_arguments(site: Any, data: dict[str, Any]) -> None:
    assert "directory" in refused(site, "govdata_state", data)


def test_state_wants_a_token(site: Any) -> None:
    assert refused(site, "govdata_state", {"directory": DIRECTORY}, anonymous=True)["__type"] == "Authorization Error"


def test_facets_show_labels(site: Any, dataset: dict[str, Any]) -> None:
    names = ["vocab_theme", "organization", "sharing_type", "opening_type", "zone", "update_cycle"]
    found = site.call("package_search", {"rows": 0, "facet.field": names, "fq": f'id:"{dataset["id"]}"'})["search_facets"]
    assert [one["display_name"] for one in found["vocab_theme"]["items"]] == ["城乡建设、环境保护"]
    assert [one["display_name"] for one in found["sharing_type"]["items"]] == ["无条件共享"]
    for language, words in (("", ("主题", "部门", "无条件共享")), ("/en", ("Themes", "Departments", "Unconditional sharing"))):
        status, page = site.page(f"{language}/dataset/")
        assert status == 200
        assert [word for word in words if word not in page] == []


def test_pages_of_a_dataset(site: Any, dataset: dict[str, Any]) -> None:
    for language, words in (
        (
            "",
            ("目录条目", "信息资源提供方代码", "无条件共享", "按期更新", "校核纠错", "mailto:tingche@example.org", "国家政务信息资源目录"),
        ),
        ("/en", ("Directory entry", "Provider code", "Unconditional sharing", "Up to date", "Report an error", "File download")),
    ):
        status, page = site.page(f"{language}/dataset/{dataset['name']}")
        assert status == 200
        assert [word for word in words if word not in page] == []
        assert "govdata_digest" not in page
    status, page = site.page(f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}")
    assert status == 200
    assert "充电泊位数" in page
    assert "englishName" not in page


def test_an_exception_is_shown(site: Any, organisation: str) -> None:
    signed = [{"rule": "gate/level", "reason": "市政府常务会议同意", "by": "王某", "date": "2026-11-01", "until": "2027-01-01"}]
    made = site.call("package_create", parking(organisation, govdata_exceptions=json.dumps(signed, ensure_ascii=False)))
    page = site.page(f"/dataset/{made['name']}")[1]
    assert [word for word in ("批准的例外", "gate/level", "市政府常务会议同意", "王某 批准", "有效至 2027-01-01") if word not in page] == []


@pytest.mark.parametrize("kept", ["{", "[1]", '"x"', "[" * 5000])
def test_exceptions_that_are_none_break_no_page(site: Any, organisation: str, kept: str) -> None:
    made = site.call("package_create", parking(organisation, govdata_exceptions=kept))
    assert site.page(f"/dataset/{made['name']}")[0] == 200


def test_pages_escape_what_an_entry_says(site: Any, organisation: str) -> None:
    evil = '<script>alert("x")</script>'
    made = site.call(
        "package_create", parking(organisation, title=evil, publisher_name=evil, correction_note=evil, correction_url="javascript:alert(1)")
    )
    for path in (f"/dataset/{made['name']}", "/dataset/?q=alert"):
        page = site.page(path)[1]
        assert evil not in page
        assert 'href="javascript:alert' not in page


@pytest.mark.parametrize("locale", ["zh_Hans-CN", "zh_Hans_CN", "en"])
def test_scripts_find_their_texts(site: Any, locale: str) -> None:
    """CKAN's pages in Chinese ask for the first of these; a refusal keeps all their scripts from starting."""
    status, text = site.page(f"/api/i18n/{locale}")
    assert status == 200
    assert isinstance(json.loads(text), dict)


def test_dcat(site: Any, dataset: dict[str, Any]) -> None:
    status, turtle = site.page(f"/dataset/{dataset['name']}.ttl")
    assert status == 200
    for part in (
        'dct:title "云间区公共停车场"',
        "urn:govdata:codes:sharing-type:unconditional",
        "dct:accrualPeriodicity",
        "dcat:distribution",
    ):
        assert part in turtle
    assert site.page("/catalog.ttl")[0] == 200
    status, text = site.page(f"/dataset/{dataset['name']}.jsonld")
    assert status == 200
    assert json.loads(text)


def table(site: Any, dataset_id: str, rows: list[dict[str, Any]]) -> str:
    """A resource with a table of these rows."""
    resource = site.call("resource_create", {"package_id": dataset_id, "url": "https://example.org/t", "name": "t", "format": "CSV"})["id"]
    fields = [{"id": "id", "type": "text"}, {"id": "spaces", "type": "int4"}]
    site.call(
        "datastore_create", {"resource_id": resource, "force": True, "fields": fields, "records": rows, "calculate_record_count": False}
    )
    return str(resource)


def checksum(rows: list[dict[str, Any]]) -> str:
    """As catalog/ckan/switch.sql computes it."""
    import hashlib

    lines = ("\t".join("\\N" if row[key] is None else str(row[key]) for key in ("id", "spaces")) for row in rows)
    return str(sum(int.from_bytes(hashlib.md5(line.encode()).digest()[:8], "big", signed=True) for line in lines))


def rows_of(site: Any, resource: str) -> list[tuple[str, int]]:
    """What anybody reads of a table."""
    return [(row["id"], row["spaces"]) for row in site.call("datastore_search", {"resource_id": resource}, anonymous=True)["records"]]


def test_switch(site: Any, organisation: str) -> None:
    dataset_id = site.call("package_create", parking(organisation))["id"]
    old, new = [{"id": "a", "spaces": 1}], [{"id": "b", "spaces": 2}, {"id": "丙", "spaces": None}]
    live, shadow = table(site, dataset_id, old), table(site, dataset_id, new)
    order = {"shadow": shadow, "resource_id": live, "rows": 2, "checksum": checksum(new)}
    assert refused(site, "govdata_datastore_switch", order, anonymous=True)["__type"] == "Authorization Error"
    assert refused(site, "govdata_datastore_switch", {**order, "rows": 3})["code"] == ["GD002"]
    assert refused(site, "govdata_datastore_switch", {**order, "checksum": "1"})["code"] == ["GD002"]
    assert "shadow" in refused(site, "govdata_datastore_switch", {**order, "rows": "x"})
    assert refused(site, "govdata_datastore_switch", {**order, "shadow": str(uuid.uuid4())})["code"] == ["GD001"]
    assert rows_of(site, live) == [("a", 1)]
    assert site.call("govdata_datastore_switch", order) == {"result": "switched"}
    assert rows_of(site, live) == [("b", 2), ("丙", None)]
    assert site.call("govdata_datastore_switch", order) == {"result": "already"}


def test_switch_wants_the_right_to_edit_both(site: Any, organisation: str) -> None:
    """Who may edit one organisation's resource cannot put another's table in its place, nor his in the other's."""
    name = f"editor-{uuid.uuid4().hex[:8]}"
    site.call("user_create", {"name": name, "email": f"{name}@example.org", "password": uuid.uuid4().hex})
    token = site.call("api_token_create", {"user": name, "name": "t"})["token"]
    site.call("organization_create", {"name": name, "title": "别的部门", "users": [{"name": name, "capacity": "editor"}]})
    rows = [{"id": "a", "spaces": 1}]
    own = table(site, site.call("package_create", parking(name))["id"], rows)
    other = table(site, site.call("package_create", parking(organisation))["id"], rows)
    theirs = dataclasses.replace(site, token=token)
    for shadow, live in ((own, other), (other, own)):
        order = {"shadow": shadow, "resource_id": live, "rows": 1, "checksum": checksum(rows)}
        assert refused(theirs, "govdata_datastore_switch", order)["__type"] == "Authorization Error"
    second = table(theirs, site.call("resource_show", {"id": own})["package_id"], rows)
    order = {"shadow": second, "resource_id": own, "rows": 1, "checksum": checksum(rows)}
    assert theirs.call("govdata_datastore_switch", order) == {"result": "switched"}
    for one in site.call("package_search", {"fq": f"organization:{name}", "include_private": True})["results"]:
        site.call("dataset_purge", {"id": one["id"]})
    site.call("organization_purge", {"id": name})


@pytest.fixture(scope="module")
def searched(site: Any, organisation: str) -> list[dict[str, Any]]:
    """Part of the corpus of queries, on the site."""
    found = [one for one in corpus.corpus() if one["name"].startswith("x") or one["title"].startswith(PLACES)]
    for one in found:
        texts = {"title": one["title"], "notes": one["notes"], "publisher_name": one["publisher"]}
        items = json.dumps([{"name": name, "type": "C"} for name in one["items"]], ensure_ascii=False)
        resources = [{"url": "https://example.org/x", "name": "x", "format": "CSV", "data_items": items}]
        quiet = dict.fromkeys(("contact_organisation", "data_source", "spatial_text", "theme", "opening_condition", "correction_email"))
        tags = [{"name": tag} for tag in one["tags"]]
        site.call(
            "package_create", parking(organisation, name=f"{organisation}-{one['name']}", **texts, **quiet, tags=tags, resources=resources)
        )
    return found


@pytest.mark.parametrize("query", corpus.queries(), ids=lambda query: query["q"])
def test_search(site: Any, organisation: str, searched: list[dict[str, Any]], query: dict[str, Any]) -> None:
    names = f"organization:{organisation} AND name:{organisation}-*"
    found = [
        one["name"].removeprefix(f"{organisation}-")
        for one in site.call("package_search", {"q": query["q"], "fq": names, "rows": 500})["results"]
    ]
    assert set(found) == corpus.wanted(query, searched)
    assert corpus.first_are_right(query, found, searched) or not found
