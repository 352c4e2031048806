"""The real engine in Node against what a slow look through all texts finds, at a thousand datasets."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from govdata.publishing.site.records import Label, Party
from govdata.publishing.site.search import folding, grams
from govdata.publishing.site.search.client import scripts
from govdata.publishing.site.search.documents import Document
from tests.site.search import truth
from tests.site.search.made import QUERIES, SCRIPTS, codes, documents, indexed

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
PLACE, TITLE, PUBLISHER, DATE, FORMATS = range(5)
_TEST = Party("odd", "測試局")
_LONG = "繁體說明 " + "长" * 3000
_OTHER = (Label("x", "其他", "Other"),)
ODD = [
    Document("odd/1", '<b>停車場</b>與\u202e公園 & "引号"', _TEST, _LONG, ("🚗",), formats=("CSV",), date="2026-01-01"),
    Document("odd/2", "停车 场地与 车场", _TEST, "停车。车场", date="bad date"),
    Document("odd/4", "关于进一步加强全市公共停车场建设管理工作的实施意见", _TEST, "…", date="2026-01-02"),
    Document("odd/5", "充\u200b电\ufe0f桩\xad名\u2060录\ufeff", _TEST),
    Document("odd/3", "عربي 停车", _TEST, themes=_OTHER, formats=("XLSX", "CSV"), date="1990-05-05"),
]


@pytest.fixture(scope="module")
def found() -> list[Document]:
    return [*documents(1000), *ODD]


@pytest.fixture(scope="module")
def site(found: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return indexed(tmp_path_factory.mktemp("site"), found)


def ask(site: Path, *queries: dict[str, Any]) -> list[Any]:
    node = shutil.which("node")
    assert node, "node is not on the path; it is needed (Debian: apt-get install nodejs)"
    command = [node, str(HERE / "engine.mjs"), str(SCRIPTS), str(site)]
    done = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def answers(site: Path) -> dict[str, Any]:
    return dict(zip(QUERIES, ask(site, *({"q": query} for query in QUERIES)), strict=True))


@pytest.fixture(scope="module")
def texts(found: list[Document]) -> list[str]:
    return [truth.text_of(document) for document in found]


@pytest.fixture(scope="module")
def places(site: Path, found: list[Document]) -> list[int]:
    """Number in the index → place among the documents."""
    by_code = {document.code: place for place, document in enumerate(found)}
    return [by_code[code] for code in codes(site)]


def test_there_are_queries_of_both_languages() -> None:
    assert len(QUERIES) >= 60
    assert sum(query.isascii() for query in QUERIES) >= 12


def test_most_queries_find_something(texts: Sequence[str]) -> None:
    assert sum(bool(truth.found(query, texts)[0]) for query in QUERIES) >= 60


@pytest.mark.parametrize("query", QUERIES)
def test_all_that_is_right_and_nothing_else(query: str, answers: dict[str, Any], texts: Sequence[str], places: list[int]) -> None:
    whole, apart = truth.found(query, texts)
    answer = answers[query]
    got_whole, got_apart = ({places[number] for number in answer[tier]} for tier in ("whole", "apart"))
    assert got_whole | got_apart >= whole | apart  # recall 1
    assert len(got_whole - whole) <= len(whole) // 50  # what is not compared with its text may be wrong now and then
    told = answer["settled"]
    if len(whole) < 50:
        assert (got_whole, told["whole"], told["exact"]) == (whole, len(whole), True)
    if len(apart) < 50 and len(whole) < 50:
        assert (got_apart, told["apart"], told["exactApart"]) == (apart, len(apart), True)
    if told["exact"]:
        assert told["whole"] == len(whole)


def test_exact_totals_that_nobody_waits_for_any_more_fetch_nothing(site: Path) -> None:
    wanted, left = ask(site, {"q": "静安区"}, {"q": "静安区", "unwanted": True})
    assert wanted["bytes"] > wanted["first"]["bytes"]
    assert left["bytes"] == left["first"]["bytes"]


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_shown_is_right(query: str, answers: dict[str, Any], found: list[Document], texts: Sequence[str]) -> None:
    whole, apart = truth.found(query, texts)
    titles = {"".join(found[place].title) for place in whole | apart}
    rows = answers[query]["rows"]
    assert len(rows) == min(10, len(whole) + len(apart))
    assert {row[TITLE] for row in rows} <= titles
    shown = [truth.falls_apart(term, truth.folded(row[TITLE])) for row in rows for term in truth.terms_of(query)]
    in_titles = [place for place in whole if all(truth.holds(term, truth.folded(found[place].title)) for term in truth.terms_of(query))]
    assert not in_titles or any(shown), "what has it in the title comes first"


def test_little_is_fetched(answers: dict[str, Any]) -> None:
    first = sorted(answer["first"]["bytes"] for answer in answers.values())
    assert first[len(first) // 2] < 60_000
    assert max(answer["bytes"] for answer in answers.values()) < 130_000
    assert sorted(answer["first"]["rounds"] for answer in answers.values())[len(answers) // 2] <= 2


def test_one_traditional_character_anywhere_in_a_long_query(site: Path) -> None:
    query = "关于进一步加强全市公共停车场建设管理工作的实施意见"
    traditional = {"进": "進", "强": "強", "场": "場", "设": "設", "实": "實", "见": "見"}
    for answer in ask(site, {"q": query}, *({"q": query.replace(one, other)} for one, other in traditional.items())):
        assert len(answer["whole"]) == 1


def test_title_before_description(site: Path) -> None:
    (answer,) = ask(site, {"q": "停车场"})
    in_title = ["停车场" in truth.folded(row[TITLE]) for row in answer["rows"]]
    assert in_title == sorted(in_title, reverse=True)
    assert in_title[0]


def test_pieces_come_last_and_only_where_they_stand(site: Path) -> None:
    (answer,) = ask(site, {"q": "停车车场", "size": 50})
    assert {row[TITLE] for row in answer["rows"]} >= {ODD[1].title}
    assert answer["settled"]["whole"] == 0
    (answer,) = ask(site, {"q": "登记信息", "size": 500})
    whole = ["登记信息" in truth.folded("\n".join([row[1], row[2], *row[5], row[6], *row[7], *row[8]])) for row in answer["rows"]]
    assert whole == sorted(whole, reverse=True)
    assert len(set(whole)) == 2


@pytest.mark.parametrize("query", ["", "停车", "统计"])
def test_facets_count_and_filter(site: Path, found: list[Document], texts: Sequence[str], query: str) -> None:
    hits = [found[place] for place in truth.found(query, texts)[0]] if query else found
    plain = {"q": query, "facets": ["format", "year", "theme", "department", "cycle", "opening"]}
    filtered = {**plain, "filters": {"format": ["CSV"], "year": ["2025", "2024"]}}
    for asked in (plain, filtered):
        (answer,) = ask(site, asked)
        wanted = asked.get("filters", {})
        kept = [hit for hit in hits if not wanted or ("CSV" in hit.formats and hit.date[:4] in wanted["year"])]
        assert answer["settled"]["whole"] == len(kept)
        counted = {code: count for code, _, _, count in answer["facets"]["format"] if count}
        of_years = [hit for hit in hits if not wanted or hit.date[:4] in wanted["year"]]
        assert counted == dict(Counter(name for hit in of_years for name in set(hit.formats)))
        assert {code: count for code, _, _, count in answer["facets"]["theme"]} == Counter(
            label.code for hit in kept for label in hit.themes
        )


def test_facets_tell_whether_their_counts_are_exact(site: Path, texts: Sequence[str]) -> None:
    """Where no text was compared, what a facet counts may only seem to be hits; they are never fewer than there are."""
    hits = truth.found("登记信息", texts)
    unsettled, settled = ask(site, {"q": "登记信息", "facets": ["opening"], "unwanted": True}, {"q": "停车", "facets": ["opening"]})
    assert not unsettled["exact"]["opening"]
    assert sum(count for *_, count in unsettled["facets"]["opening"]) >= len(hits[0] | hits[1])
    assert settled["exact"]["opening"]


@pytest.mark.parametrize("query", ["PM2.10", "wgs-84", "iso-19115"])
def test_facets_do_not_count_what_only_seems_to_be_a_hit(site: Path, texts: Sequence[str], query: str) -> None:
    """Those that the filter leaves out are counted beside its choices, and so are compared with their texts too where all are few."""
    assert truth.found(query, texts) == (set(), set())
    (answer,) = ask(site, {"q": query, "filters": {"format": ["CSV"]}, "facets": ["format", "theme"]})
    assert answer["facets"] == {"format": [["CSV", "CSV", "", 0]], "theme": []}


@pytest.mark.parametrize("query", ["", "停车", "登记信息"])
def test_newest_first_and_by_name(site: Path, query: str) -> None:
    newest, named = ask(site, {"q": query, "sort": "newest", "size": 5000}, {"q": query, "sort": "name", "size": 5000})
    split = newest["settled"]["whole"]
    for rows in (newest["rows"][:split], newest["rows"][split:]):
        dates = [row[DATE] if row[DATE][:1] in "12" and "b" not in row[DATE] else "" for row in rows]
        assert dates == sorted(dates, reverse=True)
    for rows in (named["rows"][:split], named["rows"][split:]):
        keys = [folding.name_key(row[TITLE]) for row in rows]
        assert keys == sorted(keys)


def test_pages_are_a_partition(site: Path) -> None:
    pages = ask(site, *({"q": "有限公司", "start": start} for start in range(0, 60, 10)))
    (at_once,) = ask(site, {"q": "有限公司", "size": 60})
    assert [row[PLACE] for page in pages for row in page["rows"]] == [row[PLACE] for row in at_once["rows"]]


@pytest.mark.parametrize(
    "letters", ["tingchechang", "tcc", "tingche", "tingchech", "tingcc", "Ting Che Chang", "gjj", "xuhuiqu", "yljg", "bdc", "qy", "sh"]
)
def test_readings_lead_to_words(site: Path, texts: Sequence[str], letters: str) -> None:
    (answer,) = ask(site, {"suggest": letters})
    told = [word["text"] for word in answer["words"]]
    wanted = {"gjj": "公积金", "xuhuiqu": "徐汇区", "yljg": "养老机构", "bdc": "不动产", "qy": "企业", "sh": "社会", "tingche": "停车"}.get(
        letters, "停车场"
    )
    assert wanted in told
    assert all(any(word in text for text in texts) for word in told)


def test_words_with_several_readings(site: Path) -> None:
    (xing, hang) = ask(site, {"suggest": "xingzheng"}, {"suggest": "hangzheng"})
    assert xing["words"][0]["text"].startswith("行政")
    assert any(word["text"].startswith("行政") for word in hang["words"])


@pytest.mark.parametrize(
    "letters", ["", "a", "zzzz", "xqzv", "停车", "1234", "i", "tingchechangxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]
)
def test_letters_that_are_no_reading(site: Path, letters: str) -> None:
    (answer,) = ask(site, {"suggest": letters})
    assert all(len(word["text"]) > 1 for word in answer["words"])


@pytest.mark.parametrize(
    "query", ["！！", "🚗", "\ud83d", "   ", "()[]{}*+?.^$|\\", "停" * 500, "a" * 500, "停车 " * 50, "<script>", "\u202e", "'\"", "\0"]
)
def test_odd_queries_do_no_harm(site: Path, query: str) -> None:
    (answer,) = ask(site, {"q": query})
    assert answer["settled"]["whole"] == (0 if query.strip() else 1000 + len(ODD)) or query in ("停车 " * 50, "<script>")


def test_an_odd_document_is_found_and_marked(site: Path) -> None:
    (answer,) = ask(site, {"q": "停车场 公园 繁体"})
    (row,), (marks,) = answer["rows"], answer["marks"]
    assert row[TITLE] == ODD[0].title
    assert [row[TITLE][start:end] for start, end in marks] == []  # its traditional characters: no table was fetched to mark them
    (answer,) = ask(site, {"q": "停車場 公園"})
    (marks,) = answer["marks"]
    assert [ODD[0].title[start:end] for start, end in marks] == ["停車場", "公園"]


@pytest.mark.parametrize("query", ["充电桩名录", "充\ufeff电桩", "桩名"])
def test_what_nobody_sees_separates_nothing(site: Path, query: str) -> None:
    (answer,) = ask(site, {"q": f"{query} odd/5"})
    (row,), (marks,) = answer["rows"], answer["marks"]
    assert [folding.plain(row[TITLE][start:end]) for start, end in marks] == [folding.plain(query)]


def test_marks_are_of_the_text_as_it_is_written(site: Path) -> None:
    (answer,) = ask(site, {"q": "pm2.5"})
    for row, marks in zip(answer["rows"], answer["marks"], strict=True):
        assert {truth.folded(row[TITLE][start:end]) for start, end in marks} <= {"pm2.5"}


def test_the_client_is_small() -> None:
    sizes = {name: len(gzip.compress(data, 9)) for name, data in scripts()}
    assert sizes["search-engine.js"] + sizes["search.js"] < 10_000
    assert all(size < 6_000 for size in sizes.values())
    assert all(b"//" not in data for _, data in scripts()), "a comment"


def test_both_sides_cut_alike() -> None:
    """The characters that go by pairs are written down twice: in Python and in the script."""
    script = (SCRIPTS / "search-engine.js").read_text(encoding="utf-8")
    written = "".join(
        part for line in script.splitlines() if line.strip().startswith(("const WIDE", '"\\\\u')) for part in line.split('"')[1::2]
    )
    told = written.replace("\\\\u{", "{").replace("\\\\u", "")
    ours = "".join(
        character if character == "-" else f"{{{ord(character):x}}}" if ord(character) > 0xFFFF else f"{ord(character):04x}"
        for character in grams.WIDE
    )
    assert told == ours


def test_unpacking_without_the_browsers_help(tmp_path: Path) -> None:
    import random

    chance = random.Random(5)
    samples = [b"", b"a", "停车场".encode() * 3000, bytes(chance.randrange(256) for _ in range(70_000)), bytes(100_000)]
    packed = [zlib.compress(sample, level).hex() for sample in samples for level in (0, 1, 6, 9)]
    packed += [
        (lambda fixed, sample: (fixed.compress(sample) + fixed.flush()).hex())(zlib.compressobj(9, strategy=zlib.Z_FIXED), sample)
        for sample in samples
    ]
    code = "const {govdataInflate: u} = require(process.argv[1]); for (const each of JSON.parse(require('fs').readFileSync(0, 'utf8')))"
    code += " console.log(Buffer.from(u(Buffer.from(each, 'hex'))).toString('hex'))"
    command = ["node", "-e", code, str(SCRIPTS / "search-inflate.js")]
    done = subprocess.run(command, input=json.dumps(packed), capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [sample.hex() for sample in samples for _ in range(4)] + [sample.hex() for sample in samples]
