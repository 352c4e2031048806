"""What must hold on every page: text stays text, links lead somewhere, structure is sound, the same input gives the same bytes."""

from __future__ import annotations

import gzip
import itertools
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.publishing.site import facets
from govdata.publishing.site.addresses import dataset_folder, relative
from govdata.publishing.site.pages import datasets, lists, texts
from govdata.publishing.site.pages.assets import PROGRAMS
from govdata.publishing.site.pages.frame import POLICY
from govdata.publishing.site.pages.front import site_pages, site_parts
from govdata.publishing.site.pages.json import block
from govdata.publishing.site.records import Label, Record, Summary, Version, summary_of
from tests.site.pages import directory
from tests.site.pages.conftest import STRUCTURED

PARKING = directory.RECORDS[0]
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u2028\u2029\ufeff]")
SCHEMES = {"", "https", "http", "mailto", "tel"}


Trees = Mapping[str, lxml.html.HtmlElement]


def written_by_others() -> set[str]:
    """Files of the site that pages link to and that other parts write."""
    found = {
        *PROGRAMS.values(),
        "feed.xml",
        "feed.json",
        "assets/search.js",
        "assets/search-engine.js",
        "assets/inflate.js",
        "index/meta.js",
    }
    for record in directory.RECORDS:
        folder = dataset_folder(record.code)
        found |= {f"{folder}/{name}" for name in (*datasets.EXPORTS, datasets.SUMS)}
        found |= {f"{folder}/{download.name}" for resource in record.resources for download in resource.downloads}
    ordered = facets.listed(directory.summaries())
    for kind in facets.KINDS:
        for group in facets.groups(ordered, kind, directory.portal()):
            found |= {f"{group.folder}/feed.xml", f"{group.folder}/feed.json"}
    return found


def test_text_never_becomes_markup(trees: Trees) -> None:
    wrong = []
    for path, tree in trees.items():
        for element in tree.iter():
            if not isinstance(element.tag, str):
                wrong.append((path, "comment", str(element)[:80]))
                continue
            handlers = [name for name in element.attrib if name.startswith("on") or name == "style"]
            wrong += [(path, element.tag, name) for name in handlers]
            if element.tag in ("svg", "iframe", "object", "embed", "base", "b", "style") or (
                element.tag == "img" and element.get("alt") != ""
            ):
                wrong.append((path, element.tag, lxml.html.tostring(element)[:80]))
            if element.tag == "script" and element.get("type") != "application/ld+json":
                scripts = [relative(path, f"assets/{name}") for name in ("search.js", "search-engine.js")]
                assert element.text is None or element.get("type") == "application/json"
                assert element.text or element.get("src") in (*scripts, relative(path, "index/meta.js")), path
    assert wrong == []


def test_nothing_unseen_is_left(pages: Mapping[str, bytes]) -> None:
    assert [path for path, body in pages.items() if path.endswith(".html") and UNSEEN.search(body.decode("utf-8"))] == []


def test_addresses_are_safe(trees: Trees) -> None:
    for path, tree in trees.items():
        for _, _, address, _ in tree.iterlinks():
            assert urlsplit(address).scheme in SCHEMES, (path, address)
        assert not [meta for meta in tree.iter("meta") if (meta.get("http-equiv") or "").lower() == "refresh"]


def test_titles_are_told_whole(pages: Mapping[str, bytes]) -> None:
    for record in directory.RECORDS:
        tree = lxml.html.document_fromstring(pages[f"{dataset_folder(record.code)}/index.html"].decode("utf-8"))
        assert tree.find(".//h1").text_content() == texts.named(texts.cleaned(record.title))


def test_the_way_to_a_page_is_short(trees: Trees) -> None:
    for path, tree in trees.items():
        assert [step for step in tree.xpath("//nav[@class='crumbs']//li") if len(step.text_content()) > 300] == [], path
    way = trees[f"{dataset_folder(directory.RECORDS[-1].code)}/resources/1.html"].xpath("//nav[@class='crumbs']//li")
    assert len(way[-2].text_content()) == len(way[-1].text_content()) == 40


def test_what_there_is_none_of_is_not_counted() -> None:
    record = replace(PARKING, themes=())
    found = dict(site_pages((summary_of(record, "x"),), directory.portal()))["index.html"].decode("utf-8")
    assert [item.text_content().split()[0] for item in lxml.html.document_fromstring(found).xpath("//ul[@class='counts']/li")] == [
        "1",
        "1",
        "2",
    ]


def test_every_link_resolves(pages: Mapping[str, bytes], trees: Trees) -> None:
    known = set(pages) | written_by_others()
    ids = {path: {element.get("id") for element in tree.iter() if isinstance(element.tag, str)} for path, tree in trees.items()}
    wrong = []
    for path, tree in trees.items():
        for element, name, address, _ in tree.iterlinks():
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            assert name in ("href", "src", "action"), (path, name)
            assert address[:1] == "#" or posixpath.basename(parts.path) or path == "404.html", f"{path}: {address} names no file"
            target = unquote(parts.path).removeprefix("/open/") if parts.path.startswith("/") else None
            target = (
                target
                if target is not None
                else posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path) or posixpath.basename(path)))
            )
            if target not in known:
                wrong.append((path, address, element.tag))
            elif parts.fragment and parts.fragment not in ids[target]:
                wrong.append((path, address, "no such place"))
    assert wrong == []


def test_structure(trees: Trees) -> None:
    for path, tree in trees.items():
        ids = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
        assert len(ids) == len(set(ids)), path
        levels = [int(element.tag[1]) for element in tree.iter("h1", "h2", "h3", "h4")]
        assert levels.count(1) == 1, path
        assert levels[0] == 1, path
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), (path, levels)
        named = {name for element in tree.iter() if isinstance(element.tag, str) for name in (element.get("aria-labelledby") or "").split()}
        assert named <= set(ids), path
        assert tree.get("lang") == ("en" if path.startswith("en/") else "zh-CN")
        assert tree.find(".//meta[@http-equiv='Content-Security-Policy']").get("content") == POLICY
        assert len(tree.findall(".//main")) == 1
        assert all(table.find("caption") is not None for table in tree.iter("table"))
        assert all(cell.get("scope") for cell in tree.iter("th"))


def test_every_page_has_a_search_box_and_the_way_to_report(pages: Mapping[str, bytes], trees: Trees) -> None:
    for path, tree in trees.items():
        forms = [form for form in tree.iter("form") if form.get("role") == "search"]
        assert forms or path.endswith("search.html"), path
        assert all(form.find(".//input[@name='q']") is not None for form in forms)
    for record in directory.RECORDS:
        if record.state != "withdrawn":
            assert b'id="correction"' in pages[f"{dataset_folder(record.code)}/index.html"]


def test_each_page_exists_in_both_languages(pages: Mapping[str, bytes], trees: Trees) -> None:
    chinese = {path for path in pages if path.endswith(".html") and not path.startswith("en/")}
    assert {f"en/{path}" for path in chinese} == {path for path in pages if path.startswith("en/")}
    for path, tree in trees.items():
        other = path.removeprefix("en/") if path.startswith("en/") else f"en/{path}"
        switch = tree.find(".//nav[@class='languages']//a").get("href")
        if not path.endswith("404.html"):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(path), switch)) == other


def test_english_pages_say_what_is_chinese(trees: Trees) -> None:
    """No Chinese character stands on an English page outside an element that says so (WCAG 2.2, 3.1.2)."""
    chinese = re.compile("[\u3400-\u9fff]")
    for path, tree in trees.items():
        if path.startswith("en/"):
            for element in tree.find("body").iter():
                if isinstance(element.tag, str):
                    said = next(language for each in (element, *element.iterancestors()) if (language := each.get("lang")))
                    found = [element.text or "", *(child.tail or "" for child in element)]
                    assert said.startswith("zh") or not any(map(chinese.search, found)), (path, found)


def test_the_same_input_gives_the_same_bytes(pages: Mapping[str, bytes]) -> None:
    portal = directory.portal(today=directory.TODAY, url="https://data.example.org/open", moment=datetime(2031, 1, 1, tzinfo=UTC))
    again = [datasets.dataset_pages(record, portal, directory.TITLES, STRUCTURED) for record in directory.RECORDS]
    assert all(pages[path] == body for made in again for path, body in made), "a dataset's page depends on the moment of the build"
    same = directory.portal(today=directory.TODAY, url="https://data.example.org/open")
    assert all(pages[path] == body for path, body in site_pages(tuple(reversed(directory.summaries())), same))


def test_the_block_for_search_engines_holds_what_it_was_given(pages: Mapping[str, bytes]) -> None:
    body = pages[f"{dataset_folder(PARKING.code)}/index.html"].decode("utf-8")
    block = body.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert json.loads(block) == STRUCTURED
    assert not set("<>&\u2028\u2029") & set(block)


def test_sizes(pages: Mapping[str, bytes]) -> None:
    """What the first visit loads, as a server with gzip sends it."""
    styles = sum(len(gzip.compress(body)) for path, body in pages.items() if path in ("assets/site.css", "assets/icon.svg"))
    page = pages[f"{dataset_folder(PARKING.code)}/index.html"]
    assert styles <= 15_000
    assert len(gzip.compress(page)) + styles <= 40_000
    assert len(gzip.compress(pages["index.html"])) + styles <= 60_000


def made(record: Record, **more: object) -> str:
    """The Chinese page of a dataset."""
    portal = directory.portal(**more)
    return dict(datasets.dataset_pages(record, portal, directory.TITLES))[f"{dataset_folder(record.code)}/index.html"].decode("utf-8")


def test_what_is_not_known_is_left_out() -> None:
    text = made(replace(PARKING, licence="", landing_pages=()), licence="")
    assert all(name not in text for name in ("使用条款", "许可</dt>", "原始页面", "语种", "时间范围", "<dd></dd>", "<dd>…</dd>"))


def test_overdue_is_said_only_where_today_is_known() -> None:
    assert "下次更新不晚于 <time" in made(PARKING)
    assert "逾期" not in made(PARKING)
    assert "下次更新不晚于" in made(PARKING, today=date(2026, 2, 5))
    assert "更新已逾期" in made(PARKING, today=date(2026, 2, 6))


def test_a_held_dataset_is_shown_as_it_was_with_the_reason() -> None:
    held = next(record for record in directory.RECORDS if record.state == "held")
    text = made(held)
    assert "更新暂缓发布" in text
    assert held.remarks[0].zh in text
    assert 'href="../../../rules/table/type-error.html"' in text
    assert "学校.xlsx" in text


def test_a_withdrawn_dataset_has_a_page_without_data(pages: Mapping[str, bytes]) -> None:
    gone = next(record for record in directory.RECORDS if record.state == "withdrawn")
    folder = dataset_folder(gone.code)
    text = pages[f"{folder}/index.html"].decode("utf-8")
    assert "已于 2026-03-01 从目录中撤下" in text
    assert '<meta name="robots" content="noindex">' in text
    assert gone.remarks[0].zh in text
    assert "download" not in text
    assert [path for path, body in pages.items() if folder.encode() in body and not path.endswith(f"{folder}/index.html")] == []


def test_what_a_resource_shows() -> None:
    found = dict(datasets.dataset_pages(PARKING, directory.portal(), directory.TITLES))
    text = found[f"{dataset_folder(PARKING.code)}/resources/1.html"].decode("utf-8")
    assert '<td class="n">17</td>' in text
    assert "<td>3101040000" in text, "a number of letters is not aligned as a number"
    assert "<details><summary>出入口在漕溪路一侧" in text
    assert 'href="../../../../codes/division/index.html"' in text
    assert "<code>1</code> 男" in text
    assert "主键、必填" in text
    assert f'href="../../../d4/{dataset_folder("102001/000004")[-13:]}/index.html"' in text
    assert f"{dataset_folder(PARKING.code)}/resources/2.html" not in found, "a link without columns has no page"


@pytest.mark.parametrize(
    ("ways", "href"),
    [
        ({"url": "https://a.example/f?x=1#y"}, "https://a.example/f?x=1&amp;code=307001%2F000012#y"),
        ({"url": "https://a.example/{code}/f"}, "https://a.example/307001%2F000012/f"),
        ({"url": "javascript:alert(1)"}, "../../../about.html#contact"),
        ({"email": "a@b.example"}, "mailto:a@b.example?subject="),
        ({"email": "a@b.example?bcc=c@d.example"}, "../../../about.html#contact"),
        ({"phone": "021-0000 1004"}, "tel:02100001004"),
    ],
)
def test_reporting_an_error(ways: Mapping[str, str], href: str) -> None:
    text = made(replace(PARKING, correction=ways))
    part = text.partition('id="correction"')[2].partition("</section>")[0]
    assert f'href="{href}' in part


def test_without_anybody_who_runs_the_site_mistakes_go_to_the_department() -> None:
    """They were sent to the page about the site, which sends them back to the dataset."""
    text = made(replace(PARKING, correction={}), contact={}, correction={})
    assert "请用下面的联系方式告诉提供部门" in text
    assert "about.html#contact" not in text
    assert "about.html#contact" in made(replace(PARKING, correction={}, contact={}), contact={}, correction={})


def many(count: int) -> tuple[Summary, ...]:
    """Datasets of four departments and two themes."""
    first = directory.summaries()[0]
    return tuple(
        replace(
            first,
            code=f"{number:06}",
            title=f"第 {number} 个",
            publisher=directory.party(f"部门{number % 4}", f"D{number % 4}"),
            themes=(f"主题{number % 2}",),
            modified=f"2026-{number % 12 + 1:02}-01",
            key=str(number),
        )
        for number in range(count)
    )


def test_lists_are_cut_into_pages_and_hold_each_dataset_once() -> None:
    summaries = many(230)
    found = {path: body.decode("utf-8") for path, body in site_pages(summaries, directory.portal(languages=("zh-CN",)))}
    numbers = [found[facets.page("datasets", number)] for number in range(1, 6)]
    assert facets.page("datasets", 6) not in found
    titles = [re.findall(r">(第 \d+ 个)</a>", text) for text in numbers]
    assert [len(page) for page in titles] == [50, 50, 50, 50, 30]
    ordered = [
        summary.title for summary in sorted(sorted(summaries, key=lambda each: each.code), key=lambda each: each.modified, reverse=True)
    ]
    assert [title for page in titles for title in page] == ordered
    assert "230 个数据集" in numbers[0]
    assert 'href="page-2.html" rel="next"' in numbers[0]
    assert 'href="index.html" rel="prev"' in numbers[1]
    group = found[facets.folder("themes", "主题1") + "/index.html"]
    assert "115 个数据集" in group


@pytest.mark.parametrize(("code", "shown"), [("", "未写明提供方"), ("113101040000000190", "113101040000000190")])
def test_where_nobody_is_named_as_provider_pages_say_so(code: str, shown: str) -> None:
    nobody = directory.party("", code) if not code else directory.party(code, code)
    summary = replace(many(1)[0], publisher=nobody)
    found = {path: body.decode("utf-8") for path, body in site_pages((summary,), directory.portal(languages=("zh-CN", "en")))}
    pages = [made(replace(PARKING, publisher=nobody)), *(found[path] for path in ("publishers/index.html", "datasets/index.html"))]
    assert all(shown in text and ">…<" not in text for text in pages)
    if not code:
        assert "Provider not named" in found["en/publishers/index.html"]


def test_pages_of_long_lists_stand_in_folders() -> None:
    assert facets.page("datasets", 99) == "datasets/page-99.html"
    assert facets.page("datasets", 100) == "datasets/100/page-100.html"
    assert facets.page("datasets", 1234) == "datasets/1200/page-1234.html"


def test_keys_change_with_what_is_on_the_page_and_no_other() -> None:
    portal = directory.portal()
    before = many(230)
    changed = (*before[:7], replace(before[7], key="changed"), *before[8:])
    old = {part.path: part for part in site_parts(before, portal)}
    new = {part.path: part for part in site_parts(changed, portal)}
    assert old.keys() == new.keys()
    kept = [path for path, part in new.items() if part.key and part.key == old[path].key]
    other = [path for path, part in new.items() if part.key and part.key != old[path].key]
    assert facets.folder("themes", "主题1") + "/index.html" in other
    assert facets.folder("themes", "主题0") + "/index.html" in kept
    assert len(other) < len(kept)
    assert all(old[path].make() == new[path].make() for path in kept[:20])


def test_an_empty_site_has_its_pages() -> None:
    found = dict(site_pages((), directory.portal(languages=("zh-CN",), standards={}, code_lists={})))
    assert {"index.html", "datasets/index.html", "themes/index.html", "search.html", "about.html", "404.html"} <= set(found)
    assert "这里还没有数据集" in found["datasets/index.html"].decode("utf-8")


def test_one_is_not_told_in_the_plural_and_groups_without_datasets_say_why() -> None:
    alone = tuple(replace(summary, themes=()) for summary in directory.summaries()[:1])
    found = dict(site_pages(alone, directory.portal(languages=("en",), standards={}, code_lists={})))
    assert "<strong>1</strong> dataset</a>" in found["index.html"].decode("utf-8")
    assert "<strong>1</strong> department</a>" in found["index.html"].decode("utf-8")
    themes = found["themes/index.html"].decode("utf-8")
    assert "No dataset says anything about this yet" in themes
    assert 'href="../datasets/index.html">All datasets' in themes


def test_the_page_for_what_is_not_there_works_at_any_address() -> None:
    pages = dict(site_pages((), directory.portal(url="https://data.example.org/open", standards={}, code_lists={})))
    tree = lxml.html.document_fromstring(pages["404.html"].decode("utf-8"))
    links = [address for _, _, address, _ in tree.iterlinks()]
    assert links
    assert all(address.startswith(("/open/", "#")) for address in links)


@given(st.dictionaries(st.text(), st.text(st.characters()) | st.lists(st.text())))
def test_a_block_of_data_is_the_data(value: dict[str, object]) -> None:
    written = str(block(value))
    assert json.loads(written) == value
    assert not re.search("[<>&\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff\U0010ffff]", written)


@given(st.text())
def test_shown_text_is_text(text: str) -> None:
    shown = str(texts.show(text))
    assert not set("<>\"'") & set(shown)
    assert "\n" not in shown
    assert lxml.html.fromstring(f"<p>{shown}</p>").text_content() == texts.cleaned(text) or not text.strip()
    assert not UNSEEN.search(shown)


@given(st.text(), st.booleans(), st.integers(min_value=0, max_value=20))
def test_said_text_is_one_element_at_most(text: str, foreign: bool, limit: int) -> None:
    said = str(texts.said(text, foreign, limit))
    bare = re.sub(r"^<(bdi|span)(?: lang=\"zh-CN\")?>(.*)</\1>$", r"\2", said, flags=re.DOTALL)
    assert not set("<>\"'") & set(bare)


@given(st.text())
def test_addresses_of_the_data_are_of_the_web_or_nothing(text: str) -> None:
    for address in (texts.web(text), texts.web(f"https://{text}")):
        assert not address or urlsplit(address).scheme in ("http", "https")
        assert address.isascii()
        assert not set(' <>"\\') & set(address)


def test_sizes_for_people() -> None:
    assert [texts.size(number) for number in (0, 999, 1024, 48_213, 2_413_221, 5 * 1024**3)] == [
        "0 B",
        "999 B",
        "1.0 KB",
        "47 KB",
        "2.3 MB",
        "5.0 GB",
    ]


def test_versions_that_nobody_expected_do_not_break_a_page() -> None:
    record = replace(PARKING, versions=(Version("", "restored"),), themes=(Label("", "", ""),))
    assert "恢复发布" in made(record)


def test_pager_names_the_ends_and_the_neighbours() -> None:
    from govdata.publishing.site.pages.frame import Page, settings

    page = Page(settings(directory.portal())[0], "datasets/page-9.html", "")
    found = lists.pager(page, "datasets", 9, 20)
    assert [number for number, _ in found.pages] == [1, 0, 7, 8, 9, 10, 11, 0, 20]
