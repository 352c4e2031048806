"""Catalogs and tables put together from those of before: to the byte what they are when they are made from nothing."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from govdata.classes import replace
from govdata.publishing.site.exports.catalogs import catalog_files, graph_files
from govdata.publishing.site.exports.listings import listing_files
from govdata.publishing.site.exports.runs import Before, runs
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Record
from tests.site.exports import samples

FILES = ("catalog.jsonld", "catalog.ttl", "catalog.rdf", "catalog.csv", "catalog.parquet")
OLD = [*samples.RECORDS, *samples.many(520)]
LAST = sorted(record.code for record in OLD)[-1]


def changed() -> list[Record]:
    """Some other, some gone, some new, the last too."""
    some = {record.code: record for record in OLD}
    codes = sorted(some)
    for code in (codes[3], codes[400], LAST):
        some[code] = replace(some[code], title='"另"一个,\n|题目', description="一\r\n二")
    for code in (codes[0], codes[10], codes[11]):
        del some[code]
    for code in ("0", f"{codes[300]}x", "停车场"):
        some[code] = replace(some[LAST], code=code, title="新")
    return list(some.values())


Own = dict[str, bytes]
"""The files of datasets, by path."""


def own_of(records: list[Record], portal: Portal) -> Own:
    return {path: data for record in records for path, data in graph_files(record, portal)}


def made(records: list[Record], portal: Portal, own: Own, before: Before | None = None) -> tuple[dict[str, bytes], set[str]]:
    """The files of all datasets, and which files of theirs were read for it."""
    read: set[str] = set()

    def reading(path: str) -> bytes:
        read.add(path)
        return own[path]

    found: dict[str, list[bytes]] = {}
    listed = samples.summaries(*records)
    for path, piece in (*catalog_files(listed, portal, reading, before), *listing_files(listed, portal, before)):
        found.setdefault(path, []).append(piece)
    return {path: b"".join(pieces) for path, pieces in found.items()}, read


def written(files: dict[str, bytes], folder: Path) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def before_of(site: Path, records: list[Record]) -> Before:
    was = {record.code: record for record in OLD}
    return Before(site, tuple(sorted(was)), {record.code for record in records if was.get(record.code) == record})


class Case(NamedTuple):
    """A portal, the old files below a folder, and what is wanted now."""

    portal: Portal
    site: Path
    own: Own
    """As they are now."""
    wanted: dict[str, bytes]


@pytest.fixture(scope="module", params=["", samples.URL, "safe"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A site that knows where it is served, one that does not, and one with tables for spreadsheets."""
    portal = samples.portal("", safe_csv=True) if request.param == "safe" else samples.portal(request.param)
    site = written(made(OLD, portal, own_of(OLD, portal))[0], tmp_path_factory.mktemp("old"))
    own = own_of(changed(), portal)
    return Case(portal, site, own, made(changed(), portal, own)[0])


def test_they_are_as_made_from_nothing(case: Case) -> None:
    found, read = made(changed(), case.portal, case.own, before_of(case.site, changed()))
    assert found == case.wanted
    assert len(read) == 3 * 6, "only of those that are other or new"
    again, read = made(OLD, case.portal, {}, before_of(case.site, OLD))
    assert (again, read) == ({path: (case.site / path).read_bytes() for path in again}, set())


@pytest.mark.parametrize("way", ["cut", "end gone", "empty", "gone", "twice", "other"])
def test_what_befell_the_old_ones_is_mended(way: str, case: Case, tmp_path: Path) -> None:
    site = written({path: (case.site / path).read_bytes() for path in FILES}, tmp_path)
    for name in FILES:
        data = (site / name).read_bytes()
        half = len(data) // 2
        cut = data[:half] + data[half + 20_000 :]
        ways = {"cut": cut, "end gone": data[:-100], "empty": b"", "twice": data[:half] + data, "other": b"x" * 99}
        (site / name).write_bytes(ways.get(way, b""))
        if way == "gone":
            (site / name).unlink()
    found, _ = made(changed(), case.portal, case.own, before_of(site, changed()))
    assert [path for path in found if found[path] != case.wanted[path]] == []


def test_runs_follow_the_old_order() -> None:
    listed = sorted(samples.summaries(*samples.many(9)), key=lambda item: item.code)
    codes = [item.code for item in listed]
    before = Before(Path(), (codes[0], "gone", *codes[1:5], *codes[6:]), {*codes} - {codes[3]})
    found = [(len(run.items), run.place) for run in runs(listed, before)]
    assert found == [(1, 0), (2, 2), (1, -1), (1, 5), (1, -1), (3, 6)]
    assert [(len(run.items), run.place) for run in runs(listed, None)] == [(9, -1)]
    assert list(runs([], before)) == []
    assert [(len(run.items), run.place) for run in runs(listed, before, least=2)] == [(1, -1), (2, 2), (3, -1), (3, 6)]
    assert [(len(run.items), run.place) for run in runs(listed, before, least=4)] == [(9, -1)]
