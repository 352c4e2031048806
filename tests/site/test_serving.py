"""A site as its own server shows it: media types, policy, nothing hidden, and an end by Ctrl-C."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdata.publishing.site.serving import POLICY, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of a small folder."""
    (tmp_path / "index.html").write_text("<p>主页", encoding="utf-8")
    (tmp_path / "404.html").write_text("<p>没有", encoding="utf-8")
    (tmp_path / "a.jsonld").write_text("{}", encoding="utf-8")
    (tmp_path / ".govdata-site.json").write_text("{}", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    elsewhere.mkdir()
    (elsewhere / "index.html").write_text("secret", encoding="utf-8")
    (tmp_path / "out").symlink_to(elsewhere)
    (tmp_path / "out.html").symlink_to(elsewhere / "index.html")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "index.html").symlink_to(elsewhere / "index.html")
    (tmp_path / "state.json").symlink_to(tmp_path / ".govdata-site.json")
    (tmp_path / "inside.html").symlink_to(tmp_path / "index.html")
    with Server(tmp_path, 0) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def asked(server: Server, path: str, host: str = "") -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_pages_have_their_type_and_the_policy(server: Server) -> None:
    status, headers, body = asked(server, "/")
    assert (status, headers["content-type"], headers["content-security-policy"]) == (200, "text/html; charset=utf-8", POLICY)
    assert body == "<p>主页"
    assert asked(server, "/a.jsonld")[1]["content-type"] == "application/ld+json"
    assert asked(server, "/inside.html")[2] == "<p>主页"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/empty/", "/.govdata-site.json", "/%2egovdata-site.json", "/empty%2F..%2f.govdata-site.json", "/%00", "/../secret"],
)
def test_what_is_not_there_gets_the_sites_own_page(path: str, server: Server) -> None:
    assert (asked(server, path)[0], asked(server, path)[2]) == (404, "<p>没有")


@pytest.mark.parametrize("path", ["/out", "/out/", "/out/index.html", "/out.html", "/linked/", "/state.json"])
def test_what_is_elsewhere_is_not_there(path: str, server: Server) -> None:
    assert (asked(server, path)[0], asked(server, path)[2]) == (404, "<p>没有")


def test_other_names_for_this_machine_are_not_answered(server: Server) -> None:
    assert asked(server, "/", host="evil.example:80")[0] == 421


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_the_command_says_where_and_ends_cleanly(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "govdata", "site", "serve", str(tmp_path), "--port", "0", "--lang", "en"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as running:
        assert running.stdout is not None
        assert b"http://127.0.0.1:" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (0, b"Ended.\n", b"")
