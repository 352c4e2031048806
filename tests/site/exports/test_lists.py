"""Feeds, site map, tables of all entries and the API: each held against its specification, whatever stands in titles."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from govdata import content
from govdata.classes import replace
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.api import ListValue, dataset_pages, index_files
from govdata.publishing.site.exports.feeds import MOST, atom, feed_files, json_feed
from govdata.publishing.site.exports.files import catalog_exports, dataset_exports, newest
from govdata.publishing.site.exports.lines import safe
from govdata.publishing.site.exports.listings import COLUMNS, listing_files
from govdata.publishing.site.exports.sitemaps import robots_file, sitemap_files
from govdata.publishing.site.exports.texts import element, empty
from govdata.publishing.site.records import Label, Summary
from tests.site.exports import samples

HERE = Path(__file__).parent
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = etree.XMLSchema(etree.parse(HERE / "sitemap.xsd"))
GONE = replace(samples.PARKING, code="gone", id="gone", title="旧数据", state="withdrawn")
ALL = samples.summaries(*samples.RECORDS, GONE)


def joined(pieces: Any) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path, piece in pieces:
        found[path] = found.get(path, b"") + piece
    return found


def texts(element: Any, name: str) -> list[str]:
    return [found.text or "" for found in element.findall(f"{ATOM}{name}")]


@pytest.mark.parametrize("url", [samples.URL, ""])
def test_atom_has_what_rfc_4287_asks_for(url: str) -> None:
    portal = samples.portal(url)
    root = etree.fromstring(atom(samples.NASTY, ALL, portal, "themes/财政/feed.xml"))
    entries = root.findall(f"{ATOM}entry")
    assert root.tag == f"{ATOM}feed"
    assert [len(texts(root, name)) for name in ("id", "title", "updated")] == [1, 1, 1]
    assert len(entries) == len(ALL)
    assert root.find(f"{ATOM}author/{ATOM}name").text == "示例市大数据局"
    for entry in entries:
        assert [len(texts(entry, name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert all(texts(entry, "id") + texts(entry, "title"))
        assert all(datetime.fromisoformat(text) for text in texts(entry, "updated") + texts(entry, "published"))
        assert entry.find(f"{ATOM}author/{ATOM}name").text.strip()
        assert entry.find(f"{ATOM}summary") is not None or not entry.find(f"{ATOM}summary")
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("rel") == "alternate"
        assert link.get("href").startswith(f"{url}/" if url else "../../datasets/")
    assert len({text for entry in entries for text in texts(entry, "id")}) == len(entries)
    assert texts(entries[0], "id") == ["urn:govdata:dataset:307001%2F000012"]
    assert texts(entries[-1], "title") == ["已撤下：旧数据"]
    assert [link.get("rel") for link in root.findall(f"{ATOM}link")] == (["self", "alternate"] if url else ["alternate"])


@pytest.mark.parametrize("url", [samples.URL, ""])
def test_json_feed_fits_its_schema(url: str) -> None:
    feed = json.loads(json_feed(samples.NASTY, ALL, samples.portal(url), "feed.json"))
    validator = Draft202012Validator(
        json.loads((HERE / "jsonfeed.schema.json").read_text()), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [error.message for error in validator.iter_errors(feed)] == []
    assert feed["items"][0]["url"] == f"{url}{'/' if url else ''}{dataset_folder('307001/000012')}/index.html"
    assert feed["items"][0]["date_modified"] == "2026-01-31T00:00:00Z"


def test_feeds_tell_the_newest_alone() -> None:
    listed = newest(samples.summaries(*samples.many(MOST + 30)))
    made = dict(feed_files("全部", listed, samples.portal(), "themes/a"))
    assert sorted(made) == ["themes/a/feed.json", "themes/a/feed.xml"]
    found = json.loads(made["themes/a/feed.json"])["items"]
    assert len(found) == MOST
    assert [item["date_modified"] for item in found] == sorted((item["date_modified"] for item in found), reverse=True)


def test_site_map_fits_its_schema_and_is_cut() -> None:
    portal = samples.portal()
    pages = [(f"datasets/停车 & {number}/index.html", "2026-01-05" if number % 2 else "") for number in range(50_001)]
    made = dict(sitemap_files(pages, portal))
    assert list(made) == ["sitemaps/1.xml", "sitemaps/2.xml", "sitemap.xml"]
    for data in made.values():
        SITEMAP.assertValid(etree.fromstring(data))
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = etree.fromstring(made["sitemap.xml"])
    assert index.xpath("//s:loc/text()", namespaces=space) == [f"{samples.URL}/sitemaps/1.xml", f"{samples.URL}/sitemaps/2.xml"]
    assert index.xpath("//s:lastmod/text()", namespaces=space) == ["2026-01-05"]
    assert len(etree.fromstring(made["sitemaps/1.xml"])) == 50_000
    assert not dict(sitemap_files(pages[:3], samples.portal("")))
    SITEMAP.assertValid(etree.fromstring(dict(sitemap_files([], portal))["sitemap.xml"]))


def test_robots_name_the_site_map_where_there_is_one() -> None:
    assert robots_file(samples.portal())[1].decode().endswith(f"Sitemap: {samples.URL}/sitemap.xml\n")
    assert b"Sitemap" not in robots_file(samples.portal(""))[1]


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("safe_csv", [False, True])
def test_tables_of_all_entries_agree(safe_csv: bool) -> None:
    risky = replace(samples.BARE, code="=1+1", title="+2", keywords=("-3",), description="@x")
    portal = samples.portal(safe_csv=safe_csv)
    made = joined(listing_files([*ALL, *samples.summaries(risky)], portal))
    found = rows(made["catalog.csv"])
    frame = pl.read_parquet(io.BytesIO(made["catalog.parquet"]))
    assert found[0] == list(COLUMNS) == frame.columns
    assert len(found) - 1 == frame.height == len(samples.RECORDS) + 1
    shown = [[_cell(value, safe_csv) for value in row] for row in frame.rows()]
    assert found[1:] == shown
    assert all(len(row) == len(COLUMNS) for row in found)
    assert made["catalog.csv"].startswith(b"\xef\xbb\xbf") is safe_csv
    assert (next(row for row in found if row[0].lstrip("'") == "=1+1")[1] == "'+2") is safe_csv


def _cell(value: Any, defused: bool) -> str:
    text = "|".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return safe(text) if defused else text


def test_a_catalog_without_datasets_has_all_its_files() -> None:
    made = joined(catalog_exports([], {}, samples.portal(), lambda path: b""))
    assert {
        "catalog.jsonld",
        "catalog.ttl",
        "catalog.rdf",
        "catalog.csv",
        "catalog.parquet",
        "api/index.json",
        "robots.txt",
        "feed.xml",
    } <= set(made)
    assert pl.read_parquet(io.BytesIO(made["catalog.parquet"])).height == 0
    assert json.loads(made["catalog.jsonld"])["@graph"]


@pytest.mark.parametrize("count", [1, 501])
def test_the_api_fits_its_schema(count: int) -> None:
    listed: Sequence[Summary] = [*ALL, *samples.summaries(*samples.many(count))]
    lists = {
        "themes": [ListValue("public-finance", Label("public-finance", "财政", "Public finance"), 3)],
        "tags": [ListValue("x", Label(samples.NASTY, samples.NASTY), 1)],
    }
    made = dict(index_files(listed, lists, samples.portal())) | {page.path: page.make() for page in dataset_pages(listed)}
    schema = content.load("schemas/site-api.schema.json")
    for path, data in made.items():
        if path != "api/schema.json":
            kind = {"index.json": "index"}.get(path.removeprefix("api/"), "list" if "/lists/" in path else "page")
            validator = Draft202012Validator({**schema, "oneOf": [{"$ref": f"#/$defs/{kind}"}]})
            assert [error.message for error in validator.iter_errors(json.loads(data))] == []
    found, path = [], json.loads(made["api/index.json"])["datasets"]["first"]
    while path:
        page = json.loads(made[path])
        found += [item["code"] for item in page["datasets"]]
        path = page["next"]
    assert found == sorted(item.code for item in listed if item.state != "withdrawn")
    assert json.loads(made["api/schema.json"]) == schema


def test_all_together_is_the_same_for_the_same_records() -> None:
    def build() -> dict[str, bytes]:
        made = joined(piece for record in samples.RECORDS for piece in dataset_exports(record, samples.portal()))
        return made | joined(catalog_exports(ALL, {}, samples.portal(), made.__getitem__))

    assert build() == build()


def test_without_polars_there_is_no_parquet_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.engines import choice
    from govdata.publishing.site.exports import files

    assert files.left_out() == ()
    monkeypatch.setattr(choice.importlib.util, "find_spec", lambda name: None)
    assert "govdata[fast]" in files.left_out()[0].zh
    made = joined(catalog_exports(ALL, {}, samples.portal(), graphs().__getitem__))
    assert "catalog.csv" in made
    assert "catalog.parquet" not in made
    assert "catalog.parquet" not in json.loads(made["api/index.json"])["catalogs"]


def graphs() -> dict[str, bytes]:
    return joined(piece for record in samples.RECORDS for piece in dataset_exports(record, samples.portal()))


@pytest.mark.parametrize("text", ["", "停车场", "a & b < c > d &amp;", 'say "a"', "it's", "both \" and '", "line\nend\r\ttab"])
def test_xml_is_escaped_as_the_standard_library_does(text: str) -> None:
    assert element("a", text) == f"<a>{escape(text, {chr(13): '&#13;'})}</a>"
    assert empty("a", b=text) == f"<a b={quoteattr(text)}/>"
