"""Cases: what other people, other runs, and the machine under the site do."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.targets.conftest import Refused, fetched
from tests.targets.faults import services
from tests.targets.faults.proxy import Answer, Call, Forward
from tests.targets.faults.rounds import Round, case, settle
from tests.targets.faults.stories import ENTRY, TABLE
from tests.targets.faults.world import Spec, World, storage_of


def before_call(world: World, is_it: Callable[[Call], bool], act: Callable[[], object], count: int = 1) -> None:
    """Have something done just before the nth call of a kind arrives."""
    lock, seen = threading.Lock(), 0

    def rule(call: Call, forward: Forward) -> Answer:
        nonlocal seen
        with lock:
            seen += is_it(call)
            if is_it(call) and seen == count:
                act()
        return forward()

    world.proxy.rule = rule


def edited(world: World, number: int, notes: str) -> str:
    """What a person does on the site."""
    world.site.call("package_patch", {"id": world.name(number), "notes": notes})
    return notes


@case("a person edits the dataset between plan and apply")
def edited_before_apply(now: Round) -> None:
    world = now.world
    now.story.data()
    now.story.metadata()
    plan = world.folder / "plan.json"
    assert world.run("--plan", str(plan)).code == 0
    notes = edited(world, TABLE, f"有人改的{uuid.uuid4().hex}")
    first = world.proxy.writes()
    done = world.run("--apply", str(plan), "--yes")
    held = world.site.call("package_show", {"id": world.name(TABLE)})
    assert (done.code, held["notes"], world.proxy.writes() - first) == (3, notes, 0), f"{done.code}: {done.text[-1000:]}"


@case("a person edits the dataset in the middle of a run")
def edited_in_the_middle(now: Round) -> None:
    world = now.world
    now.story.data()
    notes = f"有人改的{uuid.uuid4().hex}"
    identity = world.site.call("package_show", {"id": world.name(TABLE)})["id"]
    count = now.pick(3)
    before_call(world, lambda call: call.action == "package_revise" and call.holds(identity), lambda: edited(world, TABLE, notes), count)
    done = world.publish()
    settle(world)
    held = world.site.call("package_show", {"id": world.name(TABLE)})
    now.notes.append(f"before revision {count}: {done.code}")
    assert (done.code, held["notes"]) in ((3, notes), (0, held["notes"])), f"{done.code}, overwritten unseen: {done.text[-1000:]}"


@case("a dataset soft-deleted on the site")
def soft_deleted(now: Round) -> None:
    now.world.site.call("package_delete", {"id": now.world.name((TABLE, ENTRY)[now.number % 2])})
    now.story.data()
    assert now.world.publish().code == 0


@case("a dataset purged on the site")
def purged(now: Round) -> None:
    world = now.world
    number = (TABLE, ENTRY)[now.number % 2]
    resources = world.site.call("package_show", {"id": world.name(number)})["resources"]
    for resource in resources:
        world.site.call("datastore_delete", {"resource_id": resource["id"], "force": True})
        world.site.call("resource_delete", {"id": resource["id"]})
    world.site.call("dataset_purge", {"id": world.name(number)})
    world.held_back |= world.litter()


@case("a table deleted on the site")
def table_deleted(now: Round) -> None:
    (resource,) = now.world.site.call("package_show", {"id": now.world.name(TABLE)})["resources"]
    now.world.site.call("datastore_delete", {"resource_id": resource["id"], "force": True})


@case("a resource deleted on the site")
def resource_deleted(now: Round) -> None:
    (resource,) = now.world.site.call("package_show", {"id": now.world.name(TABLE)})["resources"]
    now.world.site.call("datastore_delete", {"resource_id": resource["id"], "force": True})
    now.world.site.call("resource_delete", {"id": resource["id"]})
    now.world.held_back |= now.world.litter()


@contextmanager
def somebody(world: World) -> Iterator[Callable[[int], str]]:
    """Another organisation, and how it takes a name; afterwards it is gone."""
    name = f"other-{uuid.uuid4().hex[:12]}"
    world.site.call("organization_create", {"name": name, "title": "别的部门"})
    made: list[str] = []

    def take(number: int) -> str:
        # Of another type, for which our form wants nothing.
        told = {"name": world.name(number), "title": "别人的", "notes": "x", "owner_org": name, "type": "other"}
        made.append(world.site.call("package_create", told)["id"])
        return made[-1]

    try:
        yield take
    finally:
        for identity in made:
            world.site.call("dataset_purge", {"id": identity})
        world.site.call("organization_purge", {"id": name})


@case("a name taken by another organisation")
def name_taken(now: Round) -> None:
    world = now.world
    now.story.new()
    with somebody(world) as take:
        identity = ""

        def taken() -> None:
            nonlocal identity
            identity = take(now.story.last)

        if now.number % 2:
            taken()
        else:
            before_call(world, lambda call: call.action == "package_create" and call.holds(world.name(now.story.last)), taken)
        done = world.publish()
        settle(world)
        held = world.site.call("package_show", {"id": identity})
        assert (done.code, held["title"]) == (3, "别人的"), f"{done.code}: {done.text[-1000:]}"


@case("two publishers at once")
def two_at_once(now: Round) -> None:
    world = now.world
    now.notes += now.story.some(4)
    copy = world.folder / f"copy-{now.number}"
    shutil.copytree(world.path, copy, ignore=shutil.ignore_patterns(".govdata"))
    running = [world.start("--yes"), world.start("--yes", path=copy)]
    codes = [item.wait() for item in running]
    now.notes.append(f"{[item.code for item in codes]}")
    shutil.rmtree(copy)
    assert all(item.code in (0, 3, 4) for item in codes), "\n".join(item.text[-800:] for item in codes)


@case("many tables at once")
def many_at_once(now: Round) -> None:
    """No fault at all: but all of them go through one holding dataset."""
    numbers = range(100, 108)
    for number in numbers:
        now.world.put(Spec(number, f"停车场{number}", rows=now.number + 2, version=now.number))
    first = now.world.publish()
    for number in numbers:
        now.world.change(number, rows=now.number + 3)
    second = now.world.run("--yes", "--jobs", "8")
    third = now.world.publish()
    wrong = now.world.wrong()
    for number in numbers:
        now.world.take_out(number)
    assert (first.code, second.code, third.code, wrong) == (0, 0, 0, []), f"{first.code} {second.code} {wrong}: {second.text[-800:]}"


@case("the token is revoked half-way")
def revoked(now: Round) -> None:
    world = now.world
    now.notes += now.story.some(3)
    count = now.pick(8)
    before_call(world, lambda call: call.writes, lambda: world.site.call("api_token_revoke", {"token": world.token}), count)
    done = world.publish()
    settle(world)
    now.notes.append(f"before write {count}: {done.code}")
    with suppress(Refused):
        world.site.call("api_token_revoke", {"token": world.token})
    world.token = world.site.call("api_token_create", {"user": "admin", "name": f"faults-{uuid.uuid4().hex[:8]}"})["token"]
    assert done.code in (0, 3, 4), f"exit code {done.code}: {done.text[-1500:]}"


@case("the file store is full")
def store_full(now: Round) -> None:
    """Really full where we may mount a small file system; else the folder is not one."""
    world = now.world
    now.story.data()
    now.story.file()
    # Nothing is taken out: what lies below the small file system could not be removed.
    now.story.last += 1
    world.put(Spec(now.story.last, "新建停车场"))
    with full(storage_of(world.site) / "resources"):
        done = world.publish()
        settle(world)
    now.notes.append(f"{done.code}")
    assert done.code in (3, 4), f"exit code {done.code}: {done.text[-1500:]}"


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """A folder that takes no more."""
    mounted = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], capture_output=True, check=False).returncode == 0
    )
    if mounted:
        (folder / "full").write_bytes(b"x" * 4096)
    else:
        folder.rename(folder.with_suffix(".away"))
        folder.write_text("")
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        else:
            folder.unlink()
            folder.with_suffix(".away").rename(folder)


@case("a clock that is wrong by years")
def clock_skew(now: Round) -> None:
    """The clock of what stands before the site; a load of somebody else's that is under way is not litter for that."""
    from govdata.publishing.ckan.shadows import drop, make_shadow, open_holding
    from govdata.publishing.ckan.site import Site

    world = now.world
    days = (3650, -3650, 1, -1)[now.number % 4]
    moment = format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True)

    def rule(call: Call, forward: Forward) -> Answer:
        answer = forward()
        return replace(answer, headers=(*(item for item in answer.headers if item[0].lower() != "date"), ("Date", moment)))

    now.story.data()
    now.story.file()
    with Site(world.site.url, world.site.token) as site:
        shadow = make_shadow(site, open_holding(site, world.organisation), str(uuid.uuid4()), "another-run")
        world.proxy.rule = rule
        done = world.publish()
        settle(world)
        shown = [item["id"] for item in site.act("package_show", {"id": shadow.holding})["resources"]]
        drop(site, shadow)
    assert (done.code, shadow.id in shown) == (0, True), f"{days} days: {done.code}, {shown}: {done.text[-1000:]}"


@case("Solr does not answer for some seconds")
def slow_solr(now: Round) -> None:
    now.notes += now.story.some(3)
    holding: list[threading.Thread] = []

    def hold() -> None:
        def held() -> None:
            with services.held_up("solr", now.world.site.name):
                time.sleep(4)

        holding.append(threading.Thread(target=held))
        holding[-1].start()

    before_call(now.world, lambda call: call.writes, hold, now.pick(6))
    done = now.world.publish()
    for thread in holding:
        thread.join()
    settle(now.world)
    assert done.code in (0, 3, 4), f"exit code {done.code}: {done.text[-1500:]}"


@case("a ghost with our digest in the index")
def ghost(now: Round) -> None:
    """In the index, and not in the database: one under its own id, and every other time one of another id as well."""
    world = now.world
    now.story.new()
    assert world.publish().code == 0
    number = now.story.last
    package = world.site.call("package_show", {"id": world.name(number)})
    (held,) = _solr(world, f"select?q=id:{package['id']}&wt=json")["response"]["docs"]
    held.pop("_version_", None)
    for resource in package["resources"]:
        world.site.call("datastore_delete", {"resource_id": resource["id"], "force": True})
        world.site.call("resource_delete", {"id": resource["id"]})
    world.site.call("dataset_purge", {"id": package["id"]})
    other = f"00000000{str(uuid.uuid4())[8:]}" if now.number % 2 == 0 else f"ffffffff{str(uuid.uuid4())[8:]}"
    copied = json.loads(json.dumps(held).replace(package["id"], other))
    _solr(world, "update?commit=true", [held, copied | {"index_id": uuid.uuid4().hex}])
    world.held_back |= {item for item in world.litter() if item.startswith("file ")}
    world.ghosts.append(other)
    assert world.publish().code == 0
    world.change(number, title=f"不是影子{other[:4]}", version=now.number)


def _solr(world: World, path: str, documents: Any = None) -> dict[str, Any]:
    port = json.loads((services.folder() / "stack.json").read_text(encoding="utf-8"))["port"] + 4
    body = None if documents is None else json.dumps(documents).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/solr/{world.site.name}/{path}", body, {"Content-Type": "application/json"})
    status, text = fetched(request)
    assert status == 200, text
    found: dict[str, Any] = json.loads(text)
    return found


def exorcise(world: World) -> None:
    """Take ghosts out of the index."""
    for number in world.ghosts:
        _solr(world, "update?commit=true", {"delete": {"query": f"id:{number}"}})
