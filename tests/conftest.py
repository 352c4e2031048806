"""What holds for every test: no network, an empty cache, the same examples of property tests each time."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

TARGETS = "tests/targets/"
LOCAL = ("127.0.0.1", "::1", "localhost")

hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
hypothesis.settings.load_profile("explore" if os.environ.get("GOVDATA_EXPLORE") else "steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` rewrites the expected reports of `tests/data` and `tests/formats`."""
    parser.addoption("--update", action="store_true", help="rewrite expected reports; review the difference")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """All tests of the sites go to one process, one after the other: they change what the others see.

    The mark `xdist_group` does not do it: pytest-xdist 3.8 writes the group into a field that pytest 9.2 no longer reads, without a word.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneForTargets(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return TARGETS if nodeid.startswith(TARGETS) else nodeid

    return OneForTargets(config, log)


@pytest.fixture(autouse=True, scope="session")
def _own_cache() -> Iterator[None]:
    """Compiled content, and what programs that tests start and kill leave behind, go to a folder of this run."""
    with tempfile.TemporaryDirectory(prefix="govdata-test-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", folder)
        patch.setenv("TMPDIR", folder)
        yield


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine fails the test."""
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if host is not None and host not in LOCAL:
            pytest.fail(f"a test wanted to connect to {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)
