"""Loads and switches of DataStore tables on the real CKAN: what readers see meanwhile, and what is left when something fails."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import PublishError, SiteError
from govdata.publishing.ckan.applying import WITHOUT_FILE
from govdata.publishing.ckan.columns import columns_of
from govdata.publishing.ckan.database import switch_outside
from govdata.publishing.ckan.loading import Means, Way, load
from govdata.publishing.ckan.shadows import (
    Shadow,
    drop,
    find_holding,
    holding_name,
    holdings,
    make_shadow,
    open_holding,
    remove_table,
    retire,
    shadows_in,
    sweep,
)
from govdata.publishing.ckan.site import Site, Upload
from govdata.publishing.ckan.sums import Loaded
from govdata.publishing.ckan.switching import hand_over, index_names, switch
from govdata.publishing.frames import in_frames
from govdata.publishing.rows import Values
from tests.targets.conftest import Site as Stack
from tests.targets.samples import plain

pytestmark = pytest.mark.service

SCHEMA = {
    "fields": [
        {"name": "编号", "type": "integer", "x-english": "id", "constraints": {"required": True, "minimum": 0, "maximum": 10**9}},
        {"name": "名称", "type": "string", "description": "50% 的 :名称 \\ \\:x", "title": "停车场名称"},
        {"name": "收费", "type": "number", "x-unit": "元/小时"},
        {"name": "启用", "type": "date"},
        {"name": "更新", "type": "datetime"},
        {"name": "开放", "type": "boolean"},
        {"name": "版本", "type": "integer"},
    ],
    "primaryKey": ["编号"],
}
COLUMNS = columns_of(SCHEMA)


def rows(count: int, version: int = 1) -> Iterator[Values]:
    """Rows with everything that is awkward in JSON, CSV and COPY."""
    for number in range(count):
        name = (f"徐家汇{number}", "制表\t、换行\n、回车\r、反斜杠\\、引号\"'", "", None, "\\N")[number % 5]
        price = (None, "8.50", "0.1000000000000000055511151231257827", "-3")[number % 4]
        moment = ("2026-01-05 08:00:00", "2026-01-05 08:00:00.123456", "0001-01-01 00:00:00", None)[number % 4]
        yield str(number), name, price, "2026-02-28" if number % 3 else None, moment, ("true", "false", None)[number % 3], str(version)


@dataclass
class Bench:
    """An organisation of a test with a dataset of one resource."""

    stack: Stack
    site: Site
    anyone: Site
    organisation: str
    dataset: str
    resource: str
    shadows: list[str] = field(default_factory=list)

    def load(
        self, way: Way, count: int = 100, version: int = 1, run: str = "run", columns: Any = COLUMNS, framed: bool = False
    ) -> tuple[Shadow, Loaded]:
        """A filled shadow."""
        shadow = make_shadow(self.site, open_holding(self.site, self.organisation), self.resource, run)
        self.shadows.append(shadow.id)
        means = Means(self.site, way, self.stack.write_url, batch=50)
        frames = (lambda: in_frames(rows(count, version), len(columns))) if framed else None
        return shadow, load(means, shadow, columns, lambda: rows(count, version), frames=frames)

    def put(self, way: Way = "sql", count: int = 100, version: int = 1) -> str:
        """A table loaded and switched."""
        shadow, loaded = self.load(way, count, version)
        return switch(self.site, shadow, COLUMNS, loaded, "plugin" if way == "plugin" else "sql", self.stack.write_url)

    def has_plugin(self) -> bool:
        """Whether our plugin runs on the site."""
        try:
            return bool(self.site.act("govdata_capabilities")["datastore_switch"])
        except SiteError:
            return False

    def found(self, resource: str = "", **more: Any) -> dict[str, Any]:
        """What anyone finds in the table."""
        found: dict[str, Any] = self.anyone.act("datastore_search", {"resource_id": resource or self.resource, **more})
        return found

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement; `{}` is the table."""
        import psycopg

        with psycopg.connect(self.stack.write_url) as connection:
            cursor = connection.execute(statement.replace("{}", f'"{self.resource}"').encode())
            return list(cursor.fetchall()) if cursor.description else []

    def left(self) -> list[str]:
        """Shadows of this test that are still a table."""
        tables = {name for (name,) in self.sql("SELECT relname FROM pg_class WHERE relkind = 'r'")}
        return [shadow for shadow in self.shadows if shadow in tables]


@pytest.fixture
def bench(sites: Any, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """On the stock site, unless the test asks for another."""
    stack: Stack = sites[getattr(request, "param", "stock")]
    with Site(stack.url, stack.token) as site, Site(stack.url) as anyone:
        name = f"test-{uuid.uuid4().hex[:12]}"
        organisation = site.act("organization_create", {"name": name})["id"]
        dataset, resource = str(uuid.uuid4()), str(uuid.uuid4())
        told = {"id": resource, "name": "停车场", "url": "https://example.org/parking.csv"}
        site.act("package_create", plain(stack.name, organisation, told, id=dataset, name=name, notes=name))
        made = Bench(stack, site, anyone, organisation, dataset, resource)
        yield made
        holding = find_holding(site, organisation)
        for shadow, _ in shadows_in(holding or {}):
            drop(site, shadow)
        for package in filter(None, (dataset, holding and holding["id"])):
            site.act("dataset_purge", {"id": package})
        made.sql("DROP TABLE IF EXISTS {} CASCADE")
        site.act("organization_purge", {"id": organisation})


def refused(kind: str, call: Callable[..., object], *args: object) -> None:
    """The call is refused in this way."""
    with pytest.raises(SiteError) as caught:
        call(*args)
    assert caught.value.kind == kind


SITES = pytest.mark.parametrize("bench", ["stock", "govdata"], indirect=True)


@SITES
def test_all_ways_give_the_same_typed_table(bench: Bench) -> None:
    seen = []
    ways: list[Way] = ["api", "sql", *(["plugin"] if bench.has_plugin() else [])]
    for way, framed in [*((way, False) for way in ways), *((way, True) for way in ways)]:
        shadow, loaded = bench.load(way, 100, framed=framed)
        inside = "plugin" if way == "plugin" else "sql"
        assert switch(bench.site, shadow, COLUMNS, loaded, inside, bench.stack.write_url) == "switched"
        info = bench.anyone.act("datastore_info", {"id": bench.resource})
        described = [(item["id"], item["type"], item["schema"]["notnull"], item["info"]) for item in info["fields"]]
        indexes = bench.sql(
            "SELECT indexname, replace(indexdef, tablename, '') FROM pg_indexes WHERE tablename = '{}' ORDER BY 1".replace(
                "{}", bench.resource
            )
        )
        seen.append((loaded, described, bench.sql("SELECT * FROM {} ORDER BY _id"), indexes, bench.found()["total"]))
    assert all(one == seen[0] for one in seen)
    loaded, described, held, indexes, total = seen[0]
    assert (loaded.rows, total, len(held)) == (100, 100, 100)
    assert [item[:3] for item in described] == [
        ("id", "int8", True), ("名称", "text", False), ("收费", "numeric", False), ("启用", "date", False),
        ("更新", "timestamp", False), ("开放", "bool", False), ("版本", "numeric", False),
    ]  # fmt: skip
    assert described[0][3] == {"label": "编号", "required": True, "field": "编号"}
    assert described[1][3] == {"label": "停车场名称", "notes": "50% 的 :名称 \\ \\:x", "field": "名称"}
    assert described[2][3]["unit"] == "元/小时"
    assert [row[3] for row in held[:5]] == [row[1] for row in rows(5)]
    assert [row[0] for row in held] == list(range(1, 101)), "rows stand in the order of the file"
    assert {name for name, _ in indexes} >= set(index_names("x", bench.resource, COLUMNS).values())
    assert bench.left() == []
    assert list(shadows_in(find_holding(bench.site, bench.organisation) or {})) == []


def test_rows_can_be_added_by_ckan_afterwards(bench: Bench) -> None:
    bench.put(count=10)
    more = {
        "resource_id": bench.resource,
        "force": True,
        "records": [{"id": 3, "名称": "改"}, {"id": 77, "名称": "新"}],
        "method": "upsert",
    }
    bench.site.act("datastore_upsert", {**more, "calculate_record_count": False})
    assert bench.sql("SELECT _id, id, \"名称\" FROM {} WHERE \"名称\" IN ('改', '新') ORDER BY id") == [(4, 3, "改"), (12, 77, "新")]
    found = bench.found(q="新")
    assert [record["id"] for record in found["records"]] == [77], "the full-text trigger is there"
    before = bench.sql("SELECT count(*) FROM pg_indexes WHERE tablename = '" + bench.resource + "'")
    bench.site.act("datastore_create", {"resource_id": bench.resource, "force": True, "fields": [{"id": "名称", "info": {"label": "改"}}]})
    assert bench.sql("SELECT count(*) FROM pg_indexes WHERE tablename = '" + bench.resource + "'") == before, (
        "CKAN knows our indexes by name"
    )


def test_aliases_grants_triggers_indexes_and_comments_are_kept(bench: Bench) -> None:
    bench.put(count=5)
    alias = f"停车场-{bench.resource[:8]}"
    bench.site.act("datastore_create", {"resource_id": bench.resource, "force": True, "aliases": [alias]})
    bench.sql(f'CREATE VIEW "{alias}-2" AS SELECT id FROM "{alias}" WHERE id < 3')
    bench.sql(f"GRANT SELECT (id) ON {{}} TO PUBLIC; GRANT UPDATE ON \"{alias}\" TO PUBLIC; COMMENT ON TABLE {{}} IS '说明'")
    function = f"f{uuid.uuid4().hex[:8]}"
    bench.sql(f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    bench.sql(
        f'CREATE TRIGGER t000 BEFORE INSERT ON {{}} FOR EACH ROW EXECUTE FUNCTION {function}(); CREATE INDEX "i{alias}" ON {{}} ("启用")'
    )
    told = f"""
        SELECT c.relname, c.relacl::text, obj_description(c.oid),
            (SELECT string_agg(tgname, ',' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid),
            (SELECT string_agg(attname || attacl::text, ',') FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL),
            (SELECT string_agg(i.relname, ',' ORDER BY i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
             WHERE x.indrelid = c.oid)
        FROM pg_class c WHERE relname IN ('{bench.resource}', '{alias}', '{alias}-2') ORDER BY 1"""
    before = bench.sql(told)
    for count in (7, 8):
        bench.put(count=count)
        assert bench.sql(told) == before
        assert bench.found(alias)["total"] == count
        assert bench.sql(f'SELECT count(*) FROM "{alias}-2"') == [(3,)]
    assert [item[3] for item in before if item[0] == bench.resource] == ["t000,zfulltext"]
    bench.sql(f"DROP FUNCTION {function}() CASCADE")


def test_columns_may_change_and_aliases_follow(bench: Bench) -> None:
    bench.put(count=5)
    alias = f"alias-{bench.resource[:8]}"
    bench.site.act("datastore_create", {"resource_id": bench.resource, "force": True, "aliases": [alias]})
    fewer = columns_of({"fields": [{"name": "名称"}, {"name": "新列", "type": "date"}]})
    shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "run")
    loaded = load(Means(bench.site, "sql", bench.stack.write_url), shadow, fewer, lambda: iter([("甲", "2026-01-05")]))
    assert switch(bench.site, shadow, fewer, loaded, "sql", bench.stack.write_url) == "switched"
    assert bench.found(alias)["records"] == [{"_id": 1, "名称": "甲", "新列": "2026-01-05"}]


def test_what_does_not_fit_leaves_the_old_table(bench: Bench) -> None:
    bench.put(count=5, version=1)
    name = f"v{uuid.uuid4().hex[:8]}"
    bench.sql(f'CREATE VIEW {name} AS SELECT "收费" * 2 AS double FROM {{}}')
    fewer = columns_of({"fields": [{"name": "名称"}]})
    shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "run")
    loaded = load(Means(bench.site, "sql", bench.stack.write_url), shadow, fewer, lambda: iter([("甲",)]))
    with pytest.raises(PublishError, match="datastore-switch-view"):
        switch_outside(bench.stack.write_url, shadow, loaded, {})
    bench.sql(f"DROP VIEW {name}; CREATE MATERIALIZED VIEW {name} AS SELECT id FROM {{}}")
    with pytest.raises(PublishError, match="datastore-switch-depends"):
        switch_outside(bench.stack.write_url, shadow, loaded, {})
    bench.sql(f"DROP MATERIALIZED VIEW {name}")
    with pytest.raises(PublishError, match="datastore-switch-rows"):
        switch_outside(bench.stack.write_url, shadow, Loaded(loaded.rows, str(int(loaded.checksum) + 1)), {})
    with pytest.raises(PublishError, match="datastore-switch-rows"):
        switch_outside(bench.stack.write_url, shadow, Loaded(loaded.rows + 1, loaded.checksum), {})
    assert (bench.found()["total"], bench.found()["records"][0]["版本"]) == (5, 1)
    assert switch_outside(bench.stack.write_url, shadow, loaded, {}) == "switched"
    assert switch_outside(bench.stack.write_url, shadow, loaded, {}) == "already", "an answer that was lost is found out"


@SITES
def test_readers_see_the_old_or_the_new_table(bench: Bench) -> None:
    import psycopg

    way: Way = "plugin" if bench.has_plugin() else "sql"
    bench.put(count=120, version=0)
    alias = f"alias-{bench.resource[:8]}"
    bench.site.act("datastore_create", {"resource_id": bench.resource, "force": True, "aliases": [alias]})
    seen: list[object] = []
    stop = threading.Event()

    def read() -> None:
        with Site(bench.stack.url) as site:
            while not stop.is_set():
                try:
                    found = site.act("datastore_search", {"resource_id": bench.resource, "limit": 200, "fields": ["版本"]})
                    versions = {int(record["版本"]) for record in found["records"]}
                    seen.append((len(versions), len(found["records"]), found["total"]))
                except SiteError as error:
                    # CKAN 2.12 answers 500 to a reader now and then, switch or not: it reads a result of a connection that it gave back.
                    if error.kind != "unavailable":
                        seen.append(error)

    def read_alias() -> None:
        while not stop.is_set():
            try:
                seen.extend(bench.sql(f'SELECT count(DISTINCT "版本")::int, count(*)::int, count(*)::int FROM "{alias}"'))
            except psycopg.Error as error:
                seen.append(error)

    readers = [threading.Thread(target=target) for target in (read, read, read_alias, read_alias)]
    for reader in readers:
        reader.start()
    try:
        for version in range(1, 6):
            bench.put(way, 120, version)
            while len(seen) < 10 * version and all(reader.is_alive() for reader in readers):
                time.sleep(0.01)  # readers may be slower than switches
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert len(seen) > 40
    assert [found for found in seen if found != (1, 120, 120)] == []
    assert bench.found()["records"][0]["版本"] == 5


def twice() -> Iterator[Values]:
    """Rows of which two have one key."""
    yield from rows(100)
    yield from rows(1)


@SITES
def test_a_load_that_fails_leaves_the_old_table_and_no_litter(bench: Bench) -> None:
    bench.put(count=5, version=1)
    ways: list[Way] = ["api", "sql", *(["plugin"] if bench.has_plugin() else [])]
    for way in ways:
        shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "run")
        bench.shadows.append(shadow.id)
        with pytest.raises(PublishError):
            load(Means(bench.site, way, bench.stack.write_url, batch=40), shadow, COLUMNS, twice)
        assert bench.found()["total"] == 5
        drop(bench.site, shadow)
    assert bench.left() == []


class Killed(BaseException):
    """Stands for the end of the process: nothing is tidied up."""


def test_a_load_that_is_killed_leaves_what_the_next_run_sweeps(bench: Bench) -> None:
    bench.put(count=5, version=1)
    ours, others = "run-1", "run-2"

    def dying() -> Iterator[Values]:
        yield from rows(90)
        raise Killed

    holding = open_holding(bench.site, bench.organisation)
    killed, alive = (make_shadow(bench.site, holding, bench.resource, run) for run in (ours, others))
    bench.shadows += [killed.id, alive.id]
    with pytest.raises(Killed):
        load(Means(bench.site, "api", batch=40), killed, COLUMNS, dying)
    load(Means(bench.site, "api", batch=40), alive, COLUMNS, lambda: rows(50))
    assert bench.found()["total"] == 5
    refused("not-allowed", bench.found, killed.id)
    now = datetime.now(UTC)
    assert holding_name(bench.organisation) in holdings(bench.site)
    assert sweep(bench.site, holding_name(bench.organisation), runs={ours}, now=now, after=86400) == (killed.id,)
    assert bench.left() == [alive.id], "another run's is let alone"
    assert sweep(bench.site, holding_name(bench.organisation), runs=set(), now=now + timedelta(days=2), after=86400) == (alive.id,)
    assert bench.left() == []
    assert bench.found()["total"] == 5


class Lossy(Site):
    """A site whose answers to some writes are lost after they were done, or which never get there."""

    def __init__(self, stack: Stack, lost: dict[int, str]) -> None:
        super().__init__(stack.url, stack.token)
        self.lost, self.inserts, self.counting = lost, 0, threading.Lock()

    def act(self, action: str, data: Any = None, **more: Any) -> Any:
        if action != "datastore_upsert" or json.loads(data)["method"] != "insert":
            return super().act(action, data, **more)
        with self.counting:  # batches come from several threads
            self.inserts += 1
            how = self.lost.get(self.inserts)
        found = None if how == "before" else super().act(action, data, **more)
        if how:
            raise SiteError("unavailable", unsure=True, url=self.url, action=action, what="HTTP 500")
        return found


@pytest.mark.parametrize("lost", [{1: "after", 2: "before"}, {2: "after", 3: "before"}], ids=["alone", "side-by-side"])
@pytest.mark.parametrize("key", [True, False])
def test_batches_of_which_nobody_knows_are_written_once(bench: Bench, key: bool, lost: dict[int, str]) -> None:
    columns = COLUMNS if key else columns_of({**SCHEMA, "primaryKey": []})
    shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "run")
    tries: list[Iterator[Values]] = []

    def begun() -> Iterator[Values]:
        tries.append(rows(150))
        return tries[-1]

    with Lossy(bench.stack, lost) as site:
        loaded = load(Means(site, "api", batch=40), shadow, columns, begun)
    if key:
        assert (len(tries), site.inserts) == (1, 4)
    elif 1 in lost:  # the first batch goes alone: no other is on its way when its answer is lost
        assert (len(tries), site.inserts) == (3, 1 + 1 + 4)
    else:
        assert len(tries) in (2, 3)
    assert switch_outside(bench.stack.write_url, shadow, loaded, {}) == "switched"
    assert bench.found()["total"] == 150


def test_removed_data_cannot_be_read_by_anyone(bench: Bench, tmp_path: Path) -> None:
    import httpx

    bench.put(count=5)
    alias = f"alias-{bench.resource[:8]}"
    bench.site.act("datastore_create", {"resource_id": bench.resource, "force": True, "aliases": [alias]})
    (tmp_path / "x.csv").write_text("secret\n1\n")
    bench.site.upload(bench.resource, Upload(tmp_path / "x.csv", "x.csv", "text/csv"))
    url = bench.site.act("resource_show", {"id": bench.resource})["url"]
    dump = f"{bench.stack.url}/datastore/dump/{bench.resource}"
    assert [httpx.get(address, trust_env=False).status_code for address in (url, dump)] == [200, 200]
    for _ in range(2):  # as publishing does it, and once more
        remove_table(bench.site, bench.resource)
        bench.site.act("package_revise", {"match__id": bench.dataset, f"update__resources__{bench.resource}": WITHOUT_FILE})
    drops = {"match__id": bench.dataset, "filter": [f"-resources__{bench.resource}"], "include": ["-*"]}
    for step in ("removed", "dropped"):
        for headers in ({}, {"Authorization": bench.stack.token}):
            answers = [httpx.get(address, headers=headers, trust_env=False) for address in (url, url.rpartition("/")[0], dump)]
            assert all(answer.status_code >= 400 and "secret" not in answer.text for answer in answers), step
        for site in (bench.site, bench.anyone):
            for name in (bench.resource, alias):
                with pytest.raises(SiteError) as caught:
                    site.act("datastore_search", {"resource_id": name})
                assert caught.value.kind == "not-found"
        bench.site.act("package_revise", drops)
    assert bench.sql("SELECT relname FROM pg_class WHERE relname IN ('" + bench.resource + "', '" + alias + "')") == []


def test_a_file_that_is_another_by_now_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    before = bench.site.act("resource_show", {"id": bench.resource})
    (tmp_path / "x.csv").write_text("a,b\n" * 100_000)
    with pytest.raises(PublishError, match="file-moved"):
        bench.site.upload(bench.resource, Upload(tmp_path / "x.csv", "x.csv", "text/csv", "0" * 64))
    assert bench.site.act("resource_show", {"id": bench.resource}) == before


def test_without_a_switch_a_resource_of_another_id_takes_the_place(bench: Bench) -> None:
    shadow, loaded = bench.load("api", 60, 1)
    refused("not-allowed", bench.found, shadow.id)
    old = bench.resource
    for version in (1, 2):
        hand_over(bench.site, shadow)
        refused("not-found", bench.found, shadow.id)
        shown = {"id": shadow.id, "name": "停车场", "url": "https://example.org/parking.csv", "datastore_active": True}
        bench.site.act(
            "package_revise", {"match__id": bench.dataset, "filter": [f"-resources__{old}"], "update__resources__extend": [shown]}
        )
        assert bench.found(shadow.id)["total"] == loaded.rows == 60 * version
        retire(bench.site, shadow.holding, old)
        refused("not-found", bench.found, old)
        assert [item["id"] for item in bench.anyone.act("package_show", {"id": bench.dataset})["resources"]] == [shadow.id]
        old = shadow.id
        shadow, loaded = bench.load("api", 120, 2)
    drop(bench.site, shadow)
    assert bench.left() == [old]
    bench.resource = old


def test_two_runs_make_shadows_at_once(bench: Bench) -> None:
    made: list[Shadow] = []

    def make(run: str) -> None:
        with Site(bench.stack.url, bench.stack.token) as site:
            made.extend(make_shadow(site, open_holding(site, bench.organisation), bench.resource, run) for _ in range(3))

    threads = [threading.Thread(target=make, args=(f"run-{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = {shadow.id for shadow, _ in shadows_in(find_holding(bench.site, bench.organisation) or {})}
    assert len(made) == 9
    assert listed == {shadow.id for shadow in made}


def test_a_reader_that_does_not_end_is_let_through(bench: Bench) -> None:
    import psycopg

    bench.put(count=5, version=1)
    shadow, loaded = bench.load("sql", 6, 2)
    with psycopg.connect(bench.stack.write_url) as reader:
        reader.execute(f'SELECT * FROM "{bench.resource}" LIMIT 1'.encode())
        worker = threading.Thread(target=switch_outside, args=(bench.stack.write_url, shadow, loaded, {}))
        worker.start()
        time.sleep(2.5)
        assert bench.found(limit=0)["total"] == 5, "others read on while the switch waits"
        assert worker.is_alive()
    worker.join(30)
    assert bench.found()["total"] == 6


@pytest.mark.parametrize(("bench", "way"), [("stock", "api"), ("stock", "sql"), ("govdata", "plugin")], indirect=["bench"])
def test_a_row_that_fits_on_no_page_is_told(bench: Bench, way: Way) -> None:
    if way == "plugin" and not bench.has_plugin():
        pytest.skip("the plugin is not on this site")
    wide = columns_of({"fields": [{"name": f"列{number}", "type": "string"} for number in range(600)]})
    shadow = make_shadow(bench.site, open_holding(bench.site, bench.organisation), bench.resource, "wide")
    with pytest.raises(PublishError, match="datastore-row-size"):
        load(Means(bench.site, way, bench.stack.write_url), shadow, wide, lambda: iter([("值" * 13,) * 600]))
    drop(bench.site, shadow)


@pytest.mark.parametrize("bench", ["govdata"], indirect=True)
def test_blocks_sent_twice_are_written_once_and_refusals_are_told(bench: Bench) -> None:
    if not bench.has_plugin():
        pytest.skip("the plugin is not on this site")
    shadow, loaded = bench.load("plugin", 10, 1)
    block = {"resource_id": shadow.id, "columns": ["_id", "id"], "after": 10, "lines": "11\t11\n12\t12\n"}
    assert [bench.site.act("govdata_datastore_copy", block)["rows"] for _ in range(2)] == [2, 2]
    for wrong in ({"after": 11}, {"lines": "13\tx\n", "after": 12}, {"columns": ["id"]}, {"lines": "13\t13"}, {"lines": "13\t\ud800\n"}):
        refused("invalid", bench.site.act, "govdata_datastore_copy", json.dumps({**block, **wrong}).encode())
    refused("not-allowed", bench.anyone.act, "govdata_datastore_copy", block)
    with pytest.raises(PublishError, match="datastore-switch-rows"):
        switch(bench.site, shadow, COLUMNS, loaded, "plugin")
    drop(bench.site, shadow)
