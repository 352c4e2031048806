"""The index: its parts there and back, the same from any order, and changed in place just as it would be built."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdata.publishing.site.records import Party
from govdata.publishing.site.search import columns, numbering, postings, shards
from govdata.publishing.site.search.building import build
from govdata.publishing.site.search.documents import Document
from govdata.publishing.site.search.updating import update
from tests.site.search.made import documents, files, indexed, write

POSTINGS = st.sets(st.integers(0, 2**29)).map(sorted)


@given(POSTINGS)
def test_postings_there_and_back(found: list[int]) -> None:
    assert postings.decode(postings.encode(found)) == found


@given(st.dictionaries(st.integers(0, 50_000), st.integers(0, 3)), st.dictionaries(st.integers(0, 50_000), st.integers(0, 3) | st.none()))
def test_patched_is_what_would_be_encoded(before: dict[int, int], edits: dict[int, int | None]) -> None:
    after = {**before, **edits}
    whole = [number * 4 + impact for number, impact in sorted(after.items()) if impact is not None]
    old = postings.encode([number * 4 + impact for number, impact in sorted(before.items())])
    assert postings.patched(old, edits) == (postings.encode(whole), len(whole))


@pytest.mark.parametrize("value", [0, 127, 128, 16383, 16384, 1 << 40])
def test_one_posting_is_its_number(value: int) -> None:
    assert postings.encode([value]) == postings.varint(value)


def test_inversion_packs_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    def inverted() -> dict[str, tuple[int, bytes]]:
        made = postings.Inversion()
        for number in range(500):
            made.add(number, {"a": 0, f"b{number % 7}": 1} | ({"c": 3} if number % 3 else {}))
        return made.finish()

    whole = inverted()
    monkeypatch.setattr(postings.Inversion, "BLOCK", 10)
    assert inverted() == whole
    assert postings.decode(whole["b3"][1]) == [number * 4 + 1 for number in range(3, 500, 7)]


@given(st.dictionaries(st.text("停车场公共pm25", min_size=1, max_size=8), st.tuples(st.integers(0, 9999), st.binary(max_size=300))))
def test_shards_there_and_back(lists: dict[str, tuple[int, bytes]]) -> None:
    assert shards.decode_shard(shards.encode_shard(lists)) == lists


@given(st.lists(st.integers(0, 2**20)))
def test_numbers_of_columns_there_and_back(numbers: list[int]) -> None:
    assert columns.decode_numbers(columns.encode_numbers(numbers)) == numbers


def test_numbering_there_and_back() -> None:
    made = numbering.Numbering(("307001/1", "", "有\n换行"), 7, 1234)
    assert numbering.parse(numbering.dump(made)) == made
    assert made.live == 2
    assert numbering.parse(b'{"version": 99, "shards": 1, "size": 0}\n') is None
    assert numbering.parse(b"torn") is None


def test_order_of_arrival_does_not_matter(tmp_path: Path) -> None:
    found = documents(60)
    one = dict(build(found))
    random.Random(3).shuffle(found)
    assert dict(build(found)) == one
    assert indexed(tmp_path, found)
    assert dict(build(found, tmp_path)) == one


def test_numbers_are_kept_and_holes_left(tmp_path: Path) -> None:
    found = documents(60)
    before = indexed(tmp_path / "before", found)
    after = dict(build(found[5:], before))
    lost = {document.code for document in found[:5]}
    kept = numbering.parse((before / "index" / "numbers.txt").read_bytes())
    told = numbering.parse(after["index/numbers.txt"])
    assert kept is not None
    assert told is not None
    assert told.codes == tuple("" if code in lost else code for code in kept.codes)
    # Few are left: all are numbered anew.
    assert indexed(tmp_path / "few", found[40:], before)
    again = numbering.parse(dict(build(found[40:], tmp_path / "few"))["index/numbers.txt"])
    assert again is not None
    assert again.codes.count("") == 0


def changed(document: Document, **other: object) -> Document:
    told = {name: getattr(document, name) for name in Document.__match_args__}
    return Document(**{**told, **other})


@pytest.mark.parametrize("seed", range(4))
def test_an_update_is_what_a_build_would_be(tmp_path: Path, seed: int) -> None:
    chance, pool = random.Random(seed), documents(160)
    live = {document.code: document for document in pool[:120]}
    site = indexed(tmp_path / "site", live.values())
    for turn in range(3):
        gone = chance.sample(sorted(live), 3)
        for code in gone:
            del live[code]
        come = {document.code: document for document in pool[120 + 10 * turn : 124 + 10 * turn]}
        for code in chance.sample(sorted(live), 4):
            other = changed(
                live[code],
                title=live[code].title[::-1],
                date=f"20{turn + 20}-02-0{turn + 1}",
                formats=("ODS",),
                publisher=Party("new", f"新设局{turn}"),
            )
            come[code] = other
        live |= come
        whole = dict(build(live.values(), site))
        told = update(come.values(), gone, site)
        assert told is not None
        written = write(site, told)
        assert files(site) == whole
        assert len(written) < len(whole)


def test_lists_move_to_files_of_their_own_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = documents(60)
    monkeypatch.setattr(shards, "LONG", 24)
    site = indexed(tmp_path, pool[:40])
    grown = update(pool[40:], [], site)
    assert grown is not None
    written = write(site, grown)
    assert any(path.startswith("index/lists/") for path in written)
    assert files(site) == dict(build(pool, tmp_path))
    shrunk = update([], [document.code for document in pool[35:]], site)
    assert shrunk is not None
    written = write(site, shrunk)
    assert any(path.startswith("index/lists/") and data is None for path, data in written.items())
    assert files(site) == dict(build(pool[:35], site))


def test_nothing_changed_writes_nothing(tmp_path: Path) -> None:
    found = documents(40)
    site = indexed(tmp_path, found)
    told = update(found[:7], [], site)
    assert told is not None
    assert list(told) == []


def test_a_small_change_touches_few_files(tmp_path: Path) -> None:
    found = documents(400)
    site = indexed(tmp_path, found)
    told = update([changed(found[9], date="2026-12-01")], [], site)
    assert told is not None
    names = {path for path, _ in told}
    assert {"index/columns/newest.js"} <= names
    assert len(names) <= 5


@pytest.mark.parametrize("damage", ["index/meta.js", "index/numbers.txt", "index/columns/theme.js", "index/grams/0/0.js"])
@pytest.mark.parametrize("how", [b"", b'__b("x","eJw")', None])
def test_a_damaged_index_is_built_anew(tmp_path: Path, damage: str, how: bytes | None) -> None:
    found = documents(30)
    site = indexed(tmp_path, found)
    if how is None:
        (site / damage).unlink()
    else:
        (site / damage).write_bytes(how)
    told = update([changed(document, title="另外的题目") for document in found], [], site)
    assert told is None or damage == "index/grams/0/0.js"
    assert dict(build(found, site)).keys() >= {damage}


def test_an_index_that_outgrew_its_shards_is_built_anew(tmp_path: Path) -> None:
    site = indexed(tmp_path, documents(30))
    assert update(documents(900)[30:], [], site) is None


def test_no_documents(tmp_path: Path) -> None:
    site = indexed(tmp_path, [])
    assert shards.read(site, "meta") is not None
    told = update(documents(3), [], site)
    assert told is None or write(site, told)


def test_folders_stay_small(tmp_path: Path) -> None:
    site = indexed(tmp_path, documents(900))
    for folder in site.rglob("*"):
        assert not folder.is_dir() or len(list(folder.iterdir())) <= 700
