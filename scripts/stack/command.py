"""The command line of the stack: `scripts/ckan`."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from environment import say

from stack import packages, services, sites, solr
from stack.layout import PORTS, ROOT, SITES, Settings, Stack, StackError, open_stack, save
from stack.processes import Part, end, launch, processes, surroundings, wait

SERVICES: dict[str, Callable[[Stack], Part]] = {"postgresql": services.postgresql, "redis": services.redis, "solr": solr.solr}

USUAL = Settings()


def main(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code: 0 done, 1 not everything runs (`status`), 2 wrong usage, 3 it could not be done."""
    chosen = _parser().parse_args(arguments)
    folder = Path(chosen.dir or os.environ.get("GOVDATA_CKAN_DIR") or ROOT / ".ckan").resolve()
    commands = {"install": install, "start": start, "stop": stop, "restart": restart, "status": status}
    commands |= {"reindex": reindex, "env": env, "psql": psql, "ckan": ckan}
    if chosen.command == "install":
        folder.mkdir(parents=True, exist_ok=True)
    elif not (folder / "stack.json").exists():
        raise StackError(f"{folder} 里没有安装 CKAN；请先运行 scripts/ckan install。", "Nothing is installed there: scripts/ckan install.")
    stack = open_stack(folder, _changes(chosen))
    locked = only_one(folder) if chosen.command in ("install", "start", "stop", "restart", "reindex") else contextlib.nullcontext()
    with locked:
        return commands[chosen.command](stack, chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/ckan", description="PostgreSQL, Redis, Solr and two CKAN sites (stock, govdata) on 127.0.0.1, to test against."
    )
    parser.add_argument("--dir", help="the stack's folder (GOVDATA_CKAN_DIR; otherwise .ckan in the repository)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    settings = _settings()
    fetching = commands.add_parser("install", parents=[settings], help="fetch and set up what is missing")
    text = "a folder (editable), wheel or requirement for CKAN's environment, '' for none; repeatable"
    fetching.add_argument("--package", action="append", default=argparse.SUPPRESS, metavar="WHAT", help=text)
    for name, text in {"start": "start what is not running and wait until it answers", "restart": "stop and start"}.items():
        commands.add_parser(name, parents=[settings], help=text).add_argument("part", nargs="*", help="only these: " + ", ".join(PORTS))
    commands.add_parser("stop", help="stop; the data stay").add_argument("part", nargs="*", help="only these")
    commands.add_parser("status", help="one line a part; exit code 1 unless all answer")
    commands.add_parser("reindex", help="index every dataset anew").add_argument("site", nargs="*", help=", ".join(SITES))
    shown = commands.add_parser("env", help="address, token and DataStore write address of a site, for eval")
    shown.add_argument("site", nargs="?", choices=SITES, default="govdata")
    shown.add_argument("--json", action="store_true", help="of both sites, as JSON")
    for name, text in {"psql": "psql as the superuser", "ckan": "CKAN's own command line"}.items():
        passed = commands.add_parser(name, help=text)
        passed.add_argument("site" if name == "ckan" else "database", help="stock or govdata" + "; also NAME_datastore" * (name == "psql"))
        passed.add_argument("rest", nargs=argparse.REMAINDER)
    return parser


def _settings() -> argparse.ArgumentParser:
    """The options of install, start and restart. What is chosen is kept."""
    parser = argparse.ArgumentParser(add_help=False)
    absent = argparse.SUPPRESS
    parser.add_argument("--port", type=int, default=absent, help=f"the first of {len(PORTS)} ports ({USUAL.port}): {', '.join(PORTS)}")
    text = "plugins of a site, space-separated; repeatable"
    parser.add_argument("--plugins", action="append", default=absent, metavar="SITE=NAMES", help=text)
    text = "an option of a site's ckan.ini, an empty VALUE takes it out; repeatable"
    parser.add_argument("--option", action="append", default=absent, metavar="SITE:KEY=VALUE", help=text)
    parser.add_argument("--workers", type=int, default=absent, help=f"processes of each site ({USUAL.workers})")
    parser.add_argument("--threads", type=int, default=absent, help=f"threads of each process ({USUAL.threads})")
    parser.add_argument("--heap", default=absent, help=f"memory of Solr ({USUAL.heap})")
    text = f"ms after which Solr shows what was written ({USUAL.soft_commit}: only when CKAN asks)"
    parser.add_argument("--soft-commit", type=int, default=absent, help=text)
    text = "whether PostgreSQL waits for the disk (no)"
    parser.add_argument("--fsync", action=argparse.BooleanOptionalAction, default=absent, help=text)
    parser.add_argument("--patience", type=int, default=absent, help=f"seconds to wait for a server ({USUAL.patience})")
    return parser


def _changes(chosen: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, in the shape of `Settings`."""
    given = vars(chosen)
    plain = ("port", "workers", "threads", "heap", "soft_commit", "fsync", "patience")
    changes: dict[str, Any] = {name: given[name] for name in plain if name in given}
    if "plugins" in given:
        changes["plugins"] = dict(_of_site(text, "=", "--plugins") for text in given["plugins"])
    if "option" in given:
        changes["options"] = {}
        for site, text in (_of_site(text, ":", "--option") for text in given["option"]):
            key, _, value = text.partition("=")
            changes["options"].setdefault(site, {})[key.strip()] = value.strip()
    if "package" in given:
        named = [str(path.resolve()) if (path := Path(text)).exists() else text for text in given["package"] if text]
        changes["packages"] = tuple(named)
    return changes


def _of_site(text: str, mark: str, option: str) -> tuple[str, str]:
    site, found, rest = text.partition(mark)
    if site not in SITES or not found:
        raise StackError(f"{option} {text}：应以 {' 或 '.join(SITES)} 开头。", f"{option} {text}: begins with one of {', '.join(SITES)}.")
    return site, rest


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Waits until no other call changes this stack."""
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install(stack: Stack, chosen: argparse.Namespace) -> int:
    """Fetch and set up what is missing; leave running what ran."""
    del chosen
    began = time.monotonic()
    packages.install_debian(stack)
    _both(partial(packages.install_python, stack), partial(packages.install_solr, stack))
    for name in SERVICES:
        (stack.folder / name).mkdir(exist_ok=True) if name != "postgresql" else services.create_cluster(stack)
    solr.configure(stack)
    started = [part for part in (services.postgresql(stack), services.redis(stack)) if launch(stack, part)]
    try:
        wait(stack, started)
        services.create_databases(stack)
        for site in SITES:
            sites.configure(stack, site)
        _both(*(partial(sites.populate, stack, site) for site in SITES))
    finally:
        for part in started:
            end(part)
    save(stack)
    say(f"安装完成，用时 {time.monotonic() - began:.0f} 秒。 / Installed in {time.monotonic() - began:.0f} s: {stack.folder}")
    return 0


def _both(*steps: Callable[[], None]) -> None:
    """Take steps side by side; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(len(steps)) as pool:
        for running in [pool.submit(step) for step in steps]:
            running.result()


def start(stack: Stack, chosen: argparse.Namespace) -> int:
    """Start what is not running, the services first, and wait until all answer."""
    began = time.monotonic()
    named = _named(chosen)
    solr.configure(stack)
    for site in SITES:
        sites.configure(stack, site)
    save(stack)
    first = [SERVICES[name](stack) for name in SERVICES if name in named]
    for part in first:
        launch(stack, part)
    wait(stack, first)
    wanted = [site for site in SITES if site in named]
    for name in wanted:
        sites.populate(stack, name)
        sites.reindex(stack, name, forced=False)
    second = [sites.site(stack, name) for name in wanted]
    for part in second:
        launch(stack, part)
    wait(stack, second)
    where = "，".join(f"{name} {sites.address(stack, name)}" for name in wanted)
    say(f"就绪，用时 {time.monotonic() - began:.0f} 秒。 / Ready in {time.monotonic() - began:.0f} s. {where}")
    return 0


def stop(stack: Stack, chosen: argparse.Namespace) -> int:
    """End every process of the parts, the sites first."""
    named = _named(chosen)
    _both(*(partial(end, part) for part in _parts(stack) if part.name in named and part.name in SITES), _nothing)
    _both(*(partial(end, part) for part in _parts(stack) if part.name in named and part.name in SERVICES), _nothing)
    return 0


def _nothing() -> None:
    """No step at all: a pool needs one."""


def restart(stack: Stack, chosen: argparse.Namespace) -> int:
    """Stop and start."""
    stop(stack, chosen)
    return start(stack, chosen)


def status(stack: Stack, chosen: argparse.Namespace) -> int:
    """One line a part: name, whether it answers, port, processes."""
    del chosen
    parts = [(part, processes(part)) for part in _parts(stack)]
    up = {part.name: bool(found) and part.ready() for part, found in parts}
    for part, found in parts:
        print(f"{part.name:11} {'up' if up[part.name] else 'down':5} 127.0.0.1:{stack.port(part.name)}  {len(found)} processes")
    return 0 if all(up.values()) else 1


def reindex(stack: Stack, chosen: argparse.Namespace) -> int:
    """Index every dataset of the sites anew."""
    for site in chosen.site or SITES:
        sites.reindex(stack, site, forced=True)
    return 0


def env(stack: Stack, chosen: argparse.Namespace) -> int:
    """What a test needs to know of a site."""
    if chosen.json:
        print(json.dumps({site: sites.variables(stack, site) for site in SITES}, indent=2))
        return 0
    for name, value in sites.variables(stack, chosen.site).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def psql(stack: Stack, chosen: argparse.Namespace) -> int:
    """Become psql."""
    command = [*services.psql(stack, chosen.database), *chosen.rest]
    os.execvpe(command[0], command, surroundings())


def ckan(stack: Stack, chosen: argparse.Namespace) -> int:
    """Become CKAN's own command line."""
    command = sites.command_line(stack, chosen.site, *chosen.rest)
    os.execvpe(command[0], command, surroundings())


def _parts(stack: Stack) -> list[Part]:
    return [sites.site(stack, name) if name in SITES else SERVICES[name](stack) for name in PORTS]


def _named(chosen: argparse.Namespace) -> Sequence[str]:
    unknown = [name for name in chosen.part if name not in PORTS]
    if unknown:
        raise StackError(f"没有 {unknown[0]}；有 {'、'.join(PORTS)}。", f"There is no {unknown[0]}: {', '.join(PORTS)}.")
    return chosen.part or PORTS
