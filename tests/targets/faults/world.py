"""A directory that changes from round to round, published through a proxy, and what must hold of the site afterwards."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.targets.conftest import Refused, Site
from tests.targets.faults.proxy import Proxy, open_proxy, unchanged
from tests.targets.faults.publisher import Done, Running, start
from tests.targets.publishing import ENTRY, PROVIDER

LIMITS = {"silence": 60.0, "tries": 3, "pause": 0.1}
"""Shorter than an officer's, so that faults that last are not waited for."""

LOOKS = 24
"""At once, to wait for a site: three for each thread of its server."""

PERSONAL, CONDITIONAL = "无条件共享", "有条件共享"


@dataclass(frozen=True)
class Spec:
    """A dataset as it is to be; `conditional`: the entry alone, without data."""

    number: int
    title: str
    rows: int = 3
    version: int = 0
    file: str = "停车场.csv"
    conditional: bool = False
    folder: str = ""

    def table(self) -> list[tuple[str, str, int]]:
        """The rows."""
        return [(f"{row:06}", f"第{row}停车场", row * 10 + self.version) for row in range(1, self.rows + 1)]


@dataclass
class World:
    """One directory on one site of the stack."""

    site: Site
    proxy: Proxy
    folder: Path
    token: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    mark: str = field(default_factory=lambda: f"3{uuid.uuid4().int % 100_000:05}")
    """Begins all codes, so that two worlds of one site do not meet."""
    wanted: dict[int, Spec] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    """Numbers that are to be on the site, private and empty."""
    runs: int = 0
    held_back: set[str] = field(default_factory=set)
    """Tables and files that were on the site before, of others."""
    ghosts: list[str] = field(default_factory=list)
    """Ids that were put into the index alone."""

    @property
    def path(self) -> Path:
        """The directory's folder."""
        return self.folder / "directory"

    @property
    def organisation(self) -> str:
        """The organisation of all datasets."""
        return f"org-{PROVIDER}"

    def code(self, number: int) -> str:
        """The code of a dataset."""
        return f"{self.mark}/{number:06}"

    def name(self, number: int) -> str:
        """Its name on the site."""
        return f"{self.mark}-{number:06}"

    # --- the directory

    def put(self, *specs: Spec) -> None:
        """Write datasets and want them."""
        for spec in specs:
            self.wanted[spec.number] = spec
            self.withdrawn.discard(spec.number)
            self.write(spec, self.path)

    def write(self, spec: Spec, directory: Path) -> None:
        """Write a dataset below a directory."""
        place = directory / (spec.folder or f"d{spec.number}")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        sharing = CONDITIONAL if spec.conditional else PERSONAL
        given = {"title": spec.title, "code": self.code(spec.number), "sharing": sharing, "file": spec.file, "provider": PROVIDER}
        (place / "entry.yaml").write_text(ENTRY.format(**given), encoding="utf-8")
        lines = ["编号,名称,泊位数", *(",".join(map(str, row)) for row in spec.table())]
        (place / spec.file).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def change(self, number: int, **more: Any) -> None:
        """Want a dataset otherwise."""
        self.put(replace(self.wanted[number], **more))

    def take_out(self, number: int) -> None:
        """Want a dataset no more."""
        spec = self.wanted.pop(number)
        self.withdrawn.add(number)
        shutil.rmtree(self.path / (spec.folder or f"d{number}"))

    def settings(self, directory: Path, url: str) -> None:
        """Write a directory's settings."""
        directory.mkdir(parents=True, exist_ok=True)
        told = f'directory = "{self.id}"\n[targets.ckan.test]\nurl = "{url}"\nzone = "internet"\n'
        (directory / "govdata.toml").write_text(told, encoding="utf-8")

    # --- runs

    def start(self, *options: str, kill_after: int = 0, path: Path | None = None, **limits: Any) -> Running:
        """Start a run."""
        self.runs += 1
        arguments = ["--lang", "en", "publish", "ckan:test", str(path or self.path), *options]
        printed = self.folder / f"run-{self.runs}.txt"
        return start(arguments, {"GOVDATA_CKAN_TOKEN": "", "GOVDATA_TOKEN_TEST": self.token}, printed, {**LIMITS, **limits}, kill_after)

    def run(self, *options: str, **more: Any) -> Done:
        """Run to the end."""
        return self.start(*options, **more).wait()

    def publish(self, **more: Any) -> Done:
        """Publish all."""
        return self.run("--yes", "--max-delete", "0", **more)

    def recover(self, code: int = 0) -> list[str]:
        """Run again, once, without a fault: what is not as it should be afterwards; empty where all is."""
        self.proxy.rule = unchanged
        self.until_up()
        done = self.publish()
        wrong = [] if done.code == code else [f"the run afterwards gave {done.code}: {done.text[-600:]}"]
        return [*wrong, *self.wrong(code)]

    def until_up(self, patience: float = 60) -> None:
        """Wait until the site answers searches and tables, in every thread of its server.

        CKAN puts its database session away after a request, but not where the page that tells of an error fails too: a thread in which
        that happened while PostgreSQL was away answers 500 to every request with a token, until one without comes its way
        (docs/faults.md). So many look at once, both ways, until two rounds see no fault.
        """
        end = time.monotonic() + patience
        clean = 0
        with ThreadPoolExecutor(LOOKS) as looks:
            while clean < 2:
                faults = [fault for fault in looks.map(self._fault, range(LOOKS)) if fault]
                if not faults:
                    clean += 1
                    continue
                if time.monotonic() > end:
                    raise faults[0]
                clean = 0
                time.sleep(0.5)

    def _fault(self, number: int) -> Exception | None:
        """What one look fails with."""
        try:
            if number % 3:
                self.site.call("package_search", {"rows": 0}, anonymous=number % 3 == 1)
            else:
                self.site.call("datastore_search", {"resource_id": "_table_metadata", "limit": 1})
        except (Refused, OSError, ValueError) as fault:
            return fault
        return None

    # --- what must hold

    def wrong(self, code: int = 0) -> list[str]:
        """What of the site is not as wanted, told one by one."""
        check = self.run("--check", "--max-delete", "0")
        found = [] if check.code == code else [f"--check gave {check.code}: {check.text[-800:]}"]
        packages = {str(package["name"]): package for package in self.held()}
        expected = {self.name(number) for number in (*self.wanted, *self.withdrawn)}
        found += [f"{name} is on the site" for name in sorted(packages.keys() - expected)]
        found += [f"{name} is missing" for name in sorted(expected - packages.keys())]
        for number, spec in self.wanted.items():
            if self.name(number) in packages:
                found += [f"{self.name(number)}: {text}" for text in self._wrong_of(spec, packages[self.name(number)])]
        for number in self.withdrawn:
            package = packages.get(self.name(number))
            if package and (not package["private"] or package["resources"] or package["state"] != "active"):
                found.append(f"{self.name(number)}: not withdrawn")
        return [*found, *(f"litter: {text}" for text in sorted(self.litter() - self.held_back))]

    def held(self) -> list[dict[str, Any]]:
        """The datasets of this directory, from the database."""
        rows = self.sql(f"select id from package where extras->>'govdata_directory' = '{self.id}' and state <> 'deleted'")
        return [self.site.call("package_show", {"id": row}) for row in rows]

    def _wrong_of(self, spec: Spec, package: Mapping[str, Any]) -> Iterator[str]:
        told = (package["title"], package["private"], package["state"], (package["organization"] or {}).get("name"))
        if told != (spec.title, False, "active", self.organisation):
            yield f"is {told}"
        resources = package["resources"]
        if [item.get("govdata_key") for item in resources] != ([] if spec.conditional else [spec.file]):
            yield f"has the resources {[item.get('govdata_key') for item in resources]}"
            return
        for item in resources:
            content = (self.path / (spec.folder or f"d{spec.number}") / spec.file).read_bytes()
            status, held = _get(self.site.url + item["url"].partition("/dataset/")[1] + item["url"].partition("/dataset/")[2])
            if status != 200 or held != content or item.get("govdata_sha256") != hashlib.sha256(content).hexdigest():
                yield f"its file is another ({status}, {len(held)} bytes)"
            yield from self._wrong_rows(spec, item)

    def _wrong_rows(self, spec: Spec, resource: Mapping[str, Any]) -> Iterator[str]:
        try:
            found = self.site.call("datastore_search", {"resource_id": resource["id"], "limit": 32000}, anonymous=True)
        except Refused as refused:
            yield f"its table is not to be read: {refused}"
            return
        rows = sorted((row["id"], row["name"], int(row["spaces"])) for row in found["records"])
        if found["total"] != spec.rows or rows != spec.table():
            yield f"its table has {found['total']} rows, wanted are {spec.rows}"
        if not resource.get("datastore_active"):
            yield "its resource does not say that it has a table"

    def litter(self) -> set[str]:
        """Tables without a resource, files without one, shadows."""
        shown = set(
            self.sql("select r.id from resource r join package p on p.id = r.package_id where r.state = 'active' and p.state = 'active'")
        )
        query = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        found = {f"table {name}" for name in self.sql(query, datastore=True) if name not in shown}
        query = (
            "select r.id from resource r join package p on p.id = r.package_id where r.state = 'active' and p.name like 'govdata-shadows-%'"
        )
        found |= {f"shadow {name}" for name in self.sql(query)}
        stored = storage_of(self.site) / "resources"
        files = ("".join(file.relative_to(stored).parts) for file in stored.rglob("*") if file.is_file())
        return found | {f"file {name}" for name in files if name[:36] not in shown}

    def sql(self, statement: str, datastore: bool = False) -> list[str]:
        """The rows of a statement in the site's database."""
        address = self.site.write_url if datastore else self.site.write_url.removesuffix("_datastore")
        done = subprocess.run(["psql", "-X", "-At", "-c", statement, address], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def clear(self) -> None:
        """Take everything away from the site."""
        for package in self.held():
            for resource in package["resources"]:
                with suppress(Refused):
                    self.site.call("datastore_delete", {"resource_id": resource["id"], "force": True})
        for row in self.sql(f"select id from package where extras->>'govdata_directory' = '{self.id}'"):
            self.site.call("dataset_purge", {"id": row})


def storage_of(site: Site) -> Path:
    """The folder of a site's file store."""
    folder = Path(os.environ.get("GOVDATA_CKAN_DIR") or Path(__file__).parents[3] / ".ckan")
    return folder / site.name / "storage"


def _get(url: str) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


@contextmanager
def open_world(site: Site, folder: Path) -> Iterator[World]:
    """A directory of its own, with a token of its own, not published yet."""
    made = site.call("api_token_create", {"user": "admin", "name": f"faults-{uuid.uuid4().hex[:8]}"})
    with open_proxy(site.url) as proxy:
        world = World(site, proxy, folder, str(made["token"]))
        world.settings(world.path, proxy.url)
        world.held_back = world.litter()
        try:
            yield world
        finally:
            proxy.rule = unchanged
            world.until_up()
            world.clear()
