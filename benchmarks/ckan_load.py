"""Loads into CKAN's DataStore beside the bare thing, reads during switches, and the memory of a load. On the real stack.

    eval "$(scripts/ckan env govdata)"
    python benchmarks/ckan_load.py [--rows 1000000] [--api-rows 100000] [--rounds 5] [--switches 50] [--way plugin]
    python benchmarks/ckan_load.py --beside-api [--rows 300000] [--api-rows 100000] [--rounds 5]
    scripts/ckan restart govdata --option govdata:ckan.max_resource_size=10000
    python benchmarks/ckan_load.py --gibibytes 5

Bare inserts are calls of `datastore_upsert` with 5,000 records each, through as many connections as ours, of values that need no reading;
bare COPY is psycopg's, of a file that is written as COPY wants it, into a table with CKAN's full-text trigger and indexes. Ours reads a
CSV file by its schema, adds up the checksum, makes the key, compares what the table holds, and (COPY) switches. Both ways make the same
table. Seconds are those of the clock, as most of the work is the server's: on a busy machine only the ratios mean something.

With `--beside-api` our ways take turns with our own through the API, so that what else the machine does slows all of them; told are the
medians of the ratios, by the clock and by the processors' seconds of the whole stack and of this process.

With `--gibibytes` one dataset with a CSV file of that size, long texts in it, is checked and published by the whole command; told is the
most memory of all its processes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from entries_made import entries
from measuring import ROOT, peak, run, table

from govdata.checks.context import CheckContext
from govdata.errors import SiteError
from govdata.publishing.ckan.columns import columns_of, dictionary, primary_key
from govdata.publishing.ckan.loading import BATCH, Means, Way, load
from govdata.publishing.ckan.shadows import TYPE, Shadow, drop, make_shadow, open_holding
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.sums import Loaded, RowSum
from govdata.publishing.ckan.switching import switch
from govdata.publishing.frames import frames_of, pays, quick_rows_of
from govdata.publishing.rows import Values
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import Resource

KINDS = {
    "编号": "integer", "名称": "string", "地址": "string", "行政区划": "string", "泊位数": "integer",
    "收费": "number", "启用日期": "date", "更新时间": "datetime", "对外开放": "boolean", "备注": "string",
}  # fmt: skip
SCHEMA: dict[str, Any] = {"fields": [{"name": name, "type": kind} for name, kind in KINDS.items()], "primaryKey": ["编号"]}
COLUMNS = columns_of(SCHEMA)
CONNECTIONS = 4


def made(rows: int) -> Iterator[Values]:
    """Rows as they are canonical."""
    for number in range(rows):
        day = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}"
        moment, note = f"{day} {number % 24:02}:{number % 60:02}:00", None if number % 4 else "周末免费，节假日另计"
        road = f"上海市徐汇区衡山路{number * 7919 % 2000}号"
        first = (str(number), f"停车场{number % 5000}", road, "310104", str(number % 900), f"{number % 3000 / 100:.2f}")
        yield *first, day, moment, "true" if number % 3 else "false", note


def write_csv(path: Path, rows: int) -> None:
    """The same as a department would write it."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(KINDS) + "\n")
        for values in made(rows):
            file.write(",".join(value or "" for value in values).replace(" ", "T") + "\n")


class Ground:
    """An organisation with one resource, and the means to load it."""

    def __init__(self, site: Site, database: str, folder: Path) -> None:
        self.site, self.database, self.folder = site, database, folder
        self.name = f"bench-{uuid.uuid4().hex[:12]}"
        self.organisation = site.act("organization_create", {"name": self.name})["id"]
        self.resource = str(uuid.uuid4())
        resources = [{"id": self.resource, "name": "停车场", "url": "https://example.org/a.csv"}]
        # A type without a form of its own: the form of datasets asks for the whole entry, which is not what is measured.
        made = {"name": self.name, "notes": self.name, "owner_org": self.organisation, "resources": resources, "type": TYPE}
        site.act("package_create", made)
        self.holding = open_holding(site, self.organisation)
        self.context = CheckContext(Settings(today=date(2026, 1, 5)), read_library().standard("national"))

    def close(self) -> None:
        """Take all away again."""
        with contextlib.suppress(SiteError):
            self.site.act("datastore_delete", {"resource_id": self.resource, "force": True})
        for name in (self.name, self.holding):
            self.site.act("dataset_purge", {"id": name})
        self.site.act("organization_purge", {"id": self.organisation})

    def shadow(self) -> Shadow:
        """A new shadow."""
        return make_shadow(self.site, self.holding, self.resource, "bench")

    def table(self) -> Shadow:
        """A shadow with an empty table, key and indexes."""
        shadow = self.shadow()
        order = {"resource_id": shadow.id, "fields": dictionary(COLUMNS), "primary_key": primary_key(COLUMNS), "force": True}
        self.site.act("datastore_create", order)
        return shadow

    def ours(self, path: Path, way: Way) -> tuple[Shadow, Loaded]:
        """Our load of a CSV file into a new shadow."""
        source, shadow = Resource("a", path, path.name, "csv", schema=SCHEMA), self.shadow()
        frames = (lambda: frames_of(source, self.context, ahead=0)) if pays(source) else None
        means = Means(self.site, way, self.database, CONNECTIONS)
        return shadow, load(means, shadow, COLUMNS, lambda: quick_rows_of(source, self.context), frames=frames)


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds by the clock, and what came of it."""
    begun = time.perf_counter()
    found = call()
    return time.perf_counter() - begun, found


def bare_inserts(ground: Ground, rows: int) -> Shadow:
    """Batches of 5,000 through the API, several at once, and nothing else."""
    shadow, names = ground.table(), [column.name for column in COLUMNS]

    def send(batch: Sequence[Values]) -> None:
        records = [dict(zip(names, values, strict=True)) for values in batch]
        order = {"resource_id": shadow.id, "records": records, "method": "insert", "force": True, "calculate_record_count": False}
        ground.site.act("datastore_upsert", order, again=False)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        waiting = made(rows)
        while batches := [batch for _ in range(CONNECTIONS * 2) if (batch := list(islice(waiting, BATCH)))]:
            list(pool.map(send, batches))
    return shadow


def write_copy(path: Path, rows: int) -> None:
    """The same as COPY wants it."""
    total = RowSum()
    with path.open("w", encoding="utf-8") as file:
        file.writelines(total.add(values) + "\n" for values in made(rows))


def bare_copy(ground: Ground, path: Path) -> Shadow:
    """COPY of a file as it is."""
    import psycopg

    shadow = ground.table()
    names = ", ".join(f'"{column.name}"' for column in COLUMNS)
    statement = f'COPY "{shadow.id}" ({names}) FROM STDIN'.encode()
    with psycopg.connect(ground.database) as connection, connection.cursor().copy(statement) as copy, path.open("rb") as file:
        while block := file.read(1 << 18):
            copy.write(block)
    return shadow


def compare_api(ground: Ground, path: Path, rows: int, rounds: int) -> list[object]:
    """Ours beside bare inserts, in turn; of each the median, as pairs differ by a tenth even on a quiet machine."""
    bare, own = [], []
    for _ in range(rounds):
        seconds, shadow = timed(lambda: bare_inserts(ground, rows))
        drop(ground.site, shadow)
        bare.append(seconds)
        seconds, (shadow, loaded) = timed(lambda: ground.ours(path, "api"))
        assert loaded.rows == rows
        drop(ground.site, shadow)
        own.append(seconds)
    ratio = statistics.median(one / other for one, other in zip(bare, own, strict=True))
    return ["API", rows, f"{rows / statistics.median(bare):,.0f}", f"{rows / statistics.median(own):,.0f}", f"{ratio:.2f}"]


def whole_load(ground: Ground, path: Path, way: Way) -> tuple[Shadow, Loaded]:
    """Our load of a CSV file and, of COPY, the switch; through the API the comparison is part of the load."""
    shadow, loaded = ground.ours(path, way)
    if way != "api":
        assert switch(ground.site, shadow, COLUMNS, loaded, way, ground.database) == "switched"
    return shadow, loaded


def compare_copy(ground: Ground, path: Path, rows: int, way: Way) -> list[object]:
    """Ours, switch and all, beside bare COPY."""
    bare, shadow = timed(lambda: bare_copy(ground, path.with_suffix(".txt")))
    drop(ground.site, shadow)
    own, (_, loaded) = timed(partial(whole_load, ground, path, way))
    assert loaded.rows == rows
    return [f"COPY, {way}", rows, f"{rows / bare:,.0f}", f"{rows / own:,.0f}", f"{bare / own:.2f}"]


def processors() -> float:
    """Seconds that processors have worked for the stack and for this process, with those of theirs that have ended."""
    folder, here = Path(os.environ.get("GOVDATA_CKAN_DIR") or ROOT / ".ckan").resolve(), str(os.getpid())
    ticks: dict[str, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").resolve().is_relative_to(folder) or process.name == here:
                ticks[process.name] = sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
    if ticks.keys() == {here}:
        raise SystemExit(f"No process of the stack in {folder}: GOVDATA_CKAN_DIR says where it is.")
    return sum(ticks.values()) / os.sysconf("SC_CLK_TCK")


def beside_api(ground: Ground, sizes: Mapping[Way, int], rounds: int) -> list[list[object]]:
    """A line for each of our ways: rows a second by the clock and by processors, each also beside the API way of the same round."""
    seen: dict[Way, list[tuple[float, float]]] = {way: [] for way in sizes}
    for _ in range(rounds):
        for way, rows in sizes.items():
            path = ground.folder / f"{rows}.csv"
            if not path.exists():
                write_csv(path, rows)
            used = processors()
            seconds, (shadow, loaded) = timed(partial(whole_load, ground, path, way))
            seen[way].append((rows / seconds, rows / (processors() - used)))
            assert loaded.rows == rows
            if way == "api":
                drop(ground.site, shadow)
    lines: list[list[object]] = []
    for way, found in seen.items():
        line: list[object] = [way, sizes[way]]
        for place in (0, 1):
            ratio = statistics.median(one[place] / other[place] for one, other in zip(found, seen["api"], strict=True))
            line += [f"{statistics.median(one[place] for one in found):,.0f}", f"{ratio:.2f}"]
        lines.append(line)
    return lines


def reads_during_switches(ground: Ground, count: int, way: Way, wanted: int) -> list[object]:
    """Four readers while a table of 200 rows is switched again and again: reads, and those that saw anything but one whole table.

    CKAN 2.12 answers 500 now and then, switch or not ("cursor already closed": it reads a result of a connection that it has given
    back): these are counted apart, and beside reads of a table that nobody switches.
    """
    stop, seen = threading.Event(), []
    version = columns_of({"fields": [{"name": "版本", "type": "integer"}]})

    def put(number: int) -> None:
        shadow = ground.shadow()
        loaded = load(Means(ground.site, way, ground.database), shadow, version, lambda: ((str(number),) for _ in range(200)))
        switch(ground.site, shadow, version, loaded, way, ground.database)

    def read() -> None:
        with Site(ground.site.url) as site:
            while not stop.is_set():
                try:
                    found = site.act("datastore_search", {"resource_id": ground.resource, "limit": 300}, again=False)
                    seen.append((len({record["版本"] for record in found["records"]}), len(found["records"]), found["total"]))
                except SiteError as error:
                    seen.append(error.kind)

    if count:
        put(0)
    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    seconds, _ = timed(lambda: [put(number) for number in range(1, count + 1)])
    while len(seen) < wanted:
        if count:
            put(count)
            count += 1
        else:
            time.sleep(0.1)
    stop.set()
    for reader in readers:
        reader.join()
    wrong = [found for found in seen if found not in ((1, 200, 200), "unavailable")]
    return [way if count else "no switch", count, f"{seconds / max(count, 1):.2f} s", len(seen), len(wrong), seen.count("unavailable")]


def whole(folder: Path, gibibytes: float) -> list[object]:
    """A line about publishing one large file."""
    mark = f"3{uuid.uuid4().int % 100_000:05}"
    target = (
        f'[targets.ckan.bench]\nurl = "{os.environ["GOVDATA_CKAN_URL"]}"\nzone = "internet"\ndatastore_url = "GOVDATA_CKAN_WRITE_URL"\n'
    )
    (folder / "govdata.toml").write_text(f'directory = "{uuid.uuid4()}"\n{target}', encoding="utf-8")
    fields = [
        {"name": "编号", "englishName": "id", "type": "I", "primaryKey": True},
        {"name": "名称", "englishName": "name", "type": "C", "length": 40},
        {"name": "内容", "englishName": "content", "type": "C"},
    ]
    entry = {key: value for key, value in next(iter(entries(1))).items() if key != "fields"}
    entry |= {"identifier": f"{mark}/000001", "resources": [{"file": "big.csv", "fields": fields}]}
    (folder / "entry.json").write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
    rows = write_big(folder / "big.csv", int(gibibytes * (1 << 30)))
    size = (folder / "big.csv").stat().st_size
    os.environ["GOVDATA_TOKEN_BENCH"] = os.environ["GOVDATA_CKAN_TOKEN"]
    check = run("validate", str(folder))
    done = run("publish", "ckan:bench", str(folder), "--yes")
    with Site(os.environ["GOVDATA_CKAN_URL"], os.environ["GOVDATA_CKAN_TOKEN"]) as site:
        found = site.act("package_search", {"q": f"govdata_code:{mark}*", "include_private": True})["results"]
        made = site.act("package_show", {"id": found[0]["id"]}) if found else {"resources": []}
        totals = [site.act("datastore_search", {"resource_id": item["id"], "limit": 0})["total"] for item in made["resources"]]
        assert totals == [rows], (totals, rows)
        for item in made["resources"]:
            site.act("datastore_delete", {"resource_id": item["id"], "force": True})
        site.act("dataset_purge", {"id": made["id"]})
    return [
        f"{size / 1e9:.2f} GB",
        f"{rows:,}",
        f"{check.seconds:.0f} s",
        f"{check.memory:.0f} MB",
        f"{done.seconds:.0f} s",
        f"{done.memory:.0f} MB",
    ]


def write_big(path: Path, size: int) -> int:
    """A table of so many bytes, four thousand of them in each row; gives its rows."""
    chance = random.Random(5)
    row = written = 0
    with path.open("w", encoding="utf-8") as file:
        written += file.write("编号,名称,内容\n")
        while written < size:
            row += 1
            # One long word: to cut words is the database's work, and not what is measured.
            written += file.write(f"{row},n{row % 5000},{chance.randbytes(2000).hex()}\n")
    return row


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--api-rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5, help="pairs of the API way")
    parser.add_argument("--switches", type=int, default=50)
    parser.add_argument("--reads", type=int, default=10_000)
    parser.add_argument("--way", action="append", choices=["sql", "plugin"])
    parser.add_argument("--beside-api", action="store_true", help="our ways beside our own through the API, and nothing else")
    parser.add_argument("--gibibytes", type=float, default=0, help="publish one file of this size instead")
    asked = parser.parse_args()
    if asked.gibibytes:
        with tempfile.TemporaryDirectory() as folder:
            print(table(["file", "rows", "validate", "memory", "publish", "memory"], [whole(Path(folder), asked.gibibytes)]))
        return
    ways: list[Way] = asked.way or ["sql", "plugin"]
    with Site(os.environ["GOVDATA_CKAN_URL"], os.environ["GOVDATA_CKAN_TOKEN"]) as site, tempfile.TemporaryDirectory() as folder:
        ground = Ground(site, os.environ["GOVDATA_CKAN_WRITE_URL"], Path(folder))
        try:
            if asked.beside_api:
                sizes: dict[Way, int] = {"api": asked.api_rows, **dict.fromkeys(ways, asked.rows)}
                head = ["way", "rows", "rows/s", "beside the API", "rows per second of processors", "beside the API"]
                print(table(head, beside_api(ground, sizes, asked.rounds)))
                return
            lines = []
            if asked.api_rows:
                write_csv(ground.folder / "api.csv", asked.api_rows)
                lines.append(compare_api(ground, ground.folder / "api.csv", asked.api_rows, asked.rounds))
            if asked.rows:
                write_csv(ground.folder / "copy.csv", asked.rows)
                write_copy(ground.folder / "copy.txt", asked.rows)
                lines += [compare_copy(ground, ground.folder / "copy.csv", asked.rows, way) for way in ways]
            print(table(["way", "rows", "bare, rows/s", "ours, rows/s", "ratio"], lines))
            print(f"\nmemory of the publisher, at most: {peak() or 0:.0f} MB\n")
            if asked.switches:
                seen = [
                    reads_during_switches(ground, count, way, asked.reads)
                    for way, count in [*((way, asked.switches) for way in ways), (ways[0], 0)]
                ]
                print(table(["way", "switches", "load and switch", "reads", "saw anything else", "CKAN's own 500s"], seen))
        finally:
            ground.close()


if __name__ == "__main__":
    main()
