"""Publishing entries to a CKAN site beside bare calls of `package_create`, and doing nothing the second time. On the real stack.

    eval "$(scripts/ckan env govdata)"
    python benchmarks/ckan_publish.py [--datasets 500] [--clients 1 2 4] [--many 10000] [--form lines]

Datasets are entries with one link. Ours is the whole command, `python -m govdata publish … --yes`, from its start to its end: it checks,
asks the gate, reads the site, plans, creates, writes its journal, prints. Bare is a pool of so many threads, each with a connection that
is open already, that call `package_create` with what ours sends and do nothing else. Pieces of both take turns. Seconds are those of the
clock, as most of the work is the server's: on a busy machine only the ratios mean something.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from entries_made import entries
from measuring import ROOT, table

from govdata.errors import SiteError
from govdata.publishing.ckan.organisations import CODE
from govdata.publishing.ckan.packages import new_package
from govdata.publishing.ckan.preparing import Asked, Prepared, prepare
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.state import Remembered, abilities, read_state
from govdata.publishing.planning import settled
from govdata.publishing.selection import select
from govdata.settings import find_root, read_settings
from govdata.targets import CkanTarget

READS = {
    "status_show", "package_search", "package_list", "package_show", "organization_show", "scheming_dataset_schema_show",
    "govdata_capabilities", "govdata_state",
}  # fmt: skip
"""Actions that write nothing."""

HEAD = ("clients", "bare, datasets/s", "ours", "ratio", "no change", "times as fast", "1 changed", "of no change", "calls, no write")
HEAD_MANY = ("datasets", "plan", "publish", "a second", "plan again", "ms each", "check + site + rest, s", "calls")


@dataclass(slots=True)
class Directory:
    """A directory of generated entries below a folder, for one site."""

    folder: Path
    url: str
    form: str
    mark: str = field(default_factory=lambda: f"3{uuid.uuid4().int % 100_000:05}")
    """Begins all codes, so that directories on one site do not meet."""

    def write(self, count: int) -> None:
        """The entries, from the first on; what is there already stays as it is in all bytes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "govdata.toml").exists():
            target = f'[targets.ckan.bench]\nurl = "{self.url}"\nzone = "internet"\n'
            (self.folder / "govdata.toml").write_text(f'directory = "{uuid.uuid4()}"\n{target}', encoding="utf-8")
        made = list(self._made(count))
        if self.form == "lines":
            self.path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in made), encoding="utf-8")
            return
        for number, entry in enumerate(made):
            place = self.folder / f"d{number:06}"
            place.mkdir(exist_ok=True)
            (place / "entry.json").write_text(json.dumps(entry, ensure_ascii=False, indent=1), encoding="utf-8")

    def _made(self, count: int) -> Iterator[dict[str, Any]]:
        for number, entry in enumerate(entries(count)):
            entry["identifier"] = f"{self.mark}/{number + 1:06}"
            entry["service"] = {"url": f"https://data.example.gov.cn/api/{number + 1}", "type": "rest"}
            yield entry

    @property
    def path(self) -> Path:
        """What is published."""
        return self.folder / "entries.jsonl" if self.form == "lines" else self.folder

    def change_one(self) -> None:
        """Another text in one entry in the middle."""
        file = self.path if self.form == "lines" else self.folder / "d000003" / "entry.json"
        text = file.read_text(encoding="utf-8")
        at = text.index("更新以公布的日期为准", len(text) // 2 if self.form == "lines" else 0)
        file.write_text(f"{text[:at]}每天早晨{uuid.uuid4().hex[:6]}{text[at:]}", encoding="utf-8")

    def publish(self, clients: int, *options: str) -> float:
        """Seconds of the whole command; it must have done all (`--check`: it must have planned)."""
        asked = options or ("--yes",)
        command = [sys.executable, "-m", "govdata", "publish", "ckan:bench", str(self.path), "--jobs", str(clients), *asked]
        environment = {**os.environ, "GOVDATA_TOKEN_BENCH": os.environ["GOVDATA_CKAN_TOKEN"], "PYTHONPATH": str(ROOT)}
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
        seconds = time.perf_counter() - begun
        if done.returncode not in ((0, 5) if "--check" in asked else (0,)):
            raise SystemExit(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return seconds

    def prepared(self, site: Site) -> Prepared:
        """The same in this process, as far as the plan."""
        settings = read_settings(find_root(self.path), {})
        target = settings.target("ckan:bench")
        assert isinstance(target, CkanTarget)
        able = abilities(site)
        more = (able, read_state(site, settings.directory, able, Remembered(), 4), "", None)
        return prepare(site, select(self.path, settings, target.zone), settings, target, Asked(), more)

    def packages(self) -> list[dict[str, Any]]:
        """What `package_create` is to be sent for each dataset; their organisations are made."""
        with Site(self.url, os.environ["GOVDATA_CKAN_TOKEN"]) as site:
            made = self.prepared(site)
            for one in made.plan.organisations:
                extras = [{"key": CODE, "value": one.code}]
                site.act("organization_create", {"name": one.name, "title": one.title, "extras": extras})
        wanted = made.wanted.values()
        return [new_package(one, settled(one, None), made.abilities.form, "2026-01-05", False) for one in wanted]

    def parts(self) -> tuple[collections.Counter[str], str]:
        """Calls of a plan by action, and where its seconds go."""
        settings, counting = read_settings(find_root(self.path), {}), Counting()
        begun = time.perf_counter()
        select(self.path, settings, "internet")
        checked = time.perf_counter()
        with Site(self.url, os.environ["GOVDATA_CKAN_TOKEN"], transport=counting) as site:
            self.prepared(site)
        # The directory is checked once more in it.
        rest = time.perf_counter() - checked - (checked - begun) - counting.seconds
        return counting.calls, f"{checked - begun:.2f} + {counting.seconds:.2f} + {max(rest, 0):.2f}"


class Counting(httpx.BaseTransport):
    """Counts calls by action, seconds and bytes of their answers."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.calls: collections.Counter[str] = collections.Counter()
        self.seconds = 0.0
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, and read its answer, so that the time is the site's."""
        begun = time.perf_counter()
        answer = self._inner.handle_request(request)
        answer.read()
        with self._lock:
            self.calls[request.url.path.rpartition("/")[2]] += 1
            self.seconds += time.perf_counter() - begun
        return answer


class Bare:
    """Threads that create datasets and do nothing else."""

    def __init__(self, url: str, clients: int) -> None:
        self._url, self._clients = url, clients
        self._client = httpx.Client(headers={"Authorization": os.environ["GOVDATA_CKAN_TOKEN"]}, timeout=300, trust_env=False)

    def act(self, action: str, data: object) -> Any:
        """One call."""
        body = json.dumps(data, ensure_ascii=False).encode()
        answer = self._client.post(f"{self._url}/api/3/action/{action}", content=body, headers={"Content-Type": "application/json"})
        answer.raise_for_status()
        return answer.json()["result"]

    def create(self, packages: Sequence[dict[str, Any]]) -> float:
        """Seconds for all of them, the connections opened before."""
        with ThreadPoolExecutor(self._clients) as pool:
            list(pool.map(lambda _: self.act("status_show", {}), range(self._clients * 2)))
            begun = time.perf_counter()
            list(pool.map(self._create, packages))
            return time.perf_counter() - begun

    def _create(self, package: dict[str, Any]) -> None:
        """Once more after a 500: CKAN gives one where two calls make the same tag at once."""
        for left in (2, 1, 0):
            try:
                self.act("package_create", package)
                return
            except httpx.HTTPStatusError as error:
                if error.response.status_code == 409 and left < 2:
                    return
                if error.response.status_code != 500 or not left:
                    raise


@dataclass(slots=True)
class Bench:
    """One run."""

    url: str
    folder: Path
    form: str
    rounds: int
    made: list[str] = field(default_factory=list)
    """Ids of what is on the site."""

    def directory(self, count: int) -> Directory:
        """A new directory with so many entries."""
        found = Directory(self.folder / uuid.uuid4().hex[:8], self.url, self.form)
        found.write(count)
        return found

    def compare(self, count: int, clients: int) -> tuple[float, float, Directory]:
        """Seconds of bare calls and of ours for as many datasets, half of each first; and a directory that is published."""
        bare, ours = [], []
        for _ in range(self.rounds):
            own, other = self.directory(count), self.directory(count)
            packages = other.packages()
            self.made += [package["id"] for package in (*packages, *own.packages())]
            half = len(packages) // 2
            first = Bare(self.url, clients).create(packages[:half])
            ours.append(own.publish(clients))
            bare.append(first + Bare(self.url, clients).create(packages[half:]))
        return statistics.median(bare), statistics.median(ours), own

    def again(self, directory: Directory, clients: int) -> tuple[float, float]:
        """Seconds of a run without a change, and of one with one of the entries changed, in turn."""
        same, one = [], []
        for _ in range(max(3, self.rounds)):
            same.append(directory.publish(clients))
            directory.change_one()
            one.append(directory.publish(clients))
        return statistics.median(same), statistics.median(one)

    def line(self, count: int, clients: int) -> list[object]:
        """One line of the first table."""
        bare, ours, directory = self.compare(count, clients)
        same, one = self.again(directory, clients)
        calls, _ = directory.parts()
        assert set(calls) <= READS, calls
        rates = [f"{count / bare:.1f}", f"{count / ours:.1f}", f"{bare / ours:.2f}"]
        return [clients, *rates, f"{same:.2f} s", f"{ours / same:.0f}", f"{one:.2f} s", f"{one / same:.2f}", calls.total()]

    def many(self, count: int, clients: int) -> list[object]:
        """One line of the second table: plan, publish, plan again."""
        directory = self.directory(count)
        self.made += [package["id"] for package in directory.packages()]
        first, publish = directory.publish(clients, "--check"), directory.publish(clients)
        again = statistics.median(directory.publish(clients, "--check") for _ in range(3))
        calls, parts = directory.parts()
        assert set(calls) <= READS, calls
        told = [f"{count:,}", f"{first:.1f} s", f"{publish:.0f} s", f"{count / publish:.1f}", f"{again:.2f} s"]
        return [*told, f"{again / count * 1000:.2f}", parts, calls.total()]

    def clear(self) -> None:
        """Purge what was made."""
        with Site(self.url, os.environ["GOVDATA_CKAN_TOKEN"]) as site, ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: _purge(site, number), self.made))


def _purge(site: Site, number: str) -> None:
    with contextlib.suppress(SiteError):
        site.act("dataset_purge", {"id": number})


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=500)
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--many", type=int, nargs="*", default=[500, 2000, 10_000], help="plan, publish and plan again so many")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--form", choices=["lines", "folders"], default="lines", help="one file of entries, or a folder for each")
    parser.add_argument("--keep", action="store_true", help="leave what was made on the site")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.environ["GOVDATA_CKAN_URL"], Path(folder), asked.form, asked.rounds)
        print(f"load {os.getloadavg()[0]:.1f}; {asked.datasets:,} datasets\n")
        try:
            if asked.clients:
                print(table(HEAD, [bench.line(asked.datasets, clients) for clients in asked.clients]) + "\n", flush=True)
            if asked.many:
                print(table(HEAD_MANY, [bench.many(count, 4) for count in asked.many]))
        finally:
            if not asked.keep:
                bench.clear()
        print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
