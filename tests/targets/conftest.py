"""A real CKAN for the tests marked `service`: started once a run if it is not up; a test that cannot have it fails."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

STACK = Path(__file__).parent.parent.parent / "scripts" / "ckan"
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Refused(Exception):
    """What CKAN answered instead of a result: the status, and its own words."""

    def __init__(self, status: int, error: Any) -> None:
        super().__init__(f"{status}: {error}")
        self.status = status
        self.error = error


@dataclass(frozen=True)
class Site:
    """One site of the stack: its address, the API token of a sysadmin, where PostgreSQL takes writes to its DataStore."""

    name: str
    url: str
    token: str = field(repr=False)
    write_url: str

    def call(self, action: str, payload: Mapping[str, Any] | None = None, *, anonymous: bool = False) -> Any:
        """The result of an action of the API, or `Refused`."""
        headers = {"Content-Type": "application/json"} | ({} if anonymous else {"Authorization": self.token})
        body = json.dumps(payload or {}).encode()
        status, text = fetched(urllib.request.Request(f"{self.url}/api/3/action/{action}", body, headers))
        try:
            answer = json.loads(text)
        except ValueError:
            raise Refused(status, text[:500]) from None
        if status != 200 or not answer["success"]:
            raise Refused(status, answer.get("error"))
        return answer["result"]

    def page(self, path: str) -> tuple[int, str]:
        """Status and text of a page, as anybody sees it."""
        return fetched(urllib.request.Request(self.url + path))


def fetched(request: urllib.request.Request) -> tuple[int, str]:
    """Status and text of an answer, whatever the status is."""
    try:
        with OPENER.open(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")


def stack(*arguments: str) -> str:
    """What a command of the stack prints; the test fails where it does."""
    done = subprocess.run([str(STACK), *arguments], capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, f"scripts/ckan {' '.join(arguments)} gave {done.returncode}:\n{done.stderr}"
    return done.stdout


@contextmanager
def open_sites() -> Iterator[Mapping[str, Site]]:
    """Both sites of the stack that GOVDATA_CKAN_DIR names, or of `.ckan`, started.

    Only one process at a time has them, others wait: what one changes, kills or has under way the other would find wrong.
    """
    import fcntl  # POSIX only, as the stack is

    folder = Path(os.environ.get("GOVDATA_CKAN_DIR") or STACK.parent.parent / ".ckan")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stack("start")
        found = json.loads(stack("env", "--json"))
        names = {"url": "GOVDATA_CKAN_URL", "token": "GOVDATA_CKAN_TOKEN", "write_url": "GOVDATA_CKAN_WRITE_URL"}
        yield {site: Site(site, **{key: told[name] for key, name in names.items()}) for site, told in found.items()}


@pytest.fixture(scope="session")
def sites() -> Iterator[Mapping[str, Site]]:
    """Both sites; `scripts/test --all` has installed them."""
    with open_sites() as found:
        yield found


@pytest.fixture(params=["stock", "govdata"])
def site(request: pytest.FixtureRequest, sites: Mapping[str, Site]) -> Site:
    """Each site in turn: CKAN as it comes, and CKAN with what govdata brings."""
    return sites[request.param]
