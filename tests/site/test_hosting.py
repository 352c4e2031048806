"""A site served by nginx with the configuration of `docs/site.md`, and a history that is read from a site on the web."""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from govdata.errors import PublishError
from govdata.publishing.site import history
from govdata.publishing.site.history import read_history
from tests.site.directories import Directory, directory

DOCS = Path(__file__).parents[2] / "docs" / "site.md"
TYPES = {
    "index.html": "text/html; charset=utf-8",
    "catalog.ttl": "text/turtle; charset=utf-8",
    "catalog.jsonld": "application/ld+json",
    "catalog.rdf": "application/rdf+xml",
    "catalog.csv": "text/csv; charset=utf-8",
    "catalog.parquet": "application/vnd.apache.parquet",
    "feed.xml": "text/xml; charset=utf-8",
    "api/index.json": "application/json",
    "assets/search.js": "application/javascript; charset=utf-8",
    "assets/site.css": "text/css; charset=utf-8",
}
"""What nginx has to say that these are."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    """A directory with a dataset, and its site."""
    found = directory(tmp_path_factory.mktemp("hosting"))
    found.put("a", "307001/000001", "停车场甲")
    found.publish()
    return found


@pytest.fixture(scope="module")
def nginx(made: Directory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The site behind the nginx of the documentation, at a host and port."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert program, "nginx is not on the path; it is needed (Debian: apt-get install nginx-light)"
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    block = re.findall(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[0]
    block = block.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("root /srv/public;", f'root "{made.site}";')
    shutil.copy("/etc/nginx/mime.types", folder / "mime.types")
    ours = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = folder / "nginx.conf"
    conf.write_text(
        f"pid {folder}/pid; error_log stderr warn; daemon off; user {_user()};\nevents {{}}\n"
        f"http {{\ninclude mime.types; access_log off;\n{ours}{block}}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(conf)]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60, check=False)
    assert tested.returncode == 0, tested.stderr
    assert "[warn]" not in tested.stderr, tested.stderr
    with subprocess.Popen(command) as process:
        try:
            _wait(port)
            yield "127.0.0.1", port
        finally:
            process.terminate()


def _user() -> str:
    import getpass

    return getpass.getuser()


def _wait(port: int) -> None:
    for _ in range(30):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nginx did not start")


def fetched(address: tuple[str, int], path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    from http.client import HTTPConnection

    with contextlib.closing(HTTPConnection(*address, timeout=30)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        with connection.getresponse() as answer:
            return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()


@pytest.mark.service
@pytest.mark.parametrize("path", TYPES)
def test_nginx_says_what_each_file_is(path: str, nginx: tuple[str, int]) -> None:
    status, headers, _ = fetched(nginx, f"/{path}")
    assert (status, headers["content-type"]) == (200, TYPES[path])
    assert headers["x-content-type-options"] == "nosniff"
    if not path.endswith(".parquet") and int(headers.get("content-length", 1000)) > 20:
        assert headers.get("content-encoding") == "gzip"


@pytest.mark.service
def test_nginx_shows_folders_and_the_page_for_what_is_not_there(nginx: tuple[str, int], made: Directory) -> None:
    assert fetched(nginx, "/")[0] == 200
    folder = next(path.parent for path in made.site.glob("datasets/*/*/index.html"))
    assert fetched(nginx, f"/{folder.relative_to(made.site).as_posix()}/")[0] == 200
    assert fetched(nginx, "/no/such/page")[0] == 404
    assert fetched(nginx, "/.govdata-site.json")[0] == 403


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(made: Directory) -> Iterator[str]:
    """The site at an address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(made.site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/history.jsonl"])
def test_a_history_comes_from_the_site_as_it_stands_on_the_web(form: str, web: str, made: Directory, tmp_path: Path) -> None:
    other = directory(tmp_path)
    other.put("b", "307001/000002", "停车场乙")
    plan, _ = other.publish(previous=(form.format(web),))
    assert {change.code: change.action for change in plan.changes} == {"307001/000001": "withdraw", "307001/000002": "create"}
    assert (other.record("307001/000001").state, other.record("307001/000001").title) == ("withdrawn", "停车场甲")


def test_a_site_without_a_history_is_said(web: str, tmp_path: Path) -> None:
    other = directory(tmp_path)
    other.put("b", "307001/000002", "停车场乙")
    with pytest.raises(PublishError) as raised:
        other.plan(previous=(f"{web}/nothing/here",))
    assert "nothing/here" in str(raised.value.arguments)


@pytest.fixture
def answers() -> Iterator[tuple[str, list[bytes]]]:
    """An address, and the parts of what is answered there, 0.1 s apart; then the connection ends."""
    parts: list[bytes] = []

    class Slowly(_Quiet):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                for part in parts:
                    self.wfile.write(part)
                    self.wfile.flush()
                    time.sleep(0.1)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slowly)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", parts
    server.shutdown()
    server.server_close()


EVENT = b'{"date":"2025-01-01","event":"published","code":"a"}\n'


def test_a_history_that_breaks_off_is_none(answers: tuple[str, list[bytes]]) -> None:
    address, parts = answers
    parts += [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(EVENT)), EVENT]
    with pytest.raises(PublishError) as raised:
        read_history(address)
    assert raised.value.key == "history-unread"
    parts += [EVENT[:-1] + b" "]
    assert [event.code for event in read_history(address)] == ["a", "a"]


@pytest.mark.parametrize("status", [b"202 Accepted", b"204 No Content", b"206 Partial Content"])
def test_an_answer_that_is_no_history_is_not_an_empty_one(status: bytes, answers: tuple[str, list[bytes]]) -> None:
    address, parts = answers
    parts += [b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n"]
    with pytest.raises(PublishError) as raised:
        read_history(address)
    assert (raised.value.key, raised.value.arguments["what"]) == ("history-unread", status.decode())


@pytest.mark.parametrize("path", ["/数据 目录", "/数据/history.jsonl", "/%E6%95%B0/history.jsonl?key=a/b"])
def test_an_address_may_have_signs_of_any_writing(path: str, answers: tuple[str, list[bytes]]) -> None:
    address, parts = answers
    parts += [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(EVENT), EVENT]
    assert [event.code for event in read_history(f"{address.upper()}{path}")] == ["a"]


@pytest.mark.parametrize(
    "slow",
    [
        pytest.param([b"HTTP/1.0 200 OK\r\n\r\n", *(b"{" for _ in range(30))], id="a line that never ends"),
        # Every byte began the waiting anew, so a build could wait for ever.
        pytest.param([b"HTTP/1.0 200 OK\r\nA: ", *(b"a" for _ in range(60)), b"\r\n\r\n"], id="a head that never ends"),
    ],
)
def test_what_never_ends_is_too_slow(slow: list[bytes], answers: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    address, parts = answers
    parts += slow
    monkeypatch.setattr(history, "LONGEST", 0.5)
    began = time.monotonic()
    with pytest.raises(PublishError) as raised:
        read_history(address)
    assert raised.value.key == "history-size"
    assert time.monotonic() - began < 5


def test_a_history_may_hold_nothing_but_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n")
    assert read_history(path) == []
    path.write_bytes(b"\xef\xbb\xbf" + EVENT)
    assert [event.code for event in read_history(path)] == ["a"]
