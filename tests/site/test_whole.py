"""A site with all its parts: everything is there, every address leads somewhere, and only what depends on a change is written anew."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from govdata.publishing.site import machines, preparing
from govdata.publishing.site.exports import downloads, listings
from govdata.publishing.site.preparing import Asked
from govdata.publishing.site.publication import open_publication
from tests.site.directories import ID, Directory, actions, contents, directory


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    """A directory with two datasets, one of them with data, and its site."""
    found = directory(tmp_path_factory.mktemp("whole"))
    found.put("a", "307001/000001", "停车场甲")
    found.put("b", "307001/000002", "停车场<乙>", data=None)
    found.publish()
    return found


class Links(HTMLParser):
    """The addresses in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of where a tag leads."""
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def test_every_address_on_a_page_leads_to_a_file(made: Directory) -> None:
    broken = []
    pages = sorted(path for path in made.site.rglob("*.html") if path.name != "404.html")
    assert len(pages) > 100
    for page in pages:
        links = Links()
        links.feed(page.read_text(encoding="utf-8"))
        for link in links.found:
            path = unquote(re.split("[?#]", link)[0])
            if path and not re.match("[a-z]+:", link) and not (page.parent / path).is_file():
                broken.append((page.relative_to(made.site).as_posix(), link))
    assert broken == []


def test_all_parts_are_there(made: Directory) -> None:
    files = set(contents(made.site))
    (folder,) = (path.parent for path in made.site.glob("datasets/*/307001-000001/index.html"))
    below = folder.relative_to(made.site).as_posix()
    wanted = {f"{below}/{name}" for name in ("index.json", "dcat.jsonld", "dcat.ttl", "dcat.rdf", "datapackage.json", "data/SHA256SUMS")}
    wanted |= {"index.html", "search.html", "feed.xml", "catalog.ttl", "catalog.csv", "api/index.json", "robots.txt", "history.jsonl"}
    assert wanted <= files
    record = json.loads((folder / "index.json").read_bytes())
    for download in record["resources"][0]["downloads"]:
        assert hashlib.sha256((folder / download["name"]).read_bytes()).hexdigest() == download["sha256"]
    assert record["resources"][0]["preview"]["rows"] == [["000001", "甲", "10"], ["000002", "乙", "20"]]


def test_what_a_change_does_not_reach_stays(made: Directory) -> None:
    before = stamped(made.site)
    _, outcome = made.publish()
    assert (outcome, stamped(made.site)) == (None, before)
    made.put("b", "307001/000002", "停车场丙", data=None)
    made.publish()
    after = stamped(made.site)
    written = {path for path in after if after[path] != before.get(path)}
    assert not [path for path in written if "307001-000001" in path or path.startswith(("codes/", "rules/", "standards/", "assets/"))]
    assert {"index.html", "datasets/index.html", "feed.xml", "catalog.ttl"} <= written


def test_of_what_leaves_no_data_stays(made: Directory) -> None:
    made.put("b", "307001/000009", "停车场丁")
    made.publish()
    assert [path for path in contents(made.site) if "307001-000009" in path and "/data/" in path]
    shutil.rmtree(made.path / "b")
    made.put("b", "307001/000002", "停车场丙", data=None)
    made.publish()
    left = [path.rpartition("/")[2] for path in contents(made.site) if "307001-000009" in path]
    assert sorted(left) == ["index.html", "index.json"]
    assert "000001,甲" not in "".join(path.read_text(encoding="utf-8") for path in made.site.rglob("*.csv") if "307001-000009" in str(path))


def stamped(folder: Path) -> dict[str, tuple[int, int]]:
    """Path → number on the disk and time of the last writing."""
    return {path: ((folder / path).stat().st_ino, (folder / path).stat().st_mtime_ns) for path in contents(folder)}


def test_the_same_directory_gives_the_same_bytes(made: Directory, tmp_path: Path) -> None:
    built = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        found = directory(tmp_path / name)
        for folder in ("a", "b"):
            shutil.copytree(made.path / folder, found.path / folder)
        found.publish()
        built.append(contents(found.site))
    assert built[0] == built[1]


def test_feeds_of_datasets_without_a_date_follow_the_newest_of_the_others(tmp_path: Path) -> None:
    found = directory(tmp_path)
    folder = found.put("a", "307001/000001", data=None)
    lines = (folder / "entry.yaml").read_text(encoding="utf-8").replace("停车, 泊位, 水", "没有日期").splitlines(keepends=True)
    text = "".join(line for line in lines if not line.startswith(("发布日期", "更新日期")))
    (folder / "entry.yaml").write_text(f"standard: core\n{text}", encoding="utf-8")
    other = found.put("b", "307001/000002", data=None) / "entry.yaml"
    found.publish()
    other.write_text(other.read_text(encoding="utf-8").replace("2026-10-08", "2026-10-20"), encoding="utf-8")
    found.publish()
    assert [path for path in found.site.glob("tags/*/*/feed.json") if "没有日期" in path.read_text(encoding="utf-8")]
    assert all("2026-10-20" in path.read_text(encoding="utf-8") for path in found.site.rglob("feed.json"))


def built(found: Directory, more: str) -> dict[str, str]:
    """The files of a site built as its table in the settings says."""
    table = f'\n[targets.site.open]\npath = "{found.site}"\nzone = "internet"\n'
    (found.path / "govdata.toml").write_text(f'directory = "{ID}"\n{table}{more}', encoding="utf-8")
    with open_publication("site:open", found.path, "en", Asked(jobs=1), writes=True) as publication:
        publication.plan()
        assert publication.apply().kept == ()
    return contents(found.site)


def test_downloads_follow_the_settings(tmp_path: Path) -> None:
    found = directory(tmp_path)
    found.put("a", "307001/000001")
    without = built(found, "")
    assert [path for path in built(found, "safe_csv = true\n") if path.endswith("/数据-safe.csv")]
    assert built(found, "") == without


def test_of_a_language_that_is_no_more_nothing_stays(tmp_path: Path) -> None:
    found = directory(tmp_path)
    found.put("a", "307001/000001")
    alone = built(found, "")
    assert [path for path in built(found, 'languages = ["en", "zh-CN"]\n') if path.startswith("zh/datasets/")]
    assert built(found, "") == alone
    assert [path for path in built(found, 'languages = ["zh-CN", "en"]\n') if path.startswith("en/datasets/")]
    assert not [path for path in built(found, 'languages = ["en", "zh-CN"]\n') if path.startswith("en/")]
    assert built(found, "") == alone


def test_each_declaration_of_one_file_has_its_own_table(tmp_path: Path) -> None:
    made = directory(tmp_path)
    folder = made.put("a", "307001/000001", data="编号\n007\n010\n")
    entry = (folder / "entry.yaml").read_text(encoding="utf-8").partition("资源:")[0]
    told = "".join(f"  - 文件: 数据.csv\n    信息项: [{{名称: 编号, 类型: {kind}, 长度: 9}}]\n" for kind in "CI")
    for title in ("停车场", "停车场们"):
        (folder / "entry.yaml").write_text(entry.replace("停车场", title) + "资源:\n" + told, encoding="utf-8")
        made.publish()
        (package,) = made.site.glob("datasets/*/307001-000001/datapackage.json")
        paths = [package.parent / item["path"] for item in json.loads(package.read_bytes())["resources"]]
        assert [path.read_text(encoding="utf-8") for path in paths] == ["编号\n007\n010\n", "编号\n7\n10\n"]
    assert [item.key for item in made.record("307001/000001").resources] == ["数据.csv", "数据.csv#2"]


def test_a_database_with_changes_beside_it_is_not_published(tmp_path: Path) -> None:
    """The check counts what lies beside, and the file alone, in which there may be anything, would be what everybody fetches."""
    made = directory(tmp_path)
    folder = made.put("a", "307001/000001", data="")
    entry = (folder / "entry.yaml").read_text(encoding="utf-8")
    (folder / "entry.yaml").write_text(entry.replace("数据.csv", "数据.sqlite").replace("类型: CSV", "类型: 其他"), encoding="utf-8")
    with closing(sqlite3.connect(folder / "数据.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE t (编号 TEXT PRIMARY KEY, 名称 TEXT, 泊位数 INTEGER)")
        connection.execute("INSERT INTO t VALUES ('000000', '乙', 2)")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        made.publish()
        before = contents(made.site)
        assert [path for path in before if path.endswith("数据.sqlite")]
        connection.execute("INSERT INTO t VALUES ('000001', '甲', 1)")
        plan, _ = made.publish()
        assert [(change.action, [reason.rule for reason in change.reasons]) for change in plan.changes] == [("held", ["publish/unsaved"])]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert actions(made.publish()[0]) == {"307001/000001": "update"}
    (table,) = made.site.rglob("数据.csv")
    assert table.read_text(encoding="utf-8").endswith("000001,甲,1\n")


def test_where_polars_comes_or_goes_parquet_does_for_what_did_not_change_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = directory(tmp_path)
    made.put("a", "307001/000001")

    def parquet() -> set[str]:
        made.publish()
        return {path.name for path in made.site.rglob("*.parquet")}

    with monkeypatch.context() as patched:
        for module in (downloads, listings, machines, preparing):
            patched.setattr(module, "has_parquet", lambda: False)
        assert parquet() == set()
    assert parquet() == {"catalog.parquet", "数据.parquet"}


def test_a_site_is_of_the_day_of_what_it_tells(tmp_path: Path) -> None:
    made = directory(tmp_path)
    made.put("a", "307001/000001")
    made.publish(today=date(2026, 11, 2))
    again = Directory(made.path, made.site.with_name("again"))
    again.publish(today=date(2026, 11, 2), previous=(str(made.site),))
    assert "2026-11-02" in (made.site / "about.html").read_text(encoding="utf-8")
    ours, others = contents(made.site), contents(again.site)
    assert {path for path in ours if ours[path] != others.get(path) and not path.startswith(".govdata-site")} == set()
