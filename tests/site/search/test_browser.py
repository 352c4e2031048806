"""The search page in a real browser, from a server and from a disk: keyboard, facets, pages, addresses, readings, old browsers."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from govdata.publishing.site.addresses import dataset_folder
from tests.browsers import find_browser, with_modules
from tests.site.search import truth
from tests.site.search.made import documents, indexed, with_pages

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
WAYS = ["http", "file"]
COUNTED = {
    "zh": re.compile(r"(?<![\d\w])[\d,]+(?= 个)"),
    "en": re.compile(r"(?<=^Datasets found: )[\d,]+|(?<![\d\w])[\d,]+(?= (?:datasets|more) )"),
}
"""How many were found, as the page of a language says it."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_pages(indexed(tmp_path_factory.mktemp("站 点"), documents(1000)))


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def seen(site: Path, address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw, by how the site was opened."""
    folder = with_modules(tmp_path_factory.mktemp("browser"), HERE.parents[1] / "targets", HERE / "browser.mjs")
    command = ["node", str(folder / "browser.mjs"), find_browser(), str(HERE / "queries.txt"), address, site.as_uri() + "/"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(WAYS, json.loads(done.stdout), strict=True))


def found(query: str) -> tuple[int, int]:
    whole, apart = truth.found(query, [truth.text_of(document) for document in documents(1000)])
    return len(whole), len(apart)


@pytest.mark.parametrize("way", WAYS)
class TestPage:
    def test_nothing_complains_and_nothing_leaves_the_site(self, seen: dict[str, Any], way: str) -> None:
        assert seen[way]["console"] == []
        assert [each for each in seen[way]["requests"] if not each.startswith(seen[way]["root"])] == []

    def test_a_link_with_a_query(self, seen: dict[str, Any], way: str) -> None:
        told, (whole, _) = seen[way]["linked"], found("停车")
        assert told["status"] == f"找到 {whole} 个数据集。"
        assert len(told["titles"]) == min(10, whole)
        assert "停车" in told["titles"][0]
        assert set(told["marks"]) == {"停车"}
        assert all(link.startswith("datasets/") and link.endswith("/index.html") for link in told["links"])
        assert told["current"] == (["1"] if whole > 10 else [])
        assert not told["help"]

    def test_keyboard_alone(self, seen: dict[str, Any], way: str) -> None:
        told, (whole, apart) = seen[way]["typed"], found("登记信息")
        assert told["query"] == "q=%E7%99%BB%E8%AE%B0%E4%BF%A1%E6%81%AF"
        assert str(whole) in told["status"]
        assert str(apart) in told["status"]
        assert seen[way]["filtered"]["focused"] == "INPUTCSV"
        assert seen[way]["second"]["focused"] == "OL0" or seen[way]["second"]["focused"].startswith("OL")

    def test_facets_sort_and_pages(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]
        assert told["filtered"]["chosen"] == ["CSV"]
        assert told["filtered"]["query"].endswith("&format=CSV")
        assert told["newest"]["query"].endswith("&format=CSV&sort=newest")
        assert told["second"]["query"].endswith("&format=CSV&sort=newest&page=2")
        assert told["second"]["current"] == ["2"]
        assert not set(told["second"]["links"]) & set(told["newest"]["links"])

    def test_back_and_reload(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]
        assert told["back"]["links"] == told["newest"]["links"] == told["reloaded"]["links"]
        assert told["back"]["query"] == told["newest"]["query"]

    def test_a_page_behind_the_last_is_the_last(self, seen: dict[str, Any], way: str) -> None:
        told, (whole, apart) = seen[way]["beyond"], found("停车")
        assert told["current"] == [str(-(-(whole + apart) // 10))]
        assert len(told["titles"]) == ((whole + apart) % 10 or 10)

    def test_a_link_within_the_page_asks_nothing(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]["skipped"]
        assert (told["status"], told["titles"], told["busy"]) == ("", [], None)

    def test_letters(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]
        assert "停车场" in told["letters"]["suggestions"]
        assert "停车场" in told["letters"]["status"]
        assert told["letters"]["titles"]
        assert "静安区 停车场" in told["mixed"]["suggestions"]

    def test_nothing_found(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]["none"]
        assert (told["titles"], told["help"]) == ([], True)
        assert "停车" in told["shorter"]
        assert "龘龘龘 停车" in told["status"]

    def test_filters_that_leave_nothing_are_told_and_go(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]["emptied"]
        assert (told["titles"], told["status"], told["help"]) == ([], "找到的数据集都不在所选的范围里。", True)
        assert told["shorter"][0] == "取消已选的范围"
        told = seen[way]["widened"]
        assert (len(told["titles"]), told["input"], told["chosen"], told["help"]) == (10, "停车", [], False)

    def test_words_that_are_not_looked_for_are_told(self, seen: dict[str, Any], way: str) -> None:
        assert [("只按前 10 个词查找。" in seen[way][name]["status"]) for name in ("many", "ten")] == [True, False]

    def test_a_query_is_no_markup(self, seen: dict[str, Any], way: str) -> None:
        assert "<img src=x onerror=alert(1)>" in seen[way]["harm"]["status"]

    @pytest.mark.parametrize("language", COUNTED)
    def test_every_query_finds_what_it_should(self, seen: dict[str, Any], way: str, language: str) -> None:
        """All totals, and on the first page nothing but what holds the query: wholly, then in pieces."""
        found = documents(1000)
        texts = [truth.text_of(document) for document in found]
        address = {document.code: dataset_folder(document.code) + "/index.html" for document in found}
        assert len(seen[way]["queries"][language]) >= 60
        for query, told in seen[way]["queries"][language].items():
            whole, apart = truth.found(query, texts)
            numbers = [int(number.replace(",", "")) for number in COUNTED[language].findall(told["status"])]
            right = [{address[found[place].code] for place in places} for places in (whole, apart)]
            if not whole | apart:
                assert told["links"] == [], query
                continue
            assert numbers, (query, told["status"])
            assert sum(numbers[:2]) >= len(whole), (query, told["status"])
            assert set(told["links"]) <= right[0] | right[1], query
            assert len(told["links"]) == min(10, len(whole | apart)), query
            first = told["links"][: len(whole)]
            assert set(first) <= right[0], query

    def test_axe_finds_nothing(self, seen: dict[str, Any], way: str) -> None:
        assert seen[way]["axe"] == {"none": [], "found": []}

    def test_facets_count_hits_alone(self, seen: dict[str, Any], way: str) -> None:
        assert found("wgs-84") == (0, 0)
        assert [label.split() for label in seen[way]["seeming"]["format"]] == [["CSV", "0"]]

    def test_english(self, seen: dict[str, Any], way: str) -> None:
        told = seen[way]["english"]
        assert f"bout {found('free_spaces')[0]} datasets found." in told["status"]
        assert told["links"][0].startswith("datasets/")
        assert any("transport" in label.lower() for label in told["theme"])

    def test_without_decompression(self, seen: dict[str, Any], way: str) -> None:
        assert seen[way]["old"] == seen[way]["linked"]
        assert any("search-inflate.js" in each for each in seen[way]["requests"])

    def test_a_broken_line_is_told_and_can_be_tried_again(self, seen: dict[str, Any], way: str) -> None:
        assert (seen[way]["empty"]["status"], seen[way]["empty"]["titles"]) == ("", [])
        if way == "http":  # what is read from a disk cannot be held up
            assert "没有完成" in seen[way]["broken"]["status"]
        assert seen[way]["again"]["titles"]
